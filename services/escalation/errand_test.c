/* errand_test.c - what must be done beside comments and questions: whose it is, how long it may
 * take, what ends it; two persons and one (R05, R08, R13, R16, R22, R25, R26; sla.md §3.3, §9, E28,
 * E29, P1-P5, T10). */
#include "desk_fixture.h"
#include "uppsikt/archive.pb-c.h"
#include "uppsikt/evidence.pb-c.h"
#include "uppsikt/ingest.pb-c.h"
#include "uppsikt/runtime.pb-c.h"
#include <stdio.h>
#include <string.h>

#define KEEP   UPPSIKT__ITEM_ACTION__ITEM_ACTION_KEEP
#define HIDE   UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE
#define DELETE UPPSIKT__ITEM_ACTION__ITEM_ACTION_DELETE

static void an_attack(desk *d, const char *item, const char *when)
{
    desk_judged(d, item, 1, DESK_ATTACK);
    desk_received(d, item, when);
}

static const char *review(desk *d, const char *by, const char *id)
{
    Uppsikt__ReviewDecision c = UPPSIKT__REVIEW_DECISION__INIT;
    c.matter = upp_lend(id);
    return desk_do(d, by, &c.base);
}

static const char *close_errand(desk *d, const char *by, const char *id)
{
    Uppsikt__CloseErrand c = UPPSIKT__CLOSE_ERRAND__INIT;
    c.matter = upp_lend(id);
    return desk_do(d, by, &c.base);
}

/* The id of the open errand with that letter. */
static const char *errand_of(desk *d, const char *letter)
{
    char sql[160];
    snprintf(sql, sizeof sql,
             "SELECT matter FROM matter WHERE errand > 0 AND state = 0 AND matter LIKE '%%.%s_'"
             " ORDER BY received_ms DESC",
             letter);
    const char *found = desk_text(d, sql);
    return found ? found : "(none)";
}

/* P1: what a law of the list lets one delete, the manager looks through within two working days; a
 * law that is not in the list is refused (law.md), and one that demands two asks for the second. */
static void p1_the_law_and_the_review(void **state)
{
    desk *d = *state;
    char id[MATTER_ID];
    desk_until(d, "2026-11-23T09:00:00+01:00");
    an_attack(d, "i1", "2026-11-23T09:00:00+01:00");
    assert_string_equal(desk_decide(d, "anna", "i1.m1", 1, DELETE, "lagen om allt"), "no-such-law");
    assert_string_equal(desk_decide(d, "anna", "i1.m1", 1, DELETE, "BBS 5 § 1 d"), "");
    assert_int_equal(desk_number(d, "SELECT count(*) FROM decision WHERE alone = 1"), 1);
    snprintf(id, sizeof id, "%s", errand_of(d, "r"));
    assert_in_range(desk_matter(d, id, "due_ms"), desk_at("2026-11-25T09:00:00+01:00"),
                    desk_at("2026-11-25T09:01:00+01:00"));
    desk_until(d, "2026-11-23T13:20:00+01:00"); /* the digest */
    assert_true(desk_mail_says(d, "chef@x.se", "granska", 0));
    assert_false(desk_mail_says(d, "bo@x.se", "granska", 0));
    assert_string_equal(review(d, "anna", id), "another-person-needed");
    assert_string_equal(close_errand(d, "chef", id), "not-done-by-hand");
    assert_string_equal(review(d, "chef", id), "");
    assert_int_equal(desk_said(d, "DecisionReviewed"), 1);
    assert_int_equal(desk_matter(d, id, "met_how"), UPPSIKT__MET_HOW__MET_HOW_REVIEWED);
    an_attack(d, "i2", "2026-11-23T13:00:00+01:00");
    assert_string_equal(desk_decide(d, "anna", "i2.m1", 1, DELETE, "GDPR"), "");
    assert_int_equal(desk_said(d, "ApprovalAsked"), 1);
    assert_string_equal(desk_text(d, "SELECT law FROM approval"), "GDPR");
}

/* P2, E29: the second is not the target; nobody answers: it stays hidden and the manager is
 * asked. */
