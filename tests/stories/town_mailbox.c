/* town_mailbox.c - what comes back by mail in the town: people answer from their own address or
 * another, are away, cannot be reached; and the mailbox is made anew now and then (R17). */
#include "town_mailbox.h"
#include "town_part.h"
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct came {
    Uppsikt__HeardMail__Kind kind;
    char mail[65], notice[40], from[64];
    upp_ms at;
} came;

enum { LIMIT = 32 };
struct mailbox_world {
    town *t;
    sim_rand rand;
    came *mails; /* TOWN_MAILS of them, by UID from 1 */
    size_t n;
    uint32_t validity;
    Uppsikt__MailboxRead read;
    Uppsikt__HeardMail rows[LIMIT], *list[LIMIT];
};

/* In no fact, metric or complaint: what somebody answered. */
static const char words[] = "Ring Sjöbergastrand";

static void lay(mailbox_world *w, uint32_t uid, size_t at)
{
    const came *c = &w->mails[uid - 1];
    Uppsikt__HeardMail *m = &w->rows[at];
    uppsikt__heard_mail__init(m);
    m->mail = upp_lend(c->mail);
    m->kind = c->kind;
    m->notice = upp_lend(c->notice);
    m->from = upp_lend(c->from);
    m->reply = c->kind == UPPSIKT__HEARD_MAIL__KIND__KIND_BOUNCE ? 550 : 0;
    m->text = upp_lend(c->kind == UPPSIKT__HEARD_MAIL__KIND__KIND_ANSWER ? words : "");
    w->list[at] = m;
}

static void read_mailbox(void *ctx, sim *s, const sim_attempt *attempt, sim_reply *reply)
{
    mailbox_world *w = ctx;
    const Uppsikt__ReadMailbox *m = (const Uppsikt__ReadMailbox *)attempt->asked.request;
    size_t n = 0;
    (void)s;
    w->validity += sim_chance(&w->rand, 5);
    uint32_t uid = m->validity == w->validity ? m->after : 0;
    for (; uid < w->n && n < m->limit && n < LIMIT; uid++)
        lay(w, uid + 1, n++);
    uppsikt__mailbox_read__init(&w->read);
    w->read.validity = w->validity;
    w->read.last = uid;
    w->read.more = uid < w->n;
    w->read.n_mails = n;
    w->read.mails = w->list;
    reply->answer = &w->read.base;
}

void town_mailbox_sent(town *t, const char *to, const char *notice)
{
    mailbox_world *w = t->mailbox;
    if (!t->answers_mail || w->n == TOWN_MAILS)
        return;
    const uint64_t what = sim_below(&w->rand, 100);
    came *c = &w->mails[w->n];
    *c = (came){ .at = sim_now(t->s) };
    snprintf(c->from, sizeof c->from, "%s", what < 17 ? to : "bo@x.se");
    snprintf(c->notice, sizeof c->notice, "%s", what == 20 ? "" : notice);
    if (what < 2)
        c->kind = UPPSIKT__HEARD_MAIL__KIND__KIND_BOUNCE;
    else if (what < 10)
        c->kind = UPPSIKT__HEARD_MAIL__KIND__KIND_AWAY;
    else if (what < 20)
        c->kind = UPPSIKT__HEARD_MAIL__KIND__KIND_ANSWER;
    else if (what < 22)
        c->kind = UPPSIKT__HEARD_MAIL__KIND__KIND_OTHER;
    else
        return;
    snprintf(c->mail, sizeof c->mail, "%064zu", ++w->n);
}

/* -- what must hold -- */
static int64_t number_of(town *t, const char *sql, const char *text)
{
    sqlite3_stmt *stmt = NULL;
    upp_check(sqlite3_prepare_v2(town_store(t, "escalation"), sql, -1, &stmt, NULL) == SQLITE_OK);
    upp_check(sqlite3_bind_text(stmt, 1, text, -1, SQLITE_STATIC) == SQLITE_OK);
    const int64_t n = sqlite3_step(stmt) == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : -1;
    sqlite3_finalize(stmt);
    return n;
}

static void check_bounce(town *t, const came *c)
{
    const int64_t failed =
        number_of(t,
                  "SELECT count(*) FROM upp_log WHERE type = 'uppsikt.NoticeFailed'"
                  " AND subject = ?1",
                  c->notice);
    if (failed != 1)
        town_wrong(t, "R17: %s came back and was said %" PRId64 " times", c->notice, failed);
    if (number_of(t, "SELECT state FROM notice WHERE notice = ?1", c->notice) != 2)
        town_wrong(t, "R17: %s came back and counts as heard", c->notice);
}

void town_mailbox_check(town *t)
{
    const mailbox_world *w = t->mailbox;
    int64_t most = 0;
    uint64_t heard = 0;
    for (size_t i = 0; i < w->n; i++) {
        const came *c = &w->mails[i];
        const int64_t known =
            number_of(t, "SELECT count(*) FROM heard_mail WHERE mail = ?1", c->mail);
        if (known == 0 && c->at < sim_now(t->s) - UPP_DAY)
            town_wrong(t, "R17: mail %zu was never read", i + 1);
        heard += known == 1;
        if (known == 1 && c->kind == UPPSIKT__HEARD_MAIL__KIND__KIND_BOUNCE)
            check_bounce(t, c);
        if (known == 1 && c->kind == UPPSIKT__HEARD_MAIL__KIND__KIND_ANSWER)
            most += number_of(t, "SELECT count(DISTINCT matter) FROM pending WHERE notice = ?1",
                              c->notice);
    }
    const int64_t noted = town_number(
        t, "escalation", "SELECT count(*) FROM upp_log WHERE type = 'uppsikt.MatterNoted'");
    if (noted > most)
        town_wrong(t, "R17: %" PRId64 " notes of %" PRId64 " that were written", noted, most);
    town_counted(t, "R17 mails that came back", heard);
    town_counted(t, "R17 notes of answers", (uint64_t)noted);
}

void town_mailbox_open(town *t)
{
    mailbox_world *w = calloc(1, sizeof *w);
    upp_check(w);
    *w = (mailbox_world){ .t = t, .rand = sim_rand_new(t->seed, 0x3a11), .validity = 1 };
    w->mails = calloc(TOWN_MAILS, sizeof *w->mails);
    upp_check(w->mails);
    t->mailbox = w;
    t->config.post.mailbox.url = "imap://mail.x.se";
    t->config.post.mailbox.look_span = 6 * UPP_HOUR; /* each look costs as much as a comment */
    sim_port(t->s, "mailbox", read_mailbox, w);
    sim_personal(t->s, words);
}

void town_mailbox_close(town *t)
{
    free(t->mailbox->mails);
    free(t->mailbox);
    t->mailbox = NULL;
}
