/* town_evidence.c - evidence in the town: a disk that keeps its folders, a browser, the servers
 * where attachments lie; and what must hold of every saved copy (I14, I15). */
#include "leaf.h"
#include "town.h"
#include "town_part.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const upp_service upp_evidence_service;

enum { FILES = 64, PATHS = 160 };

/* The world's answers: one at a time, packed before the next is made. */
typedef struct disk_world {
    Uppsikt__RecordStored stored;
    Uppsikt__StoredFile rows[FILES];
    Uppsikt__StoredFile *list[FILES];
    uint8_t hashes[FILES][32];
    char manifest[FILES * 200];
    Uppsikt__RecordRemoved removed;
    Uppsikt__PageCaptured page;
    Uppsikt__CapturedFile shots[2];
    Uppsikt__CapturedFile *shot_list[2];
    Uppsikt__MediaFetched media;
} disk_world;

typedef struct file_look {
    uint8_t *at;
    size_t n;
    bool there;
} file_look;

static void take_file(void *ctx, const char *id, const uint8_t *at, size_t n)
{
    file_look *f = ctx;
    (void)id;
    free(f->at);
    f->at = malloc(n + 1);
    upp_check(f->at);
    memcpy(f->at, at, n);
    f->n = n;
    f->there = true;
}

static file_look file_at(sim *s, const char *id)
{
    file_look f = { 0 };
    sim_objects(s, "evidence", id, take_file, &f);
    return f;
}

/* -- records: the same steps as shelf.c, on the simulated disk -- */
static bool put_part(sim *s, const char *id, const Uppsikt__RecordFile *part)
{
    file_look before = file_at(s, id);
    const size_t had = part->offset > 0 ? before.n : 0;
    bool ok = had == (size_t)part->offset;
    if (ok) {
        uint8_t *whole = malloc(had + part->bytes.len + 1);
        upp_check(whole);
        if (had)
            memcpy(whole, before.at, had);
        memcpy(whole + had, part->bytes.data, part->bytes.len);
        ok = sim_object(s, "evidence", id, whole, had + part->bytes.len);
        free(whole);
    }
    free(before.at);
    return ok;
}

static int by_path(const void *a, const void *b)
{
    const Uppsikt__StoredFile *const *x = a, *const *y = b;
    return strcmp((*x)->path, (*y)->path);
}

static bool look_back(disk_world *w, sim *s, const Uppsikt__StoreRecord *ask)
{
    char id[PATHS];
    size_t len = 0;
    for (size_t i = 0; i < ask->n_files; i++) {
        snprintf(id, sizeof id, "%s/%s", ask->folder, ask->files[i]->path);
        file_look f = file_at(s, id);
        if (!f.there)
            return false;
        crypto_hash_sha256(w->hashes[i], f.at, f.n);
        uppsikt__stored_file__init(&w->rows[i]);
        w->rows[i].path = ask->files[i]->path;
        w->rows[i].bytes = (int64_t)f.n;
        w->rows[i].sha256 = (ProtobufCBinaryData){ 32, w->hashes[i] };
        w->list[i] = &w->rows[i];
        free(f.at);
    }
    qsort(w->list, ask->n_files, sizeof w->list[0], by_path);
    for (size_t i = 0; i < ask->n_files; i++) {
        char hex[65];
        sodium_bin2hex(hex, sizeof hex, w->list[i]->sha256.data, 32);
        len += (size_t)snprintf(w->manifest + len, sizeof w->manifest - len, "%s  %s\n", hex,
                                w->list[i]->path);
    }
    snprintf(id, sizeof id, "%s/manifest-sha256.txt", ask->folder);
    w->stored.manifest = (ProtobufCBinaryData){ len, (uint8_t *)w->manifest };
    w->stored.stored = w->list;
    w->stored.n_stored = ask->n_files;
    return sim_object(s, "evidence", id, w->manifest, len);
}

static void store(void *ctx, sim *s, const sim_attempt *attempt, sim_reply *reply)
{
    disk_world *w = ctx;
    const Uppsikt__StoreRecord *ask = (const Uppsikt__StoreRecord *)attempt->asked.request;
    bool ok = ask->n_files <= FILES;
    uppsikt__record_stored__init(&w->stored);
    for (size_t i = 0; i < ask->n_files && ok; i++) {
        char id[PATHS];
        snprintf(id, sizeof id, "%s/%s", ask->folder, ask->files[i]->path);
        ok = ask->files[i]->offset < 0 || put_part(s, id, ask->files[i]);
    }
    if (ok && ask->last)
        ok = look_back(w, s, ask);
    if (!ok)
        w->stored.failed = upp_lend("write-failed");
    reply->answer = &w->stored.base;
}

