/* ask.c - talking to the services for a verb. */
#include "ask.h"
#include "message_json.h"
#include "uppsikt/runtime.pb-c.h"
#include <ctype.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 100 };

int ask_home(verb_call *call)
{
    const int rc = call->at_home ? CALL_DONE : home_open(call, call->home);
    call->at_home = rc == CALL_DONE;
    return rc;
}

upp_client *ask_client(verb_call *call)
{
    if (call->client || ask_home(call) != CALL_DONE)
        return call->client;
    const char *peer = call_text(call, "peer");
    const upp_place place = { .run = call->home->run,
                              .keys = call->home->keys,
                              .peer = peer ? peer : "uppsikt" };
    call->client = upp_client_new(&place, home_say);
    return call->client;
}

/* What went wrong in a call of the client, in words; gives the exit code. */
static int say_why(const verb_call *call, const char *service, int rc)
{
    char words[400];
    const char *why = upp_client_why(call->client);
    if (rc == 1)
        home_sayf("%s: refused: %s", service, ask_refusal(service, why, words, sizeof words));
    else if (rc == UPP_E_BUSY)
        home_sayf("%s: %s; is it running? uppsikt status tells", service, why);
    else
        home_sayf("%s: %s", service, why);
    return CALL_WRONG;
}

int ask_command(verb_call *call, const char *service, const ProtobufCMessage *command,
                const ProtobufCMessageDescriptor *outcome, ProtobufCMessage **ret_outcome)
{
    uint8_t id[16];
    if (!ask_client(call))
        return CALL_CONFIG;
    randombytes_buf(id, sizeof id);
    const int rc = upp_client_command(call->client, service, id, call->as, command, outcome,
                                      call->wait_span, ret_outcome);
    return rc == 0 ? CALL_DONE : say_why(call, service, rc);
}

static bool add_row(void *ctx, const upp_frames *row)
{
    json_array_append_new(ctx, message_row_json(row));
    return true;
}

/* "after=account after_due_ms=opened.due_ms": from the last row into the next query. */
static void turn_page(ProtobufCMessage *query, const char *pages, const json_t *last)
{
    while (*pages) {
        char name[64];
        char text[200];
        char why[MESSAGE_WHY];
        const size_t n = strcspn(pages, "=");
        const size_t path = strcspn(pages + n + 1, " ");
        const json_t *value = print_path(last, pages + n + 1, path);
        const ProtobufCFieldDescriptor *field = NULL;
        snprintf(name, sizeof name, "%.*s", (int)n, pages);
        field = message_field(query->descriptor, NULL, name);
        upp_check(field != NULL);
        if (field->type == PROTOBUF_C_TYPE_INT64) {
            *(int64_t *)(void *)((uint8_t *)query + field->offset) = json_integer_value(value);
        } else {
            snprintf(text, sizeof text, "%s", json_string_value(value));
            upp_check(message_fill(query, NULL, name, text, NULL, why) == 0);
        }
        pages += n + 1 + path;
        pages += *pages == ' ';
    }
}

int ask_query(verb_call *call, const char *service, ProtobufCMessage *query, const char *pages,
              json_t *rows)
{
    char why[MESSAGE_WHY];
    if (!ask_client(call))
        return CALL_CONFIG;
    if (pages)
        upp_check(message_fill(query, NULL, "limit", "100", NULL, why) == 0);
    for (;;) {
        const size_t before = json_array_size(rows);
        const int rc = upp_client_query(call->client, service, call->as, query, call->wait_span,
                                        add_row, rows);
        if (rc != 0)
            return say_why(call, service, rc);
        const size_t n = json_array_size(rows);
        if (!pages || n - before < PAGE)
            return CALL_DONE;
        turn_page(query, pages, json_array_get(rows, n - 1));
    }
}

int ask_status(verb_call *call, const char *service, upp_ms wait_span, json_t **ret_state)
{
    const Uppsikt__ServiceStatus query = UPPSIKT__SERVICE_STATUS__INIT;
    UPP_AUTO(json_freep) json_t *rows = json_array();
    if (!ask_client(call))
        return CALL_CONFIG;
    if (upp_client_query(call->client, service, NULL, &query.base, wait_span, add_row, rows) != 0 ||
        json_array_size(rows) != 1)
        return CALL_WRONG;
    *ret_state = json_incref(json_array_get(rows, 0));
    return CALL_DONE;
}

static upp_ms suite_now(void *ctx)
{
    json_t *state = NULL;
    if (ask_status(ctx, "registry", 5 * UPP_SECOND, &state) != CALL_DONE)
        return -1;
    const upp_ms now = json_integer_value(json_object_get(state, "now_ms"));
    json_decref(state);
    return now;
}

