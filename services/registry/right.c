/* right.c - who asks, and what she may (R02-R04). */
#include "registry.h"
#include <string.h>

static const struct {
    const char *name;
    unsigned role;
} roles[] = {
    { "reader", ROLE_READER },         { "administrator", ROLE_ADMINISTRATOR },
    { "manager", ROLE_MANAGER },       { "communications", ROLE_COMMUNICATIONS },
    { "archivist", ROLE_ARCHIVIST },   { "registrar", ROLE_REGISTRAR },
    { "operations", ROLE_OPERATIONS },
};

unsigned right_role(const char *name)
{
    for (size_t i = 0; i < UPP_LEN(roles); i++)
        if (strcmp(roles[i].name, name) == 0)
            return roles[i].role;
    return 0;
}

/* The founding ends for good with the first person who has role `operations`. 1: it has ended. */
static int founded(upp_txn *txn)
{
    UPP_ROWS row =
        upp_query(txn, "SELECT 1 FROM person_role WHERE role = 'operations' LIMIT 1", NO_BIND);
    return upp_next(&row) ? 1 : row.rc;
}

int right_ask(upp_txn *txn, const upp_input *in, right_asker *ret_asker)
{
    right_asker asker = { .person = in->by };
    if (!in->by) {
        const int ended = founded(txn);
        UPP_TRY(ended);
        if (ended)
            return upp_refuse(txn, "person-needed");
        asker.founding = true;
        *ret_asker = asker;
        return 0;
    }
    const int state = person_state(txn, in->by);
    UPP_TRY(state);
    if (state)
        return upp_refuse(txn, "asker-not-registered");
    UPP_ROWS row =
        upp_query(txn, "SELECT role FROM person_role WHERE person = ?1", BIND(V(in->by)));
    while (upp_next(&row))
        asker.roles |= right_role(upp_col_text(&row, 0));
    UPP_TRY(row.rc);
    *ret_asker = asker;
    return 0;
}

bool right_has(const right_asker *asker, unsigned wanted)
{
    return asker->founding || (asker->roles & wanted) != 0;
}

int right_leads(upp_txn *txn, const right_asker *asker, const char *unit)
{
    char head[REGISTRY_ID];
    if (!asker->person)
        return 0;
    UPP_TRY(authority_head(txn, unit, head));
    if (strcmp(head, asker->person) == 0)
        return 1;
    UPP_ROWS row = upp_query(txn, "SELECT 1 FROM unit WHERE unit = ?1 AND manager = ?2",
                             BIND(V(unit), V(asker->person)));
    return upp_next(&row) ? 1 : row.rc;
}

int right_need(upp_txn *txn, const right_asker *asker, unsigned wanted, const char *unit)
{
    if (right_has(asker, wanted))
        return 0;
    const int leads = unit ? right_leads(txn, asker, unit) : 0;
    UPP_TRY(leads);
    return leads ? 0 : upp_refuse(txn, "not-allowed");
}

int right_last(upp_txn *txn, const char *person)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT 1 FROM person_role r JOIN person p ON p.person = r.person"
                             " WHERE r.role = 'operations' AND r.person <> ?1 AND p.leaves_ms = 0"
                             " LIMIT 1",
                             BIND(V(person)));
    if (upp_next(&row))
        return 0;
    return row.rc < 0 ? row.rc : 1;
}