static void take_away(void *ctx, sim *s, const sim_attempt *attempt, sim_reply *reply)
{
    disk_world *w = ctx;
    const Uppsikt__RemoveRecord *ask = (const Uppsikt__RemoveRecord *)attempt->asked.request;
    char prefix[PATHS];
    snprintf(prefix, sizeof prefix, "%s/", ask->folder);
    uppsikt__record_removed__init(&w->removed);
    w->removed.files = (uint32_t)sim_objects_away(s, "evidence", prefix);
    reply->answer = &w->removed.base;
}

/* -- the browser: a picture holds the words of its page -- */
static bool shoot(disk_world *w, sim *s, size_t i, const Uppsikt__CapturePage *ask,
                  const char *name, const char *mime)
{
    char id[PATHS];
    snprintf(id, sizeof id, "%s/%s", ask->folder, name);
    uppsikt__captured_file__init(&w->shots[i]);
    crypto_hash_sha256(w->hashes[i], (const uint8_t *)ask->html, strlen(ask->html));
    w->shots[i].name = upp_lend(name);
    w->shots[i].mime = upp_lend(mime);
    w->shots[i].bytes = (int64_t)strlen(ask->html);
    w->shots[i].sha256 = (ProtobufCBinaryData){ 32, w->hashes[i] };
    w->shot_list[i] = &w->shots[i];
    return sim_object(s, "evidence", id, ask->html, strlen(ask->html));
}

static void capture(void *ctx, sim *s, const sim_attempt *attempt, sim_reply *reply)
{
    town *t = ctx;
    disk_world *w = t->disk;
    const Uppsikt__CapturePage *ask = (const Uppsikt__CapturePage *)attempt->asked.request;
    if (t->no_browser) {
        reply->fate = UPP_LATER;
        reply->after_span = t->patience_span;
        return;
    }
    uppsikt__page_captured__init(&w->page);
    const bool ok = shoot(w, s, 0, ask, "screenshot.png", "image/png") &&
                    shoot(w, s, 1, ask, "page.pdf", "application/pdf");
    w->page.id = ask->id;
    w->page.state =
        ok ? UPPSIKT__PAGE_CAPTURED__STATE__STATE_OK : UPPSIKT__PAGE_CAPTURED__STATE__STATE_ERROR;
    w->page.files = w->shot_list;
    w->page.n_files = ok ? 2 : 0;
    reply->answer = &w->page.base;
    reply->takes_span = 1 + (upp_ms)sim_below(&t->rand, 4000);
}

static void fetch(void *ctx, sim *s, const sim_attempt *attempt, sim_reply *reply)
{
    town *t = ctx;
    disk_world *w = t->disk;
    const Uppsikt__FetchMedia *ask = (const Uppsikt__FetchMedia *)attempt->asked.request;
    char id[PATHS];
    snprintf(id, sizeof id, "%s/%s", ask->folder, ask->path);
    uppsikt__media_fetched__init(&w->media);
    w->media.status = t->media_status ? t->media_status : 200;
    w->media.kept =
        w->media.status == 200 && sim_object(s, "evidence", id, ask->url, strlen(ask->url));
    w->media.again = !w->media.kept;
    w->media.answer = upp_lend(w->media.kept ? "ok" : "404");
    w->media.mime = upp_lend("image/jpeg");
    w->media.bytes = (int64_t)strlen(ask->url);
    crypto_hash_sha256(w->hashes[0], (const uint8_t *)ask->url, strlen(ask->url));
    w->media.sha256 = (ProtobufCBinaryData){ 32, w->hashes[0] };
    reply->answer = &w->media.base;
}

static void *open_evidence(town *t, void *shared)
{
    (void)shared;
    t->disk = calloc(1, sizeof *t->disk);
    upp_check(t->disk);
    t->evidence = (evidence_config){
        .tree_key = "5555555555555555555555555555555555555555555555555555555555555555",
        .services = t->services & TOWN_PARTS      ? "registry ingest classify classify-2 escalation"
                    : t->services & TOWN_CLASSIFY ? "registry ingest classify escalation"
                                                  : "registry ingest escalation",
        .early = true,
        .media_attempts = 3,
        .media_bytes = 1 << 20,
        .media_span = UPP_MINUTE,
        .capture_span = UPP_MINUTE,
        .backups_span = 90 * UPP_DAY,
        .jump_span = UPP_HOUR,
    };
    sim_config(t->s, "evidence", &t->evidence);
    sim_port(t->s, "records", store, t->disk);
    sim_port(t->s, "removals", take_away, t->disk);
    sim_port(t->s, "evidence/capture", capture, t);
    sim_port(t->s, "media", fetch, t);
    return t->disk;
}

/* -- what must hold -- */
typedef struct folder_look {
    const char *folder;
    size_t files;
} folder_look;

