/* port_mail.c - mails by SMTP with libcurl, in the driver's loop. */
#include "mail.h"
#include "mail_header.h"
#include "upp/host.h"
#include "upp/port.h"
#include "uppsikt/escalation.pb-c.h"
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
    PARALLEL_MAX = 16,
    CONNECT_SECONDS = 30,
    IDLE_SECONDS = 20, /* a connection that rested longer is not used again: servers hang up */
    BAD_ADDRESS = 553, /* RFC 5321 §4.2.2: what a server would say */
    BAD_CONTENT = 554,
};

typedef struct port port;

typedef struct mail { /* one attempt */
    struct mail *next;
    port *port;
    int64_t id;
    char *key;
    const Uppsikt__SendMail *request; /* lent until upp_done */
    CURL *easy;
    curl_mime *mime;
    struct curl_slist *headers, *to;
    curl_socket_t fd; /* the connection that it uses; CURL_SOCKET_BAD: none yet */
} mail;

struct port {
    upp_loop *loop;
    const mail_config *config;
    CURLM *multi;
    bool plain; /* the server is on this machine */
    mail *waiting, *under_way;
    size_t n_under_way;
};

/* -- one attempt -- */

static void mail_free(mail *m)
{
    if (!m)
        return;
    curl_easy_cleanup(m->easy);
    curl_mime_free(m->mime);
    curl_slist_free_all(m->headers);
    curl_slist_free_all(m->to);
    free(m->key);
    free(m);
}

static bool add(struct curl_slist **list, const char *text)
{
    struct curl_slist *longer = curl_slist_append(*list, text);
    upp_check(longer);
    *list = longer;
    return true;
}

/* RFC 3834 §5: people's auto-responders see that nobody reads an answer to this. */
static bool add_headers(mail *m)
{
    const mail_config *config = m->port->config;
    const Uppsikt__SendMail *r = m->request;
    struct curl_slist **h = &m->headers;
    char line[MAIL_LINE];
    mail_date_header(upp_loop_real(m->port->loop), line);
    add(h, line);
    return mail_address_header("From", config->name, config->from, line) && add(h, line) &&
           mail_address_header("To", NULL, r->to, line) && add(h, line) &&
           (!r->reply_to[0] ||
            (mail_address_header("Reply-To", NULL, r->reply_to, line) && add(h, line))) &&
           mail_words_header("Subject", r->subject, line) && add(h, line) &&
           mail_id_header(m->key, config->from, line) && add(h, line) &&
           (!r->notice[0] ||
            (mail_words_header("X-Uppsikt-Notice", r->notice, line) && add(h, line))) &&
           add(h, "Auto-Submitted: auto-generated");
}

static void add_body(mail *m)
{
    char *text = mail_body_lines(m->request->text);
    m->mime = curl_mime_init(m->easy);
    curl_mimepart *part = m->mime ? curl_mime_addpart(m->mime) : NULL;
    upp_check(part);
    const bool made = curl_mime_data(part, text, CURL_ZERO_TERMINATED) == CURLE_OK &&
                      curl_mime_type(part, "text/plain; charset=utf-8") == CURLE_OK &&
                      curl_mime_encoder(part, "quoted-printable") == CURLE_OK;
    upp_check(made);
    free(text);
}

/* libcurl waits, in the loop, for the answer to its QUIT before it closes a connection; a server
 * that is silent would stop the service for minutes. QUIT has just been sent: close our side, so
 * that there is nothing to wait for. */
static int on_talk(CURL *easy, curl_infotype kind, char *bytes, size_t n, void *self)
{
    const mail *m = self;
    (void)easy;
    if (kind == CURLINFO_HEADER_OUT && n >= 4 && memcmp(bytes, "QUIT", 4) == 0 &&
        m->fd != CURL_SOCKET_BAD)
        shutdown(m->fd, SHUT_RDWR);
    return 0;
}

static void set_server(const mail *m)
{
    const mail_config *config = m->port->config;
    CURL *easy = m->easy;
    curl_easy_setopt(easy, CURLOPT_URL, config->url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(easy, CURLOPT_PROXY, ""); /* not from the environment */
    curl_easy_setopt(easy, CURLOPT_USE_SSL,
                     (long)(m->port->plain ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    if (config->ca)
        curl_easy_setopt(easy, CURLOPT_CAINFO, config->ca);
    if (config->user) {
        curl_easy_setopt(easy, CURLOPT_USERNAME, config->user);
        curl_easy_setopt(easy, CURLOPT_PASSWORD, config->password);
    }
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)config->patience_span);
    curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)IDLE_SECONDS);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* never wait for a name that is looked up */
    curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, on_talk);
    curl_easy_setopt(easy, CURLOPT_DEBUGDATA, m);
    curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L); /* to on_talk alone */
}

