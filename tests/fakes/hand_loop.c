/* hand_loop.c - poll(2) over small tables. */
#include "hand_loop.h"
#include "suite_clock.h"
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { MANY = 64 };

typedef struct watch {
    int fd;
    unsigned what;
    upp_ready *ready;
    void *self;
} watch;

typedef struct timer {
    upp_ms due; /* steady */
    void (*call)(void *self);
    void *self;
} timer;

struct upp_loop {
    watch watches[MANY];
    timer timers[MANY];
    size_t n_watches, n_timers;
    hand_done *done;
    void *self;
    char said[512];
    upp_ms longest_span;
    const char *objects;
    const struct upp_place *place;
};

upp_loop *hand_loop_new(hand_done *done, void *self)
{
    upp_loop *loop = calloc(1, sizeof *loop);
    upp_check(loop);
    loop->done = done;
    loop->self = self;
    return loop;
}

void hand_loop_free(upp_loop *loop)
{
    upp_check(loop->n_watches == 0);
    upp_check(loop->n_timers == 0);
    free(loop);
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
    upp_check(i < MANY);
    loop->watches[i] = (watch){ .fd = fd, .what = what, .ready = ready, .self = self };
    if (i == loop->n_watches)
        loop->n_watches++;
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
    upp_check(i < MANY);
    loop->timers[i] = (timer){ .due = upp_steady_now() + span, .call = call, .self = self };
    if (i == loop->n_timers)
        loop->n_timers++;
}

/* In its own place the job would run on a worker; here at once, which is as good an order. */
void upp_loop_work(upp_loop *loop, void (*work)(void *job), void (*back)(void *job), void *job)
{
    (void)loop;
    work(job);
    back(job);
}

void hand_loop_place(upp_loop *loop, const char *objects, const struct upp_place *place)
{
    loop->objects = objects;
    loop->place = place;
}

const char *upp_loop_objects(const upp_loop *loop)
{
    return loop->objects;
}

const struct upp_place *upp_loop_place(const upp_loop *loop)
{
    return loop->place;
}

int64_t upp_loop_speed(const upp_loop *loop)
{
    (void)loop;
    return 1;
}

upp_ms upp_loop_now(const upp_loop *loop)
{
    (void)loop;
    return upp_real_now();
}

upp_ms upp_loop_real(const upp_loop *loop)
{
    (void)loop;
    return upp_real_now();
}

void upp_loop_say(upp_loop *loop, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(loop->said, sizeof loop->said, fmt, args);
    va_end(args);
}

void upp_done(upp_loop *loop, int64_t id, enum upp_fate fate, const ProtobufCMessage *answer,
              upp_ms after_span)
{
    upp_check(loop->done);
    upp_check(answer || fate != UPP_DONE);
    loop->done(loop->self, id, fate, answer, after_span);
}

static void note(upp_loop *loop, upp_ms began)
{
    const upp_ms took = upp_steady_now() - began;
    if (took > loop->longest_span)
        loop->longest_span = took;
}

static void run_timers(upp_loop *loop)
{
    const upp_ms now = upp_steady_now();
    for (size_t i = 0; i < loop->n_timers; i++) {
        if (loop->timers[i].due > now)
            continue;
        const timer t = loop->timers[i];
        loop->timers[i] = loop->timers[--loop->n_timers];
        t.call(t.self);
        note(loop, now);
        return; /* the table may be another now; the next turn sees the rest */
    }
}

static upp_ms until_timer(const upp_loop *loop, upp_ms most)
{
    const upp_ms now = upp_steady_now();
    for (size_t i = 0; i < loop->n_timers; i++)
        if (loop->timers[i].due - now < most)
            most = loop->timers[i].due > now ? loop->timers[i].due - now : 0;
    return most;
}

/* True: something happened. */
static bool turn(upp_loop *loop, upp_ms most)
{
    struct pollfd polls[MANY];
    for (size_t i = 0; i < loop->n_watches; i++) {
        const unsigned what = loop->watches[i].what;
        polls[i] = (struct pollfd){ .fd = loop->watches[i].fd };
        polls[i].events =
            (short)((what & UPP_READABLE ? POLLIN : 0) | (what & UPP_WRITABLE ? POLLOUT : 0));
    }
    const size_t n = loop->n_watches;
    const int ready = poll(polls, n, (int)until_timer(loop, most));
    for (size_t i = 0; ready > 0 && i < n; i++) {
        if (polls[i].revents == 0)
            continue;
        const bool in = polls[i].revents & (POLLIN | POLLHUP | POLLERR);
        const bool out = polls[i].revents & (POLLOUT | POLLERR);
        const watch w = loop->watches[i];
        const upp_ms began = upp_steady_now();
        w.ready(w.self, w.fd, (in ? UPP_READABLE : 0u) | (out ? UPP_WRITABLE : 0u));
        note(loop, began);
        return true; /* as with timers: the table may be another now */
    }
    const bool due = until_timer(loop, 1) == 0;
    run_timers(loop);
    return due;
}

bool hand_loop_until(upp_loop *loop, upp_ms patience_span, bool (*met)(void *ctx), void *ctx)
{
    const upp_ms deadline = upp_steady_now() + patience_span;
    while (!met(ctx)) {
        const upp_ms left = deadline - upp_steady_now();
        if (left <= 0)
            return false;
        turn(loop, left);
    }
    return true;
}

void hand_loop_turn(upp_loop *loop)
{
    while (turn(loop, 0))
        ;
}

size_t hand_loop_watched(const upp_loop *loop)
{
    return loop->n_watches;
}

const char *hand_loop_said(const upp_loop *loop)
{
    return loop->said;
}

upp_ms hand_loop_longest(const upp_loop *loop)
{
    return loop->longest_span;
}
