/* port_sign.c - signing in and out, passwords, and the pages behind a mail's link. */
#include "uppsikt/escalation.pb-c.h"
#include "visit.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool matches(const char *hash, const char *password)
{
    const bool right =
        crypto_pwhash_str_verify(hash[0] ? hash : guard_nobody(), password, strlen(password)) == 0;
    return right && hash[0];
}

static void again(visit *v, unsigned status, const char *complaint)
{
    visit_complain(v, complaint);
    v->status = status;
    v->view.given = &v->fields;
    view_sign_in(&v->view);
}

/* The login with that name: its hash, and how long nobody may try. NULL: no answer. */
static const visit_rows *login_of(visit *v, const char *name)
{
    Uppsikt__Login q = UPPSIKT__LOGIN__INIT;
    q.name = upp_lend(name);
    q.address = v->address;
    const visit_rows *rows = visit_ask(v, "console", &q.base, &uppsikt__login_row__descriptor,
                                       &uppsikt__login_row_content__descriptor);
    return rows && rows->n > 0 ? rows : NULL;
}

/* Only a page of ours; anything else leads home. */
static void go_on(visit *v)
{
    const char *to = form_value(&v->fields, "till");
    route r;
    visit_redirect(v, route_find(to, &r) && !r.open_to_all ? to : "/", NULL);
}

static void sign_in(visit *v, const char *name, bool right)
{
    char digest[GUARD_HEX], hex[GUARD_HEX];
    uint8_t token[GUARD_TOKEN];
    ProtobufCMessage *outcome = NULL;
    Uppsikt__SignIn c = UPPSIKT__SIGN_IN__INIT;
    randombytes_buf(token, sizeof token);
    guard_digest(token, digest);
    c.name = upp_lend(name);
    c.address = v->address;
    c.right = right;
    c.token_sha256 = digest;

    uint8_t id[16];
    randombytes_buf(id, sizeof id);
    if (upp_client_command(v->desk->client, "console", id, NULL, &c.base,
                           &uppsikt__signed_in__descriptor, 4 * UPP_SECOND, &outcome) != 0) {
        again(v, 503, "down.console");
        return;
    }
    const Uppsikt__SignedIn *in = (const Uppsikt__SignedIn *)outcome;
    if (in->session[0]) {
        guard_hex(token, sizeof token, hex);
        visit_set_cookie(v, visit_cookie_name(v, true), hex);
        go_on(v);
    } else {
        again(v, in->wait_span > 0 && right ? 429 : 403,
              in->wait_span > 0 && right ? "sign.wait" : "sign.wrong");
    }
    sodium_memzero(token, sizeof token);
    protobuf_c_message_free_unpacked(outcome, NULL);
}

void visit_sign_in(visit *v)
{
    char *name = upp_lend(form_value(&v->fields, "name"));
    const char *password = form_value(&v->fields, "password");
    form_trim(name);
    if (!name[0] || !password[0]) {
        again(v, 422, name[0] ? "password:sign.password-missing" : "name:sign.name-missing");
        return;
    }
    const visit_rows *rows = login_of(v, name);
    if (!rows) {
        again(v, 503, "down.console");
        return;
    }
    if (((const Uppsikt__LoginRow *)rows->rows[0])->wait_span > 0) {
        again(v, 429, "sign.wait");
        return;
    }
    const Uppsikt__LoginRowContent *login = (const Uppsikt__LoginRowContent *)rows->contents[0];
    sign_in(v, name, matches(login->password_hash, password));
}

void visit_sign_out(visit *v)
{
    char digest[GUARD_HEX];
    Uppsikt__SignOut c = UPPSIKT__SIGN_OUT__INIT;
    guard_digest(v->token, digest);
    c.token_sha256 = digest;
    if (visit_tell(v, "console", NULL, "sign-out", &c.base, &uppsikt__session_touched__descriptor,
                   NULL) != VISIT_DONE) {
        visit_words(v, 503, "down.title", "down.words");
        return;
    }
    visit_set_cookie(v, visit_cookie_name(v, true), "");
    visit_forget_exposure(v);
    visit_redirect(v, "/logga-in", NULL);
}

/* -- a new password -- */
static void password_again(visit *v, const char *complaint)
{
    visit_complain(v, complaint);
    v->status = 422;
    v->view.given = &v->fields;
    view_password(&v->view);
}

static const char *flaw_words(enum guard_flaw flaw)
{
    return flaw == GUARD_SHORT    ? "password:password.short"
           : flaw == GUARD_LONG   ? "password:password.long"
           : flaw == GUARD_COMMON ? "password:password.common"
           : flaw == GUARD_NAME   ? "password:password.name"
                                  : NULL;
}

