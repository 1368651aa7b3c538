/* day.c - each day at seven, account by account: who will be there in the next fortnight (V8, R05),
 * and was yesterday watched (R13)? On the month's first working day: the sample (P5). */
#include "escalation.h"
#include <stdio.h>
#include <string.h>

static const char every_day[] = "day/*";

static upp_ms midnight(const rules *r, civil_day day)
{
    upp_ms at = 0;
    zone_instant(r->tz, day * UPP_DAY, ZONE_FIRST, &at);
    return at;
}

static upp_ms forecast_at(const rules *r, civil_day day)
{
    upp_ms at = 0;
    zone_instant(r->tz, day * UPP_DAY + numbers_body(r)->pol.people.forecast_minute * UPP_MINUTE,
                 ZONE_FIRST, &at);
    return at;
}

static int next_day(upp_txn *txn, const rules *r)
{
    civil_day day = zone_day(r->tz, upp_now(txn));
    while (forecast_at(r, day) <= upp_now(txn))
        day++;
    return upp_alarm(txn, every_day, forecast_at(r, day));
}

int day_start(upp_txn *txn, const rules *r)
{
    UPP_ROWS row = upp_query(txn, "SELECT 1 FROM upp_alarm WHERE key = ?1", BIND(V(every_day)));
    const bool set = upp_next(&row);
    UPP_TRY(row.rc);
    return set ? 0 : next_day(txn, r);
}

/* -- one account -- */
static void name_day(const char *account, civil_day day, char ret_about[48])
{
    const civil_date d = civil_date_of(day);
    snprintf(ret_about, 48, "%.28s/%04d-%02d-%02d", account, (int)d.year, (int)d.month, (int)d.day);
}

matter day_errand(const upp_txn *txn, enum errand errand, const char *account, civil_day day)
{
    matter e = { .errand = errand, .received_ms = upp_now(txn) };
    name_day(account, day, e.about);
    snprintf(e.account, sizeof e.account, "%s", account);
    return e;
}

/* V8: one line in the manager's Monday mail. */
static int tell_monday(upp_txn *txn, const rules *r, const matter *e)
{
    UPP_AUTO(roster_done) roster ro = { 0 };
    UPP_AUTO(resolve_done) resolve_answer a = { 0 };
    matter m;
    char id[MATTER_ID];
    civil_day monday = zone_day(r->tz, upp_now(txn));
    upp_ms at = 0;
    snprintf(id, sizeof id, "%.40s.%c1", e->about, errand_rule_of(ERRAND_FEW)->letter);
    const int missing = matter_read(txn, id, &m);
    UPP_TRY(missing);
    if (missing || m.state != MATTER_OPEN)
        return 0;
    while (civil_weekday(monday) != 0)
        monday++;
    const numbers *of = numbers_of(r, &m);
    if (delivery_digest(&of->pol, of->duty, midnight(r, monday), &at) != 0)
        return 0;
    const ladder_step step = { .at = at, .notice_from = at, .to = LADDER_TO(POLICY_MANAGER) };
    UPP_TRY(roster_read(txn, r, &m, &ro));
    const int never = resolve_step(&ro.question, &step, &a);
    UPP_TRY(never);
    for (size_t i = 0; i < a.n_recipients; i++)
        UPP_TRY(notice_add(txn, r, &m, notice_number(NOTICE_MONDAY, &m),
                           ro.ids[a.recipients[i].person], a.recipients[i].deliver_at));
    return 0;
}

/* The first day of the fortnight that is like that; false: there is none. */
typedef struct first_day {
    bool is;
    civil_day day;
} first_day;

static int look_ahead(const roster *ro, civil_day today, first_day *ret_nobody, first_day *ret_one)
{
    for (civil_day d = today; d <= today + ro->question.pol->people.forecast_days; d++) {
        enum resolve_forecast found = RESOLVE_NO_WORK;
        UPP_TRY(resolve_forecast(&ro->question, d, &found));
        first_day *first = found == RESOLVE_UNSTAFFED ? ret_nobody
                           : found == RESOLVE_FEW     ? ret_one
                                                      : NULL;
        if (first && !first->is)
            *first = (first_day){ true, d };
    }
    return 0;
}

