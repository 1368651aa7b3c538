/* hear_item.c - what was written, what was done about it, what the machine thinks of it. */
#include "console.h"
#include "uppsikt/ingest.pb-c.h"
#include <stdio.h>
#include <string.h>

int console_note(upp_txn *txn, const char *item, const char *matter, upp_ms at, const char *what,
                 const char *person, const char *detail, int64_t note_ref)
{
    return upp_exec(txn,
                    "INSERT INTO happening(item, matter, at_ms, what, person, detail, note_ref)"
                    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                    BIND(V(item), V(matter), V(at), V(what), V(person), V(detail), V(note_ref)));
}

static int keep_version(upp_txn *txn, const char *item, uint32_t version, upp_ms at,
                        const ProtobufCMessage *what)
{
    upp_content kept = { 0 };
    if (what) {
        const int forgotten = upp_keep(txn, UPP_ABOUT(item), what, &kept);
        UPP_TRY(forgotten);
    }
    return upp_exec(txn,
                    "INSERT INTO version(item, version, at_ms, what_ref) VALUES(?1, ?2, ?3, ?4)"
                    " ON CONFLICT DO NOTHING",
                    BIND(V(item), V((int64_t)version), V(at), V(kept.ref)));
}

int console_on_received(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    const Uppsikt__CommentReceived *c = msg;
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO item(item, kind, platform, attachments, hidden, account)"
                     " VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET"
                     " kind = excluded.kind, platform = excluded.platform,"
                     " attachments = excluded.attachments, account = excluded.account",
                     BIND(V(c->item), V((int64_t)c->kind), V(c->platform),
                          V((int64_t)c->attachments), V((int64_t)c->hidden), V(c->account))));
    UPP_TRY(keep_version(txn, c->item, c->version, c->received_ms, in->content));
    return console_note(txn, c->item, "", c->received_ms, "log.received", "", "", 0);
}

int console_on_edited(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    const Uppsikt__CommentEdited *c = msg;
    const Uppsikt__CommentEditedContent *now = in->content;
    const upp_ms at = c->edited_ms > 0 ? c->edited_ms : c->seen_ms;
    UPP_TRY(keep_version(txn, c->item, c->version, at, now && now->now ? &now->now->base : NULL));
    return console_note(txn, c->item, "", at, "log.edited", "", "", 0);
}

int console_on_gone(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    static const char *const whats[] = { "log.gone-unknown", "log.gone-author", "log.gone-platform",
                                         "log.gone-us" };
    (void)self;
    (void)in;
    const Uppsikt__CommentGone *c = msg;
    const size_t who = (size_t)c->who < UPP_LEN(whats) ? (size_t)c->who : 0;
    UPP_TRY(upp_exec(txn, "UPDATE item SET gone = ?2, gone_ms = ?3 WHERE item = ?1",
                     BIND(V(c->item), V((int64_t)(1 + who)), V(c->at_ms))));
    return console_note(txn, c->item, "", c->at_ms, whats[who], "", "", 0);
}

int console_on_hidden(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__CommentHiddenOutside *c = msg;
    UPP_TRY(upp_exec(txn, "UPDATE item SET hidden = ?2 WHERE item = ?1",
                     BIND(V(c->item), V((int64_t)c->hidden))));
    return console_note(txn, c->item, "", c->at_ms,
                        c->hidden ? "log.hidden-outside" : "log.shown-outside", "", "", 0);
}

/* Our own words as an item: a matter may be about them (R24). OwnPostSeen and ReplySeen name no
 * platform: it is the account's. */
static int keep_own(upp_txn *txn, const char *item, const char *account, Uppsikt__ItemKind kind,
                    uint32_t version, upp_ms at, const Uppsikt__CommentReceivedContent *said)
{
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO item(item, kind, account) VALUES(?1, ?2, ?3)"
                     " ON CONFLICT DO UPDATE SET kind = excluded.kind, account = excluded.account",
                     BIND(V(item), V((int64_t)kind), V(account))));
    UPP_TRY(keep_version(txn, item, version, at, said ? &said->base : NULL));
    return console_note(txn, item, "", at, "log.own", "", "", 0);
}

