/* rules_test.c - the pure rules of capture: where a page may go (reliability.md B3), what is shown
 * (capture.md §6.1), the framing of the browser's protocol, and the port's folders. */
// clang-format off
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include "browser.h"
#include "cdp.h"
#include "guard.h"
#include "port_folder.h"
#include "verdict.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_public(const char *text)
{
    struct sockaddr_in in = { .sin_family = AF_INET };
    struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
    if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
        return guard_public((const struct sockaddr *)&in);
    assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
    return guard_public((const struct sockaddr *)&in6);
}

/* B3's list, each at its first and last address, and the neighbours that are public. */
static void private_ranges_are_closed(void **state)
{
    (void)state;
    static const char *const closed[] = {
        "0.0.0.0",
        "0.255.255.255",
        "10.0.0.0",
        "10.255.255.255",
        "100.64.0.0",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.255",
        "169.254.169.254",
        "172.16.0.0",
        "172.31.255.255",
        "192.0.0.0",
        "192.0.0.255",
        "192.168.0.0",
        "192.168.255.255",
        "198.18.0.0",
        "198.19.255.255",
        "224.0.0.0",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:10.0.0.1",
        "::ffff:127.0.0.1",
        "64:ff9b::a00:1",
        "fc00::1",
        "fdff::1",
        "fe80::1",
        "ff02::1",
        "2001:db8::1",
        "2002:a00:1::",
        "2001::1",
        "::7f00:1",
    };
    static const char *const open[] = {
        "1.1.1.1",         "9.255.255.255",   "11.0.0.0",        "100.63.255.255", "100.128.0.0",
        "126.255.255.255", "128.0.0.0",       "169.253.255.255", "172.15.255.255", "172.32.0.0",
        "192.0.1.0",       "192.167.255.255", "192.169.0.0",     "198.17.255.255", "198.20.0.0",
        "223.255.255.255", "2a03:2880::1",    "2600::1",         "::ffff:8.8.8.8",
    };
    for (size_t i = 0; i < UPP_LEN(closed); i++)
        if (is_public(closed[i]))
            fail_msg("%s is taken for public", closed[i]);
    for (size_t i = 0; i < UPP_LEN(open); i++)
        if (!is_public(open[i]))
            fail_msg("%s is taken for private", open[i]);
}

static void urls_are_refused_for_what_they_name(void **state)
{
    (void)state;
    static const struct {
        const char *url, *why;
    } rows[] = {
        { "https://www.facebook.com/kommun", NULL },
        { "http://www.example.org:80/a?b#c", NULL },
        { "data:text/html,hej", NULL },
        { "about:blank", NULL },
        { "wss://edge.facebook.com/x", NULL },
        { "file:///etc/passwd", "scheme" },
        { "ftp://example.org/", "scheme" },
        { "chrome://version", "scheme" },
        { "http://localhost/", "address" },
        { "http://a.localhost/", "address" },
        { "http://printer/", "address" },
        { "http://nas.local/", "address" },
        { "http://127.0.0.1/", "address" },
        { "http://[::1]/", "address" },
        { "http://[::ffff:169.254.169.254]/latest", "address" },
        { "http://169.254.169.254/latest/meta-data", "address" },
        { "https://example.org:8443/", "port" },
        { "http://example.org:22/", "port" },
        { "http://user@example.org/", "url" },
        { "http://user:pw@127.0.0.1/", "url" },
        { "http:///x", "url" },
        { "http://example.org:0/", "url" },
        { "http://example.org:99999/", "url" },
        { "javascript:alert(1)", "url" },
        { "", "url" },
    };
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        const char *why = guard_refuses(rows[i].url, false);
        if ((why == NULL) != (rows[i].why == NULL) || (why && strcmp(why, rows[i].why) != 0))
            fail_msg("%s: %s", rows[i].url, why ? why : "let through");
    }
    assert_null(guard_refuses("http://127.0.0.1:8080/", true));
    assert_string_equal(guard_refuses("file:///etc/passwd", true), "scheme");
}

