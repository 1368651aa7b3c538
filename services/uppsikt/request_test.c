/* request_test.c - what is covered in a package of public records, and what is not (R28, R24). */
#include "request_mask.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void say(void *ctx, const char *line)
{
    (void)ctx;
    fail_msg("%s", line);
}

typedef struct bench {
    classifier *c;
    classifier_room *room;
} bench;

static int set_up(void **state)
{
    static bench b;
    b = (bench){ classifier_new_embedded(say, NULL), classifier_room_new() };
    *state = &b;
    return b.c && b.room ? 0 : -1;
}

static int tear_down(void **state)
{
    bench *b = *state;
    classifier_free(b->c);
    classifier_room_free(b->room);
    return 0;
}

static size_t cover(const bench *b, const char *text, buf *out, request_mask *masks, bool *secret)
{
    size_t n = 0;
    assert_int_equal(request_cover(b->c, b->room, text, out, masks, &n, secret), 0);
    return n;
}

static void r28_what_names_a_person_is_covered(void **state)
{
    static const struct {
        const char *text, *gone;
    } rows[] = {
        { "Mitt personnummer är 811228-9874, hör av er!", "811228-9874" },
        { "Ring mig på 070-174 06 05 i morgon", "070-174 06 05" },
        { "Skriv till karin.provsson@exempel.se så svarar jag", "karin.provsson@exempel.se" },
    };
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        request_mask masks[REQUEST_MASKS];
        buf out = { 0 };
        bool secret = false;
        assert_true(cover(*state, rows[i].text, &out, masks, &secret) >= 1);
        assert_null(strstr(buf_text(&out), rows[i].gone));
        /* the rest stands as it was, and as many characters as before */
        assert_memory_equal(buf_text(&out), rows[i].text, masks[0].start);
        const size_t tail = strlen(rows[i].text + masks[0].end);
        assert_string_equal(buf_text(&out) + out.len - tail, rows[i].text + masks[0].end);
        buf_done(&out);
    }
}

static void r28_what_names_nobody_stands(void **state)
{
    static const char *const rows[] = { "", "När öppnar badhuset på lördag?",
                                        "Tack för svaret, åäö! 🙂",
                                        "Diarienummer KS 2026/00123 gäller gatan." };
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        request_mask masks[REQUEST_MASKS];
        buf out = { 0 };
        bool secret = false;
        assert_int_equal(cover(*state, rows[i], &out, masks, &secret), 0);
        assert_string_equal(buf_text(&out), rows[i]);
        buf_done(&out);
    }
}

/* However many places, they come apart and in order, and nothing between them is lost. */
static void places_are_apart_and_in_order(void **state)
{
    const char *text =
        "811228-9874, 070-174 06 05 och karin@exempel.se, 070-174 06 06, 811228-9874";
    request_mask masks[REQUEST_MASKS];
    buf out = { 0 };
    bool secret = false;
    const size_t n = cover(*state, text, &out, masks, &secret);
    assert_true(n >= 4);
    for (size_t i = 1; i < n; i++)
        assert_true(masks[i - 1].end <= masks[i].start);
    assert_non_null(strstr(buf_text(&out), " och "));
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(r28_what_names_a_person_is_covered),
        cmocka_unit_test(r28_what_names_nobody_stands),
        cmocka_unit_test(places_are_apart_and_in_order),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
