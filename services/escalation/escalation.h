/* escalation.h - what crosses the files of this service. */
#pragma once
#include "errand.h"
#include "ladder.h"
#include "mailbox.h"
#include "resolve.h"
#include "upp/service.h"
#include "uppsikt/escalation.pb-c.h"
#include "uppsikt/registry.pb-c.h"

typedef struct escalation_config {
    post_config post; /* first: the ports of mail read it there */
    upp_bytes policy, zone;
    const char *operations_mail;
    const char *public_url;
    upp_ms link_life_span;
    const char *language;
} escalation_config;

/* The numbers of one policy, ready to count with. */
typedef struct numbers {
    char authority[48]; /* whose own they are; "": the body's */
    policy pol;
    const calendar *duty, *jour; /* of `pol`; jour NULL: nobody is on call */
    int64_t adopted, revision;   /* which adopted policy it is (adopted.c); 0: none */
} numbers;

/* What `open` made of it: the rules, ready to count with. */
typedef struct rules {
    const escalation_config *config;
    zone *tz;
    numbers *list; /* owned; the body's first, then each authority's own, by authority */
    size_t n;
} rules;

/* -- adopted.c: the policies in force (R02) -- */
/* What the program begins with: the file of the option, else the built-in numbers. UPP_E_INPUT:
 * *ret_wrong says what is wrong with it; UPP_E_BUSY: memory is out. */
int adopted_none(rules *r, policy_complaints *ret_wrong);
void adopted_done(rules *r);
/* Before each input: takes the policies that the store says are in force now. `self` is the
 * rules. */
int adopted_look(upp_txn *txn, void *self);
/* The body's: for what is no account's, and for the work of the whole service. */
const numbers *numbers_body(const rules *r);
/* An authority's own; one that has none, and "", goes by the body's. */
const numbers *numbers_by(const rules *r, const char *authority);
/* Those of the authority of the account's unit; of an account that the register has not told of,
 * and of none, the body's. */
