/* report_csv_test.c - the auditor's table as a spreadsheet reads it (R32). */
#include "report_csv.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void R32_each_clock_of_each_account_is_a_line(void **state)
{
    (void)state;
    UPP_AUTO(buf_done) buf out = { 0 };
    phrases *sv = phrases_new("sv");
    Uppsikt__ReportRow m = UPPSIKT__REPORT_ROW__INIT, q = UPPSIKT__REPORT_ROW__INIT;
    Uppsikt__ReportRow *clocks[] = { &m, &q };
    m.account = upp_lend("acc");
    m.clock = upp_lend("moderation");
    m.n_in = 9;
    m.met = 3;
    m.late = 1;
    m.open_late = 2;
    m.open = 1;
    m.withdrawn = 2;
    m.within_24h = 4;
    m.within_attended = 3;
    m.percent = 50;
    q.account = upp_lend("acc");
    q.clock = upp_lend("question");
    q.needs_no_answer = 7;
    q.percent = -1;
    assert_int_equal(report_csv_head(&out, sv), 0);
    assert_int_equal(report_csv_rows(&out, sv, clocks, 1, NULL), 0);
    assert_int_equal(report_csv_rows(&out, sv, clocks, 2, "Skolan;=\"A\"\r\n"), 0);
    const char *text = buf_text(&out);
    assert_int_equal(strncmp(text, "\xEF\xBB\xBF\"Konto\";\"Kontots id\";\"Vad\";\"Kom in\"", 37),
                     0);
    assert_non_null(strstr(text, "\r\n\"Alla konton\";\"acc\";\"Olämpligt innehåll\";"
                                 "9;3;1;2;1;2;4;3;0;50\r\n"));
    assert_non_null(strstr(text, "\r\n\"Skolan;'=\"\"A\"\"\";\"acc\";\"Olämpligt innehåll\";9;"));
    assert_non_null(strstr(text, ";\"Frågor\";0;0;0;0;0;0;0;0;7;\r\n")); /* no share of nothing */
    phrases_free(sv);
}

/* An account's name comes from a register that many write in. */
static void R32_what_looks_like_a_formula_is_none(void **state)
{
    (void)state;
    static const char *const names[] = { "=HYPERLINK(1)", "+1", "-1", "@a" };
    phrases *sv = phrases_new("sv");
    Uppsikt__ReportRow m = UPPSIKT__REPORT_ROW__INIT, *clocks[] = { &m };
    m.account = upp_lend("acc");
    m.clock = upp_lend("look");
    for (size_t i = 0; i < UPP_LEN(names); i++) {
        UPP_AUTO(buf_done) buf out = { 0 };
        assert_int_equal(report_csv_rows(&out, sv, clocks, 1, names[i]), 0);
        assert_int_equal(strncmp(buf_text(&out), "\"'", 2), 0);
        assert_int_equal(strncmp(buf_text(&out) + 2, names[i], strlen(names[i])), 0);
    }
    phrases_free(sv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R32_each_clock_of_each_account_is_a_line),
        cmocka_unit_test(R32_what_looks_like_a_formula_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
