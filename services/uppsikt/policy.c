/* policy.c - `uppsikt policy`: the numbers of the rules, and rows of the document-management
 * plan. */
#include "policy.h"
#include "ask.h"
#include "capped.h"
#include "message_json.h"
#include "uppsikt/escalation.pb-c.h"
#include "uppsikt/registry.pb-c.h"
#include "verbs.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

extern const char uppsikt_policy_yaml[];

enum { FILE_BYTES_MAX = 128 * 1024 };

static void free_text(char **text)
{
    free(*text);
}

static void close_file(FILE **file)
{
    if (*file)
        fclose(*file);
}

/* The whole file with a zero byte after it, from malloc. NULL: said. */
static char *read_file(const char *path)
{
    UPP_AUTO(close_file) FILE *file = fopen(path, "re");
    char *text = calloc(1, FILE_BYTES_MAX + 1);
    upp_check(text != NULL);
    const size_t n = file ? fread(text, 1, FILE_BYTES_MAX, file) : 0;
    if (file && !ferror(file) && n < FILE_BYTES_MAX)
        return text;
    home_sayf("%s: %s", path, !file || ferror(file) ? strerror(errno) : "longer than 128 KiB");
    free(text);
    return NULL;
}

static int check_text(const char *path, const char *text)
{
    policy pol;
    policy_complaints out = { 0 };
    if (policy_parse(text, strlen(text), &pol, &out) == 0) {
        policy_done(&pol);
        return CALL_DONE;
    }
    for (size_t i = 0; i < out.n && i < POLICY_COMPLAINTS_MAX; i++)
        fprintf(stderr, "%s:%s\n", path, out.text[i]);
    return CALL_CONFIG;
}

static int check(verb_call *call)
{
    UPP_AUTO(free_text) char *text = read_file(call->operands[0]);
    if (!text)
        return CALL_USAGE;
    const int rc = check_text(call->operands[0], text);
    if (call->json)
        printf("{\"good\":%s}\n", rc == CALL_DONE ? "true" : "false");
    else if (rc == CALL_DONE)
        printf("%s: good\n", call->operands[0]);
    return rc;
}

static const verb_ask ask_adopt = { .service = "registry",
                                    .command = &uppsikt__adopt_policy__descriptor,
                                    .outcome = &uppsikt__registered__descriptor };
static const verb_ask ask_row = { .service = "registry",
                                  .command = &uppsikt__adopt_retention_row__descriptor,
                                  .outcome = &uppsikt__registered__descriptor };

static int adopt(verb_call *call)
{
    UPP_AUTO(free_text) char *text = read_file(call->operands[0]);
    if (!text)
        return CALL_USAGE;
    int rc = check_text(call->operands[0], text);
    if (rc == CALL_DONE)
        rc = ask_home(call);
    if (rc != CALL_DONE)
        return rc;
    ProtobufCMessage *outcome = NULL;
    Uppsikt__AdoptPolicy *command = (void *)message_new(ask_adopt.command);
    char why[MESSAGE_WHY];
    const when_clock clock = ask_clock(call);
    upp_check(message_fill(&command->base, NULL, "yaml", text, &clock, why) == 0);
    call->n_operands = 0; /* the file is not one of its fields */
    rc = ask_fill(call, &ask_adopt, &command->base);
    if (rc == CALL_DONE)
        rc = ask_command(call, "registry", &command->base, ask_adopt.outcome, &outcome);
    message_free(&command->base);
    if (rc != CALL_DONE)
        return rc;
    const long long version = ((const Uppsikt__Registered *)outcome)->version;
    message_free(outcome);
    printf(call->json ? "{\"version\":%lld}\n" : "adopted as version %lld\n", version);
    return CALL_DONE;
}

/* What of the register's log is shown: the policy in force, which is the newest that has begun, and
 * a newer one whose day has not come; of one version when it is asked for. */
typedef struct picked {
    int64_t until, version;
    upp_ms now;
    json_t *found, *coming;
} picked;

static void picked_done(picked *p)
{
    json_decref(p->found);
    json_decref(p->coming);
}

static int64_t number_of(const json_t *one, const char *key)
{
    return json_integer_value(json_object_get(one, key));
}

static void pick(picked *p, json_t *one)
{
    json_t **place =
        p->version > 0 || number_of(one, "valid_from_ms") <= p->now ? &p->found : &p->coming;
    if (p->version > 0 && p->version != number_of(one, "version"))
        return;
    json_decref(*place);
    *place = json_incref(one);
    if (place == &p->found) {
        json_decref(p->coming);
        p->coming = NULL;
    }
}

static bool each(void *ctx, const upp_frames *frames)
{
    picked *p = ctx;
    UPP_AUTO(json_freep) json_t *event = message_event_json("registry", frames, false);
    json_t *data = json_object_get(event, "data");
    const char *type = json_string_value(json_object_get(event, "type"));
    const char *authority = json_string_value(json_object_get(data, "authority"));
    if (type && strcmp(type, "uppsikt.PolicyAdopted") == 0 && authority && !authority[0])
        pick(p, data);
    return json_integer_value(json_object_get(event, "sequence")) < p->until;
}

