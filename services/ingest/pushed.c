/* pushed.c - accounts that another system pushes to (R01; platforms.md §14): who may, what came.
 * Nobody can be asked for it: such an account is blind only when its sender has promised to push
 * ever so often and does not (R13). When something came last is kept. */
#include "ingest.h"
#include "lines.h"
#include "push.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -- who may -- */
static int count_others(upp_txn *txn, const char *account, int64_t *ret_n)
{
    UPP_ROWS row =
        upp_query(txn, "SELECT count(*) FROM connection WHERE connector = ?1 AND account <> ?2",
                  BIND(V(push_connector.name), V(account)));
    *ret_n = upp_next(&row) ? upp_col_int(&row, 0) : 0;
    return row.rc;
}

int pushed_check(upp_txn *txn, const ingest_config *config, const Uppsikt__ConnectAccount *c)
{
    upp_bytes secrets[PUSH_SECRETS];
    int64_t others = 0;
    if (!config->webhook || !config->webhook[0])
        return upp_refuse(txn, "webhook-nowhere");
    if (c->token[0] || c->base_url[0] || c->token_expires_ms)
        return upp_refuse(txn, "webhook-secret-alone");
    if (push_secrets(c->secret, secrets) < 0)
        return upp_refuse(txn, "webhook-secret-weak");
    UPP_TRY(count_others(txn, c->account, &others));
    return others < PUSH_SENDERS ? 0 : upp_refuse(txn, "webhook-senders-full");
}

static void senders_done(Uppsikt__AdmitSenders *ask)
{
    for (size_t i = 0; i < ask->n_senders; i++) {
        free(ask->senders[i]->account);
        free(ask->senders[i]->sealed_secret.data);
        free(ask->senders[i]);
    }
    free(ask->senders);
}

/* A sealed secret that is damaged goes as nothing: the port says so, the others come in. */
static void add_sender(const upp_rows *row, Uppsikt__AdmitSenders *ask)
{
    const char *hex = upp_col_text(row, 1);
    const size_t n = strlen(hex);
    Uppsikt__Sender *one = calloc(1, sizeof *one);
    upp_check(one);
    uppsikt__sender__init(one);
    ask->senders[ask->n_senders++] = one;
    one->account = strdup(upp_col_text(row, 0));
    one->sealed_secret.data = malloc(n / 2 + 1);
    upp_check(one->account && one->sealed_secret.data);
    if (sodium_hex2bin(one->sealed_secret.data, n / 2 + 1, hex, n, NULL, &one->sealed_secret.len,
                       NULL))
        one->sealed_secret.len = 0;
}

int pushed_tell(upp_txn *txn)
{
    char id[UPP_ID];
    UPP_AUTO(senders_done) Uppsikt__AdmitSenders ask = UPPSIKT__ADMIT_SENDERS__INIT;
    ask.senders = calloc(PUSH_SENDERS, sizeof(Uppsikt__Sender *));
    upp_check(ask.senders);
    UPP_ROWS row = upp_query(txn,
                             "SELECT account, sealed_token FROM connection WHERE connector = ?1"
                             " ORDER BY account LIMIT ?2",
                             BIND(V(push_connector.name), V((int64_t)PUSH_SENDERS)));
    while (upp_next(&row))
        add_sender(&row, &ask);
    UPP_TRY(row.rc);
    upp_id(txn, id); /* each list is said for itself: the newest holds */
    const int there = upp_ask(txn, "webhook", UPP_ABOUT("senders"), id, &ask.base);
    return there < 0 ? there : 0;
}

int pushed_tell_again(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    Uppsikt__SendersTold out = UPPSIKT__SENDERS_TOLD__INIT;
    (void)self;
    (void)in;
    (void)msg;
    UPP_TRY(pushed_tell(txn));
    return upp_reply(txn, &out.base);
}

/* -- what came -- */
int pushed_expect(upp_txn *txn, const char *account, upp_ms span)
{
    char alarm[ALARM_KEY];
    snprintf(alarm, sizeof alarm, "poll/%s", account);
    return span > 0 ? upp_alarm(txn, alarm, upp_now(txn) + span) : upp_alarm_off(txn, alarm);
}

/* The sign of life of an account that nobody looks at. */
static int note_push(upp_txn *txn, const connection *c)
{
    UPP_TRY(upp_exec(txn, "UPDATE connection SET polled_ms = ?2 WHERE account = ?1",
                     BIND(V(c->account), V(upp_now(txn)))));
    UPP_TRY(pushed_expect(txn, c->account, c->poll_span));
    return connection_well(txn, c);
}

static void lines_freep(line **lines)
{
    free(*lines);
}

int pushed_take(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__TakePush *t = msg;
    UPP_AUTO(connection_done) connection c = { 0 };
    UPP_AUTO(lines_told_done) lines_told told = { 0 };
    (void)self;
    const int missing = connection_read(txn, t->account, &c);
    UPP_TRY(missing);
    if (missing || !c.how->pushes)
        return upp_refuse(txn, "no-such-sender");
    if (t->n_lines > PUSH_PART_LINES || strlen(t->push) > 40)
        return upp_refuse(txn, "malformed-command");
    const lines_from from = { .account = c.account,
                              .platform = c.how->name,
                              .import = t->push,
                              .by = in->by,
                              .connected_ms = c.connected_ms,
                              .source = UPPSIKT__ITEM_SOURCE__ITEM_SOURCE_WEBHOOK };
    UPP_AUTO(lines_freep) line *lines = calloc(t->n_lines + 1, sizeof *lines);
    upp_check(lines);
    for (size_t i = 0; i < t->n_lines; i++) {
        lines[i].number = t->lines[i]->number;
        lines[i].bytes = (upp_bytes){ t->lines[i]->line.data, t->lines[i]->line.len };
    }
    UPP_TRY(lines_take(txn, &from, lines, t->n_lines, &told));
    UPP_TRY(note_push(txn, &c));
    return upp_reply(txn, &told.out.base);
}
