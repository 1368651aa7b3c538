/* intake_test.c - what people hand in, on a real folder: it comes as it was, and what is hostile is
 * refused (capture.md 6.1). */
#define _GNU_SOURCE /* nftw, memmem */
#include "desk_fixture.h"
#include "zip.h"

static void hand_in(desk *d, const char *run, const char *name, upp_bytes bytes,
                    char ret_hand_in[UPP_ID])
{
    uint8_t sum[32];
    Uppsikt__HandIn c = UPPSIKT__HAND_IN__INIT;
    Uppsikt__HandInFile file = UPPSIKT__HAND_IN_FILE__INIT;
    Uppsikt__HandInPart part = UPPSIKT__HAND_IN_PART__INIT;
    sum_of(bytes.at, bytes.len, sum);
    file.name = upp_lend(name);
    file.source = upp_lend("browser");
    file.sha256 = (ProtobufCBinaryData){ sizeof sum, sum };
    c.run = upp_lend(run);
    c.bytes = (int64_t)bytes.len;
    c.file = &file;
    bench_did(d->b, "anna", &c.base);
    ProtobufCMessage *out =
        bench_unpack(&uppsikt__hand_in_taken__descriptor, d->b->outcome.at, d->b->outcome.len);
    snprintf(ret_hand_in, UPP_ID, "%s", ((Uppsikt__HandInTaken *)out)->hand_in);
    upp_msg_freep(&out);
    part.hand_in = ret_hand_in;
    for (size_t at = 0; at < bytes.len; at += part.bytes.len) {
        const size_t left = bytes.len - at;
        part.offset = (int64_t)at;
        part.bytes = (ProtobufCBinaryData){ left < 1000 ? left : 1000,
                                            (uint8_t *)upp_lend((const char *)bytes.at) + at };
        bench_did(d->b, "anna", &part.base);
    }
    turn(d);
}

static void done(desk *d, const char *run, const char *hand_in_id)
{
    char *list[] = { upp_lend(hand_in_id) };
    Uppsikt__HandInDone c = UPPSIKT__HAND_IN_DONE__INIT;
    c.run = upp_lend(run);
    c.hand_ins = list;
    c.n_hand_ins = 1;
    bench_did(d->b, "anna", &c.base);
    bench_wait(d->b, 0);
    turn(d);
}

static void R26_handed_in_files_come_as_they_were(void **state)
{
    desk *d = *state;
    char run[UPP_ID], id[UPP_ID], bag[PATH_MAX], script[600];
    UPP_AUTO(buf_done) buf pdf = { 0 };
    uint8_t sum[32];
    char hex[FIXITY_HEX];
    fix_account(d->b, "acc", FIX_OPEN, FIX_MANUAL, NULL);
    fix_run(d->b, "acc", run);
    bench_wait(d->b, 0);
    turn(d);
    assert_int_equal(bench_number(d->b, "SELECT state FROM run"), RUN_MANUAL);
    assert_int_equal(buf_put(&pdf, "%PDF-1.7\n", 9), 0);
    while (pdf.len < 5000)
        assert_int_equal(buf_printf(&pdf, "%zu ", pdf.len), 0);
    hand_in(d, run, "../../etc/Min sida å.pdf", buf_bytes(&pdf), id);
    done(d, run, id);
    if (bench_number(d->b, "SELECT state FROM run") != RUN_SEALED)
        fail_msg("not sealed: %s", hand_loop_said(d->loop));
    package_of(d, bag);
    if (faults(d, bag) != 0)
        fail_msg("%s", d->wrong);
    sum_of(pdf.at, pdf.len, sum);
    fixity_hex(sum, sizeof sum, hex);
    snprintf(script, sizeof script,
             "grep -q '%s  data/uuid-.*/representations/rep2/data/01-Min_sida__.pdf'"
             " manifest-sha256.txt && grep -q '\"state\": \"manual\"' data/*/representations/rep2/"
             "data/manuell.json && grep -q 'person' data/*/metadata/preservation/premis.xml &&"
             " grep -q MANUELLT data/*/documentation/fangstrapport.txt",
             hex);
    assert_int_equal(run_in(bag, script), 0);
}

static void add(zip_writer *z, const char *path, const char *text)
{
    const upp_bytes bytes = { (const uint8_t *)text, strlen(text) };
    const source in = source_of(&bytes);
    assert_int_equal(zip_add(z, path, ZIP_DEFLATED, &in), 0);
}

/* `path` may be one that zip_add refuses: it is put over one of the same length. */
static void hostile_zip(buf *out, const char *path, const char *text)
{
    zip_writer z = { .out = buf_sink(out) };
    char plain[64];
    const size_t len = strlen(path);
    memset(plain, 'p', len);
    plain[len] = '\0';
    add(&z, plain, text);
    assert_int_equal(zip_end(&z), 0);
    zip_writer_done(&z);
    for (size_t i = 0; i + len <= out->len; i++)
        if (memcmp(out->at + i, plain, len) == 0)
            memcpy(out->at + i, path, len);
}

