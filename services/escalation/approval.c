/* approval.c - what takes two persons: to delete what no law wants gone (sla.md P1, P2, P5;
 * R25). */
#include "escalation.h"
#include <stdio.h>
#include <string.h>

enum approval_state { APPROVAL_WAITS, APPROVAL_YES, APPROVAL_NO, APPROVAL_EXPIRED };

typedef struct approval {
    char matter[MATTER_ID], reason[96], plan_row[96], law[48], person[MATTER_PERSON];
    uint32_t version;
    upp_ms expires_ms;
    enum approval_state state;
    int64_t note_ref;
} approval;

static int read_approval(upp_txn *txn, const char *id, approval *ret_approval)
{
    approval a = { 0 };
    UPP_ROWS row = upp_query(txn,
                             "SELECT matter, reason, plan_row, person, version, expires_ms, state,"
                             " note_ref, law FROM approval WHERE approval = ?1",
                             BIND(V(id)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : 1;
    snprintf(a.matter, sizeof a.matter, "%s", upp_col_text(&row, 0));
    snprintf(a.reason, sizeof a.reason, "%s", upp_col_text(&row, 1));
    snprintf(a.plan_row, sizeof a.plan_row, "%s", upp_col_text(&row, 2));
    snprintf(a.person, sizeof a.person, "%s", upp_col_text(&row, 3));
    a.version = (uint32_t)upp_col_int(&row, 4);
    a.expires_ms = upp_col_int(&row, 5);
    a.state = (enum approval_state)upp_col_int(&row, 6);
    a.note_ref = upp_col_int(&row, 7);
    snprintf(a.law, sizeof a.law, "%s", upp_col_text(&row, 8));
    *ret_approval = a;
    return 0;
}

static int asked_already(upp_txn *txn, const decision *d)
{
    UPP_ROWS row =
        upp_query(txn, "SELECT 1 FROM approval WHERE matter = ?1 AND version = ?2 AND state = 0",
                  BIND(V(d->m->id), V(d->version)));
    if (upp_next(&row))
        return upp_refuse(txn, "second-person-needed");
    return row.rc;
}

int approval_ask(upp_txn *txn, const rules *r, const decision *d, char ret_approval[UPP_ID])
{
    upp_ms expires = 0;
    char key[UPP_ID + 16];
    upp_content note;
    const numbers *n = numbers_of(r, d->m);
    UPP_TRY(asked_already(txn, d));
    if (strlen(d->reason) >= sizeof((approval *)0)->reason ||
        strlen(d->plan_row) >= sizeof((approval *)0)->plan_row)
        return upp_refuse(txn, "reason-missing");
    if (calendar_due(n->duty, upp_now(txn),
                     policy_working_days(&n->pol, n->pol.people.second_person_days), &expires) != 0)
        return upp_fail(txn, UPP_E_INPUT, "no working day within ten years");
    Uppsikt__DecisionMadeContent content = UPPSIKT__DECISION_MADE_CONTENT__INIT;
    content.note = upp_lend(d->note);
    const int gone = upp_keep(txn, UPP_ABOUT(d->m->item), &content.base, &note);
    UPP_TRY(gone);
    upp_id(txn, ret_approval);
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO approval(approval, matter, version, reason, plan_row, person,"
                     " expires_ms, note_ref, law) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                     BIND(V(ret_approval), V(d->m->id), V(d->version), V(d->reason), V(d->plan_row),
                          V(d->by), V(expires), V(note.ref), V(d->law))));
    snprintf(key, sizeof key, "approval/%s", ret_approval);
    UPP_TRY(upp_alarm(txn, key, expires + 1));
    Uppsikt__ApprovalAsked out = UPPSIKT__APPROVAL_ASKED__INIT;
    out.approval = ret_approval;
    out.matter = upp_lend(d->m->id);
    out.item = upp_lend(d->m->item);
    out.by = upp_lend(d->by);
    out.expires_ms = expires;
    return upp_emit(txn, d->m->item, &out.base, NULL);
}

static int end(upp_txn *txn, const char *id, enum approval_state state)
{
    char key[UPP_ID + 16];
    snprintf(key, sizeof key, "approval/%.26s", id);
    UPP_TRY(upp_exec(txn, "UPDATE approval SET state = ?2 WHERE approval = ?1 AND state = 0",
                     BIND(V(id), V((int64_t)state))));
    return upp_alarm_off(txn, key);
}

