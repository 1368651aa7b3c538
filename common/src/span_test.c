/* span_test.c - time spans as people write them (R20: 24 h). */
#include "span.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void test_reads_each_unit(void **state)
{
    static const struct {
        const char *text;
        upp_ms span;
    } rows[] = {
        { "20ms", 20 },
        { "30s", 30 * UPP_SECOND },
        { "5min", 5 * UPP_MINUTE },
        { "24h", 24 * UPP_HOUR },
        { "7d", 7 * UPP_DAY },
        { "0s", 0 },
        { "9223372036854775807ms", INT64_MAX },
        { "106751991167d", 106751991167 * UPP_DAY },
    };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        upp_ms span = -1;
        assert_null(upp_span_parse(rows[i].text, &span));
        assert_int_equal(span, rows[i].span);
    }
}

static void test_refuses_and_says_why(void **state)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
        { "24", "has no unit" },
        { "", "is not a time span" },
        { "h", "is not a time span" },
        { "-1h", "is not a time span" },
        { "+1h", "is not a time span" },
        { " 1h", "is not a time span" },
        { "1 h", "unit that is not known" },
        { "1h30min", "unit that is not known" },
        { "1.5h", "unit that is not known" },
        { "1H", "unit that is not known" },
        { "1m", "unit that is not known" },
        { "0x10s", "unit that is not known" },
        { "106751991168d", "too long" },
        { "99999999999999999999ms", "too long" },
    };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        upp_ms span = 4711;
        const char *why = upp_span_parse(rows[i].text, &span);
        assert_non_null(why);
        assert_non_null(strstr(why, rows[i].why));
        assert_int_equal(span, 4711);
    }
}

/* Property: what is printed reads back as the same span, and is as short as it can be. */
static void test_prints_what_it_reads(void **state)
{
    (void)state;
    char text[UPP_SPAN_TEXT];
    for (upp_ms span = 0; span < 100000; span++) {
        upp_ms back = -1;
        upp_span_text(span, text);
        assert_null(upp_span_parse(text, &back));
        assert_int_equal(back, span);
    }
    uint64_t x = 1;
    for (int i = 0; i < 100000; i++) {
        x = x * 6364136223846793005u + 1442695040888963407u; /* Knuth's MMIX */
        const upp_ms span = (upp_ms)(x >> (1 + i % 60));
        upp_ms back = -1;
        upp_span_text(span, text);
        assert_null(upp_span_parse(text, &back));
        assert_int_equal(back, span);
    }
    upp_span_text(24 * UPP_HOUR, text);
    assert_string_equal(text, "1d");
    upp_span_text(90 * UPP_SECOND, text);
    assert_string_equal(text, "90s");
    upp_span_text(0, text);
    assert_string_equal(text, "0ms");
    upp_span_text(INT64_MIN, text);
    assert_string_equal(text, "-9223372036854775808ms");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_each_unit),
        cmocka_unit_test(test_refuses_and_says_why),
        cmocka_unit_test(test_prints_what_it_reads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
