/* child.h - one process of the supervisor: started, its lines taken, started anew when it ends. */
#pragma once
#include "home.h"
#include <sys/types.h>

enum { CHILD_NAME = 33, CHILD_LINE = 8192, CHILD_ARGUMENTS = 6 };

typedef struct child {
    char name[CHILD_NAME];
    char program[PATH_MAX];
    char arguments[CHILD_ARGUMENTS - 2][PATH_MAX]; /* after the program's own name */
    size_t n_arguments;
    char log_path[PATH_MAX];
    const verb_home *home; /* lent */
    bool tells;            /* it says when it is ready; else it is when it runs */
    pid_t pid;             /* 0: not running */
    int out;               /* its stdout and stderr; -1: none */
    int log;
    char line[CHILD_LINE];
    size_t used;
    upp_ms started, again; /* steady; when it was, and when it is to be started */
    upp_ms backoff_span;
    bool ready, was_ready;
    bool optional; /* the suite is ready without it, and runs on when it cannot */
    int code;      /* of its last end; 128 + signal */
} child;

/* What all are given. */
typedef struct child_world {
    const char *run;      /* the folder of sockets */
    const char *notify;   /* $NOTIFY_SOCKET (told.h) */
    const char *mail_url; /* the local catcher's; "": mails go where the configuration says */
    int64_t speed;
} child_world;

/* Starts it: in a process group of its own (Ctrl-C is the supervisor's), ended with SIGTERM when we
 * end however we end. False: said. */
bool child_start(child *c, const child_world *world);
/* Takes what it has said: all to its log, warnings and errors to the terminal, too; `heard` (may be
 * NULL) gets each line. */
void child_read(child *c, void (*heard)(void *ctx, const char *line), void *ctx);
/* It has ended: notes how, and when it is started again; says so unless `stopping`. */
void child_ended(child *c, int status, bool stopping);
/* It has told of its readiness: JSON as /readyz answers. It may miss a service that is not
 * configured here. */
void child_told(child *c, const char *readiness);
void child_done(child *c);
