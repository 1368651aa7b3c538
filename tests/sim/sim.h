/* sim.h - the whole suite in one thread under a clock that we own. Same seed, same run, to the
 * byte.
 *
 * Each service runs on a machine of its own with a disk in memory; what one says reaches another
 * late, doubled, or after a week, but in order for each source. Asks are answered by the world.
 * Nothing here touches a real clock, file or socket. A broken invariant is noted and told by
 * sim_check; a broken contract of the simulator itself ends the process. */
#pragma once
#include "upp/node.h"
#include <stdio.h>

typedef struct sim sim;

#define SIM_START ((upp_ms)1767571200000) /* 2026-01-05 00:00 UTC, a Monday */

/* The services are lent. Configurations are the options' presets until sim_config. */
sim *sim_new(uint64_t seed, const upp_service *const *services, size_t n);
void sim_free(sim *s); /* NULL is fine */
/* Before the first sim_run: `config` is the service's filled struct, lent. */
void sim_config(sim *s, const char *service, const void *config);
/* Every step as a line. NULL: silent. */
void sim_trace(sim *s, FILE *out);
/* Before the first sim_run: a fresh node is fed the journal (I7) of one in `n` services, of others
 * in the next seed. Else of all. */
void sim_shadow_every(sim *s, unsigned n);

/* -- faults -- */
/* Die before COMMIT, or after it, each this often; up again within seconds. */
void sim_chaos(sim *s, unsigned crash_percent);
/* A drawn subset of all faults at drawn rates: crashes at any I/O, power loss, delays, doubled and
 * late deliveries, partitions, a service down for a week, outside work that fails or whose answer
 * is lost, full disks, failing fsyncs. Not SIM_SYNC_KEEPS: from that the store does not recover. */
void sim_swarm(sim *s);
/* Switches faults off one by one, to see which one a failure needs. */
enum sim_fault {
    SIM_CRASH_BEFORE, /* COMMIT; percent of batches */
    SIM_CRASH_AFTER,
    SIM_FUSE,       /* at some I/O of the next batches; percent of batches */
    SIM_POWER,      /* a crash is a power loss, this often */
    SIM_SYNC_FAILS, /* percent of batches; what was not written is gone */
    SIM_SYNC_KEEPS, /* the same, but it stays in the page cache; not part of sim_swarm */
    SIM_DISK_FULL,  /* percent of batches; the disk has room again after the restart */
    SIM_DELAY,      /* percent of deliveries that take up to minutes */
    SIM_DOUBLE,     /* percent of deliveries that come again */
    SIM_LATE,       /* percent of deliveries that come again days later */
    SIM_CLOG,       /* percent of weathers that clog a link, for up to hours */
    SIM_WEEK,       /* percent of weathers that take a service down for a week */
    SIM_PORT_LATER, /* percent of attempts that fail without effect */
    SIM_PORT_LOST,  /* percent of attempts whose answer is lost after the effect */
    SIM_PORT_NEVER, /* percent of attempts that are given up */
    SIM_SMALL,      /* percent of batches of one input */
    SIM_MEMORY,     /* percent of batches in which SQLite gets no more memory from some point on */
    SIM_FAULTS
};
void sim_fault(sim *s, enum sim_fault fault, unsigned percent);
unsigned sim_fault_of(const sim *s, enum sim_fault fault);
const char *sim_fault_name(enum sim_fault fault);
unsigned sim_fault_worst(enum sim_fault fault); /* the highest rate that sim_swarm draws */
void sim_heal(sim *s); /* all faults off, clogged links flow, all services up */

/* Takes a service down at once, for this long; nothing when it is down already. */
void sim_down(sim *s, const char *service, upp_ms span);

/* -- backup and restore -- */
/* Keeps a copy of the service's store, outside its machine. False: not now, it is down. */
bool sim_backup(sim *s, const char *service);
/* Its disk is lost; the copy comes back, begins a new epoch, and forgets again what any machine
 * that is up knows to be gone; the service is up a minute later. False: not now, evidence is
 * down. */
bool sim_restore(sim *s, const char *service);
/* Who stands still because it had applied what was cut off is let go on, by this person. How many
 * were; those that have not come to it yet are not. */
size_t sim_accept_cuts(sim *s, const char *by);

/* -- the story -- */
/* The world speaks, as `source`: a service that is not in this simulation (it becomes a machine of
 * its own, with a log, and forgets what it is told to). `content` NULL when none. Crashed and
 * resent like any command. */
void sim_say(sim *s, const char *source, const char *subject, const ProtobufCMessage *m,
             const ProtobufCMessage *content);
/* Sends a command, again and again with one id, until it is answered. `by` NULL: the peer itself.
 * Returns its number for sim_outcome. */
size_t sim_command(sim *s, const char *service, const char *by, const ProtobufCMessage *m);
/* False: not answered yet. The frames (node.h: [type] [message] [AnswerHead] []) live as long as
 * the simulation. */
