/* sim_restore.c - a copy of one machine's store, and the day on which it is put back.
 *
 * The disk is lost, the copy comes back, the service's program begins a new epoch in it; what the
 * observer saw past the cut is forgotten, as the log has forgotten it. Who had applied more stands
 * still until the story's people accept the cut. */
#include "sim_state.h"
#include "uppsikt/bus.pb-c.h"
#include "uppsikt/runtime.pb-c.h"
#include <sqlite3.h>

struct sim_saved {
    uint8_t *bytes;
    size_t n, inputs; /* of the file; of the journal */
    int64_t seq;
    sim_buf *handled; /* of each link that there was */
    int64_t *cursors;
    size_t n_links;
};

void sim_saved_free(sim_saved *saved)
{
    if (!saved)
        return;
    for (size_t i = 0; i < saved->n_links; i++)
        sim_buf_done(&saved->handled[i]);
    free(saved->handled);
    free(saved->cursors);
    sqlite3_free(saved->bytes);
    free(saved);
}

bool sim_backup(sim *s, const char *service)
{
    sim_host *h = sim_host_of(s, service);
    sqlite3_int64 n = 0;
    upp_check(h);
    if (!h->node || !h->started || h->doubt.n > 0)
        return false;
    uint8_t *bytes = sqlite3_serialize(upp_node_db(h->node), "main", &n, 0);
    if (sim_disk_blown(h->disk)) { /* a page that could not be read is zeros there */
        sqlite3_free(bytes);
        sim_host_down(h, false, UPP_SECOND);
        return false;
    }
    upp_check(bytes);
    sim_saved *saved = sim_alloc(sizeof *saved);
    saved->bytes = bytes;
    saved->n = (size_t)n;
    saved->inputs = h->journal.n;
    saved->seq = upp_node_head(h->node).seq;
    upp_check((size_t)saved->seq == h->n_seen);
    saved->n_links = h->n_links;
    saved->handled = sim_alloc((h->n_links + 1) * sizeof *saved->handled);
    saved->cursors = sim_alloc((h->n_links + 1) * sizeof *saved->cursors);
    for (size_t i = 0; i < h->n_links; i++) {
        sim_buf_add(&saved->handled[i], h->links[i]->handled.at, h->links[i]->handled.len);
        saved->cursors[i] = h->links[i]->cursor;
    }
    sim_saved_free(h->saved);
    h->saved = saved;
    sim_note(s, service, "copied as of %lld", (long long)saved->seq);
    return true;
}

/* -- the ledger: what every machine that is up knows to be gone -- */
typedef struct sim_ledger {
    upp_disposed *rows;
    size_t n;
    sim_buf text; /* of the rows, one after the other: the journal keeps it */
} sim_ledger;

static void read_tombstones(sim_host *h, sim_ledger *l)
{
    sqlite3_stmt *row = NULL;
    const int rc = sqlite3_prepare_v2(
        upp_node_db(h->node), "SELECT disposal, subject FROM upp_tombstone ORDER BY at_ms, subject",
        -1, &row, NULL);
    upp_check(rc == SQLITE_OK);
    while (sqlite3_step(row) == SQLITE_ROW)
        for (int i = 0; i < 2; i++) {
            const char *text = (const char *)sqlite3_column_text(row, i);
            sim_buf_add(&l->text, text, strlen(text) + 1);
        }
    sqlite3_finalize(row);
}

void sim_ledger_rows(upp_bytes text, upp_disposed **ret_rows, size_t *ret_n)
{
    upp_disposed *rows = NULL;
    size_t n = 0;
    for (const char *at = (const char *)text.at, *end = at + text.len; at < end;) {
        SIM_MORE(rows, n);
        rows[n].disposal = at;
        at += strlen(at) + 1;
        rows[n++].subject = at;
        at += strlen(at) + 1;
    }
    *ret_rows = rows;
    *ret_n = n;
}

/* -- what the observer unlearns -- */
static void unlearn_links(sim_host *h, const uint8_t epoch[16])
{
    const sim *s = h->sim;
    for (size_t i = 0; i < s->n_hosts; i++)
        for (size_t k = 0; k < s->hosts[i]->n_links; k++) {
            sim_link *link = s->hosts[i]->links[k];
            if (link->from != h)
                continue;
            link->stale = true;
            link->cut = h->saved->seq;
            memcpy(link->epoch, epoch, sizeof link->epoch);
            link->generation++;
        }
}

static void unlearn(sim_host *h)
{
    const sim_saved *saved = h->saved;
    sim_journal_cut(&h->journal, saved->inputs);
    sim_journal_done(&h->doubt);
    sim_shadow_done(&h->shadow);
    h->n_seen = (size_t)saved->seq;
    for (size_t i = 0; i < h->n_links; i++) {
        sim_link *link = h->links[i];
        link->handled.len = 0;
        link->cursor = i < saved->n_links ? saved->cursors[i] : 0;
        if (i < saved->n_links)
            sim_buf_add(&link->handled, saved->handled[i].at, saved->handled[i].len);
    }
}

