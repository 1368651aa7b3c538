/* own_words.c - what is said of our own posts and answers: others are answered by them (R11, E16,
 * E17), and they are judged (R24). */
#include "own_words.h"
#include "ingest.h"
#include "kin.h"
#include <stdio.h>

int own_words_say_post(upp_txn *txn, const own_words *own)
{
    upp_content kept;
    Uppsikt__OwnPostSeenContent text = UPPSIKT__OWN_POST_SEEN_CONTENT__INIT;
    text.text = own->said->text;
    text.external_id = own->said->external_id;
    text.permalink = own->said->permalink;
    text.raw = own->said->raw;
    const int gone = upp_keep(txn, UPP_ABOUT(own->id), &text.base, &kept);
    UPP_TRY(gone);
    Uppsikt__OwnPostSeen out = UPPSIKT__OWN_POST_SEEN__INIT;
    out.item = upp_lend(own->id);
    out.account = upp_lend(own->account);
    out.at_ms = own->at;
    out.version = 1;
    out.backfill = own->backfill;
    out.commitment = upp_commitment(&kept);
    return upp_emit(txn, own->id, &out.base, &kept);
}

/* 1: that item is our own. */
static int is_ours(upp_txn *txn, const char *item)
{
    UPP_ROWS row = upp_query(txn, "SELECT ours FROM item WHERE item = ?1", BIND(V(item)));
    const int ours = upp_next(&row) && upp_col_int(&row, 0) == 1 ? 1 : 0;
    return row.rc < 0 ? row.rc : ours;
}

/* Is it an answer that went out through us? Then its action says what it does to the clock. */
static int find_action(upp_txn *txn, const char *text, const char *item, char ret_action[UPP_ID],
                       Uppsikt__ReplyKind *ret_kind)
{
    char words[UPP_HEX];
    kin_words(txn, text, words);
    if (!item[0] || !words[0])
        return 0;
    UPP_ROWS row = upp_query(txn,
                             "SELECT action, reply FROM action WHERE item = ?1 AND words = ?2"
                             " ORDER BY action LIMIT 1",
                             BIND(V(item), V(words)));
    if (upp_next(&row)) {
        snprintf(ret_action, UPP_ID, "%s", upp_col_text(&row, 0));
        *ret_kind = (Uppsikt__ReplyKind)upp_col_int(&row, 1);
    }
    return row.rc;
}

int own_words_say_reply(upp_txn *txn, const own_words *own)
{
    upp_content kept;
    bool is_signed = false;
    const int below_own = is_ours(txn, own->parent);
    UPP_TRY(below_own);
    const char *parent = below_own == 1 ? "" : own->parent;
    const int nobody = signer_signed(txn, "", own->said->text, &is_signed);
    UPP_TRY(nobody);
    char action[UPP_ID] = "";
    Uppsikt__ReplyKind kind = UPPSIKT__REPLY_KIND__REPLY_KIND_UNSPECIFIED;
    UPP_TRY(find_action(txn, own->said->text, parent, action, &kind));
    Uppsikt__ReplySeenContent text = UPPSIKT__REPLY_SEEN_CONTENT__INIT;
    text.text = own->said->text;
    text.external_id = own->said->external_id;
    text.permalink = own->said->permalink;
    text.raw = own->said->raw;
    const int gone = upp_keep(txn, UPP_ABOUT(own->id), &text.base, &kept);
    UPP_TRY(gone);
    Uppsikt__ReplySeen out = UPPSIKT__REPLY_SEEN__INIT;
    out.item = upp_lend(parent);
    out.reply = upp_lend(own->id);
    out.account = upp_lend(own->account);
    out.thread = upp_lend(own->thread);
    out.at_ms = own->at;
    out.direct = parent[0] != '\0';
    out.signed_ = is_signed;
    out.sign_checked = true;
    out.action = action;
    out.kind = kind;
    out.backfill = own->backfill;
    out.commitment = upp_commitment(&kept);
    return upp_emit(txn, parent[0] ? parent : own->id, &out.base, &kept);
}
