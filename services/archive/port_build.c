/* port_build.c - one package, from the files of its run to a folder with its name: what is half
 * never has that name (R27, capture.md 6). */
#include "port_build.h"
#include "fixity.h"
#include "package_check.h"
#include "package_text.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SCHEMA_MAX = 1 << 20 };
#define DATA "representations/rep1/data/"

void build_done(build *b)
{
    for (size_t i = 0; i < b->n_files; i++) {
        free(b->files[i].path);
        free(b->files[i].mime);
    }
    free(b->files);
    for (size_t i = 0; i < b->n_contents; i++) {
        free(b->contents[i].path);
        free(b->contents[i].object);
    }
    free(b->contents);
    free(b->list);
    free(b->sums);
    buf_done(&b->manifest);
}

/* -- what goes in -- */
static bool sum_is(const build *b, const char *path, ProtobufCBinaryData wanted)
{
    char hex[FIXITY_HEX];
    const build_file *f = build_find(b, path);
    if (wanted.len != 32)
        return false;
    fixity_hex(wanted.data, wanted.len, hex);
    return f && strcmp(f->sha256, hex) == 0;
}

/* The place of a capture's file; "" for what only becomes part of another file. */
static const char *place_of(const char *mime, unsigned pictures, char ret_path[64])
{
    static const struct {
        const char *mime, *end;
    } rows[] = { { "application/pdf", "pdf" },
                 { "multipart/related", "mhtml" },
                 { "text/plain", "txt" } };
    if (strncmp(mime, "image/png", 9) == 0) {
        snprintf(ret_path, 64, DATA "sida-%04u.png", pictures);
        return ret_path;
    }
    for (size_t i = 0; i < UPP_LEN(rows); i++)
        if (strncmp(mime, rows[i].mime, strlen(rows[i].mime)) == 0) {
            snprintf(ret_path, 64, DATA "sida-0001.%s", rows[i].end);
            return ret_path;
        }
    return "";
}

static bool put_capture(build *b)
{
    unsigned pictures = 0;
    char text[PATH_MAX] = "", warc[PATH_MAX] = "";
    for (size_t i = 0; i < b->q->captured->n_files; i++) {
        const Uppsikt__CapturedFile *f = b->q->captured->files[i];
        char from[PATH_MAX], name[280], path[64] = "";
        snprintf(name, sizeof name, "page/%.255s", f->name);
        if (strchr(f->name, '/') || folder_path(b->q->folder, name, from))
            return build_refuse(b, "package-faulty", "a capture's file has a path for a name");
        pictures += strncmp(f->mime, "image/png", 9) == 0;
        if (strncmp(f->mime, "application/warc", 16) == 0)
            snprintf(warc, sizeof warc, "%s", from);
        else if (place_of(f->mime, pictures, path)[0] && !build_link(b, from, path, f->mime))
            return false;
        else if (path[0] && !sum_is(b, path, f->sha256))
            return build_refuse(b, "sum-differs", "a capture's file is not what was captured");
        if (strncmp(f->mime, "text/plain", 10) == 0)
            snprintf(text, sizeof text, "%s", from);
    }
    return warc[0] == '\0' || build_wacz(b, warc, text[0] ? text : NULL);
}

static bool put_lists(build *b)
{
    static const char *const names[] = { "api/posts.jsonl", "api/comments.jsonl" };
    const int64_t lines[] = { b->q->posts, b->q->comments };
    for (size_t i = 0; i < UPP_LEN(names); i++) {
        char from[PATH_MAX], path[80];
        const int rc = folder_path(b->q->folder, names[i], from);
        if (rc)
            return build_error(b, rc, names[i]);
        if (lines[i] == 0 && b->q->n_hand_ins > 0 && !b->q->captured)
            continue; /* the machine has nothing of its own: there is no rep1 */
        snprintf(path, sizeof path, DATA "%s", names[i]);
        if (!build_link(b, from, path, "application/x-ndjson"))
            return false;
    }
    return true;
}

