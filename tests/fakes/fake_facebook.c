/* fake_facebook.c - upp-fake-facebook: the fake page behind HTTP on this machine.
 *
 *   upp-fake-facebook PORT PAGE NAME TOKEN [JOURNAL]
 *
 * PORT 0: any; says "port <n>" on standard output. JOURNAL is a file that keeps what changed the
 * page: with the same file it is the same page again. GET / shows it to a person.
 * GET /<name>, the page's own address, shows what Meta shows without a login: its wall, /login/.
 * Everything else but /_/ is the Graph API. A test tells it what people do by POST of a form to
 *   /_/post text=             /_/comment below= author= name= text= [photo=]   -> {"id"}
 *   /_/edit id= text=         /_/remove id=    /_/hide id= hidden=true|false   /_/forbid id=
 *   /_/fail fault= times= writes=true|false    (throttled broken garbled cut-before cut-after
 *                                             hang-after)
 *   /_/token token=           /_/rights names= moderation= refused=            /_/usage percent=
 *   /_/push url= secret= id= verb= [times=]    posts a signed webhook; -> {"status": of the answer}
 * GET /_/deeds lists what was done on the page, /_/visible?id= whether a comment is to be seen. */
#include "facebook_fake.h"
#include "facebook_state.h"
#include "fake_journal.h"
#include "signature.h"
#include <curl/curl.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { HANGING = 64 };
typedef struct shell {
    fakebook *page;
    FILE *journal; /* NULL: nothing is kept */
    struct MHD_Connection *hanging[HANGING];
    size_t n_hanging;
    pthread_mutex_t lock; /* libmicrohttpd answers from a thread of its own */
} shell;

typedef struct upload {
    char *body;
    size_t len;
} upload;

static json_t *id_or_null(const char *id)
{
    return json_pack("{s:s?}", "id", id);
}

static size_t swallow(char *at, size_t one, size_t n, void *self)
{
    (void)at;
    (void)self;
    return one * n;
}

