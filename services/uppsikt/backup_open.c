/* backup_open.c - each file opened beside, and a manifest written for what came out. */
#include "backup_open.h"
#include "digest.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *text(const json_t *row, const char *key)
{
    const char *s = json_string_value(json_object_get(row, key));
    return s ? s : "";
}

json_t *backup_manifest(const char *folder)
{
    char path[PATH_MAX];
    json_error_t error;
    if (!home_path(folder, "manifest.json", path))
        return NULL;
    json_t *manifest = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (!manifest)
        home_sayf("%s:%d: %s; a backup without it was not finished", path, error.line, error.text);
    else if (json_integer_value(json_object_get(manifest, "format")) == 1 &&
             json_is_array(json_object_get(manifest, "services")) &&
             json_is_array(json_object_get(manifest, "files")))
        return manifest;
    else
        home_sayf("%s: of another version of uppsikt", path);
    json_decref(manifest);
    return NULL;
}

bool backup_is_sealed(const json_t *manifest)
{
    return json_object_get(manifest, "sealed_to") != NULL;
}

bool backup_key(const verb_call *call, const json_t *manifest, seal_key *ret_key)
{
    char open[SEAL_TEXT];
    const char *path = call_text(call, "key-file");
    if (!path) {
        home_sayf("the backup is sealed to %s: give that key with --key-file",
                  text(manifest, "sealed_to"));
        return false;
    }
    if (!seal_key_read(path, ret_key))
        return false;
    seal_open_text(ret_key->open, open);
    if (strcmp(open, text(manifest, "sealed_to")) == 0)
        return true;
    home_sayf("%s: is the key of %s, and the backup is sealed to %s", path, open,
              text(manifest, "sealed_to"));
    seal_key_wipe(ret_key);
    return false;
}

/* -- one file -- */
static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

/* `name` without SEAL_SUFFIX; false: it has none. */
static bool plain_name(const char *name, char ret_name[PATH_MAX])
{
    const size_t n = strlen(name), suffix = strlen(SEAL_SUFFIX);
    if (n <= suffix || n >= PATH_MAX || strcmp(name + n - suffix, SEAL_SUFFIX) != 0) {
        home_sayf("%s: is not sealed, in a sealed backup", name);
        return false;
    }
    memcpy(ret_name, name, n - suffix);
    ret_name[n - suffix] = '\0';
    return true;
}

/* `to` is a new file of ours, or /dev/null. */
static bool open_into(const char *folder, const json_t *row, const seal_key *key, int to,
                      const char *name)
{
    char from[PATH_MAX];
    if (!home_path(folder, text(row, "path"), from))
        return false;
    UPP_AUTO(close_fd) int in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    const char *why = in < 0 ? strerror(errno) : seal_open_pour(in, to, name, key);
    if (why)
        home_sayf("%s: %s", from, why);
    return !why;
}

static int open_file(const char *folder, const json_t *row, const seal_key *key, const char *to,
                     json_t *rows)
{
    char name[PATH_MAX], path[PATH_MAX], hex[65];
    uint8_t sha256[32];
    int64_t bytes = 0;
    if (!backup_check(folder, row) || !plain_name(text(row, "path"), name))
        return CALL_WRONG;
    if (!home_path(to, name, path) || backup_make_folders(path))
        return CALL_CONFIG;
    UPP_AUTO(close_fd) int out = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (out < 0)
        return backup_failed(path);
    if (!open_into(folder, row, key, out, name))
        return CALL_WRONG;
    if (fsync(out) != 0 || upp_sha256_fd(out, sha256, &bytes) < 0)
        return backup_failed(path);
    upp_hex(sha256, sizeof sha256, hex);
    json_array_append_new(rows, json_pack("{s:s, s:I, s:s}", "path", name, "bytes",
                                          (json_int_t)bytes, "sha256", hex));
    return CALL_DONE;
}

