/* port_platform.c - one HTTP call to a platform, with the hygiene of platforms.md §3 rule 10: a
 * User-Agent, no redirects, a cap on the body, the token in a header and in no log. */
#include "grant.h"
#include "ingest.h"
#include "late_xml.h"
#include "port_webhook.h"
#include "renewal.h"
#include "token_box.h"
#include "token_cache.h"
#include "transfer.h"
#include "upp/host.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

extern const upp_port *const upp_ingest_ports[];

typedef struct platform {
    upp_loop *loop;
    upp_transfers *transfers;
    uint8_t key[TOKEN_BOX_KEY];
    bool has_key;
    token_cache made;
} platform;

enum { HEADERS = 12 };

typedef struct call {
    platform *port;
    int64_t id;
    const Uppsikt__CallPlatform *ask; /* lent until it is done */
    uint8_t of[TOKEN_MADE_OF];
    bool renews, fresh; /* its token is made anew; it was just now */
    CURL *easy;
    struct curl_slist *headers;
    char *token_header; /* wiped before it is freed */
    uint8_t *body;      /* what comes back */
    size_t len, size, limit;
    char *names[HEADERS], *values[HEADERS];
    size_t n_headers;
    bool too_large;
} call;

/* What one transfer had; another may follow. */
static void call_clear(call *c)
{
    if (c->token_header)
        sodium_memzero(c->token_header, strlen(c->token_header));
    for (size_t i = 0; i < c->n_headers; i++) {
        free(c->names[i]);
        free(c->values[i]);
    }
    curl_easy_cleanup(c->easy);
    for (struct curl_slist *h = c->headers; h; h = h->next)
        sodium_memzero(h->data, strlen(h->data));
    curl_slist_free_all(c->headers);
    free(c->token_header);
    if (c->body && c->renews)
        sodium_memzero(c->body, c->len);
    free(c->body);
    c->easy = NULL;
    c->headers = NULL;
    c->token_header = NULL;
    c->body = NULL;
    c->len = c->size = c->n_headers = 0;
    c->too_large = false;
}

static void call_free(call *c)
{
    call_clear(c);
    free(c);
}

static size_t take_body(char *at, size_t one, size_t n, void *self)
{
    call *c = self;
    (void)one;
    if (c->len + n > c->limit) {
        c->too_large = true;
        return 0; /* ends the transfer: without Content-Length nobody else counts */
    }
    if (c->len + n > c->size) {
        c->size = (c->len + n) * 2;
        c->body = realloc(c->body, c->size);
        upp_check(c->body);
    }
    memcpy(c->body + c->len, at, n);
    c->len += n;
    return n;
}

