/* request_review_test.c - a person changes what is proposed to be covered, and the package says so:
 * what was proposed, what she took away and marked, by which law, and who she is (R28, R24). */
#include "request_package.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BLOCK "\xe2\x96\x88"

static request_review review;
static const request_text ring = { "i1", "Ring Åsa på 070-174 06 05, ÅSA\n svarar åsa", 2 };

static int fresh(void **state)
{
    (void)state;
    review = (request_review){ .by = "rut" };
    return 0;
}

/* The places with what was changed; the number. */
static size_t applied(const request_text *text, const request_mask *proposed, size_t n,
                      request_mask ret_masks[REQUEST_PLACES])
{
    for (size_t i = 0; i < n; i++)
        ret_masks[i] = proposed[i];
    assert_int_equal(request_review_apply(&review, text, ret_masks, &n), 0);
    return n;
}

static void assert_covered(const request_text *text, const request_mask *proposed, size_t n,
                           const char *covered)
{
    request_mask masks[REQUEST_PLACES];
    UPP_AUTO(buf_done) buf out = { 0 };
    n = applied(text, proposed, n, masks);
    assert_int_equal(request_cover(text->text, masks, n, &out), 0);
    assert_string_equal(buf_text(&out), covered);
}

static request_marked mark(const request_text *text, const char *words, uint32_t nth)
{
    request_mask masks[REQUEST_PLACES];
    const size_t n = applied(text, NULL, 0, masks);
    return request_review_mark(&review, text, masks, n, words, nth, 3);
}

#define ASA BLOCK BLOCK BLOCK
static void R28_words_are_marked_wherever_they_stand_or_once(void **state)
{
    (void)state;
    assert_int_equal(mark(&ring, "åsa", 0), REQUEST_MARK_DONE);
    assert_int_equal(review.n, 3);
    assert_covered(&ring, NULL, 0, "Ring " ASA " på 070-174 06 05, " ASA "\n svarar " ASA);
    assert_int_equal(mark(&ring, "Åsa", 0), REQUEST_MARK_COVERED);
    fresh(NULL);
    assert_int_equal(mark(&ring, "åsa svarar", 0), REQUEST_MARK_DONE); /* over the line break */
    assert_covered(&ring, NULL, 0, "Ring Åsa på 070-174 06 05, " ASA "\n " ASA ASA " åsa");
    fresh(NULL);
    assert_int_equal(mark(&ring, "åsa", 3), REQUEST_MARK_DONE);
    assert_covered(&ring, NULL, 0, "Ring Åsa på 070-174 06 05, ÅSA\n svarar " ASA);
    assert_int_equal(mark(&ring, "åsa", 4), REQUEST_MARK_NOT_THERE);
    assert_int_equal(mark(&ring, "asa", 0), REQUEST_MARK_NOT_THERE);
    assert_int_equal(mark(&ring, "", 0), REQUEST_MARK_NOT_THERE);
    const request_text times = { "i1", "2 × 3 ÷ 4", 1 }; /* signs, no letters */
    assert_int_equal(mark(&times, "÷", 1), REQUEST_MARK_DONE);
    assert_int_equal(mark(&times, "÷", 2), REQUEST_MARK_NOT_THERE);
}

static void R28_what_is_proposed_is_taken_away_and_covered_again(void **state)
{
    (void)state;
    const request_text text = { "i1", "Ring 070", 1 };
    const request_mask proposed[] = { { .start = 5, .end = 8, .reason = "data.phone" } };
    const char *covered = "Ring " ASA;
    assert_covered(&text, proposed, 1, covered);
    assert_true(request_review_take(&review, &text, proposed, true));
    assert_covered(&text, proposed, 1, "Ring 070");
    assert_true(request_review_take(&review, &text, proposed, true)); /* again is once */
    assert_int_equal(review.n, 1);
    const request_text other = { "i1", "Ring 070", 2 }; /* another version is not touched */
    assert_covered(&other, proposed, 1, covered);
    assert_true(request_review_take(&review, &text, proposed, false));
    assert_int_equal(review.n, 0);
    assert_covered(&text, proposed, 1, covered);
    /* by her own words, too: it is the program's still */
    request_mask masks[REQUEST_PLACES];
    assert_true(request_review_take(&review, &text, proposed, true));
    size_t n = applied(&text, proposed, 1, masks);
    assert_int_equal(request_review_mark(&review, &text, masks, n, "070", 0, 2), REQUEST_MARK_DONE);
    n = applied(&text, proposed, 1, masks);
    assert_int_equal(n, 1);
    assert_false(masks[0].taken);
    assert_int_equal(masks[0].ground, 2);
    /* what she marked herself is gone when she takes it away */
    assert_int_equal(request_review_mark(&review, &text, masks, n, "Ring", 0, 2),
                     REQUEST_MARK_DONE);
    n = applied(&text, proposed, 1, masks);
    assert_int_equal(n, 2);
    assert_true(request_review_take(&review, &text, &masks[1], true));
    assert_int_equal(applied(&text, proposed, 1, masks), 1);
}

