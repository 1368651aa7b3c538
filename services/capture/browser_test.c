/* browser_test.c - real Chromium: what is asked for comes, and is what was shown (R22, R26;
 * capture.md §11-§15). */
#include "browser_fixture.h"
#include "warc_check.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static desk_fixture desk;
static site *web;

/* The rows of a feed come as one scrolls; the picture is red 1x1, grown by the page. */
static const char feed[] =
    "<!doctype html><html lang=sv><meta charset=utf-8><title>Kommunen</title>"
    "<style>body{margin:0}.p{height:600px;border-bottom:1px solid #000}"
    "#top{height:50px;background:#123456}</style><div id=top></div>"
    "<img id=i src=/red.svg width=100 height=100><p>V\xc3\xa4lkommen till kommunens sida.</p>"
    "<div id=rows></div><script>let n=0;const add=()=>{if(n>=5)return;const d=document"
    ".createElement('div');d.className='p';d.textContent='Inl\xc3\xa4gg '+(++n);"
    "document.getElementById('rows').append(d)};add();add();"
    "addEventListener('scroll',()=>{if(scrollY+innerHeight>document.documentElement.scrollHeight"
    "-100)fetch('/more').then(add)})</script>";
static const char tall[] = "<!doctype html><meta charset=utf-8><style>body{margin:0}"
                           "div{height:10000px}#a{background:#ff0000}#b{background:#0000ff}"
                           "</style><div id=a>upp</div><div id=b>ned</div>";
static const char inner[] =
    "<!doctype html><meta charset=utf-8><title>ram</title><h1>Huvudsida om kommunen</h1>"
    "<iframe src=/inner width=300 height=200></iframe>";
static const site_page pages[] = {
    { .path = "/", .body = feed },
    { .path = "/more", .body = "{}", .head = "HTTP/1.1 200 OK\r\ncontent-type: application/json" },
    { .path = "/red.svg",
      .head = "HTTP/1.1 200 OK\r\ncontent-type: image/svg+xml",
      .body = "<svg xmlns='http://www.w3.org/2000/svg' width='10' height='10'>"
              "<rect width='10' height='10' fill='#ff0000'/></svg>" },
    { .path = "/tall", .body = tall },
    { .path = "/frame", .body = inner },
    { .path = "/inner", .body = "<p>Innehall i ramen" },
    { .path = "/moved",
      .head = "HTTP/1.1 302 Found\r\nlocation: /\r\nset-cookie: a=1\r\nset-cookie: b=2",
      .body = "" },
    { .path = "/cookies",
      .body = "<!doctype html><meta charset=utf-8><style>body{margin:0;background:#00ff00}"
              "#c{position:fixed;inset:0;background:#ff0000}</style><p>Kommunens sida om bygglov."
              "<div id=c><button onclick=\"document.title='alla'\">Acceptera alla</button>"
              "<button onclick=\"document.getElementById('c').remove()\">Endast "
              "n\303\266dv\303\244ndiga</button></div>" },
    { .path = "/dialog",
      .body = "<title>d</title><script>alert('x');confirm('y')</script>"
              "<p>Efter dialogen kommer sidan.</p><script>window.open('/')</script>" },
};

static Uppsikt__CapturePage page_of(const char *folder)
{
    Uppsikt__CapturePage page = UPPSIKT__CAPTURE_PAGE__INIT;
    page.id = upp_lend("01JDPAGE");
    page.folder = upp_lend(folder);
    return page;
}

static void is_ok(const Uppsikt__PageCaptured *got)
{
    if (got->state != UPPSIKT__PAGE_CAPTURED__STATE__STATE_OK)
        fail_msg("state %d: %s %.*s", (int)got->state, got->why, (int)got->report.len,
                 (const char *)got->report.data);
}

static bool reported(const Uppsikt__PageCaptured *got, const char *what)
{
    char *text = calloc(1, got->report.len + 1);
    assert_non_null(text);
    memcpy(text, got->report.data, got->report.len);
    const bool found = strstr(text, what) != NULL;
    if (!found)
        print_message("%s\n", text);
    free(text);
    return found;
}

