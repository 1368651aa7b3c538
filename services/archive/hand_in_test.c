/* hand_in_test.c - what people hand in, who opens a package, and what is forgotten: the service
 * stepped by hand. */
#include "archive_fixture.h"

static uint8_t sum[32] = { 7 };

static Uppsikt__HandIn a_file(const char *run, Uppsikt__HandInFile *file)
{
    Uppsikt__HandIn c = UPPSIKT__HAND_IN__INIT;
    uppsikt__hand_in_file__init(file);
    file->name = upp_lend("Min sida " MARKER ".pdf");
    file->source = upp_lend("browser");
    file->browser = upp_lend("Firefox");
    file->sha256 = (ProtobufCBinaryData){ sizeof sum, sum };
    c.run = upp_lend(run);
    c.bytes = 6;
    c.file = file;
    return c;
}

static void hand_in(bench *b, const char *run, char ret_hand_in[UPP_ID])
{
    Uppsikt__HandInFile file;
    const Uppsikt__HandIn c = a_file(run, &file);
    bench_did(b, "anna", &c.base);
    ProtobufCMessage *out =
        bench_unpack(&uppsikt__hand_in_taken__descriptor, b->outcome.at, b->outcome.len);
    snprintf(ret_hand_in, UPP_ID, "%s", ((Uppsikt__HandInTaken *)out)->hand_in);
    upp_msg_freep(&out);
}

static Uppsikt__HandInPart a_part(const char *hand_in, int64_t offset, const char *bytes)
{
    Uppsikt__HandInPart c = UPPSIKT__HAND_IN_PART__INIT;
    c.hand_in = upp_lend(hand_in);
    c.offset = offset;
    c.bytes = (ProtobufCBinaryData){ strlen(bytes), (uint8_t *)upp_lend(bytes) };
    return c;
}

static void whole(bench *b, const char *hand_in)
{
    const Uppsikt__HandInPart one = a_part(hand_in, 0, "abc"), two = a_part(hand_in, 3, "def");
    bench_did(b, "anna", &one.base);
    bench_did(b, "anna", &one.base); /* again, since its answer was lost */
    bench_did(b, "anna", &two.base);
}

static void walled(bench *b, char run[UPP_ID])
{
    fix_account(b, "acc", FIX_OPEN, FIX_API, FIX_URL);
    fix_run(b, "acc", run);
    bench_wait(b, 0);
    fix_captured(b, UPPSIKT__PAGE_CAPTURED__STATE__STATE_LOGIN_WALL);
    fix_store_all(b, NULL, 0);
}

static void done(bench *b, const char *run, const char *hand_in)
{
    char *list[] = { upp_lend(hand_in) };
    Uppsikt__HandInDone c = UPPSIKT__HAND_IN_DONE__INIT;
    c.run = upp_lend(run);
    c.hand_ins = list;
    c.n_hand_ins = 1;
    bench_did(b, "anna", &c.base);
    bench_wait(b, 0);
    fix_captured(b, UPPSIKT__PAGE_CAPTURED__STATE__STATE_LOGIN_WALL); /* it is looked at again */
    fix_store_all(b, NULL, 0);
}

/* capture.md 6.1: with what a person handed in the package can be done, and says `manual`. */
static void R26_what_is_handed_in_is_a_full_representation(void **state)
{
    bench *b = *state;
    char run[UPP_ID], one[UPP_ID], two[UPP_ID];
    size_t i = 0;
    walled(b, run);
    hand_in(b, run, one);
    whole(b, one);
    assert_int_equal(bench_number(b, "SELECT state FROM hand_in"), HAND_RECEIVING);
    assert_int_equal(fix_store_all(b, NULL, 0), 3); /* two parts, then the sum of the whole */
    assert_int_equal(bench_number(b, "SELECT state FROM hand_in"), HAND_TAKEN);
    done(b, run, one);
    const Uppsikt__BuildPackage *q = fix_asked(b, "package", &i);
    assert_string_equal(q->layout, "manual");
    assert_string_equal(q->why, "login_wall");
    assert_int_equal(q->n_hand_ins, 1);
    assert_string_equal(q->hand_ins[0]->mime, "application/pdf");
    assert_string_equal(q->hand_ins[0]->person_title, "kommunikatör");
    assert_non_null(strstr(q->hand_ins[0]->stated->name, "Min sida"));
    bench_skip(b);
    fix_built(b, NULL);
    bench_saw(b, "AccountCaptured PackageSealed");
    fix_store_all(b, NULL, 0);
    hand_in(b, run, two); /* a second file: added, not put in place of the first */
    whole(b, two);
    fix_store_all(b, NULL, 0);
    done(b, run, two);
    q = fix_asked(b, "package", &i);
    assert_int_equal(q->n_hand_ins, 2);
    fix_built(b, NULL);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM package"), 2);
}

