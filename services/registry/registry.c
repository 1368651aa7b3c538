/* registry - who, which account, who is away, which rules. */
#include "registry.h"
#include "json_memory.h"
#include "uppsikt/archive.pb-c.h"
#include "uppsikt/comment.pb-c.h"
#include "uppsikt/escalation.pb-c.h"
#include "uppsikt/held.pb-c.h"
#include <string.h>

extern const char upp_registry_schema_sql[];
extern const char upp_registry_upgrade_2_sql[];
extern const char upp_registry_upgrade_3_sql[];
extern const upp_service upp_registry_service;

#define PLATFORM(number, name)                                                                     \
    {                                                                                              \
        name "_inactive", UPP_OPT_SPAN,                                                            \
            offsetof(registry_config, inactive_span) + (number) * sizeof(upp_ms), "180d",          \
            "How long an account on " name " may be without a post of our own."                    \
    }
static const upp_option options[] = {
    { "understaffed_due", UPP_OPT_SPAN, offsetof(registry_config, understaffed_span), "24h",
      "How long an account may have fewer than two persons with access." },
    { "fact_due", UPP_OPT_SPAN, offsetof(registry_config, fact_span), "90d",
      "How long an account that was taken over may lack a fact." },
    { "inactive_due", UPP_OPT_SPAN, offsetof(registry_config, inactive_due_span), "30d",
      "How long until it is decided whether an inactive account closes." },
    { "neglected", UPP_OPT_SPAN, offsetof(registry_config, neglected_span), "60d",
      "How long a finding may be open before the account counts as not kept up." },
    { "review", UPP_OPT_SPAN, offsetof(registry_config, review_span), "182d",
      "How long between two look-throughs of an account." },
    { "review_due", UPP_OPT_SPAN, offsetof(registry_config, review_due_span), "30d",
      "How long a look-through may take, or what it found wrong may stay so." },
    { "attest", UPP_OPT_SPAN, offsetof(registry_config, attest_span), "182d",
      "How long between two attestations of who has access to an account." },
    { "attest_due", UPP_OPT_SPAN, offsetof(registry_config, attest_due_span), "30d",
      "How long an attestation may take when it is time for it." },
    { "publish_folder", UPP_OPT_TEXT, offsetof(registry_config, publish_folder), "",
      "Folder where the public register is written; the web server shows its `current`." },
    { "publish_after", UPP_OPT_SPAN, offsetof(registry_config, publish_span), "5s",
      "Changes within this time are published together." },
    { "publisher", UPP_OPT_TEXT, offsetof(registry_config, publisher), "",
      "Whose register it is, as the public page says." },
    { "attended", UPP_OPT_TEXT, offsetof(registry_config, attended), "",
      "Hours in which the accounts are looked after, as the policy has them; empty: the page has "
      "none." },
    { "zone", UPP_OPT_FILE, offsetof(registry_config, zone), "/usr/share/zoneinfo/Europe/Stockholm",
      "TZif file of the time zone that dates on the public page are in." },
    PLATFORM(0, "facebook"),
    PLATFORM(1, "instagram"),
    PLATFORM(2, "x"),
    PLATFORM(3, "youtube"),
    PLATFORM(4, "linkedin"),
    PLATFORM(5, "mastodon"),
    PLATFORM(6, "bluesky"),
    PLATFORM(7, "webhook"),
    PLATFORM(8, "rss"),
    PLATFORM(9, "file"),
    PLATFORM(10, "manual"),
};

static int on_start(upp_txn *txn, const void *self)
{
    UPP_TRY(leaver_start(txn));
    UPP_TRY(attest_start(txn));
    UPP_TRY(upkeep_start(txn));
    return publication_start(txn, self);
}

static int on_alarm(upp_txn *txn, const void *self, const char *key)
{
    if (strcmp(key, "daily") == 0)
        return upkeep_alarm(txn, self);
    if (strcmp(key, "publish") == 0)
        return publication_alarm(txn, self);
    if (strncmp(key, "leave/", 6) == 0)
        return person_alarm(txn, self, key + 6);
    if (strncmp(key, "quiet/", 6) == 0)
        return upkeep_check(txn, self, key + 6);
    return upp_fail(txn, UPP_E_BUG, "an alarm of no kind: %s", key);
}

static int on_forget(upp_txn *txn, const void *self, const char *subject)
{
    UPP_TRY(upp_exec(txn, "UPDATE person SET who_ref = 0, who_commitment = '' WHERE person = ?1",
                     BIND(V(subject))));
    UPP_TRY(upp_exec(txn,
                     "UPDATE absence SET when_ref = 0, when_commitment = ''"
                     " WHERE absence = ?1 OR person = ?1",
                     BIND(V(subject))));
    UPP_TRY(
        upp_exec(txn, "UPDATE leaver_row SET note_ref = 0 WHERE person = ?1", BIND(V(subject))));
    const int accounts =
        upp_exec(txn, "UPDATE account SET facts_ref = 0, facts_commitment = '' WHERE account = ?1",
                 BIND(V(subject)));
    UPP_TRY(accounts);
    return accounts ? publication_forgotten(txn, self) : 0;
}

/* A disk that is full or a folder that is gone is somebody's to mend: tried for a week. */
static const upp_ms retries[] = { 5 * UPP_SECOND, UPP_MINUTE, 10 * UPP_MINUTE };
static const upp_outside outside[] = {
    { "publish", &uppsikt__publish_register__descriptor, &uppsikt__register_written__descriptor,
      retries, UPP_LEN(retries), 7 * UPP_DAY },
};

