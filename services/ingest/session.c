/* session.c - the tokens of sessions, by a hash of what they were made with. */
#include "session.h"
#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { HASH = 32, MOST = 64 };

typedef struct session {
    uint8_t of[HASH];
    char *token;
} session;

struct sessions {
    session at[MOST];
    size_t n;
};

static void wipe(char *text)
{
    if (text)
        sodium_memzero(text, strlen(text));
    free(text);
}

sessions *sessions_new(void)
{
    sessions *all = calloc(1, sizeof *all);
    upp_check(all);
    return all;
}

void sessions_free(sessions *all)
{
    for (size_t i = 0; all && i < all->n; i++)
        wipe(all->at[i].token);
    free(all);
}

bool session_wanted(const char *secret)
{
    const char *blank = strchr(secret, ' ');
    return blank && blank > secret && blank[1] && !strchr(blank + 1, ' ');
}

char *session_question(const char *secret)
{
    const char *blank = strchr(secret, ' ');
    json_t *json = json_pack("{s:s%, s:s}", "identifier", secret, (size_t)(blank - secret),
                             "password", blank + 1);
    char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    return text;
}

/* Its place; all->n: there is none. */
static size_t find(const sessions *all, const char *secret, uint8_t ret_of[HASH])
{
    size_t i = 0;
    crypto_generichash(ret_of, HASH, (const uint8_t *)secret, strlen(secret), NULL, 0);
    while (i < all->n && sodium_memcmp(all->at[i].of, ret_of, HASH) != 0)
        i++;
    return i;
}

const char *session_token(const sessions *all, const char *secret)
{
    uint8_t of[HASH];
    const size_t i = find(all, secret, of);
    return i < all->n ? all->at[i].token : NULL;
}

void session_drop(sessions *all, const char *secret)
{
    uint8_t of[HASH];
    const size_t i = find(all, secret, of);
    if (i == all->n)
        return;
    wipe(all->at[i].token);
    all->at[i] = all->at[--all->n];
}

bool session_keep(sessions *all, const char *secret, const void *body, size_t len)
{
    uint8_t of[HASH];
    json_t *json = json_loadb(body, len, 0, NULL);
    const char *token = json_string_value(json_object_get(json, "accessJwt"));
    const bool good = token && token[0] && !strpbrk(token, " \r\n");
    session_drop(all, secret);
    if (good && all->n == MOST) /* more accounts than there can be: passwords that were changed */
        wipe(all->at[--all->n].token);
    if (good) {
        session *one = &all->at[find(all, secret, of)];
        memcpy(one->of, of, HASH);
        one->token = strdup(token);
        upp_check(one->token);
        all->n++;
    }
    json_decref(json);
    return good;
}

bool session_ended(long status, const void *body, size_t len)
{
    if (status != 400 && status != 401)
        return false;
    json_t *json = len > 0 ? json_loadb(body, len, 0, NULL) : NULL;
    const char *name = json_string_value(json_object_get(json, "error"));
    const bool ended =
        name && (strcmp(name, "ExpiredToken") == 0 || strcmp(name, "InvalidToken") == 0);
    json_decref(json);
    return ended;
}