void visit_password(visit *v)
{
    char hash[crypto_pwhash_STRBYTES];
    const char *password = form_value(&v->fields, "password");
    char *name = upp_lend(form_value(&v->fields, "name"));
    Uppsikt__SetLogin c = UPPSIKT__SET_LOGIN__INIT;
    form_trim(name);
    const char *flaw = flaw_words(guard_password(password, name));
    const visit_rows *rows = flaw ? NULL : login_of(v, name);
    if (flaw || !rows) {
        password_again(v, flaw ? flaw : "down.console");
        return;
    }
    const Uppsikt__LoginRow *login = (const Uppsikt__LoginRow *)rows->rows[0];
    const Uppsikt__LoginRowContent *secret = (const Uppsikt__LoginRowContent *)rows->contents[0];
    if (strcmp(login->person, v->view.who->person) != 0 ||
        !matches(secret->password_hash, form_value(&v->fields, "old"))) {
        password_again(v, "old:sign.wrong");
        return;
    }
    if (crypto_pwhash_str(hash, password, strlen(password), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                          crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0) {
        password_again(v, "down.console");
        return;
    }
    c.person = v->view.who->person;
    c.password_hash = hash;
    if (visit_tell(v, "console", v->view.who->person, "set-login", &c.base,
                   &uppsikt__login_set__descriptor, NULL) != VISIT_DONE) {
        v->status = 503;
        view_password(&v->view);
        return;
    }
    visit_set_cookie(v, visit_cookie_name(v, true), "");
    visit_redirect(v, "/logga-in", "done.password");
}

/* -- links in mails: looking changes nothing, a button does -- */
static const Uppsikt__LinkTargetRow *target_of(visit *v)
{
    Uppsikt__LinkTarget q = UPPSIKT__LINK_TARGET__INIT;
    q.token = v->route.id;
    const visit_rows *rows =
        visit_ask(v, "escalation", &q.base, &uppsikt__link_target_row__descriptor, NULL);
    if (!rows) {
        visit_words(v, 503, "down.title", "down.words");
        return NULL;
    }
    const Uppsikt__LinkTargetRow *t =
        rows->n > 0 ? (const Uppsikt__LinkTargetRow *)rows->rows[0] : NULL;
    if (!t || strcmp(t->state, "expired") == 0) {
        v->status = 404;
        view_link(&v->view, NULL);
        return NULL;
    }
    if (strcmp(t->state, "denied") == 0 || strchr(t->person, ':') ||
        strcmp(t->person, "operations") == 0) {
        visit_words(v, 403, "link.dead-title", "link.denied");
        return NULL;
    }
    return t;
}

/* Names are the console's own projection: escalation gives none away to a link. */
static void show_target(visit *v, const Uppsikt__LinkTargetRow *t)
{
    Uppsikt__Greeting q = UPPSIKT__GREETING__INIT;
    q.person = t->person;
    q.account = t->account;
    const visit_rows *rows = visit_ask(v, "console", &q.base, &uppsikt__greeting_row__descriptor,
                                       &uppsikt__greeting_row_content__descriptor);
    const Uppsikt__GreetingRowContent *names =
        rows && rows->n > 0 ? (const Uppsikt__GreetingRowContent *)rows->contents[0] : NULL;
    view_link(&v->view, &(view_link_target){ .token = v->route.id,
                                             .matter = t->matter,
                                             .person = t->person,
                                             .name = names ? names->first_name : "",
                                             .account = names ? names->account : t->account,
                                             .state = t->state,
                                             .kind = t->kind,
                                             .due_ms = t->due_ms,
                                             .expires_ms = t->expires_ms,
                                             .akut = t->akut,
                                             .danger = t->danger,
                                             .offered = t->offered,
                                             .asked = t->asked });
}

void visit_link(visit *v)
{
    const Uppsikt__LinkTargetRow *t = v->route.act[0] ? NULL : target_of(v);
    if (v->route.act[0])
        visit_words(v, 404, "none.title", "none.words");
    else if (t)
        show_target(v, t);
}

/* What each button of the page tells escalation; the token says who. */
static enum visit_end tell_by_link(visit *v, const Uppsikt__LinkTargetRow *t)
{
    Uppsikt__Acknowledge ack = UPPSIKT__ACKNOWLEDGE__INIT;
    Uppsikt__Claim claim = UPPSIKT__CLAIM__INIT;
    Uppsikt__AnswerHandOver offer = UPPSIKT__ANSWER_HAND_OVER__INIT;
    const ProtobufCMessage *c = &ack.base;
    ack.matter = claim.matter = offer.matter = t->matter;
    ack.token = claim.token = offer.token = v->route.id;
    offer.no = form_has(&v->fields, "no");
    offer.text = upp_lend(form_value(&v->fields, "words"));
    if (strcmp(v->route.act, "ta-over") == 0)
        c = &claim.base;
    if (strcmp(v->route.act, "svar") == 0)
        c = &offer.base;
    if (c == &offer.base && t->asked && !offer.no && !offer.text[0]) {
        visit_complain(v, "words:offer.need-words");
        return VISIT_REFUSED;
    }
    return visit_tell(v, "escalation", NULL, c->descriptor->name, c,
                      &uppsikt__matter_touched__descriptor, NULL);
}

void visit_link_act(visit *v)
{
    static const struct {
        const char *act, *done;
    } acts[] = { { "ta", "done.link-ack" },
                 { "ta-over", "done.link-claim" },
                 { "svar", "done.link-offer" } };
    size_t i = 0;
    while (i < UPP_LEN(acts) && strcmp(acts[i].act, v->route.act) != 0)
        i++;
    if (i == UPP_LEN(acts)) {
        visit_words(v, 404, "none.title", "none.words");
        return;
    }
    const Uppsikt__LinkTargetRow *t = target_of(v);
    if (!t)
        return;
    const enum visit_end end = tell_by_link(v, t);
    if (end == VISIT_DONE) {
        char path[ROUTE_PART + 8];
        snprintf(path, sizeof path, "/l/%s", v->route.id);
        visit_redirect(v, path, acts[i].done);
        return;
    }
    v->status = end == VISIT_NO_ANSWER ? 503 : 422;
    v->view.given = &v->fields;
    show_target(v, t);
}
