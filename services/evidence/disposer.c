/* disposer.c - who may propose and approve a disposal: two of the authority whose records they are,
 * an archivist among them; whoever runs the machines approves nothing (R02, R23; sla.md P4). */
#include "candidate.h"
#include <stdio.h>
#include <string.h>

/* 1: she has left, or was never there. */
static int roles_of(upp_txn *txn, const char *person, unsigned *ret_roles)
{
    UPP_ROWS row =
        upp_query(txn, "SELECT roles FROM person WHERE person = ?1 AND gone = 0", BIND(V(person)));
    *ret_roles = 0;
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : 1;
    *ret_roles = register_roles(upp_col_text(&row, 0));
    return 0;
}

static bool archivist(unsigned roles)
{
    return (roles & ROLE_ARCHIVIST) && !(roles & ROLE_OPERATIONS);
}

int disposer_need(upp_txn *txn, const keeper *k, const char *person, const ground *g)
{
    char own[EVIDENCE_ID];
    unsigned roles = 0;
    const char *const common = k->config->archive_authority;
    const int gone = roles_of(txn, person, &roles);
    UPP_TRY(gone);
    if (!g->authority[0] && g->law[0]) /* a line of which nobody knows whose it is */
        return 0;
    UPP_TRY(register_authority_of_person(txn, person, own));
    if (own[0] && (strcmp(own, g->authority) == 0 ||
                   (common && strcmp(own, common) == 0 && archivist(roles))))
        return 0;
    return upp_refuse(txn, "not-your-authority");
}

int disposer_need_second(upp_txn *txn, const keeper *k, const char *first, const char *second,
                         const ground *g)
{
    unsigned hers = 0, before = 0;
    const int gone = roles_of(txn, second, &hers);
    UPP_TRY(gone);
    if (hers & ROLE_OPERATIONS)
        return upp_refuse(txn, "operations-approve-nothing");
    UPP_TRY(disposer_need(txn, k, second, g));
    const int left = roles_of(txn, first, &before);
    UPP_TRY(left);
    return archivist(hers) || archivist(before) ? 0 : upp_refuse(txn, "archivist-needed");
}
