/* collect.c - the lists of what was written: a page of items is turned into lines, the lines go to
 * disk in parts, and when they are safe there comes the next page. */
#include "archive.h"
#include "line.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_ITEMS = 16, PAGE_BYTES = 40 * 1024 };

typedef struct page {
    buf lines;
    char items[PAGE_ITEMS][64];
    size_t n_items, n_read;
    int64_t n_lines, n_forgotten;
} page;

static void page_done(page *p)
{
    buf_done(&p->lines);
}

/* Every version of one item that belongs to this package. */
static int put_item(upp_txn *txn, const run_row *r, const upp_rows *item, page *p)
{
    line_facts facts = { .item = upp_col_text(item, 0),
                         .kind = upp_col_text(item, 1),
                         .parent = upp_col_text(item, 2),
                         .at_ms = upp_col_int(item, 3),
                         .gone_ms = upp_col_int(item, 4) };
    const int64_t before = p->n_lines;
    UPP_ROWS row = upp_query(txn,
                             "SELECT version, seen_ms, what_ref FROM version WHERE item = ?1"
                             " AND heard_ms >= ?2 AND heard_ms < ?3 ORDER BY version",
                             BIND(V(facts.item), V(r->from_ms), V(r->to_ms)));
    while (upp_next(&row)) {
        UPP_AUTO(upp_msg_freep) ProtobufCMessage *what = NULL;
        const int gone = upp_recall(txn, upp_col_int(&row, 2),
                                    &uppsikt__comment_received_content__descriptor, &what);
        UPP_TRY(gone);
        if (gone) {
            p->n_forgotten++;
            continue;
        }
        facts.version = (uint32_t)upp_col_int(&row, 0);
        facts.seen_ms = upp_col_int(&row, 1);
        UPP_TRY(line_put(&facts, (const Uppsikt__CommentReceivedContent *)what, &p->lines));
        p->n_lines++;
    }
    UPP_TRY(row.rc);
    p->n_read++;
    if (p->n_lines > before) /* what is forgotten must not hold up the others */
        snprintf(p->items[p->n_items++], sizeof p->items[0], "%s", facts.item);
    return 0;
}

static int read_page(upp_txn *txn, run_row *r, page *p)
{
    UPP_ROWS row = upp_query(
        txn,
        "SELECT i.item, i.kind, i.parent, i.at_ms, i.gone_ms FROM item i WHERE i.account = ?1"
        " AND i.own = ?2 AND i.item > ?3 AND EXISTS (SELECT 1 FROM version v"
        " WHERE v.item = i.item AND v.heard_ms >= ?4 AND v.heard_ms < ?5)"
        " ORDER BY i.item LIMIT ?6",
        BIND(V(r->account), V(r->own), V(r->after_item), V(r->from_ms), V(r->to_ms),
             V((int64_t)PAGE_ITEMS)));
    while (p->lines.len < PAGE_BYTES && upp_next(&row)) {
        UPP_TRY(put_item(txn, r, &row, p));
        snprintf(r->after_item, sizeof r->after_item, "%s", upp_col_text(&row, 0));
    }
    return row.rc;
}

static const char *list_of(const run_row *r)
{
    return r->own ? "api/posts.jsonl" : "api/comments.jsonl";
}

/* One part; forgetting any of the items it is about takes it away, and the run begins anew. 1: the
 * account itself is forgotten. */
static int ask_part(upp_txn *txn, const archive *self, run_row *r, const page *p,
                    const Uppsikt__StorePart *part)
{
    char subject[48], folder[ARCHIVE_PATH], key[128];
    const char *about[PAGE_ITEMS + 3] = { NULL };
    Uppsikt__StorePart out = *part;
    run_subject(r, subject);
    run_folder(self, r, folder);
    about[0] = subject;
    about[1] = r->account;
    for (size_t i = 0; i < p->n_items; i++)
        about[i + 2] = p->items[i];
    snprintf(key, sizeof key, "%s/%s/%lld%s", subject, out.file, (long long)out.offset,
             out.last ? "/last" : "");
    out.folder = folder;
    r->parts_out++;
    return upp_ask(txn, "intake", about, key, &out.base);
}

