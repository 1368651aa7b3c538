/* campaign.c - each account is captured once in each window that the policy names (R26), and once
 * more before it may be closed (R08). */
#include "archive.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPEN = 4, CLOSING = 5 }; /* AccountChanged.State */

/* The policy that holds now; the built-in one when none was adopted, or when it cannot be read,
 * which registry would have refused. The caller ends it. */
static int read_policy(upp_txn *txn, policy *ret_pol)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT yaml FROM policy WHERE valid_from_ms <= ?1"
                             " ORDER BY version DESC LIMIT 1",
                             BIND(V(upp_now(txn))));
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

static int windows(upp_txn *txn, const archive *self, upp_ms at, window *ret_window, int64_t *ret_n)
{
    UPP_AUTO(policy_done) policy pol;
    const int rc = read_policy(txn, &pol);
    if (rc < 0) {
        policy_init(&pol);
        return rc;
    }
    *ret_window = window_at(&pol, self->zone, at);
    *ret_n = pol.archive.n_windows;
    return 0;
}

static int opened(upp_txn *txn, const char *campaign)
{
    UPP_ROWS row = upp_query(txn, "SELECT 1 FROM campaign WHERE campaign = ?1", BIND(V(campaign)));
    return upp_next(&row) ? 1 : row.rc;
}

/* What is planned and should have begun stays: a service that was down opens it late, with its own
 * dues. */
int campaign_plan(upp_txn *txn, const archive *self)
{
    window next;
    int64_t n = 0;
    {
        UPP_ROWS row =
            upp_query(txn, "SELECT 1 FROM plan WHERE from_ms <= ?1", BIND(V(upp_now(txn))));
        if (upp_next(&row))
            return row.rc;
    }
    UPP_TRY(windows(txn, self, upp_now(txn), &next, &n));
    int done = opened(txn, next.campaign);
    while (done > 0) {
        UPP_TRY(windows(txn, self, next.to, &next, &n));
        done = opened(txn, next.campaign);
    }
    UPP_TRY(done);
    UPP_TRY(upp_exec(txn,
                     "INSERT OR REPLACE INTO plan(id, campaign, from_ms, to_ms)"
                     " VALUES(1, ?1, ?2, ?3)",
                     BIND(V(next.campaign), V(next.from), V(next.to))));
    return upp_alarm(txn, "campaign", next.from);
}

static int read_plan(upp_txn *txn, window *ret_plan)
{
    UPP_ROWS row = upp_query(txn, "SELECT campaign, from_ms, to_ms FROM plan", NO_BIND);
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : 1;
    snprintf(ret_plan->campaign, sizeof ret_plan->campaign, "%s", upp_col_text(&row, 0));
    ret_plan->from = upp_col_int(&row, 1);
    ret_plan->to = upp_col_int(&row, 2);
    return 0;
}

/* One after the other: the browser is one, and platforms do not like crowds. */
static int open_runs(upp_txn *txn, const archive *self, const window *w, uint32_t *ret_n)
{
    char run[UPP_ID];
    *ret_n = 0;
    UPP_ROWS row =
        upp_query(txn, "SELECT account FROM account WHERE state IN (?1, ?2) ORDER BY account",
                  BIND(V((int64_t)OPEN), V((int64_t)CLOSING)));
    while (upp_next(&row)) {
        UPP_TRY(run_new(txn, upp_col_text(&row, 0), w->campaign, "campaign",
                        upp_now(txn) + *ret_n * self->config->spread_span, w->to, run));
        ++*ret_n;
    }
    return row.rc;
}

int campaign_alarm(upp_txn *txn, const archive *self)
{
    window w;
    const int none = read_plan(txn, &w);
    UPP_TRY(none);
    if (none || w.from > upp_now(txn))
        return campaign_plan(txn, self);
    UPP_TRY(upp_exec(txn, "DELETE FROM plan", NO_BIND));
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO campaign(campaign, from_ms, to_ms) VALUES(?1, ?2, ?3)"
                     " ON CONFLICT DO NOTHING",
                     BIND(V(w.campaign), V(w.from), V(w.to))));
    Uppsikt__CampaignOpened out = UPPSIKT__CAMPAIGN_OPENED__INIT;
    UPP_TRY(open_runs(txn, self, &w, &out.accounts));
    out.campaign = w.campaign;
    out.from_ms = w.from;
    out.to_ms = w.to;
    UPP_TRY(upp_emit(txn, w.campaign, &out.base, NULL));
    return campaign_plan(txn, self);
}

/* 1: there is a campaign that is open now. */
static int open_now(upp_txn *txn, window *ret_window)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT campaign, from_ms, to_ms FROM campaign WHERE from_ms <= ?1"
                             " AND to_ms > ?1 ORDER BY from_ms DESC LIMIT 1",
                             BIND(V(upp_now(txn))));
    if (!upp_next(&row))
        return row.rc;
    snprintf(ret_window->campaign, WINDOW_ID, "%s", upp_col_text(&row, 0));
    ret_window->from = upp_col_int(&row, 1);
    ret_window->to = upp_col_int(&row, 2);
    return 1;
}

int campaign_now(upp_txn *txn, const archive *self, char ret_campaign[WINDOW_ID])
{
    window w;
    int64_t n = 0;
    const int open = open_now(txn, &w);
    UPP_TRY(open);
    if (open) {
        snprintf(ret_campaign, WINDOW_ID, "%s", w.campaign);
        return 0;
    }
    UPP_TRY(windows(txn, self, upp_now(txn), &w, &n));
    window_part(self->zone, n, upp_now(txn), ret_campaign);
    return 0;
}

static int has_run(upp_txn *txn, const char *account, const char *cause, const char *campaign)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT 1 FROM run WHERE account = ?1 AND cause = ?2"
                             " AND (?3 = '' OR campaign = ?3)",
                             BIND(V(account), V(cause), V(campaign)));
    return upp_next(&row) ? 1 : row.rc;
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
    char run[UPP_ID], campaign[WINDOW_ID];
    UPP_TRY(state_of(txn, account, &state));
    if (state == CLOSING) {
        const int there = has_run(txn, account, "closing", "");
        UPP_TRY(there);
        if (there)
            return 0;
        UPP_TRY(campaign_now(txn, self, campaign));
        return run_new(txn, account, campaign, "closing", upp_now(txn),
                       upp_now(txn) + self->config->closing_span, run);
    }
    const int open = state == OPEN ? open_now(txn, &w) : 0;
    if (open <= 0)
        return open;
    const int there = has_run(txn, account, "campaign", w.campaign);
    return there ? there : run_new(txn, account, w.campaign, "campaign", upp_now(txn), w.to, run);
}
