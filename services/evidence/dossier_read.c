/* dossier_read.c - a record's dossier, read back from the rows and the content that are kept. */
#include "dossier.h"
#include "evidence.h"
#include "uppsikt/registry.pb-c.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ATTACHMENTS = 20, ATTEMPTS = 10, GATHERED = ATTACHMENTS + 24 };

struct reading {
    dossier d;
    record r;
    char platform[32], lang[16], account_name[200];
    char row[EVIDENCE_ID], row_decision[320], mandate[320];
    ProtobufCMessage *said, *account, *who, *words[CONTEXT_MAX], *gathered[GATHERED];
    char context_items[CONTEXT_MAX][EVIDENCE_ID];
    dossier_words context[CONTEXT_MAX];
    dossier_media media[ATTACHMENTS];
    dossier_attempt attempts[ATTACHMENTS][ATTEMPTS];
    char answers[ATTACHMENTS][ATTEMPTS][32];
    const Uppsikt__GatheredFile *files[GATHERED];
    dossier_decision decision;
    char decided[6][EVIDENCE_ID + 300];
};

void dossier_read_done(reading **at)
{
    reading *g = *at;
    if (!g)
        return;
    upp_msg_freep(&g->said);
    upp_msg_freep(&g->account);
    upp_msg_freep(&g->who);
    for (size_t i = 0; i < CONTEXT_MAX; i++)
        upp_msg_freep(&g->words[i]);
    for (size_t i = 0; i < GATHERED; i++)
        upp_msg_freep(&g->gathered[i]);
    free(g);
    *at = NULL;
}

const dossier *dossier_of(const reading *g)
{
    return &g->d;
}

/* -- the item and its words -- */
static int read_words(upp_txn *txn, reading *g)
{
    int64_t ref = 0;
    {
        UPP_ROWS row = upp_query(
            txn,
            "SELECT i.platform, i.lang, i.received_ms, i.seen_ms, v.text_ref,"
            " coalesce((SELECT min(due_ms) FROM matter m WHERE m.item = i.item AND m.kind = 2"
            "  AND m.due_ms > 0), 0) FROM item i JOIN version v ON v.item = i.item"
            " WHERE i.item = ?1 AND v.version = ?2",
            BIND(V(g->r.item), V(g->r.version)));
        if (!upp_next(&row))
            return row.rc < 0 ? row.rc : 1;
        snprintf(g->platform, sizeof g->platform, "%s", upp_col_text(&row, 0));
        snprintf(g->lang, sizeof g->lang, "%s", upp_col_text(&row, 1));
        g->d.received = upp_col_int(&row, 2);
        g->d.seen = upp_col_int(&row, 3);
        ref = upp_col_int(&row, 4);
        g->d.due = upp_col_int(&row, 5);
    }
    const int missing =
        upp_recall(txn, ref, &uppsikt__comment_received_content__descriptor, &g->said);
    g->d.said = (const Uppsikt__CommentReceivedContent *)g->said;
    return missing;
}

static int read_account(upp_txn *txn, reading *g)
{
    int64_t ref = 0;
    {
        UPP_ROWS row = upp_query(txn, "SELECT platform, name_ref FROM account WHERE account = ?1",
                                 BIND(V(g->r.account)));
        if (upp_next(&row)) {
            if (!g->platform[0])
                snprintf(g->platform, sizeof g->platform, "%s", upp_col_text(&row, 0));
            ref = upp_col_int(&row, 1);
        }
        UPP_TRY(row.rc);
    }
    const int missing =
        upp_recall(txn, ref, &uppsikt__account_changed_content__descriptor, &g->account);
    UPP_TRY(missing);
    snprintf(g->account_name, sizeof g->account_name, "%s",
             missing ? g->r.account : ((const Uppsikt__AccountChangedContent *)g->account)->name);
    return 0;
}

/* -- the context -- */
static int read_parent(upp_txn *txn, const char *item, char ret_parent[EVIDENCE_ID],
                       char ret_thread[EVIDENCE_ID])
{
    ret_parent[0] = ret_thread[0] = '\0';
    UPP_ROWS row = upp_query(txn, "SELECT parent, thread FROM item WHERE item = ?1", BIND(V(item)));
    if (upp_next(&row)) {
        snprintf(ret_parent, EVIDENCE_ID, "%s", upp_col_text(&row, 0));
        snprintf(ret_thread, EVIDENCE_ID, "%s", upp_col_text(&row, 1));
    }
    return row.rc;
}

static bool listed(const context_row *rows, size_t n, const char *item)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(rows[i].item, item) == 0)
            return true;
    return false;
}

static void add(context_row *rows, size_t *n, const char *item, const char *role)
{
    if (!item[0] || *n == CONTEXT_MAX || listed(rows, *n, item))
        return;
    snprintf(rows[*n].item, EVIDENCE_ID, "%s", item);
    rows[(*n)++].role = role;
}

