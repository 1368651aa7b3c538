/* port_visit.c - a request from its bytes to its answer: who, from where, may she, what. */
#include "visit.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const char upp_console_css[], upp_console_js[], upp_console_mark[];

static const upp_ms touch_span = UPP_MINUTE;

void visit_done(visit *v)
{
    for (size_t i = 0; i < v->n_lists; i++)
        visit_free_rows(v->lists[i]);
    v->n_lists = 0;
    html_done(&v->view.h);
    form_done(&v->params);
    form_done(&v->fields);
    if (v->body)
        sodium_memzero(v->body, v->body_len); /* it may have been a password */
    free(v->body);
    free(v->method);
    free(v->path);
    free(v->query);
    free(v->cookie);
    free(v->fetch_site);
    free(v->origin);
    free(v->host);
    free(v->location);
    free(v->file);
}

const view_rows *visit_view(const visit_rows *rows, view_rows *ret_view)
{
    *ret_view = (view_rows){ .n = 0 };
    if (rows)
        *ret_view = (view_rows){ .rows = rows->rows, .contents = rows->contents, .n = rows->n };
    return ret_view;
}

void visit_complain(visit *v, const char *complaint)
{
    if (v->view.n_complaints < UPP_LEN(v->view.complaints))
        v->view.complaints[v->view.n_complaints++] = complaint;
}

/* See Other: the next page is got anew, and a reload does nothing twice. */
void visit_redirect(visit *v, const char *path, const char *done_key)
{
    const size_t size = strlen(path) + (done_key ? strlen(done_key) : 0) + 16;
    free(v->location);
    v->location = malloc(size);
    upp_check(v->location);
    if (done_key)
        snprintf(v->location, size, "%s%cklart=%s", path, strchr(path, '?') ? '&' : '?', done_key);
    else
        snprintf(v->location, size, "%s", path);
    v->status = 303;
}

void visit_words(visit *v, unsigned status, const char *title_key, const char *words_key)
{
    v->status = status;
    html_done(&v->view.h);
    view_words(&v->view, title_key, words_key);
}

void visit_give(visit *v, buf *out)
{
    free(v->file);
    v->file = (char *)out->at;
    v->file_len = out->len;
    *out = (buf){ 0 };
}

/* -- cookies -- */
const char *visit_cookie_name(const visit *v, bool session)
{
    if (v->house->https)
        return session ? "__Host-uppsikt" : "__Host-uppsikt-form";
    return session ? "uppsikt" : "uppsikt-form";
}

static void add_cookie(visit *v, const char *name, const char *value, const char *age)
{
    if (v->n_cookies < UPP_LEN(v->cookies))
        snprintf(v->cookies[v->n_cookies++], sizeof v->cookies[0],
                 "%s=%s; Path=/; HttpOnly; SameSite=Strict%s%s", name, value,
                 v->house->https ? "; Secure" : "", value[0] ? age : "; Max-Age=0");
}

void visit_set_cookie(visit *v, const char *name, const char *value)
{
    add_cookie(v, name, value, "");
}

void visit_keep_cookie(visit *v, const char *name, const char *value)
{
    add_cookie(v, name, value, "; Max-Age=31536000");
}

static bool read_token(visit *v, bool session)
{
    char hex[GUARD_HEX];
    return form_cookie(v->cookie, visit_cookie_name(v, session), hex, sizeof hex) &&
           guard_unhex(hex, GUARD_TOKEN, v->token);
}

/* Forms of a page without a session are sealed with a token of their own. */
static void form_token(visit *v)
{
    if (read_token(v, false))
        return;
    randombytes_buf(v->token, sizeof v->token);
    v->fresh_token = true;
}

static void give_form_token(visit *v)
{
    char hex[GUARD_HEX];
    guard_hex(v->token, sizeof v->token, hex);
    visit_set_cookie(v, visit_cookie_name(v, false), hex);
}

