/* outgoing.c - an action on its way: read the platform, act, and when nobody knows whether it had
 * its effect, read again before acting again (platforms.md §4.3; I12). What stands there decides,
 * never what we believe. */
#include "action.h"
#include <stdio.h>
#include <string.h>

enum { SKEW = 2 * 60000, MISSES = 2 };

/* -- when next -- */
static upp_ms pause_of(upp_txn *txn, const action *a, upp_ms asked)
{
    const int64_t doublings = a->failures < 6 ? a->failures : 6;
    /* an answer may show late in its thread: read too early it would be sent twice */
    const upp_ms first = a->what == GATE_REPLY && a->tried_ms > 0 ? UPP_MINUTE : 15 * UPP_SECOND;
    upp_ms span = first << doublings;
    uint32_t draw;
    span = span < 15 * UPP_MINUTE ? span : 15 * UPP_MINUTE;
    span = span > asked ? span : asked;
    upp_random(txn, &draw, sizeof draw);
    return span + (upp_ms)((uint64_t)span / 10 * draw / UINT32_MAX);
}

static int later(upp_txn *txn, action *a, const char *why, upp_ms asked)
{
    const upp_ms due = upp_now(txn) + pause_of(txn, a, asked);
    a->failures++;
    return action_wait(txn, a, why, due);
}

/* -- calls -- */
static int ask(upp_txn *txn, const connection *c, const action *a, const request *r,
               enum action_state state)
{
    char subject[UPP_ID + 8], key[UPP_ID + 32];
    snprintf(subject, sizeof subject, "act/%s", a->id);
    snprintf(key, sizeof key, "act/%s/%lld", a->id, (long long)a->asks + 1);
    const int gone = connection_ask(txn, c, r, UPP_ABOUT(subject, a->item), key);
    UPP_TRY(gone);
    if (gone)
        return action_refuse(txn, a, UPPSIKT__ACTION_REFUSED__REASON__REASON_FORGOTTEN);
    const int rc =
        upp_exec(txn,
                 "UPDATE action SET state = ?2, asks = asks + 1, why = '', tried_ms = ?3,"
                 " failures = ?4, misses = ?5 WHERE action = ?1",
                 BIND(V(a->id), V((int64_t)state), V(a->tried_ms), V(a->failures), V(a->misses)));
    return rc < 0 ? rc : 0;
}

/* The connection and the target's names. 1: the action has ended instead. */
static int prepare(upp_txn *txn, const action *a, connection *c, target *t, look_where *where)
{
    const int missing = connection_read(txn, a->account, c);
    UPP_TRY(missing);
    if (missing) {
        UPP_TRY(action_manual(txn, a, "platform-cannot"));
        return 1;
    }
    const int gone = item_target_read(txn, a->item, t);
    UPP_TRY(gone);
    if (gone) {
        UPP_TRY(action_refuse(txn, a, UPPSIKT__ACTION_REFUSED__REASON__REASON_FORGOTTEN));
        return 1;
    }
    *where = connection_where(c);
    where->since = a->since_ms;
    item_target_where(t, c->how, where);
    return 0;
}

/* Where one comment alone does not tell whether it is held back, the list of those that are does:
 * looked at once, before a hide whose answer was lost is sent again. */
static enum look look_of(const connection *c, const action *a)
{
    if (a->what == GATE_REPLY)
        return LOOK_REPLIES;
    const bool lost = a->what == GATE_HIDE && a->tried_ms > 0 && a->misses == 0;
    return lost && (c->how->looks & 1U << LOOK_HELD) ? LOOK_HELD : LOOK_ITEM;
}

static int start_look(upp_txn *txn, const action *a)
{
    UPP_AUTO(connection_done) connection c = { 0 };
    UPP_AUTO(item_target_done) target t = { 0 };
    UPP_AUTO(call_request_done) request r = { 0 };
    look_where where;
    const int ended = prepare(txn, a, &c, &t, &where);
    if (ended)
        return ended < 0 ? ended : 0;
    if (!c.how->look(look_of(&c, a), &where, &r))
        return action_manual(txn, a, "platform-cannot");
    return ask(txn, &c, a, &r, ACTION_LOOKING);
}

