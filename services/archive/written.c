/* written.c - what is written on the accounts, until a sealed package has it: content that can be
 * forgotten at any time. */
#include "archive.h"
#include "uppsikt/comment.pb-c.h"
#include <string.h>

/* Handlers come in ingest's order, but a row may be there already: each only adds what it knows. */
static int add(upp_txn *txn, const char *item, const char *account, bool own, const char *kind,
               const char *parent, upp_ms at)
{
    return upp_exec(txn,
                    "INSERT INTO item(item, account, own, kind, parent, at_ms)"
                    " VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
                    BIND(V(item), V(account), V(own ? 1 : 0), V(kind), V(parent), V(at)));
}

static int add_version(upp_txn *txn, const char *item, uint32_t version, upp_ms seen,
                       const ProtobufCMessage *content)
{
    upp_content kept = { 0 };
    if (content)
        UPP_TRY(upp_keep(txn, UPP_ABOUT(item), content, &kept));
    return upp_exec(txn,
                    "INSERT INTO version(item, version, seen_ms, heard_ms, what_ref)"
                    " VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
                    BIND(V(item), V(version), V(seen), V(upp_now(txn)), V(kept.ref)));
}

static const char *kind_name(int kind)
{
    static const char *const names[] = { "comment", "comment", "reply",   "mention",
                                         "message", "review",  "own_post" };
    return kind >= 0 && (size_t)kind < UPP_LEN(names) ? names[kind] : "comment";
}

/* A message to us alone is no part of the account's page: it goes to the diary, not here. */
int written_received(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__CommentReceived *e = msg;
    (void)self;
    if (e->kind == UPPSIKT__ITEM_KIND__ITEM_KIND_MESSAGE)
        return 0;
    UPP_TRY(add(txn, e->item, e->account, e->kind == UPPSIKT__ITEM_KIND__ITEM_KIND_OWN_POST,
                kind_name((int)e->kind), e->parent, e->received_ms));
    return add_version(txn, e->item, e->version, e->first_seen_ms, in->content);
}

int written_edited(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__CommentEdited *e = msg;
    const Uppsikt__CommentEditedContent *content = in->content;
    (void)self;
    UPP_ROWS row = upp_query(txn, "SELECT 1 FROM item WHERE item = ?1", BIND(V(e->item)));
    if (!upp_next(&row)) /* a message to us alone */
        return row.rc;
    return add_version(txn, e->item, e->version, e->seen_ms,
                       content && content->now ? &content->now->base : NULL);
}

int written_gone(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__CommentGone *e = msg;
    (void)self;
    (void)in;
    return upp_exec(txn, "UPDATE item SET gone_ms = ?2 WHERE item = ?1",
                    BIND(V(e->item), V(e->at_ms)));
}

/* The words of a reply and of a post of ours, in the form that all items have. */
int written_reply(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__ReplySeen *e = msg;
    const Uppsikt__ReplySeenContent *content = in->content;
    Uppsikt__CommentReceivedContent what = UPPSIKT__COMMENT_RECEIVED_CONTENT__INIT;
    (void)self;
    if (content) {
        what.text = content->text;
        what.external_id = content->external_id;
        what.permalink = content->permalink;
    }
    UPP_TRY(add(txn, e->reply, e->account, true, "reply", e->item, e->at_ms));
    return add_version(txn, e->reply, 1, e->at_ms, content ? &what.base : NULL);
}

int written_own_post(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__OwnPostSeen *e = msg;
    const Uppsikt__OwnPostSeenContent *content = in->content;
    Uppsikt__CommentReceivedContent what = UPPSIKT__COMMENT_RECEIVED_CONTENT__INIT;
    (void)self;
    if (content) {
        what.text = content->text;
        what.external_id = content->external_id;
        what.permalink = content->permalink;
        what.n_attachments = content->n_attachments;
        what.attachments = content->attachments;
    }
    UPP_TRY(add(txn, e->item, e->account, true, "own_post", "", e->at_ms));
    return add_version(txn, e->item, e->version, e->at_ms, content ? &what.base : NULL);
}

/* -- forgetting -- */
static int say_copies(upp_txn *txn, const archive *self, const char *item)
{
    UPP_ROWS row =
        upp_query(txn,
                  "SELECT p.package, coalesce(a.authority, '') FROM item i JOIN package p"
                  " ON p.account = i.account AND p.gone = 0 LEFT JOIN account a"
                  " ON a.account = i.account WHERE i.item = ?1 AND EXISTS (SELECT 1 FROM version v"
                  " WHERE v.item = i.item AND v.heard_ms >= p.from_ms AND v.heard_ms < p.to_ms)"
                  " ORDER BY p.package",
                  BIND(V(item)));
    while (upp_next(&row)) {
        char plan_row[64];
        Uppsikt__CopyKept out = UPPSIKT__COPY_KEPT__INIT;
        UPP_TRY(heard_plan_row(txn, self, upp_col_text(&row, 1), plan_row));
        out.item = upp_lend(item);
        out.package = upp_lend(upp_col_text(&row, 0));
        out.plan_row = plan_row;
        UPP_TRY(upp_emit(txn, item, &out.base, NULL));
    }
    return row.rc;
}

/* A run whose lists may hold it begins anew. */
static int restart_runs(upp_txn *txn, const char *item)
{
    UPP_ROWS row = upp_query(
        txn,
        "SELECT r.run FROM run r JOIN item i ON i.account = r.account"
        " WHERE i.item = ?1 AND r.state IN (?2, ?3, ?4, ?5)",
        BIND(V(item), V(RUN_CAPTURING), V(RUN_COLLECTING), V(RUN_MANUAL), V(RUN_PACKING)));
    while (upp_next(&row))
        UPP_TRY(run_restart(txn, upp_col_text(&row, 0)));
    return row.rc;
}

int written_forget(upp_txn *txn, const archive *self, const char *item)
{
    {
        UPP_ROWS row = upp_query(txn, "SELECT 1 FROM item WHERE item = ?1", BIND(V(item)));
        if (!upp_next(&row))
            return row.rc;
    }
    UPP_TRY(say_copies(txn, self, item));
    UPP_TRY(upp_exec(txn, "UPDATE version SET what_ref = 0 WHERE item = ?1", BIND(V(item))));
    return restart_runs(txn, item);
}

/* At most so many at a time; the alarm of the next sealed package takes the rest. */
enum { DROPS = 500 };

int written_drop_packed(upp_txn *txn, const char *account, const char *campaign)
{
    upp_ms until = 0;
    {
        UPP_ROWS row = upp_query(txn,
                                 "SELECT coalesce(max(to_ms), 0) FROM package"
                                 " WHERE account = ?1 AND campaign < ?2 AND gone = 0",
                                 BIND(V(account), V(campaign)));
        until = upp_next(&row) ? upp_col_int(&row, 0) : 0;
        UPP_TRY(row.rc);
    }
    UPP_ROWS row = upp_query(txn,
                             "SELECT v.what_ref, v.item, v.version FROM item i JOIN version v"
                             " ON v.item = i.item WHERE i.account = ?1 AND v.heard_ms < ?2"
                             " AND v.what_ref > 0 LIMIT ?3",
                             BIND(V(account), V(until), V((int64_t)DROPS)));
    while (upp_next(&row)) {
        UPP_TRY(upp_drop(txn, upp_col_int(&row, 0)));
        UPP_TRY(upp_exec(txn, "UPDATE version SET what_ref = 0 WHERE item = ?1 AND version = ?2",
                         BIND(V(upp_col_text(&row, 1)), V(upp_col_int(&row, 2)))));
    }
    return row.rc;
}
