/* diary_package.h - what a registrar needs to register an official document that came in (R16;
 * law.md L8, L9): one file to read, one for a machine, and their sums, in one zip. Pure: the same
 * case gives the same bytes, so that a second attempt delivers the same file. */
#pragma once
#include "stream.h"
#include "uppsikt/escalation.pb-c.h"
#include "uppsikt/evidence.pb-c.h"
#include "uppsikt/ingest.pb-c.h"
#include "uppsikt/registry.pb-c.h"
#include "zone.h"

enum { DIARY_LINES = 256, DIARY_COPIES = 64 };

/* One version of something that was written. `row` NULL: its owner knows nothing of it; `content`
 * NULL: it has been disposed of. Both lent. */
typedef struct diary_line {
    const char *item;
    Uppsikt__DiaryItem__Role role;
    upp_ms at;
    const Uppsikt__ItemRow *row;
    const Uppsikt__CommentReceivedContent *what;
} diary_line;

/* All lent. `account`, `facts`, `unit`: NULL when the register does not say. */
typedef struct diary_case {
    const Uppsikt__SendDiary *ask;
    const Uppsikt__AccountRow *account;
    const Uppsikt__AccountChangedContent *facts;
    const Uppsikt__UnitRow *unit;
    diary_line lines[DIARY_LINES]; /* what is to be registered first, each item by its versions */
    size_t n_lines;
    bool cut; /* there is more than fits; the newest of it is not here */
    const Uppsikt__RecordRow *copies[DIARY_COPIES];
    size_t n_copies;
    const zone *tz;       /* NULL: UTC */
    const char *language; /* of the page: sv or en */
} diary_case;

/* handling.html: for people; nothing in it loads anything. 0 or UPP_E_BUSY. */
UPP_MUST_USE int diary_html(const diary_case *c, buf *out);
/* handling.json: the same for a machine, times in UTC. 0 or UPP_E_BUSY. */
UPP_MUST_USE int diary_json(const diary_case *c, buf *out);
/* The zip: handling.html, handling.json, manifest-sha256.txt (as sha256sum -c reads it). 0 or
 * UPP_E_BUSY: no memory. */
UPP_MUST_USE int diary_package(const diary_case *c, buf *out);