/* -- who -- */
static void keep(visit *v, char *digest)
{
    Uppsikt__KeepSession c = UPPSIKT__KEEP_SESSION__INIT;
    uint8_t id[16];
    ProtobufCMessage *outcome = NULL;
    c.token_sha256 = digest;
    randombytes_buf(id, sizeof id);
    if (upp_client_command(v->desk->client, "console", id, NULL, &c.base,
                           &uppsikt__session_touched__descriptor, UPP_SECOND, &outcome) == 0)
        protobuf_c_message_free_unpacked(outcome, NULL);
}

static void find_visitor(visit *v)
{
    char digest[GUARD_HEX];
    Uppsikt__Visitor q = UPPSIKT__VISITOR__INIT;
    if (!read_token(v, true))
        return;
    guard_digest(v->token, digest);
    q.token_sha256 = digest;
    const visit_rows *rows = visit_ask(v, "console", &q.base, &uppsikt__visitor_row__descriptor,
                                       &uppsikt__visitor_row_content__descriptor);
    if (!rows || rows->n == 0)
        return;
    v->has_session = true;
    v->view.who = (const Uppsikt__VisitorRow *)rows->rows[0];
    v->view.name = (const Uppsikt__VisitorRowContent *)rows->contents[0];
    if (v->now - v->view.who->seen_ms > touch_span)
        keep(v, digest);
}

void visit_admit(visit *v)
{
    find_visitor(v);
    v->admitted = v->view.who != NULL;
}

/* -- may this be done -- */
static bool is_post(const visit *v)
{
    return strcmp(v->method, "POST") == 0;
}

static bool form_is_ours(const visit *v)
{
    char own[400], seal[GUARD_HEX];
    snprintf(own, sizeof own, "http://%s", v->host ? v->host : "");
    if (!guard_site(v->fetch_site, v->origin, v->house->origin[0] ? v->house->origin : own))
        return false;
    guard_seal(v->token, v->path, form_value(&v->fields, "id"), seal);
    return guard_same(seal, form_value(&v->fields, "seal"));
}

static void send_file(visit *v)
{
    static const struct {
        const char *name, *type, *text;
    } files[] = {
        { "console.css", "text/css; charset=utf-8", upp_console_css },
        { "console.js", "text/javascript; charset=utf-8", upp_console_js },
        { "mark.svg", "image/svg+xml", upp_console_mark },
    };
    for (size_t i = 0; i < UPP_LEN(files); i++)
        if (strcmp(files[i].name, v->route.id) == 0) {
            v->fixed = files[i].text;
            v->fixed_len = strlen(files[i].text);
            v->type = files[i].type;
            return;
        }
    visit_words(v, 404, "none.title", "none.words");
}

/* A link from elsewhere comes without the cookie (SameSite=Strict); asked for again by our own page
 * it comes with it. Then she need not sign in twice a day for each mail. */
static bool ask_again(visit *v)
{
    if (!v->fetch_site || strcmp(v->fetch_site, "cross-site") != 0 || is_post(v))
        return false;
    html_add(
        &v->view.h,
        "<!DOCTYPE html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\"><title>Uppsikt</title>"
        "<meta http-equiv=\"refresh\" content=\"0\"></head><body><p><a href=\"%s\">Uppsikt</a>"
        "</p></body></html>\n",
        phrases_language(v->house->phrases), v->path);
    return true;
}

static void ask_to_sign_in(visit *v)
{
    char to[2 * ROUTE_PART + 40];
    if (ask_again(v))
        return;
    if (is_post(v)) {
        form_token(v);
        give_form_token(v);
        visit_complain(v, "sign.ended");
        v->status = 403;
        form_done(&v->fields);
        view_sign_in(&v->view);
        return;
    }
    snprintf(to, sizeof to, "/logga-in?till=%.*s", 2 * ROUTE_PART, v->path);
    visit_redirect(v, to, NULL);
}

