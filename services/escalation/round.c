/* round.c - the rounds of a question. */
#include "round.h"

static void end_at(round_span *r, upp_ms at)
{
    if (!r->ended || at < r->end)
        r->end = at;
    r->ended = true;
}

size_t round_list(const round_asked *asked, size_t n_asked, const upp_ms *answers, size_t n_answers,
                  const upp_ms closed[ROUND_MAX], round_span ret_rounds[ROUND_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < n_asked; i++) {
        if (n > 0 && (!ret_rounds[n - 1].ended || asked[i].at <= ret_rounds[n - 1].end))
            continue;
        if (n == ROUND_MAX)
            break;
        round_span r = { .start = asked[i].at, .seen = asked[i].seen };
        for (size_t a = 0; a < n_answers; a++)
            if (asked[i].first || answers[a] >= r.start)
                end_at(&r, answers[a]);
        if (closed[n] > 0)
            end_at(&r, closed[n]);
        ret_rounds[n++] = r;
    }
    return n;
}