typedef struct ahead {
    const char *about;
    enum errand errand;
    upp_ms now;
} ahead;

static int end_other(upp_txn *txn, const matter *m, void *ctx)
{
    const ahead *a = ctx;
    if (m->errand != a->errand || strcmp(m->about, a->about) == 0)
        return 0;
    return matter_meet(txn, m->id, UPPSIKT__MET_HOW__MET_HOW_CLEARED, a->now);
}

/* V8: the first such day is an errand; when it has passed, or somebody has been found, the next
 * is. */
static int foresee(upp_txn *txn, const rules *r, const numbers *of, const char *account,
                   enum errand errand, const first_day *first)
{
    matter e = day_errand(txn, errand, account, first->day);
    ahead a = { first->is ? e.about : "", errand, upp_now(txn) };
    UPP_TRY(matter_each_account(txn, account, end_other, &a));
    if (!first->is)
        return 0;
    if (calendar_first_duty(of->duty, midnight(r, first->day), &e.given_ms) != 0)
        return 0;
    UPP_TRY(errand_open(txn, r, &e));
    return errand == ERRAND_FEW ? tell_monday(txn, r, &e) : 0;
}

/* R05: fewer than two have access; when the register has found it already, that is enough. */
static int check_access(upp_txn *txn, const rules *r, const roster *ro, const char *account)
{
    if (resolve_access(&ro->question) >= (size_t)ro->question.pol->people.access_least)
        return errand_end(txn, ERRAND_ACCESS, account, UPPSIKT__MET_HOW__MET_HOW_CLEARED,
                          upp_now(txn));
    {
        UPP_ROWS row = upp_query(txn,
                                 "SELECT 1 FROM matter WHERE account = ?1 AND state = 0 AND"
                                 " errand = ?2 AND detail = 'understaffed'",
                                 BIND(V(account), V((int64_t)ERRAND_FINDING)));
        if (upp_next(&row))
            return 0;
        UPP_TRY(row.rc);
    }
    matter e = { .errand = ERRAND_ACCESS, .received_ms = upp_now(txn) };
    snprintf(e.about, sizeof e.about, "%s", account);
    snprintf(e.account, sizeof e.account, "%s", account);
    return errand_open(txn, r, &e);
}

/* -- R13: was that day watched? -- */
/* What nobody has looked at, though there was time to on that day. */
static int count_unseen(upp_txn *txn, const rules *r, const numbers *of, const char *account,
                        civil_day day, int64_t *ret_n)
{
    const calendar_stretch that = resolve_dates_away(r->tz, day, day);
    UPP_ROWS row = upp_query(txn,
                             "SELECT received_ms FROM matter WHERE account = ?1 AND state = 0 AND"
                             " errand = 0 AND kind IN (1, 5) AND received_ms >= ?2 AND"
                             " received_ms < ?3",
                             BIND(V(account), V(that.from - UPP_DAY), V(that.to)));
    *ret_n = 0;
    while (upp_next(&row)) {
        upp_ms by = 0;
        if (calendar_due(of->duty, upp_col_int(&row, 0), of->pol.clocks.triage_office_span, &by) ==
            0)
            *ret_n += by >= that.from && by < that.to;
    }
    return row.rc;
}

static int was_blind(upp_txn *txn, const rules *r, const numbers *of, const char *account,
                     civil_day day, bool *ret_blind)
{
    const calendar_stretch that = resolve_dates_away(r->tz, day, day);
    UPP_ROWS row =
        upp_query(txn,
                  "SELECT from_ms, to_ms FROM outage WHERE account = ?1 AND from_ms < ?3 AND"
                  " (to_ms = 0 OR to_ms > ?2)",
                  BIND(V(account), V(that.from), V(that.to)));
    *ret_blind = false;
    while (upp_next(&row)) {
        const upp_ms from = upp_col_int(&row, 0) > that.from ? upp_col_int(&row, 0) : that.from;
        const upp_ms end = upp_col_int(&row, 1) > 0 ? upp_col_int(&row, 1) : that.to;
        *ret_blind =
            *ret_blind || calendar_office(of->duty, from, end < that.to ? end : that.to) > 0;
    }
    return row.rc;
}