static void p2_e29_the_second_person(void **state)
{
    desk *d = *state;
    Uppsikt__Mark mark = UPPSIKT__MARK__INIT;
    Uppsikt__Approve yes = UPPSIKT__APPROVE__INIT;
    char id[UPP_ID];
    desk_until(d, "2026-11-23T09:00:00+01:00");
    an_attack(d, "i1", "2026-11-23T09:00:00+01:00");
    mark.item = upp_lend("i1");
    mark.target = upp_lend("bo");
    assert_string_equal(desk_do(d, "anna", &mark.base), "");
    assert_string_equal(desk_decide(d, "bo", "i1.m1", 1, HIDE, ""), ""); /* hide she may */
    assert_string_equal(desk_decide(d, "anna", "i1.m1", 1, DELETE, ""), "");
    snprintf(id, sizeof id, "%s", desk_text(d, "SELECT approval FROM approval"));
    yes.approval = id;
    assert_string_equal(desk_do(d, "bo", &yes.base), "about-you");
    desk_removed(d, "i1", HIDE, "2026-11-23T09:30:00+01:00");
    desk_until(d, "2026-11-30T09:05:00+01:00");
    assert_string_equal(desk_do(d, "chef", &yes.base), "approval-ended");
    assert_string_not_equal(errand_of(d, "x"), "(none)");
    desk_until(d, "2026-11-30T13:20:00+01:00");
    assert_true(desk_mail_says(d, "chef@x.se", "Ingen svarade", 0));
    assert_int_equal(desk_number(d, "SELECT count(*) FROM decision WHERE action = 3"),
                     0); /* not deleted */
}

/* P3: fewer than two are present: one may do it alone, flagged and reviewed; with two she may
 * not. */
static void p3_ensambeslut(void **state)
{
    desk *d = *state;
    Uppsikt__Decide c = UPPSIKT__DECIDE__INIT;
    desk_away(d, "x1", "bo", "2026-11-24T00:00:00+01:00", "2026-11-25T00:00:00+01:00", NULL);
    desk_until(d, "2026-11-23T09:00:00+01:00");
    an_attack(d, "i1", "2026-11-23T09:00:00+01:00");
    c.matter = upp_lend("i1.m1");
    c.version = 1;
    c.action = DELETE;
    c.reason = upp_lend("attack");
    c.alone = true;
    assert_string_equal(desk_do(d, "anna", &c.base), "two-are-present");
    desk_until(d, "2026-11-24T09:00:00+01:00");
    assert_string_equal(desk_do(d, "anna", &c.base), "");
    assert_int_equal(desk_number(d, "SELECT count(*) FROM decision WHERE action = 3 AND alone = 1"),
                     1);
    assert_string_not_equal(errand_of(d, "r"), "(none)");
}

/* P5: each month ten of the hides on house rules, drawn anew, for the manager. */
static void p5_the_monthly_sample(void **state)
{
    desk *d = *state;
    char item[8], id[8], matter_id[MATTER_ID];
    Uppsikt__ShowMatter q = UPPSIKT__SHOW_MATTER__INIT;
    Uppsikt__MatterRow *row = NULL;
    desk_until(d, "2026-10-20T09:00:00+02:00");
    for (int i = 0; i < 25; i++) {
        snprintf(item, sizeof item, "h%d", i);
        snprintf(id, sizeof id, "h%d.m1", i);
        an_attack(d, item, "2026-10-20T09:00:00+02:00");
        assert_string_equal(desk_decide(d, "anna", id, 1, HIDE, i < 5 ? "OSL" : ""), "");
        desk_removed(d, item, HIDE, "2026-10-20T10:00:00+02:00");
    }
    desk_until(d, "2026-11-02T06:59:00+01:00"); /* 1 November is a Sunday */
    assert_string_equal(errand_of(d, "p"), "(none)");
    desk_until(d, "2026-11-02T07:01:00+01:00");
    snprintf(matter_id, sizeof matter_id, "%s", errand_of(d, "p"));
    assert_string_equal(matter_id, "acc/2026-10.p1");
    assert_int_equal(desk_number(d, "SELECT count(*) FROM sampled JOIN decision USING (decision)"
                                    " WHERE law = '' AND action = 2"),
                     10);
    q.matter = matter_id;
    assert_int_equal(
        desk_ask(d, &q.base, &uppsikt__matter_row__descriptor, (ProtobufCMessage **)&row, 1), 1);
    assert_int_equal(row->n_sample, 10);
    uppsikt__matter_row__free_unpacked(row, NULL);
    assert_string_equal(review(d, "chef", matter_id), "");
    assert_int_equal(desk_said(d, "DecisionReviewed"), 10);
    desk_until(d, "2026-11-10T07:01:00+01:00"); /* once a month */
    assert_string_equal(errand_of(d, "p"), "(none)");
}