static void count_file(void *ctx, const char *id, const uint8_t *at, size_t n)
{
    folder_look *l = ctx;
    (void)id, (void)at, (void)n;
    l->files++;
}

/* Sealed: every file of the manifest lies there with that hash, and nothing else does; the seal is
 * that of this manifest under its salt. */
static void check_sealed(town *t, const char *folder, const char *seal, upp_bytes body)
{
    Uppsikt__EvidenceSealedContent *proof =
        uppsikt__evidence_sealed_content__unpack(NULL, body.len, body.at);
    folder_look look = { .folder = folder };
    uint8_t hash[32];
    char hex[65], id[PATHS];
    size_t files = 1;
    upp_check(proof && proof->salt.len == LEAF_SALT);
    leaf_seal(proof->salt.data, (upp_bytes){ proof->manifest.data, proof->manifest.len }, hash);
    sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    if (strcmp(hex, seal) != 0)
        town_wrong(t, "I14: the seal of %s is another manifest's", folder);
    const char *at = (const char *)proof->manifest.data, *end = at + proof->manifest.len;
    for (; at < end; files++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        upp_check(stop && stop - at > 66);
        snprintf(id, sizeof id, "%s/%.*s", folder, (int)(stop - at - 66), at + 66);
        file_look f = file_at(t->s, id);
        crypto_hash_sha256(hash, f.at, f.n);
        sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
        if (!f.there || memcmp(hex, at, 64) != 0)
            town_wrong(t, "I14: %s is not what was sealed", id);
        free(f.at);
        at = stop + 1;
    }
    snprintf(id, sizeof id, "%s/", folder);
    sim_objects(t->s, "evidence", id, count_file, &look);
    if (look.files != files)
        town_wrong(t, "I14: %s holds %zu files, its manifest %zu", folder, look.files, files - 1);
    uppsikt__evidence_sealed_content__free_unpacked(proof, NULL);
}

static void check_records(town *t)
{
    sqlite3_stmt *row = NULL;
    uint64_t sealed = 0, gone = 0;
    upp_check(sqlite3_prepare_v2(town_store(t, "evidence"),
                                 "SELECT r.folder, r.state, r.seal, c.body FROM record r"
                                 " LEFT JOIN upp_content c ON c.id = r.proof_ref",
                                 -1, &row, NULL) == SQLITE_OK);
    while (sqlite3_step(row) == SQLITE_ROW) {
        const char *folder = (const char *)sqlite3_column_text(row, 0);
        const int state = sqlite3_column_int(row, 1);
        char prefix[PATHS];
        folder_look look = { .folder = folder };
        snprintf(prefix, sizeof prefix, "%s/", folder);
        sim_objects(t->s, "evidence", prefix, count_file, &look);
        if (state == RECORD_SEALED)
            check_sealed(
                t, folder, (const char *)sqlite3_column_text(row, 2),
                (upp_bytes){ sqlite3_column_blob(row, 3), (size_t)sqlite3_column_bytes(row, 3) });
        else if (state == RECORD_GONE && look.files > 0)
            town_wrong(t, "I15: %s is gone and holds %zu files", folder, look.files);
        sealed += state == RECORD_SEALED;
        gone += state == RECORD_GONE;
    }
    sqlite3_finalize(row);
    town_counted(t, "I14 sealed folders read", sealed);
    town_counted(t, "I15 folders that are gone", gone);
}

static void check(town *t, void *own)
{
    static const struct {
        const char *what, *sql;
    } rows[] = {
        { "a record of a version that nobody wanted",
          "SELECT count(*) FROM record r WHERE state <> 3 AND NOT EXISTS (SELECT 1 FROM wanted w"
          " WHERE w.item = r.item AND w.version = r.version)" },
        { "R22: a version that is wanted, known, and not sealed as far",
          "SELECT count(*) FROM wanted w JOIN version v USING (item, version) WHERE v.text_ref > 0"
          " AND NOT EXISTS (SELECT 1 FROM record r WHERE r.item = w.item"
          "  AND r.version = w.version AND r.level = w.level AND r.state = 2)" },
        { "something was parked in evidence", "SELECT count(*) FROM upp_parked" },
        { "a leaf without its record",
          "SELECT count(*) FROM node WHERE level = 0 AND place NOT IN (SELECT leaf FROM record)" },
        { "a folder that is still to be taken away", "SELECT count(*) FROM removal" },
    };
    (void)own;
    for (size_t i = t->no_browser ? 2 : 0; i < UPP_LEN(rows); i++)
        if (town_number(t, "evidence", rows[i].sql) != 0)
            town_wrong(t, "%s", rows[i].what);
    check_records(t);
}

const town_part town_evidence = { .flag = TOWN_EVIDENCE,
                                  .service = &upp_evidence_service,
                                  .open = open_evidence,
                                  .check = check,
                                  .close = free };
