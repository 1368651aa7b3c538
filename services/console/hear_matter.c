/* hear_matter.c - matters, their clocks and what people did with them, as escalation says. */
#include "console.h"
#include <sodium.h>
#include <stdio.h>
#include <string.h>

/* What has no due comes by its age in the list to see; paused questions come last. */
static upp_ms order_of(Uppsikt__MatterKind kind, upp_ms due, upp_ms received)
{
    if (due > 0)
        return due;
    return kind == UPPSIKT__MATTER_KIND__MATTER_KIND_SEE ? received : INT64_MAX / 2;
}

int console_on_opened(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__MatterOpened *m = msg;
    return upp_exec(
        txn,
        "INSERT INTO matter(matter, item, account, kind, round, version, received_ms, due_ms,"
        " attended_ms, order_ms, akut, duty, late, records, errand)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)"
        " ON CONFLICT DO UPDATE SET version = excluded.version, due_ms = excluded.due_ms,"
        " attended_ms = excluded.attended_ms, order_ms = excluded.order_ms, akut = excluded.akut,"
        " duty = excluded.duty, late = excluded.late, records = excluded.records,"
        " first_ms = iif(?16 AND first_ms = 0, ended_ms, first_ms), state = 0, how = 0,"
        " ended_ms = 0",
        BIND(V(m->matter), V(m->item), V(m->account), V((int64_t)m->kind), V((int64_t)m->round),
             V((int64_t)m->version), V(m->received_ms), V(m->due_ms), V(m->attended_due_ms),
             V(order_of(m->kind, m->due_ms, m->received_ms)), V((int64_t)m->akut),
             V((int64_t)m->duty), V((int64_t)m->late_discovered), V((int64_t)m->records_request),
             V(m->errand), V((int64_t)m->anew)));
}

int console_on_due(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__DueRecomputed *d = msg;
    return upp_exec(txn,
                    "UPDATE matter SET due_ms = ?2, order_ms = CASE WHEN ?2 > 0 THEN ?2"
                    " WHEN kind = 5 THEN received_ms ELSE ?3 END WHERE matter = ?1",
                    BIND(V(d->matter), V(d->new_ms), V((int64_t)(INT64_MAX / 2))));
}

int console_on_step(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__StepFired *s = msg;
    if (s->how != UPPSIKT__STEP_FIRED__HOW__HOW_SENT)
        return 0;
    const char *level = s->step[0] == 'r' ? "r" : s->step;
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO step(step, day, n) VALUES(?1, ?2, 1)"
                     " ON CONFLICT DO UPDATE SET n = n + 1",
                     BIND(V(level), V(s->time_ms / UPP_DAY))));
    return console_note(txn, s->item, s->matter, s->time_ms, "log.step", "", s->step, 0);
}

int console_on_breached(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__MatterBreached *m = msg;
    UPP_TRY(upp_exec(txn, "UPDATE matter SET breached = 1 WHERE matter = ?1", BIND(V(m->matter))));
    return console_note(txn, m->item, m->matter, m->due_ms, "log.late", "", m->cause, 0);
}

static int end_approvals(upp_txn *txn, const char *matter)
{
    return upp_exec(txn, "UPDATE approval SET ended = 1 WHERE matter = ?1", BIND(V(matter)));
}

/* It may stay there: nobody has to approve of its removal any more. */
static int end_approvals_about(upp_txn *txn, const char *item)
{
    return upp_exec(txn,
                    "UPDATE approval SET ended = 1 WHERE matter IN (SELECT matter FROM matter"
                    " WHERE item = ?1 AND item <> '')",
                    BIND(V(item)));
}

int console_on_met(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__MatterMet *m = msg;
    char what[32];
    UPP_TRY(upp_exec(txn,
                     "UPDATE matter SET state = 1, how = ?2, ended_ms = ?3, within = ?4"
                     " WHERE matter = ?1",
                     BIND(V(m->matter), V((int64_t)m->how), V(m->at_ms),
                          V((m->within_due ? 1 : 0) | (m->within_attended ? 2 : 0)))));
    snprintf(what, sizeof what, "met.%d", (int)m->how);
    return console_note(txn, m->item, m->matter, m->at_ms, what, "", "", 0);
}

int console_on_withdrawn(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__MatterWithdrawn *m = msg;
    char what[32];
    UPP_TRY(upp_exec(txn, "UPDATE matter SET state = 2, how = ?2, ended_ms = ?3 WHERE matter = ?1",
                     BIND(V(m->matter), V((int64_t)m->how), V(m->at_ms))));
    UPP_TRY(end_approvals(txn, m->matter));
    snprintf(what, sizeof what, "withdrawn.%d", (int)m->how);
    return console_note(txn, m->item, m->matter, m->at_ms, what, "", "", 0);
}

