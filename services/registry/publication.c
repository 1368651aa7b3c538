/* publication.c - the public register is written anew when something in it has changed (R09). */
#include "registry.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Its time stands once it is set: constant change must not put it off. */
static int wake(upp_txn *txn, const registry_config *config)
{
    if (!config->publish_folder)
        return 0;
    {
        UPP_ROWS row = upp_query(txn, "SELECT 1 FROM upp_alarm WHERE key = 'publish'", NO_BIND);
        if (upp_next(&row) || row.rc < 0)
            return row.rc;
    }
    return upp_alarm(txn, "publish", upp_now(txn) + config->publish_span);
}

int publication_changed(upp_txn *txn, const registry_config *config)
{
    UPP_TRY(upp_exec(txn,
                     "UPDATE publication SET changed_seq ="
                     " (SELECT coalesce(max(seq), 0) FROM upp_log)",
                     NO_BIND));
    return wake(txn, config);
}

int publication_forgotten(upp_txn *txn, const registry_config *config)
{
    UPP_TRY(upp_exec(txn,
                     "UPDATE publication SET changed_seq ="
                     " (SELECT coalesce(max(seq), 0) + 1 FROM upp_log)",
                     NO_BIND));
    return wake(txn, config);
}

int publication_start(upp_txn *txn, const registry_config *config)
{
    return config->publish_folder ? upp_alarm(txn, "publish", upp_now(txn))
                                  : upp_alarm_off(txn, "publish");
}

/* -- the rows, in parts that fit in a request -- */
enum { PART_ROWS = 100, PART_BYTES = 40 * 1024 };

typedef struct part {
    Uppsikt__RegisterRow *rows[PART_ROWS]; /* own */
    const char *subjects[PART_ROWS + 2];
    size_t n, bytes;
    uint32_t number;
    int64_t at_seq;
} part;

static void part_clear(part *p)
{
    for (size_t i = 0; i < p->n; i++)
        uppsikt__register_row__free_unpacked(p->rows[i], NULL);
    p->n = p->bytes = 0;
}

/* The key is the place in the log: what has been asked for is not asked for again. */
static int part_ask(upp_txn *txn, const registry_config *config, part *p, bool last)
{
    char key[256];
    Uppsikt__PublishRegister out = UPPSIKT__PUBLISH_REGISTER__INIT;
    out.at_seq = p->at_seq;
    out.at_ms = upp_now(txn);
    out.part = p->number;
    out.last = last;
    out.rows = p->rows;
    out.n_rows = p->n;
    p->subjects[0] = "register";
    for (size_t i = 0; i < p->n; i++)
        p->subjects[i + 1] = p->rows[i]->account;
    p->subjects[p->n + 1] = NULL;
    snprintf(key, sizeof key, "%lld/%u/%s", (long long)p->at_seq, (unsigned)p->number,
             config->publish_folder);
    const int rc = upp_ask(txn, "publish", p->subjects, key, &out.base);
    part_clear(p);
    p->number++;
    return rc;
}

/* A copy of `row` that lives on its own. */
static Uppsikt__RegisterRow *copy(const Uppsikt__RegisterRow *row, size_t *ret_bytes)
{
    const size_t len = uppsikt__register_row__get_packed_size(row);
    uint8_t *packed = malloc(len + 1);
    upp_check(packed);
    uppsikt__register_row__pack(row, packed);
    Uppsikt__RegisterRow *own = uppsikt__register_row__unpack(NULL, len, packed);
    free(packed);
    upp_check(own);
    *ret_bytes = len;
    return own;
}

static int add_row(upp_txn *txn, const registry_config *config, part *p, const upp_rows *row)
{
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *kept = NULL;
    const int forgotten =
        upp_recall(txn, upp_col_int(row, 5), &uppsikt__account_changed_content__descriptor, &kept);
    if (forgotten) /* nothing is left that could be shown */
        return forgotten < 0 ? forgotten : 0;
    const Uppsikt__AccountChangedContent *facts = (const Uppsikt__AccountChangedContent *)kept;
    Uppsikt__RegisterRow out = UPPSIKT__REGISTER_ROW__INIT;
    out.account = upp_lend(upp_col_text(row, 0));
    out.platform = upp_lend(upp_col_text(row, 1));
    out.closing = upp_col_int(row, 2) == LIFE_CLOSING;
    out.open_since_ms = upp_col_int(row, 3);
    out.unit = upp_lend(upp_col_text(row, 4));
    out.authority = upp_lend(upp_col_text(row, 6));
    out.org_number = upp_lend(upp_col_text(row, 7));
    out.function_mail = upp_lend(upp_col_text(row, 8));
    out.name = facts->name;
    out.handle = facts->handle;
    out.url = facts->url;
    out.purpose = facts->purpose;
    size_t bytes = 0;
    Uppsikt__RegisterRow *own = copy(&out, &bytes);
    if (p->n == PART_ROWS || p->bytes + bytes > PART_BYTES) {
        const int rc = part_ask(txn, config, p, false);
        if (rc < 0) {
            uppsikt__register_row__free_unpacked(own, NULL);
            return rc;
        }
    }
    p->rows[p->n++] = own;
    p->bytes += bytes;
    return 0;
}

static int read_seqs(upp_txn *txn, int64_t *ret_changed)
{
    UPP_ROWS row = upp_query(txn, "SELECT changed_seq FROM publication", NO_BIND);
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : upp_fail(txn, UPP_E_BUG, "no row of the publication");
    *ret_changed = upp_col_int(&row, 0);
    return 0;
}

static int collect(upp_txn *txn, const registry_config *config, part *p)
{
    UPP_ROWS row = upp_query(
        txn,
        "SELECT a.account, a.platform, a.state, a.open_since_ms, u.name, a.facts_ref, n.name,"
        " n.org_number, u.function_mail FROM account a JOIN unit u ON u.unit = a.unit"
        " JOIN authority n ON n.authority = u.authority WHERE a.state IN (?1, ?2)"
        " ORDER BY a.account",
        BIND(V(LIFE_OPEN), V(LIFE_CLOSING)));
    while (upp_next(&row))
        UPP_TRY(add_row(txn, config, p, &row));
    UPP_TRY(row.rc);
    return part_ask(txn, config, p, true);
}

/* All parts are the state of this one instant, which is what the log said at its last change
 * (I23). */
int publication_alarm(upp_txn *txn, const registry_config *config)
{
    part p = { 0 };
    if (!config->publish_folder)
        return 0;
    UPP_TRY(read_seqs(txn, &p.at_seq));
    const int rc = collect(txn, config, &p);
    part_clear(&p);
    return rc < 0 ? rc : 0;
}

/* Each part is answered; the first that comes says it. */
int publication_written(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    const Uppsikt__RegisterWritten *w = msg;
    if (in->dead || w->superseded)
        return 0;
    const int newer =
        upp_exec(txn, "UPDATE publication SET published_seq = ?1 WHERE published_seq < ?1",
                 BIND(V(w->at_seq)));
    if (newer <= 0)
        return newer;
    Uppsikt__RegisterPublished out = UPPSIKT__REGISTER_PUBLISHED__INIT;
    out.rows = w->rows;
    out.at_seq = w->at_seq;
    return upp_emit(txn, "register", &out.base, NULL);
}
