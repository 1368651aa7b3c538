/* html_test.c - escaping, exhaustively; what a browser sends; paths; texts; files (R22, R30). */
#include "form.h"
#include "html.h"
#include "route.h"
#include "view.h"
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* -- escaping -- */
static char *escaped(const char *text)
{
    html h = { .size = 0 };
    html_add(&h, "%s", text);
    return h.at ? h.at : strdup("");
}

static void encode(uint32_t code, char ret[5])
{
    int n = 0;
    if (code < 0x80)
        ret[n++] = (char)code;
    else if (code < 0x800)
        ret[n++] = (char)(0xc0 | code >> 6);
    else if (code < 0x10000)
        ret[n++] = (char)(0xe0 | code >> 12);
    else
        ret[n++] = (char)(0xf0 | code >> 18);
    if (code >= 0x10000)
        ret[n++] = (char)(0x80 | (code >> 12 & 0x3f));
    if (code >= 0x800)
        ret[n++] = (char)(0x80 | (code >> 6 & 0x3f));
    if (code >= 0x80)
        ret[n++] = (char)(0x80 | (code & 0x3f));
    ret[n] = '\0';
}

/* Every code point: either itself, or one of five entities, or U+FFFD; never a character that ends
 * a text, an attribute or a tag. */
static void R30_every_code_point_is_escaped(void **state)
{
    (void)state;
    size_t same = 0, entities = 0, replaced = 0;
    for (uint32_t code = 1; code <= 0x10ffff; code++) {
        char text[5];
        encode(code, text);
        char *out = escaped(text);
        assert_null(strpbrk(out, "<>\"'"));
        if (strcmp(out, text) == 0)
            same++;
        else if (strncmp(out, "\xef\xbf\xbd", 3) == 0) /* each byte of a surrogate */
            replaced++;
        else if (out[0] == '&' && strchr("&<>\"'", text[0]))
            entities++;
        else
            fail_msg("U+%04X became %s", code, out);
        free(out);
    }
    assert_int_equal(entities, 5);
    assert_int_equal(same + entities + replaced, 0x10ffff);
    /* surrogates, the two last of each plane, controls, marks of direction */
    assert_int_equal(replaced, 2048 + 34 + 28 + 33 + 5 + 4 + 2);
}