/* §3.3: the platform says no: the matter stays open, and the administrator is told what to do. */
static void r22_the_platform_says_no(void **state)
{
    desk *d = *state;
    Uppsikt__ActionManualRequired a = UPPSIKT__ACTION_MANUAL_REQUIRED__INIT;
    desk_until(d, "2026-11-23T09:00:00+01:00");
    an_attack(d, "i1", "2026-11-23T09:00:00+01:00");
    assert_string_equal(desk_decide(d, "anna", "i1.m1", 1, HIDE, ""), "");
    a.action = upp_lend("a1");
    a.item = upp_lend("i1");
    a.what = HIDE;
    a.reason = upp_lend("platform-cannot");
    const upp_ms since = sim_now(d->s);
    desk_say(d, "ingest", "i1", &a.base);
    assert_int_equal(desk_matter(d, "i1.m1", "state"), MATTER_OPEN);
    assert_string_equal(desk_text(d, "SELECT failed FROM matter WHERE matter = 'i1.m1'"),
                        "failed-by-hand");
    desk_run(d, 20 * UPP_MINUTE);
    assert_true(desk_mail_says(d, "anna@x.se", "intyga", since));
    Uppsikt__ActionDone done = UPPSIKT__ACTION_DONE__INIT; /* attested: by hand */
    done.action = upp_lend("a1");
    done.item = upp_lend("i1");
    done.what = HIDE;
    done.at_ms = sim_now(d->s);
    done.by_hand = true;
    desk_say(d, "ingest", "i1", &done.base);
    assert_int_equal(desk_matter(d, "i1.m1", "met_how"), UPPSIKT__MET_HOW__MET_HOW_BY_HAND);
}

/* R25: what the platform cannot show again somebody does by hand: an errand with its clock,
 * since the matter is met; it ends when she attests, or a newer decision takes it back. */
static void r25_shown_again_by_hand(void **state)
{
    desk *d = *state;
    Uppsikt__ActionManualRequired a = UPPSIKT__ACTION_MANUAL_REQUIRED__INIT;
    Uppsikt__ActionDone done = UPPSIKT__ACTION_DONE__INIT;
    Uppsikt__ActionRefused no = UPPSIKT__ACTION_REFUSED__INIT;
    desk_until(d, "2026-11-23T09:00:00+01:00");
    an_attack(d, "i1", "2026-11-23T09:00:00+01:00");
    assert_string_equal(desk_decide(d, "anna", "i1.m1", 1, HIDE, ""), "");
    desk_removed(d, "i1", HIDE, "2026-11-23T09:05:00+01:00");
    a.item = done.item = no.item = upp_lend("i1");
    a.what = done.what = no.what = UPPSIKT__ITEM_ACTION__ITEM_ACTION_UNHIDE;
    a.version = done.version = no.version = 1;
    a.action = upp_lend("a2");
    a.reason = upp_lend("platform-cannot");
    const upp_ms since = sim_now(d->s);
    desk_say(d, "ingest", "i1", &a.base);
    assert_int_equal(desk_matter(d, "i1.j1", "state"), MATTER_OPEN);
    assert_true(desk_matter(d, "i1.j1", "due_ms") > since);
    assert_int_equal(desk_said(d, "MatterFailed"), 0);
    desk_run(d, 20 * UPP_MINUTE);
    assert_true(desk_mail_says(d, "anna@x.se", "visa igen för hand", since));
    done.action = upp_lend("a2");
    done.at_ms = sim_now(d->s);
    done.by_hand = true;
    desk_say(d, "ingest", "i1", &done.base);
    assert_int_equal(desk_matter(d, "i1.j1", "met_how"), UPPSIKT__MET_HOW__MET_HOW_BY_HAND);
    a.action = upp_lend("a3");
    desk_say(d, "ingest", "i1", &a.base);
    assert_int_equal(desk_matter(d, "i1.j2", "state"), MATTER_OPEN);
    no.action = upp_lend("a3");
    no.reason = UPPSIKT__ACTION_REFUSED__REASON__REASON_RECALLED;
    desk_say(d, "ingest", "i1", &no.base);
    assert_int_equal(desk_matter(d, "i1.j2", "met_how"), UPPSIKT__MET_HOW__MET_HOW_CLEARED);
}

