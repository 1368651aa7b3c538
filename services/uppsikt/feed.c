/* feed.c - `uppsikt feed`: which other systems hear what is said (R45). */
#include "ask.h"
#include "secret.h"
#include "uppsikt/feed.pb-c.h"
#include "verbs.h"
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static const verb_option add_options[] = {
    TEXT("type", "TYPES", NULL, "only these, with commas between: CommentReceived,MatterOpened"),
    TEXT("webhook", "URL", "url", "where events are sent; else the system asks for them"),
    COUNT("after", "POSITION", NULL, "from here on; else what comes from now on"),
};
static const verb_option replay_options[] = {
    COUNT("after", "POSITION", "after", "everything after this place is sent again"),
};

#define FEED(type)                                                                                 \
    {                                                                                              \
        .service = "feed", .command = &uppsikt__##type##_subscriber__descriptor,                   \
        .outcome = &uppsikt__subscriber_taken__descriptor                                          \
    }
static const verb_ask ask_add = FEED(add);
static const verb_ask ask_remove = FEED(remove);
static const verb_ask ask_replay = FEED(replay);
static const verb_list list_of_subscribers = {
    .service = "feed",
    .query = &uppsikt__subscribers__descriptor,
    .pages = "after=subscriber",
    .columns = "NAME=subscriber WEBHOOK=webhook POSITION=position BEHIND=behind "
               "DISABLED=disabled ADDED=added_ms TYPES=types",
    .none = "no other system hears what is said",
};

enum { TOKEN_BYTES = 32, TOKEN_TEXT = 64, TYPES = 64 };

/* What the subscriber will show; only its sum leaves this process. */
static void new_token(char ret_token[TOKEN_TEXT], uint8_t ret_sum[crypto_hash_sha256_BYTES])
{
    uint8_t bytes[TOKEN_BYTES];
    char base64[TOKEN_TEXT];
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2base64(base64, sizeof base64, bytes, sizeof bytes,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    snprintf(ret_token, TOKEN_TEXT, "upf_%.50s", base64);
    crypto_hash_sha256(ret_sum, (const uint8_t *)ret_token, strlen(ret_token));
    sodium_memzero(bytes, sizeof bytes);
}

/* "CommentReceived,uppsikt.MatterOpened" in full. */
static size_t read_types(const char *text, char names[TYPES][96], char **list)
{
    size_t n = 0;
    while (text && *text && n < TYPES) {
        const size_t len = strcspn(text, ",");
        const char *before = strncmp(text, "uppsikt.", 8) == 0 ? "" : "uppsikt.";
        snprintf(names[n], sizeof names[n], "%s%.*s", before, (int)(len < 80 ? len : 80), text);
        list[n] = names[n];
        n++;
        text += len + (text[len] == ',');
    }
    return n;
}

static int add(verb_call *call)
{
    Uppsikt__AddSubscriber command = UPPSIKT__ADD_SUBSCRIBER__INIT;
    ProtobufCMessage *outcome = NULL;
    char token[TOKEN_TEXT], names[TYPES][96];
    char *types[TYPES];
    uint8_t sum[crypto_hash_sha256_BYTES];
    const char *url = call_text(call, "webhook");
    new_token(token, sum);
    command.subscriber = upp_lend(call->operands[0]);
    command.token_sha256 = (ProtobufCBinaryData){ sizeof sum, sum };
    command.n_types = read_types(call_text(call, "type"), names, types);
    command.types = types;
    command.url = upp_lend(url ? url : "");
    command.after = call_count(call, "after", -1);
    const int rc =
        ask_command(call, "feed", &command.base, &uppsikt__subscriber_taken__descriptor, &outcome);
    if (rc != CALL_DONE)
        return rc;
    const long long after = (long long)((const Uppsikt__SubscriberTaken *)outcome)->after;
    if (call->json)
        printf("{\"subscriber\":\"%s\",\"token\":\"%s\",\"after\":%lld}\n", call->operands[0],
               token, after);
    else
        printf("token %s\nIt is shown this once; events after %lld are the first.%s\n", token,
               after, url ? " uppsikt feed key tells the secret that signs." : "");
    sodium_memzero(token, sizeof token);
    message_free(outcome);
    return CALL_DONE;
}

/* The secret is made from the deployment's key, which only its operators can read. */
static int key(verb_call *call)
{
    char path[PATH_MAX], text[80] = "", secret[SECRET_TEXT];
    const int rc = ask_home(call);
    if (rc != CALL_DONE)
        return rc;
    FILE *file = home_path(call->home->place, "webhook.key", path) ? fopen(path, "re") : NULL;
    if (!file) {
        home_sayf("%s: %s; it is made by uppsikt up", path, strerror(errno));
        return CALL_CONFIG;
    }
    const size_t n = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[n] = '\0';
    text[strcspn(text, "\r\n")] = '\0';
    const bool good = secret_text(text, call->operands[0], secret);
    sodium_memzero(text, sizeof text);
    if (!good) {
        home_sayf("%s: 64 hexadecimal digits are wanted in it", path);
        return CALL_CONFIG;
    }
    printf(call->json ? "{\"secret\":\"%s\"}\n" : "%s\n", secret);
    sodium_memzero(secret, sizeof secret);
    return CALL_DONE;
}

static const verb_action actions[] = {
    RUN_ASK("add", "SUBSCRIBER", "another system may read what is public; prints its token",
            OPTIONS(add_options), add, &ask_add),
    LIST("list", "", "who hears, and how far each is", NO_OPTIONS, &list_of_subscribers),
    ASK("remove", "SUBSCRIBER", "it hears nothing any more; its token is void", NO_OPTIONS,
        &ask_remove),
    ASK("replay", "SUBSCRIBER", "sends again, also to one that was disabled",
        OPTIONS(replay_options), &ask_replay),
    RUN("key", "SUBSCRIBER", "the secret that its webhook's signatures are made with", NO_OPTIONS,
        key),
};

const verb_row verb_feed = {
    .name = "feed",
    .help = "other systems that hear what is said: add, list, remove, replay, key",
    .actions = actions,
    .n_actions = UPP_LEN(actions),
    .more = "Whoever acts is a registered person with role operations: --as PERSON.\n"
            "GET /asyncapi.yaml of the feed tells other systems how to ask.\n",
};
