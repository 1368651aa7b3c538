/* leaver.c - what a leaver hands over: one list, a row for each step with each account, ticked by
 * those who do it, confirmed once by one other person (R03, R05, R06). */
#include "registry.h"
#include <string.h>

enum { LEAST = 2, NOTE_BYTES = 500 };
enum {
    OPEN = UPPSIKT__LEAVER_TICK__LEAVER_TICK_OPEN,
    DONE = UPPSIKT__LEAVER_TICK__LEAVER_TICK_DONE,
    NOT_APPLICABLE = UPPSIKT__LEAVER_TICK__LEAVER_TICK_NOT_APPLICABLE,
    APPOINTED = UPPSIKT__LEAVER_STEP__LEAVER_STEP_APPOINTED,
    LAST_STEP = UPPSIKT__LEAVER_STEP__LEAVER_STEP_SECOND_FACTOR
};

/* -- opening -- */
static int open_list(upp_txn *txn, const char *person)
{
    const int fresh = upp_exec(txn,
                               "INSERT INTO leaver(person, opened_ms) VALUES(?1, ?2)"
                               " ON CONFLICT DO NOTHING",
                               BIND(V(person), V(upp_now(txn))));
    if (fresh <= 0)
        return fresh;
    Uppsikt__LeaverListOpened out = UPPSIKT__LEAVER_LIST_OPENED__INIT;
    out.person = upp_lend(person);
    out.at_ms = upp_now(txn);
    return upp_emit(txn, person, &out.base, NULL);
}

static int open_rows(upp_txn *txn, const char *person, const char *account)
{
    UPP_TRY(open_list(txn, person));
    for (int step = APPOINTED; step <= LAST_STEP; step++)
        UPP_TRY(upp_exec(txn,
                         "INSERT INTO leaver_row(person, account, step, tick)"
                         " VALUES(?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
                         BIND(V(person), V(account), V((int64_t)step), V((int64_t)OPEN))));
    return 0;
}

int leaver_add(upp_txn *txn, const char *person, const char *account, const char *unit, upp_ms due)
{
    UPP_TRY(open_rows(txn, person, account));
    return finding_raise(
        txn,
        &(finding){
            .kind = "leaver", .account = account, .unit = unit, .person = person, .due = due });
}

int leaver_start(upp_txn *txn)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT f.person, f.account FROM finding f WHERE f.kind = 'leaver'"
                             " AND f.cleared_ms = 0 AND NOT EXISTS (SELECT 1 FROM leaver_row r"
                             " WHERE r.person = f.person AND r.account = f.account)"
                             " ORDER BY f.person, f.account",
                             NO_BIND);
    while (upp_next(&row))
        UPP_TRY(open_rows(txn, upp_col_text(&row, 0), upp_col_text(&row, 1)));
    return row.rc;
}

