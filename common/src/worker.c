/* worker.c - two lists under one lock, an eventfd to wake the loop. */
#include "worker.h"
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

typedef struct task {
    struct task *next;
    void (*work)(void *job);
    void (*back)(void *job);
    void *job;
} task;

typedef struct tasks {
    task *first, **last;
} tasks;

struct upp_worker {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t more, ended;
    tasks waiting, done;
    int fd;
    bool started, stop, gone;
};

static void put(tasks *list, task *t)
{
    t->next = NULL;
    *list->last = t;
    list->last = &t->next;
}

static task *take(tasks *list)
{
    task *t = list->first;
    if (t) {
        list->first = t->next;
        if (!list->first)
            list->last = &list->first;
    }
    return t;
}

static void wake(int fd)
{
    const uint64_t one = 1;
    upp_check(write(fd, &one, sizeof one) == sizeof one); /* its counter cannot be full */
}

static void *run(void *arg)
{
    upp_worker *w = arg;
    pthread_mutex_lock(&w->lock);
    while (!w->stop) {
        task *t = take(&w->waiting);
        if (!t) {
            pthread_cond_wait(&w->more, &w->lock);
            continue;
        }
        pthread_mutex_unlock(&w->lock);
        t->work(t->job);
        pthread_mutex_lock(&w->lock);
        put(&w->done, t);
        wake(w->fd);
    }
    w->gone = true;
    pthread_cond_signal(&w->ended);
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

upp_worker *upp_worker_new(void)
{
    upp_worker *w = calloc(1, sizeof *w);
    upp_check(w != NULL);
    w->waiting.last = &w->waiting.first;
    w->done.last = &w->done.first;
    upp_check(pthread_mutex_init(&w->lock, NULL) == 0 && pthread_cond_init(&w->more, NULL) == 0 &&
              pthread_cond_init(&w->ended, NULL) == 0);
    w->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    upp_check(w->fd >= 0);
    return w;
}

static void forget(tasks *list)
{
    for (task *t = take(list); t; t = take(list))
        free(t);
}

static bool wait_for_end(upp_worker *w, upp_ms wait_span)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += (time_t)(wait_span / UPP_SECOND);
    pthread_mutex_lock(&w->lock);
    w->stop = true;
    pthread_cond_signal(&w->more);
    int rc = 0;
    while (!w->gone && rc == 0)
        rc = pthread_cond_timedwait(&w->ended, &w->lock, &until);
    const bool gone = w->gone;
    pthread_mutex_unlock(&w->lock);
    return gone;
}

bool upp_worker_free(upp_worker *worker, upp_ms wait_span)
{
    if (!worker)
        return true;
    if (worker->started) {
        if (!wait_for_end(worker, wait_span))
            return false;
        pthread_join(worker->thread, NULL);
    }
    forget(&worker->waiting);
    forget(&worker->done);
    pthread_cond_destroy(&worker->ended);
    pthread_cond_destroy(&worker->more);
    pthread_mutex_destroy(&worker->lock);
    close(worker->fd);
    free(worker);
    return true;
}

void upp_worker_do(upp_worker *worker, void (*work)(void *job), void (*back)(void *job), void *job)
{
    task *t = calloc(1, sizeof *t);
    upp_check(t != NULL);
    *t = (task){ .work = work, .back = back, .job = job };
    pthread_mutex_lock(&worker->lock);
    put(&worker->waiting, t);
    pthread_cond_signal(&worker->more);
    pthread_mutex_unlock(&worker->lock);
    if (!worker->started) {
        upp_check(pthread_create(&worker->thread, NULL, run, worker) == 0);
        worker->started = true;
    }
}

int upp_worker_fd(const upp_worker *worker)
{
    return worker->fd;
}

void upp_worker_collect(void *self, int fd, unsigned what)
{
    upp_worker *worker = self;
    uint64_t n;
    (void)fd;
    (void)what;
    if (read(worker->fd, &n, sizeof n) != (ssize_t)sizeof n)
        return; /* nothing has been done since */
    pthread_mutex_lock(&worker->lock);
    tasks done = worker->done;
    if (!done.first)
        done.last = &done.first;
    worker->done = (tasks){ .last = &worker->done.first };
    pthread_mutex_unlock(&worker->lock);
    for (task *t = done.first; t;) {
        task *next = t->next;
        t->back(t->job);
        free(t);
        t = next;
    }
}
