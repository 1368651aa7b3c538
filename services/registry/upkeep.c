/* upkeep.c - accounts that nobody keeps up (R08), and the half-yearly look at each (R10). */
#include "registry.h"
#include "uppsikt/comment.pb-c.h"
#include <stdio.h>
#include <string.h>

static const upp_ms settle_span = 10 * UPP_SECOND;

/* The order is that of registry_config.inactive_span. */
const char *const upkeep_platforms[REGISTRY_PLATFORMS] = {
    "facebook", "instagram", "x",   "youtube", "linkedin", "mastodon",
    "bluesky",  "webhook",   "rss", "file",    "manual",
};

int upkeep_platform(const char *name)
{
    for (int i = 0; i < REGISTRY_PLATFORMS; i++)
        if (strcmp(upkeep_platforms[i], name) == 0)
            return i;
    return -1;
}

static upp_ms later(upp_ms a, upp_ms b)
{
    return a > b ? a : b;
}

static int check_inactive(upp_txn *txn, const registry_config *config, const account_row *a)
{
    const int platform = upkeep_platform(a->platform);
    upp_check(platform >= 0);
    /* of one that was taken over nothing older is known, until a post has been seen */
    const bool unknown = a->taken_over && a->posted_ms == 0;
    const upp_ms quiet_since =
        later(a->posted_ms, later(a->open_since_ms, unknown ? a->since_ms : 0));
    const upp_ms limit = quiet_since + config->inactive_span[platform];
    if (a->state != LIFE_OPEN || upp_now(txn) < limit) /* a closing one is dealt with */
        return finding_clear(txn, &(finding){ .kind = "inactive", .account = a->account });
    return finding_raise(txn, &(finding){ .kind = "inactive",
                                          .account = a->account,
                                          .unit = a->unit,
                                          .due = limit + config->inactive_due_span });
}

/* A finding that has been open for long, and past its own clock: the account is not kept up. */
static int check_neglected(upp_txn *txn, const registry_config *config, const account_row *a)
{
    upp_ms since = 0;
    {
        UPP_ROWS row = upp_query(txn,
                                 "SELECT coalesce(min(max(raised_ms + ?2, due_ms)), 0) FROM finding"
                                 " WHERE account = ?1 AND cleared_ms = 0"
                                 " AND kind NOT IN ('inactive', 'neglected')",
                                 BIND(V(a->account), V(config->neglected_span)));
        if (!upp_next(&row))
            return row.rc < 0 ? row.rc : UPP_E_BUG;
        since = upp_col_int(&row, 0);
    }
    if (a->state != LIFE_OPEN || since == 0 || upp_now(txn) < since)
        return finding_clear(txn, &(finding){ .kind = "neglected", .account = a->account });
    return finding_raise(txn, &(finding){ .kind = "neglected",
                                          .account = a->account,
                                          .unit = a->unit,
                                          .due = since + config->inactive_due_span });
}

/* Time for the next look; what an earlier one found wrong stays open until it is seen to be
 * right. */
static int check_review(upp_txn *txn, const registry_config *config, const account_row *a)
{
    const upp_ms from =
        later(a->reviewed_ms, later(a->open_since_ms, a->taken_over ? a->since_ms : 0));
    const upp_ms limit = from + config->review_span;
    if (a->state != LIFE_OPEN)
        return finding_clear(txn, &(finding){ .kind = "checklist", .account = a->account });
    if (upp_now(txn) < limit)
        return finding_clear(txn,
                             &(finding){ .kind = "checklist", .account = a->account, .fact = "" });
    return finding_raise(txn, &(finding){ .kind = "checklist",
                                          .account = a->account,
                                          .unit = a->unit,
                                          .due = limit + config->review_due_span });
}

int upkeep_check(upp_txn *txn, const registry_config *config, const char *account)
{
    account_row a;
    const int missing = account_read(txn, account, &a);
    UPP_TRY(missing);
    if (missing)
        return 0;
    UPP_TRY(check_inactive(txn, config, &a));
    UPP_TRY(check_review(txn, config, &a));
    UPP_TRY(attest_check(txn, config, &a));
    return check_neglected(txn, config, &a);
}

/* A function of the newest post and of nothing else: whatever order posts are heard in. A page's
 * old posts come oldest first, so the account is looked at when they have come. */
