/* port_numbers.c - the port `numbers`: has the diary laid a number beside a package? Its file is
 * <package>.nummer, one line; nothing in the folder is changed (R16). */
#include "diary.h"
#include "escalation.h"
#include "upp/port.h"
#include "worker.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PACKAGES = 64, LONGEST = 256 };
/* A file without a line end may be half of one; after so long it is whole. */
static const upp_ms settled_span = UPP_MINUTE;

typedef struct job job;

typedef struct port {
    upp_loop *loop;
    const escalation_config *config;
    job *jobs; /* under way */
    upp_worker *worker;
} port;

struct job {
    job *next;
    port *p;
    int64_t id;
    const Uppsikt__ReadNumbers *ask; /* lent until upp_done */
    upp_ms now;
    int wrong; /* errno of the folder */
    Uppsikt__DiaryNumber found[PACKAGES], *list[PACKAGES];
    char numbers[PACKAGES][DIARY_NUMBER];
    size_t n;
};

/* -- on the worker -- */
static bool whole(const char *text, size_t n, const struct stat *st, upp_ms now)
{
    return memchr(text, '\n', n) || now - (upp_ms)st->st_mtime * UPP_SECOND >= settled_span;
}

/* False: there is no such file, or it is not whole yet. "" where it holds no number. */
static bool read_number(int folder, const char *package, upp_ms now, char ret_number[DIARY_NUMBER])
{
    char file[160], text[LONGEST + 1];
    struct stat st;
    snprintf(file, sizeof file, "%.120s.nummer", package);
    const int fd = openat(folder, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0 && errno != ELOOP)
        return false;
    ssize_t n = -1;
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= LONGEST)
        n = read(fd, text, sizeof text);
    if (fd >= 0)
        close(fd);
    ret_number[0] = '\0';
    if (n < 0 || n > LONGEST)
        return true;
    if (!whole(text, (size_t)n, &st, now))
        return false;
    if (!diary_number_read(text, (size_t)n, ret_number))
        ret_number[0] = '\0';
    return true;
}

static void look(void *job_of)
{
    job *j = job_of;
    const int folder = open(j->p->config->post.diary.deliver, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    j->wrong = folder < 0 ? errno : 0;
    if (folder < 0)
        return;
    for (size_t i = 0; i < j->ask->n_packages && j->n < PACKAGES; i++) {
        if (strchr(j->ask->packages[i], '/') ||
            !read_number(folder, j->ask->packages[i], j->now, j->numbers[j->n]))
            continue;
        uppsikt__diary_number__init(&j->found[j->n]);
        j->found[j->n].package = j->ask->packages[i];
        j->found[j->n].number = j->numbers[j->n];
        j->list[j->n] = &j->found[j->n];
        j->n++;
    }
    close(folder);
}

/* -- in the loop -- */
static void job_free(job *j)
{
    job **at = &j->p->jobs;
    while (*at != j)
        at = &(*at)->next;
    *at = j->next;
    free(j);
}

static void back(void *job_of)
{
    job *j = job_of;
    Uppsikt__NumbersRead out = UPPSIKT__NUMBERS_READ__INIT;
    out.numbers = j->list;
    out.n_numbers = j->n;
    if (j->wrong)
        upp_loop_say(j->p->loop, "numbers: diary_deliver's folder cannot be opened: %s",
                     strerror(j->wrong));
    upp_done(j->p->loop, j->id, j->wrong ? UPP_LATER : UPP_DONE, j->wrong ? NULL : &out.base, 0);
    job_free(j);
}

static void numbers_start(void *self, const upp_asked *ask)
{
    port *p = self;
    if (diary_way_of(p->config->post.diary.deliver) != DIARY_FOLDER) {
        upp_done(p->loop, ask->id, UPP_NEVER, NULL, 0);
        return;
    }
    job *j = calloc(1, sizeof *j);
    upp_check(j);
    *j = (job){ .next = p->jobs,
                .p = p,
                .id = ask->id,
                .ask = (const Uppsikt__ReadNumbers *)ask->request,
                .now = upp_loop_real(p->loop) };
    p->jobs = j;
    upp_worker_do(p->worker, look, back, j);
}

static void *numbers_open(upp_loop *loop, const void *config)
{
    port *p = calloc(1, sizeof *p);
    upp_check(p);
    *p = (port){ .loop = loop, .config = config, .worker = upp_worker_new() };
    upp_loop_fd(loop, upp_worker_fd(p->worker), UPP_READABLE, upp_worker_collect, p->worker);
    return p;
}

static void numbers_close(void *self)
{
    static const upp_ms wait_span = 2 * UPP_SECOND; /* a folder may lie behind a network */
    port *p = self;
    if (!p)
        return;
    upp_loop_fd(p->loop, upp_worker_fd(p->worker), 0, upp_worker_collect, p->worker);
    if (!upp_worker_free(p->worker, wait_span))
        return; /* the process ends with it */
    while (p->jobs)
        job_free(p->jobs);
    free(p);
}

const upp_port upp_numbers_port = {
    .name = "numbers",
    .request = &uppsikt__read_numbers__descriptor,
    .answer = &uppsikt__numbers_read__descriptor,
    .again = UPP_ONCE_OR_MORE, /* it changes nothing there */
    .open = numbers_open,
    .start = numbers_start,
    .close = numbers_close,
};
