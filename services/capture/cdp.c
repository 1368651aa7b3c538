/* cdp.c - messages out and in, answers by their number. */
#include "cdp.h"
#include "suite_clock.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PENDING_MAX = 4096, READ_BYTES = 256 * 1024, LOOK_SPAN = 200 };

typedef struct pending {
    json_int_t id;
    cdp_answered *answered; /* NULL: the one that cdp_call waits for */
    void *ctx;
} pending;

struct cdp {
    int in, out;
    const atomic_bool *stop;
    cdp_buffer incoming, outgoing;
    size_t sent; /* of outgoing */
    json_int_t last_id;
    pending pending[PENDING_MAX];
    size_t n_pending;
    cdp_heard *heard;
    void *ctx;
    json_int_t awaited; /* 0: nothing */
    json_t *answer;     /* to it */
    bool gone, hurry;
    char why[256];
    char room[READ_BYTES];
};

/* -- framing -- */
bool cdp_buffer_put(cdp_buffer *b, const char *bytes, size_t n)
{
    if (n > CDP_MESSAGE_MAX || b->len > CDP_MESSAGE_MAX - n)
        return false;
    if (b->len + n > b->room) {
        size_t room = b->room ? b->room : 4096;
        while (room < b->len + n)
            room *= 2;
        b->at = realloc(b->at, room);
        upp_check(b->at != NULL);
        b->room = room;
    }
    memcpy(b->at + b->len, bytes, n);
    b->len += n;
    return true;
}

static void buffer_drop(cdp_buffer *b, size_t n)
{
    memmove(b->at, b->at + n, b->len - n);
    b->len -= n;
    b->seen = 0;
    if (b->len == 0 && b->room > (size_t)READ_BYTES * 4)
        cdp_buffer_done(b); /* one long picture must not stay in memory */
}

int cdp_buffer_take(cdp_buffer *b, json_t **ret_message)
{
    const char *end = b->len > b->seen ? memchr(b->at + b->seen, '\0', b->len - b->seen) : NULL;
    if (!end) {
        b->seen = b->len;
        return 1;
    }
    const size_t n = (size_t)(end - b->at);
    json_error_t error;
    json_t *message = json_loadb(b->at, n, JSON_ALLOW_NUL, &error);
    buffer_drop(b, n + 1);
    if (!json_is_object(message)) {
        json_decref(message);
        return UPP_E_INPUT;
    }
    *ret_message = message;
    return 0;
}

void cdp_buffer_done(cdp_buffer *b)
{
    free(b->at);
    *b = (cdp_buffer){ 0 };
}

/* -- the connection -- */
static void unblock(int fd)
{
    upp_check(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == 0);
}

cdp *cdp_new(int in, int out, const atomic_bool *stop)
{
    cdp *c = calloc(1, sizeof *c);
    upp_check(c != NULL);
    c->in = in;
    c->out = out;
    c->stop = stop;
    unblock(in);
    unblock(out);
    return c;
}

void cdp_free(cdp *c)
{
    if (!c)
        return;
    close(c->in);
    close(c->out);
    cdp_buffer_done(&c->incoming);
    cdp_buffer_done(&c->outgoing);
    json_decref(c->answer);
    free(c);
}

void cdp_listen(cdp *c, cdp_heard *heard, void *ctx)
{
    c->heard = heard;
    c->ctx = ctx;
}

void cdp_hurry(cdp *c, bool hurry)
{
    c->hurry = hurry;
}

void cdp_forget(cdp *c)
{
    while (c->n_pending > 0) {
        const pending p = c->pending[--c->n_pending];
        p.answered(p.ctx, NULL);
    }
}

const char *cdp_why(const cdp *c)
{
    return c->why;
}

static void flush_out(cdp *c)
{
    while (!c->gone && c->sent < c->outgoing.len) {
        const ssize_t n = write(c->out, c->outgoing.at + c->sent, c->outgoing.len - c->sent);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (n < 0)
            c->gone = true;
        else
            c->sent += (size_t)n;
    }
    if (c->outgoing.len > 0)
        buffer_drop(&c->outgoing, c->outgoing.len);
    c->sent = 0;
}