/* Every pair of bytes, and every cut of a long sequence: no half character gets through. */
static void what_is_no_utf8_becomes_a_mark(void **state)
{
    (void)state;
    for (unsigned a = 1; a < 256; a++)
        for (unsigned b = 0; b < 256; b++) {
            const char text[] = { (char)a, (char)b, '\0' };
            char *out = escaped(text);
            assert_null(strpbrk(out, "<>\"'"));
            for (const unsigned char *at = (const unsigned char *)out; *at; at++)
                assert_true(*at < 0x80 || at[0] >= 0xc2 || (at > (const unsigned char *)out));
            free(out);
        }
    char *cut = escaped("a\xf0\x9f\x98");
    assert_string_equal(cut, "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    free(cut);
    char *overlong = escaped("\xc0\xbc"); /* a '<' in two bytes */
    assert_string_equal(overlong, "\xef\xbf\xbd\xef\xbf\xbd");
    free(overlong);
}

static void a_format_is_ours_and_its_fillings_are_not(void **state)
{
    (void)state;
    html h = { .size = 0 };
    html_add(&h, "<a href=\"%s\">%s %d %u %lld %%</a>", "\"><script>", "<b>", -3, 4u, 5LL);
    assert_string_equal(h.at, "<a href=\"&quot;&gt;&lt;script&gt;\">&lt;b&gt; -3 4 5 %</a>");
    html_done(&h);
    const char *volatile nothing = NULL; /* the compiler need not know */
    html_add(&h, "%s|", nothing);
    html_lines(&h, "a<\r\nb\n\nc");
    assert_string_equal(h.at, "|a&lt;<br>b<br><br>c");
    html_done(&h);
}

static void a_link_leads_to_the_web_or_nowhere(void **state)
{
    (void)state;
    assert_string_equal(html_url("https://a.example/x"), "https://a.example/x");
    assert_string_equal(html_url("javascript:alert(1)"), "");
    assert_string_equal(html_url(" https://a.example"), "");
    assert_string_equal(html_url("HTTPS://a.example"), "");
    assert_string_equal(html_url("data:text/html,x"), "");
    assert_string_equal(html_url(NULL), "");
}

/* -- forms -- */
static void a_form_is_read_as_it_was_sent(void **state)
{
    (void)state;
    form f;
    const char sent[] = "text=Hej+p%C3%A5+dig%0D%0A%26&tom=&m=1&m=2&ensam";
    assert_true(form_read(sent, strlen(sent), &f));
    assert_string_equal(form_value(&f, "text"), "Hej på dig\r\n&");
    assert_string_equal(form_value(&f, "tom"), "");
    assert_true(form_has(&f, "ensam"));
    assert_false(form_has(&f, "te"));
    assert_string_equal(form_value(&f, "m"), "1");
    assert_int_equal(f.n, 5);
    form_done(&f);
    static const char *const bad[] = { "a=%", "a=%4", "a=%zz", "a=%00", "a=%ff", "%c3=1" };
    for (size_t i = 0; i < UPP_LEN(bad); i++) {
        assert_false(form_read(bad[i], strlen(bad[i]), &f));
        assert_int_equal(f.n, 0);
    }
    char many[4 * (FORM_FIELDS + 1) + 1] = "";
    for (size_t i = 0; i <= FORM_FIELDS; i++)
        memcpy(many + 4 * i, "a=1&", 5);
    assert_false(form_read(many, strlen(many), &f));
}

static void a_cookie_is_found_by_its_whole_name(void **state)
{
    char value[8];
    (void)state;
    assert_true(form_cookie("a=1; uppsikt=abc; b=2", "uppsikt", value, sizeof value));
    assert_string_equal(value, "abc");
    assert_false(form_cookie("xuppsikt=abc", "uppsikt", value, sizeof value));
    assert_false(form_cookie("uppsikt-form=abc", "uppsikt", value, sizeof value));
    assert_false(form_cookie("uppsikt=12345678", "uppsikt", value, sizeof value));
    assert_false(form_cookie(NULL, "uppsikt", value, sizeof value));
    char text[] = " \r\n a\r\nb \t\n";
    form_trim(text);
    assert_string_equal(text, "a\nb");
}

/* Anybody may send a form without its fields. */
static void a_field_that_is_not_there_is_trimmed_too(void **state)
{
    (void)state;
    form f;
    assert_true(form_read("b=", 2, &f));
    static const char *const names[] = { "a", "b" };
    for (size_t i = 0; i < UPP_LEN(names); i++) {
        char *text = upp_lend(form_value(&f, names[i]));
        form_trim(text);
        assert_string_equal(text, "");
    }
    form_done(&f);
}

/* -- paths -- */
static void a_path_is_a_page_or_none(void **state)
{
    (void)state;
    route r;
    assert_true(route_find("/", &r));
    assert_int_equal(r.page, ROUTE_HOME);
    assert_true(route_find("/sak/01ABC.q1", &r));
    assert_int_equal(r.page, ROUTE_MATTER);
    assert_string_equal(r.id, "01ABC.q1");
    assert_true(route_find("/sak/01ABC.q1/beslut", &r));
    assert_string_equal(r.act, "beslut");
    assert_false(r.open_to_all);
    assert_true(route_find("/l/to-ken_1/ta", &r));
    assert_true(r.open_to_all && r.post);
    static const char *const none[] = { "",        "x",          "//",        "/sak",     "/sak/",
                                        "/sak//x", "/sak/a/b/c", "/sak/a/b/", "/svara/1", "/../etc",
                                        "/s/..",   "/sak/a%2f",  "/okand",    "/sak/a b", "/s/../x",
                                        "/s/a..b", "/sak/x/a.." };
    for (size_t i = 0; i < UPP_LEN(none); i++)
        if (route_find(none[i], &r))
            fail_msg("%s is a page", none[i]);
    char longest[ROUTE_PART + 8];
    snprintf(longest, sizeof longest, "/sak/%0*d", ROUTE_PART, 0);
    assert_false(route_find(longest, &r));
}

/* -- texts -- */
static char *read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *text = calloc(1, 256 * 1024);
    upp_check(text);
    const size_t n = fread(text, 1, 256 * 1024 - 1, file);
    assert_true(n > 0);
    fclose(file);
    return text;
}

