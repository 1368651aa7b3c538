/* recorder.c - requests out, answers in. */
#include "recorder.h"
#include "exchange.h"
#include "guard.h"
#include "upp/log.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCKED_MAX = 50, BLOCKED_URL = 300 };

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

static int write_all(void *ctx, const void *bytes, size_t n)
{
    const recorder *r = ctx;
    const char *at = bytes;
    while (n > 0) {
        const ssize_t put = write(r->fd, at, n);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return UPP_E_STORE;
        at += put;
        n -= (size_t)put;
    }
    return 0;
}

static void fail_warc(recorder *r)
{
    upp_log(UPP_ERROR, NULL, "the WARC cannot be written: %s", strerror(errno));
    r->failed = true;
}

void recorder_open(recorder *r)
{
    char path[PATH_MAX];
    r->fd = -1;
    r->blocked = json_array();
    if (!r->job->page->warc)
        return;
    job_path(r->job, "page.warc.gz", path);
    r->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    r->warc = (warc_writer){ .out = { .write = write_all, .ctx = r } };
    if (r->fd < 0 || exchange_info(&r->warc, r->agent) < 0)
        fail_warc(r);
}

void recorder_close(recorder *r)
{
    if (r->fd < 0)
        return;
    close(r->fd);
    r->fd = -1;
    if (!r->failed)
        r->failed = !job_note(r->job, "page.warc.gz", "application/warc");
}

void recorder_attach(recorder *r, const char *session)
{
    json_t *patterns = json_pack("[{s:s, s:s}]", "urlPattern", "*", "requestStage", "Request");
    if (r->fd >= 0)
        json_array_append_new(
            patterns, json_pack("{s:s, s:s}", "urlPattern", "*", "requestStage", "Response"));
    cdp_send(r->cdp, session, "Fetch.enable", json_pack("{s:o}", "patterns", patterns));
    cdp_send(r->cdp, session, "Network.enable",
             json_pack("{s:i, s:i}", "maxTotalBufferSize", 100 << 20, "maxResourceBufferSize",
                       50 << 20));
    cdp_send(r->cdp, session, "Network.setCacheDisabled", json_pack("{s:b}", "cacheDisabled", 1));
    cdp_send(r->cdp, session, "Network.setBypassServiceWorker", json_pack("{s:b}", "bypass", 1));
    if (r->offline)
        cdp_send(r->cdp, session, "Network.emulateNetworkConditions",
                 json_pack("{s:b, s:i, s:i, s:i}", "offline", 1, "latency", 0, "downloadThroughput",
                           0, "uploadThroughput", 0));
    cdp_send(
        r->cdp, session, "Target.setAutoAttach",
        json_pack("{s:b, s:b, s:b}", "autoAttach", 1, "waitForDebuggerOnStart", 1, "flatten", 1));
}

static void note_blocked(recorder *r, const char *url, const char *why)
{
    r->refused++;
    if (json_array_size(r->blocked) < BLOCKED_MAX)
        json_array_append_new(
            r->blocked,
            json_pack("{s:s%, s:s}", "url", url,
                      strlen(url) < BLOCKED_URL ? strlen(url) : (size_t)BLOCKED_URL, "why", why));
}

static void let_go(recorder *r, const char *session, const char *id)
{
    cdp_send(r->cdp, session, "Fetch.continueRequest", json_pack("{s:s}", "requestId", id));
}

/* Our own html's pictures come with the job; nothing else answers it. */
static bool give_media(recorder *r, const char *session, const char *id, const char *url)
{
    size_t n = 0;
    char name[JOB_INPUT];
    if (!r->offline || !job_media(r->job, url, &n))
        return false;
    job_input(n, name);
    char *body = job_base64(r->job, name);
    if (!body)
        return false;
    cdp_send(r->cdp, session, "Fetch.fulfillRequest",
             json_pack("{s:s, s:i, s:s, s:[{s:s, s:s}]}", "requestId", id, "responseCode", 200,
                       "body", body, "responseHeaders", "name", "content-type", "value",
                       r->job->page->media[n]->mime));
    free(body);
    return true;
}

