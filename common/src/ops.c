/* ops.c - the operators' HTTP in the driver's loop: libmicrohttpd behind one epoll descriptor. */
#include "ops.h"
#include "http_in.h"
#include "notify.h"
#include "ops_socket.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CONNECTIONS = 32, IDLE_SECONDS = 5, CONNECTION_BYTES = 16 * 1024 };

struct upp_ops {
    upp_loop *loop;
    upp_ops_owner owner;
    ops_socket socket;
    upp_http_in http;
    char *told; /* what the supervisor has been told; NULL: nothing */
};

bool upp_ops_where(const upp_runtime_config *runtime, const char *service,
                   char ret_where[UPP_OPS_WHERE])
{
    const char *ops = runtime->ops ? runtime->ops : "";
    if (ops[0] == '\0' || strcmp(ops, "off") == 0)
        return false;
    if (strcmp(ops, "unix") == 0)
        snprintf(ret_where, UPP_OPS_WHERE, "%s/%s.ops", runtime->run ? runtime->run : ".", service);
    else
        snprintf(ret_where, UPP_OPS_WHERE, "%s", ops);
    return true;
}

/* -- answers -- */

/* `body` is malloc's and becomes libmicrohttpd's. */
static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status, const char *type,
                              char *body)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(body), body, MHD_RESPMEM_MUST_FREE);
    if (!response) {
        free(body);
        return MHD_NO;
    }
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    const enum MHD_Result queued = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result plain(struct MHD_Connection *connection, unsigned status, const char *word)
{
    char *body = strdup(word);
    return body ? answer(connection, status, "text/plain; charset=utf-8", body) : MHD_NO;
}

/* That this code runs is the whole answer: the loop turns. */
static enum MHD_Result livez(upp_ops *ops, struct MHD_Connection *connection)
{
    (void)ops;
    return plain(connection, MHD_HTTP_OK, "alive\n");
}

static enum MHD_Result startupz(upp_ops *ops, struct MHD_Connection *connection)
{
    const bool started = ops->owner.started(ops->owner.self);
    return plain(connection, started ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE,
                 started ? "started\n" : "starting\n");
}

static void add_reason(void *ctx, const char *what, const char *about)
{
    json_t *reason = json_pack("{s:s, s:s?}", "what", what, "about", about);
    json_array_append_new(ctx, reason);
}

/* What /readyz answers, malloc's; NULL: no memory. */
static char *readiness(const upp_ops *ops, bool *ret_ready)
{
    json_t *reasons = json_array();
    if (!reasons)
        return NULL;
    if (ops->owner.started(ops->owner.self))
        ops->owner.ready(ops->owner.self, add_reason, reasons);
    else
        add_reason(reasons, "starting", NULL);
    *ret_ready = json_array_size(reasons) == 0;
    json_t *state = json_pack("{s:b, s:s, s:s, s:I, s:o}", "ready", *ret_ready, "service",
                              ops->owner.service, "version", ops->owner.version, "schema",
                              (json_int_t)ops->owner.schema, "reasons", reasons);
    if (state && ops->owner.notes) {
        json_t *notes = json_array();
        ops->owner.notes(ops->owner.self, add_reason, notes);
        json_object_set_new(state, "notes", notes);
    }
    char *body = state ? json_dumps(state, JSON_COMPACT) : NULL;
    json_decref(state);
    return body;
}

static enum MHD_Result readyz(upp_ops *ops, struct MHD_Connection *connection)
{
    bool ready = false;
    char *body = readiness(ops, &ready);
    if (!body)
        return MHD_NO;
    return answer(connection, ready ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE,
                  "application/json", body);
}

bool upp_ops_tell(upp_ops *ops)
{
    static const char name[] = "X_UPPSIKT_READY=";
    bool ready = false;
    char *body = upp_notify_is_wanted() ? readiness(ops, &ready) : NULL;
    if (!body)
        return ready;
    if (!ops->told || strcmp(ops->told, body) != 0) {
        const size_t size = sizeof name + strlen(body);
        char *line = malloc(size);
        upp_check(line);
        snprintf(line, size, "%s%s", name, body);
        if (upp_notify(line)) { /* else once more, the next time */
            free(ops->told);
            ops->told = strdup(body);
        }
        free(line);
    }
    free(body);
    return ready;
}

