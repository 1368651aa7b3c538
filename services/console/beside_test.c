/* beside_test.c - beside what is decided: the day's count of hard texts is in the browser alone,
 * the next of another category, what to write back by the reason (R12, R25, R24). */
#include "acts_fixture.h"
#include "exposure.h"

/* -- what waits -- */
static struct waiting {
    int labels[6];     /* of each, in the order of the list; -1: the end */
    const char *owner; /* of the second */
    int found;         /* in the matter of the page; 0: nothing */
} waiting;

static int give_desk_row(upp_each *each, void *ctx, int i)
{
    char matter[16];
    Uppsikt__DeskRow row = UPPSIKT__DESK_ROW__INIT;
    Uppsikt__DeskRowContent content = UPPSIKT__DESK_ROW_CONTENT__INIT;
    Uppsikt__MatterOpened opened = UPPSIKT__MATTER_OPENED__INIT;
    Uppsikt__Finding finding = UPPSIKT__FINDING__INIT, *findings[] = { &finding };
    snprintf(matter, sizeof matter, "i%d.m1", i + 1);
    opened.matter = matter;
    finding.label = (Uppsikt__Label)waiting.labels[i];
    row.opened = &opened;
    row.findings = findings;
    row.n_findings = waiting.labels[i] > 0;
    row.owner = upp_lend(i == 1 && waiting.owner ? waiting.owner : "");
    return give(each, ctx, &row.base, &content.base);
}

static int give_found_sheet(upp_each *each, void *ctx)
{
    Uppsikt__SheetRow row = UPPSIKT__SHEET_ROW__INIT;
    Uppsikt__SheetRowContent content = UPPSIKT__SHEET_ROW_CONTENT__INIT;
    Uppsikt__DeskRow desk = UPPSIKT__DESK_ROW__INIT;
    Uppsikt__DeskRowContent shown = UPPSIKT__DESK_ROW_CONTENT__INIT;
    Uppsikt__MatterOpened opened = UPPSIKT__MATTER_OPENED__INIT;
    Uppsikt__Finding finding = UPPSIKT__FINDING__INIT, *findings[] = { &finding };
    Uppsikt__Happening last = UPPSIKT__HAPPENING__INIT, *happened[] = { &last };
    char *notes[] = { upp_lend("") };
    opened.matter = upp_lend("i1.m1");
    opened.item = upp_lend("i1");
    finding.label = (Uppsikt__Label)waiting.found;
    desk.opened = &opened;
    desk.findings = findings;
    desk.n_findings = waiting.found > 0;
    row.desk = &desk;
    row.state = upp_lend("open");
    row.may_act = !bus.looks_only;
    last.what = upp_lend(bus.happened ? bus.happened : "");
    last.detail = upp_lend(bus.detail ? bus.detail : "");
    row.happened = happened;
    content.notes = notes;
    row.n_happened = content.n_notes = bus.happened != NULL;
    content.desk = &shown;
    return give(each, ctx, &row.base, &content.base);
}

static int more(upp_each *each, void *ctx, const ProtobufCMessage *query)
{
    if (query->descriptor == &uppsikt__sheet__descriptor)
        return give_found_sheet(each, ctx);
    if (query->descriptor != &uppsikt__desk__descriptor)
        return 1;
    assert_string_equal(((const Uppsikt__Desk *)query)->person, "anna");
    for (int i = 0; waiting.labels[i] >= 0; i++)
        assert_int_equal(give_desk_row(each, ctx, i), 0);
    return 0;
}

static int fresh(void **state)
{
    (void)state;
    extra_cookies = "";
    bus = (struct bus){ .rows = more };
    waiting = (struct waiting){ .labels = { 5, 5, 8, 0, -1 }, .found = 5 };
    return 0;
}

