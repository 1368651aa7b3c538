/* account.c - `uppsikt account`: authorities, units, accounts, who has access, connections. */
#include "account.h"
#include "ask.h"
#include "secret_file.h"
#include "uppsikt/ingest.pb-c.h"
#include "uppsikt/registry.pb-c.h"
#include "verbs.h"
#include <string.h>

// clang-format off
#define FACTS                                                                                         \
    { "handle",       "NAME",   "its name on the platform",                    OPTION_TEXT, "handle" },       \
    { "url",          "URL",    "where it is",                                 OPTION_TEXT, "url" },          \
    { "name",         "TEXT",   "what people call it",                         OPTION_TEXT, "name" },         \
    { "purpose",      "TEXT",   "why it is there (R07)",                       OPTION_TEXT, "purpose" },      \
    { "goals",        "TEXT",   "the unit's goals that it serves",             OPTION_TEXT, "goals" },        \
    { "plan",         "TEXT",   "reference of the communication plan",         OPTION_TEXT, "plan" },         \
    { "consulted-by", "PERSON", "who of communications was consulted",         OPTION_TEXT, "consulted_by" }, \
    { "consulted",    "TIME",   "when",                                        OPTION_TEXT, "consulted" },    \
    { "decided-by",   "PERSON", "the sector head who decided",                 OPTION_TEXT, "decided_by" },   \
    { "decided",      "TIME",   "when",                                        OPTION_TEXT, "decided" },      \
    { "decision",     "REF",    "reference of the decision",                   OPTION_TEXT, "decision" },     \
    { "vault",        "TEXT",   "where the secret lies, never the secret",     OPTION_TEXT, "vault" },        \
    { "watch",        "HOW",    "api: a connector; manual: people look",       OPTION_TEXT, "watch" }
#define NEW                                                                                           \
    { "id",           "ACCOUNT", "an id of your own for it; else it gets one", OPTION_TEXT, "account" },      \
    { "platform",     "NAME",    "facebook instagram x youtube linkedin ...",  OPTION_TEXT, "platform" },     \
    { "unit",         "UNIT",    "the unit that answers for it",               OPTION_TEXT, "unit" }

static const verb_option new_options[] = { NEW, FACTS };
static const verb_option fact_options[] = {
    { "unit", "UNIT", "the unit that answers for it", OPTION_TEXT, "unit" }, FACTS };
static const verb_option connect_options[] = {
    { "connector",  "NAME", "mastodon ...",                                   OPTION_TEXT, "connector" },
    { "url",        "URL",  "the server's address",                           OPTION_TEXT, "base_url" },
    { "external",   "ID",   "the platform's id of the account",               OPTION_TEXT, "external_account" },
    { "expires",    "TIME", "when the token stops to hold",                   OPTION_TEXT, "token_expires" },
    { "poll",       "SPAN", "between two looks",                              OPTION_SPAN, "poll" },
    { "token-file", "FILE", "file with the token; - is standard input",       OPTION_TEXT, NULL },
    { "secret-file", "FILE", "file with a webhook's secret",                  OPTION_TEXT, NULL },
};
static const verb_option grant_options[] = {
    { "rank", "N", "1 is asked first", OPTION_COUNT, "rank" },
};
static const verb_option review_options[] = {
    { "logo",     NULL, "the logo is there",              OPTION_TEXT, "logo" },
    { "name",     NULL, "the name is right",              OPTION_TEXT, "name" },
    { "sender",   NULL, "it says who answers",            OPTION_TEXT, "sender" },
    { "captions", NULL, "films have captions",            OPTION_TEXT, "captions" },
    { "alt-text", NULL, "pictures have texts",            OPTION_TEXT, "alt_text" },
};
static const verb_option unit_options[] = {
    { "id",        "UNIT",   "an id of your own for it",                       OPTION_TEXT, "unit" },
    { "authority", "AUTHORITY", "the authority that it is under",              OPTION_TEXT, "authority" },
    { "name",      "TEXT",   "its name",                                       OPTION_TEXT, "name" },
    { "parent",    "UNIT",   "the unit above",                                 OPTION_TEXT, "parent" },
    { "manager",   "PERSON", "who answers for it",                             OPTION_TEXT, "manager" },
    { "head",      "PERSON", "the sector head, if another than the parent's",  OPTION_TEXT, "head" },
    { "communications", NULL, "it is the communications unit",                 OPTION_TEXT, "communications" },
    { "mail",      "ADDRESS", "its function address",                          OPTION_TEXT, "function_mail" },
};
static const verb_option authority_options[] = {
    { "id",         "AUTHORITY", "an id of your own for it",                   OPTION_TEXT, "authority" },
    { "name",       "TEXT",      "its name",                                   OPTION_TEXT, "name" },
    { "org-number", "NUMBER",    "its organisation number",                    OPTION_TEXT, "org_number" },
};
static const verb_option finding_options[] = {
    { "account", "ACCOUNT", "only this one's", OPTION_TEXT, "account" },
};
// clang-format on

