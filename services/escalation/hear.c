/* hear.c - what is heard of an item, from two services in any order. Each handler only writes rows,
 * in a way that does not depend on what came before; intake.c reads them. */
#include "escalation.h"
#include "item.h"
#include <stdio.h>

/* The row that facts hang on, before ingest's own word has come. */
static int expect(upp_txn *txn, const char *item, const char *account)
{
    return upp_exec(txn,
                    "INSERT INTO item(item, account, kind, received_ms, seen_ms)"
                    " VALUES(?1, ?2, 0, 0, 0) ON CONFLICT DO NOTHING",
                    BIND(V(item), V(account)));
}

static int add_version(upp_txn *txn, const char *item, uint32_t version, upp_ms at, upp_ms seen,
                       bool same)
{
    return upp_exec(txn,
                    "INSERT INTO version(item, version, at_ms, seen_ms, same)"
                    " VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
                    BIND(V(item), V(version), V(at), V(seen), V(same ? 1 : 0)));
}

/* -- from ingest; heard by ourselves, so that a dead classifier cannot mean "no clock" -- */
int on_received(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__CommentReceived *c = msg;
    (void)in;
    UPP_TRY(expect(txn, c->item, c->account));
    UPP_TRY(
        upp_exec(txn,
                 "UPDATE item SET account = ?2, kind = ?3, received_ms = ?4, seen_ms = ?5,"
                 " backfill = ?6, thread = ?7, root = ?8, repeats = ?9, echoes = ?10,"
                 " twin = ?11, hidden = ?12 WHERE item = ?1",
                 BIND(V(c->item), V(c->account), V((int64_t)c->kind), V(c->received_ms),
                      V(c->first_seen_ms), V(c->backfill ? 1 : 0), V(c->thread), V(c->continues),
                      V(c->repeats), V(c->echoes), V(c->twin), V(c->hidden ? 1 : 0))));
    UPP_TRY(add_version(txn, c->item, c->version, c->received_ms, c->first_seen_ms, false));
    if (!c->backfill)
        UPP_TRY(spike_note(txn, self, c->account, c->received_ms));
    return intake_reconsider(txn, self, c->item);
}

int on_edited(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__CommentEdited *c = msg;
    const upp_ms at = c->edited_ms > 0 && c->edited_ms < c->seen_ms ? c->edited_ms : c->seen_ms;
    (void)in;
    UPP_TRY(expect(txn, c->item, c->account));
    UPP_TRY(add_version(txn, c->item, c->version, at, c->seen_ms, c->same_words));
    return intake_reconsider(txn, self, c->item);
}

int on_gone(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__CommentGone *c = msg;
    /* whoever is newer than this program is nobody that we know */
    const Uppsikt__GoneBy who = c->who == UPPSIKT__GONE_BY__GONE_BY_UNSPECIFIED
                                    ? UPPSIKT__GONE_BY__GONE_BY_UNKNOWN
                                    : c->who;
    (void)in;
    UPP_TRY(expect(txn, c->item, c->account));
    UPP_TRY(upp_exec(txn, "UPDATE item SET gone = ?2, gone_ms = ?3 WHERE item = ?1",
                     BIND(V(c->item), V((int64_t)who), V(c->at_ms))));
    return intake_reconsider(txn, self, c->item);
}

static int note_hidden(upp_txn *txn, const char *item, bool hidden)
{
    return upp_exec(txn, "UPDATE item SET hidden = ?2 WHERE item = ?1",
                    BIND(V(item), V(hidden ? 1 : 0)));
}

/* Heard of what others did in the platform's own interface (E15). */
int on_hidden_outside(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__CommentHiddenOutside *c = msg;
    (void)in;
    UPP_TRY(expect(txn, c->item, c->account));
    UPP_TRY(upp_exec(txn, "UPDATE item SET hidden_ms = ?2 WHERE item = ?1",
                     BIND(V(c->item), V(c->hidden ? c->at_ms : -c->at_ms))));
    UPP_TRY(note_hidden(txn, c->item, c->hidden));
    return intake_reconsider(txn, self, c->item);
}

