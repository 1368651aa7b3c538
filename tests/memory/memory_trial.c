/* memory_trial.c - a store is copied, an input put in, memory fails, and somebody looks. */
#include "memory_trial.h"
#include "memory_fail.h"
#include "memory_store.h"
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SECONDS_MAX = 60 };

/* How a process that tried it ended. */
enum { DONE, ENDED, BUSY, OTHER, NO_STORE };

typedef struct trial {
    const memory_place *place;
    const memory_input *input;
    memory_store store;
    char path[MEMORY_PATH];
    uint64_t before, after, rows; /* what the store holds; what a query gives */
    memory_tally tally;
} trial;

static void wrong(trial *t, uint64_t n, bool lasting, const char *fmt, ...) UPP_PRINTF(4, 5);
static void wrong(trial *t, uint64_t n, bool lasting, const char *fmt, ...)
{
    char what[120];
    va_list args;
    if (t->tally.wrong[0])
        return;
    va_start(args, fmt);
    vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    snprintf(t->tally.wrong, sizeof t->tally.wrong, "allocation %llu%s: %s", (unsigned long long)n,
             lasting ? " and all after it" : "", what);
}

static void add(uint64_t *sum, upp_bytes bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        *sum = (*sum ^ bytes.at[i]) * 0x100000001b3;
    *sum = (*sum ^ 0xff) * 0x100000001b3;
}

static bool add_row(void *ctx, const upp_frames *row)
{
    add(ctx, row->type);
    add(ctx, row->envelope);
    add(ctx, row->chain);
    add(ctx, row->content);
    return true;
}

static int put_in(const trial *t, upp_node *node, uint64_t *ret_rows)
{
    const memory_input *in = t->input;
    *ret_rows = 0xcbf29ce484222325;
    if (in->kind == MEMORY_QUERY)
        return upp_node_query(node, t->place->now, in->who, in->frames, add_row, ret_rows);
    UPP_TRY(upp_node_begin(node, t->place->now, t->place->seed));
    int rc = UPP_E_BUG;
    switch (in->kind) {
    case MEMORY_START:
        rc = upp_node_start(node);
        break;
    case MEMORY_EVENT:
        rc = upp_node_deliver(node, in->who, in->frames);
        break;
    case MEMORY_ALARM:
        rc = upp_node_alarm(node);
        break;
    case MEMORY_COMMAND:
        rc = upp_node_command(node, in->who, in->frames);
        break;
    case MEMORY_ANSWER:
        rc = upp_node_answer(node, in->ask, in->fate, in->answer, in->after_span);
        break;
    case MEMORY_QUERY:
        break;
    }
    if (rc == UPP_E_BUG || rc == UPP_E_STORE)
        return rc;
    UPP_TRY(upp_node_commit(node, NULL, NULL));
    return rc;
}

static upp_node *open_copy(const trial *t)
{
    return memory_open(t->place->service, t->place->config, t->place->lookup_key, t->path);
}

static bool look(const trial *t, uint64_t *ret_sum)
{
    return memory_look(t->place->service, t->place->config, t->place->lookup_key, t->path, ret_sum);
}

/* The process in which memory fails; it says by its exit what the node said. */
static _Noreturn void fail_in(const trial *t, uint64_t n, bool lasting)
{
    const struct rlimit none = { 0, 0 };
    uint64_t rows = 0;
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)signal(SIGABRT, SIG_DFL);
    (void)signal(SIGSEGV, SIG_DFL);
    (void)signal(SIGBUS, SIG_DFL);
    (void)alarm(SECONDS_MAX);
    upp_node *node = open_copy(t);
    if (!node)
        _exit(NO_STORE);
    if (!freopen("/dev/null", "w", stderr)) /* upp_check says why it ends the process */
        _exit(NO_STORE);
    memory_fails(n, lasting);
    const int rc = put_in(t, node, &rows);
    memory_fails(0, false);
    if (rc == UPP_E_STORE || rc == UPP_E_BUG)
        _exit(ENDED);
    if (rc == UPP_E_BUSY)
        _exit(BUSY);
    _exit(rc == t->tally.rc && rows == t->rows ? DONE : OTHER);
}

