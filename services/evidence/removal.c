/* removal.c - copies that go: with the item that is forgotten, or because no picture of it may be.
 * A folder is taken away after whatever was still being written there. */
#include "evidence.h"
#include <stdio.h>

static const upp_ms late_span = 20 * UPP_MINUTE; /* no port works longer on anything */

static int ask_removal(upp_txn *txn, const char *id, const char *folder, int64_t try)
{
    char key[64];
    Uppsikt__RemoveRecord ask = UPPSIKT__REMOVE_RECORD__INIT;
    ask.record = upp_lend(id);
    ask.folder = upp_lend(folder);
    snprintf(key, sizeof key, "%s/gone/%lld", id, (long long)try);
    const int there = upp_ask(txn, "removals", UPP_ABOUT(id), key, &ask.base);
    return there < 0 ? there : 0;
}

int record_remove(upp_txn *txn, const record *r, bool late)
{
    static const char *const alarms[] = { "seal", "capture", "slow" };
    UPP_TRY(upp_drop(txn, r->proof_ref));
    UPP_TRY(upp_exec(txn, "UPDATE record SET state = 3, proof_ref = 0 WHERE record = ?1",
                     BIND(V(r->id))));
    UPP_TRY(upp_exec(txn, "DELETE FROM gathered WHERE record = ?1", BIND(V(r->id))));
    for (size_t i = 0; i < UPP_LEN(alarms); i++)
        UPP_TRY(record_alarm_at(txn, alarms[i], r->id, 0));
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO removal(record, folder, disposal, tries, late) VALUES(?1, ?2,"
                     " coalesce((SELECT max(disposal) FROM listed WHERE item = ?3 AND state = 3),"
                     " ''), 1, ?4) ON CONFLICT DO NOTHING",
                     BIND(V(r->id), V(r->folder), V(r->item), V(late ? 1 : 0))));
    if (late)
        UPP_TRY(record_alarm_at(txn, "sweep", r->id, upp_now(txn) + late_span));
    return ask_removal(txn, r->id, r->folder, 1);
}

/* Its files are objects no more: the runtime's row of each is what keeps it. */
static int drop_objects(upp_txn *txn, const char *folder)
{
    for (;;) {
        int64_t ref = 0;
        {
            UPP_ROWS row = upp_query(txn,
                                     "SELECT hash_ref FROM upp_object WHERE gone = 0"
                                     " AND id > ?1 || '/' AND id < ?1 || '0' LIMIT 1",
                                     BIND(V(folder)));
            if (!upp_next(&row))
                return row.rc;
            ref = upp_col_int(&row, 0);
        }
        UPP_TRY(upp_drop(txn, ref));
    }
}

int record_take_down(upp_txn *txn, const record *r)
{
    UPP_TRY(drop_objects(txn, r->folder));
    return record_remove(txn, r, true);
}

int record_sweep(upp_txn *txn, const char *id)
{
    char folder[EVIDENCE_FOLDER];
    int64_t try = 0;
    UPP_TRY(upp_exec(txn, "UPDATE removal SET late = 0, tries = tries + 1 WHERE record = ?1",
                     BIND(V(id))));
    {
        UPP_ROWS row =
            upp_query(txn, "SELECT folder, tries FROM removal WHERE record = ?1", BIND(V(id)));
        if (!upp_next(&row))
            return row.rc;
        snprintf(folder, sizeof folder, "%s", upp_col_text(&row, 0));
        try = upp_col_int(&row, 1);
    }
    return ask_removal(txn, id, folder, try);
}

int record_removed(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    if (in->dead || !msg) /* it must go: again and again */
        return record_alarm_at(txn, "sweep", in->subject, upp_now(txn) + UPP_HOUR);
    char disposal[EVIDENCE_ID] = "";
    {
        UPP_ROWS row = upp_query(txn, "SELECT disposal FROM removal WHERE record = ?1 AND late = 0",
                                 BIND(V(in->subject)));
        if (!upp_next(&row))
            return row.rc;
        snprintf(disposal, sizeof disposal, "%s", upp_col_text(&row, 0));
    }
    UPP_TRY(upp_exec(txn, "DELETE FROM removal WHERE record = ?1", BIND(V(in->subject))));
    return disposal[0] ? disposal_consider(txn, disposal) : 0;
}

static int quoting(upp_txn *txn, const char *item)
{
    char key[64];
    UPP_ROWS row = upp_query(txn,
                             "SELECT r.record, r.state FROM copy c JOIN record r"
                             " ON r.record = c.record WHERE c.item = ?1 AND r.state IN (0, 1)",
                             BIND(V(item)));
    while (upp_next(&row)) {
        snprintf(key, sizeof key, "%s/%s", upp_col_int(&row, 1) == 0 ? "capture" : "seal",
                 upp_col_text(&row, 0));
        UPP_TRY(upp_alarm(txn, key, upp_now(txn)));
    }
    return row.rc;
}

int record_forget(upp_txn *txn, const char *item)
{
    for (int none = 0; none == 0;) {
        record r;
        char id[UPP_ID] = "";
        {
            UPP_ROWS row =
                upp_query(txn, "SELECT record FROM record WHERE item = ?1 AND state <> 3 LIMIT 1",
                          BIND(V(item)));
            if (upp_next(&row))
                snprintf(id, sizeof id, "%s", upp_col_text(&row, 0));
            UPP_TRY(row.rc);
        }
        none = id[0] ? record_read(txn, id, &r) : 1;
        UPP_TRY(none);
        if (none == 0)
            UPP_TRY(record_remove(txn, &r, r.state == RECORD_GATHERS));
    }
    UPP_TRY(upp_exec(txn, "UPDATE version SET text_ref = 0 WHERE item = ?1", BIND(V(item))));
    UPP_TRY(upp_exec(txn, "DELETE FROM wanted WHERE item = ?1", BIND(V(item))));
    return quoting(txn, item);
}
