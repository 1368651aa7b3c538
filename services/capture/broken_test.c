/* broken_test.c - the browser dies, is missing, has no sandbox; uppsikt-capture is away; strangers
 * ask; pages of this machine are asked for: nothing false is said, and the next job works (R42;
 * reliability.md B3). */
#include "browser_fixture.h"
#include "suite_clock.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define STATE(name) UPPSIKT__PAGE_CAPTURED__STATE__STATE_##name
#define HTML        "<!doctype html><meta charset=utf-8><p>hej"

static const site_page pages[] = { { .path = "/", .body = HTML },
                                   { .path = "/hangs" },
                                   { .path = "/half", .body = HTML "<img src=/hangs>" } };

static Uppsikt__CapturePage html_page(void)
{
    Uppsikt__CapturePage page = UPPSIKT__CAPTURE_PAGE__INIT;
    page.id = upp_lend("01JDPAGE");
    page.folder = upp_lend("01BROKEN");
    page.html = upp_lend(HTML);
    page.png = true;
    return page;
}

static bool has_connection(void *ctx)
{
    return site_connections(ctx) > 0;
}

static void R42_a_browser_that_dies_ends_its_job_and_no_other(void **state)
{
    (void)state;
    desk_fixture desk;
    site *web = site_new(pages, UPP_LEN(pages));
    char url[100];
    desk_up(&desk, NULL);
    Uppsikt__CapturePage hanging = html_page();
    snprintf(url, sizeof url, "%s", site_url(web, "/hangs"));
    hanging.html = upp_lend("");
    hanging.url = url;
    desk_ask(&desk, 2, &hanging);
    assert_true(hand_loop_until(desk.loop, 30 * UPP_SECOND, has_connection, web));
    const pid_t browser = desk_browser(&desk);
    assert_true(browser > 0);
    assert_int_equal(kill(browser, SIGKILL), 0);
    const answer *a = desk_wait(&desk, 2, 30 * UPP_SECOND);
    assert_int_equal(a->fate, UPP_DONE);
    assert_int_equal(a->page->state, STATE(ERROR));
    assert_string_equal(a->page->why, "the browser ended");
    const Uppsikt__CapturePage page = html_page();
    assert_int_equal(desk_get(&desk, &page)->state, STATE(OK));
    /* Dead between two jobs, nobody even notices. */
    assert_int_equal(kill(desk_browser(&desk), SIGKILL), 0);
    assert_int_equal(desk_get(&desk, &page)->state, STATE(OK));
    desk_down(&desk);
    site_free(web);
}

static bool has_renderer(void *ctx)
{
    const pid_t browser = desk_browser(ctx);
    return browser > 0 && desk_renderer(browser) > 0;
}

/* Only the page's own process dies: the job ends at once, not at its time. */
static void a_page_that_crashes_ends_its_job(void **state)
{
    (void)state;
    desk_fixture desk;
    site *web = site_new(pages, UPP_LEN(pages));
    char url[100];
    desk_up(&desk, NULL);
    Uppsikt__CapturePage page = html_page();
    snprintf(url, sizeof url, "%s", site_url(web, "/half"));
    page.html = upp_lend("");
    page.url = url;
    page.timeout_span = 80 * UPP_SECOND;
    desk_ask(&desk, 2, &page);
    assert_true(hand_loop_until(desk.loop, 30 * UPP_SECOND, has_connection, web));
    assert_true(hand_loop_until(desk.loop, 30 * UPP_SECOND, has_renderer, &desk));
    const pid_t browser = desk_browser(&desk);
    for (pid_t at = desk_renderer(browser); at > 0; at = desk_renderer(browser))
        assert_true(kill(at, SIGKILL) == 0 || errno == ESRCH); /* it may just have ended */
    const answer *a = desk_wait(&desk, 2, 20 * UPP_SECOND);
    assert_int_equal(a->fate, UPP_DONE);
    assert_int_equal(a->page->state, STATE(ERROR));
    /* When it ended before the page had been taken, the load is all that was broken off. */
    assert_non_null(strstr(a->page->why, "the page crashed"));
    desk_down(&desk);
    site_free(web);
}