/* Posts it as Meta would; the status of the answer, 0 when none came. */
static long post_webhook(const char *url, const char *secret, const char *body)
{
    char value[SIGNATURE_TEXT], header[SIGNATURE_TEXT + 32];
    long status = 0;
    const upp_bytes key = { (const uint8_t *)secret, strlen(secret) };
    signature_make(SIGNATURE_META, key, NULL, (upp_bytes){ (const uint8_t *)body, strlen(body) },
                   value);
    snprintf(header, sizeof header, "X-Hub-Signature-256: %s", value);
    struct curl_slist *headers = curl_slist_append(NULL, header);
    headers = curl_slist_append(headers, "Content-Type: application/json");
    CURL *e = curl_easy_init();
    upp_check(e);
    curl_easy_setopt(e, CURLOPT_URL, url);
    curl_easy_setopt(e, CURLOPT_PROXY, "");
    curl_easy_setopt(e, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(e, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, swallow);
    curl_easy_setopt(e, CURLOPT_TIMEOUT, 20L);
    if (curl_easy_perform(e) == CURLE_OK)
        curl_easy_getinfo(e, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(e);
    curl_slist_free_all(headers);
    return status;
}

static json_t *push(const shell *s, const fakebook_asked *a, int64_t now)
{
    const char *url = fakebook_param(a, "url"), *secret = fakebook_param(a, "secret");
    const char *id = fakebook_param(a, "id"), *verb = fakebook_param(a, "verb");
    const char *times = fakebook_param(a, "times");
    char *body = url && secret && id && verb ? fakebook_change(s->page, id, verb, now) : NULL;
    long status = 0;
    for (long i = times ? strtol(times, NULL, 10) : 1; body && i > 0; i--)
        status = post_webhook(url, secret, body);
    free(body);
    return json_pack("{s:i}", "status", (int)status);
}

static json_t *deeds(const fakebook *f)
{
    const fakebook_deed *list;
    json_t *all = json_array();
    const size_t n = fakebook_deeds(f, &list);
    for (size_t i = 0; i < n; i++)
        json_array_append_new(all, json_pack("{s:s, s:s, s:s, s:b, s:I}", "what", list[i].what,
                                             "id", list[i].id, "text", list[i].text, "effect",
                                             list[i].effect, "at", (json_int_t)list[i].at_s));
    return all;
}

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

static json_t *people(shell *s, const fakebook_asked *a, int64_t now)
{
    fakebook *f = s->page;
    const char *id = or_empty(fakebook_param(a, "id"));
    const fakebook_words w = { .author = fakebook_param(a, "author"),
                               .name = fakebook_param(a, "name"),
                               .text = fakebook_param(a, "text"),
                               .photo = fakebook_param(a, "photo") };
    if (strcmp(a->edge, "post") == 0)
        return id_or_null(fakebook_post(f, &w, now));
    if (strcmp(a->edge, "comment") == 0)
        return id_or_null(fakebook_comment(f, or_empty(fakebook_param(a, "below")), &w, now));
    if (strcmp(a->edge, "edit") == 0)
        return json_pack("{s:b}", "done", fakebook_edit(f, id, or_empty(w.text)));
    if (strcmp(a->edge, "remove") == 0)
        return json_pack("{s:b}", "done", fakebook_remove(f, id));
    if (strcmp(a->edge, "hide") == 0)
        return json_pack("{s:b}", "done", fakebook_hide(f, id, fakebook_flag(a, "hidden") == 1));
    if (strcmp(a->edge, "visible") == 0)
        return json_pack("{s:b, s:b}", "visible", fakebook_visible(f, id), "there",
                         fakebook_there(f, id));
    return NULL;
}

static json_t *trouble(shell *s, const fakebook_asked *a)
{
    fakebook *f = s->page;
    const char *id = or_empty(fakebook_param(a, "id"));
    const int fault = fakebook_fault_named(or_empty(fakebook_param(a, "fault")));
    const char *times = fakebook_param(a, "times");
    if (strcmp(a->edge, "fail") == 0 && fault >= 0)
        fakebook_fail(f, (enum fakebook_fault)fault, times ? (int)strtol(times, NULL, 10) : 1,
                      fakebook_flag(a, "writes") == 1);
    else if (strcmp(a->edge, "token") == 0)
        fakebook_token(f, or_empty(fakebook_param(a, "token")));
    else if (strcmp(a->edge, "rights") == 0)
        fakebook_rights(f, fakebook_flag(a, "names") != 0, fakebook_flag(a, "moderation") != 0,
                        fakebook_param(a, "refused"));
    else if (strcmp(a->edge, "usage") == 0)
        fakebook_usage(f, (int)strtol(or_empty(fakebook_param(a, "percent")), NULL, 10));
    else if (strcmp(a->edge, "forbid") == 0 && fakebook_there(f, id))
        fakebook_forbid(f, id);
    else
        return NULL;
    return json_pack("{s:b}", "done", 1);
}

/* "/_/<what>": what a test says. NULL: there is no such thing. */
static json_t *told(shell *s, const fakebook_request *q)
{
    fakebook_asked a = { .f = s->page, .q = q };
    fakebook_read_params(&a);
    fakebook_read_path(&a);
    json_t *json = strcmp(a.edge, "deeds") == 0  ? deeds(s->page)
                   : strcmp(a.edge, "push") == 0 ? push(s, &a, q->now_s)
                                                 : people(s, &a, q->now_s);
    if (!json)
        json = trouble(s, &a);
    json_decref(a.params);
    return json;
}

/* A visitor without a login: of the page's name nothing but the way to the sign-in (capture.md
 * §6.1). NULL: no page of the site has that path. */
static struct MHD_Response *wall(const char *path)
{
    static char form[] =
        "<!doctype html><html lang=\"sv\"><meta charset=\"utf-8\"><title>Logga in på låtsasboken"
        "</title><h1>Låtsasboken</h1><p>Du måste logga in för att fortsätta.</p><form "
        "method=\"post\">"
        "<label>E-postadress <input name=\"email\"></label> <label>Lösenord <input name=\"pass\" "
        "type=\"password\"></label> <button>Logga in</button></form>";
    static const char sign_in[] = "/login/";
    const bool is_form = strcmp(path, sign_in) == 0;
    const size_t name = path[0] == '/' ? strcspn(path + 1, "/.") : 0;
    if (!is_form && (name == 0 || path[1 + name] != '\0'))
        return NULL;
    struct MHD_Response *r = MHD_create_response_from_buffer(is_form ? sizeof form - 1 : 0, form,
                                                             MHD_RESPMEM_PERSISTENT);
    upp_check(r);
    MHD_add_response_header(r, is_form ? "Content-Type" : "Location",
                            is_form ? "text/html; charset=UTF-8" : sign_in);
    return r;
}

static enum MHD_Result respond(struct MHD_Connection *http, int status, const char *type,
                               char *body, const char *usage)
{
    struct MHD_Response *r =
        MHD_create_response_from_buffer(strlen(body), body, MHD_RESPMEM_MUST_FREE);
    upp_check(r);
    MHD_add_response_header(r, "Content-Type", type);
    if (usage)
        MHD_add_response_header(r, "X-Business-Use-Case-Usage", usage);
    const enum MHD_Result queued = MHD_queue_response(http, (unsigned)status, r);
    MHD_destroy_response(r);
    return queued;
}

static enum MHD_Result add_argument(void *self, enum MHD_ValueKind kind, const char *key,
                                    const char *value)
{
    char *text = value ? curl_easy_escape(NULL, value, 0) : NULL;
    (void)kind;
    fprintf(self, "%s=%s&", key, text ? text : "");
    curl_free(text);
    return MHD_YES;
}

/* What is read from the journal is done once more; nobody waits for the answer. */
static void again(void *ctx, const fakebook_request *q)
{
    shell *s = ctx;
    if (strncmp(q->path, "/_/", 3) == 0) {
        json_decref(told(s, q));
        return;
    }
    fakebook_response r;
    fakebook_answer(s->page, q, &r);
    free(r.body);
}

/* A webhook goes out into the world: it changes nothing here. */
static bool changes(const fakebook_request *q)
{
    return strcmp(q->method, "GET") != 0 && strcmp(q->path, "/_/push") != 0;
}

static enum MHD_Result serve(shell *s, struct MHD_Connection *http, const fakebook_request *q)
{
    static const char json_type[] = "application/json; charset=UTF-8";
    if (s->journal && changes(q))
        fake_journal_add(s->journal, q);
    if (strcmp(q->path, "/") == 0)
        return respond(http, 200, "text/html; charset=UTF-8", fake_page_html(s->page), NULL);
    if (strncmp(q->path, "/_/", 3) == 0) {
        json_t *json = told(s, q);
        char *body = json ? json_dumps(json, JSON_COMPACT) : strdup("{}");
        json_decref(json);
        upp_check(body);
        return respond(http, json ? 200 : 404, json_type, body, NULL);
    }
    struct MHD_Response *walled =
        strcmp(q->method, "GET") == 0 && !q->bearer ? wall(q->path) : NULL;
    if (walled) {
        const unsigned status = MHD_get_response_header(walled, "Location") ? 302 : 200;
        const enum MHD_Result queued = MHD_queue_response(http, status, walled);
        MHD_destroy_response(walled);
        return queued;
    }
    fakebook_response r;
    fakebook_answer(s->page, q, &r);
    if (r.hang && s->n_hanging < HANGING) {
        free(r.body);
        MHD_suspend_connection(http);
        s->hanging[s->n_hanging++] = http;
        return MHD_YES;
    }
    if (!r.cut)
        return respond(http, r.status, json_type, r.body ? r.body : strdup(""), r.usage);
    free(r.body);
    return MHD_NO; /* closes the connection without an answer */
}

static enum MHD_Result on_request(void *self, struct MHD_Connection *http, const char *url,
                                  const char *method, const char *version, const char *bytes,
                                  size_t *n, void **seen)
{
    shell *s = self;
    upload *up = *seen;
    (void)version;
    if (!up) {
        *seen = calloc(1, sizeof *up);
        return *seen ? MHD_YES : MHD_NO;
    }
    if (*n > 0) {
        up->body = realloc(up->body, up->len + *n + 1);
        upp_check(up->body);
        memcpy(up->body + up->len, bytes, *n);
        up->len += *n;
        up->body[up->len] = '\0';
        *n = 0;
        return MHD_YES;
    }
    char *query = NULL, host[128];
    size_t len = 0;
    FILE *out = open_memstream(&query, &len);
    upp_check(out);
    MHD_get_connection_values(http, MHD_GET_ARGUMENT_KIND, add_argument, out);
    fclose(out);
    const char *bearer = MHD_lookup_connection_value(http, MHD_HEADER_KIND, "Authorization");
    const char *called = MHD_lookup_connection_value(http, MHD_HEADER_KIND, "Host");
    snprintf(host, sizeof host, "http://%s", called ? called : "127.0.0.1");
    const fakebook_request q = {
        .method = method,
        .path = url,
        .query = query,
        .body = up->body,
        .type = MHD_lookup_connection_value(http, MHD_HEADER_KIND, "Content-Type"),
        .bearer = bearer && strncmp(bearer, "Bearer ", 7) == 0 ? bearer + 7 : NULL,
        .host = host,
        .now_s = time(NULL)
    };
    pthread_mutex_lock(&s->lock);
    const enum MHD_Result done = serve(s, http, &q);
    pthread_mutex_unlock(&s->lock);
    free(query);
    return done;
}

static void on_completed(void *self, struct MHD_Connection *http, void **seen,
                         enum MHD_RequestTerminationCode why)
{
    upload *up = *seen;
    (void)self;
    (void)http;
    (void)why;
    if (up)
        free(up->body);
    free(up);
    *seen = NULL;
}

int main(int argc, char **argv)
{
    if (argc != 5 && argc != 6) {
        fprintf(stderr, "usage: upp-fake-facebook PORT PAGE NAME TOKEN [JOURNAL]\n");
        return 2;
    }
    sigset_t ends;
    int which = 0;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    shell s = { .page = fakebook_new(argv[2], argv[3], argv[4]),
                .lock = PTHREAD_MUTEX_INITIALIZER };
    if (argc == 6 && !(s.journal = fake_journal_open(argv[5], again, &s))) {
        fprintf(stderr, "upp-fake-facebook: %s: cannot be used, or is damaged\n", argv[5]);
        fakebook_free(s.page);
        return 1;
    }
    const struct sockaddr_in at = { .sin_family = AF_INET,
                                    .sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10)),
                                    .sin_addr = { htonl(INADDR_LOOPBACK) } };
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request, &s,
        MHD_OPTION_SOCK_ADDR, &at, MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_END);
    if (!daemon) {
        fprintf(stderr, "upp-fake-facebook: cannot listen on port %s\n", argv[1]);
        if (s.journal)
            fclose(s.journal);
        fakebook_free(s.page);
        return 1;
    }
    printf("port %u\n", MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
    fflush(stdout);
    sigwait(&ends, &which);
    for (size_t i = 0; i < s.n_hanging; i++)
        MHD_resume_connection(s.hanging[i]);
    MHD_stop_daemon(daemon);
    if (s.journal)
        fclose(s.journal);
    fakebook_free(s.page);
    curl_global_cleanup();
    return 0;
}