/* Only what somebody reads: quotas, waiting times, kinds, what tells a page from its next. */
static bool wanted(const char *name, size_t n)
{
    static const char *const names[] = {
        "retry-after", "content-type",  "link",          "date",
        "etag",        "last-modified", "x-rate-limit-", "x-ratelimit-",
        "ratelimit-",  "x-app-usage",   "x-restli-id",   "x-business-use-case-usage"
    };
    for (size_t i = 0; i < UPP_LEN(names); i++)
        if (n >= strlen(names[i]) && strncasecmp(name, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

static size_t take_header(char *at, size_t one, size_t n, void *self)
{
    call *c = self;
    (void)one;
    const char *colon = memchr(at, ':', n);
    if (!colon || c->n_headers == HEADERS || !wanted(at, (size_t)(colon - at)))
        return n;
    const char *value = colon + 1, *end = at + n;
    while (value < end && *value == ' ')
        value++;
    while (end > value && (end[-1] == '\r' || end[-1] == '\n' || end[-1] == ' '))
        end--;
    char *name = strndup(at, (size_t)(colon - at));
    upp_check(name);
    for (char *p = name; *p; p++)
        *p = (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
    c->names[c->n_headers] = name;
    c->values[c->n_headers] = strndup(value, (size_t)(end - value));
    upp_check(c->values[c->n_headers]);
    c->n_headers++;
    return n;
}

static const char *why_failed(const call *c, CURLcode result)
{
    if (c->too_large)
        return "too-large";
    switch ((int)result) {
    case CURLE_OPERATION_TIMEDOUT:
        return "timeout";
    case CURLE_COULDNT_RESOLVE_HOST:
        return "resolve";
    case CURLE_COULDNT_CONNECT:
        return "connect";
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
        return "tls";
    default:
        return "cut";
    }
}

static void tell(call *c, CURLcode result, bool sent)
{
    long status = 0;
    Uppsikt__HttpHeader headers[HEADERS];
    Uppsikt__HttpHeader *list[HEADERS];
    Uppsikt__PlatformAnswered answer = UPPSIKT__PLATFORM_ANSWERED__INIT;
    curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
    answer.at_ms = upp_loop_now(c->port->loop);
    answer.sent = sent;
    if (result == CURLE_OK) {
        answer.status = (int32_t)status;
        answer.body = (ProtobufCBinaryData){ c->len, c->body };
    } else {
        answer.failed = upp_lend(why_failed(c, result));
    }
    for (size_t i = 0; i < c->n_headers; i++) {
        uppsikt__http_header__init(&headers[i]);
        headers[i].name = c->names[i];
        headers[i].value = c->values[i];
        list[i] = &headers[i];
    }
    answer.headers = list;
    answer.n_headers = c->n_headers;
    upp_done(c->port->loop, c->id, UPP_DONE, &answer.base, 0);
    call_free(c);
}

static void refuse(platform *p, int64_t id, const char *why, bool sent)
{
    Uppsikt__PlatformAnswered answer = UPPSIKT__PLATFORM_ANSWERED__INIT;
    answer.sent = sent;
    answer.failed = upp_lend(why);
    answer.at_ms = upp_loop_now(p->loop);
    upp_done(p->loop, id, UPP_DONE, &answer.base, 0);
}

static void give_up(call *c, const char *why)
{
    platform *p = c->port;
    const int64_t id = c->id;
    call_free(c);
    refuse(p, id, why, false);
}

/* -- the token -- */
/* NULL when it does not open under our key. */
static char *open_secret(const platform *p, const ProtobufCBinaryData *sealed)
{
    return p->has_key ? token_box_open_line(p->key, sealed->data, sealed->len) : NULL;
}

static void set_up(call *c, const char *url, const char *method, int64_t span)
{
    c->easy = curl_easy_init();
    upp_check(c->easy);
    CURL *e = c->easy;
    curl_easy_setopt(e, CURLOPT_URL, url);
    curl_easy_setopt(e, CURLOPT_USERAGENT, "uppsikt/0.1"); /* some servers answer 418 without */
    curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "https,http");
    curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(e, CURLOPT_PROXY, strncmp(url, "http:", 5) == 0 ? "" : NULL);
    curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, 10000L);
    curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)(span > 0 ? span : 60000));
    curl_easy_setopt(e, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)c->limit);
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(e, CURLOPT_WRITEDATA, c);
    curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(e, CURLOPT_HEADERDATA, c);
    if (strcmp(method, "GET") != 0) {
        curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, method);
        /* on a connection of its own: libcurl sends again by itself what an old one swallowed */
        curl_easy_setopt(e, CURLOPT_FRESH_CONNECT, 1L);
    }
}

static void give_body(CURL *easy, const char *body, size_t len)
{
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)len);
    curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, len > 0 ? body : "");
}

static void on_ended(void *self, CURL *easy, CURLcode result);
static void on_renewed(void *self, CURL *easy, CURLcode result);
static void on_granted(void *self, CURL *easy, CURLcode result);

