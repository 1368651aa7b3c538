/* renew.c - the renewal of an account's token: a call like others of its poll, so that there is
 * never more than one, long before the token ends (platforms.md §3 rule 9). */
#include "ingest.h"
#include <stdio.h>
#include <string.h>

bool renew_due(upp_txn *txn, const connection *c)
{
    return c->renew_ms > 0 && c->renew_ms <= upp_now(txn);
}

int renew_start(upp_txn *txn, const connection *c)
{
    char key[ALARM_KEY + 32];
    UPP_AUTO(call_request_done)
    request r = { .method = "POST",
                  .renews = true,
                  .url = connector_text("%s%s", c->base_url, c->how->grant) };
    snprintf(key, sizeof key, "poll/%s/%lld", c->account, (long long)c->calls + 1);
    const int gone = connection_ask(txn, c, &r, UPP_ABOUT(c->account), key);
    if (gone)
        return gone < 0 ? gone : 0;
    const int rc = upp_exec(txn,
                            "UPDATE connection SET calls = calls + 1, doing = 'renewal',"
                            " doing_item = '' WHERE account = ?1",
                            BIND(V(c->account)));
    return rc < 0 ? rc : 0;
}

bool renew_is_under_way(const connection *c)
{
    return strncmp(c->doing, "renewal", 7) == 0;
}

/* 400 and 401 say that nothing comes for this refresh token any more (RFC 6749 §5.2). */
static enum verdict verdict_of(const Uppsikt__PlatformAnswered *answer)
{
    if (!answer || answer->status == 0)
        return VERDICT_TRANSIENT;
    if (answer->status == 200)
        return answer->sealed_token.len > 0 && answer->token_span > 0 ? VERDICT_OK
                                                                      : VERDICT_PERMANENT;
    return answer->status == 400 || answer->status == 401 ? VERDICT_AUTH
           : answer->status == 429                        ? VERDICT_THROTTLE
                                                          : VERDICT_TRANSIENT;
}

int renew_answer(upp_txn *txn, const connection *c, const Uppsikt__PlatformAnswered *answer,
                 enum verdict *ret_verdict)
{
    *ret_verdict = VERDICT_OK;
    if (strcmp(c->doing, "renewal") != 0) /* another token was given meanwhile */
        return 0;
    *ret_verdict = verdict_of(answer);
    return *ret_verdict == VERDICT_OK ? connection_renewed(txn, c, answer) : 0;
}
