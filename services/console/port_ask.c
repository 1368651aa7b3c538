/* port_ask.c - asking the services and telling them, from a worker, with short deadlines. */
#include "suite_clock.h"
#include "visit.h"
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const upp_ms query_span = 2 * UPP_SECOND, command_span = 4 * UPP_SECOND;
static const upp_ms rest_span = 5 * UPP_SECOND, catch_up_span = UPP_SECOND;

void visit_free_rows(visit_rows *rows)
{
    for (size_t i = 0; i < rows->n; i++) {
        protobuf_c_message_free_unpacked(rows->rows[i], NULL);
        if (rows->contents[i])
            protobuf_c_message_free_unpacked(rows->contents[i], NULL);
    }
    free(rows);
}

/* -- who is down -- */
static size_t place_of(visit_desk *desk, const char *service)
{
    size_t i = 0;
    while (i < VISIT_SERVICES - 1 && desk->down[i].name[0] &&
           strcmp(desk->down[i].name, service) != 0)
        i++;
    snprintf(desk->down[i].name, sizeof desk->down[i].name, "%s", service);
    return i;
}

static bool rests(visit_desk *desk, const char *service)
{
    return desk->down[place_of(desk, service)].until > upp_steady_now();
}

static void note_answer(visit_desk *desk, const char *service, bool answered)
{
    desk->down[place_of(desk, service)].until = answered ? 0 : upp_steady_now() + rest_span;
}

/* -- queries -- */
typedef struct collector {
    visit_rows *rows;
    const ProtobufCMessageDescriptor *type, *content;
    bool broken;
} collector;

static bool collect(void *ctx, const upp_frames *frames)
{
    collector *c = ctx;
    visit_rows *rows = c->rows;
    if (rows->n == VISIT_ROWS)
        return false;
    ProtobufCMessage *row =
        protobuf_c_message_unpack(c->type, NULL, frames->envelope.len, frames->envelope.at);
    if (!row) {
        c->broken = true;
        return false;
    }
    rows->rows[rows->n] = row;
    rows->contents[rows->n] =
        c->content ? protobuf_c_message_unpack(c->content, NULL, frames->content.len,
                                               frames->content.at ? frames->content.at
                                                                  : (const uint8_t *)"")
                   : NULL;
    c->broken = c->broken || (c->content && !rows->contents[rows->n]);
    rows->n++;
    return !c->broken;
}

visit_rows *visit_ask(visit *v, const char *service, const ProtobufCMessage *query,
                      const ProtobufCMessageDescriptor *type,
                      const ProtobufCMessageDescriptor *content)
{
    const char *by = v->view.who ? v->view.who->person : NULL;
    if (v->n_lists == VISIT_LISTS || rests(v->desk, service))
        return NULL;
    collector c = { .rows = calloc(1, sizeof *c.rows), .type = type, .content = content };
    upp_check(c.rows);
    const int rc = upp_client_query(v->desk->client, service, by, query, query_span, collect, &c);
    note_answer(v->desk, service, rc != UPP_E_BUSY);
    if (rc < 0 || c.broken) {
        if (c.broken && c.rows->n > 0 && c.rows->rows[c.rows->n - 1] == NULL)
            c.rows->n--;
        visit_free_rows(c.rows);
        return NULL;
    }
    v->lists[v->n_lists++] = c.rows; /* a refusal gives no row */
    return c.rows;
}

/* -- commands -- */
static void complain_down(visit *v, const char *service)
{
    static const char *const known[] = { "escalation", "ingest",  "evidence",
                                         "registry",   "console", "archive" };
    static const char *const keys[] = { "down.escalation", "down.ingest",  "down.evidence",
                                        "down.registry",   "down.console", "down.archive" };
    for (size_t i = 0; i < UPP_LEN(known); i++)
        if (strcmp(known[i], service) == 0)
            visit_complain(v, keys[i]);
}

