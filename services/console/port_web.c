/* port_web.c - HTTP: libmicrohttpd in the loop, each request answered by one of two workers. */
#include "directory.h"
#include "http_in.h"
#include "late_cjose.h"
#include "late_curl.h"
#include "upload.h"
#include "upp/log.h"
#include "upp/port.h"
#include "visit.h"
#include "worker.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

extern const upp_port *const upp_console_ports[];

enum { CONNECTIONS = 128, PER_ADDRESS = 64, IDLE_SECONDS = 20, CONNECTION_BYTES = 24 * 1024 };
/* One sends on the files that people hand in, which takes its time. The last, where there is a
 * directory, is for whoever goes there: one that does not answer keeps nobody else waiting. */
enum { DESKS = 2, DESK_FILES = DESKS, DESK_DIRECTORY, DESKS_MAX, FILES_AT_ONCE = 4 };

typedef struct web web;

typedef struct desk {
    upp_worker *worker;
    visit_desk bus;
    size_t busy; /* visits that it has */
} desk;

/* One request, from its head to the end of its answer. */
typedef struct call {
    struct call *next, **link; /* among the port's */
    web *port;
    desk *desk;
    struct MHD_Connection *connection;
    visit visit;
    size_t body_size;
    bool brings_file; /* to be let in before its body is read */
    bool admitting;   /* ... which is being asked, or was just now */
    bool suspended, sent, answered;
} call;

struct web {
    upp_loop *loop;
    visit_house house;
    desk desks[DESKS_MAX];
    size_t n_files; /* that arrive, or are sent on */
    upp_http_in http;
    call *calls;
};

/* -- what came -- */
static char *copy(const char *text)
{
    char *own = text ? strdup(text) : NULL;
    upp_check(own || !text);
    return own;
}

static const char *header(struct MHD_Connection *c, const char *name)
{
    return MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
}

static void address_of(const web *w, struct MHD_Connection *c, char ret_text[64])
{
    const char *forwarded = w->house.config->behind_proxy ? header(c, "X-Forwarded-For") : NULL;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    ret_text[0] = '\0';
    if (forwarded) {
        const char *comma = strrchr(forwarded, ',');
        const char *last = comma ? comma + 1 : forwarded;
        snprintf(ret_text, 64, "%.60s", last + strspn(last, " "));
    } else if (info && info->client_addr->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, info->client_addr, sizeof v4);
        inet_ntop(AF_INET, &v4.sin_addr, ret_text, 64);
    } else if (info && info->client_addr->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, info->client_addr, sizeof v6);
        inet_ntop(AF_INET6, &v6.sin6_addr, ret_text, 64);
    }
}

/* The query as it was sent: what libmicrohttpd has decoded is encoded again, so that one reader
 * reads all. */
static enum MHD_Result add_parameter(void *ctx, enum MHD_ValueKind kind, const char *key,
                                     const char *value)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~/";
    FILE *out = ctx;
    (void)kind;
    const char *const parts[] = { key, value ? value : "" };
    for (size_t i = 0; i < UPP_LEN(parts); i++) {
        for (const char *at = parts[i]; *at; at++)
            if (strchr(plain, *at))
                fputc(*at, out);
            else
                fprintf(out, "%%%02X", (unsigned)(unsigned char)*at);
        fputc(i == 0 ? '=' : '&', out);
    }
    return MHD_YES;
}

static char *query_of(struct MHD_Connection *c)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    upp_check(out);
    MHD_get_connection_values(c, MHD_GET_ARGUMENT_KIND, add_parameter, out);
    upp_check(fclose(out) == 0);
    return text;
}

static call *begin(web *w, struct MHD_Connection *c, const char *url, const char *method)
{
    call *one = calloc(1, sizeof *one);
    upp_check(one);
    one->port = w;
    one->connection = c;
    one->visit.house = &w->house;
    one->visit.method = copy(method);
    one->visit.path = copy(url);
    one->visit.query = query_of(c);
    one->visit.cookie = copy(header(c, MHD_HTTP_HEADER_COOKIE));
    one->visit.fetch_site = copy(header(c, "Sec-Fetch-Site"));
    one->visit.origin = copy(header(c, MHD_HTTP_HEADER_ORIGIN));
    one->visit.host = copy(header(c, MHD_HTTP_HEADER_HOST));
    address_of(w, c, one->visit.address);
    one->next = w->calls;
    one->link = &w->calls;
    if (w->calls)
        w->calls->link = &one->next;
    w->calls = one;
    return one;
}

