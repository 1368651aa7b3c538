/* authority.c - authorities (nämnder) and the units under them (R02). */
#include "registry.h"
#include <string.h>

enum { CHAIN_MAX = 6, NAME_MAX_BYTES = 200 }; /* the chain of organisation: sla.md V5 */

static int exists(upp_rows *row)
{
    return upp_next(row) ? 0 : row->rc < 0 ? row->rc : 1;
}

int authority_known(upp_txn *txn, const char *authority)
{
    UPP_ROWS row =
        upp_query(txn, "SELECT 1 FROM authority WHERE authority = ?1", BIND(V(authority)));
    return exists(&row);
}

int authority_unit_known(upp_txn *txn, const char *unit)
{
    UPP_ROWS row = upp_query(txn, "SELECT 1 FROM unit WHERE unit = ?1", BIND(V(unit)));
    return exists(&row);
}

int authority_head(upp_txn *txn, const char *unit, char ret_person[REGISTRY_ID])
{
    UPP_ROWS row = upp_query(
        txn,
        "WITH RECURSIVE up(unit, parent, head, depth) AS ("
        " SELECT unit, parent, head, 1 FROM unit WHERE unit = ?1 UNION ALL"
        " SELECT u.unit, u.parent, u.head, up.depth + 1 FROM unit u JOIN up ON u.unit = up.parent"
        " WHERE up.depth < 64)"
        " SELECT head FROM up WHERE head <> '' ORDER BY depth LIMIT 1",
        BIND(V(unit)));
    text_copy(ret_person, REGISTRY_ID, upp_next(&row) ? upp_col_text(&row, 0) : "");
    return row.rc;
}

int authority_register(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__RegisterAuthority *c = msg;
    right_asker asker;
    char id[REGISTRY_ID];
    UPP_TRY(right_ask(txn, in, &asker));
    UPP_TRY(right_need(txn, &asker, ROLE_OPERATIONS | ROLE_COMMUNICATIONS, NULL));
    if (!c->name[0] || !text_fits(c->name, NAME_MAX_BYTES, false))
        return upp_refuse(txn, "name-malformed");
    if (strspn(c->org_number, "0123456789-") != strlen(c->org_number) || strlen(c->org_number) > 13)
        return upp_refuse(txn, "org-number-malformed");
    UPP_TRY(text_id(txn, c->authority, id));
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO authority(authority, name, org_number) VALUES(?1, ?2, ?3)"
                     " ON CONFLICT DO UPDATE SET name = ?2, org_number = ?3",
                     BIND(V(id), V(c->name), V(c->org_number))));
    Uppsikt__AuthorityRegistered out = UPPSIKT__AUTHORITY_REGISTERED__INIT;
    out.authority = id;
    out.name = c->name;
    out.org_number = c->org_number;
    UPP_TRY(upp_emit(txn, id, &out.base, NULL));
    UPP_TRY(publication_changed(txn, self));
    return text_registered(txn, id, 0);
}

/* A chain that would bite its own tail, or grow longer than anybody can follow (V5). */
static int check_chain(upp_txn *txn, const char *unit, const char *parent)
{
    UPP_ROWS row =
        upp_query(txn,
                  "WITH RECURSIVE up(unit, parent, n) AS ("
                  " SELECT unit, parent, 1 FROM unit WHERE unit = ?2 UNION ALL"
                  " SELECT u.unit, u.parent, up.n + 1 FROM unit u JOIN up ON u.unit = up.parent"
                  " WHERE up.n < 64),"
                  " down(unit, n) AS (SELECT ?1, 1 UNION ALL"
                  " SELECT u.unit, down.n + 1 FROM unit u JOIN down ON u.parent = down.unit"
                  " WHERE down.n < 64)"
                  " SELECT (SELECT count(*) FROM up WHERE unit = ?1),"
                  " (SELECT coalesce(max(n), 0) FROM up) + (SELECT max(n) FROM down)",
                  BIND(V(unit), V(parent)));
    if (!upp_next(&row))
        return row.rc;
    if (upp_col_int(&row, 0) > 0 || strcmp(unit, parent) == 0)
        return upp_refuse(txn, "unit-chain-loops");
    if (upp_col_int(&row, 1) > CHAIN_MAX)
        return upp_refuse(txn, "unit-chain-too-long");
    return 0;
}

static int check_leader(upp_txn *txn, const char *person)
{
    if (!person[0])
        return 0;
    const int state = person_state(txn, person);
    UPP_TRY(state);
    return state ? upp_refuse(txn, "person-unknown") : 0;
}

static int check_unit(upp_txn *txn, const Uppsikt__RegisterUnit *c)
{
    if (!c->name[0] || !text_fits(c->name, NAME_MAX_BYTES, false))
        return upp_refuse(txn, "name-malformed");
    if (c->function_mail[0] && !text_is_mail(c->function_mail))
        return upp_refuse(txn, "mail-malformed");
    int missing = authority_known(txn, c->authority);
    UPP_TRY(missing);
    if (missing)
        return upp_refuse(txn, "authority-unknown");
    if (c->parent[0]) {
        missing = authority_unit_known(txn, c->parent);
        UPP_TRY(missing);
        if (missing)
            return upp_refuse(txn, "unit-unknown");
    }
    UPP_TRY(check_leader(txn, c->manager));
    return check_leader(txn, c->head);
}

