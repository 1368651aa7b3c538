/* evidence.h - what crosses the files of this service. */
#pragma once
#include "capture_port.h"
#include "leaf.h"
#include "upp/service.h"
#include "uppsikt/capture.pb-c.h"
#include "uppsikt/comment.pb-c.h"
#include "uppsikt/evidence.pb-c.h"
#include "uppsikt/runtime.pb-c.h"
#include "zone.h"

enum { EVIDENCE_ID = 64, EVIDENCE_FOLDER = 48, EVIDENCE_PAGE = 200 };
/* As an item's kind in the store: no comment but a line that ingest could not read. */
enum { ITEM_LINE = -1 };

typedef struct evidence_config {
    capture_place capture; /* first: its port reads it there */
    upp_bytes zone;        /* TZif */
    const char *tree_key;  /* 64 hexadecimal digits; NULL: no head is signed */
    const char *tsa_url;   /* authorities that stamp the heads, blanks between; NULL: none does */
    upp_bytes tsa_ca;      /* PEM: the roots that a stamp must lead to */
    const char *services;  /* who must have forgotten before a disposal is done */
    const char *archive_authority; /* its archivists dispose for all; NULL: none does */
    bool early;         /* seal when a matter of moderation opens, not only at a decision */
    bool media_private; /* attachments may lie on private addresses: trials and tests */
    int64_t media_attempts, media_bytes;
    upp_ms media_span, capture_span, backups_span, jump_span, tsa_span;
} evidence_config;

/* What the configuration becomes. */
typedef struct keeper {
    const evidence_config *config;
    zone *tz;
    uint8_t seed[LEAF_KEY];
    bool signs, stamps;
} keeper;

/* -- register.c: what is kept of the register -- */
upp_handle register_authority, register_unit, register_person, register_person_left,
    register_account, register_access, register_access_off, register_row, register_plan;
enum {
    ROLE_ARCHIVIST = 1,
    ROLE_REGISTRAR = 2,
    ROLE_COMMUNICATIONS = 4,
    ROLE_MANAGER = 8,
    ROLE_OPERATIONS = 16,
};
unsigned register_roles(const char *roles); /* those of the column */
/* Refuses unless `in->by` is registered, has not left, and has one of `roles`, or (`account` not
 * NULL) access to that account. */
UPP_MUST_USE int register_need(upp_txn *txn, const upp_input *in, unsigned roles,
                               const char *account);
/* The account's own authority, else its unit's; "" when there is none. */
UPP_MUST_USE int register_authority_of(upp_txn *txn, const char *account,
                                       char ret_authority[EVIDENCE_ID]);
/* Her unit's; "" when she is not registered. */
UPP_MUST_USE int register_authority_of_person(upp_txn *txn, const char *person,
                                              char ret_authority[EVIDENCE_ID]);

/* -- hear.c: what is kept of items, matters and decisions -- */
upp_handle hear_received, hear_edited, hear_gone, hear_reply, hear_own_post, hear_action,
    hear_quarantined, hear_classified, hear_matter, hear_met, hear_withdrawn, hear_decision;

/* -- thing.c: what else can be forgotten, as it is heard (thing.h) -- */
upp_handle thing_absence, thing_absence_off, thing_sealed, thing_removed, thing_opened,
    thing_signed_in;
UPP_MUST_USE int thing_start(upp_txn *txn);

/* -- want.c: which versions must be sealed -- */
UPP_MUST_USE int want_level(upp_txn *txn, const keeper *k, const char *item, uint32_t version,
                            Uppsikt__SealLevel level);
/* Begins whatever can be begun now. */
UPP_MUST_USE int want_consider(upp_txn *txn, const keeper *k, const char *item);

/* -- record.c: the life of a saved copy -- */
enum record_state { RECORD_GATHERS, RECORD_WRITES, RECORD_SEALED, RECORD_GONE };
typedef struct record {
    char id[UPP_ID], item[EVIDENCE_ID], account[EVIDENCE_ID], folder[EVIDENCE_FOLDER], status[16];
    uint32_t version, part, attempt, failures;
    Uppsikt__SealLevel level;
    enum record_state state;
    bool captured;
    upp_ms began;
    int64_t proof_ref;
} record;
/* 1: there is none. */
UPP_MUST_USE int record_read(upp_txn *txn, const char *id, record *ret_record);
UPP_MUST_USE int record_begin(upp_txn *txn, const keeper *k, const char *item, uint32_t version,
                              Uppsikt__SealLevel level);
/* All that comes from outside is there: write it. */
UPP_MUST_USE int record_write(upp_txn *txn, const keeper *k, const record *r);
/* Says EvidenceFailed and tries again later, under the alarm `<again>/<record>`. */
UPP_MUST_USE int record_failed(upp_txn *txn, const record *r, const char *again,
                               const char *reason);