static void R22_html_becomes_picture_and_pdf(void **state)
{
    (void)state;
    Uppsikt__CapturePage page = page_of("01REC");
    page.html = upp_lend("<!doctype html><meta charset=utf-8><title>t</title><style>"
                         "body{margin:0;background:#fff}#a{height:100px;background:#0000ff}"
                         "#b{height:200px;background:#00ff00;font:20px sans-serif}</style>"
                         "<div id=a></div><div id=b>Hej \xc3\xa5\xc3\xa4\xc3\xb6</div>");
    page.png = page.pdf = page.text = true;
    page.width = 640;
    const Uppsikt__PageCaptured *got = desk_get(&desk, &page);
    is_ok(got);
    assert_string_equal(got->why, "");
    assert_string_equal(got->id, "01JDPAGE");
    assert_int_equal(got->n_files, 3);
    assert_non_null(desk_has(got, "01REC.page.png"));
    assert_true(reported(got, "\"sandbox\":true"));
    assert_true(reported(got, "\"familyName\":\"Liberation Sans\""));
    size_t n = 0;
    char *bytes = desk_file(&desk, "01REC.page.png", &n);
    image picture = image_of(bytes, n);
    assert_int_equal(picture.width, 640);
    assert_int_equal(image_at(&picture, 300, 50), 0x0000ff);
    assert_int_equal(image_at(&picture, 300, 150), 0x00ff00);
    assert_int_equal(picture.height, 300);
    image_done(&picture);
    free(bytes);
    char *text = desk_pdf_text(&desk, "01REC.page.pdf");
    assert_non_null(strstr(text, "Hej \xc3\xa5\xc3\xa4\xc3\xb6"));
    free(text);
    bytes = desk_file(&desk, "01REC.page.txt", &n);
    assert_non_null(strstr(bytes, "Hej \xc3\xa5\xc3\xa4\xc3\xb6"));
    free(bytes);
}

/* Everything in a template that could fetch or run: nothing reaches a listener, nothing runs. */
static void a_template_reaches_nothing_and_runs_nothing(void **state)
{
    (void)state;
    char html[4096], base[64];
    snprintf(base, sizeof base, "%s", site_url(web, ""));
    snprintf(html, sizeof html,
             "<!doctype html><meta charset=utf-8><link rel=preconnect href=%s>"
             "<link rel=dns-prefetch href=%s><link rel=stylesheet href=%s/a.css>"
             "<link rel=prefetch href=%s/b><link rel=modulepreload href=%s/c.js>"
             "<style>@import url(%s/d.css);@font-face{font-family:x;src:url(%s/e.woff)}"
             "body{font-family:x;background:url(%s/f.png)}</style><body onload=\"go()\">"
             "<img src=%s/red.svg onerror=\"go()\"><iframe src=%s/></iframe>"
             "<script src=%s/g.js></script><script>function go(){document.getElementById('x')"
             ".textContent='RAN'}go();new WebSocket('ws://'+'%s'.slice(7)+'/ws')</script>"
             "<meta http-equiv=refresh content='0;url=%s/h'><video src=%s/v autoplay></video>"
             "<object data=%s/o></object><p id=x>orort</p>",
             base, base, base, base, base, base, base, base, base, base, base, base, base, base,
             base);
    Uppsikt__CapturePage page = page_of("01INERT");
    page.html = html;
    page.text = page.png = page.warc = true;
    (void)site_connections(web);
    const Uppsikt__PageCaptured *got = desk_get(&desk, &page);
    is_ok(got);
    assert_int_equal(site_connections(web), 0);
    assert_true(reported(got, "\"why\":\"offline\""));
    size_t n = 0;
    char *text = desk_file(&desk, "01INERT.page.txt", &n);
    assert_non_null(strstr(text, "orort"));
    assert_null(strstr(text, "RAN"));
    free(text);
}

/* A picture as data: in html that is longer than one message. */
static void long_html_comes_in_parts(void **state)
{
    (void)state;
    enum { LONG = 700 * 1024 };
    char *html = malloc(LONG + 4096);
    assert_non_null(html);
    size_t n = (size_t)snprintf(html, 4096,
                                "<!doctype html><meta charset=utf-8><style>body{margin:"
                                "0}</style><img width=50 height=50 src=\"data:image/"
                                "svg+xml,%%3Csvg xmlns='http://www.w3.org/2000/svg'"
                                "%%3E%%3Crect width='50' height='50' fill='red'/%%3E"
                                "%%3C/svg%%3E\"><!--");
    memset(html + n, 'x', LONG);
    snprintf(html + n + LONG, 100, "--><p>slutet");
    Uppsikt__CapturePage page = page_of("long/record");
    page.html = html;
    page.png = page.text = true;
    const Uppsikt__PageCaptured *got = desk_get(&desk, &page);
    is_ok(got);
    assert_non_null(desk_has(got, "page.png"));
    char *bytes = desk_file(&desk, "long/record/page.png", &n);
    image picture = image_of(bytes, n);
    assert_int_equal(image_at(&picture, 25, 25), 0xff0000);
    image_done(&picture);
    free(bytes);
    bytes = desk_file(&desk, "long/record/page.txt", &n);
    assert_non_null(strstr(bytes, "slutet"));
    free(bytes);
    free(html);
}

