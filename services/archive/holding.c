/* holding.c - what archive holds of a person, and of what somebody wrote (R29). A package is not
 * hers: it quotes her, and goes by a row of its own. */
#include "archive.h"
#include "held_kind.h"

int archive_held(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    static const held_kind kinds[] = {
        { "name", "staff", "SELECT count(*), 0 FROM person WHERE person = ?1 AND who_ref > 0",
          false },
        { "hand-in", "",
          "SELECT count(*), min(received_ms) FROM hand_in WHERE person = ?1 AND file_ref > 0",
          false },
        { "words", "",
          "SELECT count(*), min(heard_ms) FROM version WHERE item = ?1 AND what_ref > 0", false },
        { "package", "package",
          "SELECT count(*), min(p.at_ms) FROM item i JOIN package p ON p.account = i.account"
          " AND p.gone = 0 WHERE i.item = ?1 AND EXISTS (SELECT 1 FROM version v"
          " WHERE v.item = i.item AND v.heard_ms >= p.from_ms AND v.heard_ms < p.to_ms)",
          true },
    };
    (void)self;
    (void)in;
    return held_reply(txn, msg, kinds, UPP_LEN(kinds));
}
