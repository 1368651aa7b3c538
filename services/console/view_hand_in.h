/* view_hand_in.h - the pages where a person hands in what a program may not fetch (R26). */
#pragma once
#include "uppsikt/archive.pb-c.h"
#include "view.h"

typedef struct view_hand {
    const Uppsikt__ArchiveRun *run;
    const Uppsikt__AccountLine *account;
    const Uppsikt__AccountLineContent *name;
    view_rows files; /* HandInRow */
    int64_t most;    /* bytes of a file that the page takes */
} view_hand;

/* What waits for somebody: its run and its account; lent. */
typedef struct view_waiting {
    const view_hand *runs;
    size_t n;
} view_waiting;

void view_waits(view *v, const view_waiting *w);
void view_hand_in(view *v, const view_hand *h);
