/* classifier.c - puts the parts together: read, weigh, band, find places, name reasons. */
#include "classifier.h"
#include "duty.h"
#include "finding.h"
#include "model.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct classifier {
    const classify_lexicon *lexicon;
    classify_lexicon *own; /* NULL: the lexicon is lent */
    struct classify_model model;
    bool weighs; /* has a model */
};

struct classifier_room {
    struct classify_reading reading;
    struct feature_list features;
};

const char *classifier_band_name(enum classifier_band band)
{
    static const char *const names[] = { "none", "review", "likely" };
    upp_check((unsigned)band < UPP_LEN(names));
    return names[band];
}

const char *classifier_duty_name(enum classifier_duty duty)
{
    static const char *const names[] = { "none", "house_rule", "gdpr", "secrecy", "bbs5" };
    upp_check((unsigned)duty < UPP_LEN(names));
    return names[duty];
}

static bool add_files(classify_lexicon *lexicon, const struct classifier_file *files, size_t n,
                      void (*say)(void *ctx, const char *line), void *ctx)
{
    bool fine = true;
    for (unsigned k = 0; k < LEXICON_CLASS_COUNT; k++) {
        const char *name = lexicon_class_name((enum lexicon_class)k);
        const struct classifier_file *file = NULL;
        for (size_t i = 0; i < n && !file; i++) {
            if (strcmp(files[i].name, name) == 0)
                file = &files[i];
        }
        char line[96];
        snprintf(line, sizeof line, "%s.txt", name);
        if (file) {
            fine &= lexicon_add(lexicon, (enum lexicon_class)k, line, file->text,
                                strlen(file->text), say, ctx) == 0;
        } else {
            snprintf(line, sizeof line, "%s.txt: the lexicon is missing", name);
            say(ctx, line);
            fine = false;
        }
    }
    return fine && lexicon_seal(lexicon) == 0;
}

/* `read` is model_read or model_trust. */
static classifier *with_model(classifier *made, const uint8_t *model, size_t len,
                              int (*read)(const uint8_t *bytes, size_t len,
                                          struct classify_model *ret_model, const char **ret_why),
                              void (*say)(void *ctx, const char *line), void *ctx)
{
    UPP_AUTO(classifier_freep) classifier *c = made;
    const char *why = NULL;
    if (model && read(model, len, &c->model, &why) < 0) {
        say(ctx, why);
        return NULL;
    }
    c->weighs = model != NULL;
    classifier *ready = c;
    c = NULL;
    return ready;
}

classifier *classifier_new(const uint8_t *model, size_t model_len,
                           const struct classifier_file *files, size_t n_files,
                           void (*say)(void *ctx, const char *line), void *ctx)
{
    UPP_AUTO(classifier_freep) classifier *c = calloc(1, sizeof *c);
    if (!c || !(c->lexicon = c->own = lexicon_new())) {
        say(ctx, "out of memory");
        return NULL;
    }
    if (!add_files(c->own, files, n_files, say, ctx))
        return NULL;
    classifier *made = c;
    c = NULL;
    return with_model(made, model, model_len, model_read, say, ctx);
}

classifier *classifier_new_lent(const uint8_t *model, size_t model_len,
                                const classify_lexicon *lexicon,
                                void (*say)(void *ctx, const char *line), void *ctx)
{
    classifier *c = calloc(1, sizeof *c);
    if (!c) {
        say(ctx, "out of memory");
        return NULL;
    }
    c->lexicon = lexicon;
    return with_model(c, model, model_len, model_trust, say, ctx);
}

void classifier_free(classifier *c)
{
    if (!c)
        return;
    lexicon_free(c->own);
    free(c);
}

void classifier_freep(classifier **c)
{
    classifier_free(*c);
}

uint32_t classifier_model_version(const classifier *c)
{
    return c->model.version;
}

uint64_t classifier_lexicon_version(const classifier *c)
{
    return lexicon_version(c->lexicon);
}

classifier_room *classifier_room_new(void)
{
    return malloc(sizeof(classifier_room));
}

void classifier_room_free(classifier_room *room)
{
    free(room);
}

void classifier_room_freep(classifier_room **room)
{
    classifier_room_free(*room);
}

static void set_bands(const classifier *c, const struct classify_reading *r,
                      const struct model_score *score, const struct classifier_policy *policy,
                      struct classifier_verdict *v)
{
    const unsigned sure = context_sure(r);
    const bool blank = r->tokens.n == 0; /* says nothing, however often others ask or insult */
    v->labels = 0;
    for (unsigned l = 0; l < CLASSIFY_LABELS; l++) {
        const struct model_label *m = &c->model.label[l];
        const float p = blank                      ? 0
                        : (sure & CLASSIFY_BIT(l)) ? fmaxf(score->p[l], 0.99f)
                                                   : score->p[l];
        const float review = policy && policy->review[l] > 0 ? policy->review[l] : m->review;
        const float likely = policy && policy->likely[l] > 0 ? policy->likely[l] : m->likely;
        v->score[l] = p;
        v->band[l] = p >= likely   ? CLASSIFIER_LIKELY
                     : p >= review ? CLASSIFIER_REVIEW
                                   : CLASSIFIER_NONE;
        if (p >= m->decide)
            v->labels |= CLASSIFY_BIT(l);
    }
}

void classifier_judge(const classifier *c, classifier_room *room, const char *text, size_t len,
                      const char *hint, const struct classifier_policy *policy,
                      struct classifier_verdict *ret)
{
    upp_check(c->weighs);
    struct classify_reading *r = &room->reading;
    context_read(c->lexicon, policy ? &policy->own : NULL, text, len, hint, r);
    feature_extract(r, &room->features);
    struct model_score score;
    model_judge(&c->model, &room->features, &score);
    set_bands(c, r, &score, policy, ret);
    ret->english = r->english;
    ret->cut = r->fold.read < len;
    finding_collect(&c->model, r, &room->features, &score, ret);
    duty_decide(r, ret);
    memset(ret->parts, 0, sizeof ret->parts);
    if (policy && policy->explain)
        finding_explain(&c->model, r, &room->features, &score, ret);
}

const classify_lexicon *classifier_lexicon(const classifier *c)
{
    return c->lexicon;
}
