/* loop.h - one thread that waits for everything at once: sockets, descriptors, timers, the worker.
 * What ports see of it is upp/port.h; this is the driver's side. */
#pragma once
#include "suite_clock.h"
#include "upp/bus.h"
#include "upp/node.h"
#include "worker.h"

struct upp_asks;
struct upp_batch;

typedef struct upp_watch { /* a descriptor of a port */
    int fd;
    unsigned what;
    upp_ready *ready;
    void *self;
} upp_watch;

typedef struct upp_timer {
    upp_ms due; /* steady time */
    void (*call)(void *self);
    void *self;
} upp_timer;

typedef struct upp_tap { /* a zmq socket */
    void *socket;
    short events; /* 0: not looked at */
} upp_tap;

struct upp_loop {
    upp_node *node;          /* NULL until it is open */
    upp_suite_clock *clock;  /* lent */
    const char *objects;     /* lent */
    upp_place place;         /* lent */
    struct upp_asks *asks;   /* where upp_done goes */
    struct upp_batch *batch; /* where upp_loop_command goes */
    bool full;               /* the disk is low: upp_loop_command takes nothing */
    upp_worker *worker;
    upp_watch *watches;
    size_t n_watches, watches_size;
    upp_timer *timers;
    size_t n_timers, timers_size;
    upp_tap *taps;
    size_t n_taps, taps_size;
    void *items; /* room for the poll */
    size_t items_size;
};

void upp_loop_open(upp_loop *loop, upp_suite_clock *clock);
void upp_loop_close(upp_loop *loop);

/* Looks at `socket` (a zmq handle) for `events` from now on; 0: not any more. */
void upp_loop_tap(upp_loop *loop, void *socket, short events);

/* Waits for anything at most `span` (real time), then calls what is ready and due. Sockets are only
 * waited for: whoever has them takes from them. */
void upp_loop_wait(upp_loop *loop, upp_ms span);