/* An access token is asked for. */
static void renew(call *c, const renewal *r, upp_transfer_ended *then)
{
    c->fresh = true;
    if (upp_loop_speed(c->port->loop) > 1 && !upp_url_is_here(r->url)) {
        give_up(c, "trial");
        return;
    }
    set_up(c, r->url, "POST", c->ask->timeout_span);
    c->headers = curl_slist_append(NULL, strcmp(r->type, "application/json") == 0
                                             ? "Content-Type: application/json"
                                             : "Content-Type: application/x-www-form-urlencoded");
    if (r->basic)
        c->headers = curl_slist_append(c->headers, r->basic);
    curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, c->headers);
    give_body(c->easy, r->body, strlen(r->body));
    if (!upp_transfers_start(c->port->transfers, c->easy, then, c))
        give_up(c, "cannot-start");
}

static void send_call(call *c, const char *token)
{
    const Uppsikt__CallPlatform *ask = c->ask;
    set_up(c, ask->url, ask->method, ask->timeout_span);
    if (token) {
        static const char head[] = "Authorization: Bearer ";
        c->token_header = calloc(1, sizeof head + strlen(token));
        upp_check(c->token_header);
        memcpy(c->token_header, head, sizeof head - 1);
        memcpy(c->token_header + sizeof head - 1, token, strlen(token));
        c->headers = curl_slist_append(c->headers, c->token_header);
    }
    for (size_t i = 0; i < ask->n_headers; i++) {
        char line[1024];
        snprintf(line, sizeof line, "%s: %s", ask->headers[i]->name, ask->headers[i]->value);
        if (!strpbrk(line, "\r\n"))
            c->headers = curl_slist_append(c->headers, line);
    }
    curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, c->headers);
    /* a POST of nothing says so: without a length some servers answer 411 */
    if (ask->body.len > 0 || strcmp(ask->method, "POST") == 0)
        give_body(c->easy, (const char *)ask->body.data, ask->body.len);
    if (!upp_transfers_start(c->port->transfers, c->easy, on_ended, c))
        give_up(c, "cannot-start");
}

/* The access token that lies sealed; or its renewal, which is a call of its own. */
static void begin_granted(call *c, const char *secret)
{
    renewal r = { 0 };
    char *access = NULL;
    c->renews = c->ask->renew;
    if (c->ask->renew && grant_ask(secret, c->ask->url, &r) == 0)
        renew(c, &r, on_granted);
    else if (!c->ask->renew && (access = grant_access(secret)))
        send_call(c, access);
    else
        give_up(c, c->ask->renew ? "token-object" : "token-renewal");
    renewal_done(&r);
    token_wipe(access);
}

/* With the token that lies sealed, or with one that is made of it. */
static void begin(call *c)
{
    platform *p = c->port;
    renewal r = { 0 };
    if (c->ask->sealed_token.len == 0) {
        send_call(c, NULL);
        return;
    }
    char *secret = open_secret(p, &c->ask->sealed_token);
    if (!secret) {
        give_up(c, "token-key");
        return;
    }
    if (c->ask->granted || c->ask->renew) {
        begin_granted(c, secret);
        token_wipe(secret);
        return;
    }
    const int plain = renewal_read(secret, c->ask->session_url, &r);
    c->renews = plain == 0;
    crypto_generichash(c->of, sizeof c->of, (const uint8_t *)secret, strlen(secret), NULL, 0);
    const char *known =
        plain == 0 ? token_cache_find(&p->made, c->of, upp_loop_now(p->loop)) : NULL;
    if (plain == 1)
        send_call(c, secret);
    else if (plain < 0)
        give_up(c, "token-object");
    else if (known)
        send_call(c, known);
    else
        renew(c, &r, on_renewed);
    renewal_done(&r);
    token_wipe(secret);
}

/* 400 and 401 are the token's end, and the service's business; all else is as if nothing had been
 * called. */
static void on_renewed(void *self, CURL *easy, CURLcode result)
{
    call *c = self;
    long status = 0;
    upp_ms life = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (result == CURLE_OK && (status == 400 || status == 401)) {
        tell(c, result, false);
        return;
    }
    char *token =
        result == CURLE_OK && status == 200 ? renewal_token(c->body, c->len, &life) : NULL;
    if (!token) {
        give_up(c, "token-renewal");
        return;
    }
    token_cache_keep(&c->port->made, c->of, token, upp_loop_now(c->port->loop) + life);
    call_clear(c);
    send_call(c, token);
}

