/* hear_appeal.c - that somebody objects to what was decided, and what became of it: lines of the
 * comment's history, on each of its pages (R25). */
#include "console.h"

int console_on_appeal(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    const Uppsikt__AppealLodged *a = msg;
    upp_content text = { 0 };
    if (in->content) {
        const int forgotten = upp_keep(txn, UPP_ABOUT(a->item), in->content, &text);
        UPP_TRY(forgotten);
    }
    return console_note(txn, a->item, "", a->at_ms,
                        a->by_author ? "log.appeal-author" : "log.appeal-other", a->by, "",
                        text.ref);
}

int console_on_appeal_decided(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    const Uppsikt__AppealDecided *a = msg;
    upp_content note = { 0 };
    if (in->content) {
        const int forgotten = upp_keep(txn, UPP_ABOUT(a->item), in->content, &note);
        UPP_TRY(forgotten);
    }
    return console_note(txn, a->item, "", a->at_ms,
                        a->changed ? "log.appealed-changed" : "log.appealed-stands", a->by, "",
                        note.ref);
}
