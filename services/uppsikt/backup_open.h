/* backup_open.h - what is sealed made plain again, and the verbs that look at a backup. */
#pragma once
#include "ask.h"
#include "backup_files.h"

/* The backup's manifest; NULL: said. The caller's. */
json_t *backup_manifest(const char *folder);
/* Was it sealed? */
bool backup_is_sealed(const json_t *manifest);
/* Reads the key of --key-file and sees that it is the one of the manifest. False: said. */
bool backup_key(const verb_call *call, const json_t *manifest, seal_key *ret_key);
/* Opens the sealed backup `folder` into the new folder `to`: a plain backup with a manifest of its
 * own. CALL_DONE; CALL_WRONG, CALL_CONFIG: said, and `to` is gone again. */
int backup_open(const char *folder, const json_t *manifest, const seal_key *key, const char *to);

/* `uppsikt keys backup FILE`: a pair, FILE the secret half, the public one where `uppsikt backup`
 * looks for it. */
int backup_make_key(verb_call *call);
/* `uppsikt verify DIR` of a backup: is each file what was backed up, and, with --key-file, can it
 * be opened? CALL_DONE, CALL_WRONG: said. */
int backup_verify(verb_call *call, const char *folder);
bool backup_is_one(const char *folder);