#define REGISTRY(type, presets, within)                                                            \
    {                                                                                              \
        .service = "registry", .command = &uppsikt__##type##__descriptor,                          \
        .outcome = &uppsikt__registered__descriptor, .inner = (within), .preset = (presets)        \
    }
static const verb_ask ask_add = REGISTRY(change_account, "state=proposed", "facts");
static const verb_ask ask_take_over = REGISTRY(change_account, "taken_over=yes", "facts");
static const verb_ask ask_state = REGISTRY(change_account, NULL, "facts");
static const verb_ask ask_grant = REGISTRY(grant_access, "rank=1", NULL);
static const verb_ask ask_revoke = REGISTRY(revoke_access, NULL, NULL);
static const verb_ask ask_review = REGISTRY(review_account, NULL, NULL);
static const verb_ask ask_unit = REGISTRY(register_unit, NULL, NULL);
static const verb_ask ask_authority = REGISTRY(register_authority, NULL, NULL);

static const verb_list accounts = {
    .service = "registry",
    .query = &uppsikt__accounts__descriptor,
    .pages = "after=account",
    .columns = "ACCOUNT=account STATE=state PLATFORM=platform UNIT=unit WATCH=watch "
               "PERSONS=persons FINDINGS=findings NAME=content.facts.name",
    .none = "no account is registered",
};
static const verb_list units = {
    .service = "registry",
    .query = &uppsikt__units__descriptor,
    .pages = "after=unit.unit",
    .columns = "UNIT=unit.unit AUTHORITY=unit.authority PARENT=unit.parent MANAGER=unit.manager "
               "HEAD=unit.head NAME=unit.name",
    .none = "no unit is registered",
};
static const verb_list findings = {
    .service = "registry",
    .query = &uppsikt__findings__descriptor,
    .pages = "after=finding.finding",
    .columns = "DUE=finding.due_ms KIND=finding.kind FACT=finding.fact ACCOUNT=finding.account "
               "UNIT=finding.unit PERSON=finding.person",
    .none = "no finding is open",
};
static const verb_list connections = {
    .service = "ingest",
    .query = &uppsikt__connections__descriptor,
    .pages = "after=account",
    .columns = "ACCOUNT=account CONNECTOR=connector STATE=health.state BLIND=health.blind_since_ms "
               "POLLED=polled_ms NEXT=next_ms ITEMS=items",
    .none = "no account is connected",
};

static int show(verb_call *call)
{
    Uppsikt__Accounts query = UPPSIKT__ACCOUNTS__INIT;
    UPP_AUTO(json_freep) json_t *rows = json_array();
    query.account = upp_lend(call->operands[0]);
    const int rc = ask_query(call, "registry", &query.base, NULL, rows);
    if (rc != CALL_DONE)
        return rc;
    const json_t *row = json_array_get(rows, 0);
    if (!row) {
        home_sayf("%s: no such account; uppsikt account list", call->operands[0]);
        return CALL_WRONG;
    }
    if (call->json) {
        print_json(row);
        return CALL_DONE;
    }
    const json_t *parts[] = { row, print_path(row, "content.facts", 13) };
    for (size_t i = 0; i < UPP_LEN(parts); i++) {
        const char *key = NULL;
        json_t *value = NULL;
        json_object_foreach((json_t *)(uintptr_t)parts[i], key, value)
        {
            char text[2048];
            if (strcmp(key, "content") == 0 || strcmp(key, "commitment") == 0)
                continue;
            print_value(call->home, key, value, text, sizeof text);
            if (text[0] && strcmp(text, "-") != 0)
                printf("%-16s %s\n", key, text);
        }
    }
    return CALL_DONE;
}