/* "list.act", not "html.h", "%s" or a piece that is joined to something. */
static bool is_key(const phrases *p, const char *text, size_t n)
{
    char head[64];
    const char *dot = memchr(text, '.', n);
    if (!dot || n >= sizeof head || strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_.-") < n ||
        text[n - 1] == '.' || text[n - 1] == '-' || (n > 2 && text[n - 2] == '.'))
        return false;
    static const char *const heads[] = {
        "nav",    "error", "sign",   "password", "done",   "list",       "what",
        "due",    "sheet", "decide", "act",      "answer", "more",       "hand",
        "attest", "link",  "hold",   "report",   "gate",   "see",        "tag",
        "status", "item",  "down",   "log",      "form",   "none",       "disposal",
        "text",   "help",  "find",   "listed",   "access", "processing", "handed",
        "still",  "rules", "chosen", "away",     "people", "life"
    };
    (void)p;
    for (size_t i = 0; i < UPP_LEN(heads); i++)
        if (strlen(heads[i]) == (size_t)(dot - text) &&
            memcmp(heads[i], text, strlen(heads[i])) == 0)
            return true;
    return false;
}

static size_t check_source(const phrases *sv, const phrases *en, const char *path)
{
    char *text = read_file(path);
    size_t n = 0;
    for (char *at = strchr(text, '"'); at;) {
        char *end = at + 1 + strcspn(at + 1, "\"\n");
        const char *colon = memchr(at + 1, ':', (size_t)(end - at - 1)); /* "field:key" */
        char key[96];
        const char *begin = colon ? colon + 1 : at + 1;
        if (*end == '"' && is_key(sv, begin, (size_t)(end - begin))) {
            snprintf(key, sizeof key, "%.*s", (int)(end - begin), begin);
            if (!phrase_of(sv, key) || !phrase_of(en, key))
                fail_msg("%s: no text for %s", path, key);
            n++;
        }
        at = *end == '"' ? strchr(end + 1, '"') : strchr(end, '"');
    }
    free(text);
    return n;
}

static void R30_every_text_is_there_in_both_languages(void **state)
{
    (void)state;
    size_t n = 0;
    phrases *sv = phrases_new("sv"), *en = phrases_new("en");
    DIR *dir = opendir(UPP_ROOT "/services/console");
    assert_non_null(dir);
    for (const struct dirent *e = readdir(dir); e; e = readdir(dir)) {
        char path[400];
        const bool source = strncmp(e->d_name, "view_", 5) == 0 ||
                            strncmp(e->d_name, "port_", 5) == 0 ||
                            strncmp(e->d_name, "hear_", 5) == 0;
        if (!source || !strstr(e->d_name, ".c"))
            continue;
        snprintf(path, sizeof path, UPP_ROOT "/services/console/%s", e->d_name);
        n += check_source(sv, en, path);
    }
    closedir(dir);
    assert_true(n > 150);
    assert_string_equal(phrase(sv, "list.act"), "Åtgärda");
    assert_string_equal(phrase(sv, "stale-version"), /* escalation's own words */
                        "Kommentaren har ändrats sedan du såg den. Titta på den nya texten först.");
    assert_string_equal(phrase(sv, "data.personal_number"), "träff: personnummer");
    assert_string_equal(phrase(sv, "finns.inte"), "finns.inte");
    assert_string_equal(phrases_language(en), "en");
    phrases_free(sv);
    phrases_free(en);
}

