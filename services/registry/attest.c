/* attest.c - twice a year who leads a unit says of each open account: these have access still
 * (R05). */
#include "registry.h"
#include <string.h>

static upp_ms later(upp_ms a, upp_ms b)
{
    return a > b ? a : b;
}

int attest_start(upp_txn *txn)
{
    const int rc = upp_exec(txn, "UPDATE attestation SET since_ms = ?1 WHERE since_ms = 0",
                            BIND(V(upp_now(txn))));
    return rc < 0 ? rc : 0;
}

int attest_next(upp_txn *txn, const registry_config *config, const account_row *a, upp_ms *ret_next)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT max(c.attested_ms, s.since_ms) FROM account c, attestation s"
                             " WHERE c.account = ?1",
                             BIND(V(a->account)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : UPP_E_BUG;
    *ret_next = later(upp_col_int(&row, 0), a->since_ms) + config->attest_span;
    return 0;
}

int attest_check(upp_txn *txn, const registry_config *config, const account_row *a)
{
    upp_ms next = 0;
    UPP_TRY(attest_next(txn, config, a, &next));
    if (a->state != LIFE_OPEN || upp_now(txn) < next)
        return finding_clear(txn, &(finding){ .kind = "attestation", .account = a->account });
    return finding_raise(txn, &(finding){ .kind = "attestation",
                                          .account = a->account,
                                          .unit = a->unit,
                                          .due = next + config->attest_due_span });
}

/* Those with access, and among them those who have left. */
static int count(upp_txn *txn, const char *account, int64_t *ret_n, int64_t *ret_left)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT count(*), coalesce(sum(p.gone), 0) FROM access x"
                             " JOIN person p USING (person) WHERE x.account = ?1",
                             BIND(V(account)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : UPP_E_BUG;
    *ret_n = upp_col_int(&row, 0);
    *ret_left = upp_col_int(&row, 1);
    return 0;
}

/* 1: the command names exactly those who have access now, each once. */
static int names_them(upp_txn *txn, const Uppsikt__AttestAccess *c, int64_t n)
{
    if ((int64_t)c->n_persons != n)
        return 0;
    for (size_t i = 0; i < c->n_persons; i++) {
        for (size_t k = 0; k < i; k++)
            if (strcmp(c->persons[i], c->persons[k]) == 0)
                return 0;
        UPP_ROWS row = upp_query(txn, "SELECT 1 FROM access WHERE account = ?1 AND person = ?2",
                                 BIND(V(c->account), V(c->persons[i])));
        if (!upp_next(&row))
            return row.rc;
    }
    return 1;
}

static int check_set(upp_txn *txn, const Uppsikt__AttestAccess *c)
{
    int64_t n = 0, left = 0;
    if (c->n_persons > REGISTRY_ACCESS)
        return upp_refuse(txn, "too-many-persons");
    UPP_TRY(count(txn, c->account, &n, &left));
    if (left > 0)
        return upp_refuse(txn, "attest-after-hand-over");
    const int same = names_them(txn, c, n);
    UPP_TRY(same);
    return same ? 0 : upp_refuse(txn, "attest-others-have-access");
}

int attest_access(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__AttestAccess *c = msg;
    right_asker asker;
    account_row a;
    UPP_TRY(right_ask(txn, in, &asker));
    if (!asker.person)
        return upp_refuse(txn, "person-needed");
    const int missing = account_read(txn, c->account, &a);
    UPP_TRY(missing);
    if (missing)
        return upp_refuse(txn, "account-unknown");
    const int leads = right_leads(txn, &asker, a.unit);
    UPP_TRY(leads);
    if (!leads) /* who answers for the unit's knowledge and routines, and nobody for her (R04) */
        return upp_refuse(txn, "attest-by-who-leads");
    if (a.state != LIFE_OPEN)
        return upp_refuse(txn, "account-not-open");
    UPP_TRY(check_set(txn, c));
    UPP_TRY(upp_exec(txn,
                     "UPDATE account SET attested_ms = ?2, attested_by = ?3 WHERE account = ?1",
                     BIND(V(c->account), V(upp_now(txn)), V(asker.person))));
    Uppsikt__AccessAttested out = UPPSIKT__ACCESS_ATTESTED__INIT;
    out.account = c->account;
    out.persons = c->persons;
    out.n_persons = c->n_persons;
    out.by = upp_lend(asker.person);
    out.at_ms = upp_now(txn);
    UPP_TRY(upp_emit(txn, c->account, &out.base, NULL));
    UPP_TRY(attest_check(txn, self, &a));
    return text_registered(txn, c->account, 0);
}

