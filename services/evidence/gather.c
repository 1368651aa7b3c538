/* gather.c - what a whole record needs from outside: our own page as picture and PDF, and the bytes
 * of what was attached. Each attempt is recorded; what cannot be had any more is `gone` after so
 * many of them and blocks nothing (capture.md §2.1). */
#include "dossier.h"
#include "evidence.h"
#include "rendering.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ATTACHMENTS = 20, WAITS = 0, KEPT, GONE, REFUSED };

/* -- the picture -- */
/* The pictures that lie in the record already, under their numbers (capture_port.h). */
static size_t pictures_of(const dossier *d, char names[ATTACHMENTS][12],
                          Uppsikt__CaptureMedia media[ATTACHMENTS],
                          Uppsikt__CaptureMedia *rows[ATTACHMENTS])
{
    size_t n = 0;
    for (size_t i = 0; i < ATTACHMENTS; i++) {
        const Uppsikt__GatheredFile *g = rendering_picture(d, i);
        if (!g)
            continue;
        snprintf(names[n], sizeof names[n], "%zu", i + 1);
        uppsikt__capture_media__init(&media[n]);
        media[n].name = names[n];
        media[n].path = g->path;
        media[n].mime = g->mime;
        rows[n] = &media[n];
        n++;
    }
    return n;
}

static int ask_capture(upp_txn *txn, const record *r, const dossier *d, upp_ms span)
{
    size_t len = 0;
    char names[ATTACHMENTS][12];
    Uppsikt__CaptureMedia media[ATTACHMENTS];
    Uppsikt__CaptureMedia *rows[ATTACHMENTS];
    dossier shown = *d;
    shown.pictures = "https://media.invalid/";
    char *page = rendering_make(&shown, &len);
    const char *subjects[CONTEXT_MAX + 3] = { r->id, r->item };
    char key[96];
    Uppsikt__CapturePage ask = UPPSIKT__CAPTURE_PAGE__INIT;
    size_t n = 2;
    for (size_t i = 0; i < d->n_context; i++)
        if (d->context[i].said)
            subjects[n++] = d->context[i].item;
    ask.id = upp_lend(r->id);
    ask.html = page;
    ask.png = true;
    ask.pdf = true;
    ask.width = 960;
    ask.media = rows;
    ask.n_media = pictures_of(d, names, media, rows);
    ask.timeout_span = span;
    ask.folder = upp_lend(r->folder);
    snprintf(key, sizeof key, "%s/%u", r->id, (unsigned)r->attempt);
    const int there = upp_ask(txn, "capture", subjects, key, &ask.base);
    free(page);
    return there < 0 ? there : 0;
}

/* Each ask has a key of its own: the record's attempts count here, too, until it is written. */
int gather_capture(upp_txn *txn, const keeper *k, const char *id)
{
    record r;
    UPP_AUTO(dossier_read_done) reading *g = NULL;
    const int missing = record_read(txn, id, &r);
    UPP_TRY(missing);
    if (missing || r.state != RECORD_GATHERS || r.captured)
        return 0;
    const int lost = dossier_read(txn, k, &r, &g);
    UPP_TRY(lost);
    if (lost)
        return 0;
    r.attempt++;
    UPP_TRY(upp_exec(txn, "UPDATE record SET attempt = ?2 WHERE record = ?1",
                     BIND(V(r.id), V(r.attempt))));
    return ask_capture(txn, &r, dossier_of(g), k->config->capture_span);
}

/* 1: some attachment is still waited for. */
static int waits_for_media(upp_txn *txn, const char *id)
{
    UPP_ROWS row =
        upp_query(txn, "SELECT 1 FROM media WHERE record = ?1 AND state = 0 LIMIT 1", BIND(V(id)));
    return upp_next(&row) ? 1 : row.rc;
}

/* The attachments first, so that the picture shows them; then the picture; when nothing is missing
 * any more it is written. */
static int all_there(upp_txn *txn, const keeper *k, const char *id)
{
    record r;
    const int missing = record_read(txn, id, &r);
    UPP_TRY(missing);
    const int waits = missing ? 1 : waits_for_media(txn, id);
    UPP_TRY(waits);
    if (waits || r.state != RECORD_GATHERS)
        return 0;
    return r.captured ? record_write(txn, k, &r) : gather_capture(txn, k, id);
}