/* From here on its effect may have happened, until an answer or a look says otherwise. */
static int start_act(upp_txn *txn, action *a)
{
    UPP_AUTO(connection_done) connection c = { 0 };
    UPP_AUTO(item_target_done) target t = { 0 };
    UPP_AUTO(call_request_done) request r = { 0 };
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *words = NULL;
    look_where where;
    const int ended = prepare(txn, a, &c, &t, &where);
    if (ended)
        return ended < 0 ? ended : 0;
    if (a->what == GATE_REPLY) {
        const int missing = upp_recall(txn, a->text_ref, &uppsikt__reply_text__descriptor, &words);
        UPP_TRY(missing);
        if (missing)
            return action_refuse(txn, a, UPPSIKT__ACTION_REFUSED__REASON__REASON_FORGOTTEN);
    }
    const char *text = words ? ((const Uppsikt__ReplyText *)words)->text : "";
    if (!c.how->act(a->what, &where, text, &r))
        return action_manual(txn, a, "platform-cannot");
    a->tried_ms = upp_now(txn);
    a->misses = 0;
    return ask(txn, &c, a, &r, ACTION_SENDING);
}

int outgoing_start(upp_txn *txn, const action *a)
{
    action mine = *a;
    /* an answer that was never sent stands nowhere: there is nothing to read first */
    if (a->what == GATE_REPLY && a->tried_ms == 0)
        return start_act(txn, &mine);
    return start_look(txn, a);
}

/* What the look showed leaves everything to be done: once more the whole gate, then act. */
static int act_now(upp_txn *txn, action *a)
{
    gate_facts facts;
    a->tried_ms = 0;
    UPP_TRY(action_facts(txn, a, &facts));
    if (gate_judge(&facts) == GATE_GO)
        return start_act(txn, a);
    /* something has changed meanwhile: an edit, the brake, the account */
    return action_wait(txn, a, "turn", upp_now(txn));
}

/* -- what a look showed -- */
static bool is_done(const action *a, const sight *s)
{
    return (a->what == GATE_HIDE && s->hidden) || (a->what == GATE_UNHIDE && !s->hidden);
}

/* 100/33 and the like: gone, or no permission. After a delete of ours, with the account readable
 * since, it is done; else the sweep finds out, and its word ends the wait. */
static int saw_nothing(upp_txn *txn, const connection *c, action *a)
{
    gate_facts facts;
    UPP_TRY(action_facts(txn, a, &facts));
    if (a->what == GATE_DELETE && a->tried_ms > 0) {
        if (c->polled_ms > a->tried_ms)
            return action_done(txn, a, false);
        UPP_TRY(poll_now(txn, a->account));
        return later(txn, a, "unknown", UPP_MINUTE);
    }
    if (facts.gone)
        return action_refuse(txn, a, UPPSIKT__ACTION_REFUSED__REASON__REASON_GONE);
    UPP_TRY(watch_soon(txn, a->item, upp_now(txn)));
    UPP_TRY(poll_now(txn, a->account));
    return later(txn, a, "unreachable", 10 * UPP_MINUTE);
}

/* It was taken back while a call of it was under way, and stands there as if there had been
 * none: or nobody can tell, where the platform does not say what is hidden. */
static int saw_recalled(upp_txn *txn, action *a, bool told)
{
    if (a->what == GATE_DELETE || told)
        a->tried_ms = 0;
    return action_refuse(txn, a, UPPSIKT__ACTION_REFUSED__REASON__REASON_RECALLED);
}

