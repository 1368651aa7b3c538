/* read_listed.c - what stands on a disposal's list, for whoever is to approve it (R23; sla.md P4):
 * which items they are is evidence's word, what they are is ours. */
#include "console.h"
#include <string.h>

enum { ITEMS = 100, WORDS_MAX = 160 };

/* Cut before a character, not in one. */
static void cut(char *text)
{
    size_t n = strlen(text);
    if (n <= WORDS_MAX)
        return;
    for (n = WORDS_MAX; n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80; n--)
        ;
    text[n] = '\0';
}

static int reply(upp_txn *txn, const upp_rows *row, const char *item)
{
    char account[200];
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *kept = NULL;
    Uppsikt__ListedRow out = UPPSIKT__LISTED_ROW__INIT;
    Uppsikt__ListedRowContent content = UPPSIKT__LISTED_ROW_CONTENT__INIT;
    const int64_t words = upp_col_int(row, 4);
    out.item = upp_lend(item);
    out.account = upp_lend(upp_col_text(row, 0));
    out.kind = (Uppsikt__ItemKind)upp_col_int(row, 1);
    out.at_ms = upp_col_int(row, 2);
    out.versions = (uint32_t)upp_col_int(row, 3);
    out.may_see = upp_col_int(row, 5) != 0;
    UPP_TRY(console_account_name(txn, out.account, account, sizeof account));
    content.account = account;
    if (out.may_see && words != 0 && out.kind != UPPSIKT__ITEM_KIND__ITEM_KIND_MESSAGE) {
        const int forgotten =
            upp_recall(txn, words, &uppsikt__comment_received_content__descriptor, &kept);
        UPP_TRY(forgotten);
        if (!forgotten) {
            content.text = ((Uppsikt__CommentReceivedContent *)kept)->text;
            cut(content.text);
        }
    }
    return upp_reply_content(txn, &out.base, &content.base);
}

int console_listed(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__Listed *q = msg;
    for (size_t i = 0; i < q->n_items && i < ITEMS; i++) {
        UPP_ROWS row = upp_query(
            txn,
            "SELECT i.account, i.kind, coalesce((SELECT min(at_ms) FROM version v"
            " WHERE v.item = i.item), 0), (SELECT count(*) FROM version v WHERE v.item = i.item),"
            " coalesce((SELECT what_ref FROM version v WHERE v.item = i.item"
            " ORDER BY version DESC LIMIT 1), 0), EXISTS (SELECT 1 FROM may_see s"
            " WHERE s.person = ?2 AND s.account = i.account) FROM item i WHERE i.item = ?1",
            BIND(V(q->items[i]), V(q->person)));
        if (upp_next(&row))
            UPP_TRY(reply(txn, &row, q->items[i]));
        UPP_TRY(row.rc);
    }
    return 0;
}
