/* port_mailbox.c - the port `mailbox`: what has come in since, read and put in order. */
#include "late_curl.h"
#include "late_gmime.h"
#include "mailbox_reader.h"
#include "upp/port.h"
#include "uppsikt/escalation.pb-c.h"
#include <stdlib.h>
#include <string.h>

/* So often a mail that the server refuses to give is asked for. */
enum { TRIES = 3 };

typedef struct asked {
    struct asked *next;
    int64_t id;
    mailbox_place from;
} asked;

typedef struct port {
    upp_loop *loop;
    const post_config *config;
    asked *waiting;         /* the first is under way */
    mailbox_reader *reader; /* NULL: nothing is */
} port;

static bool reads(const port *p)
{
    return p->config->mailbox.url && p->config->mailbox.url[0];
}

static Uppsikt__HeardMail__Kind kind_of(enum mail_in_kind kind)
{
    switch (kind) {
    case MAIL_IN_ANSWER:
        return UPPSIKT__HEARD_MAIL__KIND__KIND_ANSWER;
    case MAIL_IN_AWAY:
        return UPPSIKT__HEARD_MAIL__KIND__KIND_AWAY;
    case MAIL_IN_BOUNCE:
        return UPPSIKT__HEARD_MAIL__KIND__KIND_BOUNCE;
    case MAIL_IN_OTHER:
        break;
    }
    return UPPSIKT__HEARD_MAIL__KIND__KIND_OTHER;
}

static void answer(const port *p, int64_t id, const mailbox_result *result)
{
    Uppsikt__MailboxRead read = UPPSIKT__MAILBOX_READ__INIT;
    Uppsikt__HeardMail mails[MAILBOX_LIMIT], *list[MAILBOX_LIMIT];
    for (size_t i = 0; i < result->n_mails; i++) {
        const mailbox_mail *m = &result->mails[i];
        uppsikt__heard_mail__init(&mails[i]);
        mails[i].mail = upp_lend(m->sha256);
        mails[i].kind = kind_of(m->in.kind);
        mails[i].notice = upp_lend(m->in.notice);
        mails[i].from = upp_lend(m->in.from);
        mails[i].reply = m->in.reply;
        mails[i].text = upp_lend(m->in.text);
        list[i] = &mails[i];
    }
    read.validity = result->validity;
    read.last = result->last;
    read.more = result->more;
    read.mails = list;
    read.n_mails = result->n_mails;
    upp_done(p->loop, id, UPP_DONE, &read.base, 0);
}

static void read_next(port *p);

static void on_read(void *self, int fd, unsigned what)
{
    port *p = self;
    (void)what;
    mailbox_reader *reader = p->reader;
    asked *a = p->waiting;
    upp_loop_fd(p->loop, fd, 0, on_read, p);
    p->reader = NULL;
    p->waiting = a->next;
    const mailbox_result *result = mailbox_reader_result(reader);
    if (result->words) {
        upp_loop_say(p->loop, "mailbox: %s", result->words);
        upp_done(p->loop, a->id, UPP_LATER, NULL, 0);
    } else {
        if (result->passed)
            upp_loop_say(p->loop,
                         "mailbox: the server does not give us the mail with UID %lu; it is passed"
                         " by, look at it yourself",
                         (unsigned long)result->passed);
        answer(p, a->id, result);
    }
    mailbox_reader_free(reader);
    free(a);
    read_next(p);
}

static void read_next(port *p)
{
    if (p->reader || !p->waiting)
        return;
    p->reader = mailbox_reader_new(p->config, &p->waiting->from);
    upp_loop_fd(p->loop, mailbox_reader_fd(p->reader), UPP_READABLE, on_read, p);
}

static void mailbox_start(void *self, const upp_asked *ask)
{
    port *p = self;
    const Uppsikt__ReadMailbox *r = (const Uppsikt__ReadMailbox *)ask->request;
    if (!reads(p)) {
        upp_loop_say(p->loop, "mailbox: mailbox_url is not given");
        upp_done(p->loop, ask->id, UPP_NEVER, NULL, 0);
        return;
    }
    asked *a = calloc(1, sizeof *a);
    upp_check(a);
    a->id = ask->id;
    a->from = (mailbox_place){ .validity = r->validity,
                               .after = r->after,
                               .limit = r->limit,
                               .pass_by = ask->attempt >= TRIES };
    asked **last = &p->waiting;
    while (*last)
        last = &(*last)->next;
    *last = a;
    read_next(p);
}

static void *mailbox_open(upp_loop *loop, const void *config)
{
    port *p = calloc(1, sizeof *p);
    upp_check(p);
    p->loop = loop;
    p->config = config;
    const char *wrong = reads(p) ? mailbox_wrong_with(p->config) : NULL;
    if (wrong) {
        upp_loop_say(loop, "%s", wrong);
        free(p);
        return NULL;
    }
    return p;
}

static void mailbox_close(void *self)
{
    port *p = self;
    if (!p)
        return;
    if (p->reader)
        upp_loop_fd(p->loop, mailbox_reader_fd(p->reader), 0, on_read, p);
    mailbox_reader_free(p->reader);
    while (p->waiting) {
        asked *a = p->waiting;
        p->waiting = a->next;
        free(a);
    }
    free(p);
}

static const char *mailbox_lacks(void)
{
    const char *curl = upp_curl_lacks();
    return curl ? curl : upp_gmime_lacks();
}

const upp_port upp_mailbox_port = {
    .name = "mailbox",
    .request = &uppsikt__read_mailbox__descriptor,
    .answer = &uppsikt__mailbox_read__descriptor,
    .again = UPP_ONCE_OR_MORE, /* it changes nothing there */
    .open = mailbox_open,
    .start = mailbox_start,
    .close = mailbox_close,
    .lacks = mailbox_lacks,
};