static void write_line(void *ctx, const char *line)
{
    fputs(line, ctx);
}

/* What every process says of itself, under the names that Prometheus' own libraries use. */
static void write_process(const upp_ops *ops, FILE *out)
{
    fprintf(out,
            "# HELP uppsikt_build_info Which program and version this is.\n"
            "# TYPE uppsikt_build_info gauge\n"
            "uppsikt_build_info{service=\"%s\",version=\"%s\"} 1\n",
            ops->owner.service, ops->owner.version);
    FILE *statm = fopen("/proc/self/statm", "re"); /* proc(5): size, resident, in pages */
    char line[128] = "";
    char *resident = NULL;
    if (statm && fgets(line, sizeof line, statm))
        resident = strchr(line, ' ');
    if (statm)
        fclose(statm);
    if (!resident)
        return;
    const int64_t pages = strtoll(resident, NULL, 10);
    upp_metric_head(write_line, out, "process_resident_memory_bytes", "gauge",
                    "Resident memory size in bytes.");
    upp_metric_row(write_line, out, "process_resident_memory_bytes", NULL, NULL,
                   pages * sysconf(_SC_PAGESIZE));
}

static enum MHD_Result metrics(upp_ops *ops, struct MHD_Connection *connection)
{
    char *body = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&body, &len);
    if (!out)
        return MHD_NO;
    write_process(ops, out);
    const int written = ops->owner.metrics(ops->owner.self, write_line, out);
    const bool whole = !ferror(out) && written >= 0;
    if (fclose(out) != 0 || !whole) {
        free(body);
        return plain(connection, MHD_HTTP_INTERNAL_SERVER_ERROR, "the numbers could not be read\n");
    }
    return answer(connection, MHD_HTTP_OK, "text/plain; version=0.0.4; charset=utf-8", body);
}

static enum MHD_Result on_request(void *self, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_bytes, void **seen)
{
    static const struct {
        const char *path;
        enum MHD_Result (*answer)(upp_ops *ops, struct MHD_Connection *connection);
    } pages[] = {
        { "/livez", livez },
        { "/readyz", readyz },
        { "/startupz", startupz },
        { "/metrics", metrics },
    };
    (void)version;
    (void)upload;
    (void)upload_bytes;
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
        return plain(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD\n");
    if (!*seen) { /* the first of two calls: only the headers have been read */
        *seen = self;
        return MHD_YES;
    }
    for (size_t i = 0; i < UPP_LEN(pages); i++)
        if (strcmp(url, pages[i].path) == 0)
            return pages[i].answer(self, connection);
    return plain(connection, MHD_HTTP_NOT_FOUND, "/livez /readyz /startupz /metrics\n");
}

/* -- in the loop -- */

bool upp_ops_possible(void (*say)(const char *line))
{
    const char *lacks = upp_mhd_lacks();
    if (lacks)
        say(lacks);
    return lacks == NULL;
}

upp_ops *upp_ops_new(upp_loop *loop, const char *where, const upp_ops_owner *owner,
                     void (*say)(const char *line))
{
    upp_ops *ops = calloc(1, sizeof *ops);
    upp_check(ops);
    ops->loop = loop;
    ops->owner = *owner;
    if (!ops_socket_open(&ops->socket, where, say)) {
        free(ops);
        return NULL;
    }
    upp_http_in_begin(&ops->http, loop,
                      &(upp_http_how){ .fd = ops->socket.fd,
                                       .request = on_request,
                                       .self = ops,
                                       .connections = CONNECTIONS,
                                       .idle_seconds = IDLE_SECONDS,
                                       .connection_bytes = CONNECTION_BYTES });
    return ops;
}

void upp_ops_free(upp_ops *ops)
{
    if (!ops)
        return;
    upp_http_in_end(&ops->http);
    ops_socket_remove(&ops->socket);
    free(ops->told);
    free(ops);
}

uint16_t upp_ops_port(const upp_ops *ops)
{
    return ops->socket.port;
}
