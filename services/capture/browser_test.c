/* browser_test.c - real Chromium: what is asked for comes, and is what was shown (R22, R26;
 * capture.md §11-§15). */
#include "browser_fixture.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static desk_fixture desk;
static site *web;

static Uppsikt__CapturePage page_of(const char *folder)
{
    Uppsikt__CapturePage page = UPPSIKT__CAPTURE_PAGE__INIT;
    page.id = upp_lend("01JDPAGE");
    page.folder = upp_lend(folder);
    return page;
}

static void html_becomes_picture_and_pdf(void **state)
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
    assert_int_equal(got->state, UPPSIKT__PAGE_CAPTURED__STATE__STATE_OK);
    assert_string_equal(got->why, "");
    assert_string_equal(got->id, "01JDPAGE");
    assert_int_equal(got->n_files, 3);
    assert_non_null(desk_has(got, "01REC.page.png"));
    size_t n = 0;
    char *bytes = desk_file(&desk, "01REC.page.png", &n);
    image picture = image_of(bytes, n);
    assert_int_equal(picture.width, 640);
    assert_int_equal(image_at(&picture, 300, 50), 0x0000ff);
    assert_int_equal(image_at(&picture, 300, 150), 0x00ff00);
    assert_int_equal(image_at(&picture, 300, 320), 0xffffff);
    image_done(&picture);
    free(bytes);
    char *text = desk_pdf_text(&desk, "01REC.page.pdf");
    assert_non_null(strstr(text, "Hej \xc3\xa5\xc3\xa4\xc3\xb6"));
    free(text);
    bytes = desk_file(&desk, "01REC.page.txt", &n);
    assert_non_null(strstr(bytes, "Hej \xc3\xa5\xc3\xa4\xc3\xb6"));
    free(bytes);
}

static const site_page pages[] = { { .path = "/", .body = "<h1>hej</h1>" } };

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
        cmocka_unit_test(html_becomes_picture_and_pdf),
    };
    return cmocka_run_group_tests(tests, up, down);
}
