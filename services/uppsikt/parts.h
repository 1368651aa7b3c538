/* parts.h - how a service's work is divided here, and dividing it further (R42). */
#pragma once
#include "home.h"

typedef struct parts_one {
    char name[UPP_PART_NAME];
    char data[PATH_MAX];         /* its folder */
    unsigned part, of;           /* as its store says; 0: it has none yet */
    unsigned said_part, said_of; /* as its configuration says; 0: it has none */
} parts_one;

typedef struct parts_state {
    const char *service;
    parts_one ones[UPP_PARTS];
    size_t n;      /* of them, from part 1 on */
    unsigned of;   /* into how many the work is divided, by the coarsest part */
    bool half;     /* a division was begun and has not ended, or a configuration is wrong */
    char why[300]; /* of `half`, for people */
} parts_state;

/* Can the work of this service be divided? */
bool parts_divides(const char *service);
/* How it stands, from the stores and the configurations; asks nobody. A service that has never run
 * has no store yet: `of` of its first one is 0. False: said. */
bool parts_read(const verb_home *home, const char *service, parts_state *ret_state);
/* Makes it `of` parts: stores of new parts first, then the old ones give their accounts away, then
 * the configurations. Nobody may run; broken off anywhere, it is ended by the same call again. Each
 * step is told on stderr. CALL_DONE; else said. */
int parts_divide(const verb_home *home, parts_state *state, unsigned of);
