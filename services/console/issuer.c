/* issuer.c - JSON and forms of the directory. */
#include "issuer.h"
#include "upp/host.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void json_done(json_t **json)
{
    json_decref(*json);
}

static json_t *object_of(const char *text)
{
    json_t *json = json_loadb(text, strlen(text), JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(json))
        return json;
    json_decref(json);
    return NULL;
}

/* -- its description -- */
bool issuer_url_is_fine(const char *url)
{
    const size_t n = strlen(url);
    const bool https = strncmp(url, "https://", 8) == 0;
    if (n >= ISSUER_URL || (!https && (strncmp(url, "http://", 7) != 0 || !upp_url_is_here(url))))
        return false;
    for (const char *at = url; *at; at++)
        if (*at <= ' ' || *at >= 0x7f || strchr("\"<>\\^`{|}#@", *at))
            return false;
    const char host = url[https ? 8 : 7];
    return host && host != '/';
}

char *issuer_description(const char *name)
{
    static const char path[] = "/.well-known/openid-configuration";
    size_t n = strlen(name);
    while (n > 0 && name[n - 1] == '/')
        n--;
    const size_t size = n + sizeof path;
    char *url = malloc(size);
    upp_check(url);
    snprintf(url, size, "%.*s%s", (int)n, name, path);
    return url;
}

/* While the directory is on this machine, as in a trial, all of it is. */
static bool take_url(const json_t *d, const char *name, bool here, char ret_url[ISSUER_URL])
{
    const char *url = json_string_value(json_object_get(d, name));
    if (!url || !issuer_url_is_fine(url) || upp_url_is_here(url) != here)
        return false;
    memcpy(ret_url, url, strlen(url) + 1);
    return true;
}

static bool lists(const json_t *d, const char *name, const char *value)
{
    const json_t *list = json_object_get(d, name);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *one = json_string_value(json_array_get(list, i));
        if (one && strcmp(one, value) == 0)
            return true;
    }
    return false;
}

const char *issuer_read(const char *text, const char *name, issuer *ret_issuer)
{
    UPP_AUTO(json_done) json_t *d = object_of(text);
    const char *said = json_string_value(json_object_get(d, "issuer"));
    const bool here = upp_url_is_here(name);
    *ret_issuer = (issuer){ .says_itself = false };
    if (!d)
        return "what it says of itself is no JSON object";
    if (!said || strcmp(said, name) != 0)
        return "it calls itself by another issuer than oidc_issuer; write that exactly as it does";
    if (!take_url(d, "authorization_endpoint", here, ret_issuer->authorization) ||
        !take_url(d, "token_endpoint", here, ret_issuer->token) ||
        !take_url(d, "jwks_uri", here, ret_issuer->keys))
        return "authorization_endpoint, token_endpoint or jwks_uri is missing or no https address";
    if (json_object_get(d, "code_challenge_methods_supported") &&
        !lists(d, "code_challenge_methods_supported", "S256"))
        return "it does not take PKCE with S256";
    ret_issuer->secret_in_body =
        json_object_get(d, "token_endpoint_auth_methods_supported") &&
        !lists(d, "token_endpoint_auth_methods_supported", "client_secret_basic");
    ret_issuer->says_itself =
        json_is_true(json_object_get(d, "authorization_response_iss_parameter_supported"));
    return NULL;
}

/* -- what is said to it -- */
/* application/x-www-form-urlencoded, of any bytes. */
static void put_encoded(FILE *out, const char *text)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~";
    static const char digits[] = "0123456789ABCDEF";
    for (; *text; text++) {
        const unsigned char byte = (unsigned char)*text;
        if (strchr(plain, *text)) {
            fputc(*text, out);
            continue;
        }
        fputc('%', out);
        fputc(digits[byte >> 4], out);
        fputc(digits[byte & 15], out);
    }
}

static void put_pair(FILE *out, const char *name, const char *value)
{
    fputc('&', out);
    fputs(name, out);
    fputc('=', out);
    put_encoded(out, value);
}

char *issuer_question(const issuer *from, const issuer_client *client, const sign_words *words)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    upp_check(out);
    fputs(from->authorization, out);
    fputs(strchr(from->authorization, '?') ? "&response_type=code" : "?response_type=code", out);
    put_pair(out, "client_id", client->id);
    put_pair(out, "redirect_uri", client->back);
    put_pair(out, "scope", client->scopes);
    put_pair(out, "state", words->state);
    put_pair(out, "nonce", words->nonce);
    put_pair(out, "code_challenge", words->challenge);
    put_pair(out, "code_challenge_method", "S256");
    upp_check(fclose(out) == 0);
    return text;
}

static char *login_of(const issuer_client *client)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    upp_check(out);
    put_encoded(out, client->id);
    fputc(':', out);
    put_encoded(out, client->secret);
    upp_check(fclose(out) == 0);
    return text;
}

char *issuer_exchange(const issuer *from, const issuer_client *client, const char *code,
                      const sign_words *words, char **ret_login)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    upp_check(out);
    const bool basic = client->secret && !from->secret_in_body;
    *ret_login = basic ? login_of(client) : NULL;
    fputs("grant_type=authorization_code", out);
    put_pair(out, "code", code);
    put_pair(out, "redirect_uri", client->back);
    put_pair(out, "code_verifier", words->verifier);
    if (!basic)
        put_pair(out, "client_id", client->id);
    if (client->secret && !basic)
        put_pair(out, "client_secret", client->secret);
    upp_check(fclose(out) == 0);
    return text;
}

void issuer_error(const char *text, char ret_code[ISSUER_CODE])
{
    UPP_AUTO(json_done) json_t *answer = object_of(text);
    const char *code = json_string_value(json_object_get(answer, "error"));
    ret_code[0] = '\0';
    if (code && issuer_code_is_fine(code))
        memcpy(ret_code, code, strlen(code) + 1);
}

bool issuer_code_is_fine(const char *code)
{
    const size_t n = strlen(code);
    return n > 0 && n < ISSUER_CODE && strspn(code, "abcdefghijklmnopqrstuvwxyz_") == n;
}

char *issuer_token(const char *text)
{
    UPP_AUTO(json_done) json_t *answer = object_of(text);
    const char *token = json_string_value(json_object_get(answer, "id_token"));
    char *own = token ? strdup(token) : NULL;
    upp_check(own || !token);
    return own;
}
