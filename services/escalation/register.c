/* register.c - what escalation keeps of the register, to know whom to tell (R05, R15, R16). */
#include "escalation.h"
#include <stdio.h>
#include <string.h>

int on_unit(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__UnitRegistered *u = msg;
    return upp_exec(txn,
                    "INSERT INTO unit(unit, parent, manager, head, communications, function_mail)"
                    " VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET parent = ?2,"
                    " manager = ?3, head = ?4, communications = ?5, function_mail = ?6",
                    BIND(V(u->unit), V(u->parent), V(u->manager), V(u->head),
                         V(u->communications ? 1 : 0), V(u->function_mail)));
}

int on_plan_row(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__RetentionRowAdopted *r = msg;
    return upp_exec(txn,
                    "INSERT INTO plan(plan_row, action, decision, valid_from_ms, authority)"
                    " VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET action = ?2,"
                    " decision = ?3, valid_from_ms = ?4, authority = ?5",
                    BIND(V(r->row), V((int64_t)r->action), V(r->decision), V(r->valid_from_ms),
                         V(r->authority)));
}

int register_whose(upp_txn *txn, const char *account, char ret_authority[48])
{
    UPP_ROWS row =
        upp_query(txn, "SELECT authority FROM account WHERE account = ?1", BIND(V(account)));
    snprintf(ret_authority, 48, "%s", upp_next(&row) ? upp_col_text(&row, 0) : "");
    return row.rc;
}

/* The plan is an authority's own: it says nothing of what another one has received (R21). */
static int need_own(upp_txn *txn, const char *authority, const char *account)
{
    if (!authority[0])
        return 0;
    if (strcmp(authority, "?") == 0)
        return upp_refuse(txn, "row-adopt-anew");
    char own[48];
    UPP_TRY(register_whose(txn, account, own));
    if (!own[0])
        return upp_refuse(txn, "account-of-no-authority");
    return strcmp(own, authority) == 0 ? 0 : upp_refuse(txn, "row-of-another-authority");
}

