/* port_webhook.c - where others push (platforms.md §14, §15): the signature is checked over the raw
 * bytes before anything is read, then the body becomes commands, and the good answer is said after
 * COMMIT. Behind a reverse proxy, which has the certificate. Off unless an address is configured.
 *
 *   GET  /webhook/facebook   Meta's handshake: hub.challenge comes back when the word is ours
 *   POST /webhook/facebook   X-Hub-Signature-256 over the body; 403 when it is not signed by us
 *   POST /in/ACCOUNT         lines of the import format, signed with the account's own secret:
 *                            202 with what became of them; 403 when it is not, and just so when
 *                            there is no such account: a stranger learns nothing of which there are
 */
#include "port_webhook.h"
#include "http_in.h"
#include "ingest.h"
#include "ops_socket.h"
#include "port_senders.h"
#include "push.h"
#include "signature.h"
#include "upp/log.h"
#include "upp/port.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CONNECTIONS = 64,
    IDLE_SECONDS = 10,
    BODY_BYTES = 1024 * 1024,   /* Meta pushes at most 1000 changes at once */
    CARRIED_BYTES = 200 * 1024, /* what a command may hold; above it the accounts are looked at */
    SECRETS = 4,
};
static const upp_ms complaint_span = UPP_MINUTE; /* between two lines of the log on refusals */

typedef struct webhook {
    upp_loop *loop;
    ops_socket socket;
    upp_http_in http;
    char *secret_text; /* owned; cut into secrets */
    upp_bytes secrets[SECRETS];
    size_t n_secrets;
    const char *verify;
    senders *senders;
    struct pushed *waiting;       /* requests whose commands are not answered yet */
    upp_port_counter counters[2]; /* the last has no name */
    int64_t told;                 /* of the refused ones, in the log ... */
    upp_ms told_ms;               /* ... then */
} webhook;

/* One request. */
typedef struct pushed {
    webhook *port; /* NULL: the port has been closed; the answer is for nobody */
    struct MHD_Connection *http;
    struct pushed *next;
    uint8_t *body;
    size_t len, size;
    size_t under_way; /* commands */
    push_sum sum;     /* what became of a system's lines */
    bool too_large, asked, answered, failed;
} pushed;

static enum MHD_Result answer_as(struct MHD_Connection *http, unsigned status, const char *type,
                                 const char *text)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(text), upp_lend(text), MHD_RESPMEM_MUST_COPY);
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, text);
    const enum MHD_Result queued = MHD_queue_response(http, status, response);
    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result answer(struct MHD_Connection *http, unsigned status, const char *text)
{
    return answer_as(http, status, "text/plain; charset=utf-8", text);
}

