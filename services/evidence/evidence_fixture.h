/* evidence_fixture.h - for tests: evidence on the bench, with a real folder of objects, a small
 * organisation, and everybody else as the test. Included by one test file each. */
#pragma once
#include "../../tests/node_bench.h"
#include "evidence.h"
#include "shelf.h"
#include "uppsikt/archive.pb-c.h"
#include "uppsikt/classify.pb-c.h"
#include "uppsikt/escalation.pb-c.h"
#include "uppsikt/registry.pb-c.h"
#include <dirent.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>

extern const upp_service upp_evidence_service;

#define FIXTURE_KEY "0707070707070707070707070707070707070707070707070707070707070707"

typedef struct vault {
    bench *b;
    char root[64], objects[80]; /* like <data>/evidence and its folder of objects */
    bool no_browser, no_records;
    const char *media_answer; /* NULL: kept; else what came of it */
    const char *stamp_answer; /* NULL: stamped; else why not */
    /* Makes the stamp, of at most 32 KiB; gives its length. NULL: some bytes do. */
    size_t (*stamps)(void *ctx, const Uppsikt__AskStamp *ask, uint8_t *ret_reply);
    void *stamps_ctx;
    size_t shown; /* pictures that the last ask to the browser had */
} vault;

static inline void vault_unit(vault *v, const char *id, const char *authority)
{
    Uppsikt__UnitRegistered u = UPPSIKT__UNIT_REGISTERED__INIT;
    u.unit = upp_lend(id);
    u.authority = upp_lend(authority);
    assert_int_equal(bench_hear(v->b, "registry", id, &u.base, NULL), 0);
}

/* `roles`: one or two, a blank between. */
static inline void vault_person_of(vault *v, const char *id, const char *unit, const char *roles)
{
    Uppsikt__PersonRegistered p = UPPSIKT__PERSON_REGISTERED__INIT;
    Uppsikt__PersonRegisteredContent who = UPPSIKT__PERSON_REGISTERED_CONTENT__INIT;
    char all[64], *list[2] = { all, NULL };
    uint8_t commitment[32];
    snprintf(all, sizeof all, "%s", roles);
    list[1] = strchr(all, ' ');
    if (list[1])
        *list[1]++ = '\0';
    who.first_name = upp_lend(id);
    who.last_name = upp_lend("Ek");
    who.title = upp_lend("handläggare");
    p.person = upp_lend(id);
    p.unit = upp_lend(unit);
    p.roles = list;
    p.n_roles = list[1] ? 2 : 1;
    bench_commit_to(&who.base, commitment);
    p.commitment = (ProtobufCBinaryData){ 32, commitment };
    assert_int_equal(bench_hear(v->b, "registry", id, &p.base, &who.base), 0);
}

static inline void vault_person(vault *v, const char *id, const char *role)
{
    vault_person_of(v, id, "skola", role);
}

typedef struct vault_plan {
    const char *row, *authority, *decision, *kind;
    const char *covers[12]; /* ends with NULL */
    int32_t months;
    bool keeps;
} vault_plan;

static inline void vault_adopts(vault *v, const vault_plan *p)
{
    Uppsikt__RetentionRowAdopted r = UPPSIKT__RETENTION_ROW_ADOPTED__INIT;
    char *covers[12];
    for (size_t i = 0; p->covers[i]; i++)
        covers[r.n_covers++] = upp_lend(p->covers[i]);
    r.covers = covers;
    r.row = upp_lend(p->row);
    r.authority = upp_lend(p->authority);
    r.process = upp_lend("Kommunicera");
    r.kind = upp_lend(p->kind ? p->kind : "Kommentarer");
    r.action = p->keeps ? UPPSIKT__RETENTION_ROW_ADOPTED__ACTION__ACTION_KEEP
                        : UPPSIKT__RETENTION_ROW_ADOPTED__ACTION__ACTION_DISPOSE;
    r.months = p->months;
    r.decision = upp_lend(p->decision);
    r.mandate = upp_lend("Plan 2026");
    assert_int_equal(bench_hear(v->b, "registry", p->row, &r.base, NULL), 0);
}

/* Of ks; it covers what most tests have. */
static inline void vault_row(vault *v, const char *row, const char *decision, int32_t months)
{
    vault_adopts(
        v, &(vault_plan){ .row = row,
                          .authority = "ks",
                          .decision = decision,
                          .months = months,
                          .covers = { "comment", "line", "removed-comment", "removed-own" } });
}

