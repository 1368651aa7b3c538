/* town_archive.c - archive in the town: a browser that sees a page or a wall, a disk that keeps
 * what it is given, and what must hold of every package. */
#include "archive.h"
#include "town.h"
#include "town_part.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const upp_service upp_archive_service;

enum { FILES = 512, PACKAGES = 64 };

typedef struct file {
    char *folder, *name;
    uint8_t *at;
    size_t len;
} file;

typedef struct archive_disk {
    town *t;
    archive_config config;
    upp_bytes zone;
    file files[FILES];
    size_t n_files;
    char package[PACKAGES][48];
    char *text[PACKAGES]; /* all lines of the package's lists */
    size_t n_packages;
    uint64_t lines, removals;
    /* answers live until the call has ended */
    Uppsikt__PageCaptured page;
    Uppsikt__CapturedFile picture, *pictures[1];
    Uppsikt__PartStored stored;
    Uppsikt__PackageBuilt built;
    Uppsikt__PackageFile one, *list[1];
    uint8_t sum[32];
    char object[48];
} archive_disk;

/* -- the disk -- */
static file *file_of(archive_disk *d, const char *folder, const char *name)
{
    for (size_t i = 0; i < d->n_files; i++)
        if (strcmp(d->files[i].folder, folder) == 0 && strcmp(d->files[i].name, name) == 0)
            return &d->files[i];
    upp_check(d->n_files < FILES);
    file *f = &d->files[d->n_files++];
    *f = (file){ .folder = strdup(folder), .name = strdup(name), .at = calloc(1, 1) };
    upp_check(f->folder && f->name && f->at);
    return f;
}

static void file_done(file *f)
{
    free(f->folder);
    free(f->name);
    free(f->at);
}

static void take_away(archive_disk *d, const char *folder)
{
    for (size_t i = 0; i < d->n_files; i++)
        if (strcmp(d->files[i].folder, folder) == 0) {
            file_done(&d->files[i]);
            d->files[i--] = d->files[--d->n_files];
        }
    d->removals++;
}

static void write_part(file *f, const Uppsikt__StorePart *p)
{
    const size_t end = (size_t)p->offset + p->bytes.len;
    if (end > f->len) {
        f->at = realloc(f->at, end + 1);
        upp_check(f->at);
        memset(f->at + f->len, 0, end + 1 - f->len);
        f->len = end;
    }
    if (p->bytes.len)
        memcpy(f->at + p->offset, p->bytes.data, p->bytes.len);
}

static void intake(void *ctx, sim *s, const sim_attempt *attempt, sim_reply *reply)
{
    archive_disk *d = ctx;
    const Uppsikt__StorePart *p = (const Uppsikt__StorePart *)attempt->asked.request;
    (void)s;
    uppsikt__part_stored__init(&d->stored);
    d->stored.file = p->file;
    d->stored.offset = p->offset;
    d->stored.last = p->last;
    d->stored.removed = p->remove;
    d->stored.bytes = p->last ? p->offset : (int64_t)p->bytes.len;
    d->stored.mime = upp_lend(p->check ? "application/pdf" : "");
    if (p->remove) {
        take_away(d, p->folder);
    } else {
        file *f = file_of(d, p->folder, p->file);
        write_part(f, p);
        if (p->last && (int64_t)f->len != p->offset)
            town_wrong(d->t, "R26: %s has %zu bytes, not %lld", p->file, f->len,
                       (long long)p->offset);
    }
    reply->answer = &d->stored.base;
}

