/* part_test.c - R42: whose an account is, and what parts are called. */
#include "part.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void r42_which_part_is_written_so(void **state)
{
    static const struct {
        const char *text;
        unsigned part, of; /* 0: refused */
    } rows[] = { { NULL, 1, 1 },   { "", 1, 1 },     { "1/1", 1, 1 },  { "2/4", 2, 4 },
                 { "8/8", 8, 8 },  { "5/4", 0, 0 },  { "0/4", 0, 0 },  { "1/9", 0, 0 },
                 { "1", 0, 0 },    { "1/", 0, 0 },   { "/2", 0, 0 },   { "1/2 ", 0, 0 },
                 { " 1/2", 0, 0 }, { "01/2", 0, 0 }, { "+1/2", 0, 0 }, { "1/2/3", 0, 0 } };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        unsigned part = 0, of = 0;
        const bool good = upp_part_read(rows[i].text, &part, &of);
        if (good != (rows[i].of > 0) || (good && (part != rows[i].part || of != rows[i].of)))
            fail_msg("%s: %u/%u", rows[i].text, part, of);
    }
}

static void r42_a_part_has_a_name_of_its_own(void **state)
{
    char name[UPP_PART_NAME];
    (void)state;
    upp_part_name("classify", 1, name);
    assert_string_equal(name, "classify");
    upp_part_name("classify", 2, name);
    assert_string_equal(name, "classify-2");
    assert_true(upp_part_of("classify", "classify"));
    assert_true(upp_part_of("classify", "classify-8"));
    static const char *const others[] = { "classif",     "classify-",   "classify-1", "classify-9",
                                          "classify-02", "classify-2x", "classify2",  "ingest" };
    for (size_t i = 0; i < UPP_LEN(others); i++)
        assert_false(upp_part_of("classify", others[i]));
}

static void r42_every_account_is_one_parts(void **state)
{
    enum { ACCOUNTS = 4000 };
    (void)state;
    for (unsigned of = 1; of <= UPP_PARTS; of++) {
        unsigned has[UPP_PARTS + 1] = { 0 };
        for (unsigned i = 0; i < ACCOUNTS; i++) {
            char account[32];
            snprintf(account, sizeof account, "konto-%u", i);
            const unsigned part = upp_part_for(account, of);
            assert_in_range(part, 1, of);
            has[part]++;
            /* Twice as many: it stays, or goes to the one that is made of its part. */
            if (2 * of <= UPP_PARTS) {
                const unsigned finer = upp_part_for(account, 2 * of);
                assert_true(finer == part || finer == part + of);
            }
        }
        for (unsigned part = 1; part <= of; part++)
            assert_in_range(has[part], ACCOUNTS / of * 3 / 4, ACCOUNTS / of * 5 / 4 + 1);
    }
}

static void r42_many_are_rows(void **state)
{
    static const char *const wrong[] = { "classify",      "classify=",   "classify=1",
                                         "classify=9",    "classify=2x", "=2",
                                         "classify = 2",  "classify=02", "classify=2 classify=4",
                                         "classify=2,x=3" };
    char whole[UPP_PART_NAME];
    (void)state;
    assert_true(upp_parts_fit(NULL));
    assert_true(upp_parts_fit(""));
    assert_true(upp_parts_fit("classify=4  ingest=2 "));
    for (size_t i = 0; i < UPP_LEN(wrong); i++)
        if (upp_parts_fit(wrong[i]))
            fail_msg("%s", wrong[i]);
    assert_int_equal(upp_parts_of("classify=4 ingest=2", "ingest"), 2);
    assert_int_equal(upp_parts_of("classify=4 ingest=2", "class"), 1);
    assert_int_equal(upp_parts_of(NULL, "ingest"), 1);
    upp_parts_whole("classify=4", "classify-4", whole);
    assert_string_equal(whole, "classify");
    /* No part by the configuration: a peer of somebody else's. */
    upp_parts_whole("classify=4", "classify-5", whole);
    assert_string_equal(whole, "classify-5");
    upp_parts_whole(NULL, "classify-2", whole);
    assert_string_equal(whole, "classify-2");
}

static char heard[400];
static void hear(const char *line)
{
    snprintf(heard, sizeof heard, "%s", line);
}

static void r42_only_what_may_be_divided_is(void **state)
{
    const upp_service whole = { .name = "classify", .divides = true },
                      other = { .name = "registry" };
    upp_part part;
    (void)state;
    assert_true(upp_part_take(&whole, "2/4", "classify=4", hear, &part));
    assert_string_equal(part.service.name, "classify-2");
    assert_string_equal(part.service.whole, "classify");
    assert_int_equal(part.service.part, 2);
    assert_int_equal(part.service.of, 4);
    assert_false(upp_part_take(&other, "2/4", NULL, hear, &part));
    assert_non_null(strstr(heard, "registry cannot be divided"));
    assert_true(upp_part_take(&other, NULL, "classify=4", hear, &part));
    assert_string_equal(part.service.name, "registry");
    assert_false(upp_part_take(&whole, "4", NULL, hear, &part));
    assert_non_null(strstr(heard, "partition:"));
    assert_false(upp_part_take(&whole, NULL, "classify=1", hear, &part));
    assert_non_null(strstr(heard, "partitions:"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(r42_which_part_is_written_so),
        cmocka_unit_test(r42_a_part_has_a_name_of_its_own),
        cmocka_unit_test(r42_every_account_is_one_parts),
        cmocka_unit_test(r42_many_are_rows),
        cmocka_unit_test(r42_only_what_may_be_divided_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
