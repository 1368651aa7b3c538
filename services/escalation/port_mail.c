/* port_mail.c - the port `mail`: what is asked, who sends it, how it ended. */
#include "mail.h"
#include "mail_header.h"
#include "mail_sender.h"
#include "upp/port.h"
#include "uppsikt/escalation.pb-c.h"
#include <stdlib.h>
#include <string.h>

enum {
    PARALLEL_MAX = 16,
    BAD_ADDRESS = 553, /* RFC 5321 §4.2.2: what a server would say */
    BAD_CONTENT = 554,
};

typedef struct mail { /* one attempt */
    struct mail *next;
    int64_t id;
    char *key;
    const Uppsikt__SendMail *request; /* lent until upp_done */
} mail;

typedef struct port {
    upp_loop *loop;
    const mail_config *config;
    mail *waiting;
    mail_sender *senders[PARALLEL_MAX];
    mail *under_way[PARALLEL_MAX]; /* by sender; NULL: it rests */
    size_t n_senders;
} port;

static void mail_free(mail *m)
{
    free(m->key);
    free(m);
}

static void end_attempt(port *p, mail *m, enum upp_fate fate, bool accepted, long reply)
{
    const int64_t id = m->id;
    mail_free(m);
    Uppsikt__MailDone done = UPPSIKT__MAIL_DONE__INIT;
    done.accepted = accepted;
    done.reply = (uint32_t)reply;
    upp_done(p->loop, id, fate, fate == UPP_LATER ? NULL : &done.base, 0);
}

static void add(mail_letter *letter, const char *line)
{
    letter->headers = curl_slist_append(letter->headers, line);
    upp_check(letter->headers);
}

/* Auto-Submitted (RFC 3834 §5): auto-responders see that nobody reads an answer to this. */
static bool write_headers(const port *p, const mail *m, mail_letter *letter)
{
    const mail_config *config = p->config;
    const Uppsikt__SendMail *r = m->request;
    char line[MAIL_LINE];
    mail_date_header(upp_loop_real(p->loop), line);
    add(letter, line);
    if (!mail_address_header("From", config->name, config->from, line))
        return false;
    add(letter, line);
    if (!mail_address_header("To", NULL, r->to, line))
        return false;
    add(letter, line);
    if (r->reply_to[0]) {
        if (!mail_address_header("Reply-To", NULL, r->reply_to, line))
            return false;
        add(letter, line);
    }
    if (!mail_words_header("Subject", r->subject, line))
        return false;
    add(letter, line);
    if (!mail_id_header(m->key, config->from, line))
        return false;
    add(letter, line);
    if (r->notice[0]) {
        if (!mail_words_header("X-Uppsikt-Notice", r->notice, line))
            return false;
        add(letter, line);
    }
    add(letter, "Auto-Submitted: auto-generated");
    return true;
}

/* NULL: this mail can never be sent; *ret_reply says why. */
static mail_letter *write_letter(const port *p, const mail *m, long *ret_reply)
{
    const Uppsikt__SendMail *r = m->request;
    if (!mail_address_ok(r->to) || (r->reply_to[0] && !mail_address_ok(r->reply_to))) {
        *ret_reply = BAD_ADDRESS;
        return NULL;
    }
    mail_letter *letter = mail_letter_new(r->to);
    if (!mail_body_ok(r->text) || !write_headers(p, m, letter)) {
        mail_letter_free(letter);
        *ret_reply = BAD_CONTENT;
        return NULL;
    }
    letter->body = mail_body_lines(r->text);
    return letter;
}

static void send_waiting(port *p)
{
    for (size_t i = 0; p->waiting && i < p->n_senders;) {
        if (p->under_way[i]) {
            i++;
            continue;
        }
        mail *m = p->waiting;
        long reply = 0;
        p->waiting = m->next;
        mail_letter *letter = write_letter(p, m, &reply);
        if (letter) {
            p->under_way[i] = m;
            mail_sender_send(p->senders[i], letter);
        } else {
            upp_loop_say(p->loop, "mail %s: %s", m->key,
                         reply == BAD_ADDRESS ? "the address cannot be used"
                                              : "the subject or text cannot stand in a mail");
            end_attempt(p, m, UPP_NEVER, false, reply);
        }
    }
}

static void mail_start(void *self, const upp_asked *ask)
{
    port *p = self;
    mail *m = calloc(1, sizeof *m);
    upp_check(m);
    m->id = ask->id;
    m->key = strdup(ask->key);
    upp_check(m->key);
    m->request = (const Uppsikt__SendMail *)ask->request;
    mail **last = &p->waiting;
    while (*last)
        last = &(*last)->next;
    *last = m;
    send_waiting(p);
}

static void on_sent(void *self, int fd, unsigned what)
{
    port *p = self;
    (void)what;
    for (size_t i = 0; i < p->n_senders; i++) {
        mail_result result;
        if (mail_sender_fd(p->senders[i]) != fd || !mail_sender_result(p->senders[i], &result))
            continue;
        mail *m = p->under_way[i];
        p->under_way[i] = NULL;
        if (result.words)
            upp_loop_say(p->loop, "mail %s: %s (reply %ld)", m->key, result.words, result.reply);
        if (!result.words)
            end_attempt(p, m, UPP_DONE, true, result.reply);
        else
            end_attempt(p, m, result.refused ? UPP_NEVER : UPP_LATER, false, result.reply);
    }
    send_waiting(p);
}

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
    port *p = calloc(1, sizeof *p);
    upp_check(p);
    p->loop = loop;
    p->config = config;
    p->n_senders = (size_t)p->config->parallel;
    for (size_t i = 0; i < p->n_senders; i++) {
        p->senders[i] = mail_sender_new(p->config);
        upp_loop_fd(loop, mail_sender_fd(p->senders[i]), UPP_READABLE, on_sent, p);
    }
    return p;
}

static void mail_close(void *self)
{
    port *p = self;
    if (!p)
        return;
    for (size_t i = 0; i < p->n_senders; i++) /* all first, so that they end side by side */
        mail_sender_stop(p->senders[i]);
    for (size_t i = 0; i < p->n_senders; i++) {
        upp_loop_fd(p->loop, mail_sender_fd(p->senders[i]), 0, on_sent, p);
        mail_sender_free(p->senders[i]);
        if (p->under_way[i])
            mail_free(p->under_way[i]);
    }
    while (p->waiting) {
        mail *m = p->waiting;
        p->waiting = m->next;
        mail_free(m);
    }
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
    .lacks = upp_curl_lacks,
};
