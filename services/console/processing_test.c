/* processing_test.c - the register of processing: each kind of data of each authority, with the
 * rows of the plan that cover it (R29; GDPR art. 30). */
#include "cover.h"
#include "processing_csv.h"
#include "view.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const upp_ms now = 1764000000000;
static const processing_controller both[] = { { "ks", "Kommunstyrelsen", "212000-0001" },
                                              { "bun", "Barn & unga", "212000-0002" } };

typedef struct plan {
    Uppsikt__PlanLine rows[8];
    const Uppsikt__PlanLine *list[8];
    char *covers[8][2];
    size_t n;
} plan;

static Uppsikt__PlanLine *adopt(plan *p, const char *id, const char *authority, const char *covers)
{
    Uppsikt__PlanLine *row = &p->rows[p->n];
    uppsikt__plan_line__init(row);
    row->row = upp_lend(id);
    row->authority = upp_lend(authority);
    row->kind = upp_lend("Handlingar <av> ringa betydelse");
    row->action = upp_lend("dispose");
    row->decision = upp_lend("KF 2026 § 4");
    row->months = 24;
    p->covers[p->n][0] = upp_lend(covers);
    row->covers = p->covers[p->n];
    row->n_covers = covers ? 1 : 0;
    p->list[p->n] = row;
    p->n++;
    return row;
}

static processing of(const plan *rows)
{
    return (processing){ .controllers = both,
                         .n_controllers = UPP_LEN(both),
                         .plan = rows->list,
                         .n_plan = rows->n,
                         .note = "",
                         .now = now };
}

static char *page_of(const phrases *words, const processing *p)
{
    view v = { .h = { .phrases = words }, .clock = { NULL, words, now } };
    view_processing(&v, p);
    assert_non_null(v.h.at);
    return v.h.at;
}

/* The part of the page about one kind of the n-th authority; the caller frees it. */
static char *part_of(const char *page, const char *kind, int nth)
{
    char mark[60];
    const char *at = page;
    snprintf(mark, sizeof mark, "<section class=\"panel\" data-kind=\"%s\">", kind);
    for (int i = 0; i <= nth; i++) {
        at = strstr(i ? at + 1 : at, mark);
        assert_non_null(at);
    }
    return strndup(at, (size_t)(strstr(at, "</section>") - at));
}

static bool says(const char *page, const char *kind, int nth, const char *words)
{
    char *part = part_of(page, kind, nth);
    const bool found = strstr(part, words) != NULL;
    free(part);
    return found;
}

static void R29_each_kind_is_there_for_each_authority(void **state)
{
    static const char *const languages[] = { "sv", "en" };
    (void)state;
    const plan none = { .n = 0 };
    const processing p = of(&none);
    for (size_t l = 0; l < UPP_LEN(languages); l++) {
        phrases *words = phrases_new(languages[l]);
        char *page = page_of(words, &p);
        assert_non_null(
            strstr(page, "<h2>Barn &amp; unga <span class=\"quiet\">212000-0002</span>"));
        for (size_t k = 0; k < PROCESSING_KINDS; k++) {
            assert_true(says(page, processing_kind(k), 1, phrase(words, "processing.no-row")));
            assert_null(strstr(processing_text(words, k, NULL), "processing."));
            for (size_t i = 0; processing_field(i); i++) {
                const char *text = processing_text(words, k, processing_field(i));
                assert_null(strstr(text, "processing."));
                assert_non_null(strchr(text, '.'));
            }
        }
        assert_null(strstr(page, ">processing."));
        free(page);
        phrases_free(words);
    }
    assert_null(processing_kind(PROCESSING_KINDS));
}

static void R29_a_period_stands_with_its_kind(void **state)
{
    (void)state;
    plan rows = { .n = 0 };
    phrases *sv = phrases_new("sv");
    (void)adopt(&rows, "sm-1", "ks", "comment");
    adopt(&rows, "sm-2", "", "message")->months = 1;
    adopt(&rows, "sm-3", "bun", "line")->months = 0;
    adopt(&rows, "sm-4", "bun", "own")->action = upp_lend("keep");
    const processing p = of(&rows);
    char *page = page_of(sv, &p);
    static const char sm1[] =
        "<li>Handlingar &lt;av&gt; ringa betydelse: gallras efter 24 månader. "
        "Beslut: KF 2026 § 4 <span class=\"quiet\">(sm-1)</span></li>";
    assert_true(says(page, "comments", 0, sm1));
    assert_false(says(page, "comments", 0, "bevaras")); /* it is not kept */
    assert_false(says(page, "comments", 1, "sm-1"));    /* another authority's row */
    assert_true(says(page, "comments", 1, "Ingen rad: bevaras"));
    assert_false(says(page, "messages", 0, "sm-1")); /* another kind */
    assert_true(says(page, "messages", 0, "gallras efter 1 månad."));
    assert_true(says(page, "messages", 1, "gallras efter 1 månad.")); /* a row for all */
    assert_true(says(page, "lines", 1, "gallras vid inaktualitet"));
    assert_true(says(page, "own", 1, ": bevaras. Beslut: KF"));
    assert_true(says(page, "copies", 0, sm1) && says(page, "matters", 0, sm1));
    assert_true(says(page, "staff", 0, "Ingen rad: bevaras"));
    assert_null(strstr(page, "Andra rader i planen"));
    free(page);
    phrases_free(sv);
}

