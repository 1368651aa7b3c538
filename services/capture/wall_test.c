/* wall_test.c - walls, refusals, errors and what hangs: each gets its own state, and none is OK
 * (R26; capture.md §6.1; reliability.md B3). */
#include "browser_fixture.h"
#include "suite_clock.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static desk_fixture desk;
static site *web;

#define HTML    "<!doctype html><html lang=sv><meta charset=utf-8>"
#define OK_HEAD "HTTP/1.1 200 OK\r\ncontent-type: text/html"
static const site_page pages[] = {
    { .path = "/page", .body = HTML "<title>Kommunen</title><p>Nyheter fran kommunen." },
    { .path = "/to-login", .head = "HTTP/1.1 302 Found\r\nlocation: /login?next=x", .body = "" },
    { .path = "/login", .body = HTML "<title>Logga in</title><form><input type=password></form>" },
    { .path = "/wall",
      .body = HTML "<title>Facebook</title><p>Du m\xc3\xa5ste logga in f\xc3\xb6r "
                   "att forts\xc3\xa4tta.</p>" },
    { .path = "/over",
      .body = HTML "<title>Kommunen</title><p>Inlagg</p><div role=dialog style='position:fixed;"
                   "inset:0;background:#fff'>Se mer<a href=/login>Logga in</a></div>" },
    { .path = "/robot", .body = HTML "<title>Just a moment</title><p>Verify you are human" },
    { .path = "/401", .head = "HTTP/1.1 401 Unauthorized\r\ncontent-type: text/html", .body = "x" },
    { .path = "/403", .head = "HTTP/1.1 403 Forbidden\r\ncontent-type: text/html", .body = "x" },
    { .path = "/429", .head = "HTTP/1.1 429 Slow down\r\ncontent-type: text/html", .body = "x" },
    { .path = "/500", .head = "HTTP/1.1 500 Oops\r\ncontent-type: text/html", .body = "<p>oops" },
    { .path = "/gone", .body = HTML "<title>x</title><p>Sidan kunde inte hittas" },
    { .path = "/empty", .body = HTML },
    { .path = "/round", .head = "HTTP/1.1 302 Found\r\nlocation: /round", .body = "" },
    { .path = "/file",
      .head = "HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\n"
              "content-disposition: attachment; filename=x.exe",
      .body = "MZ" },
    { .path = "/json", .head = "HTTP/1.1 200 OK\r\ncontent-type: application/json", .body = "{}" },
    { .path = "/hangs" },
    { .path = "/half", .body = HTML "<p>Halva sidan kom<img src=/hangs>" },
    { .path = "/loop", .body = HTML "<p>x<script>for(;;);</script>" },
    { .path = "/cut", .body = HTML "<p>Det var en gang", .claims = 5000 },
    { .path = "/to-file",
      .head = "HTTP/1.1 302 Found\r\nlocation: file:///etc/passwd",
      .body = "" },
};

static const Uppsikt__PageCaptured *visit(const char *path, upp_ms span)
{
    static Uppsikt__CapturePage page;
    static char url[300];
    uppsikt__capture_page__init(&page);
    snprintf(url, sizeof url, "%s", path[0] == '/' ? site_url(web, path) : path);
    page.id = upp_lend("01JDWALL");
    page.folder = upp_lend("01WALL");
    page.url = url;
    page.png = page.text = true;
    page.timeout_span = span;
    return desk_get(&desk, &page);
}

#define STATE(name) UPPSIKT__PAGE_CAPTURED__STATE__STATE_##name
static void every_wall_and_error_has_its_state(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        Uppsikt__PageCaptured__State state;
    } rows[] = {
        { "/page", STATE(OK) },
        { "/to-login", STATE(LOGIN_WALL) },
        { "/wall", STATE(LOGIN_WALL) },
        { "/over", STATE(LOGIN_WALL) },
        { "/401", STATE(LOGIN_WALL) },
        { "/robot", STATE(BLOCKED) },
        { "/403", STATE(BLOCKED) },
        { "/429", STATE(BLOCKED) },
        { "/500", STATE(ERROR) },
        { "/nowhere", STATE(ERROR) },
        { "/gone", STATE(ERROR) },
        { "/empty", STATE(ERROR) },
        { "/round", STATE(ERROR) },
        { "/file", STATE(ERROR) },
        { "/json", STATE(ERROR) },
        { "/cut", STATE(ERROR) },
        { "/to-file", STATE(ERROR) },
        { "http://127.0.0.1:9/", STATE(ERROR) },
        { "http://no-such-name.invalid/", STATE(ERROR) },
        { "file:///etc/passwd", STATE(BLOCKED) },
        { "chrome://version/", STATE(BLOCKED) },
        { "view-source:http://127.0.0.1/", STATE(BLOCKED) },
    };
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        const Uppsikt__PageCaptured *got = visit(rows[i].path, 0);
        if (got->state != rows[i].state)
            fail_msg("%s: state %d: %s %.*s", rows[i].path, (int)got->state, got->why,
                     (int)got->report.len, (const char *)got->report.data);
        assert_int_equal(got->state == STATE(OK), got->why[0] == '\0');
    }
}

/* What the browser met is a document, too: the wall itself is pictured. */
static void the_wall_is_pictured(void **state)
{
    (void)state;
    const Uppsikt__PageCaptured *got = visit("/wall", 0);
    assert_int_equal(got->state, STATE(LOGIN_WALL));
    assert_non_null(desk_has(got, "01WALL.page.png"));
}

static void what_hangs_ends_in_its_time(void **state)
{
    (void)state;
    static const char *const paths[] = { "/hangs", "/half", "/loop" };
    for (size_t i = 0; i < UPP_LEN(paths); i++) {
        const upp_ms began = upp_steady_now();
        const Uppsikt__PageCaptured *got = visit(paths[i], 3 * UPP_SECOND);
        if (got->state != STATE(TIMEOUT))
            fail_msg("%s: state %d: %s", paths[i], (int)got->state, got->why);
        assert_true(upp_steady_now() - began < 20 * UPP_SECOND);
    }
    assert_int_equal(visit("/page", 0)->state, STATE(OK)); /* and the next one works */
}

static int up(void **state)
{
    (void)state;
    web = site_new(pages, UPP_LEN(pages));
    desk_up(&desk, NULL);
    return 0;
}

static int down(void **state)
{
    (void)state;
    desk_down(&desk);
    site_free(web);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_wall_and_error_has_its_state),
        cmocka_unit_test(the_wall_is_pictured),
        cmocka_unit_test(what_hangs_ends_in_its_time),
    };
    return cmocka_run_group_tests(tests, up, down);
}
