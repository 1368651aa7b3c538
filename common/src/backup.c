/* backup.c - sqlite3_backup_step from the writer's own connection: what it writes meanwhile is
 * carried along, and no other connection makes it begin anew (sqlite.org/backup.html). */
#include "backup.h"
#include "digest.h"
#include "upp/log.h"
#include "uppsikt/bus.pb-c.h"
#include "uppsikt/runtime.pb-c.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGES = 32, NAME = 64 };
static const upp_ms step_span = 10;       /* of work in one turn */
static const upp_ms kept_span = UPP_HOUR; /* for whoever asked to take the file away */

/* What the worker does; of its own, so that it outlives a backup that is freed under it. */
typedef struct syncing {
    upp_backup *backup; /* NULL: nobody waits any more */
    char folder[PATH_MAX], path[PATH_MAX + NAME];
    uint8_t sha256[32];
    int64_t bytes;
    bool good;
} syncing;

struct upp_backup {
    upp_loop *loop;
    void *socket;
    char folder[PATH_MAX], name[NAME];
    upp_identity to;
    uint8_t id[16];
    bool asked, done; /* a request has come; its outcome is known */
    sqlite3 *copy;
    sqlite3_backup *steps;
    syncing *syncing;
    upp_point head;
    upp_ms at;
    uint8_t sha256[32];
    int64_t bytes; /* -1: it failed */
};

static void path_of(const upp_backup *b, const char *name, char ret_path[PATH_MAX + NAME])
{
    snprintf(ret_path, PATH_MAX + NAME, "%s/%s", b->folder, name);
}

static void close_dir(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

/* Copies hold content: none stays longer than it is wanted. */
static void take_away(const upp_backup *b)
{
    UPP_AUTO(close_dir) DIR *dir = opendir(b->folder);
    for (const struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir)) {
        char path[PATH_MAX + NAME];
        if (e->d_name[0] == '.' || strlen(e->d_name) >= NAME)
            continue;
        path_of(b, e->d_name, path);
        if (unlink(path) != 0)
            upp_log(UPP_ERROR, NULL, "an old copy of the store cannot be taken away: %s",
                    strerror(errno));
    }
}

static void expire(void *self)
{
    const upp_backup *b = self;
    if (!b->steps && !b->syncing)
        take_away(b);
}

upp_backup *upp_backup_new(upp_loop *loop, void *socket, const char *data)
{
    upp_backup *b = calloc(1, sizeof *b);
    upp_check(b != NULL);
    b->loop = loop;
    b->socket = socket;
    upp_check((size_t)snprintf(b->folder, sizeof b->folder, "%s/backup", data) < sizeof b->folder);
    take_away(b);
    return b;
}

static void step(void *self);

static void end_copy(upp_backup *b)
{
    sqlite3_backup_finish(b->steps);
    sqlite3_close(b->copy);
    b->steps = NULL;
    b->copy = NULL;
}

void upp_backup_free(upp_backup *backup)
{
    if (!backup)
        return;
    upp_loop_in(backup->loop, -1, step, backup);
    upp_loop_in(backup->loop, -1, expire, backup);
    end_copy(backup);
    if (backup->syncing)
        backup->syncing->backup = NULL;
    if (!backup->done || backup->bytes < 0)
        take_away(backup);
    free(backup);
}

/* -- the outcome -- */
static void send(const upp_backup *b, const upp_identity *to, const uint8_t id[16],
                 const ProtobufCMessage *outcome, const char *refused)
{
    uint8_t copy[16];
    memcpy(copy, id, sizeof copy);
    Uppsikt__AnswerHead head = UPPSIKT__ANSWER_HEAD__INIT;
    head.id = (ProtobufCBinaryData){ sizeof copy, copy };
    head.last = true;
    head.refused = upp_lend(refused);
    UPP_AUTO(upp_packed_free) upp_bytes chain = upp_wire_pack(&head.base);
    UPP_AUTO(upp_packed_free) upp_bytes body = { 0 };
    upp_frames frames = { .chain = chain };
    if (outcome) {
        body = upp_wire_pack(outcome);
        frames.type = upp_text(outcome->descriptor->name);
        frames.envelope = body;
    }
    (void)upp_wire_send(b->socket, to, &frames); /* gone: the same id again */
}

static void tell(upp_backup *b)
{
    char file[NAME + 8];
    if (b->bytes < 0) {
        send(b, &b->to, b->id, NULL, "backup-failed");
        return;
    }
    snprintf(file, sizeof file, "backup/%s", b->name);
    Uppsikt__BackupTaken out = UPPSIKT__BACKUP_TAKEN__INIT;
    out.file = file;
    out.bytes = b->bytes;
    out.sha256 = (ProtobufCBinaryData){ sizeof b->sha256, b->sha256 };
    out.epoch = (ProtobufCBinaryData){ sizeof b->head.epoch, b->head.epoch };
    out.seq = b->head.seq;
    out.hash = (ProtobufCBinaryData){ sizeof b->head.hash, b->head.hash };
    out.at_ms = b->at;
    send(b, &b->to, b->id, &out.base, "");
}