/* I12: a refusal after a call whose answer was lost says that nobody knows, not that nothing was
 * done. */
static void r22_nobody_knows_whether_it_was_done(void **state)
{
    desk *d = *state;
    Uppsikt__ActionRefused a = UPPSIKT__ACTION_REFUSED__INIT;
    desk_until(d, "2026-11-23T09:00:00+01:00");
    an_attack(d, "i1", "2026-11-23T09:00:00+01:00");
    assert_string_equal(desk_decide(d, "anna", "i1.m1", 1, HIDE, ""), "");
    a.action = upp_lend("a1");
    a.item = upp_lend("i1");
    a.what = HIDE;
    a.reason = UPPSIKT__ACTION_REFUSED__REASON__REASON_OUTCOME_UNKNOWN;
    const upp_ms since = sim_now(d->s);
    desk_say(d, "ingest", "i1", &a.base);
    assert_int_equal(desk_matter(d, "i1.m1", "state"), MATTER_OPEN);
    assert_string_equal(desk_text(d, "SELECT failed FROM matter WHERE matter = 'i1.m1'"),
                        "failed-outcome-unknown");
    desk_run(d, 20 * UPP_MINUTE);
    assert_true(desk_mail_says(d, "anna@x.se", "om det blev gjort", since));
}

/* R22: the copy could not be saved, so nothing leaves: people hear, until it is there. */
static void r22_the_copy_failed(void **state)
{
    desk *d = *state;
    Uppsikt__EvidenceFailed f = UPPSIKT__EVIDENCE_FAILED__INIT;
    Uppsikt__EvidenceSealed s = UPPSIKT__EVIDENCE_SEALED__INIT;
    desk_until(d, "2026-11-23T09:00:00+01:00");
    an_attack(d, "i1", "2026-11-23T09:00:00+01:00");
    f.item = upp_lend("i1");
    f.version = 1;
    f.reason = upp_lend("disk");
    desk_say(d, "evidence", "i1", &f.base);
    desk_say(d, "evidence", "i1", &f.base);
    assert_int_equal(desk_number(d, "SELECT count(*) FROM matter WHERE about = 'i1'"), 1);
    desk_run(d, 20 * UPP_MINUTE);
    assert_true(desk_mail_says(d, "anna@x.se", "sparade kopian", 0));
    s.item = upp_lend("i1");
    s.at_ms = sim_now(d->s);
    Uppsikt__EvidenceSealedContent manifest = UPPSIKT__EVIDENCE_SEALED_CONTENT__INIT;
    sim_say(d->s, "evidence", "i1", &s.base, &manifest.base);
    desk_run(d, 2 * UPP_SECOND);
    assert_int_equal(desk_number(d, "SELECT state FROM matter WHERE about = 'i1'"), MATTER_MET);
}

static void health(desk *d, Uppsikt__AccountHealthChanged__State state, const char *blind)
{
    Uppsikt__AccountHealthChanged h = UPPSIKT__ACCOUNT_HEALTH_CHANGED__INIT;
    h.account = upp_lend("acc");
    h.state = state;
    h.blind_since_ms = blind ? desk_at(blind) : 0;
    desk_say(d, "ingest", "acc", &h.base);
}

/* R13, E28: a blind account is watched by hand; when the platform has shut us out communications
 * hear once, and what is missed meanwhile has that cause. */
static void r13_e28_a_blind_account(void **state)
{
    desk *d = *state;
    desk_until(d, "2026-11-23T09:00:00+01:00");
    desk_judged(d, "i1", 1, DESK_QUESTION);
    desk_received(d, "i1", "2026-11-23T09:00:00+01:00");
    desk_until(d, "2026-11-23T09:15:00+01:00");
    health(d, UPPSIKT__ACCOUNT_HEALTH_CHANGED__STATE__STATE_DEGRADED, "2026-11-23T09:10:00+01:00");
    assert_int_equal(desk_matter(d, "acc.b1", "state"), MATTER_OPEN);
    health(d, UPPSIKT__ACCOUNT_HEALTH_CHANGED__STATE__STATE_AUTH_REQUIRED,
           "2026-11-23T09:10:00+01:00");
    health(d, UPPSIKT__ACCOUNT_HEALTH_CHANGED__STATE__STATE_AUTH_REQUIRED,
           "2026-11-23T09:10:00+01:00");
    desk_run(d, 20 * UPP_MINUTE);
    assert_int_equal(desk_number(d, "SELECT count(*) FROM matter WHERE errand = 9"), 1);
    assert_true(desk_mail_says(d, "anna@x.se", "bevaka det för hand", 0));
    assert_int_equal(desk_mailed(d, "komm@x.se"), 1);
    desk_until(d, "2026-11-24T09:00:00+01:00");
    assert_string_equal(desk_text(d, "SELECT cause FROM matter WHERE matter = 'i1.q1'"),
                        "platform_unavailable");
    health(d, UPPSIKT__ACCOUNT_HEALTH_CHANGED__STATE__STATE_OK, NULL);
    assert_int_equal(desk_matter(d, "acc.b1", "state"), MATTER_MET);
    desk_reply(d, "i1", "r1", "2026-11-24T09:05:00+01:00");
}

