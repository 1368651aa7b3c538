/* sim_state.h - what a simulation is made of; private to sim_*.c. */
#pragma once
#include "sim.h"
#include "sim_buf.h"
#include "sim_disk.h"
#include "sim_journal.h"
#include "sim_parcel.h"
#include "sim_queue.h"
#include "sim_rand.h"

typedef struct sim_host sim_host;

/* What one service hears of another: a session of the owner's ROUTER. */
typedef struct sim_link {
    sim_host *from, *to;
    uint64_t session; /* what belongs to an older one is lost */
    bool wired;
    unsigned credit, in_flight;
    int64_t pushed;      /* the last that was sent since they connected */
    upp_ms arrived;      /* nothing arrives before: order holds for a source */
    upp_ms clogged;      /* nothing arrives before */
    int64_t cursor;      /* as last seen after a COMMIT (I3) */
    sim_buf handled;     /* a byte for each seq: its handler has run (I6) */
    bool stale;          /* the owner was restored, and we have not come to its new epoch */
    uint8_t epoch[16];   /* the new one */
    int64_t cut;         /* the last that was kept */
    uint64_t generation; /* how often it was restored: what was on its wires then is gone */
} sim_link;

/* What waits in a process for the next batch; gone when it dies. */
typedef struct sim_letter {
    enum { SIM_EVENT, SIM_COMMAND, SIM_ANSWER } kind;
    sim_link *link;     /* event */
    sim_parcel *parcel; /* event, command: frames; answer: its bytes */
    int64_t ask;
    const char *port;
    enum upp_fate fate;
    upp_ms after_span;
} sim_letter;

/* What an observer of all wires and logs knows of one event (I1, I8). */
typedef struct sim_seen {
    uint8_t epoch[16], hash[32];
    bool on_wire;
} sim_seen;

typedef struct sim_saved sim_saved;

struct sim_host {
    sim *sim;
    const upp_service *service;
    bool world;  /* the world speaks through it */
    size_t rank; /* in stories */
    const void *config;
    void *presets; /* owned; config unless sim_config was called */
    sim_disk *disk;
    upp_node *node; /* NULL: down */
    sim_rand rand;
    uint64_t life; /* how often it was started */
    upp_ms down_until, wake;
    bool busy;        /* something that came in this batch could not be taken yet */
    upp_ms rest_span; /* how long a source that was busy is left alone; doubles */
    bool started;     /* on_start has been committed in this life */
    bool alarms_done; /* in this batch: nothing more was due */
    bool disk_fault;  /* a fault other than the fuse may strike in this life */
    sim_letter *letters;
    size_t n_letters;
    sim_link **links;
    size_t n_links;
    sim_journal journal, batch, doubt; /* committed; of this batch; of a COMMIT of unknown end */
    bool doubtful;                     /* this batch's COMMIT may fail */
    uint64_t place_before,
        place_after; /* where it stood before that batch, and before its COMMIT */
    sim_shadow shadow;
    bool shadowed;    /* a fresh node is fed the journal (I7) */
    sim_saved *saved; /* NULL: no backup */
    sim_seen *seen;   /* by seq - 1 */
    size_t n_seen;
};

typedef struct sim_sent {
    sim_host *to;
    uint8_t id[16];
    sim_parcel *request, *outcome; /* outcome NULL: not answered */
} sim_sent;

typedef struct sim_effect {
    const char *service, *port;
    char *key;
    uint64_t request; /* hash of its bytes */
    size_t attempts, effects;
} sim_effect;

typedef struct sim_line {
    int64_t hour;
    bool world;
    size_t rank, order;
    const char *source;
    char *type, *subject;
} sim_line;

typedef struct sim_marked {
    char *subject;
    char mark[SIM_MARK];
    bool forgotten, found;
} sim_marked;

typedef struct sim_ported {
    char *port;
    sim_outside *outside;
    void *ctx;
} sim_ported;

struct sim {
    uint64_t seed, hash;
    upp_ms now;
    sim_rand rand;
    sim_queue queue;
    uint8_t lookup_key[32];
    unsigned faults[SIM_FAULTS];
    unsigned shadow_every; /* of so many services one is shadowed */
    bool swarming, weather, closing;
    FILE *trace;
    sim_host **hosts;
    size_t n_hosts, n_world; /* the world's come first in stories */
    sim_sent **sent;
    size_t n_sent;
    sim_effect *effects;
    size_t n_effects;
    sim_ported *ports;
    size_t n_ports;
    sim_line *lines;
    size_t n_lines;
    sim_marked *marks;
    size_t n_marks;
    char **personal;
    size_t n_personal;
    const ProtobufCMessageDescriptor **types; /* that the world has said */
    size_t n_types, n_forgotten;
    size_t busy; /* things under way: they must end before quiescence */
    sim_tally tally;
    bool settling; /* nothing is put off: what comes again and again would never all be read */
    char why[400];
};

