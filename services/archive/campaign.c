/* campaign.c - each account is captured once in each window that the policy names (R26), and once
 * more before it may be closed (R08). */
#include "archive.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPEN = 4, CLOSING = 5 }; /* AccountChanged.State */
enum { WHOSE = 48 };            /* an authority; "": the body */

/* Whose windows count for an authority (R02): its own, when it has a policy of its own now; else
 * the body's, "". */
static int windows_of(upp_txn *txn, const char *authority, char ret_whose[WHOSE])
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT yaml <> '' FROM policy WHERE authority = ?1 AND ?1 <> ''"
                             " AND valid_from_ms <= ?2 ORDER BY version DESC LIMIT 1",
                             BIND(V(authority), V(upp_now(txn))));
    const bool own = upp_next(&row) && upp_col_int(&row, 0) != 0;
    snprintf(ret_whose, WHOSE, "%s", own ? authority : "");
    return row.rc;
}

static int whose_account(upp_txn *txn, const char *account, char ret_whose[WHOSE])
{
    char authority[WHOSE];
    {
        UPP_ROWS row =
            upp_query(txn, "SELECT authority FROM account WHERE account = ?1", BIND(V(account)));
        snprintf(authority, sizeof authority, "%s", upp_next(&row) ? upp_col_text(&row, 0) : "");
        UPP_TRY(row.rc);
    }
    return windows_of(txn, authority, ret_whose);
}

/* The policy that holds now; the built-in one when none was adopted, or when it cannot be read,
 * which registry would have refused. The caller ends it. */
static int read_policy(upp_txn *txn, const char *whose, policy *ret_pol)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT yaml FROM policy WHERE valid_from_ms <= ?1 AND authority = ?2"
                             " ORDER BY version DESC LIMIT 1",
                             BIND(V(upp_now(txn)), V(whose)));
    if (upp_next(&row)) {
        const char *yaml = upp_col_text(&row, 0);
        policy_complaints *complaints = calloc(1, sizeof *complaints);
        upp_check(complaints);
        const int rc = policy_parse(yaml, strlen(yaml), ret_pol, complaints);
        free(complaints);
        if (rc == 0 || rc == UPP_E_BUSY)
            return rc;
    }
    UPP_TRY(row.rc);
    policy_init(ret_pol);
    return 0;
}

static int windows(upp_txn *txn, const archive *self, const char *whose, upp_ms at,
                   window *ret_window, int64_t *ret_n)
{
    UPP_AUTO(policy_done) policy pol;
    const int rc = read_policy(txn, whose, &pol);
    if (rc < 0) {
        policy_init(&pol);
        return rc;
    }
    *ret_window = window_at(&pol, self->zone, at);
    *ret_n = pol.archive.n_windows;
    return 0;
}

static int opened(upp_txn *txn, const char *whose, const char *campaign)
{
    UPP_ROWS row = upp_query(txn, "SELECT 1 FROM campaign WHERE campaign = ?1 AND authority = ?2",
                             BIND(V(campaign), V(whose)));
    return upp_next(&row) ? 1 : row.rc;
}

/* What is planned and should have begun stays: a service that was down opens it late, with its own
 * dues. */
static int plan_one(upp_txn *txn, const archive *self, const char *whose)
{
    window next;
    int64_t n = 0;
    {
        UPP_ROWS row = upp_query(txn, "SELECT 1 FROM plan WHERE from_ms <= ?1 AND authority = ?2",
                                 BIND(V(upp_now(txn)), V(whose)));
        if (upp_next(&row))
            return row.rc;
    }
    UPP_TRY(windows(txn, self, whose, upp_now(txn), &next, &n));
    int done = opened(txn, whose, next.campaign);
    while (done > 0) {
        UPP_TRY(windows(txn, self, whose, next.to, &next, &n));
        done = opened(txn, whose, next.campaign);
    }
    UPP_TRY(done);
    return upp_exec(txn,
                    "INSERT OR REPLACE INTO plan(authority, campaign, from_ms, to_ms)"
                    " VALUES(?1, ?2, ?3, ?4)",
                    BIND(V(whose), V(next.campaign), V(next.from), V(next.to)));
}

/* The body's and each authority's that has its own now. */
static int plan_each(upp_txn *txn, const archive *self)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT DISTINCT authority FROM policy WHERE authority <> ''"
                             " ORDER BY authority",
                             NO_BIND);
    UPP_TRY(plan_one(txn, self, ""));
    while (upp_next(&row)) {
        char whose[WHOSE];
        UPP_TRY(windows_of(txn, upp_col_text(&row, 0), whose));
        UPP_TRY(whose[0] ? plan_one(txn, self, whose)
                         : upp_exec(txn, "DELETE FROM plan WHERE authority = ?1",
                                    BIND(V(upp_col_text(&row, 0)))));
    }
    return row.rc;
}

int campaign_plan(upp_txn *txn, const archive *self)
{
    UPP_TRY(plan_each(txn, self));
    UPP_ROWS row = upp_query(txn, "SELECT min(from_ms) FROM plan", NO_BIND);
    if (!upp_next(&row))
        return row.rc;
    return upp_alarm(txn, "campaign", upp_col_int(&row, 0));
}

static int has_run(upp_txn *txn, const char *account, const char *cause, const char *campaign)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT 1 FROM run WHERE account = ?1 AND cause = ?2"
                             " AND (?3 = '' OR campaign = ?3)",
                             BIND(V(account), V(cause), V(campaign)));
    return upp_next(&row) ? 1 : row.rc;
}

/* One after the other: the browser is one, and platforms do not like crowds. Who has a run in a
 * campaign of that name, when its authority had other windows, has no second. */