int console_on_own_post(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    const Uppsikt__OwnPostSeen *c = msg;
    const Uppsikt__OwnPostSeenContent *said = in->content;
    Uppsikt__CommentReceivedContent what = UPPSIKT__COMMENT_RECEIVED_CONTENT__INIT;
    if (said) {
        what.text = said->text;
        what.permalink = said->permalink;
        what.attachments = said->attachments;
        what.n_attachments = said->n_attachments;
    }
    return keep_own(txn, c->item, c->account, UPPSIKT__ITEM_KIND__ITEM_KIND_OWN_POST, c->version,
                    c->at_ms, said ? &what : NULL);
}

static int keep_own_reply(upp_txn *txn, const Uppsikt__ReplySeen *r,
                          const Uppsikt__ReplySeenContent *said)
{
    Uppsikt__CommentReceivedContent what = UPPSIKT__COMMENT_RECEIVED_CONTENT__INIT;
    if (said) {
        what.text = said->text;
        what.permalink = said->permalink;
    }
    return keep_own(txn, r->reply, r->account, UPPSIKT__ITEM_KIND__ITEM_KIND_OWN_REPLY, 1, r->at_ms,
                    said ? &what : NULL);
}

int console_on_reply(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    const Uppsikt__ReplySeen *r = msg;
    upp_content text = { 0 };
    UPP_TRY(keep_own_reply(txn, r, in->content));
    if (!r->item[0]) /* only the thread is known: no question's page shows it */
        return 0;
    if (in->content) {
        const int forgotten = upp_keep(txn, UPP_ABOUT(r->item, r->reply), in->content, &text);
        UPP_TRY(forgotten);
    }
    UPP_TRY(
        upp_exec(txn,
                 "INSERT INTO reply(reply, item, at_ms, signed, text_ref)"
                 " VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
                 BIND(V(r->reply), V(r->item), V(r->at_ms), V((int64_t)r->signed_), V(text.ref))));
    return console_note(txn, r->item, "", r->at_ms, "log.replied", "", "", 0);
}

typedef struct outcome {
    const char *action, *item, *matter, *state, *reason;
    uint32_t version;
    Uppsikt__ItemAction what;
    upp_ms at;
} outcome;

static int keep_outcome(upp_txn *txn, const outcome *o)
{
    char what[40];
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO action(action, item, matter, version, what, state, reason, at_ms)"
                     " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO UPDATE SET"
                     " state = excluded.state, reason = excluded.reason, at_ms = excluded.at_ms",
                     BIND(V(o->action), V(o->item), V(o->matter), V((int64_t)o->version),
                          V((int64_t)o->what), V(o->state), V(o->reason), V(o->at))));
    snprintf(what, sizeof what, "log.%s-%d", o->state, (int)o->what);
    return console_note(txn, o->item, o->matter, o->at, what, "", o->reason, 0);
}

int console_on_done(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__ActionDone *a = msg;
    /* what is deleted is not hidden any more: there is nothing to show again */
    if (a->what != UPPSIKT__ITEM_ACTION__ITEM_ACTION_REPLY)
        UPP_TRY(upp_exec(
            txn, "UPDATE item SET hidden = ?2 WHERE item = ?1",
            BIND(V(a->item), V(a->what == UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE ? 1 : 0))));
    return keep_outcome(txn, &(outcome){ .action = a->action,
                                         .item = a->item,
                                         .matter = a->matter,
                                         .state = "done",
                                         .reason = a->by_hand ? "by-hand" : "",
                                         .version = a->version,
                                         .what = a->what,
                                         .at = a->at_ms });
}

