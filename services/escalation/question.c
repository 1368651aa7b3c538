/* question.c - the rounds of a conversation as matters: the first response, then, after an interim
 * reply, the answer clock; a citizen who does not write again; "besvarad?" (sla.md §3.4, E7, E13,
 * E16, E17, E20; R14, R16). It reads rows alone: whoever was heard first gives the same. */
#include "escalation.h"
#include "item.h"
#include "round.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXTS = 64, ITEMS = 32 };

typedef struct conversation {
    const char *root;
    char items[ITEMS][48];
    Uppsikt__GoneBy gone[ITEMS];
    size_t n_items;
    round_text texts[TEXTS];
    size_t n_texts;
    round_reply replies[TEXTS];
    size_t n_replies;
    upp_ms closed[ROUND_MAX];
    round_span rounds[ROUND_MAX];
    size_t n;
} conversation;

/* -- reading -- */
static size_t index_of(conversation *c, const char *item, int64_t gone)
{
    for (size_t i = 0; i < c->n_items; i++)
        if (strcmp(c->items[i], item) == 0)
            return i;
    if (c->n_items == ITEMS)
        return ITEMS;
    snprintf(c->items[c->n_items], sizeof c->items[0], "%s", item);
    c->gone[c->n_items] = (Uppsikt__GoneBy)gone;
    return c->n_items++;
}

static int read_texts(upp_txn *txn, conversation *c)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT v.item, v.version, v.at_ms, v.seen_ms, v.same, i.mark, i.gone,"
                             " i.gone_ms, (coalesce(j.likely | j.review, 0) & ?2) <> 0"
                             " OR coalesce(j.records, 0) <> 0 FROM item i"
                             " JOIN version v ON v.item = i.item LEFT JOIN judged j"
                             " ON j.item = v.item AND j.version = v.version"
                             " WHERE (i.item = ?1 OR i.root = ?1) AND i.kind <> 0"
                             " AND i.backfill = 0 ORDER BY v.at_ms, v.item, v.version",
                             BIND(V(c->root), V(ITEM_QUESTION_BIT)));
    while (c->n_texts < TEXTS && upp_next(&row)) {
        const size_t item = index_of(c, upp_col_text(&row, 0), upp_col_int(&row, 6));
        const bool first = upp_col_int(&row, 1) == 1;
        const int64_t mark = upp_col_int(&row, 5);
        const bool asks = upp_col_int(&row, 8) != 0 && upp_col_int(&row, 4) == 0;
        if (item == ITEMS)
            break;
        c->texts[c->n_texts++] = (round_text){
            .at = upp_col_int(&row, 2),
            .seen = upp_col_int(&row, 3),
            .first = first && strcmp(c->items[item], c->root) == 0,
            .asks = mark != 2 && (asks || (first && mark == 1)),
            .gone_at = upp_col_int(&row, 6) != 0 ? upp_col_int(&row, 7) : 0,
            .item = item,
        };
    }
    return row.rc;
}

static enum round_reply_kind reply_kind(int64_t kind)
{
    switch (kind) {
    case UPPSIKT__REPLY_KIND__REPLY_KIND_INTERIM:
        return ROUND_INTERIM;
    case UPPSIKT__REPLY_KIND__REPLY_KIND_COUNTER_QUESTION:
        return ROUND_COUNTER;
    case UPPSIKT__REPLY_KIND__REPLY_KIND_REFERRED:
        return ROUND_REFERRED;
    }
    return ROUND_FULL; /* an answer of a kind that is newer than this program is an answer */
}

static int read_replies(upp_txn *txn, conversation *c)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT a.at_ms, a.kind, a.ours FROM item i JOIN answer a"
                             " ON a.item = i.item WHERE i.item = ?1 OR i.root = ?1"
                             " ORDER BY a.at_ms, a.reply",
                             BIND(V(c->root)));
    while (c->n_replies < TEXTS && upp_next(&row))
        c->replies[c->n_replies++] = (round_reply){ .at = upp_col_int(&row, 0),
                                                    .kind = reply_kind(upp_col_int(&row, 1)),
                                                    .ours = upp_col_int(&row, 2) != 0 };
    return row.rc;
}