/* The same once more, in a new life: it must go through. */
static void once_more(trial *t, uint64_t n, bool lasting)
{
    uint64_t sum = 0, rows = 0;
    upp_node *node = open_copy(t);
    const int rc = node ? put_in(t, node, &rows) : UPP_E_STORE;
    upp_node_free(node);
    if (rc != t->tally.rc || rows != t->rows)
        wrong(t, n, lasting, "%d afterwards, not %d", rc, t->tally.rc);
    else if (!look(t, &sum) || sum != t->after)
        wrong(t, n, lasting, "afterwards the store is another");
    else
        t->tally.again++;
}

static void judge(trial *t, uint64_t n, bool lasting, int status)
{
    uint64_t sum = 0;
    const bool aborted = WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
    const int end = WIFEXITED(status) ? WEXITSTATUS(status) : aborted ? ENDED : OTHER;
    t->tally.ended += end == ENDED;
    t->tally.busy += end == BUSY;
    t->tally.done += end == DONE;
    if (WIFSIGNALED(status) && !aborted)
        wrong(t, n, lasting, "signal %d", WTERMSIG(status));
    else if (end == NO_STORE)
        wrong(t, n, lasting, "the copy does not open");
    else if (end == OTHER)
        wrong(t, n, lasting, "another answer than with memory");
    else if (!look(t, &sum))
        wrong(t, n, lasting, "the store is broken");
    else if (sum != t->before && sum != t->after)
        wrong(t, n, lasting, "the store is neither before nor after");
    else if (end == DONE && sum != t->after)
        wrong(t, n, lasting, "done, and the store does not hold it");
    else if (end == BUSY && sum != t->before)
        wrong(t, n, lasting, "busy, and something stays");
    else if (sum == t->before && end != DONE)
        once_more(t, n, lasting);
}

static void fail_at(trial *t, uint64_t n, bool lasting)
{
    int status = 0;
    memory_put(&t->store, t->path);
    const pid_t pid = fork();
    upp_check(pid >= 0);
    if (pid == 0)
        fail_in(t, n, lasting);
    while (waitpid(pid, &status, 0) < 0)
        upp_check(errno == EINTR);
    t->tally.tried++;
    judge(t, n, lasting, status);
    memory_unlink(t->path);
}

/* What it does when nothing fails; false: the node does not take it now. */
static bool refer(trial *t)
{
    memory_put(&t->store, t->path);
    upp_check(look(t, &t->before));
    upp_node *node = open_copy(t);
    upp_check(node);
    memory_fails(0, false);
    t->tally.rc = put_in(t, node, &t->rows);
    t->tally.allocations = memory_asked();
    upp_node_free(node);
    upp_check(look(t, &t->after));
    memory_unlink(t->path);
    return t->tally.rc >= 0;
}

memory_tally memory_try(const memory_place *place, const memory_input *input, uint64_t tries,
                        bool accepted)
{
    char folder[] = "/dev/shm/upp-memory-XXXXXX";
    trial t = { .place = place, .input = input };
    upp_check(mkdtemp(folder));
    snprintf(t.path, sizeof t.path, "%s/node.db", folder);
    t.store = memory_take(place->node);
    if (refer(&t) && (!accepted || t.tally.rc == 0)) {
        const uint64_t all = t.tally.allocations, n = tries && tries < all ? tries : all;
        for (uint64_t i = 0; i < n && !t.tally.wrong[0]; i++) {
            const uint64_t from = all * i / n, to = all * (i + 1) / n;
            const uint64_t at = from + 1 + (place->seed[i % 32] * 2654435761u >> 8) % (to - from);
            fail_at(&t, at, i % 2 == 0);
            if (n == all && !t.tally.wrong[0])
                fail_at(&t, at, i % 2 != 0);
        }
    }
    free(t.store.main.at);
    free(t.store.wal.at);
    upp_check(rmdir(folder) == 0);
    return t.tally;
}
