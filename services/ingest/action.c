/* action.c - what was decided waits here, in sight, until its copy is sealed; then it leaves, once
 * (R22; reliability.md P3, I11-I13). The two sources may come in any order: each handler writes
 * what it heard, then the action is judged by what is known. */
#include "action.h"
#include "uppsikt/escalation.pb-c.h"
#include "uppsikt/evidence.pb-c.h"
#include <stdio.h>
#include <string.h>

int action_read(upp_txn *txn, const char *id, action *ret_action)
{
    action a = { 0 };
    UPP_ROWS row =
        upp_query(txn,
                  "SELECT matter, item, account, version, what, state, plan, tried_ms,"
                  " since_ms, asks, failures, text_ref, misses, reply, recalled FROM action"
                  " WHERE action = ?1",
                  BIND(V(id)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : 1;
    snprintf(a.id, sizeof a.id, "%s", id);
    snprintf(a.matter, sizeof a.matter, "%s", upp_col_text(&row, 0));
    snprintf(a.item, sizeof a.item, "%s", upp_col_text(&row, 1));
    snprintf(a.account, sizeof a.account, "%s", upp_col_text(&row, 2));
    a.version = (uint32_t)upp_col_int(&row, 3);
    a.what = (enum gate_what)upp_col_int(&row, 4);
    a.state = (enum action_state)upp_col_int(&row, 5);
    a.plan = upp_col_int(&row, 6) == 1;
    a.tried_ms = upp_col_int(&row, 7);
    a.since_ms = upp_col_int(&row, 8);
    a.asks = upp_col_int(&row, 9);
    a.failures = upp_col_int(&row, 10);
    a.text_ref = upp_col_int(&row, 11);
    a.misses = upp_col_int(&row, 12);
    a.reply = (Uppsikt__ReplyKind)upp_col_int(&row, 13);
    a.recalled = upp_col_int(&row, 14) == 1;
    *ret_action = a;
    return 0;
}

/* -- the facts -- */
static int item_facts(upp_txn *txn, const action *a, gate_facts *f)
{
    UPP_ROWS row =
        upp_query(txn, "SELECT version, state FROM item WHERE item = ?1", BIND(V(a->item)));
    if (upp_next(&row)) {
        f->known = true;
        f->newest = (uint32_t)upp_col_int(&row, 0);
        f->gone = upp_col_int(&row, 1) == 2;
    }
    return row.rc;
}

static int seal_facts(upp_txn *txn, const action *a, gate_facts *f)
{
    UPP_ROWS row = upp_query(txn, "SELECT level FROM sealed WHERE item = ?1 AND version = ?2",
                             BIND(V(a->item), V(a->version)));
    if (upp_next(&row))
        f->sealed = (enum gate_seal)upp_col_int(&row, 0);
    return row.rc;
}

static int account_facts(upp_txn *txn, const action *a, gate_facts *f)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT connector, state, coalesce((SELECT kind FROM item"
                             " WHERE item = ?2), 0) FROM connection WHERE account = ?1",
                             BIND(V(a->account), V(a->item)));
    if (upp_next(&row)) {
        const connector *how = connector_named(upp_col_text(&row, 0));
        /* what connectors read and take away are comments; a post of ours goes by hand (R24) */
        const bool post = upp_col_int(&row, 2) == UPPSIKT__ITEM_KIND__ITEM_KIND_OWN_POST;
        f->able = how && connector_can(how, a->what) && (!post || a->what == GATE_REPLY);
        f->locked =
            upp_col_int(&row, 1) == UPPSIKT__ACCOUNT_HEALTH_CHANGED__STATE__STATE_AUTH_REQUIRED;
    }
    return row.rc;
}

/* Answers do not hide or delete: they wait for nobody. */
static int busy_facts(upp_txn *txn, const action *a, gate_facts *f)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT 1 FROM action WHERE item = ?1 AND action <> ?2 AND what <> ?3"
                             " AND (state IN (1, 2) OR (state = 0 AND tried_ms > 0))",
                             BIND(V(a->item), V(a->id), V((int64_t)GATE_REPLY)));
    f->busy = a->what != GATE_REPLY && upp_next(&row);
    return row.rc;
}

