/* round.h - the rounds of a conversation: what was asked, what met each, when its clock stood still
 * (sla.md §3.4, E7, E13, E25). Pure. */
#pragma once
#include "calendar.h"

/* One text of the citizen's. */
typedef struct round_text {
    upp_ms at, seen;
    bool first;     /* the conversation's first */
    bool asks;      /* opens a round; thanks do not (E8) */
    upp_ms gone_at; /* taken away; 0: it is there */
    size_t item;    /* which of the conversation's items: the caller's index */
} round_text;

enum round_reply_kind { ROUND_FULL, ROUND_INTERIM, ROUND_COUNTER, ROUND_REFERRED };

typedef struct round_reply {
    upp_ms at;
    enum round_reply_kind kind;
    bool ours; /* sent through uppsikt */
} round_reply;

enum round_end { ROUND_OPEN, ROUND_ANSWERED, ROUND_SENT_ON, ROUND_CLOSED, ROUND_GONE };

enum { ROUND_MAX = 16, ROUND_PAUSES = 8 };
typedef struct round_span {
    upp_ms start, seen;
    size_t item;  /* whose text opened it */
    bool interim; /* the first response was an interim reply; the answer clock runs from it */
    upp_ms interim_at;
    calendar_stretch
        pauses[ROUND_PAUSES]; /* of the answer clock; the last may be open (INT64_MAX) */
    size_t n_pauses;
    enum round_end end;
    upp_ms end_at;
    bool ours; /* answered through uppsikt */
} round_span;

/* `texts` and `replies` by time; `closed[i]`: when a person (or a citizen's silence) ended round
 * i + 1 without an answer, 0: nobody did. Whatever is written in an open round belongs to it and
 * does not move its start. A reply to the conversation's first text counts whatever its time: a
 * reply cannot be older than what it answers, only its clock can. Gives the number of rounds. */
size_t round_list(const round_text *texts, size_t n_texts, const round_reply *replies,
                  size_t n_replies, const upp_ms closed[ROUND_MAX],
                  round_span ret_rounds[ROUND_MAX]);
