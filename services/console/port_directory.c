/* port_directory.c - a person goes to the organisation's directory to sign in, and comes back
 * (OpenID Connect Core 1.0 §3.1, RFC 7636, RFC 9207, RFC 9700 §4). */
#include "directory.h"
#include "suite_clock.h"
#include "visit.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CODE_BYTES = 4096 };

/* The sign-in page again, with the form for local accounts open. */
static void again(visit *v, unsigned status, const char *complaint)
{
    visit_complain(v, complaint);
    v->status = status;
    view_sign_in(&v->view);
}

/* -- the cookie: Lax, since she comes back by a link of the directory's -- */
static const char *cookie_name(const visit *v)
{
    return v->house->https ? "__Host-uppsikt-katalog" : "uppsikt-katalog";
}

static void set_cookie(visit *v, const char *value)
{
    if (v->n_cookies < UPP_LEN(v->cookies))
        snprintf(v->cookies[v->n_cookies++], sizeof v->cookies[0],
                 "%s=%s; Path=/; HttpOnly; SameSite=Lax; Max-Age=%d%s", cookie_name(v), value,
                 value[0] ? (int)(SIGN_TRY_SPAN / UPP_SECOND) : 0,
                 v->house->https ? "; Secure" : "");
}

static bool read_secret(const visit *v, uint8_t ret_secret[GUARD_TOKEN])
{
    char hex[GUARD_HEX];
    return form_cookie(v->cookie, cookie_name(v), hex, sizeof hex) &&
           guard_unhex(hex, GUARD_TOKEN, ret_secret);
}

/* -- there -- */
static void go(visit *v)
{
    directory *d = v->house->directory;
    const char *to = form_value(&v->params, "till");
    uint8_t secret[GUARD_TOKEN];
    char hex[GUARD_HEX];
    sign_words words;
    route r;
    if (v->view.who) {
        visit_redirect(v, "/", NULL);
        return;
    }
    const issuer *from = directory_issuer(d);
    if (!from) {
        again(v, 503, "directory.down");
        return;
    }
    randombytes_buf(secret, sizeof secret);
    sign_try_words(secret, &words);
    sign_try_begin(directory_tries(d), secret, route_find(to, &r) && !r.open_to_all ? to : "/",
                   upp_steady_now());
    guard_hex(secret, sizeof secret, hex);
    set_cookie(v, hex);
    char *question = issuer_question(from, directory_client(d), &words);
    visit_redirect(v, question, NULL);
    free(question);
}

/* -- and back -- */
static void let_in(visit *v, const char *name, const char *to)
{
    char digest[GUARD_HEX], hex[GUARD_HEX];
    uint8_t token[GUARD_TOKEN], id[16];
    ProtobufCMessage *outcome = NULL;
    Uppsikt__SignInByDirectory c = UPPSIKT__SIGN_IN_BY_DIRECTORY__INIT;
    randombytes_buf(token, sizeof token);
    randombytes_buf(id, sizeof id);
    guard_digest(token, digest);
    c.name = upp_lend(name);
    c.address = v->address;
    c.token_sha256 = digest;
    if (upp_client_command(v->desk->client, "console", id, NULL, &c.base,
                           &uppsikt__signed_in__descriptor, 4 * UPP_SECOND, &outcome) != 0) {
        again(v, 503, "down.console");
        return;
    }
    if (((const Uppsikt__SignedIn *)outcome)->session[0]) {
        guard_hex(token, sizeof token, hex);
        visit_set_cookie(v, visit_cookie_name(v, true), hex);
        visit_redirect(v, to, NULL);
    } else {
        visit_words(v, 403, "directory.stranger-title", "directory.stranger");
    }
    sodium_memzero(token, sizeof token);
    protobuf_c_message_free_unpacked(outcome, NULL);
}

/* RFC 9207: whoever comes back says from whom, so that no other directory's code passes for its. */
static bool is_from_it(const visit *v, const issuer *from)
{
    if (!form_has(&v->params, "iss"))
        return !from->says_itself;
    return strcmp(form_value(&v->params, "iss"), v->house->config->oidc_issuer) == 0;
}

static void take_code(visit *v, const sign_words *words, const char *to)
{
    directory *d = v->house->directory;
    const char *code = form_value(&v->params, "code"), *error = form_value(&v->params, "error");
    char value[ID_TOKEN_VALUE];
    const issuer *from = directory_issuer(d);
    if (!from) {
        again(v, 503, "directory.down");
        return;
    }
    if (error[0] || !code[0] || strlen(code) > CODE_BYTES || !is_from_it(v, from)) {
        directory_log(d, "it sent somebody back without a code of its own",
                      issuer_code_is_fine(error) ? error : "");
        again(v, 403, "directory.refused");
        return;
    }
    switch (directory_who(d, code, words, value)) {
    case DIRECTORY_FINE:
        let_in(v, value, to);
        break;
    case DIRECTORY_DOWN:
        again(v, 503, "directory.down");
        break;
    case DIRECTORY_REFUSED:
        again(v, 403, "directory.refused");
        break;
    }
    sodium_memzero(value, sizeof value);
}

/* The state is looked at first: who makes her browser come here with another ends no try. */
static void come_back(visit *v)
{
    uint8_t secret[GUARD_TOKEN];
    sign_words words;
    if (!read_secret(v, secret)) {
        again(v, 400, "directory.late");
        return;
    }
    sign_try_words(secret, &words);
    if (!guard_same(words.state, form_value(&v->params, "state"))) {
        again(v, 400, "directory.late");
        return;
    }
    set_cookie(v, "");
    char *to = sign_try_end(directory_tries(v->house->directory), secret, upp_steady_now());
    if (to)
        take_code(v, &words, to);
    else
        again(v, 400, "directory.late");
    free(to);
    sodium_memzero(secret, sizeof secret);
    sodium_memzero(&words, sizeof words);
}

void visit_directory(visit *v)
{
    const char *act = v->route.act;
    if (!v->house->directory || strcmp(v->route.id, "katalog") != 0 ||
        (act[0] && strcmp(act, "svar") != 0))
        visit_words(v, 404, "none.title", "none.words");
    else if (act[0])
        come_back(v);
    else
        go(v);
}
