/* stamp.c - the signed heads are stamped by a timestamp authority, when one is configured: one call
 * a day covers all that was saved (RFC 3161; capture.md §4). Nothing waits for it: an authority
 * that is down or answers badly is asked again, the next day's head in its place. */
#include "evidence.h"
#include <sodium.h>
#include <stdio.h>
#include <string.h>

/* -- configuration -- */
/* https or http, a host, and nobody's password: it would stand in logs of others. */
static bool url_good(const char *url, size_t n)
{
    const size_t scheme = n > 8 && memcmp(url, "https://", 8) == 0  ? 8
                          : n > 7 && memcmp(url, "http://", 7) == 0 ? 7
                                                                    : 0;
    if (scheme == 0 || n >= STAMP_URL || url[scheme] == '/' || url[scheme] == ':')
        return false;
    for (size_t i = scheme; i < n; i++)
        if (url[i] <= 0x20 || url[i] >= 0x7F || url[i] == '@')
            return false;
    return true;
}

const char *stamp_config(const evidence_config *c, stamp_urls *ret_urls)
{
    static const char mark[] = "-----BEGIN CERTIFICATE-----";
    size_t count = 0;
    for (const char *at = c->tsa_url ? c->tsa_url : ""; *at;) {
        const size_t n = strcspn(at, " ");
        if (n > 0 && (count == STAMP_URLS || !url_good(at, n)))
            return "tsa_url: at most 8 addresses with https or http, blanks between, no passwords";
        if (n > 0 && ret_urls)
            snprintf(ret_urls->at[count], STAMP_URL, "%.*s", (int)n, at);
        count += n > 0;
        at += n + (at[n] == ' ');
    }
    if (ret_urls)
        ret_urls->n = count;
    if (count == 0)
        return "tsa_url: names nobody";
    for (size_t i = 0; i + sizeof mark - 1 <= c->tsa_ca.len; i++)
        if (memcmp(c->tsa_ca.at + i, mark, sizeof mark - 1) == 0)
            return NULL;
    return "tsa_ca: the PEM file of the roots that a stamp must lead to is wanted with tsa_url";
}

/* -- asking -- */
typedef struct waiting {
    int64_t day, tries;
    char imprint[2 * TREE_HASH + 1];
    bool told;
} waiting;

/* The newest head, if it waits. 1: it does not, or there is none. */
static int newest(upp_txn *txn, waiting *ret_head)
{
    UPP_ROWS row = upp_query(
        txn, "SELECT day, imprint, tries, told, stamped_ms FROM stamp ORDER BY day DESC LIMIT 1",
        NO_BIND);
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : 1;
    *ret_head = (waiting){ .day = upp_col_int(&row, 0),
                           .tries = upp_col_int(&row, 2),
                           .told = upp_col_int(&row, 3) != 0 };
    snprintf(ret_head->imprint, sizeof ret_head->imprint, "%s", upp_col_text(&row, 1));
    return upp_col_int(&row, 4) > 0;
}

static int ask(upp_txn *txn, const waiting *head)
{
    Uppsikt__AskStamp out = UPPSIKT__ASK_STAMP__INIT;
    uint8_t imprint[TREE_HASH];
    char key[48];
    size_t n = 0;
    if (sodium_hex2bin(imprint, sizeof imprint, head->imprint, strlen(head->imprint), NULL, &n,
                       NULL) != 0 ||
        n != sizeof imprint)
        return upp_fail(txn, UPP_E_STORE, "damaged stamp of day %lld", (long long)head->day);
    UPP_TRY(upp_exec(txn, "UPDATE stamp SET tries = tries + 1 WHERE day = ?1", BIND(V(head->day))));
    out.imprint = (ProtobufCBinaryData){ sizeof imprint, imprint };
    upp_random(txn, &out.nonce, sizeof out.nonce);
    snprintf(key, sizeof key, "%lld/%lld", (long long)head->day, (long long)head->tries + 1);
    const int there = upp_ask(txn, "stamp", UPP_ABOUT(HEAD_SUBJECT), key, &out.base);
    return there < 0 ? there : 0;
}

int stamp_begin(upp_txn *txn, const keeper *k, int64_t day, const tree_hash *imprint)
{
    waiting head, before = { .told = false };
    if (!k->stamps)
        return 0;
    const int none = newest(txn, &before);
    UPP_TRY(none);
    head = (waiting){ .day = day, .told = !none && before.told };
    sodium_bin2hex(head.imprint, sizeof head.imprint, imprint->at, TREE_HASH);
    UPP_TRY(upp_exec(txn, "INSERT INTO stamp(day, imprint, told) VALUES(?1, ?2, ?3)",
                     BIND(V(day), V(head.imprint), V(head.told))));
    UPP_TRY(upp_alarm_off(txn, "stamp"));
    return ask(txn, &head);
}