/* R05, R08: a finding of the register has its day; its manager hears, then who is above; it ends
 * when the register says so. R26: an archive that needs a person is the administrators'. */
static void r05_r08_r26_findings_and_archives(void **state)
{
    desk *d = *state;
    Uppsikt__FindingRaised f = UPPSIKT__FINDING_RAISED__INIT;
    Uppsikt__FindingCleared c = UPPSIKT__FINDING_CLEARED__INIT;
    Uppsikt__ManualCaptureAsked m = UPPSIKT__MANUAL_CAPTURE_ASKED__INIT;
    Uppsikt__PackageSealed p = UPPSIKT__PACKAGE_SEALED__INIT;
    desk_until(d, "2026-11-02T09:00:00+01:00");
    f.finding = upp_lend("fnd1");
    f.kind = upp_lend("inactive");
    f.account = upp_lend("acc");
    f.raised_ms = sim_now(d->s);
    f.due_ms = desk_at("2026-11-30T09:00:00+01:00");
    desk_say(d, "registry", "fnd1", &f.base);
    assert_int_equal(desk_matter(d, "fnd1.f1", "due_ms"), desk_at("2026-11-30T09:00:00+01:00"));
    assert_int_equal(desk_matter(d, "fnd1.f1", "kind"), UPPSIKT__MATTER_KIND__MATTER_KIND_FINDING);
    desk_until(d, "2026-11-02T13:20:00+01:00");
    assert_true(desk_mail_says(d, "chef@x.se", "Brist i registret", 0));
    assert_int_equal(desk_mailed(d, "head@x.se") + desk_mailed(d, "anna@x.se"), 0);
    m.run = upp_lend("run1");
    m.account = upp_lend("acc");
    m.why = upp_lend("login_wall");
    m.due_ms = desk_at("2026-11-27T12:00:00+01:00");
    desk_say(d, "archive", "run1", &m.base);
    desk_until(d, "2026-11-27T13:20:00+01:00");
    assert_true(desk_mail_says(d, "anna@x.se", "sparas för hand", 0));
    assert_true(
        desk_mail_says(d, "chef@x.se", "sparas för hand", desk_at("2026-11-27T11:59:00+01:00")));
    p.run = upp_lend("run1");
    p.account = upp_lend("acc");
    p.at_ms = sim_now(d->s);
    desk_say(d, "archive", "run1", &p.base);
    assert_int_equal(desk_matter(d, "run1.c1", "state"), MATTER_MET);
    desk_until(d, "2026-11-30T09:30:00+01:00");
    assert_true(desk_mail_says(d, "head@x.se", "Brist i registret", 0));
    c.finding = upp_lend("fnd1");
    desk_say(d, "registry", "fnd1", &c.base);
    assert_int_equal(desk_matter(d, "fnd1.f1", "met_how"), UPPSIKT__MET_HOW__MET_HOW_CLEARED);
}

/* R16, L9, L17: a request for records is the registrar's at once, and her manager's when it lies; a
 * number from the diary has the same clock. */
