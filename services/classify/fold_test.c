/* fold_test.c - folding, and the map back to the original's bytes (R18). */
#include "cmocka_all.h"
#include "fold.h"
#include <stdlib.h>
#include <string.h>

static struct classify_fold fold;

static void expect(const char *text, const char *latin1)
{
    classify_fold_text(text, strlen(text), &fold);
    assert_string_equal((const char *)fold.ch, latin1);
}

static void test_letters(void **state)
{
    (void)state;
    expect("Åäö ÅÄÖ", "\xE5\xE4\xF6 \xE5\xE4\xF6");
    expect("a\xCC\x8A"
           "A\xCC\x88o\xCC\x88",
           "\xE5\xE4\xF6");                                /* composed from letter and mark */
    expect("\xEF\xBC\xA6\xEF\xBD\x81n", "fan");            /* full width */
    expect("\xD0\xB0\xD1\x81\xD0\xB5", "ace");             /* Cyrillic look-alikes */
    expect("\xE1\xB4\x8B\xE1\xB4\x9C\xE1\xB4\x8B", "kuk"); /* small capitals */
    expect("caf\xC3\xA9 \xC3\xBC\xC3\xB8\xC3\xA6", "cafe u\xF6\xE4");
    expect("\xF0\x9F\x85\xB0", "a"); /* negative squared */
}

static void test_invisible_and_strewn(void **state)
{
    (void)state;
    expect("f\xE2\x80\x8B"
           "a\xC2\xADn",
           "fan"); /* zero width space, soft hyphen */
    expect("f\xCC\xB6\xCC\xB5"
           "a\xCC\xB6n",
           "fan"); /* struck through */
    expect("\xEF\xBB\xBFhej", "hej");
    assert_true(fold.n_hidden >= 1);
}

static void test_bytes_that_are_not_utf8(void **state)
{
    (void)state;
    expect("a\xFF\xC3(b\xE2\x82", "a  (b  ");
    expect("", "");
}

/* Every folded byte comes from a piece of the original, in order, and the pieces do not overlap
 * except where one piece became several. Random bytes and random code points. */
static void test_map_holds_on_anything(void **state)
{
    (void)state;
    unsigned seed = 7;
    for (int round = 0; round < 400; round++) {
        char text[300];
        const size_t len = (size_t)(round % 300);
        for (size_t i = 0; i < len; i++) {
            seed = seed * 1664525u + 1013904223u;
            const unsigned r = seed >> 16;
            text[i] = (char)(round % 3 == 0   ? r & 0xFF
                             : round % 3 == 1 ? 0xC0 + (r & 0x3F)
                                              : r & 0x7F);
        }
        classify_fold_text(text, len, &fold);
        assert_true(fold.len <= CLASSIFY_TEXT_MAX && fold.read <= len);
        for (size_t i = 0; i < fold.len; i++) {
            assert_true(fold.from[i] < fold.to[i]);
            assert_true(fold.to[i] <= len);
            if (i > 0)
                assert_true(fold.from[i] == fold.from[i - 1] || fold.from[i] >= fold.to[i - 1]);
        }
    }
}

static void test_map_points_at_the_letters(void **state)
{
    (void)state;
    const char *text = "Hej \xF0\x9F\x98\x80 \xC3\xA5\xE2\x80\x8Bsna!";
    classify_fold_text(text, strlen(text), &fold);
    const uint8_t *a = memchr(fold.ch, FOLD_AA, fold.len);
    assert_non_null(a);
    assert_memory_equal(text + fold.from[a - fold.ch], "\xC3\xA5", 2);
    assert_int_equal(fold.n_pictures, 1);
    assert_int_equal(fold.n_upper, 1);
}

/* Plain text is read in blocks: the same comes of a byte wherever in one it stands. */
static void test_plain_text_in_blocks(void **state)
{
    (void)state;
    for (size_t at = 0; at < 20; at++) {
        for (unsigned code = 0; code < 128; code++) {
            char text[24];
            uint8_t mark = 0;
            memset(text, '-', sizeof text);
            text[at] = (char)code;
            classify_fold_text(text, sizeof text, &fold);
            const uint8_t c = fold_code_point(code, &mark);
            assert_int_equal(fold.len, sizeof text);
            assert_int_equal(fold.ch[at], c);
            assert_int_equal(fold.mark[at], mark);
            assert_int_equal(fold.n_letters, fold_is_letter(c));
            assert_int_equal(fold.n_upper, mark == FOLD_UPPER);
            assert_true(fold.from[at] == at && fold.to[at] == at + 1);
        }
    }
}

/* A mark that follows composes with the letter before it, wherever in a block that stands. */
static void test_marks_after_plain_text(void **state)
{
    (void)state;
    for (size_t at = 0; at < 20; at++) {
        char text[] = "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkk";
        memcpy(text + at, "A\xCC\x8A", 3); /* a ring above */
        classify_fold_text(text, strlen(text), &fold);
        assert_int_equal(fold.len, strlen(text) - 2);
        assert_int_equal(fold.ch[at], FOLD_AA);
        assert_int_equal(fold.mark[at], FOLD_UPPER);
        assert_int_equal(fold.n_letters, fold.len);
        assert_true(fold.from[at] == at && fold.to[at] == at + 3);
    }
}

static void test_cut_at_the_limit(void **state)
{
    (void)state;
    char *text = malloc(20000);
    assert_non_null(text);
    memset(text, 'a', 20000);
    classify_fold_text(text, 20000, &fold);
    assert_int_equal(fold.read, CLASSIFY_TEXT_MAX);
    assert_int_equal(fold.len, CLASSIFY_TEXT_MAX);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_letters),
        cmocka_unit_test(test_invisible_and_strewn),
        cmocka_unit_test(test_bytes_that_are_not_utf8),
        cmocka_unit_test(test_map_holds_on_anything),
        cmocka_unit_test(test_map_points_at_the_letters),
        cmocka_unit_test(test_plain_text_in_blocks),
        cmocka_unit_test(test_marks_after_plain_text),
        cmocka_unit_test(test_cut_at_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
