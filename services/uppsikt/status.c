/* status.c - `uppsikt status`: how every service is. */
#include "status.h"
#include "ask.h"
#include "capture_program.h"
#include "suite_clock.h"
#include "verbs.h"
#include <poll.h>
#include <string.h>

json_t *status_of(verb_call *call, const char *service, upp_ms wait_span)
{
    json_t *state = NULL;
    if (ask_status(call, service, wait_span, &state) == CALL_DONE)
        return state;
    return json_pack("{s:s, s:s}", "service", service, "down",
                     call->client ? upp_client_why(call->client) : "no client");
}

int64_t status_lag(const json_t *state, const char **ret_source)
{
    int64_t most = 0;
    size_t i = 0;
    json_t *source = NULL;
    json_array_foreach(json_object_get(state, "sources"), i, source)
    {
        const int64_t head = json_integer_value(json_object_get(source, "head"));
        const int64_t lag = head - json_integer_value(json_object_get(source, "cursor"));
        if (lag > most) {
            most = lag;
            if (ret_source)
                *ret_source = json_string_value(json_object_get(source, "source"));
        }
    }
    return most;
}

static bool any_forked(const json_t *state)
{
    size_t i = 0;
    json_t *source = NULL;
    json_array_foreach(json_object_get(state, "sources"), i, source)
    {
        if (json_is_true(json_object_get(source, "forked")))
            return true;
    }
    return false;
}

bool status_unheard(const verb_home *home, const json_t *source)
{
    const char *name = json_string_value(json_object_get(source, "source"));
    const upp_ms heard = json_integer_value(json_object_get(source, "heard_ms"));
    return name && upp_real_now() - heard > 10 * UPP_SECOND && home_has(home, name);
}

static bool any_unheard(const verb_home *home, const json_t *state)
{
    size_t i = 0;
    json_t *source = NULL;
    json_array_foreach(json_object_get(state, "sources"), i, source)
    {
        if (status_unheard(home, source))
            return true;
    }
    return false;
}

const char *status_word(const verb_home *home, const json_t *state)
{
    if (json_object_get(state, "down"))
        return "down";
    if (any_forked(state))
        return "forked";
    if (json_is_true(json_object_get(state, "disk_low")))
        return "disk-low";
    if (any_unheard(home, state))
        return "unheard";
    if (status_lag(state, NULL) > 0)
        return "behind";
    return "ready";
}

static json_t *look(verb_call *call, upp_ms wait_span)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < call->home->n_services; i++) {
        if (!home_has(call->home, call->home->services[i]))
            continue;
        json_t *state = status_of(call, call->home->services[i], wait_span);
        const char *word = status_word(call->home, state);
        json_object_set_new(state, "state", json_string(word));
        json_object_set_new(state, "lag", json_integer(status_lag(state, NULL)));
        json_array_append_new(rows, state);
    }
    json_t *capture = capture_program_state(call, wait_span);
    if (capture) {
        json_object_set_new(capture, "state",
                            json_string(capture_program_word(call->home, capture)));
        json_object_set_new(capture, "lag", json_integer(0));
        json_array_append_new(rows, capture);
    }
    return rows;
}

static bool all_ready(const json_t *rows)
{
    size_t i = 0;
    json_t *row = NULL;
    json_array_foreach(rows, i, row)
    {
        if (strcmp(json_string_value(json_object_get(row, "state")), "ready") != 0)
            return false;
    }
    return json_array_size(rows) > 0;
}

/* Behind is only on its way; the rest wants somebody to look. */
static bool something_wrong(const json_t *rows)
{
    size_t i = 0;
    json_t *row = NULL;
    json_array_foreach(rows, i, row)
    {
        const char *word = json_string_value(json_object_get(row, "state"));
        if ((strcmp(word, "ready") != 0 && strcmp(word, "behind") != 0) ||
            json_integer_value(json_object_get(row, "parked")) > 0 ||
            json_integer_value(json_object_get(row, "dead_letters")) > 0)
            return true;
    }
    return json_array_size(rows) == 0;
}

static int status(verb_call *call)
{
    if (!ask_client(call))
        return CALL_CONFIG;
    const upp_ms until = upp_steady_now() + call_span(call, "ready", 0);
    UPP_AUTO(json_freep) json_t *rows = look(call, 2 * UPP_SECOND);
    while (call_flag(call, "ready") && !all_ready(rows) && upp_steady_now() < until) {
        (void)poll(NULL, 0, 200); /* between two looks; each is an event with a deadline */
        json_decref(rows);
        rows = look(call, 2 * UPP_SECOND);
    }
    if (call->json)
        print_json(rows);
    else if (json_array_size(rows) == 0)
        printf("no service is configured in %s\n", call->home->config);
    else
        print_table(call->home, rows,
                    "SERVICE=service STATE=state EVENTS=head LAG=lag PARKED=parked "
                    "DEAD=dead_letters ASKS=open_asks ALARMS=open_alarms NEXT=next_alarm_ms "
                    "BYTES=db_bytes WHY=down");
    if (call_flag(call, "ready"))
        return all_ready(rows) ? CALL_DONE : CALL_WRONG;
    return something_wrong(rows) ? CALL_WRONG : CALL_DONE;
}

static const verb_option options[] = {
    SPAN("ready", "SPAN", NULL, "wait so long at most until all are ready, then tell"),
};
static const verb_action actions[] = {
    RUN("", "", "", OPTIONS(options), status),
};

const verb_row verb_status = {
    .name = "status",
    .help = "how every service is: events, lag, what was set aside",
    .actions = actions,
    .n_actions = UPP_LEN(actions),
    .more = "exit 1 when a service is down, forked, unheard or low on disk, or has set something\n"
            "aside (uppsikt park list)\n",
};
