/* key_files.h - the key files of one deployment: who has which, made when it is missing. */
#pragma once
#include "home.h"

/* Where a call's keys are to be made, in a deployment that need not be there yet: --data, --keys,
 * or /etc/uppsikt. CALL_DONE; CALL_CONFIG: said; CALL_USAGE: a longer path than one may be. */
int key_files_home(verb_call *call);
/* Makes what is missing: a CURVE pair for each service and peer, lookup.key and token.key in
 * `place`, rights.yaml in `config`. *ret_made counts what was made. CALL_DONE; CALL_CONFIG:
 * said. */
int key_files_make(const verb_home *home, size_t *ret_made);
/* "<folder>/<peer>.<suffix>". */
bool key_files_path(const verb_home *home, const char *peer, const char *suffix,
                    char ret_path[PATH_MAX]);
/* All services, then the other peers; NULL after the last. */
const char *key_files_peer(const verb_home *home, size_t i);
