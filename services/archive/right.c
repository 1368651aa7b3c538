/* right.c - who may have an account archived, and who may open what was. */
#include "archive.h"

static int known(upp_txn *txn, const upp_input *in)
{
    if (!in->by)
        return upp_refuse(txn, "person-needed");
    UPP_ROWS row =
        upp_query(txn, "SELECT 1 FROM person WHERE person = ?1 AND gone = 0", BIND(V(in->by)));
    if (upp_next(&row))
        return 0;
    return row.rc < 0 ? row.rc : upp_refuse(txn, "asker-not-registered");
}

/* 1: she has one of the roles that work with the archive. */
static int archives(upp_txn *txn, const char *person)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT 1 FROM person WHERE person = ?1 AND (roles LIKE"
                             " '% archivist %' OR roles LIKE '% communications %'"
                             " OR roles LIKE '% operations %')",
                             BIND(V(person)));
    return upp_next(&row) ? 1 : row.rc;
}

int archive_may(upp_txn *txn, const upp_input *in, const char *account)
{
    UPP_TRY(known(txn, in));
    const int may = archives(txn, in->by);
    UPP_TRY(may);
    if (may)
        return 0;
    UPP_ROWS row = upp_query(
        txn,
        "WITH RECURSIVE up(unit, parent, manager, head, n) AS ("
        " SELECT u.unit, u.parent, u.manager, u.head, 1 FROM account a JOIN unit u"
        "  ON u.unit = a.unit WHERE a.account = ?1"
        " UNION ALL SELECT u.unit, u.parent, u.manager, u.head, up.n + 1 FROM up JOIN unit u"
        "  ON u.unit = up.parent WHERE up.n < 8)"
        " SELECT 1 FROM access WHERE account = ?1 AND person = ?2"
        " UNION ALL SELECT 1 FROM up WHERE manager = ?2 OR head = ?2",
        BIND(V(account), V(in->by)));
    if (upp_next(&row))
        return 0;
    return row.rc < 0 ? row.rc : upp_refuse(txn, "not-allowed");
}