/* When a person, or a citizen's silence, ended each round without an answer. */
static int read_closed(upp_txn *txn, conversation *c)
{
    UPP_ROWS row =
        upp_query(txn,
                  "SELECT round, met_ms FROM matter WHERE root = ?1 AND"
                  " ((state = ?2 AND met_how IN (?3, ?4)) OR (state = ?5 AND"
                  " met_how = ?6))",
                  BIND(V(c->root), V((int64_t)MATTER_MET),
                       V((int64_t)UPPSIKT__MET_HOW__MET_HOW_NEEDS_NO_ANSWER),
                       V((int64_t)UPPSIKT__MET_HOW__MET_HOW_REFERRED), V((int64_t)MATTER_WITHDRAWN),
                       V((int64_t)UPPSIKT__WITHDRAWN_HOW__WITHDRAWN_HOW_NO_REPLY)));
    while (upp_next(&row)) {
        const int64_t round = upp_col_int(&row, 0);
        if (round >= 1 && round <= ROUND_MAX)
            c->closed[round - 1] = upp_col_int(&row, 1);
    }
    return row.rc;
}

/* -- writing -- */
static void clock_name(const conversation *c, size_t k, bool answer, char ret[MATTER_ID])
{
    snprintf(ret, MATTER_ID, "%.40s.%c%zu", c->root, answer ? 'a' : 'q', k + 1);
}

/* E7: whoever answered last has the next round too, if she is there. */
static int read_owner(upp_txn *txn, const conversation *c, size_t k, char ret_owner[MATTER_PERSON])
{
    {
        UPP_ROWS row = upp_query(txn,
                                 "SELECT owner FROM matter WHERE root = ?1 AND round = ?2 AND"
                                 " owner <> '' ORDER BY answer DESC",
                                 BIND(V(c->root), V((int64_t)k)));
        if (upp_next(&row))
            snprintf(ret_owner, MATTER_PERSON, "%s", upp_col_text(&row, 0));
        UPP_TRY(row.rc);
    }
    if (!ret_owner[0])
        return 0;
    const int away = roster_away(txn, ret_owner, upp_now(txn));
    UPP_TRY(away);
    if (away)
        ret_owner[0] = '\0';
    return 0;
}

static int open_clock(upp_txn *txn, const rules *r, const conversation *c, size_t k, bool answer)
{
    const round_span *span = &c->rounds[k];
    item_row i;
    item_judgement j;
    matter m = { .kind = UPPSIKT__MATTER_KIND__MATTER_KIND_QUESTION, .round = (uint32_t)k + 1 };
    clock_name(c, k, answer, m.id);
    const int missing = item_read(txn, c->items[span->item], &i);
    UPP_TRY(missing);
    if (missing)
        return upp_fail(txn, UPP_E_BUG, "a round of no item: %s", m.id);
    UPP_TRY(item_judge(txn, &i, &j));
    m.version = i.version;
    m.duty = j.duty;
    m.records = j.records;
    m.answer = answer;
    m.received_ms = answer ? span->interim_at : span->start;
    m.seen_ms = answer ? span->interim_at : span->seen;
    snprintf(m.item, sizeof m.item, "%s", i.item);
    snprintf(m.account, sizeof m.account, "%s", i.account);
    snprintf(m.root, sizeof m.root, "%s", c->root);
    UPP_TRY(read_owner(txn, c, answer ? k + 1 : k, m.owner));
    return matter_open(txn, r, &m);
}

static int end_clock(upp_txn *txn, const conversation *c, size_t k, const char *id)
{
    const round_span *span = &c->rounds[k];
    switch (span->end) {
    case ROUND_OPEN:
    case ROUND_CLOSED: /* whoever closed it has ended its matter */
        return 0;
    case ROUND_ANSWERED:
        return matter_meet(txn, id,
                           span->ours ? UPPSIKT__MET_HOW__MET_HOW_ANSWERED
                                      : UPPSIKT__MET_HOW__MET_HOW_ANSWERED_OUTSIDE,
                           span->end_at);
    case ROUND_SENT_ON:
        return matter_meet(txn, id, UPPSIKT__MET_HOW__MET_HOW_REFERRED, span->end_at);
    case ROUND_GONE:
        return matter_withdraw(txn, id, item_withdrawn_how(c->gone[span->item]), span->end_at);
    }
    return 0;
}

