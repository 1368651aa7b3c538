/* port_platform.c - one HTTP call to a platform, with the hygiene of platforms.md §3 rule 10: a
 * User-Agent, no redirects, a cap on the body, the token in a header and in no log. */
#include "ingest.h"
#include "late_xml.h"
#include "port_webhook.h"
#include "session.h"
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
    sessions *sessions;
    uint8_t key[crypto_secretbox_KEYBYTES];
    bool has_key;
} platform;

enum { HEADERS = 12 };

typedef struct call {
    platform *port;
    int64_t id;
    CURL *easy;
    struct curl_slist *headers, *sent; /* without the token, and with it */
    char *token_header;                /* wiped before it is freed */
    char *session_url;                 /* NULL: it needs no session */
    char *question;                    /* that asks for one; wiped, too */
    CURL *door;
    struct curl_slist *door_headers;
    bool at_door, been_there;
    uint8_t *body; /* what comes back */
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

/* What came back is of no use to whoever asked: it may hold a token. */
static void forget_answer(call *c)
{
    for (size_t i = 0; i < c->n_headers; i++) {
        free(c->names[i]);
        free(c->values[i]);
    }
    c->n_headers = 0;
    if (c->body)
        sodium_memzero(c->body, c->len);
    c->len = 0;
}

static void forget_sent(call *c)
{
    for (struct curl_slist *h = c->sent; h; h = h->next)
        sodium_memzero(h->data, strlen(h->data));
    curl_slist_free_all(c->sent);
    c->sent = NULL;
}

static void call_free(call *c)
{
    forget_answer(c);
    curl_easy_cleanup(c->easy);
    curl_easy_cleanup(c->door);
    forget_sent(c);
    curl_slist_free_all(c->headers);
    curl_slist_free_all(c->door_headers);
    wipe(c->token_header);
    wipe(c->question);
    free(c->session_url);
    free(c->body);
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

static void give_answer(call *c, CURL *easy, CURLcode result)
{
    long status = 0, sent = 0;
    Uppsikt__HttpHeader headers[HEADERS];
    Uppsikt__HttpHeader *list[HEADERS];
    Uppsikt__PlatformAnswered answer = UPPSIKT__PLATFORM_ANSWERED__INIT;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &sent);
    answer.at_ms = upp_loop_now(c->port->loop);
    answer.sent = sent > 0 && !c->at_door; /* what was asked for has not left yet */
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

/* "Authorization: Bearer <token>", or NULL when the token does not open under our key. */
static const char head[] = "Authorization: Bearer ";
static char *open_token(const platform *p, const ProtobufCBinaryData *sealed)
{
    const size_t overhead = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES;
    if (!p->has_key || sealed->len <= overhead)
        return NULL;
    const size_t len = sealed->len - overhead;
    char *line = calloc(1, sizeof head + len);
    upp_check(line);
    memcpy(line, head, sizeof head - 1);
    if (crypto_secretbox_open_easy(
            (uint8_t *)line + sizeof head - 1, sealed->data + crypto_secretbox_NONCEBYTES,
            sealed->len - crypto_secretbox_NONCEBYTES, sealed->data, p->key) != 0 ||
        strpbrk(line, "\r\n")) {
        free(line);
        return NULL;
    }
    return line;
}

static void set_up(call *c, CURL *e, const char *url, int64_t span)
{
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
}

static void set_up_call(call *c, const Uppsikt__CallPlatform *ask)
{
    CURL *e = c->easy;
    set_up(c, e, ask->url, ask->timeout_span);
    if (strcmp(ask->method, "GET") != 0) {
        curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, ask->method);
        /* on a connection of its own: libcurl sends again by itself what an old one swallowed */
        curl_easy_setopt(e, CURLOPT_FRESH_CONNECT, 1L);
    }
    if (ask->body.len > 0) {
        curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE, (long)ask->body.len);
        curl_easy_setopt(e, CURLOPT_COPYPOSTFIELDS, ask->body.data);
    }
}

static void refuse(platform *p, int64_t id, const char *why, bool sent)
{
    Uppsikt__PlatformAnswered answer = UPPSIKT__PLATFORM_ANSWERED__INIT;
    answer.sent = sent;
    answer.failed = upp_lend(why);
    answer.at_ms = upp_loop_now(p->loop);
    upp_done(p->loop, id, UPP_DONE, &answer.base, 0);
}

/* -- sending, when need be through the door -- */
static void on_ended(void *self, CURL *easy, CURLcode result);
static void on_door(void *self, CURL *easy, CURLcode result);