/* -- sim.c -- */
sim_host *sim_host_of(const sim *s, const char *service); /* NULL: none */
void sim_note(sim *s, const char *who, const char *fmt, ...) UPP_PRINTF(3, 4);
void sim_mix(sim *s, const void *bytes, size_t n); /* into the run's hash */

/* -- sim_host.c: one machine -- */
sim_host *sim_host_new(sim *s, const upp_service *service, bool world);
void sim_host_free(sim_host *h);
void sim_host_up(sim_host *h);
void sim_host_down(sim_host *h, bool power, upp_ms span);
void sim_host_wake(sim_host *h, upp_ms at);
/* At a start: objects that no transaction took over go; their asks begin anew. */
void sim_host_sweep(sim_host *h);
void sim_host_letter(sim_host *h, const sim_letter *letter); /* takes the parcel */
void sim_say_line(const char *line);

/* -- sim_check.c -- */
void sim_check_told(sim_host *h, const char *what, upp_bytes text); /* I25 */

/* -- sim_doubt.c: the node beside a fresh one that is fed its journal (I7) -- */
/* Plays `j` to the shadow. NULL, or why it went another way. */
const char *sim_host_replay(sim_host *h, const sim_journal *j);
/* 1: node and shadow dump the same bytes; 0: not; negative: a dump failed. */
int sim_host_same(sim_host *h);
/* Around a batch that may meet a fault. Negative: the store cannot be read. */
int sim_doubt_begin(sim_host *h);
int sim_doubt_commit(sim_host *h);
/* What was handled is noted (I6), and journalled where there is a shadow; takes the inputs. */
void sim_host_committed(sim_host *h, sim_journal *batch);
/* After a start: whether the last COMMIT, if it failed, has happened. By where the store stands;
 * who is shadowed by all bytes where that does not tell, and one time in eight; else they are
 * compared at the end. Negative: the store cannot be read. */
int sim_doubt_end(sim_host *h);

/* -- sim_batch.c: one transaction -- */
void sim_batch(sim_host *h);
void sim_letter_done(sim_letter *letter);

/* -- sim_restore.c -- */
void sim_saved_free(sim_saved *saved); /* NULL is fine */
/* The rows of a ledger in a journal; they are lent from `text`, the array is the caller's. */
void sim_ledger_rows(upp_bytes text, upp_disposed **ret_rows, size_t *ret_n);
void sim_say_forked(sim_link *link, const upp_point *cursor);

/* -- sim_net.c -- */
void sim_net_join(sim *s, sim_host *h); /* links to and from all that it hears */
void sim_net_up(sim_host *h);
void sim_net_down(sim_host *h);
void sim_net_push(sim_host *from);
void sim_net_heal(sim *s);
void sim_link_free(sim_link *link);
bool sim_net_quiet(const sim_host *h);

/* -- sim_world.c -- */
void sim_world_ask(sim_host *h, const char *port, const upp_asked *ask);
void sim_world_answered(sim_host *h, const uint8_t id[16], const upp_frames *outcome);
bool sim_world_quiet(const sim *s);
void sim_world_done(sim *s);
size_t sim_send(sim *s, sim_host *to, const char *by, const ProtobufCMessage *m);

/* -- sim_voice.c: how the world speaks as a service -- */
sim_host *sim_voice(sim *s, const char *source);
void sim_voice_free(const upp_service *service);

/* -- sim_weather.c -- */
upp_ms sim_outage(sim_host *h);

/* -- sim_watch.c: what an observer sees as it happens -- */
void sim_watch_log(sim_host *h);
void sim_watch_wire(sim_host *from, int64_t seq, const upp_frames *event);
void sim_watch_handled(sim_host *h, const sim_journal *batch);
bool sim_watch_whole(sim_host *h); /* false: the log is not what was seen of it */
void sim_watch_cursor(sim_link *link);
void sim_sha256(const void *bytes, size_t n, uint8_t ret_hash[32]);
void sim_broken(sim *s, enum sim_invariant invariant, const char *fmt, ...) UPP_PRINTF(3, 4);
void sim_bug(sim *s, const char *fmt, ...) UPP_PRINTF(2, 3);

/* -- sim_check.c -- */
int64_t sim_asks_open(sim_host *h); /* how much work outside it waits for */
void sim_marks_gone(sim_host *h);   /* no mark of what was forgotten is on this disk (I15) */

/* -- sim_story.c -- */
void sim_story_add(sim_host *h, const char *type, const char *subject, upp_ms at);
void sim_story_done(sim *s);

/* -- sim_preset.c -- */
/* A config struct with every option's preset; secrets and files are empty. From malloc; the
 * caller's. */
void *sim_preset(const upp_service *service);
