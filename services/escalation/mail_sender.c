/* mail_sender.c - libcurl's easy interface on a thread; one lock, an eventfd to wake the loop. */
#include "mail_sender.h"
#include "mail_sockets.h"
#include "upp/host.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum {
    CONNECT_SECONDS = 30,
    IDLE_SECONDS = 20, /* then the connection is closed: servers hang up by themselves */
};

struct mail_sender {
    const mail_config *config;
    CURL *easy; /* the thread's; NULL: no connection */
    mail_sockets sockets;
    pthread_t thread;
    int event;

    pthread_mutex_t lock; /* for what follows */
    pthread_cond_t more;
    mail_letter *letter;
    mail_result result;
    bool ready, stop;
};

mail_letter *mail_letter_new(const char *to)
{
    mail_letter *letter = calloc(1, sizeof *letter);
    const size_t n = strlen(to) + 3;
    upp_check(letter);
    letter->to = malloc(n);
    upp_check(letter->to);
    snprintf(letter->to, n, "<%s>", to);
    letter->recipients = curl_slist_append(NULL, letter->to);
    upp_check(letter->recipients);
    return letter;
}

void mail_letter_free(mail_letter *letter)
{
    if (!letter)
        return;
    curl_slist_free_all(letter->headers);
    curl_slist_free_all(letter->recipients);
    free(letter->to);
    free(letter->body);
    free(letter);
}

/* -- one attempt -- */

