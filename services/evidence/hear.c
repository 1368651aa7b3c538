/* hear.c - what is heard of items from ingest, classify and escalation, in any order between them.
 * Each handler writes rows that do not depend on what came before; want.c reads them. */
#include "evidence.h"
#include "uppsikt/classify.pb-c.h"
#include "uppsikt/escalation.pb-c.h"
#include <string.h>

/* The row that facts hang on, before ingest's own word has come. */
static int expect(upp_txn *txn, const char *item, const char *account)
{
    return upp_exec(txn,
                    "INSERT INTO item(item, account, platform, kind, received_ms, seen_ms, parent,"
                    " thread, lang) VALUES(?1, ?2, '', 0, 0, 0, '', '', '')"
                    " ON CONFLICT DO NOTHING",
                    BIND(V(item), V(account)));
}

static int add_version(upp_txn *txn, const char *item, uint32_t version, upp_ms at,
                       const Uppsikt__CommentReceivedContent *said)
{
    upp_content kept = { 0 };
    if (said) {
        const int gone = upp_keep(txn, UPP_ABOUT(item), &said->base, &kept);
        UPP_TRY(gone);
    }
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO version(item, version, at_ms, text_ref) VALUES(?1, ?2, ?3, ?4)"
                     " ON CONFLICT DO NOTHING",
                     BIND(V(item), V(version), V(at), V(kept.ref))));
    return upp_exec(txn, "UPDATE item SET newest = max(newest, ?2) WHERE item = ?1",
                    BIND(V(item), V(version)));
}

/* -- from ingest -- */
int hear_received(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__CommentReceived *c = msg;
    UPP_TRY(expect(txn, c->item, c->account));
    UPP_TRY(upp_exec(txn,
                     "UPDATE item SET account = ?2, platform = ?3, kind = ?4, received_ms = ?5,"
                     " seen_ms = ?6, parent = ?7, thread = ?8, lang = ?9 WHERE item = ?1",
                     BIND(V(c->item), V(c->account), V(c->platform), V((int64_t)c->kind),
                          V(c->received_ms), V(c->first_seen_ms), V(c->parent), V(c->thread),
                          V(c->lang))));
    UPP_TRY(add_version(txn, c->item, c->version, c->received_ms, in->content));
    return want_consider(txn, self, c->item);
}

int hear_edited(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__CommentEdited *c = msg;
    const Uppsikt__CommentEditedContent *said = in->content;
    UPP_TRY(expect(txn, c->item, c->account));
    UPP_TRY(add_version(txn, c->item, c->version, c->edited_ms > 0 ? c->edited_ms : c->seen_ms,
                        said ? said->now : NULL));
    return want_consider(txn, self, c->item);
}

int hear_gone(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__CommentGone *c = msg;
    (void)self;
    (void)in;
    UPP_TRY(expect(txn, c->item, c->account));
    return upp_exec(txn, "UPDATE item SET gone_ms = ?2 WHERE item = ?1",
                    BIND(V(c->item), V(c->at_ms)));
}

/* A line that ingest could not read: nothing to save or to decide; a row may let it go (R23). */
int hear_quarantined(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__LineQuarantined *q = msg;
    (void)self;
    (void)in;
    return upp_exec(txn,
                    "INSERT INTO item(item, account, platform, kind, received_ms, seen_ms, parent,"
                    " thread, lang, loader) VALUES(?1, ?2, '', ?3, ?4, ?4, '', '', '', ?5)"
                    " ON CONFLICT DO NOTHING",
                    BIND(V(q->item), V(q->account), V((int64_t)ITEM_LINE), V(q->at_ms), V(q->by)));
}

/* Our own words, a post or an answer: context of others'; and saved themselves when a matter is
 * about them (R24). */
static int own_words(upp_txn *txn, const keeper *k, const char *item, const char *account,
                     const char *parent, const char *thread, uint32_t version, upp_ms at,
                     Uppsikt__ItemKind kind, const Uppsikt__CommentReceivedContent *said)
{
    UPP_TRY(expect(txn, item, account));
    UPP_TRY(upp_exec(txn,
                     "UPDATE item SET account = ?2, kind = ?3, received_ms = ?4, seen_ms = ?4,"
                     " parent = ?5, thread = ?6 WHERE item = ?1",
                     BIND(V(item), V(account), V((int64_t)kind), V(at), V(parent), V(thread))));
    UPP_TRY(add_version(txn, item, version, at, said));
    return want_consider(txn, k, item);
}

int hear_reply(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__ReplySeen *c = msg;
    const Uppsikt__ReplySeenContent *said = in->content;
    Uppsikt__CommentReceivedContent words = UPPSIKT__COMMENT_RECEIVED_CONTENT__INIT;
    if (said) {
        words.text = said->text;
        words.external_id = said->external_id;
        words.permalink = said->permalink;
        words.raw = said->raw;
    }
    return own_words(txn, self, c->reply, c->account, c->item, c->thread, 1, c->at_ms,
                     UPPSIKT__ITEM_KIND__ITEM_KIND_REPLY, said ? &words : NULL);
}

