/* backup.c - `uppsikt backup DIR`: a copy of everything, taken while it works (operations.md §2.1).
 *
 * Each service copies its own store; then what its rows name is copied from its folder. Without
 * manifest.json, which comes last, a folder is no backup. */
#include "ask.h"
#include "backup_files.h"
#include "digest.h"
#include "key_files.h"
#include "ledger.h"
#include "lock.h"
#include "suite_clock.h"
#include "uppsikt/runtime.pb-c.h"
#include "verbs.h"
#include "verify.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct backup {
    verb_call *call;
    const char *folder;
    const uint8_t *recipient; /* NULL: it is not sealed */
    json_t *services, *files, *ledger;
} backup;

/* -- one store -- */
static int move_file(const char *from, const char *to)
{
    json_t *row = NULL;
    if (rename(from, to) == 0)
        return CALL_DONE;
    if (errno != EXDEV)
        return backup_failed(from);
    const int rc = backup_copy(from, to, "", NULL, &row);
    json_decref(row);
    if (rc == CALL_DONE && unlink(from) != 0)
        return backup_failed(from);
    return rc == 1 ? backup_failed(from) : rc;
}

/* The service does it itself: nobody else may write beside it, or make it wait. */
static int ask_copy(backup *b, const char *service, const char *data, char ret_copy[PATH_MAX])
{
    ProtobufCMessage *outcome = NULL;
    const Uppsikt__TakeBackup command = UPPSIKT__TAKE_BACKUP__INIT;
    const int rc =
        ask_command(b->call, service, &command.base, &uppsikt__backup_taken__descriptor, &outcome);
    if (rc != CALL_DONE)
        return rc;
    const Uppsikt__BackupTaken *taken = (const Uppsikt__BackupTaken *)outcome;
    const bool fits = strncmp(taken->file, "backup/", 7) == 0 && !strchr(taken->file + 7, '/') &&
                      home_path(data, taken->file, ret_copy);
    message_free(outcome);
    return fits ? CALL_DONE : CALL_CONFIG;
}

/* A service that is down: its lock is ours while we read. */
static int read_copy(const char *data, const char *store, char ret_copy[PATH_MAX])
{
    sqlite3 *copy = NULL;
    if (!home_path(data, "backup/at-rest.db", ret_copy) || backup_make_folders(ret_copy))
        return CALL_CONFIG;
    const char *to = ret_copy;
    const int lock = lock_take(data);
    (void)unlink(to); /* of one that was broken off */
    sqlite3 *db = lock >= 0 ? verify_open(store, false) : NULL;
    bool good = db && sqlite3_open(to, &copy) == SQLITE_OK;
    sqlite3_backup *steps = good ? sqlite3_backup_init(copy, "main", db, "main") : NULL;
    good = steps && sqlite3_backup_step(steps, -1) == SQLITE_DONE;
    good = sqlite3_backup_finish(steps) == SQLITE_OK && good;
    good = sqlite3_close(copy) == SQLITE_OK && good;
    sqlite3_close(db);
    if (lock >= 0)
        close(lock);
    if (!good)
        home_sayf("%s: it could not be copied; does its service run, and not answer?", store);
    return good ? CALL_DONE : CALL_WRONG;
}

/* A copy that nobody has looked through is none. */
static int look_through(backup *b, const char *service, const char *path)
{
    char epoch[33], hash[65];
    verify_found f = { 0 };
    verify_store(path, true, &f);
    if (f.wrong[0] || !ledger_of_store(b->ledger, path, true)) {
        home_sayf("%s: %s", path, f.wrong);
        return CALL_WRONG;
    }
    upp_hex(f.head.epoch, sizeof f.head.epoch, epoch);
    upp_hex(f.head.hash, sizeof f.head.hash, hash);
    json_array_append_new(b->services, json_pack("{s:s, s:s, s:I, s:s, s:I}", "service", service,
                                                 "epoch", epoch, "seq", (json_int_t)f.head.seq,
                                                 "hash", hash, "contents", (json_int_t)f.contents));
    return CALL_DONE;
}

static int sync_store(const char *path, const char *name, json_t **ret_row)
{
    uint8_t sha256[32];
    char hex[65];
    int64_t bytes = 0;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const bool good = fd >= 0 && fsync(fd) == 0 && upp_sha256_fd(fd, sha256, &bytes) == 0;
    if (fd >= 0)
        close(fd);
    if (!good)
        return backup_failed(path);
    upp_hex(sha256, 32, hex);
    *ret_row =
        json_pack("{s:s, s:I, s:s}", "path", name, "bytes", (json_int_t)bytes, "sha256", hex);
    return CALL_DONE;
}

/* From the data folder into the backup: looked through where it comes to lie, or before it is
 * sealed. */
