/* intake.c - what is heard of an item, from two services in any order, and which matters follow. The
 * handlers only write the item's row; intake_reconsider reads it: so they commute (ARCHITECTURE §5).
 */
#include "escalation.h"
#include <stdio.h>
#include <string.h>

typedef struct item_row {
    char item[UPP_ID], account[40];
    Uppsikt__ItemKind kind;
    upp_ms received_ms, seen_ms, version_ms, gone_ms, answered_ms;
    uint32_t version, decided;
    bool backfill;
    Uppsikt__GoneBy gone;
    int mark;
} item_row;

/* What the machine said about the versions that nobody has decided on yet, at its worst (E9). */
typedef struct judgement {
    bool all_judged; /* the newest version is among them */
    int64_t likely, review;
    Uppsikt__Duty duty;
    bool danger, records;
} judgement;

static int read_item(upp_txn *txn, const char *item, item_row *ret_row)
{
    item_row *i = ret_row;
    UPP_ROWS row = upp_query(txn,
                             "SELECT account, kind, received_ms, seen_ms, version, version_ms,"
                             " decided, backfill, gone, gone_ms, answered_ms, mark FROM item"
                             " WHERE item = ?1",
                             BIND(V(item)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : 1;
    snprintf(i->item, sizeof i->item, "%s", item);
    snprintf(i->account, sizeof i->account, "%s", upp_col_text(&row, 0));
    i->kind = (Uppsikt__ItemKind)upp_col_int(&row, 1);
    i->received_ms = upp_col_int(&row, 2);
    i->seen_ms = upp_col_int(&row, 3);
    i->version = (uint32_t)upp_col_int(&row, 4);
    i->version_ms = upp_col_int(&row, 5);
    i->decided = (uint32_t)upp_col_int(&row, 6);
    i->backfill = upp_col_int(&row, 7) != 0;
    i->gone = (Uppsikt__GoneBy)upp_col_int(&row, 8);
    i->gone_ms = upp_col_int(&row, 9);
    i->answered_ms = upp_col_int(&row, 10);
    i->mark = (int)upp_col_int(&row, 11);
    return 0;
}

static int read_judgement(upp_txn *txn, const item_row *i, judgement *ret_judgement)
{
    judgement j = { 0 };
    UPP_ROWS row = upp_query(txn,
                             "SELECT version, likely, review, duty, danger, records FROM judged"
                             " WHERE item = ?1 AND version > ?2",
                             BIND(V(i->item), V(i->decided)));
    while (upp_next(&row)) {
        j.all_judged = j.all_judged || upp_col_int(&row, 0) == i->version;
        j.likely |= upp_col_int(&row, 1);
        j.review |= upp_col_int(&row, 2);
        if (upp_col_int(&row, 3) > (int64_t)j.duty)
            j.duty = (Uppsikt__Duty)upp_col_int(&row, 3);
        j.danger = j.danger || upp_col_int(&row, 4) != 0;
        j.records = j.records || upp_col_int(&row, 5) != 0;
    }
    *ret_judgement = j;
    return row.rc;
}

#define BIT(label)     ((int64_t)1 << (label))
#define QUESTION_BIT   BIT(UPPSIKT__LABEL__LABEL_QUESTION)
#define VIOLATION_BITS (~QUESTION_BIT)

/* sla.md §3.3: what binds us by law or endangers somebody, and only where the machine is sure. A
 * message to us alone has no BBS duty (law.md L4). */
static bool is_akut(const item_row *i, const judgement *j)
{
    const bool message = i->kind == UPPSIKT__ITEM_KIND__ITEM_KIND_MESSAGE;
    const bool bound =
        (j->duty == UPPSIKT__DUTY__DUTY_BBS5 && !message) || j->duty == UPPSIKT__DUTY__DUTY_SECRECY;
    return j->danger || (bound && (j->likely & VIOLATION_BITS) != 0);
}

static bool is_question(const item_row *i, const judgement *j)
{
    if (i->mark != 0)
        return i->mark == 1;
    return ((j->likely | j->review) & QUESTION_BIT) != 0 || j->records;
}

static int open_kind(upp_txn *txn, const rules *r, const item_row *i, const judgement *j,
                     Uppsikt__MatterKind kind)
{
    /* an edit after a decision starts its own clock, from the edit (E10); before one it buys no
     * time (E9) */
    const bool again = i->decided > 0 && kind != UPPSIKT__MATTER_KIND__MATTER_KIND_QUESTION;
    matter m = { .kind = kind, .round = again ? i->version : 1, .version = i->version };
    snprintf(m.item, sizeof m.item, "%s", i->item);
    snprintf(m.account, sizeof m.account, "%s", i->account);
    m.received_ms = again ? i->version_ms : i->received_ms;
    m.seen_ms = again ? i->version_ms : i->seen_ms;
    m.duty = j->duty;
    m.records = j->records;
    m.akut = kind == UPPSIKT__MATTER_KIND__MATTER_KIND_MODERATION && is_akut(i, j);
    matter_name(m.item, kind, m.round, m.id);
    return matter_open(txn, r, &m);
}

typedef struct want {
    bool look, moderation, question, see;
    upp_ms now;
} want;

/* Closes what the row asks for no longer. What a person must still do stays open. */
static int close_unwanted(upp_txn *txn, const matter *m, void *ctx)
{
    const want *w = ctx;
    const bool look = m->kind == UPPSIKT__MATTER_KIND__MATTER_KIND_LOOK && !w->look;
    const bool see = m->kind == UPPSIKT__MATTER_KIND__MATTER_KIND_SEE && !w->see;
    if (!look && !see)
        return 0;
    return matter_withdraw(txn, m->id, UPPSIKT__WITHDRAWN_HOW__WITHDRAWN_HOW_RECLASSIFIED, w->now);
}

static int end_gone(upp_txn *txn, const matter *m, void *ctx)
{
    const item_row *i = ctx;
    static const struct {
        Uppsikt__GoneBy who;
        Uppsikt__WithdrawnHow how;
    } rows[] = {
        { UPPSIKT__GONE_BY__GONE_BY_AUTHOR, UPPSIKT__WITHDRAWN_HOW__WITHDRAWN_HOW_BY_AUTHOR },
        { UPPSIKT__GONE_BY__GONE_BY_PLATFORM, UPPSIKT__WITHDRAWN_HOW__WITHDRAWN_HOW_BY_PLATFORM },
    };
    if (i->gone == UPPSIKT__GONE_BY__GONE_BY_US &&
        m->kind == UPPSIKT__MATTER_KIND__MATTER_KIND_MODERATION)
        return matter_meet(txn, m->id, UPPSIKT__MET_HOW__MET_HOW_REMOVED_OUTSIDE, i->gone_ms);
    Uppsikt__WithdrawnHow how = UPPSIKT__WITHDRAWN_HOW__WITHDRAWN_HOW_UNKNOWN;
    for (size_t n = 0; n < UPP_LEN(rows); n++)
        if (rows[n].who == i->gone)
            how = rows[n].how;
    return matter_withdraw(txn, m->id, how, i->gone_ms);
}

static int answer_question(upp_txn *txn, const matter *m, void *ctx)
{
    const item_row *i = ctx;
    if (m->kind != UPPSIKT__MATTER_KIND__MATTER_KIND_QUESTION)
        return 0;
    return matter_meet(txn, m->id, UPPSIKT__MET_HOW__MET_HOW_ANSWERED_OUTSIDE, i->answered_ms);
}

int intake_reconsider(upp_txn *txn, const rules *r, const char *item)
{
    item_row i;
    judgement j;
    const int missing = read_item(txn, item, &i);
    UPP_TRY(missing);
    if (missing || i.kind == UPPSIKT__ITEM_KIND__ITEM_KIND_UNSPECIFIED || i.backfill)
        return 0; /* only judged so far: ingest's word will come; or older than the connection */
    if (i.gone)
        return matter_each_open(txn, item, end_gone, &i);
    UPP_TRY(read_judgement(txn, &i, &j));
    const bool undecided = i.version > i.decided;
    want w = { .now = upp_now(txn) };
    w.moderation = undecided && ((j.likely & VIOLATION_BITS) != 0 || j.danger);
    w.look = undecided && !w.moderation && (!j.all_judged || (j.review & VIOLATION_BITS) != 0);
    w.question = is_question(&i, &j) && i.answered_ms == 0;
    w.see = undecided && j.all_judged && !w.moderation && !w.look && !w.question;
    UPP_TRY(matter_each_open(txn, item, close_unwanted, &w));
    if (w.look)
        UPP_TRY(open_kind(txn, r, &i, &j, UPPSIKT__MATTER_KIND__MATTER_KIND_LOOK));
    if (w.moderation)
        UPP_TRY(open_kind(txn, r, &i, &j, UPPSIKT__MATTER_KIND__MATTER_KIND_MODERATION));
    if (w.question)
        UPP_TRY(open_kind(txn, r, &i, &j, UPPSIKT__MATTER_KIND__MATTER_KIND_QUESTION));
    if (w.see)
        UPP_TRY(open_kind(txn, r, &i, &j, UPPSIKT__MATTER_KIND__MATTER_KIND_SEE));
    if (i.answered_ms > 0)
        UPP_TRY(matter_each_open(txn, item, answer_question, &i));
    return 0;
}

/* -- from ingest; heard by ourselves, so that a dead classifier cannot mean "no clock" -- */
int on_received(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__CommentReceived *c = msg;
    (void)in;
    UPP_TRY(upp_exec(
        txn,
        "INSERT INTO item(item, account, kind, received_ms, seen_ms, version, version_ms, backfill)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?5, ?7) ON CONFLICT DO UPDATE SET kind = ?3,"
        " received_ms = ?4, seen_ms = ?5, backfill = ?7,"
        " version_ms = CASE WHEN version > ?6 THEN version_ms ELSE ?5 END,"
        " version = max(version, ?6)",
        BIND(V(c->item), V(c->account), V((int64_t)c->kind), V(c->received_ms), V(c->first_seen_ms),
             V(c->version), V(c->backfill ? 1 : 0))));
    return intake_reconsider(txn, self, c->item);
}

int on_edited(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__CommentEdited *c = msg;
    const upp_ms at = c->edited_ms > 0 && c->edited_ms < c->seen_ms ? c->edited_ms : c->seen_ms;
    (void)in;
    /* the same words after a decision are nothing new (E10): the decision holds for them too */
    UPP_TRY(upp_exec(txn,
                     "UPDATE item SET version = max(version, ?2), version_ms = ?3, decided ="
                     " CASE WHEN ?4 AND decided = ?2 - 1 THEN ?2 ELSE decided END WHERE item = ?1",
                     BIND(V(c->item), V(c->version), V(at), V(c->same_words ? 1 : 0))));
    return intake_reconsider(txn, self, c->item);
}

int on_gone(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__CommentGone *c = msg;
    (void)in;
    UPP_TRY(upp_exec(txn, "UPDATE item SET gone = ?2, gone_ms = ?3 WHERE item = ?1",
                     BIND(V(c->item), V((int64_t)c->who), V(c->at_ms))));
    return intake_reconsider(txn, self, c->item);
}

int on_reply(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__ReplySeen *c = msg;
    (void)in;
    if (!c->direct || !c->item[0]) /* elsewhere in the thread it only proposes an answer (E17) */
        return 0;
    UPP_TRY(upp_exec(txn,
                     "UPDATE item SET answered_ms = CASE WHEN answered_ms = 0 THEN ?2"
                     " ELSE min(answered_ms, ?2) END WHERE item = ?1",
                     BIND(V(c->item), V(c->at_ms))));
    return intake_reconsider(txn, self, c->item);
}

static int meet_removed(upp_txn *txn, const matter *m, void *ctx)
{
    const Uppsikt__ActionDone *a = ctx;
    if (m->kind != UPPSIKT__MATTER_KIND__MATTER_KIND_MODERATION)
        return 0;
    return matter_meet(txn, m->id,
                       a->by_hand ? UPPSIKT__MET_HOW__MET_HOW_BY_HAND
                                  : UPPSIKT__MET_HOW__MET_HOW_REMOVED,
                       a->at_ms);
}

int on_action_done(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__ActionDone *a = msg;
    (void)self;
    (void)in;
    if (a->what != UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE &&
        a->what != UPPSIKT__ITEM_ACTION__ITEM_ACTION_DELETE)
        return 0;
    Uppsikt__ActionDone done = *a;
    return matter_each_open(txn, a->item, meet_removed, &done);
}

/* -- from classify; before or after ingest's word -- */
int on_classified(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__CommentClassified *c = msg;
    int64_t likely = 0, review = 0;
    (void)in;
    for (size_t n = 0; n < c->n_findings; n++) {
        const Uppsikt__Finding *f = c->findings[n];
        if (f->label < 0 || f->label > 62)
            continue;
        /* a band that is newer than this program needs a human's look */
        if (f->band == UPPSIKT__BAND__BAND_LIKELY)
            likely |= BIT(f->label);
        else if (f->band != UPPSIKT__BAND__BAND_NONE)
            review |= BIT(f->label);
    }
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO item(item, account, kind, received_ms, seen_ms, version,"
                     " version_ms) VALUES(?1, ?2, 0, ?3, ?3, ?4, ?3) ON CONFLICT DO NOTHING",
                     BIND(V(c->item), V(c->account), V(c->received_ms), V(c->version))));
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO judged(item, version, likely, review, duty, danger, records)"
                     " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO UPDATE SET likely = ?3,"
                     " review = ?4, duty = ?5, danger = ?6, records = ?7",
                     BIND(V(c->item), V(c->version), V(likely), V(review), V((int64_t)c->duty),
                          V(c->danger ? 1 : 0), V(c->records_request ? 1 : 0))));
    return intake_reconsider(txn, self, c->item);
}
