/* swarm.h - any week of the municipality: what is written, what people do and do not do about it,
 * and every fault that the seed draws. The whole suite in one thread (tests/sim/run). */
#pragma once
#include "town.h"
#include "town_part.h"

enum { SWARM_COMMENTS = 60, SWARM_DAYS = 3, SWARM_COMMANDS = 400 };

#define SWARM_ROW "rad" /* the adopted retention row */

typedef struct swarm_comment {
    char id[24];
    const char *on_page; /* its id on the page; NULL: it came in a file */
    char mark[SIM_MARK]; /* stands in every version's text */
    char received[40];   /* RFC 3339; no two comments share it */
    char item[UPP_ID];   /* our id; empty: not known yet */
    unsigned kind;       /* which text */
    unsigned versions;   /* that were written */
    bool written, gone;
} swarm_comment;

enum swarm_what { SWARM_DECIDE, SWARM_APPROVE, SWARM_TOUCH, SWARM_REGISTER, SWARM_DISPOSE };
/* What somebody sent, and under whose name. */
typedef struct swarm_command {
    size_t number; /* sim_outcome */
    const char *by;
    enum swarm_what what;
} swarm_command;

typedef struct swarm {
    town *t;
    sim_rand rand, decisions; /* the second: of the policies that are adopted */
    swarm_comment comments[SWARM_COMMENTS];
    size_t n, next;
    swarm_command commands[SWARM_COMMANDS];
    size_t n_commands;
    size_t n_looks;   /* pages that somebody's scanner opened */
    const char *post; /* of the page that the account is joined to; NULL: files come in instead */
} swarm;

/* One seed of it. `run` chooses the faults; hash and why are filled. False: something is broken. */
bool swarm_play(town_cast *cast, sim_play *run);

/* -- swarm_people.c -- */
void swarm_act(sim *s, void *ctx);      /* somebody does something about something */
void swarm_scan(sim *s, void *ctx);     /* a mail scanner opens every link, a person presses one */
void swarm_register(sim *s, void *ctx); /* somebody goes away, or leaves, or gets access */
void swarm_adopt(sim *s, void *ctx);    /* other numbers are the rules, now or later */
void swarm_pack(sim *s, void *ctx);     /* somebody wants the account as a package, now */
void swarm_propose(sim *s, void *ctx);  /* a list of what may be disposed of ... */
void swarm_dispose(sim *s, void *ctx);  /* ... and a second person, sometimes the wrong one */
/* Our id of a comment; false: ingest or the desk is down or has not heard of it. */
bool swarm_item(swarm *l, swarm_comment *c);

/* -- swarm_check.c -- */
void swarm_check(town *t); /* after all has come to rest */