static int open_runs(upp_txn *txn, const archive *self, const char *whose, const window *w,
                     uint32_t *ret_n)
{
    char run[UPP_ID], counts[WHOSE];
    *ret_n = 0;
    UPP_ROWS row = upp_query(txn,
                             "SELECT account, authority FROM account WHERE state IN (?1, ?2)"
                             " ORDER BY account",
                             BIND(V((int64_t)OPEN), V((int64_t)CLOSING)));
    while (upp_next(&row)) {
        UPP_TRY(windows_of(txn, upp_col_text(&row, 1), counts));
        if (strcmp(counts, whose) != 0)
            continue;
        const int there = has_run(txn, upp_col_text(&row, 0), "campaign", w->campaign);
        UPP_TRY(there);
        if (there)
            continue;
        UPP_TRY(run_new(txn, upp_col_text(&row, 0), w->campaign, "campaign",
                        upp_now(txn) + *ret_n * self->config->spread_span, w->to, run));
        ++*ret_n;
    }
    return row.rc;
}

static int open_campaign(upp_txn *txn, const archive *self, const char *whose, const window *w)
{
    UPP_TRY(upp_exec(txn, "DELETE FROM plan WHERE authority = ?1", BIND(V(whose))));
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO campaign(campaign, authority, from_ms, to_ms)"
                     " VALUES(?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
                     BIND(V(w->campaign), V(whose), V(w->from), V(w->to))));
    Uppsikt__CampaignOpened out = UPPSIKT__CAMPAIGN_OPENED__INIT;
    UPP_TRY(open_runs(txn, self, whose, w, &out.accounts));
    out.campaign = upp_lend(w->campaign);
    out.from_ms = w->from;
    out.to_ms = w->to;
    out.authority = upp_lend(whose);
    return upp_emit(txn, w->campaign, &out.base, NULL);
}

/* 1: nothing that is planned should have begun. */
static int next_begun(upp_txn *txn, window *ret_plan, char ret_whose[WHOSE])
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT authority, campaign, from_ms, to_ms FROM plan"
                             " WHERE from_ms <= ?1 ORDER BY from_ms, authority LIMIT 1",
                             BIND(V(upp_now(txn))));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : 1;
    snprintf(ret_whose, WHOSE, "%s", upp_col_text(&row, 0));
    snprintf(ret_plan->campaign, sizeof ret_plan->campaign, "%s", upp_col_text(&row, 1));
    ret_plan->from = upp_col_int(&row, 2);
    ret_plan->to = upp_col_int(&row, 3);
    return 0;
}

int campaign_alarm(upp_txn *txn, const archive *self)
{
    window w;
    char whose[WHOSE];
    for (;;) {
        const int none = next_begun(txn, &w, whose);
        UPP_TRY(none);
        if (none)
            return campaign_plan(txn, self);
        UPP_TRY(open_campaign(txn, self, whose, &w));
    }
}

/* 1: there is a campaign of theirs that is open now. */
static int open_now(upp_txn *txn, const char *whose, window *ret_window)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT campaign, from_ms, to_ms FROM campaign WHERE from_ms <= ?1"
                             " AND to_ms > ?1 AND authority = ?2 ORDER BY from_ms DESC LIMIT 1",
                             BIND(V(upp_now(txn)), V(whose)));
    if (!upp_next(&row))
        return row.rc;
    snprintf(ret_window->campaign, WINDOW_ID, "%s", upp_col_text(&row, 0));
    ret_window->from = upp_col_int(&row, 1);
    ret_window->to = upp_col_int(&row, 2);
    return 1;
}

int campaign_now(upp_txn *txn, const archive *self, const char *account,
                 char ret_campaign[WINDOW_ID])
{
    window w;
    char whose[WHOSE];
    int64_t n = 0;
    UPP_TRY(whose_account(txn, account, whose));
    const int open = open_now(txn, whose, &w);
    UPP_TRY(open);
    if (open) {
        snprintf(ret_campaign, WINDOW_ID, "%s", w.campaign);
        return 0;
    }
    UPP_TRY(windows(txn, self, whose, upp_now(txn), &w, &n));
    window_part(self->zone, n, upp_now(txn), ret_campaign);
    return 0;
}

static int state_of(upp_txn *txn, const char *account, int64_t *ret_state)
{
    UPP_ROWS row = upp_query(txn, "SELECT state FROM account WHERE account = ?1", BIND(V(account)));
    *ret_state = upp_next(&row) ? upp_col_int(&row, 0) : 0;
    return row.rc;
}

int campaign_account(upp_txn *txn, const archive *self, const char *account)
{
    int64_t state = 0;
    window w = { 0 };
    char run[UPP_ID], campaign[WINDOW_ID], whose[WHOSE];
    UPP_TRY(state_of(txn, account, &state));
    if (state == CLOSING) {
        const int there = has_run(txn, account, "closing", "");
        UPP_TRY(there);
        if (there)
            return 0;
        UPP_TRY(campaign_now(txn, self, account, campaign));
        return run_new(txn, account, campaign, "closing", upp_now(txn),
                       upp_now(txn) + self->config->closing_span, run);
    }
    UPP_TRY(whose_account(txn, account, whose));
    const int open = state == OPEN ? open_now(txn, whose, &w) : 0;
    if (open <= 0)
        return open;
    const int there = has_run(txn, account, "campaign", w.campaign);
    return there ? there : run_new(txn, account, w.campaign, "campaign", upp_now(txn), w.to, run);
}

int campaign_join(upp_txn *txn, const archive *self)
{
    UPP_ROWS row = upp_query(txn, "SELECT account FROM account WHERE state = ?1 ORDER BY account",
                             BIND(V((int64_t)OPEN)));
    while (upp_next(&row))
        UPP_TRY(campaign_account(txn, self, upp_col_text(&row, 0)));
    return row.rc;
}
