/* look_test.c - what a browser is kept to, the accessibility statement (R30), the register of
 * processing (R29). */
#include "acts_fixture.h"

static bool is_set(const char *cookie)
{
    for (size_t i = 0; i < got.n_cookies; i++)
        if (strncmp(got.cookies[i], cookie, strlen(cookie)) == 0)
            return true;
    return false;
}

/* WCAG 2.2, 2.1.4: whoever has not asked for them has none. */
static void R30_single_keys_are_off_until_asked_for(void **state)
{
    (void)state;
    bus = (struct bus){ .nobody = false };
    extra_cookies = "";
    assert_int_equal(get("/hjalp", ""), 200);
    assert_true(on_it(" data-keys=\"off\" data-colours=\"machine\""));
    assert_true(on_it("name=\"keys\" value=\"on\">"));
    assert_int_equal(post("/hjalp", "keys=on&colours=dark"), 303);
    assert_int_equal(bus.n, 0); /* nobody is told */
    assert_true(is_set("uppsikt-keys=on; Path=/; HttpOnly; SameSite=Strict; Max-Age=31536000"));
    assert_true(is_set("uppsikt-colours=dark; Path=/;"));
    extra_cookies = "; uppsikt-keys=on; uppsikt-colours=dark";
    assert_int_equal(get("/hjalp", ""), 200);
    assert_true(on_it(" data-keys=\"on\" data-colours=\"dark\""));
    assert_true(on_it("name=\"keys\" value=\"on\" checked>"));
    assert_true(on_it("value=\"dark\" checked>"));
    assert_int_equal(post("/hjalp", "colours=machine"), 303);
    assert_true(is_set("uppsikt-keys=; ") && is_set("uppsikt-colours=; "));
    assert_true(strstr(got.cookies[0], "Max-Age=0") && strstr(got.cookies[1], "Max-Age=0"));
}

/* A cookie is what anybody may have written. */
static void R30_what_no_browser_was_told_does_nothing(void **state)
{
    (void)state;
    static const char *const strange[] = { "; uppsikt-keys=1; uppsikt-colours=\"><b>",
                                           "; uppsikt-keys=; uppsikt-colours=red",
                                           "; uppsikt-keys=onononononononon" };
    bus = (struct bus){ .nobody = false };
    for (size_t i = 0; i < UPP_LEN(strange); i++) {
        extra_cookies = strange[i];
        assert_int_equal(get("/hjalp", ""), 200);
        assert_true(on_it(" data-keys=\"off\" data-colours=\"machine\""));
    }
    extra_cookies = "";
    assert_int_equal(post("/hjalp", "keys=on&colours=%22%3E"), 303);
    assert_true(is_set("uppsikt-colours=; "));
}

/* What lag 2018:1937 and MDFFS 2019:2 ask for, without a sign-in. */
static void R30_the_statement_is_there_for_all(void **state)
{
    (void)state;
    static const char *const words[] = {
        "lagen (2018:1937) om tillgänglighet till digital offentlig service",
        "delvis förenlig med lagen",
        "Innehåll som inte är tillgängligt",
        "(1.1.1)",
        "(2.2.1)",
        "Oskäligt betungande anpassning",
        "Innehåll som inte omfattas av lagen",
        "href=\"https://www.digg.se/tdosanmalan\"",
        "självskattning",
        "Senaste bedömningen gjordes 2026-",
        "Redogörelsen ändrades senast 2026-",
    };
    bus = (struct bus){ .nobody = true };
    assert_int_equal(get("/tillganglighet", ""), 200);
    for (size_t i = 0; i < UPP_LEN(words); i++)
        if (!on_it(words[i]))
            fail_msg("the statement does not say \"%s\"", words[i]);
    assert_true(on_it("href=\"mailto:kommunikation@sjoberga.example\""));
    assert_true(on_it("Kommunen står bakom"));
    bus = (struct bus){ .nobody = true, .down = "registry" };
    assert_int_equal(get("/tillganglighet", ""), 200);
    assert_true(on_it("Kontakta kommunen som du brukar"));
    assert_int_equal(get("/logga-in", ""), 200);
    assert_true(on_it("<footer class=\"bottom\"><a href=\"/tillganglighet\">"));
}

static void R30_whose_pages_and_whom_to_tell_is_an_option(void **state)
{
    (void)state;
    static const console_config named = { .language = "sv",
                                          .statement_by = "Sjöberga <kommun>",
                                          .statement_contact = "Ring 0123-45 67 89" };
    const console_config *before = house.config;
    house.config = &named;
    bus = (struct bus){ .nobody = true };
    assert_int_equal(get("/tillganglighet", ""), 200);
    house.config = before;
    assert_true(on_it("Sjöberga &lt;kommun&gt; står bakom"));
    assert_true(on_it("<p>Ring 0123-45 67 89</p>") && !on_it("mailto:"));
}

/* GDPR art. 30: one page, and the same as a file, for whoever is signed in. */
static void R29_the_register_of_processing_is_a_page_and_a_file(void **state)
{
    (void)state;
    bus = (struct bus){ .role = "reader" };
    assert_int_equal(get("/hjalp", ""), 200);
    assert_true(on_it("<a href=\"/behandlingar\">Registerförteckning</a>"));
    assert_int_equal(get("/behandlingar", ""), 200);
    assert_true(on_it("<h2>Kommunstyrelsen <span class=\"quiet\">212000-0001</span></h2>"));
    assert_true(on_it("Kommentarer: gallras efter 24 månader. Beslut: KS 2026 § 4"));
    assert_true(on_it("</html>"));
    assert_int_equal(bus.n, 0); /* nobody is told */
    assert_int_equal(get("/behandlingar.csv", ""), 200);
    assert_string_equal(got.type, "text/csv; charset=utf-8");
    assert_string_equal(got.file_name, "registerforteckning-2025-11-24.csv");
    assert_true(got.len > 1000 && memcmp(got.file, "\xEF\xBB\xBF", 3) == 0);
}

/* What is kept for ever must not be what a service that is down left out. */
static void R29_a_register_that_is_not_whole_is_none(void **state)
{
    static const char *const owners[] = { "registry", "evidence" };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(owners); i++) {
        bus = (struct bus){ .role = "reader", .down = owners[i] };
        assert_int_equal(get("/behandlingar", ""), 503);
        assert_int_equal(get("/behandlingar.csv", ""), 503);
        assert_null(got.file);
    }
    bus = (struct bus){ .nobody = true };
    assert_int_equal(get("/behandlingar", ""), 303);
    assert_int_equal(get("/behandlingar.csv", ""), 303);
    assert_null(got.file);
    assert_int_equal(get("/tillganglighet", ""), 200);
    assert_false(on_it("/behandlingar"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R30_single_keys_are_off_until_asked_for),
        cmocka_unit_test(R30_what_no_browser_was_told_does_nothing),
        cmocka_unit_test(R30_the_statement_is_there_for_all),
        cmocka_unit_test(R30_whose_pages_and_whom_to_tell_is_an_option),
        cmocka_unit_test(R29_the_register_of_processing_is_a_page_and_a_file),
        cmocka_unit_test(R29_a_register_that_is_not_whole_is_none),
    };
    return cmocka_run_group_tests(tests, open_house, close_house);
}
