/* mask_test.c - the reviewer goes through the proposed masks on a page, changes them, sees what
 * will be handed out, and takes that (R28, R24, R25, R29). */
#include "acts_fixture.h"
#include "zip.h"

#define BLOCK "\xe2\x96\x88"
#define PHONE BLOCK BLOCK BLOCK BLOCK BLOCK BLOCK BLOCK " " BLOCK BLOCK " " BLOCK BLOCK

/* The value of the first hidden field of that name in the page. */
static void carried(const char *name, char *ret_value, size_t size)
{
    char head[64];
    snprintf(head, sizeof head, "name=\"%s\" value=\"", name);
    const char *at = strstr(got.page, head);
    assert_non_null(at);
    at += strlen(head);
    snprintf(ret_value, size, "%.*s", (int)strcspn(at, "\""), at);
    for (char *blank = ret_value; (blank = strchr(blank, ' '));)
        *blank = '+';
}

/* The form of the page that is open, with these fields besides. */
static unsigned go_on(const char *path, const char *fields)
{
    char changes[600], seen[80], all[400 + 700];
    carried("changes", changes, sizeof changes);
    carried("seen", seen, sizeof seen);
    snprintf(all, sizeof all, "words=badet&changes=%s&seen=%s&%.300s", changes, seen, fields);
    return post(path, all);
}

static void find_fault(void *ctx, const char *path, uint64_t offset, const char *what)
{
    (void)ctx;
    fail_msg("%s at %llu: %s", path, (unsigned long long)offset, what);
}

static buf unzipped(const char *name)
{
    const upp_bytes whole = { got.file, got.len };
    const source in = source_of(&whole);
    complaints faults = { .say = find_fault };
    char path[120];
    buf out = { 0 };
    zip z;
    snprintf(path, sizeof path, "utlamnande-2025-11-24/%s", name);
    assert_int_equal(zip_read(&in, "zip", true, &faults, &z), 1);
    assert_non_null(zip_find(&z, path));
    assert_int_equal(zip_unpack(&z, zip_find(&z, path), 1 << 20, &faults, &out), 1);
    zip_done(&z);
    return out;
}

static void R28_each_text_is_shown_as_it_will_be_handed_out(void **state)
{
    (void)state;
    bus = (struct bus){ .role = "registrar", .found = 2 };
    assert_int_equal(post("/sok/maskning", "words=badet"), 200);
    assert_non_null(strstr(got.page, "Badet? Ring " PHONE));
    assert_null(strstr(got.page, "070-174"));
    assert_non_null(strstr(got.page, "Texter: 2. Täckta ställen: 2."));
    assert_non_null(strstr(got.page, "name=\"edit\" value=\"2:i0\""));
    assert_null(got.file);
    assert_int_equal(bus.n, 0); /* a comment is looked at as a search shows it */
    /* one of them: what stands there, why, and what may be done */
    assert_int_equal(go_on("/sok/maskning", "all=0&edit=2:i0"), 200);
    assert_non_null(strstr(got.page, "Badet? Ring <mark>070-174 06 05</mark>"));
    assert_non_null(strstr(got.page, "Badet? Ring " PHONE));
    assert_non_null(strstr(got.page, "träff: mobilnummer"));
    assert_non_null(strstr(got.page, "name=\"t-12-25\""));
    assert_non_null(strstr(got.page, "<option value=\"4\">OSL 21 kap. 7 §"));
    assert_null(strstr(got.page, "fråga vem")); /* who asks has no field */
}

