/* classify_out.c - verdicts as JSON and as lines for people. */
#include "classify_out.h"
#include <inttypes.h>
#include <stdlib.h>

static json_t *words_of(const char *key)
{
    size_t len = 0;
    const char *words = classifier_reason(key, "sv", &len);
    return json_stringn(words, len);
}

static json_t *label_list(unsigned labels)
{
    json_t *list = json_array();
    if ((labels & CLASSIFY_VIOLATIONS) == 0)
        json_array_append_new(list, json_string("ok"));
    for (unsigned l = 0; l < CLASSIFY_LABELS; l++) {
        if (l != CLASSIFY_QUESTION && (labels & CLASSIFY_BIT(l)))
            json_array_append_new(list, json_string(classify_label_name((enum classify_label)l)));
    }
    return list;
}

/* Three decimals: more say nothing, and differ where floating point does. */
static json_t *share(float score)
{
    return json_real((double)(int)(score * 1000.0f + 0.5f) / 1000.0);
}

static json_t *finding_list(const struct classifier_verdict *v)
{
    json_t *list = json_array();
    for (size_t i = 0; i < v->n_findings; i++) {
        const struct classifier_finding *f = &v->findings[i];
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:o, s:I, s:I, s:o}", "label",
                                        classify_label_name((enum classify_label)f->label), "band",
                                        classifier_band_name((enum classifier_band)f->band),
                                        "score", share(f->score), "start", (json_int_t)f->start,
                                        "end", (json_int_t)f->end, "reason", words_of(f->reason)));
    }
    return list;
}

static void add_full(json_t *object, const classifier *c, const struct classifier_verdict *v)
{
    json_t *scores = json_object();
    for (unsigned l = 0; l < CLASSIFY_LABELS; l++) {
        const char bbs[2] = { v->bbs[l], '\0' };
        json_object_set_new(
            scores, classify_label_name((enum classify_label)l),
            json_pack("{s:o, s:s, s:s, s:s}", "score", share(v->score[l]), "band",
                      classifier_band_name((enum classifier_band)v->band[l]), "duty",
                      classifier_duty_name((enum classifier_duty)v->duty[l]), "bbs", bbs));
    }
    json_object_set_new(object, "scores", scores);
    json_object_set_new(object, "urgent", json_boolean(v->urgent));
    json_object_set_new(object, "danger", json_boolean(v->signals & CLASSIFIER_SIGNAL_DANGER));
    json_object_set_new(object, "records", json_boolean(v->signals & CLASSIFIER_SIGNAL_RECORDS));
    json_object_set_new(object, "language", json_string(v->english ? "en" : "sv"));
    json_object_set_new(object, "cut", json_boolean(v->cut));
    char version[32];
    snprintf(version, sizeof version, "%08" PRIx32, classifier_model_version(c));
    json_object_set_new(object, "model", json_string(version));
    snprintf(version, sizeof version, "%016" PRIx64, classifier_lexicon_version(c));
    json_object_set_new(object, "lexicons", json_string(version));
}

json_t *verdict_json(const classifier *c, json_t *id, const struct classifier_verdict *verdict,
                     bool full)
{
    json_t *object = json_object();
    if (id)
        json_object_set(object, "id", id);
    json_object_set_new(object, "labels", label_list(verdict->labels));
    json_object_set_new(object, "question",
                        json_boolean(verdict->labels & CLASSIFY_BIT(CLASSIFY_QUESTION)));
    json_object_set_new(object, "findings", finding_list(verdict));
    if (full)
        add_full(object, c, verdict);
    return object;
}

static void print_words(FILE *to, const char *key)
{
    size_t len = 0;
    const char *words = classifier_reason(key, "sv", &len);
    fprintf(to, "%.*s", (int)len, words);
}

void verdict_print(FILE *to, const char *text, const struct classifier_verdict *v, bool parts)
{
    bool any = false;
    for (unsigned l = 0; l < CLASSIFY_LABELS; l++) {
        if (v->band[l] == CLASSIFIER_NONE && !parts)
            continue;
        any = true;
        fprintf(to, "%-14s ", classify_label_name((enum classify_label)l));
        print_words(to, v->band[l] == CLASSIFIER_LIKELY   ? "band.likely"
                        : v->band[l] == CLASSIFIER_REVIEW ? "band.review"
                                                          : "band.none");
        if (parts)
            fprintf(to, " %.3f", (double)v->score[l]);
        if (v->band[l] != CLASSIFIER_NONE)
            fprintf(to, " (%s%s%c)", classifier_duty_name((enum classifier_duty)v->duty[l]),
                    v->bbs[l] ? " " : "", v->bbs[l] ? v->bbs[l] : ' ');
        fputc('\n', to);
        for (size_t i = 0; i < v->n_findings; i++) {
            const struct classifier_finding *f = &v->findings[i];
            if (f->label != l)
                continue;
            fputs("    ", to);
            print_words(to, f->reason);
            fprintf(to, ": \"%.*s\" [%" PRIu32 ", %" PRIu32 ")\n", (int)(f->end - f->start),
                    text + f->start, f->start, f->end);
        }
        for (size_t k = 0; parts && k < CLASSIFIER_PARTS && v->parts[l][k].weight > 0; k++) {
            const struct classifier_part *p = &v->parts[l][k];
            fprintf(to, "    %+.2f ", (double)p->weight);
            print_words(to, p->reason);
            fprintf(to, " \"%.*s\"\n", (int)(p->end - p->start), text + p->start);
        }
    }
    if (!any)
        fputs("ok\n", to);
    if (v->signals & CLASSIFIER_SIGNAL_DANGER)
        fputs("signal: danger to life or child\n", to);
    if (v->signals & CLASSIFIER_SIGNAL_RECORDS)
        fputs("signal: request for public records\n", to);
}
