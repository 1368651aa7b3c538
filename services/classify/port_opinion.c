/* port_opinion.c - the port `opinion`: one comment to a model outside, by chat completions over
 * HTTPS, and its answer. Nothing of either stands in a log; the key goes in a header alone. */
#include "chat.h"
#include "classify.h"
#include "label_wire.h"
#include "transfer.h"
#include "upp/host.h"
#include "uppsikt/classify.pb-c.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const upp_port *const upp_classify_ports[];

enum { CONNECTIONS = 2, BODY_BYTES = 256 * 1024, ATTEMPTS = 3 };

typedef struct opinion {
    upp_loop *loop;
    const classify_config *config;
    upp_transfers *transfers; /* NULL: no server is named */
    char *url;
} opinion;

typedef struct call {
    opinion *port;
    int64_t id;
    uint32_t attempt;
    const Uppsikt__AskOpinion *ask; /* lent until upp_done */
    CURL *easy;
    struct curl_slist *headers;
    char *body; /* what is asked */
    char *said; /* what comes back */
    size_t len, size;
    bool too_large;
} call;

/* So that neither key nor comment stays behind in memory that is handed out again. */
static void wipe(char *text, size_t len)
{
    for (volatile char *at = text; text && at < text + len; at++)
        *at = '\0';
}

static void call_free(call *c)
{
    curl_easy_cleanup(c->easy);
    for (struct curl_slist *h = c->headers; h; h = h->next)
        wipe(h->data, strlen(h->data));
    curl_slist_free_all(c->headers);
    wipe(c->body, c->body ? strlen(c->body) : 0);
    free(c->body);
    wipe(c->said, c->len);
    free(c->said);
    free(c);
}

static void end(call *c, const char *outcome, unsigned labels, const char *why)
{
    Uppsikt__Label list[CLASSIFY_LABELS];
    Uppsikt__OpinionAnswered out = UPPSIKT__OPINION_ANSWERED__INIT;
    upp_loop *loop = c->port->loop;
    const int64_t id = c->id;
    const char *model = c->port->config->opinion_model;
    for (unsigned l = 0; l < CLASSIFY_LABELS; l++) {
        if (labels & CLASSIFY_BIT(l))
            list[out.n_labels++] = label_on_wire((enum classify_label)l);
    }
    out.account = c->ask->account;
    out.version = c->ask->version;
    out.outcome = upp_lend(outcome);
    out.labels = list;
    out.why = upp_lend(why);
    out.model = upp_lend(model ? model : "");
    if (strcmp(outcome, "given") != 0)
        upp_loop_say(loop, "opinion %lld: none: %s", (long long)id, outcome);
    upp_done(loop, id, UPP_DONE, &out.base, 0);
    call_free(c);
}

/* Nobody is told of a second opinion that did not come: three tries, then it is let go. */
static void again(call *c, const char *outcome, upp_ms after_span)
{
    upp_loop *loop = c->port->loop;
    const int64_t id = c->id;
    if (c->attempt >= ATTEMPTS) {
        end(c, outcome, 0, "");
        return;
    }
    call_free(c);
    upp_done(loop, id, UPP_LATER, NULL, after_span);
}

static void on_ended(void *self, CURL *easy, CURLcode result)
{
    call *c = self;
    long status = 0;
    curl_off_t after = 0;
    char word[16];
    unsigned labels = 0;
    char why[CHAT_WHY];
    (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    (void)curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &after);
    snprintf(word, sizeof word, "%ld", status);
    if (c->too_large)
        end(c, "too-large", 0, "");
    else if (result == CURLE_OPERATION_TIMEDOUT)
        again(c, "timeout", 0);
    else if (result != CURLE_OK)
        again(c, "connect", 0);
    else if (status == 408 || status == 429 || status >= 500)
        again(c, word, after > 0 && after < 3600 ? (upp_ms)after * UPP_SECOND : 0);
    else if (status != 200)
        end(c, word, 0, "");
    else if (chat_read(c->said ? c->said : "", c->len, &labels, why) < 0)
        end(c, "strange", 0, "");
    else
        end(c, "given", labels, why);
}