static int add_answers(upp_txn *txn, const char *item, context_row *rows, size_t *n)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT item FROM item WHERE parent = ?1 AND kind = 2"
                             " AND platform = '' ORDER BY received_ms, item LIMIT 4",
                             BIND(V(item)));
    while (upp_next(&row))
        add(rows, n, upp_col_text(&row, 0), "answer");
    return row.rc;
}

/* The thread's top, what stands between it and the comment, and what we have answered. */
int dossier_context(upp_txn *txn, const char *item, context_row ret_rows[CONTEXT_MAX],
                    size_t *ret_n)
{
    enum { ANCESTORS = 6 };
    context_row above[ANCESTORS];
    char parent[EVIDENCE_ID], thread[EVIDENCE_ID], top[EVIDENCE_ID];
    size_t n_above = 0;
    *ret_n = 0;
    UPP_TRY(read_parent(txn, item, parent, thread));
    snprintf(top, sizeof top, "%s", strcmp(thread, item) == 0 ? "" : thread);
    while (n_above < ANCESTORS && parent[0] && strcmp(parent, item) != 0 &&
           !listed(above, n_above, parent)) {
        char next[EVIDENCE_ID];
        add(above, &n_above, parent, "ancestor");
        UPP_TRY(read_parent(txn, above[n_above - 1].item, next, thread));
        snprintf(parent, sizeof parent, "%s", next);
    }
    if (!top[0] && n_above > 0) {
        n_above--;
        snprintf(top, sizeof top, "%s", above[n_above].item);
    }
    add(ret_rows, ret_n, top, "post");
    while (n_above > 0)
        add(ret_rows, ret_n, above[--n_above].item, "ancestor");
    return add_answers(txn, item, ret_rows, ret_n);
}

static int read_one(upp_txn *txn, reading *g, size_t i, const context_row *from)
{
    int64_t ref = 0;
    dossier_words *w = &g->context[i];
    memcpy(g->context_items[i], from->item, EVIDENCE_ID);
    *w = (dossier_words){ .item = g->context_items[i], .role = from->role };
    {
        UPP_ROWS row = upp_query(txn,
                                 "SELECT v.text_ref, i.received_ms FROM item i JOIN version v"
                                 " ON v.item = i.item WHERE i.item = ?1 ORDER BY v.version DESC"
                                 " LIMIT 1",
                                 BIND(V(from->item)));
        if (upp_next(&row)) {
            ref = upp_col_int(&row, 0);
            w->at = upp_col_int(&row, 1);
        }
        UPP_TRY(row.rc);
    }
    const int missing =
        upp_recall(txn, ref, &uppsikt__comment_received_content__descriptor, &g->words[i]);
    w->said = (const Uppsikt__CommentReceivedContent *)g->words[i];
    return missing < 0 ? missing : 0;
}

static int read_context(upp_txn *txn, reading *g)
{
    context_row rows[CONTEXT_MAX];
    UPP_TRY(dossier_context(txn, g->r.item, rows, &g->d.n_context));
    for (size_t i = 0; i < g->d.n_context; i++)
        UPP_TRY(read_one(txn, g, i, &rows[i]));
    g->d.context = g->context;
    return 0;
}

/* -- what came from outside -- */
static int read_attempts(upp_txn *txn, reading *g, size_t i)
{
    dossier_media *m = &g->media[i];
    UPP_ROWS row = upp_query(txn,
                             "SELECT at_ms, answer FROM attempt WHERE record = ?1 AND number = ?2"
                             " ORDER BY try",
                             BIND(V(g->r.id), V(m->number)));
    while (m->n_attempts < ATTEMPTS && upp_next(&row)) {
        char *answer = g->answers[i][m->n_attempts];
        snprintf(answer, sizeof g->answers[i][0], "%s", upp_col_text(&row, 1));
        g->attempts[i][m->n_attempts++] = (dossier_attempt){ upp_col_int(&row, 0), answer };
    }
    m->attempts = g->attempts[i];
    return row.rc;
}

static int read_media(upp_txn *txn, reading *g)
{
    static const char *const states[] = { "waits", "kept", "gone", "refused" };
    const bool withheld = strcmp(g->r.status, "withheld") == 0;
    size_t n = g->d.said->n_attachments < ATTACHMENTS ? g->d.said->n_attachments : ATTACHMENTS;
    for (size_t i = 0; i < n; i++)
        g->media[i] =
            (dossier_media){ .number = (uint32_t)i + 1, .state = withheld ? "withheld" : "waits" };
    {
        UPP_ROWS row =
            upp_query(txn, "SELECT number, state FROM media WHERE record = ?1", BIND(V(g->r.id)));
        while (upp_next(&row)) {
            const int64_t number = upp_col_int(&row, 0), state = upp_col_int(&row, 1);
            if (number >= 1 && number <= (int64_t)n && state >= 0 && state < 4)
                g->media[number - 1].state = states[state];
        }
        UPP_TRY(row.rc);
    }
    for (size_t i = 0; i < n; i++)
        UPP_TRY(read_attempts(txn, g, i));
    g->d.media = g->media;
    g->d.n_media = n;
    return 0;
}

