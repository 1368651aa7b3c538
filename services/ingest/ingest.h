/* ingest.h - what crosses the files of this service. */
#pragma once
#include "connection.h"
#include "take_in.h"
#include "upp/service.h"
#include "uppsikt/ingest.pb-c.h"
#include "uppsikt/registry.pb-c.h"

typedef struct ingest_config {
    const char *token_key; /* secret, 64 hex digits: seals platform tokens */
    upp_ms poll_span;
    upp_ms look_back_span;
    const char *webhook;          /* host:port or a path; NULL: no webhooks */
    const char *webhook_secret;   /* the apps' secrets, old ones too while they are being changed */
    const char *webhook_verify;   /* what we gave the platform for its handshake */
    const char *linkedin_version; /* of its interface: YYYYMM */
} ingest_config;

/* -- connection.c: accounts joined to a connector -- */
int connection_connect(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int connection_query(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
/* The version of its platform's interface that the account is to speak, as configured now. */
int connection_version(upp_txn *txn, const ingest_config *config, const char *account);
/* Sets the alarm of each account's next poll; at start. */
int connection_wake_all(upp_txn *txn);

/* -- poll.c: one look at a time for each connected account -- */
enum { ALARM_KEY = 96 };
int poll_alarm(upp_txn *txn, const ingest_config *config, const char *account);
int poll_answer(upp_txn *txn, const ingest_config *config, const char *account,
                const Uppsikt__PlatformAnswered *answer);
/* Looks at the account now, unless it is being looked at. */
int poll_now(upp_txn *txn, const char *account);
/* The item is forgotten, and with it the call about it that may be under way: its account goes on
 * without an answer. Negative: upp_fail. */
int poll_forget(upp_txn *txn, const char *item);

/* -- renew.c: the renewal of an account's token -- */
bool renew_due(upp_txn *txn, const connection *c);
int renew_start(upp_txn *txn, const connection *c);
bool renew_is_under_way(const connection *c);
/* Keeps what was granted. *ret_verdict: how the account fares by it. */
int renew_answer(upp_txn *txn, const connection *c, const Uppsikt__PlatformAnswered *answer,
                 enum verdict *ret_verdict);

/* -- watch.c: is what needs somebody still there? (platforms.md §4.4, §3 rule 7) -- */
int watch_opened(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
/* Looks at the item soon: something was said about it. */
int watch_soon(upp_txn *txn, const char *item, upp_ms due);
/* The item that is to be looked at now; "" in ret_item: none. */
int watch_due(upp_txn *txn, const connection *c, char ret_item[UPP_ID]);
/* When the next one is due; INT64_MAX: none. */
int watch_next(upp_txn *txn, const connection *c, upp_ms *ret_due);
int watch_saw(upp_txn *txn, const connection *c, const char *item, const json_t *json);
int watch_missed(upp_txn *txn, const connection *c, const char *item);
/* It cannot be looked at: its words are forgotten, or the platform has no such call. */
int watch_end(upp_txn *txn, const char *item);

/* -- signer.c: whose name and title end a reply (R11) -- */
int signer_registered(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int signer_left(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
/* 1: nobody of that id is registered, or she has left. */
int signer_known(upp_txn *txn, const char *person);
/* *ret_signed: the text ends with the first name and title of `person`; "": of anybody registered.
 * 1: that person is not registered, or has left. */
int signer_signed(upp_txn *txn, const char *person, const char *text, bool *ret_signed);

/* -- action.c, outgoing.c: what was decided, on its way -- */
int action_decided(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int action_sealed(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int action_seal_failed(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int action_alarm(upp_txn *txn, const char *action);
int action_answer(upp_txn *txn, const char *action, const Uppsikt__PlatformAnswered *answer);
/* Those that wait for this item, account, or anything at all are judged anew. */
int action_wake_item(upp_txn *txn, const char *item);
int action_wake_account(upp_txn *txn, const char *account);
int action_wake_all(upp_txn *txn);
/* 1: a call that hides or shows (deletes) the item may be under way: what is seen is our echo. */
int action_echo(upp_txn *txn, const char *item, bool deletes);
int action_forget(upp_txn *txn, const char *item);
/* -- desk.c: what people ask of them -- */
int reply_send(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int attest_take(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int brake_set(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int action_list(upp_txn *txn, const void *self, const upp_input *in, const void *msg);

/* -- import.c -- */
/* 1: the account is not in the register, or not open. */
int account_platform(upp_txn *txn, const char *account, char ret_platform[32]);

/* -- written_down.c -- */
int report_take(upp_txn *txn, const void *self, const upp_input *in, const void *msg);

/* -- pushed.c: accounts that another system pushes to -- */
/* Is what was given to connect such an account what it wants? 0, or a refusal. */
int pushed_check(upp_txn *txn, const ingest_config *config, const Uppsikt__ConnectAccount *c);
/* Tells the port anew who may push. */
int pushed_tell(upp_txn *txn);
/* Sets the alarm of the next push that was promised; `span` 0: none was. */
int pushed_expect(upp_txn *txn, const char *account, upp_ms span);
int pushed_tell_again(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int pushed_take(upp_txn *txn, const void *self, const upp_input *in, const void *msg);

/* -- webhook.c -- */
int webhook_take(upp_txn *txn, const void *self, const upp_input *in, const void *msg);

/* -- quarantine.c: what could not be read -- */
typedef struct quarantined {
    const char *account; /* of the register; "": it cannot be told */
    const char *import;  /* the file's run, the account's id: its poll, "webhook", a push's name */
    const char *why;     /* names the field, never its value */
    const char *by;      /* who loaded the file; NULL: nobody did */
    int64_t line;        /* 0: it came from no file */
} quarantined;
/* Sets it aside and says so (LineQuarantined); the same bytes of the same account once. */
int quarantine_put(upp_txn *txn, const quarantined *q, upp_bytes bytes);
int quarantine_json(upp_txn *txn, const char *account, const char *why, const json_t *json);
/* Its bytes go with its subject; that it was there stays. */
int quarantine_forget(upp_txn *txn, const char *item);
int quarantine_query(upp_txn *txn, const void *self, const upp_input *in, const void *msg);

/* -- import.c -- */
int import_lines(upp_txn *txn, const void *self, const upp_input *in, const void *msg);

/* -- holding.c: what is held of one person (R29) -- */
upp_handle ingest_held, ingest_author_items;