/* R23: when the last package that it was handed in for is disposed of, what the file was called
 * goes too; the register's row of the package stays. */
static void R23_what_was_handed_in_goes_with_its_package(void **state)
{
    bench *b = *state;
    char run[UPP_ID], one[UPP_ID];
    walled(b, run);
    hand_in(b, run, one);
    whole(b, one);
    fix_store_all(b, NULL, 0);
    done(b, run, one);
    fix_built(b, NULL);
    assert_true(bench_bytes_hold(b, "Min sida"));
    ProtobufCMessage *said = bench_said(b, &uppsikt__package_sealed__descriptor, NULL, NULL);
    fix_store_all(b, NULL, 0); /* the round's own folder */
    bench_skip(b);
    fix_forget(b, ((Uppsikt__PackageSealed *)said)->package);
    upp_msg_freep(&said);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM hand_in WHERE file_ref = 0"), 1);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM package WHERE gone = 1"), 1);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM upp_object WHERE gone = 0"), 0);
    bench_saw(b, "ContentForgotten"); /* not yet: both folders lie there */
    size_t i = 0;
    (void)fix_asked(b, "intake", &i);
    bench_answer(b, i, UPP_NEVER, NULL); /* the disk would not */
    assert_int_equal(fix_store_all(b, NULL, 0), 1);
    bench_saw(b, "DeadLetterKept");
    bench_wait(b, UPP_HOUR);
    assert_int_equal(fix_store_all(b, NULL, 0), 1);
    bench_saw(b, "PackageRemoved");
    assert_int_equal(bench_number(b, "SELECT count(*) FROM removal"), 0);
}

/* R23: after a restore a package may be disposed of that nobody knows any more: what lies there in
 * its name goes all the same, and evidence waits for nothing. What is no package is none. */
static void R23_a_package_that_nobody_knows_goes_too(void **state)
{
    bench *b = *state;
    bench_skip(b);
    fix_forget(b, "uuid-0000aaaa-0000-4000-8000-00000000000a");
    fix_forget(b, "uuid-../../x");
    assert_int_equal(fix_store_all(b, NULL, 0), 1);
    bench_saw(b, "ContentForgotten ContentForgotten PackageRemoved");
}

/* Her name, the file's name and what she says of it are content alone (R29). */
static void R29_names_are_content_alone(void **state)
{
    bench *b = *state;
    char run[UPP_ID], one[UPP_ID];
    walled(b, run);
    fix_comment(b, "acc", "c1", "text " MARKER);
    hand_in(b, run, one);
    assert_int_equal(bench_cells(b, MARKER, "upp_content"), 0);
    Uppsikt__HandIns q = UPPSIKT__HAND_INS__INIT;
    q.run = run;
    assert_int_equal(bench_query(b, NULL, &q.base), 1);
    ProtobufCMessage *row = bench_row_at(b, 0, &uppsikt__hand_in_row__descriptor);
    assert_string_equal(((Uppsikt__HandInRow *)row)->state, "receiving");
    assert_int_equal(((Uppsikt__HandInRow *)row)->commitment.len, 32);
    upp_msg_freep(&row);
}