/* -- the list -- */
typedef struct ranks {
    char ids[REGISTRY_ACCESS][REGISTRY_ID], names[REGISTRY_ACCESS][REGISTRY_NAME];
    char *id_list[REGISTRY_ACCESS], *name_list[REGISTRY_ACCESS];
    size_t n;
} ranks;

static int read_ranks(upp_txn *txn, const char *account, ranks *ret_ranks)
{
    ret_ranks->n = 0;
    UPP_ROWS row = upp_query(txn,
                             "SELECT x.person FROM access x JOIN person p USING (person)"
                             " WHERE x.account = ?1 AND p.gone = 0 ORDER BY x.rank, x.person",
                             BIND(V(account)));
    while (ret_ranks->n < REGISTRY_ACCESS && upp_next(&row)) {
        const size_t i = ret_ranks->n++;
        text_copy(ret_ranks->ids[i], REGISTRY_ID, upp_col_text(&row, 0));
        UPP_TRY(name_of_person(txn, ret_ranks->ids[i], ret_ranks->names[i]));
        ret_ranks->id_list[i] = ret_ranks->ids[i];
        ret_ranks->name_list[i] = ret_ranks->names[i];
    }
    return row.rc;
}

static int read_due(upp_txn *txn, const char *account, upp_ms *ret_due)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT due_ms FROM finding WHERE account = ?1"
                             " AND kind = 'attestation' AND cleared_ms = 0",
                             BIND(V(account)));
    *ret_due = upp_next(&row) ? upp_col_int(&row, 0) : 0;
    return row.rc;
}

typedef struct looking {
    const registry_config *config;
    right_asker asker; /* `person` NULL: nobody is named, all is shown */
} looking;

/* 1: it is hers to see. */
static int reply_access(upp_txn *txn, const looking *l, const upp_rows *row)
{
    char name[REGISTRY_LABEL], vault[REGISTRY_LABEL], attested_name[REGISTRY_NAME];
    ranks persons;
    account_row a;
    int64_t n = 0, left = 0;
    Uppsikt__AccessListRow out = UPPSIKT__ACCESS_LIST_ROW__INIT;
    Uppsikt__AccessListRowContent content = UPPSIKT__ACCESS_LIST_ROW_CONTENT__INIT;
    const int missing = account_read(txn, upp_col_text(row, 0), &a);
    UPP_TRY(missing);
    const int leads = right_leads(txn, &l->asker, a.unit);
    UPP_TRY(leads);
    if (l->asker.person && !leads && !right_has(&l->asker, ROLE_OPERATIONS | ROLE_COMMUNICATIONS))
        return 0;
    out.account = a.account;
    out.unit = a.unit;
    out.platform = a.platform;
    out.may_attest = leads != 0;
    out.attested_ms = upp_col_int(row, 1);
    out.attested_by = upp_lend(upp_col_text(row, 2));
    UPP_TRY(attest_next(txn, l->config, &a, &out.next_ms));
    UPP_TRY(read_due(txn, a.account, &out.due_ms));
    UPP_TRY(count(txn, a.account, &n, &left));
    out.left = (uint32_t)left;
    UPP_TRY(read_ranks(txn, a.account, &persons));
    out.persons = persons.id_list;
    out.n_persons = content.n_names = persons.n;
    content.names = persons.name_list;
    UPP_TRY(name_of_account(txn, a.account, name, vault));
    UPP_TRY(name_of_person(txn, out.attested_by, attested_name));
    content.name = name;
    content.attested_name = attested_name;
    UPP_TRY(upp_reply_content(txn, &out.base, &content.base));
    return 1;
}

int attest_list(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__AccessLists *q = msg;
    looking l = { .config = self };
    int64_t room = text_page(q->limit);
    if (in->by)
        UPP_TRY(right_ask(txn, in, &l.asker));
    UPP_ROWS row = upp_query(txn,
                             "SELECT account, attested_ms, attested_by FROM account"
                             " WHERE state = ?1 AND account > ?2 AND (?3 = '' OR account = ?3)"
                             " ORDER BY account",
                             BIND(V((int64_t)LIFE_OPEN), V(q->after), V(q->account)));
    while (room > 0 && upp_next(&row)) {
        const int shown = reply_access(txn, &l, &row);
        UPP_TRY(shown);
        room -= shown;
    }
    return row.rc;
}
