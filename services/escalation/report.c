/* report.c - how it went: what an auditor asks (R32; sla.md §8). Never by person. */
#include "escalation.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum report_clock {
    REPORT_MODERATION,
    REPORT_AKUT,
    REPORT_QUESTION,
    REPORT_ANSWER,
    REPORT_LOOK,
    REPORT_APPEAL,
    REPORT_CLOCKS
};
enum { STEPS = POLICY_STEPS + 1 };

typedef struct tally {
    Uppsikt__ReportRow row;
    int64_t steps[STEPS];
    int64_t *minutes; /* owned: office minutes to the end, of each that has one */
    size_t n, size;
} tally;

typedef struct period {
    upp_ms from, to;
} period;

typedef struct tallies {
    tally of[REPORT_CLOCKS];
} tallies;

static void tallies_begin(tallies *all)
{
    *all = (tallies){ 0 };
    for (size_t i = 0; i < REPORT_CLOCKS; i++)
        uppsikt__report_row__init(&all->of[i].row);
}

static void tallies_done(tallies *all)
{
    for (size_t i = 0; i < REPORT_CLOCKS; i++)
        free(all->of[i].minutes);
}

static void add_minutes(tally *t, int64_t minutes)
{
    if (t->n == t->size) {
        t->size = t->size ? t->size * 2 : 64;
        t->minutes = realloc(t->minutes, t->size * sizeof *t->minutes);
        upp_check(t->minutes);
    }
    t->minutes[t->n++] = minutes;
}

typedef struct told {
    enum report_clock clock;
    enum matter_state state;
    int64_t how, top_step;
    upp_ms received, due, attended, met;
    char cause[32];
} told;

static told read_one(const upp_rows *row)
{
    const bool akut = upp_col_int(row, 2) != 0, answer = upp_col_int(row, 3) != 0;
    const int64_t kind = upp_col_int(row, 1);
    told o = { .state = (enum matter_state)upp_col_int(row, 4),
               .how = upp_col_int(row, 5),
               .received = upp_col_int(row, 6),
               .due = upp_col_int(row, 7),
               .attended = upp_col_int(row, 8),
               .met = upp_col_int(row, 9),
               .top_step = upp_col_int(row, 11) };
    snprintf(o.cause, sizeof o.cause, "%s", upp_col_text(row, 10));
    if (upp_col_int(row, 12) != ERRAND_NONE)
        o.clock = REPORT_APPEAL;
    else if (kind == UPPSIKT__MATTER_KIND__MATTER_KIND_MODERATION)
        o.clock = akut ? REPORT_AKUT : REPORT_MODERATION;
    else if (kind == UPPSIKT__MATTER_KIND__MATTER_KIND_QUESTION)
        o.clock = answer ? REPORT_ANSWER : REPORT_QUESTION;
    else
        o.clock = REPORT_LOOK;
    return o;
}

static void count_cause(const told *o, Uppsikt__ReportRow *row)
{
    if (strcmp(o->cause, "no_duty") == 0)
        row->no_duty++;
    else if (strcmp(o->cause, "ingest_gap") == 0)
        row->ingest_gap++;
    else if (strcmp(o->cause, "platform_unavailable") == 0)
        row->platform_unavailable++;
    else
        row->staff++;
}

static void count_met(const numbers *of, const told *o, tally *t)
{
    Uppsikt__ReportRow *row = &t->row;
    const bool in_time = o->due == 0 || clock_met(o->met, o->due);
    add_minutes(t, calendar_office(of->duty, o->received, o->met) / UPP_MINUTE);
    row->within_24h += clock_met(o->met, o->received + of->pol.clocks.moderation_span);
    row->within_attended += o->attended == 0 || clock_met(o->met, o->attended);
    row->met_by_hand += in_time && o->how == UPPSIKT__MET_HOW__MET_HOW_BY_HAND;
    row->changed += o->how == UPPSIKT__MET_HOW__MET_HOW_CHANGED;
    row->needs_no_answer += o->how == UPPSIKT__MET_HOW__MET_HOW_NEEDS_NO_ANSWER;
    if (in_time) {
        row->met++;
        row->met_interim += o->how == UPPSIKT__MET_HOW__MET_HOW_INTERIM;
        return;
    }
    row->late++;
    row->late_minutes += calendar_office(of->duty, o->due, o->met) / UPP_MINUTE;
    count_cause(o, row);
}