/* -- the browser -- */
static void capture(void *ctx, sim *s, const sim_attempt *attempt, sim_reply *reply)
{
    archive_disk *d = ctx;
    const Uppsikt__CapturePage *q = (const Uppsikt__CapturePage *)attempt->asked.request;
    const bool wall = strstr(q->url, "wall") != NULL;
    (void)s;
    uppsikt__page_captured__init(&d->page);
    uppsikt__captured_file__init(&d->picture);
    d->picture.name = upp_lend("page.png");
    d->picture.mime = upp_lend("image/png");
    d->picture.sha256 = (ProtobufCBinaryData){ sizeof d->sum, d->sum };
    d->pictures[0] = &d->picture;
    d->page.id = q->id;
    d->page.state = wall ? UPPSIKT__PAGE_CAPTURED__STATE__STATE_LOGIN_WALL
                         : UPPSIKT__PAGE_CAPTURED__STATE__STATE_OK;
    d->page.files = d->pictures;
    d->page.n_files = wall ? 0 : 1;
    reply->answer = &d->page.base;
    reply->takes_span = (upp_ms)sim_below(&d->t->rand, 120) * UPP_SECOND;
}

/* -- the package -- */
static int64_t count_lines(const file *f)
{
    int64_t n = 0;
    for (size_t i = 0; i < f->len; i++)
        n += f->at[i] == '\n';
    return n;
}

/* What the lists hold is what the service says of them, and no line is there twice. */
static void look_at_lists(archive_disk *d, const Uppsikt__BuildPackage *q)
{
    file *posts = file_of(d, q->folder, "api/posts.jsonl");
    file *comments = file_of(d, q->folder, "api/comments.jsonl");
    if (count_lines(posts) != q->posts || count_lines(comments) != q->comments)
        town_wrong(d->t, "R26: the lists have %lld + %lld lines, not %lld + %lld",
                   (long long)count_lines(posts), (long long)count_lines(comments),
                   (long long)q->posts, (long long)q->comments);
    d->lines += (uint64_t)(q->posts + q->comments);
    for (size_t i = 0; i < d->n_packages; i++)
        if (strcmp(d->package[i], q->package) == 0)
            return; /* the same attempt again */
    upp_check(d->n_packages < PACKAGES);
    snprintf(d->package[d->n_packages], sizeof d->package[0], "%s", q->package);
    char *text = calloc(1, posts->len + comments->len + 1);
    upp_check(text);
    memcpy(text, posts->at, posts->len);
    memcpy(text + posts->len, comments->at, comments->len);
    d->text[d->n_packages++] = text;
}

static bool lies_there(const archive_disk *d, const char *folder)
{
    for (size_t i = 0; i < d->n_files; i++)
        if (strcmp(d->files[i].folder, folder) == 0)
            return true;
    return false;
}

static void build(void *ctx, sim *s, const sim_attempt *attempt, sim_reply *reply)
{
    archive_disk *d = ctx;
    const Uppsikt__BuildPackage *q = (const Uppsikt__BuildPackage *)attempt->asked.request;
    uppsikt__package_built__init(&d->built);
    d->built.package = q->package;
    reply->answer = &d->built.base;
    if (!lies_there(d, q->folder)) { /* of a round that has begun anew since */
        d->built.failed = upp_lend("run-gone");
        return;
    }
    look_at_lists(d, q);
    snprintf(d->object, sizeof d->object, "o%.32s", q->package + 5);
    if (!sim_object(s, "archive", d->object, "package", 7)) {
        reply->fate = UPP_LATER;
        reply->answer = NULL;
        return;
    }
    uppsikt__package_file__init(&d->one);
    d->one.path = upp_lend("data/x");
    d->one.object = d->object;
    d->one.bytes = 7;
    d->one.sha256 = (ProtobufCBinaryData){ sizeof d->sum, d->sum };
    d->list[0] = &d->one;
    d->built.files = 1;
    d->built.bytes = 7;
    d->built.contents = d->list;
    d->built.n_contents = 1;
    reply->takes_span = (upp_ms)sim_below(&d->t->rand, 600) * UPP_SECOND;
}

size_t town_packed(town *t, const char *words)
{
    size_t n = 0;
    for (size_t i = 0; i < t->archive_disk->n_packages; i++) {
        char sql[160];
        snprintf(sql, sizeof sql, "SELECT count(*) FROM package WHERE package = '%s'",
                 t->archive_disk->package[i]);
        n += strstr(t->archive_disk->text[i], words) && town_number(t, "archive", sql) == 1;
    }
    return n;
}

