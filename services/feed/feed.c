/* feed.c - the public edge: one log of what all services say, for other systems (R45). */
#include "feed.h"
#include "json_memory.h"
#include "uppsikt/archive.pb-c.h"
#include "uppsikt/classify.pb-c.h"
#include "uppsikt/comment.pb-c.h"
#include "uppsikt/escalation.pb-c.h"
#include "uppsikt/evidence.pb-c.h"
#include "uppsikt/registry.pb-c.h"
#include <string.h>

extern const char upp_feed_schema_sql[];
extern const upp_service upp_feed_service;

#define AT(member) offsetof(feed_config, member)

static const upp_option options[] = {
    { "http_listen", UPP_OPT_TEXT, AT(listen), "127.0.0.1",
      "Address that subscribers ask at; put a proxy with TLS before anything but this machine." },
    { "http_port", UPP_OPT_COUNT, AT(port), "0", "Port that subscribers ask at; 0: nobody can." },
    { "webhook_key", UPP_OPT_SECRET, AT(webhook_key), "",
      "64 hexadecimal digits that each webhook's secret is made from; empty: no webhooks." },
    { "private_addresses", UPP_OPT_FLAG, AT(private_addresses), "no",
      "Webhooks may go to private addresses and without TLS: tests, an intranet." },
};

static int on_alarm(upp_txn *txn, const void *self, const char *key)
{
    (void)self;
    if (strcmp(key, "push") == 0)
        return push_alarm(txn);
    return upp_fail(txn, UPP_E_BUG, "an alarm of no kind: %s", key);
}

static int on_forget(upp_txn *txn, const void *self, const char *subject)
{
    (void)self;
    return subscriber_forget(txn, subject);
}

/* The table of the Standard Webhooks specification: 75 hours in all, then it is disabled. */
static const upp_ms retries[] = { 5 * UPP_SECOND, 5 * UPP_MINUTE, 30 * UPP_MINUTE,
                                  2 * UPP_HOUR,   5 * UPP_HOUR,   10 * UPP_HOUR,
                                  14 * UPP_HOUR,  20 * UPP_HOUR,  24 * UPP_HOUR };
static const upp_outside outside[] = {
    { "webhook", &uppsikt__send_webhook__descriptor, &uppsikt__webhook_answered__descriptor,
      retries, UPP_LEN(retries), 76 * UPP_HOUR },
};

static const upp_gauge gauges[] = {
    { "uppsikt_feed_events", "Events in the public log.", NULL,
      "SELECT coalesce(max(position), 0) FROM entry" },
    { "uppsikt_feed_subscribers", "Subscribers; 1: it has a webhook.", "webhook",
      "SELECT webhook, count(*) FROM subscriber GROUP BY webhook" },
    { "uppsikt_feed_webhooks_disabled", "Webhooks that nothing is sent to any more.", NULL,
      "SELECT count(*) FROM subscriber WHERE webhook = 1 AND disabled <> ''" },
    { "uppsikt_feed_webhook_behind_events", "How far the slowest webhook is behind.", NULL,
      "SELECT coalesce((SELECT max(position) FROM entry) - min(position), 0) FROM subscriber"
      " WHERE webhook = 1 AND disabled = ''" },
};

