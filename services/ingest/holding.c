/* holding.c - what ingest holds of a person, and of what somebody wrote; and which that is: found
 * by the keyed hash of who she is on her platform (R24, R29). */
#include "held_kind.h"
#include "ingest.h"
#include "kin.h"
#include <stdio.h>

int ingest_held(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    static const held_kind kinds[] = {
        { "name", "staff", "SELECT count(*), 0 FROM person WHERE person = ?1 AND who_ref > 0",
          false },
        { "words", "",
          "SELECT count(*), min(seen_ms) FROM version WHERE item = ?1 AND text_ref > 0", false },
    };
    (void)self;
    (void)in;
    return held_reply(txn, msg, kinds, UPP_LEN(kinds));
}

/* "": her platform does not say who she is, or all she wrote is forgotten. */
static int author_of(upp_txn *txn, const Uppsikt__AuthorItems *q, char ret_author[UPP_HEX])
{
    ret_author[0] = '\0';
    if (q->author[0])
        kin_author(txn, q->platform, q->author, ret_author);
    if (!q->item[0])
        return 0;
    UPP_ROWS row = upp_query(txn, "SELECT author FROM kin WHERE item = ?1", BIND(V(q->item)));
    if (upp_next(&row))
        snprintf(ret_author, UPP_HEX, "%s", upp_col_text(&row, 0));
    return row.rc;
}

int ingest_author_items(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    enum { PAGE = 200 };
    const Uppsikt__AuthorItems *q = msg;
    char author[UPP_HEX];
    (void)self;
    (void)in;
    if (!q->item[0] == !(q->author[0] && q->platform[0]))
        return upp_refuse(txn, "author-or-item");
    UPP_TRY(author_of(txn, q, author));
    if (!author[0])
        return 0;
    UPP_ROWS row = upp_query(txn,
                             "SELECT k.item, k.account, k.received_ms, i.kind FROM kin k"
                             " JOIN item i ON i.item = k.item WHERE k.author = ?1 AND k.item > ?2"
                             " ORDER BY k.item LIMIT ?3",
                             BIND(V(author), V(q->after),
                                  V((int64_t)(q->limit > 0 && q->limit < PAGE ? q->limit : PAGE))));
    while (upp_next(&row)) {
        Uppsikt__AuthorItem out = UPPSIKT__AUTHOR_ITEM__INIT;
        out.item = upp_lend(upp_col_text(&row, 0));
        out.account = upp_lend(upp_col_text(&row, 1));
        out.received_ms = upp_col_int(&row, 2);
        out.kind = (Uppsikt__ItemKind)upp_col_int(&row, 3);
        const int rc = upp_reply(txn, &out.base);
        if (rc)
            return rc < 0 ? rc : 0;
    }
    return row.rc;
}
