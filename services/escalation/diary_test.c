/* diary_test.c - "diarieför": a package goes to the diary, once; its number comes back (R16). */
#include "desk_fixture.h"
#include "uppsikt/classify.pb-c.h"
#include <stdio.h>
#include <string.h>

static void a_registrar(desk *d)
{
    Uppsikt__UnitRegistered u = UPPSIKT__UNIT_REGISTERED__INIT;
    Uppsikt__PersonRegistered p = UPPSIKT__PERSON_REGISTERED__INIT;
    Uppsikt__PersonRegisteredContent who = UPPSIKT__PERSON_REGISTERED_CONTENT__INIT;
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
}

static void a_question(desk *d)
{
    a_registrar(d);
    desk_until(d, "2026-11-23T09:00:00+01:00");
    desk_judged(d, "i1", 1, DESK_QUESTION);
    desk_received(d, "i1", "2026-11-23T09:00:00+01:00");
}

static const char *to_diary(desk *d, const char *by, const char *id, bool again)
{
    Uppsikt__AskDiary c = UPPSIKT__ASK_DIARY__INIT;
    c.matter = upp_lend(id);
    c.again = again;
    return desk_do(d, by, &c.base);
}

/* A question that has been answered leaves nothing open behind. */
static void at_the_end(desk *d)
{
    desk_reply(d, "i1", "r9", "2026-11-23T16:00:00+01:00");
}

static void r16_a_package_goes_once_and_its_number_comes_back(void **state)
{
    desk *d = *state;
    a_question(d);
    desk_reply(d, "i1", "r1", "2026-11-23T09:05:00+01:00");
    assert_string_equal(to_diary(d, "anna", "i1.q1", false), "");
    assert_string_equal(to_diary(d, "anna", "i1.q1", false), ""); /* known: no second package */
    desk_run(d, UPP_MINUTE);
    assert_int_equal(d->n_packages, 1);
    assert_string_equal(d->package, "uppsikt-i1.n1-1");
    assert_int_equal(d->n_diary_items, 2); /* the question, and our answer */
    assert_int_equal(desk_said(d, "DiaryPackageDelivered"), 1);
    desk_run(d, 20 * UPP_MINUTE);
    assert_true(desk_mail_says(d, "regina@x.se", "paketet går till diariet", 0));
    assert_true(d->n_number_looks >= 10);
    assert_int_equal(desk_matter(d, "i1.n1", "state"), MATTER_OPEN);
    d->laid.package = upp_lend("uppsikt-i1.n1-1");
    d->laid.number = upp_lend("KS 2026/417");
    desk_run(d, 2 * UPP_MINUTE);
    assert_int_equal(desk_matter(d, "i1.n1", "state"), MATTER_MET);
    assert_int_equal(desk_matter(d, "i1.n1", "met_how"), UPPSIKT__MET_HOW__MET_HOW_DONE);
    assert_int_equal(desk_said(d, "DiaryNumberGiven"), 1);
    assert_string_equal(to_diary(d, "anna", "i1.n1", true), "diary-not-asked");
    assert_int_equal(d->n_packages, 1);
    const size_t looks = d->n_number_looks; /* nobody waits any more: nobody looks */
    desk_run(d, 20 * UPP_MINUTE);
    assert_int_equal(d->n_number_looks, looks);
}

static void r16_a_webhook_may_answer_with_the_number(void **state)
{
    desk *d = *state;
    Uppsikt__ShowMatter q = UPPSIKT__SHOW_MATTER__INIT;
    Uppsikt__DiaryRow *row = NULL;
    a_question(d);
    d->diary.way = upp_lend("webhook");
    d->diary.number = upp_lend("KS 2026/00123");
    assert_string_equal(to_diary(d, "anna", "i1.q1", false), "");
    desk_run(d, UPP_MINUTE);
    assert_int_equal(desk_matter(d, "i1.n1", "state"), MATTER_MET);
    q.matter = upp_lend("i1.q1");
    assert_int_equal(
        desk_ask(d, &q.base, &uppsikt__diary_row__descriptor, (ProtobufCMessage **)&row, 1), 1);
    assert_string_equal(row->state, "delivered");
    assert_string_equal(row->way, "webhook");
    assert_string_equal(row->errand, "i1.n1");
    assert_int_equal(row->sha256.len, 32);
    uppsikt__diary_row__free_unpacked(row, NULL);
    at_the_end(d);
}