/* Our own words: nobody's question, in nobody's thread; but what is found in them has its clock
 * (R24). */
static int take_own(upp_txn *txn, const rules *r, const item_row *own, uint32_t version)
{
    UPP_TRY(expect(txn, own->item, own->account));
    UPP_TRY(upp_exec(txn,
                     "UPDATE item SET account = ?2, kind = ?3, received_ms = ?4, seen_ms = ?4,"
                     " backfill = ?5 WHERE item = ?1",
                     BIND(V(own->item), V(own->account), V((int64_t)own->kind), V(own->received_ms),
                          V(own->backfill ? 1 : 0))));
    UPP_TRY(add_version(txn, own->item, version, own->received_ms, own->received_ms, false));
    return intake_reconsider(txn, r, own->item);
}

int on_own_post(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__OwnPostSeen *c = msg;
    item_row own = { .kind = UPPSIKT__ITEM_KIND__ITEM_KIND_OWN_POST,
                     .received_ms = c->at_ms,
                     .backfill = c->backfill };
    (void)in;
    snprintf(own.item, sizeof own.item, "%s", c->item);
    snprintf(own.account, sizeof own.account, "%s", c->account);
    return take_own(txn, self, &own, c->version);
}

static int add_answer(upp_txn *txn, const char *item, const char *reply, upp_ms at, bool ours,
                      Uppsikt__ReplyKind kind)
{
    return upp_exec(txn,
                    "INSERT INTO answer(item, reply, at_ms, ours, kind) VALUES(?1, ?2, ?3, ?4, ?5)"
                    " ON CONFLICT DO UPDATE SET at_ms = min(at_ms, ?3)",
                    BIND(V(item), V(reply), V(at), V(ours ? 1 : 0), V((int64_t)kind)));
}

/* R11, E16: an answer without a name is an answer; somebody completes it. */
static int ask_for_name(upp_txn *txn, const rules *r, const Uppsikt__ReplySeen *c)
{
    matter m = { .errand = ERRAND_SIGN, .received_ms = c->at_ms };
    snprintf(m.item, sizeof m.item, "%s", c->item);
    snprintf(m.account, sizeof m.account, "%s", c->account);
    snprintf(m.about, sizeof m.about, "%s", c->reply);
    return errand_open(txn, r, &m);
}

/* E17: elsewhere in the thread it only proposes an answer. */
static int take_aside(upp_txn *txn, const rules *r, const Uppsikt__ReplySeen *c)
{
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO aside(reply, thread, item, at_ms) VALUES(?1, ?2, ?3, ?4)"
                     " ON CONFLICT DO NOTHING",
                     BIND(V(c->reply), V(c->thread), V(c->item), V(c->at_ms))));
    return question_reconsider_thread(txn, r, c->thread, c->item);
}

int on_reply(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__ReplySeen *c = msg;
    item_row own = { .kind = UPPSIKT__ITEM_KIND__ITEM_KIND_OWN_REPLY,
                     .received_ms = c->at_ms,
                     .backfill = c->backfill };
    (void)in;
    snprintf(own.item, sizeof own.item, "%s", c->reply);
    snprintf(own.account, sizeof own.account, "%s", c->account);
    UPP_TRY(take_own(txn, self, &own, 1));
    if (!c->direct || !c->item[0])
        return take_aside(txn, self, c);
    UPP_TRY(expect(txn, c->item, c->account));
    /* what went out through us is the same answer, by whichever of its names it is heard first */
    const bool ours = c->action[0] != '\0';
    UPP_TRY(add_answer(txn, c->item, ours ? c->action : c->reply, c->at_ms, ours, c->kind));
    UPP_TRY(upp_exec(txn, "UPDATE answer SET seen = ?3 WHERE item = ?1 AND reply = ?2",
                     BIND(V(c->item), V(ours ? c->action : c->reply), V(c->reply))));
    if (c->sign_checked && !c->signed_)
        UPP_TRY(ask_for_name(txn, self, c));
    UPP_TRY(intake_reconsider(txn, self, c->item));
    return question_reconsider_alike(txn, self, c->item);
}

/* A hide is enough for house rules; what the law wants gone is met by removal alone, or by a person
 * who attests what the platform cannot (sla.md §3.3). */
