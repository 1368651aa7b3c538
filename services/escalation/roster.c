/* roster.c - the people around one account, read when a step fires and never before (V6). */
#include "escalation.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ABSENCES = 16, LINKS = 6 /* of a chain of organisation (V5) */ };

void roster_done(roster *ro)
{
    for (size_t i = 0; i < ro->n; i++) {
        for (size_t a = 0; a < ABSENCES; a++)
            free(ro->substitutes[i][a]);
        free(ro->absences[i]);
    }
    ro->n = 0;
}

/* The index of that id; a new one has everything to be read. RESOLVE_NOBODY: the roster is full. */
static size_t index_of(roster *ro, const char *id)
{
    for (size_t i = 0; i < ro->n; i++)
        if (strcmp(ro->ids[i], id) == 0)
            return i;
    if (ro->n == ROSTER)
        return RESOLVE_NOBODY;
    snprintf(ro->ids[ro->n], sizeof ro->ids[0], "%s", id);
    ro->persons[ro->n] = (resolve_person){ .manager = RESOLVE_NOBODY };
    return ro->n++;
}

static size_t add_function(roster *ro, const char *id)
{
    const size_t i = index_of(ro, id);
    if (i != RESOLVE_NOBODY)
        ro->persons[i] = (resolve_person){
            .active = true, .reachable = true, .function_address = true, .manager = RESOLVE_NOBODY
        };
    return i;
}

static void put(roster *ro, enum policy_rung rung, size_t person)
{
    resolve_rung *r = &ro->question.rung[rung];
    if (person == RESOLVE_NOBODY || r->n == ROSTER)
        return;
    ro->rung_list[rung][r->n++] = person;
    r->persons = ro->rung_list[rung];
}

/* V5: above a manager stands the manager of the unit above. */
static int read_managers(upp_txn *txn, const char *unit, roster *ro)
{
    size_t below = RESOLVE_NOBODY;
    UPP_ROWS row = upp_query(txn,
                             "WITH RECURSIVE up(unit, manager, parent, link) AS ("
                             " SELECT u.unit, u.manager, u.parent, 0 FROM unit u"
                             "  WHERE u.unit = ?1"
                             " UNION ALL SELECT u.unit, u.manager, u.parent, up.link + 1 FROM up"
                             "  JOIN unit u ON u.unit = up.parent WHERE up.link < ?2)"
                             " SELECT manager FROM up WHERE manager <> '' ORDER BY link",
                             BIND(V(unit), V((int64_t)LINKS)));
    while (upp_next(&row)) {
        const size_t above = index_of(ro, upp_col_text(&row, 0));
        if (above == RESOLVE_NOBODY)
            break;
        if (below != RESOLVE_NOBODY && above != below &&
            ro->persons[below].manager == RESOLVE_NOBODY)
            ro->persons[below].manager = above;
        below = above;
    }
    return row.rc;
}

/* Whose it is: the account's unit, or the errand's own. */
static int read_unit(upp_txn *txn, const matter *m, char ret_unit[48])
{
    snprintf(ret_unit, 48, "%s", m->unit);
    UPP_ROWS row =
        upp_query(txn, "SELECT unit FROM account WHERE account = ?1", BIND(V(m->account)));
    if (upp_next(&row))
        snprintf(ret_unit, 48, "%s", upp_col_text(&row, 0));
    return row.rc;
}