/* -- all -- */
static int open_files(const char *folder, const json_t *manifest, const seal_key *key,
                      const char *to)
{
    size_t i = 0;
    json_t *row = NULL;
    json_t *ledger = NULL;
    char from[PATH_MAX], path[PATH_MAX];
    UPP_AUTO(json_freep) json_t *rows = json_array();
    json_array_foreach(json_object_get(manifest, "files"), i, row)
    {
        const int rc = open_file(folder, row, key, to, rows);
        if (rc != CALL_DONE)
            return rc;
    }
    if (!home_path(folder, "disposed.ndjson", from) || !home_path(to, "disposed.ndjson", path) ||
        backup_copy(from, path, "", NULL, &ledger) != CALL_DONE)
        return backup_failed(from);
    json_decref(ledger);
    UPP_AUTO(json_freep) json_t *plain = json_copy((json_t *)(uintptr_t)manifest);
    json_object_set(plain, "files", rows);
    json_object_del(plain, "sealed_to");
    return backup_write_manifest(to, plain);
}

int backup_open(const char *folder, const json_t *manifest, const seal_key *key, const char *to)
{
    if (mkdir(to, 0700) != 0)
        return backup_failed(to);
    const int rc = open_files(folder, manifest, key, to);
    if (rc != CALL_DONE)
        (void)backup_remove_folder(to); /* it says itself what it could not */
    return rc;
}

/* -- the verbs -- */
static int write_open(const char *path, const char *text)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    const bool good = fd >= 0 && dprintf(fd, "%s\n", text) == SEAL_TEXT && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return good ? CALL_DONE : backup_failed(path);
}

int backup_make_key(verb_call *call)
{
    char path[PATH_MAX], text[SEAL_TEXT];
    UPP_AUTO(seal_key_wipe) seal_key key = { .open = { 0 } };
    const int found = ask_home(call);
    if (found != CALL_DONE)
        return found;
    if (!home_path(call->home->config, SEAL_RECIPIENT, path))
        return CALL_CONFIG;
    if (access(path, F_OK) == 0) {
        home_sayf("%s: is there already; older backups need its key: move it away first", path);
        return CALL_WRONG;
    }
    int rc = seal_key_make(call->operands[0], &key);
    if (rc == CALL_DONE) {
        seal_open_text(key.open, text);
        rc = write_open(path, text);
    }
    if (rc == CALL_DONE && !call->json)
        printf("backups are sealed to %s from now on (%s)\n"
               "%s opens them: keep it away from this machine, and two copies of it\n",
               text, path, call->operands[0]);
    return rc;
}

/* Nothing is written: what comes out of each file is thrown away. */
static bool opens(const char *folder, const json_t *manifest, const seal_key *key)
{
    size_t i = 0;
    json_t *row = NULL;
    bool good = true;
    UPP_AUTO(close_fd) int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    json_array_foreach(json_object_get(manifest, "files"), i, row)
    {
        char name[PATH_MAX];
        good = plain_name(text(row, "path"), name) && open_into(folder, row, key, nowhere, name) &&
               good;
    }
    return nowhere >= 0 && good;
}

bool backup_is_one(const char *folder)
{
    char path[PATH_MAX];
    return home_path(folder, "disposed.ndjson", path) && access(path, F_OK) == 0;
}

int backup_verify(verb_call *call, const char *folder)
{
    UPP_AUTO(json_freep) json_t *manifest = backup_manifest(folder);
    UPP_AUTO(seal_key_wipe) seal_key key = { .open = { 0 } };
    size_t i = 0;
    json_t *row = NULL;
    bool good = manifest != NULL;
    json_array_foreach(json_object_get(manifest, "files"), i, row)
    {
        good = backup_check(folder, row) && good;
    }
    const bool sealed = backup_is_sealed(manifest);
    const bool with_key = sealed && call_text(call, "key-file");
    if (with_key)
        good = good && backup_key(call, manifest, &key) && opens(folder, manifest, &key);
    if (!good)
        return CALL_WRONG;
    if (call->json) {
        UPP_AUTO(json_freep)
        json_t *all = json_pack("{s:b, s:I, s:b, s:b}", "good", true, "files", (json_int_t)i,
                                "sealed", sealed, "opened", with_key);
        print_json(all);
        return CALL_DONE;
    }
    printf("%zu files are what was backed up%s\n", i,
           with_key ? ", and each can be opened"
           : sealed ? "; whether they can be opened is not known without --key-file"
                    : "; they are not sealed");
    return CALL_DONE;
}