int approval_drop(upp_txn *txn, const char *item)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT a.approval FROM approval a JOIN matter m USING (matter)"
                             " WHERE m.item = ?1 AND a.state = 0",
                             BIND(V(item)));
    while (upp_next(&row))
        UPP_TRY(end(txn, upp_col_text(&row, 0), APPROVAL_NO));
    return row.rc;
}

/* P2: time is up: it stays hidden, and the manager is asked. */
int approval_alarm(upp_txn *txn, const rules *r, const char *id)
{
    approval a;
    matter m;
    const int unknown = read_approval(txn, id, &a);
    UPP_TRY(unknown);
    if (unknown || a.state != APPROVAL_WAITS)
        return 0;
    UPP_TRY(end(txn, id, APPROVAL_EXPIRED));
    const int missing = matter_read(txn, a.matter, &m);
    UPP_TRY(missing);
    if (missing)
        return upp_fail(txn, UPP_E_BUG, "an approval of no matter: %s", id);
    matter e = { .errand = ERRAND_APPROVAL, .version = a.version, .received_ms = a.expires_ms };
    snprintf(e.about, sizeof e.about, "%s", id);
    snprintf(e.item, sizeof e.item, "%s", m.item);
    snprintf(e.account, sizeof e.account, "%s", m.account);
    return errand_open(txn, r, &e);
}

/* E29: it is about her: she may hide it, not be the deciding second. */
static int is_target(upp_txn *txn, const char *person, const char *item)
{
    UPP_ROWS row = upp_query(txn, "SELECT 1 FROM item WHERE item = ?1 AND target = ?2",
                             BIND(V(item), V(person)));
    if (upp_next(&row))
        return upp_refuse(txn, "about-you");
    return row.rc;
}

/* P2: another than who asked, who may act on the account, on the version that was asked about. */
static int check(upp_txn *txn, const rules *r, const upp_input *in, const approval *a,
                 const matter *m)
{
    uint32_t newest = 0;
    if (a->state != APPROVAL_WAITS || a->expires_ms < upp_now(txn))
        return upp_refuse(txn, "approval-ended");
    const int stranger = act_may(txn, r, in->by, m);
    UPP_TRY(stranger);
    if (stranger)
        return upp_refuse(txn, "not-your-account");
    if (strcmp(a->person, in->by) == 0)
        return upp_refuse(txn, "another-person-needed");
    UPP_TRY(is_target(txn, in->by, m->item));
    UPP_TRY(decision_newest(txn, m->item, &newest));
    return newest == a->version ? 0 : upp_refuse(txn, "stale-version");
}

static int make(upp_txn *txn, const rules *r, const upp_input *in, const approval *a,
                const matter *m, char ret_decision[UPP_ID])
{
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *note = NULL;
    const int missing =
        upp_recall(txn, a->note_ref, &uppsikt__decision_made_content__descriptor, &note);
    UPP_TRY(missing);
    const decision d = { .m = m,
                         .version = a->version,
                         .action = UPPSIKT__ITEM_ACTION__ITEM_ACTION_DELETE,
                         .reason = a->reason,
                         .plan_row = a->plan_row,
                         .law = a->law,
                         .note = note ? ((const Uppsikt__DecisionMadeContent *)note)->note : "",
                         .by = a->person,
                         .second = in->by };
    return decision_make(txn, r, &d, ret_decision);
}

int on_approve(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__Approve *c = msg;
    approval a;
    matter m;
    char id[UPP_ID] = "";
    if (!in->by)
        return upp_refuse(txn, "decide-needs-a-person");
    const int unknown = read_approval(txn, c->approval, &a);
    UPP_TRY(unknown);
    if (unknown)
        return upp_refuse(txn, "no-such-approval");
    const int missing = matter_read(txn, a.matter, &m);
    UPP_TRY(missing);
    if (missing)
        return upp_fail(txn, UPP_E_BUG, "an approval of no matter: %s", c->approval);
    UPP_TRY(check(txn, self, in, &a, &m));
    if (!c->no) /* the plan may have changed since it was asked for */
        UPP_TRY(register_need_row(txn, a.plan_row, m.account));
    UPP_TRY(end(txn, c->approval, c->no ? APPROVAL_NO : APPROVAL_YES));
    if (!c->no)
        UPP_TRY(make(txn, self, in, &a, &m, id));
    Uppsikt__Decided out = UPPSIKT__DECIDED__INIT;
    out.decision = id;
    out.matter = m.id;
    out.approval = c->approval;
    return upp_reply(txn, &out.base);
}
