/* port_fetch.c - libcurl's easy interface, on a worker that may wait. */
#include "fetch.h"
#include "late_curl.h"
#include "upp/host.h"
#include <stdlib.h>
#include <string.h>

enum { CONNECT_MS = 3000, WHOLE_MS = 5000 };

typedef struct answer {
    char *at;
    size_t len, most;
    const atomic_bool *stop;
    bool too_large;
} answer;

static size_t take_body(char *at, size_t one, size_t n, void *self)
{
    answer *a = self;
    (void)one;
    if (a->len + n > a->most) {
        a->too_large = true;
        return 0;
    }
    a->at = realloc(a->at, a->len + n + 1);
    upp_check(a->at);
    memcpy(a->at + a->len, at, n);
    a->len += n;
    a->at[a->len] = '\0';
    return n;
}

/* Other than 0 ends it. */
static int look_up(void *self, curl_off_t all_down, curl_off_t down, curl_off_t all_up,
                   curl_off_t up)
{
    const answer *a = self;
    (void)all_down, (void)down, (void)all_up, (void)up;
    return atomic_load(a->stop) ? 1 : 0;
}

static void set_up(CURL *e, const fetch_ask *ask, answer *a)
{
    curl_easy_setopt(e, CURLOPT_URL, ask->url);
    curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, upp_url_is_here(ask->url) ? "http,https" : "https");
    if (ask->form) {
        curl_easy_setopt(e, CURLOPT_POSTFIELDS, ask->form);
        curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE, (long)strlen(ask->form));
    }
    if (ask->login) {
        curl_easy_setopt(e, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        curl_easy_setopt(e, CURLOPT_USERPWD, ask->login);
    }
    curl_easy_setopt(e, CURLOPT_USERAGENT, "uppsikt-console");
    curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)WHOLE_MS);
    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(e, CURLOPT_PROXY, "");
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(e, CURLOPT_WRITEDATA, a);
    curl_easy_setopt(e, CURLOPT_XFERINFOFUNCTION, look_up);
    curl_easy_setopt(e, CURLOPT_XFERINFODATA, a);
    curl_easy_setopt(e, CURLOPT_NOPROGRESS, 0L);
}

char *fetch(const fetch_ask *ask, size_t bytes_max, long *ret_status, const char **ret_why)
{
    answer a = { .most = bytes_max, .stop = ask->stop };
    CURL *e = curl_easy_init();
    upp_check(e);
    set_up(e, ask, &a);
    const CURLcode result = curl_easy_perform(e);
    (void)curl_easy_getinfo(e, CURLINFO_RESPONSE_CODE, ret_status);
    *ret_why = NULL;
    if (a.too_large)
        *ret_why = "its answer is too large";
    else if (result != CURLE_OK)
        *ret_why = curl_easy_strerror(result);
    else if (a.at && memchr(a.at, '\0', a.len))
        *ret_why = "its answer is no text";
    curl_easy_cleanup(e);
    if (!*ret_why) {
        char *body = a.at ? a.at : calloc(1, 1); /* an empty one is one, too */
        upp_check(body);
        return body;
    }
    free(a.at);
    return NULL;
}