static int meet_removed(upp_txn *txn, const matter *m, void *ctx)
{
    const Uppsikt__ActionDone *a = ctx;
    if (m->kind != UPPSIKT__MATTER_KIND__MATTER_KIND_MODERATION ||
        (matter_is_bound(m) && a->what == UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE && !a->by_hand))
        return 0;
    return matter_meet(txn, m->id,
                       a->by_hand ? UPPSIKT__MET_HOW__MET_HOW_BY_HAND
                                  : UPPSIKT__MET_HOW__MET_HOW_REMOVED,
                       a->at_ms);
}

int on_action_done(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__ActionDone *a = msg;
    (void)in;
    if (a->what == UPPSIKT__ITEM_ACTION__ITEM_ACTION_REPLY) {
        UPP_TRY(add_answer(txn, a->item, a->action, a->at_ms, true, a->reply));
        UPP_TRY(intake_reconsider(txn, self, a->item));
        return question_reconsider_alike(txn, self, a->item);
    }
    if (a->what == UPPSIKT__ITEM_ACTION__ITEM_ACTION_UNHIDE) {
        UPP_TRY(upp_exec(txn, "UPDATE item SET hidden_ms = ?2 WHERE item = ?1 AND hidden_ms > 0",
                         BIND(V(a->item), V(-a->at_ms))));
        UPP_TRY(note_hidden(txn, a->item, false));
        UPP_TRY(errand_end(txn, ERRAND_SHOW, a->item,
                           a->by_hand ? UPPSIKT__MET_HOW__MET_HOW_BY_HAND
                                      : UPPSIKT__MET_HOW__MET_HOW_CLEARED,
                           a->at_ms));
        return intake_reconsider(txn, self, a->item);
    }
    if (a->what != UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE &&
        a->what != UPPSIKT__ITEM_ACTION__ITEM_ACTION_DELETE)
        return 0;
    UPP_TRY(note_hidden(txn, a->item, a->what == UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE));
    UPP_TRY(upp_exec(txn, "UPDATE item SET removed = 1 WHERE item = ?1 AND ?2",
                     BIND(V(a->item), V(a->what == UPPSIKT__ITEM_ACTION__ITEM_ACTION_DELETE))));
    Uppsikt__ActionDone done = *a;
    return matter_each_open(txn, a->item, meet_removed, &done);
}

/* -- from classify; before or after ingest's word -- */
/* BBS act 5 § 1 e: somebody calls the police, as where life is in danger (law.md L2). */
static bool is_child_abuse(const Uppsikt__CommentClassified *c)
{
    return c->duty == UPPSIKT__DUTY__DUTY_BBS5 && c->bbs_letter[0] == 'e';
}

int on_classified(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__CommentClassified *c = msg;
    int64_t likely = 0, review = 0;
    (void)in;
    for (size_t n = 0; n < c->n_findings; n++) {
        const Uppsikt__Finding *f = c->findings[n];
        /* a label or a band that is newer than this program needs a human's look */
        const bool known = f->label > 0 && f->label <= UPPSIKT__LABEL__LABEL_QUESTION;
        if (!known)
            review |= ITEM_BIT(UPPSIKT__LABEL__LABEL_UNSPECIFIED);
        else if (f->band == UPPSIKT__BAND__BAND_LIKELY)
            likely |= ITEM_BIT(f->label);
        else if (f->band != UPPSIKT__BAND__BAND_NONE)
            review |= ITEM_BIT(f->label);
    }
    UPP_TRY(expect(txn, c->item, c->account));
    UPP_TRY(
        upp_exec(txn,
                 "INSERT INTO judged(item, version, likely, review, duty, danger, records)"
                 " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO UPDATE SET likely = ?3,"
                 " review = ?4, duty = ?5, danger = ?6, records = ?7",
                 BIND(V(c->item), V(c->version), V(likely), V(review), V((int64_t)c->duty),
                      V(c->danger || is_child_abuse(c) ? 1 : 0), V(c->records_request ? 1 : 0))));
    return intake_reconsider(txn, self, c->item);
}