int register_need_row(upp_txn *txn, const char *plan_row, const char *account)
{
    if (!plan_row[0])
        return 0;
    UPP_ROWS row = upp_query(
        txn, "SELECT action, decision, valid_from_ms, authority FROM plan WHERE plan_row = ?1",
        BIND(V(plan_row)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : upp_refuse(txn, "row-unknown");
    if (!upp_col_text(&row, 1)[0] || upp_col_int(&row, 2) > upp_now(txn))
        return upp_refuse(txn, "row-not-adopted");
    if (upp_col_int(&row, 0) != UPPSIKT__RETENTION_ROW_ADOPTED__ACTION__ACTION_DISPOSE)
        return upp_refuse(txn, "row-keeps");
    return need_own(txn, upp_col_text(&row, 3), account);
}

/* Drops what newer words replace. */
static int drop_old(upp_txn *txn, upp_rows row)
{
    int64_t ref = 0;
    UPP_ROWS r = row;
    if (upp_next(&r))
        ref = upp_col_int(&r, 0);
    UPP_TRY(r.rc);
    upp_rows_done(&r);
    return upp_drop(txn, ref);
}

static void join_roles(const Uppsikt__PersonRegistered *p, char *ret_roles, size_t size)
{
    size_t len = (size_t)snprintf(ret_roles, size, " ");
    for (size_t i = 0; i < p->n_roles && len < size; i++)
        len += (size_t)snprintf(ret_roles + len, size - len, "%s ", p->roles[i]);
}

int on_person(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    const Uppsikt__PersonRegistered *p = msg;
    const Uppsikt__PersonRegisteredContent *who = in->content;
    upp_content kept = { 0 };
    char roles[256];
    join_roles(p, roles, sizeof roles);
    if (who && who->mail[0]) {
        Uppsikt__Contact contact = UPPSIKT__CONTACT__INIT;
        contact.mail = who->mail;
        contact.first_name = who->first_name;
        contact.title = who->title;
        const int gone = upp_keep(txn, UPP_ABOUT(p->person), &contact.base, &kept);
        UPP_TRY(gone);
    }
    UPP_TRY(drop_old(txn, upp_query(txn, "SELECT contact_ref FROM person WHERE person = ?1",
                                    BIND(V(p->person)))));
    return upp_exec(txn,
                    "INSERT INTO person(person, unit, roles, contact_ref) VALUES(?1, ?2, ?3, ?4)"
                    " ON CONFLICT DO UPDATE SET unit = ?2, roles = ?3, bad = 0,"
                    " contact_ref = ?4",
                    BIND(V(p->person), V(p->unit), V(roles), V(kept.ref)));
}

int on_person_left(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)in;
    const Uppsikt__PersonLeft *p = msg;
    UPP_TRY(upp_exec(txn, "UPDATE person SET gone = 1 WHERE person = ?1", BIND(V(p->person))));
    return away_release(txn, self, p->person, "", "left");
}

int on_absence(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__AbsenceSet *a = msg;
    const Uppsikt__AbsenceSetContent *when = in->content;
    upp_content kept;
    if (!when)
        return 0;
    const int gone = upp_keep(txn, UPP_ABOUT(a->person, a->absence), &when->base, &kept);
    UPP_TRY(gone);
    UPP_TRY(drop_old(txn, upp_query(txn, "SELECT when_ref FROM absence WHERE absence = ?1",
                                    BIND(V(a->absence)))));
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO absence(absence, person, when_ref) VALUES(?1, ?2, ?3)"
                     " ON CONFLICT DO UPDATE SET when_ref = ?3",
                     BIND(V(a->absence), V(a->person), V(kept.ref))));
    UPP_TRY(errand_end(txn, ERRAND_AWAY, a->person, UPPSIKT__MET_HOW__MET_HOW_DONE, upp_now(txn)));
    return away_noted(txn, self, a->absence);
}

int on_absence_off(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__AbsenceCancelled *a = msg;
    UPP_TRY(drop_old(txn, upp_query(txn, "SELECT when_ref FROM absence WHERE absence = ?1",
                                    BIND(V(a->absence)))));
    char key[80];
    snprintf(key, sizeof key, "away/%s", a->absence);
    UPP_TRY(upp_alarm_off(txn, key));
    snprintf(key, sizeof key, "back/%s", a->absence);
    UPP_TRY(upp_alarm_off(txn, key));
    return upp_exec(txn, "DELETE FROM absence WHERE absence = ?1", BIND(V(a->absence)));
}

static int state_before(upp_txn *txn, const char *account,
                        Uppsikt__AccountChanged__State *ret_state)
{
    UPP_ROWS row = upp_query(txn, "SELECT state FROM account WHERE account = ?1", BIND(V(account)));
    *ret_state = upp_next(&row) ? (Uppsikt__AccountChanged__State)upp_col_int(&row, 0)
                                : UPPSIKT__ACCOUNT_CHANGED__STATE__STATE_UNSPECIFIED;
    return row.rc;
}

/* R04: the communications unit is told when a channel opens, and when one closes. What was there
 * before uppsikt was is taken over as open: nothing has opened. */
static int tell_channel(upp_txn *txn, const rules *r, const Uppsikt__AccountChanged *a,
                        Uppsikt__AccountChanged__State before)
{
    const bool was = before != UPPSIKT__ACCOUNT_CHANGED__STATE__STATE_UNSPECIFIED;
    const bool opens = a->state == UPPSIKT__ACCOUNT_CHANGED__STATE__STATE_OPEN &&
                       before < UPPSIKT__ACCOUNT_CHANGED__STATE__STATE_OPEN;
    const bool closes = a->state == UPPSIKT__ACCOUNT_CHANGED__STATE__STATE_CLOSING &&
                        before != UPPSIKT__ACCOUNT_CHANGED__STATE__STATE_CLOSING;
    if (!was || (!opens && !closes))
        return 0;
    matter e = { .errand = ERRAND_CHANNEL, .received_ms = upp_now(txn) };
    snprintf(e.about, sizeof e.about, "%s", a->account);
    snprintf(e.account, sizeof e.account, "%s", a->account);
    return errand_open(txn, r, &e);
}