static bool put_hand_ins(build *b)
{
    UPP_AUTO(buf_done) buf text = { 0 };
    for (size_t i = 0; i < b->q->n_hand_ins; i++) {
        const Uppsikt__PackageHandIn *h = b->q->hand_ins[i];
        char from[PATH_MAX], name[PACKAGE_NAME], path[PACKAGE_NAME + 40];
        package_hand_name(i, h->stated->name, name);
        snprintf(path, sizeof path, "representations/rep2/data/%s", name);
        const int rc = folder_path(b->q->hand_folder, h->file, from);
        if (rc)
            return build_error(b, rc, path);
        if (!build_link(b, from, path, h->mime))
            return false;
        if (!sum_is(b, path, h->stated->sha256))
            return build_refuse(b, "sum-differs", "a file is not what was handed in");
    }
    if (b->q->n_hand_ins == 0)
        return true;
    if (package_manual_json(b->q, &text) < 0)
        return build_refuse(b, "package-faulty", "manuell.json cannot be written");
    return build_put(b, buf_bytes(&text), "representations/rep2/data/manuell.json",
                     "application/json");
}

static bool put_texts(build *b)
{
    UPP_AUTO(buf_done) buf json = { 0 };
    UPP_AUTO(buf_done) buf text = { 0 };
    const upp_bytes konto = { b->q->descriptive.data, b->q->descriptive.len };
    if (package_report_json(b->q, &json) < 0 || package_report_text(b->q, &text) < 0)
        return build_refuse(b, "package-faulty", "the capture report cannot be written");
    return build_put(b, konto, "metadata/descriptive/konto.json", "application/json") &&
           build_put(b, buf_bytes(&json), "documentation/fangstrapport.json", "application/json") &&
           build_put(b, buf_bytes(&text), "documentation/fangstrapport.txt", "text/plain");
}

/* The schemas that the package names; the product ships none (capture.md 8). */
static bool put_schemas(build *b)
{
    static const char *const names[] = { "mets.xsd", "xlink.xsd", "DILCISExtensionMETS.xsd",
                                         "DILCISExtensionSIPMETS.xsd", "premis-v3-0.xsd" };
    for (size_t i = 0; b->schemas && i < UPP_LEN(names); i++) {
        char from[PATH_MAX], path[80];
        folder_file file = { 0 };
        UPP_AUTO(buf_done) buf text = { 0 };
        int rc = folder_path(b->schemas, names[i], from);
        if (rc == 0 && !folder_has(from))
            continue;
        rc = rc ? rc : folder_file_at(from, &file);
        if (rc)
            return build_error(b, rc, names[i]);
        const source in = folder_source(&file);
        rc = source_all(&in, SCHEMA_MAX, &text) < 0 ? EIO : 0;
        folder_file_done(&file);
        snprintf(path, sizeof path, "schemas/%s", names[i]);
        if (rc || !build_put(b, buf_bytes(&text), path, "application/xml"))
            return rc ? build_error(b, rc, names[i]) : false;
    }
    return true;
}

/* -- the gate -- */
typedef struct ear {
    build *b;
} ear;

static void hear(void *ctx, const char *path, uint64_t offset, const char *what)
{
    build *b = ((ear *)ctx)->b;
    if (!b->refused) /* the first is enough for a person; paths of ours, no content */
        snprintf(b->why, sizeof b->why, "%.80s at %llu: %.80s", path, (unsigned long long)offset,
                 what);
    b->refused = "package-faulty";
}

/* A picture, or what a person handed in: without either it is no representation of the account. */
static bool has_representation(const build *b)
{
    return build_find(b, DATA "sida-0001.png") || b->q->n_hand_ins > 0;
}

bool build_check(build *b)
{
    ear e = { b };
    complaints to = { hear, &e, 0 };
    package_tally tally;
    if (!has_representation(b))
        return build_refuse(b, "no-representation", "neither a picture nor anything handed in");
    const int rc = package_check(b->root, b->schemas, &to, &tally);
    return rc ? build_error(b, rc, "check") : to.n == 0;
}

/* -- the answer, from what lies there -- */
static void object_id(const build *b, const char *path, char ret_id[40])
{
    char hex[FIXITY_HEX];
    const upp_bytes of = { (const uint8_t *)b->q->package, strlen(b->q->package) };
    const upp_bytes at = { (const uint8_t *)path, strlen(path) };
    fixity_of(of, at, hex);
    snprintf(ret_id, 40, "a%.38s", hex);
}

