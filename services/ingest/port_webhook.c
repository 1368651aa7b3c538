/* port_webhook.c - where platforms push (platforms.md §15): the signature is checked over the raw
 * bytes before anything is read, then the body becomes a command, and 200 is said after COMMIT.
 * Behind a reverse proxy, which has the certificate. Off unless an address is configured.
 *
 *   GET  /webhook/facebook   Meta's handshake: hub.challenge comes back when hub.verify_token is
 * ours   POST /webhook/facebook   X-Hub-Signature-256 over the body; 403 when it is not signed
 * by us */
#include "port_webhook.h"
#include "http_in.h"
#include "ingest.h"
#include "ops_socket.h"
#include "signature.h"
#include "upp/log.h"
#include "upp/port.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum {
    CONNECTIONS = 64,
    IDLE_SECONDS = 10,
    BODY_BYTES = 1024 * 1024,   /* Meta pushes at most 1000 changes at once */
    CARRIED_BYTES = 200 * 1024, /* what a command may hold; above it the accounts are looked at */
    SECRETS = 4,
};

typedef struct webhook {
    upp_loop *loop;
    ops_socket socket;
    upp_http_in http;
    char *secret_text; /* owned; cut into secrets */
    upp_bytes secrets[SECRETS];
    size_t n_secrets;
    const char *verify;
    struct pushed *waiting; /* commands that are not answered yet */
} webhook;

/* One request. */
typedef struct pushed {
    webhook *port; /* NULL: the port has been closed; the answer is for nobody */
    struct MHD_Connection *http;
    struct pushed *next;
    uint8_t *body;
    size_t len, size;
    bool too_large, asked, answered, done;
} pushed;

static enum MHD_Result answer(struct MHD_Connection *http, unsigned status, const char *text)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(text), upp_lend(text), MHD_RESPMEM_MUST_COPY);
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "text/plain; charset=utf-8");
    const enum MHD_Result queued = MHD_queue_response(http, status, response);
    MHD_destroy_response(response);
    return queued;
}

/* -- the handshake -- */
static const char *argument(struct MHD_Connection *http, const char *name)
{
    const char *text = MHD_lookup_connection_value(http, MHD_GET_ARGUMENT_KIND, name);
    return text ? text : "";
}

/* The same time whatever differs; both are hashed first, so that not even the length tells. */
static bool same_secret(const char *a, const char *b)
{
    uint8_t ha[crypto_hash_sha256_BYTES], hb[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(ha, (const uint8_t *)a, strlen(a));
    crypto_hash_sha256(hb, (const uint8_t *)b, strlen(b));
    return sodium_memcmp(ha, hb, sizeof ha) == 0;
}

static enum MHD_Result shake_hands(const webhook *w, struct MHD_Connection *http)
{
    const char *challenge = argument(http, "hub.challenge");
    const bool ours =
        w->verify && w->verify[0] && same_secret(argument(http, "hub.verify_token"), w->verify);
    if (!ours || strcmp(argument(http, "hub.mode"), "subscribe") != 0)
        return answer(http, MHD_HTTP_FORBIDDEN, "no\n");
    return answer(http, MHD_HTTP_OK, challenge);
}

/* -- a push -- */
static void pushed_free(pushed *p)
{
    free(p->body);
    free(p);
}

static void leave(pushed *p)
{
    for (pushed **at = &p->port->waiting; *at; at = &(*at)->next)
        if (*at == p) {
            *at = p->next;
            return;
        }
}

/* After COMMIT; the same body again is the same command: its outcome comes again. */
static void committed(void *self, const ProtobufCMessage *outcome, const char *words)
{
    pushed *p = self;
    (void)words;
    if (!p->port) {
        pushed_free(p);
        return;
    }
    leave(p);
    p->answered = true;
    p->done = outcome != NULL;
    MHD_resume_connection(p->http);
    upp_http_in_soon(&p->port->http); /* resuming alone wakes nobody */
}

static bool is_signed(const webhook *w, const pushed *p)
{
    const signature_secrets secrets = { w->secrets, w->n_secrets };
    const char *value =
        MHD_lookup_connection_value(p->http, MHD_HEADER_KIND, "X-Hub-Signature-256");
    return signature_valid(SIGNATURE_META, &secrets, value, NULL, (upp_bytes){ p->body, p->len });
}

static enum MHD_Result take(webhook *w, pushed *p)
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    Uppsikt__TakeWebhook command = UPPSIKT__TAKE_WEBHOOK__INIT;
    if (!is_signed(w, p))
        return answer(p->http, MHD_HTTP_FORBIDDEN, "not signed by the application\n");
    crypto_hash_sha256(hash, p->body, p->len);
    command.platform = upp_lend("facebook");
    command.at_ms = upp_loop_now(w->loop);
    if (p->len <= CARRIED_BYTES)
        command.body = (ProtobufCBinaryData){ p->len, p->body };
    p->asked = true;
    p->next = w->waiting;
    w->waiting = p;
    MHD_suspend_connection(p->http);
    upp_loop_command(w->loop, hash, &command.base, committed, p);
    return MHD_YES;
}

static void add(pushed *p, const char *bytes, size_t n)
{
    if (p->len + n > BODY_BYTES) {
        p->too_large = true;
        return;
    }
    if (p->len + n > p->size) {
        p->size = (p->len + n) * 2;
        p->body = realloc(p->body, p->size);
        upp_check(p->body);
    }
    memcpy(p->body + p->len, bytes, n);
    p->len += n;
}

