/* restore.h - `uppsikt-<service> restore LEDGER`: a store that came out of a backup begins anew. */
#pragma once
#include "upp/service.h"

/* The configuration's data folder holds the copy; nobody else may have it open. In one transaction
 * a new epoch begins and what LEDGER (NDJSON: {"disposal", "subject"}, in order) names is forgotten
 * again; then the files of forgotten objects go, the store is packed, and the whole chain is looked
 * through. Prints one line of JSON: {"service", "epoch", "old_seq", "seq", "disposed"}. The exit
 * code; what is wrong goes to stderr. */
int upp_restore(const upp_service *service, const char *config_path, const char *ledger_path);