static void on_request(recorder *r, const char *session, const json_t *params)
{
    const char *id = text_of(params, "requestId");
    const char *url = text_of(json_object_get(params, "request"), "url");
    if (give_media(r, session, id, url))
        return;
    const char *why = r->offline ? "offline" : guard_refuses(url, r->config->private_addresses);
    if (!why && r->bytes > r->config->response_bytes) {
        why = "too much";
        r->cut = true;
    }
    if (!why) {
        let_go(r, session, id);
        return;
    }
    note_blocked(r, url, why);
    const bool document = strcmp(text_of(params, "resourceType"), "Document") == 0 &&
                          strcmp(text_of(params, "frameId"), r->frame) == 0;
    r->guarded = r->guarded || (document && !r->offline);
    /* An aborted navigation leaves the template where it is; a blocked one shows an error. */
    const char *reason = document && r->offline ? "Aborted" : "BlockedByClient";
    cdp_send(r->cdp, session, "Fetch.failRequest",
             json_pack("{s:s, s:s}", "requestId", id, "errorReason", reason));
}

/* -- answers -- */
typedef struct held {
    recorder *r;
    json_t *params;
    char session[80];
} held;

static void write_exchange(recorder *r, const json_t *params, upp_bytes body, bool base64)
{
    if (r->fd < 0 || r->failed)
        return;
    const int rc = exchange_write(&r->warc, params, body, base64);
    if (rc < 0)
        fail_warc(r);
    r->exchanges += rc == 0;
    r->omitted += rc == 1;
}

static void on_body(void *ctx, const json_t *result)
{
    held *h = ctx;
    const json_t *body = json_object_get(result, "body");
    if (json_is_string(body))
        write_exchange(
            h->r, h->params,
            (upp_bytes){ (const uint8_t *)json_string_value(body), json_string_length(body) },
            json_is_true(json_object_get(result, "base64Encoded")));
    else
        h->r->omitted++;
    let_go(h->r, h->session, text_of(h->params, "requestId"));
    json_decref(h->params);
    free(h);
}

static void on_response(recorder *r, const char *session, const json_t *params)
{
    const char *id = text_of(params, "requestId");
    const enum exchange_body body = exchange_body(params);
    if (r->fd < 0 || r->failed || body == EXCHANGE_OMITTED) {
        r->omitted += body == EXCHANGE_OMITTED;
        let_go(r, session, id);
        return;
    }
    if (body == EXCHANGE_NONE) {
        write_exchange(r, params, (upp_bytes){ 0 }, false);
        let_go(r, session, id);
        return;
    }
    held *h = calloc(1, sizeof *h);
    upp_check(h != NULL);
    h->r = r;
    h->params = json_deep_copy(params);
    snprintf(h->session, sizeof h->session, "%s", session);
    cdp_ask(r->cdp, session, "Fetch.getResponseBody", json_pack("{s:s}", "requestId", id), on_body,
            h);
}

static void on_paused(recorder *r, const char *session, const json_t *params)
{
    if (json_object_get(params, "responseErrorReason"))
        let_go(r, session, text_of(params, "requestId"));
    else if (json_object_get(params, "responseStatusCode"))
        on_response(r, session, params);
    else
        on_request(r, session, params);
}

static void on_received(recorder *r, const json_t *params)
{
    const json_t *response = json_object_get(params, "response");
    if (strcmp(text_of(params, "type"), "Document") != 0 ||
        strcmp(text_of(params, "frameId"), r->frame) != 0)
        return;
    r->status = json_integer_value(json_object_get(response, "status"));
    snprintf(r->mime, sizeof r->mime, "%s", text_of(response, "mimeType"));
    snprintf(r->request, sizeof r->request, "%s", text_of(params, "requestId"));
    r->broken = false;
}

bool recorder_heard(recorder *r, const char *method, const char *session, const json_t *params)
{
    if (strcmp(method, "Fetch.requestPaused") == 0) {
        on_paused(r, session, params);
    } else if (strcmp(method, "Network.requestWillBeSent") == 0) {
        r->in_flight += !json_object_get(params, "redirectResponse");
    } else if (strcmp(method, "Network.loadingFinished") == 0 ||
               strcmp(method, "Network.loadingFailed") == 0) {
        r->in_flight -= r->in_flight > 0;
        r->broken = r->broken || (strcmp(method, "Network.loadingFailed") == 0 &&
                                  strcmp(text_of(params, "requestId"), r->request) == 0);
    } else if (strcmp(method, "Network.responseReceived") == 0) {
        on_received(r, params);
    } else if (strcmp(method, "Network.dataReceived") == 0) {
        const json_int_t sent = json_integer_value(json_object_get(params, "encodedDataLength"));
        const json_int_t whole = json_integer_value(json_object_get(params, "dataLength"));
        r->bytes += whole > sent ? whole : sent;
    } else {
        return strncmp(method, "Network.", 8) == 0 || strncmp(method, "Fetch.", 6) == 0;
    }
    return true;
}
