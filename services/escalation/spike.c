/* spike.c - far more comments in an hour than an account is used to: the communications unit hears
 * at once, before the clocks of each of them tell (R13, R02; features.md ing.5). */
#include "escalation.h"
#include <stdlib.h>

enum { DAYS = 28, HOURS = 24 };

static int by_number(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* The median of the busiest hours of the 28 days before `day`; a day without comments counts as
 * none. */
static int usual(upp_txn *txn, const char *account, int64_t day, int64_t *ret_n)
{
    int64_t busiest[DAYS] = { 0 };
    size_t n = 0;
    UPP_ROWS row = upp_query(txn,
                             "SELECT max(comments) FROM rate WHERE account = ?1 AND hour >= ?2"
                             " AND hour < ?3 GROUP BY hour / 24",
                             BIND(V(account), V((day - DAYS) * HOURS), V(day * HOURS)));
    while (n < DAYS && upp_next(&row))
        busiest[n++] = upp_col_int(&row, 0);
    qsort(busiest, DAYS, sizeof *busiest, by_number);
    *ret_n = busiest[DAYS / 2];
    return row.rc;
}

/* The hour's comments on the account, this one among them. */
static int count(upp_txn *txn, const char *account, int64_t hour, int64_t *ret_n)
{
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO rate(account, hour, comments) VALUES(?1, ?2, 1)"
                     " ON CONFLICT DO UPDATE SET comments = comments + 1",
                     BIND(V(account), V(hour))));
    UPP_ROWS row = upp_query(txn, "SELECT comments FROM rate WHERE account = ?1 AND hour = ?2",
                             BIND(V(account), V(hour)));
    *ret_n = upp_next(&row) ? upp_col_int(&row, 0) : 0;
    return row.rc;
}

/* 1: that day's errand is there already. */
static int is_told(upp_txn *txn, const matter *e)
{
    UPP_ROWS row = upp_query(txn, "SELECT 1 FROM matter WHERE about = ?1 AND errand = ?2",
                             BIND(V(e->about), V((int64_t)e->errand)));
    return upp_next(&row) ? 1 : row.rc;
}

int spike_note(upp_txn *txn, const rules *r, const char *account, upp_ms received)
{
    const int64_t hour = received / UPP_HOUR;
    int64_t n = 0, before = 0;
    const numbers *of = NULL;
    if (received > upp_now(txn) || upp_now(txn) - received > UPP_DAY)
        return 0; /* it came late: not what happens now */
    UPP_TRY(count(txn, account, hour, &n));
    UPP_TRY(numbers_for(txn, r, account, &of));
    if (n < of->pol.spike.least)
        return 0;
    UPP_TRY(usual(txn, account, hour / HOURS, &before));
    if (n < before * of->pol.spike.times)
        return 0;
    const matter e = day_errand(txn, ERRAND_SPIKE, account, zone_day(r->tz, upp_now(txn)));
    const int told = is_told(txn, &e);
    return told ? (told < 0 ? told : 0) : errand_open(txn, r, &e);
}

int spike_forget(upp_txn *txn)
{
    const int rc = upp_exec(txn, "DELETE FROM rate WHERE hour < ?1",
                            BIND(V(upp_now(txn) / UPP_HOUR - (DAYS + 2) * HOURS)));
    return rc < 0 ? rc : 0;
}
