/* linear_test.c - judging costs in proportion to the text, however hostile it is (R18, G9). Time
 * is not measured: the core is compiled a second time so that each of its basic blocks counts.
 * tests/bench/text measures time, of a few more bytes. */
#include "reading_fixture.h"
#include <stdio.h>

/* Called at the beginning of every basic block of the core (-fsanitize-coverage=trace-pc). */
void __sanitizer_cov_trace_pc(void);

static uint64_t steps;

void __sanitizer_cov_trace_pc(void)
{
    steps++;
}

enum { SHORT = 1024, LONG = 8192 /* all that is read of a comment */ };

static char *made_of(const char *piece, size_t size)
{
    const size_t n = strlen(piece);
    char *text = malloc(size + 1);
    assert_non_null(text);
    for (size_t i = 0; i < size; i++)
        text[i] = piece[i % n];
    size -= size % n; /* no half of a character */
    text[size] = '\0';
    return text;
}

/* Of the second time: what is set up once is not the text's. */
static uint64_t cost(struct fixture *f, const char *piece, size_t size)
{
    char *text = made_of(piece, size);
    (void)fixture_judge(f, text);
    steps = 0;
    (void)fixture_judge(f, text);
    free(text);
    return steps;
}

static void test_G9_hostile_text_is_linear(void **state)
{
    static const char *const pieces[] = {
        "a",
        "a ",
        "f*n ",
        "@",
        "1",
        "1 ",
        ".a",
        "a.",
        "?",
        "\"",
        "'a'",
        "a@b.se ",
        "0701740605 ",
        "http://a.se ",
        "j\xc3\xa4vla ",
        "sa j\xc3\xa4vla ",
        "A b ",
        "\xcc\x80",
        "\xf0\x9f\xa4\xa1",
        "a-",
        "5402-9681 bg ",
        "du \xc3\xa4r en ",
        "(",
        "*f",
        "811231-",
        "sa du. ",
        "#a ",
        "inte inte ",
        "j\xc3\xa4vlaidiot",
        "aa\n",
    };
    for (size_t i = 0; i < UPP_LEN(pieces); i++) {
        const uint64_t little = cost(*state, pieces[i], SHORT);
        const uint64_t much = cost(*state, pieces[i], LONG);
        const double ratio = (double)much / (double)little / (LONG / SHORT);
        print_message("%-16s %5.1f steps a byte, %.2f times as many in a long one\n", pieces[i],
                      (double)little / SHORT, ratio);
        assert_true(little > SHORT / 8); /* the core is counted at all */
        if (ratio > 1.5)
            fail_msg("%s: a byte of %d costs %.2f times one of %d", pieces[i], LONG, ratio, SHORT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_G9_hostile_text_is_linear),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