int leaver_state(upp_txn *txn, const char *person)
{
    UPP_ROWS row =
        upp_query(txn, "SELECT confirmed_ms FROM leaver WHERE person = ?1", BIND(V(person)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : LEAVER_NONE;
    return upp_col_int(&row, 0) ? LEAVER_CONFIRMED : LEAVER_OPEN;
}

/* -- ticking -- */
int leaver_may_tick(upp_txn *txn, const right_asker *asker, const char *account, const char *unit)
{
    if (right_has(asker, ROLE_OPERATIONS | ROLE_COMMUNICATIONS))
        return 1;
    const int leads = right_leads(txn, asker, unit);
    if (leads)
        return leads;
    UPP_ROWS row = upp_query(txn, "SELECT 1 FROM access WHERE account = ?1 AND person = ?2",
                             BIND(V(account), V(asker->person)));
    return upp_next(&row) ? 1 : row.rc;
}

typedef struct ticked {
    int tick;
    int64_t note_ref;
} ticked;

static int read_row(upp_txn *txn, const Uppsikt__TickLeaverRow *c, ticked *ret_row)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT tick, note_ref FROM leaver_row"
                             " WHERE person = ?1 AND account = ?2 AND step = ?3",
                             BIND(V(c->person), V(c->account), V((int64_t)c->step)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : upp_refuse(txn, "leaver-row-unknown");
    *ret_row = (ticked){ .tick = (int)upp_col_int(&row, 0), .note_ref = upp_col_int(&row, 1) };
    return 0;
}

/* A person who stays, appointed by the sector head of the account's unit, and no later than now. */
static int check_successor(upp_txn *txn, const Uppsikt__TickLeaverRow *c, const char *unit,
                           const char *appointed_by)
{
    char head[REGISTRY_ID];
    if (!c->successor[0] || strcmp(c->successor, c->person) == 0)
        return upp_refuse(txn, "leaver-successor-needed");
    {
        UPP_ROWS row = upp_query(txn, "SELECT leaves_ms FROM person WHERE person = ?1 AND gone = 0",
                                 BIND(V(c->successor)));
        if (!upp_next(&row))
            return row.rc < 0 ? row.rc : upp_refuse(txn, "person-unknown");
        if (upp_col_int(&row, 0))
            return upp_refuse(txn, "leaver-successor-leaves");
    }
    UPP_TRY(authority_head(txn, unit, head));
    if (!head[0] || strcmp(head, appointed_by) != 0)
        return upp_refuse(txn, "appointment-not-by-sector-head");
    return c->appointed_ms > upp_now(txn) || c->appointed_ms < 0
               ? upp_refuse(txn, "time-in-the-future")
               : 0;
}

static int check_tick(upp_txn *txn, const Uppsikt__TickLeaverRow *c, const ticked *was)
{
    const int tick = (int)c->tick;
    const bool appoints = (int)c->step == APPOINTED && tick == DONE;
    if (tick < OPEN || tick > NOT_APPLICABLE)
        return upp_refuse(txn, "leaver-tick-unknown");
    if ((was->tick == OPEN) == (tick == OPEN)) /* whoever did it first stays: take it back first */
        return upp_refuse(txn, tick == OPEN ? "leaver-row-open" : "leaver-row-ticked");
    if (!text_fits(c->note, NOTE_BYTES, true))
        return upp_refuse(txn, "text-malformed");
    if (tick == NOT_APPLICABLE && !c->note[0])
        return upp_refuse(txn, "leaver-reason-needed");
    if (!appoints && (c->successor[0] || c->appointed_by[0] || c->appointed_ms))
        return upp_refuse(txn, "leaver-successor-elsewhere");
    return 0;
}

/* Keeps the row as `out` says it, and says it. */
static int say_tick(upp_txn *txn, Uppsikt__LeaverRowTicked *out, const char *note, int64_t note_was)
{
    upp_content content = { 0 };
    Uppsikt__LeaverRowTickedContent body = UPPSIKT__LEAVER_ROW_TICKED_CONTENT__INIT;
    UPP_TRY(upp_drop(txn, note_was));
    body.note = upp_lend(note);
    if (note[0]) {
        const int gone = upp_keep(txn, UPP_ABOUT(out->person), &body.base, &content);
        UPP_TRY(gone);
        out->commitment = upp_commitment(&content);
    }
    const bool open = (int)out->tick == OPEN;
    UPP_TRY(
        upp_exec(txn,
                 "UPDATE leaver_row SET tick = ?4, done_by = ?5, done_ms = ?6, successor = ?7,"
                 " appointed_by = ?8, appointed_ms = ?9, note_ref = ?10"
                 " WHERE person = ?1 AND account = ?2 AND step = ?3",
                 BIND(V(out->person), V(out->account), V((int64_t)out->step), V((int64_t)out->tick),
                      V(open ? "" : out->by), V(open ? 0 : out->at_ms), V(out->successor),
                      V(out->appointed_by), V(out->appointed_ms), V(content.ref))));
    return upp_emit(txn, out->person, &out->base, note[0] ? &content : NULL);
}

/* The list is open, and she may tick this account's rows. */
static int begin_tick(upp_txn *txn, const upp_input *in, const Uppsikt__TickLeaverRow *c,
                      right_asker *ret_asker, account_row *ret_account)
{
    UPP_TRY(right_ask(txn, in, ret_asker));
    if (!ret_asker->person)
        return upp_refuse(txn, "person-needed");
    const int state = leaver_state(txn, c->person);
    UPP_TRY(state);
    if (state != LEAVER_OPEN)
        return upp_refuse(txn, state == LEAVER_NONE ? "leaver-unknown" : "leaver-confirmed");
    const int missing = account_read(txn, c->account, ret_account);
    UPP_TRY(missing);
    if (missing)
        return upp_refuse(txn, "account-unknown");
    const int may = leaver_may_tick(txn, ret_asker, c->account, ret_account->unit);
    UPP_TRY(may);
    return may ? 0 : upp_refuse(txn, "not-allowed");
}

int leaver_tick(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    const Uppsikt__TickLeaverRow *c = msg;
    Uppsikt__LeaverRowTicked out = UPPSIKT__LEAVER_ROW_TICKED__INIT;
    right_asker asker;
    account_row a;
    ticked was = { 0 };
    UPP_TRY(begin_tick(txn, in, c, &asker, &a));
    UPP_TRY(read_row(txn, c, &was));
    UPP_TRY(check_tick(txn, c, &was));
    out.person = c->person;
    out.account = c->account;
    out.step = c->step;
    out.tick = c->tick;
    out.by = upp_lend(asker.person);
    out.at_ms = upp_now(txn);
    if ((int)c->step == APPOINTED && (int)c->tick == DONE) {
        out.successor = c->successor;
        out.appointed_by = c->appointed_by[0] ? c->appointed_by : out.by;
        out.appointed_ms = c->appointed_ms ? c->appointed_ms : out.at_ms;
        UPP_TRY(check_successor(txn, c, a.unit, out.appointed_by));
    }
    UPP_TRY(say_tick(txn, &out, c->note, was.note_ref));
    return text_registered(txn, c->person, 0);
}

/* -- confirming -- */
typedef struct standing {
    int64_t open, hers, own, few, alone; /* how many speak against it */
} standing;

/* Of the accounts that are not closed: rows open, rows that `by` ticked, access that the leaver has
 * still, active accounts with fewer than two others, appointed persons without access. */
static int read_standing(upp_txn *txn, const char *person, const char *by, standing *ret_standing)
{
    UPP_ROWS row = upp_query(
        txn,
        "WITH mine AS (SELECT r.*, c.state FROM leaver_row r JOIN account c USING (account)"
        " WHERE r.person = ?1 AND c.state <> ?3), one AS (SELECT DISTINCT account, state FROM mine)"
        " SELECT (SELECT count(*) FROM mine WHERE tick = ?4),"
        " (SELECT count(*) FROM mine WHERE done_by = ?2),"
        " (SELECT count(*) FROM access x JOIN account c USING (account)"
        "  WHERE x.person = ?1 AND c.state <> ?3),"
        " (SELECT count(*) FROM one WHERE state IN (?5, ?6) AND (SELECT count(*) FROM access x"
        "  JOIN person p USING (person) WHERE x.account = one.account AND p.gone = 0"
        "  AND p.person <> ?1) < ?7),"
        " (SELECT count(*) FROM mine WHERE successor <> '' AND NOT EXISTS (SELECT 1 FROM access x"
        "  JOIN person p USING (person) WHERE x.account = mine.account"
        "  AND x.person = mine.successor AND p.gone = 0))",
        BIND(V(person), V(by), V((int64_t)LIFE_CLOSED), V((int64_t)OPEN), V((int64_t)LIFE_OPEN),
             V((int64_t)LIFE_CLOSING), V((int64_t)LEAST)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : UPP_E_BUG;
    *ret_standing = (standing){ .open = upp_col_int(&row, 0),
                                .own = upp_col_int(&row, 1),
                                .hers = upp_col_int(&row, 2),
                                .few = upp_col_int(&row, 3),
                                .alone = upp_col_int(&row, 4) };
    return 0;
}

int leaver_lacks(upp_txn *txn, const char *person, const char *by, const char **ret_words)
{
    standing s;
    UPP_TRY(read_standing(txn, person, by, &s));
    *ret_words = strcmp(person, by) == 0 ? "leaver-own"
                 : s.open > 0            ? "leaver-rows-open"
                 : s.hers > 0            ? "leaver-has-access"
                 : s.few > 0             ? "leaver-too-few"
                 : s.alone > 0           ? "leaver-successor-without-access"
                 : s.own > 0             ? "leaver-second-person"
                                         : NULL;
    return 0;
}

int leaver_leads(upp_txn *txn, const right_asker *asker, const char *person)
{
    char unit[REGISTRY_ID];
    if (right_has(asker, ROLE_OPERATIONS | ROLE_COMMUNICATIONS))
        return 1;
    {
        UPP_ROWS row = upp_query(txn, "SELECT unit FROM person WHERE person = ?1", BIND(V(person)));
        if (!upp_next(&row))
            return row.rc;
        text_copy(unit, sizeof unit, upp_col_text(&row, 0));
    }
    return right_leads(txn, asker, unit);
}

int leaver_confirm(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    const Uppsikt__ConfirmLeaverList *c = msg;
    const char *lacks = NULL;
    right_asker asker;
    UPP_TRY(right_ask(txn, in, &asker));
    if (!asker.person)
        return upp_refuse(txn, "person-needed");
    const int state = leaver_state(txn, c->person);
    UPP_TRY(state);
    if (state != LEAVER_OPEN)
        return upp_refuse(txn, state == LEAVER_NONE ? "leaver-unknown" : "leaver-confirmed");
    const int leads = leaver_leads(txn, &asker, c->person);
    UPP_TRY(leads);
    if (!leads)
        return upp_refuse(txn, "not-allowed");
    UPP_TRY(leaver_lacks(txn, c->person, asker.person, &lacks));
    if (lacks)
        return upp_refuse(txn, lacks);
    UPP_TRY(upp_exec(txn,
                     "UPDATE leaver SET confirmed_ms = ?2, confirmed_by = ?3 WHERE person = ?1",
                     BIND(V(c->person), V(upp_now(txn)), V(asker.person))));
    Uppsikt__LeaverListConfirmed out = UPPSIKT__LEAVER_LIST_CONFIRMED__INIT;
    out.person = c->person;
    out.by = upp_lend(asker.person);
    out.at_ms = upp_now(txn);
    UPP_TRY(upp_emit(txn, c->person, &out.base, NULL));
    UPP_TRY(finding_clear(txn, &(finding){ .kind = "leaver", .person = c->person }));
    return text_registered(txn, c->person, 0);
}
