/* answer.c - what a person says about what has been done: "besvarad?", an errand that is done;
 * and the drafts that officers have written (E17, E20, E24; R14). */
#include "escalation.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -- "besvarad?" -- */
typedef struct proposal {
    char reply[48];
    upp_ms at;
} proposal;

static int read_proposal(upp_txn *txn, const char *id, proposal *ret_proposal)
{
    UPP_ROWS row = upp_query(
        txn, "SELECT proposed_reply, proposed_ms FROM matter WHERE matter = ?1", BIND(V(id)));
    if (upp_next(&row)) {
        snprintf(ret_proposal->reply, sizeof ret_proposal->reply, "%s", upp_col_text(&row, 0));
        ret_proposal->at = upp_col_int(&row, 1);
    }
    return row.rc;
}

/* Yes: it was answered then, at the platform's time. No: the clock goes on, and that reply is not
 * proposed again. */
static int confirm(upp_txn *txn, const rules *r, const matter *m, const proposal *p, bool no)
{
    if (no)
        UPP_TRY(upp_exec(txn,
                         "INSERT INTO no_answer(matter, reply) VALUES(?1, ?2)"
                         " ON CONFLICT DO NOTHING",
                         BIND(V(m->id), V(p->reply))));
    else
        UPP_TRY(upp_exec(txn,
                         "INSERT INTO answer(item, reply, at_ms, ours, kind)"
                         " VALUES(?1, ?2, ?3, 0, 0) ON CONFLICT DO NOTHING",
                         BIND(V(m->item), V(p->reply), V(p->at))));
    return question_reconsider(txn, r, m->root);
}

/* Those that say the same and have the same reply proposed. */
static int confirm_alike(upp_txn *txn, const rules *r, const actor *who, const matter *m,
                         const proposal *p)
{
    enum { AT_ONCE = 400 };
    char(*ids)[MATTER_ID] = calloc(AT_ONCE, sizeof *ids);
    size_t n = 0;
    int rc = 0;
    upp_check(ids);
    {
        UPP_ROWS row = upp_query(
            txn,
            "SELECT m.matter FROM item i JOIN item o ON o.item = CASE i.echoes WHEN '' THEN i.item"
            " ELSE i.echoes END OR o.echoes = CASE i.echoes WHEN '' THEN i.item ELSE i.echoes END"
            " JOIN matter m ON m.item = o.item WHERE i.item = ?1 AND m.state = 0 AND"
            " m.matter <> ?2 AND m.proposed_reply = ?3 ORDER BY m.matter",
            BIND(V(m->item), V(m->id), V(p->reply)));
        while (n < AT_ONCE && upp_next(&row))
            snprintf(ids[n++], MATTER_ID, "%s", upp_col_text(&row, 0));
        rc = row.rc;
    }
    for (size_t i = 0; i < n && rc >= 0; i++) {
        matter other;
        rc = matter_read(txn, ids[i], &other);
        const int stranger = rc == 0 ? act_may(txn, r, who->by, &other) : rc;
        rc = stranger == 0 ? confirm(txn, r, &other, p, false) : stranger < 0 ? stranger : 0;
    }
    free(ids);
    return rc;
}

int on_confirm_answered(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__ConfirmAnswered *c = msg;
    matter m;
    actor who;
    proposal p = { .reply = "" };
    UPP_TRY(act_open(txn, self, in, c->matter, "", &who, &m));
    UPP_TRY(read_proposal(txn, m.id, &p));
    if (!p.reply[0])
        return upp_refuse(txn, "nothing-proposed");
    if (c->alike && !c->no)
        UPP_TRY(confirm_alike(txn, self, &who, &m, &p));
    UPP_TRY(confirm(txn, self, &m, &p, c->no));
    return act_touched(txn, m.id, 0);
}

/* -- errands -- */
int on_close_errand(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__CloseErrand *c = msg;
    matter m;
    actor who;
    upp_content note;
    UPP_TRY(act_open(txn, self, in, c->matter, "", &who, &m));
    if (m.errand == ERRAND_NONE || !errand_rule_of(m.errand)->by_hand)
        return upp_refuse(txn, "not-done-by-hand");
    Uppsikt__DecisionMadeContent content = UPPSIKT__DECISION_MADE_CONTENT__INIT;
    content.note = c->note;
    const int gone = upp_keep(txn, UPP_ABOUT(matter_subject(&m)), &content.base, &note);
    UPP_TRY(gone);
    UPP_TRY(upp_exec(txn, "UPDATE matter SET note_ref = ?2, owner = ?3 WHERE matter = ?1",
                     BIND(V(m.id), V(note.ref), V(who.by))));
    UPP_TRY(matter_meet(txn, m.id, UPPSIKT__MET_HOW__MET_HOW_DONE, upp_now(txn)));
    return act_touched(txn, m.id, 0);
}

/* -- drafts -- */
static int reply_draft(upp_txn *txn, const upp_rows *row, const char *id)
{
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *text = NULL;
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *contact = NULL;
    Uppsikt__ReplyDraftRow out = UPPSIKT__REPLY_DRAFT_ROW__INIT;
    Uppsikt__ReplyDraftRowContent content = UPPSIKT__REPLY_DRAFT_ROW_CONTENT__INIT;
    const int gone =
        upp_recall(txn, upp_col_int(row, 3), &uppsikt__reply_drafted_content__descriptor, &text);
    UPP_TRY(gone);
    if (!gone)
        content.text = ((Uppsikt__ReplyDraftedContent *)text)->text;
    const int unknown =
        upp_recall(txn, upp_col_int(row, 4), &uppsikt__contact__descriptor, &contact);
    UPP_TRY(unknown);
    if (!unknown) {
        content.first_name = ((Uppsikt__Contact *)contact)->first_name;
        content.title = ((Uppsikt__Contact *)contact)->title;
    }
    out.matter = upp_lend(id);
    out.draft = upp_lend(upp_col_text(row, 0));
    out.person = upp_lend(upp_col_text(row, 1));
    out.at_ms = upp_col_int(row, 2);
    return upp_reply_content(txn, &out.base, &content.base);
}

int on_reply_drafts(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__ReplyDrafts *q = msg;
    (void)self;
    (void)in;
    UPP_ROWS row = upp_query(txn,
                             "SELECT d.draft, d.person, d.at_ms, d.text_ref,"
                             " coalesce(p.contact_ref, 0) FROM draft d LEFT JOIN person p"
                             " ON p.person = d.person WHERE d.matter = ?1 ORDER BY d.draft",
                             BIND(V(q->matter)));
    while (upp_next(&row)) {
        const int rc = reply_draft(txn, &row, q->matter);
        if (rc != 0)
            return rc;
    }
    return row.rc;
}