static inline void vault_account(vault *v, const char *id, const char *unit, const char *authority)
{
    Uppsikt__AccountChanged a = UPPSIKT__ACCOUNT_CHANGED__INIT;
    Uppsikt__AccountChangedContent facts = UPPSIKT__ACCOUNT_CHANGED_CONTENT__INIT;
    uint8_t commitment[32];
    facts.name = upp_lend("Skolan & \"vi\"");
    a.account = upp_lend(id);
    a.platform = upp_lend("facebook");
    a.unit = upp_lend(unit);
    a.authority = upp_lend(authority);
    bench_commit_to(&facts.base, commitment);
    a.commitment = (ProtobufCBinaryData){ 32, commitment };
    assert_int_equal(bench_hear(v->b, "registry", id, &a.base, &facts.base), 0);
}

/* Nobody has access. */
static inline void vault_people(vault *v)
{
    vault_unit(v, "skola", "ks");
    vault_person(v, "anna", "administrator");
    vault_person(v, "bo", "archivist");
    vault_person(v, "ops", "operations");
    vault_person(v, "eva", "reader");
    vault_account(v, "acc", "skola", "ks");
}

/* anna has access, ops may propose a disposal and bo approve it, eva has nothing to do with it. */
static inline void vault_organisation(vault *v)
{
    Uppsikt__AccessGranted g = UPPSIKT__ACCESS_GRANTED__INIT;
    vault_people(v);
    g.account = upp_lend("acc");
    g.person = upp_lend("anna");
    g.rank = 1;
    assert_int_equal(bench_hear(v->b, "registry", "acc", &g.base, NULL), 0);
}

static inline void vault_open(vault *v)
{
    memset(v, 0, sizeof *v);
    snprintf(v->root, sizeof v->root, "/tmp/upp-vault-XXXXXX");
    assert_non_null(mkdtemp(v->root));
    snprintf(v->objects, sizeof v->objects, "%s/objects", v->root);
    assert_int_equal(mkdir(v->objects, 0700), 0);
    v->b = bench_open(&upp_evidence_service);
    evidence_config *config = v->b->config;
    config->tree_key = FIXTURE_KEY;
    bench_restart(v->b);
    vault_organisation(v);
}

static inline void vault_remove(const char *path)
{
    DIR *dir = opendir(path);
    for (struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir)) {
        char inner[400];
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        snprintf(inner, sizeof inner, "%.180s/%.200s", path, e->d_name);
        vault_remove(inner);
    }
    if (dir)
        closedir(dir);
    (void)remove(path); /* a file, or a folder that is empty now */
}

static inline void vault_close(vault *v)
{
    bench_close(v->b);
    vault_remove(v->root);
}

/* -- what is heard -- */
typedef struct vault_words {
    const char *item, *text, *parent, *url, *raw;
    uint32_t version;       /* above 1: an edit */
    Uppsikt__ItemKind kind; /* 0: a comment */
    const char *account;    /* NULL: acc */
} vault_words;

static inline void vault_says(vault *v, const vault_words *w)
{
    Uppsikt__CommentReceivedContent said = UPPSIKT__COMMENT_RECEIVED_CONTENT__INIT;
    Uppsikt__CommentEditedContent edit = UPPSIKT__COMMENT_EDITED_CONTENT__INIT;
    Uppsikt__ItemAuthor author = UPPSIKT__ITEM_AUTHOR__INIT;
    Uppsikt__ItemAttachment picture = UPPSIKT__ITEM_ATTACHMENT__INIT;
    Uppsikt__ItemAttachment *pictures[] = { &picture };
    uint8_t commitment[32];
    author.name = upp_lend("Åsa <Fors>");
    author.id = upp_lend("u1");
    said.text = upp_lend(w->text);
    said.author = &author;
    said.external_id = upp_lend("x1");
    if (w->raw)
        said.raw = (ProtobufCBinaryData){ strlen(w->raw), (uint8_t *)upp_lend(w->raw) };
    picture.type = upp_lend("image");
    picture.url = upp_lend(w->url);
    said.n_attachments = w->url ? 1 : 0;
    said.attachments = pictures;
    if (w->version > 1) {
        Uppsikt__CommentEdited c = UPPSIKT__COMMENT_EDITED__INIT;
        edit.now = &said;
        c.item = upp_lend(w->item);
        c.account = upp_lend("acc");
        c.version = w->version;
        c.seen_ms = v->b->now;
        bench_commit_to(&edit.base, commitment);
        c.commitment = (ProtobufCBinaryData){ 32, commitment };
        assert_int_equal(bench_hear(v->b, "ingest", w->item, &c.base, &edit.base), 0);
        return;
    }
    Uppsikt__CommentReceived c = UPPSIKT__COMMENT_RECEIVED__INIT;
    c.item = upp_lend(w->item);
    c.account = upp_lend(w->account ? w->account : "acc");
    c.platform = upp_lend("facebook");
    c.kind = w->kind ? w->kind : UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT;
    c.version = 1;
    c.received_ms = c.first_seen_ms = v->b->now;
    c.parent = upp_lend(w->parent ? w->parent : "");
    bench_commit_to(&said.base, commitment);
    c.commitment = (ProtobufCBinaryData){ 32, commitment };
    assert_int_equal(bench_hear(v->b, "ingest", w->item, &c.base, &said.base), 0);
}