/* Said no for good: the registrar hears, and can have another one sent; with a new name, since the
 * old one may lie there. */
static void r16_what_the_diary_refuses_is_said_and_sent_again(void **state)
{
    desk *d = *state;
    a_question(d);
    d->diary.delivered = false;
    d->diary.why = upp_lend("diary-refused");
    assert_string_equal(to_diary(d, "anna", "i1.q1", false), "");
    desk_run(d, 20 * UPP_MINUTE);
    assert_int_equal(desk_said(d, "DiaryPackageFailed"), 1);
    assert_int_equal(desk_said(d, "DeadLetterKept"), 1);
    assert_string_equal(desk_text(d, "SELECT why FROM diary"), "diary-refused");
    assert_true(desk_mail_says(d, "regina@x.se", "kom inte fram", 0));
    d->diary.delivered = true;
    assert_string_equal(to_diary(d, "dora", "i1.n1", true), "not-your-account");
    assert_string_equal(to_diary(d, "regina", "i1.n1", true), "");
    desk_run(d, UPP_MINUTE);
    assert_string_equal(d->package, "uppsikt-i1.n1-2");
    assert_string_equal(desk_text(d, "SELECT failed FROM matter WHERE matter = 'i1.n1'"), "");
    d->laid.package = upp_lend("uppsikt-i1.n1-2");
    d->laid.number = upp_lend("KS 2026/418");
    desk_run(d, 2 * UPP_MINUTE);
    assert_int_equal(desk_matter(d, "i1.n1", "state"), MATTER_MET);
    at_the_end(d);
}

/* While it does not answer the package is tried on, under one name; nobody can make two of it. */
static void r16_a_diary_that_is_down_is_waited_for(void **state)
{
    desk *d = *state;
    a_question(d);
    d->diary_later = true;
    assert_string_equal(to_diary(d, "anna", "i1.q1", false), "");
    desk_run(d, 30 * UPP_MINUTE);
    assert_true(d->n_packages >= 3);
    assert_string_equal(to_diary(d, "anna", "i1.q1", true), "diary-under-way");
    assert_int_equal(desk_number(d, "SELECT count(*) FROM diary"), 1);
    assert_int_equal(desk_said(d, "DiaryPackageFailed"), 0);
    desk_run(d, UPP_HOUR); /* a full folder is mended by people: they hear, once */
    assert_int_equal(desk_said(d, "DiaryPackageFailed"), 1);
    assert_string_equal(desk_text(d, "SELECT why FROM diary"), "diary-late");
    assert_int_equal(desk_number(d, "SELECT state FROM diary"), 0);
    d->diary_later = false;
    desk_run(d, 4 * UPP_HOUR);
    assert_int_equal(desk_said(d, "DiaryPackageDelivered"), 1);
    assert_int_equal(desk_said(d, "DiaryPackageFailed"), 1);
    assert_string_equal(desk_text(d, "SELECT why FROM diary"), "");
    d->laid.package = upp_lend("uppsikt-i1.n1-1");
    d->laid.number = upp_lend("KS 2026/419");
    desk_run(d, 2 * UPP_MINUTE);
    at_the_end(d);
}

/* What lies beside the package and is no number is said once, and waited on. */
static void r16_a_number_that_cannot_be_read(void **state)
{
    desk *d = *state;
    a_question(d);
    assert_string_equal(to_diary(d, "anna", "i1.q1", false), "");
    d->laid.package = upp_lend("uppsikt-i1.n1-1");
    desk_run(d, 10 * UPP_MINUTE);
    assert_int_equal(desk_said(d, "DiaryPackageFailed"), 1);
    assert_int_equal(desk_matter(d, "i1.n1", "state"), MATTER_OPEN);
    d->laid.number = upp_lend("KS 2026/420");
    desk_run(d, 2 * UPP_MINUTE);
    assert_int_equal(desk_matter(d, "i1.n1", "state"), MATTER_MET);
    at_the_end(d);
}