enum visit_end visit_tell(visit *v, const char *service, const char *by, const char *what,
                          const ProtobufCMessage *command,
                          const ProtobufCMessageDescriptor *outcome, ProtobufCMessage **ret_outcome)
{
    uint8_t form_id[16], id[16];
    ProtobufCMessage *got = NULL;
    if (!guard_unhex(form_value(&v->fields, "id"), sizeof form_id, form_id))
        memcpy(form_id, v->seed, sizeof form_id); /* no form: once for this request */
    guard_nth_id(form_id, what, id);
    int rc = UPP_E_BUSY;
    if (!rests(v->desk, service)) {
        upp_client_session(v->desk->client, by ? v->view.who->session : NULL);
        rc = upp_client_command(v->desk->client, service, id, by, command, outcome, command_span,
                                &got);
        upp_client_session(v->desk->client, NULL);
        note_answer(v->desk, service, rc != UPP_E_BUSY);
    }
    if (rc == 0) {
        if (ret_outcome)
            *ret_outcome = got;
        else
            protobuf_c_message_free_unpacked(got, NULL);
        return VISIT_DONE;
    }
    if (rc == 1) {
        const char *words = upp_client_why(v->desk->client);
        const char *known = phrase_of(v->house->phrases, words);
        visit_complain(v, known ? words : "refused.words");
        return VISIT_REFUSED;
    }
    complain_down(v, service);
    v->view.kept_id = form_value(&v->fields, "id"); /* it may have happened: the same id again */
    return VISIT_NO_ANSWER;
}

/* -- objects -- */
enum { PART = 64 * 1024 };

uint8_t *visit_object(visit *v, const char *service, const char *object, size_t max,
                      size_t *ret_len)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    int n = 1;
    *ret_len = 0;
    while (n > 0 && len <= max && !rests(v->desk, service)) {
        bytes = realloc(bytes, len + PART);
        upp_check(bytes);
        n = upp_client_object(v->desk->client, service, object, (int64_t)len, bytes + len, PART,
                              query_span);
        note_answer(v->desk, service, n != UPP_E_BUSY);
        len += n > 0 ? (size_t)n : 0;
    }
    if (n == 0 || (n > 0 && len > max))
        *ret_len = len;
    if (n == 0 && len <= max)
        return bytes;
    free(bytes);
    return NULL;
}

/* -- what was just done is to be seen -- */
static int64_t head_of(visit *v, const char *service)
{
    const Uppsikt__ServiceStatus q = UPPSIKT__SERVICE_STATUS__INIT;
    const visit_rows *rows =
        visit_ask(v, service, &q.base, &uppsikt__service_state__descriptor, NULL);
    return rows && rows->n > 0 ? ((const Uppsikt__ServiceState *)rows->rows[0])->head : 0;
}

static bool has_heard(visit *v, const char *service, int64_t head)
{
    const Uppsikt__ServiceStatus q = UPPSIKT__SERVICE_STATUS__INIT;
    const visit_rows *rows =
        visit_ask(v, "console", &q.base, &uppsikt__service_state__descriptor, NULL);
    bool heard = !rows || rows->n == 0; /* nobody to wait for */
    for (size_t i = 0; !heard && i < ((Uppsikt__ServiceState *)rows->rows[0])->n_sources; i++) {
        const Uppsikt__SourceState *s = ((Uppsikt__ServiceState *)rows->rows[0])->sources[i];
        heard = strcmp(s->source, service) == 0 && s->cursor >= head;
    }
    if (rows) {
        visit_free_rows(v->lists[v->n_lists - 1]);
        v->n_lists--;
    }
    return heard;
}

void visit_catch_up(visit *v, const char *service)
{
    const upp_ms until = upp_steady_now() + catch_up_span;
    const int64_t head = head_of(v, service);
    for (int pause = 1; head > 0 && !has_heard(v, service, head); pause *= 2) {
        const upp_ms left = until - upp_steady_now();
        if (left <= 0)
            return;
        (void)poll(NULL, 0, pause < (int)left ? pause : (int)left); /* looked at again, later */
    }
}
