/* port_webhook.c - the port `webhook`: a batch of events to a subscriber's own server, signed
 * (Standard Webhooks; reliability.md B7, B3). */
#include "feed.h"
#include "guard.h"
#include "secret.h"
#include "transfer.h"
#include "upp/port.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

extern const upp_port upp_feed_webhook_port;

enum { CONNECTIONS = 8, TIMEOUT_SECONDS = 15, BODY_BYTES = 64 * 1024 };

typedef struct webhook {
    upp_loop *loop;
    const feed_config *config;
    upp_transfers *transfers;
} webhook;

typedef struct call {
    webhook *port;
    int64_t id, to;
    CURL *easy;
    struct curl_slist *headers;
    char *body;
    size_t read;
    bool forbidden;
} call;

static void call_free(call *c)
{
    curl_easy_cleanup(c->easy);
    curl_slist_free_all(c->headers);
    free(c->body);
    free(c);
}

/* The final address, whatever a name was said to be a moment ago. */
static curl_socket_t open_socket(void *self, curlsocktype purpose, struct curl_sockaddr *address)
{
    call *c = self;
    (void)purpose;
    if (!c->port->config->private_addresses && !guard_public(&address->addr)) {
        c->forbidden = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* What it answers is of no interest, and may be long. */
static size_t drop(char *at, size_t size, size_t n, void *self)
{
    call *c = self;
    (void)at;
    c->read += size * n;
    return c->read > BODY_BYTES ? 0 : size * n;
}

static void end(call *c, enum upp_fate fate, long status, upp_ms after_span)
{
    Uppsikt__WebhookAnswered out = UPPSIKT__WEBHOOK_ANSWERED__INIT;
    upp_loop *loop = c->port->loop;
    const int64_t id = c->id;
    out.status = (uint32_t)status;
    out.to = c->to;
    call_free(c);
    upp_done(loop, id, fate, fate == UPP_DONE ? &out.base : NULL, after_span);
}

static void on_ended(void *self, CURL *easy, CURLcode result)
{
    call *c = self;
    long status = 0;
    curl_off_t after = 0;
    (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    (void)curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &after);
    const bool taken =
        status >= 200 && status <= 299 && (result == CURLE_OK || result == CURLE_WRITE_ERROR);
    if (c->forbidden)
        end(c, UPP_DONE, 0, 0); /* nobody may be asked there: it is disabled */
    else if (taken || status == 410)
        end(c, UPP_DONE, status, 0);
    else
        end(c, UPP_LATER, status, after > 0 && after < 86400 ? (upp_ms)after * UPP_SECOND : 0);
}

static bool add_header(call *c, const char *name, const char *value)
{
    char line[512];
    snprintf(line, sizeof line, "%s: %s", name, value);
    struct curl_slist *more = strpbrk(line, "\r\n") ? NULL : curl_slist_append(c->headers, line);
    if (!more)
        return false;
    c->headers = more;
    return true;
}

static bool add_headers(call *c, const Uppsikt__SendWebhook *q)
{
    char signature[SECRET_SIGNATURE], time[24];
    const int64_t now = upp_loop_real(c->port->loop) / UPP_SECOND;
    snprintf(time, sizeof time, "%lld", (long long)now);
    return secret_sign(c->port->config->webhook_key, q->subscriber, q->id, now, q->body,
                       signature) &&
           add_header(c, "Content-Type", "application/cloudevents-batch+json; charset=utf-8") &&
           add_header(c, "webhook-id", q->id) && add_header(c, "webhook-timestamp", time) &&
           add_header(c, "webhook-signature", signature);
}

static void set_up(call *c, const Uppsikt__SendWebhook *q)
{
    const bool plain = c->port->config->private_addresses;
    curl_easy_setopt(c->easy, CURLOPT_URL, q->url);
    curl_easy_setopt(c->easy, CURLOPT_PROTOCOLS_STR, plain ? "http,https" : "https");
    curl_easy_setopt(c->easy, CURLOPT_POST, 1L);
    curl_easy_setopt(c->easy, CURLOPT_POSTFIELDS, c->body);
    curl_easy_setopt(c->easy, CURLOPT_POSTFIELDSIZE, (long)strlen(c->body));
    curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, c->headers);
    curl_easy_setopt(c->easy, CURLOPT_USERAGENT, "uppsikt-feed");
    curl_easy_setopt(c->easy, CURLOPT_FOLLOWLOCATION, 0L); /* 3xx is a failure (B7) */
    curl_easy_setopt(c->easy, CURLOPT_TIMEOUT, (long)TIMEOUT_SECONDS);
    curl_easy_setopt(c->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c->easy, CURLOPT_PROXY, "");
    curl_easy_setopt(c->easy, CURLOPT_WRITEFUNCTION, drop);
    curl_easy_setopt(c->easy, CURLOPT_WRITEDATA, c);
    curl_easy_setopt(c->easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(c->easy, CURLOPT_OPENSOCKETDATA, c);
}

static void start(void *self, const upp_asked *ask)
{
    webhook *port = self;
    const Uppsikt__SendWebhook *q = (const Uppsikt__SendWebhook *)ask->request;
    call *c = calloc(1, sizeof *c);
    upp_check(c);
    *c = (call){
        .port = port, .id = ask->id, .to = q->to, .easy = curl_easy_init(), .body = strdup(q->body)
    };
    upp_check(c->easy && c->body);
    if (upp_loop_speed(port->loop) > 1 || !add_headers(c, q)) {
        end(c, UPP_LATER, 0, 0); /* a trial leaves this machine alone; a key may come to be there */
        return;
    }
    set_up(c, q);
    if (!upp_transfers_start(port->transfers, c->easy, on_ended, c))
        end(c, UPP_LATER, 0, 0);
}

static void *port_open(upp_loop *loop, const void *config)
{
    webhook *port = calloc(1, sizeof *port);
    char text[SECRET_TEXT];
    upp_check(port);
    port->loop = loop;
    port->config = config;
    if (port->config->webhook_key && !secret_text(port->config->webhook_key, "x", text)) {
        upp_loop_say(loop, "webhook_key: 64 hexadecimal digits are wanted");
        free(port);
        return NULL;
    }
    port->transfers = upp_transfers_new(loop, CONNECTIONS);
    return port;
}

static void port_close(void *self)
{
    webhook *port = self;
    if (!port)
        return;
    upp_transfers_free(port->transfers);
    free(port);
}

const upp_port upp_feed_webhook_port = {
    .name = "webhook",
    .request = &uppsikt__send_webhook__descriptor,
    .answer = &uppsikt__webhook_answered__descriptor,
    .again = UPP_ONCE_OR_MORE,
    .open = port_open,
    .start = start,
    .close = port_close,
    .lacks = upp_curl_lacks,
};
