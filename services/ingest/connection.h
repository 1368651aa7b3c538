/* connection.h - one account joined to its connector: where it stands, how it is, its calls. */
#pragma once
#include "connector.h"
#include "upp/service.h"
#include "uppsikt/ingest.pb-c.h"

enum { OWN_ID = 200 };

typedef struct connection {
    const connector *how;
    char account[64], base_url[400], mark[400], own_mark[400], doing[24], doing_item[UPP_ID];
    char own_key[UPP_HEX], own_id[OWN_ID];
    char reason[24], version[24];
    char *sealed; /* hexadecimal, owned */
    upp_ms connected_ms, poll_span, overlap_ms, blind_ms, polled_ms, expires_ms;
    upp_ms renew_ms; /* when its token is renewed next; 0: it is not */
    int64_t calls, failures, state, own_ref, rung;
    bool hurry;
} connection;

/* 1: the account is not connected, or to nothing that this program knows. */
int connection_read(upp_txn *txn, const char *account, connection *ret_connection);
void connection_done(connection *c);
/* Where it stands, for a call; lent. */
look_where connection_where(const connection *c);

/* One call to the platform, asked for under `key`; its answer comes back under the first of
 * `subjects`. 1: one of them is forgotten, nothing is asked. */
int connection_ask(upp_txn *txn, const connection *c, const request *r, const char *const *subjects,
                   const char *key);

/* A renewal was granted: keeps the new token, which is used from the next call on, so that none is
 * used that a crash could take away (platforms.md §3 rule 9). */
int connection_renewed(upp_txn *txn, const connection *c, const Uppsikt__PlatformAnswered *answer);

/* An answer in the connector's words. answer_freep when done with it. */
typedef struct heard {
    platform_answer a;
    reply_header *headers;
    json_t *json;
    upp_bytes body;     /* lent from the answer */
    char why[ITEM_WHY]; /* why there is no JSON, where the connector says it */
    enum verdict verdict;
    upp_ms wait;
} heard;
void heard_done(heard *h);
void connection_heard(const connection *c, const Uppsikt__PlatformAnswered *answer,
                      heard *ret_heard);

/* -- health: a change is said once -- */
/* A token's end is told 14, 7, 3 and 1 days before (R13): sets the alarm of the next of them. */
int connection_warn(upp_txn *txn, const char *account, upp_ms expires);
/* The alarm rang, or another end was told: says it, and sets the next alarm. */
int connection_expires(upp_txn *txn, const char *account);
int connection_well(upp_txn *txn, const connection *c);
/* 1: a token that can be renewed has ended before its time. Nothing was done; it is renewed by the
 * next poll. When the new one is not let in either, the account is locked as others are. */
int connection_ended(upp_txn *txn, const connection *c, enum verdict verdict);
/* Whoever pushes to it has not pushed as promised: it is blind from now on. */
int connection_silent(upp_txn *txn, const connection *c);
/* Notes a failed call; *ret_wait: how long to let the platform be. */
int connection_failed(upp_txn *txn, const connection *c, enum verdict verdict, upp_ms asked,
                      upp_ms *ret_wait);

/* What an item is called on its platform, from the newest version's content. */
typedef struct target {
    ProtobufCMessage *content; /* CommentReceivedContent, owned */
    const Uppsikt__CommentReceivedContent *what;
    json_t *raw;
    int64_t kind;
} target;
/* 1: the item is not known, or its content is forgotten. */
int item_target_read(upp_txn *txn, const char *item, target *ret_target);
void item_target_done(target *t);
/* Puts the target's names into `where`; lent. */
void item_target_where(const target *t, const connector *how, look_where *where);
