/* ingest - takes in what is written to us, once, with every version of it. */
#include "ingest.h"
#include <string.h>

extern const char upp_ingest_schema_sql[];
extern const upp_service upp_ingest_service;

static const upp_option options[] = {
    { "token_key", UPP_OPT_SECRET, offsetof(ingest_config, token_key), "",
      "Key that seals platform tokens: 64 hexadecimal digits in a file of its own." },
    { "poll", UPP_OPT_SPAN, offsetof(ingest_config, poll_span), "60s",
      "How long between two looks at an account, unless its connection says otherwise." },
    { "look_back", UPP_OPT_SPAN, offsetof(ingest_config, look_back_span), "5min",
      "How long between two looks back at what was read, for edits that nobody announces." },
};

/* Kept from the register: which account is on which platform. */
static int on_account(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__AccountChanged *a = msg;
    return upp_exec(
        txn,
        "INSERT INTO account(account, platform, state, watch) VALUES(?1, ?2, ?3, ?4)"
        " ON CONFLICT DO UPDATE SET platform = ?2, state = ?3, watch = ?4",
        BIND(V(a->account), V(a->platform), V((int64_t)a->state), V((int64_t)a->watch)));
}

static int reply_item(upp_txn *txn, const upp_rows *row)
{
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *text = NULL;
    const int missing =
        upp_recall(txn, upp_col_int(row, 6), &uppsikt__comment_received_content__descriptor, &text);
    UPP_TRY(missing);
    Uppsikt__ItemRow out = UPPSIKT__ITEM_ROW__INIT;
    Uppsikt__ItemRowContent content = UPPSIKT__ITEM_ROW_CONTENT__INIT;
    out.item = upp_lend(upp_col_text(row, 0));
    out.account = upp_lend(upp_col_text(row, 1));
    out.version = (uint32_t)upp_col_int(row, 2);
    out.received_ms = upp_col_int(row, 3);
    out.seen_ms = upp_col_int(row, 4);
    out.hidden = upp_col_int(row, 5) == 1;
    out.gone = upp_col_int(row, 5) == 2;
    content.what = (Uppsikt__CommentReceivedContent *)text;
    return upp_reply_content(txn, &out.base, text ? &content.base : NULL);
}

static int on_items(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__Items *q = msg;
    UPP_ROWS row = upp_query(
        txn,
        "SELECT i.item, i.account, v.version, i.received_ms, v.seen_ms, i.state, v.text_ref"
        " FROM item i JOIN version v ON v.item = i.item"
        " WHERE (?1 = '' OR i.item = ?1) AND (?2 = '' OR i.account = ?2) AND i.item > ?3"
        " ORDER BY i.item, v.version LIMIT ?4",
        BIND(V(q->item), V(q->account), V(q->after),
             V(q->limit > 0 && q->limit < 200 ? q->limit : 200)));
    while (upp_next(&row))
        UPP_TRY(reply_item(txn, &row));
    return row.rc;
}

static int on_start(upp_txn *txn, const void *self)
{
    (void)self;
    return connection_wake_all(txn);
}

static int on_alarm(upp_txn *txn, const void *self, const char *key)
{
    if (strncmp(key, "poll/", 5) != 0)
        return upp_fail(txn, UPP_E_BUG, "an alarm of no kind: %s", key);
    return poll_alarm(txn, self, key + 5);
}

static int on_forget(upp_txn *txn, const void *self, const char *subject)
{
    (void)self;
    return upp_exec(txn, "UPDATE version SET text_ref = 0 WHERE item = ?1", BIND(V(subject)));
}

/* A page that waits or is refused is the poll's own business (poll.c): no second attempt here. */
static const upp_ms retries[] = { 0 };
static const upp_outside outside[] = {
    { "platform", &uppsikt__call_platform__descriptor, &uppsikt__platform_answered__descriptor,
      retries, 1, 0 },
};

static const upp_gauge gauges[] = {
    { "uppsikt_items", "Things seen on our accounts.", NULL, "SELECT count(*) FROM item" },
    { "uppsikt_quarantine", "Lines that could not be read.", NULL,
      "SELECT count(*) FROM quarantine" },
    { "uppsikt_accounts_blind", "Connected accounts that see nothing.", NULL,
      "SELECT count(*) FROM connection WHERE blind_ms > 0" },
};

// clang-format off
static const upp_route routes[] = {
    { UPP_EVENT,   "registry", &uppsikt__account_changed__descriptor,  on_account,         NULL },
    { UPP_COMMAND, NULL,       &uppsikt__import_lines__descriptor,     import_lines,       NULL },
    { UPP_COMMAND, NULL,       &uppsikt__connect_account__descriptor,  connection_connect, NULL },
    { UPP_QUERY,   NULL,       &uppsikt__connections__descriptor,      connection_query,   NULL },
    { UPP_QUERY,   NULL,       &uppsikt__items__descriptor,            on_items,           NULL },
    { UPP_QUERY,   NULL,       &uppsikt__quarantine__descriptor,       quarantine_query,   NULL },
    { UPP_ANSWER,  "platform", &uppsikt__platform_answered__descriptor, poll_answer,       NULL },
};
// clang-format on

const upp_service upp_ingest_service = {
    .name = "ingest",
    .schema = upp_ingest_schema_sql,
    .config_size = sizeof(ingest_config),
    .options = options,
    .n_options = UPP_LEN(options),
    .routes = routes,
    .n_routes = UPP_LEN(routes),
    .outside = outside,
    .n_outside = UPP_LEN(outside),
    .gauges = gauges,
    .n_gauges = UPP_LEN(gauges),
    .on_start = on_start,
    .on_alarm = on_alarm,
    .on_forget = on_forget,
};