int upkeep_posted(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    char alarm[REGISTRY_ID + 8];
    (void)self;
    (void)in;
    const Uppsikt__OwnPostSeen *p = msg;
    const int newer = upp_exec(txn,
                               "UPDATE account SET posted_ms = ?2"
                               " WHERE account = ?1 AND posted_ms < ?2",
                               BIND(V(p->account), V(p->at_ms)));
    UPP_TRY(newer);
    snprintf(alarm, sizeof alarm, "quiet/%s", p->account);
    return newer ? upp_alarm(txn, alarm, upp_now(txn) + settle_span) : 0;
}

/* -- each day -- */
enum { HOUR_OF_CHECK = 5 }; /* UTC: the findings lie there when people come to work */

int upkeep_start(upp_txn *txn)
{
    {
        UPP_ROWS row = upp_query(txn, "SELECT 1 FROM upp_alarm WHERE key = 'daily'", NO_BIND);
        if (upp_next(&row) || row.rc < 0) /* one that is overdue must ring, not move on */
            return row.rc;
    }
    const upp_ms today = upp_now(txn) - upp_now(txn) % UPP_DAY + HOUR_OF_CHECK * UPP_HOUR;
    return upp_alarm(txn, "daily", today > upp_now(txn) ? today : today + UPP_DAY);
}

int upkeep_alarm(upp_txn *txn, const registry_config *config)
{
    UPP_ROWS row = upp_query(txn, "SELECT account FROM account WHERE state = ?1 ORDER BY account",
                             BIND(V(LIFE_OPEN)));
    while (upp_next(&row))
        UPP_TRY(upkeep_check(txn, config, upp_col_text(&row, 0)));
    UPP_TRY(row.rc);
    return upkeep_start(txn);
}

/* -- the look -- */
int upkeep_review(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const registry_config *config = self;
    const Uppsikt__ReviewAccount *c = msg;
    const struct {
        const char *fact;
        bool right;
    } seen[] = { { "logo", c->logo },
                 { "name", c->name },
                 { "sender", c->sender },
                 { "captions", c->captions },
                 { "alt_text", c->alt_text } };
    right_asker asker;
    account_row a;
    UPP_TRY(right_ask(txn, in, &asker));
    const int missing = account_read(txn, c->account, &a);
    UPP_TRY(missing);
    if (missing)
        return upp_refuse(txn, "account-unknown");
    if (a.state != LIFE_OPEN)
        return upp_refuse(txn, "account-not-open");
    UPP_ROWS hers = upp_query(txn, "SELECT 1 FROM access WHERE account = ?1 AND person = ?2",
                              BIND(V(c->account), V(asker.person)));
    if (!upp_next(&hers))
        UPP_TRY(right_need(txn, &asker, ROLE_OPERATIONS | ROLE_COMMUNICATIONS, a.unit));
    UPP_TRY(hers.rc);
    UPP_TRY(upp_exec(txn, "UPDATE account SET reviewed_ms = ?2 WHERE account = ?1",
                     BIND(V(c->account), V(upp_now(txn)))));
    Uppsikt__AccountReviewed out = UPPSIKT__ACCOUNT_REVIEWED__INIT;
    out.account = c->account;
    out.by = upp_lend(asker.person ? asker.person : "");
    out.at_ms = upp_now(txn);
    out.logo = c->logo;
    out.name = c->name;
    out.sender = c->sender;
    out.captions = c->captions;
    out.alt_text = c->alt_text;
    UPP_TRY(upp_emit(txn, c->account, &out.base, NULL));
    for (size_t i = 0; i < UPP_LEN(seen); i++) {
        const finding f = { .kind = "checklist",
                            .account = c->account,
                            .unit = a.unit,
                            .fact = seen[i].fact,
                            .due = upp_now(txn) + config->review_due_span };
        if (seen[i].right)
            UPP_TRY(finding_clear(
                txn,
                &(finding){ .kind = "checklist", .account = c->account, .fact = seen[i].fact }));
        else
            UPP_TRY(finding_raise(txn, &f));
    }
    UPP_TRY(upkeep_check(txn, config, c->account));
    return text_registered(txn, c->account, 0);
}