static void wipe(char **text)
{
    secret_file_free(*text);
}

/* The token comes from a file or standard input, never from the command line (ps shows that). */
static int connect_account(verb_call *call)
{
    static const verb_ask ask = { .service = "ingest",
                                  .command = &uppsikt__connect_account__descriptor,
                                  .outcome = &uppsikt__connected__descriptor };
    const char *token_path = call_text(call, "token-file");
    const char *secret_path = call_text(call, "secret-file");
    UPP_AUTO(wipe) char *token = NULL;
    UPP_AUTO(wipe) char *secret = NULL;
    if (!token_path && !secret_path) {
        home_say("--token-file FILE is wanted (- is standard input)");
        return CALL_USAGE;
    }
    if ((token_path && !(token = secret_file_read(token_path, home_say))) ||
        (secret_path && !(secret = secret_file_read(secret_path, home_say))))
        return CALL_USAGE;
    Uppsikt__ConnectAccount *command = (void *)message_new(ask.command);
    ProtobufCMessage *outcome = NULL;
    int rc = ask_home(call);
    if (rc == CALL_DONE)
        rc = ask_fill(call, &ask, &command->base);
    char *const unsaid[] = { command->token, command->secret };
    if (token)
        command->token = token;
    if (secret)
        command->secret = secret;
    if (rc == CALL_DONE)
        rc = ask_command(call, "ingest", &command->base, ask.outcome, &outcome);
    command->token = unsaid[0];
    command->secret = unsaid[1];
    message_free(&command->base);
    if (rc != CALL_DONE)
        return rc;
    message_free(outcome);
    if (call->json)
        printf("{\"account\":\"%s\",\"connected\":true}\n", call->operands[0]);
    else
        printf("%s is connected; uppsikt account connections tells how it goes\n",
               call->operands[0]);
    return CALL_DONE;
}

// clang-format off
static const verb_action actions[] = {
    { "list",          "",               "all accounts of the register",            NULL, 0, NULL, &accounts, NULL },
    { "show",          "ACCOUNT",        "one account, with its facts",             NULL, 0, NULL, NULL, show },
    { "add",           "",               "propose a new one (R04, R07)",            new_options, UPP_LEN(new_options), &ask_add, NULL, NULL },
    { "take-over",     "",               "one that exists already: open at once",   new_options, UPP_LEN(new_options), &ask_take_over, NULL, NULL },
    { "state",         "ACCOUNT STATE",  "its next step: consulted decided open closing archived closed", fact_options, UPP_LEN(fact_options), &ask_state, NULL, NULL },
    { "change",        "ACCOUNT",        "more facts about it, or another unit",    fact_options, UPP_LEN(fact_options), &ask_state, NULL, NULL },
    { "review",        "ACCOUNT",        "the half-yearly look (R10): what was right", review_options, UPP_LEN(review_options), &ask_review, NULL, NULL },
    { "grant",         "ACCOUNT PERSON", "she may act on it (R05)",                 grant_options, UPP_LEN(grant_options), &ask_grant, NULL, NULL },
    { "revoke",        "ACCOUNT PERSON", "she may not any more",                    NULL, 0, &ask_revoke, NULL, NULL },
    { "connect",       "ACCOUNT",        "join it to a connector; the token is sealed at once", connect_options, UPP_LEN(connect_options), NULL, NULL, connect_account },
    { "connections",   "",               "how the connectors are",                  NULL, 0, NULL, &connections, NULL },
    { "findings",      "",               "what is not as the rules say",            finding_options, UPP_LEN(finding_options), NULL, &findings, NULL },
    { "unit list",     "",               "all units",                               NULL, 0, NULL, &units, NULL },
    { "unit add",      "",               "a unit, or what is new about it",         unit_options, UPP_LEN(unit_options), &ask_unit, NULL, NULL },
    { "authority add", "",               "an authority (nämnd)",                    authority_options, UPP_LEN(authority_options), &ask_authority, NULL, NULL },
    { "load",          "FILE",           "a whole organisation from a YAML file",   NULL, 0, NULL, NULL, account_load },
};
// clang-format on

const verb_row verb_account = {
    .name = "account",
    .help = "the register: authorities, units, accounts, access, connections",
    .actions = actions,
    .n_actions = UPP_LEN(actions),
};