static bool answer_file(build *b, folder_file *f)
{
    char id[40], to[PATH_MAX], hex[FIXITY_HEX];
    const size_t i = b->n_contents;
    const source in = folder_source(f);
    object_id(b, f->path, id);
    int rc = folder_path(b->objects, id, to);
    if (rc == 0)
        rc = folder_link(f->whole, to);
    if (rc)
        return build_error(b, rc, "objects");
    if (fixity_of_source(&in, hex) < 0)
        return build_error(b, EIO, f->path);
    uppsikt__package_file__init(&b->contents[i]);
    for (size_t k = 0; k < 32; k++) {
        const char pair[] = { hex[2 * k], hex[2 * k + 1], '\0' };
        b->sums[i][k] = (uint8_t)strtoul(pair, NULL, 16);
    }
    b->contents[i].path = strdup(f->path);
    b->contents[i].object = strdup(id);
    b->contents[i].bytes = (int64_t)f->bytes;
    b->contents[i].sha256 = (ProtobufCBinaryData){ 32, b->sums[i] };
    b->list[i] = &b->contents[i];
    upp_check(b->contents[i].path && b->contents[i].object);
    b->n_contents++;
    return true;
}

static bool answer(build *b)
{
    folder_list f = { 0 };
    const int rc = folder_walk(b->q->into, &f);
    if (rc)
        return build_error(b, rc, "package");
    b->contents = calloc(f.n + 1, sizeof *b->contents);
    b->list = calloc(f.n + 1, sizeof *b->list);
    b->sums = calloc(f.n + 1, sizeof *b->sums);
    upp_check(b->contents && b->list && b->sums);
    bool good = true;
    b->n_payload = 0;
    b->payload_bytes = 0;
    for (size_t i = 0; i < f.n && good; i++) {
        good = answer_file(b, &f.files[i]);
        if (strncmp(f.files[i].path, "data/", 5) == 0) {
            b->n_payload++;
            b->payload_bytes += (int64_t)f.files[i].bytes;
        }
        const source in = folder_source(&f.files[i]);
        if (good && strcmp(f.files[i].path, "manifest-sha256.txt") == 0)
            good = source_all(&in, 48 * 1024, &b->manifest) == 0 ||
                   build_refuse(b, "package-too-many-files", "the manifest is too long");
    }
    folder_done(&f);
    return good;
}

static bool fill(build *b)
{
    return (!b->q->captured || put_capture(b)) && put_lists(b) && put_hand_ins(b) && put_texts(b) &&
           put_schemas(b) && build_premis(b) && build_mets(b) && build_bag(b) && build_check(b);
}

/* Read-only from now on; every file of it is synced already. */
static bool give_name(build *b)
{
    int rc = 0;
    for (size_t i = 0; i < b->n_files && rc == 0; i++) {
        char path[PATH_MAX];
        rc = folder_path(b->sip, b->files[i].path, path);
        if (rc == 0 && chmod(path, 0440) < 0)
            rc = errno;
    }
    if (rc == 0 && rename(b->root, b->q->into) < 0)
        rc = errno;
    if (rc == 0)
        rc = folder_sync_above(b->q->into);
    return rc ? build_error(b, rc, "package") : true;
}

bool build_package(build *b)
{
    char sip[PATH_MAX];
    if (folder_has(b->q->into)) /* of an attempt whose answer was lost */
        return answer(b);
    if (!folder_has(b->q->folder)) /* its run has begun anew since: nobody waits for this one */
        return build_refuse(b, "run-gone", "the run's folder is not there any more");
    if ((size_t)snprintf(b->root, sizeof b->root, "%s.new", b->q->into) >= sizeof b->root ||
        (size_t)snprintf(sip, sizeof sip, "data/%.64s", b->q->package) >= sizeof sip ||
        folder_path(b->root, sip, b->sip))
        return build_error(b, ENAMETOOLONG, "package");
    int rc = folder_remove(b->root);
    if (rc == 0)
        rc = folder_make(b->sip);
    if (rc)
        return build_error(b, rc, "package");
    if (fill(b))
        return give_name(b) && answer(b);
    rc = folder_remove(b->root); /* nothing of it is of use; the next attempt begins anew */
    return rc && !b->failed && !b->refused ? build_error(b, rc, "package") : false;
}
