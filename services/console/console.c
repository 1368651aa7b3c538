/* console - the web application: people read a projection of what the owners say, and act through
 * commands to the owners (R11, R12, R14, R17, R20-R25, R28-R30, R32). */
#include "console.h"
#include "uppsikt/archive.pb-c.h"
#include "uppsikt/held.pb-c.h"
#include "uppsikt/ingest.pb-c.h"
#include "uppsikt/registry.pb-c.h"

extern const char upp_console_schema_sql[];
extern const char upp_console_upgrade_2_sql[], upp_console_upgrade_3_sql[],
    upp_console_upgrade_4_sql[], upp_console_upgrade_5_sql[], upp_console_upgrade_6_sql[];
extern const upp_service upp_console_service;

static const upp_option options[] = {
    { "port", UPP_OPT_COUNT, offsetof(console_config, port), "8080",
      "TCP port of the web pages; 0: any that is free (the log says which)." },
    { "web_listen", UPP_OPT_TEXT, offsetof(console_config, listen), "127.0.0.1",
      "Address of this machine where they are; a web server with TLS stands before it." },
    { "public_url", UPP_OPT_TEXT, offsetof(console_config, public_url), "",
      "Where people find it, as in https://uppsikt.kommunen.se; with https the cookie is Secure." },
    { "behind_proxy", UPP_OPT_FLAG, offsetof(console_config, behind_proxy), "no",
      "yes: the last address in X-Forwarded-For is who asks, since a proxy of ours wrote it." },
    { "language", UPP_OPT_TEXT, offsetof(console_config, language), "sv",
      "Language of the pages: sv or en." },
    { "statement_by", UPP_OPT_TEXT, offsetof(console_config, statement_by), "",
      "Whose pages these are, as the accessibility statement names it: Sjöberga kommun." },
    { "statement_contact", UPP_OPT_TEXT, offsetof(console_config, statement_contact), "",
      "Where lacks of accessibility are told; empty: the communications unit's mail." },
    { "processing_note", UPP_OPT_TEXT, offsetof(console_config, processing_note), "",
      "For the register of processing (GDPR art. 30): where it runs and by whom, transfers out of "
      "the EU, how the data protection officer is reached." },
    { "upload_max", UPP_OPT_COUNT, offsetof(console_config, upload_max), "104857600",
      "Bytes of a file that a page takes for the archive; longer ones: uppsikt archive hand-in."
      " Four at a time lie in the folder of data while they arrive." },
    { "idle", UPP_OPT_SPAN, offsetof(console_config, idle_span), "30min",
      "After how long without a click one must sign in again." },
    { "session", UPP_OPT_SPAN, offsetof(console_config, session_span), "10h",
      "How long a sign-in lasts at most." },
    { "zone", UPP_OPT_FILE, offsetof(console_config, zone), "/usr/share/zoneinfo/Europe/Stockholm",
      "TZif file of the time zone that pages show times in." },
    { "oidc_issuer", UPP_OPT_TEXT, offsetof(console_config, oidc_issuer), "",
      "The organisation's own directory (OpenID Connect): its issuer, exactly as it writes it; "
      "empty: off." },
    { "oidc_client_id", UPP_OPT_TEXT, offsetof(console_config, oidc_client_id), "",
      "What the console is called there; its redirect URI is public_url with "
      "/logga-in/katalog/svar." },
    { "oidc_client_secret", UPP_OPT_SECRET, offsetof(console_config, oidc_client_secret), "",
      "The console's secret there; empty: a client without one." },
    { "oidc_scopes", UPP_OPT_TEXT, offsetof(console_config, oidc_scopes), "openid",
      "Scopes to ask for, openid among them; more where the claim wants it: openid email." },
    { "oidc_claim", UPP_OPT_TEXT, offsetof(console_config, oidc_claim), "",
      "Claim of the ID token that names the person: preferred_username, email, sub ..." },
};

static int forget_person(upp_txn *txn, const char *subject)
{
    UPP_TRY(upp_exec(txn, "UPDATE person SET who_ref = 0 WHERE person = ?1", BIND(V(subject))));
    UPP_TRY(upp_exec(txn, "DELETE FROM session WHERE person = ?1", BIND(V(subject))));
    UPP_TRY(console_drop_directory_name(txn, subject));
    return upp_exec(txn, "DELETE FROM login WHERE person = ?1", BIND(V(subject)));
}

