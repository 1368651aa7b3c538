/* account.c - `uppsikt account`: authorities, units, accounts, who has access, connections. */
#include "account.h"
#include "ask.h"
#include "secret_file.h"
#include "uppsikt/ingest.pb-c.h"
#include "uppsikt/registry.pb-c.h"
#include "verbs.h"
#include <string.h>

#define FACTS                                                                                      \
    TEXT("handle", "NAME", "handle", "its name on the platform"),                                  \
        TEXT("url", "URL", "url", "where it is"),                                                  \
        TEXT("name", "TEXT", "name", "what people call it"),                                       \
        TEXT("purpose", "TEXT", "purpose", "why it is there (R07)"),                               \
        TEXT("goals", "TEXT", "goals", "the unit's goals that it serves"),                         \
        TEXT("plan", "TEXT", "plan", "reference of the communication plan"),                       \
        TEXT("consulted-by", "PERSON", "consulted_by", "who of communications was consulted"),     \
        TEXT("consulted", "TIME", "consulted", "when"),                                            \
        TEXT("decided-by", "PERSON", "decided_by", "the sector head who decided"),                 \
        TEXT("decided", "TIME", "decided", "when"),                                                \
        TEXT("decision", "REF", "decision", "reference of the decision"),                          \
        TEXT("vault", "TEXT", "vault", "where the secret lies, never the secret"),                 \
        TEXT("watch", "HOW", "watch", "api: a connector; manual: people look")
#define NEW                                                                                        \
    TEXT("id", "ACCOUNT", "account", "an id of your own for it; else it gets one"),                \
        TEXT("platform", "NAME", "platform", "facebook instagram x youtube linkedin ..."),         \
        TEXT("unit", "UNIT", "unit", "the unit that answers for it")

