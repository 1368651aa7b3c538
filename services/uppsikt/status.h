/* status.h - a service's state, as status and doctor read it. */
#pragma once
#include "home.h"
#include <jansson.h>

/* ServiceState as JSON; a service that does not answer: {"service", "down": why}. The caller's. */
json_t *status_of(verb_call *call, const char *service, upp_ms wait_span);
/* ready, behind, unheard, forked, disk-low or down. */
const char *status_word(const verb_home *home, const json_t *state);
/* Has this source of a service not been heard for long, though it is configured here? */
bool status_unheard(const verb_home *home, const json_t *source);
/* The most events that a source has and this service has not handled; *ret_source (may be NULL) is
 * that source's name, the state's; untouched when there is no lag. */
int64_t status_lag(const json_t *state, const char **ret_source);
