/* tail.c - `uppsikt tail`: the services' logs as they grow, each link of their chains checked. */
#include "ask.h"
#include "message_json.h"
#include "suite_clock.h"
#include "verbs.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { LOGS = HOME_SERVICES };

/* One log is followed by one thread; what is shared is stdout, a whole line at a time. */
typedef struct log_tail {
    verb_call *call;
    const char *service, *type;
    upp_client *client;
    int64_t from;
    upp_ms idle_span;
    int64_t left; /* -1: no end */
    bool content;
    int rc;
} log_tail;

static void print_event(const log_tail *t, const json_t *event)
{
    char clock[WHEN_TEXT];
    const char *type = json_string_value(json_object_get(event, "type"));
    const char *subject = json_string_value(json_object_get(event, "subject"));
    const char *cause = json_string_value(json_object_get(event, "cause"));
    const json_int_t sequence = json_integer_value(json_object_get(event, "sequence"));
    if (!type) {
        printf("%-8s  %-10s %6lld  (withheld)\n", "", t->service, (long long)sequence);
        return;
    }
    const char *dot = strrchr(type, '.');
    when_clock_text(t->call->home->tz, json_integer_value(json_object_get(event, "time_ms")),
                    clock);
    printf("%s  %-10s %6lld  %-22s %s%s%s\n", clock, t->service, (long long)sequence,
           dot ? dot + 1 : type, subject ? subject : "", cause ? "  after " : "",
           cause ? cause : "");
    fflush(stdout);
}

static bool each(void *ctx, const upp_frames *frames)
{
    log_tail *t = ctx;
    UPP_AUTO(json_freep) json_t *event = message_event_json(t->service, frames, t->content);
    const json_int_t sequence = json_integer_value(json_object_get(event, "sequence"));
    const char *type = json_string_value(json_object_get(event, "type"));
    const char *dot = type ? strrchr(type, '.') : NULL;
    if (!event || sequence < t->from)
        return true;
    if (t->type &&
        (!type || (strcmp(type, t->type) != 0 && (!dot || strcmp(dot + 1, t->type) != 0))))
        return true;
    flockfile(stdout);
    if (t->call->json)
        print_json(event);
    else
        print_event(t, event);
    const bool gone = ferror(stdout) != 0;
    funlockfile(stdout);
    if (t->left > 0)
        t->left--;
    return !gone && t->left != 0;
}

static void *follow(void *self)
{
    log_tail *t = self;
    upp_point after = { .seq = 0 };
    const int rc =
        upp_client_tail(t->client, t->service, &after, t->content, t->idle_span, each, t);
    if (rc != 0)
        home_sayf("%s: %s", t->service, upp_client_why(t->client));
    t->rc = rc == 0 ? CALL_DONE : CALL_WRONG;
    return NULL;
}

/* Without --from only what comes from now on. */
static bool from_now(verb_call *call, const char *service, int64_t *ret_from)
{
    json_t *state = NULL;
    if (ask_status(call, service, call->wait_span, &state) != CALL_DONE) {
        home_sayf("%s: %s", service, upp_client_why(call->client));
        return false;
    }
    *ret_from = json_integer_value(json_object_get(state, "head")) + 1;
    json_decref(state);
    return true;
}

static bool wanted(const verb_call *call, const char *service)
{
    for (size_t i = 0; i < call->n_operands; i++)
        if (strcmp(call->operands[i], service) == 0)
            return true;
    return call->n_operands == 0 && home_has(call->home, service);
}

static bool known(const verb_call *call, const char *service)
{
    for (size_t i = 0; i < call->home->n_services; i++)
        if (strcmp(call->home->services[i], service) == 0)
            return true;
    return false;
}

static bool prepare(verb_call *call, const char *service, log_tail *t)
{
    const char *peer = call_text(call, "peer");
    *t = (log_tail){ .call = call,
                     .service = service,
                     .type = call_text(call, "type"),
                     .from = call_count(call, "from", 0),
                     .idle_span = call_span(call, "idle", -1),
                     .left = call_count(call, "n", -1),
                     .content = call_flag(call, "content") };
    if (!call_text(call, "from") && !from_now(call, service, &t->from))
        return false;
    t->client = upp_client_new(&(upp_place){ .run = call->home->run,
                                             .keys = call->home->keys,
                                             .peer = peer ? peer : "uppsikt" },
                               home_say);
    return t->client != NULL;
}

static int tail(verb_call *call)
{
    log_tail tails[LOGS];
    pthread_t threads[LOGS];
    size_t n = 0;
    int rc = CALL_DONE;
    if (!ask_client(call))
        return CALL_CONFIG;
    for (size_t i = 0; i < call->n_operands; i++)
        if (!known(call, call->operands[i])) {
            home_sayf("%s: no such service", call->operands[i]);
            return CALL_USAGE;
        }
    for (size_t i = 0; i < call->home->n_services && n < LOGS; i++)
        if (wanted(call, call->home->services[i])) {
            if (prepare(call, call->home->services[i], &tails[n]))
                n++;
            else
                rc = CALL_WRONG;
        }
    for (size_t i = 0; i < n; i++)
        upp_check(pthread_create(&threads[i], NULL, follow, &tails[i]) == 0);
    for (size_t i = 0; i < n; i++) {
        pthread_join(threads[i], NULL);
        upp_client_free(tails[i].client);
        rc = tails[i].rc ? tails[i].rc : rc;
    }
    return rc;
}

static const verb_option options[] = {
    COUNT("from", "N", NULL, "from this event on; 0: all; else only what comes from now on"),
    SPAN("idle", "SPAN", NULL, "end when nothing has come for so long; else never"),
    COUNT("n", "N", NULL, "end after so many events of a log"),
    TEXT("type", "TYPE", NULL, "only this type: CommentReceived"),
    FLAG("content", NULL, "with what is personal, where rights.yaml gives it to us"),
};
static const verb_action actions[] = {
    RUN("", "[SERVICE...]", "", OPTIONS(options), tail),
};

const verb_row verb_tail = {
    .name = "tail",
    .help = "the services' logs as they grow; --json gives the decoded facts",
    .actions = actions,
    .n_actions = UPP_LEN(actions),
};
