/* holding.c - what registry holds of a person (R29). */
#include "held_kind.h"
#include "registry.h"

int registry_held(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    static const held_kind kinds[] = {
        { "name", "staff",
          "SELECT count(*), min(since_ms) FROM person WHERE person = ?1 AND who_ref > 0", false },
        { "absence", "absence",
          "SELECT count(*), 0 FROM absence WHERE person = ?1 AND when_ref > 0", false },
    };
    (void)self;
    (void)in;
    return held_reply(txn, msg, kinds, UPP_LEN(kinds));
}
