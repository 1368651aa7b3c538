/* in_force_test.c - the status page says which policy holds where (R02). */
#include "view.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *page_of(const char *language, const view_in_force *list, size_t n)
{
    phrases *words = phrases_new(language);
    view v = { .h = { .phrases = words } };
    view_rules(&v, list, n);
    assert_non_null(v.h.at);
    phrases_free(words);
    return v.h.at;
}

static void R02_the_page_says_which_policy_holds_where(void **state)
{
    (void)state;
    const view_in_force list[] = { { .version = 0 },
                                   { .authority = "ks", .name = "Kommun <b>", .version = 7 } };
    char *sv = page_of("sv", list, 2);
    assert_non_null(strstr(sv, ">Hela organisationen</th><td>De inbyggda talen"));
    assert_non_null(strstr(sv, ">Kommun &lt;b&gt;</th><td>Version 7</td>"));
    free(sv);
    char *en = page_of("en", list, 1);
    assert_non_null(strstr(en, ">The whole body</th><td>The built-in numbers"));
    assert_null(strstr(en, "Kommun"));
    free(en);
    char *down = page_of("sv", NULL, 0);
    assert_non_null(strstr(down, "Det går inte att säga just nu"));
    free(down);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R02_the_page_says_which_policy_holds_where),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