int stamp_alarm(upp_txn *txn, const keeper *k)
{
    waiting head;
    if (!k->stamps)
        return 0;
    const int none = newest(txn, &head);
    UPP_TRY(none);
    return none ? 0 : ask(txn, &head);
}

/* Whoever changed the configuration wants to see what comes of it: a head that waits is not left to
 * the end of its pause. */
int stamp_start(upp_txn *txn, const keeper *k)
{
    waiting head;
    if (!k->stamps)
        return upp_alarm_off(txn, "stamp");
    const int none = newest(txn, &head);
    UPP_TRY(none);
    return none ? 0 : upp_alarm(txn, "stamp", upp_now(txn));
}

/* -- what came of it -- */
static int read_head(upp_txn *txn, int64_t day, int64_t *ret_size, int64_t *ret_at)
{
    UPP_ROWS row = upp_query(txn, "SELECT size, at_ms FROM head WHERE day = ?1", BIND(V(day)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : upp_fail(txn, UPP_E_BUG, "a stamp of no head");
    *ret_size = upp_col_int(&row, 0);
    *ret_at = upp_col_int(&row, 1);
    return 0;
}

static int say_failing(upp_txn *txn, const waiting *head, const char *reason)
{
    Uppsikt__TreeHeadUnstamped out = UPPSIKT__TREE_HEAD_UNSTAMPED__INIT;
    UPP_TRY(read_head(txn, head->day, &out.tree_size, &out.head_ms));
    out.reason = upp_lend(reason);
    return upp_emit(txn, HEAD_SUBJECT, &out.base, NULL);
}

static int failed(upp_txn *txn, const keeper *k, const char *reason)
{
    static const upp_ms spans[] = { UPP_MINUTE, 5 * UPP_MINUTE, 30 * UPP_MINUTE, UPP_HOUR };
    waiting head;
    const int none = newest(txn, &head);
    UPP_TRY(none);
    if (none || !k->stamps) /* it has one by now, or nobody wants one any more */
        return 0;
    const size_t n = (size_t)(head.tries > 0 ? head.tries - 1 : 0);
    UPP_TRY(upp_exec(txn, "UPDATE stamp SET told = 1, reason = ?2 WHERE day = ?1",
                     BIND(V(head.day), V(reason))));
    UPP_TRY(
        upp_alarm(txn, "stamp", upp_now(txn) + spans[n < UPP_LEN(spans) ? n : UPP_LEN(spans) - 1]));
    return head.told ? 0 : say_failing(txn, &head, reason);
}

static int stamped(upp_txn *txn, const Uppsikt__StampAnswered *said)
{
    Uppsikt__TreeHeadStamped out = UPPSIKT__TREE_HEAD_STAMPED__INIT;
    char hex[2 * TREE_HASH + 1];
    sodium_bin2hex(hex, sizeof hex, said->imprint.data, TREE_HASH);
    UPP_ROWS row =
        upp_query(txn, "SELECT day FROM stamp WHERE imprint = ?1 AND stamped_ms = 0", BIND(V(hex)));
    if (!upp_next(&row)) /* asked twice: the first was taken */
        return row.rc < 0 ? row.rc : 0;
    const int64_t day = upp_col_int(&row, 0);
    upp_rows_done(&row);
    UPP_TRY(upp_exec(txn, "UPDATE stamp SET stamped_ms = ?2, told = 0, reason = '' WHERE day = ?1",
                     BIND(V(day), V(said->stamped_ms))));
    UPP_TRY(read_head(txn, day, &out.tree_size, &out.head_ms));
    out.imprint = said->imprint;
    out.stamped_ms = said->stamped_ms;
    out.authority = said->authority;
    out.reply = said->reply;
    return upp_emit(txn, HEAD_SUBJECT, &out.base, NULL);
}

int stamp_answered(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__StampAnswered *said = msg;
    if (in->dead || !said)
        return failed(txn, self, "stamp-given-up");
    if (said->failed[0])
        return failed(txn, self, said->failed);
    if (said->imprint.len != TREE_HASH || said->reply.len == 0 || said->stamped_ms <= 0)
        return upp_fail(txn, UPP_E_BUG, "a stamp that was not checked");
    return stamped(txn, said);
}