static int prove_watch(upp_txn *txn, const rules *r, const numbers *of, const char *account,
                       civil_day day)
{
    int64_t unseen = 0;
    bool blind = false;
    if (calendar_on(of->duty, day).n == 0)
        return 0;
    UPP_TRY(count_unseen(txn, r, of, account, day, &unseen));
    UPP_TRY(was_blind(txn, r, of, account, day, &blind));
    Uppsikt__AccountWatched out = UPPSIKT__ACCOUNT_WATCHED__INIT;
    out.account = upp_lend(account);
    out.day = day;
    out.watched = unseen == 0 && !blind;
    out.unseen = (uint32_t)unseen;
    out.blind = blind;
    UPP_TRY(upp_emit(txn, account, &out.base, NULL));
    if (out.watched)
        return 0;
    const matter e = day_errand(txn, ERRAND_WATCH, account, day);
    return errand_open(txn, r, &e);
}

static int see_account(upp_txn *txn, const rules *r, const char *account)
{
    UPP_AUTO(roster_done) roster ro = { 0 };
    const civil_day today = zone_day(r->tz, upp_now(txn));
    first_day nobody = { false, today }, one = { false, today };
    matter whose = { .kind = UPPSIKT__MATTER_KIND__MATTER_KIND_FINDING };
    const numbers *of = NULL;
    snprintf(whose.account, sizeof whose.account, "%s", account);
    UPP_TRY(numbers_for(txn, r, account, &of));
    UPP_TRY(roster_read(txn, r, &whose, &ro));
    UPP_TRY(check_access(txn, r, &ro, account));
    UPP_TRY(look_ahead(&ro, today, &nobody, &one));
    UPP_TRY(foresee(txn, r, of, account, ERRAND_STAFF, &nobody));
    UPP_TRY(foresee(txn, r, of, account, ERRAND_FEW, &one));
    return prove_watch(txn, r, of, account, today - 1);
}

/* -- all -- */
/* Each account in an input of its own, so that many take no longer than one. */
static int ring_accounts(upp_txn *txn)
{
    enum { AT_ONCE = 64 };
    char ids[AT_ONCE][48] = { "" };
    for (size_t n = 1; n > 0;) {
        char after[48];
        snprintf(after, sizeof after, "%s", ids[n - 1]);
        n = 0;
        {
            UPP_ROWS row =
                upp_query(txn,
                          "SELECT account FROM account WHERE account > ?1 AND state IN"
                          " (?2, ?3) ORDER BY account LIMIT 64",
                          BIND(V(after), V((int64_t)UPPSIKT__ACCOUNT_CHANGED__STATE__STATE_OPEN),
                               V((int64_t)UPPSIKT__ACCOUNT_CHANGED__STATE__STATE_CLOSING)));
            while (n < AT_ONCE && upp_next(&row))
                snprintf(ids[n++], sizeof ids[0], "%s", upp_col_text(&row, 0));
            UPP_TRY(row.rc);
        }
        for (size_t i = 0; i < n; i++) {
            char key[64];
            snprintf(key, sizeof key, "day/%.47s", ids[i]);
            UPP_TRY(upp_alarm(txn, key, upp_now(txn)));
        }
    }
    return 0;
}

int day_alarm(upp_txn *txn, const rules *r, const char *about)
{
    if (strcmp(about, "*") != 0)
        return see_account(txn, r, about);
    UPP_TRY(ring_accounts(txn));
    UPP_TRY(spike_forget(txn));
    UPP_TRY(review_sample(txn, r, zone_day(r->tz, upp_now(txn))));
    return next_day(txn, r);
}
