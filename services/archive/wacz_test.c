/* wacz_test.c - the index's keys, and that every changed bit and cut of a WACZ is found (capture.md
 * 9.2, 9.3, 10.2; R27). */
// clang-format off
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include "package_fixture.h"
#include "wacz.h"
#include "zip.h"

#include <string.h>

static void keys_of_the_index(void **state)
{
    (void)state;
    static const char *const row[][2] = {
        { "http://h.o.st:8080/Path?B=C#frag", "st,o,h:8080)/path?b=c" },
        { "https://www.kungalv.se", "se,kungalv,www)/" },
        { "HTTPS://user:pw@Example.com?q", "com,example)/?q" },
        { "http://127.0.0.1:8099/x", "127.0.0.1:8099)/x" },
        { "http://[::1]:80/x", "[::1]:80)/x" },
        { "http://localhost/", "localhost)/" },
    };
    for (size_t i = 0; i < UPP_LEN(row); i++) {
        UPP_AUTO(buf_done) buf key = { 0 };
        assert_int_equal(cdxj_surt(row[i][0], &key), 0);
        assert_string_equal(buf_text(&key), row[i][1]);
    }
    static const char *const bad[] = { "urn:view:x", "ftp://x/", "http://a b/", "http:///", "" };
    for (size_t i = 0; i < UPP_LEN(bad); i++) {
        UPP_AUTO(buf_done) buf key = { 0 };
        assert_int_equal(cdxj_surt(bad[i], &key), UPP_E_INPUT);
    }
}

static int count_line(void *ctx, const cdxj_line *line)
{
    assert_string_equal(line->filename, "f");
    ++*(size_t *)ctx;
    return 0;
}

static void lines_are_sorted_by_bytes(void **state)
{
    (void)state;
    const char *sum = "0000000000000000000000000000000000000000000000000000000000000000";
    const cdxj_row rows[] = {
        { "http://b.se/", FIXTURE_DATE, "text/html", sum, "f", 200, 5, 6 },
        { "http://a.se/z", FIXTURE_DATE, "text/html", sum, "f", 404, 1, 2 },
        { "http://a.se/Z", "2026-01-01T00:00:00Z", "text/html", sum, "f", 200, 3, 4 },
    };
    UPP_AUTO(buf_done) buf out = { 0 };
    const sink to = buf_sink(&out);
    assert_int_equal(cdxj_write(rows, 3, &to), 0);
    assert_int_equal(strncmp(buf_text(&out),
                             "se,a)/z 20260101000000 {\"url\":\"http://a.se/Z\",\"mime\":"
                             "\"text/html\",\"status\":\"200\",\"digest\":\"sha256:0000",
                             98),
                     0);
    fixture_heard heard = { 0 };
    complaints ears = fixture_ears(&heard);
    size_t n = 0;
    assert_int_equal(cdxj_read(buf_bytes(&out), "i", &ears, count_line, &n), 0);
    assert_int_equal(ears.n, 0);
    assert_int_equal(n, 3);
    UPP_AUTO(buf_done) buf wrong = { 0 }; /* the last line first */
    const char *last = strstr(buf_text(&out), "se,b)");
    assert_int_equal(
        buf_printf(&wrong, "%s%.*s", last, (int)(last - buf_text(&out)), buf_text(&out)), 0);
    assert_int_equal(cdxj_read(buf_bytes(&wrong), "i", &ears, count_line, &n), 0);
    assert_int_equal(ears.n, 1);
    assert_string_equal(heard.what, "the line is out of order");
}

static void good_file_has_no_fault_and_is_the_same_twice(void **state)
{
    (void)state;
    for (int deflate = 0; deflate <= 1; deflate++) {
        UPP_AUTO(buf_done) buf one = { 0 };
        UPP_AUTO(buf_done) buf two = { 0 };
        fixture_heard heard = { 0 };
        complaints to = fixture_ears(&heard);
        fixture_wacz(deflate == 1, &one);
        fixture_wacz(deflate == 1, &two);
        assert_int_equal(one.len, two.len);
        assert_memory_equal(one.at, two.at, one.len);
        (void)fixture_wacz_faults(buf_bytes(&one), true, &to);
        assert_string_equal(heard.what, "");
        assert_int_equal(fixture_wacz_faults(buf_bytes(&one), false, &to), 0);
    }
}

