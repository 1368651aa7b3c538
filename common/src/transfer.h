/* transfer.h - libcurl's multi interface in the driver's loop: how a port speaks HTTP or SMTP
 * without blocking it. Programs with such ports link upp_transfer; nobody else pays for libcurl. */
#pragma once
#include "late_curl.h"
#include "upp/port.h"

typedef struct upp_transfers upp_transfers;

/* Never NULL. At most `connections` are open at once; the others wait in turn. */
upp_transfers *upp_transfers_new(upp_loop *loop, long connections);
/* Transfers under way are dropped without a word: their asks start anew. NULL is fine. */
void upp_transfers_free(upp_transfers *transfers);

/* Starts `easy`, which stays the caller's and must live until `ended` has been called (once, in the
 * loop, never from inside this call). CURLOPT_PRIVATE is ours. False: it could not be started, and
 * `ended` will not be called. */
typedef void upp_transfer_ended(void *self, CURL *easy, CURLcode result);
bool upp_transfers_start(upp_transfers *transfers, CURL *easy, upp_transfer_ended *ended,
                         void *self);
