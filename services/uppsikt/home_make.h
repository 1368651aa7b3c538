/* home_make.h - a deployment's folder: what is missing is made, what is there stays. */
#pragma once
#include "home.h"

/* Makes <data> with keys, config, place, log and the run folder; `config` NULL: <data>/config.
 * `folder` holds the programs: those that are there get a configuration. CALL_DONE, or CALL_CONFIG:
 * said. */
int home_make(const char *data, const char *config, const char *folder, verb_home *ret_home);
/* Is the program of this service in `folder`? Its path, when it is. */
bool home_program(const char *folder, const char *name, char ret_path[PATH_MAX]);
/* Does the service's configuration give this option? */
bool home_says(const verb_home *home, const char *service, const char *option);
