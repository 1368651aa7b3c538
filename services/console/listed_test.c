/* listed_test.c - a disposal's list and its protocol, as a browser gets them (R23, R29). */
#include "acts_fixture.h"
#include "protocol_text.h"

static size_t times(const char *words)
{
    size_t n = 0;
    for (const char *at = got.page; (at = strstr(at, words)); at++)
        n++;
    return n;
}

/* The second person reads what she approves: each item, what is left out for what, where words are
 * and where they are not; and the sum that she sends is that of this list. */
static void R23_the_list_is_shown_before_it_is_approved(void **state)
{
    (void)state;
    char sum[65];
    memset(sum, '5', 64);
    sum[64] = '\0';
    bus = (struct bus){ .listed = 5 };
    assert_int_equal(get("/gallring/d1", ""), 200);
    assert_int_equal(times("<tr><th scope=\"row\">"), 5);
    assert_true(on_it("på listan") && on_it("undantagen: gallringsstopp"));
    assert_true(on_it("3 på listan") && on_it("1 hoppades över för gallringsstopp"));
    assert_true(on_it("Skolan") && on_it("ord av i0"));
    assert_false(on_it("ord av i1")); /* a message */
    assert_true(on_it("Ett meddelande till oss: orden visas inte här"));
    assert_false(on_it("ord av i2")); /* another's account */
    assert_true(on_it("Du har inte hand om kontot"));
    assert_true(on_it("en rad som inte kunde läsas") && on_it("<code>i4</code>"));
    assert_true(on_it("href=\"/kopia/r0\"") && !on_it("href=\"/kopia/r2\""));
    assert_true(on_it("name=\"list\" value=\"5555") && on_it(sum));
    assert_true(on_it("hela listan, 3 i allt"));
    assert_int_equal(bus.n, 0); /* nothing is told */

    char fields[100];
    snprintf(fields, sizeof fields, "list=%s", sum);
    assert_int_equal(post("/gallring/d1", fields), 303);
    assert_int_equal(bus.n, 1);
    is_hers(&bus.commands[0], &(act){ .service = "evidence", .type = "ApproveDisposal" });
    uint8_t bytes[32];
    memset(bytes, 0x55, sizeof bytes);
    bool stands = false;
    for (size_t i = 0; i + sizeof bytes <= bus.commands[0].len; i++)
        stands = stands || memcmp(bus.commands[0].bytes + i, bytes, sizeof bytes) == 0;
    assert_true(stands);
}

static void R23_the_list_has_pages(void **state)
{
    (void)state;
    bus = (struct bus){ .listed = 51 };
    assert_int_equal(get("/gallring/d1", ""), 200);
    assert_int_equal(times("<tr><th scope=\"row\">"), 50);
    assert_true(on_it("name=\"efter\" value=\"i49\""));
    assert_int_equal(get("/gallring/d1", "efter=i49"), 200);
    assert_int_equal(times("<tr><th scope=\"row\">"), 1);
    assert_true(on_it("ord av i50") && !on_it("name=\"efter\""));
}

/* In the list of lists there is no button: one goes by the list. */
static void R23_nothing_is_approved_unseen(void **state)
{
    (void)state;
    bus = (struct bus){ .listed = 5 };
    assert_int_equal(get("/gallring", ""), 200);
    assert_true(on_it("href=\"/gallring/d1\"") && !on_it("action=\"/gallring/d1\""));
    bus = (struct bus){ .listed = 5, .own = true };
    assert_int_equal(get("/gallring/d1", ""), 200);
    assert_true(on_it("Du föreslog listan själv") && !on_it("name=\"list\""));
    bus = (struct bus){ .listed = 5, .disposed = true };
    assert_int_equal(get("/gallring/d1", ""), 200);
    assert_true(on_it("Hämta protokollet") && !on_it("name=\"list\""));
    bus = (struct bus){ .listed = 0 };
    assert_int_equal(get("/gallring/d1", ""), 404);
    bus = (struct bus){ .listed = 5, .down = "evidence" };
    assert_int_equal(get("/gallring/d1", ""), 503);
    bus = (struct bus){ .listed = 5, .nobody = true };
    assert_int_equal(get("/gallring/d1", ""), 303);
}

/* Every item of it, whatever a page holds; facts, and no word of what was written. */
static void R23_the_protocol_is_a_file(void **state)
{
    (void)state;
    bus = (struct bus){ .listed = 450, .disposed = true };
    assert_int_equal(get("/gallring/d1/protokoll", ""), 200);
    assert_string_equal(got.type, "text/plain; charset=utf-8");
    assert_string_equal(got.file_name, "gallringsprotokoll-d1.txt");
    char *text = strndup((const char *)got.file, got.len);
    assert_non_null(text);
    assert_non_null(strstr(text, "Gallringsprotokoll\n\nProtokoll: d1\nLäge: gallrad\n"));
    assert_non_null(strstr(text, "Godkändes av: arkivet\n"));
    assert_non_null(strstr(text, "Gallrat: 2025-11-24T17:00:00+01:00\n"));
    assert_non_null(strstr(text, "Listans kontrollsumma (SHA-256): 5555"));
    assert_non_null(strstr(text, "\n  r0  leaf 0  7777"));
    assert_non_null(strstr(text, "i4  gallrad, en rad som inte kunde läsas\n"));
    assert_non_null(strstr(text, "\ni449  gallrad\n"));
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, "\ni")); at++)
        n++;
    assert_int_equal(n, 450);
    assert_null(strstr(text, "ord av"));
    free(text);
    bus = (struct bus){ .listed = 450, .down = "evidence" };
    assert_int_equal(get("/gallring/d1/protokoll", ""), 503);
    assert_null(got.file);
    bus = (struct bus){ .listed = 450, .nobody = true };
    assert_int_equal(get("/gallring/d1/protokoll", ""), 303);
    assert_null(got.file);
}

/* A person, an absence, a day's looks and a package say what they are; a comment is one. */
static void R29_what_is_no_comment_says_what_it_is(void **state)
{
    static const struct {
        const char *what, *text;
        bool line;
    } rows[] = {
        { "staff", "anna  gallrad, en person som har slutat\n", false },
        { "absence", "anna  gallrad, en frånvaro\n", false },
        { "look", "anna  gallrad, vem som tittade eller loggade in, en dag\n", false },
        { "package", "anna  gallrad, ett arkivpaket\n", false },
        { "line", "anna  gallrad, en rad som inte kunde läsas\n", true },
        { "comment", "anna  gallrad\n", false },
        { "", "anna  gallrad\n", false }, /* a list of before */
    };
    phrases *sv = phrases_new("sv");
    (void)state;
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        UPP_AUTO(buf_done) buf out = { 0 };
        Uppsikt__DisposedRow row = UPPSIKT__DISPOSED_ROW__INIT;
        row.item = upp_lend("anna");
        row.state = upp_lend("gone");
        row.what = upp_lend(rows[i].what);
        row.line = rows[i].line;
        assert_int_equal(protocol_item(&out, sv, &row), 0);
        assert_string_equal(buf_text(&out), rows[i].text);
    }
    phrases_free(sv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R23_the_list_is_shown_before_it_is_approved),
        cmocka_unit_test(R23_the_list_has_pages),
        cmocka_unit_test(R23_nothing_is_approved_unseen),
        cmocka_unit_test(R23_the_protocol_is_a_file),
        cmocka_unit_test(R29_what_is_no_comment_says_what_it_is),
    };
    return cmocka_run_group_tests(tests, open_house, close_house);
}