/* -- verdicts -- */
typedef struct shown {
    const char *name;
    verdict_signs signs;
    enum verdict verdict;
} shown;

#define ASKED "https://www.facebook.com/kommunen"
static const shown shows[] = {
    { "a page",
      { .status = 200, .mime = "text/html", .text_chars = 9000, .text = "Hej" },
      VERDICT_OK },
    { "a short page",
      { .status = 200,
        .mime = "text/html",
        .text_chars = 60,
        .text = "V\xc3\xa4lkommen till kommunen. \xc3\x96ppet 8-16." },
      VERDICT_OK },
    { "only pictures", { .status = 200, .mime = "text/html", .pictures = true }, VERDICT_OK },
    { "a long page with a login link",
      { .status = 200,
        .mime = "text/html",
        .text_chars = 8000,
        .text = "Nyheter ... Logga in f\xc3\xb6r att kommentera" },
      VERDICT_OK },
    { "redirect to login",
      { .status = 200,
        .mime = "text/html",
        .text_chars = 200,
        .shown = "https://www.facebook.com/login/?next=x",
        .text = "Facebook" },
      VERDICT_LOGIN_WALL },
    { "instagram's way",
      { .status = 200,
        .mime = "text/html",
        .text_chars = 5000,
        .shown = "https://www.instagram.com/accounts/login/",
        .text = "" },
      VERDICT_LOGIN_WALL },
    { "authwall",
      { .status = 200,
        .mime = "text/html",
        .text_chars = 5000,
        .shown = "https://www.linkedin.com/authwall?trk=x",
        .text = "" },
      VERDICT_LOGIN_WALL },
    { "words",
      { .status = 200,
        .mime = "text/html",
        .text_chars = 90,
        .text = "Du m\xc3\xa5ste logga in f\xc3\xb6rst" },
      VERDICT_LOGIN_WALL },
    { "a field for a password",
      { .status = 200, .mime = "text/html", .text_chars = 50, .password = true, .text = "Name" },
      VERDICT_LOGIN_WALL },
    { "a dialog over it",
      { .status = 200,
        .mime = "text/html",
        .text_chars = 9000,
        .dialog_over = true,
        .text = "Hej" },
      VERDICT_LOGIN_WALL },
    { "401", { .status = 401, .mime = "text/html", .text_chars = 9000 }, VERDICT_LOGIN_WALL },
    { "403", { .status = 403, .mime = "text/html", .text_chars = 9000 }, VERDICT_BLOCKED },
    { "429", { .status = 429, .mime = "text/html", .text_chars = 9000 }, VERDICT_BLOCKED },
    { "linkedin's 999", { .status = 999, .mime = "text/html" }, VERDICT_BLOCKED },
    { "a check for robots",
      { .status = 200,
        .mime = "text/html",
        .text_chars = 100,
        .text = "Verify you are human by completing the action below." },
      VERDICT_BLOCKED },
    { "our own rules", { .guarded = true }, VERDICT_BLOCKED },
    { "blocked", { .net_error = "net::ERR_BLOCKED_BY_CLIENT" }, VERDICT_BLOCKED },
    { "404", { .status = 404, .mime = "text/html", .text_chars = 9000 }, VERDICT_ERROR },
    { "500", { .status = 500, .mime = "text/html", .text_chars = 9000 }, VERDICT_ERROR },
    { "a soft 404",
      { .status = 200, .mime = "text/html", .text_chars = 80, .text = "Sidan kunde inte hittas" },
      VERDICT_ERROR },
    { "an empty page", { .status = 200, .mime = "text/html" }, VERDICT_ERROR },
    { "a document",
      { .status = 200, .mime = "application/pdf", .text_chars = 10, .text = "x" },
      VERDICT_ERROR },
    { "no such name", { .net_error = "net::ERR_NAME_NOT_RESOLVED" }, VERDICT_ERROR },
    { "a bad certificate", { .net_error = "net::ERR_CERT_DATE_INVALID" }, VERDICT_ERROR },
    { "a download", { .net_error = "net::ERR_ABORTED" }, VERDICT_ERROR },
    { "refused", { .net_error = "net::ERR_CONNECTION_REFUSED" }, VERDICT_ERROR },
    { "the browser's own",
      { .shown = "chrome-error://chromewebdata/",
        .text_chars = 300,
        .text = "This site can't be reached" },
      VERDICT_ERROR },
    { "timed out", { .net_error = "net::ERR_CONNECTION_TIMED_OUT" }, VERDICT_TIMEOUT },
    { "broken off",
      { .broken = true, .status = 200, .mime = "text/html", .text_chars = 9000 },
      VERDICT_ERROR },
    { "late",
      { .late = true, .status = 200, .mime = "text/html", .text_chars = 9000 },
      VERDICT_TIMEOUT },
    { "a gateway's patience", { .status = 504, .mime = "text/html" }, VERDICT_TIMEOUT },
};

