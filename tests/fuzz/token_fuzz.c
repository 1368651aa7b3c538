/* token_fuzz.c - T5: what a directory, or who passes for one, answers: its description, its keys, a
 * token, an error, of any bytes. Nothing of it lets anybody in: no key of ours has signed it. */
#include "fuzz.h"
#include "id_token.h"
#include "issuer.h"
#include "json_memory.h"

#define NAME "https://a.example"

/* A text of these bytes, the caller's. */
static char *text_of(upp_bytes bytes)
{
    char *text = calloc(1, bytes.len + 1);
    upp_check(text != NULL);
    if (bytes.len > 0)
        memcpy(text, bytes.at, bytes.len);
    return text;
}

static void describe(const char *text)
{
    issuer i;
    sign_words words;
    char *login = NULL;
    const uint8_t secret[GUARD_TOKEN] = { 1 };
    const issuer_client client = { NAME, text, text, "openid", NAME "/logga-in/katalog/svar" };
    if (issuer_read(text, NAME, &i) != NULL)
        return;
    upp_check(issuer_url_is_fine(i.authorization) && issuer_url_is_fine(i.token) &&
              issuer_url_is_fine(i.keys));
    sign_try_words(secret, &words);
    char *question = issuer_question(&i, &client, &words);
    for (const char *at = question; *at; at++)
        upp_check(*at > ' ' && *at < 0x7f); /* it becomes a header */
    free(question);
    free(issuer_exchange(&i, &client, text, &words, &login));
    free(login);
}

static void look_at(const char *token, const char *keys)
{
    char value[ID_TOKEN_VALUE];
    const id_token_wanted w = {
        .issuer = NAME, .client = "uppsikt", .nonce = "n", .claim = "email", .now = 1
    };
    const enum id_token_flaw flaw = id_token_check(token, keys, &w, value);
    upp_check(flaw != ID_TOKEN_FINE && value[0] == '\0');
    upp_check(id_token_words(flaw)[0] != '\0');
}

static void say(const char *text)
{
    char word[ISSUER_CODE];
    issuer_error(text, word);
    upp_check(word[0] == '\0' || issuer_code_is_fine(word));
    char *token = issuer_token(text);
    if (token)
        look_at(token, text);
    free(token);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    upp_json_or_end();
    fuzz_in in = { data, size };
    const size_t split = fuzz_take(&in, 2);
    char *first = text_of(fuzz_part(&in, split));
    char *second = text_of((upp_bytes){ in.at, in.len });
    (void)issuer_url_is_fine(first);
    describe(second);
    say(second);
    look_at(first, second);
    free(first);
    free(second);
    return 0;
}