int action_facts(upp_txn *txn, const action *a, gate_facts *ret_facts)
{
    gate_facts f = { .what = a->what,
                     .plan = a->plan,
                     .version = a->version,
                     .tried = a->tried_ms > 0,
                     .recalled = a->recalled };
    const int forgotten = upp_forgotten(txn, a->item);
    UPP_TRY(forgotten);
    f.forgotten = forgotten == 1;
    UPP_TRY(item_facts(txn, a, &f));
    UPP_TRY(seal_facts(txn, a, &f));
    UPP_TRY(account_facts(txn, a, &f));
    UPP_TRY(busy_facts(txn, a, &f));
    UPP_ROWS row = upp_query(txn, "SELECT held FROM brake", NO_BIND);
    f.held = upp_next(&row) && upp_col_int(&row, 0) == 1;
    *ret_facts = f;
    return row.rc;
}

/* -- waiting -- */
static int alarm_of(upp_txn *txn, const char *id, upp_ms due)
{
    char key[ALARM_KEY];
    snprintf(key, sizeof key, "act/%s", id);
    return due > 0 ? upp_alarm(txn, key, due) : upp_alarm_off(txn, key);
}

int action_wait(upp_txn *txn, const action *a, const char *why, upp_ms due)
{
    UPP_TRY(upp_exec(txn,
                     "UPDATE action SET state = 0, why = ?2, tried_ms = ?3, failures = ?4,"
                     " misses = ?5 WHERE action = ?1",
                     BIND(V(a->id), V(why), V(a->tried_ms), V(a->failures), V(a->misses))));
    return alarm_of(txn, a->id, due);
}

static int wake(upp_txn *txn, upp_rows *row)
{
    while (upp_next(row))
        UPP_TRY(alarm_of(txn, upp_col_text(row, 0), upp_now(txn)));
    return row->rc;
}

int action_wake_item(upp_txn *txn, const char *item)
{
    UPP_ROWS row =
        upp_query(txn, "SELECT action FROM action WHERE item = ?1 AND state = 0", BIND(V(item)));
    return wake(txn, &row);
}

int action_wake_account(upp_txn *txn, const char *account)
{
    UPP_ROWS row = upp_query(txn, "SELECT action FROM action WHERE state = 0 AND account = ?1",
                             BIND(V(account)));
    return wake(txn, &row);
}

int action_wake_all(upp_txn *txn)
{
    UPP_ROWS row = upp_query(txn, "SELECT action FROM action WHERE state = 0", NO_BIND);
    return wake(txn, &row);
}

/* -- its ends -- */
static int end(upp_txn *txn, const action *a, enum action_state state, const char *why)
{
    UPP_TRY(upp_exec(txn, "UPDATE action SET state = ?2, why = ?3, text_ref = 0 WHERE action = ?1",
                     BIND(V(a->id), V((int64_t)state), V(why))));
    UPP_TRY(upp_drop(txn, a->text_ref));
    UPP_TRY(alarm_of(txn, a->id, 0));
    return action_wake_item(txn, a->item);
}

int action_done(upp_txn *txn, const action *a, bool by_hand)
{
    static const int64_t states[GATE_WHATS] = { [GATE_HIDE] = 1, [GATE_DELETE] = 2 };
    if (a->what != GATE_REPLY)
        UPP_TRY(upp_exec(txn, "UPDATE item SET state = ?2 WHERE item = ?1 AND state <> 2",
                         BIND(V(a->item), V(states[a->what]))));
    if (a->what == GATE_DELETE)
        UPP_TRY(watch_end(txn, a->item));
    UPP_TRY(end(txn, a, ACTION_DONE, ""));
    Uppsikt__ActionDone out = UPPSIKT__ACTION_DONE__INIT;
    out.action = upp_lend(a->id);
    out.matter = upp_lend(a->matter);
    out.item = upp_lend(a->item);
    out.version = a->version;
    out.what = gate_action_of(a->what);
    out.at_ms = upp_now(txn);
    out.by_hand = by_hand;
    out.reply = a->reply;
    return upp_emit(txn, a->item, &out.base, NULL);
}