/* sla.md: two working days of office hours from the asking, whatever becomes of the package and of
 * the question; then the registrar's manager hears. */
static void r16_the_number_has_a_clock_of_its_own(void **state)
{
    desk *d = *state;
    a_question(d);
    assert_string_equal(to_diary(d, "anna", "i1.q1", false), "");
    const int64_t due = desk_matter(d, "i1.n1", "due_ms");
    assert_true(due >= desk_at("2026-11-25T09:00:00+01:00") &&
                due <= desk_at("2026-11-25T09:05:00+01:00"));
    at_the_end(d);
    desk_until(d, "2026-11-24T09:00:00+01:00");
    assert_string_equal(to_diary(d, "regina", "i1.n1", true), "");
    desk_until(d, "2026-11-25T08:55:00+01:00");
    assert_int_equal(desk_matter(d, "i1.n1", "due_ms"), due);
    assert_int_equal(desk_mailed(d, "carl@x.se"), 0);
    desk_until(d, "2026-11-25T09:40:00+01:00");
    assert_int_equal(desk_matter(d, "i1.n1", "state"), MATTER_OPEN);
    assert_int_equal(desk_matter(d, "i1.n1", "breached"), 1);
    assert_true(desk_mail_says(d, "carl@x.se", "diariet", 0));
    d->laid.package = upp_lend("uppsikt-i1.n1-2");
    d->laid.number = upp_lend("KS 2026/423");
    desk_run(d, 2 * UPP_MINUTE);
    assert_int_equal(desk_matter(d, "i1.n1", "state"), MATTER_MET);
}

/* A person gives the number while the folder's is on its way: one counts, the first. */
static void r16_a_number_is_taken_once(void **state)
{
    desk *d = *state;
    Uppsikt__GiveDiaryNumber number = UPPSIKT__GIVE_DIARY_NUMBER__INIT;
    a_question(d);
    assert_string_equal(to_diary(d, "anna", "i1.q1", false), "");
    desk_run(d, 30 * UPP_SECOND);
    d->laid.package = upp_lend("uppsikt-i1.n1-1");
    d->laid.number = upp_lend("KS 2026/2");
    number.matter = upp_lend("i1.n1");
    number.number = upp_lend("KS 2026/1");
    assert_string_equal(desk_do(d, "regina", &number.base), "");
    desk_run(d, 10 * UPP_MINUTE);
    assert_int_equal(desk_said(d, "DiaryNumberGiven"), 1);
    assert_int_equal(desk_matter(d, "i1.n1", "state"), MATTER_MET);
    at_the_end(d);
}

/* More wait than one look is for: whoever waits longest does not keep the others waiting. */
static void r16_many_wait_and_each_number_is_found(void **state)
{
    enum { MANY = 70 };
    desk *d = *state;
    char item[MANY][16], id[24];
    a_registrar(d);
    desk_until(d, "2026-11-23T09:00:00+01:00");
    for (int i = 0; i < MANY; i++) {
        snprintf(item[i], sizeof item[i], "i%d", i);
        desk_judged(d, item[i], 1, DESK_QUESTION);
        desk_received(d, item[i], "2026-11-23T09:00:00+01:00");
        snprintf(id, sizeof id, "i%d.q1", i);
        assert_string_equal(to_diary(d, "anna", id, false), "");
        desk_run(d, UPP_SECOND);
    }
    desk_run(d, UPP_MINUTE);
    assert_int_equal(desk_said(d, "DiaryPackageDelivered"), MANY);
    d->laid.package = upp_lend("uppsikt-i69.n1-1");
    d->laid.number = upp_lend("KS 2026/69");
    desk_run(d, 5 * UPP_MINUTE);
    assert_int_equal(desk_matter(d, "i69.n1", "state"), MATTER_MET);
    assert_int_equal(desk_said(d, "DiaryNumberGiven"), 1);
    for (int i = 0; i < MANY; i++)
        desk_reply(d, item[i], "r9", "2026-11-23T16:00:00+01:00");
}

