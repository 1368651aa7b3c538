/* finding.c - places and reasons of findings; only comments with something in them get here. */
#include "finding.h"
#include "duty.h"
#include <string.h>

static const char *const class_reasons[] = {
#define REASON_CLASS(name) "lexicon." #name,
    LEXICON_CLASSES(REASON_CLASS)
#undef REASON_CLASS
};
static const char *const data_reasons[] = {
#define REASON_DATA(name) "data." #name,
    DETECT_KINDS(REASON_DATA)
#undef REASON_DATA
};

static void put(struct classifier_verdict *v, unsigned label, const struct classify_fold *f,
                size_t from, size_t to, const char *reason)
{
    if (v->n_findings == CLASSIFIER_FINDINGS_MAX || to <= from)
        return;
    const uint32_t start = f->from[from];
    const uint32_t end = f->to[to - 1];
    for (size_t i = 0; i < v->n_findings; i++) {
        const struct classifier_finding *old = &v->findings[i];
        if (old->label == label && old->start <= start && old->end >= end)
            return;
    }
    v->findings[v->n_findings++] = (struct classifier_finding){
        .label = (uint8_t)label,
        .band = v->band[label],
        .score = v->score[label],
        .start = start,
        .end = end,
        .reason = reason,
    };
}

/* Data that is a finding where the label has a band. */
static bool is_told(enum detect_kind kind)
{
    return kind <= DETECT_personal_number_cued || kind == DETECT_mobile || kind == DETECT_phone ||
           kind == DETECT_email || (kind >= DETECT_iban && kind <= DETECT_plate) ||
           kind == DETECT_street_person || kind == DETECT_full_name ||
           kind == DETECT_name_sensitive || kind == DETECT_role_email;
}

static void put_data(const struct classify_reading *r, struct classifier_verdict *v)
{
    if (v->band[CLASSIFY_PERSONAL_DATA] == CLASSIFIER_NONE)
        return;
    for (size_t h = 0; h < r->data.n; h++) {
        const struct detect_hit *hit = &r->data.at[h];
        if (is_told((enum detect_kind)hit->kind))
            put(v, CLASSIFY_PERSONAL_DATA, &r->fold, hit->from, hit->to, data_reasons[hit->kind]);
    }
}

static void put_words(const struct classify_reading *r, struct classifier_verdict *v)
{
    for (size_t h = 0; h < r->words.n; h++) {
        const struct lexicon_hit *hit = &r->words.at[h];
        enum classify_label label;
        if (lexicon_class_label((enum lexicon_class)hit->class, &label) < 0 ||
            v->band[label] == CLASSIFIER_NONE)
            continue;
        put(v, label, &r->fold, r->tokens.at[hit->first].from, r->tokens.at[hit->last].to,
            class_reasons[hit->class]);
    }
}

/* The question itself: the sentence that weighed most. */
static void put_sentence(const struct classify_reading *r, unsigned label, size_t sentence,
                         const char *reason, struct classifier_verdict *v)
{
    size_t from = SIZE_MAX;
    size_t to = 0;
    for (size_t i = 0; i < r->tokens.n; i++) {
        const struct classify_token *t = &r->tokens.at[i];
        if (t->sentence != sentence && r->tokens.n_sentences > 1)
            continue;
        if (from == SIZE_MAX)
            from = t->from;
        to = t->to;
    }
    if (from != SIZE_MAX)
        put(v, label, &r->fold, from, to, reason);
}

/* The weight that each token brings to a label, by the sentence the label was seen in. */
static void weigh_tokens(const struct classify_model *model, const struct feature_list *features,
                         const float value[FEATURE_VIEWS], unsigned label, size_t n, float *ret)
{
    const float scale = model->label[label].scale;
    const struct model_table table = model_table(model);
    memset(ret, 0, n * sizeof ret[0]);
    for (size_t i = 0; i < features->n; i++) {
        const struct feature *f = &features->at[i];
        if (f->token >= n)
            continue;
        const uint32_t place = model_bucket(f->hash, MODEL_KNOWN_BITS);
        /* One in ten is not known, which no branch foresees. */
        const int32_t known = model_knows(&table, place) ? -1 : 0;
        const int32_t steps = model_steps(model_row(&table, place)[label]) & known;
        ret[f->token] += (float)steps * scale * value[f->view];
    }
}