static int read_rungs(upp_txn *txn, const matter *m, roster *ro)
{
    char own[48], unit[48] = "";
    UPP_TRY(read_unit(txn, m, own));
    {
        UPP_ROWS row =
            upp_query(txn, "SELECT person FROM access WHERE account = ?1 ORDER BY rank, person",
                      BIND(V(m->account)));
        while (upp_next(&row))
            put(ro, POLICY_ADMINISTRATORS, index_of(ro, upp_col_text(&row, 0)));
        UPP_TRY(row.rc);
    }
    {
        UPP_ROWS row =
            upp_query(txn, "SELECT manager, head, parent FROM unit WHERE unit = ?1", BIND(V(own)));
        if (upp_next(&row)) {
            if (upp_col_text(&row, 0)[0])
                put(ro, POLICY_MANAGER, index_of(ro, upp_col_text(&row, 0)));
            if (upp_col_text(&row, 1)[0])
                put(ro, POLICY_SECTOR_HEAD, index_of(ro, upp_col_text(&row, 1)));
            else
                snprintf(unit, sizeof unit, "%s", upp_col_text(&row, 2));
        }
        UPP_TRY(row.rc);
    }
    UPP_TRY(read_managers(txn, own, ro));
    /* no head of its own: the first one above (R03) */
    for (int link = 0; link < LINKS && unit[0]; link++) {
        UPP_ROWS row =
            upp_query(txn, "SELECT head, parent FROM unit WHERE unit = ?1", BIND(V(unit)));
        if (!upp_next(&row)) {
            UPP_TRY(row.rc);
            break;
        }
        const bool found = upp_col_text(&row, 0)[0] != '\0';
        if (found)
            put(ro, POLICY_SECTOR_HEAD, index_of(ro, upp_col_text(&row, 0)));
        /* the row has been read: what was bound to it may change now */
        snprintf(unit, sizeof unit, "%s", found ? "" : upp_col_text(&row, 1));
    }
    UPP_ROWS row = upp_query(txn,
                             "SELECT unit FROM unit WHERE communications = 1 AND"
                             " function_mail <> '' ORDER BY unit",
                             NO_BIND);
    while (upp_next(&row)) {
        char id[56];
        snprintf(id, sizeof id, "unit:%.40s", upp_col_text(&row, 0));
        put(ro, POLICY_COMMUNICATIONS, add_function(ro, id));
    }
    return row.rc;
}

static int read_one_absence(upp_txn *txn, roster *ro, size_t i, int64_t ref)
{
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *msg = NULL;
    resolve_person *p = &ro->persons[i];
    const int missing = upp_recall(txn, ref, &uppsikt__absence_set_content__descriptor, &msg);
    UPP_TRY(missing);
    if (missing || p->n_absences == ABSENCES)
        return 0;
    const Uppsikt__AbsenceSetContent *when = (const Uppsikt__AbsenceSetContent *)msg;
    size_t *list = calloc(when->n_substitutes + 1, sizeof *list);
    upp_check(list);
    size_t n = 0;
    for (size_t s = 0; s < when->n_substitutes; s++) {
        list[n] = index_of(ro, when->substitutes[s]);
        n += list[n] != RESOLVE_NOBODY;
    }
    ro->substitutes[i][p->n_absences] = list;
    ro->absences[i][p->n_absences] = (resolve_absence){
        .from = when->from_ms, .to = when->to_ms, .substitutes = list, .n_substitutes = n
    };
    p->n_absences++;
    return 0;
}

static int read_absences(upp_txn *txn, roster *ro, size_t i)
{
    ro->absences[i] = calloc(ABSENCES, sizeof *ro->absences[i]);
    upp_check(ro->absences[i]);
    UPP_ROWS row = upp_query(txn, "SELECT when_ref FROM absence WHERE person = ?1 ORDER BY absence",
                             BIND(V(ro->ids[i])));
    while (upp_next(&row))
        UPP_TRY(read_one_absence(txn, ro, i, upp_col_int(&row, 0)));
    ro->persons[i].absences = ro->absences[i];
    return row.rc;
}

/* Reads each person once; absences name substitutes, who come last in the list and are read too. */
static int read_persons(upp_txn *txn, roster *ro)
{
    for (size_t i = 0; i < ro->n; i++) {
        if (ro->persons[i].function_address)
            continue;
        {
            UPP_ROWS row =
                upp_query(txn, "SELECT gone, contact_ref, bad FROM person WHERE person = ?1",
                          BIND(V(ro->ids[i])));
            if (upp_next(&row)) {
                ro->persons[i].active = upp_col_int(&row, 0) == 0;
                ro->persons[i].reachable = upp_col_int(&row, 1) != 0 && upp_col_int(&row, 2) == 0;
            }
            UPP_TRY(row.rc);
        }
        UPP_TRY(read_absences(txn, ro, i));
    }
    return 0;
}

/* R16: a request for records, and the diary's number, are the registrars' and then their manager's.
 * With no registrar the account's own rungs hold. */
