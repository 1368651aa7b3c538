/* keys.c - a folder of keys, read whole and swapped whole. */
#include "keys.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

enum { PEERS_MAX = 1024, PATH_BYTES = 4096, LINE_BYTES = 4400 };

typedef struct peer_key {
    char peer[UPP_PEER];
    char z85[UPP_Z85];
    bool old; /* of <peer>.pub.old */
} peer_key;

struct upp_keys {
    char dir[PATH_BYTES];
    char self[UPP_PEER];
    char secret[UPP_Z85], public[UPP_Z85];
    char secret_path[PATH_BYTES + 64];
    mode_t others;        /* bits that its mode must not have */
    pthread_mutex_t lock; /* the ZAP thread reads what the loop swaps */
    peer_key *peers;
    size_t n;
    unsigned generation;
};

UPP_PRINTF(2, 3) static void complain(void (*say)(const char *line), const char *fmt, ...);

static void complain(void (*say)(const char *line), const char *fmt, ...)
{
    char line[LINE_BYTES];
    va_list args;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    say(line);
}

bool upp_peer_fits(const char *name)
{
    const size_t n = strlen(name);
    if (n == 0 || n >= UPP_PEER || name[0] < 'a' || name[0] > 'z')
        return false;
    return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == n;
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

/* 40 characters of Z85 and nothing but a newline; and it must decode. */
static bool read_key(int fd, char ret_z85[UPP_Z85])
{
    char text[UPP_Z85 + 2] = { 0 };
    const ssize_t n = read(fd, text, sizeof text - 1);
    uint8_t raw[32];
    bool good = n >= UPP_Z85 - 1 && (text[40] == '\0' || strcmp(text + 40, "\n") == 0);
    text[40] = '\0';
    good = good && strlen(text) == 40 && zmq_z85_decode(raw, text) != NULL;
    if (good)
        memcpy(ret_z85, text, UPP_Z85);
    sodium_memzero(raw, sizeof raw);
    sodium_memzero(text, sizeof text);
    return good;
}

/* `others` are the mode's bits that must not be there. */
static bool read_secret(const char *path, mode_t others, char ret_z85[UPP_Z85],
                        void (*say)(const char *line))
{
    UPP_AUTO(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) < 0) {
        complain(say, "%s: the secret key cannot be read: %s", path, strerror(errno));
        return false;
    }
    if (!S_ISREG(st.st_mode) || (st.st_mode & others) != 0) {
        complain(say, "%s: a secret key that others may read: chmod 600, and make a new one", path);
        return false;
    }
    if (read_key(fd, ret_z85))
        return true;
    complain(say, "%s: not a key: 40 characters of Z85 are wanted", path);
    return false;
}

/* The peer's name of "<peer>.pub" and "<peer>.pub.old"; false for every other file. */
static bool peer_of_file(const char *file, peer_key *ret_key)
{
    const char *dot = strchr(file, '.');
    const size_t n = dot ? (size_t)(dot - file) : 0;
    ret_key->old = dot && strcmp(dot, ".pub.old") == 0;
    if (n == 0 || n >= UPP_PEER || (!ret_key->old && strcmp(dot, ".pub") != 0))
        return false;
    memcpy(ret_key->peer, file, n);
    ret_key->peer[n] = '\0';
    return upp_peer_fits(ret_key->peer);
}

