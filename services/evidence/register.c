/* register.c - what evidence keeps of the register: who may do what, which rows there are, how a
 * person is named in a record. */
#include "cover.h"
#include "evidence.h"
#include "uppsikt/registry.pb-c.h"
#include <stdio.h>
#include <string.h>

int register_authority(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__AuthorityRegistered *a = msg;
    (void)self;
    (void)in;
    return upp_exec(txn,
                    "INSERT INTO authority(authority, name) VALUES(?1, ?2)"
                    " ON CONFLICT DO UPDATE SET name = ?2",
                    BIND(V(a->authority), V(a->name)));
}

int register_unit(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__UnitRegistered *u = msg;
    (void)self;
    (void)in;
    return upp_exec(
        txn,
        "INSERT INTO unit(unit, authority, parent, manager, head) VALUES(?1, ?2, ?3, ?4, ?5)"
        " ON CONFLICT DO UPDATE SET authority = ?2, parent = ?3, manager = ?4, head = ?5",
        BIND(V(u->unit), V(u->authority), V(u->parent), V(u->manager), V(u->head)));
}

/* Drops what newer words replace. */
static int drop_old(upp_txn *txn, upp_rows row)
{
    UPP_ROWS r = row;
    const int64_t ref = upp_next(&r) ? upp_col_int(&r, 0) : 0;
    UPP_TRY(r.rc);
    upp_rows_done(&r);
    return upp_drop(txn, ref);
}

int register_person(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__PersonRegistered *p = msg;
    const Uppsikt__PersonRegisteredContent *who = in->content;
    upp_content kept = { 0 };
    char roles[256];
    size_t len = (size_t)snprintf(roles, sizeof roles, " ");
    (void)self;
    for (size_t i = 0; i < p->n_roles && len < sizeof roles; i++)
        len += (size_t)snprintf(roles + len, sizeof roles - len, "%s ", p->roles[i]);
    if (who) {
        char name[200];
        Uppsikt__Decider d = UPPSIKT__DECIDER__INIT;
        snprintf(name, sizeof name, "%.90s %.90s", who->first_name, who->last_name);
        d.name = name;
        d.title = who->title;
        const int gone = upp_keep(txn, UPP_ABOUT(p->person), &d.base, &kept);
        UPP_TRY(gone);
    }
    UPP_TRY(drop_old(
        txn, upp_query(txn, "SELECT who_ref FROM person WHERE person = ?1", BIND(V(p->person)))));
    return upp_exec(txn,
                    "INSERT INTO person(person, unit, roles, who_ref) VALUES(?1, ?2, ?3, ?4)"
                    " ON CONFLICT DO UPDATE SET unit = ?2, roles = ?3, who_ref = ?4",
                    BIND(V(p->person), V(p->unit), V(roles), V(kept.ref)));
}

int register_person_left(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__PersonLeft *p = msg;
    (void)self;
    (void)in;
    /* her roles end with her leaving */
    return upp_exec(txn, "UPDATE person SET gone = 1, roles = ' ', left_ms = ?2 WHERE person = ?1",
                    BIND(V(p->person), V(p->at_ms > 0 ? p->at_ms : upp_now(txn))));
}

int register_account(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__AccountChanged *a = msg;
    const Uppsikt__AccountChangedContent *facts = in->content;
    upp_content kept = { 0 };
    (void)self;
    if (facts) {
        Uppsikt__AccountChangedContent name = UPPSIKT__ACCOUNT_CHANGED_CONTENT__INIT;
        name.name = facts->name;
        name.handle = facts->handle;
        name.url = facts->url;
        const int gone = upp_keep(txn, UPP_ABOUT(a->account), &name.base, &kept);
        UPP_TRY(gone);
    }
    UPP_TRY(drop_old(txn, upp_query(txn, "SELECT name_ref FROM account WHERE account = ?1",
                                    BIND(V(a->account)))));
    return upp_exec(txn,
                    "INSERT INTO account(account, platform, unit, authority, name_ref)"
                    " VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET platform = ?2,"
                    " unit = ?3, authority = ?4, name_ref = ?5",
                    BIND(V(a->account), V(a->platform), V(a->unit), V(a->authority), V(kept.ref)));
}

int register_access(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__AccessGranted *a = msg;
    (void)self;
    (void)in;
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO reached(account, person) VALUES(?1, ?2) ON CONFLICT DO NOTHING",
                     BIND(V(a->account), V(a->person))));
    return upp_exec(txn,
                    "INSERT INTO access(account, person) VALUES(?1, ?2) ON CONFLICT DO NOTHING",
                    BIND(V(a->account), V(a->person)));
}

int register_access_off(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__AccessRevoked *a = msg;
    (void)self;
    (void)in;
    return upp_exec(txn, "DELETE FROM access WHERE account = ?1 AND person = ?2",
                    BIND(V(a->account), V(a->person)));
}

int register_row(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__RetentionRowAdopted *r = msg;
    char covers[COVER_TEXT];
    unsigned set = 0;
    (void)self;
    (void)in;
    (void)cover_of_words(r->covers, r->n_covers, &set); /* an unknown word covers nothing */
    cover_text(set, covers);
    return upp_exec(
        txn,
        "INSERT INTO retention(row, authority, action, months, decision, valid_from_ms, mandate,"
        " process, kind, covers) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
        " ON CONFLICT DO UPDATE SET authority = ?2, action = ?3, months = ?4, decision = ?5,"
        " valid_from_ms = ?6, mandate = ?7, process = ?8, kind = ?9, covers = ?10",
        BIND(V(r->row), V(r->authority), V((int64_t)r->action), V(r->months), V(r->decision),
             V(r->valid_from_ms), V(r->mandate), V(r->process), V(r->kind), V(covers)));
}

