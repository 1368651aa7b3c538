/* capture_program.h - uppsikt-capture on one machine: its configuration, its system user, how it
 * is. It is no service (services/capture/README.md), so it stands in no table of them. */
#pragma once
#include "home.h"
#include <jansson.h>

#define CAPTURE_NAME "capture"

/* Text of its configuration's file, for whoever writes it. False: too long. */
bool capture_program_config(const verb_home *home, char *ret_text, size_t n);
/* Root's part: makes the system user that it becomes, when it is missing and no other one is named.
 * What fails is said; the program then says the cure, too. */
void capture_program_user(const verb_home *home);
/* Its ServiceState as status_of gives it, with `reasons` and `notes` of its /readyz (services'
 * own short words); NULL: it is not configured here. The caller's. */
json_t *capture_program_state(verb_call *call, upp_ms wait_span);
/* Its state in a word: status_word's, or the first reason why it is not ready. */
const char *capture_program_word(const verb_home *home, const json_t *state);
/* What to do about one of its reasons. */
const char *capture_program_cure(const char *reason);