/* §3.4: ten working days after a counter-question without a word of the citizen it ends. */
static int await_citizen(upp_txn *txn, const rules *r, const round_span *span, const char *id)
{
    char key[MATTER_ID + 16];
    matter m;
    upp_ms ends = 0;
    const calendar_stretch *last = span->n_pauses ? &span->pauses[span->n_pauses - 1] : NULL;
    snprintf(key, sizeof key, "silent/%s", id);
    if (!last || last->to != CLOCK_OPEN || span->end != ROUND_OPEN)
        return upp_alarm_off(txn, key);
    const int missing = matter_read(txn, id, &m);
    UPP_TRY(missing);
    if (missing)
        return upp_fail(txn, UPP_E_BUG, "a clock of no matter: %s", id);
    const numbers *n = numbers_of(r, &m);
    if (calendar_due(n->duty, last->from,
                     policy_working_days(&n->pol, n->pol.clocks.awaiting_citizen_days), &ends) != 0)
        return upp_fail(txn, UPP_E_INPUT, "no working day within ten years");
    return upp_alarm(txn, key, ends);
}

int question_alarm(upp_txn *txn, const rules *r, const char *id)
{
    matter m;
    const int missing = matter_read(txn, id, &m);
    UPP_TRY(missing);
    if (missing || m.state != MATTER_OPEN || m.n_pauses == 0 ||
        m.pauses[m.n_pauses - 1].to != CLOCK_OPEN)
        return 0;
    UPP_TRY(matter_withdraw(txn, id, UPPSIKT__WITHDRAWN_HOW__WITHDRAWN_HOW_NO_REPLY, upp_now(txn)));
    return question_reconsider(txn, r, m.root);
}

static int write_round(upp_txn *txn, const rules *r, const conversation *c, size_t k)
{
    const round_span *span = &c->rounds[k];
    char id[MATTER_ID];
    UPP_TRY(open_clock(txn, r, c, k, false));
    clock_name(c, k, false, id);
    if (!span->interim)
        return end_clock(txn, c, k, id);
    UPP_TRY(matter_meet(txn, id, UPPSIKT__MET_HOW__MET_HOW_INTERIM, span->interim_at));
    UPP_TRY(open_clock(txn, r, c, k, true));
    clock_name(c, k, true, id);
    UPP_TRY(matter_pause(txn, r, id, span->pauses, span->n_pauses));
    UPP_TRY(await_citizen(txn, r, span, id));
    return end_clock(txn, c, k, id);
}

/* -- "besvarad?" -- */
/* The first own words after the question that may be its answer: elsewhere in its thread (E17), or
 * to somebody who asked the same (E20). */
static int find_aside(upp_txn *txn, const char *id, const round_span *span, const item_row *i,
                      char ret_reply[48], upp_ms *ret_at)
{
    UPP_ROWS row =
        upp_query(txn,
                  "SELECT x.reply, x.at_ms FROM ("
                  "  SELECT reply, at_ms FROM aside WHERE thread = ?4 AND ?4 <> ''"
                  "  UNION ALL SELECT reply, at_ms FROM aside WHERE thread = ?1 OR item = ?1"
                  "  UNION ALL SELECT a.reply, a.at_ms FROM item o JOIN answer a ON a.item = o.item"
                  "   WHERE (o.item = ?5 OR o.echoes = ?5) AND o.item <> ?1"
                  ") x WHERE x.at_ms >= ?2 AND NOT EXISTS(SELECT 1 FROM no_answer n"
                  "  WHERE n.matter = ?3 AND n.reply = x.reply) ORDER BY x.at_ms, x.reply LIMIT 1",
                  BIND(V(i->item), V(span->start), V(id), V(i->thread), V(item_group(i))));
    ret_reply[0] = '\0';
    if (upp_next(&row)) {
        snprintf(ret_reply, 48, "%s", upp_col_text(&row, 0));
        *ret_at = upp_col_int(&row, 1);
    }
    return row.rc;
}

