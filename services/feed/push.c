/* push.c - batches to webhooks: one at a time for each subscriber, in the order of the log; a place
 * is passed only when its batch was confirmed. */
#include "feed.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH_EVENTS = 50, SUBSCRIBERS = 64 };

int push_soon(upp_txn *txn)
{
    return upp_alarm(txn, "push", upp_now(txn));
}

typedef struct batch {
    char subscriber[FEED_NAME], types[2048], *body;
    size_t len;
    int64_t position, to, round, url_ref;
} batch;

static void batch_done(batch *b)
{
    free(b->body);
}

static void put(batch *b, const char *text)
{
    const size_t n = strlen(text);
    memcpy(b->body + b->len, text, n + 1);
    b->len += n;
}

/* The next events; `to` is the place that is reached when they are confirmed. 1: there are none. */
static int fill(upp_txn *txn, batch *b)
{
    size_t n = 0;
    b->body = malloc(FEED_BATCH_BYTES + 8);
    upp_check(b->body);
    b->to = b->position;
    put(b, "[");
    UPP_ROWS row = upp_query(txn,
                             "SELECT position, event FROM entry WHERE position > ?1"
                             " AND (?2 = ' ' OR instr(?2, ' ' || type || ' ') > 0)"
                             " ORDER BY position LIMIT ?3",
                             BIND(V(b->position), V(b->types), V((int64_t)BATCH_EVENTS)));
    while (upp_next(&row)) {
        const char *event = upp_col_text(&row, 1);
        if (b->len + strlen(event) + 2 > FEED_BATCH_BYTES && n > 0)
            break;
        if (strlen(event) + 4 > FEED_BATCH_BYTES)
            return upp_fail(txn, UPP_E_BUG, "an event of the feed is larger than a batch");
        if (n++ > 0)
            put(b, ",");
        put(b, event);
        b->to = upp_col_int(&row, 0);
    }
    put(b, "]");
    UPP_TRY(row.rc);
    return n > 0 ? 0 : 1;
}

static void subject_of(const batch *b, char ret_subject[96])
{
    snprintf(ret_subject, 96, "%s.%lld", b->subscriber, (long long)b->round);
}

static int disable(upp_txn *txn, const char *subscriber, const char *why)
{
    Uppsikt__WebhookDisabled out = UPPSIKT__WEBHOOK_DISABLED__INIT;
    out.subscriber = upp_lend(subscriber);
    out.why = upp_lend(why);
    UPP_TRY(upp_exec(txn, "UPDATE subscriber SET disabled = ?2, busy = 0 WHERE subscriber = ?1",
                     BIND(V(subscriber), V(why))));
    return upp_emit(txn, subscriber, &out.base, NULL);
}

static int send(upp_txn *txn, batch *b)
{
    char subject[96], id[160];
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *kept = NULL;
    Uppsikt__SendWebhook out = UPPSIKT__SEND_WEBHOOK__INIT;
    const int gone = upp_recall(txn, b->url_ref, &uppsikt__webhook_kept__descriptor, &kept);
    UPP_TRY(gone);
    if (gone)
        return disable(txn, b->subscriber, "forgotten");
    subject_of(b, subject);
    snprintf(id, sizeof id, "%s-%lld-%lld", subject, (long long)b->position, (long long)b->to);
    out.subscriber = b->subscriber;
    out.url = ((Uppsikt__WebhookKept *)kept)->url;
    out.id = id;
    out.body = b->body;
    out.to = b->to;
    UPP_TRY(upp_exec(txn, "UPDATE subscriber SET busy = 1 WHERE subscriber = ?1",
                     BIND(V(b->subscriber))));
    return upp_ask(txn, "webhook", UPP_ABOUT(subject, b->subscriber), id, &out.base);
}

static int push_one(upp_txn *txn, const upp_rows *row)
{
    UPP_AUTO(batch_done)
    batch b = { .position = upp_col_int(row, 2),
                .round = upp_col_int(row, 3),
                .url_ref = upp_col_int(row, 4) };
    snprintf(b.subscriber, sizeof b.subscriber, "%s", upp_col_text(row, 0));
    snprintf(b.types, sizeof b.types, "%s", upp_col_text(row, 1));
    const int none = fill(txn, &b);
    return none ? none : send(txn, &b);
}

int push_alarm(upp_txn *txn)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT subscriber, types, position, round, url_ref FROM subscriber"
                             " WHERE webhook = 1 AND busy = 0 AND disabled = ''"
                             " ORDER BY subscriber LIMIT ?1",
                             BIND(V((int64_t)SUBSCRIBERS)));
    while (upp_next(&row))
        UPP_TRY(push_one(txn, &row));
    return row.rc < 0 ? row.rc : 0;
}

/* "<subscriber>.<round>" of an answer. 1: it is of an earlier round, or of nobody. */
static int read_subject(upp_txn *txn, const char *subject, char ret_subscriber[FEED_NAME])
{
    const char *dot = strrchr(subject, '.');
    if (!dot || (size_t)(dot - subject) >= FEED_NAME)
        return upp_fail(txn, UPP_E_BUG, "an answer about nobody");
    snprintf(ret_subscriber, FEED_NAME, "%.*s", (int)(dot - subject), subject);
    UPP_ROWS row = upp_query(txn, "SELECT 1 FROM subscriber WHERE subscriber = ?1 AND round = ?2",
                             BIND(V(ret_subscriber), V((int64_t)strtoll(dot + 1, NULL, 10))));
    return upp_next(&row) ? 0 : row.rc < 0 ? row.rc : 1;
}

int push_answered(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__WebhookAnswered *a = msg;
    char subscriber[FEED_NAME];
    (void)self;
    const int stale = read_subject(txn, in->subject, subscriber);
    if (stale)
        return stale < 0 ? stale : 0;
    if (in->dead || !a)
        return disable(txn, subscriber, "silent");
    if (a->status == 410)
        return disable(txn, subscriber, "gone");
    if (a->status < 200 || a->status > 299)
        return disable(txn, subscriber, "refused");
    UPP_TRY(upp_exec(txn, "UPDATE subscriber SET position = ?2, busy = 0 WHERE subscriber = ?1",
                     BIND(V(subscriber), V(a->to))));
    return push_soon(txn);
}
