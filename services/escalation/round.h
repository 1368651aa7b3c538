/* round.h - the rounds of a question: what was asked, and what ended each (sla.md §3.4, E7).
 * Pure. */
#pragma once
#include "upp/base.h"

/* One text of the citizen's that asks something. */
typedef struct round_asked {
    upp_ms at, seen;
    bool first; /* the item's first text */
} round_asked;

typedef struct round_span {
    upp_ms start, seen;
    bool ended;
    upp_ms end; /* ours: the earliest answer or a person's word */
} round_span;

enum { ROUND_MAX = 16 };
/* `asked` and `answers` by time; `closed[i]`: when a person ended round i + 1 without an answer, 0:
 * nobody did. Whatever is asked in an open round belongs to it and does not move its start. An
 * answer to the item's first text counts whatever its time: an answer cannot be older than what it
 * answers, only its clock can. Gives the number of rounds, at most ROUND_MAX. */
size_t round_list(const round_asked *asked, size_t n_asked, const upp_ms *answers, size_t n_answers,
                  const upp_ms closed[ROUND_MAX], round_span ret_rounds[ROUND_MAX]);
