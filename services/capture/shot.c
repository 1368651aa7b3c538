/* shot.c - picture, PDF, MHTML and text of what is shown (capture.md §15). */
#include "suite_clock.h"
#include "upp/log.h"
#include "visit.h"
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Taller pictures are refused by common viewers; the overview is made to fit. */
enum { TILE_HEIGHT = 8000, PIECE = 512 * 1024 };

typedef struct box {
    double x, y, width, height, scale;
} box;

static bool picture(visit *v, const box *at, const char *name)
{
    json_t *result = NULL;
    if (!visit_call(v, "Page.captureScreenshot",
                    json_pack("{s:s, s:b, s:{s:f, s:f, s:f, s:f, s:f}}", "format", "png",
                              "captureBeyondViewport", 1, "clip", "x", at->x, "y", at->y, "width",
                              at->width, "height", at->height, "scale", at->scale),
                    &result))
        return false;
    const char *data = json_string_value(json_object_get(result, "data"));
    const bool kept = data && job_keep_base64(v->j, name, "image/png", data);
    json_decref(result);
    return kept;
}

static double number(const json_t *of, const char *name)
{
    return json_number_value(json_object_get(of, name));
}

/* The place of the element that `clip` names; a selector is put in as a JSON text, nothing of it
 * becomes script. */
static bool clip_box(visit *v, box *ret_box)
{
    char script[2048];
    json_t *selector = json_string(v->j->page->clip);
    char *text = selector ? json_dumps(selector, JSON_ENCODE_ANY | JSON_ENSURE_ASCII) : NULL;
    json_decref(selector);
    if (!text)
        return false;
    const int n = snprintf(script, sizeof script,
                           "(()=>{const e=document.querySelector(%s);if(!e)return null;"
                           "const r=e.getBoundingClientRect();return{x:r.x+scrollX,y:r.y+scrollY,"
                           "width:r.width,height:r.height}})()",
                           text);
    free(text);
    json_t *found = n > 0 && (size_t)n < sizeof script ? visit_value(v, script) : NULL;
    *ret_box = (box){ number(found, "x"), number(found, "y"), number(found, "width"),
                      number(found, "height"), 1 };
    json_decref(found);
    return ret_box->width >= 1 && ret_box->height >= 1;
}

static bool page_box(visit *v, box *ret_box)
{
    json_t *result = NULL;
    if (!visit_call(v, "Page.getLayoutMetrics", NULL, &result))
        return false;
    const json_t *size = json_object_get(result, "cssContentSize");
    *ret_box = (box){ 0, 0, number(size, "width"), number(size, "height"), 1 };
    json_decref(result);
    if (ret_box->width < 1 || ret_box->width > 4000)
        ret_box->width = (double)v->width; /* a page that is wider hides what it likes there */
    if (ret_box->height < 1)
        ret_box->height = 1;
    return true;
}

/* One picture; a tall page: an overview and tiles that join without a gap. */
static bool pictures(visit *v)
{
    box all;
    const bool clipped = v->j->page->clip[0] != '\0';
    if (clipped && !clip_box(v, &all)) {
        v->fault = "what `clip` names is not on the page";
        return false;
    }
    if (!clipped && !page_box(v, &all))
        return false;
    const double most = (double)v->b->config->height_max;
    if (all.height > most) {
        v->cut_height = (int64_t)most;
        all.height = most;
    }
    v->tiles = 1;
    if (all.height <= TILE_HEIGHT)
        return picture(v, &all, "page.png");
    const box overview = { all.x, all.y, all.width, all.height, TILE_HEIGHT / all.height };
    if (!picture(v, &overview, "page.png"))
        return false;
    v->tiles = 0;
    while ((double)(v->tiles * TILE_HEIGHT) < all.height) {
        char name[32];
        const double y = (double)(v->tiles * TILE_HEIGHT);
        const double left = all.height - y;
        const box tile = { all.x, all.y + y, all.width, left < TILE_HEIGHT ? left : TILE_HEIGHT,
                           1 };
        snprintf(name, sizeof name, "page-%03d.png", (int)++v->tiles);
        if (!picture(v, &tile, name))
            return false;
    }
    return true;
}

