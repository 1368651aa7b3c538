/* desk.c - what people ask of outgoing actions: an answer, an attestation, the brake, the list. */
#include "action.h"
#include "kin.h"
#include "signoff.h"
#include <stdio.h>
#include <string.h>

static int taken(upp_txn *txn, const char *id)
{
    Uppsikt__ActionTaken out = UPPSIKT__ACTION_TAKEN__INIT;
    out.action = upp_lend(id);
    return upp_reply(txn, &out.base);
}

/* -- answers -- */
typedef struct addressed {
    char account[64];
    uint32_t version;
    int64_t state;
} addressed;

static int read_item(upp_txn *txn, const char *item, addressed *ret)
{
    UPP_ROWS row =
        upp_query(txn, "SELECT account, version, state FROM item WHERE item = ?1", BIND(V(item)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : upp_refuse(txn, "no-such-item");
    snprintf(ret->account, sizeof ret->account, "%s", upp_col_text(&row, 0));
    ret->version = (uint32_t)upp_col_int(&row, 1);
    ret->state = upp_col_int(&row, 2);
    return 0;
}

/* R11, platforms.md §4.3: refused before anything is sent, in words for who wrote it. */
static int check_reply(upp_txn *txn, const Uppsikt__SendReply *r, const addressed *to)
{
    enum { LONGEST = 20000 };
    bool is_signed = false;
    const int forgotten = upp_forgotten(txn, r->item);
    UPP_TRY(forgotten);
    if (forgotten)
        return upp_refuse(txn, "item-forgotten");
    if (to->state == 2)
        return upp_refuse(txn, "item-gone");
    const int stranger = signer_signed(txn, r->person, r->text, &is_signed);
    UPP_TRY(stranger);
    if (stranger || !r->person[0])
        return upp_refuse(txn, "no-such-person");
    if (!is_signed)
        return upp_refuse(txn, "reply-unsigned");
    UPP_ROWS row = upp_query(txn, "SELECT connector, state FROM connection WHERE account = ?1",
                             BIND(V(to->account)));
    const bool connected = upp_next(&row);
    UPP_TRY(row.rc);
    const connector *how = connected ? connector_named(upp_col_text(&row, 0)) : NULL;
    const size_t limit = how && how->reply_max > 0 ? how->reply_max : LONGEST;
    if (signoff_length(r->text) > limit)
        return upp_refuse(txn, "reply-too-long");
    if (connected &&
        upp_col_int(&row, 1) == UPPSIKT__ACCOUNT_HEALTH_CHANGED__STATE__STATE_AUTH_REQUIRED)
        return upp_refuse(txn, "account-locked");
    return 0;
}

int reply_send(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__SendReply *r = msg;
    char id[UPP_ID], key[UPP_HEX];
    addressed to = { 0 };
    upp_content kept;
    (void)self;
    if (!in->by)
        return upp_refuse(txn, "reply-needs-a-person");
    const int unknown = signer_known(txn, in->by);
    UPP_TRY(unknown);
    if (unknown)
        return upp_refuse(txn, "no-such-person");
    UPP_TRY(read_item(txn, r->item, &to));
    UPP_TRY(check_reply(txn, r, &to));
    Uppsikt__ReplyText words = UPPSIKT__REPLY_TEXT__INIT;
    words.text = r->text;
    const int gone = upp_keep(txn, UPP_ABOUT(r->item, r->person), &words.base, &kept);
    UPP_TRY(gone);
    if (gone)
        return upp_refuse(txn, "item-forgotten");
    upp_id(txn, id);
    kin_words(txn, r->text, key);
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO action(action, item, account, version, what, since_ms, text_ref,"
                     " reply, words) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                     BIND(V(id), V(r->item), V(to.account), V(to.version), V((int64_t)GATE_REPLY),
                          V(upp_now(txn)), V(kept.ref), V((int64_t)r->kind), V(key))));
    UPP_TRY(action_consider(txn, id));
    return taken(txn, id);
}

/* -- by hand -- */
int attest_take(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__AttestAction *c = msg;
    action a;
    (void)self;
    if (!in->by)
        return upp_refuse(txn, "attest-needs-a-person");
    const int unknown = signer_known(txn, in->by);
    UPP_TRY(unknown);
    if (unknown)
        return upp_refuse(txn, "no-such-person");
    const int missing = action_read(txn, c->action, &a);
    UPP_TRY(missing);
    if (missing)
        return upp_refuse(txn, "no-such-action");
    if (a.state != ACTION_MANUAL) /* the gate holds for what is done by hand, too (R22) */
        return upp_refuse(txn, "action-not-by-hand");
    UPP_TRY(action_done(txn, &a, true));
    return taken(txn, a.id);
}

/* -- the brake -- */
int brake_set(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__HoldActions *c = msg;
    (void)self;
    (void)in;
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO brake(one, held, at_ms) VALUES(1, ?1, ?2)"
                     " ON CONFLICT DO UPDATE SET held = ?1, at_ms = ?2",
                     BIND(V(c->hold ? 1 : 0), V(upp_now(txn)))));
    if (!c->hold)
        UPP_TRY(action_wake_all(txn));
    return taken(txn, "");
}

/* -- the list -- */
static const char *state_of(const action *a, const gate_facts *f, enum gate_answer answer)
{
    if (a->state == ACTION_MANUAL)
        return "manual";
    if (a->tried_ms > 0 && a->state != ACTION_SENDING)
        return "unknown";
    if (a->state == ACTION_LOOKING || a->state == ACTION_SENDING)
        return "sending";
    const bool removes = a->what == GATE_HIDE || a->what == GATE_DELETE;
    return answer == GATE_WAIT_HELD || (f->held && removes) ? "held" : "waiting";
}

static int reply_waiting(upp_txn *txn, const char *id, const char *why, upp_ms next)
{
    action a;
    gate_facts facts;
    const int missing = action_read(txn, id, &a);
    UPP_TRY(missing);
    UPP_TRY(action_facts(txn, &a, &facts));
    const enum gate_answer answer = gate_judge(&facts);
    Uppsikt__WaitingAction out = UPPSIKT__WAITING_ACTION__INIT;
    out.action = a.id;
    out.matter = a.matter;
    out.item = a.item;
    out.version = a.version;
    out.what = gate_action_of(a.what);
    out.state = upp_lend(state_of(&a, &facts, answer));
    out.missing = upp_lend(a.state == ACTION_WAITING ? gate_missing(answer) : "");
    out.since_ms = a.since_ms;
    out.account = a.account;
    out.why = upp_lend(why);
    out.next_ms = next;
    return upp_reply(txn, &out.base);
}

int action_list(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__WaitingActions *q = msg;
    (void)self;
    (void)in;
    UPP_ROWS row = upp_query(
        txn,
        "SELECT a.action, CASE WHEN a.why = 'evidence' AND s.failures > 0 THEN 'evidence-failed'"
        " ELSE a.why END, coalesce(t.due, 0) FROM action a LEFT JOIN sealed s ON s.item = a.item"
        " AND s.version = a.version LEFT JOIN upp_alarm t ON t.key = 'act/' || a.action"
        " WHERE a.state < 4 AND a.action > ?1 ORDER BY a.action LIMIT ?2",
        BIND(V(q->after), V(q->limit > 0 && q->limit < 200 ? q->limit : 200)));
    while (upp_next(&row))
        UPP_TRY(
            reply_waiting(txn, upp_col_text(&row, 0), upp_col_text(&row, 1), upp_col_int(&row, 2)));
    return row.rc;
}
