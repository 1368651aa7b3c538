/* look_test.c - lists of who looked and of packages; what a report of one person asks (R21, R23,
 * R24, R29). */
#include "thing_fixture.h"

/* -- who looked -- */
/* A day's looks of an account go together, hers as everybody's, while she still works here; the
 * sign-ins of an authority by themselves. */
static void R29_who_looked_can_be_forgotten(void **state)
{
    vault *v = *state;
    Uppsikt__NoteView look = UPPSIKT__NOTE_VIEW__INIT;
    vault_says(v, &(vault_words){ .item = "i1", .text = "ord" });
    vault_says(v, &(vault_words){ .item = "i2", .text = "ord" });
    look.what = upp_lend("viewed");
    look.record = upp_lend("i1");
    bench_did(v->b, "anna", &look.base);
    look.record = upp_lend("i2");
    bench_did(v->b, "bo", &look.base);
    signs_in(v, "ks");
    signs_in(v, "bun");
    signs_in(v, "");
    assert_int_equal(would(v, "tittat").count, 0);
    v->b->now += 740 * UPP_DAY;
    look.record = upp_lend("i1");
    bench_did(v->b, "anna", &look.base); /* today's */
    assert_int_equal(vault_number(v, "SELECT count(*) FROM upp_about WHERE subject = 'anna'"), 3);
    list l = would(v, "tittat");
    assert_int_equal(l.count, 3); /* that of the account, of ks, of nobody */
    assert_int_equal(l.open, 0);
    (void)holds(v, "acc");
    assert_int_equal(would(v, "tittat").held, 1);
    l = propose(v, "tittat");
    assert_int_equal(l.count, 2);
    assert_memory_equal(l.first, "login.", 6);
    approve(v, &l, NULL);
    assert_int_equal(
        vault_number(v, "SELECT count(*) FROM disposal WHERE services LIKE '% console'"), 1);
    assert_int_equal(vault_number(v, "SELECT count(*) FROM upp_about WHERE subject = 'anna'"), 3);
}

/* Who opens a package looks at its account: with the looks at its copies it is one day. */
static void R29_who_opened_a_package_can_be_forgotten(void **state)
{
    vault *v = *state;
    char log[EVIDENCE_ID];
    Uppsikt__PackageOpened o = UPPSIKT__PACKAGE_OPENED__INIT;
    Uppsikt__NoteView look = UPPSIKT__NOTE_VIEW__INIT;
    vault_says(v, &(vault_words){ .item = "i1", .text = "ord" });
    look.what = upp_lend("viewed");
    look.record = upp_lend("i1");
    bench_did(v->b, "anna", &look.base);
    o.package = upp_lend("uuid-1");
    o.account = upp_lend("acc");
    o.day = vault_number(v, "SELECT day FROM view");
    thing_look("acc", o.day, log);
    o.log = log;
    hears(v, "archive", "uuid-1", &o.base);
    assert_int_equal(vault_number(v, "SELECT count(*) FROM thing"), 1);
    o.day -= 1;
    thing_look("acc", o.day, log);
    hears(v, "archive", "uuid-1", &o.base);
    o.log = upp_lend(""); /* of before */
    hears(v, "archive", "uuid-1", &o.base);
    v->b->now += 740 * UPP_DAY;
    assert_int_equal(would(v, "tittat").count, 2);
    (void)holds(v, "acc");
    assert_int_equal(would(v, "tittat").held, 2);
}