/* What escalation says that its clocks run on; -1: it says nothing. */
static int64_t counted(verb_call *call)
{
    UPP_AUTO(json_freep) json_t *rows = json_array();
    ProtobufCMessage *query = message_new(&uppsikt__policy_in_force__descriptor);
    const int rc = ask_query(call, "escalation", query, NULL, rows);
    message_free(query);
    return rc == CALL_DONE ? number_of(json_array_get(rows, 0), "version") : -1;
}

/* That it was adopted is the register's word; that it counts is escalation's. */
static void say_counted(int64_t version, int64_t clocks)
{
    if (clocks < 0)
        puts("# whether the clocks run on it escalation does not say now");
    else if (clocks == version)
        puts("# the clocks run on it");
    else
        printf(
            "# the clocks run on version %lld still: escalation has not heard of it yet, or has\n"
            "# set it aside (uppsikt park list), or did not listen then: adopt it once more\n",
            (long long)clocks);
}

static void say_policy(verb_call *call, const picked *p)
{
    char when[WHEN_TEXT];
    const json_t *one = p->found;
    if (one) {
        when_text(call->home->tz, number_of(one, "valid_from_ms"), when);
        printf("# version %lld, decision %s, from %s\n", (long long)number_of(one, "version"),
               json_string_value(json_object_get(one, "decision")), when);
        if (p->version == 0)
            say_counted(number_of(one, "version"), counted(call));
    } else {
        puts("# nothing is adopted: these are the numbers of the rules, built in; a file that\n"
             "# escalation's option `policy` names counts in their place until something is");
    }
    if (p->coming) {
        when_text(call->home->tz, number_of(p->coming, "valid_from_ms"), when);
        printf("# version %lld is adopted from %s\n", (long long)number_of(p->coming, "version"),
               when);
    }
    print_safe(one ? json_string_value(json_object_get(one, "yaml")) : uppsikt_policy_yaml, stdout);
}

static int show(verb_call *call)
{
    UPP_AUTO(json_freep) json_t *state = NULL;
    UPP_AUTO(picked_done) picked p = { .version = call_count(call, "version", 0) };
    upp_point after = { .seq = 0 };
    const int asked = ask_status(call, "registry", call->wait_span, &state);
    if (asked == CALL_WRONG)
        home_sayf("registry: %s", upp_client_why(call->client));
    if (asked != CALL_DONE)
        return asked;
    p.now = json_integer_value(json_object_get(state, "now_ms"));
    p.until = json_integer_value(json_object_get(state, "head"));
    if (p.until > 0 &&
        upp_client_tail(call->client, "registry", &after, false, call->wait_span, each, &p) != 0) {
        home_sayf("registry: %s", upp_client_why(call->client));
        return CALL_WRONG;
    }
    if (!p.found && p.version > 0) {
        home_sayf("no policy of version %lld", (long long)p.version);
        return CALL_WRONG;
    }
    if (call->json) {
        UPP_AUTO(json_freep)
        json_t *built_in = json_pack("{s:i, s:s}", "version", 0, "yaml", uppsikt_policy_yaml);
        print_json(p.found ? p.found : built_in);
        return CALL_DONE;
    }
    say_policy(call, &p);
    return CALL_DONE;
}

static const verb_option show_options[] = {
    COUNT("version", "N", NULL, "an earlier one"),
};
static const verb_option adopt_options[] = {
    TEXT("decision", "REF", "decision", "reference of the decision"),
    TEXT("valid-from", "TIME", "valid_from", "else at once"),
};
static const verb_option row_options[] = {
    TEXT("authority", "AUTHORITY", "authority", "whose plan"),
    TEXT("process", "TEXT", "process", "process of the plan"),
    TEXT("kind", "TEXT", "kind", "kind of document"),
    TEXT("covers", "KIND,...", "covers",
         "what it lets go: comment, removed-comment, staff ...; a wrong word is refused with all"),
    TEXT("action", "WHAT", "action", "keep, dispose or review"),
    COUNT("months", "N", "months", "0 with dispose: vid inaktualitet"),
    TEXT("decision", "REF", "decision", "empty: kräver beslut, without force"),
    TEXT("valid-from", "TIME", "valid_from", "else at once"),
    TEXT("mandate", "TEXT", "mandate", "who may dispose by it"),
};
static const verb_action actions[] = {
    RUN("show", "", "the policy in force", OPTIONS(show_options), show),
    RUN("check", "FILE", "is a policy file right? file:line:column: what is not", NO_OPTIONS,
        check),
    RUN_ASK("adopt", "FILE",
            "make it everybody's policy, by a decision; it beats escalation's file",
            OPTIONS(adopt_options), adopt, &ask_adopt),
    ASK("row", "ROW", "a row of the document-management plan (R21)", OPTIONS(row_options),
        &ask_row),
};

const verb_row verb_policy = {
    .name = "policy",
    .help = "the numbers of the rules, and rows of the document-management plan",
    .actions = actions,
    .n_actions = UPP_LEN(actions),
};
