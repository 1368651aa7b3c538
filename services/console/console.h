/* console.h - what crosses the handler files of this service. */
#pragma once
#include "upp/service.h"
#include "uppsikt/console.pb-c.h"

typedef struct console_config {
    const char *listen, *public_url, *language, *statement_by, *statement_contact, *processing_note;
    const char *oidc_issuer, *oidc_client_id, *oidc_client_secret, *oidc_scopes, *oidc_claim;
    int64_t port, upload_max;
    bool behind_proxy;
    upp_ms idle_span, session_span;
    upp_bytes zone;
} console_config;

enum { CONSOLE_ID = 80, CONSOLE_ROLES = 200 };

/* -- hear_register.c, hear_item.c, hear_matter.c, hear_evidence.c: rows only -- */
upp_handle console_on_unit, console_on_person, console_on_person_left, console_on_account,
    console_on_access, console_on_access_off, console_on_plan_row, console_on_finding,
    console_on_finding_off, console_on_reviewed;
upp_handle console_on_received, console_on_edited, console_on_gone, console_on_hidden,
    console_on_reply, console_on_own_post, console_on_done, console_on_refused, console_on_manual,
    console_on_health, console_on_classified, console_on_opinion;
upp_handle console_on_opened, console_on_due, console_on_step, console_on_breached, console_on_met,
    console_on_withdrawn, console_on_decision, console_on_approval, console_on_claimed,
    console_on_acked, console_on_noted, console_on_diary_sent, console_on_diary_failed,
    console_on_diary_number, console_on_handed, console_on_hand_ended, console_on_draft,
    console_on_released, console_on_snoozed, console_on_failed, console_on_answer_proposed,
    console_on_reviewed_decision, console_on_watched, console_on_proposal, console_on_appeal,
    console_on_appeal_decided;
upp_handle console_on_sealed, console_on_seal_failed, console_on_hold, console_on_hold_off,
    console_on_proposed, console_on_approved, console_on_disposed, console_on_package;

/* One line of an item's history. `note` may be NULL. */
int console_note(upp_txn *txn, const char *item, const char *matter, upp_ms at, const char *what,
                 const char *person, const char *detail, int64_t note_ref);

/* -- login.c -- */
upp_handle console_set_login, console_sign_in, console_keep, console_sign_out, console_login,
    console_visitor;
/* Her login and her sessions end; fine when there are none. */
int console_end_sessions(upp_txn *txn, const char *person, bool login_too);

/* -- login_directory.c -- */
upp_handle console_set_directory_name, console_sign_in_by_directory;
/* What the directory calls her is forgotten; fine when it was never said. */
int console_drop_directory_name(upp_txn *txn, const char *person);

/* -- read_*.c -- */
upp_handle console_desk, console_chosen, console_sheet, console_account_lines,
    console_disposal_lines, console_hold_lines, console_gate_lines, console_audit, console_greeting,
    console_find, console_listed, console_audit_accounts;

/* -- count_clocks.c: what came in, by clock, as escalation's report counts it (sla.md §8) -- */
enum { CLOCKS = 6 };
typedef struct clock_counts {
    Uppsikt__ReportRow row[CLOCKS], *list[CLOCKS]; /* list: those of `row` that are given */
    size_t n;
} clock_counts;
typedef struct clock_period {
    upp_ms from, to;
} clock_period;
/* Of one account (`account` must outlive the counts), or "" of all: then every clock is given, else
 * those on which something came in. */
int clocks_count(upp_txn *txn, const char *account, const clock_period *p,
                 clock_counts *ret_counts);

/* One matter as a list shows it. All texts are the desk_shown's. */
typedef struct desk_shown {
    Uppsikt__DeskRow row;
    Uppsikt__MatterOpened opened;
    Uppsikt__Finding findings[16];
    Uppsikt__Finding *list[16];
    Uppsikt__DeskRowContent content;
    int state, how; /* 0 open, 1 met, 2 withdrawn; MetHow or WithdrawnHow */
    upp_ms ended_ms;
    char matter[CONSOLE_ID], item[CONSOLE_ID], account[CONSOLE_ID], owner[CONSOLE_ID];
    char errand[64], handed_to[CONSOLE_ID], handed_by[CONSOLE_ID], platform[32],
        approval[CONSOLE_ID], asked_by[CONSOLE_ID], reason[CONSOLE_ID];
    char way[16], proposed_reason[CONSOLE_ID];
    char owner_name[200], asked_name[200], handed_name[200], account_name[200];
    ProtobufCMessage *what; /* CommentReceivedContent of the newest version */
} desk_shown;
/* 1: no such matter. */
int desk_fill(upp_txn *txn, const char *matter, desk_shown *ret_shown);
/* As a list shows it: the beginning of a long text; of a message, which is shown on its own page
 * alone, where the look is noted (R29), nothing. `start` is used as long as the row. */
enum { DESK_TEXT = 4008 };
void desk_cover(desk_shown *s, char start[DESK_TEXT]);
void desk_done(desk_shown *shown);

/* A person's "first last", "" when it is forgotten or nobody. */
int console_name(upp_txn *txn, const char *person, char *ret_name, size_t size);
/* An account's name, its id when it is not known. */
int console_account_name(upp_txn *txn, const char *account, char *ret_name, size_t size);

/* -- holding.c: what is held of one person (R29) -- */
upp_handle console_held;