static void end_attempt(mail *m, enum upp_fate fate, bool accepted, long reply)
{
    upp_loop *loop = m->port->loop;
    const int64_t id = m->id;
    mail_free(m);
    Uppsikt__MailDone done = UPPSIKT__MAIL_DONE__INIT;
    done.accepted = accepted;
    done.reply = (uint32_t)reply;
    upp_done(loop, id, fate, fate == UPP_LATER ? NULL : &done.base, 0);
}

/* False: this mail can never be sent and has been ended. */
static bool prepare(mail *m)
{
    const Uppsikt__SendMail *r = m->request;
    char line[MAIL_LINE];
    const bool addresses =
        mail_address_ok(r->to) && (!r->reply_to[0] || mail_address_ok(r->reply_to));
    if (!addresses || !add_headers(m) || !mail_body_ok(r->text)) {
        upp_loop_say(m->port->loop, "mail %s: %s cannot stand in a mail", m->key,
                     addresses ? "its subject or text" : "the address");
        end_attempt(m, UPP_NEVER, false, addresses ? BAD_CONTENT : BAD_ADDRESS);
        return false;
    }
    m->easy = curl_easy_init();
    upp_check(m->easy);
    set_server(m);
    add_body(m);
    snprintf(line, sizeof line, "<%s>", r->to);
    add(&m->to, line);
    curl_easy_setopt(m->easy, CURLOPT_MAIL_RCPT, m->to);
    snprintf(line, sizeof line, "<%s>", m->port->config->from);
    curl_easy_setopt(m->easy, CURLOPT_MAIL_FROM, line);
    curl_easy_setopt(m->easy, CURLOPT_HTTPHEADER, m->headers);
    curl_easy_setopt(m->easy, CURLOPT_MIMEPOST, m->mime);
    curl_easy_setopt(m->easy, CURLOPT_PRIVATE, m);
    return true;
}

static void start_waiting(port *p)
{
    while (p->waiting && p->n_under_way < (size_t)p->config->parallel) {
        mail *m = p->waiting;
        p->waiting = m->next;
        if (!prepare(m))
            continue;
        m->next = p->under_way;
        p->under_way = m;
        p->n_under_way++;
        const CURLMcode added = curl_multi_add_handle(p->multi, m->easy);
        upp_check(added == CURLM_OK);
    }
}

static void mail_start(void *self, const upp_asked *ask)
{
    port *p = self;
    mail *m = calloc(1, sizeof *m);
    upp_check(m);
    *m = (mail){ .port = p, .id = ask->id, .key = strdup(ask->key), .fd = CURL_SOCKET_BAD };
    upp_check(m->key);
    m->request = (const Uppsikt__SendMail *)ask->request;
    mail **last = &p->waiting;
    while (*last)
        last = &(*last)->next;
    *last = m;
    start_waiting(p);
}

/* -- how it ended -- */

/* Did the server refuse this very mail (its sender, its recipient, its content)? Then nobody need try
 * again. A server that refuses us (greeting, EHLO, sign-in, TLS), or is busy, may think better of it:
 * later. RFC 5321 §4.2.1, RFC 4954 §6 (530, 534, 535, 538: about signing in). */
static bool is_refused(CURL *easy, CURLcode result, long reply)
{
    if (reply < 500 || reply > 599 || reply == 530 || reply == 534 || reply == 535 || reply == 538)
        return false;
    curl_off_t sent = 0;
    curl_easy_getinfo(easy, CURLINFO_SIZE_UPLOAD_T, &sent);
    return result == CURLE_SEND_ERROR || (result == CURLE_WEIRD_SERVER_REPLY && sent > 0);
}

static void finish(port *p, mail *m, CURLcode result)
{
    long reply = 0;
    curl_easy_getinfo(m->easy, CURLINFO_RESPONSE_CODE, &reply);
    const bool refused = result != CURLE_OK && is_refused(m->easy, result, reply);
    curl_multi_remove_handle(p->multi, m->easy);
    mail **at = &p->under_way;
    while (*at != m)
        at = &(*at)->next;
    *at = m->next;
    p->n_under_way--;
    if (result != CURLE_OK)
        upp_loop_say(p->loop, "mail %s: %s (reply %ld)", m->key, curl_easy_strerror(result), reply);
    if (result == CURLE_OK)
        end_attempt(m, UPP_DONE, true, reply);
    else
        end_attempt(m, refused ? UPP_NEVER : UPP_LATER, false, reply);
}

static void collect(port *p)
{
    int left = 0;
    for (CURLMsg *msg = curl_multi_info_read(p->multi, &left); msg;
         msg = curl_multi_info_read(p->multi, &left)) {
        mail *m = NULL;
        const CURLcode result = msg->data.result;
        upp_check(msg->msg == CURLMSG_DONE);
        curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, (char **)&m);
        finish(p, m, result); /* msg is gone now */
    }
    start_waiting(p);
}

