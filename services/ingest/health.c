/* health.c - how each connected account is: said at the change, once (platforms.md §4.4). */
#include "ingest.h"
#include <stdio.h>
#include <string.h>

enum { BACKOFF_MAX = 15 * 60000 };

static const char version[] = "version";

static int set_health(upp_txn *txn, const connection *c, int64_t state, const char *reason)
{
    const upp_ms blind = state == UPPSIKT__ACCOUNT_HEALTH_CHANGED__STATE__STATE_OK ? 0
                         : c->blind_ms                                             ? c->blind_ms
                                                                                   : upp_now(txn);
    UPP_TRY(upp_exec(txn,
                     "UPDATE connection SET state = ?2, blind_ms = ?3, reason = ?4"
                     " WHERE account = ?1",
                     BIND(V(c->account), V(state), V(blind), V(reason))));
    /* one that waiting does not mend is a change, too */
    const bool worse = strcmp(reason, version) == 0 && strcmp(c->reason, version) != 0;
    if (state == c->state && !worse)
        return 0;
    Uppsikt__AccountHealthChanged out = UPPSIKT__ACCOUNT_HEALTH_CHANGED__INIT;
    out.account = upp_lend(c->account);
    out.state = (Uppsikt__AccountHealthChanged__State)state;
    out.reason_class = upp_lend(reason);
    out.token_expires_ms = c->expires_ms;
    out.blind_since_ms = blind;
    UPP_TRY(upp_emit(txn, c->account, &out.base, NULL));
    /* what waited for the account goes on */
    return c->state == UPPSIKT__ACCOUNT_HEALTH_CHANGED__STATE__STATE_AUTH_REQUIRED
               ? action_wake_account(txn, c->account)
               : 0;
}

int connection_well(upp_txn *txn, const connection *c)
{
    UPP_TRY(upp_exec(txn, "UPDATE connection SET failures = 0 WHERE account = ?1",
                     BIND(V(c->account))));
    return set_health(txn, c, UPPSIKT__ACCOUNT_HEALTH_CHANGED__STATE__STATE_OK, "ok");
}

int connection_silent(upp_txn *txn, const connection *c)
{
    return set_health(txn, c, UPPSIKT__ACCOUNT_HEALTH_CHANGED__STATE__STATE_DEGRADED, "silent");
}

static upp_ms backoff(const connection *c)
{
    const int64_t doublings = c->failures < 6 ? c->failures : 6;
    const upp_ms span = c->poll_span << doublings;
    return span < BACKOFF_MAX ? span : BACKOFF_MAX;
}

static int renew_now(upp_txn *txn, const connection *c)
{
    const int rc = upp_exec(txn,
                            "UPDATE connection SET renew_ms = ?2 WHERE account = ?1"
                            " AND renew_ms > ?2",
                            BIND(V(c->account), V(upp_now(txn))));
    return rc < 0 ? rc : 0;
}

int connection_ended(upp_txn *txn, const connection *c, enum verdict verdict)
{
    if (verdict != VERDICT_AUTH || c->renew_ms == 0 || c->failures > 0)
        return 0;
    UPP_TRY(renew_now(txn, c));
    UPP_TRY(upp_exec(txn, "UPDATE connection SET failures = 1 WHERE account = ?1",
                     BIND(V(c->account))));
    return 1;
}

/* An account that is not let in stops polling fast, but goes on trying: its clocks keep running. */
int connection_failed(upp_txn *txn, const connection *c, enum verdict verdict, upp_ms asked,
                      upp_ms *ret_wait)
{
    UPP_TRY(upp_exec(txn, "UPDATE connection SET failures = failures + 1 WHERE account = ?1",
                     BIND(V(c->account))));
    const bool locked = verdict == VERDICT_AUTH, lasts = verdict == VERDICT_VERSION;
    const int64_t state = locked ? UPPSIKT__ACCOUNT_HEALTH_CHANGED__STATE__STATE_AUTH_REQUIRED
                          : c->failures >= 2 || lasts
                              ? UPPSIKT__ACCOUNT_HEALTH_CHANGED__STATE__STATE_DEGRADED
                              : c->state;
    UPP_TRY(set_health(txn, c, state, verdict_name(verdict)));
    if (locked)
        UPP_TRY(renew_now(txn, c));
    const upp_ms wait = locked || lasts ? BACKOFF_MAX : backoff(c);
    *ret_wait = wait > asked ? wait : asked;
    return 0;
}

int connection_warn(upp_txn *txn, const char *account, upp_ms expires)
{
    static const upp_ms before[] = { 14 * UPP_DAY, 7 * UPP_DAY, 3 * UPP_DAY, UPP_DAY };
    char key[ALARM_KEY];
    snprintf(key, sizeof key, "token/%s", account);
    for (size_t i = 0; i < UPP_LEN(before); i++)
        if (expires - before[i] > upp_now(txn))
            return upp_alarm(txn, key, expires - before[i]);
    return upp_alarm_off(txn, key);
}

int connection_expires(upp_txn *txn, const char *account)
{
    UPP_AUTO(connection_done) connection c = { 0 };
    const int missing = connection_read(txn, account, &c);
    if (missing)
        return missing < 0 ? missing : 0;
    Uppsikt__AccountHealthChanged out = UPPSIKT__ACCOUNT_HEALTH_CHANGED__INIT;
    out.account = c.account;
    out.state = (Uppsikt__AccountHealthChanged__State)c.state;
    out.reason_class = upp_lend(
        c.expires_ms > 0 && c.expires_ms - upp_now(txn) <= 14 * UPP_DAY ? "token-expires" : "ok");
    out.token_expires_ms = c.expires_ms;
    out.blind_since_ms = c.blind_ms;
    UPP_TRY(upp_emit(txn, c.account, &out.base, NULL));
    return connection_warn(txn, account, c.expires_ms);
}
