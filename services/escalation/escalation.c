/* escalation - what waits for a person, until when, who is told, and what was decided (R13-R17,
 * R20, R25). Keeps going when everything else is down. */
#include "link.h"
#include "uppsikt/archive.pb-c.h"
#include "uppsikt/evidence.pb-c.h"
#include "uppsikt/held.pb-c.h"
#include "uppsikt/ingest.pb-c.h"
#include "uppsikt/runtime.pb-c.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const char upp_escalation_schema_sql[];
extern const char upp_escalation_upgrade_2_sql[], upp_escalation_upgrade_3_sql[],
    upp_escalation_upgrade_4_sql[], upp_escalation_upgrade_5_sql[], upp_escalation_upgrade_6_sql[],
    upp_escalation_upgrade_7_sql[];
extern const upp_service upp_escalation_service;

static const upp_option options[] = {
    MAIL_OPTIONS,
    MAILBOX_OPTIONS,
    DIARY_OPTIONS,
    { "policy", UPP_OPT_FILE, offsetof(escalation_config, policy), "",
      "Policy file (YAML): calendars, targets, ladders, until a policy is adopted by a decision; "
      "empty: the numbers of the rules." },
    { "zone", UPP_OPT_FILE, offsetof(escalation_config, zone),
      "/usr/share/zoneinfo/Europe/Stockholm", "TZif file of the policy's time zone." },
    { "operations_mail", UPP_OPT_TEXT, offsetof(escalation_config, operations_mail), "",
      "Mailbox of operations: the last rung, when nobody else can be reached." },
    { "public_url", UPP_OPT_TEXT, offsetof(escalation_config, public_url), "",
      "Where people reach the console, as in https://uppsikt.kommunen.se: mails link to its page "
      "/l/<token>; empty: mails give a matter's id." },
    { "link_life", UPP_OPT_SPAN, offsetof(escalation_config, link_life_span), "14d",
      "How long a mail's link can be used." },
    { "language", UPP_OPT_TEXT, offsetof(escalation_config, language), "sv",
      "Language of the mails: sv or en." },
};

static void rules_close(void *self)
{
    rules *r = self;
    if (!r)
        return;
    adopted_done(r);
    zone_free(r->tz);
    free(r);
}

static bool read_policy(rules *r, void (*say)(const char *line))
{
    policy_complaints wrong = { 0 };
    if (adopted_none(r, &wrong) == 0)
        return true;
    for (size_t i = 0; i < wrong.n && i < POLICY_COMPLAINTS_MAX; i++) {
        char line[POLICY_COMPLAINT_SIZE + 16];
        snprintf(line, sizeof line, "policy:%s", wrong.text[i]);
        say(line);
    }
    return false;
}

static void *rules_open(const void *config, void (*say)(const char *line))
{
    const escalation_config *c = config;
    const char *why = "";
    rules *r = calloc(1, sizeof *r);
    upp_check(r);
    r->config = c;
    if (zone_parse(c->zone, &r->tz, &why) != 0) {
        char line[200];
        snprintf(line, sizeof line, "zone: %s; give a TZif file, as from the package tzdata", why);
        say(line);
        rules_close(r);
        return NULL;
    }
    if (!read_policy(r, say)) {
        rules_close(r);
        return NULL;
    }
    return r;
}

static int on_start(upp_txn *txn, const void *self)
{
    UPP_TRY(day_start(txn, self));
    UPP_TRY(heard_mail_start(txn, self));
    UPP_TRY(diary_start(txn, self));
    return matter_recount(txn, self);
}

static int on_alarm(upp_txn *txn, const void *self, const char *key)
{
    static const struct {
        const char *prefix;
        int (*ring)(upp_txn *txn, const rules *r, const char *about);
    } rows[] = {
        { "step/", step_alarm },          { "breach/", breach_alarm },
        { "mail/", notice_alarm },        { "approval/", approval_alarm },
        { "links/", link_alarm },         { "silent/", question_alarm },
        { "handed/", handover_alarm },    { "away/", away_alarm },
        { "back/", back_alarm },          { "day/", day_alarm },
        { "mailbox/", heard_mail_alarm }, { "held/", held_alarm },
        { "numbers/", diary_alarm },      { "package/", diary_late_alarm },
        { "policy/", adopted_alarm },
    };
    for (size_t i = 0; i < UPP_LEN(rows); i++)
        if (strncmp(key, rows[i].prefix, strlen(rows[i].prefix)) == 0)
            return rows[i].ring(txn, self, key + strlen(rows[i].prefix));
    return upp_fail(txn, UPP_E_BUG, "an alarm of no kind: %s", key);
}

