/* fake_opinion.c - upp-fake-opinion: the model outside behind HTTP on this machine.
 *
 *   upp-fake-opinion PORT KEYFILE
 *
 * PORT 0: any; says "port <n>" on standard output. A test sets its mood by POST /_/mood?is=MOOD
 * (fine slow throttled broken garbage strange huge elsewhere) and reads what it was asked by
 * GET /_/calls. A redirect goes to /_/elsewhere, which notes that somebody followed. */
#include "opinion_fake.h"
#include "upp/base.h"
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HANGING = 64 };

typedef struct shell {
    opinion_fake fake;
    struct MHD_Connection *hanging[HANGING];
    size_t n_hanging;
    pthread_mutex_t lock; /* libmicrohttpd answers from a thread of its own */
} shell;

typedef struct upload {
    char *body;
    size_t len;
} upload;

static enum MHD_Result respond(struct MHD_Connection *http, const opinion_reply *reply)
{
    char after[16];
    struct MHD_Response *r =
        MHD_create_response_from_buffer(strlen(reply->body), reply->body, MHD_RESPMEM_MUST_FREE);
    upp_check(r);
    MHD_add_response_header(r, "Content-Type", "application/json");
    snprintf(after, sizeof after, "%d", reply->after_s);
    if (reply->after_s > 0)
        MHD_add_response_header(r, "Retry-After", after);
    if (reply->status == 302)
        MHD_add_response_header(r, "Location", "/_/elsewhere");
    const enum MHD_Result queued = MHD_queue_response(http, (unsigned)reply->status, r);
    MHD_destroy_response(r);
    return queued;
}

/* "/_/<what>": a test speaks. */
static void told(shell *s, struct MHD_Connection *http, const char *what, opinion_reply *r)
{
    const char *is = MHD_lookup_connection_value(http, MHD_GET_ARGUMENT_KIND, "is");
    const int mood = is ? opinion_mood_named(is) : -1;
    *r = (opinion_reply){ .status = 200 };
    if (strcmp(what, "mood") == 0 && mood >= 0)
        s->fake.mood = (enum opinion_mood)mood;
    else if (strcmp(what, "elsewhere") == 0)
        json_array_append_new(s->fake.calls, json_pack("{s:s}", "path", "/_/elsewhere"));
    else if (strcmp(what, "calls") != 0)
        r->status = 404;
    r->body = json_dumps(s->fake.calls, JSON_COMPACT);
    upp_check(r->body);
}

static enum MHD_Result serve(shell *s, struct MHD_Connection *http, const char *url,
                             const char *body)
{
    opinion_reply r;
    if (strncmp(url, "/_/", 3) == 0) {
        told(s, http, url + 3, &r);
        return respond(http, &r);
    }
    const char *bearer = MHD_lookup_connection_value(http, MHD_HEADER_KIND, "Authorization");
    opinion_fake_answer(&s->fake, url,
                        bearer && strncmp(bearer, "Bearer ", 7) == 0 ? bearer + 7 : NULL, body, &r);
    if (!r.hang || s->n_hanging == HANGING)
        return respond(http, &r);
    free(r.body);
    MHD_suspend_connection(http);
    s->hanging[s->n_hanging++] = http;
    return MHD_YES;
}

static enum MHD_Result on_request(void *self, struct MHD_Connection *http, const char *url,
                                  const char *method, const char *version, const char *bytes,
                                  size_t *n, void **seen)
{
    shell *s = self;
    upload *up = *seen;
    (void)version;
    (void)method;
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
    pthread_mutex_lock(&s->lock);
    const enum MHD_Result done = serve(s, http, url, up->body);
    pthread_mutex_unlock(&s->lock);
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

/* The first line: a key does not stand in an argument, where everybody on the machine reads it. */
static bool read_key(const char *path, opinion_fake *fake)
{
    FILE *file = fopen(path, "r");
    const bool read = file && fgets(fake->key, sizeof fake->key, file);
    if (file)
        fclose(file);
    fake->key[strcspn(fake->key, "\n")] = '\0';
    return read && fake->key[0];
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: upp-fake-opinion PORT KEYFILE\n");
        return 2;
    }
    sigset_t ends;
    int which = 0;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    shell s = { .fake = { .calls = json_array() }, .lock = PTHREAD_MUTEX_INITIALIZER };
    upp_check(s.fake.calls);
    if (!read_key(argv[2], &s.fake)) {
        fprintf(stderr, "upp-fake-opinion: %s: no key in it\n", argv[2]);
        json_decref(s.fake.calls);
        return 1;
    }
    const struct sockaddr_in at = { .sin_family = AF_INET,
                                    .sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10)),
                                    .sin_addr = { htonl(INADDR_LOOPBACK) } };
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request, &s,
        MHD_OPTION_SOCK_ADDR, &at, MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_END);
    if (!daemon) {
        fprintf(stderr, "upp-fake-opinion: cannot listen on port %s\n", argv[1]);
        json_decref(s.fake.calls);
        return 1;
    }
    printf("port %u\n", MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
    fflush(stdout);
    sigwait(&ends, &which);
    for (size_t i = 0; i < s.n_hanging; i++)
        MHD_resume_connection(s.hanging[i]);
    MHD_stop_daemon(daemon);
    json_decref(s.fake.calls);
    return 0;
}
