/* wacz_check.c - checks a WACZ: the zip, the data package, each archive, and the index. */
#include "wacz_check.h"

#include "cdxj.h"
#include "fixity.h"
#include "json_out.h"
#include "warc_check.h"
#include "zip.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define TEXT_MAX ((size_t)256 << 20) /* a longer index or list of pages is not read */

/* A record of an archive, as the index should have it. */
typedef struct found {
    const char *archive; /* the entry's path */
    uint64_t offset;
    uint64_t length;
    char *url;
    char *digest; /* NULL: none stated */
} found;

typedef struct check {
    zip zip;
    complaints *to;
    bool own_form;
    const char *archive; /* the one that is read */
    found *found;        /* archive after archive, in order of offset */
    size_t n;
    size_t room;
    int rc; /* what on_record() could not give back */
} check;

static void check_done(check *k)
{
    for (size_t i = 0; i < k->n; i++) {
        free(k->found[i].url);
        free(k->found[i].digest);
    }
    free(k->found);
    zip_done(&k->zip);
}

static void on_record(void *ctx, const warc_seen *seen)
{
    check *k = ctx;
    if (k->rc < 0 || !seen->head->target_uri)
        return;
    if (k->n == k->room) {
        const size_t room = k->room ? k->room * 2 : 64;
        found *at = realloc(k->found, room * sizeof(*at));
        if (!at) {
            k->rc = UPP_E_BUSY;
            return;
        }
        k->found = at;
        k->room = room;
    }
    found f = { k->archive, seen->offset, seen->length, strdup(seen->head->target_uri), NULL };
    if (seen->payload_digest)
        f.digest = strdup(seen->payload_digest);
    k->found[k->n++] = f;
    if (!f.url || (seen->payload_digest && !f.digest))
        k->rc = UPP_E_BUSY;
}

static bool under(const char *path, const char *folder)
{
    return strncmp(path, folder, strlen(folder)) == 0;
}

static int check_archives(check *k)
{
    const warc_rules rules = { .own_form = k->own_form };
    for (size_t i = 0; i < k->zip.n; i++) {
        const zip_entry *e = &k->zip.entries[i];
        zip_part part;
        warc_tally tally;
        if (!under(e->path, "archive/"))
            continue;
        if (e->method != ZIP_STORED) {
            complain(k->to, e->path, e->head, "an archive must be stored, not deflated");
            continue;
        }
        const source in = zip_stored(&k->zip, e, &part);
        k->archive = e->path;
        UPP_TRY(warc_check(&in, e->path, &rules, k->to, on_record, k, &tally));
        UPP_TRY(k->rc);
    }
    return 0;
}

static int by_place(const void *a, const void *b)
{
    const found *l = a;
    const found *r = b;
    const int order = strcmp(l->archive + strlen("archive/"), r->archive + strlen("archive/"));
    return order ? order : (l->offset > r->offset) - (l->offset < r->offset);
}

static int on_line(void *ctx, const cdxj_line *line)
{
    check *k = ctx;
    UPP_AUTO(buf_done) buf archive = { 0 };
    UPP_TRY(buf_printf(&archive, "archive/%s", line->filename));
    const found wanted = { .archive = buf_text(&archive), .offset = line->offset };
    const found *f = k->n > 0 ? bsearch(&wanted, k->found, k->n, sizeof(wanted), by_place) : NULL;
    if (f) {
        if (f->length != line->length)
            complain(k->to, "indexes", line->at, "the record has another length");
        if (strcmp(f->url, line->url) != 0)
            complain(k->to, "indexes", line->at, "the record is of another url");
        if (f->digest && k->own_form && strcmp(f->digest, line->digest) != 0)
            complain(k->to, "indexes", line->at, "the record has another digest");
        return 0;
    }
    complain(k->to, "indexes", line->at, "no record of an archive begins there");
    return 0;
}

static int check_indexes(check *k)
{
    if (k->n > 0)
        qsort(k->found, k->n, sizeof(*k->found), by_place);
    for (size_t i = 0; i < k->zip.n; i++) {
        const zip_entry *e = &k->zip.entries[i];
        const size_t len = strlen(e->path);
        UPP_AUTO(buf_done) buf text = { 0 };
        if (!under(e->path, "indexes/") || len < 5 || strcmp(e->path + len - 5, ".cdxj") != 0)
            continue;
        const int got = zip_unpack(&k->zip, e, TEXT_MAX, k->to, &text);
        UPP_TRY(got);
        if (got > 0)
            UPP_TRY(cdxj_read(buf_bytes(&text), e->path, k->to, on_line, k));
    }
    return 0;
}

