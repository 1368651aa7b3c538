/* archive.h - what crosses the files of this service. */
#pragma once
#include "capture_port.h"
#include "upp/service.h"
#include "uppsikt/archive.pb-c.h"
#include "uppsikt/registry.pb-c.h"
#include "window.h"

enum {
    ARCHIVE_PAGE = 200,
    ARCHIVE_PATH = 1024,
    ARCHIVE_PART = 48 * 1024, /* bytes in one command or one ask */
    ARCHIVE_HAND_INS = 100    /* files that may be handed in for one run */
};

/* What a run waits for. The numbers are in databases. */
enum run_state {
    RUN_WAITING = 0,    /* for its turn in the campaign */
    RUN_CAPTURING = 1,  /* the browser */
    RUN_COLLECTING = 2, /* what was written, on its way to disk */
    RUN_MANUAL = 3,     /* a person */
    RUN_PACKING = 4,    /* the package is being built and checked */
    RUN_SEALED = 5,     /* nothing */
    RUN_FAILED = 6      /* somebody who mends what stood in the way */
};

enum hand_state { HAND_RECEIVING = 0, HAND_CHECKING = 1, HAND_TAKEN = 2, HAND_REFUSED = 3 };

typedef struct archive_config {
    capture_place capture; /* first: its port reads it there */
    const char *folder;    /* where runs and packages lie; NULL: runs are refused */
    const char *schemas;
    const char *agreement;
    const char *package_kind;
    upp_bytes zone;
    upp_ms spread_span, asked_span, closing_span, page_span;
    int64_t hand_in_bytes;
} archive_config;

/* What `open` makes of the configuration. */
typedef struct archive {
    const archive_config *config;
    zone *zone; /* NULL: UTC */
} archive;

/* -- heard.c: what registry and evidence say -- */
upp_handle heard_authority, heard_unit, heard_person, heard_person_left, heard_account,
    heard_access, heard_access_revoked, heard_policy, heard_row, heard_review, heard_hold,
    heard_hold_released;
int heard_policy_alarm(upp_txn *txn, const archive *self);
/* The retention row that keeps packages of this authority; "": none, which means keep (R21). */
UPP_MUST_USE int heard_plan_row(upp_txn *txn, const archive *self, const char *authority,
                                char ret_row[64]);

/* -- written.c: what is written on the accounts -- */
upp_handle written_received, written_edited, written_gone, written_reply, written_own_post;
/* Says which sealed packages hold a copy of an item that is being forgotten (capture.md §5). */
UPP_MUST_USE int written_forget(upp_txn *txn, const archive *self, const char *item);
/* Content that has lain in a sealed package since a campaign before this one goes. */
UPP_MUST_USE int written_drop_packed(upp_txn *txn, const char *account, const char *campaign);

/* -- campaign.c: each account, in each window of the policy (R26) -- */
/* The next window of the body, and of each authority with a policy of its own (R02). */
UPP_MUST_USE int campaign_plan(upp_txn *txn, const archive *self);
UPP_MUST_USE int campaign_alarm(upp_txn *txn, const archive *self);
/* The account has become what it is now: it may need a run in the campaign that is open, or since
 * it is closing (R08). */
UPP_MUST_USE int campaign_account(upp_txn *txn, const archive *self, const char *account);
/* Other windows may count than before: an open account that has no run in what is open gets one. */
UPP_MUST_USE int campaign_join(upp_txn *txn, const archive *self);
/* Which campaign a run of the account now belongs to. */
UPP_MUST_USE int campaign_now(upp_txn *txn, const archive *self, const char *account,
                              char ret_campaign[WINDOW_ID]);

/* -- run.c: one account, from asking to sealed -- */
typedef struct run_row {
    char run[UPP_ID], account[64], campaign[WINDOW_ID], package[48], after_item[UPP_ID];
    char layout[12], content[12], why[32];
    enum run_state state;
    int64_t round, parts_out, own, posts_at, comments_at, posts, comments, forgotten, capture_ref;
    upp_ms from_ms, to_ms, due_ms, asked_ms;
} run_row;
/* 1: no such run. */
UPP_MUST_USE int run_read(upp_txn *txn, const char *run, run_row *ret_row);
UPP_MUST_USE int run_move(upp_txn *txn, run_row *r, enum run_state state);
/* A new run that starts at `start_ms`. */
UPP_MUST_USE int run_new(upp_txn *txn, const char *account, const char *campaign, const char *cause,
                         upp_ms start_ms, upp_ms due_ms, char ret_run[UPP_ID]);