static int on_forget(upp_txn *txn, const void *self, const char *subject)
{
    (void)self;
    UPP_TRY(forget_person(txn, subject));
    UPP_TRY(upp_exec(txn, "UPDATE account SET name_ref = 0 WHERE account = ?1", BIND(V(subject))));
    UPP_TRY(upp_exec(txn, "UPDATE version SET what_ref = 0 WHERE item = ?1", BIND(V(subject))));
    UPP_TRY(upp_exec(txn, "UPDATE draft SET text_ref = 0 WHERE item = ?1 OR person = ?1",
                     BIND(V(subject))));
    UPP_TRY(upp_exec(txn, "UPDATE reply SET text_ref = 0 WHERE item = ?1 OR reply = ?1",
                     BIND(V(subject))));
    UPP_TRY(upp_exec(txn, "UPDATE judged SET reasons_ref = 0 WHERE item = ?1", BIND(V(subject))));
    return upp_exec(txn,
                    "UPDATE happening SET note_ref = 0 WHERE item = ?1"
                    " OR (person = ?1 AND what = 'log.mailed')",
                    BIND(V(subject)));
}

static const upp_gauge gauges[] = {
    { "uppsikt_console_sessions", "Sessions that have begun and not been ended.", NULL,
      "SELECT count(*) FROM session" },
    { "uppsikt_console_logins", "Persons who can sign in.", NULL, "SELECT count(*) FROM login" },
    { "uppsikt_console_directory_names", "Persons whom the directory can sign in.", NULL,
      "SELECT count(*) FROM directory_name" },
    { "uppsikt_console_throttled", "Names and addresses that failed to sign in lately.", NULL,
      "SELECT count(*) FROM failed_try" },
};