static json_int_t put_message(cdp *c, const char *session, const char *method, json_t *params)
{
    const json_int_t id = ++c->last_id;
    json_t *message = json_pack("{s:I, s:s, s:o}", "id", id, "method", method, "params",
                                params ? params : json_object());
    upp_check(message != NULL);
    if (session[0])
        json_object_set_new(message, "sessionId", json_string(session));
    char *text = json_dumps(message, JSON_COMPACT);
    upp_check(text != NULL);
    if (!cdp_buffer_put(&c->outgoing, text, strlen(text) + 1))
        c->gone = true; /* it takes nothing any more */
    free(text);
    json_decref(message);
    flush_out(c);
    return id;
}

void cdp_send(cdp *c, const char *session, const char *method, json_t *params)
{
    (void)put_message(c, session, method, params);
}

void cdp_ask(cdp *c, const char *session, const char *method, json_t *params,
             cdp_answered *answered, void *ctx)
{
    if (c->n_pending == PENDING_MAX) { /* a page that floods us: this browser is given up */
        c->gone = true;
        json_decref(params);
        return;
    }
    const json_int_t id = put_message(c, session, method, params);
    c->pending[c->n_pending++] = (pending){ .id = id, .answered = answered, .ctx = ctx };
}

static void take_answer(cdp *c, json_int_t id, json_t *message)
{
    if (id == c->awaited) {
        json_decref(c->answer);
        c->answer = json_incref(message);
        return;
    }
    for (size_t i = 0; i < c->n_pending; i++) {
        if (c->pending[i].id != id)
            continue;
        const pending p = c->pending[i];
        c->pending[i] = c->pending[--c->n_pending];
        p.answered(p.ctx, json_object_get(message, "result"));
        return;
    }
}

static void take_message(cdp *c, json_t *message)
{
    const json_t *id = json_object_get(message, "id");
    const char *method = json_string_value(json_object_get(message, "method"));
    const char *session = json_string_value(json_object_get(message, "sessionId"));
    if (json_is_integer(id))
        take_answer(c, json_integer_value(id), message);
    else if (method && c->heard)
        c->heard(c->ctx, method, session ? session : "", json_object_get(message, "params"));
}

static void read_in(cdp *c)
{
    for (;;) {
        const ssize_t n = read(c->in, c->room, sizeof c->room);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            break;
        if (n <= 0 || !cdp_buffer_put(&c->incoming, c->room, (size_t)n)) {
            c->gone = true;
            break;
        }
        if ((size_t)n < sizeof c->room)
            break;
    }
    for (;;) {
        json_t *message = NULL;
        const int rc = cdp_buffer_take(&c->incoming, &message);
        if (rc == 1)
            return;
        if (rc < 0) {
            c->gone = true;
            return;
        }
        take_message(c, message);
        json_decref(message);
    }
}

static bool answered_now(void *ctx)
{
    const cdp *c = ctx;
    return c->answer != NULL;
}

enum cdp_end cdp_wait(cdp *c, upp_ms until, bool (*met)(void *ctx), void *ctx)
{
    for (;;) {
        if (met && met(ctx))
            return CDP_DONE;
        if (c->gone)
            return CDP_GONE;
        if (atomic_load(c->stop))
            return CDP_STOPPED;
        const upp_ms left = until - upp_steady_now();
        if (left <= 0 || c->hurry)
            return CDP_LATE;
        flush_out(c);
        struct pollfd items[2] = { { .fd = c->in, .events = POLLIN },
                                   { .fd = c->sent < c->outgoing.len ? c->out : -1,
                                     .events = POLLOUT } };
        if (poll(items, 2, (int)(left < LOOK_SPAN ? left : LOOK_SPAN)) > 0 && items[0].revents)
            read_in(c);
    }
}

enum cdp_end cdp_call(cdp *c, const char *session, const char *method, json_t *params, upp_ms until,
                      json_t **ret_result)
{
    c->why[0] = '\0';
    c->awaited = put_message(c, session, method, params);
    enum cdp_end end = cdp_wait(c, until, answered_now, c);
    json_t *answer = c->answer;
    c->awaited = 0;
    c->answer = NULL;
    if (end == CDP_DONE && !json_object_get(answer, "result")) {
        const json_t *error = json_object_get(answer, "error");
        const char *words = json_string_value(json_object_get(error, "message"));
        snprintf(c->why, sizeof c->why, "%s: %s", method, words ? words : "refused");
        end = CDP_REFUSED;
    }
    if (end == CDP_DONE && ret_result)
        *ret_result = json_incref(json_object_get(answer, "result"));
    json_decref(answer);
    return end;
}