static void R28_she_takes_away_adds_and_says_why_and_that_is_handed_out(void **state)
{
    (void)state;
    bus = (struct bus){ .role = "registrar", .found = 2 };
    assert_int_equal(post("/sok/maskning", "words=badet"), 200);
    assert_int_equal(go_on("/sok/maskning", "all=0&text=2:i0&t-12-25=1&g-12-25=0&phrase=badet"
                                            "&nth=&ground=9&save=1"),
                     200);
    assert_string_equal(got.complaint, "");
    assert_non_null(strstr(got.page, "<mark>Badet</mark>? Ring 070-174 06 05"));
    assert_non_null(strstr(got.page, BLOCK BLOCK BLOCK BLOCK BLOCK "? Ring 070-174 06 05"));
    /* the other version keeps what was proposed; its ground is that of all */
    assert_int_equal(go_on("/sok/maskning", "all=4&save=1"), 200);
    assert_non_null(strstr(got.page, BLOCK BLOCK BLOCK BLOCK BLOCK "? Ring 070-174 06 05"));
    assert_non_null(strstr(got.page, "Badet? Ring " PHONE));
    assert_non_null(strstr(got.page, "Täckta ställen utan grund: 0."));
    assert_int_equal(go_on("/sok/maskning", "all=4&make=1"), 200); /* the select as it stands */
    assert_string_equal(got.type, "application/zip");
    assert_int_equal(bus.n, 1);
    is_hers(&bus.commands[0], &(act){ .service = "evidence", .type = "NoteView" });
    assert_string_equal(bus.commands[0].what, "exported");
    UPP_AUTO(buf_done) buf masks = unzipped("maskningar.csv");
    UPP_AUTO(buf_done) buf covered = unzipped("maskad/handlingar.html");
    UPP_AUTO(buf_done) buf log = unzipped("logg.json");
    assert_non_null(strstr(buf_text(&masks), "i0;2;12;25;träff: mobilnummer;machine;no;anna;"));
    assert_non_null(
        strstr(buf_text(&masks), "i0;2;0;5;markerat av den som prövade;anna;yes;anna;OSL 26 kap."));
    assert_non_null(
        strstr(buf_text(&masks), "i0;1;12;25;träff: mobilnummer;machine;yes;;OSL 21 kap. 7 §"));
    assert_non_null(
        strstr(buf_text(&covered), "<p>" BLOCK BLOCK BLOCK BLOCK BLOCK "? Ring 070-174 06 05</p>"));
    assert_non_null(strstr(buf_text(&log), "\"masks_reviewed_by\":\"anna\""));
}

/* What is chosen and not saved goes along: nothing of it is lost to whoever presses at once. */
static void R28_the_ground_of_all_counts_as_it_stands(void **state)
{
    (void)state;
    bus = (struct bus){ .role = "registrar", .found = 1 };
    assert_int_equal(post("/sok/maskning", "words=badet"), 200);
    assert_int_equal(go_on("/sok/maskning", "all=9&make=1"), 200);
    UPP_AUTO(buf_done) buf masks = unzipped("maskningar.csv");
    assert_non_null(
        strstr(buf_text(&masks), "machine;yes;;OSL 26 kap. 1 §: socialtjänst;anna\r\n"));
}

static void R28_she_covers_the_name_of_whoever_wrote(void **state)
{
    (void)state;
    bus = (struct bus){ .role = "registrar", .found = 1 };
    assert_int_equal(post("/sok/maskning", "words=badet"), 200);
    assert_non_null(strstr(got.page, "Kommentar · Bo<"));
    assert_int_equal(
        go_on("/sok/maskning", "all=0&text=1:i0&g-12-25=0&author=1&author-ground=2&list=1"), 200);
    assert_null(strstr(got.page, "Kommentar · Bo<"));
    assert_non_null(strstr(got.page, "Kommentar · " BLOCK BLOCK BLOCK BLOCK BLOCK "<"));
    assert_non_null(strstr(got.page, "Täckta ställen: 2."));
    assert_int_equal(go_on("/sok/maskning", "all=0&make=1"), 200);
    UPP_AUTO(buf_done) buf covered = unzipped("maskad/handlingar.jsonl");
    UPP_AUTO(buf_done) buf whole = unzipped("sekretessprovning/handlingar.jsonl");
    assert_null(strstr(buf_text(&covered), "\"Bo\""));
    assert_non_null(strstr(buf_text(&whole), "\"Bo\""));
    assert_int_equal(post("/sok/maskning", "words=badet&changes=n.1.0.1.2.i0&all=0&text=1:i0"
                                           "&g-12-25=0&author-ground=0&list=1"),
                     200);
    assert_non_null(strstr(got.page, "Kommentar · Bo<"));
}