static void every_cut_is_found(void **state)
{
    (void)state;
    UPP_AUTO(buf_done) buf file = { 0 };
    fixture_wacz(false, &file);
    for (size_t cut = 0; cut < file.len; cut++) {
        const upp_bytes part = { file.at, cut };
        assert_true(fixture_wacz_faults(part, false, NULL) > 0);
    }
}

static void every_changed_byte_is_found(void **state)
{
    (void)state;
    UPP_AUTO(buf_done) buf file = { 0 };
    fixture_wacz(false, &file);
    for (size_t i = 0; i < file.len; i++) {
        const uint8_t changes[] = { (uint8_t)(1U << (i % 8)), 0x20, 0xff };
        for (size_t c = 0; c < UPP_LEN(changes); c++) {
            file.at[i] ^= changes[c];
            if (fixture_wacz_faults(buf_bytes(&file), true, NULL) == 0)
                fail_msg("byte %zu changed by %02x is not found", i, changes[c]);
            file.at[i] ^= changes[c];
        }
    }
}

static void a_file_that_may_not_be_in_it_is_refused(void **state)
{
    (void)state;
    static const char *const path[] = { "archive/x", "datapackage.json", "../x", "/x", "a\\b" };
    const upp_bytes none = { 0 };
    const wacz_page page = { "p", "http://a/", "t", FIXTURE_DATE, NULL, 200, 4 };
    for (size_t i = 0; i < UPP_LEN(path); i++) {
        UPP_AUTO(buf_done) buf out = { 0 };
        const wacz_extra extra = { path[i], source_of(&none) };
        const wacz w = {
            "t", "s", FIXTURE_DATE, &page, 1, source_of(&none), none, &extra, 1, false
        };
        const sink to = buf_sink(&out);
        assert_int_equal(wacz_write(&w, &to), UPP_E_INPUT);
    }
}

/* A file of the right form whose index leads astray: the sums are right, the rule is not kept. */
static void an_index_that_leads_nowhere_is_found(void **state)
{
    (void)state;
    UPP_AUTO(buf_done) buf archive = { 0 };
    fixture_warc(&archive, NULL, NULL);
    const upp_bytes bytes = buf_bytes(&archive);
    const char *line =
        "a)/ 20261123174051 {\"url\":\"http://a/\",\"digest\":\"x\",\"length\":\"9\","
        "\"offset\":\"1\",\"filename\":\"data.warc.gz\"}\n";
    const wacz_page page = { "p", "http://a/", "t", FIXTURE_DATE, NULL, 200, 4 };
    const wacz w = { .title = "t",
                     .software = "s",
                     .created = FIXTURE_DATE,
                     .pages = &page,
                     .page_count = 1,
                     .archive = source_of(&bytes),
                     .index = { (const uint8_t *)line, strlen(line) } };
    UPP_AUTO(buf_done) buf out = { 0 };
    const sink to = buf_sink(&out);
    fixture_heard heard = { 0 };
    complaints ears = fixture_ears(&heard);
    assert_int_equal(wacz_write(&w, &to), 0);
    assert_int_equal(fixture_wacz_faults(buf_bytes(&out), true, &ears), 1);
    assert_string_equal(heard.what, "no record of an archive begins there");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_of_the_index),
        cmocka_unit_test(lines_are_sorted_by_bytes),
        cmocka_unit_test(good_file_has_no_fault_and_is_the_same_twice),
        cmocka_unit_test(every_cut_is_found),
        cmocka_unit_test(every_changed_byte_is_found),
        cmocka_unit_test(a_file_that_may_not_be_in_it_is_refused),
        cmocka_unit_test(an_index_that_leads_nowhere_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
