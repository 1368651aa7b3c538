/* disposal.c - gallring: a list, another person, everybody forgets, the protocol stays (R23; sla.md
 * P4, E30; ARCHITECTURE §5). */
#include "candidate.h"
#include "due.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PART = 200, SHOWN = 1000 };
#define WHO (ROLE_ARCHIVIST | ROLE_REGISTRAR | ROLE_COMMUNICATIONS | ROLE_MANAGER | ROLE_OPERATIONS)

/* -- proposing -- */
static void hash_of(const candidates *list, const ground *g, uint8_t ret_hash[32])
{
    due_list *sum = due_list_new(g->row, g->law);
    for (size_t i = 0; i < list->n; i++)
        if (list->rows[i].state == LISTED)
            upp_check(due_list_add(sum, list->rows[i].item));
    due_list_end(sum, ret_hash);
}

/* How many of each kind; the caller's rows. Gives how many there are. */
static size_t kinds_of(const candidates *list, Uppsikt__DisposalKind rows[COVER_KINDS],
                       Uppsikt__DisposalKind *ret_list[COVER_KINDS])
{
    size_t n = 0;
    for (unsigned i = 0; i < COVER_KINDS; i++) {
        if (list->taken[i] == 0 && list->left[i] == 0)
            continue;
        uppsikt__disposal_kind__init(&rows[n]);
        rows[n].kind = upp_lend(cover_word((enum cover_kind)i));
        rows[n].taken = list->taken[i];
        rows[n].left = list->left[i];
        ret_list[n] = &rows[n];
        n++;
    }
    return n;
}

static int reply_taken(upp_txn *txn, const char *id, const candidates *list, uint8_t hash[32])
{
    char **items = calloc(SHOWN, sizeof *items);
    Uppsikt__DisposalKind rows[COVER_KINDS], *kinds[COVER_KINDS];
    Uppsikt__DisposalTaken out = UPPSIKT__DISPOSAL_TAKEN__INIT;
    upp_check(items);
    for (size_t i = 0; i < list->n && out.n_items < SHOWN; i++)
        if (list->rows[i].state == LISTED)
            items[out.n_items++] = list->rows[i].item;
    out.disposal = upp_lend(id);
    out.count = (int64_t)(list->n - list->held - list->open);
    out.held = (int64_t)list->held;
    out.open = (int64_t)list->open;
    out.list_sha256 = (ProtobufCBinaryData){ 32, hash };
    out.items = items;
    out.kinds = kinds;
    out.n_kinds = kinds_of(list, rows, kinds);
    const int rc = upp_reply(txn, &out.base);
    free(items);
    return rc;
}

static int keep_list(upp_txn *txn, const upp_input *in, const char *id, const ground *g,
                     const candidates *list, const uint8_t hash[32])
{
    char hex[65], covers[COVER_TEXT];
    sodium_bin2hex(hex, sizeof hex, hash, 32);
    cover_text(g->covers, covers);
    UPP_TRY(upp_exec(
        txn,
        "INSERT INTO disposal(disposal, plan_row, law, decision, mandate, authority, person,"
        " count, held, open, list_hash, proposed_ms, process, kind, covers, by_kind)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, 1)",
        BIND(V(id), V(g->row), V(g->law), V(g->decision), V(g->mandate), V(g->authority), V(in->by),
             V((int64_t)(list->n - list->held - list->open)), V((int64_t)list->held),
             V((int64_t)list->open), V(hex), V(upp_now(txn)), V(g->process), V(g->kind),
             V(covers))));
    for (size_t i = 0; i < list->n; i++)
        UPP_TRY(upp_exec(
            txn, "INSERT INTO listed(disposal, item, state, what) VALUES(?1, ?2, ?3, ?4)",
            BIND(V(id), V(list->rows[i].item), V((int64_t)list->rows[i].state),
                 V(list->rows[i].kind == COVER_KINDS ? "" : cover_word(list->rows[i].kind)))));
    return 0;
}