/* What is too much is not loaded, and the report says that something is missing. */
static void a_page_that_loads_too_much_is_cut(void **state)
{
    (void)state;
    static const char *const environment[] = { "UPPSIKT_CAPTURE_RESPONSE_BYTES=1048576", NULL };
    enum { LONG = 3 * 1024 * 1024 };
    char *blob = malloc(LONG);
    assert_non_null(blob);
    memset(blob, 'x', LONG);
    const site_page big[] = {
        { .path = "/",
          .body = HTML "<img src=/blob><img src=/blob?2><script src=/blob?3></script>" },
        { .path = "/blob",
          .head = "HTTP/1.1 200 OK\r\ncontent-type: text/javascript",
          .body = blob,
          .body_len = LONG },
        { .path = "/blob-page", .body = blob, .body_len = LONG },
    };
    desk_fixture desk;
    site *web = site_new(big, UPP_LEN(big));
    char url[100];
    desk_up(&desk, environment);
    Uppsikt__CapturePage page = html_page();
    page.html = upp_lend("");
    page.url = url;
    snprintf(url, sizeof url, "%s", site_url(web, "/"));
    const Uppsikt__PageCaptured *got = desk_get(&desk, &page);
    assert_int_equal(got->state, STATE(OK));
    assert_non_null(strstr((const char *)got->report.data, "\"cut\":true"));
    /* The document itself broke off: that is no page. */
    snprintf(url, sizeof url, "%s", site_url(web, "/blob-page"));
    assert_int_equal(desk_get(&desk, &page)->state, STATE(ERROR));
    desk_down(&desk);
    site_free(web);
    free(blob);
}

/* A browser that is stopped hangs; the job ends in its time and a fresh one comes. */
static void a_browser_that_hangs_is_replaced(void **state)
{
    (void)state;
    desk_fixture desk;
    desk_up(&desk, NULL);
    Uppsikt__CapturePage page = html_page();
    assert_int_equal(desk_get(&desk, &page)->state, STATE(OK));
    const pid_t first = desk_browser(&desk);
    assert_int_equal(kill(first, SIGSTOP), 0);
    assert_int_equal(desk_get(&desk, &page)->state, STATE(OK));
    assert_int_not_equal(desk_browser(&desk), first);
    desk_down(&desk);
}

static void a_browser_is_replaced_after_its_jobs_and_stops_when_idle(void **state)
{
    (void)state;
    static const char *const environment[] = { "UPPSIKT_CAPTURE_JOBS_PER_BROWSER=2",
                                               "UPPSIKT_CAPTURE_IDLE=1s", NULL };
    desk_fixture desk;
    desk_up(&desk, environment);
    const int64_t rested = desk_pss_bytes(desk.pid);
    assert_int_equal(desk_browser(&desk), 0); /* none is started before somebody asks */
    Uppsikt__CapturePage page = html_page();
    pid_t browsers[3];
    for (size_t i = 0; i < UPP_LEN(browsers); i++) {
        assert_int_equal(desk_get(&desk, &page)->state, STATE(OK));
        browsers[i] = desk_browser(&desk);
    }
    assert_int_not_equal(browsers[1], browsers[2]);
    const upp_ms until = upp_steady_now() + 20 * UPP_SECOND;
    while (desk_browser(&desk) > 0 && upp_steady_now() < until)
        hand_loop_turn(desk.loop);
    assert_int_equal(desk_browser(&desk), 0);
    assert_non_null(strstr(desk_says(&desk, "/metrics"), "uppsikt_capture_jobs_total{state=\"ok\"}"
                                                         " 3"));
    const int64_t after = desk_pss_bytes(desk.pid);
    print_message("resting: %lld KiB PSS at the start, %lld after three jobs (goal 4096)\n",
                  (long long)(rested >> 10), (long long)(after >> 10));
#ifndef __SANITIZE_ADDRESS__ /* which keeps what was freed */
    assert_true(after - rested < 3 * 1024 * 1024);
#endif
    desk_down(&desk);
}