int on_account(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__AccountChanged *a = msg;
    const Uppsikt__AccountChangedContent *facts = in->content;
    upp_content kept = { 0 };
    Uppsikt__AccountChanged__State before;
    char authority[48];
    UPP_TRY(state_before(txn, a->account, &before));
    UPP_TRY(register_whose(txn, a->account, authority));
    if (facts) {
        Uppsikt__AccountChangedContent name = UPPSIKT__ACCOUNT_CHANGED_CONTENT__INIT;
        name.name = facts->name;
        name.handle = facts->handle;
        const int gone = upp_keep(txn, UPP_ABOUT(a->account), &name.base, &kept);
        UPP_TRY(gone);
    }
    UPP_TRY(drop_old(txn, upp_query(txn, "SELECT name_ref FROM account WHERE account = ?1",
                                    BIND(V(a->account)))));
    UPP_TRY(
        upp_exec(txn,
                 "INSERT INTO account(account, platform, unit, state, name_ref, watch, authority)"
                 " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO UPDATE SET platform = ?2,"
                 " unit = ?3, state = ?4, name_ref = ?5, watch = ?6, authority = ?7",
                 BIND(V(a->account), V(a->platform), V(a->unit), V((int64_t)a->state), V(kept.ref),
                      V((int64_t)a->watch), V(a->authority))));
    if (strcmp(authority, a->authority) != 0)
        UPP_TRY(adopted_moved(txn, self, a->account));
    return tell_channel(txn, self, a, before);
}

int on_access(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__AccessGranted *a = msg;
    return upp_exec(txn,
                    "INSERT INTO access(account, person, rank) VALUES(?1, ?2, ?3)"
                    " ON CONFLICT DO UPDATE SET rank = ?3",
                    BIND(V(a->account), V(a->person), V(a->rank)));
}

int on_access_off(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)in;
    const Uppsikt__AccessRevoked *a = msg;
    UPP_TRY(upp_exec(txn, "DELETE FROM access WHERE account = ?1 AND person = ?2",
                     BIND(V(a->account), V(a->person))));
    return away_release(txn, self, a->person, a->account, "left");
}

int register_may_act(upp_txn *txn, const char *person, const char *account, const char *unit,
                     bool registrars)
{
    UPP_ROWS row = upp_query(
        txn,
        "SELECT 1 FROM person p WHERE p.person = ?1 AND p.gone = 0 AND ("
        " EXISTS(SELECT 1 FROM access x WHERE x.account = ?2 AND x.person = ?1)"
        " OR EXISTS(WITH RECURSIVE up(manager, head, parent, link) AS ("
        "  SELECT u.manager, u.head, u.parent, 0 FROM unit u WHERE u.unit ="
        "   coalesce((SELECT unit FROM account WHERE account = ?2), ?3)"
        "  UNION ALL SELECT '', u.head, u.parent, up.link + 1 FROM up JOIN unit u"
        "   ON u.unit = up.parent WHERE up.head = '' AND up.link < 6)"
        "  SELECT 1 FROM up WHERE manager = ?1 OR head = ?1)"
        " OR (?4 AND instr(p.roles, ' registrar ') > 0)"
        " OR instr(p.roles, ' communications ') > 0"
        " OR EXISTS(SELECT 1 FROM unit u WHERE u.unit = p.unit AND u.communications = 1))",
        BIND(V(person), V(account), V(unit), V(registrars ? 1 : 0)));
    if (upp_next(&row))
        return 0;
    return row.rc < 0 ? row.rc : 1;
}
