/* drop.h - root becomes a system user of its own, for good: Chromium refuses to run as root. */
#pragma once
#include "upp/base.h"

/* Becomes `user` with its group alone, when we are root; else nothing. In every thread, and a
 * signal at the parent's end (PR_SET_PDEATHSIG), which the kernel takes away with the change, is
 * asked for again. False: `say` has heard why and the cure; the process must end. */
bool drop_to(const char *user, void (*say)(const char *line));