static void r16_records_and_the_diary(void **state)
{
    desk *d = *state;
    Uppsikt__PersonRegistered p = UPPSIKT__PERSON_REGISTERED__INIT;
    Uppsikt__PersonRegisteredContent who = UPPSIKT__PERSON_REGISTERED_CONTENT__INIT;
    Uppsikt__UnitRegistered u = UPPSIKT__UNIT_REGISTERED__INIT;
    Uppsikt__CommentClassified j = UPPSIKT__COMMENT_CLASSIFIED__INIT;
    Uppsikt__AskDiary diary = UPPSIKT__ASK_DIARY__INIT;
    Uppsikt__GiveDiaryNumber number = UPPSIKT__GIVE_DIARY_NUMBER__INIT;
    char *roles[] = { upp_lend("registrar") };
    u.unit = upp_lend("kansli");
    u.manager = upp_lend("carl");
    desk_say(d, "registry", "kansli", &u.base);
    p.person = upp_lend("regina");
    p.unit = upp_lend("kansli");
    p.roles = roles;
    p.n_roles = 1;
    who.first_name = upp_lend("regina");
    who.mail = upp_lend("regina@x.se");
    sim_say(d->s, "registry", "regina", &p.base, &who.base);
    desk_until(d, "2026-11-23T09:00:00+01:00");
    j.item = upp_lend("i1");
    j.account = upp_lend("acc");
    j.version = 1;
    j.records_request = true;
    Uppsikt__CommentClassifiedContent reasons = UPPSIKT__COMMENT_CLASSIFIED_CONTENT__INIT;
    sim_say(d->s, "classify", "i1", &j.base, &reasons.base);
    desk_received(d, "i1", "2026-11-23T09:00:00+01:00");
    desk_until(d, "2026-11-23T09:20:00+01:00");
    assert_true(desk_mail_says(d, "regina@x.se", "lämnas ut skyndsamt", 0));
    assert_int_equal(desk_mailed(d, "anna@x.se"), 0);
    assert_int_equal(desk_matter(d, "i1.h1", "due_ms"), desk_at("2026-11-25T09:00:00+01:00"));
    assert_int_equal(desk_matter(d, "i1.q1", "records"), 1); /* and it is a question, too */
    desk_until(d, "2026-11-25T09:20:00+01:00");
    assert_true(desk_mail_says(d, "carl@x.se", "lämnas ut skyndsamt", 0));
    assert_string_equal(close_errand(d, "dora", "i1.h1"), "not-your-account");
    assert_string_equal(close_errand(d, "regina", "i1.h1"), "");
    diary.matter = upp_lend("i1.q1");
    assert_string_equal(desk_do(d, "anna", &diary.base), "");
    number.matter = upp_lend("i1.n1");
    assert_string_equal(desk_do(d, "regina", &number.base), "words-missing");
    number.number = upp_lend("KS 2026/417");
    assert_string_equal(desk_do(d, "regina", &number.base), "");
    assert_int_equal(desk_matter(d, "i1.n1", "state"), MATTER_MET);
    desk_reply(d, "i1", "r1", "2026-11-25T10:00:00+01:00");
}

/* Danger to life or to a child is an errand of its own: whatever becomes of the comment, somebody
 * calls (classification.md §3, law.md L2). */
static void danger_is_an_errand_of_its_own(void **state)
{
    desk *d = *state;
    desk_verdict worried = DESK_CLEAN;
    worried.danger = true;
    desk_until(d, "2026-11-23T09:00:00+01:00");
    desk_judged(d, "i1", 1, worried);
    desk_received(d, "i1", "2026-11-23T09:00:00+01:00");
    desk_run(d, 5 * UPP_SECOND);
    assert_true(desk_mail_says(d, "anna@x.se", "112", 0));
    assert_int_equal(desk_matter(d, "i1.d1", "due_ms"), desk_at("2026-11-23T10:00:00+01:00"));
    desk_gone(d, "i1", UPPSIKT__GONE_BY__GONE_BY_AUTHOR, "2026-11-23T09:10:00+01:00");
    assert_int_equal(desk_matter(d, "i1.d1", "state"), MATTER_OPEN);
    desk_until(d, "2026-11-23T10:00:05+01:00");
    assert_true(desk_mail_says(d, "chef@x.se", "112", 0));
    assert_string_equal(close_errand(d, "anna", "i1.d1"), "");
    assert_string_equal(desk_text(d, "SELECT owner FROM matter WHERE matter = 'i1.d1'"), "anna");
}

/* R23: a hold is looked at again on its day, by the registrars, and each year anew until it is
 * lifted; one of a matter is its account's. */