static void count(const numbers *of, upp_ms now, const told *o, tally *t)
{
    Uppsikt__ReportRow *row = &t->row;
    row->n_in++;
    if (o->top_step >= 0)
        t->steps[o->top_step < STEPS - 1 ? o->top_step : STEPS - 1]++;
    switch (o->state) {
    case MATTER_MET:
        count_met(of, o, t);
        break;
    case MATTER_WITHDRAWN:
        row->withdrawn++;
        break;
    case MATTER_OPEN:
        if (o->due == 0 || clock_met(now, o->due)) {
            row->open++;
            break;
        }
        row->open_late++;
        count_cause(o, row);
        break;
    }
}

static int by_size(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* The value that so many percent are not above (nearest rank). */
static int64_t percentile(const tally *t, size_t percent)
{
    if (t->n == 0)
        return 0;
    const size_t rank = (t->n * percent + 99) / 100;
    return t->minutes[rank > 0 ? rank - 1 : 0];
}

static int reply_all(upp_txn *txn, const char *account, tallies *all)
{
    static const char *const names[REPORT_CLOCKS] = { "moderation", "akut", "question",
                                                      "answer",     "look", "appeal" };
    for (size_t i = 0; i < REPORT_CLOCKS; i++) {
        tally *t = &all->of[i];
        if (t->row.n_in == 0 && account[0])
            continue;
        if (t->n > 0)
            qsort(t->minutes, t->n, sizeof *t->minutes, by_size);
        t->row.account = upp_lend(account);
        t->row.clock = upp_lend(names[i]);
        const int64_t ended = t->row.met + t->row.late + t->row.open_late;
        t->row.percent = ended > 0 ? t->row.met * 100 / ended : -1;
        t->row.median_minutes = percentile(t, 50);
        t->row.p90_minutes = percentile(t, 90);
        t->row.step_reached = t->steps;
        t->row.n_step_reached = STEPS;
        const int rc = upp_reply(txn, &t->row.base);
        if (rc != 0)
            return rc;
    }
    return 0;
}

/* One account's rows, or (account "") the sum's. What was decided anew counts once, as it was met
 * first: nobody is better, or worse, for thinking again (T9). */
static int report(upp_txn *txn, const rules *r, const char *account, const period *p)
{
    UPP_AUTO(tallies_done) tallies all;
    tallies_begin(&all);
    UPP_ROWS row =
        upp_query(txn,
                  "SELECT m.account, m.kind, m.akut, m.answer,"
                  " iif(m.first_ms > 0, 1, m.state),"
                  " iif(m.first_ms > 0, m.first_how, m.met_how),"
                  " m.received_ms, m.due_ms, m.attended_ms,"
                  " iif(m.first_ms > 0, m.first_ms, m.met_ms), m.cause,"
                  " coalesce((SELECT max(s.number) FROM step s WHERE s.matter = m.matter"
                  "  AND s.how = 1 AND (m.first_ms = 0 OR s.time_ms <= m.first_ms)), -1),"
                  " m.errand, coalesce((SELECT a.authority FROM account a"
                  "  WHERE a.account = m.account), '') FROM matter m WHERE m.received_ms >= ?2 AND"
                  " m.received_ms < ?3 AND (m.errand = 0 OR m.errand = ?4) AND"
                  " m.kind IN (1, 2, 3) AND (?1 = '' OR m.account = ?1)",
                  BIND(V(account), V(p->from), V(p->to), V((int64_t)ERRAND_APPEAL)));
    while (upp_next(&row)) {
        const told o = read_one(&row);
        count(numbers_by(r, upp_col_text(&row, 13)), upp_now(txn), &o, &all.of[o.clock]);
    }
    UPP_TRY(row.rc);
    return reply_all(txn, account, &all);
}

static int report_accounts(upp_txn *txn, const rules *r, const period *p)
{
    enum { ACCOUNTS = 500 };
    char(*ids)[48] = calloc(ACCOUNTS, sizeof *ids);
    size_t n = 0;
    int rc = 0;
    upp_check(ids);
    {
        UPP_ROWS row = upp_query(txn, "SELECT account FROM account ORDER BY account", NO_BIND);
        while (n < ACCOUNTS && upp_next(&row))
            snprintf(ids[n++], sizeof ids[0], "%s", upp_col_text(&row, 0));
        rc = row.rc;
    }
    for (size_t i = 0; i < n && rc == 0; i++)
        rc = report(txn, r, ids[i], p);
    free(ids);
    return rc;
}

int on_report(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const rules *r = self;
    const Uppsikt__Report *q = msg;
    (void)in;
    const upp_ms last = q->to_ms > 0 ? q->to_ms : upp_now(txn);
    const calendar_stretch days =
        resolve_dates_away(r->tz, zone_day(r->tz, q->from_ms), zone_day(r->tz, last));
    const period p = { days.from, days.to };
    const int rc = report(txn, r, q->account, &p);
    return rc != 0 || q->account[0] ? rc : report_accounts(txn, r, &p);
}