static int put_store(backup *b, const char *service, const char *copy, const char *to,
                     const char *name)
{
    json_t *row = NULL;
    int rc = CALL_DONE;
    if (b->recipient) {
        rc = look_through(b, service, copy);
        if (rc == CALL_DONE)
            rc = backup_copy(copy, to, name, b->recipient, &row);
        if (unlink(copy) != 0 && rc == CALL_DONE)
            rc = backup_failed(copy);
    } else {
        rc = move_file(copy, to);
        if (rc == CALL_DONE)
            rc = sync_store(to, name, &row);
        if (rc == CALL_DONE)
            rc = look_through(b, service, to);
    }
    if (row)
        json_array_append_new(b->files, row);
    return rc == 1 ? CALL_WRONG : rc;
}

static int copy_service(backup *b, const char *service)
{
    char data[PATH_MAX], store[PATH_MAX], folder[PATH_MAX], to[PATH_MAX], copy[PATH_MAX];
    char db[64], name[160];
    snprintf(db, sizeof db, "%s.db", service);
    snprintf(name, sizeof name, "%s/%s", service, db);
    if (!backup_data_of(b->call->home, service, data) || !home_path(data, db, store) ||
        !home_path(b->folder, service, folder) || !home_path(folder, db, to) ||
        backup_make_folders(to))
        return CALL_CONFIG;
    if (access(store, F_OK) != 0)
        return CALL_DONE; /* configured, and never started */
    int rc = lock_held(data) ? ask_copy(b, service, data, copy) : read_copy(data, store, copy);
    if (rc == CALL_DONE)
        rc = put_store(b, service, copy, to, name);
    if (rc == CALL_DONE)
        rc = backup_copy_folder(data, folder, service, service, b->recipient, b->files);
    return rc;
}

/* -- what is the deployment's -- */
/* One file of a folder of the deployment, as <name>/<file>; fine when it is not there. */
static int copy_one(backup *b, const char *folder, const char *name, const char *file)
{
    char from[PATH_MAX], to[PATH_MAX], path[PATH_MAX];
    json_t *row = NULL;
    if (!home_path(folder, file, from) || !home_path(name, file, path) ||
        !home_path(b->folder, path, to))
        return CALL_CONFIG;
    const int rc = backup_copy(from, to, path, b->recipient, &row);
    if (rc == CALL_DONE)
        json_array_append_new(b->files, row);
    return rc == 1 ? CALL_DONE : rc;
}

static int is_config(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return dot && strcmp(dot, ".yaml") == 0;
}

/* The keys lie in a folder of the configuration's, as a rule: only its own files are taken. */
static int copy_config(backup *b)
{
    struct dirent **files = NULL;
    int rc = CALL_DONE;
    const int n = scandir(b->call->home->config, &files, is_config, NULL);
    if (n < 0)
        return backup_failed(b->call->home->config);
    for (int i = 0; i < n; i++) {
        if (rc == CALL_DONE)
            rc = copy_one(b, b->call->home->config, "config", files[i]->d_name);
        free(files[i]);
    }
    free(files);
    return rc;
}

static int copy_rest(backup *b)
{
    const verb_home *home = b->call->home;
    static const char *const secrets[] = { "lookup.key", "token.key", "tree.key", "webhook.key" };
    char to[PATH_MAX];
    if (copy_config(b) || copy_one(b, home->place, "place", "clock") ||
        (home->data[0] && copy_one(b, home->data, "place", HOME_FILE)))
        return CALL_CONFIG;
    if (!call_flag(b->call, "with-keys"))
        return CALL_DONE;
    for (size_t i = 0; i < UPP_LEN(secrets); i++)
        if (copy_one(b, home->place, "place", secrets[i]))
            return CALL_CONFIG;
    return home_path(b->folder, "keys", to)
               ? backup_copy_folder(home->keys, to, "keys", "", b->recipient, b->files)
               : CALL_CONFIG;
}

/* Named, so that it is seen what a restore on another machine will miss. */
static json_t *key_names(const verb_home *home)
{
    json_t *names = json_array();
    DIR *dir = opendir(home->keys);
    for (const struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir))
        if (e->d_name[0] != '.')
            json_array_append_new(names, json_string(e->d_name));
    if (dir)
        closedir(dir);
    json_array_append_new(names, json_string("lookup.key"));
    json_array_append_new(names, json_string("token.key"));
    json_array_append_new(names, json_string("tree.key"));
    json_array_append_new(names, json_string("webhook.key"));
    return names;
}