static void close_dir(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

static bool add_peer(const char *folder, const char *file, peer_key *peers, size_t *n,
                     void (*say)(const char *line))
{
    peer_key *p = &peers[*n];
    if (!peer_of_file(file, p))
        return true;
    if (*n + 1 == PEERS_MAX) {
        complain(say, "%s: more than %d public keys", folder, PEERS_MAX - 1);
        return false;
    }
    char path[PATH_BYTES + 300];
    snprintf(path, sizeof path, "%s/%s", folder, file);
    UPP_AUTO(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0 || !read_key(fd, p->z85)) {
        complain(say, "%s: not a public key: 40 characters of Z85 are wanted", path);
        return false;
    }
    for (size_t i = 0; i < *n; i++)
        if (strcmp(peers[i].z85, p->z85) == 0 && strcmp(peers[i].peer, p->peer) != 0) {
            complain(say, "%s: the same key as %s's: each peer has its own", path, peers[i].peer);
            return false;
        }
    ++*n;
    return true;
}

static void free_peers(peer_key **peers)
{
    free(*peers);
    *peers = NULL;
}

static int read_folder(upp_keys *keys, void (*say)(const char *line))
{
    UPP_AUTO(free_peers) peer_key *peers = calloc(PEERS_MAX, sizeof *peers);
    upp_check(peers != NULL);
    UPP_AUTO(close_dir) DIR *dir = opendir(keys->dir);
    if (!dir) {
        complain(say, "%s: the folder of keys cannot be read: %s", keys->dir, strerror(errno));
        return UPP_E_INPUT;
    }
    size_t n = 0;
    const bool changed = upp_keys_changed(keys); /* then <self>.pub is of the one to come */
    for (const struct dirent *e = readdir(dir); e; e = readdir(dir))
        if (!add_peer(keys->dir, e->d_name, peers, &n, say))
            return UPP_E_INPUT;
    for (size_t i = 0; i < n; i++)
        if (!changed && !peers[i].old && strcmp(peers[i].peer, keys->self) == 0 &&
            strcmp(peers[i].z85, keys->public) != 0) {
            complain(say, "%s/%s.pub: not the public half of our secret key", keys->dir,
                     keys->self);
            return UPP_E_INPUT;
        }
    peer_key *fitting = realloc(peers, (n > 0 ? n : 1) * sizeof *peers);
    upp_check(fitting != NULL);
    peers = fitting;
    pthread_mutex_lock(&keys->lock);
    peer_key *old = keys->peers;
    keys->peers = peers;
    keys->n = n;
    keys->generation++;
    pthread_mutex_unlock(&keys->lock);
    peers = old;
    return 0;
}

static void free_keys(upp_keys **keys)
{
    upp_keys_free(*keys);
}

upp_keys *upp_keys_open(const char *dir, const char *self, void (*say)(const char *line))
{
    UPP_AUTO(free_keys) upp_keys *keys = calloc(1, sizeof *keys);
    upp_check(keys != NULL && pthread_mutex_init(&keys->lock, NULL) == 0);
    if (!upp_peer_fits(self) || strlen(dir) >= sizeof keys->dir) {
        complain(say, "%s: not a peer's name, or the folder's name is too long", self);
        return NULL;
    }
    snprintf(keys->dir, sizeof keys->dir, "%s", dir);
    snprintf(keys->self, sizeof keys->self, "%s", self);

    char *path = keys->secret_path;
    snprintf(path, sizeof keys->secret_path, "%s/%s.key", dir, self);
    const char *credentials = getenv("CREDENTIALS_DIRECTORY");
    keys->others = 077;
    if (access(path, F_OK) != 0 && credentials && strlen(credentials) < PATH_BYTES) {
        snprintf(path, sizeof keys->secret_path, "%s/%s.key", credentials, self);
        keys->others = 007; /* systemd gives by an access list, whose mask stands in the group's
                               bits */
    }
    if (!read_secret(path, keys->others, keys->secret, say))
        return NULL;
    if (zmq_curve_public(keys->public, keys->secret) != 0) {
        complain(say, "%s: not a CURVE key", path);
        return NULL;
    }
    if (read_folder(keys, say) < 0)
        return NULL;
    upp_keys *done = keys;
    keys = NULL;
    return done;
}

void upp_keys_free(upp_keys *keys)
{
    if (!keys)
        return;
    pthread_mutex_destroy(&keys->lock);
    free(keys->peers);
    sodium_memzero(keys, sizeof *keys);
    free(keys);
}

static void say_nothing(const char *line)
{
    (void)line; /* half of a new pair is not there yet: the next reload looks again */
}

bool upp_keys_changed(const upp_keys *keys)
{
    char secret[UPP_Z85], public[UPP_Z85];
    const bool changed = read_secret(keys->secret_path, keys->others, secret, say_nothing) &&
                         strcmp(secret, keys->secret) != 0 && zmq_curve_public(public, secret) == 0;
    sodium_memzero(secret, sizeof secret);
    return changed;
}

int upp_keys_reload(upp_keys *keys, void (*say)(const char *line))
{
    return read_folder(keys, say);
}

const char *upp_keys_self(const upp_keys *keys)
{
    return keys->self;
}

const char *upp_keys_secret(const upp_keys *keys)
{
    return keys->secret;
}

const char *upp_keys_public(const upp_keys *keys)
{
    return keys->public;
}

unsigned upp_keys_generation(upp_keys *keys)
{
    pthread_mutex_lock(&keys->lock);
    const unsigned generation = keys->generation;
    pthread_mutex_unlock(&keys->lock);
    return generation;
}

bool upp_keys_peer(upp_keys *keys, const char z85[UPP_Z85], char ret_peer[UPP_PEER])
{
    bool found = false;
    pthread_mutex_lock(&keys->lock);
    for (size_t i = 0; i < keys->n && !found; i++)
        if (strcmp(keys->peers[i].z85, z85) == 0) {
            memcpy(ret_peer, keys->peers[i].peer, UPP_PEER);
            found = true;
        }
    pthread_mutex_unlock(&keys->lock);
    return found;
}

bool upp_keys_of(upp_keys *keys, const char *peer, char ret_z85[UPP_Z85])
{
    bool found = false;
    pthread_mutex_lock(&keys->lock);
    for (size_t i = 0; i < keys->n && !found; i++)
        if (!keys->peers[i].old && strcmp(keys->peers[i].peer, peer) == 0) {
            memcpy(ret_z85, keys->peers[i].z85, UPP_Z85);
            found = true;
        }
    pthread_mutex_unlock(&keys->lock);
    return found;
}

static int write_key(const char *dir, const char *peer, const char *suffix, mode_t mode,
                     const char z85[UPP_Z85])
{
    char path[PATH_BYTES];
    if ((size_t)snprintf(path, sizeof path, "%s/%s.%s", dir, peer, suffix) >= sizeof path) {
        errno = ENAMETOOLONG;
        return UPP_E_INPUT;
    }
    UPP_AUTO(close_fd) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0)
        return UPP_E_INPUT;
    const bool written = write(fd, z85, UPP_Z85 - 1) == UPP_Z85 - 1 && write(fd, "\n", 1) == 1;
    return written && fsync(fd) == 0 ? 0 : UPP_E_INPUT;
}

int upp_keys_make(const char *dir, const char *peer)
{
    char secret[UPP_Z85];
    char public[UPP_Z85];
    if (!upp_peer_fits(peer)) {
        errno = EINVAL;
        return UPP_E_INPUT;
    }
    upp_check(zmq_curve_keypair(public, secret) == 0);
    const int rc = write_key(dir, peer, "key", 0600, secret);
    sodium_memzero(secret, sizeof secret);
    UPP_TRY(rc);
    UPP_TRY(write_key(dir, peer, "pub", 0644, public));
    UPP_AUTO(close_fd) int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 && fsync(fd) == 0 ? 0 : UPP_E_INPUT;
}