/* A file of ours now: it goes with the item. 1: forgotten meanwhile. */
static int take(upp_txn *txn, const record *r, const Uppsikt__GatheredFile *file)
{
    upp_content kept;
    char id[128];
    snprintf(id, sizeof id, "%s/%s", r->folder, file->path);
    const int gone = upp_keep(txn, UPP_ABOUT(r->item), &file->base, &kept);
    if (gone)
        return gone;
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO gathered(record, path, file_ref) VALUES(?1, ?2, ?3)"
                     " ON CONFLICT DO UPDATE SET file_ref = ?3",
                     BIND(V(r->id), V(file->path), V(kept.ref))));
    return upp_object_keep(txn, UPP_ABOUT(r->item), id, file->bytes, file->sha256.data);
}

/* A name that the browser's program gave: a plain one, or it is none. */
static bool plain(const char *name)
{
    const size_t n = strlen(name);
    return n > 0 && n < 48 && name[0] != '.' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == n;
}

static const char *why_not(const Uppsikt__PageCaptured *said)
{
    bool png = false, pdf = false;
    if (said->state == UPPSIKT__PAGE_CAPTURED__STATE__STATE_TIMEOUT)
        return "capture-timeout";
    if (said->state != UPPSIKT__PAGE_CAPTURED__STATE__STATE_OK)
        return "capture-failed";
    if (said->n_files > 24)
        return "capture-malformed";
    for (size_t i = 0; i < said->n_files; i++) {
        const Uppsikt__CapturedFile *f = said->files[i];
        if (!plain(f->name) || f->sha256.len != 32 || f->bytes <= 0)
            return "capture-malformed";
        png = png || strcmp(f->mime, "image/png") == 0;
        pdf = pdf || strcmp(f->mime, "application/pdf") == 0;
    }
    return png && pdf ? NULL : "capture-incomplete";
}

int gather_captured(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const keeper *k = self;
    const Uppsikt__PageCaptured *said = msg;
    record r;
    const int missing = record_read(txn, in->subject, &r);
    UPP_TRY(missing);
    if (missing || r.state != RECORD_GATHERS || r.captured)
        return 0;
    const char *why = in->dead || !said ? "capture-given-up" : why_not(said);
    if (why)
        return record_failed(txn, &r, "capture", why);
    for (size_t i = 0; i < said->n_files; i++) {
        Uppsikt__GatheredFile file = UPPSIKT__GATHERED_FILE__INIT;
        file.path = said->files[i]->name;
        file.mime = said->files[i]->mime;
        file.bytes = said->files[i]->bytes;
        file.sha256 = said->files[i]->sha256;
        if (i == 0 && said->report.len < 32 * 1024)
            file.report = said->report;
        const int gone = take(txn, &r, &file);
        if (gone)
            return gone < 0 ? gone : 0;
    }
    UPP_TRY(upp_exec(txn, "UPDATE record SET captured = 1, failures = 0 WHERE record = ?1",
                     BIND(V(r.id))));
    return all_there(txn, k, r.id);
}

/* -- attachments -- */
static int fetch(upp_txn *txn, const keeper *k, const record *r, uint32_t number, int64_t try,
                 const char *url)
{
    char key[96], subject[64], path[32];
    Uppsikt__FetchMedia ask = UPPSIKT__FETCH_MEDIA__INIT;
    snprintf(path, sizeof path, "media/%u", (unsigned)number);
    snprintf(subject, sizeof subject, "%s.%u", r->id, (unsigned)number);
    snprintf(key, sizeof key, "%s/m%u/%lld", r->id, (unsigned)number, (long long)try);
    ask.url = upp_lend(url);
    ask.folder = upp_lend(r->folder);
    ask.path = path;
    ask.max_bytes = k->config->media_bytes;
    ask.timeout_span = k->config->media_span;
    const int there = upp_ask(txn, "media", UPP_ABOUT(subject, r->item), key, &ask.base);
    return there < 0 ? there : 0;
}

int gather_begin(upp_txn *txn, const keeper *k, const record *r)
{
    UPP_AUTO(dossier_read_done) reading *g = NULL;
    const int missing = dossier_read(txn, k, r, &g);
    if (missing)
        return missing < 0 ? missing : 0;
    const Uppsikt__CommentReceivedContent *said = dossier_of(g)->said;
    for (size_t i = 0; i < said->n_attachments && i < ATTACHMENTS; i++) {
        const char *url = said->attachments[i]->url;
        UPP_TRY(upp_exec(txn, "INSERT INTO media(record, number, state) VALUES(?1, ?2, ?3)",
                         BIND(V(r->id), V((int64_t)i + 1), V(url[0] ? WAITS : REFUSED))));
        if (url[0])
            UPP_TRY(fetch(txn, k, r, (uint32_t)i + 1, 1, url));
    }
    return all_there(txn, k, r->id);
}

