/* warc_check.h - checks a WARC file record by record (capture.md 10.1: the rules). It reads
 * once, keeps one head in memory and no block, and ends whatever the bytes are. */
#pragma once
#include "complaint.h"
#include "stream.h"
#include "warc_head.h"

/* A record that was read whole; texts are lent for the call. */
typedef struct warc_seen {
    uint64_t offset;
    uint64_t length;
    const warc_head *head;
    const char *payload_digest; /* `sha256:<hex>` as it was found right; NULL: none was stated */
} warc_seen;

typedef struct warc_rules {
    /* The file must be in the one form that warc.c writes: fixed gzip header, no stray bits.
     * Without it other programs' files pass too, and a changed byte that carries no data is not
     * seen. */
    bool own_form;
    uint64_t
        records; /* how many there must be; 0: not known, a cut between two records is not seen */
    uint64_t block_max_bytes; /* a longer block is a fault (a bomb); 0: no limit */
} warc_rules;

typedef struct warc_tally {
    uint64_t records;
    uint64_t of[WARC_TYPES];
} warc_tally;

typedef void (*warc_on_record)(void *ctx, const warc_seen *seen);

/* Checks `in`, which complaints name `path`. `on_record` may be NULL. 0: read to the end or to
 * where nothing more can be told, see `to->n`; UPP_E_BUSY: no memory; else what the source gave. */
UPP_MUST_USE int warc_check(const source *in, const char *path, const warc_rules *rules,
                            complaints *to, warc_on_record on_record, void *ctx,
                            warc_tally *ret_tally);
