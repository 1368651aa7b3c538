/* jump.c - the machine's clock moved ahead by itself, and nothing is disposed of before a person
 * has said that it is right (sla.md T10; I19): by a wrong clock everything is due.
 *
 * The services that we hear say so (ClockJumped). What cannot be seen from here is a clock that was
 * wrong already when all of them started. */
#include "evidence.h"
#include "uppsikt/runtime.pb-c.h"

int jump_heard(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const keeper *k = self;
    const Uppsikt__ClockJumped *c = msg;
    (void)in;
    if (c->by_ms <= k->config->jump_span)
        return 0;
    return upp_exec(txn,
                    "INSERT INTO jump(one, at_ms, by_span) VALUES(1, ?1, ?2)"
                    " ON CONFLICT DO UPDATE SET at_ms = ?1, by_span = max(by_span, ?2)",
                    BIND(V(upp_now(txn)), V(c->by_ms)));
}

int jump_allows(upp_txn *txn, bool confirmed, upp_ms proposed)
{
    int64_t jumped = 0;
    {
        UPP_ROWS row = upp_query(txn, "SELECT count(*) FROM jump", NO_BIND);
        if (upp_next(&row))
            jumped = upp_col_int(&row, 0);
        UPP_TRY(row.rc);
    }
    if (jumped && !confirmed)
        return upp_refuse(txn, "clock-jumped");
    if (proposed > upp_now(txn)) /* while the clock was ahead: what was due then need not be */
        return upp_refuse(txn, "list-of-another-time");
    return upp_exec(txn, "DELETE FROM jump", NO_BIND);
}
