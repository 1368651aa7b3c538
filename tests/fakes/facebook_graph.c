/* facebook_graph.c - the Graph API of the fake page: requests and their answers (§7.1-§7.5). */
#include "facebook_state.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -- answers -- */
static void answer(fakebook_response *ret, int status, json_t *json)
{
    free(ret->body);
    ret->status = status;
    ret->body = json_dumps(json, JSON_COMPACT | JSON_ENSURE_ASCII);
    upp_check(ret->body);
    json_decref(json);
}

static void refuse(fakebook_response *ret, int status, const char *type, int code, int sub)
{
    json_t *error = json_pack("{s:s, s:s, s:i, s:s}", "message", "This wording may change.", "type",
                              type, "code", code, "fbtrace_id", "A1b2C3");
    if (sub)
        json_object_set_new(error, "error_subcode", json_integer(sub));
    answer(ret, status, json_pack("{s:o}", "error", error));
}

static void refuse_unknown(fakebook_response *ret)
{
    refuse(ret, 400, "GraphMethodException", 100, 33);
}

/* -- fields -- */
/* Is `name` asked for at the outermost level of "a,b.limit(2){c,d},e"? *ret_inner: what stands
 * in its own braces, from malloc; NULL when there are none. */
static bool wants(const char *fields, const char *name, char **ret_inner)
{
    const size_t n = strlen(name);
    for (const char *at = fields; *at;) {
        size_t len = 0, open = 0;
        int depth = 0;
        while (at[len] && (at[len] != ',' || depth > 0)) {
            if (at[len] == '{' && depth == 0)
                open = len;
            depth += at[len] == '{' || at[len] == '('   ? 1
                     : at[len] == '}' || at[len] == ')' ? -1
                                                        : 0;
            len++;
        }
        if (strncmp(at, name, n) == 0 && (n == len || at[n] == '.' || at[n] == '{')) {
            if (ret_inner && open)
                *ret_inner = strndup(at + open + 1, len - open - 2);
            return true;
        }
        at += len + (at[len] == ',');
    }
    return false;
}

static void put(json_t *object, const char *fields, const char *name, json_t *value)
{
    if (wants(fields, name, NULL))
        json_object_set(object, name, value);
    json_decref(value);
}

/* "2026-11-23T10:00:00+0000" (days from the civil calendar: H. Hinnant's algorithm). */
static json_t *time_of(int64_t s)
{
    const int64_t days = s / 86400, z = days + 719468, era = z / 146097, doe = z - era * 146097;
    const int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    const int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    const int64_t month = mp < 10 ? mp + 3 : mp - 9;
    char text[80];
    snprintf(text, sizeof text,
             "%04" PRId64 "-%02" PRId64 "-%02" PRId64 "T%02" PRId64 ":%02" PRId64 ":%02" PRId64
             "+0000",
             yoe + era * 400 + (month <= 2), month, doy - (153 * mp + 2) / 5 + 1, s % 86400 / 3600,
             s % 3600 / 60, s % 60);
    return json_string(text);
}

static json_t *show_comment(const fakebook *f, const fakebook_node *n, const char *fields)
{
    const bool own = strcmp(n->author, f->page) == 0;
    json_t *c = json_pack("{s:s}", "id", n->id);
    char link[160];
    snprintf(link, sizeof link, "https://www.facebook.com/%s/posts/%d?comment_id=%d", f->page,
             n->post->number, n->number);
    put(c, fields, "message", json_string(n->text));
    put(c, fields, "created_time", time_of(n->created_s));
    put(c, fields, "is_hidden", json_boolean(n->hidden));
    put(c, fields, "can_hide", json_boolean(!own && !n->forbidden));
    put(c, fields, "can_remove", json_boolean(!n->forbidden));
    put(c, fields, "permalink_url", json_string(link));
    if (f->names)
        put(c, fields, "from", json_pack("{s:s, s:s}", "id", n->author, "name", n->name));
    if (n->parent)
        put(c, fields, "parent", json_pack("{s:s}", "id", n->parent->id));
    if (n->photo) /* the platform signs its links anew each time */
        put(c, fields, "attachment",
            json_pack("{s:s, s:{s:{s:s+, s:i}}, s:s}", "type", "photo", "media", "image", "src",
                      n->photo, f->n_requests % 2 ? "?oh=a1&oe=b" : "?oh=a2&oe=c", "width", 720,
                      "url", "https://www.facebook.com/photo.php?fbid=1"));
    return c;
}