static const verb_option new_options[] = { NEW, FACTS };
static const verb_option fact_options[] = {
    TEXT("unit", "UNIT", "unit", "the unit that answers for it"), FACTS
};
static const verb_option connect_options[] = {
    TEXT("connector", "NAME", "connector",
         "mastodon facebook instagram youtube x bluesky linkedin rss webhook"),
    TEXT("url", "URL", "base_url", "the server's address; of rss the feed's own"),
    TEXT("external", "ID", "external_account", "the platform's id of the account"),
    TEXT("expires", "TIME", "token_expires", "when the token stops to hold"),
    SPAN("poll", "SPAN", "poll",
         "between two looks; of webhook: it is blind after so long without a push"),
    TEXT("token-file", "FILE", NULL,
         "file with the token; - is standard input; rss may go without"),
    TEXT("secret-file", "FILE", NULL,
         "webhook alone: what others sign with who push to it; the old one on a second line"),
};
static const verb_option grant_options[] = {
    COUNT("rank", "N", "rank", "1 is asked first"),
};
static const verb_option review_options[] = {
    FLAG("logo", "logo", "the logo is there"),
    FLAG("name", "name", "the name is right"),
    FLAG("sender", "sender", "it says who answers"),
    FLAG("captions", "captions", "films have captions"),
    FLAG("alt-text", "alt_text", "pictures have texts"),
};
static const verb_option unit_options[] = {
    TEXT("id", "UNIT", "unit", "an id of your own for it"),
    TEXT("authority", "AUTHORITY", "authority", "the authority that it is under"),
    TEXT("name", "TEXT", "name", "its name"),
    TEXT("parent", "UNIT", "parent", "the unit above"),
    TEXT("manager", "PERSON", "manager", "who answers for it"),
    TEXT("head", "PERSON", "head", "the sector head, if another than the parent's"),
    FLAG("communications", "communications", "it is the communications unit"),
    TEXT("mail", "ADDRESS", "function_mail", "its function address"),
};
static const verb_option authority_options[] = {
    TEXT("id", "AUTHORITY", "authority", "an id of your own for it"),
    TEXT("name", "TEXT", "name", "its name"),
    TEXT("org-number", "NUMBER", "org_number", "its organisation number"),
};
static const verb_option finding_options[] = {
    TEXT("account", "ACCOUNT", "account", "only this one's"),
};

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
static const verb_ask ask_attest = REGISTRY(attest_access, NULL, NULL);
static const verb_ask ask_connect = { .service = "ingest",
                                      .command = &uppsikt__connect_account__descriptor,
                                      .outcome = &uppsikt__connected__descriptor };
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
static const verb_list access_lists = {
    .service = "registry",
    .query = &uppsikt__access_lists__descriptor,
    .pages = "after=account",
    .columns = "ACCOUNT=account UNIT=unit PERSONS=persons LEFT=left ATTESTED=attested_ms "
               "BY=attested_by AGAIN=next_ms DUE=due_ms NAME=content.name",
    .none = "no account is open",
};
static const verb_list connections = {
    .service = "ingest",
    .query = &uppsikt__connections__descriptor,
    .pages = "after=account",
    .columns = "ACCOUNT=account CONNECTOR=connector STATE=health.state WHY=health.reason_class "
               "BLIND=health.blind_since_ms "
               "POLLED=polled_ms NEXT=next_ms TOKEN=health.token_expires_ms ITEMS=items",
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
    const char *token_path = call_text(call, "token-file");
    const char *secret_path = call_text(call, "secret-file");
    UPP_AUTO(wipe) char *token = NULL;
    UPP_AUTO(wipe) char *secret = NULL;
    if ((token_path && !(token = secret_file_read(token_path, home_say))) ||
        (secret_path && !(secret = secret_file_read_lines(secret_path, home_say))))
        return CALL_USAGE;
    Uppsikt__ConnectAccount *command = (void *)message_new(ask_connect.command);
    ProtobufCMessage *outcome = NULL;
    int rc = ask_home(call);
    if (rc == CALL_DONE)
        rc = ask_fill(call, &ask_connect, &command->base);
    char *const unsaid[] = { command->token, command->secret };
    if (token)
        command->token = token;
    if (secret)
        command->secret = secret;
    if (rc == CALL_DONE)
        rc = ask_command(call, "ingest", &command->base, ask_connect.outcome, &outcome);
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

static const verb_action actions[] = {
    LIST("list", "", "all accounts of the register", NO_OPTIONS, &accounts),
    RUN("show", "ACCOUNT", "one account, with its facts", NO_OPTIONS, show),
    ASK("add", "", "propose a new one (R04, R07)", OPTIONS(new_options), &ask_add),
    ASK("take-over", "", "one that exists already: open at once", OPTIONS(new_options),
        &ask_take_over),
    ASK("state", "ACCOUNT STATE", "its next step: consulted decided open closing archived closed",
        OPTIONS(fact_options), &ask_state),
    ASK("change", "ACCOUNT", "more facts about it, or another unit", OPTIONS(fact_options),
        &ask_state),
    ASK("review", "ACCOUNT", "the half-yearly look (R10): what was right", OPTIONS(review_options),
        &ask_review),
    LIST("access", "", "who has access, and when that was attested (R05)", OPTIONS(finding_options),
         &access_lists),
    ASK("attest", "ACCOUNT PERSONS", "exactly these, with commas between, have access still (R05)",
        NO_OPTIONS, &ask_attest),
    ASK("grant", "ACCOUNT PERSON", "she may act on it (R05)", OPTIONS(grant_options), &ask_grant),
    ASK("revoke", "ACCOUNT PERSON", "she may not any more", NO_OPTIONS, &ask_revoke),
    RUN_ASK("connect", "ACCOUNT", "join it to a connector; the token is sealed at once",
            OPTIONS(connect_options), connect_account, &ask_connect),
    LIST("connections", "", "how the connectors are", NO_OPTIONS, &connections),
    LIST("findings", "", "what is not as the rules say", OPTIONS(finding_options), &findings),
    LIST("unit list", "", "all units", NO_OPTIONS, &units),
    ASK("unit add", "", "a unit, or what is new about it", OPTIONS(unit_options), &ask_unit),
    ASK("authority add", "", "an authority (nämnd)", OPTIONS(authority_options), &ask_authority),
    RUN("load", "FILE", "a whole organisation from a YAML file", NO_OPTIONS, account_load),
};

const verb_row verb_account = {
    .name = "account",
    .help = "the register: authorities, units, accounts, access, connections",
    .actions = actions,
    .n_actions = UPP_LEN(actions),
};
