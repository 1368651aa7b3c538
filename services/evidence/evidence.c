/* evidence - saves what was written before it is taken away, proves it, keeps it, and ends it
 * (R21-R23, R27, R29). */
#include "evidence.h"
#include "json_memory.h"
#include "uppsikt/archive.pb-c.h"
#include "uppsikt/classify.pb-c.h"
#include "uppsikt/console.pb-c.h"
#include "uppsikt/escalation.pb-c.h"
#include "uppsikt/held.pb-c.h"
#include "uppsikt/registry.pb-c.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const char upp_evidence_schema_sql[];
extern const char upp_evidence_upgrade_2_sql[], upp_evidence_upgrade_3_sql[],
    upp_evidence_upgrade_4_sql[], upp_evidence_upgrade_5_sql[];
extern const upp_service upp_evidence_service;

#define AT(field) offsetof(evidence_config, field)
static const upp_option options[] = {
    CAPTURE_OPTIONS,
    { "zone", UPP_OPT_FILE, AT(zone), "/usr/share/zoneinfo/Europe/Stockholm",
      "TZif file of the zone in which people read and days end." },
    { "tree_key", UPP_OPT_SECRET, AT(tree_key), "",
      "Key that signs a head of the tree each day: 64 hexadecimal digits; empty: none is signed." },
    { "tsa_url", UPP_OPT_TEXT, AT(tsa_url), "",
      "Timestamp authorities (RFC 3161) that stamp each day's head, https or http, blanks between: "
      "asked in turn; empty: none. Over http, too, a stamp is believed by its own signature." },
    { "tsa_ca", UPP_OPT_FILE, AT(tsa_ca), "",
      "PEM of the roots that a stamp must lead to; needed with tsa_url." },
    { "tsa_timeout", UPP_OPT_SPAN, AT(tsa_span), "20s", "How long one authority may take." },
    { "services", UPP_OPT_TEXT, AT(services), "registry ingest classify escalation",
      "Who must have forgotten, beside evidence, before a disposal is done; blanks between." },
    { "early", UPP_OPT_FLAG, AT(early), "yes",
      "Save when a matter of moderation opens; no: only when a decision is made." },
    { "capture_timeout", UPP_OPT_SPAN, AT(capture_span), "60s",
      "How long the browser may work on one page." },
    { "media_attempts", UPP_OPT_COUNT, AT(media_attempts), "3",
      "After so many attempts an attachment that cannot be fetched is called gone." },
    { "media_bytes", UPP_OPT_COUNT, AT(media_bytes), "67108864",
      "Largest attachment that is fetched." },
    { "media_timeout", UPP_OPT_SPAN, AT(media_span), "60s", "How long one fetch may take." },
    { "media_private", UPP_OPT_FLAG, AT(media_private), "no",
      "Fetch attachments from private addresses, too: for trials with fakes on this machine." },
    { "archive_authority", UPP_OPT_TEXT, AT(archive_authority), "",
      "Id of the authority that keeps the common archive: its archivists may dispose for every "
      "authority; empty: each authority has its own." },
    { "backups_kept", UPP_OPT_SPAN, AT(backups_span), "90d",
      "How long backups are kept: a disposal's protocol says when the last of them has gone." },
    { "clock_jump", UPP_OPT_SPAN, AT(jump_span), "1h",
      "The clock moved ahead by more: nothing is disposed of before a person says that it is "
      "right." },
};

static void keeper_close(void *self)
{
    keeper *k = self;
    if (!k)
        return;
    zone_free(k->tz);
    sodium_memzero(k->seed, sizeof k->seed);
    free(k);
}