/* The cookie's value, as it came; "" none. */
static const char *kept(void)
{
    static char value[200];
    static const char name[] = "uppsikt-exposed=";
    for (size_t i = 0; i < got.n_cookies; i++)
        if (strncmp(got.cookies[i], name, sizeof name - 1) == 0) {
            const char *at = got.cookies[i] + sizeof name - 1;
            snprintf(value, sizeof value, "%.*s", (int)strcspn(at, ";"), at);
            assert_null(strstr(got.cookies[i], "Max-Age")); /* it goes with the browser */
            assert_non_null(strstr(got.cookies[i], "HttpOnly"));
            return value;
        }
    return "";
}

static void R24_the_days_count_is_in_the_browser_and_nowhere_else(void **state)
{
    (void)state;
    static char cookies[300];
    assert_int_equal(get("/sak/i1.m1", ""), 200);
    assert_string_equal(kept(), "2025-11-24.1.i1.m1");
    assert_true(on_it("I dag har du öppnat 1 svår text"));
    assert_int_equal(bus.n, 0); /* nobody is told of it */
    extra_cookies = "; uppsikt-exposed=2025-11-24.9.i9.m1";
    assert_int_equal(get("/sak/i1.m1", ""), 200);
    assert_string_equal(kept(), "2025-11-24.10.i1.m1");
    assert_true(on_it("I dag har du öppnat 10 svåra texter") && on_it("Ta en paus"));
    snprintf(cookies, sizeof cookies, "; uppsikt-exposed=%s", kept());
    extra_cookies = cookies;
    assert_int_equal(get("/sak/i1.m1", ""), 200); /* a reload is no other text */
    assert_string_equal(kept(), "2025-11-24.10.i1.m1");
    static const char *const none[] = { "2025-11-23.9.i9.m1", "x",
                                        "2025-11-24",         "2025-11-24.",
                                        "2025-11-24.5",       "2025-11-24.1000.a",
                                        "2025-11-24.-5.a" };
    for (size_t i = 0; i < UPP_LEN(none); i++) { /* yesterday's, and what is none of ours */
        snprintf(cookies, sizeof cookies, "; uppsikt-exposed=%s", none[i]);
        assert_int_equal(get("/sak/i1.m1", ""), 200);
        assert_string_equal(kept(), "2025-11-24.1.i1.m1");
    }
}

static void what_is_not_hard_is_not_counted(void **state)
{
    (void)state;
    static const int mild[] = { 0, 2, 7, 8, 9, 10, 11 };
    static const int hard[] = { 1, 3, 4, 5, 6 };
    for (size_t i = 0; i < UPP_LEN(mild); i++) {
        waiting.found = mild[i];
        assert_int_equal(get("/sak/i1.m1", ""), 200);
        assert_string_equal(kept(), "");
        assert_false(on_it("I dag har du öppnat"));
    }
    for (size_t i = 0; i < UPP_LEN(hard); i++) {
        waiting.found = hard[i];
        assert_int_equal(get("/sak/i1.m1", ""), 200);
        assert_string_equal(kept(), "2025-11-24.1.i1.m1");
    }
}

static void R24_whoever_signs_out_takes_the_count_away(void **state)
{
    (void)state;
    assert_int_equal(post("/logga-ut", ""), 303);
    bool gone = false;
    for (size_t i = 0; i < got.n_cookies; i++)
        gone = gone || (strncmp(got.cookies[i], "uppsikt-exposed=;", 17) == 0 &&
                        strstr(got.cookies[i], "Max-Age=0"));
    assert_true(gone);
}

static void R25_the_next_is_of_another_category(void **state)
{
    (void)state;
    assert_int_equal(get("/sak/i1.m1", ""), 200);
    assert_true(on_it("href=\"/sak/i1.m1/nasta\""));
    assert_int_equal(get("/sak/i1.m1/nasta", ""), 303);
    assert_string_equal(got.location, "/sak/i3.m1"); /* the second is of the same */
    waiting = (struct waiting){ .labels = { 5, 8, 4, -1 }, .found = 5, .owner = "berit" };
    assert_int_equal(get("/sak/i1.m1/nasta", ""), 303);
    assert_string_equal(got.location, "/sak/i3.m1"); /* the second is another's just now */
    waiting.owner = "anna";
    assert_int_equal(get("/sak/i1.m1/nasta", ""), 303);
    assert_string_equal(got.location, "/sak/i2.m1");
    waiting = (struct waiting){ .labels = { 5, 5, -1 }, .found = 5 };
    assert_int_equal(get("/sak/i1.m1/nasta", ""), 303);
    assert_string_equal(got.location, "/atgarda?klart=done.no-other");
    waiting.found = 0;
    assert_int_equal(get("/sak/i1.m1", ""), 200);
    assert_false(on_it("/nasta"));
}

