/* holding.c - what escalation holds of a person, and of what somebody wrote (R29). */
#include "escalation.h"
#include "held_kind.h"

int escalation_held(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    static const held_kind kinds[] = {
        { "contact", "staff",
          "SELECT count(*), 0 FROM person WHERE person = ?1 AND contact_ref > 0", false },
        { "absence", "absence",
          "SELECT count(*), 0 FROM absence WHERE person = ?1 AND when_ref > 0", false },
        { "draft", "", "SELECT count(*), min(at_ms) FROM draft WHERE person = ?1 AND text_ref > 0",
          false },
        { "note", "",
          "SELECT count(*), min(received_ms) FROM matter WHERE item = ?1 AND note_ref > 0", false },
    };
    (void)self;
    (void)in;
    return held_reply(txn, msg, kinds, UPP_LEN(kinds));
}
