/* matter_row.c - a matter's row, read back. */
#include "escalation.h"
#include <stdio.h>
#include <string.h>

void matter_name(const char *item, Uppsikt__MatterKind kind, uint32_t round, char ret[MATTER_ID])
{
    static const char letters[] = { '?', 'l', 'm', 'q', 'f', 's' };
    snprintf(ret, MATTER_ID, "%s.%c%u", item, letters[(size_t)kind % sizeof letters], round);
}

const char *matter_state_name(enum matter_state state)
{
    static const char *const names[] = { "open", "met", "withdrawn" };
    return names[state];
}

static void fill(const upp_rows *row, matter *ret_matter)
{
    matter *m = ret_matter;
    snprintf(m->id, sizeof m->id, "%s", upp_col_text(row, 0));
    snprintf(m->item, sizeof m->item, "%s", upp_col_text(row, 1));
    snprintf(m->account, sizeof m->account, "%s", upp_col_text(row, 2));
    m->kind = (Uppsikt__MatterKind)upp_col_int(row, 3);
    m->round = (uint32_t)upp_col_int(row, 4);
    m->version = (uint32_t)upp_col_int(row, 5);
    m->state = (enum matter_state)upp_col_int(row, 6);
    m->received_ms = upp_col_int(row, 7);
    m->seen_ms = upp_col_int(row, 8);
    m->due_ms = upp_col_int(row, 9);
    m->attended_ms = upp_col_int(row, 10);
    m->due_rev = (uint32_t)upp_col_int(row, 11);
    m->policy_version = upp_col_int(row, 12);
    m->calendar_version = upp_col_int(row, 13);
    m->akut = upp_col_int(row, 14) != 0;
    m->duty = (Uppsikt__Duty)upp_col_int(row, 15);
    m->records = upp_col_int(row, 16) != 0;
    m->late = upp_col_int(row, 17) != 0;
    m->breached = upp_col_int(row, 18) != 0;
    m->next_step = (uint32_t)upp_col_int(row, 19);
    m->acked_to = upp_col_int(row, 20);
    m->held_until = upp_col_int(row, 21);
    snprintf(m->owner, sizeof m->owner, "%s", upp_col_text(row, 22));
    m->errand = (enum errand)upp_col_int(row, 23);
    snprintf(m->about, sizeof m->about, "%s", upp_col_text(row, 24));
    snprintf(m->unit, sizeof m->unit, "%s", upp_col_text(row, 25));
    m->given_ms = upp_col_int(row, 26);
    snprintf(m->root, sizeof m->root, "%s", upp_col_text(row, 27));
    m->answer = upp_col_int(row, 28) != 0;
    m->danger = upp_col_int(row, 29) != 0;
    m->snoozed_ms = upp_col_int(row, 30);
    snprintf(m->handed_to, sizeof m->handed_to, "%s", upp_col_text(row, 31));
    snprintf(m->handed_from, sizeof m->handed_from, "%s", upp_col_text(row, 32));
    m->accept_ms = upp_col_int(row, 33);
    m->asked = upp_col_int(row, 34) != 0;
    m->handovers = (uint32_t)upp_col_int(row, 35);
    snprintf(m->detail, sizeof m->detail, "%s", upp_col_text(row, 36));
    snprintf(m->authority, sizeof m->authority, "%s", upp_col_text(row, 37));
    m->first_ms = upp_col_int(row, 38);
}

#define MATTER_COLUMNS                                                                             \
    "matter, item, account, kind, round, version, state, received_ms, seen_ms, due_ms,"            \
    " attended_ms, due_rev, policy_version, calendar_version, akut, duty, records, late,"          \
    " breached, next_step, acked_to, held_until, owner, errand, about, unit, given_ms, root,"      \
    " answer, danger, snoozed_ms, handed_to, handed_from, accept_ms, asked, handovers,"            \
    " detail, coalesce((SELECT a.authority FROM account a WHERE a.account = matter.account), '')," \
    " first_ms"