/* A call whose answer was lost may have had its effect: then nobody may say that it had none. */
int action_refuse(upp_txn *txn, const action *a, Uppsikt__ActionRefused__Reason reason)
{
    const bool tried = a->tried_ms > 0;
    UPP_TRY(end(txn, a, ACTION_REFUSED, tried ? "unknown" : ""));
    Uppsikt__ActionRefused out = UPPSIKT__ACTION_REFUSED__INIT;
    out.action = upp_lend(a->id);
    out.matter = upp_lend(a->matter);
    out.item = upp_lend(a->item);
    out.version = a->version;
    out.what = gate_action_of(a->what);
    out.reason = tried ? UPPSIKT__ACTION_REFUSED__REASON__REASON_OUTCOME_UNKNOWN : reason;
    return upp_emit(txn, a->item, &out.base, NULL);
}

/* The words of an answer stay: somebody is to copy them. */
int action_manual(upp_txn *txn, const action *a, const char *reason)
{
    if (a->recalled)
        return action_refuse(txn, a, UPPSIKT__ACTION_REFUSED__REASON__REASON_RECALLED);
    UPP_TRY(upp_exec(txn, "UPDATE action SET state = ?2, why = ?3, tried_ms = ?4 WHERE action = ?1",
                     BIND(V(a->id), V((int64_t)ACTION_MANUAL), V(reason), V(a->tried_ms))));
    UPP_TRY(alarm_of(txn, a->id, 0));
    Uppsikt__ActionManualRequired out = UPPSIKT__ACTION_MANUAL_REQUIRED__INIT;
    out.action = upp_lend(a->id);
    out.matter = upp_lend(a->matter);
    out.item = upp_lend(a->item);
    out.version = a->version;
    out.what = gate_action_of(a->what);
    out.reason = upp_lend(reason);
    UPP_TRY(upp_emit(txn, a->item, &out.base, NULL));
    return action_wake_item(txn, a->item);
}

/* -- judging -- */
int action_consider(upp_txn *txn, const char *id)
{
    static const char *const waits[GATE_ANSWERS] = {
        [GATE_WAIT_RAW] = "evidence", [GATE_WAIT_WHOLE] = "evidence",  [GATE_WAIT_HELD] = "held",
        [GATE_WAIT_BUSY] = "turn",    [GATE_WAIT_ACCOUNT] = "account",
    };
    action a;
    gate_facts facts;
    const int missing = action_read(txn, id, &a);
    if (missing)
        return missing < 0 ? missing : 0;
    if (a.state != ACTION_WAITING)
        return 0;
    UPP_TRY(action_facts(txn, &a, &facts));
    const enum gate_answer answer = gate_judge(&facts);
    if (answer == GATE_GO)
        return outgoing_start(txn, &a);
    if (answer == GATE_MANUAL)
        return action_manual(txn, &a, "platform-cannot");
    if (waits[answer])
        return action_wait(txn, &a, waits[answer], 0);
    return action_refuse(txn, &a, gate_reason(answer));
}

int action_alarm(upp_txn *txn, const char *id)
{
    return action_consider(txn, id);
}

/* -- what is heard -- */
/* What has not been tried does not leave any more, and nobody has to do it by hand. Of a call
 * that is on its way, or whose answer was lost, is first seen what became of it: it is not made
 * again. */
static int recall_one(upp_txn *txn, const char *id)
{
    action a;
    const int missing = action_read(txn, id, &a);
    if (missing)
        return missing < 0 ? missing : 0;
    if (a.tried_ms == 0 || a.state == ACTION_MANUAL)
        return action_refuse(txn, &a, UPPSIKT__ACTION_REFUSED__REASON__REASON_RECALLED);
    const int rc = upp_exec(txn, "UPDATE action SET recalled = 1 WHERE action = ?1", BIND(V(a.id)));
    return rc < 0 ? rc : 0;
}

/* R25: what was decided before, and has not been done, gives way to the newer decision. They
 * come in the order in which they were made. */