static void pages_of_this_machine_are_refused(void **state)
{
    (void)state;
    static const char *const environment[] = { "UPPSIKT_CAPTURE_PRIVATE_ADDRESSES=no", NULL };
    desk_fixture desk;
    site *web = site_new(pages, UPP_LEN(pages));
    char url[100];
    desk_up(&desk, environment);
    Uppsikt__CapturePage page = html_page();
    page.html = upp_lend("");
    page.url = url;
    static const char *const urls[] = { "http://127.0.0.1/",       "http://localhost/",
                                        "http://[::1]/",           "http://169.254.169.254/x",
                                        "http://2130706433/",      "http://0x7f.1/",
                                        "http://[::ffff:7f00:1]/", "http://10.1.2.3/" };
    snprintf(url, sizeof url, "%s", site_url(web, "/"));
    assert_int_equal(desk_get(&desk, &page)->state, STATE(BLOCKED));
    for (size_t i = 0; i < UPP_LEN(urls); i++) {
        snprintf(url, sizeof url, "%s", urls[i]);
        const Uppsikt__PageCaptured *got = desk_get(&desk, &page);
        if (got->state != STATE(BLOCKED))
            fail_msg("%s: state %d: %s", url, (int)got->state, got->why);
    }
    assert_int_equal(site_connections(web), 0);
    desk_down(&desk);
    site_free(web);
}

static void without_a_browser_it_says_so_and_jobs_wait(void **state)
{
    (void)state;
    static const char *const environment[] = { "UPPSIKT_CAPTURE_BROWSER=/nonexistent/chromium",
                                               NULL };
    desk_fixture desk;
    desk_without(&desk, "evidence", "15");
    desk_start(&desk, environment);
    assert_non_null(strstr(desk_says(&desk, "/readyz"), "\"browser_missing\""));
    Uppsikt__CapturePage page = html_page();
    desk_ask(&desk, 1, &page);
    const answer *a = desk_wait(&desk, 1, 20 * UPP_SECOND);
    assert_int_equal(a->fate, UPP_LATER);
    assert_true(a->after_span > 0);
    assert_non_null(strstr(hand_loop_said(desk.loop), "apt-get install chromium"));
    desk_down(&desk);
}

/* Stand-ins for a browser that cannot: what they write is what Chromium 156 writes. */
static void why_a_browser_does_not_start_is_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *script, *reason;
    } rows[] = {
        { "#!/bin/sh\necho '[1:1:FATAL:content/browser/zygote_host/zygote_host_impl_linux.cc:128] "
          "No "
          "usable sandbox!' >&2\nexit 1\n",
          "\"sandbox_refused\"" },
        { "#!/bin/sh\necho 'error while loading shared libraries: libx.so' >&2\nexit 127\n",
          "\"browser_failed\"" },
    };
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        desk_fixture desk;
        char path[PATH_MAX], variable[PATH_MAX + 64];
        const char *const environment[] = { variable, NULL };
        desk_without(&desk, "evidence", "15");
        snprintf(path, sizeof path, "%.3900s/browser", desk.folder);
        snprintf(variable, sizeof variable, "UPPSIKT_CAPTURE_BROWSER=%s", path);
        FILE *file = fopen(path, "we");
        assert_non_null(file);
        assert_true(fputs(rows[i].script, file) >= 0);
        assert_int_equal(fchmod(fileno(file), 0755), 0);
        assert_int_equal(fclose(file), 0);
        desk_start(&desk, environment);
        assert_non_null(strstr(desk_says(&desk, "/readyz"), rows[i].reason));
        Uppsikt__CapturePage page = html_page();
        desk_ask(&desk, 1, &page);
        assert_int_equal(desk_wait(&desk, 1, 20 * UPP_SECOND)->fate, UPP_LATER);
        desk_down(&desk);
    }
}

