/* archive.c - twice a year each account is captured and packed for the archive (R26, R27). */
#include "archive.h"
#include "json_memory.h"
#include "uppsikt/comment.pb-c.h"
#include "uppsikt/evidence.pb-c.h"
#include "uppsikt/held.pb-c.h"
#include <stdlib.h>
#include <string.h>

extern const char upp_archive_schema_sql[], upp_archive_upgrade_2_sql[],
    upp_archive_upgrade_3_sql[];
extern const upp_service upp_archive_service;

#define AT(member) offsetof(archive_config, member)

static const upp_option options[] = {
    CAPTURE_OPTIONS,
    { "folder", UPP_OPT_TEXT, AT(folder), "",
      "Folder of runs and packages, below the data folder; empty: nothing is archived." },
    { "schemas", UPP_OPT_TEXT, AT(schemas), "",
      "Folder of the XSD files that packages carry and are held against; empty: neither." },
    { "agreement", UPP_OPT_TEXT, AT(agreement), "dokumenthanteringsplan",
      "The submission agreement that METS names: the document-management plan." },
    { "package_kind", UPP_OPT_TEXT, AT(package_kind), "arkivpaket",
      "The kind of document, in the retention rows, that a package is." },
    { "zone", UPP_OPT_FILE, AT(zone), "/usr/share/zoneinfo/Europe/Stockholm",
      "TZif file of the time zone that windows and days are in." },
    { "spread", UPP_OPT_SPAN, AT(spread_span), "10min",
      "How long between the starts of two runs of a campaign." },
    { "asked_due", UPP_OPT_SPAN, AT(asked_span), "14d",
      "How long a run that somebody asked for may take until people are told." },
    { "closing_due", UPP_OPT_SPAN, AT(closing_span), "14d",
      "The same for the run of an account that is closing." },
    { "page_timeout", UPP_OPT_SPAN, AT(page_span), "5min",
      "How long the browser may take for one account's page." },
    { "hand_in_max", UPP_OPT_COUNT, AT(hand_in_bytes), "2147483648",
      "The largest file that may be handed in, in bytes." },
};

static void *archive_open(const void *config, void (*say)(const char *line))
{
    archive *self = calloc(1, sizeof *self);
    const char *why = NULL;
    upp_check(self);
    upp_json_or_end();
    self->config = config;
    if (self->config->zone.at && zone_parse(self->config->zone, &self->zone, &why) < 0) {
        say(why);
        free(self);
        return NULL;
    }
    return self;
}

static void archive_close(void *self)
{
    archive *me = self;
    if (!me)
        return;
    zone_free(me->zone);
    free(me);
}

static int on_start(upp_txn *txn, const void *self)
{
    return heard_policy_alarm(txn, self);
}

static int on_alarm(upp_txn *txn, const void *self, const char *key)
{
    if (strcmp(key, "campaign") == 0)
        return campaign_alarm(txn, self);
    if (strcmp(key, "policy") == 0)
        return heard_policy_alarm(txn, self);
    if (strncmp(key, "start/", 6) == 0)
        return run_start(txn, self, key + 6);
    if (strncmp(key, "due/", 4) == 0)
        return run_due(txn, key + 4);
    if (strncmp(key, "hand/", 5) == 0)
        return hand_in_alarm(txn, self, key + 5);
    if (strncmp(key, "gone/", 5) == 0)
        return removal_alarm(txn, self, key);
    return upp_fail(txn, UPP_E_BUG, "an alarm of no kind: %s", key);
}

/* A request that was under way is gone with the subject: its run begins anew. */
static int restart_about(upp_txn *txn, const char *subject)
{
    UPP_ROWS row = upp_query(
        txn,
        "SELECT run FROM run WHERE (account = ?1 AND state IN (?2, ?3, ?4)) OR (state = ?4"
        " AND EXISTS (SELECT 1 FROM person WHERE person = ?1))",
        BIND(V(subject), V(RUN_CAPTURING), V(RUN_COLLECTING), V(RUN_PACKING)));
    while (upp_next(&row))
        UPP_TRY(run_restart(txn, upp_col_text(&row, 0)));
    return row.rc;
}

static int on_forget(upp_txn *txn, const void *self, const char *subject)
{
    UPP_TRY(written_forget(txn, self, subject));
    UPP_TRY(packing_forget(txn, self, subject));
    UPP_TRY(restart_about(txn, subject));
    UPP_TRY(upp_exec(txn, "UPDATE person SET who_ref = 0 WHERE person = ?1", BIND(V(subject))));
    UPP_TRY(upp_exec(txn, "UPDATE account SET facts_ref = 0 WHERE account = ?1", BIND(V(subject))));
    UPP_TRY(upp_exec(txn, "UPDATE run SET capture_ref = 0 WHERE account = ?1", BIND(V(subject))));
    return upp_exec(txn,
                    "UPDATE hand_in SET file_ref = 0, file_commitment = ''"
                    " WHERE account = ?1 OR person = ?1",
                    BIND(V(subject)));
}

/* The browser may be down for a while; a disk that is full is somebody's to mend. */
static const upp_ms browser_retries[] = { UPP_MINUTE, 10 * UPP_MINUTE, UPP_HOUR };
static const upp_ms disk_retries[] = { 5 * UPP_SECOND, UPP_MINUTE, 10 * UPP_MINUTE };
static const upp_outside outside[] = {
    { "capture", &uppsikt__capture_page__descriptor, &uppsikt__page_captured__descriptor,
      browser_retries, UPP_LEN(browser_retries), 2 * UPP_DAY },
    { "intake", &uppsikt__store_part__descriptor, &uppsikt__part_stored__descriptor, disk_retries,
      UPP_LEN(disk_retries), 7 * UPP_DAY },
    { "package", &uppsikt__build_package__descriptor, &uppsikt__package_built__descriptor,
      disk_retries, UPP_LEN(disk_retries), 7 * UPP_DAY },
};