static int saw_item(upp_txn *txn, const connection *c, action *a, const json_t *json)
{
    sight s;
    enum take take = TAKE_KNOWN;
    const int there = c->how->see(json, c->own_id, &s);
    if (there)
        return there == 1 ? saw_nothing(txn, c, a) : later(txn, a, "transient", 0);
    /* where nothing tells what is hidden, doing it once more is the way to know */
    const bool told = c->how->tells_hidden && !s.it.hidden_unsaid;
    const bool done = told && is_done(a, &s);
    const bool may = a->what == GATE_HIDE     ? s.may_hide
                     : a->what == GATE_DELETE ? s.may_delete
                                              : true;
    /* an edit that nobody has seen becomes a version first, and this decision stale (E9) */
    const take_in from = { .account = c->account,
                           .platform = c->how->name,
                           .source = UPPSIKT__ITEM_SOURCE__ITEM_SOURCE_POLL };
    const int rc = take_in_item(txn, &from, &s.it, &take);
    item_done(&s.it);
    UPP_TRY(rc);
    if (done)
        return action_done(txn, a, false);
    if (a->recalled)
        return saw_recalled(txn, a, told);
    if (!may) {
        a->tried_ms = 0; /* as it stands there, it has not been done */
        return action_manual(txn, a, "platform-refused");
    }
    return act_now(txn, a);
}

/* The list of what is held back: is it among them? */
static int saw_held(upp_txn *txn, const connection *c, action *a, json_t *json)
{
    UPP_AUTO(listing_done) page p = { 0 };
    UPP_AUTO(item_target_done) target t = { 0 };
    if (c->how->read(LOOK_HELD, json, c->own_id, &p) < 0)
        return later(txn, a, "transient", 0);
    const int missing = item_target_read(txn, a->item, &t);
    UPP_TRY(missing);
    if (missing)
        return action_refuse(txn, a, UPPSIKT__ACTION_REFUSED__REASON__REASON_FORGOTTEN);
    for (size_t i = 0; i < p.n; i++)
        if (p.items[i].hidden && strcmp(p.items[i].external_id, t.what->external_id) == 0)
            return action_done(txn, a, false);
    a->misses = 1;
    if (a->recalled) {
        a->tried_ms = 0; /* it is not held back */
        return action_refuse(txn, a, UPPSIKT__ACTION_REFUSED__REASON__REASON_RECALLED);
    }
    return action_wait(txn, a, "turn", upp_now(txn));
}

/* Does one of our own answers end with these words? Servers put whom we call on before them. */
static bool stands_there(const page *p, const char *text, upp_ms since)
{
    const size_t n = strlen(text);
    for (size_t i = 0; i < p->n; i++) {
        const reading *it = &p->items[i];
        const size_t have = it->text ? strlen(it->text) : 0;
        const bool recent = it->created_ms == 0 || it->created_ms >= since - SKEW;
        if (it->ours && recent && it->text && have >= n && strcmp(it->text + have - n, text) == 0)
            return true;
    }
    return false;
}

static int saw_replies(upp_txn *txn, const connection *c, action *a, json_t *json)
{
    UPP_AUTO(listing_done) page p = { 0 };
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *words = NULL;
    if (c->how->read(LOOK_REPLIES, json, c->own_id, &p) < 0)
        return later(txn, a, "transient", 0);
    const int missing = upp_recall(txn, a->text_ref, &uppsikt__reply_text__descriptor, &words);
    UPP_TRY(missing);
    if (missing || !words)
        return action_refuse(txn, a, UPPSIKT__ACTION_REFUSED__REASON__REASON_FORGOTTEN);
    if (stands_there(&p, ((const Uppsikt__ReplyText *)words)->text, a->tried_ms))
        return action_done(txn, a, false);
    if (++a->misses < MISSES)
        return later(txn, a, "unknown", 0);
    return act_now(txn, a);
}

/* -- answers -- */
/* The account's door is closed, for now or until somebody renews the token, or the version that we
 * speak: nothing was done. */
static int turned_away(upp_txn *txn, const connection *c, action *a, const heard *h)
{
    upp_ms wait = 0;
    UPP_TRY(connection_failed(txn, c, h->verdict, h->wait, &wait));
    if (h->verdict == VERDICT_AUTH) /* the gate knows the account's state now */
        return action_wait(txn, a, "account", upp_now(txn));
    return later(txn, a, h->verdict == VERDICT_VERSION ? "version" : "throttle", wait);
}

