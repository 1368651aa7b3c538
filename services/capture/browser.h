/* browser.h - one Chromium: started, asked whether it lives, ended as a whole process group. All of
 * it belongs to one thread. */
#pragma once
#include "cdp.h"
#include "config.h"
#include "egress.h"
#include <limits.h>
#include <sys/types.h>

typedef struct browser {
    const capture_config *config; /* lent */
    const char *work;             /* lent; our own folder */
    const atomic_bool *stop;      /* lent; set: every wait ends */
    pid_t pid;                    /* 0: none */
    bool mute;                    /* it does not answer: it is not asked to end, either */
    bool reaped;                  /* it has ended, and we have seen it */
    cdp *cdp;
    char profile[PATH_MAX];
    char product[64]; /* "Chrome/156.0..." */
    char agent[256];  /* what it calls itself to servers */
    int64_t jobs;
    egress *egress; /* its way out; NULL: a proxy of the configuration */
} browser;

enum browser_state {
    BROWSER_READY,
    BROWSER_MISSING, /* its program is not there */
    BROWSER_SANDBOX, /* it cannot make its sandbox here */
    BROWSER_FAILED,  /* it does not start, or ended at once */
};
/* Words for people, with the cure; "" for READY. */
const char *browser_state_words(enum browser_state state);
/* A short word of our own for /readyz; NULL for READY. */
const char *browser_state_reason(enum browser_state state);

/* A living browser that has jobs and memory left: the one that is there, or a fresh one. */
enum browser_state browser_ready(browser *b);
/* Ends it and everything it started, takes its profile away. Fine when there is none. */
void browser_end(browser *b);
/* Bytes of memory that its processes do not share; 0: none, or not readable. */
int64_t browser_memory(const browser *b);
/* Takes a folder and what is in it away; follows no link. */
void browser_remove(const char *folder);
