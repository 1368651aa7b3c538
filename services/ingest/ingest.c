/* ingest - takes in what is written to us, once, with every version of it. */
#include "ingest.h"
#include "json_memory.h"
#include "kin.h"
#include "uppsikt/escalation.pb-c.h"
#include "uppsikt/evidence.pb-c.h"
#include "uppsikt/held.pb-c.h"
#include <string.h>

extern const char upp_ingest_schema_sql[], upp_ingest_upgrade_2_sql[], upp_ingest_upgrade_3_sql[];
extern const char upp_ingest_upgrade_4_sql[];
extern const upp_service upp_ingest_service;

static const upp_option options[] = {
    { "token_key", UPP_OPT_SECRET, offsetof(ingest_config, token_key), "",
      "Key that seals platform tokens: 64 hexadecimal digits in a file of its own." },
    { "poll", UPP_OPT_SPAN, offsetof(ingest_config, poll_span), "60s",
      "How long between two looks at an account, unless its connection says otherwise." },
    { "look_back", UPP_OPT_SPAN, offsetof(ingest_config, look_back_span), "5min",
      "How long between two looks back at what was read, for edits that nobody announces." },
    { "webhook", UPP_OPT_TEXT, offsetof(ingest_config, webhook), "",
      "Where platforms and systems of our own may push: host:port or a path behind the reverse "
      "proxy; empty: nowhere." },
    { "webhook_secret", UPP_OPT_SECRET, offsetof(ingest_config, webhook_secret), "",
      "The application's secret that signs what is pushed; an old one after a space while it "
      "changes." },
    { "webhook_verify", UPP_OPT_SECRET, offsetof(ingest_config, webhook_verify), "",
      "The word that the platform repeats in its handshake." },
    { "linkedin_version", UPP_OPT_TEXT, offsetof(ingest_config, linkedin_version), "202609",
      "The monthly version of LinkedIn's interface, YYYYMM; each is taken away after about a "
      "year." },
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
    out.parent = upp_lend(upp_col_text(row, 7));
    out.kind = (Uppsikt__ItemKind)upp_col_int(row, 8);
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
        "SELECT i.item, i.account, v.version, i.received_ms, v.seen_ms, i.state, v.text_ref,"
        " i.parent, i.kind FROM item i JOIN version v ON v.item = i.item"
        " WHERE (?1 = '' OR i.item = ?1) AND (?2 = '' OR i.account = ?2) AND i.item > ?3"
        " ORDER BY i.item, v.version LIMIT ?4",
        BIND(V(q->item), V(q->account), V(q->after),
             V(q->limit > 0 && q->limit < 200 ? q->limit : 200)));
    while (upp_next(&row))
        UPP_TRY(reply_item(txn, &row));
    return row.rc;
}

/* The answer to a call: of an action, or of the account's own looking. */
static int on_answered(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    if (strncmp(in->subject, "act/", 4) == 0)
        return action_answer(txn, in->subject + 4, msg);
    return poll_answer(txn, self, in->subject, msg);
}

static int on_start(upp_txn *txn, const void *self)
{
    (void)self;
    return connection_wake_all(txn);
}

static int on_alarm(upp_txn *txn, const void *self, const char *key)
{
    if (strncmp(key, "poll/", 5) == 0)
        return poll_alarm(txn, self, key + 5);
    if (strncmp(key, "token/", 6) == 0)
        return connection_expires(txn, key + 6);
    if (strncmp(key, "act/", 4) == 0)
        return action_alarm(txn, key + 4);
    return upp_fail(txn, UPP_E_BUG, "an alarm of no kind: %s", key);
}

static int on_forget(upp_txn *txn, const void *self, const char *subject)
{
    (void)self;
    UPP_TRY(upp_exec(txn, "UPDATE version SET text_ref = 0 WHERE item = ?1", BIND(V(subject))));
    UPP_TRY(upp_exec(txn, "UPDATE person SET who_ref = 0 WHERE person = ?1", BIND(V(subject))));
    UPP_TRY(upp_exec(txn, "DELETE FROM walk WHERE item = ?1", BIND(V(subject))));
    UPP_TRY(upp_exec(txn, "DELETE FROM thread_size WHERE item = ?1", BIND(V(subject))));
    UPP_TRY(watch_end(txn, subject));
    UPP_TRY(poll_forget(txn, subject));
    UPP_TRY(kin_forget(txn, subject));
    UPP_TRY(quarantine_forget(txn, subject));
    return action_forget(txn, subject);
}

/* What follows a call that failed is poll.c's and outgoing.c's business: no second attempt here. */
static const upp_ms retries[] = { 0 };
static const upp_outside outside[] = {
    { "platform", &uppsikt__call_platform__descriptor, &uppsikt__platform_answered__descriptor,
      retries, 1, 0 },
    { "webhook", &uppsikt__admit_senders__descriptor, &uppsikt__senders_admitted__descriptor,
      retries, 1, 0 },
};

