/* holding.c - what console holds of a person, and of what somebody wrote (R29). Who signed in when
 * is "other": it stands in the log alone. */
#include "console.h"
#include "held_kind.h"

int console_held(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    static const held_kind kinds[] = {
        { "name", "staff", "SELECT count(*), 0 FROM person WHERE person = ?1 AND who_ref > 0",
          false },
        { "login", "staff", "SELECT count(*), 0 FROM login WHERE person = ?1 AND secret_ref > 0",
          false },
        { "draft", "", "SELECT count(*), min(at_ms) FROM draft WHERE person = ?1 AND text_ref > 0",
          false },
        { "words", "", "SELECT count(*), 0 FROM version WHERE item = ?1 AND what_ref > 0", false },
        { "answer", "", "SELECT count(*), min(at_ms) FROM reply WHERE item = ?1 AND text_ref > 0",
          false },
        { "judgement", "", "SELECT count(*), 0 FROM judged WHERE item = ?1 AND reasons_ref > 0",
          false },
        { "note", "", "SELECT count(*), min(at_ms) FROM happening WHERE item = ?1 AND note_ref > 0",
          false },
    };
    (void)self;
    (void)in;
    return held_reply(txn, msg, kinds, UPP_LEN(kinds));
}
