/* keys_hand_out.c - `uppsikt keys hand-out DIR`: each program's own secrets in a folder of its own,
 * named as $CREDENTIALS_DIRECTORY wants them, so that a container, a unit or a pod is given what is
 * its own and nothing else. */
#include "keys_hand_out.h"
#include "ask.h"
#include "key_files.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PUBLIC "public"

enum { LONGEST = 4096 };

/* Which file of `place` a program opens by which option (uppsikt-<service> --help). */
static const struct {
    const char *service, *file, *option; /* service NULL: all; the operators' command: all of these,
                                            since it looks at every store, and restores it */
} secrets[] = {
    { NULL, "lookup.key", "lookup_key" },
    { "ingest", "token.key", "token_key" },
    { "evidence", "tree.key", "tree_key" },
    { "feed", "webhook.key", "webhook_key" },
};

static int failed(const char *path)
{
    home_sayf("%s: %s", path, strerror(errno));
    return CALL_CONFIG;
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static void close_dir(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

/* Written whole and synced under another name, then renamed: who reads sees the old or the new. */
static int write_file(const char *path, const uint8_t *bytes, size_t n, mode_t mode)
{
    char fresh[PATH_MAX + 8];
    snprintf(fresh, sizeof fresh, "%s.new", path);
    if (unlink(fresh) != 0 && errno != ENOENT)
        return failed(fresh);
    UPP_AUTO(close_fd) int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    const bool written = fd >= 0 && write(fd, bytes, n) == (ssize_t)n && fchmod(fd, mode) == 0 &&
                         fsync(fd) == 0 && rename(fresh, path) == 0;
    return written ? CALL_DONE : failed(path);
}

static int copy(const char *from, const char *folder, const char *name, mode_t mode,
                size_t *n_files)
{
    uint8_t bytes[LONGEST];
    char path[PATH_MAX];
    UPP_AUTO(close_fd) int fd = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    const ssize_t n = fd >= 0 ? read(fd, bytes, sizeof bytes) : -1;
    if (n < 0)
        return failed(from);
    if (n == LONGEST || !home_path(folder, name, path)) {
        home_sayf("%s: is no key: it is longer than one, or its name is", from);
        return CALL_CONFIG;
    }
    const int rc = write_file(path, bytes, (size_t)n, mode);
    sodium_memzero(bytes, sizeof bytes);
    *n_files += rc == CALL_DONE;
    return rc;
}

/* umask or an older one: the mode is what it should be. */
static int make_folder(const char *path, mode_t mode)
{
    if (mkdir(path, mode) != 0 && errno != EEXIST)
        return failed(path);
    UPP_AUTO(close_fd) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0)
        return failed(path);
    return (st.st_mode & 07777) == mode || fchmod(fd, mode) == 0 ? CALL_DONE : failed(path);
}

static bool is_service(const char *peer)
{
    for (size_t i = 0; i < home_n_services; i++)
        if (upp_part_of(home_services[i], peer))
            return true;
    return false;
}

/* The group may read: a container's user that is not ours, systemd's and Kubernetes' do so. */
static int give(const verb_home *home, const char *peer, const char *to, size_t *n_files)
{
    char folder[PATH_MAX], from[PATH_MAX], name[64];
    if (!key_files_path(home, peer, "key", from))
        return CALL_CONFIG;
    if (access(from, F_OK) != 0) /* no part of this deployment */
        return CALL_DONE;
    snprintf(name, sizeof name, "%s.key", peer);
    if (!home_path(to, peer, folder) || make_folder(folder, 0750) ||
        copy(from, folder, name, 0440, n_files))
        return CALL_CONFIG;
    for (size_t i = 0; i < UPP_LEN(secrets); i++) {
        const char *whose = secrets[i].service;
        const bool theirs = whose ? strcmp(whose, peer) == 0 : is_service(peer);
        if (!theirs && strcmp(peer, "uppsikt") != 0)
            continue;
        if (!home_path(home->place, secrets[i].file, from) ||
            copy(from, folder, secrets[i].option, 0440, n_files))
            return CALL_CONFIG;
    }
    return CALL_DONE;
}

static bool ends_with(const char *name, const char *end)
{
    const size_t n = strlen(name), m = strlen(end);
    return n > m && strcmp(name + n - m, end) == 0;
}

static bool is_public(const char *name)
{
    return ends_with(name, ".pub") || ends_with(name, ".pub.old");
}

/* A peer that was revoked, or the old half of a pair, must not stay good where it was handed to. */
static int forget_gone(const verb_home *home, const char *folder)
{
    UPP_AUTO(close_dir) DIR *dir = opendir(folder);
    if (!dir)
        return failed(folder);
    for (const struct dirent *e = readdir(dir); e; e = readdir(dir)) {
        char ours[PATH_MAX], theirs[PATH_MAX];
        if (!is_public(e->d_name) || !home_path(home->keys, e->d_name, ours) ||
            access(ours, F_OK) == 0)
            continue;
        if (!home_path(folder, e->d_name, theirs) || unlink(theirs) != 0)
            return failed(theirs);
    }
    return CALL_DONE;
}

static int publish(const verb_home *home, const char *to, size_t *n_files)
{
    char folder[PATH_MAX];
    UPP_AUTO(close_dir) DIR *dir = opendir(home->keys);
    if (!dir)
        return failed(home->keys);
    if (!home_path(to, PUBLIC, folder) || make_folder(folder, 0755))
        return CALL_CONFIG;
    for (const struct dirent *e = readdir(dir); e; e = readdir(dir)) {
        char from[PATH_MAX];
        if (is_public(e->d_name) && (!home_path(home->keys, e->d_name, from) ||
                                     copy(from, folder, e->d_name, 0444, n_files)))
            return CALL_CONFIG;
    }
    return forget_gone(home, folder);
}

/* A folder that is no deployment yet may hold the masters alone. */
static int find_home(verb_call *call)
{
    char path[PATH_MAX];
    const char *data = call_text(call, "data");
    if (data && home_path(data, HOME_FILE, path) && access(path, F_OK) != 0)
        return key_files_home(call);
    return ask_home(call);
}

int keys_hand_out(verb_call *call)
{
    size_t made = 0, n_files = 0;
    const char *to = call->operands[0];
    int rc = find_home(call);
    if (rc == CALL_DONE)
        rc = key_files_make(call->home, &made);
    if (rc == CALL_DONE && mkdir(to, 0755) == 0)
        rc = make_folder(to, 0755); /* whatever our umask: who comes for his own passes through */
    else if (rc == CALL_DONE && errno != EEXIST)
        rc = failed(to);
    for (size_t i = 0; rc == CALL_DONE && key_files_peer(call->home, i); i++)
        rc = give(call->home, key_files_peer(call->home, i), to, &n_files);
    if (rc == CALL_DONE)
        rc = publish(call->home, to, &n_files);
    if (rc != CALL_DONE)
        return rc;
    if (call->json)
        printf("{\"made\":%zu,\"handed_out\":%zu}\n", made, n_files);
    else
        printf("%zu files made, %zu handed out into %s\n", made, n_files, to);
    return CALL_DONE;
}