static int read_registrars(upp_txn *txn, roster *ro)
{
    size_t first = RESOLVE_NOBODY;
    {
        UPP_ROWS row = upp_query(txn,
                                 "SELECT person FROM person WHERE gone = 0 AND"
                                 " instr(roles, ' registrar ') > 0 ORDER BY person",
                                 NO_BIND);
        while (upp_next(&row)) {
            const size_t i = index_of(ro, upp_col_text(&row, 0));
            if (first == RESOLVE_NOBODY && i != RESOLVE_NOBODY) {
                first = i;
                ro->question.rung[POLICY_ADMINISTRATORS].n = 0;
                ro->question.rung[POLICY_MANAGER].n = 0;
            }
            put(ro, POLICY_ADMINISTRATORS, i);
        }
        UPP_TRY(row.rc);
    }
    if (first == RESOLVE_NOBODY)
        return 0;
    UPP_ROWS row = upp_query(txn,
                             "SELECT u.manager FROM person p JOIN unit u ON u.unit = p.unit"
                             " WHERE p.person = ?1 AND u.manager <> ''",
                             BIND(V(ro->ids[first])));
    if (upp_next(&row))
        put(ro, POLICY_MANAGER, index_of(ro, upp_col_text(&row, 0)));
    return row.rc;
}

/* Whoever has taken it over hears of it beside the administrators (E24). */
static void add_owner(const matter *m, roster *ro)
{
    const resolve_rung *first = &ro->question.rung[POLICY_ADMINISTRATORS];
    if (!m->owner[0])
        return;
    const size_t owner = index_of(ro, m->owner);
    for (size_t i = 0; i < first->n; i++)
        if (first->persons[i] == owner)
            return;
    put(ro, POLICY_ADMINISTRATORS, owner);
}

int roster_read(upp_txn *txn, const rules *r, const matter *m, roster *ret_roster)
{
    roster *ro = ret_roster;
    const numbers *n = NULL;
    memset(ro, 0, sizeof *ro);
    UPP_TRY(numbers_for(txn, r, m->account, &n));
    ro->question.pol = &n->pol;
    ro->question.duty = n->duty;
    ro->question.jour = n->jour;
    UPP_TRY(read_rungs(txn, m, ro));
    if (errand_rule_of(m->errand)->registrars)
        UPP_TRY(read_registrars(txn, ro));
    add_owner(m, ro);
    put(ro, POLICY_OPERATIONS, add_function(ro, "operations"));
    /* outside duty akut goes to the function address, beside whoever is on call (§3.3) */
    ro->question.function_addresses = ro->question.rung[POLICY_COMMUNICATIONS];
    const int rc = read_persons(txn, ro);
    ro->question.persons = ro->persons;
    ro->question.n_persons = ro->n;
    return rc;
}

int roster_stands_in(upp_txn *txn, const rules *r, const char *person, const matter *m)
{
    UPP_AUTO(roster_done) roster ro = { 0 };
    UPP_AUTO(resolve_done) resolve_answer a = { 0 };
    const ladder_step all = { .at = upp_now(txn),
                              .notice_from = upp_now(txn),
                              .to = LADDER_TO(POLICY_ADMINISTRATORS) | LADDER_TO(POLICY_MANAGER) |
                                    LADDER_TO(POLICY_SECTOR_HEAD) };
    UPP_TRY(roster_read(txn, r, m, &ro));
    const int never = resolve_step(&ro.question, &all, &a);
    UPP_TRY(never);
    for (size_t i = 0; i < a.n_recipients; i++)
        if (a.recipients[i].stands_in_for != RESOLVE_NOBODY &&
            strcmp(ro.ids[a.recipients[i].person], person) == 0)
            return 0;
    return 1;
}

int roster_away(upp_txn *txn, const char *person, upp_ms at)
{
    {
        UPP_ROWS row =
            upp_query(txn, "SELECT 1 FROM person WHERE person = ?1 AND gone = 0", BIND(V(person)));
        if (!upp_next(&row))
            return row.rc < 0 ? row.rc : 1;
    }
    UPP_ROWS row = upp_query(txn, "SELECT when_ref FROM absence WHERE person = ?1 ORDER BY absence",
                             BIND(V(person)));
    while (upp_next(&row)) {
        UPP_AUTO(upp_msg_freep) ProtobufCMessage *msg = NULL;
        const int missing =
            upp_recall(txn, upp_col_int(&row, 0), &uppsikt__absence_set_content__descriptor, &msg);
        UPP_TRY(missing);
        const Uppsikt__AbsenceSetContent *when = (const Uppsikt__AbsenceSetContent *)msg;
        if (!missing && when->from_ms <= at && at < when->to_ms)
            return 1;
    }
    return row.rc;
}