int console_on_refused(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    static const char *const reasons[] = { "unknown",  "stale-version",   "no-row",  "unsigned",
                                           "too-long", "account-locked",  "no-item", "forgotten",
                                           "gone",     "outcome-unknown", "recalled" };
    (void)self;
    (void)in;
    const Uppsikt__ActionRefused *a = msg;
    const bool unknown = a->reason == UPPSIKT__ACTION_REFUSED__REASON__REASON_OUTCOME_UNKNOWN;
    const bool recalled = a->reason == UPPSIKT__ACTION_REFUSED__REASON__REASON_RECALLED;
    return keep_outcome(
        txn, &(outcome){ .action = a->action,
                         .item = a->item,
                         .matter = a->matter,
                         .state = unknown    ? "unknown"
                                  : recalled ? "recalled"
                                             : "refused",
                         .reason = reasons[(size_t)a->reason < UPP_LEN(reasons) ? a->reason : 0],
                         .version = a->version,
                         .what = a->what,
                         .at = upp_now(txn) });
}

int console_on_manual(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__ActionManualRequired *a = msg;
    return keep_outcome(txn, &(outcome){ .action = a->action,
                                         .item = a->item,
                                         .matter = a->matter,
                                         .state = "manual",
                                         .reason = a->reason,
                                         .version = a->version,
                                         .what = a->what,
                                         .at = upp_now(txn) });
}

int console_on_health(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__AccountHealthChanged *h = msg;
    return upp_exec(
        txn,
        "INSERT INTO health(account, state, blind_since_ms, token_expires_ms)"
        " VALUES(?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET state = excluded.state,"
        " blind_since_ms = excluded.blind_since_ms,"
        " token_expires_ms = excluded.token_expires_ms",
        BIND(V(h->account), V((int64_t)h->state), V(h->blind_since_ms), V(h->token_expires_ms)));
}

int console_on_classified(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    const Uppsikt__CommentClassified *c = msg;
    int64_t likely = 0, review = 0;
    upp_content reasons = { 0 };
    for (size_t i = 0; i < c->n_findings; i++) {
        const int64_t bit = c->findings[i]->label < 32 ? (int64_t)1 << c->findings[i]->label : 0;
        likely |= c->findings[i]->band == UPPSIKT__BAND__BAND_LIKELY ? bit : 0;
        review |= c->findings[i]->band == UPPSIKT__BAND__BAND_REVIEW ? bit : 0;
    }
    if (in->content) {
        const int forgotten = upp_keep(txn, UPP_ABOUT(c->item), in->content, &reasons);
        UPP_TRY(forgotten);
    }
    /* Judged anew (a newer rule set): the newest word holds. */
    return upp_exec(
        txn,
        "INSERT INTO judged(item, version, likely, review, danger, reasons_ref)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET likely = excluded.likely,"
        " review = excluded.review, danger = excluded.danger, reasons_ref = excluded.reasons_ref",
        BIND(V(c->item), V((int64_t)c->version), V(likely), V(review), V((int64_t)c->danger),
             V(reasons.ref)));
}

/* A line of the history for each label: beside our own findings, never among them. */
int console_on_opinion(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    static const char *const reasons[] = {
        "",           "violence_porn", "copyright",   "profanity",     "attack",      "hate",
        "incitement", "political",     "advertising", "personal_data", "confidential"
    };
    (void)self;
    const Uppsikt__OpinionGiven *o = msg;
    const Uppsikt__OpinionGivenContent *c = in->content;
    upp_content note = { 0 };
    if (c && c->why[0]) {
        Uppsikt__DecisionMadeContent words = UPPSIKT__DECISION_MADE_CONTENT__INIT;
        words.note = c->why;
        const int forgotten = upp_keep(txn, UPP_ABOUT(o->item), &words.base, &note);
        UPP_TRY(forgotten);
    }
    if (o->n_labels == 0)
        return console_note(txn, o->item, "", o->at_ms, "log.opinion-none", "", "", note.ref);
    for (size_t i = 0; i < o->n_labels; i++) {
        const size_t label = (size_t)o->labels[i];
        UPP_TRY(console_note(txn, o->item, "", o->at_ms, "log.opinion", "",
                             label < UPP_LEN(reasons) ? reasons[label] : "",
                             i == 0 ? note.ref : 0));
    }
    return 0;
}