/* Each row of feed_heard is a right: what is not here goes to nobody outside. */
// clang-format off
static const upp_route routes[] = {
    { UPP_COMMAND, NULL, &uppsikt__add_subscriber__descriptor, subscriber_add, NULL },
    { UPP_COMMAND, NULL, &uppsikt__remove_subscriber__descriptor, subscriber_remove, NULL },
    { UPP_COMMAND, NULL, &uppsikt__replay_subscriber__descriptor, subscriber_replay, NULL },
    { UPP_QUERY, NULL, &uppsikt__subscribers__descriptor, subscriber_query, NULL },
    { UPP_QUERY, NULL, &uppsikt__feed_events__descriptor, subscriber_read, NULL },
    { UPP_ANSWER, "webhook", &uppsikt__webhook_answered__descriptor, push_answered, NULL },
    { UPP_EVENT, "registry", &uppsikt__person_registered__descriptor, feed_person, NULL },
    { UPP_EVENT, "registry", &uppsikt__person_left__descriptor, feed_person_left, NULL },
    { UPP_EVENT, "registry", &uppsikt__authority_registered__descriptor, feed_heard, NULL },
    { UPP_EVENT, "registry", &uppsikt__unit_registered__descriptor, feed_heard, NULL },
    { UPP_EVENT, "registry", &uppsikt__account_changed__descriptor, feed_heard, NULL },
    { UPP_EVENT, "registry", &uppsikt__retention_row_adopted__descriptor, feed_heard, NULL },
    { UPP_EVENT, "registry", &uppsikt__finding_raised__descriptor, feed_heard, NULL },
    { UPP_EVENT, "registry", &uppsikt__finding_cleared__descriptor, feed_heard, NULL },
    { UPP_EVENT, "registry", &uppsikt__register_published__descriptor, feed_heard, NULL },
    { UPP_EVENT, "ingest", &uppsikt__comment_received__descriptor, feed_heard, NULL },
    { UPP_EVENT, "ingest", &uppsikt__comment_edited__descriptor, feed_heard, NULL },
    { UPP_EVENT, "ingest", &uppsikt__comment_gone__descriptor, feed_heard, NULL },
    { UPP_EVENT, "ingest", &uppsikt__comment_hidden_outside__descriptor, feed_heard, NULL },
    { UPP_EVENT, "ingest", &uppsikt__reply_seen__descriptor, feed_heard, NULL },
    { UPP_EVENT, "ingest", &uppsikt__own_post_seen__descriptor, feed_heard, NULL },
    { UPP_EVENT, "ingest", &uppsikt__action_done__descriptor, feed_heard, NULL },
    { UPP_EVENT, "ingest", &uppsikt__action_refused__descriptor, feed_heard, NULL },
    { UPP_EVENT, "ingest", &uppsikt__action_manual_required__descriptor, feed_heard, NULL },
    { UPP_EVENT, "ingest", &uppsikt__account_health_changed__descriptor, feed_heard, NULL },
    { UPP_EVENT, "ingest", &uppsikt__ingest_gap_found__descriptor, feed_heard, NULL },
    { UPP_EVENT, "classify", &uppsikt__comment_classified__descriptor, feed_heard, NULL },
    { UPP_EVENT, "classify", &uppsikt__rule_set_adopted__descriptor, feed_heard, NULL },
    { UPP_EVENT, "escalation", &uppsikt__matter_opened__descriptor, feed_heard, NULL },
    { UPP_EVENT, "escalation", &uppsikt__due_recomputed__descriptor, feed_heard, NULL },
    { UPP_EVENT, "escalation", &uppsikt__step_fired__descriptor, feed_heard, NULL },
    { UPP_EVENT, "escalation", &uppsikt__matter_breached__descriptor, feed_heard, NULL },
    { UPP_EVENT, "escalation", &uppsikt__matter_met__descriptor, feed_heard, NULL },
    { UPP_EVENT, "escalation", &uppsikt__diary_package_delivered__descriptor, feed_heard, NULL },
    { UPP_EVENT, "escalation", &uppsikt__diary_package_failed__descriptor, feed_heard, NULL },
    { UPP_EVENT, "escalation", &uppsikt__diary_number_given__descriptor, feed_heard, NULL },
    { UPP_EVENT, "escalation", &uppsikt__matter_withdrawn__descriptor, feed_heard, NULL },
    { UPP_EVENT, "escalation", &uppsikt__decision_made__descriptor, feed_heard, NULL },
    { UPP_EVENT, "escalation", &uppsikt__appeal_lodged__descriptor, feed_heard, NULL },
    { UPP_EVENT, "escalation", &uppsikt__appeal_decided__descriptor, feed_heard, NULL },
    { UPP_EVENT, "evidence", &uppsikt__evidence_sealed__descriptor, feed_heard, NULL },
    { UPP_EVENT, "evidence", &uppsikt__evidence_failed__descriptor, feed_heard, NULL },
    { UPP_EVENT, "evidence", &uppsikt__hold_placed__descriptor, feed_heard, NULL },
    { UPP_EVENT, "evidence", &uppsikt__hold_released__descriptor, feed_heard, NULL },
    { UPP_EVENT, "evidence", &uppsikt__content_disposed__descriptor, feed_heard, NULL },
    { UPP_EVENT, "evidence", &uppsikt__tree_head_signed__descriptor, feed_heard, NULL },
    { UPP_EVENT, "evidence", &uppsikt__tree_head_stamped__descriptor, feed_heard, NULL },
    { UPP_EVENT, "evidence", &uppsikt__tree_head_unstamped__descriptor, feed_heard, NULL },
    { UPP_EVENT, "archive", &uppsikt__campaign_opened__descriptor, feed_heard, NULL },
    { UPP_EVENT, "archive", &uppsikt__account_captured__descriptor, feed_heard, NULL },
    { UPP_EVENT, "archive", &uppsikt__package_sealed__descriptor, feed_heard, NULL },
    { UPP_EVENT, "archive", &uppsikt__manual_capture_asked__descriptor, feed_heard, NULL },
    { UPP_EVENT, "archive", &uppsikt__copy_kept__descriptor, feed_heard, NULL },
};
// clang-format on

/* There is nothing to make of the configuration. */
static void *feed_open(const void *config, void (*say)(const char *line))
{
    (void)say;
    upp_json_or_end();
    return upp_lend(config);
}

const upp_service upp_feed_service = {
    .name = "feed",
    .schema = upp_feed_schema_sql,
    .config_size = sizeof(feed_config),
    .options = options,
    .n_options = UPP_LEN(options),
    .routes = routes,
    .n_routes = UPP_LEN(routes),
    .outside = outside,
    .n_outside = UPP_LEN(outside),
    .gauges = gauges,
    .n_gauges = UPP_LEN(gauges),
    .open = feed_open,
    .on_alarm = on_alarm,
    .on_forget = on_forget,
};
