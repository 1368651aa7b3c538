/* port_publish.c - the public register's files, all three at once: a folder of their own is written
 * and synced, then the link `current` is moved to it (R09, I23). */
#include "page.h"
#include "registry.h"
#include "upp/port.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

extern const upp_port *const upp_registry_ports[];

enum { NAME_SIZE = 96, PARTS_MAX = 1024 };

/* One state of the register: later ones win. */
typedef struct stamp {
    upp_ms at_ms; /* first: after a restore the log's numbers begin lower again */
    int64_t at_seq, rows;
} stamp;

typedef struct held {
    int64_t id;
    const Uppsikt__PublishRegister *request; /* lent until upp_done */
} held;

typedef struct publisher {
    upp_loop *loop;
    const registry_config *config;
    zone *zone;
    stamp shown; /* what `current` points to, as far as the loop has heard */
    held parts[PARTS_MAX];
    size_t n_parts;
} publisher;

/* All parts of one state, on their way through the worker. */
typedef struct job {
    publisher *port;
    stamp stamp;
    held *parts;
    size_t n_parts;
    const Uppsikt__RegisterRow **rows;
    int failed; /* errno */
} job;

static int order(const stamp *a, const stamp *b)
{
    if (a->at_ms != b->at_ms)
        return a->at_ms < b->at_ms ? -1 : 1;
    return a->at_seq < b->at_seq ? -1 : a->at_seq > b->at_seq;
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd); /* what must last was synced before */
}

static void free_text(char **text)
{
    free(*text);
}

/* -- on the worker -- */
static int write_all(int fd, const char *at, size_t len)
{
    while (len > 0) {
        const ssize_t n = write(fd, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno;
        at += n;
        len -= (size_t)n;
    }
    return 0;
}

/* Readable for the web server, whatever the umask is. */
static int write_file(int folder, const char *name, const char *text, size_t len)
{
    UPP_AUTO(close_fd)
    int fd = openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0)
        return errno;
    const int rc = write_all(fd, text, len);
    if (rc)
        return rc;
    return fchmod(fd, 0644) < 0 || fsync(fd) < 0 ? errno : 0;
}

static int write_files(int folder, const page *p)
{
    const struct {
        const char *name;
        char *(*make)(const page *p, size_t *ret_len);
    } files[] = { { "index.html", page_html },
                  { "register.json", page_json },
                  { "register.csv", page_csv } };
    for (size_t i = 0; i < UPP_LEN(files); i++) {
        size_t len = 0;
        UPP_AUTO(free_text) char *text = files[i].make(p, &len);
        const int rc = write_file(folder, files[i].name, text, len);
        if (rc)
            return rc;
    }
    return fchmod(folder, 0755) < 0 || fsync(folder) < 0 ? errno : 0;
}

static void name_of(const stamp *s, char ret_name[NAME_SIZE])
{
    snprintf(ret_name, NAME_SIZE, "at-%" PRId64 "-%" PRId64 "-%" PRId64, s->at_ms, s->at_seq,
             s->rows);
}

/* "<before><number>" at *at, which moves past it. */
static bool read_number(const char **at, const char *before, int64_t *ret_number)
{
    char *end = NULL;
    const size_t n = strlen(before);
    if (strncmp(*at, before, n) != 0)
        return false;
    errno = 0;
    *ret_number = strtoll(*at + n, &end, 10);
    const bool read = errno == 0 && end > *at + n;
    *at = end;
    return read;
}

static bool read_name(const char *name, stamp *ret_stamp)
{
    stamp s = { 0 };
    if (!read_number(&name, "at-", &s.at_ms) || !read_number(&name, "-", &s.at_seq) ||
        !read_number(&name, "-", &s.rows) || *name)
        return false;
    *ret_stamp = s;
    return true;
}

