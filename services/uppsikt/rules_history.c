/* rules_history.c - reads the logs for `uppsikt rules`; prints nothing of what people wrote. */
#include "rules_history.h"
#include "message_json.h"
#include <string.h>

int history_span(verb_call *call, const char *words, history *ret)
{
    char from[64];
    const char *gap = strstr(words, "..");
    const when_clock clock = ask_clock(call);
    if (!gap || (size_t)(gap - words) >= sizeof from) {
        home_sayf("%s: write FROM..TO, as in 2026-11-01..2026-12-01", words);
        return CALL_USAGE;
    }
    snprintf(from, sizeof from, "%.*s", (int)(gap - words), words);
    const char *why = when_parse(&clock, from, &ret->from);
    if (!why)
        why = when_parse(&clock, gap + 2, &ret->to);
    if (!why && ret->to <= ret->from)
        why = "it ends before it begins";
    if (why)
        home_sayf("%s: %s", words, why);
    return why ? CALL_USAGE : CALL_DONE;
}

static int state_of(verb_call *call, const char *service, json_t **ret_state)
{
    const int rc = ask_status(call, service, call->wait_span, ret_state);
    if (rc == CALL_WRONG)
        home_sayf("%s: %s", service, upp_client_why(call->client));
    return rc;
}

static int head_of(verb_call *call, const char *service, int64_t *ret_head)
{
    UPP_AUTO(json_freep) json_t *state = NULL;
    const int rc = state_of(call, service, &state);
    *ret_head = json_integer_value(json_object_get(state, "head"));
    return rc;
}

int history_parts(verb_call *call, const char *service, unsigned *ret_parts)
{
    UPP_AUTO(json_freep) json_t *state = NULL;
    const int rc = state_of(call, service, &state);
    const json_int_t said = json_integer_value(json_object_get(state, "parts"));
    *ret_parts = said > 1 && said <= UPP_PARTS ? (unsigned)said : 1;
    return rc;
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

static bool each_comment(void *ctx, const upp_frames *frames)
{
    const history *h = ctx;
    UPP_AUTO(json_freep) json_t *event = message_event_json("ingest", frames, true);
    const json_t *data = json_object_get(event, "data");
    const json_t *content = json_object_get(event, "content");
    const char *type = text_of(event, "type");
    const bool edited = strcmp(type, "uppsikt.CommentEdited") == 0;
    const bool more = json_integer_value(json_object_get(event, "sequence")) < h->until;
    if (!edited && strcmp(type, "uppsikt.CommentReceived") != 0)
        return more;
    if (json_is_true(json_object_get(data, "ours"))) /* judged otherwise: no comment (R24) */
        return more;
    const upp_ms at = json_integer_value(json_object_get(data, edited ? "seen_ms" : "received_ms"));
    const json_t *said = edited ? json_object_get(content, "now") : content;
    const char *text = json_string_value(json_object_get(said, "text"));
    if (!text || at < h->from || at >= h->to)
        return more;
    return h->each(h->ctx, text_of(data, "item"),
                   json_integer_value(json_object_get(data, "version")), text_of(data, "lang"),
                   text) &&
           more;
}

static void free_client(upp_client **client)
{
    upp_client_free(*client);
}

int history_read(history *h)
{
    const char *peer = call_text(h->call, "peer");
    upp_point after = { .seq = 0 };
    const int rc = head_of(h->call, "ingest", &h->until);
    if (rc != CALL_DONE || h->until == 0)
        return rc;
    UPP_AUTO(free_client)
    upp_client *client = upp_client_new(&(upp_place){ .run = h->call->home->run,
                                                      .keys = h->call->home->keys,
                                                      .peer = peer ? peer : "classify" },
                                        home_say);
    if (!client)
        return CALL_CONFIG;
    if (upp_client_tail(client, "ingest", &after, true, h->call->wait_span, each_comment, h) == 0)
        return CALL_DONE;
    home_sayf("ingest: %s", upp_client_why(client));
    return CALL_WRONG;
}

struct facts {
    const char *service;
    int64_t until;
    void (*each)(void *ctx, const json_t *event);
    void *ctx;
};

static bool each_fact(void *ctx, const upp_frames *frames)
{
    const struct facts *f = ctx;
    UPP_AUTO(json_freep) json_t *event = message_event_json(f->service, frames, false);
    f->each(f->ctx, event);
    return json_integer_value(json_object_get(event, "sequence")) < f->until;
}

int history_facts(verb_call *call, const char *service,
                  void (*each)(void *ctx, const json_t *event), void *ctx)
{
    struct facts f = { .service = service, .each = each, .ctx = ctx };
    upp_point after = { .seq = 0 };
    const int rc = head_of(call, service, &f.until);
    if (rc != CALL_DONE || f.until == 0)
        return rc;
    if (upp_client_tail(call->client, service, &after, false, call->wait_span, each_fact, &f) == 0)
        return CALL_DONE;
    home_sayf("%s: %s", service, upp_client_why(call->client));
    return CALL_WRONG;
}
