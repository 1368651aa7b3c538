/* weights.h - model files that come in parts over the bus, and lie in the service's own store: so a
 * handler can read them, a backup has them, and a replay of the inputs gives the same verdicts. */
#pragma once
#include "classifier.h"
#include "upp/service.h"

/* The command PutModelPart and the query ModelParts. */
UPP_MUST_USE int weights_put(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
UPP_MUST_USE int weights_parts(upp_txn *txn, const void *self, const upp_input *in,
                               const void *msg);

/* The whole file into *ret_bytes, which the caller frees. 1: there is no such file, it has not come
 * whole, or its bytes are not those that the sum is of. */
UPP_MUST_USE int weights_read(upp_txn *txn, const char *sha256, uint8_t **ret_bytes,
                              size_t *ret_len);
/* Forgets every file but this one ("": every file). */
UPP_MUST_USE int weights_keep_only(upp_txn *txn, const char *sha256);
/* The alarm of a file: it goes, unless it is the one in force. */
UPP_MUST_USE int weights_alarm(upp_txn *txn, const char *key, const char *in_force);

/* The least that any model must do, whatever its figures say: see every personal number of a few
 * plain sentences, and see nothing in most sentences that are plainly fine. NULL: it does; else a
 * key of the catalogue. */
const char *weights_flaw(const classifier *c, classifier_room *room);