/* "<record>.<number>". 1: no such record gathers. */
static int read_number(upp_txn *txn, const char *text, record *ret_record, uint32_t *ret_number)
{
    char id[UPP_ID];
    if (strlen(text) < UPP_ID + 1 || text[UPP_ID - 1] != '.')
        return upp_fail(txn, UPP_E_BUG, "no attachment's name: %s", text);
    snprintf(id, sizeof id, "%.26s", text);
    *ret_number = (uint32_t)strtoul(text + UPP_ID, NULL, 10);
    const int missing = record_read(txn, id, ret_record);
    UPP_TRY(missing);
    return missing || ret_record->state != RECORD_GATHERS;
}

static int tries_of(upp_txn *txn, const record *r, uint32_t number, int64_t *ret_tries)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT tries FROM media WHERE record = ?1 AND number = ?2"
                             " AND state = 0",
                             BIND(V(r->id), V(number)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : 1;
    *ret_tries = upp_col_int(&row, 0);
    return 0;
}

int gather_media(upp_txn *txn, const keeper *k, const char *record_and_number)
{
    record r;
    uint32_t number = 0;
    int64_t tries = 0;
    UPP_AUTO(dossier_read_done) reading *g = NULL;
    const int missing = read_number(txn, record_and_number, &r, &number);
    UPP_TRY(missing);
    const int waits = missing ? 1 : tries_of(txn, &r, number, &tries);
    UPP_TRY(waits);
    if (waits)
        return 0;
    const int lost = dossier_read(txn, k, &r, &g);
    UPP_TRY(lost);
    const Uppsikt__CommentReceivedContent *said = lost ? NULL : dossier_of(g)->said;
    if (!said || number < 1 || number > said->n_attachments)
        return 0;
    return fetch(txn, k, &r, number, tries + 1, said->attachments[number - 1]->url);
}

static int note_attempt(upp_txn *txn, const record *r, uint32_t number, int64_t try, int state,
                        const char *answer)
{
    UPP_TRY(upp_exec(txn,
                     "UPDATE media SET state = ?3, tries = ?4 WHERE record = ?1 AND number = ?2",
                     BIND(V(r->id), V(number), V(state), V(try))));
    return upp_exec(txn,
                    "INSERT INTO attempt(record, number, try, at_ms, answer)"
                    " VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
                    BIND(V(r->id), V(number), V(try), V(upp_now(txn)), V(answer)));
}

static int take_media(upp_txn *txn, const record *r, uint32_t number,
                      const Uppsikt__MediaFetched *said)
{
    char path[32];
    Uppsikt__GatheredFile file = UPPSIKT__GATHERED_FILE__INIT;
    snprintf(path, sizeof path, "media/%u", (unsigned)number);
    file.path = path;
    file.mime = said->mime;
    file.bytes = said->bytes;
    file.sha256 = said->sha256;
    return take(txn, r, &file);
}

int gather_fetched(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    static const upp_ms spans[] = { UPP_MINUTE, 10 * UPP_MINUTE, UPP_HOUR };
    const keeper *k = self;
    const Uppsikt__MediaFetched *said = msg;
    record r;
    uint32_t number = 0;
    int64_t tries = 0;
    const int missing = read_number(txn, in->subject, &r, &number);
    UPP_TRY(missing);
    const int waits = missing ? 1 : tries_of(txn, &r, number, &tries);
    UPP_TRY(waits);
    if (waits)
        return 0;
    const bool lost = in->dead || !said;
    const bool kept = !lost && said->kept && said->sha256.len == 32;
    const bool again = (lost || said->again) && tries + 1 < k->config->media_attempts;
    const int state = kept ? KEPT : again ? WAITS : lost || said->again ? GONE : REFUSED;
    if (kept) {
        const int gone = take_media(txn, &r, number, said);
        if (gone)
            return gone < 0 ? gone : 0;
    }
    UPP_TRY(note_attempt(txn, &r, number, tries + 1, state, lost ? "no-answer" : said->answer));
    if (again) {
        char key[96];
        snprintf(key, sizeof key, "media/%s.%u", r.id, (unsigned)number);
        return upp_alarm(txn, key,
                         upp_now(txn) + spans[tries < (int64_t)UPP_LEN(spans) ? tries : 2]);
    }
    return all_there(txn, k, r.id);
}