static void R28_what_was_taken_away_is_covered_again(void **state)
{
    (void)state;
    bus = (struct bus){ .role = "archivist", .found = 1 };
    assert_int_equal(post("/sok/maskning", "words=badet"), 200);
    assert_int_equal(go_on("/sok/maskning", "all=0&text=1:i0&t-12-25=1&g-12-25=0&list=1"), 200);
    assert_non_null(strstr(got.page, "Badet? Ring 070-174 06 05"));
    assert_int_equal(go_on("/sok/maskning", "all=0&text=1:i0&g-12-25=0&list=1"), 200);
    assert_non_null(strstr(got.page, "Badet? Ring " PHONE));
}

static void R28_what_cannot_be_marked_says_why(void **state)
{
    (void)state;
    static const struct {
        const char *fields, *complaint;
    } wrong[] = {
        { "phrase=sjukhuset&ground=1", "phrase:mask.not-there" },
        { "phrase=badet&nth=2&ground=1", "phrase:mask.not-there" },
        { "phrase=badet&ground=0", "ground:mask.need-ground" },
        { "phrase=badet&ground=99", "ground:mask.need-ground" },
        { "phrase=badet&nth=f%C3%B6rsta&ground=1", "nth:mask.need-nth" },
        { "phrase=&nth=1&ground=1", "phrase:mask.need-phrase" },
        { "phrase=070&ground=1", "phrase:mask.covered" },
    };
    for (size_t i = 0; i < UPP_LEN(wrong); i++) {
        char fields[200];
        bus = (struct bus){ .role = "registrar", .found = 1 };
        assert_int_equal(post("/sok/maskning", "words=badet"), 200);
        snprintf(fields, sizeof fields, "all=0&text=1:i0&g-12-25=0&list=1&%s", wrong[i].fields);
        assert_int_equal(go_on("/sok/maskning", fields), 422);
        assert_string_equal(got.complaint, wrong[i].complaint);
        assert_non_null(strstr(got.page, "<mark>070-174")); /* that text again, not the list */
    }
    bus = (struct bus){ .role = "registrar", .found = 1 };
    assert_int_equal(post("/sok/maskning", "words=badet"), 200);
    assert_int_equal(go_on("/sok/maskning", "all=0&text=1:i7&save=1"), 409);
    assert_string_equal(got.complaint, "mask.gone");
}

/* What is handed out is what was looked at: one that came meanwhile is shown first. */
static void R28_what_came_meanwhile_is_gone_through_first(void **state)
{
    (void)state;
    bus = (struct bus){ .role = "registrar", .found = 2 };
    assert_int_equal(post("/sok/maskning", "words=badet"), 200);
    assert_int_equal(go_on("/sok/maskning", "all=0&text=2:i0&t-12-25=1&g-12-25=0&list=1"), 200);
    bus.found = 3;
    assert_int_equal(go_on("/sok/maskning", "all=0&make=1"), 409);
    assert_string_equal(got.complaint, "mask.more");
    assert_null(got.file);
    assert_int_equal(bus.n, 0); /* and nothing is noted as handed out */
    assert_non_null(strstr(got.page, "Badet? Ring 070-174 06 05")); /* hers is kept */
    assert_int_equal(go_on("/sok/maskning", "all=0&make=1"), 200);
    assert_non_null(got.file);
}

static void R29_a_message_is_shown_when_it_is_noted_who_looks(void **state)
{
    (void)state;
    bus = (struct bus){ .role = "registrar",
                        .found = 1,
                        .item_kind = UPPSIKT__ITEM_KIND__ITEM_KIND_MESSAGE };
    assert_int_equal(post("/sok/maskning", "words=badet"), 200);
    assert_int_equal(bus.n, 1);
    is_hers(&bus.commands[0], &(act){ .service = "evidence", .type = "NoteView" });
    assert_string_equal(bus.commands[0].what, "viewed");
    assert_non_null(strstr(got.page, "Badet? Ring " PHONE));
    bus.refused_from = 1;
    bus.how = 1;
    assert_int_equal(post("/sok/maskning", "words=badet"), 200);
    assert_null(strstr(got.page, "Badet? Ring"));
    assert_non_null(strstr(got.page, "Texten visas inte"));
    assert_int_equal(go_on("/sok/maskning", "all=0&edit=1:i0"), 200);
    assert_null(strstr(got.page, "Badet? Ring"));
    assert_null(strstr(got.page, "070-174"));
}

