/* renewal.c - what an access token is asked for with, and what comes back. */
#include "renewal.h"
#include "connector.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static const char google[] = "https://oauth2.googleapis.com/token";

static void wipe(char **text)
{
    if (*text)
        sodium_memzero(*text, strlen(*text));
    free(*text);
    *text = NULL;
}

void renewal_done(renewal *r)
{
    wipe(&r->url);
    wipe(&r->body);
    wipe(&r->basic);
}

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static bool good_url(const char *url)
{
    return strncmp(url, "https://", 8) == 0 || strncmp(url, "http://127.0.0.1:", 17) == 0 ||
           strncmp(url, "http://[::1]:", 13) == 0;
}

static int fill(const json_t *json, renewal *ret_renewal)
{
    const char *uri = text_of(json, "token_uri");
    const char *const parts[] = { text_of(json, "client_id"), text_of(json, "client_secret"),
                                  text_of(json, "refresh_token") };
    char *escaped[UPP_LEN(parts)] = { 0 };
    uri = uri ? uri : google;
    for (size_t i = 0; i < UPP_LEN(parts); i++)
        if (!parts[i] || !parts[i][0])
            return UPP_E_INPUT;
    if (!good_url(uri))
        return UPP_E_INPUT;
    for (size_t i = 0; i < UPP_LEN(parts); i++)
        escaped[i] = connector_escape(parts[i]);
    ret_renewal->url = connector_text("%s", uri);
    ret_renewal->type = "application/x-www-form-urlencoded";
    ret_renewal->body = connector_text("grant_type=refresh_token&client_id=%s&client_secret=%s"
                                       "&refresh_token=%s",
                                       escaped[0], escaped[1], escaped[2]);
    for (size_t i = 0; i < UPP_LEN(parts); i++)
        wipe(&escaped[i]);
    return 0;
}

/* A name and a password with one blank between them; no token has one. */
static bool is_named(const char *secret)
{
    const char *blank = strchr(secret, ' ');
    return blank && blank > secret && blank[1] && !strchr(blank + 1, ' ');
}

static int ask_for_session(const char *secret, const char *url, renewal *ret_renewal)
{
    const char *blank = strchr(secret, ' ');
    json_t *json = json_pack("{s:s%, s:s}", "identifier", secret, (size_t)(blank - secret),
                             "password", blank + 1);
    ret_renewal->body = json ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    if (!ret_renewal->body)
        return UPP_E_INPUT;
    ret_renewal->url = connector_text("%s", url);
    ret_renewal->type = "application/json";
    return 0;
}

int renewal_read(const char *secret, const char *session_url, renewal *ret_renewal)
{
    *ret_renewal = (renewal){ 0 };
    if (session_url[0] && is_named(secret))
        return ask_for_session(secret, session_url, ret_renewal);
    if (secret[strspn(secret, " \t")] != '{')
        return 1;
    json_t *json = json_loads(secret, 0, NULL);
    const int rc = json ? fill(json, ret_renewal) : UPP_E_INPUT;
    json_decref(json);
    return rc;
}

bool renewal_ended(long status, const uint8_t *body, size_t len)
{
    if (status != 400)
        return status == 401;
    json_t *json = len > 0 ? json_loadb((const char *)body, len, 0, NULL) : NULL;
    const char *name = text_of(json, "error");
    const bool ended =
        name && (strcmp(name, "ExpiredToken") == 0 || strcmp(name, "InvalidToken") == 0);
    json_decref(json);
    return ended;
}

char *renewal_token(const uint8_t *body, size_t len, upp_ms *ret_life)
{
    json_t *json = json_loadb((const char *)body, len, 0, NULL);
    const char *session = text_of(json, "accessJwt");
    const char *token = session ? session : text_of(json, "access_token");
    const int64_t s = json_integer_value(json_object_get(json, "expires_in"));
    char *copy = NULL;
    *ret_life = 0;
    if (token && token[0] && !strpbrk(token, "\r\n")) {
        copy = connector_text("%s", token);
        *ret_life = session ? UPP_HOUR /* it ends after two or so, and says so then */
                    : s > 120 && s < 86400 ? (s - 60) * UPP_SECOND
                                           : UPP_MINUTE;
    }
    json_decref(json);
    return copy;
}