UPP_MUST_USE int run_start(upp_txn *txn, const archive *self, const char *run);
UPP_MUST_USE int run_due(upp_txn *txn, const char *run);
/* Begins anew, at the end of this transaction: what lies in its folder must not last. */
UPP_MUST_USE int run_restart(upp_txn *txn, const char *run);
UPP_MUST_USE int run_fail(upp_txn *txn, run_row *r, const char *why);
/* What was written is on disk: to packing, or to a person. */
UPP_MUST_USE int run_collected(upp_txn *txn, const archive *self, run_row *r);
upp_handle run_ask, run_captured;
/* The folder of one round of a run; and the subject of its asks, "<run>.<round>". */
void run_folder(const archive *self, const run_row *r, char ret_path[ARCHIVE_PATH]);
void run_subject(const run_row *r, char ret_subject[48]);
/* The run that an answer belongs to. 1: it belongs to nothing any more; the round's folder goes. */
UPP_MUST_USE int run_of_answer(upp_txn *txn, const archive *self, const char *subject,
                               run_row *ret_row);
/* `folder` and all in it goes. */
UPP_MUST_USE int run_remove(upp_txn *txn, const char *folder);

/* -- collect.c: the lists of what was written, in parts -- */
UPP_MUST_USE int collect_start(upp_txn *txn, const archive *self, run_row *r);
upp_handle collect_stored; /* the answer of port intake; hands on what is not a list's */

/* -- packing.c: asking for the package, and what comes of it -- */
UPP_MUST_USE int packing_ask(upp_txn *txn, const archive *self, run_row *r);
upp_handle packing_built, packing_open;
UPP_MUST_USE int packing_forget(upp_txn *txn, const archive *self, const char *package);
/* konto.json: the account as the register has it (capture.md §6). Names are in it: `ret_about`
 * gets the persons, at most `n`. The caller frees *ret_text. */
enum { KONTO_PERSONS = 16 };
typedef struct konto_about {
    char person[KONTO_PERSONS][64];
    size_t n;
} konto_about;
UPP_MUST_USE int konto_text(upp_txn *txn, const archive *self, const run_row *r,
                            konto_about *ret_about, char **ret_text);

/* -- removal.c: what lies on the disk of a package that was disposed of -- */
bool removal_is_package(const char *subject); /* such an id, whether or not it is known */
/* Its folder goes and, unless `run` is "", what was handed in for that run; then PackageRemoved. */
UPP_MUST_USE int removal_begin(upp_txn *txn, const archive *self, const char *package,
                               const char *run);
/* Both by the subject of the ask: "gone/...". */
UPP_MUST_USE int removal_alarm(upp_txn *txn, const archive *self, const char *subject);
UPP_MUST_USE int removal_done(upp_txn *txn, const upp_input *in, const Uppsikt__PartStored *s);

/* -- hand_in.c: the guided manual capture (capture.md §6.1) -- */
upp_handle hand_in_begin, hand_in_part, hand_in_done, hand_in_query;
UPP_MUST_USE int hand_in_stored(upp_txn *txn, const archive *self, const upp_input *in,
                                const Uppsikt__PartStored *s);
UPP_MUST_USE int hand_in_alarm(upp_txn *txn, const archive *self, const char *hand_in);
void hand_in_folder(const archive *self, const char *run, char ret_path[ARCHIVE_PATH]);
/* How many whole files were handed in for the run. */
UPP_MUST_USE int hand_in_count(upp_txn *txn, const char *run, int64_t *ret_n);

/* -- right.c -- */
/* Who asks may work with this account: who has access, its unit's manager or head, archivists,
 * communications, operations. Refuses. */
UPP_MUST_USE int archive_may(upp_txn *txn, const upp_input *in, const char *account);

/* -- run_list.c -- */
upp_handle run_list;

/* -- holding.c: what is held of one person (R29) -- */
upp_handle archive_held;