/* What was granted goes back sealed, and alone: an answer is kept for a while. */
static void tell_granted(call *c, const char *secret, upp_ms life)
{
    Uppsikt__PlatformAnswered answer = UPPSIKT__PLATFORM_ANSWERED__INIT;
    uint8_t nonce[TOKEN_BOX_NONCE];
    randombytes_buf(nonce, sizeof nonce);
    answer.status = 200;
    answer.sent = true;
    answer.at_ms = upp_loop_now(c->port->loop);
    answer.sealed_token.data =
        token_box_seal(c->port->key, nonce, secret, &answer.sealed_token.len);
    answer.token_span = life;
    upp_done(c->port->loop, c->id, UPP_DONE, &answer.base, 0);
    free(answer.sealed_token.data);
    call_free(c);
}

static void on_granted(void *self, CURL *easy, CURLcode result)
{
    call *c = self;
    long status = 0;
    upp_ms life = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    char *old = open_secret(c->port, &c->ask->sealed_token);
    char *new = old &&result == CURLE_OK &&status == 200
                    ? grant_renewed(old, c->body, c->len, &life)
                    : NULL;
    token_wipe(old);
    if (new) {
        tell_granted(c, new, life);
    } else {
        c->len = 0; /* what was said of it stays here */
        tell(c, result, true);
    }
    token_wipe(new);
}

static void on_ended(void *self, CURL *easy, CURLcode result)
{
    call *c = self;
    long status = 0, sent = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &sent);
    if (result == CURLE_OK && c->renews && !c->fresh &&
        renewal_ended(status, c->body, c->len)) { /* ended before its time: nothing was done */
        token_cache_drop(&c->port->made, c->of);
        call_clear(c);
        begin(c);
        return;
    }
    tell(c, result, sent > 0);
}

static void platform_start(void *self, const upp_asked *asked)
{
    platform *p = self;
    const Uppsikt__CallPlatform *ask = (const Uppsikt__CallPlatform *)asked->request;
    if (upp_loop_speed(p->loop) > 1 && !upp_url_is_here(ask->url)) {
        refuse(p, asked->id, "trial", false);
        return;
    }
    /* A process that died may have sent it already. Reading may be done twice; for the rest the
     * service looks first (outgoing.c). */
    if (asked->attempt > 1 && strcmp(ask->method, "GET") != 0) {
        refuse(p, asked->id, "interrupted", true);
        return;
    }
    call *c = calloc(1, sizeof *c);
    upp_check(c);
    c->port = p;
    c->id = asked->id;
    c->ask = ask;
    c->limit = ask->max_bytes > 0 ? (size_t)ask->max_bytes : 8U * 1024 * 1024;
    begin(c);
}

static void *platform_open(upp_loop *loop, const void *config)
{
    const ingest_config *cfg = config;
    platform *p = calloc(1, sizeof *p);
    upp_check(p);
    p->loop = loop;
    p->transfers = upp_transfers_new(loop, 16);
    p->has_key = token_box_key(cfg->token_key, p->key) == 0;
    return p;
}

static void platform_close(void *self)
{
    platform *p = self;
    if (!p)
        return;
    upp_transfers_free(p->transfers);
    token_cache_done(&p->made);
    sodium_memzero(p->key, sizeof p->key);
    free(p);
}

/* What is called is read, too (item.c). */
static const char *platform_lacks(void)
{
    const char *curl = upp_curl_lacks();
    return curl ? curl : upp_xml_lacks();
}

static const upp_port port = {
    .name = "platform",
    .request = &uppsikt__call_platform__descriptor,
    .answer = &uppsikt__platform_answered__descriptor,
    .again = UPP_LOOK_FIRST,
    .open = platform_open,
    .start = platform_start,
    .close = platform_close,
    .lacks = platform_lacks,
};

const upp_port *const upp_ingest_ports[] = { &port, &ingest_port_webhook, NULL };