static int read_pauses(upp_txn *txn, matter *m)
{
    m->n_pauses = 0;
    if (!m->answer)
        return 0;
    UPP_ROWS row = upp_query(
        txn, "SELECT from_ms, to_ms FROM pause WHERE matter = ?1 ORDER BY from_ms", BIND(V(m->id)));
    while (m->n_pauses < MATTER_PAUSES && upp_next(&row))
        m->pauses[m->n_pauses++] = (calendar_stretch){ upp_col_int(&row, 0), upp_col_int(&row, 1) };
    return row.rc;
}

int matter_read(upp_txn *txn, const char *id, matter *ret_matter)
{
    {
        UPP_ROWS row =
            upp_query(txn, "SELECT " MATTER_COLUMNS " FROM matter WHERE matter = ?1", BIND(V(id)));
        if (!upp_next(&row))
            return row.rc < 0 ? row.rc : 1;
        fill(&row, ret_matter);
    }
    return read_pauses(txn, ret_matter);
}

/* Takes the cursor's rows first: `each` may write. */
static int for_each(upp_txn *txn, upp_rows rows, matter_each *each, void *ctx)
{
    enum { AT_ONCE = 64 };
    char ids[AT_ONCE][MATTER_ID];
    size_t n = 0;
    {
        UPP_ROWS row = rows;
        while (n < AT_ONCE && upp_next(&row))
            snprintf(ids[n++], MATTER_ID, "%s", upp_col_text(&row, 0));
        UPP_TRY(row.rc);
    }
    for (size_t i = 0; i < n; i++) {
        matter m;
        const int missing = matter_read(txn, ids[i], &m);
        UPP_TRY(missing);
        if (!missing && m.state == MATTER_OPEN)
            UPP_TRY(each(txn, &m, ctx));
    }
    return 0;
}

int matter_each_open(upp_txn *txn, const char *item, matter_each *each, void *ctx)
{
    return for_each(txn,
                    upp_query(txn,
                              "SELECT matter FROM matter WHERE item = ?1 AND state = 0"
                              " ORDER BY matter",
                              BIND(V(item))),
                    each, ctx);
}

int matter_each_about(upp_txn *txn, const char *about, matter_each *each, void *ctx)
{
    return for_each(txn,
                    upp_query(txn,
                              "SELECT matter FROM matter WHERE about = ?1 AND about <> ''"
                              " AND state = 0 ORDER BY matter",
                              BIND(V(about))),
                    each, ctx);
}

int matter_each_account(upp_txn *txn, const char *account, matter_each *each, void *ctx)
{
    return for_each(txn,
                    upp_query(txn,
                              "SELECT matter FROM matter WHERE account = ?1 AND state = 0 AND"
                              " errand <> 0 AND item = '' ORDER BY matter",
                              BIND(V(account))),
                    each, ctx);
}

int matter_each_owned(upp_txn *txn, const char *person, matter_each *each, void *ctx)
{
    return for_each(txn,
                    upp_query(txn,
                              "SELECT matter FROM matter WHERE state = 0 AND owner = ?1 AND"
                              " owner <> '' UNION SELECT matter FROM matter WHERE state = 0 AND"
                              " handed_to = ?1 AND handed_to <> '' ORDER BY 1",
                              BIND(V(person))),
                    each, ctx);
}

const char *matter_subject(const matter *m)
{
    return m->item[0] ? m->item : m->about;
}

int matter_next_miscounted(upp_txn *txn, const rules *r, matter *m)
{
    bool found = false;
    char after[MATTER_ID];
    snprintf(after, sizeof after, "%s", m->id);
    {
        UPP_ROWS row = upp_query(txn,
                                 "SELECT " MATTER_COLUMNS " FROM matter WHERE state = 0"
                                 " AND first_ms = 0 AND matter > ?1 ORDER BY matter",
                                 BIND(V(after)));
        while (!found && upp_next(&row)) {
            fill(&row, m);
            const numbers *n = numbers_of(r, m);
            found = m->policy_version != n->pol.version || m->calendar_version != n->duty->version;
        }
        UPP_TRY(row.rc);
    }
    return found ? read_pauses(txn, m) : 1;
}
