/* town_part.h - what one service brings to the town: itself, its settings, the world behind its
 * ports, and what must hold of it after every story. To add a service: a file town_<service>.c with
 * a part, a flag in town.h, a row in the table of town_tell.c. */
#pragma once
#include "sim_play.h"
#include "town.h"
#include <sqlite3.h>

typedef struct town_part {
    unsigned flag; /* 0: it is always there */
    const upp_service *service;
    /* Once for all seeds of a story: what is dear to make. NULL: nothing. */
    void *(*begin)(void);
    void (*end)(void *shared);
    /* Before anything happens in a seed: sim_config, sim_port. What it gives back is `own` below.
     * NULL: the options' presets, and a world that answers nothing. */
    void *(*open)(town *t, void *shared);
    /* After all has come to rest; what does not hold is said with town_wrong. NULL: nothing. */
    void (*check)(town *t, void *own);
    void (*close)(void *own);
} town_part;

extern const town_part town_registry, town_ingest, town_classify, town_escalation, town_evidence,
    town_archive, town_feed, town_console, town_classify_2;

/* Adds to a row of the report; `what` is a literal. */
void town_counted(town *t, const char *what, uint64_t n);
/* The service's store, to read; waits until the service is up. */
sqlite3 *town_store(town *t, const char *service);
/* Sends it and waits; a refusal is wrong. */
void town_did(town *t, const char *service, const char *by, const ProtobufCMessage *command);
void town_found(town *t); /* the register as every story finds it */

/* What many runs share: the parts that are real, what they made once, and what was checked. */
typedef struct town_cast town_cast;
town_cast *town_cast_new(unsigned services);
void town_cast_free(town_cast *cast);
/* One run of one story, settled and checked. `play` may be NULL: then the story draws its own
 * faults; else its seed, faults and trace hold, and its hash and why are filled. */
uint64_t town_play(town_cast *cast, uint64_t seed, town_story *story, sim_play *play,
                   char ret_why[400]);
/* What the invariants and the parts have checked so far; lent. */
const sim_tally *town_tally(const town_cast *cast);
const town_count *town_counts(const town_cast *cast); /* TOWN_COUNTS, ended by a NULL `what` */