static void R28_each_place_has_its_ground_or_that_of_all(void **state)
{
    (void)state;
    const request_text text = { "i1", "Ring 070", 1 };
    const request_mask proposed[] = { { .start = 5, .end = 8, .reason = "data.phone" } };
    request_mask masks[REQUEST_PLACES];
    applied(&text, proposed, 1, masks);
    assert_int_equal(request_ground(&review, &masks[0]), 0);
    review.ground = 4;
    assert_int_equal(request_ground(&review, &masks[0]), 4);
    assert_true(request_review_ground(&review, &text, &masks[0], 9));
    applied(&text, proposed, 1, masks);
    assert_int_equal(request_ground(&review, &masks[0]), 9);
    assert_true(request_review_ground(&review, &text, &masks[0], 0));
    applied(&text, proposed, 1, masks);
    assert_int_equal(request_ground(&review, &masks[0]), 4);
}

static void the_form_carries_all_of_it(void **state)
{
    (void)state;
    static request_review other;
    const request_mask proposed = { .start = 5, .end = 8, .reason = "data.phone" };
    UPP_AUTO(buf_done) buf line = { 0 };
    UPP_AUTO(buf_done) buf again = { 0 };
    assert_int_equal(mark(&ring, "åsa", 2), REQUEST_MARK_DONE);
    assert_true(request_review_take(&review, &ring, &proposed, true));
    assert_true(request_review_ground(&review, &ring, &proposed, 14));
    assert_int_equal(request_review_write(&review, &line), 0);
    assert_string_equal(buf_text(&line), "a.2.29.33.3.i1 t.2.5.8.0.i1 g.2.5.8.14.i1");
    other = (request_review){ .by = "rut" };
    assert_true(request_review_read(buf_text(&line), &other));
    assert_int_equal(request_review_write(&other, &again), 0);
    assert_string_equal(buf_text(&again), buf_text(&line));
}

static void a_form_that_is_none_of_ours_is_none(void **state)
{
    (void)state;
    static const char *const none[] = { "x.1.0.1.0.i1",
                                        "a.1.0.1.0.",
                                        "a.1.0.1.15.i1",
                                        "a.1.1.1.0.i1",
                                        "a.1.2.1.0.i1",
                                        "a.-1.0.1.0.i1",
                                        "a.1.0.4294967296.0.i",
                                        "a.1.0.1",
                                        "a",
                                        "a.1.0.1.0.i1  a.1.0.1.0.i1",
                                        "aa.1.0.1.0.i1" };
    char long_item[120];
    for (size_t i = 0; i < UPP_LEN(none); i++) {
        fresh(NULL);
        if (request_review_read(none[i], &review))
            fail_msg("%s", none[i]);
    }
    fresh(NULL);
    snprintf(long_item, sizeof long_item, "a.1.0.1.0.%0100d", 1);
    assert_false(request_review_read(long_item, &review));
    /* one more than there is room for */
    UPP_AUTO(buf_done) buf many = { 0 };
    for (int i = 0; i <= REQUEST_CHANGES; i++)
        assert_int_equal(buf_printf(&many, "%st.1.%d.%d.0.i1", i ? " " : "", i, i + 1), 0);
    fresh(NULL);
    assert_false(request_review_read(buf_text(&many), &review));
}

/* What she meant to cover is not guessed: half a character, or what is outside the text. */
static void R28_a_mark_outside_the_text_makes_no_package(void **state)
{
    (void)state;
    static const char *const wrong[] = { "a.1.0.99.0.i1", "a.1.1.3.0.i1", "a.1.0.1.0.i1" };
    for (size_t i = 0; i < UPP_LEN(wrong); i++) {
        const request_text text = { "i1", "Åsa", 1 };
        request_mask masks[REQUEST_PLACES];
        size_t n = 0;
        fresh(NULL);
        assert_true(request_review_read(wrong[i], &review));
        assert_int_equal(request_review_apply(&review, &text, masks, &n), UPP_E_INPUT);
    }
}

static void there_is_an_end_to_what_is_marked(void **state)
{
    (void)state;
    static char text[REQUEST_MARKED * 4 + 8];
    for (int i = 0; i <= REQUEST_MARKED; i++)
        memcpy(text + 3 * i, "bo ", 4);
    const request_text many = { "i1", text, 1 };
    assert_int_equal(mark(&many, "bo", 0), REQUEST_MARK_FULL);
    request_mask masks[REQUEST_PLACES];
    assert_int_equal(applied(&many, NULL, 0, masks), REQUEST_MARKED);
}

