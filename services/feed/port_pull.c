/* port_pull.c - subscribers ask for events over HTTP: libmicrohttpd in the loop, each question put
 * to our own log by a worker, over the bus; a question may wait for an answer (long poll). */
#include "feed.h"
#include "http_in.h"
#include "suite_clock.h"
#include "upp/bus.h"
#include "upp/log.h"
#include "upp/port.h"
#include "uppsikt/runtime.pb-c.h"
#include "worker.h"
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const upp_port upp_feed_pull_port;
extern const char upp_feed_asyncapi_yaml[];

enum { CONNECTIONS = 64, PER_ADDRESS = 16, IDLE_SECONDS = 75, CONNECTION_BYTES = 16 * 1024 };
enum { TYPES = 64, WAIT_SECONDS = 60, LIMIT = 200 };
static const upp_ms look_span = 500, query_span = 5 * UPP_SECOND;

typedef struct pull pull;

/* One request, until its answer is on its way. */
typedef struct call {
    struct call *next, **link;
    pull *port;
    struct MHD_Connection *connection;
    uint8_t token[crypto_hash_sha256_BYTES];
    char types[2048], *list[TYPES];
    size_t n_types;
    int64_t after, limit, last;
    upp_ms until; /* steady; waits for events until then */
    char *body;
    size_t len, size;
    unsigned status;
    const char *complaint; /* static words; NULL: none */
    bool sent, working, answered;
} call;

struct pull {
    upp_loop *loop;
    const feed_config *config;
    upp_client *client; /* the worker's alone */
    upp_worker *worker;
    upp_http_in http;
    call *calls;
};

/* -- on the worker -- */
static void put(call *c, const char *text, size_t n)
{
    if (c->len + n + 1 > c->size) {
        c->size = (c->len + n + 1) * 2;
        c->body = realloc(c->body, c->size);
        upp_check(c->body);
    }
    memcpy(c->body + c->len, text, n);
    c->len += n;
    c->body[c->len] = '\0';
}

static bool each(void *ctx, const upp_frames *frames)
{
    call *c = ctx;
    Uppsikt__FeedEvent *row =
        uppsikt__feed_event__unpack(NULL, frames->envelope.len, frames->envelope.at);
    if (!row)
        return false;
    put(c, c->len == 0 ? "[" : ",", 1);
    put(c, row->event, strlen(row->event));
    c->last = row->position;
    uppsikt__feed_event__free_unpacked(row, NULL);
    return true;
}

static void ask(void *job)
{
    call *c = job;
    Uppsikt__FeedEvents q = UPPSIKT__FEED_EVENTS__INIT;
    q.token_sha256 = (ProtobufCBinaryData){ sizeof c->token, c->token };
    q.after = c->after;
    q.limit = (uint32_t)c->limit;
    q.types = c->list;
    q.n_types = c->n_types;
    c->len = 0;
    const int rc = upp_client_query(c->port->client, "feed", NULL, &q.base, query_span, each, c);
    c->status = rc == 0   ? MHD_HTTP_OK
                : rc == 1 ? MHD_HTTP_UNAUTHORIZED
                          : MHD_HTTP_SERVICE_UNAVAILABLE;
    if (rc == 1 && strcmp(upp_client_why(c->port->client), "token-unknown") != 0)
        c->status = MHD_HTTP_BAD_REQUEST;
}

/* -- in the loop -- */
static void finish(call *c)
{
    c->answered = true;
    MHD_resume_connection(c->connection);
    upp_http_in_turn(&c->port->http);
}

static void look(void *self);

static void back(void *job)
{
    call *c = job;
    c->working = false;
    if (c->status == MHD_HTTP_OK && c->len == 0 && upp_steady_now() < c->until)
        upp_loop_in(c->port->loop, look_span, look, c->port);
    else
        finish(c);
}

/* Those that wait are put to the log again. */
static void look(void *self)
{
    pull *p = self;
    for (call *c = p->calls; c; c = c->next)
        if (c->sent && !c->working && !c->answered) {
            c->working = true;
            upp_worker_do(p->worker, ask, back, c);
        }
}