static void R29_what_was_looked_at_goes_with_its_day(void **state)
{
    vault *v = *state;
    Uppsikt__NoteView look = UPPSIKT__NOTE_VIEW__INIT;
    vault_says(v, &(vault_words){ .item = "i1", .text = "ord" });
    look.what = upp_lend("viewed");
    look.record = upp_lend("i1");
    bench_did(v->b, "anna", &look.base);
    v->b->now += 740 * UPP_DAY;
    bench_did(v->b, "anna", &look.base);
    const list l = propose(v, "tittat");
    assert_int_equal(l.count, 1);
    approve(v, &l, NULL);
    assert_int_equal(gone(v, l.first), 1);
    assert_int_equal(vault_number(v, "SELECT count(*) FROM upp_about WHERE subject = 'anna'"), 2);
    bench_did(v->b, "bo", &look.base); /* and looks are noted on */
    assert_int_equal(vault_number(v, "SELECT count(*) FROM upp_about WHERE subject = 'bo'"), 2);
}

/* -- packages -- */
static void R29_a_package_goes_by_its_row_and_archive_is_waited_for(void **state)
{
    vault *v = *state;
    Uppsikt__CopyKept c = UPPSIKT__COPY_KEPT__INIT;
    vault_unit(v, "kontor", "bun");
    vault_account(v, "other", "kontor", "bun");
    vault_account(v, "acc2", "skola", "ks");
    is_sealed(v, "uuid-1", "acc");
    is_sealed(v, "uuid-2", "acc2");
    is_sealed(v, "uuid-3", "other");
    c.item = upp_lend("i1");
    c.package = upp_lend("uuid-2");
    hears(v, "archive", "i1", &c.base);
    assert_int_equal(would(v, "paket").count, 0);
    v->b->now += UPP_DAY;
    assert_int_equal(would(v, "paket").count, 2);
    refused(v, "paket", "uuid-3", "row-of-another-authority");
    (void)holds(v, "acc");
    const list l = propose(v, "paket");
    assert_int_equal(l.count, 1);
    assert_int_equal(l.held, 1); /* left out, and said so */
    assert_string_equal(l.first, "uuid-2");
    approve(v, &l, NULL);
    assert_int_equal(gone(v, "uuid-2"), 1);
    assert_int_equal(gone(v, "uuid-1") + gone(v, "uuid-3"), 0);
    assert_int_equal(
        vault_number(v, "SELECT count(*) FROM disposal WHERE services LIKE '% archive'"), 1);
    static const char *const services[] = { "registry", "ingest", "classify", "escalation",
                                            "archive" };
    for (size_t i = 0; i < UPP_LEN(services); i++) {
        Uppsikt__ContentForgotten f = UPPSIKT__CONTENT_FORGOTTEN__INIT;
        assert_int_equal(vault_number(v, "SELECT state FROM disposal"), 1);
        f.disposal = upp_lend(l.id);
        f.service = upp_lend(services[i]);
        hears(v, services[i], l.id, &f.base);
        bench_wait(v->b, 1);
    }
    /* all have forgotten, and its files may be there still */
    assert_int_equal(vault_number(v, "SELECT state FROM disposal"), 1);
    Uppsikt__Disposals q = UPPSIKT__DISPOSALS__INIT;
    assert_int_equal(bench_query(v->b, "bo", &q.base), 1);
    Uppsikt__DisposalRow *row = (void *)bench_row_at(v->b, 0, &uppsikt__disposal_row__descriptor);
    assert_int_equal(row->n_pending, 1);
    assert_string_equal(row->pending[0], "archive");
    uppsikt__disposal_row__free_unpacked(row, NULL);
    Uppsikt__PackageRemoved r = UPPSIKT__PACKAGE_REMOVED__INIT;
    r.package = upp_lend("uuid-2");
    hears(v, "archive", "uuid-2", &r.base);
    assert_int_equal(vault_number(v, "SELECT state FROM disposal"), 2);
}