static int write_manifest(backup *b, upp_ms now)
{
    char open[SEAL_TEXT];
    const upp_ms expires = now + call_span(b->call, "keep", 90 * UPP_DAY);
    UPP_AUTO(json_freep)
    json_t *manifest =
        json_pack("{s:i, s:I, s:I, s:O, s:O, s:o, s:b}", "format", 1, "made_ms", (json_int_t)now,
                  "expires_ms", (json_int_t)expires, "services", b->services, "files", b->files,
                  "keys", key_names(b->call->home), "with_keys", call_flag(b->call, "with-keys"));
    if (!manifest)
        return CALL_CONFIG;
    if (b->recipient) {
        seal_open_text(b->recipient, open);
        json_object_set_new(manifest, "sealed_to", json_string(open));
    }
    return backup_write_manifest(b->folder, manifest);
}

static int make_folder(const char *path)
{
    if (mkdir(path, 0700) == 0)
        return CALL_DONE;
    if (errno != EEXIST)
        return backup_failed(path);
    if (rmdir(path) == 0 && mkdir(path, 0700) == 0)
        return CALL_DONE;
    home_sayf("%s: is there and not empty; each backup has a folder of its own", path);
    return CALL_USAGE;
}

static int copy_all(backup *b)
{
    char path[PATH_MAX];
    size_t n = 0;
    int rc = CALL_DONE;
    for (size_t i = 0; i < backup_n_order; i++)
        for (unsigned part = 1; part <= UPP_PARTS && rc == CALL_DONE; part++) {
            char name[UPP_PART_NAME];
            upp_part_name(backup_order[i], part, name);
            if (home_has(b->call->home, name))
                rc = copy_service(b, name);
        }
    if (rc == CALL_DONE)
        rc = copy_rest(b);
    if (rc == CALL_DONE)
        rc = home_path(b->folder, "disposed.ndjson", path) ? ledger_write(b->ledger, path, &n)
                                                           : CALL_CONFIG;
    return rc == CALL_DONE ? write_manifest(b, upp_real_now()) : rc;
}

/* CALL_DONE with *ret_recipient NULL: not sealed; that was asked for, or no key is there. */
static int find_recipient(const verb_call *call, uint8_t room[SEAL_KEY],
                          const uint8_t **ret_recipient)
{
    char path[PATH_MAX];
    const char *given = call_text(call, "to");
    *ret_recipient = NULL;
    if (call_flag(call, "plain"))
        return CALL_DONE;
    if (!home_path(call->home->config, SEAL_RECIPIENT, path))
        return CALL_CONFIG;
    if (!given && access(path, F_OK) != 0) {
        home_say("not sealed: who has the folder can read all of it; `uppsikt keys backup FILE`"
                 " makes a key");
        return CALL_DONE;
    }
    if (!seal_open_read(given ? given : path, room))
        return CALL_CONFIG;
    *ret_recipient = room;
    return CALL_DONE;
}

static int take(verb_call *call)
{
    UPP_AUTO(json_freep) json_t *services = json_array();
    UPP_AUTO(json_freep) json_t *files = json_array();
    UPP_AUTO(json_freep) json_t *ledger = json_array();
    uint8_t room[SEAL_KEY];
    backup b = { call, call->operands[0], NULL, services, files, ledger };
    if (!ask_client(call) || find_recipient(call, room, &b.recipient))
        return CALL_CONFIG;
    if (call->wait_span < UPP_HOUR)
        call->wait_span = UPP_HOUR; /* of a large store */
    int rc = make_folder(b.folder);
    if (rc == CALL_DONE)
        rc = copy_all(&b);
    if (rc != CALL_DONE) {
        home_sayf("%s: no backup was made; without manifest.json it is none", b.folder);
        return rc;
    }
    if (call->json)
        print_json(services);
    else
        print_table(call->home, services,
                    "SERVICE=service EVENTS=seq CONTENTS=contents EPOCH=epoch");
    return CALL_DONE;
}

static const verb_option options[] = {
    TEXT("to", "FILE", NULL, "the public key that it is sealed to (config/" SEAL_RECIPIENT ")"),
    FLAG("plain", NULL, "not sealed, though there is a key"),
    FLAG("with-keys", NULL, "the secret keys too: who can read the backup is then everybody"),
    SPAN("keep", "SPAN", NULL, "when this generation is to be thrown away (90d), in its manifest"),
};
static const verb_action actions[] = {
    RUN("", "DIR", "", OPTIONS(options), take),
};

const verb_row verb_backup = {
    .name = "backup",
    .help = "a copy of every store, its files and the configuration, while all works",
    .actions = actions,
    .n_actions = UPP_LEN(actions),
    .more =
        "DIR is made. manifest.json, with the hash of every file, is written last. Each store\n"
        "is consistent in itself and looked through; keys are named, and copied only when asked.\n"
        "DIR/disposed.ndjson is what has been disposed of: give the newest one to restore.\n"
        "Sealed, all but these two files can be opened by the secret key alone, which is not\n"
        "needed to take a backup: `uppsikt keys backup` makes it, `uppsikt verify DIR` and\n"
        "`uppsikt restore DIR` take it. The two name services, ids of our own, heads of logs.\n",
};
