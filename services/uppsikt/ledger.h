/* ledger.h - what has been disposed of, as every store's tombstones tell it: a backup that is
 * restored must forget it again. */
#pragma once
#include "home.h"
#include <jansson.h>

/* Adds a store's tombstones, {"disposal", "subject", "at_ms"}. `as_is` as verify_store. False: it
 * cannot be read, said. */
bool ledger_of_store(json_t *ledger, const char *path, bool as_is);
/* Adds the lines of a file that ledger_write made. False: said. */
bool ledger_of_file(json_t *ledger, const char *path);
/* In the order of disposal, each subject once, synced. */
int ledger_write(const json_t *ledger, const char *path, size_t *ret_n);