/* -- lists -- */
static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void cursor_make(size_t offset, char ret[24])
{
    char plain[16];
    const size_t n = (size_t)snprintf(plain, sizeof plain, "%zu", offset);
    size_t k = 0;
    for (size_t i = 0; i < n; i += 3) {
        const size_t left = n - i;
        const unsigned a = (unsigned char)plain[i], b = left > 1 ? (unsigned char)plain[i + 1] : 0,
                       c = left > 2 ? (unsigned char)plain[i + 2] : 0, v = a << 16 | b << 8 | c;
        ret[k++] = digits[v >> 18];
        ret[k++] = digits[v >> 12 & 63];
        ret[k++] = left > 1 ? digits[v >> 6 & 63] : '=';
        ret[k++] = left > 2 ? digits[v & 63] : '=';
    }
    ret[k] = '\0';
}

/* What this fake never made is the beginning. */
static size_t cursor_read(const char *cursor)
{
    char made[24];
    for (size_t i = 1; cursor && i < 100000; i++) {
        cursor_make(i, made);
        if (strcmp(made, cursor) == 0)
            return i;
    }
    return 0;
}

typedef struct listing {
    const fakebook_node **nodes;
    size_t n, offset, limit;
} listing;

static json_t *paging_of(const fakebook_asked *a, const char *path, const listing *l, size_t shown)
{
    char before[24], after[24], next[2300];
    cursor_make(l->offset + 1, before);
    cursor_make(l->offset + shown, after);
    json_t *paging = json_pack("{s:{s:s, s:s}}", "cursors", "before", before, "after", after);
    if (l->offset + shown >= l->n)
        return paging;
    snprintf(next, sizeof next, "%s%s?limit=%zu&after=%s", a->q->host ? a->q->host : "", path,
             l->limit, after);
    json_object_set_new(paging, "next", json_string(next));
    return paging;
}

static json_t *
list_of(const fakebook_asked *a, const char *path, const listing *l, const char *fields,
        json_t *(*show)(const fakebook_asked *a, const fakebook_node *n, const char *fields))
{
    json_t *data = json_array();
    for (size_t i = l->offset; i < l->n && i < l->offset + l->limit; i++)
        json_array_append_new(data, show(a, l->nodes[i], fields));
    const size_t shown = json_array_size(data);
    json_t *list = json_pack("{s:o}", "data", data);
    if (shown > 0) /* none when it is empty */
        json_object_set_new(list, "paging", paging_of(a, path, l, shown));
    return list;
}

static json_t *show_one_comment(const fakebook_asked *a, const fakebook_node *n, const char *fields)
{
    return show_comment(a->f, n, fields);
}

typedef struct wanted {
    bool stream, reverse;
    size_t limit;
    const char *after;
} wanted;

static json_t *comments_of(const fakebook_asked *a, const fakebook_node *above, const wanted *w,
                           const char *fields)
{
    const fakebook *f = a->f;
    const fakebook_node **nodes = calloc(f->n_nodes + 1, sizeof(fakebook_node *));
    listing l = { .nodes = nodes, .offset = cursor_read(w->after), .limit = w->limit };
    char path[128];
    upp_check(nodes);
    for (size_t i = 0; i < f->n_nodes; i++) {
        const fakebook_node *n = f->nodes[w->reverse ? f->n_nodes - 1 - i : i];
        const bool under = above->post == above
                               ? n->post == above && n != above && (w->stream || !n->parent)
                               : n->parent == above;
        if (under && !n->removed)
            nodes[l.n++] = n;
    }
    snprintf(path, sizeof path, "/v25.0/%s/comments", above->id);
    json_t *list = list_of(a, path, &l, fields, show_one_comment);
    free(nodes);
    return list;
}

/* "comments.filter(stream).order(reverse_chronological).limit(25){…}" */
static json_t *inline_comments(const fakebook_asked *a, const fakebook_node *n, const char *fields)
{
    char *inner = NULL;
    if (!wants(fields, "comments", &inner))
        return NULL;
    const char *at = strstr(fields, "comments.");
    const char *limit = at ? strstr(at, "limit(") : NULL;
    const wanted w = { .stream = at && strstr(at, "filter(stream)"),
                       .reverse = at && strstr(at, "order(reverse_chronological)"),
                       .limit = limit ? strtoul(limit + 6, NULL, 10) : 25 };
    json_t *list = comments_of(a, n, &w, inner ? inner : "message,created_time");
    free(inner);
    if (json_array_size(json_object_get(list, "data")) > 0)
        return list;
    json_decref(list); /* a post without comments has no such part */
    return NULL;
}