/* The authority is part of what is said of an account: said again when the unit moves. */
static int say_accounts(upp_txn *txn, const registry_config *config, const char *unit)
{
    char after[REGISTRY_ID] = "";
    for (;;) {
        account_row row;
        {
            UPP_ROWS next = upp_query(txn,
                                      "SELECT account FROM account WHERE unit = ?1 AND account > ?2"
                                      " ORDER BY account LIMIT 1",
                                      BIND(V(unit), V(after)));
            if (!upp_next(&next))
                return next.rc;
            text_copy(after, sizeof after, upp_col_text(&next, 0));
        }
        UPP_TRY(account_read(txn, after, &row));
        UPP_TRY(account_say(txn, config, &row, NULL));
    }
}

static int clear_rungs(upp_txn *txn, const Uppsikt__RegisterUnit *c, const char *unit)
{
    if (c->manager[0])
        UPP_TRY(finding_clear(
            txn,
            &(finding){ .kind = "empty-rung", .account = "", .unit = unit, .fact = "manager" }));
    if (c->head[0])
        UPP_TRY(finding_clear(
            txn, &(finding){
                     .kind = "empty-rung", .account = "", .unit = unit, .fact = "sector_head" }));
    return c->manager[0] || c->head[0] ? finding_rung_filled_in(txn, unit) : 0;
}

/* Gives the authority that the unit was under; "" for a new one. */
static int old_authority(upp_txn *txn, const char *unit, char ret_authority[REGISTRY_ID])
{
    UPP_ROWS row = upp_query(txn, "SELECT authority FROM unit WHERE unit = ?1", BIND(V(unit)));
    text_copy(ret_authority, REGISTRY_ID, upp_next(&row) ? upp_col_text(&row, 0) : "");
    return row.rc;
}

static int store_unit(upp_txn *txn, const Uppsikt__RegisterUnit *c, const char *id)
{
    return upp_exec(txn,
                    "INSERT INTO unit(unit, authority, name, parent, manager, head, communications,"
                    " function_mail) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO UPDATE"
                    " SET authority = ?2, name = ?3, parent = ?4, manager = ?5, head = ?6,"
                    " communications = ?7, function_mail = ?8",
                    BIND(V(id), V(c->authority), V(c->name), V(c->parent), V(c->manager),
                         V(c->head), V(c->communications ? 1 : 0), V(c->function_mail)));
}

int authority_unit(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__RegisterUnit *c = msg;
    right_asker asker;
    char id[REGISTRY_ID], before[REGISTRY_ID];
    UPP_TRY(right_ask(txn, in, &asker));
    UPP_TRY(right_need(txn, &asker, ROLE_OPERATIONS | ROLE_COMMUNICATIONS, NULL));
    UPP_TRY(check_unit(txn, c));
    UPP_TRY(text_id(txn, c->unit, id));
    UPP_TRY(check_chain(txn, id, c->parent));
    UPP_TRY(old_authority(txn, id, before));
    UPP_TRY(store_unit(txn, c, id));
    Uppsikt__UnitRegistered out = UPPSIKT__UNIT_REGISTERED__INIT;
    out.unit = id;
    out.authority = c->authority;
    out.name = c->name;
    out.parent = c->parent;
    out.manager = c->manager;
    out.head = c->head;
    out.communications = c->communications;
    out.function_mail = c->function_mail;
    UPP_TRY(upp_emit(txn, id, &out.base, NULL));
    if (before[0] && strcmp(before, c->authority) != 0)
        UPP_TRY(say_accounts(txn, self, id));
    UPP_TRY(clear_rungs(txn, c, id));
    UPP_TRY(publication_changed(txn, self));
    return text_registered(txn, id, 0);
}

int authority_units(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__Units *q = msg;
    UPP_ROWS row = upp_query(txn,
                             "SELECT u.unit, u.authority, u.name, u.parent, u.manager, u.head,"
                             " u.communications, u.function_mail, coalesce(a.name, ''),"
                             " coalesce(a.org_number, '') FROM unit u LEFT JOIN authority a"
                             " ON a.authority = u.authority WHERE u.unit > ?1"
                             " AND (?3 = '' OR u.unit = ?3) ORDER BY u.unit LIMIT ?2",
                             BIND(V(q->after), V(text_page(q->limit)), V(q->unit)));
    while (upp_next(&row)) {
        Uppsikt__UnitRow out = UPPSIKT__UNIT_ROW__INIT;
        Uppsikt__UnitRegistered unit = UPPSIKT__UNIT_REGISTERED__INIT;
        unit.unit = upp_lend(upp_col_text(&row, 0));
        unit.authority = upp_lend(upp_col_text(&row, 1));
        unit.name = upp_lend(upp_col_text(&row, 2));
        unit.parent = upp_lend(upp_col_text(&row, 3));
        unit.manager = upp_lend(upp_col_text(&row, 4));
        unit.head = upp_lend(upp_col_text(&row, 5));
        unit.communications = upp_col_int(&row, 6) != 0;
        unit.function_mail = upp_lend(upp_col_text(&row, 7));
        out.unit = &unit;
        out.authority_name = upp_lend(upp_col_text(&row, 8));
        out.org_number = upp_lend(upp_col_text(&row, 9));
        UPP_TRY(upp_reply(txn, &out.base));
    }
    return row.rc;
}