int numbers_for(upp_txn *txn, const rules *r, const char *account, const numbers **ret_numbers);
/* A policy that this program cannot read is set aside, and the one before stays in force. */
int on_policy(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
/* A policy's day has come: what is open and goes by it is counted anew, and says so where its due
 * moves (T9). */
int adopted_alarm(upp_txn *txn, const rules *r, const char *about);
/* The account is under another authority now: its open matters go by that one's numbers. */
int adopted_moved(upp_txn *txn, const rules *r, const char *account);
int on_policy_in_force(upp_txn *txn, const void *self, const upp_input *in, const void *msg);

/* -- matter.c: a matter's row, its clock, its end -- */
enum matter_state { MATTER_OPEN, MATTER_MET, MATTER_WITHDRAWN };
enum { MATTER_ID = 64, MATTER_PERSON = 48, MATTER_PAUSES = 8 };

typedef struct matter {
    char id[MATTER_ID], item[48], account[48], owner[MATTER_PERSON];
    char authority[48]; /* the account's, as it is now: whose numbers count (numbers_of) */
    Uppsikt__MatterKind kind;
    uint32_t round, version, due_rev, next_step;
    enum matter_state state;
    upp_ms received_ms, seen_ms, due_ms, attended_ms, held_until;
    int64_t policy_version, calendar_version, acked_to;
    Uppsikt__Duty duty;
    bool akut, records, late, breached, danger;
    enum errand errand;
    char about[48], unit[48]; /* of an errand: what about; whose, when it is no account's */
    char detail[32];          /* a finding's kind; why a capture */
    upp_ms given_ms;          /* of an errand: its day */
    char root[48];            /* of a question: the conversation's first item */
    bool answer;              /* the answer clock, after an interim reply (§3.4) */
    calendar_stretch pauses[MATTER_PAUSES];
    size_t n_pauses;
    upp_ms snoozed_ms;
    char handed_to[MATTER_PERSON], handed_from[MATTER_PERSON]; /* "": not handed over (E24) */
    upp_ms accept_ms;
    bool asked;
    uint32_t handovers;
    upp_ms first_ms; /* decided anew: when it was met first, which is what counts; 0: it was not */
} matter;

/* The numbers that count for a matter that was read, or is being opened. */
const numbers *numbers_of(const rules *r, const matter *m);
/* "open", "met", "withdrawn" */
const char *matter_state_name(enum matter_state state);
/* 1: no such matter. */
int matter_read(upp_txn *txn, const char *id, matter *ret_matter);
/* "<item>.<letter><round>" */
void matter_name(const char *item, Uppsikt__MatterKind kind, uint32_t round, char ret[MATTER_ID]);
/* Opens it and says so. If it is open it only gets worse (akut, duty), perhaps with a new due; one
 * that was withdrawn because it was not asked for opens again, where it stood; others stay
 * closed. */
int matter_open(upp_txn *txn, const rules *r, const matter *wanted);
/* What is met is decided anew (R25): it is open until that is done. Received time, due and what was
 * met or late first stay what they were (R20); the ladder goes on with the steps to come. */
int matter_open_anew(upp_txn *txn, const rules *r, const matter *was);
/* Met or withdrawn; fine when it is not open. Waiting notices about it are cancelled when due. */
int matter_meet(upp_txn *txn, const char *id, Uppsikt__MetHow how, upp_ms at);
/* The law wants it gone: a hide alone does not meet it (sla.md §3.3). */
bool matter_is_bound(const matter *m);
int matter_withdraw(upp_txn *txn, const char *id, Uppsikt__WithdrawnHow how, upp_ms at);
/* The clock's input and result for this row. CALENDAR_NONE: there is no such time. */
int matter_times(const rules *r, const matter *m, clock_input *ret_in, clock_times *ret_times);
/* Sets the alarms that follow from the row: its next step, and its breach. What should have been
 * delivered long ago is delivered in the next duty. */
int matter_rearm(upp_txn *txn, const rules *r, const matter *m);
/* Counts the open matters anew that were counted with other numbers (T9). */
int matter_recount(upp_txn *txn, const rules *r);
/* The first open matter after *m by id that was counted with other numbers. 1: none. */
int matter_next_miscounted(upp_txn *txn, const rules *r, matter *m);
/* Every matter of an item that is open, by kind; `each` may change it. */
typedef int matter_each(upp_txn *txn, const matter *m, void *ctx);
int matter_each_open(upp_txn *txn, const char *item, matter_each *each, void *ctx);
/* The same for what is open about a finding, an account, a decision. */
int matter_each_about(upp_txn *txn, const char *about, matter_each *each, void *ctx);
/* The same for an account's errands that are about no comment. */
int matter_each_account(upp_txn *txn, const char *account, matter_each *each, void *ctx);
/* The same for whoever owns it, or is asked to. */
int matter_each_owned(upp_txn *txn, const char *person, matter_each *each, void *ctx);
/* What its events are about: the item, or else what the errand is about. */
const char *matter_subject(const matter *m);
/* Opens an errand; when one of that kind about the same is open already (or was, if it comes but
 * once), nothing. Needs: errand, about, account or unit, received_ms; the rest is made here. */
int errand_open(upp_txn *txn, const rules *r, const matter *wanted);
/* Ends the errands of that kind about it that are open. */
int errand_end(upp_txn *txn, enum errand errand, const char *about, Uppsikt__MetHow how, upp_ms at);
/* The answer clock stands still in these; a due that moves is said. */
int matter_pause(upp_txn *txn, const rules *r, const char *id, const calendar_stretch *pauses,
                 size_t n);

/* -- hear.c: what is heard of items -- */
int on_received(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int on_edited(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int on_gone(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int on_hidden_outside(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int on_reply(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int on_own_post(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int on_classified(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int on_action_done(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
/* -- hear_world.c: what is heard of the work around them -- */
int on_action_refused(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int on_action_manual(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int on_evidence_failed(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int on_evidence_sealed(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int on_account_health(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int on_gap(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int on_finding(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int on_finding_cleared(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int on_capture_asked(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int on_package_sealed(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int on_clock_jumped(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
/* -- intake.c -- */
/* Which matters the item's rows ask for; opens and closes them. The same whoever was heard
 * first. */
int intake_reconsider(upp_txn *txn, const rules *r, const char *item);

/* -- question.c: conversations -- */
/* Opens and ends the clocks of the conversation's rounds, as its rows ask for. */
int question_reconsider(upp_txn *txn, const rules *r, const char *root);
/* The same for those who say the same as `item`, and for those in a thread. */
int question_reconsider_alike(upp_txn *txn, const rules *r, const char *item);
int question_reconsider_thread(upp_txn *txn, const rules *r, const char *thread, const char *item);
/* Does a text of this item's ask something? */
int question_asks(upp_txn *txn, const char *root, const char *item, bool *ret_asks);
/* The citizen has not written again. */
int question_alarm(upp_txn *txn, const rules *r, const char *id);

/* -- register.c: what is heard of the register; who receives -- */
int on_plan_row(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
/* Refuses unless `plan_row` is adopted, in force, of the account's authority or of all, and lets
 * what it is about be disposed of; "" is fine: nothing is cited. */
int register_need_row(upp_txn *txn, const char *plan_row, const char *account);
/* The authority of the account's unit; "" when it has none, or the register has not told of it. */
int register_whose(upp_txn *txn, const char *account, char ret_authority[48]);
int on_unit(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int on_person(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int on_person_left(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int on_absence(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int on_absence_off(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int on_account(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int on_access(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int on_access_off(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
/* May this person act on the account's matters (or, without an account, the unit's): has access,
 * answers for its unit, or belongs to the communications unit; where it is the registrars', is one
 * of them? 1: no. */
int register_may_act(upp_txn *txn, const char *person, const char *account, const char *unit,
                     bool registrars);

/* -- roster.c: the people around one account, as resolve.h wants them -- */
enum { ROSTER = 48 };
typedef struct roster {
    char ids[ROSTER][48]; /* person, unit:<id>, operations */
    resolve_person persons[ROSTER];
    size_t n;
    size_t rung_list[POLICY_RUNGS][ROSTER];
    resolve_absence *absences[ROSTER]; /* owned */
    size_t *substitutes[ROSTER][16];   /* owned */
    resolve_question question;
} roster;
/* The people around a matter. */
int roster_read(upp_txn *txn, const rules *r, const matter *m, roster *ret_roster);
void roster_done(roster *ro);
/* Is this person away at that time, or has left? 1: yes. */
int roster_away(upp_txn *txn, const char *person, upp_ms at);
/* Does this person stand in, today, for somebody of the matter's who is away (R15)? 1: no. */
int roster_stands_in(upp_txn *txn, const rules *r, const char *person, const matter *m);

/* -- step.c: the ladder's alarms -- */
typedef struct step_plan {
    ladder_step steps[LADDER_STEPS_MAX];
    size_t n;
} step_plan;
/* False: it has no ladder (only to be seen, closed, paused). */
bool step_plan_of(const rules *r, const matter *m, step_plan *ret_plan);
/* When the first of the steps that have not been taken is to be delivered; -1: none is left. */
upp_ms step_next(const rules *r, const matter *m, upp_ms now);
/* The first step whose own time has not come by `now`, for a matter that opens again. */
unsigned step_after(const rules *r, const matter *m, upp_ms now);
/* What a person may hear that is no step of a ladder. */
enum notice_kind {
    NOTICE_STEP,     /* a step, by its number */
    NOTICE_FAILED,   /* the platform cannot (§3.3) */
    NOTICE_LOCKED,   /* the platform has shut the account (E28) */
    NOTICE_OFFERED,  /* it is handed over to you (E24) */
    NOTICE_RETURNED, /* your officer gave it back, or was silent */
    NOTICE_RELEASED, /* its owner is away: you stand in (V6) */
    NOTICE_BACK,     /* you are back: this was yours (V6) */
    NOTICE_DRAFT,    /* your officer has written a draft (E24) */
    NOTICE_MONDAY    /* one present on a day to come (V8) */
};
/* Its number beside those of the steps; it comes again at each hand-over. */
uint32_t notice_number(enum notice_kind kind, const matter *m);
enum notice_kind notice_kind_of(uint32_t number);
/* Tells those rungs of it now (in their duty). */
int step_tell(upp_txn *txn, const rules *r, const matter *m, enum notice_kind kind, unsigned to);
/* Asks again who is to hear of that step, and tells those who have not heard of it. */
int step_tell_again(upp_txn *txn, const rules *r, const char *matter, uint32_t number);
int step_alarm(upp_txn *txn, const rules *r, const char *matter);
int breach_alarm(upp_txn *txn, const rules *r, const char *matter);

/* -- notice.c: mails -- */
/* Where a person, a unit's mailbox or operations are reached; "": nowhere. */
int notice_address(upp_txn *txn, const rules *r, const char *person, char *ret_mail, size_t size);
/* What the mail server took came back (a bounce, 5xx): whoever comes next is told at once, and she
 * is passed by until the register knows a new address (sla.md §7). Said once a notice. */
int notice_bounced(upp_txn *txn, const rules *r, const char *notice, uint32_t reply);
/* Notes that this person is to hear of this step from `at` on; the mail leaves when enough has been
 * collected. */
int notice_add(upp_txn *txn, const rules *r, const matter *m, uint32_t number, const char *person,
               upp_ms at);
int notice_alarm(upp_txn *txn, const rules *r, const char *person);
int on_mail(upp_txn *txn, const void *self, const upp_input *in, const void *msg);

/* -- heard_mail.c: what comes back by mail -- */
/* Looks at the mailbox from now on, when there is one. */
int heard_mail_start(upp_txn *txn, const rules *r);
int heard_mail_alarm(upp_txn *txn, const rules *r, const char *about);
int on_mailbox(upp_txn *txn, const void *self, const upp_input *in, const void *msg);

/* -- decision.c: what people do -- */
typedef struct decision {
    const matter *m;
    uint32_t version;
    Uppsikt__ItemAction action;
    const char *reason, *plan_row, *law, *note, *by, *second; /* "" when there is none */
    bool alone; /* by one person where two are the rule, or the law's: to be reviewed */
} decision;
/* Says it and does what follows for the matters of the item. */
int decision_make(upp_txn *txn, const rules *r, const decision *d, char ret_id[UPP_ID]);
/* How it stands there, and what was decided about it last. */
typedef struct standing {
    bool hidden, gone;
    Uppsikt__ItemAction decided; /* unspecified: nothing */
    Uppsikt__Duty duty;          /* the worst that was found in it */
} standing;
int decision_standing(upp_txn *txn, const char *item, standing *ret_standing);
bool decision_removes(Uppsikt__ItemAction action);
/* The item's newest version; 0: none was heard of. */
int decision_newest(upp_txn *txn, const char *item, uint32_t *ret_version);
int on_decide(upp_txn *txn, const void *self, const upp_input *in, const void *msg);

/* -- approval.c: what takes two persons -- */
/* Asks for a second person to delete; refused when one is asked already. */
int approval_ask(upp_txn *txn, const rules *r, const decision *d, char ret_approval[UPP_ID]);
/* What waits for a second person about the item does not any more: it may stay there. */
int approval_drop(upp_txn *txn, const char *item);
int on_approve(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int approval_alarm(upp_txn *txn, const rules *r, const char *approval);

/* -- review.c: what is looked through afterwards (P1, P3, P5) -- */
int review_open(upp_txn *txn, const rules *r, const decision *d, const char *id);
/* The first working day of a month: some of the last month's hides on house rules. */
int review_sample(upp_txn *txn, const rules *r, civil_day today);
int on_review_decision(upp_txn *txn, const void *self, const upp_input *in, const void *msg);

/* -- appeal.c: somebody objects to what was decided (R25) -- */
int on_appeal(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int on_decide_appeal(upp_txn *txn, const void *self, const upp_input *in, const void *msg);

/* -- handover.c: ta över, fråga (E24) -- */
int on_hand_over(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int on_answer_hand_over(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int handover_alarm(upp_txn *txn, const rules *r, const char *id);
/* Its officer has gone, or it has ended. */
/* Fråga: her words, in her name, become a draft for whoever asked. */
int handover_draft(upp_txn *txn, const rules *r, const matter *m, const char *person,
                   const char *text);
int handover_release(upp_txn *txn, const rules *r, const matter *m);
/* Tells one person of it, in duty. */
int notice_tell(upp_txn *txn, const rules *r, const matter *m, enum notice_kind kind,
                const char *person);

/* -- away.c: who is away, from when, until when (V6, V7) -- */
int away_noted(upp_txn *txn, const rules *r, const char *absence);
int away_alarm(upp_txn *txn, const rules *r, const char *absence);
int back_alarm(upp_txn *txn, const rules *r, const char *absence);
/* What she has claimed is anybody's again. `account` "": on every account. */
int away_release(upp_txn *txn, const rules *r, const char *person, const char *account,
                 const char *why);

/* -- day.c: each day at seven (V8, R13) -- */
int day_start(upp_txn *txn, const rules *r);
int day_alarm(upp_txn *txn, const rules *r, const char *about);
/* An errand about the account on that day; one a day. */
matter day_errand(const upp_txn *txn, enum errand errand, const char *account, civil_day day);

/* -- spike.c: far more comments than usual (R13) -- */
/* Counts one that was received then, and raises the day's errand when they are too many. */
int spike_note(upp_txn *txn, const rules *r, const char *account, upp_ms received);
int spike_forget(upp_txn *txn); /* what is too old to be counted */

/* -- held.c: holds to be reviewed (R23) -- */
int on_hold_placed(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int on_hold_released(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int held_alarm(upp_txn *txn, const rules *r, const char *hold);

/* -- report.c -- */
int on_report(upp_txn *txn, const void *self, const upp_input *in, const void *msg);

/* -- diary.c: "diarieför" (R16) -- */
int diary_start(upp_txn *txn, const rules *r);
int diary_alarm(upp_txn *txn, const rules *r, const char *about);
int diary_late_alarm(upp_txn *txn, const rules *r, const char *package);
int diary_forget(upp_txn *txn, const char *subject);
/* How far the diary has come with what the matter is about: one row an errand. */
int diary_rows(upp_txn *txn, const matter *m);
int on_ask_diary(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int on_give_diary_number(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int on_diary_sent(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int on_numbers(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
/* -- diary_case.c -- */
/* Makes the errand's next package and asks the port to deliver it. */
int diary_send(upp_txn *txn, const rules *r, const matter *errand, unsigned number);
/* The package did not arrive, for good: those whose errand it is hear. */
int diary_failed(upp_txn *txn, const rules *r, const char *package, const char *why);

/* -- answer.c: "besvarad?", errands that are done, officers' drafts -- */
int on_confirm_answered(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int on_close_errand(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int on_reply_drafts(upp_txn *txn, const void *self, const upp_input *in, const void *msg);

int on_snooze(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int on_needs_no_answer(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int on_claim(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
/* She has seen it: reminders up to the rungs that were asked so far hold until *ret_until; 0:
 * nothing is held (sla.md §7). */
int attend_acknowledge(upp_txn *txn, const rules *r, const matter *m, const char *person,
                       upp_ms *ret_until);
int on_acknowledge(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int on_mark(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int on_mark_seen(upp_txn *txn, const void *self, const upp_input *in, const void *msg);

/* -- act.c: who acts -- */
typedef struct actor {
    char by[48];            /* a registered person */
    char matter[MATTER_ID]; /* on what */
} actor;
/* Who asks for it: whoever is signed in, else whom the link was sent to. Refused in words. */
int act_read(upp_txn *txn, const upp_input *in, const char *id, const char *token,
             actor *ret_actor);
/* The same, and the matter that she may act on, open or closed; refused in words otherwise. */
int act_any(upp_txn *txn, const rules *r, const upp_input *in, const char *id, const char *token,
            actor *ret_actor, matter *ret_matter);
/* The same, and it is open. */
int act_open(upp_txn *txn, const rules *r, const upp_input *in, const char *id, const char *token,
             actor *ret_actor, matter *ret_matter);
/* May this person act on it, as one of the account's or as a substitute? 1: no. */
int act_may(upp_txn *txn, const rules *r, const char *person, const matter *m);
/* A mailbox that people share: nobody acts in its name. */
bool act_mailbox(const char *person);
/* The outcome of a command: this matter was touched. */
int act_touched(upp_txn *txn, const char *id, upp_ms until);

/* -- list.c: what people see -- */
int on_open_matters(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int on_show_matter(upp_txn *txn, const void *self, const upp_input *in, const void *msg);

/* -- holding.c: what is held of one person (R29) -- */
upp_handle escalation_held;
