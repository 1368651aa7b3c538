/* request_package.c - a package of public records, from its rows to its files. */
#include "request_package.h"
#include "json_out.h"
#include "manifest.h"
#include "zip.h"
#include <limits.h>
#include <stdio.h>
#include <string.h>

enum { README, WHOLE, COVERED, PAGE, MASKS, LOG, MANIFEST };
static const char *const names[REQUEST_FILES] = {
    [README] = "LASMIG.txt",
    [WHOLE] = "sekretessprovning/handlingar.jsonl",
    [COVERED] = "maskad/handlingar.jsonl",
    [PAGE] = "maskad/handlingar.html",
    [MASKS] = "maskningar.csv",
    [LOG] = "logg.json",
    [MANIFEST] = "manifest-sha256.txt",
};

static buf *file(request_package *p, int which)
{
    return &p->files[which].bytes;
}

static void say_nothing(void *ctx, const char *line)
{
    (void)ctx;
    (void)line; /* what was built in has no complaint: the classifier's tests look at it */
}

int request_begin(request_package *ret_package, const phrases *words)
{
    *ret_package = (request_package){ .words = words };
    request_package *p = ret_package;
    for (size_t i = 0; i < REQUEST_FILES; i++)
        p->files[i].name = names[i];
    p->judge = classifier_new_embedded(say_nothing, NULL);
    p->room = classifier_room_new();
    if (!p->judge || !p->room)
        return UPP_E_BUSY;
    const char *title = phrase(words, "request.title");
    UPP_TRY(buf_printf(file(p, PAGE),
                       "<!doctype html><html lang=\"sv\"><head><meta charset=\"utf-8\"><title>%s"
                       "</title></head><body><main><h1>%s</h1>\n",
                       title, title));
    return buf_printf(file(p, MASKS), "item;version;from;to;why;proposed_by;covered;changed_by;"
                                      "ground;ground_by\r\n");
}

void request_done(request_package *p)
{
    for (size_t i = 0; i < REQUEST_FILES; i++)
        buf_done(&p->files[i].bytes);
    classifier_free(p->judge);
    classifier_room_free(p->room);
}

/* -- one row -- */
static int escaped(buf *out, const char *text)
{
    for (; *text; text++) {
        const char *name = *text == '&'    ? "&amp;"
                           : *text == '<'  ? "&lt;"
                           : *text == '>'  ? "&gt;"
                           : *text == '"'  ? "&quot;"
                           : *text == '\n' ? "<br>"
                                           : NULL;
        UPP_TRY(name ? buf_printf(out, "%s", name) : buf_put(out, text, 1));
    }
    return 0;
}

/* One version as a line has it; `shown`: what is told of its author, and its text. */
typedef struct shown {
    const char *author, *permalink, *text;
} shown;

static json_t *bare(const request_row *row, const shown *s)
{
    return json_pack("{ss sI ss sI ss sb ss ss ss}", "item", row->item, "version",
                     (json_int_t)row->version, "account", row->account, "received_ms",
                     (json_int_t)row->received_ms, "received", row->received, "gone",
                     (int)row->gone, "author", s->author, "permalink", s->permalink, "text",
                     s->text);
}

static int put_line(buf *out, json_t *value)
{
    const int rc = value ? json_write(value, out) : UPP_E_BUSY;
    json_decref(value);
    UPP_TRY(rc);
    return buf_put(out, "\n", 1);
}

static int put_page_row(buf *page, const request_row *row, const shown *s)
{
    UPP_TRY(buf_printf(page, "<article><h2>"));
    UPP_TRY(escaped(page, row->received));
    UPP_TRY(buf_printf(page, " · "));
    UPP_TRY(escaped(page, s->author));
    UPP_TRY(buf_printf(page, "</h2><p>"));
    UPP_TRY(escaped(page, s->text));
    return buf_printf(page, "</p></article>\n");
}

/* Who proposed it, who changed it, by which law: what a person did bears her id, and what she did
 * not touch says so by an empty column. */
static int put_mask(request_package *p, const request_row *row, const request_mask *m)
{
    size_t len = 0;
    const char *by = p->review ? p->review->by : "";
    const char *why =
        m->reason ? classifier_reason(m->reason, "sv", &len) : phrase(p->words, "request.marked");
    if (!m->reason)
        len = strlen(why);
    const uint32_t ground = p->review && !m->taken ? request_ground(p->review, m) : 0;
    char key[24];
    snprintf(key, sizeof key, "osl.%u", ground);
    p->n_masks += !m->taken;
    p->n_taken += m->taken;
    p->n_added += !m->reason;
    p->n_bare += !m->taken && ground == 0;
    return buf_printf(file(p, MASKS), "%s;%u;%u;%u;%.*s;%s;%s;%s;%s;%s\r\n", row->item,
                      row->version, m->start, m->end, (int)len, why, m->reason ? "machine" : by,
                      m->taken ? "no" : "yes", m->taken || !m->reason ? by : "",
                      ground ? phrase(p->words, key) : "", ground ? by : "");
}

/* Where something was covered and why: places only, never what stood there. */
static int put_masks(request_package *p, const request_row *row, const request_mask *masks,
                     size_t n, bool secret)
{
    for (size_t i = 0; i < n; i++)
        UPP_TRY(put_mask(p, row, &masks[i]));
    p->n_secret += secret;
    return secret ? buf_printf(file(p, MASKS), "%s;%u;;;%s;machine;;;;\r\n", row->item,
                               row->version, phrase(p->words, "request.review"))
                  : 0;
}