/* -- PDF, in pieces -- */
static bool put_piece(int fd, const char *text, bool base64)
{
    const size_t n = strlen(text);
    unsigned char *bytes = malloc(n + 1);
    size_t got = n;
    upp_check(bytes != NULL);
    bool good = true;
    if (base64)
        good = sodium_base642bin(bytes, n + 1, text, n, NULL, &got, NULL,
                                 sodium_base64_VARIANT_ORIGINAL) == 0;
    else
        memcpy(bytes, text, n);
    for (size_t at = 0; good && at < got;) {
        const ssize_t put = write(fd, bytes + at, got - at);
        if (put < 0 && errno == EINTR)
            continue;
        good = put > 0;
        at += good ? (size_t)put : 0;
    }
    free(bytes);
    return good;
}

static bool copy_stream(visit *v, const char *handle, int fd)
{
    for (;;) {
        json_t *result = NULL;
        if (!visit_call(v, "IO.read", json_pack("{s:s, s:i}", "handle", handle, "size", PIECE),
                        &result))
            return false;
        const char *data = json_string_value(json_object_get(result, "data"));
        const bool last = json_is_true(json_object_get(result, "eof"));
        const bool good =
            data && put_piece(fd, data, json_is_true(json_object_get(result, "base64Encoded")));
        json_decref(result);
        if (!good || last)
            return good;
    }
}

static bool pdf(visit *v)
{
    char path[PATH_MAX];
    json_t *result = NULL;
    if (!visit_call(v, "Page.printToPDF",
                    json_pack("{s:b, s:b, s:f, s:f, s:b, s:b, s:s}", "printBackground", 1,
                              "preferCSSPageSize", 0, "paperWidth", 8.27, "paperHeight", 11.69,
                              "generateTaggedPDF", 1, "generateDocumentOutline", 1, "transferMode",
                              "ReturnAsStream"),
                    &result))
        return false;
    const char *handle = json_string_value(json_object_get(result, "stream"));
    job_path(v->j, "page.pdf", path);
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool good = fd >= 0 && handle && copy_stream(v, handle, fd);
    if (fd >= 0 && close(fd) != 0)
        good = false;
    if (handle)
        cdp_send(v->b->cdp, v->session, "IO.close", json_pack("{s:s}", "handle", handle));
    json_decref(result);
    return good && job_note(v->j, "page.pdf", "application/pdf");
}

static bool mhtml(visit *v)
{
    json_t *result = NULL;
    if (!visit_call(v, "Page.captureSnapshot", json_pack("{s:s}", "format", "mhtml"), &result))
        return false;
    const json_t *data = json_object_get(result, "data");
    const bool good =
        json_is_string(data) && job_keep(v->j, "page.mhtml", "multipart/related",
                                         json_string_value(data), json_string_length(data));
    json_decref(result);
    return good;
}

static bool text(visit *v)
{
    json_t *value = visit_value(v, "document.body?document.body.innerText:''");
    const bool good =
        json_is_string(value) && job_keep(v->j, "page.txt", "text/plain; charset=utf-8",
                                          json_string_value(value), json_string_length(value));
    json_decref(value);
    return good;
}

/* Which fonts drew the text: a missing one explains a picture that looks wrong. Nothing depends on
 * it. */
static void fonts(visit *v)
{
    json_t *document = NULL;
    json_t *body = NULL;
    json_t *used = NULL;
    if (!visit_call(v, "DOM.enable", NULL, NULL) || !visit_call(v, "CSS.enable", NULL, NULL) ||
        !visit_call(v, "DOM.getDocument", json_pack("{s:i}", "depth", 0), &document))
        return;
    json_t *root = json_object_get(json_object_get(document, "root"), "nodeId");
    if (visit_call(v, "DOM.querySelector",
                   json_pack("{s:O, s:s}", "nodeId", root, "selector", "body"), &body) &&
        visit_call(v, "CSS.getPlatformFontsForNode",
                   json_pack("{s:O}", "nodeId", json_object_get(body, "nodeId")), &used))
        v->fonts = json_incref(json_object_get(used, "fonts"));
    json_decref(used);
    json_decref(body);
    json_decref(document);
}

bool shot_all(visit *v)
{
    const Uppsikt__CapturePage *page = v->j->page;
    if ((page->png && !pictures(v)) || (page->text && !text(v)) || (page->mhtml && !mhtml(v)) ||
        (page->pdf && !pdf(v)))
        return false;
    fonts(v);
    return true;
}