bool sim_outcome(const sim *s, size_t command, upp_frames *ret_outcome);
/* DisposalApproved for one subject, said by `evidence`. `evidence` must not be in the simulation:
 * then its own commands lead to the same. */
void sim_forget(sim *s, const char *subject);
/* With evidence in the simulation: its own disposal of the subject has been approved. From now on
 * the marks about it may lie nowhere at the end. */
void sim_forgotten(sim *s, const char *subject);
/* Lets this much time pass. */
void sim_run(sim *s, upp_ms span);
/* Calls after `span`: people, and whatever else the story needs. `ctx` is lent. */
void sim_in(sim *s, upp_ms span, void (*call)(sim *s, void *ctx), void *ctx);
/* Compares the story so far with `expected`, then forgets it; tells the first difference on
 * stderr. A line an event, as in "   23h ingest: ReplySeen q2": hours since the start, source, type
 * without its package, subject; within one hour sorted by source (what the world says first, then
 * services in the order given), then subject, so that it does not depend on who was faster. */
bool sim_saw(sim *s, const char *expected);

/* -- the world outside -- */
typedef struct sim_attempt {
    const char *service, *port;
    upp_ms now;
    upp_asked asked; /* lent during the call */
} sim_attempt;
typedef struct sim_reply {
    enum upp_fate fate;
    ProtobufCMessage
        *answer; /* the caller's again, when the call has ended: packed there and then */
    upp_ms after_span, takes_span;
} sim_reply;
/* What the port `port` of any service does ("evidence/capture": of that one alone); without one an
 * attempt is done with an empty answer in drawn time. Called once for each attempt that has an
 * effect. `ctx` is lent. */
typedef void sim_outside(void *ctx, sim *s, const sim_attempt *attempt, sim_reply *reply);
void sim_port(sim *s, const char *port, sim_outside *outside, void *ctx);
/* The transcript: how often the world did what was asked under this key. */
size_t sim_effects(const sim *s, const char *service, const char *port, const char *key);
/* A port of `service` writes and syncs this file: the object `id` of its store. False: its disk is
 * full. */
bool sim_object(sim *s, const char *service, const char *id, const void *bytes, size_t n);
/* The objects of `service` whose id begins with `prefix`, as they lie on its disk. */
void sim_objects(const sim *s, const char *service, const char *prefix,
                 void (*each)(void *ctx, const char *id, const uint8_t *at, size_t n), void *ctx);
/* A port of `service` takes all of those away. Gives how many there were. */
size_t sim_objects_away(sim *s, const char *service, const char *prefix);
/* A mark that is found again, as bytes, wherever it lies (I15): "MARK~" and 12 hex digits. It is
 * to go when `subject` is forgotten. */
enum { SIM_MARK = 18 };
void sim_mark(sim *s, const char *subject, char ret_mark[SIM_MARK]);
/* What the mark is about has an id now: it was marked under a name of the story's own. */
void sim_mark_about(sim *s, const char *mark, const char *subject);

/* A word that is personal, copied: no fact, metric or complaint says it, nor any mark (I25). */
void sim_personal(sim *s, const char *word);

/* -- the end -- */
/* Heals, then runs until nothing is under way: all cursors at their heads, all commands answered,
 * no ask in hand, nothing due. False: not within `budget_span`, or
 * something is broken already. */
bool sim_settle(sim *s, upp_ms budget_span);

enum sim_invariant {
    SIM_I1,       /* dense, one hash for one place, over all observers */
    SIM_I2,       /* the chain, recomputed here from the bytes */
    SIM_I3,       /* cursors never go back, nor past the head */
    SIM_I4,       /* at quiescence every cursor is at the head */
    SIM_I5,       /* no effect before its cause */
    SIM_I6,       /* handled exactly once */
    SIM_I7,       /* a fresh node fed the journal dumps the same bytes */
    SIM_I8,       /* what was on a wire is in the log */
    SIM_I15,      /* marks of what was forgotten are in no byte */
    SIM_I17,      /* no alarm before its time */
    SIM_I18,      /* nothing stays overdue while the service is up */
    SIM_I24,      /* one key, one request, at every attempt; every ask has an end */
    SIM_I25,      /* no fact, metric or complaint says a word that is personal */
    SIM_COMMANDS, /* a command has one outcome, however often it is sent */
    SIM_INVARIANTS
};
typedef struct sim_tally {
    uint64_t checked[SIM_INVARIANTS], broken[SIM_INVARIANTS];
    uint64_t batches, inputs, crashes, powers, ops, bugs;
} sim_tally;
const char *sim_invariant_name(enum sim_invariant invariant);
/* After sim_settle: checks all that is left to check and adds everything to `tally`. False: some
 * invariant is broken, sim_why says which first. */
bool sim_check(sim *s, sim_tally *tally);
const char *sim_why(const sim *s); /* "" when all is well */
/* Everything that happened, as one number. */
uint64_t sim_hash(const sim *s);
upp_ms sim_now(const sim *s);
/* The service's node, for queries and dumps between two sim_runs; NULL while it is down. */
upp_node *sim_node(sim *s, const char *service);
