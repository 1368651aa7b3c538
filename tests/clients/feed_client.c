/* feed_client.c - an example of a system that follows uppsikt's public log, in C with libcurl and
 * jansson (services/feed/asyncapi.yaml).
 *
 *     UPPSIKT_FEED_TOKEN=... feed_client http://127.0.0.1:8085 POSITION
 *
 * Prints "<position> <type> <subject>" for each event and ends when there are no more. Whoever
 * follows for good keeps the position beside what was made of the events, in one transaction, and
 * goes on from there; `wait=60` lets the server answer as soon as there is something. */
#include <curl/curl.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct answer {
    char *at;
    size_t len;
    long long position; /* of the header Uppsikt-Position; -1: it was not there */
} answer;

static size_t take(char *bytes, size_t size, size_t n, void *ctx)
{
    answer *a = ctx;
    char *more = realloc(a->at, a->len + size * n + 1);
    if (!more)
        return 0;
    a->at = more;
    memcpy(a->at + a->len, bytes, size * n);
    a->len += size * n;
    a->at[a->len] = '\0';
    return size * n;
}

static size_t take_header(char *line, size_t size, size_t n, void *ctx)
{
    static const char name[] = "Uppsikt-Position: ";
    answer *a = ctx;
    if (size * n > sizeof name && strncmp(line, name, sizeof name - 1) == 0)
        a->position = strtoll(line + sizeof name - 1, NULL, 10);
    return size * n;
}

/* The next events; false: the server said no, and why is on stderr. */
static bool pull(CURL *curl, const char *url, long long after, answer *ret_answer)
{
    char line[1024];
    long status = 0;
    snprintf(line, sizeof line, "%s/events?after=%lld", url, after);
    *ret_answer = (answer){ .position = -1 };
    curl_easy_setopt(curl, CURLOPT_URL, line);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, ret_answer);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, ret_answer);
    const CURLcode rc = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (rc == CURLE_OK && status == 200 && ret_answer->position >= 0)
        return true;
    fprintf(stderr, "%s: %ld %s\n", curl_easy_strerror(rc), status,
            ret_answer->at ? ret_answer->at : "");
    return false;
}

static bool print_events(const answer *a, size_t *ret_n)
{
    json_t *events = json_loadb(a->at, a->len, 0, NULL);
    const json_t *event = NULL;
    size_t i = 0;
    *ret_n = json_array_size(events);
    json_array_foreach(events, i, event)
        printf("%s %s %s\n", json_string_value(json_object_get(event, "position")),
               json_string_value(json_object_get(event, "type")),
               json_string_value(json_object_get(event, "subject")));
    const bool good = events != NULL;
    json_decref(events);
    return good;
}

int main(int argc, char **argv)
{
    const char *token = getenv("UPPSIKT_FEED_TOKEN");
    char header[256];
    size_t n = 1;
    if (argc != 3 || !token) {
        fputs("usage: UPPSIKT_FEED_TOKEN=TOKEN feed_client URL POSITION\n", stderr);
        return 2;
    }
    long long after = strtoll(argv[2], NULL, 10);
    CURL *curl = curl_easy_init();
    snprintf(header, sizeof header, "Authorization: Bearer %s", token);
    struct curl_slist *headers = curl_slist_append(NULL, header);
    bool good = curl && headers;
    if (good)
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    while (good && n > 0) {
        answer a;
        good = pull(curl, argv[1], after, &a) && print_events(&a, &n);
        after = a.position;
        free(a.at);
    }
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return good ? 0 : 1;
}
