/* account_list.c - the accounts, with who has access by rank. */
#include "registry.h"

typedef struct ranks {
    char ids[REGISTRY_ACCESS][REGISTRY_ID];
    char *list[REGISTRY_ACCESS];
    size_t n;
} ranks;

static int read_ranks(upp_txn *txn, const char *account, ranks *ret_ranks)
{
    ret_ranks->n = 0;
    UPP_ROWS row = upp_query(txn,
                             "SELECT a.person FROM access a JOIN person p ON p.person = a.person"
                             " WHERE a.account = ?1 AND p.gone = 0 ORDER BY a.rank, a.person",
                             BIND(V(account)));
    while (ret_ranks->n < REGISTRY_ACCESS && upp_next(&row)) {
        const size_t i = ret_ranks->n++;
        text_copy(ret_ranks->ids[i], sizeof ret_ranks->ids[i], upp_col_text(&row, 0));
        ret_ranks->list[i] = ret_ranks->ids[i];
    }
    return row.rc;
}

static int reply_account(upp_txn *txn, const char *account, int64_t findings)
{
    ranks persons;
    account_row a;
    uint8_t bytes[32];
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *facts = NULL;
    Uppsikt__AccountRow out = UPPSIKT__ACCOUNT_ROW__INIT;
    Uppsikt__AccountRowContent content = UPPSIKT__ACCOUNT_ROW_CONTENT__INIT;
    const int missing = account_read(txn, account, &a);
    UPP_TRY(missing);
    UPP_TRY(read_ranks(txn, account, &persons));
    const int forgotten =
        upp_recall(txn, a.facts_ref, &uppsikt__account_changed_content__descriptor, &facts);
    UPP_TRY(forgotten);
    out.account = a.account;
    out.state = (Uppsikt__AccountChanged__State)a.state;
    out.watch = (Uppsikt__AccountChanged__Watch)a.watch;
    out.platform = a.platform;
    out.unit = a.unit;
    out.authority = a.authority;
    out.persons = (uint32_t)persons.n;
    out.findings = (uint32_t)findings;
    out.open_since_ms = a.open_since_ms;
    out.persons_by_rank = persons.list;
    out.n_persons_by_rank = persons.n;
    if (facts)
        out.commitment = text_unstamp(a.facts_commitment, bytes);
    content.facts = (Uppsikt__AccountChangedContent *)facts;
    return upp_reply_content(txn, &out.base, facts ? &content.base : NULL);
}

int account_query(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__Accounts *q = msg;
    UPP_ROWS row = upp_query(txn,
                             "SELECT a.account, (SELECT count(*) FROM finding f"
                             " WHERE f.account = a.account AND f.cleared_ms = 0) FROM account a"
                             " WHERE a.account > ?1 AND (?2 = '' OR a.account = ?2)"
                             " ORDER BY a.account LIMIT ?3",
                             BIND(V(q->after), V(q->account), V(text_page(q->limit))));
    while (upp_next(&row))
        UPP_TRY(reply_account(txn, upp_col_text(&row, 0), upp_col_int(&row, 1)));
    return row.rc;
}