/* What `current` points to; zeros: nothing, or nothing of ours. */
static stamp read_shown(int root)
{
    char target[NAME_SIZE];
    stamp shown = { 0 };
    const ssize_t n = readlinkat(root, "current", target, sizeof target - 1);
    target[n > 0 ? n : 0] = '\0';
    (void)read_name(target, &shown);
    return shown;
}

static int write_folder(int root, const char *name, const page *p)
{
    if (mkdirat(root, name, 0755) < 0 && errno != EEXIST)
        return errno;
    UPP_AUTO(close_fd)
    int folder = openat(root, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    return folder < 0 ? errno : write_files(folder, p);
}

static int show(int root, const char *name)
{
    if (unlinkat(root, "current.new", 0) < 0 && errno != ENOENT)
        return errno;
    if (symlinkat(name, root, "current.new") < 0)
        return errno;
    if (renameat(root, "current.new", root, "current") < 0)
        return errno;
    return fsync(root) < 0 ? errno : 0;
}

static void remove_folder(int root, const char *name)
{
    static const char *const files[] = { "index.html", "register.json", "register.csv" };
    UPP_AUTO(close_fd)
    int folder = openat(root, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    for (size_t i = 0; folder >= 0 && i < UPP_LEN(files); i++)
        (void)unlinkat(folder, files[i], 0); /* what stays is tried again next time */
    (void)unlinkat(root, name, AT_REMOVEDIR);
}

/* Older states go, but for the one before: somebody may be reading it just now. */
static void remove_older(int root, const stamp *shown, const stamp *before)
{
    const int copy = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = copy < 0 ? NULL : fdopendir(copy);
    if (!dir) {
        if (copy >= 0)
            (void)close(copy);
        return;
    }
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        stamp s;
        if (read_name(entry->d_name, &s) && order(&s, shown) != 0 && order(&s, before) != 0)
            remove_folder(root, entry->d_name);
    }
    (void)closedir(dir);
}

static int publish(const job *j, const page *p)
{
    char name[NAME_SIZE];
    name_of(&j->stamp, name);
    UPP_AUTO(close_fd)
    int root = open(j->port->config->publish_folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root < 0)
        return errno;
    const stamp before = read_shown(root);
    int rc = write_folder(root, name, p);
    if (rc)
        return rc;
    rc = show(root, name);
    if (rc == 0)
        remove_older(root, &j->stamp, &before);
    return rc;
}

static void work(void *self)
{
    job *j = self;
    size_t n = 0;
    for (size_t i = 0; i < j->n_parts; i++)
        for (size_t r = 0; r < j->parts[i].request->n_rows; r++)
            j->rows[n++] = j->parts[i].request->rows[r];
    page p = { .publisher = j->port->config->publisher,
               .attended = j->port->config->attended,
               .zone = j->port->zone,
               .at_seq = j->stamp.at_seq,
               .at_ms = j->stamp.at_ms,
               .rows = j->rows,
               .n_rows = n };
    page_sort(&p);
    j->failed = publish(j, &p);
}

/* -- in the loop -- */
static void answer(publisher *port, const held *h, const stamp *shown)
{
    Uppsikt__RegisterWritten out = UPPSIKT__REGISTER_WRITTEN__INIT;
    out.at_seq = h->request->at_seq;
    out.rows = shown->rows;
    out.superseded = out.at_seq != shown->at_seq || h->request->at_ms != shown->at_ms;
    upp_done(port->loop, h->id, UPP_DONE, &out.base, 0);
}

static void back(void *self)
{
    job *j = self;
    publisher *port = j->port;
    if (j->failed)
        upp_loop_say(port->loop, "the public register was not written: %s", strerror(j->failed));
    else if (order(&j->stamp, &port->shown) > 0)
        port->shown = j->stamp;
    for (size_t i = 0; i < j->n_parts; i++)
        if (j->failed)
            upp_done(port->loop, j->parts[i].id, UPP_LATER, NULL, 0);
        else
            answer(port, &j->parts[i], &j->stamp);
    free(j->rows);
    free(j->parts);
    free(j);
}

static stamp stamp_of(const held *h)
{
    return (stamp){ h->request->at_ms, h->request->at_seq, 0 };
}

/* 1: all parts of `s` are here. Counts their rows. */
static bool complete(const publisher *port, const stamp *s, size_t *ret_parts, int64_t *ret_rows)
{
    size_t have = 0, need = 0;
    int64_t rows = 0;
    for (size_t i = 0; i < port->n_parts; i++) {
        const held *h = &port->parts[i];
        const stamp one = stamp_of(h);
        if (order(&one, s) != 0)
            continue;
        have++;
        rows += (int64_t)h->request->n_rows;
        if (h->request->last)
            need = (size_t)h->request->part + 1;
    }
    *ret_parts = have;
    *ret_rows = rows;
    return need > 0 && have == need;
}

/* The parts of `s` go with the job; those of older states are answered: this one is newer. */
static void hand_over(publisher *port, const stamp *s, size_t n_parts, int64_t rows)
{
    job *j = calloc(1, sizeof *j);
    upp_check(j);
    j->port = port;
    j->stamp = *s;
    j->stamp.rows = rows;
    j->parts = calloc(n_parts, sizeof *j->parts);
    j->rows = calloc((size_t)rows + 1, sizeof *j->rows);
    upp_check(j->parts && j->rows);
    size_t kept = 0;
    for (size_t i = 0; i < port->n_parts; i++) {
        const held h = port->parts[i];
        const stamp one = stamp_of(&h);
        const int where = order(&one, s);
        if (where == 0)
            j->parts[j->n_parts++] = h;
        else if (where < 0)
            answer(port, &h, s);
        else
            port->parts[kept++] = h;
    }
    port->n_parts = kept;
    upp_loop_work(port->loop, work, back, j);
}

static void start(void *self, const upp_asked *ask)
{
    publisher *port = self;
    const held h = { ask->id, (const Uppsikt__PublishRegister *)ask->request };
    stamp s = stamp_of(&h);
    size_t n_parts = 0;
    int64_t rows = 0;
    if (order(&s, &port->shown) <= 0) { /* after a crash, or a newer one was quicker */
        answer(port, &h, &port->shown);
        return;
    }
    if (port->n_parts == PARTS_MAX) {
        upp_done(port->loop, ask->id, UPP_LATER, NULL, 0);
        return;
    }
    port->parts[port->n_parts++] = h;
    if (complete(port, &s, &n_parts, &rows))
        hand_over(port, &s, n_parts, rows);
}

static void *port_open(upp_loop *loop, const void *config)
{
    publisher *port = calloc(1, sizeof *port);
    const char *why = NULL;
    upp_check(port);
    port->loop = loop;
    port->config = config;
    if (!port->config->publish_folder)
        return port;
    if (port->config->zone.at && zone_parse(port->config->zone, &port->zone, &why) < 0) {
        upp_loop_say(loop, "zone: %s", why);
        free(port);
        return NULL;
    }
    /* A fresh volume holds nothing; what is missing above it is somebody's mistake, and said. */
    (void)mkdir(port->config->publish_folder, 0755);
    UPP_AUTO(close_fd)
    int root = open(port->config->publish_folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root < 0)
        upp_loop_say(loop, "publish_folder: %s; the register will not be shown until it is there",
                     strerror(errno));
    else
        port->shown = read_shown(root);
    return port;
}

static void port_close(void *self)
{
    publisher *port = self;
    if (!port)
        return;
    zone_free(port->zone);
    free(port);
}

static const upp_port publish_port = {
    .name = "publish",
    .request = &uppsikt__publish_register__descriptor,
    .answer = &uppsikt__register_written__descriptor,
    .again = UPP_LOOK_FIRST,
    .open = port_open,
    .start = start,
    .close = port_close,
};

const upp_port *const upp_registry_ports[] = { &publish_port, NULL };
