/* words_test.c - what people read: both languages say the same things, times and spans
 * (words.md). */
#include "civil.h"
#include "words.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

extern const char upp_escalation_words_sv[], upp_escalation_words_en[];

static size_t keys(const char *catalogue, const char *other)
{
    size_t n = 0;
    for (const char *at = catalogue; *at; at = strchr(at, '\n') + 1) {
        char key[64], text[400];
        const char *is = strchr(at, '='), *end = strchr(at, '\n');
        assert_non_null(is);
        assert_non_null(end);
        assert_true(is < end);
        snprintf(key, sizeof key, "%.*s", (int)(is - at), at);
        assert_string_not_equal(words_get(other, key, text, sizeof text), key);
        n++;
    }
    return n;
}

static void both_languages_have_the_same_keys(void **state)
{
    (void)state;
    const size_t n = keys(upp_escalation_words_sv, "en");
    assert_int_equal(keys(upp_escalation_words_en, "sv"), n);
    assert_true(n > 30);
}

static void times_and_spans(void **state)
{
    (void)state;
    char text[WORDS_TIME];
    int64_t at = 0;
    assert_int_equal(civil_parse("2026-11-24T15:30:00Z", &at), 0);
    words_when("sv", at, text);
    assert_string_equal(text, "tis 24 nov 15.30");
    static const struct {
        upp_ms span;
        const char *says;
    } rows[] = {
        { 40 * UPP_MINUTE, "40 min kvar" },    { 2 * UPP_HOUR, "2 tim kvar" },
        { 30 * UPP_HOUR, "1 dag kvar" },       { 3 * UPP_DAY, "3 dagar kvar" },
        { -5 * UPP_MINUTE, "försenad 5 min" }, { -2 * UPP_DAY, "försenad 2 dagar" },
    };
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        words_left("sv", rows[i].span, text);
        assert_string_equal(text, rows[i].says);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_languages_have_the_same_keys),
        cmocka_unit_test(times_and_spans),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