/* -- what came -- */
static bool read_number(struct MHD_Connection *connection, const char *name, int64_t most,
                        int64_t preset, int64_t *ret_number)
{
    const char *text = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, name);
    char *rest = NULL;
    *ret_number = preset;
    if (!text)
        return true;
    errno = 0;
    const long long n = strtoll(text, &rest, 10);
    if (errno || rest == text || *rest || n < 0 || n > most)
        return false;
    *ret_number = n;
    return true;
}

static bool read_types(call *c)
{
    const char *text = MHD_lookup_connection_value(c->connection, MHD_GET_ARGUMENT_KIND, "types");
    if (!text || !*text)
        return true;
    if (strlen(text) >= sizeof c->types)
        return false;
    snprintf(c->types, sizeof c->types, "%s", text);
    for (char *at = c->types; *at;) {
        if (c->n_types == TYPES)
            return false;
        c->list[c->n_types++] = at;
        at += strcspn(at, ",");
        if (*at)
            *at++ = '\0';
    }
    return true;
}

static bool read_token(call *c)
{
    const char *text =
        MHD_lookup_connection_value(c->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_AUTHORIZATION);
    if (!text || strncmp(text, "Bearer ", 7) != 0 || strlen(text) > 200)
        return false;
    crypto_hash_sha256(c->token, (const uint8_t *)text + 7, strlen(text + 7));
    return true;
}

static void complain(call *c, unsigned status, const char *words)
{
    c->status = status;
    c->complaint = words;
    c->answered = true;
}

static void read_request(call *c, const char *url, const char *method)
{
    int64_t wait = 0;
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0)
        complain(c, MHD_HTTP_METHOD_NOT_ALLOWED, "GET is all there is");
    else if (strcmp(url, "/asyncapi.yaml") == 0)
        complain(c, MHD_HTTP_OK, upp_feed_asyncapi_yaml);
    else if (strcmp(url, "/events") != 0)
        complain(c, MHD_HTTP_NOT_FOUND, "there is /events, and /asyncapi.yaml tells of it");
    else if (!read_token(c))
        complain(c, MHD_HTTP_UNAUTHORIZED, "Authorization: Bearer TOKEN is wanted");
    else if (!read_number(c->connection, "after", INT64_MAX, 0, &c->after))
        complain(c, MHD_HTTP_BAD_REQUEST, "after: a position is wanted, 0 or more");
    else if (!read_number(c->connection, "limit", LIMIT, LIMIT, &c->limit) || c->limit == 0)
        complain(c, MHD_HTTP_BAD_REQUEST, "limit: 1 to 200");
    else if (!read_number(c->connection, "wait", WAIT_SECONDS, 0, &wait))
        complain(c, MHD_HTTP_BAD_REQUEST, "wait: seconds, 0 to 60");
    else if (!read_types(c))
        complain(c, MHD_HTTP_BAD_REQUEST, "types: at most 64 names with commas between");
    c->until = upp_steady_now() + wait * UPP_SECOND;
    c->last = c->after;
}

static call *begin(pull *p, struct MHD_Connection *connection, const char *url, const char *method)
{
    call *c = calloc(1, sizeof *c);
    upp_check(c);
    c->port = p;
    c->connection = connection;
    c->next = p->calls;
    c->link = &p->calls;
    if (p->calls)
        p->calls->link = &c->next;
    p->calls = c;
    read_request(c, url, method);
    return c;
}

static void end(call *c)
{
    *c->link = c->next;
    if (c->next)
        c->next->link = c->link;
    free(c->body);
    free(c);
}

