/* hear_register.c - people, accounts and who may see them, as the register says. */
#include "console.h"
#include "uppsikt/registry.pb-c.h"
#include <stdio.h>
#include <string.h>

int console_on_unit(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__UnitRegistered *u = msg;
    return upp_exec(txn,
                    "INSERT INTO unit(unit, parent, authority, manager, head, communications)"
                    " VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET"
                    " parent = excluded.parent, authority = excluded.authority,"
                    " manager = excluded.manager, head = excluded.head,"
                    " communications = excluded.communications",
                    BIND(V(u->unit), V(u->parent), V(u->authority), V(u->manager), V(u->head),
                         V((int64_t)u->communications)));
}

/* " reader manager ", so that one role is found with blanks around it. */
static void join(char *const *roles, size_t n, char ret_text[CONSOLE_ROLES])
{
    size_t used = 1;
    snprintf(ret_text, CONSOLE_ROLES, " ");
    for (size_t i = 0; i < n && used + strlen(roles[i]) + 2 < CONSOLE_ROLES; i++)
        used += (size_t)snprintf(ret_text + used, CONSOLE_ROLES - used, "%s ", roles[i]);
}

/* What newer content replaces is forgotten here, too. */
static int drop_who(upp_txn *txn, const char *person)
{
    UPP_ROWS row = upp_query(txn, "SELECT who_ref FROM person WHERE person = ?1", BIND(V(person)));
    if (!upp_next(&row))
        return row.rc;
    const int64_t ref = upp_col_int(&row, 0);
    upp_rows_done(&row);
    const int rc = upp_drop(txn, ref);
    return rc < 0 ? rc : 0;
}

int console_on_person(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    const Uppsikt__PersonRegistered *p = msg;
    upp_content who = { 0 };
    char roles[CONSOLE_ROLES];
    join(p->roles, p->n_roles, roles);
    UPP_TRY(drop_who(txn, p->person));
    if (in->content) {
        const int forgotten = upp_keep(txn, UPP_ABOUT(p->person), in->content, &who);
        UPP_TRY(forgotten);
    }
    return upp_exec(txn,
                    "INSERT INTO person(person, unit, roles, who_ref) VALUES(?1, ?2, ?3, ?4)"
                    " ON CONFLICT DO UPDATE SET unit = excluded.unit, roles = excluded.roles,"
                    " who_ref = excluded.who_ref, gone = 0",
                    BIND(V(p->person), V(p->unit), V(roles), V(who.ref)));
}

/* She has left: from now on no session of hers is one (reliability.md B5, 7.4.2). */
int console_on_person_left(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__PersonLeft *p = msg;
    UPP_TRY(upp_exec(txn, "UPDATE person SET gone = 1 WHERE person = ?1", BIND(V(p->person))));
    UPP_TRY(console_drop_directory_name(txn, p->person));
    return console_end_sessions(txn, p->person, true);
}

int console_on_account(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    const Uppsikt__AccountChanged *a = msg;
    upp_content name = { 0 };
    int64_t before = 0;
    {
        UPP_ROWS row =
            upp_query(txn, "SELECT name_ref FROM account WHERE account = ?1", BIND(V(a->account)));
        if (upp_next(&row))
            before = upp_col_int(&row, 0);
        UPP_TRY(row.rc);
    }
    const int dropped = upp_drop(txn, before);
    UPP_TRY(dropped);
    if (in->content) {
        const int forgotten = upp_keep(txn, UPP_ABOUT(a->account), in->content, &name);
        UPP_TRY(forgotten);
    }
    return upp_exec(
        txn,
        "INSERT INTO account(account, platform, unit, authority, state, watch, name_ref)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO UPDATE SET"
        " platform = excluded.platform, unit = excluded.unit, authority = excluded.authority,"
        " state = excluded.state, watch = excluded.watch, name_ref = excluded.name_ref",
        BIND(V(a->account), V(a->platform), V(a->unit), V(a->authority), V((int64_t)a->state),
             V((int64_t)a->watch), V(name.ref)));
}

int console_on_access(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__AccessGranted *a = msg;
    return upp_exec(txn,
                    "INSERT INTO access(account, person, rank) VALUES(?1, ?2, ?3)"
                    " ON CONFLICT DO UPDATE SET rank = excluded.rank",
                    BIND(V(a->account), V(a->person), V((int64_t)a->rank)));
}

int console_on_access_off(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__AccessRevoked *a = msg;
    return upp_exec(txn, "DELETE FROM access WHERE account = ?1 AND person = ?2",
                    BIND(V(a->account), V(a->person)));
}

int console_on_plan_row(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__RetentionRowAdopted *r = msg;
    return upp_exec(
        txn,
        "INSERT INTO plan(plan_row, authority, process, kind, action, decision)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET authority = excluded.authority,"
        " process = excluded.process, kind = excluded.kind, action = excluded.action,"
        " decision = excluded.decision",
        BIND(V(r->row), V(r->authority), V(r->process), V(r->kind), V((int64_t)r->action),
             V(r->decision)));
}

int console_on_finding(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__FindingRaised *f = msg;
    return upp_exec(txn,
                    "INSERT INTO finding(finding, kind, account, fact, due_ms)"
                    " VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET cleared = 0,"
                    " due_ms = excluded.due_ms",
                    BIND(V(f->finding), V(f->kind), V(f->account), V(f->fact), V(f->due_ms)));
}

int console_on_finding_off(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__FindingCleared *f = msg;
    return upp_exec(txn, "UPDATE finding SET cleared = 1 WHERE finding = ?1", BIND(V(f->finding)));
}

int console_on_reviewed(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__AccountReviewed *r = msg;
    return upp_exec(txn, "UPDATE account SET reviewed_ms = max(reviewed_ms, ?2) WHERE account = ?1",
                    BIND(V(r->account), V(r->at_ms)));
}

int console_name(upp_txn *txn, const char *person, char *ret_name, size_t size)
{
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *kept = NULL;
    int64_t ref = 0;
    snprintf(ret_name, size, "%s", "");
    {
        UPP_ROWS row =
            upp_query(txn, "SELECT who_ref FROM person WHERE person = ?1", BIND(V(person)));
        if (upp_next(&row))
            ref = upp_col_int(&row, 0);
        UPP_TRY(row.rc);
    }
    const int forgotten =
        upp_recall(txn, ref, &uppsikt__person_registered_content__descriptor, &kept);
    UPP_TRY(forgotten);
    if (forgotten)
        return 0;
    const Uppsikt__PersonRegisteredContent *who = (const Uppsikt__PersonRegisteredContent *)kept;
    snprintf(ret_name, size, "%.80s %.80s", who->first_name, who->last_name);
    return 0;
}

int console_account_name(upp_txn *txn, const char *account, char *ret_name, size_t size)
{
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *kept = NULL;
    int64_t ref = 0;
    snprintf(ret_name, size, "%s", account);
    {
        UPP_ROWS row =
            upp_query(txn, "SELECT name_ref FROM account WHERE account = ?1", BIND(V(account)));
        if (upp_next(&row))
            ref = upp_col_int(&row, 0);
        UPP_TRY(row.rc);
    }
    const int forgotten =
        upp_recall(txn, ref, &uppsikt__account_changed_content__descriptor, &kept);
    UPP_TRY(forgotten);
    if (!forgotten)
        snprintf(ret_name, size, "%.180s", ((const Uppsikt__AccountChangedContent *)kept)->name);
    return 0;
}
