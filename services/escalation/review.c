/* review.c - what is looked through afterwards, by the manager: a decision that one person made
 * alone (P1, P3), and some of a month's hides on house rules (P5; R25). */
#include "escalation.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int review_open(upp_txn *txn, const rules *r, const decision *d, const char *id)
{
    matter e = { .errand = ERRAND_REVIEW, .version = d->version, .received_ms = upp_now(txn) };
    snprintf(e.about, sizeof e.about, "%s", id);
    snprintf(e.item, sizeof e.item, "%s", d->m->item);
    snprintf(e.account, sizeof e.account, "%s", d->m->account);
    return errand_open(txn, r, &e);
}

static int say_reviewed(upp_txn *txn, const char *id, const char *by, bool agreed)
{
    char item[48] = "";
    {
        UPP_ROWS row = upp_query(txn, "SELECT item FROM decision WHERE decision = ?1", BIND(V(id)));
        if (upp_next(&row))
            snprintf(item, sizeof item, "%s", upp_col_text(&row, 0));
        UPP_TRY(row.rc);
    }
    Uppsikt__DecisionReviewed out = UPPSIKT__DECISION_REVIEWED__INIT;
    out.decision = upp_lend(id);
    out.item = item;
    out.by = upp_lend(by);
    out.agreed = agreed;
    out.at_ms = upp_now(txn);
    return upp_emit(txn, item, &out.base, NULL);
}

/* Whose decision it was: she does not review it herself. */
static int made_by(upp_txn *txn, const char *id, const char *person)
{
    UPP_ROWS row = upp_query(txn, "SELECT 1 FROM decision WHERE decision = ?1 AND person = ?2",
                             BIND(V(id), V(person)));
    if (upp_next(&row))
        return upp_refuse(txn, "another-person-needed");
    return row.rc;
}

static int review_sampled(upp_txn *txn, const matter *m, const char *by, bool agreed)
{
    enum { AT_ONCE = 64 };
    char ids[AT_ONCE][UPP_ID];
    size_t n = 0;
    {
        UPP_ROWS row = upp_query(
            txn, "SELECT decision FROM sampled WHERE matter = ?1 ORDER BY decision LIMIT 64",
            BIND(V(m->id)));
        while (n < AT_ONCE && upp_next(&row))
            snprintf(ids[n++], UPP_ID, "%s", upp_col_text(&row, 0));
        UPP_TRY(row.rc);
    }
    for (size_t i = 0; i < n; i++)
        UPP_TRY(say_reviewed(txn, ids[i], by, agreed));
    return 0;
}

int on_review_decision(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__ReviewDecision *c = msg;
    matter m;
    actor who;
    UPP_TRY(act_open(txn, self, in, c->matter, "", &who, &m));
    if (m.errand != ERRAND_REVIEW && m.errand != ERRAND_SAMPLE)
        return upp_refuse(txn, "not-to-be-reviewed");
    if (m.errand == ERRAND_REVIEW) {
        UPP_TRY(made_by(txn, m.about, who.by));
        UPP_TRY(say_reviewed(txn, m.about, who.by, !c->disagree));
    } else {
        UPP_TRY(review_sampled(txn, &m, who.by, !c->disagree));
    }
    UPP_TRY(matter_meet(txn, m.id, UPPSIKT__MET_HOW__MET_HOW_REVIEWED, upp_now(txn)));
    if (c->note[0]) {
        upp_content note;
        Uppsikt__DecisionMadeContent content = UPPSIKT__DECISION_MADE_CONTENT__INIT;
        content.note = c->note;
        const int gone = upp_keep(txn, UPP_ABOUT(matter_subject(&m)), &content.base, &note);
        UPP_TRY(gone);
        UPP_TRY(upp_exec(txn, "UPDATE matter SET note_ref = ?2 WHERE matter = ?1",
                         BIND(V(m.id), V(note.ref))));
    }
    return act_touched(txn, m.id, 0);
}

/* -- P5: the month's sample -- */
/* That many, drawn by the batch's seed: nobody can tell beforehand which. */
static int draw(upp_txn *txn, int64_t sample, const char *account, const char *id, upp_ms from,
                upp_ms to)
{
    enum { POOL = 2000 };
    char(*pool)[UPP_ID] = calloc(POOL, sizeof *pool);
    size_t n = 0;
    int rc = 0;
    upp_check(pool);
    {
        UPP_ROWS row = upp_query(
            txn,
            "SELECT decision FROM decision WHERE account = ?1 AND action = ?2"
            " AND law = '' AND at_ms >= ?3 AND at_ms < ?4 ORDER BY decision",
            BIND(V(account), V((int64_t)UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE), V(from), V(to)));
        while (n < POOL && upp_next(&row))
            snprintf(pool[n++], UPP_ID, "%s", upp_col_text(&row, 0));
        rc = row.rc;
    }
    for (int64_t k = 0; k < sample && n > 0 && rc >= 0; k++) {
        uint32_t at = 0;
        upp_random(txn, &at, sizeof at);
        at %= (uint32_t)n;
        rc = upp_exec(txn, "INSERT INTO sampled(matter, decision) VALUES(?1, ?2)",
                      BIND(V(id), V(pool[at])));
        memmove(pool[at], pool[--n], UPP_ID);
    }
    free(pool);
    return rc < 0 ? rc : 0;
}

static int sample_account(upp_txn *txn, const rules *r, const char *account, civil_date month,
                          upp_ms from, upp_ms to)
{
    matter e = { .errand = ERRAND_SAMPLE, .received_ms = upp_now(txn) };
    snprintf(e.about, sizeof e.about, "%.31s/%04d-%02d", account, (int)month.year,
             (int)month.month);
    const numbers *n = NULL;
    UPP_TRY(numbers_for(txn, r, account, &n));
    snprintf(e.account, sizeof e.account, "%s", account);
    UPP_TRY(errand_open(txn, r, &e));
    char id[MATTER_ID];
    snprintf(id, sizeof id, "%.40s.%c1", e.about, errand_rule_of(ERRAND_SAMPLE)->letter);
    return draw(txn, n->pol.people.house_rule_sample, account, id, from, to);
}

int review_sample(upp_txn *txn, const rules *r, civil_day today)
{
    enum { ACCOUNTS = 500 };
    const calendar *duty = numbers_body(r)->duty; /* one day for all */
    const civil_date now = civil_date_of(today);
    const civil_day first = today - (now.day - 1);
    for (civil_day d = first; d < today; d++)
        if (calendar_on(duty, d).n > 0)
            return 0; /* it was drawn on the month's first working day */
    if (calendar_on(duty, today).n == 0)
        return 0;
    const civil_date last = civil_date_of(first - 1);
    const calendar_stretch month = resolve_dates_away(r->tz, first - last.day, first - 1);
    char(*accounts)[48] = calloc(ACCOUNTS, sizeof *accounts);
    size_t n = 0;
    int rc = 0;
    upp_check(accounts);
    {
        UPP_ROWS row = upp_query(
            txn,
            "SELECT DISTINCT account FROM decision WHERE action = ?1 AND"
            " law = '' AND at_ms >= ?2 AND at_ms < ?3 ORDER BY account",
            BIND(V((int64_t)UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE), V(month.from), V(month.to)));
        while (n < ACCOUNTS && upp_next(&row))
            snprintf(accounts[n++], sizeof accounts[0], "%s", upp_col_text(&row, 0));
        rc = row.rc;
    }
    for (size_t i = 0; i < n && rc >= 0; i++)
        rc = sample_account(txn, r, accounts[i], last, month.from, month.to);
    free(accounts);
    return rc;
}