/* Sets the alarm `<prefix>/<record>`; `due` 0: takes it off. */
UPP_MUST_USE int record_alarm_at(upp_txn *txn, const char *prefix, const char *id, upp_ms due);
UPP_MUST_USE int record_alarm(upp_txn *txn, const keeper *k, const char *id);
UPP_MUST_USE int record_slow(upp_txn *txn, const char *id);
upp_handle record_stored;

/* -- removal.c: copies that go -- */
upp_handle record_removed;
/* The item is forgotten: its copies go, and those that quote it are written anew. */
UPP_MUST_USE int record_forget(upp_txn *txn, const char *item);
/* Takes the record away for good; `late`: something outside may still be writing there. */
UPP_MUST_USE int record_remove(upp_txn *txn, const record *r, bool late);
/* The same while the item stays: nothing that was gathered may be kept. */
UPP_MUST_USE int record_take_down(upp_txn *txn, const record *r);
UPP_MUST_USE int record_sweep(upp_txn *txn,
                              const char *id); /* once more, when nothing can be late */

/* -- dossier_read.c: all that is known for a record's files -- */
struct dossier;
typedef struct reading reading;
/* Reads what dossier_make needs; 1: the words are not there. End it with dossier_read_done. */
UPP_MUST_USE int dossier_read(upp_txn *txn, const keeper *k, const record *r,
                              reading **ret_reading);
const struct dossier *dossier_of(const reading *g);
void dossier_read_done(reading **g); /* NULL in it is fine */
/* Whose words stand in the context of this item, the thread's top first. */
enum { CONTEXT_MAX = 12 };
typedef struct context_row {
    char item[EVIDENCE_ID];
    const char *role;
} context_row;
UPP_MUST_USE int dossier_context(upp_txn *txn, const char *item, context_row ret_rows[CONTEXT_MAX],
                                 size_t *ret_n);

/* -- gather.c: the picture and the attachments -- */
UPP_MUST_USE int gather_begin(upp_txn *txn, const keeper *k, const record *r);
/* Asks for the picture once more. */
UPP_MUST_USE int gather_capture(upp_txn *txn, const keeper *k, const char *id);
UPP_MUST_USE int gather_media(upp_txn *txn, const keeper *k, const char *record_and_number);
upp_handle gather_captured, gather_fetched;

/* -- head.c: the tree's signed heads -- */
/* Takes the leaf into the tree; gives its place. */
UPP_MUST_USE int head_append(upp_txn *txn, const tree_hash *leaf, int64_t *ret_place);
UPP_MUST_USE int head_alarm(upp_txn *txn, const keeper *k);
UPP_MUST_USE int head_start(upp_txn *txn, const keeper *k);

/* What the events about the tree are about. */
#define HEAD_SUBJECT "tree"

/* -- stamp.c: heads that a timestamp authority stamps, when one is configured (RFC 3161) -- */
/* One of `tsa_url`, as it stands there; more than STAMP_URLS are refused. */
enum { STAMP_URLS = 8, STAMP_URL = 500 };
typedef struct stamp_urls {
    char at[STAMP_URLS][STAMP_URL];
    size_t n;
} stamp_urls;
/* NULL: they can be asked; else what is wrong with `tsa_url` or `tsa_ca`, a sentence. `ret_urls`
 * may be NULL. */
const char *stamp_config(const evidence_config *config, stamp_urls *ret_urls);
/* A head was signed that day: asks for its stamp. An older one that still waits does so no more. */
UPP_MUST_USE int stamp_begin(upp_txn *txn, const keeper *k, int64_t day, const tree_hash *imprint);
UPP_MUST_USE int stamp_alarm(upp_txn *txn, const keeper *k);
UPP_MUST_USE int stamp_start(upp_txn *txn, const keeper *k);
upp_handle stamp_answered;

/* -- hold.c -- */
upp_handle hold_place, hold_release, hold_list;

/* -- disposal.c -- */
/* jump.c: heard that the clock moved ahead; may a list of that time be approved? `confirmed`: a
 * person says that the clock is right, which ends the guard. 0, or refused. */
upp_handle jump_heard;
int jump_allows(upp_txn *txn, bool confirmed, upp_ms proposed);
upp_handle disposal_propose, disposal_approve, disposal_forgotten;
UPP_MUST_USE int disposal_alarm(upp_txn *txn, const char *id); /* the next part */
/* Says ContentDisposed when nobody and nothing is missing any more. */
UPP_MUST_USE int disposal_consider(upp_txn *txn, const char *id);
/* 1: the service has not forgotten all parts yet. */
UPP_MUST_USE int disposal_answered(upp_txn *txn, const char *id, const char *service);
/* Calls for each name of a list with blanks or commas between, until one says false. */
int disposal_each_service(const char *services, bool (*each)(void *ctx, const char *name),
                          void *ctx);

/* -- protocol.c: what people see of disposals -- */
upp_handle protocol_disposals, protocol_items, protocol_copy_kept;

/* -- list.c: what people see -- */
upp_handle list_records, list_note_view;

/* -- holding.c: what is held of one person (R29) -- */
upp_handle evidence_held, evidence_kept_by;
