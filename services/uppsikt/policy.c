/* policy.c - `uppsikt policy`: the numbers of the rules, and rows of the document-management
 * plan. */
#include "policy.h"
#include "capped.h"
#include "policy_log.h"
#include "uppsikt/registry.pb-c.h"
#include "verbs.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

char *policy_file(const char *path)
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

int policy_check_text(const char *path, const char *text)
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
    UPP_AUTO(free_text) char *text = policy_file(call->operands[0]);
    if (!text)
        return CALL_USAGE;
    const int rc = policy_check_text(call->operands[0], text);
    if (call->json)
        printf("{\"good\":%s}\n", rc == CALL_DONE ? "true" : "false");
    else if (rc == CALL_DONE)
        printf("%s: good\n", call->operands[0]);
    return rc;
}

static const verb_ask ask_adopt = { .service = "registry",
                                    .command = &uppsikt__adopt_policy__descriptor,
                                    .outcome = &uppsikt__registered__descriptor };
static const verb_ask ask_as_body = { .service = "registry",
                                      .command = &uppsikt__adopt_policy__descriptor,
                                      .outcome = &uppsikt__registered__descriptor,
                                      .preset = "as_body=yes" };
static const verb_ask ask_row = { .service = "registry",
                                  .command = &uppsikt__adopt_retention_row__descriptor,
                                  .outcome = &uppsikt__registered__descriptor };

static int adopt(verb_call *call)
{
    UPP_AUTO(free_text) char *text = policy_file(call->operands[0]);
    if (!text)
        return CALL_USAGE;
    int rc = policy_check_text(call->operands[0], text);
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

static const verb_option show_options[] = {
    TEXT("authority", "AUTHORITY", NULL, "the one that counts for this authority"),
    COUNT("version", "N", NULL, "an earlier one, whosever"),
};
static const verb_option diff_options[] = {
    TEXT("authority", "AUTHORITY", NULL, "beside the one that counts for this authority"),
};
static const verb_option as_body_options[] = {
    TEXT("decision", "REF", "decision", "reference of the decision"),
    TEXT("valid-from", "TIME", "valid_from", "else at once"),
};
static const verb_option adopt_options[] = {
    TEXT("authority", "AUTHORITY", "authority", "of this authority alone; else the whole body's"),
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
    RUN("show", "", "the policy in force", OPTIONS(show_options), policy_show),
    RUN("list", "", "which policy holds where: the body's, and each authority's own", NO_OPTIONS,
        policy_list),
    RUN("check", "FILE", "is a policy file right? file:line:column: what is not", NO_OPTIONS,
        check),
    RUN("diff", "FILE", "what it would change of the policy in force; nothing is adopted",
        OPTIONS(diff_options), policy_diff),
    RUN_ASK("adopt", "FILE",
            "make it the body's policy, or one authority's own, by a decision; it beats "
            "escalation's file",
            OPTIONS(adopt_options), adopt, &ask_adopt),
    ASK("as-body", "AUTHORITY", "it has no policy of its own any more and goes by the body's",
        OPTIONS(as_body_options), &ask_as_body),
    ASK("row", "ROW", "a row of the document-management plan (R21)", OPTIONS(row_options),
        &ask_row),
};

const verb_row verb_policy = {
    .name = "policy",
    .help = "the numbers of the rules, and rows of the document-management plan",
    .actions = actions,
    .n_actions = UPP_LEN(actions),
};