/* -- what must hold -- */
static void check(town *t, void *own)
{
    static const struct {
        const char *what, *sql;
    } rows[] = {
        { "R26: a run rests although nobody is asked",
          "SELECT count(*) FROM run WHERE state IN (1, 2, 4)" },
        { "R26: a run waits and has no alarm",
          "SELECT count(*) FROM run WHERE state = 0 AND NOT EXISTS"
          " (SELECT 1 FROM upp_alarm WHERE key = 'start/' || run)" },
        { "I22: an open account without a run in a campaign",
          "SELECT count(*) FROM campaign c, account a WHERE a.state IN (4, 5) AND"
          " NOT EXISTS (SELECT 1 FROM run r WHERE r.account = a.account AND"
          " r.campaign = c.campaign AND r.cause = 'campaign')" },
        { "I22: a run that is neither sealed nor asked of people, past its due",
          "SELECT count(*) FROM run WHERE state <> 5 AND asked_ms = 0 AND due_ms <"
          " (SELECT max(at_ms) FROM run)" },
        { "R26: two runs of one account in one campaign",
          "SELECT count(*) - count(DISTINCT account || campaign) FROM run"
          " WHERE cause = 'campaign'" },
        { "R27: a sealed run without its package",
          "SELECT count(*) FROM run r WHERE state = 5 AND NOT EXISTS"
          " (SELECT 1 FROM package p WHERE p.run = r.run)" },
        { "something was parked", "SELECT count(*) FROM upp_parked" },
    };
    const archive_disk *d = own;
    for (size_t i = 0; i < UPP_LEN(rows); i++)
        if (town_number(t, "archive", rows[i].sql) != 0)
            town_wrong(t, "%s", rows[i].what);
    town_counted(t, "R26 lines in packages", d->lines);
    town_counted(t, "R27 packages", d->n_packages);
}

static void *begin(void)
{
    enum { ZONE_BYTES = 64 * 1024 };
    upp_bytes *tz = malloc(sizeof *tz + ZONE_BYTES);
    upp_check(tz);
    FILE *in = fopen("/usr/share/zoneinfo/Europe/Stockholm", "rb");
    upp_check(in);
    tz->at = (uint8_t *)(tz + 1);
    tz->len = fread(tz + 1, 1, ZONE_BYTES, in);
    fclose(in);
    return tz;
}

static void *open_disk(town *t, void *shared)
{
    archive_disk *d = calloc(1, sizeof *d);
    upp_check(d);
    d->t = t;
    d->config = (archive_config){ .folder = "/store",
                                  .agreement = "plan",
                                  .package_kind = "arkivpaket",
                                  .zone = *(const upp_bytes *)shared,
                                  .spread_span = 10 * UPP_MINUTE,
                                  .asked_span = 14 * UPP_DAY,
                                  .closing_span = 14 * UPP_DAY,
                                  .page_span = 5 * UPP_MINUTE,
                                  .hand_in_bytes = 1 << 20 };
    t->archive_disk = d;
    sim_config(t->s, "archive", &d->config);
    sim_port(t->s, "archive/capture", capture, d);
    sim_port(t->s, "intake", intake, d);
    sim_port(t->s, "package", build, d);
    return d;
}

static void close_disk(void *own)
{
    archive_disk *d = own;
    for (size_t i = 0; i < d->n_files; i++)
        file_done(&d->files[i]);
    for (size_t i = 0; i < d->n_packages; i++)
        free(d->text[i]);
    free(d);
}

const town_part town_archive = { .flag = TOWN_ARCHIVE,
                                 .service = &upp_archive_service,
                                 .begin = begin,
                                 .end = free,
                                 .open = open_disk,
                                 .check = check,
                                 .close = close_disk };
