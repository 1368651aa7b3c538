/* told.h - what children say of themselves: sd_notify(3)'s socket, of which we are the reader. */
#pragma once
#include "upp/base.h"
#include <sys/types.h>

enum { TOLD_NAME = 32 };
/* A socket with a name of the kernel's choice, for $NOTIFY_SOCKET; -1: none can be had (errno). Who
 * sends is known by its process, so that no other one can speak for a child. */
int told_open(char ret_name[TOLD_NAME]);
/* The next one's word on its readiness: what /readyz answers, as JSON. False: no more has come.
 * Other words are passed over. */
bool told_next(int fd, pid_t *ret_pid, char *ret_json, size_t size);
