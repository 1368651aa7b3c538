/* held_kind.c - how much content a service holds under a subject, by kinds. */
#include "held_kind.h"

enum { SUBJECTS_MAX = 200 };

typedef struct found {
    int64_t count, since;
} found;

static int count_one(upp_txn *txn, const char *sql, const char *subject, found *f)
{
    UPP_ROWS row = upp_query_(txn, sql, BIND(V(subject)));
    if (!upp_next(&row))
        return row.rc;
    const int64_t since = upp_col_int(&row, 1);
    f->count += upp_col_int(&row, 0);
    if (since > 0 && (f->since == 0 || since < f->since))
        f->since = since;
    return row.rc;
}

static int count_all(upp_txn *txn, const char *sql, const Uppsikt__Held *q, found *ret_found)
{
    found f = { 0 };
    for (size_t i = 0; i < q->n_subjects; i++)
        UPP_TRY(count_one(txn, sql, q->subjects[i], &f));
    *ret_found = f;
    return 0;
}

static int reply(upp_txn *txn, const char *kind, const char *what, const found *f)
{
    Uppsikt__HeldRow out = UPPSIKT__HELD_ROW__INIT;
    out.kind = upp_lend(kind);
    out.what = upp_lend(what);
    out.count = f->count;
    out.since_ms = f->since;
    return f->count > 0 ? upp_reply(txn, &out.base) : 0;
}

int held_reply(upp_txn *txn, const Uppsikt__Held *q, const held_kind *kinds, size_t n)
{
    static const char all[] = "SELECT count(*), 0 FROM upp_about WHERE subject = ?1";
    found rest;
    if (q->n_subjects > SUBJECTS_MAX)
        return upp_refuse(txn, "too-many-subjects");
    UPP_TRY(count_all(txn, all, q, &rest));
    for (size_t i = 0; i < n; i++) {
        found f;
        UPP_TRY(count_all(txn, kinds[i].sql, q, &f));
        rest.count -= kinds[i].elsewhere ? 0 : f.count;
        const int rc = reply(txn, kinds[i].kind, kinds[i].what, &f);
        if (rc)
            return rc < 0 ? rc : 0;
    }
    const int rc = reply(txn, "other", "", &rest);
    return rc < 0 ? rc : 0;
}