when_clock ask_clock(verb_call *call)
{
    return (when_clock){ .tz = call->home->tz, .now = suite_now, .ctx = call };
}

/* -- filling -- */
static int fill_one(verb_call *call, const verb_ask *ask, ProtobufCMessage *command,
                    const char *shown, const char *path, const char *text)
{
    char why[MESSAGE_WHY];
    const when_clock clock = ask_clock(call);
    const int rc = message_fill(command, ask->inner, path, text, &clock, why);
    upp_check(rc != 1); /* the verbs' test looks at every row */
    if (rc < 0)
        home_sayf("%s: %s", shown, why);
    return rc < 0 ? CALL_USAGE : CALL_DONE;
}

static int fill_preset(verb_call *call, const verb_ask *ask, ProtobufCMessage *command)
{
    for (const char *at = ask->preset ? ask->preset : ""; *at;) {
        char pair[80];
        const size_t len = strcspn(at, " ");
        snprintf(pair, sizeof pair, "%.*s", (int)len, at);
        char *text = strchr(pair, '=');
        upp_check(text != NULL);
        *text++ = '\0';
        const int rc = fill_one(call, ask, command, pair, pair, text);
        if (rc)
            return rc;
        at += len + (at[len] == ' ');
    }
    return CALL_DONE;
}

/* The operand's own word, in small letters: "[PERSON]" is `person`. The last one may be many. */
static int fill_operands(verb_call *call, const verb_ask *ask, ProtobufCMessage *command)
{
    const char *at = call->action->operands;
    char name[40] = "";
    for (size_t i = 0; i < call->n_operands; i++) {
        if (*at) {
            const size_t len = strcspn(at, " ");
            size_t n = 0;
            for (size_t k = 0; k < len && n + 1 < sizeof name; k++)
                if (isalpha((unsigned char)at[k]) || at[k] == '_')
                    name[n++] = (char)tolower((unsigned char)at[k]);
            name[n] = '\0';
            at += len + (at[len] == ' ');
        }
        const int rc = fill_one(call, ask, command, name, name, call->operands[i]);
        if (rc)
            return rc;
    }
    return CALL_DONE;
}

int ask_fill(verb_call *call, const verb_ask *ask, ProtobufCMessage *command)
{
    int rc = fill_preset(call, ask, command);
    if (rc == CALL_DONE)
        rc = fill_operands(call, ask, command);
    for (size_t i = 0; rc == CALL_DONE && i < call->n_given; i++) {
        const verb_option *option = call->given[i].option;
        if (option->field)
            rc = fill_one(call, ask, command, option->name, option->field,
                          option->value ? call->given[i].text : "yes");
    }
    return rc;
}

static void free_message(ProtobufCMessage **msg)
{
    message_free(*msg);
}

int ask_run(verb_call *call, const verb_ask *ask)
{
    UPP_AUTO(free_message) ProtobufCMessage *command = message_new(ask->command);
    UPP_AUTO(free_message) ProtobufCMessage *outcome = NULL;
    int rc = ask_home(call);
    if (rc == CALL_DONE)
        rc = ask_fill(call, ask, command);
    if (rc == CALL_DONE)
        rc = ask_command(call, ask->service, command, ask->outcome, &outcome);
    if (rc != CALL_DONE)
        return rc;
    UPP_AUTO(json_freep) json_t *said = message_json(outcome);
    if (call->json) {
        print_json(said);
        return CALL_DONE;
    }
    const char *key = NULL;
    json_t *value = NULL;
    const char *blank = "";
    json_object_foreach(said, key, value)
    {
        char text[120];
        print_value(call->home, key, value, text, sizeof text);
        if (text[0] && strcmp(text, "0") != 0 && strcmp(text, "-") != 0) {
            printf("%s%s %s", blank, key, text);
            blank = ", ";
        }
    }
    fputs("\n", stdout);
    return CALL_DONE;
}

int ask_list(verb_call *call, const verb_list *list)
{
    UPP_AUTO(free_message) ProtobufCMessage *query = message_new(list->query);
    UPP_AUTO(json_freep) json_t *rows = json_array();
    const verb_ask as_ask = { .service = list->service, .command = list->query };
    int rc = ask_home(call);
    if (rc == CALL_DONE)
        rc = ask_fill(call, &as_ask, query);
    if (rc == CALL_DONE)
        rc = ask_query(call, list->service, query, list->pages, rows);
    if (rc != CALL_DONE)
        return rc;
    if (call->json)
        print_json(rows);
    else if (json_array_size(rows) == 0)
        puts(list->none);
    else
        print_table(call->home, rows, list->columns);
    return CALL_DONE;
}
