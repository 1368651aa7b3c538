/* access.c - who may act on an account; always at least two (R03, R05, R06, I21). */
#include "registry.h"

enum { LEAST = 2 };

int access_count(upp_txn *txn, const char *account, int64_t *ret_n)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT count(*) FROM access a JOIN person p ON p.person = a.person"
                             " WHERE a.account = ?1 AND p.gone = 0",
                             BIND(V(account)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : UPP_E_BUG;
    *ret_n = upp_col_int(&row, 0);
    return 0;
}

int access_check(upp_txn *txn, const registry_config *config, const char *account)
{
    account_row a;
    int64_t n = 0;
    const int missing = account_read(txn, account, &a);
    UPP_TRY(missing);
    if (missing)
        return 0;
    UPP_TRY(access_count(txn, account, &n));
    const bool active = life_active(a.state);
    if (!active) /* nobody is asked about it any more, whichever was heard first */
        UPP_TRY(finding_clear(txn, &(finding){ .kind = "empty-rung", .account = account }));
    if (n >= LEAST || !active)
        return finding_clear(txn, &(finding){ .kind = "understaffed", .account = account });
    return finding_raise(txn, &(finding){ .kind = "understaffed",
                                          .account = account,
                                          .unit = a.unit,
                                          .due = upp_now(txn) + config->understaffed_span });
}

int access_check_all_of(upp_txn *txn, const registry_config *config, const char *person)
{
    UPP_ROWS row = upp_query(txn, "SELECT account FROM access WHERE person = ?1 ORDER BY account",
                             BIND(V(person)));
    while (upp_next(&row))
        UPP_TRY(access_check(txn, config, upp_col_text(&row, 0)));
    return row.rc;
}

/* Both commands: the account, and who may decide about it. */
static int begin(upp_txn *txn, const upp_input *in, const char *account, account_row *ret_row)
{
    right_asker asker;
    UPP_TRY(right_ask(txn, in, &asker));
    const int missing = account_read(txn, account, ret_row);
    UPP_TRY(missing);
    if (missing)
        return upp_refuse(txn, "account-unknown");
    return right_need(txn, &asker, ROLE_OPERATIONS | ROLE_COMMUNICATIONS, ret_row->unit);
}

/* 0: she is not on the list; else her rank. Gives the last rank and how many there are, too. */
static int read_ranks(upp_txn *txn, const char *account, const char *person, int64_t *ret_rank,
                      int64_t *ret_last, int64_t *ret_n)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT coalesce(max(CASE WHEN person = ?2 THEN rank END), 0),"
                             " coalesce(max(rank), 0), count(*) FROM access WHERE account = ?1",
                             BIND(V(account), V(person)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : UPP_E_BUG;
    *ret_rank = upp_col_int(&row, 0);
    *ret_last = upp_col_int(&row, 1);
    *ret_n = upp_col_int(&row, 2);
    return 0;
}

/* She has said when she leaves: her hand-over covers this account too. */
static int note_leaver(upp_txn *txn, const registry_config *config, const account_row *a,
                       const char *person)
{
    upp_ms leaves = 0;
    {
        UPP_ROWS row =
            upp_query(txn, "SELECT leaves_ms FROM person WHERE person = ?1", BIND(V(person)));
        if (!upp_next(&row))
            return row.rc;
        leaves = upp_col_int(&row, 0);
    }
    if (leaves == 0)
        return 0;
    return leaver_add(txn, person, a->account, a->unit, leaves + config->understaffed_span);
}

int access_grant(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__GrantAccess *c = msg;
    account_row a;
    int64_t rank = 0, last = 0, n = 0;
    UPP_TRY(begin(txn, in, c->account, &a));
    if (a.state == LIFE_ARCHIVED || a.state == LIFE_CLOSED)
        return upp_refuse(txn, "account-closed");
    const int state = person_state(txn, c->person);
    UPP_TRY(state);
    if (state)
        return upp_refuse(txn, state == 2 ? "person-has-left" : "person-unknown");
    const int leaver = leaver_state(txn, c->person);
    UPP_TRY(leaver);
    if (leaver == LEAVER_CONFIRMED) /* another person has said that she has none any more */
        return upp_refuse(txn, "leaver-confirmed");
    UPP_TRY(read_ranks(txn, c->account, c->person, &rank, &last, &n));
    if (rank == 0 && n >= REGISTRY_ACCESS)
        return upp_refuse(txn, "too-many-persons");
    const int64_t wanted = c->rank ? c->rank : rank ? rank : last + 1;
    if (rank != wanted) {
        UPP_TRY(upp_exec(txn,
                         "INSERT INTO access(account, person, rank, at_ms) VALUES(?1, ?2, ?3, ?4)"
                         " ON CONFLICT DO UPDATE SET rank = ?3",
                         BIND(V(c->account), V(c->person), V(wanted), V(upp_now(txn)))));
        Uppsikt__AccessGranted out = UPPSIKT__ACCESS_GRANTED__INIT;
        out.account = c->account;
        out.person = c->person;
        out.rank = (uint32_t)wanted;
        out.at_ms = upp_now(txn);
        UPP_TRY(upp_emit(txn, c->account, &out.base, NULL));
        UPP_TRY(finding_clear(txn, &(finding){ .kind = "empty-rung", .account = c->account }));
        UPP_TRY(note_leaver(txn, self, &a, c->person));
        UPP_TRY(access_check(txn, self, c->account));
    }
    return text_registered(txn, c->account, 0);
}

/* Never refused for being the last but one: what is so is written down, and the finding has a
 * clock. */
int access_revoke(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__RevokeAccess *c = msg;
    account_row a;
    UPP_TRY(begin(txn, in, c->account, &a));
    const int gone = upp_exec(txn, "DELETE FROM access WHERE account = ?1 AND person = ?2",
                              BIND(V(c->account), V(c->person)));
    UPP_TRY(gone);
    if (gone == 0)
        return upp_refuse(txn, "no-such-access");
    Uppsikt__AccessRevoked out = UPPSIKT__ACCESS_REVOKED__INIT;
    out.account = c->account;
    out.person = c->person;
    out.at_ms = upp_now(txn);
    UPP_TRY(upp_emit(txn, c->account, &out.base, NULL));
    UPP_TRY(access_check(txn, self, c->account));
    return text_registered(txn, c->account, 0);
}
