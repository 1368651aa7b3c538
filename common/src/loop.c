/* loop.c - tables of what to wait for, one zmq_poll. */
#include "loop.h"
#include "socket.h"
#include "upp/log.h"
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void upp_loop_open(upp_loop *loop, upp_suite_clock *clock)
{
    *loop = (upp_loop){ .clock = clock, .worker = upp_worker_new() };
    upp_loop_fd(loop, upp_worker_fd(loop->worker), UPP_READABLE, upp_worker_collect, loop->worker);
}

void upp_loop_close(upp_loop *loop)
{
    if (!upp_worker_free(loop->worker, 3 * UPP_SECOND))
        upp_log(UPP_WARN, NULL, "the worker is still busy; its job is left behind");
    free(loop->watches);
    free(loop->timers);
    free(loop->taps);
    free(loop->items);
    *loop = (upp_loop){ 0 };
}

/* Room for one more of `size` bytes in a table of `n`. */
static void *roomy(void *table, size_t n, size_t *room, size_t size)
{
    if (n < *room)
        return table;
    *room = *room ? 2 * *room : 8;
    void *grown = realloc(table, *room * size);
    upp_check(grown != NULL);
    return grown;
}

void upp_loop_fd(upp_loop *loop, int fd, unsigned what, upp_ready *ready, void *self)
{
    size_t i = 0;
    while (i < loop->n_watches && loop->watches[i].fd != fd)
        i++;
    if (what == 0) {
        if (i < loop->n_watches)
            loop->watches[i] = loop->watches[--loop->n_watches];
        return;
    }
    if (i == loop->n_watches) {
        loop->watches =
            roomy(loop->watches, loop->n_watches, &loop->watches_size, sizeof *loop->watches);
        loop->n_watches++;
    }
    loop->watches[i] = (upp_watch){ .fd = fd, .what = what, .ready = ready, .self = self };
}

void upp_loop_in(upp_loop *loop, upp_ms span, void (*call)(void *self), void *self)
{
    size_t i = 0;
    while (i < loop->n_timers && (loop->timers[i].call != call || loop->timers[i].self != self))
        i++;
    if (span < 0) {
        if (i < loop->n_timers)
            loop->timers[i] = loop->timers[--loop->n_timers];
        return;
    }
    if (i == loop->n_timers) {
        loop->timers =
            roomy(loop->timers, loop->n_timers, &loop->timers_size, sizeof *loop->timers);
        loop->n_timers++;
    }
    loop->timers[i] = (upp_timer){ .due = upp_steady_now() + span, .call = call, .self = self };
}

void upp_loop_work(upp_loop *loop, void (*work)(void *job), void (*back)(void *job), void *job)
{
    upp_worker_do(loop->worker, work, back, job);
}

void upp_loop_tap(upp_loop *loop, void *socket, short events)
{
    size_t i = 0;
    while (i < loop->n_taps && loop->taps[i].socket != socket)
        i++;
    if (events == 0) {
        if (i < loop->n_taps)
            loop->taps[i] = loop->taps[--loop->n_taps];
        return;
    }
    if (i == loop->n_taps) {
        loop->taps = roomy(loop->taps, loop->n_taps, &loop->taps_size, sizeof *loop->taps);
        loop->n_taps++;
    }
    loop->taps[i] = (upp_tap){ .socket = socket, .events = events };
}

const char *upp_loop_objects(const upp_loop *loop)
{
    return loop->objects;
}

const struct upp_place *upp_loop_place(const upp_loop *loop)
{
    return &loop->place;
}

upp_ms upp_loop_now(const upp_loop *loop)
{
    return upp_suite_clock_at(loop->clock, upp_real_now());
}

int64_t upp_loop_speed(const upp_loop *loop)
{
    return loop->clock->speed;
}

upp_ms upp_loop_real(const upp_loop *loop)
{
    (void)loop;
    return upp_real_now();
}

void upp_loop_say(upp_loop *loop, const char *fmt, ...)
{
    (void)loop;
    char line[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    upp_log_say(line);
}

static upp_ms until_timer(const upp_loop *loop, upp_ms span)
{
    const upp_ms now = upp_steady_now();
    for (size_t i = 0; i < loop->n_timers; i++) {
        const upp_ms left = loop->timers[i].due - now;
        if (left < span)
            span = left > 0 ? left : 0;
    }
    return span;
}

/* Each timer that was due at the beginning, once; what they set anew waits for the next time. */
static void call_timers(upp_loop *loop)
{
    const upp_ms now = upp_steady_now();
    for (size_t limit = loop->n_timers; limit > 0; limit--) {
        size_t i = 0;
        while (i < loop->n_timers && loop->timers[i].due > now)
            i++;
        if (i == loop->n_timers)
            return;
        const upp_timer t = loop->timers[i];
        loop->timers[i] = loop->timers[--loop->n_timers];
        t.call(t.self);
    }
}

/* A callback may change the table: each descriptor is looked up again before its call. */
static void call_watch(upp_loop *loop, int fd, short revents)
{
    for (size_t i = 0; i < loop->n_watches; i++) {
        const upp_watch w = loop->watches[i];
        if (w.fd != fd)
            continue;
        unsigned what = 0;
        if (revents & (ZMQ_POLLIN | ZMQ_POLLERR))
            what |= w.what & UPP_READABLE;
        if (revents & (ZMQ_POLLOUT | ZMQ_POLLERR))
            what |= w.what & UPP_WRITABLE;
        if (what)
            w.ready(w.self, fd, what);
        return;
    }
}

void upp_loop_wait(upp_loop *loop, upp_ms span)
{
    const size_t n = loop->n_taps + loop->n_watches;
    while (loop->items_size < n)
        loop->items =
            roomy(loop->items, loop->items_size, &loop->items_size, sizeof(zmq_pollitem_t));
    zmq_pollitem_t *items = loop->items;
    for (size_t i = 0; i < loop->n_taps; i++)
        items[i] =
            (zmq_pollitem_t){ .socket = loop->taps[i].socket, .events = loop->taps[i].events };
    for (size_t i = 0; i < loop->n_watches; i++) {
        const upp_watch *w = &loop->watches[i];
        const int events =
            (w->what & UPP_READABLE ? ZMQ_POLLIN : 0) | (w->what & UPP_WRITABLE ? ZMQ_POLLOUT : 0);
        items[loop->n_taps + i] = (zmq_pollitem_t){ .fd = w->fd, .events = (short)events };
    }
    const size_t first = loop->n_taps;
    const int ready = zmq_poll(items, (int)n, (long)until_timer(loop, span));
    upp_check(ready >= 0 || zmq_errno() == EINTR);
    for (size_t i = first; ready > 0 && i < n; i++)
        if (items[i].revents)
            call_watch(loop, items[i].fd, items[i].revents);
    call_timers(loop);
}