/* A template, and a row of later, are no rows yet. */
static void R29_what_has_no_force_gives_no_period(void **state)
{
    (void)state;
    plan rows = { .n = 0 };
    phrases *sv = phrases_new("sv");
    adopt(&rows, "sm-1", "ks", "comment")->decision = upp_lend("");
    adopt(&rows, "sm-2", "ks", "comment")->valid_from_ms = now + 1;
    const processing p = of(&rows);
    char *page = page_of(sv, &p);
    assert_null(strstr(page, "sm-1"));
    assert_null(strstr(page, "sm-2"));
    assert_true(says(page, "comments", 0, "Ingen rad: bevaras"));
    free(page);
    rows.rows[1].valid_from_ms = now;
    page = page_of(sv, &p);
    assert_true(says(page, "comments", 0, "(sm-2)"));
    free(page);
    phrases_free(sv);
}

/* What a row may cover stands with some kind; a row that says nothing stands by itself. */
static void R29_no_row_is_left_out(void **state)
{
    (void)state;
    phrases *sv = phrases_new("sv");
    for (int k = 0; k < COVER_KINDS; k++) {
        plan rows = { .n = 0 };
        size_t n = 0;
        (void)adopt(&rows, "sm-1", "", cover_word((enum cover_kind)k));
        const processing p = of(&rows);
        for (size_t kind = 0, at = 0; kind < PROCESSING_KINDS; kind++, at = 0)
            n += processing_row(&p, &both[0], kind, &at) != NULL;
        assert_in_range(n, 1, 3); /* itself, decisions about it, copies of it */
    }
    plan rows = { .n = 0 };
    (void)adopt(&rows, "paket", "ks", NULL);
    const processing p = of(&rows);
    char *page = page_of(sv, &p);
    const char *others = strstr(page, "Andra rader i planen");
    assert_non_null(others);
    assert_non_null(strstr(others, "(paket)"));
    assert_null(strstr(others + 1, "Andra rader i planen")); /* of the one authority alone */
    free(page);
    phrases_free(sv);
}

static size_t times(const char *text, const char *words)
{
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, words)); at++)
        n++;
    return n;
}

/* The file says what the page says. */
static void R29_the_file_has_the_same_rows(void **state)
{
    (void)state;
    plan rows = { .n = 0 };
    UPP_AUTO(buf_done) buf out = { 0 };
    phrases *sv = phrases_new("sv");
    adopt(&rows, "sm-1", "ks", "comment")->kind = upp_lend("=Kommentarer \"små\"");
    (void)adopt(&rows, "sm-2", "ks", "comment");
    (void)adopt(&rows, "paket", "ks", NULL);
    processing p = of(&rows);
    p.note = "I kommunens datahall";
    assert_int_equal(processing_csv(&out, sv, &p), 0);
    const char *text = buf_text(&out);
    assert_int_equal(strncmp(text, "\xEF\xBB\xBF\"Personuppgiftsansvarig\";", 28), 0);
    assert_int_equal(times(text, "\r\n"), 1 + 2 * PROCESSING_KINDS + 1);
    assert_int_equal(times(text, "\";\""), 11 * (2 + 2 * PROCESSING_KINDS));
    assert_int_equal(times(text,
                           "\"'=Kommentarer \"\"små\"\": gallras efter 24 månader. Beslut: KF "
                           "2026 § 4 (sm-1) | Handlingar <av> ringa"),
                     3);
    assert_int_equal(times(text, "\"Ingen rad: bevaras\""), 2 * PROCESSING_KINDS - 3);
    assert_int_equal(times(text, "\"I kommunens datahall\""), 2 * PROCESSING_KINDS + 1);
    assert_int_equal(times(text, "(paket)"), 1);
    for (size_t k = 0; k < PROCESSING_KINDS; k++)
        assert_int_equal(times(text, processing_text(sv, k, "purpose")), 2);
    phrases_free(sv);
}

/* Where it runs is the operators' to say: an empty line would look as if it were known. */
static void R29_what_nobody_has_said_is_to_be_filled_in(void **state)
{
    (void)state;
    const plan none = { .n = 0 };
    phrases *sv = phrases_new("sv");
    processing p = of(&none);
    char *page = page_of(sv, &p);
    assert_non_null(strstr(page, "<p>Fyll i: "));
    assert_non_null(strstr(page, "90 dygn"));
    free(page);
    p.note = "I kommunens <datahall>";
    page = page_of(sv, &p);
    assert_non_null(strstr(page, "<p>I kommunens &lt;datahall&gt;</p>"));
    assert_null(strstr(page, "Fyll i: "));
    free(page);
    phrases_free(sv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R29_each_kind_is_there_for_each_authority),
        cmocka_unit_test(R29_a_period_stands_with_its_kind),
        cmocka_unit_test(R29_what_has_no_force_gives_no_period),
        cmocka_unit_test(R29_no_row_is_left_out),
        cmocka_unit_test(R29_the_file_has_the_same_rows),
        cmocka_unit_test(R29_what_nobody_has_said_is_to_be_filled_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