static int read_gathered(upp_txn *txn, reading *g)
{
    int64_t refs[GATHERED];
    size_t n = 0;
    {
        UPP_ROWS row = upp_query(
            txn, "SELECT file_ref FROM gathered WHERE record = ?1 ORDER BY path", BIND(V(g->r.id)));
        while (n < GATHERED && upp_next(&row))
            refs[n++] = upp_col_int(&row, 0);
        UPP_TRY(row.rc);
    }
    for (size_t i = 0; i < n; i++) {
        const int missing =
            upp_recall(txn, refs[i], &uppsikt__gathered_file__descriptor, &g->gathered[i]);
        if (missing)
            return missing;
        g->files[i] = (const Uppsikt__GatheredFile *)g->gathered[i];
    }
    g->d.gathered = g->files;
    g->d.n_gathered = n;
    return 0;
}

/* -- the decision that asks for it, as far as one was made on this version -- */
static const char *action_name(int64_t action)
{
    return action == UPPSIKT__ITEM_ACTION__ITEM_ACTION_DELETE ? "delete"
           : action == UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE ? "hide"
                                                              : "keep";
}

static int read_decision(upp_txn *txn, reading *g)
{
    int64_t ref = 0;
    {
        UPP_ROWS row = upp_query(
            txn,
            "SELECT d.decision, d.reason, d.plan_row, d.law, d.person, d.second, d.action, d.at_ms,"
            " coalesce(p.who_ref, 0) FROM decision d LEFT JOIN person p ON p.person = d.person"
            " WHERE d.item = ?1 AND d.version = ?2 ORDER BY d.at_ms DESC, d.decision DESC LIMIT 1",
            BIND(V(g->r.item), V(g->r.version)));
        if (!upp_next(&row))
            return row.rc;
        for (int i = 0; i < 6; i++)
            snprintf(g->decided[i], sizeof g->decided[i], "%s", upp_col_text(&row, i));
        g->decision = (dossier_decision){ .decision = g->decided[0],
                                          .reason = g->decided[1],
                                          .plan_row = g->decided[2],
                                          .law = g->decided[3],
                                          .by = g->decided[4],
                                          .second = g->decided[5],
                                          .action = action_name(upp_col_int(&row, 6)),
                                          .at = upp_col_int(&row, 7),
                                          .name = "",
                                          .title = "" };
        ref = upp_col_int(&row, 8);
    }
    const int missing = upp_recall(txn, ref, &uppsikt__decider__descriptor, &g->who);
    UPP_TRY(missing);
    if (!missing) {
        g->decision.name = ((const Uppsikt__Decider *)g->who)->name;
        g->decision.title = ((const Uppsikt__Decider *)g->who)->title;
    }
    g->d.decision = &g->decision;
    return 0;
}

static int read_row(upp_txn *txn, reading *g)
{
    if (!g->d.decision || !g->decision.plan_row[0])
        return 0;
    UPP_ROWS row = upp_query(txn, "SELECT row, decision, mandate FROM retention WHERE row = ?1",
                             BIND(V(g->decision.plan_row)));
    if (upp_next(&row)) {
        snprintf(g->row, sizeof g->row, "%s", upp_col_text(&row, 0));
        snprintf(g->row_decision, sizeof g->row_decision, "%s", upp_col_text(&row, 1));
        snprintf(g->mandate, sizeof g->mandate, "%s", upp_col_text(&row, 2));
    }
    return row.rc;
}

static int read_all(upp_txn *txn, reading *g)
{
    const int missing = read_words(txn, g);
    if (missing)
        return missing;
    UPP_TRY(read_account(txn, g));
    UPP_TRY(read_context(txn, g));
    UPP_TRY(read_media(txn, g));
    const int lost = read_gathered(txn, g);
    if (lost)
        return lost;
    UPP_TRY(read_decision(txn, g));
    return read_row(txn, g);
}

int dossier_read(upp_txn *txn, const keeper *k, const record *r, reading **ret_reading)
{
    reading *g = calloc(1, sizeof *g);
    upp_check(g);
    *ret_reading = g;
    g->r = *r;
    const int rc = read_all(txn, g);
    g->d.record = g->r.id;
    g->d.item = g->r.item;
    g->d.account = g->r.account;
    g->d.account_name = g->account_name;
    g->d.platform = g->platform;
    g->d.lang = g->lang;
    g->d.status = g->r.status;
    g->d.version = g->r.version;
    g->d.level = g->r.level;
    g->d.captured = g->r.began;
    g->d.row = g->row;
    g->d.row_decision = g->row_decision;
    g->d.mandate = g->mandate;
    g->d.tz = k->tz;
    return rc;
}