static int ask_lines(upp_txn *txn, const archive *self, run_row *r, const page *p)
{
    int64_t *at = r->own ? &r->posts_at : &r->comments_at;
    for (size_t from = 0; from < p->lines.len;) {
        Uppsikt__StorePart part = UPPSIKT__STORE_PART__INIT;
        const size_t left = p->lines.len - from, n = left < ARCHIVE_PART ? left : ARCHIVE_PART;
        part.file = upp_lend(list_of(r));
        part.offset = *at;
        part.bytes = (ProtobufCBinaryData){ n, p->lines.at + from };
        const int asked = ask_part(txn, self, r, p, &part);
        if (asked)
            return asked;
        *at += (int64_t)n;
        from += n;
    }
    return 0;
}

/* The end of a list: its file is synced, also when it is empty. */
static int ask_last(upp_txn *txn, const archive *self, run_row *r)
{
    const page none = { 0 };
    Uppsikt__StorePart part = UPPSIKT__STORE_PART__INIT;
    part.file = upp_lend(list_of(r));
    part.offset = r->own ? r->posts_at : r->comments_at;
    part.last = true;
    return ask_part(txn, self, r, &none, &part);
}

static int save(upp_txn *txn, const run_row *r)
{
    return upp_exec(txn,
                    "UPDATE run SET own = ?2, after_item = ?3, parts_out = ?4, posts_at = ?5,"
                    " comments_at = ?6, posts = ?7, comments = ?8, forgotten = ?9 WHERE run = ?1",
                    BIND(V(r->run), V(r->own), V(r->after_item), V(r->parts_out), V(r->posts_at),
                         V(r->comments_at), V(r->posts), V(r->comments), V(r->forgotten)));
}

/* The next pages, until something must be written. */
static int next_page(upp_txn *txn, const archive *self, run_row *r)
{
    UPP_AUTO(page_done) page p = { 0 };
    do {
        p.n_read = 0;
        UPP_TRY(read_page(txn, r, &p));
    } while (p.n_read > 0 && p.lines.len == 0);
    *(r->own ? &r->posts : &r->comments) += p.n_lines;
    r->forgotten += p.n_forgotten;
    const int asked = p.lines.len > 0 ? ask_lines(txn, self, r, &p) : ask_last(txn, self, r);
    UPP_TRY(asked);
    return asked ? run_fail(txn, r, "forgotten") : save(txn, r);
}

int collect_start(upp_txn *txn, const archive *self, run_row *r)
{
    snprintf(r->content, sizeof r->content, "%s", "missing");
    return next_page(txn, self, r);
}

static int list_ended(upp_txn *txn, const archive *self, run_row *r)
{
    if (r->own) {
        r->own = 0;
        r->after_item[0] = '\0';
        return next_page(txn, self, r);
    }
    UPP_TRY(save(txn, r));
    snprintf(r->content, sizeof r->content, "%s",
             r->posts + r->comments > 0 ? "automatic" : "missing");
    return run_collected(txn, self, r);
}

static int part_stored(upp_txn *txn, const archive *self, const upp_input *in,
                       const Uppsikt__PartStored *s)
{
    run_row r;
    const int stale = run_of_answer(txn, self, in->subject, &r);
    if (stale || r.state != RUN_COLLECTING)
        return stale < 0 ? stale : 0;
    if (in->dead || s->failed[0])
        return run_fail(txn, &r, in->dead ? "disk" : s->failed);
    r.parts_out--;
    if (s->last)
        return list_ended(txn, self, &r);
    return r.parts_out > 0 ? save(txn, &r) : next_page(txn, self, &r);
}

/* Answers of port intake are about a removal, what was handed in, or a list. */
int collect_stored(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    if (strcmp(in->subject, "removal") == 0)
        return 0;
    if (strncmp(in->subject, "gone/", 5) == 0)
        return removal_done(txn, in, msg);
    if (strncmp(in->subject, "hand/", 5) == 0)
        return hand_in_stored(txn, self, in, msg);
    return part_stored(txn, self, in, msg);
}
