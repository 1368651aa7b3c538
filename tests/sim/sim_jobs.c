/* sim_jobs.c - the n-th process plays every n-th seed. Each has a pipe that it writes to as it
 * goes; we read one seed from each in turn, so that they come in order, and who is ahead fills its
 * pipe. A process that dies in a seed is followed by another that begins with the seed after it. */
#include "sim_jobs.h"
#include "sim_buf.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PROGRESS_S = 30 };

typedef struct job {
    pid_t pid;
    int from; /* the pipe's end that we read; -1: it has no seeds left */
} job;

static bool write_all(int fd, const void *bytes, size_t n)
{
    for (const char *at = bytes; n > 0;) {
        const ssize_t part = write(fd, at, n);
        if (part < 0 && errno == EINTR)
            continue;
        if (part <= 0)
            return false;
        at += part;
        n -= (size_t)part;
    }
    return true;
}

static bool read_all(int fd, void *bytes, size_t n)
{
    for (char *at = bytes; n > 0;) {
        const ssize_t part = read(fd, at, n);
        if (part < 0 && errno == EINTR)
            continue;
        if (part <= 0)
            return false;
        at += part;
        n -= (size_t)part;
    }
    return true;
}

/* In the process itself: its seeds, then its sum. Does not return. */
static void work(const sim_jobs *jobs, size_t first, int to)
{
    for (size_t i = first; i < jobs->n; i += jobs->processes) {
        sim_told told = { .seed = jobs->seeds[i] };
        jobs->play(jobs->ctx, &told);
        if (!write_all(to, &told, sizeof told))
            exit(1); /* nobody reads any more */
    }
    void *sum = sim_alloc(jobs->sum_size);
    jobs->sum(jobs->ctx, sum);
    const bool said = write_all(to, sum, jobs->sum_size);
    free(sum);
    exit(said ? 0 : 1);
}

static bool start(const sim_jobs *jobs, size_t first, job *ret_job)
{
    int ends[2];
    *ret_job = (job){ .from = -1 };
    if (first >= jobs->n)
        return true;
    fflush(stdout);
    if (pipe(ends) != 0)
        return false;
    const pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        work(jobs, first, ends[1]);
    }
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return false;
    }
    *ret_job = (job){ pid, ends[0] };
    return true;
}

/* 0, or how it ended: an exit's status, or 128 and a signal's number. */
static int end(job *j)
{
    int status = 0;
    close(j->from);
    j->from = -1;
    while (waitpid(j->pid, &status, 0) < 0 && errno == EINTR)
        ;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void progress(const sim_jobs *jobs, size_t done, size_t bad)
{
    static time_t began, next;
    struct timespec now = { 0 };
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (began == 0)
        began = now.tv_sec, next = now.tv_sec + PROGRESS_S;
    if (now.tv_sec < next)
        return;
    next = now.tv_sec + PROGRESS_S;
    fprintf(stderr, "%zu of %zu seeds, %zu bad, %.1f a second\n", done, jobs->n, bad,
            (double)done / (double)(now.tv_sec - began));
}

/* What the seed's process says of it, or that it died in it. False: no other could be made. */
static bool hear(const sim_jobs *jobs, job *j, size_t i, sim_told *ret_told)
{
    if (read_all(j->from, ret_told, sizeof *ret_told))
        return true;
    *ret_told = (sim_told){ .seed = jobs->seeds[i], .died = true };
    snprintf(ret_told->why, sizeof ret_told->why, "the process died (%d)", end(j));
    return start(jobs, i + jobs->processes, j);
}

bool sim_jobs_run(const sim_jobs *jobs)
{
    job *all = sim_alloc(jobs->processes * sizeof *all);
    void *sum = sim_alloc(jobs->sum_size);
    size_t bad = 0;
    bool well = true, more = true;
    for (unsigned k = 0; k < jobs->processes; k++)
        well = start(jobs, k, &all[k]) && well;
    for (size_t i = 0; i < jobs->n && well && more; i++) {
        sim_told told;
        well = hear(jobs, &all[i % jobs->processes], i, &told);
        bad += !told.well;
        more = jobs->tell(jobs->ctx, &told);
        progress(jobs, i + 1, bad);
    }
    for (unsigned k = 0; k < jobs->processes; k++) {
        if (all[k].from < 0)
            continue;
        if (!more) {
            kill(all[k].pid, SIGKILL);
            (void)end(&all[k]);
            continue;
        }
        const bool said = well && read_all(all[k].from, sum, jobs->sum_size);
        if (said)
            jobs->add(jobs->ctx, sum);
        const int status = end(&all[k]);
        if (!said || status != 0)
            fprintf(stderr, "a process of the simulator ended with %d\n", status);
        well = well && said && status == 0;
    }
    free(sum);
    free(all);
    return well;
}