int console_on_decision(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    const Uppsikt__DecisionMade *d = msg;
    const Uppsikt__DecisionMadeContent *c = in->content;
    char what[32];
    upp_content note = { 0 };
    if (c && c->note[0]) {
        const int forgotten = upp_keep(txn, UPP_ABOUT(d->item), in->content, &note);
        UPP_TRY(forgotten);
    }
    UPP_TRY(upp_exec(txn,
                     "DELETE FROM proposal WHERE matter IN (SELECT matter FROM matter"
                     " WHERE item = ?1)",
                     BIND(V(d->item))));
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO decision(decision, matter, item, account, version, action,"
                     " reason, plan_row, law, at_ms)"
                     " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO NOTHING",
                     BIND(V(d->decision), V(d->matter), V(d->item), V(d->account),
                          V((int64_t)d->version), V((int64_t)d->action), V(d->reason),
                          V(d->plan_row), V(d->law), V(d->at_ms))));
    if (d->second[0])
        UPP_TRY(end_approvals(txn, d->matter));
    if (d->action == UPPSIKT__ITEM_ACTION__ITEM_ACTION_KEEP ||
        d->action == UPPSIKT__ITEM_ACTION__ITEM_ACTION_UNHIDE)
        UPP_TRY(end_approvals_about(txn, d->item));
    snprintf(what, sizeof what, "log.decided-%d", (int)d->action);
    UPP_TRY(console_note(txn, d->item, d->matter, d->at_ms, what, d->by, d->reason, note.ref));
    return d->second[0]
               ? console_note(txn, d->item, d->matter, d->at_ms, "log.second", d->second, "", 0)
               : 0;
}

int console_on_approval(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__ApprovalAsked *a = msg;
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO approval(approval, matter, person, expires_ms)"
                     " VALUES(?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
                     BIND(V(a->approval), V(a->matter), V(a->by), V(a->expires_ms))));
    return console_note(txn, a->item, a->matter, upp_now(txn), "log.approval", a->by, "", 0);
}

int console_on_proposal(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__DecisionProposed *p = msg;
    return upp_exec(txn,
                    "INSERT INTO proposal(matter, decision, action) VALUES(?1, ?2, ?3)"
                    " ON CONFLICT DO UPDATE SET decision = excluded.decision,"
                    " action = excluded.action",
                    BIND(V(p->matter), V(p->decision), V((int64_t)p->action)));
}

/* A matter's item, for a line in its history. */
static int item_of(upp_txn *txn, const char *matter, char ret_item[CONSOLE_ID])
{
    UPP_ROWS row = upp_query(txn, "SELECT item FROM matter WHERE matter = ?1", BIND(V(matter)));
    snprintf(ret_item, CONSOLE_ID, "%s", upp_next(&row) ? upp_col_text(&row, 0) : "");
    return row.rc;
}

int console_on_claimed(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__MatterClaimed *c = msg;
    char item[CONSOLE_ID];
    UPP_TRY(item_of(txn, c->matter, item));
    UPP_TRY(upp_exec(txn, "UPDATE matter SET owner = ?2, owner_until = ?3 WHERE matter = ?1",
                     BIND(V(c->matter), V(c->person), V(c->until_ms))));
    return console_note(txn, item, c->matter, upp_now(txn), "log.claimed", c->person, "", 0);
}

int console_on_acked(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__MatterAcked *c = msg;
    char item[CONSOLE_ID];
    UPP_TRY(item_of(txn, c->matter, item));
    return console_note(txn, item, c->matter, upp_now(txn), "log.acked", c->person, "", 0);
}

int console_on_noted(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    const Uppsikt__MatterNoted *n = msg;
    upp_content note = { 0 };
    if (in->content) {
        const int forgotten = upp_keep(txn, UPP_ABOUT(in->subject, n->person), in->content, &note);
        UPP_TRY(forgotten);
    }
    return console_note(txn, n->item, n->matter, n->at_ms, "log.mailed", n->person, "", note.ref);
}

/* -- the diary (R16) -- */
int console_on_diary_sent(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__DiaryPackageDelivered *p = msg;
    char what[200], hex[UPP_HEX] = "";
    if (p->sha256.len == (UPP_HEX - 1) / 2)
        sodium_bin2hex(hex, sizeof hex, p->sha256.data, p->sha256.len);
    snprintf(what, sizeof what, "%.100s.zip, SHA-256 %s", p->package, hex);
    return console_note(txn, p->item, p->matter, p->at_ms, "log.diary-sent", "", what, 0);
}