/* -- libcurl in the loop -- */

static void on_ready(void *self, int fd, unsigned what)
{
    port *p = self;
    int running = 0;
    const int mask =
        (what & UPP_READABLE ? CURL_CSELECT_IN : 0) | (what & UPP_WRITABLE ? CURL_CSELECT_OUT : 0);
    curl_multi_socket_action(p->multi, fd, mask, &running);
    collect(p);
}

static void on_time(void *self)
{
    port *p = self;
    int running = 0;
    curl_multi_socket_action(p->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    collect(p);
}

static int want_socket(CURL *easy, curl_socket_t fd, int what, void *self, void *assigned)
{
    static const unsigned words[] = {
        [CURL_POLL_IN] = UPP_READABLE,
        [CURL_POLL_OUT] = UPP_WRITABLE,
        [CURL_POLL_INOUT] = UPP_READABLE | UPP_WRITABLE,
        [CURL_POLL_REMOVE] = 0,
    };
    port *p = self;
    mail *m = NULL;
    (void)assigned;
    upp_check(what >= 0 && (size_t)what < UPP_LEN(words));
    if (what != CURL_POLL_REMOVE &&
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&m) == CURLE_OK && m)
        m->fd = fd;
    upp_loop_fd(p->loop, fd, words[what], on_ready, p);
    return 0;
}

static int want_time(CURLM *multi, long ms, void *self)
{
    port *p = self;
    (void)multi;
    upp_loop_in(p->loop, ms, on_time, p);
    return 0;
}

/* -- opening -- */

/* NULL: it will do. */
static const char *wrong_with(const mail_config *config)
{
    if (!config->url ||
        (strncmp(config->url, "smtp://", 7) != 0 && strncmp(config->url, "smtps://", 8) != 0))
        return "mail_url is missing or no smtp:// or smtps://; write smtp://host:port";
    if (strchr(config->url, '@') || !mail_words_ok(config->url))
        return "mail_url holds more than host, port and name; use mail_user and mail_password";
    if (!config->from || !mail_address_ok(config->from))
        return "mail_from is missing or no address; write name@domain";
    if (config->name && !mail_words_ok(config->name))
        return "mail_name holds control characters; remove them";
    if (!config->user != !config->password)
        return "mail_user and mail_password belong together; give both or none";
    if (config->parallel < 1 || config->parallel > PARALLEL_MAX)
        return "mail_parallel is not 1 to 16; correct it";
    if (config->patience_span < UPP_SECOND || config->patience_span > UPP_HOUR)
        return "mail_patience is not 1s to 1h; correct it";
    return NULL;
}

static void *mail_open(upp_loop *loop, const void *config)
{
    const char *wrong = wrong_with(config);
    if (wrong) {
        upp_loop_say(loop, "%s", wrong);
        return NULL;
    }
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        upp_loop_say(loop, "libcurl did not start");
        return NULL;
    }
    port *p = calloc(1, sizeof *p);
    upp_check(p);
    *p = (port){ .loop = loop, .config = config, .multi = curl_multi_init() };
    upp_check(p->multi);
    p->plain = upp_url_is_here(p->config->url) && !p->config->ca &&
               strncmp(p->config->url, "smtp://", 7) == 0;
    curl_multi_setopt(p->multi, CURLMOPT_SOCKETFUNCTION, want_socket);
    curl_multi_setopt(p->multi, CURLMOPT_SOCKETDATA, p);
    curl_multi_setopt(p->multi, CURLMOPT_TIMERFUNCTION, want_time);
    curl_multi_setopt(p->multi, CURLMOPT_TIMERDATA, p);
    curl_multi_setopt(p->multi, CURLMOPT_MAXCONNECTS, (long)p->config->parallel);
    return p;
}

static void mail_close(void *self)
{
    port *p = self;
    if (!p)
        return;
    while (p->under_way) {
        mail *m = p->under_way;
        p->under_way = m->next;
        curl_multi_remove_handle(p->multi, m->easy);
        mail_free(m);
    }
    while (p->waiting) {
        mail *m = p->waiting;
        p->waiting = m->next;
        mail_free(m);
    }
    curl_multi_cleanup(p->multi);
    upp_loop_in(p->loop, -1, on_time, p);
    curl_global_cleanup();
    free(p);
}

const upp_port upp_mail_port = {
    .name = "mail",
    .request = &uppsikt__send_mail__descriptor,
    .answer = &uppsikt__mail_done__descriptor,
    .again = UPP_ONCE_OR_MORE, /* P5: with the same Message-ID */
    .open = mail_open,
    .start = mail_start,
    .close = mail_close,
};