static int looked(upp_txn *txn, const connection *c, action *a, const heard *h)
{
    const enum look look = look_of(c, a);
    switch (h->verdict) {
    case VERDICT_OK:
        if (!h->json)
            return later(txn, a, "transient", 0);
        return look == LOOK_REPLIES ? saw_replies(txn, c, a, h->json)
               : look == LOOK_HELD  ? saw_held(txn, c, a, h->json)
                                    : saw_item(txn, c, a, h->json);
    case VERDICT_GONE:
        return saw_nothing(txn, c, a);
    case VERDICT_AUTH:
    case VERDICT_THROTTLE:
    case VERDICT_VERSION:
        return turned_away(txn, c, a, h);
    case VERDICT_FIELD:
        UPP_TRY(upp_exec(txn,
                         "UPDATE connection SET rung = rung + 1 WHERE account = ?1"
                         " AND rung < 8",
                         BIND(V(a->account))));
        return later(txn, a, "permanent", 0);
    case VERDICT_SAME:
    case VERDICT_TRANSIENT:
    case VERDICT_PERMANENT:
    case VERDICT_EXISTS:
    case VERDICT_CURSOR:
    case VERDICTS:
        break;
    }
    return later(txn, a, verdict_name(h->verdict), h->wait);
}

/* Did the answer say that it is done? */
static bool is_said(const connection *c, const action *a, const heard *h)
{
    if (a->what == GATE_REPLY && c->how->made && answer_header(&h->a, c->how->made))
        return true;
    if (a->what == GATE_REPLY && !h->json)
        return false;
    return !c->how->confirmed || c->how->confirmed(a->what, h->json);
}

static int acted(upp_txn *txn, const connection *c, action *a, const heard *h, bool never_left)
{
    switch (h->verdict) {
    case VERDICT_OK:
        if (is_said(c, a, h))
            return action_done(txn, a, false);
        break; /* it did not say so: look */
    case VERDICT_AUTH:
    case VERDICT_THROTTLE:
    case VERDICT_VERSION:
        a->tried_ms = 0;
        return turned_away(txn, c, a, h);
    case VERDICT_PERMANENT:
    case VERDICT_FIELD:
        a->tried_ms = 0;
        return action_manual(txn, a, "platform-refused");
    case VERDICT_TRANSIENT:
        if (never_left)
            a->tried_ms = 0;
        break;
    case VERDICT_SAME:
    case VERDICT_GONE:
    case VERDICT_EXISTS:
    case VERDICT_CURSOR:
    case VERDICTS:
        break;
    }
    return later(txn, a, a->tried_ms > 0 ? "unknown" : "transient", h->wait);
}

int action_answer(upp_txn *txn, const char *id, const Uppsikt__PlatformAnswered *answer)
{
    action a;
    UPP_AUTO(connection_done) connection c = { 0 };
    UPP_AUTO(heard_done) heard h = { 0 };
    const int missing = action_read(txn, id, &a);
    UPP_TRY(missing);
    if (missing || (a.state != ACTION_LOOKING && a.state != ACTION_SENDING))
        return 0; /* it has ended meanwhile: forgotten */
    const int gone = connection_read(txn, a.account, &c);
    UPP_TRY(gone);
    if (gone) /* disconnected meanwhile: the gate judges anew */
        return action_wait(txn, &a, "account", upp_now(txn));
    connection_heard(&c, answer, &h);
    const int ended = connection_ended(txn, &c, h.verdict);
    UPP_TRY(ended);
    if (ended) { /* nothing was done */
        a.tried_ms = a.state == ACTION_SENDING ? 0 : a.tried_ms;
        UPP_TRY(poll_now(txn, a.account));
        return later(txn, &a, "throttle", 0);
    }
    if (a.state == ACTION_LOOKING)
        return looked(txn, &c, &a, &h);
    const bool never_left = answer && answer->status == 0 && !answer->sent;
    return acted(txn, &c, &a, &h, never_left);
}