/* -- a report of one person -- */
/* Which row lets each go, and what is in its way; what nobody knows is left out (R21). */
static void R29_it_is_known_which_row_lets_each_go(void **state)
{
    static const struct {
        const char *subject, *what, *row, *why;
        bool held;
    } rows[] = {
        { "anna", "staff", "personal", "person-has-not-left", true },
        { "anna", "absence", "borta", "person-has-not-left", true },
        { "anna", "look", "tittat", "person-has-not-left", true },
        { "i1", "comment", "ord", "", true },
        { "i2", "removed-comment", "rad", "", true },
        { "i3", "message", "", "", true },
        { "uuid-1", "package", "paket", "", true },
        { "a1", "absence", "borta", "", true },
    };
    vault *v = *state;
    Uppsikt__KeptBy q = UPPSIKT__KEPT_BY__INIT;
    Uppsikt__Held h = UPPSIKT__HELD__INIT;
    char *subjects[] = { upp_lend("anna"), upp_lend("i1"),     upp_lend("i2"), upp_lend("nobody"),
                         upp_lend("i3"),   upp_lend("uuid-1"), upp_lend("a1") };
    vault_says(v, &(vault_words){ .item = "i1", .text = "ord" });
    vault_says(v, &(vault_words){ .item = "i2", .text = "ord" });
    vault_says(v, &(vault_words){
                      .item = "i3", .text = "ord", .kind = UPPSIKT__ITEM_KIND__ITEM_KIND_MESSAGE });
    (void)vault_decides(v, "i2", 1, UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE, "rad", "");
    (void)vault_work(v);
    is_sealed(v, "uuid-1", "acc");
    is_away(v, "a1", "anna", v->b->now);
    v->b->now += UPP_DAY;
    (void)holds(v, "acc");
    q.subjects = h.subjects = subjects;
    q.n_subjects = h.n_subjects = UPP_LEN(subjects);
    assert_int_equal(bench_query(v->b, "bo", &q.base), UPP_LEN(rows));
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        Uppsikt__KeptByRow *row = (void *)bench_row_at(v->b, i, &uppsikt__kept_by_row__descriptor);
        assert_string_equal(row->subject, rows[i].subject);
        assert_string_equal(row->what, rows[i].what);
        assert_string_equal(row->plan_row, rows[i].row);
        assert_string_equal(row->why, rows[i].why);
        assert_int_equal(row->held, rows[i].held);
        uppsikt__kept_by_row__free_unpacked(row, NULL);
    }
    assert_int_equal(bench_query(v->b, "bo", &h.base), 5); /* name absence words copy other */
    Uppsikt__HeldRow *row = (void *)bench_row_at(v->b, 3, &uppsikt__held_row__descriptor);
    assert_string_equal(row->kind, "copy");
    assert_int_equal(row->count, 2); /* of what was hidden: raw and whole */
    assert_true(row->since_ms > 0);
    uppsikt__held_row__free_unpacked(row, NULL);
}

/* Whoever makes a report of a person is noted, once a day; the note is her authority's (R29). */
static void R29_who_looks_at_a_person_is_noted(void **state)
{
    vault *v = *state;
    Uppsikt__NoteView look = UPPSIKT__NOTE_VIEW__INIT;
    look.what = upp_lend("exported");
    look.record = upp_lend("anna");
    bench_refused(v->b, "eva", &look.base, "not-your-account");
    bench_did(v->b, "bo", &look.base);
    bench_did(v->b, "bo", &look.base);
    assert_int_equal(
        vault_number(v, "SELECT count(*) FROM upp_log WHERE type = 'uppsikt.RecordViewed'"), 1);
    look.record = upp_lend("nobody");
    bench_refused(v->b, "bo", &look.base, "no-such-record");
    v->b->now += 740 * UPP_DAY;
    const list l = would(v, "tittat");
    assert_int_equal(l.count, 1);
    assert_memory_equal(l.first, "seen.ks.", 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VAULT(R29_who_looked_can_be_forgotten),
        VAULT(R29_who_opened_a_package_can_be_forgotten),
        VAULT(R29_what_was_looked_at_goes_with_its_day),
        VAULT(R29_a_package_goes_by_its_row_and_archive_is_waited_for),
        VAULT(R29_it_is_known_which_row_lets_each_go),
        VAULT(R29_who_looks_at_a_person_is_noted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