int console_on_diary_failed(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__DiaryPackageFailed *p = msg;
    return console_note(txn, p->item, p->matter, p->at_ms, "log.diary-failed", "", p->why, 0);
}

int console_on_diary_number(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    const Uppsikt__DiaryNumberGiven *d = msg;
    upp_content number = { 0 };
    if (in->content) {
        const int forgotten = upp_keep(txn, UPP_ABOUT(in->subject), in->content, &number);
        UPP_TRY(forgotten);
    }
    return console_note(txn, d->item, d->matter, d->at_ms, "log.diary-number", d->person, "",
                        number.ref);
}

int console_on_handed(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__MatterHandedOver *h = msg;
    char item[CONSOLE_ID];
    UPP_TRY(item_of(txn, h->matter, item));
    UPP_TRY(upp_exec(
        txn, "UPDATE matter SET handed_to = ?2, asked = ?3, handed_by = ?4 WHERE matter = ?1",
        BIND(V(h->matter), V(h->to), V((int64_t)h->ask_only), V(h->from))));
    return console_note(txn, item, h->matter, upp_now(txn),
                        h->ask_only ? "log.asked" : "log.handed", h->to, "", 0);
}

int console_on_hand_ended(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__HandOverEnded *h = msg;
    char item[CONSOLE_ID], what[32];
    UPP_TRY(item_of(txn, h->matter, item));
    UPP_TRY(upp_exec(txn, "UPDATE matter SET handed_to = '', asked = 0 WHERE matter = ?1",
                     BIND(V(h->matter))));
    if (h->how == UPPSIKT__HAND_OVER_ENDED__HOW__HOW_ACCEPTED) /* it is hers, without a lease */
        UPP_TRY(upp_exec(txn, "UPDATE matter SET owner = ?2, owner_until = ?3 WHERE matter = ?1",
                         BIND(V(h->matter), V(h->to), V((int64_t)INT64_MAX))));
    snprintf(what, sizeof what, "log.hand-%d", (int)h->how);
    return console_note(txn, item, h->matter, h->at_ms, what, h->to, "", 0);
}

int console_on_draft(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    const Uppsikt__ReplyDrafted *d = msg;
    upp_content text = { 0 };
    if (in->content) {
        const int forgotten = upp_keep(txn, UPP_ABOUT(d->item, d->person), in->content, &text);
        UPP_TRY(forgotten);
    }
    UPP_TRY(upp_exec(
        txn,
        "INSERT INTO draft(draft, matter, item, person, at_ms, text_ref)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
        BIND(V(d->draft), V(d->matter), V(d->item), V(d->person), V(d->at_ms), V(text.ref))));
    return console_note(txn, d->item, d->matter, d->at_ms, "log.draft", d->person, "", 0);
}

int console_on_released(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__MatterReleased *r = msg;
    char item[CONSOLE_ID];
    UPP_TRY(item_of(txn, r->matter, item));
    UPP_TRY(upp_exec(txn, "UPDATE matter SET owner = '', owner_until = 0 WHERE matter = ?1",
                     BIND(V(r->matter))));
    return console_note(txn, item, r->matter, upp_now(txn), "log.released", r->person, "", 0);
}

int console_on_snoozed(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__MatterSnoozed *s = msg;
    char item[CONSOLE_ID];
    UPP_TRY(item_of(txn, s->matter, item));
    return console_note(txn, item, s->matter, upp_now(txn), "log.snoozed", s->person, "", 0);
}

int console_on_failed(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__MatterFailed *f = msg;
    return console_note(txn, f->item, f->matter, f->at_ms, "log.failed", "", f->why, 0);
}

int console_on_answer_proposed(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__AnswerProposed *a = msg;
    UPP_TRY(upp_exec(txn, "UPDATE matter SET proposed = ?2 WHERE matter = ?1",
                     BIND(V(a->matter), V(a->reply))));
    return console_note(txn, a->item, a->matter, a->at_ms, "log.answer-proposed", "", "", 0);
}

int console_on_reviewed_decision(upp_txn *txn, const void *self, const upp_input *in,
                                 const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__DecisionReviewed *d = msg;
    return console_note(txn, d->item, "", d->at_ms, d->agreed ? "log.reviewed" : "log.reviewed-no",
                        d->by, "", 0);
}

int console_on_watched(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__AccountWatched *w = msg;
    return upp_exec(txn,
                    "INSERT INTO watch(account, day, watched) VALUES(?1, ?2, ?3)"
                    " ON CONFLICT DO UPDATE SET watched = excluded.watched",
                    BIND(V(w->account), V(w->day), V((int64_t)w->watched)));
}