/* The hash of an entry's content. 1; 0: complained of. */
static int sum_entry(check *k, const zip_entry *e, char ret_hex[FIXITY_HEX])
{
    zip_part part;
    UPP_AUTO(buf_done) buf text = { 0 };
    if (e->method == ZIP_STORED) {
        const source in = zip_stored(&k->zip, e, &part);
        UPP_TRY(zip_check_stored(&k->zip, e, k->to));
        UPP_TRY(fixity_of_source(&in, ret_hex));
        return 1;
    }
    const int got = zip_unpack(&k->zip, e, TEXT_MAX, k->to, &text);
    if (got > 0)
        fixity_of((upp_bytes){ 0 }, buf_bytes(&text), ret_hex);
    return got;
}

static bool hash_is(const char *stated, const char *hex)
{
    return stated && strncmp(stated, "sha256:", 7) == 0 && strcmp(stated + 7, hex) == 0;
}

static int check_resource(check *k, const json_t *row)
{
    char hex[FIXITY_HEX];
    const char *path = json_string_value(json_object_get(row, "path"));
    const json_t *bytes = json_object_get(row, "bytes");
    const zip_entry *e = path ? zip_find(&k->zip, path) : NULL;
    if (!e) {
        complain(k->to, "datapackage.json", 0, "a resource that is not in the zip");
        return 0;
    }
    if (!json_is_integer(bytes) || (uint64_t)json_integer_value(bytes) != e->bytes)
        complain(k->to, e->path, e->head, "not of the length that datapackage.json states");
    const int got = sum_entry(k, e, hex);
    UPP_TRY(got);
    if (got > 0 && !hash_is(json_string_value(json_object_get(row, "hash")), hex))
        complain(k->to, e->path, e->head, "the hash is not the one in datapackage.json");
    return 0;
}

static void check_listed(check *k, const json_t *resources)
{
    for (size_t i = 0; i < k->zip.n; i++) {
        const zip_entry *e = &k->zip.entries[i];
        size_t times = 0;
        for (size_t j = 0; j < json_array_size(resources); j++) {
            const json_t *path = json_object_get(json_array_get(resources, j), "path");
            times += json_is_string(path) && strcmp(json_string_value(path), e->path) == 0 ? 1 : 0;
        }
        const bool own = under(e->path, "datapackage");
        if (times != (own ? 0 : 1))
            complain(k->to, e->path, e->head, "%zu times in datapackage.json", times);
    }
}

/* The text of an entry that must be there. 1; 0: complained of. */
static int must_read(check *k, const char *path, buf *out)
{
    const zip_entry *e = zip_find(&k->zip, path);
    if (!e)
        complain(k->to, path, 0, "missing");
    return e ? zip_unpack(&k->zip, e, TEXT_MAX, k->to, out) : 0;
}

static int check_digest(check *k, const buf *package)
{
    char hex[FIXITY_HEX];
    UPP_AUTO(buf_done) buf text = { 0 };
    const int got = must_read(k, "datapackage-digest.json", &text);
    if (got <= 0)
        return got;
    UPP_AUTO(json_done) json_t *digest = json_loads(buf_text(&text), 0, NULL);
    const char *path = json_string_value(json_object_get(digest, "path"));
    fixity_of((upp_bytes){ 0 }, buf_bytes(package), hex);
    if (!path || strcmp(path, "datapackage.json") != 0)
        complain(k->to, "datapackage-digest.json", 0, "it does not name datapackage.json");
    if (!hash_is(json_string_value(json_object_get(digest, "hash")), hex))
        complain(k->to, "datapackage-digest.json", 0, "not the hash of datapackage.json");
    return 0;
}

static int check_package(check *k)
{
    UPP_AUTO(buf_done) buf text = { 0 };
    const int got = must_read(k, "datapackage.json", &text);
    if (got <= 0)
        return got;
    UPP_TRY(check_digest(k, &text));
    UPP_AUTO(json_done) json_t *package = json_loads(buf_text(&text), JSON_REJECT_DUPLICATES, NULL);
    const char *version = json_string_value(json_object_get(package, "wacz_version"));
    const json_t *resources = json_object_get(package, "resources");
    if (!version || !under(version, "1."))
        complain(k->to, "datapackage.json", 0, "no wacz_version 1.x");
    if (!json_is_array(resources)) {
        complain(k->to, "datapackage.json", 0, "no resources");
        return 0;
    }
    for (size_t i = 0; i < json_array_size(resources); i++)
        UPP_TRY(check_resource(k, json_array_get(resources, i)));
    check_listed(k, resources);
    return 0;
}

int wacz_check(const source *in, const char *path, bool own_form, complaints *to)
{
    UPP_AUTO(check_done) check k = { .to = to, .own_form = own_form };
    const int readable = zip_read(in, path, own_form, to, &k.zip);
    if (readable <= 0)
        return readable;
    if (!zip_find(&k.zip, "pages/pages.jsonl"))
        complain(to, "pages/pages.jsonl", 0, "missing");
    UPP_TRY(check_package(&k));
    UPP_TRY(check_archives(&k));
    return check_indexes(&k);
}