static void r23_a_hold_is_reviewed(void **state)
{
    desk *d = *state;
    Uppsikt__HoldPlaced h = UPPSIKT__HOLD_PLACED__INIT;
    Uppsikt__HoldReleased over = UPPSIKT__HOLD_RELEASED__INIT;
    desk_until(d, "2026-11-23T09:00:00+01:00");
    an_attack(d, "i1", "2026-11-23T09:00:00+01:00");
    h.hold = upp_lend("hold1");
    h.matter = upp_lend("i1.m1");
    h.by = upp_lend("anna");
    h.at_ms = sim_now(d->s);
    h.review_ms = desk_at("2027-02-22T09:00:00+01:00");
    desk_say(d, "evidence", "hold1", &h.base);
    desk_gone(d, "i1", UPPSIKT__GONE_BY__GONE_BY_AUTHOR, "2026-11-23T09:05:00+01:00");
    desk_until(d, "2027-02-22T08:59:00+01:00");
    assert_int_equal(desk_matter(d, "hold1.g1", "state"), -1);
    desk_until(d, "2027-02-22T13:30:00+01:00");
    assert_int_equal(desk_matter(d, "hold1.g1", "state"), MATTER_OPEN);
    assert_string_equal(desk_text(d, "SELECT account FROM matter WHERE matter = 'hold1.g1'"),
                        "acc");
    assert_true(desk_mail_says(d, "chef@x.se", "Gallringsstopp att ompröva", 0));
    assert_string_equal(close_errand(d, "dora", "hold1.g1"), "not-your-account");
    assert_string_equal(close_errand(d, "chef", "hold1.g1"), "");
    desk_until(d, "2028-02-22T09:00:05+01:00");
    assert_int_equal(desk_matter(d, "hold1.g2", "state"), MATTER_OPEN);
    over.hold = upp_lend("hold1");
    over.at_ms = sim_now(d->s);
    desk_say(d, "evidence", "hold1", &over.base);
    assert_int_equal(desk_matter(d, "hold1.g2", "met_how"), UPPSIKT__MET_HOW__MET_HOW_CLEARED);
    desk_until(d, "2029-03-01T09:00:00+01:00");
    assert_int_equal(desk_matter(d, "hold1.g3", "state"), -1);
}

/* T10: after a clock has jumped, mails that are not akut wait for five minutes. */
static void t10_a_clock_jumps(void **state)
{
    desk *d = *state;
    Uppsikt__ClockJumped jump = UPPSIKT__CLOCK_JUMPED__INIT;
    desk_until(d, "2026-11-23T09:00:00+01:00");
    an_attack(d, "i1", "2026-11-23T09:00:00+01:00");
    desk_until(d, "2026-11-23T09:14:00+01:00");
    jump.by_ms = 200 * UPP_SECOND; /* not enough */
    desk_say(d, "ingest", "clock", &jump.base);
    assert_int_equal(desk_number(d, "SELECT count(*) FROM hold"), 0);
    jump.by_ms = 301 * UPP_SECOND;
    desk_say(d, "ingest", "clock", &jump.base);
    desk_until(d, "2026-11-23T09:18:00+01:00"); /* it would have left at 09:15 */
    assert_int_equal(d->n_mails, 0);
    desk_judged(d, "i2", 1,
                (desk_verdict){ UPPSIKT__LABEL__LABEL_ATTACK, UPPSIKT__BAND__BAND_LIKELY,
                                UPPSIKT__DUTY__DUTY_BBS5, false });
    desk_received(d, "i2", "2026-11-23T09:18:00+01:00");
    desk_run(d, 20 * UPP_SECOND);
    assert_int_equal(desk_mailed(d, "anna@x.se"), 1); /* akut does not wait */
    desk_until(d, "2026-11-23T09:40:00+01:00");
    assert_int_equal(desk_mailed(d, "bo@x.se") > 0, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK(p1_the_law_and_the_review),
        DESK(p2_e29_the_second_person),
        DESK(p3_ensambeslut),
        DESK(p5_the_monthly_sample),
        DESK(r22_the_platform_says_no),
        DESK(r25_shown_again_by_hand),
        DESK(r22_nobody_knows_whether_it_was_done),
        DESK(r22_the_copy_failed),
        DESK(r13_e28_a_blind_account),
        DESK(r05_r08_r26_findings_and_archives),
        DESK(r16_records_and_the_diary),
        DESK(r23_a_hold_is_reviewed),
        DESK(danger_is_an_errand_of_its_own),
        DESK(t10_a_clock_jumps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
