/* small_word_test.c - the words that grammar and scanners know by themselves. */
#include "cmocka_all.h"
#include "small_word.h"
#include "small_word_list.h"
#include "token.h"
#include <stdlib.h>
#include <string.h>

static const struct small_word *find(const char *word)
{
    const size_t len = strlen(word);
    const uint8_t *text = (const uint8_t *)word;
    return &small_words[small_word_find(text, len, token_hash(text, len))];
}

static void test_every_listed_word_is_found(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned role, number;
    } words[] = {
#define LISTED(role, number, text) { text, SMALL_##role, number },
        SMALL_WORDS(LISTED)
#undef LISTED
    };
    for (size_t i = 0; i < UPP_LEN(words); i++) {
        assert_true(find(words[i].text)->roles & words[i].role);
        assert_int_equal(find(words[i].text)->number, words[i].number);
    }
}

static void test_numbers(void **state)
{
    (void)state;
    assert_true(find("tjugo")->roles == SMALL_TENS && find("tjugo")->number == 20);
    assert_true(find("\xE5ttionio")->roles == SMALL_TEENS && find("\xE5ttionio")->number == 89);
    assert_true(find("live")->roles == (SMALL_HOME | SMALL_MAIL_HOUSE));
}

static void test_function_words(void **state)
{
    (void)state;
    assert_int_equal(find("a")->place, 0);
    assert_int_equal(find("about")->place, 1);
    assert_true(find("och")->place > 0 && find("\xF6ver")->place > find("och")->place);
    assert_int_equal(find("gmail")->place, -1);
}

static void test_other_words(void **state)
{
    (void)state;
    static const char *const words[] = { "", "tjugot", "noll\xE5", "kommun", "tiotio" };
    for (size_t i = 0; i < UPP_LEN(words); i++)
        assert_true(find(words[i])->roles == 0 && find(words[i])->place == -1);
}

/* Of every length: the same, and other in any one letter. Nothing beyond them is read, which the
 * sanitizers would see: each word is a piece of memory of its own. */
static void test_letters_are_compared_as_memcmp_does(void **state)
{
    (void)state;
    for (size_t len = 0; len <= TOKEN_TEXT_MAX; len++) {
        uint8_t *a = malloc(len > 0 ? len : 1);
        uint8_t *b = malloc(len > 0 ? len : 1);
        assert_true(a && b);
        for (size_t i = 0; i < len; i++)
            a[i] = b[i] = (uint8_t)('a' + i % 25);
        assert_true(letters_same(a, b, len));
        for (size_t i = 0; i < len; i++) {
            b[i] ^= 1;
            assert_false(letters_same(a, b, len));
            b[i] ^= 1;
        }
        free(a);
        free(b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_listed_word_is_found),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_function_words),
        cmocka_unit_test(test_other_words),
        cmocka_unit_test(test_letters_are_compared_as_memcmp_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
