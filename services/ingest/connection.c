/* connection.c - accounts of the register joined to a connector; their tokens lie sealed. */
#include "grant.h"
#include "ingest.h"
#include "linkedin.h"
#include "token_box.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *hex_of(const uint8_t *bytes, size_t len)
{
    char *hex = malloc(2 * len + 1);
    upp_check(hex);
    return sodium_bin2hex(hex, 2 * len + 1, bytes, len);
}

/* Sealed, in hexadecimal, under the deployment's token key; from malloc. NULL: the key is not 64
 * hexadecimal digits. */
static char *seal(upp_txn *txn, const char *key_hex, const char *token)
{
    uint8_t key[TOKEN_BOX_KEY], nonce[TOKEN_BOX_NONCE];
    size_t len = 0;
    if (token_box_key(key_hex, key) < 0)
        return NULL;
    upp_random(txn, nonce, sizeof nonce);
    uint8_t *sealed = token_box_seal(key, nonce, token, &len);
    char *hex = hex_of(sealed, len);
    sodium_memzero(key, sizeof key);
    free(sealed);
    return hex;
}

/* `whole`: nothing is added to it, so it may end in a slash. */
static bool good_url(const char *url, bool whole)
{
    const bool local = strncmp(url, "http://127.0.0.1", 16) == 0 ||
                       strncmp(url, "http://localhost", 16) == 0 ||
                       strncmp(url, "http://[::1]", 12) == 0;
    const size_t n = strlen(url);
    return (strncmp(url, "https://", 8) == 0 || local) && n > 10 && n < 400 &&
           (whole || url[n - 1] != '/');
}

/* As it was asked for; else as configured, but never oftener than the platform's quota is made for.
 */
static upp_ms poll_span_of(const Uppsikt__ConnectAccount *c, const connector *how,
                           const ingest_config *config)
{
    if (c->poll_span > 0)
        return c->poll_span;
    if (how->pushes) /* nobody looks */
        return 0;
    return how->poll_span > config->poll_span ? how->poll_span : config->poll_span;
}

static bool is_granted(const Uppsikt__ConnectAccount *c, const connector *how)
{
    return how->grant && grant_is(c->token);
}

static int store(upp_txn *txn, const ingest_config *config, const Uppsikt__ConnectAccount *c,
                 const connector *how, const char *sealed)
{
    const int rc = upp_exec(
        txn,
        "INSERT INTO connection(account, connector, base_url, sealed_token, connected_ms,"
        " expires_ms, poll_span, renew_ms) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
        /* its state is what the next call finds; a call under way ends first, and what a renewal
         * under way brings is of the token before; where the address is all, what another one said
         * of itself tells nothing of this one */
        " ON CONFLICT(account) DO UPDATE SET connector = ?2, base_url = ?3, sealed_token = ?4,"
        " expires_ms = ?6, poll_span = ?7, own_key = '', failures = 0, rung = 0, renew_ms = ?8,"
        " doing = CASE doing WHEN 'renewal' THEN 'renewal-before' ELSE doing END,"
        " mark = CASE ?9 WHEN 1 THEN '' ELSE mark END",
        BIND(V(c->account), V(c->connector), V(c->base_url), V(sealed), V(upp_now(txn)),
             V(c->token_expires_ms), V(poll_span_of(c, how, config)),
             V(is_granted(c, how) ? upp_now(txn) : 0), V(how->open ? 1 : 0)));
    return rc < 0 ? rc : 0;
}

/* When the token that is there now ends; 0: nobody knows. */
static int expires_before(upp_txn *txn, const char *account, upp_ms *ret_expires)
{
    UPP_ROWS row =
        upp_query(txn, "SELECT expires_ms FROM connection WHERE account = ?1", BIND(V(account)));
    if (upp_next(&row))
        *ret_expires = upp_col_int(&row, 0);
    return row.rc;
}

/* Which of several we are there, where the token does not tell; without it what was known holds. */
static int keep_external(upp_txn *txn, const Uppsikt__ConnectAccount *c)
{
    upp_content kept;
    int64_t before = 0;
    Uppsikt__ItemAuthor own = UPPSIKT__ITEM_AUTHOR__INIT;
    if (!c->external_account[0])
        return 0;
    {
        UPP_ROWS row = upp_query(txn, "SELECT own_ref FROM connection WHERE account = ?1",
                                 BIND(V(c->account)));
        if (upp_next(&row))
            before = upp_col_int(&row, 0);
        UPP_TRY(row.rc);
    }
    own.id = c->external_account;
    UPP_TRY(upp_drop(txn, before));
    UPP_TRY(upp_keep(txn, UPP_ABOUT(c->account), &own.base, &kept));
    const int rc = upp_exec(txn, "UPDATE connection SET own_ref = ?2 WHERE account = ?1",
                            BIND(V(c->account), V(kept.ref)));
    return rc < 0 ? rc : 0;
}

/* Is what was given what such a connector wants? 0, or a refusal. */
static int check_given(upp_txn *txn, const ingest_config *config, const Uppsikt__ConnectAccount *c,
                       const connector *how)
{
    if (!how)
        return upp_refuse(txn, "no-such-connector");
    if (strlen(c->external_account) >= OWN_ID)
        return upp_refuse(txn, "external-too-long");
    if (how->pushes)
        return pushed_check(txn, config, c);
    if (!good_url(c->base_url, how->open))
        return upp_refuse(txn, "base-url-not-https");
    if (!c->token[0] && !how->open)
        return upp_refuse(txn, "token-missing");
    if (is_granted(c, how) && !grant_is_whole(c->token))
        return upp_refuse(txn, "token-object");
    if (c->secret[0]) /* a platform's webhook is signed with the application's, not the account's */
        return upp_refuse(txn, "webhook-secret-elsewhere");
    return 0;
}

