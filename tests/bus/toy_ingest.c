/* toy_ingest.c - an owner for the tests: says as many comments as a command wants, keeps an object,
 * and has a port that works outside and speaks to its own service. */
#include "upp/bus.h"
#include "uppsikt/comment.pb-c.h"
#include "uppsikt/escalation.pb-c.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Snooze{matter: first words of the items, until_ms: how many, reason: each one's text}. */
static int say_comments(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__Snooze *s = msg;
    if (strcmp(s->matter, "refuse") == 0)
        return upp_refuse(txn, "no-such-matter");
    for (int64_t i = 0; i < s->until_ms; i++) {
        char item[64];
        snprintf(item, sizeof item, "%s-%06d", s->matter, (int)i);
        Uppsikt__CommentReceivedContent text = UPPSIKT__COMMENT_RECEIVED_CONTENT__INIT;
        text.text = s->reason;
        upp_content content = { 0 };
        const int gone = upp_keep(txn, UPP_ABOUT(item), &text.base, &content);
        UPP_TRY(gone);
        Uppsikt__CommentReceived out = UPPSIKT__COMMENT_RECEIVED__INIT;
        out.item = item;
        out.commitment = upp_commitment(&content);
        UPP_TRY(upp_emit(txn, item, &out.base, &content));
    }
    Uppsikt__MatterTouched touched = UPPSIKT__MATTER_TOUCHED__INIT;
    touched.matter = s->matter;
    touched.until_ms = s->until_ms;
    return upp_reply(txn, &touched.base);
}

/* Acknowledge{matter: the object's id}: the test has written the file, 200,000 bytes. */
static int keep_object(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__Acknowledge *a = msg;
    const uint8_t sha256[32] = { 1 };
    const int gone = upp_object_keep(txn, UPP_ABOUT("m1"), a->matter, 200000, sha256);
    UPP_TRY(gone);
    Uppsikt__MatterTouched touched = UPPSIKT__MATTER_TOUCHED__INIT;
    touched.matter = a->matter;
    return upp_reply(txn, &touched.base);
}

/* HandOver{matter}: a mail about it. */
static int ask_mail(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__HandOver *h = msg;
    Uppsikt__SendMail mail = UPPSIKT__SEND_MAIL__INIT;
    mail.to = h->to;
    UPP_TRY(upp_ask(txn, "mail", UPP_ABOUT(h->matter), h->matter, &mail.base));
    Uppsikt__MatterTouched touched = UPPSIKT__MATTER_TOUCHED__INIT;
    touched.matter = h->matter;
    return upp_reply(txn, &touched.base);
}

static int hear_mail(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)msg;
    Uppsikt__NoticeSent out = UPPSIKT__NOTICE_SENT__INIT;
    out.notice = upp_lend(in->subject);
    return upp_emit(txn, in->subject, &out.base, NULL);
}

/* Said by the port itself, through the loop. */
static int claim(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    const Uppsikt__Claim *c = msg;
    Uppsikt__MatterClaimed out = UPPSIKT__MATTER_CLAIMED__INIT;
    out.matter = c->matter;
    out.person = upp_lend(in->source);
    UPP_TRY(upp_emit(txn, c->matter, &out.base, NULL));
    Uppsikt__MatterTouched touched = UPPSIKT__MATTER_TOUCHED__INIT;
    touched.matter = c->matter;
    return upp_reply(txn, &touched.base);
}

/* Rows with content, for who may have it: ShowMatter{matter: how many}. */
static int show(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__ShowMatter *s = msg;
    for (long i = strtol(s->matter, NULL, 10); i > 0; i--) {
        Uppsikt__MatterRow row = UPPSIKT__MATTER_ROW__INIT;
        row.state = upp_lend("open");
        Uppsikt__CommentReceivedContent text = UPPSIKT__COMMENT_RECEIVED_CONTENT__INIT;
        text.text = upp_lend("MARKER");
        UPP_TRY(upp_reply_content(txn, &row.base, &text.base));
    }
    return 0;
}

/* -- the port: the worker, a timer, a command to the own service, then the answer -- */
typedef struct mailer {
    upp_loop *loop;
    int64_t ask;
    char key[64];
} mailer;

static void *mail_open(upp_loop *loop, const void *config)
{
    (void)config;
    mailer *m = calloc(1, sizeof *m);
    upp_check(m != NULL);
    m->loop = loop;
    return m;
}

static void mail_claimed(void *self, const ProtobufCMessage *outcome, const char *words)
{
    const mailer *m = self;
    const Uppsikt__MatterTouched *touched = (const Uppsikt__MatterTouched *)outcome;
    Uppsikt__MailDone done = UPPSIKT__MAIL_DONE__INIT;
    upp_check(words == NULL && touched != NULL && strcmp(touched->matter, m->key) == 0);
    upp_done(m->loop, m->ask, UPP_DONE, &done.base, 0);
}

static void mail_later(void *self)
{
    mailer *m = self;
    uint8_t id[16] = { 0 };
    memcpy(id, m->key, sizeof id);
    Uppsikt__Claim claim_it = UPPSIKT__CLAIM__INIT;
    claim_it.matter = m->key;
    upp_loop_command(m->loop, id, &claim_it.base, mail_claimed, m);
}

static void mail_work(void *job)
{
    (void)job;
}

static void mail_back(void *job)
{
    mailer *m = job;
    upp_loop_in(m->loop, 1, mail_later, m);
}

static void mail_start(void *self, const upp_asked *ask)
{
    mailer *m = self;
    m->ask = ask->id;
    snprintf(m->key, sizeof m->key, "%s", ask->key);
    upp_loop_work(m->loop, mail_work, mail_back, m);
}

static const upp_port mail = {
    .name = "mail",
    .request = &uppsikt__send_mail__descriptor,
    .answer = &uppsikt__mail_done__descriptor,
    .again = UPP_ONCE_OR_MORE,
    .open = mail_open,
    .start = mail_start,
    .close = free,
};
extern const upp_port *const toy_ingest_ports[];
const upp_port *const toy_ingest_ports[] = { &mail, NULL };

static const upp_ms retries[] = { UPP_MINUTE };
static const upp_outside outside[] = {
    { "mail", &uppsikt__send_mail__descriptor, &uppsikt__mail_done__descriptor, retries, 1,
      UPP_HOUR },
};
// clang-format off
static const upp_route routes[] = {
    { UPP_COMMAND, NULL,   &uppsikt__snooze__descriptor,      say_comments, NULL },
    { UPP_COMMAND, NULL,   &uppsikt__acknowledge__descriptor, keep_object,  NULL },
    { UPP_COMMAND, NULL,   &uppsikt__hand_over__descriptor,   ask_mail,     NULL },
    { UPP_COMMAND, NULL,   &uppsikt__claim__descriptor,       claim,        NULL },
    { UPP_ANSWER,  "mail", &uppsikt__mail_done__descriptor,   hear_mail,    NULL },
    { UPP_QUERY,   NULL,   &uppsikt__show_matter__descriptor, show,         NULL },
};
// clang-format on
extern const upp_service toy_ingest_service;
const upp_service toy_ingest_service = { .name = "ingest",
                                         .schema = "",
                                         .routes = routes,
                                         .n_routes = UPP_LEN(routes),
                                         .outside = outside,
                                         .n_outside = UPP_LEN(outside) };