int disposal_propose(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__ProposeDisposal *c = msg;
    ground g;
    char id[UPP_ID] = "";
    uint8_t hash[32];
    UPP_TRY(register_need(txn, in, WHO, NULL));
    UPP_TRY(candidate_ground(txn, c, in->by, &g));
    UPP_TRY(disposer_need(txn, self, in->by, &g));
    UPP_AUTO(candidates_done) candidates list = { 0 };
    UPP_TRY(candidate_list(txn, self, &g, c, &list));
    hash_of(&list, &g, hash);
    if (c->dry_run)
        return reply_taken(txn, "", &list, hash);
    if (list.n == list.held + list.open)
        return upp_refuse(txn, "nothing-due");
    upp_id(txn, id);
    UPP_TRY(keep_list(txn, in, id, &g, &list, hash));
    Uppsikt__DisposalProposed out = UPPSIKT__DISPOSAL_PROPOSED__INIT;
    out.disposal = id;
    out.plan_row = g.row;
    out.count = (int64_t)(list.n - list.held - list.open);
    out.list_sha256 = (ProtobufCBinaryData){ 32, hash };
    out.by = upp_lend(in->by);
    UPP_TRY(upp_emit(txn, id, &out.base, NULL));
    return reply_taken(txn, id, &list, hash);
}

/* -- a disposal's row -- */
typedef struct disposal {
    char id[EVIDENCE_ID], row[EVIDENCE_ID], law[128], decision[320], person[EVIDENCE_ID],
        second[EVIDENCE_ID], hash[65], services[256], authority[EVIDENCE_ID], covers[COVER_TEXT];
    int64_t state, count, held, open, parts, sent, by_kind;
    upp_ms proposed;
} disposal;

