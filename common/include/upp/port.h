/* upp/port.h - the world. Only port_*.c includes this; programs link it, the simulator does not. */
#pragma once
#include "upp/base.h"
#include <protobuf-c/protobuf-c.h>

typedef struct upp_loop upp_loop; /* the driver's loop, as far as a port may see it */

typedef struct upp_asked {
    int64_t id;                      /* for upp_done */
    const char *key;                 /* the same at each attempt: Message-ID, webhook-id ... */
    uint32_t attempt;                /* from 1; more: it may have been started before */
    const ProtobufCMessage *request; /* lent until upp_done */
} upp_asked;

/* No personal data in either; `count` since the port was opened. */
typedef struct upp_port_counter {
    const char *name, *help;
    int64_t count;
} upp_port_counter;

typedef struct upp_port {
    const char *name;
    const ProtobufCMessageDescriptor *request, *answer;
    enum { UPP_ONCE_OR_MORE, UPP_LOOK_FIRST } again; /* after a crash: repeat, or read back first */
    /* NULL: cannot start, and has said why with upp_loop_say. `config` is the service's. */
    void *(*open)(upp_loop *loop, const void *config);
    void (*start)(void *self, const upp_asked *ask); /* within 20 ms; later, once, upp_done */
    void (*close)(void *self);                       /* NULL is fine; open asks start anew */
    /* NULL: it needs nothing that may not be there. Called once, at the process's start and before
     * its first thread: NULL, or a static sentence on what this port lacks; the process does not
     * start then. */
    const char *(*lacks)(void);
    /* Rows of /metrics that no store knows: counters of what was turned away. Ends with a name of
     * NULL; NULL: it has none. */
    const upp_port_counter *(*counters)(const void *self);
} upp_port;

/* Ends an attempt. UPP_DONE: the answer becomes an input. UPP_LATER: backoff with jitter, not
 * before `after_span`. UPP_NEVER: a dead letter that people see, and an input too: ladders must go
 * on. `answer` stays the caller's; NULL only with UPP_LATER and UPP_NEVER. */
enum upp_fate { UPP_DONE, UPP_LATER, UPP_NEVER };
void upp_done(upp_loop *loop, int64_t id, enum upp_fate fate, const ProtobufCMessage *answer,
              upp_ms after_span);

/* Descriptors live in the loop ... */
enum { UPP_READABLE = 1, UPP_WRITABLE = 2 };
typedef void upp_ready(void *self, int fd, unsigned what);
void upp_loop_fd(upp_loop *loop, int fd, unsigned what, upp_ready *ready, void *self); /* 0: off */
/* Calls once after `span` of real time; the same (call, self) again replaces it; < 0: off. */
void upp_loop_in(upp_loop *loop, upp_ms span, void (*call)(void *self), void *self);
/* ... what blocks goes to the worker: `work` runs there, `back` in the loop again. */
void upp_loop_work(upp_loop *loop, void (*work)(void *job), void (*back)(void *job), void *job);
/* Inbound HTTP and the like: the request becomes a command of this very service, answered after
 * COMMIT through `answered` (outcome NULL: refused, `words` says why). The id makes it
 * idempotent. While the disk is low nothing is accepted: `answered` is called at once, with the
 * words disk-low. */
void upp_loop_command(upp_loop *loop, const uint8_t id[16], const ProtobufCMessage *command,
                      void (*answered)(void *self, const ProtobufCMessage *outcome,
                                       const char *words),
                      void *self);
/* The folder where upp_object_keep looks for objects; a port writes `<id>` there and syncs it. */
const char *upp_loop_objects(const upp_loop *loop);
/* Where this deployment lies and who we are (upp/bus.h), for a port that speaks to another program
 * of the suite; lent for the call of `open`, which copies what it keeps. */
const struct upp_place *upp_loop_place(const upp_loop *loop);
upp_ms upp_loop_now(const upp_loop *loop);  /* suite time */
upp_ms upp_loop_real(const upp_loop *loop); /* real time: TLS, signatures, one-time codes */
/* Above 1 this is a trial: nothing may leave this machine (upp/host.h). */
int64_t upp_loop_speed(const upp_loop *loop);
/* One JSON log line of level error; ids only. */
UPP_PRINTF(2, 3) void upp_loop_say(upp_loop *loop, const char *fmt, ...);