/* As many blocks whatever the name: its length would tell of it. */
static int put_author(request_package *p, const request_row *row, uint32_t ground)
{
    char key[24];
    snprintf(key, sizeof key, "osl.%u", ground);
    p->n_masks++;
    p->n_added++;
    p->n_bare += ground == 0;
    return buf_printf(file(p, MASKS), "%s;%u;;;%s;%s;yes;%s;%s;%s\r\n", row->item, row->version,
                      phrase(p->words, "request.author"), p->review->by, p->review->by,
                      ground ? phrase(p->words, key) : "", ground ? p->review->by : "");
}

int request_add(request_package *p, const request_row *row)
{
    request_mask masks[REQUEST_PLACES];
    size_t n = 0;
    uint32_t ground = 0;
    bool secret = false;
    UPP_AUTO(buf_done) buf text = { 0 };
    const request_text version = { row->item, row->text, row->version };
    const shown whole = { row->author, row->permalink, row->text };
    request_propose(p->judge, p->room, row->text, masks, &n, &secret);
    if (p->review)
        UPP_TRY(request_review_apply(p->review, &version, masks, &n));
    UPP_TRY(request_cover(row->text, masks, n, &text));
    const bool nameless = p->review && request_author(p->review, &version, &ground);
    const shown covered = { nameless ? REQUEST_NAMELESS : row->author,
                            nameless ? "" : row->permalink, buf_text(&text) };
    UPP_TRY(put_line(file(p, WHOLE), bare(row, &whole)));
    UPP_TRY(put_line(file(p, COVERED), bare(row, &covered)));
    UPP_TRY(put_page_row(file(p, PAGE), row, &covered));
    p->n_rows++;
    if (nameless)
        UPP_TRY(put_author(p, row, ground));
    return put_masks(p, row, masks, n, secret);
}

/* -- the rest of the files -- */
static int put_log(request_package *p, const request_asked *a)
{
    return put_line(file(p, LOG),
                    json_pack("{ss ss ss* ss* ss* sI sI sI sI sI sI ss* sI sI sI}", "folder",
                              a->folder, "made_by", a->made_by, "account", a->account, "item",
                              a->item, "search", a->search, "received_from_ms", (json_int_t)a->from,
                              "received_before_ms", (json_int_t)a->before, "rows",
                              (json_int_t)p->n_rows, "masks", (json_int_t)p->n_masks, "for_review",
                              (json_int_t)p->n_secret, "classifier_model",
                              (json_int_t)classifier_model_version(p->judge), "masks_reviewed_by",
                              p->review ? p->review->by : NULL, "masks_taken_away",
                              (json_int_t)p->n_taken, "masks_added", (json_int_t)p->n_added,
                              "masks_without_ground", (json_int_t)p->n_bare));
}

static int put_readme(request_package *p)
{
    static const char *const keys[] = { "request.title", "request.whole", "request.covered",
                                        "request.masks", "request.verify" };
    buf *out = file(p, README);
    for (size_t i = 0; i < UPP_LEN(keys); i++)
        UPP_TRY(buf_printf(out, "%s\n%s", phrase(p->words, keys[i]), i ? "" : "\n"));
    UPP_TRY(buf_printf(out, "\n%zu / %zu / %zu\n", p->n_rows, p->n_masks, p->n_secret));
    if (!p->review)
        return 0;
    return buf_printf(out, "\n%s\n\n%zu / %zu / %zu\n", phrase(p->words, "request.reviewed"),
                      p->n_taken, p->n_added, p->n_bare);
}

static int put_manifest(request_package *p)
{
    manifest_row rows[MANIFEST];
    const sink out = buf_sink(file(p, MANIFEST));
    for (size_t i = 0; i < MANIFEST; i++) {
        rows[i] = (manifest_row){ .path = names[i], .bytes = p->files[i].bytes.len };
        fixity_of(buf_bytes(&p->files[i].bytes), (upp_bytes){ 0 }, rows[i].sha256);
    }
    const int sorted = manifest_sort(rows, MANIFEST);
    upp_check(sorted == 0); /* the names are ours */
    return manifest_write(rows, MANIFEST, &out);
}

int request_end(request_package *p, const request_asked *asked)
{
    UPP_TRY(buf_printf(file(p, PAGE), "</main></body></html>\n"));
    UPP_TRY(put_readme(p));
    UPP_TRY(put_log(p, asked));
    return put_manifest(p);
}

int request_zip(const request_package *p, const char *folder, buf *out)
{
    char path[PATH_MAX];
    UPP_AUTO(zip_writer_done) zip_writer w = { .out = buf_sink(out) };
    for (size_t i = 0; i < REQUEST_FILES; i++) {
        const upp_bytes bytes = buf_bytes(&p->files[i].bytes);
        const source content = source_of(&bytes);
        const int n = snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        if (n < 0 || (size_t)n >= sizeof path)
            return UPP_E_INPUT;
        UPP_TRY(zip_add(&w, path, ZIP_DEFLATED, &content));
    }
    return zip_end(&w);
}