/* By the reason of what was decided, in three ways, with her name below. */
static void R12_what_to_write_back_is_chosen_by_the_reason(void **state)
{
    (void)state;
    bus.happened = "log.decided-2";
    bus.detail = "hate";
    assert_int_equal(get("/sak/i1.m1", ""), 200);
    assert_true(on_it("href=\"/sak/i1.m1/text\""));
    assert_int_equal(get("/sak/i1.m1/text", ""), 200);
    assert_true(on_it("Vi har dolt din kommentar på vår sida.\nDen är nedsättande mot en grupp"));
    assert_true(on_it("Vi har gömt din kommentar.") && on_it("elak mot en grupp av människor"));
    assert_true(on_it("lang=\"en\"") && on_it("We have hidden your comment on our page.\nIt is "));
    assert_true(on_it("\n\nAnna, kommunikatör</textarea>"));
    assert_true(on_it("<option value=\"hate\" selected>"));
    bus.happened = "log.decided-3";
    bus.detail = "advertising";
    assert_int_equal(get("/sak/i1.m1/text", ""), 200);
    assert_true(on_it("tagit bort din kommentar från vår sida.\nDen är reklam."));
    assert_int_equal(get("/sak/i1.m1/text", "skal=attack&som=dold"), 200);
    assert_true(on_it("Vi har dolt din kommentar på vår sida.\nDen angriper"));
    assert_int_equal(get("/sak/i1.m1/text", "skal=opinion"), 200); /* no reason to take away */
    assert_true(on_it("Den är reklam."));
    assert_int_equal(bus.n, 0); /* nothing is sent from there */
    bus.happened = "log.decided-1";
    bus.detail = "opinion";
    assert_int_equal(get("/sak/i1.m1", ""), 200);
    assert_false(on_it("/text\""));
    bus.looks_only = true;
    assert_int_equal(get("/sak/i1.m1/text", ""), 403);
}

static void R12_every_reason_has_its_words_in_three_ways(void **state)
{
    (void)state;
    static const char *const reasons[] = { "violence_porn", "copyright",   "profanity",
                                           "attack",        "hate",        "incitement",
                                           "political",     "advertising", "personal_data",
                                           "confidential",  "hide",        "delete",
                                           "end",           "name" };
    static const char *const ways[] = { "sv", "easy", "en" };
    static const char *const languages[] = { "sv", "en" };
    for (size_t l = 0; l < UPP_LEN(languages); l++) {
        phrases *words = phrases_new(languages[l]);
        for (size_t w = 0; w < UPP_LEN(ways); w++)
            for (size_t i = 0; i < UPP_LEN(reasons); i++) {
                char key[64];
                snprintf(key, sizeof key, "back.%s-%s", ways[w], reasons[i]);
                if (!phrase_of(words, key))
                    fail_msg("%s: no %s", languages[l], key);
            }
        phrases_free(words);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(R24_the_days_count_is_in_the_browser_and_nowhere_else, fresh),
        cmocka_unit_test_setup(what_is_not_hard_is_not_counted, fresh),
        cmocka_unit_test_setup(R24_whoever_signs_out_takes_the_count_away, fresh),
        cmocka_unit_test_setup(R25_the_next_is_of_another_category, fresh),
        cmocka_unit_test_setup(R12_what_to_write_back_is_chosen_by_the_reason, fresh),
        cmocka_unit_test_setup(R12_every_reason_has_its_words_in_three_ways, fresh),
    };
    return cmocka_run_group_tests(tests, open_house, close_house);
}
