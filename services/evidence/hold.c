/* hold.c - gallringsstopp: per matter or account, beats every row (R23). Placed by one person,
 * released by two (sla.md P4). */
#include "evidence.h"
#include <stdio.h>
#include <string.h>

#define WHO (ROLE_ARCHIVIST | ROLE_REGISTRAR | ROLE_COMMUNICATIONS | ROLE_MANAGER | ROLE_OPERATIONS)

/* Why something must stay, whatever a row says. */
static bool is_reason(const char *reason)
{
    static const char *const reasons[] = { "",      "records-request", "dispute", "police",
                                           "audit", "reconsideration", "other" };
    for (size_t i = 0; i < UPP_LEN(reasons); i++)
        if (strcmp(reasons[i], reason) == 0)
            return true;
    return false;
}

/* So that no hold is forgotten: a year, unless somebody says when, within five. */
static upp_ms review_of(upp_txn *txn, const Uppsikt__PlaceHold *c)
{
    return c->review_ms > 0 ? c->review_ms : upp_now(txn) + 365 * UPP_DAY;
}

static int taken(upp_txn *txn, const char *hold, bool waits)
{
    Uppsikt__HoldTaken out = UPPSIKT__HOLD_TAKEN__INIT;
    out.hold = upp_lend(hold);
    out.waits_for_second = waits;
    return upp_reply(txn, &out.base);
}

/* The item of a matter, and the account of either. */
static int find(upp_txn *txn, const Uppsikt__PlaceHold *c, char ret_item[EVIDENCE_ID],
                char ret_account[EVIDENCE_ID])
{
    ret_item[0] = '\0';
    if (c->matter[0]) {
        UPP_ROWS row = upp_query(txn,
                                 "SELECT m.item, i.account FROM matter m JOIN item i"
                                 " ON i.item = m.item WHERE m.matter = ?1",
                                 BIND(V(c->matter)));
        if (!upp_next(&row))
            return row.rc < 0 ? row.rc : upp_refuse(txn, "no-such-matter");
        snprintf(ret_item, EVIDENCE_ID, "%s", upp_col_text(&row, 0));
        snprintf(ret_account, EVIDENCE_ID, "%s", upp_col_text(&row, 1));
        return 0;
    }
    UPP_ROWS row =
        upp_query(txn, "SELECT account FROM account WHERE account = ?1", BIND(V(c->account)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : upp_refuse(txn, "no-such-account");
    snprintf(ret_account, EVIDENCE_ID, "%s", upp_col_text(&row, 0));
    return 0;
}

int hold_place(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__PlaceHold *c = msg;
    char id[UPP_ID], item[EVIDENCE_ID], account[EVIDENCE_ID];
    (void)self;
    if (!in->by)
        return upp_refuse(txn, "person-needed");
    if (!c->matter[0] == !c->account[0])
        return upp_refuse(txn, "hold-of-what");
    if (!is_reason(c->reason))
        return upp_refuse(txn, "hold-reason");
    const upp_ms review = review_of(txn, c);
    if (review <= upp_now(txn) || review > upp_now(txn) + 5 * 366 * UPP_DAY)
        return upp_refuse(txn, "hold-review");
    UPP_TRY(find(txn, c, item, account));
    UPP_TRY(register_need(txn, in, WHO, account));
    upp_id(txn, id);
    UPP_TRY(
        upp_exec(txn,
                 "INSERT INTO hold(hold, matter, account, item, person, at_ms, reason, review_ms)"
                 " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                 BIND(V(id), V(c->matter), V(c->account), V(item), V(in->by), V(upp_now(txn)),
                      V(c->reason), V(review))));
    Uppsikt__HoldPlaced out = UPPSIKT__HOLD_PLACED__INIT;
    out.hold = id;
    out.matter = c->matter;
    out.account = c->account;
    out.by = upp_lend(in->by);
    out.at_ms = upp_now(txn);
    out.reason = c->reason;
    out.review_ms = review;
    UPP_TRY(upp_emit(txn, id, &out.base, NULL));
    return taken(txn, id, false);
}

/* The first person asks, another one says yes. */
int hold_release(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__ReleaseHold *c = msg;
    char first[EVIDENCE_ID];
    (void)self;
    UPP_TRY(register_need(txn, in, WHO, NULL));
    {
        UPP_ROWS row = upp_query(txn, "SELECT release_by, released_ms FROM hold WHERE hold = ?1",
                                 BIND(V(c->hold)));
        if (!upp_next(&row))
            return row.rc < 0 ? row.rc : upp_refuse(txn, "no-such-hold");
        if (upp_col_int(&row, 1) > 0)
            return upp_refuse(txn, "hold-released");
        snprintf(first, sizeof first, "%s", upp_col_text(&row, 0));
    }
    if (!first[0]) {
        UPP_TRY(upp_exec(txn, "UPDATE hold SET release_by = ?2 WHERE hold = ?1",
                         BIND(V(c->hold), V(in->by))));
        return taken(txn, c->hold, true);
    }
    if (strcmp(first, in->by) == 0)
        return upp_refuse(txn, "second-person");
    UPP_TRY(upp_exec(txn, "UPDATE hold SET second = ?2, released_ms = ?3 WHERE hold = ?1",
                     BIND(V(c->hold), V(in->by), V(upp_now(txn)))));
    Uppsikt__HoldReleased out = UPPSIKT__HOLD_RELEASED__INIT;
    out.hold = c->hold;
    out.by = first;
    out.second = upp_lend(in->by);
    out.at_ms = upp_now(txn);
    UPP_TRY(upp_emit(txn, c->hold, &out.base, NULL));
    return taken(txn, c->hold, false);
}

int hold_list(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__Holds *q = msg;
    (void)self;
    (void)in;
    UPP_ROWS row =
        upp_query(txn,
                  "SELECT hold, matter, account, person, at_ms, release_by, second, released_ms,"
                  " reason, review_ms FROM hold"
                  " WHERE hold > ?1 AND (?2 OR released_ms = 0) ORDER BY hold LIMIT ?3",
                  BIND(V(q->after), V(q->released_too ? 1 : 0),
                       V(q->limit > 0 && q->limit < EVIDENCE_PAGE ? q->limit : EVIDENCE_PAGE)));
    while (upp_next(&row)) {
        Uppsikt__HoldRow out = UPPSIKT__HOLD_ROW__INIT;
        out.hold = upp_lend(upp_col_text(&row, 0));
        out.matter = upp_lend(upp_col_text(&row, 1));
        out.account = upp_lend(upp_col_text(&row, 2));
        out.by = upp_lend(upp_col_text(&row, 3));
        out.at_ms = upp_col_int(&row, 4);
        out.release_by = upp_lend(upp_col_text(&row, 5));
        out.second = upp_lend(upp_col_text(&row, 6));
        out.released_ms = upp_col_int(&row, 7);
        out.reason = upp_lend(upp_col_text(&row, 8));
        out.review_ms = upp_col_int(&row, 9);
        const int rc = upp_reply(txn, &out.base);
        if (rc)
            return rc < 0 ? rc : 0;
    }
    return row.rc;
}