static inline void vault_matter(vault *v, const char *item, const char *matter,
                                Uppsikt__MatterKind kind)
{
    Uppsikt__MatterOpened m = UPPSIKT__MATTER_OPENED__INIT;
    m.matter = upp_lend(matter);
    m.item = upp_lend(item);
    m.account = upp_lend("acc");
    m.version = 1;
    m.kind = kind;
    m.due_ms = v->b->now + UPP_DAY;
    assert_int_equal(bench_hear(v->b, "escalation", item, &m.base, NULL), 0);
}

static inline void vault_met(vault *v, const char *item, const char *matter)
{
    Uppsikt__MatterMet m = UPPSIKT__MATTER_MET__INIT;
    m.matter = upp_lend(matter);
    m.item = upp_lend(item);
    m.account = upp_lend("acc");
    m.at_ms = v->b->now;
    assert_int_equal(bench_hear(v->b, "escalation", item, &m.base, NULL), 0);
}

/* Its id, until the next one. */
static inline const char *vault_decides(vault *v, const char *item, uint32_t version,
                                        Uppsikt__ItemAction action, const char *row,
                                        const char *law)
{
    static unsigned number;
    static char id[32];
    Uppsikt__DecisionMade d = UPPSIKT__DECISION_MADE__INIT;
    Uppsikt__DecisionMadeContent note = UPPSIKT__DECISION_MADE_CONTENT__INIT;
    uint8_t commitment[32];
    snprintf(id, sizeof id, "d%u", ++number);
    d.decision = id;
    d.item = upp_lend(item);
    d.account = upp_lend("acc");
    d.version = version;
    d.action = action;
    d.reason = upp_lend("attack");
    d.plan_row = upp_lend(row);
    d.law = upp_lend(law);
    d.by = upp_lend("anna");
    d.at_ms = v->b->now;
    bench_commit_to(&note.base, commitment);
    d.commitment = (ProtobufCBinaryData){ 32, commitment };
    assert_int_equal(bench_hear(v->b, "escalation", item, &d.base, &note.base), 0);
    return id;
}