static int check_account(upp_txn *txn, const Uppsikt__ConnectAccount *c)
{
    UPP_ROWS known =
        upp_query(txn, "SELECT platform FROM account WHERE account = ?1", BIND(V(c->account)));
    if (!upp_next(&known))
        return known.rc < 0 ? known.rc : upp_refuse(txn, "account-unknown");
    if (strcmp(upp_col_text(&known, 0), c->connector) != 0)
        return upp_refuse(txn, "account-on-another-platform");
    return 0;
}

/* From now on: it is looked at, or whoever may push is let in. */
static int begin(upp_txn *txn, const Uppsikt__ConnectAccount *c, const connector *how)
{
    char alarm[ALARM_KEY];
    if (how->pushes) {
        UPP_TRY(pushed_expect(txn, c->account, c->poll_span));
        return pushed_tell(txn);
    }
    snprintf(alarm, sizeof alarm, "poll/%s", c->account);
    return upp_alarm(txn, alarm, upp_now(txn));
}

int connection_connect(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)in;
    const ingest_config *config = self;
    const Uppsikt__ConnectAccount *c = msg;
    const connector *how = connector_named(c->connector);
    UPP_TRY(check_given(txn, config, c, how));
    UPP_TRY(check_account(txn, c));
    upp_ms before = 0;
    UPP_TRY(expires_before(txn, c->account, &before));
    const char *secret = how->pushes ? c->secret : c->token;
    char *sealed = secret[0] ? seal(txn, config->token_key, secret) : strdup("");
    if (!sealed)
        return upp_refuse(txn, "no-token-key");
    const int rc = store(txn, config, c, how, sealed);
    free(sealed);
    UPP_TRY(rc);
    UPP_TRY(keep_external(txn, c));
    UPP_TRY(begin(txn, c, how));
    UPP_TRY(c->token_expires_ms != before ? connection_expires(txn, c->account)
                                          : connection_warn(txn, c->account, before));
    Uppsikt__Connected out = UPPSIKT__CONNECTED__INIT;
    out.account = c->account;
    return upp_reply(txn, &out.base);
}

int connection_renewed(upp_txn *txn, const connection *c, const Uppsikt__PlatformAnswered *answer)
{
    char *hex = hex_of(answer->sealed_token.data, answer->sealed_token.len);
    const int rc =
        upp_exec(txn, "UPDATE connection SET sealed_token = ?2, renew_ms = ?3 WHERE account = ?1",
                 BIND(V(c->account), V(hex), V(upp_now(txn) + answer->token_span / 2)));
    free(hex);
    return rc < 0 ? rc : 0;
}

int connection_version(upp_txn *txn, const ingest_config *config, const char *account)
{
    const char *version = config->linkedin_version ? config->linkedin_version : "";
    const int rc = upp_exec(txn,
                            "UPDATE connection SET version = ?3 WHERE account = ?1"
                            " AND connector = ?2 AND version <> ?3",
                            BIND(V(account), V(linkedin_connector.name), V(version)));
    return rc < 0 ? rc : 0;
}

int connection_wake_all(upp_txn *txn)
{
    UPP_ROWS row = upp_query(txn, "SELECT account, connector FROM connection", NO_BIND);
    while (upp_next(&row)) {
        char alarm[ALARM_KEY];
        const connector *how = connector_named(upp_col_text(&row, 1));
        if (!how || how->pushes)
            continue;
        snprintf(alarm, sizeof alarm, "poll/%s", upp_col_text(&row, 0));
        UPP_TRY(upp_alarm(txn, alarm, upp_now(txn)));
    }
    return row.rc;
}

int connection_query(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__Connections *q = msg;
    UPP_ROWS row =
        upp_query(txn,
                  "SELECT c.account, c.connector, c.state, c.expires_ms, c.blind_ms, c.polled_ms,"
                  " coalesce(a.due, 0), (SELECT count(*) FROM item i WHERE i.account = c.account),"
                  " c.reason"
                  " FROM connection c LEFT JOIN upp_alarm a ON a.key = 'poll/' || c.account"
                  " WHERE c.account > ?1 ORDER BY c.account LIMIT ?2",
                  BIND(V(q->after), V(q->limit > 0 && q->limit < 200 ? q->limit : 200)));
    while (upp_next(&row)) {
        Uppsikt__ConnectionRow out = UPPSIKT__CONNECTION_ROW__INIT;
        Uppsikt__AccountHealthChanged health = UPPSIKT__ACCOUNT_HEALTH_CHANGED__INIT;
        out.account = upp_lend(upp_col_text(&row, 0));
        out.connector = upp_lend(upp_col_text(&row, 1));
        health.account = out.account;
        health.state = (Uppsikt__AccountHealthChanged__State)upp_col_int(&row, 2);
        health.token_expires_ms = upp_col_int(&row, 3);
        health.blind_since_ms = upp_col_int(&row, 4);
        health.reason_class = upp_lend(upp_col_text(&row, 8));
        out.health = &health;
        out.polled_ms = upp_col_int(&row, 5);
        out.next_ms = upp_col_int(&row, 6);
        out.items = upp_col_int(&row, 7);
        UPP_TRY(upp_reply(txn, &out.base));
    }
    return row.rc;
}
