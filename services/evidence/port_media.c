/* port_media.c - one attachment over HTTP into a record's folder, with the care of reliability.md
 * B3: http and https, every address looked at when its socket is opened, also after a redirect; its
 * size counted as it comes; no cookies, no passwords, no compression. */
#include "address.h"
#include "evidence.h"
#include "ports.h"
#include "shelf.h"
#include "transfer.h"
#include "upp/host.h"
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct media {
    upp_loop *loop;
    upp_transfers *transfers;
    bool private_too;
} media;

typedef struct fetch {
    media *port;
    int64_t id;
    const Uppsikt__FetchMedia *ask; /* lent until upp_done */
    CURL *easy;
    int fd, wrong; /* errno */
    int64_t bytes;
    crypto_hash_sha256_state sha;
    bool too_large, refused;
    /* what came of it, for after the file was synced on the worker */
    CURLcode result;
    long status;
    char mime[80];
} fetch;

static void fetch_free(fetch *f)
{
    if (f->fd >= 0)
        (void)close(f->fd); /* synced before, when it is to stay */
    curl_easy_cleanup(f->easy);
    free(f);
}

/* The final address, whatever a name was said to be a moment ago. */
static curl_socket_t open_socket(void *self, curlsocktype purpose, struct curl_sockaddr *address)
{
    fetch *f = self;
    (void)purpose;
    if (!f->port->private_too && !address_public(&address->addr)) {
        f->refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t take_body(char *at, size_t one, size_t n, void *self)
{
    fetch *f = self;
    long status = 0;
    (void)one;
    curl_easy_getinfo(f->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status < 200 || status > 299)
        return n; /* a page about an error is not the attachment */
    if (f->bytes + (int64_t)n > f->ask->max_bytes) {
        f->too_large = true;
        return 0;
    }
    if (f->fd < 0)
        f->fd = shelf_create(upp_loop_objects(f->port->loop), f->ask->folder, f->ask->path);
    if (f->fd < 0) {
        f->wrong = -f->fd;
        return 0;
    }
    for (size_t put = 0; put < n;) {
        const ssize_t some = write(f->fd, at + put, n - put);
        if (some < 0 && errno != EINTR) {
            f->wrong = errno;
            return 0;
        }
        put += some > 0 ? (size_t)some : 0;
    }
    crypto_hash_sha256_update(&f->sha, (const uint8_t *)at, n);
    f->bytes += (int64_t)n;
    return n;
}

/* A word for the record; whether another attempt may go better. */
static const char *answer_of(const fetch *f, char ret_text[16], bool *ret_again)
{
    *ret_again = true;
    if (f->refused)
        return *ret_again = false, "private-address";
    if (f->too_large || f->result == CURLE_FILESIZE_EXCEEDED)
        return *ret_again = false, "too-large";
    if (f->wrong)
        return f->wrong == ENOSPC ? "disk-full" : "write-failed";
    if (f->result == CURLE_OK && (f->status < 200 || f->status > 299)) {
        snprintf(ret_text, 16, "%ld", f->status);
        return ret_text;
    }
    switch ((int)f->result) {
    case CURLE_OK:
        return "ok";
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
        return *ret_again = false, "address-refused";
    case CURLE_OPERATION_TIMEDOUT:
        return "timeout";
    case CURLE_COULDNT_RESOLVE_HOST:
        return "resolve";
    case CURLE_COULDNT_CONNECT:
        return "connect";
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
        return "tls";
    case CURLE_TOO_MANY_REDIRECTS:
        return "redirects";
    default:
        return "cut";
    }
}

static void finish(fetch *f)
{
    uint8_t hash[32];
    char text[16];
    bool again = false;
    Uppsikt__MediaFetched out = UPPSIKT__MEDIA_FETCHED__INIT;
    out.answer = upp_lend(answer_of(f, text, &again));
    out.kept = strcmp(out.answer, "ok") == 0;
    out.again = !out.kept && again;
    out.status = (int32_t)f->status;
    out.bytes = f->bytes;
    out.mime = f->mime;
    crypto_hash_sha256_final(&f->sha, hash);
    if (out.kept)
        out.sha256 = (ProtobufCBinaryData){ sizeof hash, hash };
    upp_done(f->port->loop, f->id, UPP_DONE, &out.base, 0);
    fetch_free(f);
}

/* -- on the worker -- */
static void sync_it(void *job)
{
    fetch *f = job;
    if (f->fd < 0) /* an empty file is one, too */
        f->fd = shelf_create(upp_loop_objects(f->port->loop), f->ask->folder, f->ask->path);
    f->wrong = f->fd < 0 ? -f->fd
                         : shelf_sync(upp_loop_objects(f->port->loop), f->ask->folder, f->ask->path,
                                      f->fd);
}

static void synced(void *job)
{
    finish(job);
}

/* What the server calls it: a word for people, never trusted. */
static void take_mime(fetch *f)
{
    const char *type = NULL;
    curl_easy_getinfo(f->easy, CURLINFO_CONTENT_TYPE, &type);
    size_t n = type ? strcspn(type, "; \t") : 0;
    for (size_t i = 0; i < n; i++)
        if (type[i] <= 0x20 || type[i] >= 0x7F || type[i] == '"')
            n = 0;
    snprintf(f->mime, sizeof f->mime, "%.*s", n < sizeof f->mime ? (int)n : 0, type ? type : "");
    if (!f->mime[0])
        snprintf(f->mime, sizeof f->mime, "application/octet-stream");
}

static void on_ended(void *self, CURL *easy, CURLcode result)
{
    fetch *f = self;
    f->result = result;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &f->status);
    take_mime(f);
    if (result == CURLE_OK && !f->wrong && f->status >= 200 && f->status <= 299)
        upp_loop_work(f->port->loop, sync_it, synced, f);
    else
        finish(f);
}

static void set_up(fetch *f)
{
    CURL *e = f->easy;
    curl_easy_setopt(e, CURLOPT_URL, f->ask->url);
    curl_easy_setopt(e, CURLOPT_USERAGENT, "uppsikt/0.1");
    curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "https,http");
    curl_easy_setopt(e, CURLOPT_REDIR_PROTOCOLS_STR, "https,http");
    curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(e, CURLOPT_MAXREDIRS, 5L);
    curl_easy_setopt(e, CURLOPT_PROXY, ""); /* a proxy would be whom we look at, not the server */
    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, 10000L);
    curl_easy_setopt(e, CURLOPT_TIMEOUT_MS,
                     (long)(f->ask->timeout_span > 0 ? f->ask->timeout_span : UPP_MINUTE));
    curl_easy_setopt(e, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)f->ask->max_bytes);
    curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, f);
    curl_easy_setopt(e, CURLOPT_FRESH_CONNECT, 1L); /* each looked at by its own fetch */
    curl_easy_setopt(e, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(e, CURLOPT_WRITEDATA, f);
}