static void refused(desk *d, const char *run, upp_bytes bytes, const char *why)
{
    char id[UPP_ID], sql[160];
    hand_in(d, run, "x", bytes, id);
    snprintf(sql, sizeof sql, "SELECT count(*) FROM hand_in WHERE hand_in = '%s' AND why = '%s'",
             id, why);
    if (bench_number(d->b, sql) != 1)
        fail_msg("not refused: %s", why);
    snprintf(sql, sizeof sql, "! test -e hand/%s/%s", run, id);
    assert_int_equal(run_in(d->folder, sql), 0); /* it does not lie about */
}

/* B3: a zip that leads out, a bomb, a link, an archive inside an archive, a thing of no kind. */
static void R26_what_is_hostile_is_refused(void **state)
{
    desk *d = *state;
    char run[UPP_ID], id[UPP_ID];
    fix_account(d->b, "acc", FIX_OPEN, FIX_MANUAL, NULL);
    fix_run(d->b, "acc", run);
    bench_wait(d->b, 0);
    turn(d);
    char *zeros = calloc(1, 1000001);
    upp_check(zeros);
    memset(zeros, 'z', 1000000);
    const struct {
        const char *path, *text, *why;
    } rows[] = { { "../x", "a", "zip-faulty" },
                 { "/etc/x", "a", "zip-faulty" },
                 { "bomb.txt", zeros, "zip-bomb" },
                 { "a.zip", "a", "zip-nested" },
                 { "a/b.TAR", "a", "zip-nested" } };
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        UPP_AUTO(buf_done) buf bad = { 0 };
        hostile_zip(&bad, rows[i].path, rows[i].text);
        refused(d, run, buf_bytes(&bad), rows[i].why);
    }
    free(zeros);
    UPP_AUTO(buf_done) buf link = { 0 };
    hostile_zip(&link, "link.txt", "/etc/passwd");
    uint8_t *row = memmem(link.at, link.len, "PK\x01\x02", 4);
    assert_non_null(row);
    row[41] = 0xa1; /* the mode of a symbolic link */
    refused(d, run, buf_bytes(&link), "zip-link");
    UPP_AUTO(buf_done) buf twins = { 0 };
    zip_writer z = { .out = buf_sink(&twins) };
    add(&z, "html/aa", "1");
    add(&z, "html/ab", "2");
    assert_int_equal(zip_end(&z), 0);
    zip_writer_done(&z);
    for (uint8_t *at = twins.at; (at = memmem(at, twins.len - (size_t)(at - twins.at), "ab", 2));)
        *(at + 1) = 'a';
    refused(d, run, buf_bytes(&twins), "zip-faulty");
    refused(d, run, (upp_bytes){ (const uint8_t *)"MZ program", 10 }, "file-kind-unknown");
    UPP_AUTO(buf_done) buf good = { 0 };
    zip_writer w = { .out = buf_sink(&good) };
    add(&w, "htmlp", ""); /* an entry for a folder, as other programs write it */
    add(&w, "html/index.html", "<html><script>alert(1)</script>");
    assert_int_equal(zip_end(&w), 0);
    zip_writer_done(&w);
    for (uint8_t *at = good.at; (at = memmem(at, good.len - (size_t)(at - good.at), "htmlp", 5));)
        at[4] = '/';
    hand_in(d, run, "export.zip", buf_bytes(&good), id);
    assert_int_equal(
        bench_number(d->b, "SELECT count(*) FROM hand_in WHERE mime = 'application/zip'"), 1);
}

/* The port touches nothing but its own folder, whatever it is asked. */
static void R26_intake_stays_in_its_folder(void **state)
{
    desk *d = *state;
    char outside[PATH_MAX];
    snprintf(outside, sizeof outside, "%s/archive/../precious", d->root);
    assert_int_equal(mkdir(outside, 0700), 0);
    const struct {
        const char *folder, *file;
        bool remove;
    } rows[] = { { outside, "x", false }, { outside, "", true }, { d->root, "", true } };
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        Uppsikt__StorePart p = UPPSIKT__STORE_PART__INIT;
        p.folder = upp_lend(rows[i].folder);
        p.file = upp_lend(rows[i].file);
        p.remove = rows[i].remove;
        p.bytes = (ProtobufCBinaryData){ 1, (uint8_t *)upp_lend("x") };
        const upp_asked ask = { -1, "", 1, &p.base };
        upp_archive_intake_port.start(d->intake, &ask);
        assert_true(folder_has(outside));
        assert_int_equal(count_files(outside), 0);
    }
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(R26_handed_in_files_come_as_they_were),
        T(R26_what_is_hostile_is_refused),
        T(R26_intake_stays_in_its_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