static size_t take_body(char *at, size_t one, size_t n, void *self)
{
    call *c = self;
    (void)one;
    if (c->len + n > BODY_BYTES) {
        c->too_large = true;
        return 0;
    }
    if (c->len + n > c->size) {
        c->size = (c->len + n) * 2;
        c->said = realloc(c->said, c->size);
        upp_check(c->said);
    }
    memcpy(c->said + c->len, at, n);
    c->len += n;
    return n;
}

static bool add_header(call *c, const char *line)
{
    struct curl_slist *more = strpbrk(line, "\r\n") ? NULL : curl_slist_append(c->headers, line);
    if (!more)
        return false;
    c->headers = more;
    return true;
}

static bool add_headers(call *c)
{
    const char *key = c->port->config->opinion_key;
    char line[1024] = "";
    const int n = key ? snprintf(line, sizeof line, "Authorization: Bearer %s", key) : 0;
    const bool fine = n >= 0 && (size_t)n < sizeof line &&
                      add_header(c, "Content-Type: application/json") &&
                      (!key || add_header(c, line));
    wipe(line, sizeof line);
    return fine;
}

static void set_up(call *c)
{
    const opinion *p = c->port;
    CURL *e = c->easy;
    curl_easy_setopt(e, CURLOPT_URL, p->url);
    curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, upp_url_is_here(p->url) ? "http,https" : "https");
    curl_easy_setopt(e, CURLOPT_POST, 1L);
    curl_easy_setopt(e, CURLOPT_POSTFIELDS, c->body);
    curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE, (long)strlen(c->body));
    curl_easy_setopt(e, CURLOPT_HTTPHEADER, c->headers);
    curl_easy_setopt(e, CURLOPT_USERAGENT, "uppsikt-classify");
    curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L); /* the key and the words go nowhere else */
    curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)p->config->opinion_timeout);
    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(e, CURLOPT_PROXY, "");
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(e, CURLOPT_WRITEDATA, c);
}

static void start(void *self, const upp_asked *asked)
{
    opinion *p = self;
    call *c = calloc(1, sizeof *c);
    upp_check(c);
    *c = (call){ .port = p,
                 .id = asked->id,
                 .attempt = asked->attempt,
                 .ask = (const Uppsikt__AskOpinion *)asked->request };
    if (!p->transfers) { /* it was asked before somebody turned it off */
        end(c, "off", 0, "");
        return;
    }
    if (upp_loop_speed(p->loop) > 1 && !upp_url_is_here(p->url)) {
        end(c, "trial", 0, ""); /* a trial leaves this machine alone */
        return;
    }
    c->easy = curl_easy_init();
    c->body = chat_request(p->config->opinion_model, c->ask->text);
    if (!c->easy || !c->body || !add_headers(c)) {
        end(c, "strange", 0, "");
        return;
    }
    set_up(c);
    if (!upp_transfers_start(p->transfers, c->easy, on_ended, c))
        again(c, "connect", 0);
}

static char *completions_of(const char *base)
{
    static const char path[] = "/chat/completions";
    size_t n = strlen(base);
    while (n > 0 && base[n - 1] == '/')
        n--;
    const size_t size = n + sizeof path;
    char *url = malloc(size);
    upp_check(url);
    snprintf(url, size, "%.*s%s", (int)n, base, path);
    return url;
}

static void port_close(void *self)
{
    opinion *p = self;
    if (!p)
        return;
    upp_transfers_free(p->transfers);
    free(p->url);
    free(p);
}

static void *port_open(upp_loop *loop, const void *config)
{
    opinion *p = calloc(1, sizeof *p);
    upp_check(p);
    p->loop = loop;
    p->config = config;
    if (!p->config->opinion_url)
        return p;
    p->url = completions_of(p->config->opinion_url);
    p->transfers = upp_transfers_new(loop, CONNECTIONS);
    if (p->transfers)
        return p;
    upp_loop_say(loop, "port opinion: libcurl cannot start");
    port_close(p);
    return NULL;
}

static const upp_port port = {
    .name = "opinion",
    .request = &uppsikt__ask_opinion__descriptor,
    .answer = &uppsikt__opinion_answered__descriptor,
    .again = UPP_ONCE_OR_MORE,
    .open = port_open,
    .start = start,
    .close = port_close,
    .lacks = upp_curl_lacks,
};

const upp_port *const upp_classify_ports[] = { &port, NULL };