static void finish(upp_backup *b, int64_t bytes, const char *why)
{
    end_copy(b);
    b->bytes = bytes;
    b->done = true;
    if (bytes < 0) {
        upp_log(UPP_ERROR, NULL, "the store was not copied: %s", why);
        take_away(b);
    } else {
        upp_log(UPP_INFO, NULL, "the store was copied as of %lld, %lld bytes",
                (long long)b->head.seq, (long long)bytes);
        upp_loop_in(b->loop, kept_span, expire, b);
    }
    tell(b);
}

/* -- on the worker: the file and its name on the disk, and the file's hash -- */
static bool sync_path(const char *path, int flags)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | flags);
    const bool good = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return good;
}

static void sync_work(void *job)
{
    syncing *s = job;
    const int fd = open(s->path, O_RDONLY | O_CLOEXEC);
    s->good = fd >= 0 && fsync(fd) == 0 && upp_sha256_fd(fd, s->sha256, &s->bytes) == 0 &&
              sync_path(s->folder, O_DIRECTORY);
    if (fd >= 0)
        close(fd);
}

static void sync_back(void *job)
{
    syncing *s = job;
    upp_backup *b = s->backup;
    if (b) {
        b->syncing = NULL;
        memcpy(b->sha256, s->sha256, sizeof b->sha256);
        finish(b, s->good ? s->bytes : -1, "it could not be synced");
    }
    free(s);
}

static void sync_copy(upp_backup *b)
{
    syncing *s = calloc(1, sizeof *s);
    upp_check(s != NULL);
    s->backup = b;
    snprintf(s->folder, sizeof s->folder, "%s", b->folder);
    path_of(b, b->name, s->path);
    b->syncing = s;
    upp_loop_work(b->loop, sync_work, sync_back, s);
}

/* -- in the loop, between two turns: no batch is open, so the copy ends at a COMMIT -- */
static void step(void *self)
{
    upp_backup *b = self;
    const upp_ms until = upp_steady_now() + step_span;
    int rc = SQLITE_OK;
    while (rc == SQLITE_OK && upp_steady_now() < until)
        rc = sqlite3_backup_step(b->steps, PAGES);
    if (rc == SQLITE_OK || rc == SQLITE_BUSY || rc == SQLITE_LOCKED) {
        upp_loop_in(b->loop, 1, step, b);
        return;
    }
    if (rc != SQLITE_DONE) {
        finish(b, -1, sqlite3_errstr(rc));
        return;
    }
    b->head = upp_node_head(b->loop->node);
    b->at = upp_loop_now(b->loop);
    const int end = sqlite3_backup_finish(b->steps);
    b->steps = NULL;
    const int closed = sqlite3_close(b->copy);
    b->copy = NULL;
    if (end == SQLITE_OK && closed == SQLITE_OK)
        sync_copy(b);
    else
        finish(b, -1, sqlite3_errstr(end != SQLITE_OK ? end : closed));
}

static const char *begin(upp_backup *b)
{
    char path[PATH_MAX + NAME];
    char id[33];
    if (mkdir(b->folder, 0700) != 0 && errno != EEXIST)
        return strerror(errno);
    take_away(b);
    upp_hex(b->id, sizeof b->id, id);
    snprintf(b->name, sizeof b->name, "%s.db", id);
    path_of(b, b->name, path);
    /* Nothing of the copy counts until it has been synced whole: no journal, no syncs before. */
    if (sqlite3_open_v2(path, &b->copy, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) !=
            SQLITE_OK ||
        sqlite3_exec(b->copy, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF", NULL, NULL,
                     NULL) != SQLITE_OK)
        return "the file cannot be made";
    b->steps = sqlite3_backup_init(b->copy, "main", upp_node_db(b->loop->node), "main");
    return b->steps ? NULL : sqlite3_errmsg(b->copy);
}

void upp_backup_take(upp_backup *backup, const upp_identity *to, const uint8_t id[16])
{
    upp_backup *b = backup;
    const bool same = b->asked && memcmp(b->id, id, sizeof b->id) == 0;
    if (b->asked && !b->done && !same) {
        send(b, to, id, NULL, "busy");
        return;
    }
    b->to = *to;
    if (same) {
        if (b->done)
            tell(b);
        return;
    }
    memcpy(b->id, id, sizeof b->id);
    b->asked = true;
    b->done = false;
    const char *why = begin(b);
    if (why)
        finish(b, -1, why);
    else
        upp_loop_in(b->loop, 0, step, b);
}
