/* grant.c - reads and renews the object that a granted token is. */
#include "grant.h"
#include "connector.h"
#include "token_box.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

static bool is_whole(const json_t *grant)
{
    return text_of(grant, "client_id")[0] && text_of(grant, "refresh_token")[0];
}

bool grant_is(const char *secret)
{
    return secret[strspn(secret, " \t")] == '{';
}

bool grant_is_whole(const char *secret)
{
    json_t *grant = json_loads(secret, JSON_REJECT_DUPLICATES, NULL);
    const bool whole = is_whole(grant);
    json_decref(grant);
    return whole;
}

char *grant_access(const char *secret)
{
    json_t *grant = json_loads(secret, 0, NULL);
    const char *token = text_of(grant, "access_token");
    char *copy = token[0] && !strpbrk(token, "\r\n") ? connector_text("%s", token) : NULL;
    json_decref(grant);
    return copy;
}

/* A confidential client says who it is in a header (RFC 6749 §2.3.1, RFC 7617). */
static char *basic_of(const char *id, const char *secret)
{
    char *both = connector_text("%s:%s", id, secret);
    const size_t len = strlen(both);
    const size_t room = sodium_base64_ENCODED_LEN(len, sodium_base64_VARIANT_ORIGINAL);
    char *code = malloc(room);
    upp_check(code);
    sodium_bin2base64(code, room, (const uint8_t *)both, len, sodium_base64_VARIANT_ORIGINAL);
    char *header = connector_text("Authorization: Basic %s", code);
    token_wipe(both);
    token_wipe(code);
    return header;
}

int grant_ask(const char *secret, const char *url, renewal *ret_renewal)
{
    *ret_renewal = (renewal){ 0 };
    json_t *grant = json_loads(secret, 0, NULL);
    if (!is_whole(grant)) {
        json_decref(grant);
        return UPP_E_INPUT;
    }
    char *id = connector_escape(text_of(grant, "client_id"));
    char *refresh = connector_escape(text_of(grant, "refresh_token"));
    char *password = connector_escape(text_of(grant, "client_secret"));
    ret_renewal->url = connector_text("%s", url);
    ret_renewal->type = "application/x-www-form-urlencoded";
    ret_renewal->body =
        connector_text("grant_type=refresh_token&refresh_token=%s&client_id=%s", refresh, id);
    if (password[0])
        ret_renewal->basic = basic_of(id, password);
    token_wipe(id);
    token_wipe(refresh);
    token_wipe(password);
    json_decref(grant);
    return 0;
}

char *grant_renewed(const char *secret, const uint8_t *body, size_t len, upp_ms *ret_life)
{
    json_t *grant = json_loads(secret, 0, NULL);
    json_t *given = json_loadb((const char *)body, len, 0, NULL);
    const char *refresh = text_of(given, "refresh_token");
    char *access = renewal_token(body, len, ret_life);
    char *renewed = NULL;
    if (access && is_whole(grant) &&
        json_object_set_new(grant, "access_token", json_string(access)) == 0 &&
        (!refresh[0] || json_object_set_new(grant, "refresh_token", json_string(refresh)) == 0))
        renewed = json_dumps(grant, JSON_COMPACT);
    token_wipe(access);
    json_decref(grant);
    json_decref(given);
    return renewed;
}