/* -- what goes back -- */
static enum MHD_Result answer(call *c)
{
    char place[24];
    const bool events = c->status == MHD_HTTP_OK && !c->complaint;
    if (events)
        put(c, c->len == 0 ? "[]" : "]", c->len == 0 ? 2 : 1);
    else if (!c->complaint)
        c->complaint = c->status == MHD_HTTP_UNAUTHORIZED  ? "this token is not known"
                       : c->status == MHD_HTTP_BAD_REQUEST ? "types: names such as "
                                                             "uppsikt.CommentReceived are wanted"
                                                           : "the log cannot be read just now";
    const char *body = events ? c->body : c->complaint;
    struct MHD_Response *r =
        MHD_create_response_from_buffer(strlen(body), upp_lend(body), MHD_RESPMEM_MUST_COPY);
    if (!r)
        return MHD_NO;
    snprintf(place, sizeof place, "%lld", (long long)c->last);
    MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE,
                            events ? "application/cloudevents-batch+json; charset=utf-8"
                                   : "text/plain; charset=utf-8");
    MHD_add_response_header(r, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    MHD_add_response_header(r, "X-Content-Type-Options", "nosniff");
    if (events)
        MHD_add_response_header(r, "Uppsikt-Position", place);
    if (c->status == MHD_HTTP_UNAUTHORIZED)
        MHD_add_response_header(r, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer realm=\"uppsikt\"");
    if (c->status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(r, MHD_HTTP_HEADER_ALLOW, "GET");
    const enum MHD_Result queued = MHD_queue_response(c->connection, c->status, r);
    MHD_destroy_response(r);
    return queued;
}

static enum MHD_Result on_request(void *self, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_bytes, void **seen)
{
    pull *p = self;
    call *c = *seen;
    (void)version;
    (void)upload;
    if (!c) {
        *seen = begin(p, connection, url, method);
        return MHD_YES;
    }
    if (*upload_bytes > 0) { /* a body is of no interest here */
        *upload_bytes = 0;
        return MHD_YES;
    }
    if (c->answered)
        return answer(c);
    if (!c->sent) {
        c->sent = c->working = true;
        MHD_suspend_connection(connection);
        upp_worker_do(p->worker, ask, back, c);
    }
    return MHD_YES;
}

static void on_end(void *self, struct MHD_Connection *connection, void **seen,
                   enum MHD_RequestTerminationCode how)
{
    (void)self;
    (void)connection;
    (void)how;
    if (*seen)
        end(*seen);
    *seen = NULL;
}

/* -- opening -- */
static void say_line(const char *line)
{
    upp_log(UPP_WARN, NULL, "%s", line);
}

static bool open_daemon(pull *p)
{
    uint16_t port = 0;
    const int fd = upp_http_listen(
        p->loop,
        &(upp_http_where){ p->config->listen, p->config->port, "http_listen", "http_port" }, &port);
    if (fd < 0)
        return false;
    upp_http_in_begin(&p->http, p->loop,
                      &(upp_http_how){ .fd = fd,
                                       .request = on_request,
                                       .end = on_end,
                                       .self = p,
                                       .connections = CONNECTIONS,
                                       .idle_seconds = IDLE_SECONDS,
                                       .per_address = PER_ADDRESS,
                                       .connection_bytes = CONNECTION_BYTES });
    upp_log(UPP_INFO, NULL, "events at %s port %u", p->config->listen, (unsigned)port);
    return true;
}

static void pull_close(void *self)
{
    pull *p = self;
    if (!p)
        return;
    upp_loop_in(p->loop, -1, look, p);
    if (p->worker) {
        upp_loop_fd(p->loop, upp_worker_fd(p->worker), 0, upp_worker_collect, p->worker);
        if (!upp_worker_free(p->worker, 2 * query_span))
            return; /* the process ends with it */
    }
    for (call *c = p->calls; c; c = c->next)
        if (c->sent && !c->answered) {
            c->answered = true;
            c->status = MHD_HTTP_SERVICE_UNAVAILABLE;
            MHD_resume_connection(c->connection);
        }
    upp_http_in_end(&p->http);
    upp_client_free(p->client);
    free(p);
}

static void *pull_open(upp_loop *loop, const void *config)
{
    pull *p = calloc(1, sizeof *p);
    upp_check(p);
    p->loop = loop;
    p->config = config;
    if (p->config->port == 0)
        return p;
    p->client = upp_client_new(upp_loop_place(loop), say_line);
    p->worker = p->client ? upp_worker_new() : NULL;
    if (p->worker) {
        upp_loop_fd(loop, upp_worker_fd(p->worker), UPP_READABLE, upp_worker_collect, p->worker);
        if (open_daemon(p))
            return p;
    }
    pull_close(p);
    return NULL;
}

/* It takes no asks: what comes in by it goes out as queries. */
static void pull_start(void *self, const upp_asked *asked)
{
    const pull *p = self;
    upp_done(p->loop, asked->id, UPP_NEVER, NULL, 0);
}

const upp_port upp_feed_pull_port = {
    .name = "pull",
    .request = &uppsikt__service_status__descriptor,
    .answer = &uppsikt__service_state__descriptor,
    .again = UPP_ONCE_OR_MORE,
    .open = pull_open,
    .start = pull_start,
    .close = pull_close,
};