static void dispatch_post(visit *v)
{
    switch (v->route.page) {
    case ROUTE_SIGN_IN:
        visit_sign_in(v);
        return;
    case ROUTE_SIGN_OUT:
        visit_sign_out(v);
        return;
    case ROUTE_PASSWORD:
        visit_password(v);
        return;
    case ROUTE_MATTER:
        visit_act(v);
        return;
    case ROUTE_CHOSEN:
        visit_chosen(v);
        return;
    case ROUTE_LINK:
        visit_link_act(v);
        return;
    case ROUTE_SEE:
    case ROUTE_APPROVE:
    case ROUTE_ACCOUNTS:
    case ROUTE_REPORT_ITEM:
    case ROUTE_DISPOSALS:
    case ROUTE_HOLDS:
        visit_keep(v);
        return;
    case ROUTE_ACCOUNT:
        visit_life_act(v);
        return;
    case ROUTE_NEW_ACCOUNT:
        visit_life_propose(v);
        return;
    case ROUTE_AWAY:
        visit_away_act(v);
        return;
    case ROUTE_HELP:
        visit_keep_look(v);
        return;
    case ROUTE_HANDED:
        visit_hand(v);
        return;
    case ROUTE_STILL:
        visit_attest(v);
        return;
    case ROUTE_HAND_IN:
        visit_hand_in(v);
        return;
    case ROUTE_FIND:
        if (!visit_post_find(v))
            break;
        return;
    case ROUTE_NONE:
    case ROUTE_DIRECTORY:
    case ROUTE_HOME:
    case ROUTE_ACT:
    case ROUTE_ANSWER:
    case ROUTE_COPY:
    case ROUTE_STATUS:
    case ROUTE_REPORT:
    case ROUTE_ACCESSIBLE:
    case ROUTE_PROCESSING:
    case ROUTE_PROCESSING_FILE:
    case ROUTE_FILE:
    case ROUTE_PAGES:
        break;
    }
    visit_words(v, 405, "none.title", "none.words");
}

static bool read_fields(visit *v)
{
    return form_read(v->query ? v->query : "", v->query ? strlen(v->query) : 0, &v->params) &&
           form_read(v->body ? v->body : "", v->body_len, &v->fields);
}

/* What was just done, when the redirect says so: one of our own keys, never a stranger's text. */
static void read_done(visit *v)
{
    const char *key = form_value(&v->params, "klart");
    if (strncmp(key, "done.", 5) == 0 && phrase_of(v->house->phrases, key))
        v->view.done = key;
}

static void answer(visit *v)
{
    if (v->route.page == ROUTE_FILE) {
        send_file(v);
        return;
    }
    find_visitor(v);
    if (!v->view.who && !v->route.open_to_all) {
        ask_to_sign_in(v);
        return;
    }
    if (!v->view.who)
        form_token(v);
    if (is_post(v) && (!v->route.post || !form_is_ours(v))) {
        visit_words(v, v->fresh_token ? 400 : 403, "form.title",
                    v->fresh_token ? "sign.cookies" : "form.words");
        return;
    }
    if (v->fresh_token)
        give_form_token(v);
    read_done(v);
    if (is_post(v))
        dispatch_post(v);
    else
        visit_show(v);
}

void visit_run(visit *v)
{
    v->status = 200;
    v->type = "text/html; charset=utf-8";
    randombytes_buf(v->seed, sizeof v->seed);
    v->view = (view){ .h = { .phrases = v->house->phrases },
                      .clock = { v->house->tz, v->house->phrases, v->now },
                      .directory = v->house->directory != NULL,
                      .token = v->token,
                      .seed = v->seed };
    visit_read_look(v);
    const bool known =
        strcmp(v->method, "GET") == 0 || strcmp(v->method, "HEAD") == 0 || is_post(v);
    if (!known)
        visit_words(v, 405, "none.title", "none.words");
    else if (v->too_large || !read_fields(v))
        visit_words(v, v->too_large ? 413 : 400, "form.title", "form.words");
    else if (!route_find(v->path, &v->route))
        visit_words(v, 404, "none.title", "none.words");
    else if (v->shut)
        visit_words(v, 503, "hand-in.title", v->shut);
    else
        answer(v);
}