static json_t *show_post(const fakebook_asked *a, const fakebook_node *n, const char *fields)
{
    json_t *p = json_pack("{s:s}", "id", n->id);
    char link[128];
    snprintf(link, sizeof link, "https://www.facebook.com/%s/posts/%d", a->f->page, n->number);
    put(p, fields, "message", json_string(n->text));
    put(p, fields, "created_time", time_of(n->created_s));
    put(p, fields, "permalink_url", json_string(link));
    if (a->f->names || strcmp(n->author, a->f->page) == 0)
        put(p, fields, "from", json_pack("{s:s, s:s}", "id", n->author, "name", n->name));
    json_t *comments = inline_comments(a, n, fields);
    if (comments)
        json_object_set_new(p, "comments", comments);
    return p;
}

static size_t limit_of(const fakebook_asked *a)
{
    const char *limit = fakebook_param(a, "limit");
    const size_t n = limit ? strtoul(limit, NULL, 10) : 25;
    return n == 0 || n > 100 ? 100 : n;
}

/* Newest first; `since` is about the post's own time. */
static json_t *feed(const fakebook_asked *a, const char *fields)
{
    const fakebook *f = a->f;
    const char *since = fakebook_param(a, "since");
    const int64_t from = since ? strtoll(since, NULL, 10) : 0;
    const fakebook_node **nodes = calloc(f->n_nodes + 1, sizeof(fakebook_node *));
    listing l = { .nodes = nodes,
                  .offset = cursor_read(fakebook_param(a, "after")),
                  .limit = limit_of(a) };
    char path[128];
    upp_check(nodes);
    for (size_t i = f->n_nodes; i-- > 0;)
        if (f->nodes[i]->post == f->nodes[i] && !f->nodes[i]->removed &&
            f->nodes[i]->created_s >= from)
            nodes[l.n++] = f->nodes[i];
    snprintf(path, sizeof path, "/v25.0/%s/feed", f->page);
    json_t *list = list_of(a, path, &l, fields, show_post);
    free(nodes);
    return list;
}

/* -- reading -- */
static void read_thing(const fakebook_asked *a, fakebook_response *ret)
{
    const char *fields = fakebook_param(a, "fields");
    const fakebook_node *n = fakebook_node_of(a->f, a->id);
    if (!fields)
        fields = "message,created_time,from";
    if (a->f->refused[0] && strstr(fields, a->f->refused)) { /* the whole call fails */
        refuse(ret, 400, "OAuthException", 100, 0);
        return;
    }
    const bool page = strcmp(a->id, a->f->page) == 0;
    const char *order = fakebook_param(a, "order"), *filter = fakebook_param(a, "filter");
    const wanted w = { .stream = filter && strcmp(filter, "stream") == 0,
                       .reverse = order && strcmp(order, "reverse_chronological") == 0,
                       .limit = limit_of(a),
                       .after = fakebook_param(a, "after") };
    if (page && !a->edge[0])
        answer(ret, 200, json_pack("{s:s, s:s}", "id", a->f->page, "name", a->f->name));
    else if (page && (strcmp(a->edge, "feed") == 0 || strcmp(a->edge, "posts") == 0))
        answer(ret, 200, feed(a, fields));
    else if (!n)
        refuse_unknown(ret);
    else if (strcmp(a->edge, "comments") == 0)
        answer(ret, 200, comments_of(a, n, &w, fields));
    else if (a->edge[0])
        refuse(ret, 400, "OAuthException", 100, 0);
    else
        answer(ret, 200, n->post == n ? show_post(a, n, fields) : show_comment(a->f, n, fields));
}

/* -- changing -- */
static void reply(fakebook_asked *a, fakebook_node *above, fakebook_response *ret)
{
    const char *text = fakebook_param(a, "message");
    if (!text || !text[0]) {
        refuse(ret, 400, "OAuthException", 100, 0);
        return;
    }
    fakebook_note(a->f, "reply", above, text, true, a->q->now_s);
    const fakebook_node *n =
        fakebook_add(a->f, above, &(fakebook_words){ .text = text }, a->q->now_s);
    answer(ret, 200, json_pack("{s:s}", "id", n->id));
}

static void change(fakebook_asked *a, fakebook_node *n, fakebook_response *ret)
{
    const int hidden = fakebook_flag(a, "is_hidden");
    const char *text = fakebook_param(a, "message");
    const bool own = strcmp(n->author, a->f->page) == 0;
    if ((hidden < 0 && !text) || (hidden >= 0 && (own || n->forbidden)) || (text && !own)) {
        refuse(ret, 400, "OAuthException", 100, 0);
        return;
    }
    if (hidden >= 0) {
        fakebook_note(a->f, hidden ? "hide" : "unhide", n, "", n->hidden != (hidden == 1),
                      a->q->now_s);
        n->hidden = hidden == 1;
    }
    if (text) {
        fakebook_note(a->f, "edit", n, text, true, a->q->now_s);
        (void)fakebook_edit(a->f, n->id, text);
    }
    answer(ret, 200, json_pack("{s:b}", "success", 1));
}

