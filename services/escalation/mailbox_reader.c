/* mailbox_reader.c - libcurl connects, secures and signs in; what follows is ours (imap_talk.h). */
#include "mailbox_reader.h"
#include "digest.h"
#include "imap_name.h"
#include "imap_talk.h"
#include "mail_header.h"
#include "mail_sockets.h"
#include "suite_clock.h"
#include "upp/host.h"
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { CONNECT_SECONDS = 30, URL = 512, COMMAND = IMAP_NAME + 64 };

static const char no_imap[] = "the server answers what is no IMAP";

struct mailbox_reader {
    const post_config *config;
    mailbox_place from;
    mail_sockets sockets;
    pthread_t thread;
    bool joined;
    int event;
    /* The thread's, until it has ended. */
    CURL *easy;
    imap_talk *talk;
    upp_ms until;
    uint32_t uids[MAILBOX_LIMIT + 1]; /* the lowest that are new, in their order */
    size_t n_uids;
    bool garbled, refused; /* the last command */
    mailbox_result result;
};

/* -- the options -- */

static const char *host_of(const char *url)
{
    const char *host = strstr(url, "://");
    return host ? host + 3 : url;
}

static const char *path_of(const char *url)
{
    const char *host = host_of(url);
    return host + strcspn(host, "/");
}

const char *mailbox_wrong_with(const post_config *config)
{
    const mailbox_config *c = &config->mailbox;
    char name[IMAP_NAME];
    if (strncmp(c->url, "imap://", 7) != 0 && strncmp(c->url, "imaps://", 8) != 0)
        return "mailbox_url is no imap:// or imaps://; write imaps://host:port/INBOX";
    const char *host = host_of(c->url), *path = path_of(c->url);
    if (memchr(host, '@', (size_t)(path - host)))
        return "mailbox_url holds more than host, port and mailbox; use mailbox_user and "
               "mailbox_password";
    if (path == host || (size_t)(path - c->url) >= URL || !mail_words_ok(c->url) ||
        strcspn(host, "?#\\ ") < (size_t)(path - host))
        return "mailbox_url cannot be used; write imaps://host:port/INBOX";
    if (!imap_name(path, name))
        return "mailbox_url ends in what is no mailbox's name; write it as in /INBOX or /Svar%20in";
    if (!c->user != !c->password)
        return "mailbox_user and mailbox_password belong together; give both or none";
    if (c->user && (!mail_words_ok(c->user) || !mail_words_ok(c->password)))
        return "mailbox_user or mailbox_password holds control characters; remove them";
    if (!config->mail.from || !mail_address_ok(config->mail.from))
        return "mail_from is missing or no address; write name@domain";
    return NULL;
}

/* -- the connection -- */