/* What was attached is seen in the picture: it lies in the record's folder. Links, missing ones and
 * other kinds are not shown, and hold nothing up. */
static void R22_pictures_of_the_record_are_shown(void **state)
{
    (void)state;
    Uppsikt__CapturePage page = page_of("rec/01MEDIA");
    page.html = upp_lend("<!doctype html><meta http-equiv=Content-Security-Policy content="
                         "\"default-src 'none';style-src 'unsafe-inline';img-src "
                         "https://media.invalid\"><style>body{margin:0}img{display:block;width:"
                         "100px;height:100px}</style><body style='background:#ffff00;margin:0'>");
    page.png = true;
    const Uppsikt__PageCaptured *got = desk_get(&desk, &page);
    is_ok(got);
    char path[PATH_MAX], other[PATH_MAX];
    snprintf(path, sizeof path, "%.3900s/rec/01MEDIA/media", desk.objects);
    assert_int_equal(mkdir(path, 0755), 0);
    snprintf(other, sizeof other, "%.3900s/rec/01MEDIA/page.png", desk.objects);
    snprintf(path, sizeof path, "%.3900s/rec/01MEDIA/media/1", desk.objects);
    assert_int_equal(rename(other, path), 0); /* a yellow picture is what was attached */
    snprintf(other, sizeof other, "%.3900s/rec/01MEDIA/media/2", desk.objects);
    assert_int_equal(symlink(path, other), 0);
    static Uppsikt__CaptureMedia media[3];
    static Uppsikt__CaptureMedia *rows[] = { &media[0], &media[1], &media[2] };
    static const char *const paths[] = { "media/9", "media/1", "media/2" };
    static const char *const names[] = { "9", "1.png", "2" };
    for (size_t i = 0; i < UPP_LEN(media); i++) {
        uppsikt__capture_media__init(&media[i]);
        media[i].name = upp_lend(names[i]);
        media[i].path = upp_lend(paths[i]);
        media[i].mime = upp_lend("image/png");
    }
    page.media = rows;
    page.n_media = UPP_LEN(rows);
    page.html = upp_lend("<!doctype html><style>body{margin:0;background:#0000ff}img{display:block;"
                         "width:100px;height:100px}</style><img src=https://media.invalid/1.png>"
                         "<img src=https://media.invalid/2><img src=https://media.invalid/9>"
                         "<img src=https://media.invalid/../../etc/passwd>");
    got = desk_get(&desk, &page);
    is_ok(got);
    size_t n = 0;
    char *bytes = desk_file(&desk, "rec/01MEDIA/page.png", &n);
    image picture = image_of(bytes, n);
    assert_int_equal(image_at(&picture, 50, 50), 0xffff00);
    assert_int_equal(image_at(&picture, 50, 150), 0x0000ff);
    assert_int_equal(image_at(&picture, 90, 290), 0x0000ff);
    image_done(&picture);
    free(bytes);
}

static void heard_fault(void *ctx, const char *path, uint64_t offset, const char *what)
{
    (void)ctx;
    print_message("%s:%llu: %s\n", path, (unsigned long long)offset, what);
}

static warc_tally warc_of(const char *name)
{
    size_t n = 0;
    char *bytes = desk_file(&desk, name, &n);
    const upp_bytes whole = { (const uint8_t *)bytes, n };
    const source in = source_of(&whole);
    complaints to = { .say = heard_fault };
    warc_tally tally;
    const warc_rules rules = { .own_form = true };
    assert_int_equal(warc_check(&in, name, &rules, &to, NULL, NULL, &tally), 0);
    assert_int_equal(to.n, 0);
    free(bytes);
    return tally;
}