static void change_thing(fakebook_asked *a, fakebook_response *ret)
{
    fakebook_node *n = fakebook_node_of(a->f, a->id);
    if (!a->f->moderation) {
        refuse(ret, 403, "OAuthException", 200, 0);
    } else if (!n) {
        refuse_unknown(ret);
    } else if (strcmp(a->q->method, "DELETE") == 0) {
        if (n->forbidden) {
            refuse(ret, 400, "OAuthException", 100, 0);
            return;
        }
        fakebook_note(a->f, "delete", n, "", true, a->q->now_s);
        (void)fakebook_remove(a->f, n->id);
        answer(ret, 200, json_pack("{s:b}", "success", 1));
    } else if (strcmp(a->edge, "comments") == 0) {
        reply(a, n, ret);
    } else {
        change(a, n, ret);
    }
}

/* -- doors and faults -- */
/* True: it is let in. */
static bool let_in(const fakebook_asked *a, fakebook_response *ret)
{
    const char *token = a->q->bearer ? a->q->bearer : fakebook_param(a, "access_token");
    if (token && strcmp(token, "LIMITED") == 0)
        refuse(ret, 403, "OAuthException", 32, 0);
    else if (token && strcmp(token, "EXPIRED") == 0)
        refuse(ret, 400, "OAuthException", 190, 463);
    else if (!token || strcmp(token, a->f->token) != 0)
        refuse(ret, token ? 400 : 401, "OAuthException", 190, 460);
    else
        return true;
    return false;
}

/* True: nothing more happens. */
static bool fail(const fakebook_asked *a, enum fakebook_fault fault, fakebook_response *ret)
{
    if (fault == FAKEBOOK_THROTTLED) {
        refuse(ret, 403, "OAuthException", 32, 0);
        snprintf(ret->usage, sizeof ret->usage,
                 "{\"%s\":[{\"type\":\"pages\",\"call_count\":100,\"total_cputime\":25,"
                 "\"total_time\":25,\"estimated_time_to_regain_access\":2}]}",
                 a->f->page);
    } else if (fault == FAKEBOOK_BROKEN) {
        refuse(ret, 500, "OAuthException", 2, 0);
    } else if (fault == FAKEBOOK_GARBLED) {
        free(ret->body);
        ret->body = strdup("<html><body>Sorry, something went wrong.</body></html>");
        ret->status = 502;
    } else if (fault == FAKEBOOK_CUT_BEFORE) {
        ret->cut = true;
    } else {
        return false;
    }
    return true;
}

static enum fakebook_fault next_fault(fakebook_asked *a)
{
    fakebook *f = a->f;
    if (f->fault_times == 0 || (f->fault_writes && !a->writes))
        return FAKEBOOK_WELL;
    f->fault_times--;
    return f->fault;
}

void fakebook_answer(fakebook *f, const fakebook_request *q, fakebook_response *ret)
{
    fakebook_asked a = { .f = f, .q = q, .writes = strcmp(q->method, "GET") != 0 };
    *ret = (fakebook_response){ .status = 500 };
    f->n_requests++;
    fakebook_read_params(&a);
    fakebook_read_path(&a);
    snprintf(ret->usage, sizeof ret->usage,
             "{\"%s\":[{\"type\":\"pages\",\"call_count\":%d,\"total_cputime\":2,\"total_time\":2,"
             "\"estimated_time_to_regain_access\":0}]}",
             f->page, f->usage);
    const enum fakebook_fault fault = next_fault(&a);
    if (!fail(&a, fault, ret) && let_in(&a, ret)) {
        if (a.writes)
            change_thing(&a, ret);
        else
            read_thing(&a, ret);
        ret->hang = fault == FAKEBOOK_HANG_AFTER;
        ret->cut = fault == FAKEBOOK_CUT_AFTER || ret->hang; /* to whom no connection is known */
    }
    json_decref(a.params);
}

void fakebook_call(fakebook *f, const char *url, const fakebook_request *q, fakebook_response *ret)
{
    const char *scheme = strstr(url, "://");
    const char *path = strchr(scheme ? scheme + 3 : url, '/');
    upp_check(path);
    const size_t n = strcspn(path, "?");
    char *host = strndup(url, (size_t)(path - url)), *own = strndup(path, n);
    upp_check(host && own);
    fakebook_request whole = *q;
    whole.host = host;
    whole.path = own;
    whole.query = path[n] ? path + n + 1 : NULL;
    fakebook_answer(f, &whole, ret);
    free(host);
    free(own);
}