static void an_error_page_is_never_ok(void **state)
{
    (void)state;
    for (size_t i = 0; i < UPP_LEN(shows); i++) {
        verdict_signs s = shows[i].signs;
        const char *why = NULL;
        s.asked = ASKED;
        s.shown = s.shown ? s.shown : ASKED;
        s.mime = s.mime ? s.mime : "";
        s.title = s.title ? s.title : "";
        s.text = s.text ? s.text : "";
        const enum verdict got = verdict_of(&s, &why);
        if (got != shows[i].verdict)
            fail_msg("%s: %d (%s)", shows[i].name, (int)got, why);
        assert_int_equal(got == VERDICT_OK, why[0] == '\0');
    }
    /* No status of an error, whatever else is there, is OK. */
    for (int64_t status = 400; status < 1000; status++) {
        const char *why = NULL;
        const verdict_signs s = { .asked = ASKED,
                                  .shown = ASKED,
                                  .status = status,
                                  .mime = "text/html",
                                  .title = "",
                                  .text = "Hej",
                                  .text_chars = 100000 };
        assert_int_not_equal(verdict_of(&s, &why), VERDICT_OK);
    }
}

/* -- framing -- */
static void messages_come_whole_however_they_are_cut(void **state)
{
    (void)state;
    static const char bytes[] = "{\"id\":1,\"result\":{}}\0{\"method\":\"a\"}\0{\"id\":2}";
    for (size_t cut = 1; cut < sizeof bytes; cut++) {
        cdp_buffer b = { 0 };
        size_t n = 0;
        for (size_t at = 0; at < sizeof bytes; at += cut) {
            const size_t len = sizeof bytes - at < cut ? sizeof bytes - at : cut;
            assert_true(cdp_buffer_put(&b, bytes + at, len));
            json_t *message = NULL;
            while (cdp_buffer_take(&b, &message) == 0) {
                n++;
                json_decref(message);
            }
        }
        assert_int_equal(n, 3);
        assert_int_equal(b.len, 0);
        cdp_buffer_done(&b);
    }
}

static void what_is_no_message_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = { "", "nej", "[1]", "{\"a\":", "{} {}", "\"\\ud800\"" };
    for (size_t i = 0; i < UPP_LEN(bad); i++) {
        cdp_buffer b = { 0 };
        json_t *message = NULL;
        assert_true(cdp_buffer_put(&b, bad[i], strlen(bad[i]) + 1));
        assert_int_equal(cdp_buffer_take(&b, &message), UPP_E_INPUT);
        assert_null(message);
        cdp_buffer_done(&b);
    }
    cdp_buffer full = { .len = CDP_MESSAGE_MAX };
    assert_false(cdp_buffer_put(&full, "x", 1));
}