static const upp_gauge gauges[] = {
    { "uppsikt_items", "Things seen on our accounts.", NULL, "SELECT count(*) FROM item" },
    { "uppsikt_quarantine", "Lines that could not be read.", NULL,
      "SELECT count(*) FROM quarantine" },
    { "uppsikt_accounts_blind", "Connected accounts that see nothing.", NULL,
      "SELECT count(*) FROM connection WHERE blind_ms > 0" },
    { "uppsikt_actions_open", "Decided actions that are not done yet, by what they wait for.",
      "state",
      "SELECT CASE state WHEN 0 THEN why WHEN 3 THEN 'manual' ELSE 'sending' END, count(*)"
      " FROM action WHERE state < 4 GROUP BY 1" },
};

// clang-format off
static const upp_route routes[] = {
    { UPP_EVENT,   "registry",   &uppsikt__account_changed__descriptor,   on_account,         NULL },
    { UPP_EVENT,   "registry",   &uppsikt__person_registered__descriptor, signer_registered,
      &uppsikt__person_registered_content__descriptor },
    { UPP_EVENT,   "registry",   &uppsikt__person_left__descriptor,       signer_left,     NULL },
    { UPP_EVENT,   "escalation", &uppsikt__decision_made__descriptor,     action_decided,        NULL },
    { UPP_EVENT,   "escalation", &uppsikt__matter_opened__descriptor,     watch_opened,   NULL },
    { UPP_EVENT,   "evidence",   &uppsikt__evidence_sealed__descriptor,   action_sealed,          NULL },
    { UPP_EVENT,   "evidence",   &uppsikt__evidence_failed__descriptor,   action_seal_failed,     NULL },
    { UPP_COMMAND, NULL,         &uppsikt__import_lines__descriptor,      import_lines,       NULL },
    { UPP_COMMAND, NULL,         &uppsikt__connect_account__descriptor,   connection_connect, NULL },
    { UPP_COMMAND, NULL,         &uppsikt__take_webhook__descriptor,      webhook_take,         NULL },
    { UPP_COMMAND, NULL,         &uppsikt__take_push__descriptor,         pushed_take,          NULL },
    { UPP_COMMAND, NULL,         &uppsikt__tell_senders__descriptor,      pushed_tell_again,    NULL },
    { UPP_COMMAND, NULL,         &uppsikt__send_reply__descriptor,        reply_send,      NULL },
    { UPP_COMMAND, NULL,         &uppsikt__attest_action__descriptor,     attest_take,          NULL },
    { UPP_COMMAND, NULL,         &uppsikt__report_comment__descriptor,    report_take,          NULL },
    { UPP_COMMAND, NULL,         &uppsikt__hold_actions__descriptor,      brake_set,            NULL },
    { UPP_QUERY,   NULL,         &uppsikt__connections__descriptor,       connection_query,   NULL },
    { UPP_QUERY,   NULL,         &uppsikt__items__descriptor,             on_items,           NULL },
    { UPP_QUERY,   NULL,         &uppsikt__quarantine__descriptor,        quarantine_query,   NULL },
    { UPP_QUERY,   NULL,         &uppsikt__waiting_actions__descriptor,   action_list,         NULL },
    { UPP_QUERY,   NULL,         &uppsikt__held__descriptor,                 ingest_held, NULL },
    { UPP_QUERY,   NULL,         &uppsikt__author_items__descriptor,         ingest_author_items, NULL },
    { UPP_ANSWER,  "platform",   &uppsikt__platform_answered__descriptor, on_answered,        NULL },
};
// clang-format on

/* There is nothing to make of the configuration. */
static void *ingest_open(const void *config, void (*say)(const char *line))
{
    (void)say;
    upp_json_or_end();
    return upp_lend(config);
}

static const char *const upgrades[] = { upp_ingest_upgrade_2_sql, upp_ingest_upgrade_3_sql,
                                        upp_ingest_upgrade_4_sql, NULL };

const upp_service upp_ingest_service = {
    .name = "ingest",
    .schema = upp_ingest_schema_sql,
    .upgrades = upgrades,
    .config_size = sizeof(ingest_config),
    .options = options,
    .n_options = UPP_LEN(options),
    .routes = routes,
    .n_routes = UPP_LEN(routes),
    .outside = outside,
    .n_outside = UPP_LEN(outside),
    .gauges = gauges,
    .n_gauges = UPP_LEN(gauges),
    .open = ingest_open,
    .on_start = on_start,
    .on_alarm = on_alarm,
    .on_forget = on_forget,
};