static void without_its_sandbox_it_runs_only_when_told_and_says_so(void **state)
{
    (void)state;
    static const char *const environment[] = { "UPPSIKT_CAPTURE_SANDBOX=no", NULL };
    desk_fixture desk;
    desk_up(&desk, environment);
    assert_non_null(strstr(desk_says(&desk, "/readyz"), "\"without_sandbox\""));
    assert_non_null(strstr(desk_says(&desk, "/metrics"), "uppsikt_capture_sandbox 0"));
    Uppsikt__CapturePage page = html_page();
    const Uppsikt__PageCaptured *got = desk_get(&desk, &page);
    assert_int_equal(got->state, STATE(OK));
    assert_non_null(strstr((const char *)got->report.data, "\"sandbox\":false"));
    desk_down(&desk);
}

/* Down: later, not never; and what was asked meanwhile is not done when it comes back. */
static void R42_when_it_is_away_the_ask_is_tried_later(void **state)
{
    (void)state;
    desk_fixture desk;
    desk_without(&desk, "evidence", "3");
    Uppsikt__CapturePage page = html_page();
    desk_ask(&desk, 1, &page);
    assert_int_equal(desk_wait(&desk, 1, 20 * UPP_SECOND)->fate, UPP_LATER);
    desk_start(&desk, NULL);
    assert_int_equal(desk_get(&desk, &page)->state, STATE(OK));
    assert_non_null(strstr(desk_says(&desk, "/metrics"), "uppsikt_capture_jobs_total{state=\"ok\"}"
                                                         " 1"));
    desk_down(&desk);
}

static void who_may_not_ask_gets_no_answer(void **state)
{
    (void)state;
    desk_fixture desk;
    desk_without(&desk, "ingest", "3");
    desk_start(&desk, NULL);
    Uppsikt__CapturePage page = html_page();
    desk_ask(&desk, 1, &page);
    assert_int_equal(desk_wait(&desk, 1, 20 * UPP_SECOND)->fate, UPP_LATER);
    assert_null(strstr(desk_says(&desk, "/metrics"), "uppsikt_capture_refused_total 0"));
    assert_int_equal(desk_browser(&desk), 0);
    desk_down(&desk);
}

static void what_cannot_be_done_is_a_dead_letter(void **state)
{
    (void)state;
    desk_fixture desk;
    desk_without(&desk, "evidence", "15");
    Uppsikt__CapturePage page = html_page();
    page.folder = upp_lend("/etc/x");
    desk_ask(&desk, 1, &page);
    assert_int_equal(desk_wait(&desk, 1, UPP_SECOND)->fate, UPP_NEVER);
    page = html_page();
    page.url = upp_lend("http://x.se/");
    desk_ask(&desk, 1, &page);
    assert_int_equal(desk_wait(&desk, 1, UPP_SECOND)->fate, UPP_NEVER);
    desk_down(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R42_a_browser_that_dies_ends_its_job_and_no_other),
        cmocka_unit_test(a_page_that_crashes_ends_its_job),
        cmocka_unit_test(a_page_that_loads_too_much_is_cut),
        cmocka_unit_test(a_browser_that_hangs_is_replaced),
        cmocka_unit_test(a_browser_is_replaced_after_its_jobs_and_stops_when_idle),
        cmocka_unit_test(pages_of_this_machine_are_refused),
        cmocka_unit_test(without_a_browser_it_says_so_and_jobs_wait),
        cmocka_unit_test(why_a_browser_does_not_start_is_told_apart),
        cmocka_unit_test(without_its_sandbox_it_runs_only_when_told_and_says_so),
        cmocka_unit_test(R42_when_it_is_away_the_ask_is_tried_later),
        cmocka_unit_test(who_may_not_ask_gets_no_answer),
        cmocka_unit_test(what_cannot_be_done_is_a_dead_letter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
