/* port_issuer.c - asking the directory: its description, its keys, a token for a code. */
#include "directory.h"
#include "fetch.h"
#include "json_memory.h"
#include "suite_clock.h"
#include "upp/host.h"
#include "upp/log.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Asked anew when it is older: nobody is sent to a directory that is not there any more. */
static const upp_ms issuer_span = UPP_MINUTE, keys_span = UPP_HOUR;
/* A key that is not there is asked for at most that often; a directory that is down has a rest. */
static const upp_ms again_span = UPP_MINUTE, rest_span = 10 * UPP_SECOND;

struct directory {
    const console_config *config;
    issuer_client client;
    char back[400];
    issuer issuer;
    char *keys;           /* own; NULL: not asked for yet */
    upp_ms issuer_at;     /* steady time, as the others; 0: never */
    upp_ms keys_at;       /* of the last time they were fetched */
    upp_ms keys_again_at; /* of the last time that a token wanted them anew */
    upp_ms rest_until;
    atomic_bool stopped;
    atomic_llong failed;          /* the worker counts, the loop tells */
    upp_port_counter counters[2]; /* the last has no name */
    sign_tries tries;
};

/* -- options -- */
static bool asks_openid(const char *scopes)
{
    static const char word[] = "openid";
    for (const char *at = scopes; at; at = strchr(at, ' ')) {
        at += strspn(at, " ");
        if (strcspn(at, " ") == strlen(word) && strncmp(at, word, strlen(word)) == 0)
            return true;
    }
    return false;
}

static const char *fault_of(const console_config *c, const char *origin)
{
    if (!issuer_url_is_fine(c->oidc_issuer) || strchr(c->oidc_issuer, '?'))
        return "oidc_issuer: an https address, as https://login.kommunen.se/realms/kommunen (http "
               "on "
               "this machine alone)";
    if (!c->oidc_client_id)
        return "oidc_client_id: what the directory calls the console";
    if (!c->oidc_claim)
        return "oidc_claim: which claim of the ID token names the person, as preferred_username";
    if (!c->oidc_scopes || !asks_openid(c->oidc_scopes))
        return "oidc_scopes: openid must be among them";
    if (!origin[0])
        return "public_url: the directory must know where to send people back to";
    return NULL;
}

bool directory_open(upp_loop *loop, const console_config *config, const char *origin,
                    directory **ret_directory)
{
    *ret_directory = NULL;
    if (!config->oidc_issuer)
        return true;
    const char *fault = fault_of(config, origin);
    if (fault) {
        upp_loop_say(loop, "%s", fault);
        return false;
    }
    directory *d = calloc(1, sizeof *d);
    upp_check(d);
    upp_json_or_end();
    d->config = config;
    snprintf(d->back, sizeof d->back, "%s/logga-in/katalog/svar", origin);
    d->client = (issuer_client){ .issuer = config->oidc_issuer,
                                 .id = config->oidc_client_id,
                                 .secret = config->oidc_client_secret,
                                 .scopes = config->oidc_scopes,
                                 .back = d->back };
    d->counters[0] =
        (upp_port_counter){ .name = "uppsikt_console_directory_failed_total",
                            .help = "Times that the directory did not sign somebody in." };
    *ret_directory = d;
    return true;
}

void directory_stop(directory *d)
{
    if (d)
        atomic_store(&d->stopped, true);
}

void directory_close(directory *d)
{
    if (!d)
        return;
    sign_tries_done(&d->tries);
    free(d->keys);
    free(d);
}

const issuer_client *directory_client(const directory *d)
{
    return &d->client;
}

sign_tries *directory_tries(directory *d)
{
    return &d->tries;
}

const upp_port_counter *directory_counters(directory *d)
{
    if (d)
        d->counters[0].count = atomic_load(&d->failed);
    return d ? d->counters : NULL;
}

/* -- asking -- */
void directory_log(directory *d, const char *what, const char *word)
{
    atomic_fetch_add(&d->failed, 1);
    upp_log(UPP_ERROR, NULL, "sign-in by the directory: %s%s%s", what, word[0] ? ": " : "", word);
}

static void leave_alone(directory *d, const char *what, const char *why)
{
    d->rest_until = upp_steady_now() + rest_span;
    directory_log(d, what, why);
}

static bool is_recent(upp_ms at, upp_ms span)
{
    return at > 0 && upp_steady_now() - at < span;
}

