/* line.h - one line of posts.jsonl or comments.jsonl: what was written, as the platform gave it.
 * Pure. */
#pragma once
#include "stream.h"
#include "uppsikt/comment.pb-c.h"

typedef struct line_facts {
    const char *item, *kind, *parent;
    uint32_t version;
    upp_ms at_ms, seen_ms, gone_ms; /* gone_ms 0: it is there */
} line_facts;

/* Appends the line, with its line feed. 0; UPP_E_BUSY: no memory. */
UPP_MUST_USE int line_put(const line_facts *facts, const Uppsikt__CommentReceivedContent *what,
                          buf *out);