static const upp_gauge gauges[] = {
    { "uppsikt_archive_runs", "Runs by state (see archive.h).", "state",
      "SELECT state, count(*) FROM run GROUP BY state" },
    { "uppsikt_archive_late", "Runs that are not sealed and whose time is over.", NULL,
      "SELECT count(*) FROM run WHERE state <> 5 AND due_ms < at_ms" },
    { "uppsikt_archive_packages", "Packages that are kept.", NULL,
      "SELECT count(*) FROM package WHERE gone = 0" },
    { "uppsikt_archive_package_bytes", "Bytes of the packages that are kept.", NULL,
      "SELECT coalesce(sum(bytes), 0) FROM package WHERE gone = 0" },
};

#define CONTENT(type) &uppsikt__##type##_content__descriptor
// clang-format off
static const upp_route routes[] = {
    { UPP_COMMAND, NULL,       &uppsikt__archive_account__descriptor,       run_ask,                 NULL },
    { UPP_COMMAND, NULL,       &uppsikt__hand_in__descriptor,               hand_in_begin,           NULL },
    { UPP_COMMAND, NULL,       &uppsikt__hand_in_part__descriptor,          hand_in_part,            NULL },
    { UPP_COMMAND, NULL,       &uppsikt__hand_in_done__descriptor,          hand_in_done,            NULL },
    { UPP_COMMAND, NULL,       &uppsikt__open_package__descriptor,          packing_open,            NULL },
    { UPP_QUERY,   NULL,       &uppsikt__archive_runs__descriptor,          run_list,               NULL },
    { UPP_QUERY,   NULL,       &uppsikt__hand_ins__descriptor,              hand_in_query,           NULL },
    { UPP_QUERY,   NULL,         &uppsikt__held__descriptor,                 archive_held, NULL },
    { UPP_EVENT,   "registry", &uppsikt__authority_registered__descriptor,  heard_authority,      NULL },
    { UPP_EVENT,   "registry", &uppsikt__unit_registered__descriptor,       heard_unit,           NULL },
    { UPP_EVENT,   "registry", &uppsikt__person_registered__descriptor,     heard_person,         CONTENT(person_registered) },
    { UPP_EVENT,   "registry", &uppsikt__person_left__descriptor,           heard_person_left,    NULL },
    { UPP_EVENT,   "registry", &uppsikt__account_changed__descriptor,       heard_account,        CONTENT(account_changed) },
    { UPP_EVENT,   "registry", &uppsikt__access_granted__descriptor,        heard_access,         NULL },
    { UPP_EVENT,   "registry", &uppsikt__access_revoked__descriptor,        heard_access_revoked, NULL },
    { UPP_EVENT,   "registry", &uppsikt__policy_adopted__descriptor,        heard_policy,         NULL },
    { UPP_EVENT,   "registry", &uppsikt__retention_row_adopted__descriptor, heard_row,            NULL },
    { UPP_EVENT,   "registry", &uppsikt__account_reviewed__descriptor,      heard_review,         NULL },
    { UPP_EVENT,   "evidence", &uppsikt__hold_placed__descriptor,           heard_hold,           NULL },
    { UPP_EVENT,   "evidence", &uppsikt__hold_released__descriptor,         heard_hold_released,  NULL },
    { UPP_EVENT,   "ingest",   &uppsikt__comment_received__descriptor,      written_received,           CONTENT(comment_received) },
    { UPP_EVENT,   "ingest",   &uppsikt__comment_edited__descriptor,        written_edited,             CONTENT(comment_edited) },
    { UPP_EVENT,   "ingest",   &uppsikt__comment_gone__descriptor,          written_gone,               NULL },
    { UPP_EVENT,   "ingest",   &uppsikt__reply_seen__descriptor,            written_reply,              CONTENT(reply_seen) },
    { UPP_EVENT,   "ingest",   &uppsikt__own_post_seen__descriptor,         written_own_post,           CONTENT(own_post_seen) },
    { UPP_ANSWER,  "capture",  &uppsikt__page_captured__descriptor,         run_captured,            NULL },
    { UPP_ANSWER,  "intake",   &uppsikt__part_stored__descriptor,           collect_stored,          NULL },
    { UPP_ANSWER,  "package",  &uppsikt__package_built__descriptor,         packing_built,           NULL },
};
// clang-format on

static const char *const upgrades[] = { upp_archive_upgrade_2_sql, upp_archive_upgrade_3_sql,
                                        NULL };

const upp_service upp_archive_service = {
    .name = "archive",
    .schema = upp_archive_schema_sql,
    .upgrades = upgrades,
    .config_size = sizeof(archive_config),
    .options = options,
    .n_options = UPP_LEN(options),
    .routes = routes,
    .n_routes = UPP_LEN(routes),
    .outside = outside,
    .n_outside = UPP_LEN(outside),
    .gauges = gauges,
    .n_gauges = UPP_LEN(gauges),
    .open = archive_open,
    .close = archive_close,
    .on_start = on_start,
    .on_alarm = on_alarm,
    .on_forget = on_forget,
};
