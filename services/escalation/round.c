/* round.c - the rounds of a conversation. */
#include "round.h"

static void end_at(round_span *r, enum round_end how, upp_ms at)
{
    if (r->end != ROUND_OPEN && at >= r->end_at)
        return;
    r->end = how;
    r->end_at = at;
}

/* From a counter-question until the citizen writes again. */
static void pause_from(round_span *r, upp_ms at, const round_text *texts, size_t n_texts)
{
    upp_ms to = INT64_MAX;
    for (size_t i = 0; i < n_texts && to == INT64_MAX; i++)
        if (texts[i].at > at)
            to = texts[i].at;
    const bool apart = r->n_pauses == 0 || r->pauses[r->n_pauses - 1].to <= at;
    if (apart && r->n_pauses < ROUND_PAUSES)
        r->pauses[r->n_pauses++] = (calendar_stretch){ at, to };
}

static void take_reply(round_span *r, const round_reply *reply, const round_text *texts,
                       size_t n_texts)
{
    if (reply->kind == ROUND_FULL || reply->kind == ROUND_REFERRED) {
        end_at(r, reply->kind == ROUND_FULL ? ROUND_ANSWERED : ROUND_SENT_ON, reply->at);
        r->ours = reply->ours;
        return;
    }
    if (!r->interim) {
        r->interim = true;
        r->interim_at = reply->at;
    }
    if (reply->kind == ROUND_COUNTER)
        pause_from(r, reply->at, texts, n_texts);
}

/* E13: all that it asks has been taken away, before anybody answered. */
static void take_gone(round_span *r, size_t from, const round_text *texts, size_t n_texts)
{
    upp_ms gone = 0;
    for (size_t i = from; i < n_texts; i++) {
        const bool ours = r->end == ROUND_OPEN || texts[i].at <= r->end_at;
        if (!ours || !texts[i].asks)
            continue;
        if (texts[i].gone_at == 0)
            return;
        gone = texts[i].gone_at > gone ? texts[i].gone_at : gone;
    }
    if (gone > 0)
        end_at(r, ROUND_GONE, gone);
}

/* What came after the end did not stop its clock. */
static void cut(round_span *r)
{
    if (r->end == ROUND_OPEN)
        return;
    if (r->interim && r->interim_at > r->end_at)
        r->interim = false;
    size_t n = 0;
    for (size_t i = 0; i < r->n_pauses; i++) {
        if (r->pauses[i].from >= r->end_at)
            continue;
        if (r->pauses[i].to > r->end_at)
            r->pauses[i].to = r->end_at;
        r->pauses[n++] = r->pauses[i];
    }
    r->n_pauses = n;
}

size_t round_list(const round_text *texts, size_t n_texts, const round_reply *replies,
                  size_t n_replies, const upp_ms closed[ROUND_MAX],
                  round_span ret_rounds[ROUND_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < n_texts && n < ROUND_MAX; i++) {
        const round_span *before = n > 0 ? &ret_rounds[n - 1] : NULL;
        if (!texts[i].asks || (before && before->end == ROUND_OPEN) ||
            (before && texts[i].at <= before->end_at))
            continue;
        round_span r = { .start = texts[i].at, .seen = texts[i].seen, .item = texts[i].item };
        for (size_t k = 0; k < n_replies && r.end == ROUND_OPEN; k++)
            if (texts[i].first || replies[k].at >= r.start)
                take_reply(&r, &replies[k], texts, n_texts);
        if (closed[n] > 0)
            end_at(&r, ROUND_CLOSED, closed[n]);
        take_gone(&r, i, texts, n_texts);
        cut(&r);
        ret_rounds[n++] = r;
    }
    return n;
}
