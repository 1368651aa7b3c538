/* sim_doubt.c - a COMMIT that failed has happened or not; never in part (P2). Which of the two, the
 * store tells, beside a fresh node that was fed the journal. */
#include "sim_state.h"
#include <sqlite3.h>

const char *sim_host_replay(sim_host *h, const sim_journal *j)
{
    const upp_point head = upp_node_head(h->node);
    const sim_origin origin = { h->service, h->config, h->sim->lookup_key,
                                h->n_seen > 0 ? h->seen[0].epoch : head.epoch, h->sim->seed };
    return sim_shadow_play(&h->shadow, &origin, j);
}

int sim_host_same(sim_host *h)
{
    sim_buf ours = { 0 }, theirs = { 0 };
    int rc = sim_dump(h->node, &ours);
    if (rc >= 0)
        rc = sim_dump(h->shadow.node, &theirs);
    if (rc >= 0)
        rc = ours.len == theirs.len && memcmp(ours.at, theirs.at, ours.len) == 0;
    sim_buf_done(&ours);
    sim_buf_done(&theirs);
    return rc;
}

/* What every input that leaves anything moves: the head, a cursor, an ask, an alarm, a command, an
 * object. Negative: the store cannot be read. */
static int place_of(upp_node *node, uint64_t *ret_place)
{
    sqlite3_stmt *row = NULL;
    const upp_point head = upp_node_head(node);
    uint64_t place = sim_fnv(SIM_FNV, head.hash, sizeof head.hash);
    for (size_t i = 0; upp_node_source(node, i); i++) {
        upp_point cursor = { 0 };
        (void)upp_node_cursor(node, upp_node_source(node, i), &cursor);
        place = sim_fnv(place, cursor.hash, sizeof cursor.hash);
    }
    if (sqlite3_prepare_v2(upp_node_db(node),
                           "SELECT (SELECT total(attempts) + total(state) FROM upp_ask),"
                           " (SELECT count(*) FROM upp_command), (SELECT count(*) FROM upp_object),"
                           " count(*), total(due) FROM upp_alarm",
                           -1, &row, NULL) != SQLITE_OK)
        return UPP_E_STORE;
    if (sqlite3_step(row) == SQLITE_ROW)
        for (int i = 0; i < sqlite3_column_count(row); i++) {
            const int64_t n = sqlite3_column_int64(row, i);
            place = sim_fnv(place, &n, sizeof n);
        }
    *ret_place = place;
    return sqlite3_finalize(row) == SQLITE_OK ? 0 : UPP_E_STORE;
}

int sim_doubt_begin(sim_host *h)
{
    return place_of(h->node, &h->place_before);
}

int sim_doubt_commit(sim_host *h)
{
    return place_of(h->node, &h->place_after);
}

void sim_host_committed(sim_host *h, sim_journal *batch)
{
    sim_watch_handled(h, batch);
    if (h->shadowed)
        sim_journal_move(&h->journal, batch);
    else
        sim_journal_done(batch);
}

/* To the byte: the dump of a fresh node that was fed the journal without it tells which; with it,
 * the other. */
static int end_by_dump(sim_host *h)
{
    sim *s = h->sim;
    const char *why = sim_host_replay(h, &h->journal);
    int same = why ? 0 : sim_host_same(h);
    UPP_TRY(same);
    s->tally.checked[SIM_I7]++;
    if (same) {
        sim_journal_done(&h->doubt);
        return 0;
    }
    sim_host_committed(h, &h->doubt);
    if (!why)
        why = sim_host_replay(h, &h->journal);
    same = why ? 0 : sim_host_same(h);
    UPP_TRY(same);
    if (!same)
        sim_broken(s, SIM_I7, "%s: after a crash it is neither before nor after its COMMIT%s%s",
                   h->service->name, why ? ": " : "", why ? why : "");
    return 0;
}

int sim_doubt_end(sim_host *h)
{
    uint64_t now = 0;
    if (h->doubt.n == 0)
        return 0;
    const bool told = h->place_before != h->place_after;
    if (h->shadowed && (!told || sim_below(&h->rand, 8) == 0))
        return end_by_dump(h);
    UPP_TRY(place_of(h->node, &now));
    if (now != h->place_before && now != h->place_after)
        sim_broken(h->sim, SIM_I7,
                   "%s: after a crash it stands neither before nor after its COMMIT",
                   h->service->name);
    if (now == h->place_before) /* who is not shadowed is not asked about anything else */
        sim_journal_done(&h->doubt);
    else
        sim_host_committed(h, &h->doubt);
    return 0;
}
