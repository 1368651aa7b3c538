/* held.c - holds whose day of review comes: somebody looks whether it is still needed, each year
 * anew until it is lifted (R23). A hold that nobody looks at again keeps personal data for ever. */
#include "escalation.h"
#include "uppsikt/evidence.pb-c.h"
#include <stdio.h>

static const upp_ms year_span = 365 * UPP_DAY;

static int set_alarm(upp_txn *txn, const char *hold, upp_ms at)
{
    char key[64];
    snprintf(key, sizeof key, "held/%.40s", hold);
    return at > 0 ? upp_alarm(txn, key, at) : upp_alarm_off(txn, key);
}

int on_hold_placed(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__HoldPlaced *h = msg;
    const upp_ms review = h->review_ms > 0 ? h->review_ms : h->at_ms + year_span;
    char account[48];
    (void)self;
    (void)in;
    snprintf(account, sizeof account, "%s", h->account);
    if (h->matter[0]) {
        UPP_ROWS row =
            upp_query(txn, "SELECT account FROM matter WHERE matter = ?1", BIND(V(h->matter)));
        if (upp_next(&row))
            snprintf(account, sizeof account, "%s", upp_col_text(&row, 0));
        UPP_TRY(row.rc);
    }
    UPP_TRY(upp_exec(txn, "INSERT INTO held(hold, account) VALUES(?1, ?2) ON CONFLICT DO NOTHING",
                     BIND(V(h->hold), V(account))));
    return set_alarm(txn, h->hold, review);
}

int on_hold_released(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__HoldReleased *h = msg;
    (void)self;
    (void)in;
    UPP_TRY(upp_exec(txn, "DELETE FROM held WHERE hold = ?1", BIND(V(h->hold))));
    UPP_TRY(set_alarm(txn, h->hold, 0));
    return errand_end(txn, ERRAND_HOLD, h->hold, UPPSIKT__MET_HOW__MET_HOW_CLEARED, h->at_ms);
}

int held_alarm(upp_txn *txn, const rules *r, const char *hold)
{
    matter e = { .errand = ERRAND_HOLD, .received_ms = upp_now(txn) };
    {
        UPP_ROWS row = upp_query(txn, "SELECT account FROM held WHERE hold = ?1", BIND(V(hold)));
        if (!upp_next(&row))
            return row.rc;
        snprintf(e.account, sizeof e.account, "%s", upp_col_text(&row, 0));
    }
    snprintf(e.about, sizeof e.about, "%s", hold);
    UPP_TRY(errand_open(txn, r, &e));
    return set_alarm(txn, hold, upp_now(txn) + year_span);
}
