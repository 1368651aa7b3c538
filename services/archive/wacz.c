/* wacz.c - the replayable file of a capture: WACZ 1.1.1. */
#include "wacz.h"

#include "fixity.h"
#include "json_out.h"
#include "zip.h"

#include <string.h>

typedef struct making {
    zip_writer zip;
    json_t *resources;
} making;

static void making_done(making *m)
{
    zip_writer_done(&m->zip);
    json_decref(m->resources);
}

static int put_hash(json_t *object, const char *hex)
{
    char hash[sizeof("sha256:") + FIXITY_HEX] = "sha256:";
    memcpy(hash + strlen(hash), hex, FIXITY_HEX);
    return json_put(object, "hash", json_string(hash));
}

/* Adds a member to the zip and its row to the data package. */
static int add(making *m, const char *path, enum zip_method method, const source *content)
{
    char hex[FIXITY_HEX];
    const char *name = strrchr(path, '/');
    json_t *row = json_object();
    if (json_array_append_new(m->resources, row) != 0)
        return UPP_E_BUSY;
    UPP_TRY(fixity_of_source(content, hex));
    UPP_TRY(json_put(row, "name", json_string(name ? name + 1 : path)));
    UPP_TRY(json_put(row, "path", json_string(path)));
    UPP_TRY(put_hash(row, hex));
    UPP_TRY(json_put(row, "bytes", json_integer((json_int_t)content->bytes)));
    return zip_add(&m->zip, path, method, content);
}

static int make_page(const wacz_page *page, buf *out)
{
    UPP_AUTO(json_done) json_t *row = json_object();
    UPP_TRY(json_put(row, "id", json_string(page->id)));
    UPP_TRY(json_put(row, "url", json_string(page->url)));
    UPP_TRY(json_put(row, "title", json_string(page->title)));
    UPP_TRY(json_put(row, "ts", json_string(page->date)));
    UPP_TRY(json_put(row, "mime", json_string("text/html")));
    UPP_TRY(json_put(row, "status", json_integer(page->status)));
    UPP_TRY(json_put(row, "seed", json_true()));
    UPP_TRY(json_put(row, "loadState", json_integer(page->load_state)));
    if (page->text)
        UPP_TRY(json_put(row, "text", json_string(page->text)));
    UPP_TRY(json_write(row, out));
    return buf_put(out, "\n", 1);
}

static int add_pages(making *m, const wacz *w)
{
    UPP_AUTO(buf_done) buf text = { 0 };
    UPP_TRY(buf_printf(&text, "{\"format\":\"json-pages-1.0\",\"id\":\"pages\","
                              "\"title\":\"Seed Pages\"}\n"));
    for (size_t i = 0; i < w->page_count; i++)
        UPP_TRY(make_page(&w->pages[i], &text));
    const upp_bytes bytes = buf_bytes(&text);
    const source content = source_of(&bytes);
    return add(m, "pages/pages.jsonl", w->deflate_pages ? ZIP_DEFLATED : ZIP_STORED, &content);
}

static bool extra_ok(const char *path)
{
    const char *taken[] = { "archive/", "indexes/", "pages/", "datapackage" };
    for (size_t i = 0; i < UPP_LEN(taken); i++) {
        if (strncmp(path, taken[i], strlen(taken[i])) == 0)
            return false;
    }
    return true;
}

static int add_members(making *m, const wacz *w)
{
    const source index = source_of(&w->index);
    UPP_TRY(add(m, "archive/" WACZ_ARCHIVE, ZIP_STORED, &w->archive));
    UPP_TRY(add(m, "indexes/index.cdxj", ZIP_STORED, &index));
    UPP_TRY(add_pages(m, w));
    for (size_t i = 0; i < w->extra_count; i++) {
        if (!extra_ok(w->extras[i].path))
            return UPP_E_INPUT;
        UPP_TRY(add(m, w->extras[i].path, ZIP_STORED, &w->extras[i].content));
    }
    return 0;
}

static int add_text(making *m, const char *path, const buf *text)
{
    const upp_bytes bytes = buf_bytes(text);
    const source content = source_of(&bytes);
    return zip_add(&m->zip, path, ZIP_STORED, &content);
}

static int add_package(making *m, const wacz *w)
{
    char hex[FIXITY_HEX];
    UPP_AUTO(buf_done) buf text = { 0 };
    UPP_AUTO(buf_done) buf digest_text = { 0 };
    UPP_AUTO(json_done) json_t *package = json_object();
    UPP_AUTO(json_done) json_t *digest = json_object();
    UPP_TRY(json_put(package, "profile", json_string("data-package")));
    UPP_TRY(json_put(package, "wacz_version", json_string("1.1.1")));
    UPP_TRY(json_put(package, "title", json_string(w->title)));
    UPP_TRY(json_put(package, "software", json_string(w->software)));
    UPP_TRY(json_put(package, "created", json_string(w->created)));
    UPP_TRY(json_put(package, "mainPageUrl", json_string(w->pages[0].url)));
    UPP_TRY(json_put(package, "mainPageDate", json_string(w->pages[0].date)));
    UPP_TRY(json_put(package, "resources", json_incref(m->resources)));
    UPP_TRY(json_write(package, &text));
    fixity_of((upp_bytes){ 0 }, buf_bytes(&text), hex);
    UPP_TRY(json_put(digest, "path", json_string("datapackage.json")));
    UPP_TRY(put_hash(digest, hex));
    UPP_TRY(json_write(digest, &digest_text));
    UPP_TRY(add_text(m, "datapackage.json", &text));
    return add_text(m, "datapackage-digest.json", &digest_text);
}

int wacz_write(const wacz *w, const sink *out)
{
    UPP_AUTO(making_done) making m = { .zip = { .out = *out }, .resources = json_array() };
    if (w->page_count == 0)
        return UPP_E_INPUT;
    UPP_TRY(add_members(&m, w));
    UPP_TRY(add_package(&m, w));
    return zip_end(&m.zip);
}