static void end(call *one)
{
    *one->link = one->next;
    if (one->next)
        one->next->link = one->link;
    if (one->visit.upload)
        one->port->n_files--;
    upload_free(one->visit.upload);
    visit_done(&one->visit);
    free(one);
}

static void take_body(call *one, const char *bytes, size_t n)
{
    visit *v = &one->visit;
    if (v->upload)
        upload_take(v->upload, bytes, n);
    if (one->brings_file) /* of whom it is not let in of, it is let go */
        return;
    if (v->too_large || v->body_len + n > VISIT_BODY) {
        v->too_large = true;
        return;
    }
    if (v->body_len + n > one->body_size) {
        one->body_size = v->body_len + n > 4096 ? VISIT_BODY : 4096;
        v->body = realloc(v->body, one->body_size);
        upp_check(v->body);
    }
    memcpy(v->body + v->body_len, bytes, n);
    v->body_len += n;
}

/* -- what goes back -- */
static void add_headers(const visit *v, struct MHD_Response *r)
{
    static const char *const always[][2] = {
        { "Content-Security-Policy",
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action "
          "'self'; base-uri 'none'; frame-ancestors 'none'" },
        { "X-Content-Type-Options", "nosniff" },
        { "Referrer-Policy", "no-referrer" },
        { "Cross-Origin-Opener-Policy", "same-origin" },
        { "Cross-Origin-Resource-Policy", "same-origin" },
        { "Permissions-Policy", "camera=(), geolocation=(), microphone=()" },
        { "X-Robots-Tag", "noindex" },
    };
    for (size_t i = 0; i < UPP_LEN(always); i++)
        MHD_add_response_header(r, always[i][0], always[i][1]);
    MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, v->type);
    MHD_add_response_header(r, MHD_HTTP_HEADER_CACHE_CONTROL,
                            v->fixed ? "max-age=300" : "no-store");
    if (v->house->https)
        MHD_add_response_header(r, "Strict-Transport-Security", "max-age=31536000");
    if (v->file_name[0]) {
        char saved[sizeof v->file_name + 32];
        snprintf(saved, sizeof saved, "attachment; filename=\"%s\"", v->file_name);
        MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_DISPOSITION, saved);
    }
    if (v->location)
        MHD_add_response_header(r, MHD_HTTP_HEADER_LOCATION, v->location);
    for (size_t i = 0; i < v->n_cookies; i++)
        MHD_add_response_header(r, MHD_HTTP_HEADER_SET_COOKIE, v->cookies[i]);
}

static enum MHD_Result answer(call *one)
{
    visit *v = &one->visit;
    const char *body = v->fixed ? v->fixed : v->view.h.at ? v->view.h.at : "";
    const size_t len = v->fixed ? v->fixed_len : v->view.h.len;
    struct MHD_Response *r =
        v->file ? MHD_create_response_from_buffer(v->file_len, v->file, MHD_RESPMEM_MUST_FREE)
                : MHD_create_response_from_buffer(len, upp_lend(body), MHD_RESPMEM_MUST_COPY);
    if (!r)
        return MHD_NO;
    v->file = NULL;
    add_headers(v, r);
    const enum MHD_Result queued = MHD_queue_response(one->connection, v->status, r);
    MHD_destroy_response(r);
    return queued;
}

/* -- the workers -- */
static void work(void *job)
{
    call *one = job;
    visit_run(&one->visit);
}

static void resume(call *one)
{
    one->suspended = false;
    one->desk->busy--;
    MHD_resume_connection(one->connection);
    upp_http_in_turn(&one->port->http);
}

static void back(void *job)
{
    call *one = job;
    one->answered = true;
    resume(one);
}

static void say_line(const char *line)
{
    (void)line; /* what a client has to say of a socket is seen by its visitor */
}