/* A browser that says nothing, and one that is gone: every call has its end. */
static void a_call_ends_at_its_deadline(void **state)
{
    (void)state;
    int to[2], from[2];
    atomic_bool stop = false;
    assert_int_equal(pipe(to), 0);
    assert_int_equal(pipe(from), 0);
    cdp *c = cdp_new(from[0], to[1], &stop);
    assert_int_equal(cdp_call(c, "", "A.b", NULL, 0, NULL), CDP_LATE);
    atomic_store(&stop, true);
    assert_int_equal(cdp_call(c, "", "A.b", NULL, INT64_MAX, NULL), CDP_STOPPED);
    atomic_store(&stop, false);
    const char refusal[] = "{\"id\":3,\"error\":{\"message\":\"no\"}}";
    assert_int_equal(write(from[1], refusal, sizeof refusal), sizeof refusal);
    assert_int_equal(cdp_call(c, "", "A.b", NULL, INT64_MAX, NULL), CDP_REFUSED);
    assert_string_equal(cdp_why(c), "A.b: no");
    close(from[1]);
    assert_int_equal(cdp_call(c, "", "A.b", NULL, INT64_MAX, NULL), CDP_GONE);
    cdp_free(c);
    close(to[0]);
}

/* -- folders -- */
static void results_lie_in_the_services_own_folder_alone(void **state)
{
    (void)state;
    char root[] = "/tmp/upp-folder-XXXXXX";
    char objects[64], link[96], path[300];
    assert_non_null(mkdtemp(root));
    snprintf(objects, sizeof objects, "%s/data", root);
    assert_int_equal(mkdir(objects, 0700), 0);
    snprintf(objects, sizeof objects, "%s/data/objects", root);
    assert_int_equal(mkdir(objects, 0700), 0);
    snprintf(link, sizeof link, "%s/out", objects);
    assert_int_equal(symlink("/tmp", link), 0);
    snprintf(path, sizeof path, "%s/data/x/y", root);
    const struct {
        const char *folder, *why;
    } rows[] = {
        { "01ABC", NULL },
        { "2026/11/01ABC", NULL },
        { path, NULL },
        { "", "its folder is no name that an object can have" },
        { "..", "its folder is no name that an object can have" },
        { "a b", "its folder is no name that an object can have" },
        { "a/../../..", "its folder leads out of the service's own" },
        { "/etc/x", "its folder leads out of the service's own" },
        { "/tmp", "its folder leads out of the service's own" },
        { "out/x", "its folder leads over a link or a file" },
    };
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        port_folder folder = { .fd = -1 };
        bool never = false;
        const char *why = port_folder_open(objects, NULL, rows[i].folder, &folder, &never);
        if ((why == NULL) != (rows[i].why == NULL) || (why && strcmp(why, rows[i].why) != 0))
            fail_msg("%s: %s", rows[i].folder, why ? why : "let through");
        assert_true(!why || never);
        assert_int_equal(folder.fd >= 0, why == NULL);
        port_folder_close(&folder);
    }
    port_folder folder = { .fd = -1 };
    bool never = false;
    snprintf(path, sizeof path, "%s/elsewhere/y", root);
    snprintf(link, sizeof link, "%s/elsewhere/", root);
    assert_int_equal(mkdir(link, 0700), 0);
    assert_non_null(port_folder_open(objects, NULL, path, &folder, &never));
    assert_null(port_folder_open(objects, link, path, &folder, &never));
    port_folder_close(&folder);
    browser_remove(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(private_ranges_are_closed),
        cmocka_unit_test(urls_are_refused_for_what_they_name),
        cmocka_unit_test(an_error_page_is_never_ok),
        cmocka_unit_test(messages_come_whole_however_they_are_cut),
        cmocka_unit_test(what_is_no_message_is_refused),
        cmocka_unit_test(a_call_ends_at_its_deadline),
        cmocka_unit_test(results_lie_in_the_services_own_folder_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
