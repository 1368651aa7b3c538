/* key_files.c - the key files of one deployment. */
#include "key_files.h"
#include "keys.h"
#include "secret_file.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

extern const char uppsikt_rights_yaml[];

const char *key_files_peer(const verb_home *home, size_t i)
{
    if (i < home->n_services)
        return home->services[i];
    return i - home->n_services < home_n_peers ? home_peers[i - home->n_services] : NULL;
}

bool key_files_path(const verb_home *home, const char *peer, const char *suffix,
                    char ret_path[PATH_MAX])
{
    char name[64];
    snprintf(name, sizeof name, "%s.%s", peer, suffix);
    return home_path(home->keys, name, ret_path);
}

static int failed(const char *path)
{
    home_sayf("%s: cannot be made: %s", path, strerror(errno));
    return CALL_CONFIG;
}

static bool beside(const char *folder, const char *peer)
{
    char name[64];
    char path[PATH_MAX];
    snprintf(name, sizeof name, "uppsikt-%s", peer);
    return home_path(folder, name, path) && access(path, X_OK) == 0;
}

/* Whose program lies beside ours; where none does (a container of this command alone), everybody's.
 * A key says that its peer is part of the deployment: who has none is not waited for (/readyz). */
static bool is_part(const verb_home *home, size_t i)
{
    char folder[PATH_MAX];
    bool any = false;
    const ssize_t n = readlink("/proc/self/exe", folder, sizeof folder - 1);
    if (i >= home->n_services || n <= 0)
        return true;
    folder[n] = '\0';
    *strrchr(folder, '/') = '\0';
    for (size_t k = 0; k < home_n_services && !any; k++)
        any = beside(folder, home_services[k]);
    return !any || beside(folder, home_whole(home->services[i]));
}

int key_files_home(verb_call *call)
{
    const char *data = call_text(call, "data");
    verb_home *home = call->home;
    *home = (verb_home){ .keys = "/etc/uppsikt/keys",
                         .config = "/etc/uppsikt",
                         .place = "/var/lib/uppsikt/place" };
    if (data && (!home_path(data, "keys", home->keys) || !home_path(data, "place", home->place) ||
                 !home_path(data, "config", home->config)))
        return CALL_USAGE;
    const char *keys = call_text(call, "keys");
    if (keys && (size_t)snprintf(home->keys, sizeof home->keys, "%s", keys) >= sizeof home->keys)
        return CALL_USAGE;
    if (data && mkdir(data, 0700) != 0 && errno != EEXIST)
        return failed(data);
    home_list(home);
    return CALL_DONE;
}

static int make_pairs(const verb_home *home, size_t *made)
{
    for (size_t i = 0; key_files_peer(home, i); i++) {
        char path[PATH_MAX];
        if (!is_part(home, i))
            continue;
        if (!key_files_path(home, key_files_peer(home, i), "pub", path))
            return CALL_CONFIG;
        if (access(path, F_OK) == 0)
            continue;
        if (upp_keys_make(home->keys, key_files_peer(home, i)) < 0)
            return failed(path);
        ++*made;
    }
    return CALL_DONE;
}

static int make_secrets(const verb_home *home, size_t *made)
{
    static const char *const names[] = { "lookup.key", "token.key", "tree.key", "webhook.key" };
    for (size_t i = 0; i < UPP_LEN(names); i++) {
        char path[PATH_MAX];
        if (!home_path(home->place, names[i], path))
            return CALL_CONFIG;
        const int there = secret_file_make(path);
        if (there < 0)
            return failed(path);
        *made += there == 0;
    }
    return CALL_DONE;
}

static int make_rights(const verb_home *home, size_t *made)
{
    char path[PATH_MAX];
    if (!home_path(home->config, "rights.yaml", path))
        return CALL_CONFIG;
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0)
        return errno == EEXIST ? CALL_DONE : failed(path);
    const size_t n = strlen(uppsikt_rights_yaml);
    const bool written = write(fd, uppsikt_rights_yaml, n) == (ssize_t)n && fsync(fd) == 0;
    close(fd);
    if (!written)
        return failed(path);
    ++*made;
    return CALL_DONE;
}

int key_files_make(const verb_home *home, size_t *ret_made)
{
    size_t made = 0;
    const char *const folders[] = { home->keys, home->place, home->config };
    for (size_t i = 0; i < UPP_LEN(folders); i++)
        if (mkdir(folders[i], 0700) != 0 && errno != EEXIST)
            return failed(folders[i]);
    int rc = make_pairs(home, &made);
    if (rc == CALL_DONE)
        rc = make_secrets(home, &made);
    if (rc == CALL_DONE)
        rc = make_rights(home, &made);
    *ret_made = made;
    return rc;
}