static void put_heaviest(const struct classify_model *model, const struct classify_reading *r,
                         const struct feature_list *features, const float value[FEATURE_VIEWS],
                         unsigned label, struct classifier_verdict *v)
{
    float weight[512];
    const size_t n = r->tokens.n < UPP_LEN(weight) ? r->tokens.n : UPP_LEN(weight);
    if (n == 0)
        return;
    weigh_tokens(model, features, value, label, n, weight);
    size_t best = 0;
    for (size_t i = 1; i < n; i++) {
        if (r->tokens.at[i].kind != TOKEN_MARK && weight[i] > weight[best])
            best = i;
    }
    size_t first = best;
    size_t last = best;
    const float enough = weight[best] * 0.25f;
    while (first > 0 && weight[first - 1] > enough)
        first--;
    while (last + 1 < n && weight[last + 1] > enough)
        last++;
    put(v, label, &r->fold, r->tokens.at[first].from, r->tokens.at[last].to, "model.words");
}

void finding_collect(const struct classify_model *model, const struct classify_reading *reading,
                     const struct feature_list *features, const struct model_score *score,
                     struct classifier_verdict *verdict)
{
    verdict->n_findings = 0;
    unsigned banded = 0;
    for (unsigned l = 0; l < CLASSIFY_LABELS; l++)
        banded |= verdict->band[l] != CLASSIFIER_NONE ? CLASSIFY_BIT(l) : 0;
    if (banded == 0)
        return;
    if (banded & CLASSIFY_BIT(CLASSIFY_QUESTION))
        put_sentence(reading, CLASSIFY_QUESTION, score->top_sentence[CLASSIFY_QUESTION],
                     "question.sentence", verdict);
    put_data(reading, verdict);
    put_words(reading, verdict);
    for (size_t i = 0; i < verdict->n_findings; i++)
        banded &= ~CLASSIFY_BIT(verdict->findings[i].label);
    for (unsigned l = 0; l < CLASSIFY_LABELS; l++) {
        if (banded & CLASSIFY_BIT(l))
            put_heaviest(model, reading, features, score->value, l, verdict);
    }
}

static void keep_part(struct classifier_part parts[CLASSIFIER_PARTS], struct classifier_part part)
{
    for (size_t k = 0; k < CLASSIFIER_PARTS; k++) {
        if (part.weight > parts[k].weight) {
            const struct classifier_part moved = parts[k];
            parts[k] = part;
            part = moved;
        }
    }
}

void finding_explain(const struct classify_model *model, const struct classify_reading *reading,
                     const struct feature_list *features, const struct model_score *score,
                     struct classifier_verdict *verdict)
{
    float weight[512];
    const size_t n = reading->tokens.n < UPP_LEN(weight) ? reading->tokens.n : UPP_LEN(weight);
    for (unsigned l = 0; l < CLASSIFY_LABELS; l++) {
        weigh_tokens(model, features, score->value, l, n, weight);
        for (size_t i = 0; i < n; i++) {
            const struct classify_token *t = &reading->tokens.at[i];
            keep_part(verdict->parts[l],
                      (struct classifier_part){ .weight = weight[i],
                                                .start = reading->fold.from[t->from],
                                                .end = reading->fold.to[t->to - 1],
                                                .reason = "model.words" });
        }
        float rules = 0;
        for (size_t i = 0; i < features->n; i++) {
            const struct feature *f = &features->at[i];
            const int8_t *w = f->token == UINT16_MAX ? model_weights(model, f->hash) : NULL;
            if (w)
                rules +=
                    (float)model_steps(w[l]) * model->label[l].scale * score->value[FEATURE_RULE];
        }
        keep_part(verdict->parts[l],
                  (struct classifier_part){ .weight = rules, .reason = "model.signs" });
    }
}