static bool send_question(call *c)
{
    c->question = session_question(c->token_header + sizeof head - 1);
    c->door = curl_easy_init();
    if (!c->question || !c->door)
        return false;
    c->at_door = c->been_there = true;
    c->door_headers = curl_slist_append(NULL, "Content-Type: application/json");
    set_up(c, c->door, c->session_url, 0);
    curl_easy_setopt(c->door, CURLOPT_CUSTOMREQUEST, "POST");
    curl_easy_setopt(c->door, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(c->door, CURLOPT_HTTPHEADER, c->door_headers);
    curl_easy_setopt(c->door, CURLOPT_POSTFIELDSIZE, (long)strlen(c->question));
    curl_easy_setopt(c->door, CURLOPT_COPYPOSTFIELDS, c->question);
    return upp_transfers_start(c->port->transfers, c->door, on_door, c);
}

/* False: it could not be started. */
static bool send_call(call *c)
{
    const char *token = c->token_header ? c->token_header + sizeof head - 1 : NULL;
    if (c->session_url) {
        token = session_token(c->port->sessions, token);
        if (!token)
            return send_question(c);
    }
    forget_sent(c);
    if (token) {
        char *line = malloc(sizeof head + strlen(token));
        upp_check(line);
        memcpy(line, head, sizeof head - 1);
        memcpy(line + sizeof head - 1, token, strlen(token) + 1);
        c->sent = curl_slist_append(NULL, line);
        wipe(line);
    }
    for (const struct curl_slist *h = c->headers; h; h = h->next)
        c->sent = curl_slist_append(c->sent, h->data);
    curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, c->sent);
    c->at_door = false;
    return upp_transfers_start(c->port->transfers, c->easy, on_ended, c);
}

static void send_or_refuse(call *c)
{
    if (send_call(c))
        return;
    platform *p = c->port;
    const int64_t id = c->id;
    call_free(c);
    refuse(p, id, "cannot-start", false);
}

/* What does not let us in is the answer: nothing else was called. */
static void on_door(void *self, CURL *easy, CURLcode result)
{
    call *c = self;
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (result != CURLE_OK || status != 200) {
        give_answer(c, easy, result);
        return;
    }
    const bool let_in =
        session_keep(c->port->sessions, c->token_header + sizeof head - 1, c->body, c->len);
    forget_answer(c);
    if (let_in)
        send_or_refuse(c);
    else
        give_answer(c, easy, CURLE_WEIRD_SERVER_REPLY);
}

/* A session that has ended is made anew, once: what was turned away for it has done nothing. */
static void on_ended(void *self, CURL *easy, CURLcode result)
{
    call *c = self;
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (c->session_url && result == CURLE_OK && session_ended(status, c->body, c->len)) {
        session_drop(c->port->sessions, c->token_header + sizeof head - 1);
        if (!c->been_there) {
            forget_answer(c);
            send_or_refuse(c);
            return;
        }
    }
    give_answer(c, easy, result);
}

static void add_headers(call *c, const Uppsikt__CallPlatform *ask)
{
    for (size_t i = 0; i < ask->n_headers; i++) {
        char line[1024];
        snprintf(line, sizeof line, "%s: %s", ask->headers[i]->name, ask->headers[i]->value);
        if (!strpbrk(line, "\r\n"))
            c->headers = curl_slist_append(c->headers, line);
    }
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
    c->limit = ask->max_bytes > 0 ? (size_t)ask->max_bytes : 8U * 1024 * 1024;
    c->easy = curl_easy_init();
    upp_check(c->easy);
    c->token_header = ask->sealed_token.len ? open_token(p, &ask->sealed_token) : NULL;
    if (ask->sealed_token.len && !c->token_header) {
        call_free(c);
        refuse(p, asked->id, "token-key", false);
        return;
    }
    if (ask->session_url[0] && c->token_header && session_wanted(c->token_header + sizeof head - 1))
        c->session_url = strdup(ask->session_url);
    add_headers(c, ask);
    set_up_call(c, ask);
    send_or_refuse(c);
}

static void *platform_open(upp_loop *loop, const void *config)
{
    const ingest_config *cfg = config;
    platform *p = calloc(1, sizeof *p);
    size_t len = 0;
    upp_check(p);
    p->loop = loop;
    p->transfers = upp_transfers_new(loop, 16);
    p->sessions = sessions_new();
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
    sessions_free(p->sessions);
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