static enum MHD_Result on_push(webhook *w, pushed *p, const char *upload, size_t *upload_bytes)
{
    if (*upload_bytes > 0) {
        if (!p->too_large)
            add(p, upload, *upload_bytes);
        *upload_bytes = 0;
        return MHD_YES;
    }
    if (p->too_large)
        return answer(p->http, MHD_HTTP_CONTENT_TOO_LARGE, "more than 1 MiB\n");
    if (!p->asked)
        return take(w, p);
    if (!p->answered) /* still suspended: it is not asked for */
        return MHD_YES;
    return p->done ? answer(p->http, MHD_HTTP_OK, "taken\n")
                   : answer(p->http, MHD_HTTP_SERVICE_UNAVAILABLE, "again, please\n");
}

static enum MHD_Result on_request(void *self, struct MHD_Connection *http, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_bytes, void **seen)
{
    webhook *w = self;
    (void)version;
    if (!*seen) { /* the first call: only the headers have been read */
        pushed *p = calloc(1, sizeof *p);
        upp_check(p);
        *p = (pushed){ .port = w, .http = http };
        *seen = p;
        return MHD_YES;
    }
    if (strcmp(url, "/webhook/facebook") != 0)
        return answer(http, MHD_HTTP_NOT_FOUND, "/webhook/facebook\n");
    if (strcmp(method, MHD_HTTP_METHOD_GET) == 0)
        return shake_hands(w, http);
    if (strcmp(method, MHD_HTTP_METHOD_POST) == 0)
        return on_push(w, *seen, upload, upload_bytes);
    return answer(http, MHD_HTTP_METHOD_NOT_ALLOWED, "GET and POST\n");
}

static void on_completed(void *self, struct MHD_Connection *http, void **seen,
                         enum MHD_RequestTerminationCode why)
{
    pushed *p = *seen;
    (void)self;
    (void)http;
    (void)why;
    *seen = NULL;
    if (!p)
        return;
    if (p->asked && !p->answered) { /* the command is under way: `committed` frees it */
        leave(p);
        p->port = NULL;
        return;
    }
    pushed_free(p);
}

/* -- in the loop -- */
static void complain(const char *line)
{
    upp_log(UPP_ERROR, NULL, "webhook: %s", strncmp(line, "ops: ", 5) == 0 ? line + 5 : line);
}

/* Several secrets hold at once while one is being changed. */
static void cut_secrets(webhook *w, const char *text)
{
    static const char space[] = " \t\r\n";
    w->secret_text = strdup(text ? text : "");
    upp_check(w->secret_text);
    for (char *at = w->secret_text; *at && w->n_secrets < SECRETS;) {
        at += strspn(at, space);
        const size_t n = strcspn(at, space);
        if (n > 0)
            w->secrets[w->n_secrets++] = (upp_bytes){ (const uint8_t *)at, n };
        at += n;
    }
}

static bool listen_there(webhook *w, const char *where)
{
    if (!ops_socket_open(&w->socket, where, complain))
        return false;
    upp_http_in_begin(&w->http, w->loop,
                      &(upp_http_how){ .fd = w->socket.fd,
                                       .request = on_request,
                                       .end = on_completed,
                                       .self = w,
                                       .connections = CONNECTIONS,
                                       .idle_seconds = IDLE_SECONDS });
    if (w->socket.port)
        upp_log(UPP_INFO, NULL, "webhook: listens on port %u", (unsigned)w->socket.port);
    return true;
}

static void webhook_close(void *self)
{
    webhook *w = self;
    if (!w)
        return;
    for (pushed *p = w->waiting; p;) { /* their answers are for nobody now */
        pushed *next = p->next;
        MHD_resume_connection(p->http);
        p = next;
    }
    if (w->http.loop) {
        upp_http_in_end(&w->http);
        ops_socket_remove(&w->socket);
    }
    sodium_memzero(w->secret_text, strlen(w->secret_text));
    free(w->secret_text);
    free(w);
}

static void *webhook_open(upp_loop *loop, const void *config)
{
    const ingest_config *cfg = config;
    webhook *w = calloc(1, sizeof *w);
    upp_check(w);
    w->loop = loop;
    w->verify = cfg->webhook_verify;
    cut_secrets(w, cfg->webhook_secret);
    const bool wanted = cfg->webhook && cfg->webhook[0];
    if (wanted && w->n_secrets == 0) {
        upp_loop_say(loop,
                     "webhook: has an address and no secret; put the application's secret in a "
                     "file and name it in UPPSIKT_INGEST_WEBHOOK_SECRET_FILE");
        webhook_close(w);
        return NULL;
    }
    if (wanted && !listen_there(w, cfg->webhook)) {
        webhook_close(w);
        return NULL;
    }
    return w;
}

static void webhook_start(void *self, const upp_asked *asked)
{
    webhook *w = self;
    upp_loop_say(w->loop, "webhook: nothing is asked of this port");
    upp_done(w->loop, asked->id, UPP_NEVER, NULL, 0);
}

const upp_port ingest_port_webhook = {
    .name = "webhook",
    .request = &uppsikt__take_webhook__descriptor,
    .answer = &uppsikt__webhook_taken__descriptor,
    .again = UPP_ONCE_OR_MORE,
    .open = webhook_open,
    .start = webhook_start,
    .close = webhook_close,
};
