/* package_test.c - from what a browser's visit gave to a bag that sha256sum, a count and the
 * schemas accept; what is half, and what was changed. */
#define _GNU_SOURCE /* nftw, memmem */
#include "desk_fixture.h"

/* -- R26, R27: the package -- */
static void R27_sha256sum_a_count_and_the_schemas_accept_the_package(void **state)
{
    desk *d = *state;
    char run[UPP_ID], bag[PATH_MAX];
    seal(d, run);
    package_of(d, bag);
    if (faults(d, bag) != 0)
        fail_msg("%s", d->wrong);
    assert_int_equal(run_in(bag, "sha256sum --quiet --strict -c manifest-sha256.txt &&"
                                 " sha256sum --quiet --strict -c tagmanifest-sha256.txt"),
                     0);
    assert_int_equal(run_in(bag, "test \"$(find data -type f | wc -l)\" ="
                                 " \"$(sed -n 's/^Payload-Oxum: [0-9]*\\.//p' bag-info.txt)\""),
                     0);
    static const char *const wanted[] = {
        "METS.xml",
        "metadata/descriptive/konto.json",
        "metadata/preservation/premis.xml",
        "documentation/fangstrapport.json",
        "documentation/fangstrapport.txt",
        "representations/rep1/METS.xml",
        "representations/rep1/data/konto.wacz",
        "representations/rep1/data/sida-0001.png",
        "representations/rep1/data/sida-0001.pdf",
        "representations/rep1/data/sida-0001.mhtml",
        "representations/rep1/data/sida-0001.txt",
        "representations/rep1/data/api/posts.jsonl",
        "representations/rep1/data/api/comments.jsonl",
    };
    for (size_t i = 0; i < UPP_LEN(wanted); i++) {
        char script[256];
        snprintf(script, sizeof script, "test -s data/uuid-*/%s", wanted[i]);
        if (run_in(bag, script) != 0)
            fail_msg("%s is not there", wanted[i]);
    }
    assert_int_equal(run_in(bag,
                            "grep -q 'Skolan' data/*/metadata/descriptive/konto.json &&"
                            " grep -q 'FÅNGSTRAPPORT' data/*/documentation/fangstrapport.txt &&"
                            " grep -q 'Chromium 156' data/*/metadata/preservation/premis.xml &&"
                            " grep -q 'Hej å ä ö' data/*/representations/rep1/data/api/"
                            "comments.jsonl"),
                     0);
    assert_int_equal(count_files(d->objects), count_files(bag)); /* each can be read by parts */
    assert_int_equal(run_in(d->folder, "test -z \"$(ls work)\""), 0);
}

/* One bit anywhere is found, and one file too many (R27). */
static void R27_one_changed_bit_anywhere_is_found(void **state)
{
    desk *d = *state;
    char run[UPP_ID], bag[PATH_MAX];
    folder_list f = { 0 };
    seal(d, run);
    package_of(d, bag);
    assert_int_equal(folder_walk(bag, &f), 0);
    assert_true(f.n > 15);
    for (size_t i = 0; i < f.n; i++) {
        uint8_t byte = 0;
        assert_int_equal(chmod(f.files[i].whole, 0640), 0);
        const int fd = open(f.files[i].whole, O_RDWR | O_CLOEXEC);
        assert_true(fd >= 0);
        const off_t at = (off_t)(f.files[i].bytes / 2);
        assert_int_equal(pread(fd, &byte, 1, at), 1);
        byte ^= 1;
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
        if (faults(d, bag) == 0)
            fail_msg("a changed bit in %s is not seen", f.files[i].path);
        byte ^= 1;
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
        close(fd);
    }
    assert_int_equal(faults(d, bag), 0);
    assert_int_equal(run_in(bag, "touch data/extra"), 0);
    assert_int_not_equal(faults(d, bag), 0);
    folder_done(&f);
}

/* The disk fails in the middle: there is no package, nothing is sealed, and later there is. */
static void R27_nothing_half_is_ever_sealed(void **state)
{
    desk *d = *state;
    char run[UPP_ID], path[PATH_MAX];
    fix_account(d->b, "acc", FIX_OPEN, FIX_API, FIX_URL);
    fix_run(d->b, "acc", run);
    bench_wait(d->b, 0);
    visit(d, UPPSIKT__PAGE_CAPTURED__STATE__STATE_OK);
    assert_int_equal(folder_path(d->folder, "packages", path), 0);
    assert_int_equal(folder_write(path, (upp_bytes){ 0 }), 0); /* a file where a folder must be */
    bench_skip(d->b);
    turn(d);
    bench_saw(d->b, "");
    assert_int_equal(bench_number(d->b, "SELECT state FROM run"), RUN_PACKING);
    assert_non_null(strstr(hand_loop_said(d->loop), "no package"));
    assert_int_equal(folder_remove(path), 0);
    d->b->now += UPP_MINUTE;
    turn(d);
    bench_saw(d->b, "AccountCaptured PackageSealed");
}

