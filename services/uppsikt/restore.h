/* restore.h - the parts of `uppsikt restore`. */
#pragma once
#include "ask.h"

enum { RESTORE_SERVICES = HOME_SERVICES };

typedef struct restore_one { /* a service that is restored */
    const char *service;
    char data[PATH_MAX], copy[PATH_MAX]; /* its folder; its store in the backup */
    char epoch[33], hash[65];
    int64_t seq, head; /* of the backup; of the store that there is, -1: none that can be read */
    bool same_past;    /* the store that there is goes on from the backup's point */
} restore_one;

typedef struct restore_plan {
    verb_call *call;
    const char *folder;
    json_t *manifest, *ledger;
    restore_one services[RESTORE_SERVICES];
    size_t n;
    char ledger_path[PATH_MAX]; /* written before anything is changed */
    size_t disposed;
} restore_plan;

/* Puts one service's copy in the place of its data, after its own program has begun a new epoch in
 * it. The old data goes, or (--keep-old) stays beside. */
int restore_apply(const restore_plan *plan, const restore_one *one);
