/* port_stamp.c - the port `stamp`: a timestamp authority asked over HTTP (RFC 3161 §3.4), the next
 * one when it gives none, and the stamp looked through before anybody takes it: imprint, nonce, the
 * way to a root. No redirects, no proxy, no more than a stamp may have. */
#include "evidence.h"
#include "late_crypto.h"
#include "ports.h"
#include "transfer.h"
#include "tsa.h"
#include "upp/host.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The authority's clock and ours may differ by so much, or one of the two is not to be believed. */
#define APART UPP_HOUR

typedef struct stamp {
    upp_loop *loop;
    upp_transfers *transfers;
    upp_bytes roots;
    upp_ms span;
    stamp_urls urls;
} stamp;

typedef struct call {
    stamp *port;
    int64_t id;
    const Uppsikt__AskStamp *ask; /* lent until upp_done */
    size_t url;                   /* which of them is asked */
    const char *failed;           /* why the last gave none */
    CURL *easy;
    struct curl_slist *headers;
    uint8_t request[TSA_REQUEST], reply[TSA_REPLY];
    size_t len;
    bool too_large;
} call;

static void call_clear(call *c)
{
    curl_easy_cleanup(c->easy);
    curl_slist_free_all(c->headers);
    c->easy = NULL;
    c->headers = NULL;
    c->len = 0;
    c->too_large = false;
}

static void end(call *c, const tsa_found *found)
{
    Uppsikt__StampAnswered out = UPPSIKT__STAMP_ANSWERED__INIT;
    upp_loop *loop = c->port->loop;
    out.imprint = c->ask->imprint;
    if (found) {
        out.reply = (ProtobufCBinaryData){ c->len, c->reply };
        out.stamped_ms = found->at;
        out.authority = upp_lend(found->signer);
    } else {
        out.failed = upp_lend(c->failed);
    }
    upp_done(loop, c->id, UPP_DONE, &out.base, 0);
    call_clear(c);
    free(c);
}

static size_t take_body(char *at, size_t one, size_t n, void *self)
{
    call *c = self;
    (void)one;
    if (n > sizeof c->reply - c->len) {
        c->too_large = true;
        return 0; /* ends the transfer: without Content-Length nobody else counts */
    }
    memcpy(c->reply + c->len, at, n);
    c->len += n;
    return n;
}

static bool is_reply(CURL *easy)
{
    static const char wanted[] = "application/timestamp-reply";
    const char *type = NULL;
    curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &type);
    return type && strncasecmp(type, wanted, sizeof wanted - 1) == 0;
}

/* Why this one gave none; NULL: it did, *ret_found says what. */
static const char *look_through(call *c, CURL *easy, CURLcode result, tsa_found *ret_found)
{
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (c->too_large)
        return "stamp-too-large";
    if (result == CURLE_OPERATION_TIMEDOUT)
        return "stamp-timeout";
    if (result != CURLE_OK)
        return "stamp-connect";
    if (status != 200 || !is_reply(easy))
        return "stamp-no-reply";
    const char *why = tsa_check((upp_bytes){ c->reply, c->len }, c->ask->imprint.data,
                                &c->ask->nonce, c->port->roots, ret_found);
    const upp_ms apart = ret_found->at - upp_loop_real(c->port->loop);
    return why ? why : apart > APART || apart < -APART ? "stamp-clock" : NULL;
}

static void next(call *c);

static void on_ended(void *self, CURL *easy, CURLcode result)
{
    call *c = self;
    tsa_found found;
    c->failed = look_through(c, easy, result, &found);
    if (!c->failed) {
        end(c, &found);
        return;
    }
    upp_loop_say(c->port->loop, "stamp: authority %zu of tsa_url gave none: %s", c->url, c->failed);
    call_clear(c);
    next(c);
}

static void set_up(call *c, const char *url, size_t len)
{
    CURL *e = c->easy;
    c->headers = curl_slist_append(NULL, "Content-Type: application/timestamp-query");
    upp_check(c->headers);
    curl_easy_setopt(e, CURLOPT_URL, url);
    curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "https,http");
    curl_easy_setopt(e, CURLOPT_POST, 1L);
    curl_easy_setopt(e, CURLOPT_POSTFIELDS, c->request);
    curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE, (long)len);
    curl_easy_setopt(e, CURLOPT_HTTPHEADER, c->headers);
    curl_easy_setopt(e, CURLOPT_USERAGENT, "uppsikt-evidence");
    curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(e, CURLOPT_PROXY, "");
    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)c->port->span);
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(e, CURLOPT_WRITEDATA, c);
}

/* Asks the next of them; when there is none any more the last reason is the answer. */
static void next(call *c)
{
    const stamp *p = c->port;
    while (c->url < p->urls.n) {
        const char *url = p->urls.at[c->url++];
        if (upp_loop_speed(p->loop) > 1 && !upp_url_is_here(url)) {
            c->failed = "stamp-trial"; /* a trial leaves this machine alone */
            continue;
        }
        const size_t len = tsa_request(c->ask->imprint.data, &c->ask->nonce, c->request);
        c->easy = curl_easy_init();
        upp_check(c->easy);
        set_up(c, url, len);
        if (upp_transfers_start(p->transfers, c->easy, on_ended, c))
            return;
        c->failed = "stamp-connect";
        call_clear(c);
    }
    end(c, NULL);
}

static void stamp_start_ask(void *self, const upp_asked *asked)
{
    call *c = calloc(1, sizeof *c);
    upp_check(c);
    c->port = self;
    c->id = asked->id;
    c->ask = (const Uppsikt__AskStamp *)asked->request;
    c->failed = "stamp-off"; /* it was asked before somebody turned it off */
    upp_check(c->ask->imprint.len == TSA_IMPRINT);
    next(c);
}

static void stamp_close(void *self)
{
    stamp *s = self;
    if (!s)
        return;
    upp_transfers_free(s->transfers);
    free(s);
}

static void *stamp_open(upp_loop *loop, const void *config)
{
    const evidence_config *c = config;
    stamp *s = calloc(1, sizeof *s);
    upp_check(s);
    s->loop = loop;
    s->roots = c->tsa_ca;
    s->span = c->tsa_span > 0 ? c->tsa_span : UPP_MINUTE;
    s->transfers = upp_transfers_new(loop, 1);
    if (!c->tsa_url)
        return s;
    const char *why = stamp_config(c, &s->urls);
    if (!why && !tsa_roots_good(s->roots))
        why = "tsa_ca: holds something that is no certificate, or more than 512 of them";
    if (!why)
        return s;
    upp_loop_say(loop, "%s", why);
    stamp_close(s);
    return NULL;
}

static const char *lacks(void)
{
    const char *curl = upp_curl_lacks();
    return curl ? curl : upp_crypto_lacks();
}

const upp_port upp_evidence_stamp = {
    .name = "stamp",
    .request = &uppsikt__ask_stamp__descriptor,
    .answer = &uppsikt__stamp_answered__descriptor,
    .again = UPP_ONCE_OR_MORE,
    .open = stamp_open,
    .start = stamp_start_ask,
    .close = stamp_close,
    .lacks = lacks,
};
