/* read_desk.c - the lists: what waits on the accounts that she may see, what runs out first. */
#include "console.h"
#include "uppsikt/registry.pb-c.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 50, PAGE_MAX = 200, TEXT_MAX = DESK_TEXT - 8 };

void desk_done(desk_shown *shown)
{
    upp_msg_freep(&shown->what);
}

static void fill_matter(const upp_rows *m, upp_ms now, desk_shown *s)
{
    uppsikt__desk_row__init(&s->row);
    uppsikt__matter_opened__init(&s->opened);
    uppsikt__desk_row_content__init(&s->content);
    snprintf(s->matter, sizeof s->matter, "%s", upp_col_text(m, 0));
    snprintf(s->item, sizeof s->item, "%s", upp_col_text(m, 1));
    snprintf(s->account, sizeof s->account, "%s", upp_col_text(m, 2));
    s->opened.matter = s->matter;
    s->opened.item = s->item;
    s->opened.account = s->account;
    s->opened.kind = (Uppsikt__MatterKind)upp_col_int(m, 3);
    s->opened.round = (uint32_t)upp_col_int(m, 4);
    s->opened.version = (uint32_t)upp_col_int(m, 5);
    s->opened.received_ms = upp_col_int(m, 6);
    s->opened.due_ms = upp_col_int(m, 7);
    s->opened.attended_due_ms = upp_col_int(m, 8);
    s->opened.akut = upp_col_int(m, 9) != 0;
    s->opened.duty = (Uppsikt__Duty)upp_col_int(m, 10);
    s->opened.late_discovered = upp_col_int(m, 11) != 0;
    s->opened.records_request = upp_col_int(m, 12) != 0;
    s->row.opened = &s->opened;
    s->row.breached = upp_col_int(m, 13) != 0;
    s->state = (int)upp_col_int(m, 17);
    s->how = (int)upp_col_int(m, 18);
    s->ended_ms = upp_col_int(m, 19);
    if (upp_col_int(m, 15) > now)
        snprintf(s->owner, sizeof s->owner, "%s", upp_col_text(m, 14));
    s->row.owner = s->owner;
    s->row.order_ms = upp_col_int(m, 16);
    snprintf(s->errand, sizeof s->errand, "%s", upp_col_text(m, 20));
    s->opened.errand = s->errand;
    s->opened.anew = upp_col_int(m, 25) != 0;
    snprintf(s->handed_to, sizeof s->handed_to, "%s", upp_col_text(m, 22));
    snprintf(s->handed_by, sizeof s->handed_by, "%s", upp_col_text(m, 24));
    s->row.handed_to = s->handed_to;
    s->row.asked = upp_col_int(m, 23) != 0;
    s->row.answer_proposed = upp_col_text(m, 21)[0] != '\0';
    s->row.platform = s->platform;
    s->row.approval = s->approval;
    s->row.asked_by = s->asked_by;
    s->row.reason = s->reason;
    s->row.proposed_reason = s->proposed_reason;
    s->row.findings = s->list;
}

static int fill_item(upp_txn *txn, desk_shown *s)
{
    UPP_ROWS row =
        upp_query(txn,
                  "SELECT kind, CASE platform WHEN '' THEN coalesce((SELECT a.platform FROM account"
                  " a WHERE a.account = ?2), '') ELSE platform END, attachments, hidden FROM item"
                  " WHERE item = ?1",
                  BIND(V(s->item), V(s->account)));
    if (upp_next(&row)) {
        s->row.item_kind = (Uppsikt__ItemKind)upp_col_int(&row, 0);
        snprintf(s->platform, sizeof s->platform, "%s", upp_col_text(&row, 1));
        s->row.attachments = (uint32_t)upp_col_int(&row, 2);
        s->row.hidden = upp_col_int(&row, 3) != 0;
    }
    return row.rc;
}

static int fill_text(upp_txn *txn, desk_shown *s)
{
    int64_t ref = 0;
    {
        UPP_ROWS row = upp_query(txn,
                                 "SELECT version, what_ref FROM version WHERE item = ?1"
                                 " ORDER BY version DESC LIMIT 1",
                                 BIND(V(s->item)));
        if (upp_next(&row)) {
            s->row.versions = (uint32_t)upp_col_int(&row, 0);
            ref = upp_col_int(&row, 1);
        }
        UPP_TRY(row.rc);
    }
    const int forgotten =
        upp_recall(txn, ref, &uppsikt__comment_received_content__descriptor, &s->what);
    UPP_TRY(forgotten);
    if (forgotten)
        return 0;
    const Uppsikt__CommentReceivedContent *c = (const Uppsikt__CommentReceivedContent *)s->what;
    s->content.text = c->text;
    s->content.author = c->author ? c->author->name : s->content.author;
    s->content.context = c->parent_text;
    return 0;
}