static int on_forget(upp_txn *txn, const void *self, const char *subject)
{
    (void)self;
    UPP_TRY(upp_exec(txn, "UPDATE matter SET note_ref = 0 WHERE item = ?1", BIND(V(subject))));
    UPP_TRY(upp_exec(txn,
                     "UPDATE approval SET note_ref = 0 WHERE matter IN"
                     " (SELECT matter FROM matter WHERE item = ?1)",
                     BIND(V(subject))));
    UPP_TRY(upp_exec(txn, "UPDATE matter SET note_ref = 0 WHERE about = ?1", BIND(V(subject))));
    UPP_TRY(upp_exec(txn,
                     "UPDATE draft SET text_ref = 0 WHERE person = ?1 OR matter IN"
                     " (SELECT matter FROM matter WHERE item = ?1)",
                     BIND(V(subject))));
    UPP_TRY(diary_forget(txn, subject));
    UPP_TRY(upp_exec(txn, "UPDATE person SET contact_ref = 0 WHERE person = ?1", BIND(V(subject))));
    UPP_TRY(upp_exec(txn, "UPDATE account SET name_ref = 0 WHERE account = ?1", BIND(V(subject))));
    return upp_exec(txn, "DELETE FROM absence WHERE person = ?1 OR absence = ?1", BIND(V(subject)));
}

/* 1 min, 5 min, 15 min, 1 h, 3 h, then hourly to 48 h (reliability.md B6); the ladder does not
 * wait. */
static const upp_ms retries[] = { UPP_MINUTE, 5 * UPP_MINUTE, 15 * UPP_MINUTE,
                                  UPP_HOUR,   3 * UPP_HOUR,   UPP_HOUR };
/* A mailbox that cannot be read is tried on; a dead letter a day says so. */
static const upp_ms looks_again[] = { UPP_MINUTE, 5 * UPP_MINUTE };
static const upp_outside outside[] = {
    { "mail", &uppsikt__send_mail__descriptor, &uppsikt__mail_done__descriptor, retries,
      UPP_LEN(retries), 48 * UPP_HOUR },
    { "mailbox", &uppsikt__read_mailbox__descriptor, &uppsikt__mailbox_read__descriptor,
      looks_again, UPP_LEN(looks_again), UPP_DAY },
    { "diary", &uppsikt__send_diary__descriptor, &uppsikt__diary_sent__descriptor, retries,
      UPP_LEN(retries), 48 * UPP_HOUR },
    { "numbers", &uppsikt__read_numbers__descriptor, &uppsikt__numbers_read__descriptor,
      looks_again, UPP_LEN(looks_again), UPP_DAY },
};

static const upp_gauge gauges[] = {
    { "uppsikt_matters_open", "Matters that wait for somebody.", "kind",
      "SELECT CASE kind WHEN 1 THEN 'look' WHEN 2 THEN 'moderation' WHEN 3 THEN 'question'"
      " WHEN 4 THEN 'finding' WHEN 5 THEN 'see' ELSE 'other' END, count(*) FROM matter WHERE state "
      "= 0 GROUP BY kind" },
    { "uppsikt_matters_breached", "Open matters that are late.", NULL,
      "SELECT count(*) FROM matter WHERE state = 0 AND breached = 1" },
    { "uppsikt_diary_packages", "Packages for the diary by what became of them.", "state",
      "SELECT CASE WHEN state = 0 AND why <> '' THEN 'late' WHEN state = 0 THEN 'asked'"
      " WHEN state = 1 THEN 'delivered' ELSE 'failed' END, count(*) FROM diary GROUP BY 1" },
    { "uppsikt_questions_unanswered", "Open questions.", NULL,
      "SELECT count(*) FROM matter WHERE state = 0 AND kind = 3" },
    { "uppsikt_policy_version", "The adopted policy that the clocks run on; 0: none is adopted.",
      NULL, "SELECT coalesce(max(version), 0) FROM policy WHERE began = 1 AND authority = ''" },
    { "uppsikt_policy_own_version",
      "The adopted policy that the clocks of one authority run on, where it has its own.",
      "authority",
      "SELECT authority, version FROM (SELECT authority, max(version) AS version, own FROM policy"
      " WHERE began = 1 AND authority <> '' GROUP BY authority) WHERE own = 1" },
};

