/* sim_journal.h - every input of a node, as it was committed, and a fresh node that is fed them
 * (I7). */
#pragma once
#include "sim_buf.h"
#include "sim_disk.h"
#include "sim_parcel.h"
#include "upp/node.h"

typedef struct sim_input {
    enum {
        SIM_IN_OPEN, /* the process began: what a node holds in memory is fresh */
        SIM_IN_BEGIN,
        SIM_IN_START,
        SIM_IN_DELIVER,
        SIM_IN_ALARM,
        SIM_IN_COMMAND,
        SIM_IN_ANSWER,
        SIM_IN_COMMIT,
        SIM_IN_UNLINKED,
        SIM_IN_RESTORED
    } kind;
    upp_ms now;         /* begin; answer: after_span */
    uint8_t seed[32];   /* begin */
    char *who;          /* deliver: source; command: peer; answer: port; unlinked: id; owned */
    sim_parcel *parcel; /* deliver, command: frames; answer: a byte and its bytes, as content;
                           restored: the ledger's texts, as content */
    int64_t ask;
    enum upp_fate fate;
    int rc; /* what the node said to it */
} sim_input;

typedef struct sim_journal {
    sim_input *inputs;
    size_t n;
} sim_journal;

/* Puts one at the end; takes `who` as a copy and a hold on the parcel. */
void sim_journal_add(sim_journal *j, const sim_input *input);
/* All of `from` goes to the end of `to`. */
void sim_journal_move(sim_journal *to, sim_journal *from);
void sim_journal_done(sim_journal *j);
void sim_journal_cut(sim_journal *j, size_t n); /* what came after the first n never was */

/* A node of its own on a disk without faults, as far as the journal has been played to it. */
typedef struct sim_shadow {
    upp_ms now;
    sim_disk *disk;
    upp_node *node;
    size_t played;
    bool rests; /* an alarm of this life was busy */
} sim_shadow;

/* Where the node that is shadowed comes from. */
typedef struct sim_origin {
    const upp_service *service;
    const void *config;
    const uint8_t *lookup_key;
    const uint8_t *epoch; /* 16 bytes, the first: the one thing that is drawn outside a batch */
    uint64_t seed;
} sim_origin;

/* Plays what is new in the journal. NULL, or why it went another way. */
const char *sim_shadow_play(sim_shadow *shadow, const sim_origin *origin, const sim_journal *j);
void sim_shadow_done(sim_shadow *shadow);
/* The answer of a port from its bytes; NULL when there are none. The caller frees it. */
ProtobufCMessage *sim_answer_of(const upp_service *service, const char *port, upp_bytes bytes);

/* The canonical dump, whole. Negative: the node's failure. */
int sim_dump(upp_node *node, sim_buf *ret_text);
