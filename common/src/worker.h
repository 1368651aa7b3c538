/* worker.h - one thread for what blocks (packages, argon2id, hashing large files, names). */
#pragma once
#include "upp/base.h"

typedef struct upp_worker upp_worker;

/* The thread starts with the first job. */
upp_worker *upp_worker_new(void);
/* Waits for the job that runs, at most `wait_span`; forgets the others without calling `back`.
 * False: it still runs, the thread is left behind and the process is about to end. NULL is fine. */
bool upp_worker_free(upp_worker *worker, upp_ms wait_span);
/* `work` runs there, later `back` in upp_worker_collect; `job` is the caller's. */
void upp_worker_do(upp_worker *worker, void (*work)(void *job), void (*back)(void *job), void *job);
/* Readable when something is ready to be collected. */
int upp_worker_fd(const upp_worker *worker);
/* A watch for upp_loop_fd on that; `self` is the worker. Calls `back` of what is done. */
void upp_worker_collect(void *self, int fd, unsigned what);
