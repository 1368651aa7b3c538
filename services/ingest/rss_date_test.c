/* rss_date_test.c - R01: the dates that feeds bear, good and bad (RFC 822 §5, RFC 2822 §3.3,
 * §4.3). */
#include "rss_date.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static void dates_that_feeds_bear(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        upp_ms at;
    } rows[] = {
        { "Mon, 26 Mar 2018 16:33:26 +0000", 1522082006000 },
        { "Mon, 26 Mar 2018 18:33:26 +0200", 1522082006000 },
        { "26 Mar 2018 16:33:26 GMT", 1522082006000 },
        { " Mon,26 mar 18 16:33:26 UT", 1522082006000 },
        { "Mon, 26 Mar 2018 16:33 Z", 1522081980000 },
        { "Mon, 26 Mar 2018 12:33:26 EDT", 1522082006000 },
        { "Mon, 26 Mar 2018 09:33:26 PDT", 1522082006000 },
        { "Mon, 26 Mar 2018 16:33:26 CEST", 1522082006000 }, /* no zone of RFC 822's: UTC */
        { "Sun, 1 Jan 50 00:00:00 GMT", -631152000000 },
        { "Sat, 01 Jan 2000 00:00:00 -0130", 946690200000 },
        { "Thu, 01 Jan 70 00:00:00 +0000", 0 },
        { "29 Feb 2024 23:59:60 GMT", 1709251200000 },
    };
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        upp_ms at = -7;
        if (rss_date_read(rows[i].text, &at) != 0 || at != rows[i].at)
            fail_msg("%s: %lld", rows[i].text, (long long)at);
    }
}

static void what_is_none(void **state)
{
    (void)state;
    static const char *const rows[] = { "",
                                        "i går",
                                        ",",
                                        "Mon, 26 Mar 2018",
                                        "Mon, 26 Mar 2018 16:33:26",
                                        "Mon, 30 Feb 2018 16:33:26 GMT",
                                        "Mon, 26 Mars 2018 16:33:26 GMT",
                                        "Mon, 26 Mar 20181 16:33:26 GMT",
                                        "Mon, 26 Mar 2018 24:33:26 GMT",
                                        "Mon, 26 Mar 2018 16:60:26 GMT",
                                        "Mon, 26 Mar 2018 16:33:61 GMT",
                                        "Mon, 26 Mar 2018 16:33:26 +02:00",
                                        "Mon, 26 Mar 2018 16:33:26 +0260",
                                        "Mon, 126 Mar 2018 16:33:26 GMT",
                                        "2018-03-26T16:33:26Z",
                                        "Mon, 26 Mar" };
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        upp_ms at = -7;
        assert_int_equal(rss_date_read(rows[i], &at), UPP_E_INPUT);
        assert_int_equal(at, -7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_that_feeds_bear),
        cmocka_unit_test(what_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
