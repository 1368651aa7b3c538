/* cover_test.c - the words of what a row covers (R21). */
#include "cover.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void R21_every_word_is_its_own_kind_and_comes_back(void **state)
{
    char text[COVER_TEXT];
    unsigned set = 0, all = 0;
    (void)state;
    for (unsigned i = 0; i < COVER_KINDS; i++) {
        char word[COVER_TEXT];
        char *list[] = { word };
        snprintf(word, sizeof word, "%s", cover_word((enum cover_kind)i));
        assert_true(cover_of_words(list, 1, &set));
        assert_int_equal(set, 1U << i);
        all |= set;
        cover_text(set, text);
        assert_string_equal(text, word);
    }
    assert_null(cover_word(COVER_KINDS));
    cover_text(all, text); /* all of them fit */
    assert_int_equal(cover_of_text(text), all);
    assert_int_equal(all, (1U << COVER_KINDS) - 1);
}

static void R21_what_was_removed_is_a_kind_of_its_own(void **state)
{
    (void)state;
    for (unsigned i = 0; i < COVER_REMOVED; i++) {
        const char *word = cover_word((enum cover_kind)(COVER_REMOVED + i));
        assert_memory_equal(word, "removed-", 8);
        assert_string_equal(word + 8, cover_word((enum cover_kind)i));
    }
    assert_string_equal(cover_word(COVER_LINE), "line");
}

static void R21_a_word_that_is_none_covers_nothing(void **state)
{
    char comment[] = "comment", none[] = "comments", empty[] = "", joined[] = "comment line";
    char *good[] = { comment, comment }, *bad[] = { none, comment }, *nothing[] = { empty },
         *two[] = { joined };
    unsigned set = 0;
    (void)state;
    assert_true(cover_of_words(good, 2, &set));
    assert_int_equal(set, 1U << COVER_COMMENT);
    assert_false(cover_of_words(bad, 2, &set));
    assert_int_equal(set, 1U << COVER_COMMENT);
    assert_false(cover_of_words(nothing, 1, &set));
    assert_false(cover_of_words(two, 1, &set));
    assert_int_equal(set, 0);
    assert_true(cover_of_words(NULL, 0, &set));
    assert_int_equal(set, 0);
    assert_int_equal(cover_of_text(""), 0);
    assert_int_equal(cover_of_text(" of later  line "), 1U << COVER_LINE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R21_every_word_is_its_own_kind_and_comes_back),
        cmocka_unit_test(R21_what_was_removed_is_a_kind_of_its_own),
        cmocka_unit_test(R21_a_word_that_is_none_covers_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
