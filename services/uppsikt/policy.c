/* policy.c - `uppsikt policy`: the numbers of the rules, and rows of the document-management
 * plan. */
#include "policy.h"
#include "ask.h"
#include "capped.h"
#include "message_json.h"
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

/* The newest policy of the register's log for that authority; of an earlier version when asked. */
typedef struct newest {
    const char *authority;
    int64_t until, version;
    json_t *found;
} newest;

static bool each(void *ctx, const upp_frames *frames)
{
    newest *n = ctx;
    UPP_AUTO(json_freep) json_t *event = message_event_json("registry", frames, false);
    const json_t *data = json_object_get(event, "data");
    const char *type = json_string_value(json_object_get(event, "type"));
    const char *authority = json_string_value(json_object_get(data, "authority"));
    const int64_t version = json_integer_value(json_object_get(data, "version"));
    if (type && strcmp(type, "uppsikt.PolicyAdopted") == 0 && authority &&
        strcmp(authority, n->authority) == 0 && (n->version == 0 || n->version == version)) {
        json_decref(n->found);
        n->found = json_deep_copy(data);
    }
    return json_integer_value(json_object_get(event, "sequence")) < n->until;
}

static int show(verb_call *call)
{
    UPP_AUTO(json_freep) json_t *state = NULL;
    upp_point after = { .seq = 0 };
    newest n = { .authority = call_text(call, "authority") ? call_text(call, "authority") : "",
                 .version = call_count(call, "version", 0) };
    const int asked = ask_status(call, "registry", call->wait_span, &state);
    if (asked == CALL_WRONG)
        home_sayf("registry: %s", upp_client_why(call->client));
    if (asked != CALL_DONE)
        return asked;
    n.until = json_integer_value(json_object_get(state, "head"));
    if (n.until > 0 &&
        upp_client_tail(call->client, "registry", &after, false, call->wait_span, each, &n) != 0) {
        home_sayf("registry: %s", upp_client_why(call->client));
        json_decref(n.found);
        return CALL_WRONG;
    }
    UPP_AUTO(json_freep) json_t *found = n.found;
    if (!found && n.version > 0) {
        home_sayf("no policy of version %lld", (long long)n.version);
        return CALL_WRONG;
    }
    if (call->json) {
        UPP_AUTO(json_freep)
        json_t *built_in = json_pack("{s:i, s:s}", "version", 0, "yaml", uppsikt_policy_yaml);
        print_json(found ? found : built_in);
        return CALL_DONE;
    }
    if (found)
        printf("# version %lld, decision %s\n",
               (long long)json_integer_value(json_object_get(found, "version")),
               json_string_value(json_object_get(found, "decision")));
    else
        puts("# nothing is adopted: these are the numbers of the rules, built in");
    print_safe(found ? json_string_value(json_object_get(found, "yaml")) : uppsikt_policy_yaml,
               stdout);
    return CALL_DONE;
}

static const verb_option show_options[] = {
    TEXT("authority", "AUTHORITY", NULL, "its own; else what holds for all"),
    COUNT("version", "N", NULL, "an earlier one"),
};
static const verb_option adopt_options[] = {
    TEXT("authority", "AUTHORITY", "authority", "only for it; else for all"),
    TEXT("decision", "REF", "decision", "reference of the decision"),
    TEXT("valid-from", "TIME", "valid_from", "else at once"),
};
static const verb_option row_options[] = {
    TEXT("authority", "AUTHORITY", "authority", "whose plan"),
    TEXT("process", "TEXT", "process", "process of the plan"),
    TEXT("kind", "TEXT", "kind", "kind of document"),
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
    RUN_ASK("adopt", "FILE", "make it the policy, by a decision", OPTIONS(adopt_options), adopt,
            &ask_adopt),
    ASK("row", "ROW", "a row of the document-management plan (R21)", OPTIONS(row_options),
        &ask_row),
};

const verb_row verb_policy = {
    .name = "policy",
    .help = "the numbers of the rules, and rows of the document-management plan",
    .actions = actions,
    .n_actions = UPP_LEN(actions),
};
