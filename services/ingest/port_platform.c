/* port_platform.c - one HTTP call to a platform, with the hygiene of platforms.md §3 rule 10: a
 * User-Agent, no redirects, a cap on the body, the token in a header and in no log. */
#include "ingest.h"
#include "late_xml.h"
#include "port_webhook.h"
#include "renewal.h"
#include "transfer.h"
#include "upp/host.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

extern const upp_port *const upp_ingest_ports[];

/* Access tokens that were made anew: in memory alone, found by what they were made of. */
enum { RENEWED = 32, MADE_OF = 32 };
typedef struct renewed {
    uint8_t of[MADE_OF];
    char *token;
    upp_ms until;
} renewed;

typedef struct platform {
    upp_loop *loop;
    upp_transfers *transfers;
    uint8_t key[crypto_secretbox_KEYBYTES];
    bool has_key;
    renewed tokens[RENEWED];
    size_t next_token;
} platform;

enum { HEADERS = 12 };

typedef struct call {
    platform *port;
    int64_t id;
    const Uppsikt__CallPlatform *ask; /* lent until it is done */
    uint8_t of[MADE_OF];
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

static void wipe(char *text)
{
    if (text)
        sodium_memzero(text, strlen(text));
    free(text);
}

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

/* Only what somebody reads: quotas, waiting times, kinds. */
static bool wanted(const char *name, size_t n)
{
    static const char *const names[] = {
        "retry-after", "content-type",  "link",
        "date",        "x-rate-limit-", "x-ratelimit-",
        "ratelimit-",  "x-app-usage",   "x-business-use-case-usage"
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
/* NULL when it does not open under our key; wiped by whoever has it. */
static char *open_secret(const platform *p, const ProtobufCBinaryData *sealed)
{
    const size_t overhead = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES;
    if (!p->has_key || sealed->len <= overhead)
        return NULL;
    char *secret = calloc(1, sealed->len - overhead + 1);
    upp_check(secret);
    if (crypto_secretbox_open_easy((uint8_t *)secret, sealed->data + crypto_secretbox_NONCEBYTES,
                                   sealed->len - crypto_secretbox_NONCEBYTES, sealed->data,
                                   p->key) != 0 ||
        strpbrk(secret, "\r\n")) {
        wipe(secret);
        return NULL;
    }
    return secret;
}

static renewed *token_found(platform *p, const uint8_t of[MADE_OF])
{
    for (size_t i = 0; i < RENEWED; i++)
        if (p->tokens[i].token && memcmp(p->tokens[i].of, of, MADE_OF) == 0)
            return &p->tokens[i];
    return NULL;
}

/* Takes over the token; the oldest makes room. */
static void token_keep(platform *p, const uint8_t of[MADE_OF], char *token, upp_ms life)
{
    renewed *r = token_found(p, of);
    if (!r)
        r = &p->tokens[p->next_token++ % RENEWED];
    wipe(r->token);
    memcpy(r->of, of, MADE_OF);
    r->token = token;
    r->until = upp_loop_now(p->loop) + life;
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

/* An access token is asked for; the call follows. */
static void renew(call *c, const renewal *r)
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
    curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, c->headers);
    give_body(c->easy, r->body, strlen(r->body));
    if (!upp_transfers_start(c->port->transfers, c->easy, on_renewed, c))
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
    const int plain = renewal_read(secret, c->ask->session_url, &r);
    c->renews = plain == 0;
    crypto_generichash(c->of, sizeof c->of, (const uint8_t *)secret, strlen(secret), NULL, 0);
    const renewed *known = plain == 0 ? token_found(p, c->of) : NULL;
    if (plain == 1)
        send_call(c, secret);
    else if (plain < 0)
        give_up(c, "token-object");
    else if (known && upp_loop_now(p->loop) < known->until)
        send_call(c, known->token);
    else
        renew(c, &r);
    renewal_done(&r);
    wipe(secret);
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
    token_keep(c->port, c->of, token, life);
    call_clear(c);
    send_call(c, token);
}

static void on_ended(void *self, CURL *easy, CURLcode result)
{
    call *c = self;
    long status = 0, sent = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &sent);
    renewed *old = c->renews && !c->fresh ? token_found(c->port, c->of) : NULL;
    if (result == CURLE_OK && old &&
        renewal_ended(status, c->body, c->len)) { /* ended before its time: nothing was done */
        old->until = 0;
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
    size_t len = 0;
    upp_check(p);
    p->loop = loop;
    p->transfers = upp_transfers_new(loop, 16);
    p->has_key = cfg->token_key &&
                 sodium_hex2bin(p->key, sizeof p->key, cfg->token_key, strlen(cfg->token_key), NULL,
                                &len, NULL) == 0 &&
                 len == sizeof p->key;
    return p;
}

static void platform_close(void *self)
{
    platform *p = self;
    if (!p)
        return;
    upp_transfers_free(p->transfers);
    for (size_t i = 0; i < RENEWED; i++)
        wipe(p->tokens[i].token);
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