static void R26_a_page_is_scrolled_and_kept_in_every_form(void **state)
{
    (void)state;
    Uppsikt__CapturePage page = page_of("01PAGE");
    char url[200];
    snprintf(url, sizeof url, "%s", site_url(web, "/moved"));
    page.url = url;
    page.png = page.pdf = page.mhtml = page.warc = page.text = true;
    const Uppsikt__PageCaptured *got = desk_get(&desk, &page);
    is_ok(got);
    assert_int_equal(got->n_files, 5);
    size_t n = 0;
    char *bytes = desk_file(&desk, "01PAGE.page.txt", &n);
    assert_non_null(strstr(bytes, "Inl\xc3\xa4gg 1"));
    assert_non_null(strstr(bytes, "Inl\xc3\xa4gg 5")); /* came by scrolling */
    free(bytes);
    bytes = desk_file(&desk, "01PAGE.page.png", &n);
    image picture = image_of(bytes, n);
    assert_int_equal(picture.width, 1280);
    assert_true(picture.height >= 5 * 601 + 150);
    assert_int_equal(image_at(&picture, 640, 25), 0x123456);
    assert_int_equal(image_at(&picture, 50, 100), 0xff0000);
    image_done(&picture);
    free(bytes);
    bytes = desk_file(&desk, "01PAGE.page.mhtml", &n);
    assert_non_null(strstr(bytes, "multipart/related"));
    assert_non_null(strstr(bytes, "/red.svg"));
    free(bytes);
    bytes = desk_pdf_text(&desk, "01PAGE.page.pdf");
    assert_non_null(strstr(bytes, "kommunens sida"));
    free(bytes);
    /* The redirect, the page, the picture, three times /more at least; the favicon or not. */
    const warc_tally tally = warc_of("01PAGE.page.warc.gz");
    assert_int_equal(tally.of[WARC_INFO], 1);
    assert_true(tally.of[WARC_RESPONSE] >= 6);
    assert_int_equal(tally.of[WARC_REQUEST], tally.of[WARC_RESPONSE]);
}

/* Where viewers give up the picture is cut in tiles; the rows beyond 16,384 px are right. */
static void a_tall_page_comes_in_tiles(void **state)
{
    (void)state;
    Uppsikt__CapturePage page = page_of("tall/x");
    char url[200];
    snprintf(url, sizeof url, "%s", site_url(web, "/tall"));
    page.url = url;
    page.png = true;
    page.width = 400;
    const Uppsikt__PageCaptured *got = desk_get(&desk, &page);
    is_ok(got);
    assert_int_equal(got->n_files, 4);
    assert_true(reported(got, "\"tiles\":3"));
    size_t n = 0;
    char *bytes = desk_file(&desk, "tall/x/page.png", &n);
    image picture = image_of(bytes, n);
    assert_true(picture.height <= 8000 && picture.height >= 7990);
    image_done(&picture);
    free(bytes);
    bytes = desk_file(&desk, "tall/x/page-002.png", &n);
    picture = image_of(bytes, n);
    assert_int_equal(picture.height, 8000);
    assert_int_equal(image_at(&picture, 200, 1990), 0xff0000);
    assert_int_equal(image_at(&picture, 200, 2010), 0x0000ff);
    image_done(&picture);
    free(bytes);
    bytes = desk_file(&desk, "tall/x/page-003.png", &n);
    picture = image_of(bytes, n);
    assert_int_equal(picture.height, 4000);
    assert_int_equal(image_at(&picture, 200, 3990), 0x0000ff);
    image_done(&picture);
    free(bytes);
}

static void one_element_is_clipped_and_a_missing_one_said(void **state)
{
    (void)state;
    Uppsikt__CapturePage page = page_of("01CLIP");
    page.html = upp_lend("<!doctype html><style>body{margin:0}#a{height:100px}"
                         "#b{margin-left:20px;width:150px;height:60px;background:#00ffff}</style>"
                         "<div id=a></div><div id=b></div>");
    page.png = true;
    page.clip = upp_lend("#b");
    const Uppsikt__PageCaptured *got = desk_get(&desk, &page);
    is_ok(got);
    size_t n = 0;
    char *bytes = desk_file(&desk, "01CLIP.page.png", &n);
    image picture = image_of(bytes, n);
    assert_int_equal(picture.width, 150);
    assert_int_equal(picture.height, 60);
    assert_int_equal(image_at(&picture, 1, 1), 0x00ffff);
    image_done(&picture);
    free(bytes);
    page.clip = upp_lend("#nobody\"');//");
    got = desk_get(&desk, &page);
    assert_int_equal(got->state, UPPSIKT__PAGE_CAPTURED__STATE__STATE_ERROR);
    assert_string_equal(got->why, "what `clip` names is not on the page");
}