/* -- the package -- */
static const char *file_of(const request_package *p, const char *name)
{
    for (size_t i = 0; i < REQUEST_FILES; i++)
        if (strcmp(p->files[i].name, name) == 0)
            return buf_text(&p->files[i].bytes);
    fail_msg("no file %s", name);
    return "";
}

static void R28_the_package_says_who_changed_what_and_by_which_law(void **state)
{
    (void)state;
    phrases *sv = phrases_new("sv");
    request_package p;
    const request_row row = { .item = "i1",
                              .account = "acc",
                              .author = "Bo Ek",
                              .permalink = "https://x.example/bo",
                              .text = "Bo, 070-174 06 05 eller bo@exempel.se",
                              .received = "-",
                              .version = 1 };
    assert_true(request_review_read("t.1.4.17.0.i1 a.1.0.2.2.i1 n.1.0.1.2.i1", &review));
    review.ground = 4;
    assert_int_equal(request_begin(&p, sv), 0);
    p.review = &review;
    assert_int_equal(request_add(&p, &row), 0);
    assert_int_equal(
        request_end(&p, &(request_asked){ .folder = "mapp", .made_by = "rut", .search = "bo" }), 0);
    assert_string_equal(
        file_of(&p, "maskningar.csv"),
        "item;version;from;to;why;proposed_by;covered;changed_by;ground;ground_by\r\n"
        "i1;1;;;namnet på den som skrev, och länken;rut;yes;rut;"
        "OSL 21 kap. 3 §: adress och kontakt, när någon kan bli förföljd;rut\r\n"
        "i1;1;4;17;träff: mobilnummer;machine;no;rut;;\r\n"
        "i1;1;24;37;träff: e-postadress;machine;yes;;"
        "OSL 21 kap. 7 §: behandling i strid med dataskyddsreglerna;rut\r\n"
        "i1;1;0;2;markerat av den som prövade;rut;yes;rut;"
        "OSL 21 kap. 3 §: adress och kontakt, när någon kan bli förföljd;rut\r\n");
    assert_non_null(strstr(file_of(&p, "maskad/handlingar.jsonl"),
                           "\"" BLOCK BLOCK ", 070-174 06 05 eller " BLOCK));
    assert_non_null(strstr(file_of(&p, "maskad/handlingar.html"),
                           "<p>" BLOCK BLOCK ", 070-174 06 05 eller " BLOCK));
    assert_null(strstr(file_of(&p, "maskad/handlingar.jsonl"), "Bo Ek"));
    assert_null(strstr(file_of(&p, "maskad/handlingar.jsonl"), "x.example"));
    assert_null(strstr(file_of(&p, "maskad/handlingar.html"), "Bo Ek"));
    assert_non_null(strstr(file_of(&p, "maskad/handlingar.html"), "· " REQUEST_NAMELESS "<"));
    assert_non_null(strstr(file_of(&p, "sekretessprovning/handlingar.jsonl"), "\"Bo Ek\""));
    assert_non_null(strstr(file_of(&p, "logg.json"),
                           "\"masks_reviewed_by\":\"rut\",\"masks_taken_away\":1,"
                           "\"masks_added\":2,\"masks_without_ground\":0}"));
    assert_non_null(strstr(file_of(&p, "LASMIG.txt"), "\n1 / 2 / 0\n"));
    request_done(&p);
    phrases_free(sv);
}

static void every_ground_has_its_words(void **state)
{
    (void)state;
    static const char *const languages[] = { "sv", "en" };
    for (size_t i = 0; i < UPP_LEN(languages); i++) {
        phrases *words = phrases_new(languages[i]);
        for (int k = 1; k <= REQUEST_GROUNDS; k++) {
            char key[24];
            snprintf(key, sizeof key, "osl.%d", k);
            assert_non_null(phrase_of(words, key));
            assert_null(strpbrk(phrase(words, key), ";\"")); /* it stands in a table */
        }
        phrases_free(words);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(R28_words_are_marked_wherever_they_stand_or_once, fresh),
        cmocka_unit_test_setup(R28_what_is_proposed_is_taken_away_and_covered_again, fresh),
        cmocka_unit_test_setup(R28_each_place_has_its_ground_or_that_of_all, fresh),
        cmocka_unit_test_setup(the_form_carries_all_of_it, fresh),
        cmocka_unit_test_setup(a_form_that_is_none_of_ours_is_none, fresh),
        cmocka_unit_test_setup(R28_a_mark_outside_the_text_makes_no_package, fresh),
        cmocka_unit_test_setup(there_is_an_end_to_what_is_marked, fresh),
        cmocka_unit_test_setup(R28_the_package_says_who_changed_what_and_by_which_law, fresh),
        cmocka_unit_test(every_ground_has_its_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
