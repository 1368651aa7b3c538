/* lines.h - lines of a file or of a push, one by one: what is good goes in, what is bad is set
 * aside with its number. */
#pragma once
#include "item.h"
#include "upp/service.h"
#include "uppsikt/ingest.pb-c.h"

typedef struct line {
    int64_t number; /* from 1 */
    upp_bytes bytes;
    char why[ITEM_WHY]; /* not empty: it is bad */
    char account[64];   /* that it is of, when the register has it; else empty */
} line;

/* Where they come from. All texts lent. */
typedef struct lines_from {
    const char *account;  /* of lines that name none; "": there is none */
    const char *platform; /* of a push: its account's, and no line names another; else NULL */
    const char *import;   /* what the run is called in LineQuarantined */
    const char *by;       /* who loaded the file; NULL: nobody did */
    upp_ms connected_ms;  /* what is older is backfill; 0: nothing is */
    Uppsikt__ItemSource source;
} lines_from;

/* What became of them. lines_told_done when done with it. */
typedef struct lines_told {
    Uppsikt__LinesImported out; /* its bad lines are the other fields' */
    Uppsikt__BadLine *bads, **list;
} lines_told;
/* Takes them in, in order; `lines` must outlive `ret_told`, which is to be done with even after a
 * failure. Negative: upp_fail. */
int lines_take(upp_txn *txn, const lines_from *from, line *lines, size_t n, lines_told *ret_told);
void lines_told_done(lines_told *told);