/* A crash after the package has its name and before its answer: it is the same package. */
static void R27_a_lost_answer_gives_no_second_package(void **state)
{
    desk *d = *state;
    char run[UPP_ID], path[PATH_MAX];
    fix_account(d->b, "acc", FIX_OPEN, FIX_API, FIX_URL);
    fix_run(d->b, "acc", run);
    bench_wait(d->b, 0);
    visit(d, UPPSIKT__PAGE_CAPTURED__STATE__STATE_OK);
    while (bench_number(d->b, "SELECT state FROM run") != RUN_PACKING) {
        size_t i = 0;
        const bench_asked *a = (fix_asked(d->b, "intake", &i), &d->b->asks[i]);
        const upp_asked ask = { a->id, a->key, a->attempt, a->request };
        upp_archive_intake_port.start(d->intake, &ask);
    }
    size_t i = 0;
    (void)fix_asked(d->b, "package", &i);
    const upp_asked lost = { -1, "", 1, d->b->asks[i].request };
    upp_archive_package_port.start(d->packer, &lost); /* built; nobody hears of it */
    assert_int_equal(folder_path(d->folder, "packages", path), 0);
    assert_int_equal(run_in(path, "test \"$(ls | wc -l)\" = 1"), 0);
    bench_restart(d->b);
    turn(d);
    assert_int_equal(bench_number(d->b, "SELECT state FROM run"), RUN_SEALED);
    assert_int_equal(run_in(path, "test \"$(ls | wc -l)\" = 1"), 0);
}

/* The run began anew while its package waited to be built: that ask ends, and does not try again
 * for days what cannot be done. Found by the simulator (tests/stories/packed_test.c). */
static void R23_a_package_of_a_run_that_began_anew_is_given_up(void **state)
{
    desk *d = *state;
    char run[UPP_ID];
    size_t i = 0;
    fix_account(d->b, "acc", FIX_OPEN, FIX_API, FIX_URL);
    fix_comment(d->b, "acc", "c1", "glöm");
    bench_wait(d->b, UPP_MINUTE);
    fix_run(d->b, "acc", run);
    bench_wait(d->b, 0);
    visit(d, UPPSIKT__PAGE_CAPTURED__STATE__STATE_OK);
    while (bench_number(d->b, "SELECT state FROM run") != RUN_PACKING) {
        const bench_asked *a = (fix_asked(d->b, "intake", &i), &d->b->asks[i]);
        const upp_asked ask = { a->id, a->key, a->attempt, a->request };
        upp_archive_intake_port.start(d->intake, &ask);
    }
    (void)fix_asked(d->b, "package", &i); /* it waits: the disk was full, say */
    const int64_t old = d->b->asks[i].id;
    fix_forget(d->b, "c1");
    bench_wait(d->b, 0);
    (void)fix_asked(d->b, "intake", &i);
    const bench_asked *a = &d->b->asks[i];
    const upp_asked gone = { a->id, a->key, a->attempt, a->request };
    upp_archive_intake_port.start(d->intake, &gone);
    turn(d);
    for (i = 0; i < d->b->n_asks; i++)
        assert_int_not_equal(d->b->asks[i].id, old);
    visit(d, UPPSIKT__PAGE_CAPTURED__STATE__STATE_OK);
    turn(d);
    assert_int_equal(bench_number(d->b, "SELECT state FROM run"), RUN_SEALED);
}

/* What the browser wrote was changed on the way: it is refused, and people are asked. */
static void R27_a_capture_that_was_changed_is_refused(void **state)
{
    desk *d = *state;
    char run[UPP_ID], path[PATH_MAX];
    size_t i = 0;
    fix_account(d->b, "acc", FIX_OPEN, FIX_API, FIX_URL);
    fix_run(d->b, "acc", run);
    bench_wait(d->b, 0);
    const Uppsikt__CapturePage *q = fix_asked(d->b, "capture", &i);
    assert_int_equal(folder_path(q->folder, "page.pdf", path), 0);
    visit(d, UPPSIKT__PAGE_CAPTURED__STATE__STATE_OK);
    assert_int_equal(folder_write(path, (upp_bytes){ (const uint8_t *)"%PDF-x", 6 }), 0);
    bench_skip(d->b);
    turn(d);
    bench_saw(d->b, "ManualCaptureAsked");
    assert_int_equal(bench_number(d->b, "SELECT count(*) FROM run WHERE why = 'sum-differs'"), 1);
}

/* R23: when the package's own row lets it go, no byte of it is left. */
static void R23_a_package_that_is_disposed_of_is_gone(void **state)
{
    desk *d = *state;
    char run[UPP_ID], bag[PATH_MAX];
    seal(d, run);
    package_of(d, bag);
    fix_forget(d->b, strrchr(bag, '/') + 1);
    turn(d);
    assert_false(folder_has(bag));
    assert_int_equal(count_files(d->folder), 0);
    assert_int_equal(bench_number(d->b, "SELECT count(*) FROM upp_object WHERE gone = 0"), 0);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(R27_sha256sum_a_count_and_the_schemas_accept_the_package),
        T(R27_one_changed_bit_anywhere_is_found),
        T(R27_nothing_half_is_ever_sealed),
        T(R27_a_lost_answer_gives_no_second_package),
        T(R23_a_package_of_a_run_that_began_anew_is_given_up),
        T(R27_a_capture_that_was_changed_is_refused),
        T(R23_a_package_that_is_disposed_of_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