static void set_server(mail_sender *s)
{
    const mail_config *config = s->config;
    const bool plain = upp_url_is_here(config->url) && !config->ca;
    char from[512];
    snprintf(from, sizeof from, "<%s>", config->from);
    curl_easy_setopt(s->easy, CURLOPT_URL, config->url);
    curl_easy_setopt(s->easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(s->easy, CURLOPT_PROXY, ""); /* not from the environment */
    curl_easy_setopt(s->easy, CURLOPT_USE_SSL, (long)(plain ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    curl_easy_setopt(s->easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(s->easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(s->easy, CURLOPT_SSL_VERIFYHOST, 2L);
    if (config->ca)
        curl_easy_setopt(s->easy, CURLOPT_CAINFO, config->ca);
    if (config->user) {
        curl_easy_setopt(s->easy, CURLOPT_USERNAME, config->user);
        curl_easy_setopt(s->easy, CURLOPT_PASSWORD, config->password);
    }
    curl_easy_setopt(s->easy, CURLOPT_MAIL_FROM, from);
    curl_easy_setopt(s->easy, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
    curl_easy_setopt(s->easy, CURLOPT_TIMEOUT_MS, (long)config->patience_span);
    curl_easy_setopt(s->easy, CURLOPT_MAXCONNECTS, 1L);
    curl_easy_setopt(s->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(s->easy, CURLOPT_QUICK_EXIT, 1L); /* never wait for a name that is looked up */
}

/* Did the server refuse this very mail (its sender, its recipient, its content)? Then nobody need
 * try again. A server that refuses us (greeting, EHLO, sign-in, TLS), or is busy, may think better
 * of it: later. RFC 5321 §4.2.1, RFC 4954 §6 (530, 534, 535, 538: about signing in). */
static bool is_refused(CURL *easy, CURLcode code, long reply)
{
    if (reply < 500 || reply > 599 || reply == 530 || reply == 534 || reply == 535 || reply == 538)
        return false;
    curl_off_t sent = 0;
    curl_easy_getinfo(easy, CURLINFO_SIZE_UPLOAD_T, &sent);
    return code == CURLE_SEND_ERROR || (code == CURLE_WEIRD_SERVER_REPLY && sent > 0);
}

static mail_result attempt(mail_sender *s, const mail_letter *letter)
{
    if (!s->easy) {
        s->easy = curl_easy_init();
        upp_check(s->easy);
        mail_sockets_use(&s->sockets, s->easy);
        set_server(s);
    }
    curl_mime *mime = curl_mime_init(s->easy);
    curl_mimepart *part = mime ? curl_mime_addpart(mime) : NULL;
    upp_check(part);
    const bool made = curl_mime_data(part, letter->body, CURL_ZERO_TERMINATED) == CURLE_OK &&
                      curl_mime_type(part, "text/plain; charset=utf-8") == CURLE_OK &&
                      curl_mime_encoder(part, "quoted-printable") == CURLE_OK;
    upp_check(made);
    curl_easy_setopt(s->easy, CURLOPT_MAIL_RCPT, letter->recipients);
    curl_easy_setopt(s->easy, CURLOPT_HTTPHEADER, letter->headers);
    curl_easy_setopt(s->easy, CURLOPT_MIMEPOST, mime);

    const CURLcode code = curl_easy_perform(s->easy);
    mail_result result = { .words = code == CURLE_OK ? NULL : curl_easy_strerror(code) };
    curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &result.reply);
    result.refused = code != CURLE_OK && is_refused(s->easy, code, result.reply);
    curl_easy_setopt(s->easy, CURLOPT_MIMEPOST, NULL);
    curl_mime_free(mime);
    return result;
}

static void hang_up(mail_sender *s)
{
    curl_easy_cleanup(s->easy); /* NULL is fine */
    s->easy = NULL;
}

/* -- the thread -- */

/* With the lock, which is let go meanwhile. */
static void send_one(mail_sender *s)
{
    const uint64_t one = 1;
    mail_letter *letter = s->letter;
    s->letter = NULL;
    pthread_mutex_unlock(&s->lock);
    const mail_result result = attempt(s, letter);
    mail_letter_free(letter);
    if (result.words) { /* libcurl would use a connection again that fell silent */
        mail_sockets_shut(&s->sockets);
        hang_up(s);
    }
    pthread_mutex_lock(&s->lock);
    s->result = result;
    s->ready = true;
    const ssize_t written = write(s->event, &one, sizeof one);
    upp_check(written == sizeof one);
}

/* With the lock. False: nothing came for as long as a connection may rest. */
static bool wait_for_more(mail_sender *s)
{
    struct timespec until;
    const int read = clock_gettime(CLOCK_MONOTONIC, &until);
    upp_check(read == 0);
    until.tv_sec += IDLE_SECONDS;
    return pthread_cond_timedwait(&s->more, &s->lock, &until) != ETIMEDOUT || s->letter || s->stop;
}

static void *run(void *self)
{
    mail_sender *s = self;
    pthread_mutex_lock(&s->lock);
    while (!s->stop) {
        if (s->letter) {
            send_one(s);
        } else if (!wait_for_more(s)) {
            pthread_mutex_unlock(&s->lock);
            hang_up(s);
            pthread_mutex_lock(&s->lock);
        }
    }
    pthread_mutex_unlock(&s->lock);
    hang_up(s);
    return NULL;
}

mail_sender *mail_sender_new(const mail_config *config)
{
    mail_sender *s = calloc(1, sizeof *s);
    upp_check(s);
    s->config = config;
    mail_sockets_init(&s->sockets);
    s->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    upp_check(s->event >= 0);
    pthread_condattr_t steady;
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->more, &steady);
    pthread_condattr_destroy(&steady);

    sigset_t all, before; /* signals are the loop's */
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    const int failed = pthread_create(&s->thread, NULL, run, s);
    upp_check(failed == 0);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return s;
}

void mail_sender_send(mail_sender *sender, mail_letter *letter)
{
    pthread_mutex_lock(&sender->lock);
    upp_check(!sender->letter && !sender->ready);
    sender->letter = letter;
    pthread_cond_signal(&sender->more);
    pthread_mutex_unlock(&sender->lock);
}

int mail_sender_fd(const mail_sender *sender)
{
    return sender->event;
}

bool mail_sender_result(mail_sender *sender, mail_result *ret_result)
{
    uint64_t count = 0;
    pthread_mutex_lock(&sender->lock);
    const bool ready = sender->ready;
    if (ready) {
        *ret_result = sender->result;
        sender->ready = false;
        const ssize_t n = read(sender->event, &count, sizeof count);
        upp_check(n == sizeof count);
    }
    pthread_mutex_unlock(&sender->lock);
    return ready;
}

void mail_sender_stop(mail_sender *sender)
{
    pthread_mutex_lock(&sender->lock);
    sender->stop = true;
    pthread_cond_signal(&sender->more);
    pthread_mutex_unlock(&sender->lock);
    mail_sockets_stop(&sender->sockets);
}

void mail_sender_free(mail_sender *sender)
{
    mail_sender_stop(sender);
    pthread_join(sender->thread, NULL);
    mail_letter_free(sender->letter);
    pthread_cond_destroy(&sender->more);
    pthread_mutex_destroy(&sender->lock);
    mail_sockets_done(&sender->sockets);
    close(sender->event);
    free(sender);
}
