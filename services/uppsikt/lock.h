/* lock.h - one supervisor a deployment: the lock file <data>/lock. */
#pragma once
#include <stdbool.h>
#include <sys/types.h>

/* Takes the lock for the life of the process; its descriptor. -1: it cannot be taken. */
int lock_take(const char *data);
/* The process that has it; 0: nobody, or one of another container, which has no number here. */
pid_t lock_holder(const char *data);
/* Has anybody it, in whatever container? */
bool lock_held(const char *data);