/* The body of a 200. NULL: the log has heard why, `what` first. */
static char *get(directory *d, const char *url, const char *what)
{
    long status = 0;
    const char *why = NULL;
    char word[ISSUER_CODE];
    char *body =
        fetch(&(fetch_ask){ .url = url, .stop = &d->stopped }, ISSUER_ANSWER, &status, &why);
    if (body && status == 200)
        return body;
    snprintf(word, sizeof word, "HTTP %ld", status);
    leave_alone(d, what, body ? word : why);
    free(body);
    return NULL;
}

const issuer *directory_issuer(directory *d)
{
    if (is_recent(d->issuer_at, issuer_span))
        return &d->issuer;
    if (d->rest_until > upp_steady_now())
        return NULL;
    char *url = issuer_description(d->config->oidc_issuer);
    char *body = get(d, url, "it does not say what it is (.well-known/openid-configuration)");
    const char *fault = body ? issuer_read(body, d->config->oidc_issuer, &d->issuer) : NULL;
    if (fault)
        leave_alone(d, fault, "");
    d->issuer_at = body && !fault ? upp_steady_now() : 0;
    free(url);
    free(body);
    return d->issuer_at ? &d->issuer : NULL;
}

/* -- a token for a code -- */
static void wipe(char *text)
{
    if (text)
        sodium_memzero(text, strlen(text));
    free(text);
}

static enum directory_end exchange(directory *d, const issuer *from, const char *code,
                                   const sign_words *words, char **ret_token)
{
    long status = 0;
    const char *why = NULL;
    char said[ISSUER_CODE] = "", *login = NULL;
    char *form = issuer_exchange(from, &d->client, code, words, &login);
    char *body =
        fetch(&(fetch_ask){ .url = from->token, .form = form, .login = login, .stop = &d->stopped },
              ISSUER_ANSWER, &status, &why);
    enum directory_end end = DIRECTORY_FINE;
    if (!body || status >= 500) {
        leave_alone(d, "it gives no token for a code", why ? why : "");
        end = DIRECTORY_DOWN;
    } else if (status != 200 || !(*ret_token = issuer_token(body))) {
        issuer_error(body, said);
        directory_log(d, "it gives no token for a code", said);
        end = DIRECTORY_REFUSED;
    }
    wipe(login);
    wipe(form);
    wipe(body);
    return end;
}

static bool fetch_keys(directory *d, const issuer *from)
{
    char *keys = get(d, from->keys, "it does not give its keys (jwks_uri)");
    if (!keys)
        return false;
    free(d->keys);
    d->keys = keys;
    d->keys_at = upp_steady_now();
    return true;
}

static enum directory_end check(directory *d, const issuer *from, const char *token,
                                const sign_words *words, char ret_value[ID_TOKEN_VALUE])
{
    const id_token_wanted wanted = { .issuer = d->config->oidc_issuer,
                                     .client = d->config->oidc_client_id,
                                     .nonce = words->nonce,
                                     .claim = d->config->oidc_claim,
                                     .now = upp_real_now() };
    if (!is_recent(d->keys_at, keys_span) && !fetch_keys(d, from))
        return DIRECTORY_DOWN;
    enum id_token_flaw flaw = id_token_check(token, d->keys, &wanted, ret_value);
    if (flaw == ID_TOKEN_KEY && !is_recent(d->keys_again_at, again_span)) {
        d->keys_again_at = upp_steady_now(); /* it has a new one, or somebody plays */
        if (!fetch_keys(d, from))
            return DIRECTORY_DOWN;
        flaw = id_token_check(token, d->keys, &wanted, ret_value);
    }
    if (flaw == ID_TOKEN_FINE)
        return DIRECTORY_FINE;
    directory_log(d, id_token_words(flaw), "");
    return DIRECTORY_REFUSED;
}

enum directory_end directory_who(directory *d, const char *code, const sign_words *words,
                                 char ret_value[ID_TOKEN_VALUE])
{
    char *token = NULL;
    const issuer *from = directory_issuer(d);
    ret_value[0] = '\0';
    if (!from)
        return DIRECTORY_DOWN;
    enum directory_end end = exchange(d, from, code, words, &token);
    if (end == DIRECTORY_FINE)
        end = check(d, from, token, words, ret_value);
    wipe(token);
    return end;
}