static void *keeper_open(const void *config, void (*say)(const char *line))
{
    const evidence_config *c = config;
    const char *why = "";
    size_t n = 0;
    keeper *k = calloc(1, sizeof *k);
    upp_check(k);
    upp_json_or_end();
    k->config = c;
    if (c->zone.len > 0 && zone_parse(c->zone, &k->tz, &why) != 0) {
        char line[200];
        snprintf(line, sizeof line, "zone: %s; give a TZif file, as from the package tzdata", why);
        say(line);
        keeper_close(k);
        return NULL;
    }
    k->signs = c->tree_key && c->tree_key[0];
    if (k->signs && (sodium_hex2bin(k->seed, sizeof k->seed, c->tree_key, strlen(c->tree_key), NULL,
                                    &n, NULL) != 0 ||
                     n != sizeof k->seed)) {
        say("tree_key: 64 hexadecimal digits are wanted");
        keeper_close(k);
        return NULL;
    }
    k->stamps = c->tsa_url != NULL;
    why = k->stamps && !k->signs ? "tsa_url: it is the signed heads that are stamped; give tree_key"
                                 : stamp_config(c, NULL);
    if (k->stamps && why) {
        say(why);
        keeper_close(k);
        return NULL;
    }
    return k;
}

static int on_start(upp_txn *txn, const void *self)
{
    UPP_TRY(stamp_start(txn, self));
    UPP_TRY(thing_start(txn));
    return head_start(txn, self);
}

static int on_alarm(upp_txn *txn, const void *self, const char *key)
{
    const char *id = strchr(key, '/');
    const size_t n = id ? (size_t)(id - key) : strlen(key);
    if (strcmp(key, "head") == 0)
        return head_alarm(txn, self);
    if (strcmp(key, "stamp") == 0)
        return stamp_alarm(txn, self);
    if (!id)
        return upp_fail(txn, UPP_E_BUG, "an alarm of no kind: %s", key);
    id++;
    if (n == 4 && memcmp(key, "seal", n) == 0)
        return record_alarm(txn, self, id);
    if (n == 4 && memcmp(key, "slow", n) == 0)
        return record_slow(txn, id);
    if (n == 5 && memcmp(key, "sweep", n) == 0)
        return record_sweep(txn, id);
    if (n == 5 && memcmp(key, "media", n) == 0)
        return gather_media(txn, self, id);
    if (n == 7 && memcmp(key, "dispose", n) == 0)
        return disposal_alarm(txn, id);
    if (n == 7 && memcmp(key, "capture", n) == 0)
        return gather_capture(txn, self, id);
    return upp_fail(txn, UPP_E_BUG, "an alarm of no kind: %s", key);
}

static int on_forget(upp_txn *txn, const void *self, const char *subject)
{
    (void)self;
    UPP_TRY(upp_exec(txn, "UPDATE person SET who_ref = 0 WHERE person = ?1", BIND(V(subject))));
    UPP_TRY(upp_exec(txn, "UPDATE account SET name_ref = 0 WHERE account = ?1", BIND(V(subject))));
    UPP_TRY(
        upp_exec(txn, "DELETE FROM absence WHERE absence = ?1 OR person = ?1", BIND(V(subject))));
    return record_forget(txn, subject);
}

static const upp_ms soon[] = { UPP_SECOND, 5 * UPP_SECOND, 30 * UPP_SECOND, 5 * UPP_MINUTE };
static const upp_outside outside[] = {
    { "records", &uppsikt__store_record__descriptor, &uppsikt__record_stored__descriptor, soon,
      UPP_LEN(soon), UPP_HOUR },
    { "removals", &uppsikt__remove_record__descriptor, &uppsikt__record_removed__descriptor, soon,
      UPP_LEN(soon), UPP_HOUR },
    { "media", &uppsikt__fetch_media__descriptor, &uppsikt__media_fetched__descriptor, soon,
      UPP_LEN(soon), UPP_HOUR },
    { "stamp", &uppsikt__ask_stamp__descriptor, &uppsikt__stamp_answered__descriptor, soon,
      UPP_LEN(soon), UPP_HOUR },
    /* the browser may be down for days: the record says so and waits */
    { "capture", &uppsikt__capture_page__descriptor, &uppsikt__page_captured__descriptor, soon,
      UPP_LEN(soon), 30 * UPP_DAY },
};