/* The last two when somebody first needs them: a thread and a key each, of a process that rests. */
static bool open_desk(web *w, desk *d)
{
    if (d->worker)
        return true;
    d->bus.client = upp_client_new(upp_loop_place(w->loop), say_line);
    if (!d->bus.client) {
        upp_loop_say(w->loop, "the console's key cannot be read for its own questions");
        return false;
    }
    d->worker = upp_worker_new();
    upp_loop_fd(w->loop, upp_worker_fd(d->worker), UPP_READABLE, upp_worker_collect, d->worker);
    return true;
}

static desk *desk_of(web *w, const call *one)
{
    static const char directory_path[] = "/logga-in/katalog";
    desk *d = &w->desks[0];
    for (size_t i = 1; i < DESKS; i++)
        if (w->desks[i].busy < d->busy)
            d = &w->desks[i];
    if (w->house.directory &&
        strncmp(one->visit.path, directory_path, sizeof directory_path - 1) == 0 &&
        open_desk(w, &w->desks[DESK_DIRECTORY]))
        d = &w->desks[DESK_DIRECTORY];
    return one->visit.upload ? &w->desks[DESK_FILES] : d;
}

static void send_to_desk(call *one, void (*job)(void *job), void (*done)(void *job))
{
    web *w = one->port;
    one->desk = desk_of(w, one);
    one->desk->busy++;
    one->suspended = true;
    one->visit.desk = &one->desk->bus;
    one->visit.now = upp_loop_now(w->loop);
    MHD_suspend_connection(one->connection);
    upp_worker_do(one->desk->worker, job, done, one);
}

/* -- files: nobody who is not signed in fills a disk -- */
static bool brings_file(const visit *v)
{
    route r;
    return strcmp(v->method, "POST") == 0 && route_find(v->path, &r) && r.page == ROUTE_HAND_IN &&
           strcmp(r.act, "fil") == 0;
}

static void admit(void *job)
{
    call *one = job;
    visit_admit(&one->visit);
}

static void admitted(void *job)
{
    call *one = job;
    web *w = one->port;
    visit *v = &one->visit;
    const bool crowded = w->n_files == FILES_AT_ONCE;
    if (v->admitted && !crowded && open_desk(w, &w->desks[DESK_FILES]))
        v->upload = upload_new(header(one->connection, MHD_HTTP_HEADER_CONTENT_TYPE),
                               upp_loop_objects(w->loop), w->house.config->upload_max);
    if (v->admitted && !v->upload)
        v->shut = crowded ? "hand-in.crowded" : "hand-in.no-room";
    w->n_files += v->upload != NULL;
    resume(one);
}

/* The fields of a form that brought a file are read as those of any other. */
static void take_fields(visit *v)
{
    if (!v->upload || v->upload->form.fields.len == 0)
        return;
    v->body = strdup(buf_text(&v->upload->form.fields));
    upp_check(v->body);
    v->body_len = strlen(v->body);
}