// clang-format off
static const upp_route routes[] = {
    { UPP_EVENT,   "registry", &uppsikt__unit_registered__descriptor,    on_unit,            NULL },
    { UPP_EVENT,   "registry", &uppsikt__retention_row_adopted__descriptor, on_plan_row,     NULL },
    { UPP_EVENT,   "registry", &uppsikt__policy_adopted__descriptor,     on_policy,          NULL },
    { UPP_EVENT,   "registry", &uppsikt__person_registered__descriptor,  on_person,
      &uppsikt__person_registered_content__descriptor },
    { UPP_EVENT,   "registry", &uppsikt__person_left__descriptor,        on_person_left,     NULL },
    { UPP_EVENT,   "registry", &uppsikt__absence_set__descriptor,        on_absence,
      &uppsikt__absence_set_content__descriptor },
    { UPP_EVENT,   "registry", &uppsikt__absence_cancelled__descriptor,  on_absence_off,     NULL },
    { UPP_EVENT,   "registry", &uppsikt__account_changed__descriptor,    on_account,
      &uppsikt__account_changed_content__descriptor },
    { UPP_EVENT,   "registry", &uppsikt__access_granted__descriptor,     on_access,          NULL },
    { UPP_EVENT,   "registry", &uppsikt__access_revoked__descriptor,     on_access_off,      NULL },
    { UPP_EVENT,   "ingest",   &uppsikt__comment_received__descriptor,   on_received,        NULL },
    { UPP_EVENT,   "ingest",   &uppsikt__comment_edited__descriptor,     on_edited,          NULL },
    { UPP_EVENT,   "ingest",   &uppsikt__comment_gone__descriptor,       on_gone,            NULL },
    { UPP_EVENT,   "ingest",   &uppsikt__comment_hidden_outside__descriptor, on_hidden_outside, NULL },
    { UPP_EVENT,   "ingest",   &uppsikt__reply_seen__descriptor,         on_reply,           NULL },
    { UPP_EVENT,   "ingest",   &uppsikt__own_post_seen__descriptor,      on_own_post,        NULL },
    { UPP_EVENT,   "ingest",   &uppsikt__action_done__descriptor,        on_action_done,     NULL },
    { UPP_EVENT,   "ingest",   &uppsikt__action_refused__descriptor,     on_action_refused,  NULL },
    { UPP_EVENT,   "ingest",   &uppsikt__action_manual_required__descriptor, on_action_manual, NULL },
    { UPP_EVENT,   "ingest",   &uppsikt__account_health_changed__descriptor, on_account_health, NULL },
    { UPP_EVENT,   "ingest",   &uppsikt__ingest_gap_found__descriptor,   on_gap,             NULL },
    { UPP_EVENT,   "ingest",   &uppsikt__clock_jumped__descriptor,       on_clock_jumped,    NULL },
    { UPP_EVENT,   "registry", &uppsikt__clock_jumped__descriptor,       on_clock_jumped,    NULL },
    { UPP_EVENT,   "registry", &uppsikt__finding_raised__descriptor,     on_finding,         NULL },
    { UPP_EVENT,   "registry", &uppsikt__finding_cleared__descriptor,    on_finding_cleared, NULL },
    { UPP_EVENT,   "evidence", &uppsikt__evidence_failed__descriptor,    on_evidence_failed, NULL },
    { UPP_EVENT,   "evidence", &uppsikt__evidence_sealed__descriptor,    on_evidence_sealed, NULL },
    { UPP_EVENT,   "evidence", &uppsikt__hold_placed__descriptor,        on_hold_placed,     NULL },
    { UPP_EVENT,   "evidence", &uppsikt__hold_released__descriptor,      on_hold_released,   NULL },
    { UPP_EVENT,   "archive",  &uppsikt__manual_capture_asked__descriptor, on_capture_asked, NULL },
    { UPP_EVENT,   "archive",  &uppsikt__package_sealed__descriptor,     on_package_sealed,  NULL },
    { UPP_EVENT,   "classify", &uppsikt__comment_classified__descriptor, on_classified,      NULL },
    { UPP_COMMAND, NULL,       &uppsikt__decide__descriptor,             on_decide,          NULL },
    { UPP_COMMAND, NULL,       &uppsikt__approve__descriptor,            on_approve,         NULL },
    { UPP_COMMAND, NULL,       &uppsikt__needs_no_answer__descriptor,    on_needs_no_answer, NULL },
    { UPP_COMMAND, NULL,       &uppsikt__claim__descriptor,              on_claim,           NULL },
    { UPP_COMMAND, NULL,       &uppsikt__acknowledge__descriptor,        on_acknowledge,     NULL },
    { UPP_COMMAND, NULL,       &uppsikt__mark__descriptor,               on_mark,            NULL },
    { UPP_COMMAND, NULL,       &uppsikt__mark_seen__descriptor,          on_mark_seen,       NULL },
    { UPP_COMMAND, NULL,       &uppsikt__snooze__descriptor,             on_snooze,          NULL },
    { UPP_COMMAND, NULL,       &uppsikt__hand_over__descriptor,          on_hand_over,       NULL },
    { UPP_COMMAND, NULL,       &uppsikt__answer_hand_over__descriptor,   on_answer_hand_over, NULL },
    { UPP_COMMAND, NULL,       &uppsikt__confirm_answered__descriptor,   on_confirm_answered, NULL },
    { UPP_COMMAND, NULL,       &uppsikt__close_errand__descriptor,       on_close_errand,    NULL },
    { UPP_COMMAND, NULL,       &uppsikt__review_decision__descriptor,    on_review_decision, NULL },
    { UPP_COMMAND, NULL,       &uppsikt__appeal__descriptor,             on_appeal,          NULL },
    { UPP_COMMAND, NULL,       &uppsikt__decide_appeal__descriptor,      on_decide_appeal,   NULL },
    { UPP_COMMAND, NULL,       &uppsikt__ask_diary__descriptor,          on_ask_diary,       NULL },
    { UPP_COMMAND, NULL,       &uppsikt__give_diary_number__descriptor,  on_give_diary_number, NULL },
    { UPP_QUERY,   NULL,       &uppsikt__policy_in_force__descriptor,    on_policy_in_force, NULL },
    { UPP_QUERY,   NULL,       &uppsikt__reply_drafts__descriptor,       on_reply_drafts,    NULL },
    { UPP_QUERY,   NULL,       &uppsikt__report__descriptor,             on_report,          NULL },
    { UPP_QUERY,   NULL,       &uppsikt__open_matters__descriptor,       on_open_matters,    NULL },
    { UPP_QUERY,   NULL,       &uppsikt__show_matter__descriptor,        on_show_matter,     NULL },
    { UPP_QUERY,   NULL,       &uppsikt__link_target__descriptor,        on_link_target,     NULL },
    { UPP_QUERY,   NULL,         &uppsikt__held__descriptor,                 escalation_held, NULL },
    { UPP_ANSWER,  "mail",     &uppsikt__mail_done__descriptor,          on_mail,            NULL },
    { UPP_ANSWER,  "mailbox",  &uppsikt__mailbox_read__descriptor,       on_mailbox,         NULL },
    { UPP_ANSWER,  "diary",    &uppsikt__diary_sent__descriptor,         on_diary_sent,      NULL },
    { UPP_ANSWER,  "numbers",  &uppsikt__numbers_read__descriptor,       on_numbers,         NULL },
};
// clang-format on

static const char *const upgrades[] = { upp_escalation_upgrade_2_sql,
                                        upp_escalation_upgrade_3_sql,
                                        upp_escalation_upgrade_4_sql,
                                        upp_escalation_upgrade_5_sql,
                                        upp_escalation_upgrade_6_sql,
                                        upp_escalation_upgrade_7_sql,
                                        NULL };

const upp_service upp_escalation_service = {
    .name = "escalation",
    .schema = upp_escalation_schema_sql,
    .upgrades = upgrades,
    .config_size = sizeof(escalation_config),
    .options = options,
    .n_options = UPP_LEN(options),
    .routes = routes,
    .n_routes = UPP_LEN(routes),
    .outside = outside,
    .n_outside = UPP_LEN(outside),
    .gauges = gauges,
    .n_gauges = UPP_LEN(gauges),
    .open = rules_open,
    .close = rules_close,
    .on_input = adopted_look,
    .on_start = on_start,
    .on_alarm = on_alarm,
    .on_forget = on_forget,
};