/* Nothing of it is kept but that it was: a stranger who knocks all night fills no disk. */
static enum MHD_Result refuse(webhook *w, struct MHD_Connection *http)
{
    const upp_ms now = upp_loop_real(w->loop);
    int64_t *count = &w->counters[0].count;
    ++*count;
    if (now - w->told_ms >= complaint_span || now < w->told_ms) {
        upp_log(UPP_WARN, NULL, "webhook: %lld requests refused: not signed by who may push",
                (long long)(*count - w->told));
        w->told = *count;
        w->told_ms = now;
    }
    return answer(http, MHD_HTTP_FORBIDDEN, "not signed by who may push here\n");
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

static enum MHD_Result shake_hands(webhook *w, struct MHD_Connection *http)
{
    const char *challenge = argument(http, "hub.challenge");
    const bool ours =
        w->verify && w->verify[0] && same_secret(argument(http, "hub.verify_token"), w->verify);
    if (!ours || strcmp(argument(http, "hub.mode"), "subscribe") != 0)
        return refuse(w, http);
    return answer(http, MHD_HTTP_OK, challenge);
}

/* -- a push -- */
static void pushed_free(pushed *p)
{
    push_sum_done(&p->sum);
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

/* After COMMIT; the same request again is the same commands: their outcomes come again. */
static void committed(void *self, const ProtobufCMessage *outcome, const char *words)
{
    pushed *p = self;
    (void)words;
    p->under_way--;
    p->failed = p->failed || !outcome;
    if (outcome && outcome->descriptor == &uppsikt__lines_imported__descriptor)
        push_sum_add(&p->sum, (const Uppsikt__LinesImported *)outcome);
    if (p->under_way > 0 || !p->asked) /* refused at once: tell_or_wait tells */
        return;
    if (!p->port) {
        pushed_free(p);
        return;
    }
    leave(p);
    p->answered = true;
    MHD_resume_connection(p->http);
    upp_http_in_soon(&p->port->http); /* resuming alone wakes nobody */
}

static enum MHD_Result tell(const pushed *p, bool lines)
{
    if (p->failed)
        return answer(p->http, MHD_HTTP_SERVICE_UNAVAILABLE, "again, please\n");
    if (!lines)
        return answer(p->http, MHD_HTTP_OK, "taken\n");
    char *report = push_report(&p->sum);
    const enum MHD_Result queued =
        answer_as(p->http, MHD_HTTP_ACCEPTED, "application/json", report);
    free(report);
    return queued;
}

/* The commands have been given: the connection sleeps until the last outcome. */
static enum MHD_Result tell_or_wait(webhook *w, pushed *p, bool lines)
{
    if (p->under_way == 0) /* a connection that is woken before it sleeps is never woken */
        return tell(p, lines);
    p->asked = true;
    p->next = w->waiting;
    w->waiting = p;
    MHD_suspend_connection(p->http);
    return MHD_YES;
}

static const char *header(const pushed *p, const char *name)
{
    return MHD_lookup_connection_value(p->http, MHD_HEADER_KIND, name);
}

static enum MHD_Result take(webhook *w, pushed *p)
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    const signature_secrets secrets = { w->secrets, w->n_secrets };
    Uppsikt__TakeWebhook command = UPPSIKT__TAKE_WEBHOOK__INIT;
    if (!signature_valid(SIGNATURE_META, &secrets, header(p, "X-Hub-Signature-256"), NULL,
                         (upp_bytes){ p->body, p->len }))
        return refuse(w, p->http);
    crypto_hash_sha256(hash, p->body, p->len);
    command.platform = upp_lend("facebook");
    command.at_ms = upp_loop_now(w->loop);
    if (p->len <= CARRIED_BYTES)
        command.body = (ProtobufCBinaryData){ p->len, p->body };
    p->under_way = 1;
    upp_loop_command(w->loop, hash, &command.base, committed, p);
    return tell_or_wait(w, p, false);
}

/* -- what another system pushes -- */
/* A part a command; a request without lines is one, too: its sender is alive. */
static void send_parts(webhook *w, pushed *p, const char *account, const char *timestamp,
                       size_t parts)
{
    char name[40];
    uint8_t hash[PUSH_HASH], id[PUSH_ID];
    Uppsikt__TakePush command = UPPSIKT__TAKE_PUSH__INIT;
    push_cut cut = { .rest = { p->body, p->len } };
    push_part *part = calloc(1, sizeof *part);
    upp_check(part);
    push_hash(account, timestamp, cut.rest, hash);
    snprintf(name, sizeof name, "push-%s", timestamp);
    command.account = upp_lend(account);
    command.push = name;
    p->under_way = parts;
    for (size_t i = 0; i < parts; i++) {
        (void)push_next(&cut, part); /* false: no lines */
        command.n_lines = part->n;
        command.lines = part->list;
        push_command_id(hash, i, id);
        upp_loop_command(w->loop, id, &command.base, committed, p);
    }
    free(part);
}

static enum MHD_Result take_lines(webhook *w, pushed *p, const char *account)
{
    const upp_bytes body = { p->body, p->len };
    const char *timestamp = header(p, "X-Uppsikt-Timestamp");
    if (!push_type_good(header(p, MHD_HTTP_HEADER_CONTENT_TYPE)) ||
        header(p, MHD_HTTP_HEADER_CONTENT_ENCODING))
        return answer(p->http, MHD_HTTP_UNSUPPORTED_MEDIA_TYPE,
                      "application/x-ndjson, not compressed\n");
    if (!senders_known(w->senders))
        return answer(p->http, MHD_HTTP_SERVICE_UNAVAILABLE, "again, please\n");
    if (!senders_signed(w->senders, account, timestamp, header(p, "X-Uppsikt-Signature"), body))
        return refuse(w, p->http);
    const int parts = push_parts(body);
    if (parts < 0)
        return answer(p->http, MHD_HTTP_CONTENT_TOO_LARGE, "more than 1000 lines\n");
    send_parts(w, p, account, timestamp, parts > 0 ? (size_t)parts : 1);
    return tell_or_wait(w, p, true);
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

/* The whole body is there. `account`: of lines; NULL: Facebook pushes. */
static enum MHD_Result on_push(webhook *w, pushed *p, const char *account)
{
    if (p->too_large)
        return answer(p->http, MHD_HTTP_CONTENT_TOO_LARGE, "more than 1 MiB\n");
    if (!p->asked)
        return account ? take_lines(w, p, account) : take(w, p);
    if (!p->answered) /* still suspended: it is not asked for */
        return MHD_YES;
    return tell(p, account != NULL);
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
    if (*upload_bytes > 0) { /* heard to its end whatever the answer: before, none can be given */
        pushed *p = *seen;
        if (!p->too_large)
            add(p, upload, *upload_bytes);
        *upload_bytes = 0;
        return MHD_YES;
    }
    static const char in[] = "/in/";
    const bool posts = strcmp(method, MHD_HTTP_METHOD_POST) == 0;
    if (strncmp(url, in, sizeof in - 1) == 0)
        return posts ? on_push(w, *seen, url + sizeof in - 1)
                     : answer(http, MHD_HTTP_METHOD_NOT_ALLOWED, "POST");
    if (strcmp(url, "/webhook/facebook") != 0)
        return answer(http, MHD_HTTP_NOT_FOUND, "/webhook/facebook /in/ACCOUNT\n");
    if (strcmp(method, MHD_HTTP_METHOD_GET) == 0)
        return shake_hands(w, http);
    return posts ? on_push(w, *seen, NULL) : answer(http, MHD_HTTP_METHOD_NOT_ALLOWED, "GET, POST");
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
    senders_free(w->senders);
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
    w->counters[0] = (upp_port_counter){ .name = "uppsikt_webhook_refused_total",
                                         .help = "Pushes that were not signed by who may push." };
    cut_secrets(w, cfg->webhook_secret);
    const bool wanted = cfg->webhook && cfg->webhook[0];
    if (wanted)
        w->senders = senders_new(loop, cfg->token_key);
    if (wanted && !listen_there(w, cfg->webhook)) {
        webhook_close(w);
        return NULL;
    }
    return w;
}

/* Who may push is kept in memory: told once and for all, there is nothing to be tried again. */
static void webhook_start(void *self, const upp_asked *asked)
{
    webhook *w = self;
    Uppsikt__SendersAdmitted answer = UPPSIKT__SENDERS_ADMITTED__INIT;
    if (w->senders)
        senders_admit(w->senders, (const Uppsikt__AdmitSenders *)asked->request);
    upp_done(w->loop, asked->id, UPP_DONE, &answer.base, 0);
}

static const upp_port_counter *webhook_counters(const void *self)
{
    const webhook *w = self;
    return w->senders ? w->counters : &w->counters[1];
}

const upp_port ingest_port_webhook = {
    .name = "webhook",
    .request = &uppsikt__admit_senders__descriptor,
    .answer = &uppsikt__senders_admitted__descriptor,
    .again = UPP_ONCE_OR_MORE,
    .open = webhook_open,
    .start = webhook_start,
    .close = webhook_close,
    .counters = webhook_counters,
};
