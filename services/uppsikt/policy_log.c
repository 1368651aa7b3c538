/* policy_log.c - the policies in the register's log: which of them is in force where. */
#include "policy_log.h"
#include "message_json.h"
#include "uppsikt/escalation.pb-c.h"
#include <string.h>

int64_t policy_log_number(const json_t *one, const char *key)
{
    return json_integer_value(json_object_get(one, key));
}

const char *policy_log_text(const json_t *one, const char *key)
{
    const char *text = json_string_value(json_object_get(one, key));
    return text ? text : "";
}

void policy_log_done(policy_log *log)
{
    json_decref(log->in_force);
    json_decref(log->coming);
    json_decref(log->asked);
}

typedef struct reading {
    policy_log *log;
    int64_t until, version;
    upp_ms now;
} reading;

static void take(reading *r, json_t *one)
{
    const char *authority = policy_log_text(one, "authority");
    if (r->version > 0 && policy_log_number(one, "version") == r->version) {
        json_decref(r->log->asked);
        r->log->asked = json_incref(one);
    }
    if (policy_log_number(one, "valid_from_ms") > r->now) {
        json_object_set(r->log->coming, authority, one);
        return;
    }
    /* an older one whose day comes later does not come back over it */
    json_object_del(r->log->coming, authority);
    if (policy_log_text(one, "yaml")[0])
        json_object_set(r->log->in_force, authority, one);
    else
        json_object_del(r->log->in_force, authority);
}

static bool each(void *ctx, const upp_frames *frames)
{
    reading *r = ctx;
    UPP_AUTO(json_freep) json_t *event = message_event_json("registry", frames, false);
    if (strcmp(policy_log_text(event, "type"), "uppsikt.PolicyAdopted") == 0)
        take(r, json_object_get(event, "data"));
    return policy_log_number(event, "sequence") < r->until;
}

int policy_log_read(verb_call *call, int64_t version, policy_log *ret_log)
{
    UPP_AUTO(json_freep) json_t *state = NULL;
    upp_point after = { .seq = 0 };
    reading r = { .log = ret_log, .version = version };
    *ret_log = (policy_log){ .in_force = json_object(), .coming = json_object() };
    const int asked = ask_status(call, "registry", call->wait_span, &state);
    if (asked == CALL_WRONG)
        home_sayf("registry: %s", upp_client_why(call->client));
    if (asked != CALL_DONE)
        return asked;
    r.now = policy_log_number(state, "now_ms");
    r.until = policy_log_number(state, "head");
    if (r.until > 0 &&
        upp_client_tail(call->client, "registry", &after, false, call->wait_span, each, &r) != 0) {
        home_sayf("registry: %s", upp_client_why(call->client));
        return CALL_WRONG;
    }
    if (version > 0 && !ret_log->asked) {
        home_sayf("no policy of version %lld", (long long)version);
        return CALL_WRONG;
    }
    return CALL_DONE;
}

const json_t *policy_log_of(const policy_log *log, const char *authority)
{
    const json_t *own = json_object_get(log->in_force, authority);
    return own ? own : json_object_get(log->in_force, "");
}

json_t *policy_log_counted(verb_call *call)
{
    UPP_AUTO(json_freep) json_t *rows = json_array();
    ProtobufCMessage *query = message_new(&uppsikt__policy_in_force__descriptor);
    const int rc = ask_query(call, "escalation", query, NULL, rows);
    message_free(query);
    if (rc != CALL_DONE)
        return NULL;
    json_t *counted = json_object();
    for (size_t i = 0; i < json_array_size(rows); i++) {
        json_t *row = json_array_get(rows, i);
        json_object_set(counted, policy_log_text(row, "authority"),
                        json_object_get(row, "version"));
    }
    return counted;
}

int64_t policy_log_clocks(const json_t *counted, const char *authority)
{
    const json_t *own = json_object_get(counted, authority);
    return json_integer_value(own ? own : json_object_get(counted, ""));
}