/* 1: there is none. */
static int read_disposal(upp_txn *txn, const char *id, disposal *ret_disposal)
{
    disposal d = { 0 };
    UPP_ROWS row = upp_query(txn,
                             "SELECT plan_row, law, decision, person, second, list_hash, services,"
                             " state, count, held, open, parts, sent, proposed_ms, authority,"
                             " covers, by_kind FROM disposal"
                             " WHERE disposal = ?1",
                             BIND(V(id)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : 1;
    snprintf(d.id, sizeof d.id, "%s", id);
    snprintf(d.row, sizeof d.row, "%s", upp_col_text(&row, 0));
    snprintf(d.law, sizeof d.law, "%s", upp_col_text(&row, 1));
    snprintf(d.decision, sizeof d.decision, "%s", upp_col_text(&row, 2));
    snprintf(d.person, sizeof d.person, "%s", upp_col_text(&row, 3));
    snprintf(d.second, sizeof d.second, "%s", upp_col_text(&row, 4));
    snprintf(d.hash, sizeof d.hash, "%s", upp_col_text(&row, 5));
    snprintf(d.services, sizeof d.services, "%s", upp_col_text(&row, 6));
    d.state = upp_col_int(&row, 7);
    d.count = upp_col_int(&row, 8);
    d.held = upp_col_int(&row, 9);
    d.open = upp_col_int(&row, 10);
    d.parts = upp_col_int(&row, 11);
    d.sent = upp_col_int(&row, 12);
    d.proposed = upp_col_int(&row, 13);
    snprintf(d.authority, sizeof d.authority, "%s", upp_col_text(&row, 14));
    snprintf(d.covers, sizeof d.covers, "%s", upp_col_text(&row, 15));
    d.by_kind = upp_col_int(&row, 16);
    *ret_disposal = d;
    return 0;
}

/* -- approving -- */
/* The ground that the list was made on; refused when the row is another one now. */
static int ground_of(upp_txn *txn, const disposal *d, ground *ret_ground)
{
    ground g = { 0 };
    if (!d->by_kind)
        return upp_refuse(txn, "list-of-before");
    if (!d->law[0])
        UPP_TRY(candidate_row(txn, d->row, &g));
    if (!d->law[0] &&
        (g.covers != cover_of_text(d->covers) || strcmp(g.decision, d->decision) != 0 ||
         (g.authority[0] && strcmp(g.authority, d->authority) != 0)))
        return upp_refuse(txn, "row-has-changed");
    snprintf(g.law, sizeof g.law, "%s", d->law);
    snprintf(g.authority, sizeof g.authority, "%s", d->authority);
    *ret_ground = g;
    return 0;
}

/* Held or open since it was proposed: left out now, and counted so. */
static int look_again(upp_txn *txn, const keeper *k, disposal *d, const ground *g)
{
    char after[EVIDENCE_ID] = "";
    for (;;) {
        enum listed_state now = LISTED;
        {
            UPP_ROWS row = upp_query(txn,
                                     "SELECT item FROM listed WHERE disposal = ?1 AND state = 0"
                                     " AND item > ?2 ORDER BY item LIMIT 1",
                                     BIND(V(d->id), V(after)));
            if (!upp_next(&row))
                return row.rc;
            snprintf(after, sizeof after, "%s", upp_col_text(&row, 0));
        }
        UPP_TRY(candidate_now(txn, k, after, g, &now));
        d->held += now == LISTED_HELD;
        d->open += now == LISTED_OPEN;
        d->count -= now != LISTED;
        UPP_TRY(upp_exec(
            txn, "UPDATE listed SET state = ?3 WHERE disposal = ?1 AND item = ?2",
            BIND(V(d->id), V(after), V((int64_t)(now == LISTED ? LISTED_APPROVED : now)))));
    }
}

static int send_part(upp_txn *txn, disposal *d)
{
    char items[PART][EVIDENCE_ID];
    char *list[PART];
    size_t n = 0;
    {
        UPP_ROWS row = upp_query(txn,
                                 "SELECT item FROM listed WHERE disposal = ?1 AND state = 3"
                                 " ORDER BY item LIMIT ?2 OFFSET ?3",
                                 BIND(V(d->id), V(PART), V(d->sent * PART)));
        while (n < PART && upp_next(&row)) {
            snprintf(items[n], EVIDENCE_ID, "%s", upp_col_text(&row, 0));
            list[n] = items[n];
            n++;
        }
        UPP_TRY(row.rc);
    }
    d->sent++;
    UPP_TRY(upp_exec(txn, "UPDATE disposal SET sent = ?2 WHERE disposal = ?1",
                     BIND(V(d->id), V(d->sent))));
    Uppsikt__DisposalApproved out = UPPSIKT__DISPOSAL_APPROVED__INIT;
    out.disposal = d->id;
    out.subjects = list;
    out.n_subjects = n;
    out.plan_row = d->row;
    out.decision = d->law[0] ? d->law : d->decision;
    out.by = d->person;
    out.second = d->second;
    out.part = (uint32_t)d->sent;
    out.parts = (uint32_t)d->parts;
    return upp_emit(txn, d->id, &out.base, NULL);
}

/* The next part, and an alarm for what comes after: one transaction never forgets too much, and
 * whether all is done already is asked when this one is. */
int disposal_alarm(upp_txn *txn, const char *id)
{
    char key[96];
    disposal d;
    const int missing = read_disposal(txn, id, &d);
    UPP_TRY(missing);
    if (missing || d.state != 1)
        return 0;
    if (d.sent >= d.parts)
        return disposal_consider(txn, id);
    snprintf(key, sizeof key, "dispose/%s", id);
    UPP_TRY(send_part(txn, &d));
    return upp_alarm(txn, key, upp_now(txn));
}

/* Beside those of the option: whoever has what is on the list, or its owner would be asked by
 * nobody. */
typedef struct searching {
    const char *name;
    bool named;
} searching;

static bool is_it(void *ctx, const char *name)
{
    searching *s = ctx;
    s->named = strcmp(s->name, name) == 0;
    return !s->named;
}

static int must_answer(upp_txn *txn, const keeper *k, const char *id, char ret_names[256])
{
    static const char *const owners[] = { "archive", "console" };
    const char *const preset = k->config->services ? k->config->services : "";
    size_t len = (size_t)snprintf(ret_names, 256, "%s", preset);
    UPP_ROWS row = upp_query(txn,
                             "SELECT max(what = 'package'), max(what = 'look' AND item GLOB"
                             " 'login.*') FROM listed WHERE disposal = ?1 AND state = 3",
                             BIND(V(id)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : UPP_E_BUG;
    for (int i = 0; i < (int)UPP_LEN(owners); i++) {
        searching s = { owners[i], false };
        (void)disposal_each_service(preset, is_it, &s);
        if (upp_col_int(&row, i) && !s.named && len < 240)
            len += (size_t)snprintf(ret_names + len, 256 - len, " %s", owners[i]);
    }
    return 0;
}

int disposal_approve(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const keeper *k = self;
    const Uppsikt__ApproveDisposal *c = msg;
    disposal d;
    ground g;
    char hex[65] = "", services[256];
    UPP_TRY(register_need(txn, in, WHO, NULL));
    const int missing = read_disposal(txn, c->disposal, &d);
    UPP_TRY(missing);
    if (missing)
        return upp_refuse(txn, "no-such-disposal");
    if (d.state != 0)
        return upp_refuse(txn, "disposal-not-proposed");
    if (strcmp(d.person, in->by) == 0)
        return upp_refuse(txn, "second-person");
    UPP_TRY(ground_of(txn, &d, &g));
    UPP_TRY(disposer_need_second(txn, k, d.person, in->by, &g));
    if (c->list_sha256.len == 32)
        sodium_bin2hex(hex, sizeof hex, c->list_sha256.data, 32);
    if (strcmp(hex, d.hash) != 0)
        return upp_refuse(txn, "another-list");
    UPP_TRY(jump_allows(txn, c->clock_is_right, d.proposed));
    UPP_TRY(look_again(txn, k, &d, &g));
    if (d.count == 0)
        return upp_refuse(txn, "nothing-due");
    UPP_TRY(must_answer(txn, k, d.id, services));
    d.parts = (d.count + PART - 1) / PART;
    UPP_TRY(upp_exec(txn,
                     "UPDATE disposal SET state = 1, second = ?2, count = ?3, held = ?4, open = ?5,"
                     " parts = ?6, approved_ms = ?7, services = ?8, keep_span = ?9"
                     " WHERE disposal = ?1",
                     BIND(V(d.id), V(in->by), V(d.count), V(d.held), V(d.open), V(d.parts),
                          V(upp_now(txn)), V(services), V(k->config->backups_span))));
    UPP_TRY(disposal_alarm(txn, d.id));
    Uppsikt__DisposalTaken out = UPPSIKT__DISPOSAL_TAKEN__INIT;
    out.disposal = d.id;
    out.count = d.count;
    out.held = d.held;
    out.open = d.open;
    out.list_sha256 = c->list_sha256;
    return upp_reply(txn, &out.base);
}

/* -- answers -- */
int disposal_forgotten(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__ContentForgotten *c = msg;
    disposal d;
    (void)self;
    const int missing = read_disposal(txn, c->disposal, &d);
    UPP_TRY(missing);
    if (missing)
        return 0;
    UPP_TRY(upp_exec(
        txn,
        "INSERT INTO answer(disposal, service, parts, contents, objects, parked, asks)"
        " VALUES(?1, ?2, 1, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET parts = parts + 1,"
        " contents = contents + ?3, objects = objects + ?4, parked = parked + ?5, asks = asks + ?6",
        BIND(V(d.id), V(in->source), V(c->contents), V(c->objects), V(c->parked), V(c->asks))));
    return disposal_consider(txn, d.id);
}

int disposal_each_service(const char *services, bool (*each)(void *ctx, const char *name),
                          void *ctx)
{
    int n = 0;
    for (const char *at = services; *at;) {
        char name[32];
        const size_t len = strcspn(at, " ,");
        if (len > 0 && len < sizeof name) {
            snprintf(name, sizeof name, "%.*s", (int)len, at);
            n++;
            if (!each(ctx, name))
                return n;
        }
        at += len + strspn(at + len, " ,");
    }
    return n;
}

typedef struct asking {
    upp_txn *txn;
    const disposal *d;
    int rc; /* 1: it has not answered all parts */
} asking;

static bool has_answered(void *ctx, const char *service)
{
    asking *a = ctx;
    UPP_ROWS row = upp_query(a->txn,
                             "SELECT 1 FROM answer WHERE disposal = ?1 AND service = ?2"
                             " AND parts >= ?3",
                             BIND(V(a->d->id), V(service), V(a->d->parts)));
    const bool has = upp_next(&row);
    a->rc = row.rc < 0 ? row.rc : !has;
    return a->rc == 0;
}

int disposal_answered(upp_txn *txn, const char *id, const char *service)
{
    disposal d = { 0 };
    asking a = { txn, &d, 0 };
    const int missing = read_disposal(txn, id, &d);
    UPP_TRY(missing);
    (void)has_answered(&a, service);
    return a.rc;
}

static int folders_left(upp_txn *txn, const char *id)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT 1 FROM removal WHERE disposal = ?1 UNION ALL"
                             " SELECT 1 FROM listed l INDEXED BY listed_package JOIN thing t"
                             " ON t.subject = l.item"
                             " WHERE l.disposal = ?1 AND l.state = 3 AND l.what = 'package'"
                             " AND t.removed = 0 LIMIT 1",
                             BIND(V(id)));
    return upp_next(&row) ? 1 : row.rc;
}

/* What went, as far as it is counted: copies with a leaf, and content rows of the others. */
static int say_disposed(upp_txn *txn, const disposal *d, upp_ms backups)
{
    Uppsikt__ContentDisposed out = UPPSIKT__CONTENT_DISPOSED__INIT;
    uint8_t hash[32];
    size_t n = 0;
    {
        UPP_ROWS row =
            upp_query(txn,
                      "SELECT (SELECT count(*) FROM record r JOIN listed l ON l.item = r.item"
                      "  WHERE l.disposal = ?1 AND l.state = 3 AND r.leaf >= 0),"
                      " (SELECT coalesce(sum(contents), 0) FROM answer WHERE disposal = ?1)",
                      BIND(V(d->id)));
        if (!upp_next(&row))
            return row.rc < 0 ? row.rc : UPP_E_BUG;
        out.records = upp_col_int(&row, 0);
        out.contents = upp_col_int(&row, 1);
    }
    upp_check(sodium_hex2bin(hash, sizeof hash, d->hash, strlen(d->hash), NULL, &n, NULL) == 0);
    out.disposal = upp_lend(d->id);
    out.plan_row = upp_lend(d->row);
    out.held = d->held;
    out.at_ms = upp_now(txn);
    out.backups_expire_ms = backups;
    out.list_sha256 = (ProtobufCBinaryData){ 32, hash };
    return upp_emit(txn, d->id, &out.base, NULL);
}

/* Done when every part is said, everybody has answered each, and no folder is left. */
int disposal_consider(upp_txn *txn, const char *id)
{
    disposal d = { 0 };
    asking a = { txn, &d, 0 };
    const int missing = read_disposal(txn, id, &d);
    UPP_TRY(missing);
    if (missing || d.state != 1 || d.sent < d.parts)
        return 0;
    const int left = folders_left(txn, id);
    UPP_TRY(left);
    (void)disposal_each_service(d.services, has_answered, &a);
    UPP_TRY(a.rc);
    if (left || a.rc)
        return 0;
    UPP_TRY(upp_exec(txn,
                     "UPDATE disposal SET state = 2, disposed_ms = ?2, backups_ms = ?2 + keep_span"
                     " WHERE disposal = ?1",
                     BIND(V(id), V(upp_now(txn)))));
    UPP_ROWS row =
        upp_query(txn, "SELECT backups_ms FROM disposal WHERE disposal = ?1", BIND(V(id)));
    const upp_ms backups = upp_next(&row) ? upp_col_int(&row, 0) : 0;
    UPP_TRY(row.rc);
    upp_rows_done(&row);
    return say_disposed(txn, &d, backups);
}
