/* park.c - what could not be handled is set aside in sight, and can be driven again. */
#include "node_state.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int upp_park_write(upp_txn *txn, const upp_park *park)
{
    upp_content kept = { 0 };
    const char *subject = park->subject[0] ? park->subject : park->source;
    if (park->body.len > 0) {
        const int gone = upp_keep_bytes(txn, UPP_ABOUT(subject), park->body, &kept);
        UPP_TRY(gone);
    }
    UPP_TRY(upp_exec_blobs(
        txn,
        "INSERT INTO upp_parked(kind, source, seq, type, subject, why, at_ms, body_ref, fact)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        BIND(V(park->kind), V(park->source), V(park->seq), V(park->type), V(subject),
             V(txn->node->why), V(upp_now(txn)), V(kept.ref)),
        (upp_blob[]){ { 9, park->fact } }, 1));
    txn->node->n_parked++;

    char id[32];
    snprintf(id, sizeof id, "p%lld", (long long)upp_last_id(txn));
    Uppsikt__EventParked out = UPPSIKT__EVENT_PARKED__INIT;
    out.parked = id;
    out.source = upp_lend(park->source);
    out.seq = park->seq;
    out.type = upp_lend(park->type);
    return upp_emit(txn, subject, &out.base, NULL);
}

/* -- the list of what was set aside: parked inputs p1, p2 ... then dead letters a1, a2 ... -- */
static int reply_row(upp_txn *txn, const upp_rows *row, char prefix)
{
    char id[32];
    snprintf(id, sizeof id, "%c%lld", prefix, (long long)upp_col_int(row, 0));
    Uppsikt__ParkedThing out = UPPSIKT__PARKED_THING__INIT;
    out.id = id;
    out.kind = upp_lend(upp_col_text(row, 1));
    out.source = upp_lend(upp_col_text(row, 2));
    out.seq = upp_col_int(row, 3);
    out.type = upp_lend(upp_col_text(row, 4));
    out.why = upp_lend(upp_col_text(row, 5));
    out.at_ms = upp_col_int(row, 6);
    out.attempts = (uint32_t)upp_col_int(row, 7);
    return upp_reply(txn, &out.base);
}

int upp_park_query(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__ParkedThings *q = msg;
    const char kind = q->after[0];
    const int64_t after = kind ? strtoll(q->after + 1, NULL, 10) : 0;
    int64_t left = q->limit > 0 && q->limit < 500 ? q->limit : 500;
    if (kind != 'a') {
        UPP_ROWS p = upp_query(txn,
                               "SELECT id, kind, source, seq, type, why, at_ms, tries"
                               " FROM upp_parked WHERE id > ?1 ORDER BY id LIMIT ?2",
                               BIND(V(after), V(left)));
        for (; upp_next(&p); left--)
            UPP_TRY(reply_row(txn, &p, 'p'));
        UPP_TRY(p.rc);
    }
    UPP_ROWS a = upp_query(txn,
                           "SELECT id, 'ask', port, id, key, 'given up', asked_ms, attempts"
                           " FROM upp_ask WHERE state = 2 AND id > ?1 ORDER BY id LIMIT ?2",
                           BIND(V(kind == 'a' ? after : 0), V(left)));
    while (upp_next(&a))
        UPP_TRY(reply_row(txn, &a, 'a'));
    return a.rc;
}

/* -- driving again -- */
typedef struct parked {
    int64_t id, seq, body_ref;
    char kind[16], source[256], type[128], subject[160];
    uint8_t *fact; /* owned */
    size_t fact_len;
} parked;

static void parked_done(parked *p)
{
    free(p->fact);
    p->fact = NULL;
}