static int recall(upp_txn *txn, const Uppsikt__DecisionMade *d)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT action, what FROM action WHERE item = ?1 AND action <> ?2 AND"
                             " state < 4 AND recalled = 0",
                             BIND(V(d->item), V(d->decision)));
    while (upp_next(&row))
        if (gate_recalls(d->action, (enum gate_what)upp_col_int(&row, 1)))
            UPP_TRY(recall_one(txn, upp_col_text(&row, 0)));
    return row.rc;
}

int action_decided(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__DecisionMade *d = msg;
    const int what = gate_what_of(d->action);
    (void)self;
    (void)in;
    UPP_TRY(recall(txn, d));
    if (what < 0 || what == GATE_REPLY) /* keep: nothing goes to the platform */
        return 0;
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO action(action, matter, item, account, version, what, plan,"
                     " since_ms) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING",
                     BIND(V(d->decision), V(d->matter), V(d->item), V(d->account), V(d->version),
                          V(what), V(d->plan_row[0] || d->law[0] ? 1 : 0), V(upp_now(txn)))));
    return action_consider(txn, d->decision);
}

static int consider_item(upp_txn *txn, const char *item)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT action FROM action WHERE item = ?1 AND state = 0"
                             " AND why = 'evidence' ORDER BY since_ms, action",
                             BIND(V(item)));
    return wake(txn, &row);
}

int action_sealed(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__EvidenceSealed *e = msg;
    /* a level that is newer than this program opens what the least one opens: nothing */
    const int64_t level = e->level == UPPSIKT__SEAL_LEVEL__SEAL_LEVEL_WHOLE ? GATE_SEAL_WHOLE
                          : e->level == UPPSIKT__SEAL_LEVEL__SEAL_LEVEL_RAW ? GATE_SEAL_RAW
                                                                            : GATE_SEAL_NONE;
    (void)self;
    (void)in;
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO sealed(item, version, level) VALUES(?1, ?2, ?3)"
                     " ON CONFLICT DO UPDATE SET level = max(level, ?3)",
                     BIND(V(e->item), V(e->version), V(level))));
    return consider_item(txn, e->item);
}

/* Evidence tries again by itself; people see at the gate that it did not work so far. */
int action_seal_failed(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__EvidenceFailed *e = msg;
    (void)self;
    (void)in;
    const int rc =
        upp_exec(txn,
                 "INSERT INTO sealed(item, version, level, failures) VALUES(?1, ?2, 0, 1)"
                 " ON CONFLICT DO UPDATE SET failures = failures + 1",
                 BIND(V(e->item), V(e->version)));
    return rc < 0 ? rc : 0;
}

int action_echo(upp_txn *txn, const char *item, bool deletes)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT 1 FROM action WHERE item = ?1 AND (state = 2 OR"
                             " (state IN (0, 1) AND tried_ms > 0)) AND"
                             " CASE ?2 WHEN 1 THEN what = ?3 ELSE what IN (?4, ?5) END",
                             BIND(V(item), V(deletes ? 1 : 0), V((int64_t)GATE_DELETE),
                                  V((int64_t)GATE_HIDE), V((int64_t)GATE_UNHIDE)));
    const bool ours = upp_next(&row);
    return row.rc < 0 ? row.rc : ours ? 1 : 0;
}

/* 1: nothing of the item is open any more. */
static int open_one(upp_txn *txn, const char *item, action *ret_action)
{
    char id[UPP_ID];
    {
        UPP_ROWS row = upp_query(
            txn, "SELECT action FROM action WHERE item = ?1 AND state < 4 ORDER BY action LIMIT 1",
            BIND(V(item)));
        if (!upp_next(&row))
            return row.rc < 0 ? row.rc : 1;
        snprintf(id, sizeof id, "%s", upp_col_text(&row, 0));
    }
    return action_read(txn, id, ret_action);
}

/* What still waits for a forgotten item will not be done. */
int action_forget(upp_txn *txn, const char *item)
{
    for (;;) {
        action a;
        const int none = open_one(txn, item, &a);
        if (none)
            return none < 0 ? none : 0;
        UPP_TRY(action_refuse(txn, &a, UPPSIKT__ACTION_REFUSED__REASON__REASON_FORGOTTEN));
    }
}