static void R25_the_registrar_and_the_archivist_go_through_it(void **state)
{
    (void)state;
    static const char *const may_not[] = { NULL, "administrator", "manager", "reader",
                                           "communications" };
    for (size_t i = 0; i < UPP_LEN(may_not); i++) {
        bus = (struct bus){ .role = may_not[i], .found = 1 };
        assert_int_equal(post("/sok/maskning", "words=badet"), 403);
        assert_int_equal(bus.n + bus.rounds, 0);
        assert_null(strstr(got.page, "Badet"));
    }
}

static void a_form_that_is_none_of_ours_changes_nothing(void **state)
{
    (void)state;
    static const char *const broken[] = { "changes=x", "changes=a.1.0.99.0.i0", "changes=&all=15" };
    for (size_t i = 0; i < UPP_LEN(broken); i++) {
        char fields[100];
        snprintf(fields, sizeof fields, "words=badet&%s", broken[i]);
        bus = (struct bus){ .role = "registrar", .found = 1 };
        assert_int_equal(post("/sok/maskning", fields), 400);
        assert_null(strstr(got.page, "Badet"));
        assert_true(post("/sok/underlag", fields) >= 400);
        assert_null(got.file);
    }
    bus = (struct bus){ .role = "registrar", .found = 0 };
    assert_int_equal(post("/sok/maskning", "words=badet"), 422);
    assert_string_equal(got.complaint, "find.none");
    bus = (struct bus){ .role = "registrar", .found = 201 };
    assert_int_equal(post("/sok/maskning", "words=badet"), 422);
    assert_string_equal(got.complaint, "find.narrow");
    assert_int_equal(get("/sok/maskning", ""), 303);
}

/* Twenty texts a page; the last page is the last. */
static void R28_there_are_as_many_pages_as_texts_need(void **state)
{
    (void)state;
    bus = (struct bus){ .role = "registrar", .found = 45 };
    assert_int_equal(post("/sok/maskning", "words=badet"), 200);
    assert_non_null(strstr(got.page, "name=\"page\" value=\"1\""));
    assert_non_null(strstr(got.page, "value=\"1:i22\""));
    assert_null(strstr(got.page, "value=\"1:i12\""));
    assert_int_equal(go_on("/sok/maskning", "all=0&page=2"), 200);
    assert_non_null(strstr(got.page, "value=\"1:i0\""));
    assert_null(strstr(got.page, "name=\"page\" value=\"3\""));
    assert_int_equal(go_on("/sok/maskning", "all=0&page=99"), 200);
    assert_non_null(strstr(got.page, "value=\"1:i0\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R28_each_text_is_shown_as_it_will_be_handed_out),
        cmocka_unit_test(R28_she_takes_away_adds_and_says_why_and_that_is_handed_out),
        cmocka_unit_test(R28_the_ground_of_all_counts_as_it_stands),
        cmocka_unit_test(R28_she_covers_the_name_of_whoever_wrote),
        cmocka_unit_test(R28_what_was_taken_away_is_covered_again),
        cmocka_unit_test(R28_what_cannot_be_marked_says_why),
        cmocka_unit_test(R28_what_came_meanwhile_is_gone_through_first),
        cmocka_unit_test(R29_a_message_is_shown_when_it_is_noted_who_looks),
        cmocka_unit_test(R25_the_registrar_and_the_archivist_go_through_it),
        cmocka_unit_test(a_form_that_is_none_of_ours_changes_nothing),
        cmocka_unit_test(R28_there_are_as_many_pages_as_texts_need),
    };
    return cmocka_run_group_tests(tests, open_house, close_house);
}