int hear_own_post(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__OwnPostSeen *c = msg;
    const Uppsikt__OwnPostSeenContent *said = in->content;
    Uppsikt__CommentReceivedContent words = UPPSIKT__COMMENT_RECEIVED_CONTENT__INIT;
    if (said) {
        words.text = said->text;
        words.external_id = said->external_id;
        words.permalink = said->permalink;
        words.attachments = said->attachments;
        words.n_attachments = said->n_attachments;
        words.raw = said->raw;
    }
    return own_words(txn, self, c->item, c->account, "", "", c->version, c->at_ms,
                     UPPSIKT__ITEM_KIND__ITEM_KIND_OWN_POST, said ? &words : NULL);
}

int hear_action(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__ActionDone *a = msg;
    (void)self;
    (void)in;
    return upp_exec(
        txn,
        "INSERT INTO action(action, item, version, what, at_ms)"
        " VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
        BIND(V(a->action), V(a->item), V(a->version), V((int64_t)a->what), V(a->at_ms)));
}

/* -- suspected child abuse: no picture is fetched, made or shown (capture.md §2.1) -- */
static int take_down_pictures(upp_txn *txn, const char *item)
{
    for (;;) {
        record r;
        char id[UPP_ID] = "";
        {
            UPP_ROWS row =
                upp_query(txn, "SELECT record FROM record WHERE item = ?1 AND state = 0 LIMIT 1",
                          BIND(V(item)));
            if (upp_next(&row))
                memcpy(id, upp_col_text(&row, 0), UPP_ID);
            UPP_TRY(row.rc);
        }
        const int none = id[0] ? record_read(txn, id, &r) : 1;
        UPP_TRY(none);
        if (none)
            return 0;
        UPP_TRY(record_take_down(txn, &r));
    }
}

static int unshow(upp_txn *txn, const keeper *k, const char *item)
{
    const int changed =
        upp_exec(txn, "UPDATE item SET unshown = 1 WHERE item = ?1 AND unshown = 0", BIND(V(item)));
    UPP_TRY(changed);
    if (changed == 0)
        return 0;
    UPP_TRY(take_down_pictures(txn, item));
    return want_consider(txn, k, item);
}

int hear_classified(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__CommentClassified *c = msg;
    (void)in;
    if (strcmp(c->bbs_letter, "e") != 0)
        return 0;
    UPP_TRY(expect(txn, c->item, c->account));
    return unshow(txn, self, c->item);
}

/* -- from escalation -- */
int hear_matter(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const keeper *k = self;
    const Uppsikt__MatterOpened *m = msg;
    (void)in;
    UPP_TRY(expect(txn, m->item, m->account));
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO matter(matter, item, kind, due_ms) VALUES(?1, ?2, ?3, ?4)"
                     " ON CONFLICT DO UPDATE SET kind = ?3, due_ms = ?4, closed_ms = 0",
                     BIND(V(m->matter), V(m->item), V((int64_t)m->kind), V(m->due_ms))));
    if (m->kind != UPPSIKT__MATTER_KIND__MATTER_KIND_MODERATION || !k->config->early)
        return 0;
    return want_level(txn, k, m->item, m->version, UPPSIKT__SEAL_LEVEL__SEAL_LEVEL_WHOLE);
}

static int close_matter(upp_txn *txn, const char *matter, const char *item, upp_ms at)
{
    return upp_exec(txn,
                    "INSERT INTO matter(matter, item, kind, due_ms, closed_ms)"
                    " VALUES(?1, ?2, 0, 0, ?3) ON CONFLICT DO UPDATE SET closed_ms = ?3",
                    BIND(V(matter), V(item), V(at > 0 ? at : upp_now(txn))));
}

int hear_met(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__MatterMet *m = msg;
    (void)self;
    (void)in;
    return close_matter(txn, m->matter, m->item, m->at_ms);
}

int hear_withdrawn(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__MatterWithdrawn *m = msg;
    (void)self;
    (void)in;
    return close_matter(txn, m->matter, m->item, m->at_ms);
}

int hear_decision(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__DecisionMade *d = msg;
    (void)in;
    UPP_TRY(expect(txn, d->item, d->account));
    UPP_TRY(upp_exec(
        txn,
        "INSERT INTO decision(decision, matter, item, version, action, reason, plan_row, law,"
        " person, second, at_ms) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
        " ON CONFLICT DO NOTHING",
        BIND(V(d->decision), V(d->matter), V(d->item), V(d->version), V((int64_t)d->action),
             V(d->reason), V(d->plan_row), V(d->law), V(d->by), V(d->second), V(d->at_ms))));
    if (strcmp(d->law, "BBS 5 § 1 e") == 0)
        UPP_TRY(unshow(txn, self, d->item));
    if (d->action != UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE &&
        d->action != UPPSIKT__ITEM_ACTION__ITEM_ACTION_DELETE)
        return 0;
    /* what is hidden may be deleted next: the picture is made in any case */
    return want_level(txn, self, d->item, d->version, UPPSIKT__SEAL_LEVEL__SEAL_LEVEL_WHOLE);
}