/* -- the world behind the ports -- */
static inline void vault_file(vault *v, const char *folder, const char *path, const char *text)
{
    const int fd = shelf_create(v->objects, folder, path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(shelf_sync(v->objects, folder, path, fd), 0);
    close(fd);
}

static inline void vault_shoots(vault *v, size_t i)
{
    static const char *const names[][2] = { { "page.png", "image/png" },
                                            { "page.pdf", "application/pdf" } };
    const Uppsikt__CapturePage *ask = (const Uppsikt__CapturePage *)v->b->asks[i].request;
    Uppsikt__PageCaptured out = UPPSIKT__PAGE_CAPTURED__INIT;
    Uppsikt__CapturedFile files[2];
    Uppsikt__CapturedFile *list[2];
    uint8_t hashes[2][32];
    for (size_t k = 0; k < 2; k++) {
        vault_file(v, ask->folder, names[k][0], ask->html);
        uppsikt__captured_file__init(&files[k]);
        crypto_hash_sha256(hashes[k], (const uint8_t *)ask->html, strlen(ask->html));
        files[k].name = upp_lend(names[k][0]);
        files[k].mime = upp_lend(names[k][1]);
        files[k].bytes = (int64_t)strlen(ask->html);
        files[k].sha256 = (ProtobufCBinaryData){ 32, hashes[k] };
        list[k] = &files[k];
    }
    v->shown = ask->n_media;
    out.state = UPPSIKT__PAGE_CAPTURED__STATE__STATE_OK;
    out.files = list;
    out.n_files = 2;
    bench_answer(v->b, i, UPP_DONE, &out.base);
}

static inline void vault_fetches(vault *v, size_t i)
{
    const Uppsikt__FetchMedia *ask = (const Uppsikt__FetchMedia *)v->b->asks[i].request;
    Uppsikt__MediaFetched out = UPPSIKT__MEDIA_FETCHED__INIT;
    uint8_t hash[32];
    out.kept = !v->media_answer;
    out.again = !out.kept && strcmp(v->media_answer, "private-address") != 0;
    out.answer = upp_lend(out.kept ? "ok" : v->media_answer);
    out.mime = upp_lend("image/jpeg");
    if (out.kept) {
        vault_file(v, ask->folder, ask->path, "a picture");
        crypto_hash_sha256(hash, (const uint8_t *)"a picture", 9);
        out.bytes = 9;
        out.sha256 = (ProtobufCBinaryData){ 32, hash };
    }
    bench_answer(v->b, i, UPP_DONE, &out.base);
}

static inline void vault_stores(vault *v, size_t i)
{
    const Uppsikt__StoreRecord *ask = (const Uppsikt__StoreRecord *)v->b->asks[i].request;
    Uppsikt__RecordStored out = UPPSIKT__RECORD_STORED__INIT;
    Uppsikt__StoredFile rows[SHELF_FILES];
    Uppsikt__StoredFile *list[SHELF_FILES];
    shelf_found found;
    const char *failed = v->no_records ? "disk-full" : shelf_store(v->objects, ask, &found);
    if (failed) {
        out.failed = upp_lend(failed);
        bench_answer(v->b, i, UPP_DONE, &out.base);
        return;
    }
    for (size_t k = 0; k < found.n; k++) {
        uppsikt__stored_file__init(&rows[k]);
        rows[k].path = found.files[k].path;
        rows[k].bytes = found.files[k].bytes;
        rows[k].sha256 = (ProtobufCBinaryData){ 32, found.files[k].sha256 };
        list[k] = &rows[k];
    }
    out.stored = list;
    out.n_stored = found.n;
    if (found.manifest)
        out.manifest = (ProtobufCBinaryData){ strlen(found.manifest), (uint8_t *)found.manifest };
    bench_answer(v->b, i, UPP_DONE, &out.base);
    shelf_found_done(&found);
}

static inline void vault_takes_away(vault *v, size_t i)
{
    const Uppsikt__RemoveRecord *ask = (const Uppsikt__RemoveRecord *)v->b->asks[i].request;
    Uppsikt__RecordRemoved out = UPPSIKT__RECORD_REMOVED__INIT;
    assert_int_equal(shelf_remove(v->objects, ask->folder, &out.files), 0);
    bench_answer(v->b, i, UPP_DONE, &out.base);
}

static inline void vault_stamps(vault *v, size_t i)
{
    const Uppsikt__AskStamp *ask = (const Uppsikt__AskStamp *)v->b->asks[i].request;
    Uppsikt__StampAnswered out = UPPSIKT__STAMP_ANSWERED__INIT;
    static uint8_t reply[32 * 1024] = "a stamp";
    const size_t len = v->stamps ? v->stamps(v->stamps_ctx, ask, reply) : 7;
    out.imprint = ask->imprint;
    if (v->stamp_answer) {
        out.failed = upp_lend(v->stamp_answer);
    } else {
        out.reply = (ProtobufCBinaryData){ len, reply };
        out.stamped_ms = v->b->now / UPP_SECOND * UPP_SECOND;
        out.authority = upp_lend("Tidsstämpel");
    }
    bench_answer(v->b, i, UPP_DONE, &out.base);
}

/* Answers all that is asked for until nothing more is; gives how many asks there were. */
static inline size_t vault_work(vault *v)
{
    size_t n = 0;
    bench_start(v->b);
    for (size_t i = 0; i < v->b->n_asks;) {
        const char *port = v->b->asks[i].port;
        if (strcmp(port, "capture") == 0 && v->no_browser) {
            i++;
            continue;
        }
        if (strcmp(port, "capture") == 0)
            vault_shoots(v, i);
        else if (strcmp(port, "media") == 0)
            vault_fetches(v, i);
        else if (strcmp(port, "records") == 0)
            vault_stores(v, i);
        else if (strcmp(port, "stamp") == 0)
            vault_stamps(v, i);
        else
            vault_takes_away(v, i);
        n++;
        bench_start(v->b);
        i = 0;
    }
    return n;
}

static inline int64_t vault_number(vault *v, const char *sql)
{
    return bench_number(v->b, sql);
}