static int reply_plan_line(upp_txn *txn, const upp_rows *row)
{
    static const char *const actions[] = { "", "keep", "dispose", "review" };
    Uppsikt__PlanLine out = UPPSIKT__PLAN_LINE__INIT;
    char *covers[COVER_KINDS];
    const int64_t action = upp_col_int(row, 4);
    const unsigned set = cover_of_text(upp_col_text(row, 8));
    out.row = upp_lend(upp_col_text(row, 0));
    out.authority = upp_lend(upp_col_text(row, 1));
    out.process = upp_lend(upp_col_text(row, 2));
    out.kind = upp_lend(upp_col_text(row, 3));
    out.action = upp_lend(action > 0 && action < 4 ? actions[action] : "");
    out.months = (int32_t)upp_col_int(row, 5);
    out.decision = upp_lend(upp_col_text(row, 6));
    out.valid_from_ms = upp_col_int(row, 7);
    out.covers = covers;
    for (unsigned i = 0; i < COVER_KINDS; i++)
        if (set & 1U << i)
            covers[out.n_covers++] = upp_lend(cover_word(i));
    return upp_reply(txn, &out.base);
}

int register_plan(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__PlanLines *q = msg;
    (void)self;
    (void)in;
    UPP_ROWS row = upp_query(
        txn,
        "SELECT row, authority, process, kind, action, months, decision, valid_from_ms,"
        " covers FROM retention WHERE row > ?1 ORDER BY row LIMIT ?2",
        BIND(V(q->after), V(q->limit > 0 && q->limit < EVIDENCE_PAGE ? q->limit : EVIDENCE_PAGE)));
    while (upp_next(&row))
        UPP_TRY(reply_plan_line(txn, &row));
    return row.rc;
}

/* -- rights -- */
unsigned register_roles(const char *roles)
{
    static const struct {
        const char *word;
        unsigned role;
    } rows[] = {
        { " archivist ", ROLE_ARCHIVIST },           { " registrar ", ROLE_REGISTRAR },
        { " communications ", ROLE_COMMUNICATIONS }, { " manager ", ROLE_MANAGER },
        { " operations ", ROLE_OPERATIONS },
    };
    unsigned found = 0;
    for (size_t i = 0; i < UPP_LEN(rows); i++)
        found |= strstr(roles, rows[i].word) ? rows[i].role : 0;
    return found;
}

/* 1: she has no access, and does not answer for the unit. */
static int reaches(upp_txn *txn, const char *person, const char *account)
{
    UPP_ROWS row = upp_query(
        txn,
        "SELECT 1 FROM access WHERE account = ?1 AND person = ?2 UNION ALL SELECT 1 FROM account a"
        " JOIN unit u ON u.unit = a.unit WHERE a.account = ?1 AND ?2 IN (u.manager, u.head) LIMIT "
        "1",
        BIND(V(account), V(person)));
    if (upp_next(&row))
        return 0;
    return row.rc < 0 ? row.rc : 1;
}

int register_need(upp_txn *txn, const upp_input *in, unsigned roles, const char *account)
{
    char has[256] = "";
    if (!in->by)
        return upp_refuse(txn, "person-needed");
    {
        UPP_ROWS row = upp_query(txn, "SELECT roles FROM person WHERE person = ?1 AND gone = 0",
                                 BIND(V(in->by)));
        if (!upp_next(&row))
            return row.rc < 0 ? row.rc : upp_refuse(txn, "asker-not-registered");
        snprintf(has, sizeof has, "%s", upp_col_text(&row, 0));
    }
    if (register_roles(has) & roles)
        return 0;
    const int stranger = account ? reaches(txn, in->by, account) : 1;
    UPP_TRY(stranger);
    if (!stranger)
        return 0;
    return upp_refuse(txn, account ? "not-your-account" : "not-allowed");
}

int register_authority_of_person(upp_txn *txn, const char *person, char ret_authority[EVIDENCE_ID])
{
    ret_authority[0] = '\0';
    UPP_ROWS row = upp_query(txn,
                             "SELECT u.authority FROM person p JOIN unit u ON u.unit = p.unit"
                             " WHERE p.person = ?1",
                             BIND(V(person)));
    if (upp_next(&row))
        snprintf(ret_authority, EVIDENCE_ID, "%s", upp_col_text(&row, 0));
    return row.rc;
}

int register_authority_of(upp_txn *txn, const char *account, char ret_authority[EVIDENCE_ID])
{
    ret_authority[0] = '\0';
    UPP_ROWS row = upp_query(txn,
                             "SELECT CASE a.authority WHEN '' THEN coalesce(u.authority, '')"
                             " ELSE a.authority END FROM account a LEFT JOIN unit u"
                             " ON u.unit = a.unit WHERE a.account = ?1",
                             BIND(V(account)));
    if (upp_next(&row))
        snprintf(ret_authority, EVIDENCE_ID, "%s", upp_col_text(&row, 0));
    return row.rc;
}