static const upp_gauge gauges[] = {
    { "uppsikt_accounts", "Accounts by state (AccountChanged.State).", "state",
      "SELECT state, count(*) FROM account GROUP BY state" },
    { "uppsikt_leavers_open", "Leavers whose hand-over nobody has confirmed.", NULL,
      "SELECT count(*) FROM leaver WHERE confirmed_ms = 0" },
    { "uppsikt_findings_open", "Open findings by kind.", "kind",
      "SELECT kind, count(*) FROM finding WHERE cleared_ms = 0 GROUP BY kind" },
    { "uppsikt_persons", "Persons who have not left.", NULL,
      "SELECT count(*) FROM person WHERE gone = 0" },
    { "uppsikt_register_unpublished", "1: the public register is older than the register.", NULL,
      "SELECT changed_seq > published_seq FROM publication" },
};

// clang-format off
static const upp_route routes[] = {
    { UPP_COMMAND, NULL,         &uppsikt__register_authority__descriptor,  authority_register,    NULL },
    { UPP_COMMAND, NULL,         &uppsikt__register_unit__descriptor,       authority_unit,        NULL },
    { UPP_COMMAND, NULL,         &uppsikt__register_person__descriptor,     person_register,       NULL },
    { UPP_COMMAND, NULL,         &uppsikt__person_leaves__descriptor,       person_leaves,         NULL },
    { UPP_COMMAND, NULL,         &uppsikt__confirm_rules__descriptor,       person_confirm_rules,  NULL },
    { UPP_COMMAND, NULL,         &uppsikt__set_absence__descriptor,         absence_set,           NULL },
    { UPP_COMMAND, NULL,         &uppsikt__cancel_absence__descriptor,      absence_cancel,        NULL },
    { UPP_COMMAND, NULL,         &uppsikt__change_account__descriptor,      account_change,        NULL },
    { UPP_COMMAND, NULL,         &uppsikt__grant_access__descriptor,        access_grant,          NULL },
    { UPP_COMMAND, NULL,         &uppsikt__revoke_access__descriptor,       access_revoke,         NULL },
    { UPP_COMMAND, NULL,         &uppsikt__review_account__descriptor,      upkeep_review,         NULL },
    { UPP_COMMAND, NULL,         &uppsikt__tick_leaver_row__descriptor,     leaver_tick,           NULL },
    { UPP_COMMAND, NULL,         &uppsikt__confirm_leaver_list__descriptor, leaver_confirm,        NULL },
    { UPP_COMMAND, NULL,         &uppsikt__attest_access__descriptor,       attest_access,         NULL },
    { UPP_COMMAND, NULL,         &uppsikt__adopt_policy__descriptor,        rulebook_adopt_policy, NULL },
    { UPP_COMMAND, NULL,         &uppsikt__adopt_retention_row__descriptor, rulebook_adopt_row,    NULL },
    { UPP_QUERY,   NULL,         &uppsikt__accounts__descriptor,            account_query,         NULL },
    { UPP_QUERY,   NULL,         &uppsikt__persons__descriptor,             person_query,          NULL },
    { UPP_QUERY,   NULL,         &uppsikt__units__descriptor,               authority_units,       NULL },
    { UPP_QUERY,   NULL,         &uppsikt__findings__descriptor,            finding_query,         NULL },
    { UPP_QUERY,   NULL,         &uppsikt__absences__descriptor,            absence_query,         NULL },
    { UPP_QUERY,   NULL,         &uppsikt__leaver_lists__descriptor,        leaver_lists,          NULL },
    { UPP_QUERY,   NULL,         &uppsikt__leaver_accounts__descriptor,     leaver_accounts,       NULL },
    { UPP_QUERY,   NULL,         &uppsikt__access_lists__descriptor,        attest_list,           NULL },
    { UPP_QUERY,   NULL,         &uppsikt__held__descriptor,                 registry_held, NULL },
    { UPP_EVENT,   "ingest",     &uppsikt__own_post_seen__descriptor,       upkeep_posted,         NULL },
    { UPP_EVENT,   "archive",    &uppsikt__package_sealed__descriptor,      account_packaged,      NULL },
    { UPP_EVENT,   "escalation", &uppsikt__rung_empty__descriptor,          finding_rung_empty,    NULL },
    { UPP_ANSWER,  "publish",    &uppsikt__register_written__descriptor,    publication_written,   NULL },
};
// clang-format on

/* There is nothing to make of the configuration. */
static void *registry_open(const void *config, void (*say)(const char *line))
{
    (void)say;
    upp_json_or_end();
    return upp_lend(config);
}

static const char *const upgrades[] = { upp_registry_upgrade_2_sql, upp_registry_upgrade_3_sql,
                                        NULL };

const upp_service upp_registry_service = {
    .name = "registry",
    .schema = upp_registry_schema_sql,
    .upgrades = upgrades,
    .config_size = sizeof(registry_config),
    .options = options,
    .n_options = UPP_LEN(options),
    .routes = routes,
    .n_routes = UPP_LEN(routes),
    .outside = outside,
    .n_outside = UPP_LEN(outside),
    .gauges = gauges,
    .n_gauges = UPP_LEN(gauges),
    .open = registry_open,
    .on_start = on_start,
    .on_alarm = on_alarm,
    .on_forget = on_forget,
};