static void frames_and_dialogs_do_not_hold_it_up(void **state)
{
    (void)state;
    Uppsikt__CapturePage page = page_of("01FRAME");
    char url[200];
    snprintf(url, sizeof url, "%s", site_url(web, "/frame"));
    page.url = url;
    page.warc = page.mhtml = true;
    is_ok(desk_get(&desk, &page));
    size_t n = 0;
    char *bytes = desk_file(&desk, "01FRAME.page.mhtml", &n);
    assert_non_null(strstr(bytes, "Innehall i ramen"));
    free(bytes);
    assert_true(warc_of("01FRAME.page.warc.gz").of[WARC_RESPONSE] >= 2);
    snprintf(url, sizeof url, "%s", site_url(web, "/dialog"));
    page.text = true;
    const Uppsikt__PageCaptured *got = desk_get(&desk, &page);
    is_ok(got);
    assert_true(reported(got, "\"dialogs\":2"));
}

static void cookies_are_refused_and_the_page_is_seen(void **state)
{
    (void)state;
    Uppsikt__CapturePage page = page_of("01COOKIE");
    char url[200];
    snprintf(url, sizeof url, "%s", site_url(web, "/cookies"));
    page.url = url;
    page.png = true;
    const Uppsikt__PageCaptured *got = desk_get(&desk, &page);
    is_ok(got);
    assert_true(reported(got, "\"cookies_refused_by\":\"endast"));
    size_t n = 0;
    char *bytes = desk_file(&desk, "01COOKIE.page.png", &n);
    image picture = image_of(bytes, n);
    assert_int_equal(image_at(&picture, 600, 600), 0x00ff00);
    image_done(&picture);
    free(bytes);
}

/* The same page twice is the same picture: its hash says whether something changed (§15). */
static void the_same_page_is_the_same_picture(void **state)
{
    (void)state;
    Uppsikt__CapturePage page = page_of("01SAME");
    page.html = upp_lend("<!doctype html><meta charset=utf-8><h1>Hej</h1>"
                         "<p>\xf0\x9f\x98\x80 \xf0\x9f\x87\xb8\xf0\x9f\x87\xaa</p>");
    page.png = true;
    uint8_t first[32];
    const Uppsikt__PageCaptured *got = desk_get(&desk, &page);
    is_ok(got);
    memcpy(first, desk_has(got, "01SAME.page.png")->sha256.data, sizeof first);
    assert_true(reported(got, "Noto Color Emoji"));
    got = desk_get(&desk, &page);
    assert_memory_equal(desk_has(got, "01SAME.page.png")->sha256.data, first, sizeof first);
}

static void many_at_once_each_get_their_own(void **state)
{
    (void)state;
    enum { MANY = 8 };
    static char html[MANY][200], folder[MANY][16];
    static Uppsikt__CapturePage asks[MANY];
    for (size_t i = 0; i < MANY; i++) {
        snprintf(html[i], sizeof html[i], "<!doctype html><p>nummer %zu</p>", i);
        snprintf(folder[i], sizeof folder[i], "01M%zu", i);
        asks[i] = page_of(folder[i]);
        asks[i].html = html[i];
        asks[i].text = asks[i].png = true;
        desk_ask(&desk, (int64_t)i + 2, &asks[i]);
    }
    for (size_t i = 0; i < MANY; i++) {
        char name[160], words[40];
        size_t n = 0;
        const answer *a = desk_wait(&desk, (int64_t)i + 2, 60 * UPP_SECOND);
        assert_int_equal(a->fate, UPP_DONE);
        is_ok(a->page);
        snprintf(name, sizeof name, "%s.page.txt", folder[i]);
        snprintf(words, sizeof words, "nummer %zu", i);
        char *bytes = desk_file(&desk, name, &n);
        assert_non_null(strstr(bytes, words));
        free(bytes);
    }
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
        cmocka_unit_test(R22_html_becomes_picture_and_pdf),
        cmocka_unit_test(a_template_reaches_nothing_and_runs_nothing),
        cmocka_unit_test(R22_pictures_of_the_record_are_shown),
        cmocka_unit_test(long_html_comes_in_parts),
        cmocka_unit_test(R26_a_page_is_scrolled_and_kept_in_every_form),
        cmocka_unit_test(a_tall_page_comes_in_tiles),
        cmocka_unit_test(one_element_is_clipped_and_a_missing_one_said),
        cmocka_unit_test(frames_and_dialogs_do_not_hold_it_up),
        cmocka_unit_test(cookies_are_refused_and_the_page_is_seen),
        cmocka_unit_test(the_same_page_is_the_same_picture),
        cmocka_unit_test(many_at_once_each_get_their_own),
    };
    return cmocka_run_group_tests(tests, up, down);
}