/* R23: what has been disposed of is in no package that has not left. */
static void r16_r23_what_is_forgotten_does_not_leave(void **state)
{
    desk *d = *state;
    a_question(d);
    d->diary_later = true;
    assert_string_equal(to_diary(d, "anna", "i1.q1", false), "");
    desk_run(d, 2 * UPP_MINUTE);
    sim_forget(d->s, "i1");
    desk_run(d, UPP_MINUTE);
    d->diary_later = false;
    const size_t n = d->n_packages;
    desk_run(d, 5 * UPP_HOUR);
    assert_int_equal(d->n_packages, n);
    assert_string_equal(desk_text(d, "SELECT why FROM diary"), "diary-forgotten");
    at_the_end(d);
}

/* A store of before has the question, not the diary's place: the first package may be asked for
 * later; without a place only the registrar is asked. */
static void r16_without_a_place_only_the_registrar_is_asked(void **state)
{
    desk *d = *state;
    Uppsikt__GiveDiaryNumber number = UPPSIKT__GIVE_DIARY_NUMBER__INIT;
    a_question(d);
    assert_string_equal(to_diary(d, "anna", "i1.q1", false), "");
    assert_string_equal(to_diary(d, "anna", "i1.q1", true), "diary-not-configured");
    desk_run(d, 20 * UPP_MINUTE);
    assert_int_equal(d->n_packages, 0);
    assert_int_equal(desk_number(d, "SELECT count(*) FROM diary"), 0);
    assert_true(desk_mail_says(d, "regina@x.se", "Ska diarieföras: lämna numret", 0));
    number.matter = upp_lend("i1.n1");
    char longer[66];
    memset(longer, '1', sizeof longer);
    longer[sizeof longer - 1] = '\0';
    const char *const bad[] = { "KS 1\nKS 2", "KS\x1b[2J", " ", longer };
    for (size_t i = 0; i < UPP_LEN(bad); i++) {
        number.number = upp_lend(bad[i]);
        assert_string_equal(desk_do(d, "regina", &number.base), "diary-no-number");
    }
    number.number = upp_lend("KS 2026/421 ");
    assert_string_equal(desk_do(d, "dora", &number.base), "not-your-account");
    assert_string_equal(desk_do(d, "regina", &number.base), "");
    assert_int_equal(desk_said(d, "DiaryNumberGiven"), 1);
    number.number = upp_lend("KS 2026/999"); /* one number, whoever comes later */
    assert_string_not_equal(desk_do(d, "regina", &number.base), "");
    assert_int_equal(desk_said(d, "DiaryNumberGiven"), 1);
    at_the_end(d);
}

/* Deaths, lost answers, doubled deliveries: one package, one number. */
static void r16_one_package_however_often_we_die(void **state)
{
    desk *d = *state;
    a_question(d);
    sim_chaos(d->s, 20);
    sim_fault(d->s, SIM_PORT_LOST, 40);
    assert_string_equal(to_diary(d, "anna", "i1.q1", false), "");
    d->laid.package = upp_lend("uppsikt-i1.n1-1");
    d->laid.number = upp_lend("KS 2026/422");
    desk_run(d, 6 * UPP_HOUR);
    sim_heal(d->s);
    desk_run(d, 2 * UPP_HOUR);
    assert_int_equal(desk_number(d, "SELECT count(*) FROM diary"), 1);
    assert_int_equal(desk_said(d, "DiaryPackageDelivered"), 1);
    assert_int_equal(desk_said(d, "DiaryNumberGiven"), 1);
    assert_int_equal(desk_matter(d, "i1.n1", "state"), MATTER_MET);
    at_the_end(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK_DIARY(r16_a_package_goes_once_and_its_number_comes_back),
        DESK_DIARY(r16_a_webhook_may_answer_with_the_number),
        DESK_DIARY(r16_what_the_diary_refuses_is_said_and_sent_again),
        DESK_DIARY(r16_a_diary_that_is_down_is_waited_for),
        DESK_DIARY(r16_a_number_that_cannot_be_read),
        DESK_DIARY(r16_the_number_has_a_clock_of_its_own),
        DESK_DIARY(r16_a_number_is_taken_once),
        DESK_DIARY(r16_many_wait_and_each_number_is_found),
        DESK_DIARY(r16_r23_what_is_forgotten_does_not_leave),
        DESK(r16_without_a_place_only_the_registrar_is_asked),
        DESK_DIARY(r16_one_package_however_often_we_die),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