static void set_up(mailbox_reader *r)
{
    const mailbox_config *c = &r->config->mailbox;
    const bool plain = upp_url_is_here(c->url) && !c->ca;
    char server[URL];
    snprintf(server, sizeof server, "%.*s", (int)(path_of(c->url) - c->url), c->url);
    mail_sockets_use(&r->sockets, r->easy);
    curl_easy_setopt(r->easy, CURLOPT_URL, server);
    curl_easy_setopt(r->easy, CURLOPT_CONNECT_ONLY, 1L); /* and sign in; then it is ours */
    curl_easy_setopt(r->easy, CURLOPT_PROTOCOLS_STR, "imap,imaps");
    curl_easy_setopt(r->easy, CURLOPT_PROXY, ""); /* not from the environment */
    curl_easy_setopt(r->easy, CURLOPT_USE_SSL, (long)(plain ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    curl_easy_setopt(r->easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(r->easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(r->easy, CURLOPT_SSL_VERIFYHOST, 2L);
    if (c->ca) {
        curl_easy_setopt(r->easy, CURLOPT_CAINFO, c->ca);
        curl_easy_setopt(r->easy, CURLOPT_CAPATH, NULL); /* these authorities and no others */
    }
    if (c->user) {
        curl_easy_setopt(r->easy, CURLOPT_USERNAME, c->user);
        curl_easy_setopt(r->easy, CURLOPT_PASSWORD, c->password);
    }
    curl_easy_setopt(r->easy, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
    curl_easy_setopt(r->easy, CURLOPT_TIMEOUT_MS, (long)r->config->mail.patience_span);
    curl_easy_setopt(r->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(r->easy, CURLOPT_QUICK_EXIT, 1L); /* never wait for a name that is looked up */
}

static bool connect_to_server(mailbox_reader *r)
{
    set_up(r);
    const CURLcode code = curl_easy_perform(r->easy);
    if (code == CURLE_LOGIN_DENIED)
        r->result.words = "the server does not let us sign in; correct mailbox_user and "
                          "mailbox_password";
    else if (code != CURLE_OK)
        r->result.words = curl_easy_strerror(code);
    return code == CURLE_OK;
}

/* -- the conversation -- */

/* False: result.words says why. */
static bool ask(mailbox_reader *r, const char *command, imap_hear *hear, const char *refused)
{
    r->garbled = false;
    const enum imap_end end = imap_talk_do(r->talk, command, hear, r);
    r->refused = end == IMAP_NO && !r->garbled;
    if (end == IMAP_BROKEN)
        r->result.words = imap_talk_words(r->talk);
    else if (r->garbled)
        r->result.words = no_imap;
    else if (end == IMAP_NO)
        r->result.words = refused;
    else
        return true;
    return false;
}

/* OK [UIDVALIDITY 3857529045] ... */
static void hear_examine(void *self, const imap_response *response)
{
    mailbox_reader *r = self;
    const char *at = imap_behind(response->text, "OK [UIDVALIDITY "), *end = NULL;
    if (at)
        r->result.validity = imap_number(at, &end);
}

static void note_uid(mailbox_reader *r, uint32_t uid)
{
    size_t at = r->n_uids;
    while (at > 0 && r->uids[at - 1] > uid)
        at--;
    if (at == UPP_LEN(r->uids) || (at > 0 && r->uids[at - 1] == uid))
        return;
    if (r->n_uids == UPP_LEN(r->uids))
        r->n_uids--;
    memmove(r->uids + at + 1, r->uids + at, (r->n_uids - at) * sizeof r->uids[0]);
    r->uids[at] = uid;
    r->n_uids++;
}

/* SEARCH 4 7 9 ... in any order; n:* names the last mail too where its UID is below n. */
static void hear_search(void *self, const imap_response *response)
{
    mailbox_reader *r = self;
    const char *at = imap_behind(response->text, "SEARCH");
    if (!at)
        return;
    for (at += strspn(at, " "); *at; at += strspn(at, " ")) {
        const uint32_t uid = imap_number(at, &at);
        if (uid == 0 || (*at && *at != ' ')) {
            r->garbled = true;
            return;
        }
        if (uid > r->result.last)
            note_uid(r, uid);
    }
}

/* 12 FETCH (UID 7 BODY[]<0> {342}...), or a word on the flags of some mail. */
static void hear_fetch(void *self, const imap_response *response)
{
    mailbox_reader *r = self;
    mailbox_result *result = &r->result;
    const char *at = NULL, *behind_number = NULL, *end = NULL;
    if (imap_number(response->text, &behind_number) == 0)
        return;
    at = imap_behind(behind_number, " FETCH (");
    const char *uid = at ? imap_behind_part(at, "UID ") : NULL;
    if (!uid || !imap_behind_part(at, "BODY[]") || imap_number(uid, &end) != r->uids[0])
        return;
    if (result->n_mails == MAILBOX_LIMIT) {
        r->garbled = true;
        return;
    }
    /* No literal: nothing, or a text without a line's end, which is no mail. */
    static const uint8_t nothing[1];
    const upp_bytes mail = response->literal.at ? response->literal : (upp_bytes){ nothing, 0 };
    const char *domain = strchr(r->config->mail.from, '@') + 1;
    uint8_t hash[32];
    mailbox_mail *m = &result->mails[result->n_mails++];
    upp_sha256(&mail, 1, hash);
    upp_hex(hash, sizeof hash, m->sha256);
    mail_in_read(mail.at, mail.len, domain, &m->in);
}

static bool open_mailbox(mailbox_reader *r)
{
    char name[IMAP_NAME], command[COMMAND];
    const bool named = imap_name(path_of(r->config->mailbox.url), name);
    upp_check(named); /* mailbox_wrong_with */
    snprintf(command, sizeof command, "EXAMINE %s", name);
    if (!ask(r, command, hear_examine,
             "the server has no such mailbox, or not for us; correct mailbox_url"))
        return false;
    if (r->result.validity == 0)
        r->result.words = no_imap;
    r->result.last = r->result.validity == r->from.validity ? r->from.after : 0;
    return r->result.validity != 0;
}

static bool find_new(mailbox_reader *r)
{
    char command[COMMAND];
    if (r->result.last == UINT32_MAX)
        return true;
    snprintf(command, sizeof command, "UID SEARCH UID %lu:*", (unsigned long)r->result.last + 1);
    return ask(r, command, hear_search, "the server does not say which mails there are");
}

/* A mail that is not there any more is passed by: then nothing is heard of it. What the server has
 * against a mail may pass; what does not pass must not stand before all that comes after it. */
static bool fetch_first(mailbox_reader *r)
{
    char command[COMMAND];
    snprintf(command, sizeof command, "UID FETCH %lu (UID BODY.PEEK[]<0.%u>)",
             (unsigned long)r->uids[0], (unsigned)MAILBOX_MAIL);
    if (!ask(r, command, hear_fetch, "the server does not give us one of the mails")) {
        if (!r->refused || !r->from.pass_by)
            return false;
        r->result.passed = r->uids[0];
        r->result.words = NULL;
    }
    r->result.last = r->uids[0];
    memmove(r->uids, r->uids + 1, --r->n_uids * sizeof r->uids[0]);
    return true;
}

static void read_mailbox(mailbox_reader *r)
{
    const size_t limit = r->from.limit == 0              ? MAILBOX_USUAL
                         : r->from.limit > MAILBOX_LIMIT ? MAILBOX_LIMIT
                                                         : r->from.limit;
    if (!open_mailbox(r) || !find_new(r))
        return;
    size_t looked = 0;
    while (looked < limit && r->n_uids && fetch_first(r))
        looked++;
    r->result.more = r->n_uids > 0;
    if (looked > 0) /* what has come is not asked for again, even where the rest did not come */
        r->result.words = NULL;
    imap_talk_bye(r->talk);
}

/* -- the thread -- */

static void *run(void *self)
{
    const uint64_t one = 1;
    mailbox_reader *r = self;
    r->until = upp_steady_now() + r->config->mail.patience_span;
    r->easy = curl_easy_init();
    upp_check(r->easy);
    if (connect_to_server(r)) {
        r->talk = imap_talk_new(r->easy, r->until, MAILBOX_MAIL);
        read_mailbox(r);
        imap_talk_free(r->talk);
    }
    mail_sockets_shut(&r->sockets); /* libcurl would say LOGOUT and wait for the answer */
    curl_easy_cleanup(r->easy);
    const ssize_t written = write(r->event, &one, sizeof one);
    upp_check(written == sizeof one);
    return NULL;
}

mailbox_reader *mailbox_reader_new(const post_config *config, const mailbox_place *from)
{
    mailbox_reader *r = calloc(1, sizeof *r);
    upp_check(r);
    r->config = config;
    r->from = *from;
    mail_sockets_init(&r->sockets);
    r->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    upp_check(r->event >= 0);
    sigset_t all, before; /* signals are the loop's */
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    const int failed = pthread_create(&r->thread, NULL, run, r);
    upp_check(failed == 0);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return r;
}

int mailbox_reader_fd(const mailbox_reader *reader)
{
    return reader->event;
}

const mailbox_result *mailbox_reader_result(mailbox_reader *reader)
{
    if (!reader->joined)
        pthread_join(reader->thread, NULL);
    reader->joined = true;
    return &reader->result;
}

void mailbox_reader_free(mailbox_reader *reader)
{
    if (!reader)
        return;
    mail_sockets_stop(&reader->sockets);
    const mailbox_result *result = mailbox_reader_result(reader);
    for (size_t i = 0; i < result->n_mails; i++)
        mail_in_done(&reader->result.mails[i].in);
    mail_sockets_done(&reader->sockets);
    close(reader->event);
    free(reader);
}