static int fill_findings(upp_txn *txn, desk_shown *s)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT likely, review FROM judged WHERE item = ?1"
                             " ORDER BY version DESC LIMIT 1",
                             BIND(V(s->item)));
    if (!upp_next(&row))
        return row.rc;
    s->row.judged = true;
    for (int label = 1; label < 16 && s->row.n_findings < UPP_LEN(s->list); label++) {
        const bool likely = upp_col_int(&row, 0) >> label & 1;
        if (!likely && !(upp_col_int(&row, 1) >> label & 1))
            continue;
        Uppsikt__Finding *f = &s->findings[s->row.n_findings];
        uppsikt__finding__init(f);
        f->label = (Uppsikt__Label)label;
        f->band = likely ? UPPSIKT__BAND__BAND_LIKELY : UPPSIKT__BAND__BAND_REVIEW;
        s->list[s->row.n_findings++] = f;
    }
    return row.rc;
}

static int fill_approval(upp_txn *txn, desk_shown *s)
{
    UPP_ROWS row = upp_query(
        txn,
        "SELECT a.approval, a.person, a.expires_ms, coalesce((SELECT d.reason FROM decision d"
        " WHERE d.matter = a.matter ORDER BY d.at_ms DESC LIMIT 1), '') FROM approval a"
        " WHERE a.matter = ?1 AND a.ended = 0 AND a.expires_ms > ?2 LIMIT 1",
        BIND(V(s->matter), V(upp_now(txn))));
    if (!upp_next(&row))
        return row.rc;
    snprintf(s->approval, sizeof s->approval, "%s", upp_col_text(&row, 0));
    snprintf(s->asked_by, sizeof s->asked_by, "%s", upp_col_text(&row, 1));
    s->row.expires_ms = upp_col_int(&row, 2);
    snprintf(s->reason, sizeof s->reason, "%s", upp_col_text(&row, 3));
    return row.rc;
}

/* What was decided about the newest version and is not done: on its way, or a person's to do. */
static int fill_way(upp_txn *txn, desk_shown *s)
{
    UPP_ROWS row = upp_query(
        txn,
        "SELECT d.action, coalesce((SELECT x.state FROM action x WHERE x.action = d.decision),"
        " 'waiting') FROM decision d WHERE d.item = ?1 AND d.version = ?2 AND d.item <> ''"
        " ORDER BY d.at_ms DESC, d.action DESC LIMIT 1",
        BIND(V(s->item), V((int64_t)s->row.versions)));
    if (!upp_next(&row) || strcmp(upp_col_text(&row, 1), "done") == 0)
        return row.rc;
    if (upp_col_int(&row, 0) == UPPSIKT__ITEM_ACTION__ITEM_ACTION_KEEP)
        return 0;
    s->row.decided = (Uppsikt__ItemAction)upp_col_int(&row, 0);
    snprintf(s->way, sizeof s->way, "%s", upp_col_text(&row, 1));
    s->row.way = s->way;
    return row.rc;
}

/* What was decided on the same words; an edit makes others of them. */
static int fill_proposal(upp_txn *txn, desk_shown *s)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT p.action, coalesce(d.reason, '') FROM proposal p"
                             " LEFT JOIN decision d USING (decision) WHERE p.matter = ?1",
                             BIND(V(s->matter)));
    if (s->row.versions > 1 || !upp_next(&row))
        return row.rc;
    s->row.proposed = (Uppsikt__ItemAction)upp_col_int(&row, 0);
    snprintf(s->proposed_reason, sizeof s->proposed_reason, "%s", upp_col_text(&row, 1));
    return row.rc;
}

/* The account's name; where somebody seems to be away, hers: the matter's id is hers and ".y1". */
static int fill_about(upp_txn *txn, desk_shown *s)
{
    char person[CONSOLE_ID];
    if (strcmp(s->errand, "seems-away") != 0)
        return console_account_name(txn, s->account, s->account_name, sizeof s->account_name);
    snprintf(person, sizeof person, "%.*s", (int)(strrchr(s->matter, '.') - s->matter), s->matter);
    return console_name(txn, person, s->account_name, sizeof s->account_name);
}