static int propose(upp_txn *txn, const conversation *c)
{
    const size_t k = c->n - 1;
    const round_span *span = &c->rounds[k];
    char id[MATTER_ID], reply[48];
    item_row i;
    upp_ms at = 0;
    clock_name(c, k, span->interim, id);
    const int missing = item_read(txn, c->items[span->item], &i);
    UPP_TRY(missing);
    UPP_TRY(find_aside(txn, id, span, &i, reply, &at));
    const int changed =
        upp_exec(txn,
                 "UPDATE matter SET proposed_reply = ?2, proposed_ms = ?3 WHERE matter = ?1 AND"
                 " state = 0 AND proposed_reply <> ?2",
                 BIND(V(id), V(reply), V(at)));
    UPP_TRY(changed);
    if (changed == 0 || !reply[0])
        return 0;
    Uppsikt__AnswerProposed out = UPPSIKT__ANSWER_PROPOSED__INIT;
    out.matter = id;
    out.item = upp_lend(c->items[span->item]);
    out.reply = reply;
    out.at_ms = at;
    return upp_emit(txn, c->items[span->item], &out.base, NULL);
}

/* -- */
typedef struct keeping {
    const conversation *c;
    upp_ms now;
} keeping;

/* What is a round no more, because a person or the machine says that it asks nothing. */
static int withdraw_unasked(upp_txn *txn, const matter *m, void *ctx)
{
    const keeping *k = ctx;
    if (strcmp(m->root, k->c->root) != 0 || m->round <= k->c->n)
        return 0;
    return matter_withdraw(txn, m->id, UPPSIKT__WITHDRAWN_HOW__WITHDRAWN_HOW_RECLASSIFIED, k->now);
}

int question_reconsider(upp_txn *txn, const rules *r, const char *root)
{
    conversation c = { .root = root };
    UPP_TRY(read_texts(txn, &c));
    UPP_TRY(read_replies(txn, &c));
    UPP_TRY(read_closed(txn, &c));
    c.n = round_list(c.texts, c.n_texts, c.replies, c.n_replies, c.closed, c.rounds);
    keeping k = { &c, upp_now(txn) };
    for (size_t i = 0; i < c.n_items; i++)
        UPP_TRY(matter_each_open(txn, c.items[i], withdraw_unasked, &k));
    for (size_t i = 0; i < c.n; i++)
        UPP_TRY(write_round(txn, r, &c, i));
    return c.n > 0 && c.rounds[c.n - 1].end == ROUND_OPEN ? propose(txn, &c) : 0;
}

int question_asks(upp_txn *txn, const char *root, const char *item, bool *ret_asks)
{
    conversation c = { .root = root };
    UPP_TRY(read_texts(txn, &c));
    *ret_asks = false;
    for (size_t i = 0; i < c.n_texts; i++)
        *ret_asks = *ret_asks || (c.texts[i].asks && strcmp(c.items[c.texts[i].item], item) == 0);
    return 0;
}

/* Takes the rows first, then counts each conversation anew. */
static int reconsider_each(upp_txn *txn, const rules *r, upp_rows rows)
{
    enum { AT_ONCE = 400 };
    char(*roots)[48] = calloc(AT_ONCE, sizeof *roots);
    size_t n = 0;
    int rc = 0;
    upp_check(roots);
    {
        UPP_ROWS row = rows;
        while (n < AT_ONCE && upp_next(&row))
            snprintf(roots[n++], sizeof roots[0], "%s", upp_col_text(&row, 0));
        rc = row.rc;
    }
    for (size_t i = 0; i < n && rc >= 0; i++)
        rc = question_reconsider(txn, r, roots[i]);
    free(roots);
    return rc;
}

int question_reconsider_alike(upp_txn *txn, const rules *r, const char *item)
{
    item_row i;
    const int missing = item_read(txn, item, &i);
    UPP_TRY(missing);
    if (missing)
        return 0;
    return reconsider_each(txn, r,
                           upp_query(txn,
                                     "SELECT DISTINCT m.root FROM item o JOIN matter m"
                                     " ON m.item = o.item WHERE (o.item = ?1 OR o.echoes = ?1)"
                                     " AND o.item <> ?2 AND m.state = 0 AND m.root <> ''",
                                     BIND(V(item_group(&i)), V(item))));
}

int question_reconsider_thread(upp_txn *txn, const rules *r, const char *thread, const char *item)
{
    return reconsider_each(txn, r,
                           upp_query(txn,
                                     "SELECT DISTINCT m.root FROM item o JOIN matter m"
                                     " ON m.item = o.item WHERE ((o.thread = ?1 AND ?1 <> '')"
                                     " OR o.item = ?1 OR o.item = ?2) AND m.state = 0"
                                     " AND m.root <> ''",
                                     BIND(V(thread), V(item))));
}