static void media_start(void *self, const upp_asked *asked)
{
    media *m = self;
    fetch *f = calloc(1, sizeof *f);
    upp_check(f);
    *f = (fetch){ .port = m, .id = asked->id, .fd = -1 };
    f->ask = (const Uppsikt__FetchMedia *)asked->request;
    crypto_hash_sha256_init(&f->sha);
    f->easy = curl_easy_init();
    upp_check(f->easy);
    f->refused = upp_loop_speed(m->loop) > 1 && !upp_url_is_here(f->ask->url);
    set_up(f);
    if (f->refused || !upp_transfers_start(m->transfers, f->easy, on_ended, f)) {
        f->result = CURLE_FAILED_INIT;
        finish(f);
    }
}

static void *media_open(upp_loop *loop, const void *config)
{
    const evidence_config *c = config;
    media *m = calloc(1, sizeof *m);
    upp_check(m);
    m->loop = loop;
    m->private_too = c->media_private;
    m->transfers = upp_transfers_new(loop, 8);
    return m;
}

static void media_close(void *self)
{
    media *m = self;
    if (!m)
        return;
    upp_transfers_free(m->transfers);
    free(m);
}

const upp_port upp_evidence_media = {
    .name = "media",
    .request = &uppsikt__fetch_media__descriptor,
    .answer = &uppsikt__media_fetched__descriptor,
    .again = UPP_ONCE_OR_MORE,
    .open = media_open,
    .start = media_start,
    .close = media_close,
    .lacks = upp_curl_lacks,
};