// clang-format off
static const upp_route routes[] = {
    { UPP_EVENT,   "registry",   &uppsikt__unit_registered__descriptor, console_on_unit, NULL },
    { UPP_EVENT,   "registry",   &uppsikt__person_registered__descriptor, console_on_person,
      &uppsikt__person_registered_content__descriptor },
    { UPP_EVENT,   "registry",   &uppsikt__person_left__descriptor, console_on_person_left, NULL },
    { UPP_EVENT,   "registry",   &uppsikt__account_changed__descriptor, console_on_account,
      &uppsikt__account_changed_content__descriptor },
    { UPP_EVENT,   "registry",   &uppsikt__access_granted__descriptor, console_on_access, NULL },
    { UPP_EVENT,   "registry",   &uppsikt__access_revoked__descriptor, console_on_access_off, NULL },
    { UPP_EVENT,   "registry",   &uppsikt__retention_row_adopted__descriptor, console_on_plan_row, NULL },
    { UPP_EVENT,   "registry",   &uppsikt__finding_raised__descriptor, console_on_finding, NULL },
    { UPP_EVENT,   "registry",   &uppsikt__finding_cleared__descriptor, console_on_finding_off, NULL },
    { UPP_EVENT,   "registry",   &uppsikt__account_reviewed__descriptor, console_on_reviewed, NULL },
    { UPP_EVENT,   "ingest",     &uppsikt__comment_received__descriptor, console_on_received,
      &uppsikt__comment_received_content__descriptor },
    { UPP_EVENT,   "ingest",     &uppsikt__comment_edited__descriptor, console_on_edited,
      &uppsikt__comment_edited_content__descriptor },
    { UPP_EVENT,   "ingest",     &uppsikt__comment_gone__descriptor, console_on_gone, NULL },
    { UPP_EVENT,   "ingest",     &uppsikt__comment_hidden_outside__descriptor, console_on_hidden, NULL },
    { UPP_EVENT,   "ingest",     &uppsikt__reply_seen__descriptor, console_on_reply,
      &uppsikt__reply_seen_content__descriptor },
    { UPP_EVENT,   "ingest",     &uppsikt__own_post_seen__descriptor, console_on_own_post,
      &uppsikt__own_post_seen_content__descriptor },
    { UPP_EVENT,   "ingest",     &uppsikt__action_done__descriptor, console_on_done, NULL },
    { UPP_EVENT,   "ingest",     &uppsikt__action_refused__descriptor, console_on_refused, NULL },
    { UPP_EVENT,   "ingest",     &uppsikt__action_manual_required__descriptor, console_on_manual, NULL },
    { UPP_EVENT,   "ingest",     &uppsikt__account_health_changed__descriptor, console_on_health, NULL },
    { UPP_EVENT,   "classify",   &uppsikt__comment_classified__descriptor, console_on_classified,
      &uppsikt__comment_classified_content__descriptor },
    { UPP_EVENT,   "classify",   &uppsikt__opinion_given__descriptor, console_on_opinion,
      &uppsikt__opinion_given_content__descriptor },
    { UPP_EVENT,   "escalation", &uppsikt__matter_opened__descriptor, console_on_opened, NULL },
    { UPP_EVENT,   "escalation", &uppsikt__due_recomputed__descriptor, console_on_due, NULL },
    { UPP_EVENT,   "escalation", &uppsikt__step_fired__descriptor, console_on_step, NULL },
    { UPP_EVENT,   "escalation", &uppsikt__matter_breached__descriptor, console_on_breached, NULL },
    { UPP_EVENT,   "escalation", &uppsikt__matter_met__descriptor, console_on_met, NULL },
    { UPP_EVENT,   "escalation", &uppsikt__matter_withdrawn__descriptor, console_on_withdrawn, NULL },
    { UPP_EVENT,   "escalation", &uppsikt__decision_made__descriptor, console_on_decision,
      &uppsikt__decision_made_content__descriptor },
    { UPP_EVENT,   "escalation", &uppsikt__approval_asked__descriptor, console_on_approval, NULL },
    { UPP_EVENT,   "escalation", &uppsikt__matter_claimed__descriptor, console_on_claimed, NULL },
    { UPP_EVENT,   "escalation", &uppsikt__matter_acked__descriptor, console_on_acked, NULL },
    { UPP_EVENT,   "escalation", &uppsikt__matter_noted__descriptor, console_on_noted,
      &uppsikt__matter_noted_content__descriptor },
    { UPP_EVENT,   "escalation", &uppsikt__diary_package_delivered__descriptor, console_on_diary_sent, NULL },
    { UPP_EVENT,   "escalation", &uppsikt__diary_package_failed__descriptor, console_on_diary_failed, NULL },
    { UPP_EVENT,   "escalation", &uppsikt__diary_number_given__descriptor, console_on_diary_number,
      &uppsikt__diary_number_given_content__descriptor },
    { UPP_EVENT,   "escalation", &uppsikt__matter_handed_over__descriptor, console_on_handed, NULL },
    { UPP_EVENT,   "escalation", &uppsikt__hand_over_ended__descriptor, console_on_hand_ended, NULL },
    { UPP_EVENT,   "escalation", &uppsikt__reply_drafted__descriptor, console_on_draft,
      &uppsikt__reply_drafted_content__descriptor },
    { UPP_EVENT,   "escalation", &uppsikt__matter_released__descriptor, console_on_released, NULL },
    { UPP_EVENT,   "escalation", &uppsikt__matter_snoozed__descriptor, console_on_snoozed, NULL },
    { UPP_EVENT,   "escalation", &uppsikt__matter_failed__descriptor, console_on_failed, NULL },
    { UPP_EVENT,   "escalation", &uppsikt__answer_proposed__descriptor, console_on_answer_proposed, NULL },
    { UPP_EVENT,   "escalation", &uppsikt__decision_proposed__descriptor, console_on_proposal, NULL },
    { UPP_EVENT,   "escalation", &uppsikt__account_watched__descriptor, console_on_watched, NULL },
    { UPP_EVENT,   "escalation", &uppsikt__appeal_lodged__descriptor, console_on_appeal,
      &uppsikt__appeal_lodged_content__descriptor },
    { UPP_EVENT,   "escalation", &uppsikt__appeal_decided__descriptor, console_on_appeal_decided,
      &uppsikt__appeal_decided_content__descriptor },
    { UPP_EVENT,   "escalation", &uppsikt__decision_reviewed__descriptor, console_on_reviewed_decision, NULL },
    { UPP_EVENT,   "evidence",   &uppsikt__evidence_sealed__descriptor, console_on_sealed, NULL },
    { UPP_EVENT,   "evidence",   &uppsikt__evidence_failed__descriptor, console_on_seal_failed, NULL },
    { UPP_EVENT,   "evidence",   &uppsikt__hold_placed__descriptor, console_on_hold, NULL },
    { UPP_EVENT,   "evidence",   &uppsikt__hold_released__descriptor, console_on_hold_off, NULL },
    { UPP_EVENT,   "evidence",   &uppsikt__disposal_proposed__descriptor, console_on_proposed, NULL },
    { UPP_EVENT,   "evidence",   &uppsikt__disposal_approved__descriptor, console_on_approved, NULL },
    { UPP_EVENT,   "evidence",   &uppsikt__content_disposed__descriptor, console_on_disposed, NULL },
    { UPP_EVENT,   "archive",    &uppsikt__package_sealed__descriptor, console_on_package, NULL },
    { UPP_COMMAND, NULL,         &uppsikt__set_login__descriptor, console_set_login, NULL },
    { UPP_COMMAND, NULL,         &uppsikt__sign_in__descriptor, console_sign_in, NULL },
    { UPP_COMMAND, NULL,         &uppsikt__set_directory_name__descriptor, console_set_directory_name, NULL },
    { UPP_COMMAND, NULL,         &uppsikt__sign_in_by_directory__descriptor, console_sign_in_by_directory, NULL },
    { UPP_COMMAND, NULL,         &uppsikt__keep_session__descriptor, console_keep, NULL },
    { UPP_COMMAND, NULL,         &uppsikt__sign_out__descriptor, console_sign_out, NULL },
    { UPP_QUERY,   NULL,         &uppsikt__login__descriptor, console_login, NULL },
    { UPP_QUERY,   NULL,         &uppsikt__visitor__descriptor, console_visitor, NULL },
    { UPP_QUERY,   NULL,         &uppsikt__desk__descriptor, console_desk, NULL },
    { UPP_QUERY,   NULL,         &uppsikt__chosen__descriptor, console_chosen, NULL },
    { UPP_QUERY,   NULL,         &uppsikt__sheet__descriptor, console_sheet, NULL },
    { UPP_QUERY,   NULL,         &uppsikt__account_lines__descriptor, console_account_lines, NULL },
    { UPP_QUERY,   NULL,         &uppsikt__disposal_lines__descriptor, console_disposal_lines, NULL },
    { UPP_QUERY,   NULL,         &uppsikt__listed__descriptor, console_listed, NULL },
    { UPP_QUERY,   NULL,         &uppsikt__hold_lines__descriptor, console_hold_lines, NULL },
    { UPP_QUERY,   NULL,         &uppsikt__gate_lines__descriptor, console_gate_lines, NULL },
    { UPP_QUERY,   NULL,         &uppsikt__find__descriptor, console_find, NULL },
    { UPP_QUERY,   NULL,         &uppsikt__audit__descriptor, console_audit, NULL },
    { UPP_QUERY,   NULL,         &uppsikt__audit_accounts__descriptor, console_audit_accounts, NULL },
    { UPP_QUERY,   NULL,         &uppsikt__greeting__descriptor, console_greeting, NULL },
    { UPP_QUERY,   NULL,         &uppsikt__held__descriptor,                 console_held, NULL },
};
// clang-format on

static const char *const upgrades[] = { upp_console_upgrade_2_sql, upp_console_upgrade_3_sql,
                                        upp_console_upgrade_4_sql, upp_console_upgrade_5_sql,
                                        upp_console_upgrade_6_sql, NULL };

const upp_service upp_console_service = {
    .name = "console",
    .schema = upp_console_schema_sql,
    .upgrades = upgrades,
    .config_size = sizeof(console_config),
    .options = options,
    .n_options = UPP_LEN(options),
    .routes = routes,
    .n_routes = UPP_LEN(routes),
    .gauges = gauges,
    .n_gauges = UPP_LEN(gauges),
    .on_forget = on_forget,
};