static void R26_parts_come_in_order_or_not_at_all(void **state)
{
    bench *b = *state;
    char run[UPP_ID], one[UPP_ID];
    walled(b, run);
    hand_in(b, run, one);
    const Uppsikt__HandInPart gap = a_part(one, 3, "def"), more = a_part(one, 0, "abcdefg"),
                              before = a_part(one, -1, "a"), good = a_part(one, 0, "abc");
    bench_refused(b, "anna", &gap.base, "part-out-of-place");
    bench_refused(b, "anna", &more.base, "part-out-of-place");
    bench_refused(b, "anna", &before.base, "part-out-of-place");
    bench_refused(b, "chef", &good.base, "hand-in-unknown"); /* hers alone */
    char *list[] = { one };
    Uppsikt__HandInDone c = UPPSIKT__HAND_IN_DONE__INIT;
    c.run = run;
    c.hand_ins = list;
    c.n_hand_ins = 1;
    bench_refused(b, "anna", &c.base, "hand-in-not-whole");
    bench_did(b, "anna", &good.base);
    fix_store_all(b, NULL, 0);
    bench_wait(b, UPP_DAY); /* she gave up: it does not lie about for ever */
    assert_int_equal(bench_number(b, "SELECT state FROM hand_in"), HAND_REFUSED);
    size_t i = 0;
    assert_true(((const Uppsikt__StorePart *)fix_asked(b, "intake", &i))->remove);
}

static void R26_a_file_that_nobody_could_want_is_refused(void **state)
{
    bench *b = *state;
    char run[UPP_ID];
    Uppsikt__HandInFile file;
    walled(b, run);
    Uppsikt__HandIn c = a_file(run, &file);
    c.bytes = 0;
    bench_refused(b, "anna", &c.base, "file-empty");
    c.bytes = INT64_C(1) << 40;
    bench_refused(b, "anna", &c.base, "file-too-large");
    c = a_file(run, &file);
    file.source = upp_lend("friend");
    bench_refused(b, "anna", &c.base, "source-unknown");
    c = a_file(run, &file);
    file.sha256.len = 31;
    bench_refused(b, "anna", &c.base, "sum-missing");
    c = a_file("none", &file);
    bench_refused(b, "anna", &c.base, "run-unknown");
    c = a_file(run, &file);
    bench_refused(b, "nobody", &c.base, "not-allowed");
}

/* -- R29: who opens a package is said once a day; her name can be forgotten -- */
static void R29_opening_a_package_is_logged_once_a_day(void **state)
{
    bench *b = *state;
    char package[48];
    fix_account(b, "acc", FIX_OPEN, FIX_API, FIX_URL);
    fix_run(b, "acc", package);
    fix_seal_run(b);
    ProtobufCMessage *said = bench_said(b, &uppsikt__package_sealed__descriptor, NULL, NULL);
    snprintf(package, sizeof package, "%s", ((Uppsikt__PackageSealed *)said)->package);
    upp_msg_freep(&said);
    Uppsikt__OpenPackage c = UPPSIKT__OPEN_PACKAGE__INIT;
    c.package = package;
    bench_skip(b);
    bench_refused(b, "nobody", &c.base, "not-allowed");
    bench_did(b, "arkiv", &c.base);
    bench_did(b, "arkiv", &c.base);
    bench_saw(b, "PackageOpened");
    ProtobufCMessage *out =
        bench_unpack(&uppsikt__package_contents__descriptor, b->outcome.at, b->outcome.len);
    assert_int_equal(((Uppsikt__PackageContents *)out)->n_files, 1);
    assert_string_equal(((Uppsikt__PackageContents *)out)->files[0]->path, "data/x");
    upp_msg_freep(&out);
    bench_did(b, "anna", &c.base);
    bench_saw(b, "PackageOpened");
    bench_wait(b, UPP_DAY);
    bench_did(b, "anna", &c.base);
    bench_saw(b, "PackageOpened");
    said = bench_said(b, &uppsikt__package_opened__descriptor, NULL, NULL);
    assert_string_equal(((Uppsikt__PackageOpened *)said)->account, "acc");
    assert_int_equal(bench_number(b, "SELECT count(*) FROM upp_about WHERE subject = 'anna'"),
                     1 + 2);                              /* her name, and that she looked */
    fix_forget(b, ((Uppsikt__PackageOpened *)said)->log); /* that day's, by a row of its own */
    upp_msg_freep(&said);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM upp_about WHERE subject = 'anna'"),
                     1 + 1);
    fix_forget(b, package); /* the package's own row lets it go */
    bench_refused(b, "arkiv", &c.base, "package-unknown");
    size_t i = 0;
    const Uppsikt__StorePart *p = fix_asked(b, "intake", &i);
    assert_true(p->remove);
    assert_non_null(strstr(p->folder, package));
    assert_int_equal(bench_number(b, "SELECT count(*) FROM upp_object WHERE gone = 0"), 0);
}