/* words.md: what is never said. */
static void the_words_are_those_of_the_list(void **state)
{
    (void)state;
    static const char *const never[] = { "ärende",     "eskaler", "SLA",       "flagga",
                                         "legal hold", "moderer", "fyra ögon", "dead letter" };
    char *text = read_file(UPP_ROOT "/services/console/console.sv.txt");
    for (size_t i = 0; i < UPP_LEN(never); i++)
        if (strstr(text, never[i]))
            fail_msg("the console says \"%s\"", never[i]);
    free(text);
}

/* The policy says by when; a template that names days promises in its place. */
static void R12_a_template_promises_no_time(void **state)
{
    (void)state;
    static const char *const languages[] = { "sv", "en" };
    static const char *const never[] = { "dag", "timm", "vecka", "day", "hour", "week", "0",
                                         "1",   "2",    "3",     "4",   "5",    "fem",  "five" };
    for (size_t l = 0; l < UPP_LEN(languages); l++) {
        phrases *words = phrases_new(languages[l]);
        for (int i = 1; i <= 4; i++) {
            char key[16];
            snprintf(key, sizeof key, "template.%d", i);
            for (size_t n = 0; n < UPP_LEN(never); n++)
                if (strstr(phrase(words, key), never[n]))
                    fail_msg("%s says \"%s\"", key, never[n]);
        }
        phrases_free(words);
    }
}

static void a_text_is_filled_and_its_filling_escaped(void **state)
{
    (void)state;
    phrases *sv = phrases_new("sv");
    html h = { .phrases = sv };
    html_fill(&h, "approve.asked", "<Ali>", "Reklam & \"annat\"");
    assert_string_equal(h.at, "&lt;Ali&gt; vill ta bort den. Skäl: Reklam &amp; &quot;annat&quot;");
    html_done(&h);
    phrases_free(sv);
}

/* R22: what a saved copy holds was written by strangers. */
static void a_copy_is_shown_by_what_it_is(void **state)
{
    static const struct {
        const char *name, *bytes, *type;
    } files[] = {
        { "page.png", "\x89PNG\r\n\x1a\n\0", "image/png" },
        { "media/1", "\xff\xd8\xff\xe0", "image/jpeg" },
        { "media/2", "GIF89a", "image/gif" },
        { "media/3", "RIFF----WEBPVP8", "image/webp" },
        { "record.json", "{}", "text/plain; charset=utf-8" },
        { "manifest-sha256.txt", "", "text/plain; charset=utf-8" },
        { "comment.html", "<!doctype html>", NULL },
        { "media/4", "<svg onload=alert(1)>", NULL },
        { "media/x.json", "<script>", NULL },
        { "page.pdf", "%PDF-1.7", NULL },
        { "media/5", "", NULL },
    };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(files); i++) {
        const char *type =
            view_copy_type(files[i].name, (const uint8_t *)files[i].bytes, strlen(files[i].bytes));
        assert_true((type == NULL) == (files[i].type == NULL));
        if (type)
            assert_string_equal(type, files[i].type);
    }
    assert_string_equal(view_copy_name("2026/11/01R/media/1", "01R"), "media/1");
    assert_null(view_copy_name("2026/11/01R/media/1", "01X"));
    assert_null(view_copy_name("2026/11/01R", "01R"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R30_every_code_point_is_escaped),
        cmocka_unit_test(what_is_no_utf8_becomes_a_mark),
        cmocka_unit_test(a_format_is_ours_and_its_fillings_are_not),
        cmocka_unit_test(a_link_leads_to_the_web_or_nowhere),
        cmocka_unit_test(a_form_is_read_as_it_was_sent),
        cmocka_unit_test(a_cookie_is_found_by_its_whole_name),
        cmocka_unit_test(a_field_that_is_not_there_is_trimmed_too),
        cmocka_unit_test(a_path_is_a_page_or_none),
        cmocka_unit_test(R30_every_text_is_there_in_both_languages),
        cmocka_unit_test(the_words_are_those_of_the_list),
        cmocka_unit_test(R12_a_template_promises_no_time),
        cmocka_unit_test(a_text_is_filled_and_its_filling_escaped),
        cmocka_unit_test(a_copy_is_shown_by_what_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