static const upp_gauge gauges[] = {
    { "uppsikt_records", "Saved copies, by state.", "state",
      "SELECT CASE state WHEN 0 THEN 'gathers' WHEN 1 THEN 'writes' WHEN 2 THEN 'sealed'"
      " ELSE 'gone' END, count(*) FROM record GROUP BY state" },
    { "uppsikt_records_failing", "Copies whose last attempt failed.", NULL,
      "SELECT count(*) FROM record WHERE failures > 0 AND state < 2" },
    { "uppsikt_head_stamp_failing", "1: no timestamp authority has stamped the newest head yet.",
      NULL,
      "SELECT count(*) FROM stamp WHERE day = (SELECT max(day) FROM stamp) AND stamped_ms = 0"
      " AND told = 1" },
    { "uppsikt_holds", "Legal holds in force.", NULL,
      "SELECT count(*) FROM hold WHERE released_ms = 0" },
    { "uppsikt_disposals_pending", "Approved disposals that somebody has not carried out.", NULL,
      "SELECT count(*) FROM disposal WHERE state = 1" },
};

// clang-format off
static const upp_route routes[] = {
    { UPP_EVENT,   "registry",   &uppsikt__authority_registered__descriptor, register_authority, NULL },
    { UPP_EVENT,   "registry",   &uppsikt__unit_registered__descriptor,      register_unit,      NULL },
    { UPP_EVENT,   "registry",   &uppsikt__person_registered__descriptor,    register_person,
      &uppsikt__person_registered_content__descriptor },
    { UPP_EVENT,   "registry",   &uppsikt__person_left__descriptor,          register_person_left, NULL },
    { UPP_EVENT,   "registry",   &uppsikt__account_changed__descriptor,      register_account,
      &uppsikt__account_changed_content__descriptor },
    { UPP_EVENT,   "registry",   &uppsikt__access_granted__descriptor,       register_access,    NULL },
    { UPP_EVENT,   "registry",   &uppsikt__access_revoked__descriptor,       register_access_off, NULL },
    { UPP_EVENT,   "registry",   &uppsikt__absence_set__descriptor,          thing_absence,
      &uppsikt__absence_set_content__descriptor },
    { UPP_EVENT,   "registry",   &uppsikt__absence_cancelled__descriptor,    thing_absence_off,  NULL },
    { UPP_EVENT,   "registry",   &uppsikt__retention_row_adopted__descriptor, register_row,      NULL },
    { UPP_EVENT,   "ingest",     &uppsikt__comment_received__descriptor,     hear_received,
      &uppsikt__comment_received_content__descriptor },
    { UPP_EVENT,   "ingest",     &uppsikt__comment_edited__descriptor,       hear_edited,
      &uppsikt__comment_edited_content__descriptor },
    { UPP_EVENT,   "ingest",     &uppsikt__comment_gone__descriptor,         hear_gone,          NULL },
    { UPP_EVENT,   "ingest",     &uppsikt__reply_seen__descriptor,           hear_reply,
      &uppsikt__reply_seen_content__descriptor },
    { UPP_EVENT,   "ingest",     &uppsikt__own_post_seen__descriptor,        hear_own_post,
      &uppsikt__own_post_seen_content__descriptor },
    { UPP_EVENT,   "ingest",     &uppsikt__action_done__descriptor,          hear_action,        NULL },
    { UPP_EVENT,   "ingest",     &uppsikt__line_quarantined__descriptor,     hear_quarantined,   NULL },
    { UPP_EVENT,   "classify",   &uppsikt__comment_classified__descriptor,   hear_classified,    NULL },
    { UPP_EVENT,   "escalation", &uppsikt__matter_opened__descriptor,        hear_matter,        NULL },
    { UPP_EVENT,   "escalation", &uppsikt__matter_met__descriptor,           hear_met,           NULL },
    { UPP_EVENT,   "escalation", &uppsikt__matter_withdrawn__descriptor,     hear_withdrawn,     NULL },
    { UPP_EVENT,   "escalation", &uppsikt__decision_made__descriptor,        hear_decision,      NULL },
    { UPP_EVENT,   "registry",   &uppsikt__content_forgotten__descriptor,    disposal_forgotten, NULL },
    { UPP_EVENT,   "ingest",     &uppsikt__content_forgotten__descriptor,    disposal_forgotten, NULL },
    { UPP_EVENT,   "classify",   &uppsikt__content_forgotten__descriptor,    disposal_forgotten, NULL },
    { UPP_EVENT,   "escalation", &uppsikt__content_forgotten__descriptor,    disposal_forgotten, NULL },
    { UPP_EVENT,   "archive",    &uppsikt__content_forgotten__descriptor,    disposal_forgotten, NULL },
    { UPP_EVENT,   "console",    &uppsikt__content_forgotten__descriptor,    disposal_forgotten, NULL },
    { UPP_EVENT,   "feed",       &uppsikt__content_forgotten__descriptor,    disposal_forgotten, NULL },
    { UPP_EVENT,   "registry",   &uppsikt__clock_jumped__descriptor,         jump_heard,         NULL },
    { UPP_EVENT,   "ingest",     &uppsikt__clock_jumped__descriptor,         jump_heard,         NULL },
    { UPP_EVENT,   "archive",    &uppsikt__copy_kept__descriptor,            protocol_copy_kept, NULL },
    { UPP_EVENT,   "archive",    &uppsikt__package_sealed__descriptor,       thing_sealed,       NULL },
    { UPP_EVENT,   "archive",    &uppsikt__package_removed__descriptor,      thing_removed,      NULL },
    { UPP_EVENT,   "archive",    &uppsikt__package_opened__descriptor,       thing_opened,       NULL },
    { UPP_EVENT,   "console",    &uppsikt__access_logged__descriptor,        thing_signed_in,    NULL },
    { UPP_COMMAND, NULL,         &uppsikt__note_view__descriptor,            list_note_view,     NULL },
    { UPP_COMMAND, NULL,         &uppsikt__place_hold__descriptor,           hold_place,         NULL },
    { UPP_COMMAND, NULL,         &uppsikt__release_hold__descriptor,         hold_release,       NULL },
    { UPP_COMMAND, NULL,         &uppsikt__propose_disposal__descriptor,     disposal_propose,   NULL },
    { UPP_COMMAND, NULL,         &uppsikt__approve_disposal__descriptor,     disposal_approve,   NULL },
    { UPP_QUERY,   NULL,         &uppsikt__holds__descriptor,                hold_list,          NULL },
    { UPP_QUERY,   NULL,         &uppsikt__disposals__descriptor,            protocol_disposals, NULL },
    { UPP_QUERY,   NULL,         &uppsikt__disposed_items__descriptor,       protocol_items,     NULL },
    { UPP_QUERY,   NULL,         &uppsikt__records__descriptor,              list_records,       NULL },
    { UPP_QUERY,   NULL,         &uppsikt__plan_lines__descriptor,           register_plan,      NULL },
    { UPP_QUERY,   NULL,         &uppsikt__held__descriptor,                 evidence_held, NULL },
    { UPP_QUERY,   NULL,         &uppsikt__kept_by__descriptor,              evidence_kept_by, NULL },
    { UPP_ANSWER,  "records",    &uppsikt__record_stored__descriptor,        record_stored,      NULL },
    { UPP_ANSWER,  "removals",   &uppsikt__record_removed__descriptor,       record_removed,     NULL },
    { UPP_ANSWER,  "media",      &uppsikt__media_fetched__descriptor,        gather_fetched,     NULL },
    { UPP_ANSWER,  "capture",    &uppsikt__page_captured__descriptor,        gather_captured,    NULL },
    { UPP_ANSWER,  "stamp",      &uppsikt__stamp_answered__descriptor,       stamp_answered,     NULL },
};
// clang-format on

static const char *const upgrades[] = { upp_evidence_upgrade_2_sql, upp_evidence_upgrade_3_sql,
                                        upp_evidence_upgrade_4_sql, upp_evidence_upgrade_5_sql,
                                        NULL };

const upp_service upp_evidence_service = {
    .name = "evidence",
    .schema = upp_evidence_schema_sql,
    .upgrades = upgrades,
    .config_size = sizeof(evidence_config),
    .options = options,
    .n_options = UPP_LEN(options),
    .routes = routes,
    .n_routes = UPP_LEN(routes),
    .outside = outside,
    .n_outside = UPP_LEN(outside),
    .gauges = gauges,
    .n_gauges = UPP_LEN(gauges),
    .open = keeper_open,
    .close = keeper_close,
    .on_start = on_start,
    .on_alarm = on_alarm,
    .on_forget = on_forget,
};