/* -- disposal -- */
/* capture.md 5: what was forgotten goes from here; a package that is sealed is named, with the row
 * that keeps it. */
static void R23_forgotten_content_goes_and_copies_are_named(void **state)
{
    bench *b = *state;
    char run[UPP_ID];
    Uppsikt__RetentionRowAdopted row = UPPSIKT__RETENTION_ROW_ADOPTED__INIT;
    row.row = upp_lend("bun-7");
    row.authority = upp_lend("bun");
    row.kind = upp_lend("arkivpaket");
    row.action = UPPSIKT__RETENTION_ROW_ADOPTED__ACTION__ACTION_KEEP;
    row.decision = upp_lend("BUN 2026/1");
    HEARD(b, "registry", "bun-7", &row.base, NULL);
    fix_account(b, "acc", FIX_OPEN, FIX_API, FIX_URL);
    fix_comment(b, "acc", "c1", "glöm FORGETME");
    bench_wait(b, UPP_MINUTE);
    fix_run(b, "acc", run);
    fix_seal_run(b);
    assert_true(bench_bytes_hold(b, "FORGETME"));
    bench_skip(b);
    fix_forget(b, "c1");
    bench_saw(b, "CopyKept ContentForgotten");
    ProtobufCMessage *said = bench_said(b, &uppsikt__copy_kept__descriptor, NULL, NULL);
    assert_string_equal(((Uppsikt__CopyKept *)said)->plan_row, "bun-7");
    assert_string_equal(((Uppsikt__CopyKept *)said)->item, "c1");
    upp_msg_freep(&said);
    assert_int_equal(bench_cells(b, "FORGETME", NULL), 0);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM item"), 1); /* the fact stays */
}

/* A list that is on its way to disk begins anew, without it. */
static void R23_what_is_forgotten_while_it_is_packed_is_not_in_the_package(void **state)
{
    bench *b = *state;
    char run[UPP_ID], list[4096] = "";
    size_t i = 0;
    fix_account(b, "acc", FIX_OPEN, FIX_API, FIX_URL);
    fix_comment(b, "acc", "c1", "glöm FORGETME");
    fix_comment(b, "acc", "c2", "behåll");
    bench_wait(b, UPP_MINUTE);
    fix_run(b, "acc", run);
    bench_wait(b, 0);
    fix_captured(b, UPPSIKT__PAGE_CAPTURED__STATE__STATE_OK);
    fix_store_all(b, list, sizeof list);
    assert_non_null(strstr(list, "FORGETME"));
    (void)fix_asked(b, "package", &i); /* under way: its answer will come */
    bench_skip(b);
    fix_forget(b, "c1");
    bench_saw(b, "ContentForgotten");
    bench_wait(b, 0);
    fix_built(b, NULL);
    bench_saw(b, ""); /* of a round that does not count any more */
    assert_int_equal(bench_number(b, "SELECT count(*) FROM package"), 0);
    list[0] = '\0';
    fix_captured(b, UPPSIKT__PAGE_CAPTURED__STATE__STATE_OK);
    fix_store_all(b, list, sizeof list);
    assert_null(strstr(list, "FORGETME"));
    assert_non_null(strstr(list, "behåll"));
    const Uppsikt__BuildPackage *q = fix_asked(b, "package", &i);
    assert_int_equal(q->comments, 1);
    assert_int_equal(q->forgotten, 1);
    fix_built(b, NULL);
    bench_saw(b, "AccountCaptured PackageSealed");
}