static int read_parked(upp_txn *txn, int64_t id, parked *ret_parked)
{
    parked *p = ret_parked;
    UPP_ROWS row = upp_query(txn,
                             "SELECT kind, source, seq, type, subject, body_ref, fact"
                             " FROM upp_parked WHERE id = ?1",
                             BIND(V(id)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : 1;
    p->id = id;
    snprintf(p->kind, sizeof p->kind, "%s", upp_col_text(&row, 0));
    snprintf(p->source, sizeof p->source, "%s", upp_col_text(&row, 1));
    p->seq = upp_col_int(&row, 2);
    snprintf(p->type, sizeof p->type, "%s", upp_col_text(&row, 3));
    snprintf(p->subject, sizeof p->subject, "%s", upp_col_text(&row, 4));
    p->body_ref = upp_col_int(&row, 5);
    const upp_bytes fact = upp_col_bytes(&row, 6);
    p->fact = malloc(fact.len + 1);
    upp_check(p->fact);
    if (fact.len)
        memcpy(p->fact, fact.at, fact.len);
    p->fact_len = fact.len;
    return 0;
}

static int drive_event(upp_txn *txn, const parked *p, upp_bytes body)
{
    const upp_route *route = upp_node_route(txn->node, UPP_EVENT, p->source, p->type);
    upp_opened opened = { 0 };
    if (!route || upp_envelope_open((upp_bytes){ p->fact, p->fact_len }, p->type, &opened) < 0)
        return upp_fail(txn, UPP_E_INPUT, "no route for %s from %s", p->type, p->source);
    ProtobufCMessage *frame =
        body.len ? upp_unpack(&uppsikt__content_frame__descriptor, body) : NULL;
    const Uppsikt__ContentFrame *content = (const Uppsikt__ContentFrame *)frame;
    upp_bytes salt = { 0 }, inner = { 0 };
    if (content) {
        salt = (upp_bytes){ content->salt.data, content->salt.len };
        inner = (upp_bytes){ content->body.data, content->body.len };
    }
    upp_input in = { .source = p->source, .seq = p->seq, .subject = opened.subject };
    const int rc = upp_event_handle(txn, route, &in, opened.fact, salt, inner);
    upp_unpack_free(frame);
    upp_opened_done(&opened);
    return rc;
}

static int drive_answer(upp_txn *txn, const parked *p, upp_bytes body)
{
    const upp_route *route = upp_node_route(txn->node, UPP_ANSWER, p->source, p->type);
    if (!route)
        return upp_fail(txn, UPP_E_INPUT, "no route for %s from %s", p->type, p->source);
    UPP_AUTO(upp_unpack_freep) ProtobufCMessage *msg = upp_unpack(route->type, body);
    const upp_input in = { .source = p->source, .seq = p->seq, .subject = p->subject };
    return msg ? route->handle(txn, upp_node_self(txn->node), &in, msg)
               : upp_fail(txn, UPP_E_INPUT, "a parked answer that cannot be read");
}

static int drive(upp_txn *txn, const parked *p)
{
    const upp_service *service = txn->node->service;
    upp_bytes salt = { 0 }, body = { 0 };
    UPP_ROWS row = { .txn = txn };
    if (p->body_ref)
        UPP_TRY(upp_content_row(txn, p->body_ref, &row, &salt, &body));
    if (strcmp(p->kind, "event") == 0)
        return drive_event(txn, p, body);
    if (strcmp(p->kind, "answer") == 0)
        return drive_answer(txn, p, body);
    return service->on_alarm ? service->on_alarm(txn, upp_node_self(txn->node), p->source)
                             : UPP_E_INPUT;
}

/* The handler in a savepoint of its own: when it fails again, only `tries` grows. */
static int drive_parked(upp_txn *txn, const parked *p, bool *ret_handled)
{
    upp_db *db = &txn->node->db;
    const upp_point before = txn->node->head;
    if (upp_db_run(db, "SAVEPOINT drive") < 0)
        return UPP_E_STORE;
    /* what the handler answers is not the outcome of this command */
    upp_answered *outcome = txn->outcome;
    txn->outcome = NULL;
    int rc = drive(txn, p);
    txn->outcome = outcome;
    *ret_handled = rc >= 0;
    if (rc < 0) {
        txn->node->head = before;
        if (rc == UPP_E_BUG || rc == UPP_E_STORE || upp_db_run(db, "ROLLBACK TO drive") < 0)
            return rc == UPP_E_BUG ? UPP_E_BUG : UPP_E_STORE;
    }
    if (upp_db_run(db, "RELEASE drive") < 0)
        return UPP_E_STORE;
    if (*ret_handled) {
        UPP_TRY(upp_drop(txn, p->body_ref));
        rc = upp_exec(txn, "DELETE FROM upp_parked WHERE id = ?1", BIND(V(p->id)));
    } else {
        rc = upp_exec(txn, "UPDATE upp_parked SET tries = tries + 1, why = ?2 WHERE id = ?1",
                      BIND(V(p->id), V(txn->node->why)));
    }
    return rc < 0 ? rc : 0;
}

int upp_drive_again(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__DriveAgain *c = msg;
    Uppsikt__DrivenAgain out = UPPSIKT__DRIVEN_AGAIN__INIT;
    out.id = c->id;
    const int64_t id = c->id[0] ? strtoll(c->id + 1, NULL, 10) : 0;
    if (c->id[0] == 'a') {
        const int found = upp_exec(txn,
                                   "UPDATE upp_ask SET state = 0, attempts = 0, asked_ms = ?2,"
                                   " next_ms = ?2 WHERE id = ?1 AND state = 2",
                                   BIND(V(id), V(upp_now(txn))));
        UPP_TRY(found);
        if (found == 0)
            return upp_refuse(txn, "nothing-parked");
        out.handled = true;
        return upp_reply(txn, &out.base);
    }
    UPP_AUTO(parked_done) parked p = { 0 };
    const int missing = read_parked(txn, id, &p);
    UPP_TRY(missing);
    if (missing)
        return upp_refuse(txn, "nothing-parked");
    bool handled = false;
    UPP_TRY(drive_parked(txn, &p, &handled));
    out.handled = handled;
    return upp_reply(txn, &out.base);
}