static enum MHD_Result on_request(void *self, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *bytes,
                                  size_t *n_bytes, void **seen)
{
    (void)version;
    call *one = *seen;
    if (!one) { /* the first of the calls: only the headers have been read */
        *seen = one = begin(self, connection, url, method);
        one->brings_file = one->admitting = brings_file(&one->visit);
        if (one->admitting)
            send_to_desk(one, admit, admitted);
        return MHD_YES;
    }
    if (one->admitting) { /* it goes on: with the head again, or with the body already */
        one->admitting = false;
        if (*n_bytes == 0)
            return MHD_YES;
    }
    if (*n_bytes > 0) {
        take_body(one, bytes, *n_bytes);
        *n_bytes = 0;
        return MHD_YES;
    }
    if (one->answered)
        return answer(one);
    if (!one->sent) {
        one->sent = true;
        take_fields(&one->visit);
        send_to_desk(one, work, back);
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
/* "https://uppsikt.kommunen.se" of whatever follows it. */
static bool read_origin(web *w)
{
    const char *url = w->house.config->public_url;
    if (!url)
        return true;
    const size_t scheme = strncmp(url, "https://", 8) == 0  ? 8
                          : strncmp(url, "http://", 7) == 0 ? 7
                                                            : 0;
    const size_t n = scheme + strcspn(url + scheme, "/");
    if (scheme == 0 || n == scheme || n >= sizeof w->house.origin) {
        upp_loop_say(w->loop, "public_url: write it as https://uppsikt.kommunen.se");
        return false;
    }
    snprintf(w->house.origin, sizeof w->house.origin, "%.*s", (int)n, url);
    w->house.https = scheme == 8;
    return true;
}

static bool open_daemon(web *w)
{
    uint16_t port = 0;
    const console_config *c = w->house.config;
    const int fd = upp_http_listen(
        w->loop, &(upp_http_where){ c->listen, c->port, "web_listen", "port" }, &port);
    if (fd < 0)
        return false;
    upp_http_in_begin(&w->http, w->loop,
                      &(upp_http_how){ .fd = fd,
                                       .request = on_request,
                                       .end = on_end,
                                       .self = w,
                                       .connections = CONNECTIONS,
                                       .idle_seconds = IDLE_SECONDS,
                                       .per_address = PER_ADDRESS,
                                       .connection_bytes = CONNECTION_BYTES });
    upp_log(UPP_INFO, NULL, "web pages at %s port %u", w->house.config->listen, (unsigned)port);
    return true;
}

/* What a worker still has is left to end by itself; then nobody holds a connection. */
static void web_close(void *self)
{
    web *w = self;
    bool idle = true;
    if (!w) /* its port was taken */
        return;
    directory_stop(w->house.directory);
    for (size_t i = 0; i < DESKS_MAX; i++)
        if (w->desks[i].worker) {
            upp_loop_fd(w->loop, upp_worker_fd(w->desks[i].worker), 0, upp_worker_collect,
                        w->desks[i].worker);
            idle = upp_worker_free(w->desks[i].worker, 5 * UPP_SECOND) && idle;
        }
    if (!idle)
        return; /* the process ends with it */
    for (call *one = w->calls; one; one = one->next)
        if (one->suspended) {
            one->admitting = false;
            one->answered = true;
            MHD_resume_connection(one->connection);
        }
    upp_http_in_end(&w->http);
    for (size_t i = 0; i < DESKS_MAX; i++)
        upp_client_free(w->desks[i].bus.client);
    directory_close(w->house.directory);
    phrases_free(w->house.phrases);
    zone_free(w->house.tz);
    free(w);
}

static void *web_open(upp_loop *loop, const void *config)
{
    const char *why = "";
    web *w = calloc(1, sizeof *w);
    upp_check(w);
    w->loop = loop;
    w->house.config = config;
    w->house.phrases = phrases_new(w->house.config->language);
    if (zone_parse(w->house.config->zone, &w->house.tz, &why) != 0)
        upp_loop_say(loop, "zone: %s; give a TZif file, as from the package tzdata", why);
    else if (read_origin(w) &&
             directory_open(loop, w->house.config, w->house.origin, &w->house.directory) &&
             open_desk(w, &w->desks[0]) && open_desk(w, &w->desks[1]) && open_daemon(w))
        return w;
    web_close(w);
    return NULL;
}

static const char *web_lacks(void)
{
    const char *why = upp_curl_lacks();
    return why ? why : upp_cjose_lacks();
}

/* It takes no asks: what comes in by it goes out as commands and queries. */
static void web_start(void *self, const upp_asked *ask)
{
    const web *w = self;
    upp_done(w->loop, ask->id, UPP_NEVER, NULL, 0);
}

static const upp_port_counter *web_counters(const void *self)
{
    const web *w = self;
    return directory_counters(w->house.directory);
}

static const upp_port web_port = {
    .name = "web",
    .request = &uppsikt__service_status__descriptor,
    .answer = &uppsikt__service_state__descriptor,
    .again = UPP_ONCE_OR_MORE,
    .open = web_open,
    .start = web_start,
    .close = web_close,
    .lacks = web_lacks,
    .counters = web_counters,
};

const upp_port *const upp_console_ports[] = { &web_port, NULL };
