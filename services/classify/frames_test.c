/* frames_test.c - the same sentence with another word in it (R18, R19): a frame such as "du är en
 * ..." says nothing by itself, its word does. The corpus is written in whole comments; here words
 * take turns, most of them from our lists, some that stand in none. Shares are compared, for no
 * model knows every word; one that judges by the frame gets half of a table wrong. */
#include "reading_fixture.h"
#include <stdio.h>

#define VIOLATION (~CLASSIFY_BIT(CLASSIFY_QUESTION))

struct table {
    const char *const *frames; /* each with one %s */
    const char *const *words;
};

/* How many of the sentences carry a violation; *ret_n: of how many. `show`: those that do, or do
 * not, are printed. */
static unsigned violations(struct fixture *f, const struct table *t, bool show, unsigned *ret_n)
{
    unsigned said = 0;
    *ret_n = 0;
    for (const char *const *frame = t->frames; *frame; frame++)
        for (const char *const *word = t->words; *word; word++) {
            char text[256];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
            assert_in_range(snprintf(text, sizeof text, *frame, *word), 1, sizeof text - 1);
#pragma GCC diagnostic pop
            const bool is = (fixture_judge(f, text).labels & VIOLATION) != 0;
            said += is;
            ++*ret_n;
            if (is == show)
                print_message("  %s\n", text);
        }
    return said;
}

static void at_most(struct fixture *f, const struct table *t, unsigned percent)
{
    unsigned n = 0;
    const unsigned said = violations(f, t, true, &n);
    print_message("%u of %u carry a violation, %u%% may\n", said, n, percent);
    assert_true(said * 100 <= n * percent);
}

static void at_least(struct fixture *f, const struct table *t, unsigned percent)
{
    unsigned n = 0;
    const unsigned said = violations(f, t, false, &n);
    print_message("%u of %u carry a violation, %u%% must\n", said, n, percent);
    assert_true(said * 100 >= n * percent);
}

/* Praise and abuse take turns in these. */
static const char *const of_a_person[] = {
    "Du är en %s",
    "Rektorn är en riktig %s",
    "Vilken %s du är!",
    "Anna på badet är en %s",
    "ni har en %s i receptionen",
    "Min sons lärare är en %s",
    NULL,
};

static const char *const praise[] = { "klippa",    "pärla",   "ängel",    "hjälte",  "stjärna",
                                      "eldsjäl",   "mästare", "förebild", "legend",  "solstråle",
                                      "guldklimp", "gåva",    "kämpe",    "räddare", NULL };

static const char *const abuse[] = { "idiot",       "dumskalle", "tölp",  "ynkrygg", "lögnhals",
                                     "rövslickare", "klåpare",   "fegis", "drummel", "usling",
                                     "hagga",       "skithög",   "odåga", "knöl",    NULL };

static void test_R18_praise_is_no_attack(void **state)
{
    at_most(*state, &(struct table){ of_a_person, praise }, 10);
}

static void test_R18_abuse_is_found(void **state)
{
    at_least(*state, &(struct table){ of_a_person, abuse }, 85); /* two are in no list */
}

static void test_R18_what_somebody_is(void **state)
{
    static const char *const frames[] = {
        "Du är %s väl?",      "Hon är %s hos oss",         "Han är %s i byn",
        "Min bror är %s",     "Jag är %s och bor här",     "Vår nya granne är %s",
        "Chefen är %s själv", "Är det du som är %s, Kim?", NULL,
    };
    static const char *const words[] = {
        "bagare", "snickare", "barnmorska",  "fotograf",   "präst",
        "domare", "student",  "pensionär",   "katolik",    "muslim",
        "dansk",  "syrier",   "göteborgare", "vegetarian", "rullstolsburen",
        "döv",    "lesbisk",  "tonåring",    "målvakt",    "jägare",
        NULL,
    };
    at_most(*state, &(struct table){ frames, words }, 8);
}

static void test_R18_a_word_alone(void **state)
{
    static const char *const frames[] = { "%s", "%s!", NULL };
    static const char *const fine[] = {
        "Pizza",    "Snö",      "Kaffe",    "Älg",       "Tack",    "Synd",  "Tråkigt",
        "Jaha",     "Oj",       "Hoppsan",  "Underbart", "Fotboll", "Lunch", "Usch",
        "Märkligt", "Bro",      "Otroligt", "Semla",     "Blåbär",  "Katt",  "Skridskor",
        "Anna",     "Mohammed", "Luleå",    NULL,
    };
    static const char *const foul[] = {
        "Idiot",       "Pucko", "Dumbom",  "Skitstövel", "Mähä",  "Tjockskalle", "Ynkrygg",
        "Svartskalle", "Fan",   "Helvete", "Jävlar",     "Fitta", "Arsle",       NULL,
    };
    at_most(*state, &(struct table){ frames, fine }, 5);
    at_least(*state, &(struct table){ frames, foul }, 90);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_R18_praise_is_no_attack),
        cmocka_unit_test(test_R18_abuse_is_found),
        cmocka_unit_test(test_R18_what_somebody_is),
        cmocka_unit_test(test_R18_a_word_alone),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