static void put_file(sim_host *h)
{
    static const char *const old[] = { "node.db", "node.db-wal", "node.db-journal" };
    for (size_t i = 0; i < UPP_LEN(old); i++)
        sim_disk_unlink(h->disk, old[i]);
    sim_disk_full(h->disk, -1);
    upp_check(sim_disk_put(h->disk, "node.db", h->saved->bytes, h->saved->n));
}

/* As `uppsikt restore` does it: beside everything else, before anybody sees it. */
static void begin_anew(sim_host *h, const sim_ledger *l)
{
    sim *s = h->sim;
    const upp_store store = { "node.db", sim_disk_vfs(h->disk), s->lookup_key };
    upp_node *node = upp_node_new(h->service, &store, h->config, sim_say_line);
    upp_check(node);
    sim_input begin = { .kind = SIM_IN_BEGIN, .now = s->now };
    sim_input in = { .kind = SIM_IN_RESTORED };
    sim_input commit = { .kind = SIM_IN_COMMIT };
    sim_fill(&h->rand, begin.seed, sizeof begin.seed);
    in.parcel = sim_parcel_new(&(upp_frames){ .content = { l->text.at, l->text.len } });
    sim_journal_add(&h->journal, &(sim_input){ .kind = SIM_IN_OPEN });
    int rc = upp_node_begin(node, s->now, begin.seed);
    if (rc >= 0)
        rc = upp_node_restored(node, l->rows, l->n);
    if (rc >= 0)
        rc = upp_node_commit(node, NULL, NULL);
    if (rc < 0)
        sim_bug(s, "%s does not begin anew: %s", h->service->name, upp_node_why(node));
    sim_journal_add(&h->journal, &begin);
    sim_journal_add(&h->journal, &in);
    sim_journal_add(&h->journal, &commit);
    sim_parcel_drop(in.parcel);
    unlearn_links(h, upp_node_head(node).epoch);
    upp_node_free(node);
    sim_marks_gone(h); /* at once, not when somebody says so again */
}

bool sim_restore(sim *s, const char *service)
{
    sim_host *h = sim_host_of(s, service), *evidence = sim_host_of(s, "evidence");
    upp_check(h && h->saved);
    if (evidence && !evidence->node)
        return false; /* who knows what is gone must be asked first */
    sim_ledger l = { 0 };
    for (size_t i = 0; i < s->n_hosts; i++)
        if (s->hosts[i]->node)
            read_tombstones(s->hosts[i], &l);
    sim_ledger_rows((upp_bytes){ l.text.at, l.text.len }, &l.rows, &l.n);
    sim_host_down(h, false, UPP_MINUTE);
    put_file(h);
    unlearn(h);
    begin_anew(h, &l);
    sim_note(s, service, "restored to %lld, %zu things are forgotten again", (long long)h->n_seen,
             l.n);
    free(l.rows);
    sim_buf_done(&l.text);
    return true;
}

/* -- who stands past the cut -- */

/* What the driver makes of SubscribeRefused(forked): the owner did not tell its hash, so a stub
 * with none stands in the cursor's place (subscriber.c). */
void sim_say_forked(sim_link *link, const upp_point *cursor)
{
    uint8_t zeros[32] = { 0 }, all[4 + 16 + 8 + 64], hash[32], packed[256];
    upp_point at = *cursor;
    memcpy(all, "upp1", 4);
    memcpy(all + 4, at.epoch, 16);
    for (int i = 0; i < 8; i++)
        all[20 + i] = (uint8_t)((uint64_t)at.seq >> (56 - 8 * i));
    memset(all + 28, 0, 64);
    sim_sha256(all, sizeof all, hash);
    Uppsikt__Chain chain = UPPSIKT__CHAIN__INIT;
    chain.epoch = (ProtobufCBinaryData){ sizeof at.epoch, at.epoch };
    chain.seq = at.seq;
    chain.prev = chain.eh = (ProtobufCBinaryData){ sizeof zeros, zeros };
    chain.hash = (ProtobufCBinaryData){ sizeof hash, hash };
    const char *type = "uppsikt.Stub";
    const upp_frames frames = { .type = { (const uint8_t *)type, strlen(type) },
                                .chain = { packed, protobuf_c_message_pack(&chain.base, packed) } };
    sim_host_letter(
        link->to,
        &(sim_letter){ .kind = SIM_EVENT, .link = link, .parcel = sim_parcel_new(&frames) });
}

size_t sim_accept_cuts(sim *s, const char *by)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n_hosts; i++)
        for (size_t k = 0; k < s->hosts[i]->n_links; k++) {
            const sim_link *link = s->hosts[i]->links[k];
            upp_point cursor;
            if (!link->stale || !link->to->node ||
                upp_node_cursor(link->to->node, link->from->service->name, &cursor) != 1)
                continue;
            sim_seen none = { 0 };
            sim_seen *at = link->cut > 0 ? &link->from->seen[link->cut - 1] : &none;
            Uppsikt__AcceptCut m = UPPSIKT__ACCEPT_CUT__INIT;
            m.source = upp_lend(link->from->service->name);
            m.epoch = (ProtobufCBinaryData){ sizeof at->epoch, at->epoch };
            m.seq = link->cut;
            m.hash = (ProtobufCBinaryData){ sizeof at->hash, at->hash };
            (void)sim_command(s, link->to->service->name, by, &m.base);
            n++;
        }
    return n;
}
