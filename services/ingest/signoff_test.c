/* signoff_test.c - an answer ends with the first name and title of who wrote it (R11). */
#include "signoff.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static bool ends(const char *text)
{
    return signoff_ends(text, "Åsa", "Lind", "kommunikatör");
}

static void ends_with_name_and_title_R11(void **state)
{
    (void)state;
    static const char *const good[] = {
        "Det öppnar klockan tio. Hälsningar Åsa, kommunikatör",
        "Det öppnar klockan tio.\n/Åsa Lind\nKommunikatör",
        "Hej! /ÅSA, KOMMUNIKATÖR!",
        "Hej (Åsa Lind - kommunikatör).  \n",
        "A\xcc\x8asa, kommunikat\xc3\xb6r", /* decomposed */
        "Åsa kommunikatör",
        "/Åsa, kommunikatör 💙",
    };
    static const char *const bad[] = {
        "",
        "Det öppnar klockan tio.",
        "Hälsningar Åsa",
        "Hälsningar kommunikatör",
        "kommunikatör Åsa",
        "Hälsningar Åsa Ek, kommunikatör", /* another last name */
        "Hälsningar Blåsa, kommunikatör",
        "Åsa, kommunikatör, svarar i morgon",
        "Åsa, chefskommunikatör",
        "\xff\xfe Åsa, kommunikatör",
    };
    for (size_t i = 0; i < UPP_LEN(good); i++)
        if (!ends(good[i]))
            fail_msg("it is signed: %s", good[i]);
    for (size_t i = 0; i < UPP_LEN(bad); i++)
        if (ends(bad[i]))
            fail_msg("it is not signed: %s", bad[i]);
    assert_false(signoff_ends("Hej Åsa,", "Åsa", "", ""));
    assert_false(signoff_ends("Hej , kommunikatör", "", "", "kommunikatör"));
    assert_true(signoff_ends("Hej /Anna Karin, bitr. rektor", "Anna Karin", "", "bitr. rektor"));
}

static void length_counts_characters(void **state)
{
    (void)state;
    assert_int_equal(signoff_length(""), 0);
    assert_int_equal(signoff_length("Åsa 💙"), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_with_name_and_title_R11),
        cmocka_unit_test(length_counts_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