/* Nothing is left out between two packages, and what lies in an earlier one goes from here. */
static void R26_each_package_goes_on_where_the_one_before_ended(void **state)
{
    bench *b = *state;
    char run[UPP_ID], list[4096] = "";
    size_t i = 0;
    fix_account(b, "acc", FIX_OPEN, FIX_API, FIX_URL);
    fix_comment(b, "acc", "c1", "höstens");
    bench_wait(b, UPP_MINUTE);
    fix_run(b, "acc", run);
    fix_seal_run(b);
    fix_comment(b, "acc", "c2", "vinterns");
    bench_wait(b, MARCH_15 - b->now);
    fix_captured(b, UPPSIKT__PAGE_CAPTURED__STATE__STATE_OK);
    fix_store_all(b, list, sizeof list);
    assert_null(strstr(list, "höstens"));
    assert_non_null(strstr(list, "vinterns"));
    (void)fix_asked(b, "package", &i);
    fix_built(b, NULL);
    assert_int_equal(bench_cells(b, "höstens", NULL), 0);
    assert_int_not_equal(bench_cells(b, "vinterns", NULL), 0);
}

static void R23_a_hold_is_shown(void **state)
{
    bench *b = *state;
    char run[UPP_ID];
    Uppsikt__ArchiveRuns q = UPPSIKT__ARCHIVE_RUNS__INIT;
    fix_account(b, "acc", FIX_OPEN, FIX_API, FIX_URL);
    fix_run(b, "acc", run);
    fix_hold(b, "acc");
    q.run = run;
    assert_int_equal(bench_query(b, NULL, &q.base), 1);
    ProtobufCMessage *row = bench_row_at(b, 0, &uppsikt__archive_run__descriptor);
    assert_true(((Uppsikt__ArchiveRun *)row)->held);
    upp_msg_freep(&row);
}

/* A store of before it was kept which folders still lie there: its rows of the plan are known by
 * their kind, its packages go. */
static void R23_a_store_of_before(void **state)
{
    upp_service before = upp_archive_service;
    (void)state;
    before.upgrades = NULL;
    before.on_start = NULL;
    bench *b = bench_open(&before);
    ((archive_config *)b->config)->folder = "/var/lib/x/archive";
    assert_int_equal(sqlite3_exec(upp_node_db(b->node),
                                  "INSERT INTO retention VALUES('r1', 'ks', 'arkivpaket', 1, 'KS"
                                  " 1', 0); INSERT INTO package VALUES('uuid-0a', 'run1', 'acc',"
                                  " '2026-1', 0, 1, 1, 1, 1, 0, 0)",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    b->service = &upp_archive_service;
    bench_restart(b);
    assert_int_equal(bench_number(b, "SELECT packages FROM retention"), 0);
    bench_skip(b);
    fix_forget(b, "uuid-0a");
    assert_int_equal(fix_store_all(b, NULL, 0), 2);
    bench_saw(b, "ContentForgotten PackageRemoved");
    bench_close(b);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, fix_set_up, bench_tear_down)
    const struct CMUnitTest tests[] = {
        T(R26_what_is_handed_in_is_a_full_representation),
        T(R29_names_are_content_alone),
        T(R26_parts_come_in_order_or_not_at_all),
        T(R26_a_file_that_nobody_could_want_is_refused),
        T(R23_what_was_handed_in_goes_with_its_package),
        T(R23_a_package_that_nobody_knows_goes_too),
        cmocka_unit_test(R23_a_store_of_before),
        T(R29_opening_a_package_is_logged_once_a_day),
        T(R23_forgotten_content_goes_and_copies_are_named),
        T(R23_what_is_forgotten_while_it_is_packed_is_not_in_the_package),
        T(R26_each_package_goes_on_where_the_one_before_ended),
        T(R23_a_hold_is_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