int desk_fill(upp_txn *txn, const char *matter, desk_shown *ret_shown)
{
    desk_shown *s = ret_shown;
    {
        UPP_ROWS row = upp_query(
            txn,
            "SELECT matter, item, account, kind, round, version, received_ms, due_ms, attended_ms,"
            " akut, duty, late, records, breached, owner, owner_until, order_ms, state, how,"
            " ended_ms, errand, proposed, handed_to, asked, handed_by, first_ms FROM matter"
            " WHERE matter = ?1",
            BIND(V(matter)));
        if (!upp_next(&row))
            return row.rc < 0 ? row.rc : 1;
        fill_matter(&row, upp_now(txn), s);
    }
    UPP_TRY(fill_item(txn, s));
    UPP_TRY(fill_text(txn, s));
    UPP_TRY(fill_findings(txn, s));
    UPP_TRY(fill_approval(txn, s));
    UPP_TRY(fill_way(txn, s));
    UPP_TRY(fill_proposal(txn, s));
    UPP_TRY(console_name(txn, s->owner, s->owner_name, sizeof s->owner_name));
    UPP_TRY(console_name(txn, s->asked_by, s->asked_name, sizeof s->asked_name));
    UPP_TRY(fill_about(txn, s));
    UPP_TRY(console_name(txn, s->handed_by, s->handed_name, sizeof s->handed_name));
    s->content.handed_by = s->handed_name;
    s->content.owner = s->owner_name;
    s->content.asked_by = s->asked_name;
    s->content.account = s->account_name;
    return 0;
}

void desk_cover(desk_shown *s, char start[DESK_TEXT])
{
    if (s->row.item_kind == UPPSIKT__ITEM_KIND__ITEM_KIND_MESSAGE) {
        s->content.text = upp_lend("");
        s->content.author = upp_lend("");
        s->content.context = upp_lend("");
    } else if (strlen(s->content.text) > TEXT_MAX) {
        size_t n = TEXT_MAX;
        while (n > 0 && ((unsigned char)s->content.text[n] & 0xc0) == 0x80)
            n--;
        snprintf(start, DESK_TEXT, "%.*s…", (int)n, s->content.text);
        s->content.text = start;
    }
}

static int reply_each(upp_txn *txn, upp_rows *rows)
{
    while (upp_next(rows)) {
        UPP_AUTO(desk_done) desk_shown s = { .matter = "" };
        char start[DESK_TEXT];
        const int missing = desk_fill(txn, upp_col_text(rows, 0), &s);
        upp_check(missing <= 0);
        UPP_TRY(missing);
        desk_cover(&s, start);
        UPP_TRY(upp_reply_content(txn, &s.row.base, &s.content.base));
    }
    return rows->rc;
}

/* What a second person is asked for, by another; and what was decided on the same words before. */
static int approvals(upp_txn *txn, const Uppsikt__Desk *q, int64_t limit)
{
    UPP_ROWS rows =
        upp_query(txn,
                  "SELECT m.matter FROM matter m WHERE (m.order_ms, m.matter) > (?2, ?3)"
                  " AND m.account IN (SELECT account FROM may_act WHERE person = ?1)"
                  " AND m.matter IN (SELECT a.matter FROM approval a WHERE a.ended = 0"
                  " AND a.expires_ms > ?4 AND a.person <> ?1 UNION SELECT matter FROM proposed)"
                  " ORDER BY m.order_ms, m.matter LIMIT ?5",
                  BIND(V(q->person), V(q->after_ms), V(q->after), V(upp_now(txn)), V(limit)));
    return reply_each(txn, &rows);
}

int console_desk(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__Desk *q = msg;
    const int64_t limit = q->limit == 0 ? PAGE : q->limit < PAGE_MAX ? q->limit : PAGE_MAX;
    if (q->list == UPPSIKT__DESK_LIST__DESK_LIST_APPROVE)
        return approvals(txn, q, limit);
    const int64_t kind = q->list == UPPSIKT__DESK_LIST__DESK_LIST_ANSWER ? 3
                         : q->list == UPPSIKT__DESK_LIST__DESK_LIST_SEE  ? 5
                                                                         : 0;
    UPP_ROWS rows = upp_query(
        txn,
        "SELECT m.matter FROM matter m WHERE m.state = 0"
        " AND (m.order_ms, m.matter) > (?2, ?3) AND (?4 = '' OR m.account = ?4)"
        " AND (m.kind = ?5 OR (?5 = 0 AND m.kind IN (1, 2, 4) AND m.errand <> 'finding'))"
        " AND m.account IN (SELECT account FROM may_see WHERE person = ?1)"
        " ORDER BY m.order_ms, m.matter LIMIT ?6",
        BIND(V(q->person), V(q->after_ms), V(q->after), V(q->account), V(kind), V(limit)));
    return reply_each(txn, &rows);
}
