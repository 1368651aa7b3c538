/* heard_mail.c - what comes back by mail: a person's answer says that she has seen it, an automatic
 * one that she may be away, a bounce that nobody heard (R14, R17; sla.md §7, E24). The mark in
 * the mailbox moves with what came of the mails, so each counts once. */
#include "escalation.h"
#include <stdio.h>
#include <string.h>

/* So long a mail is known again, should the mailbox be made anew. */
static const upp_ms known_span = 180 * UPP_DAY;
/* Each mail to somebody who is away brings an answer: her manager is asked so seldom. */
static const upp_ms away_again_span = 14 * UPP_DAY;
static const char alarm_key[] = "mailbox/";

static bool is_read(const rules *r)
{
    const char *url = r->config->post.mailbox.url;
    return url && url[0];
}

int heard_mail_start(upp_txn *txn, const rules *r)
{
    if (!is_read(r))
        return upp_alarm_off(txn, alarm_key);
    {
        UPP_ROWS row = upp_query(txn, "SELECT 1 FROM mailbox WHERE asked = 1", NO_BIND);
        if (upp_next(&row)) /* its answer goes on with it */
            return 0;
        UPP_TRY(row.rc);
    }
    return upp_alarm(txn, alarm_key, upp_now(txn));
}

int heard_mail_alarm(upp_txn *txn, const rules *r, const char *about)
{
    enum { AT_ONCE = 16 };
    Uppsikt__ReadMailbox ask = UPPSIKT__READ_MAILBOX__INIT;
    char key[48];
    int64_t calls = 0;
    (void)about;
    if (!is_read(r))
        return 0;
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO mailbox(one, validity, after, calls, asked)"
                     " VALUES(1, 0, 0, 1, 1)"
                     " ON CONFLICT DO UPDATE SET calls = calls + 1, asked = 1",
                     NO_BIND));
    {
        UPP_ROWS row = upp_query(txn, "SELECT validity, after, calls FROM mailbox", NO_BIND);
        if (upp_next(&row)) {
            ask.validity = (uint32_t)upp_col_int(&row, 0);
            ask.after = (uint32_t)upp_col_int(&row, 1);
            calls = upp_col_int(&row, 2);
        }
        UPP_TRY(row.rc);
    }
    ask.limit = AT_ONCE;
    snprintf(key, sizeof key, "mailbox/%lld", (long long)calls);
    const int forgotten = upp_ask(txn, "mailbox", UPP_ABOUT("mailbox"), key, &ask.base);
    return forgotten < 0 ? forgotten : 0;
}

/* -- one mail -- */
/* 1: we sent no such notice. */
static int whose(upp_txn *txn, const char *notice, char ret_person[MATTER_PERSON])
{
    UPP_ROWS row = upp_query(txn, "SELECT person FROM notice WHERE notice = ?1", BIND(V(notice)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : 1;
    snprintf(ret_person, MATTER_PERSON, "%s", upp_col_text(&row, 0));
    return row.rc;
}

/* The matters of that mail that are open, and the highest number under which each stood in it. */
enum { MATTERS = 64 };
typedef struct named {
    size_t n;
    char id[MATTERS][MATTER_ID];
    uint32_t number[MATTERS];
} named;

static int named_in(upp_txn *txn, const char *notice, const char *person, named *ret_named)
{
    ret_named->n = 0;
    UPP_ROWS row = upp_query(txn,
                             "SELECT p.matter, max(p.number) FROM pending p JOIN matter m"
                             " ON m.matter = p.matter WHERE p.notice = ?1 AND p.notice <> ''"
                             " AND p.person = ?2 AND m.state = 0 GROUP BY p.matter"
                             " ORDER BY m.due_ms, p.matter LIMIT ?3",
                             BIND(V(notice), V(person), V((int64_t)MATTERS)));
    while (ret_named->n < MATTERS && upp_next(&row)) {
        snprintf(ret_named->id[ret_named->n], MATTER_ID, "%s", upp_col_text(&row, 0));
        ret_named->number[ret_named->n++] = (uint32_t)upp_col_int(&row, 1);
    }
    return row.rc;
}

/* Her words, for whoever owns it. */
static int note(upp_txn *txn, const matter *m, const char *notice, const char *person,
                const char *text)
{
    upp_content kept;
    Uppsikt__MatterNotedContent content = UPPSIKT__MATTER_NOTED_CONTENT__INIT;
    content.note = upp_lend(text);
    const int gone = upp_keep(txn, UPP_ABOUT(matter_subject(m), person), &content.base, &kept);
    UPP_TRY(gone);
    Uppsikt__MatterNoted out = UPPSIKT__MATTER_NOTED__INIT;
    out.matter = upp_lend(m->id);
    out.item = upp_lend(m->item);
    out.person = upp_lend(person);
    out.notice = upp_lend(notice);
    out.at_ms = upp_now(txn);
    out.commitment = upp_commitment(&kept);
    return upp_emit(txn, matter_subject(m), &out.base, &kept);
}

static int answered_one(upp_txn *txn, const rules *r, const char *id, uint32_t number,
                        const char *person, const Uppsikt__HeardMail *mail)
{
    matter m;
    upp_ms until = 0;
    const int missing = matter_read(txn, id, &m);
    UPP_TRY(missing);
    if (missing)
        return 0;
    const int stranger = act_may(txn, r, person, &m);
    UPP_TRY(stranger);
    if (stranger) /* it was hers when the mail left */
        return 0;
    if (notice_kind_of(number) == NOTICE_OFFERED && m.asked && mail->text[0] &&
        strcmp(m.handed_to, person) == 0)
        return handover_draft(txn, r, &m, person, mail->text);
    UPP_TRY(attend_acknowledge(txn, r, &m, person, &until));
    return mail->text[0] ? note(txn, &m, mail->notice, person, mail->text) : 0;
}

static bool same_address(const char *a, const char *b)
{
    for (; *a && *b; a++, b++) {
        const char low_a = *a >= 'A' && *a <= 'Z' ? (char)(*a - 'A' + 'a') : *a;
        const char low_b = *b >= 'A' && *b <= 'Z' ? (char)(*b - 'A' + 'a') : *b;
        if (low_a != low_b)
            return false;
    }
    return *a == *b;
}

/* Only from her own address: the notice's id was in her mail alone, and whoever it was passed on to
 * does not act in her name. A mailbox that people share acts in nobody's. */
static int answered(upp_txn *txn, const rules *r, const char *person,
                    const Uppsikt__HeardMail *mail)
{
    char address[320];
    named list;
    UPP_TRY(notice_address(txn, r, person, address, sizeof address));
    if (act_mailbox(person) || !address[0] || !same_address(address, mail->from))
        return 0;
    UPP_TRY(named_in(txn, mail->notice, person, &list));
    for (size_t i = 0; i < list.n; i++)
        UPP_TRY(answered_one(txn, r, list.id[i], list.number[i], person, mail));
    return 0;
}

/* Whose it is to find out: her manager, or, when that is she, the unit above. */
static int unit_to_ask(upp_txn *txn, const char *person, char ret_unit[48])
{
    ret_unit[0] = '\0';
    UPP_ROWS row = upp_query(txn,
                             "SELECT CASE WHEN u.manager = ?1 AND u.parent <> '' THEN u.parent"
                             " ELSE u.unit END FROM person p JOIN unit u ON u.unit = p.unit"
                             " WHERE p.person = ?1 AND p.gone = 0",
                             BIND(V(person)));
    if (upp_next(&row))
        snprintf(ret_unit, 48, "%s", upp_col_text(&row, 0));
    return row.rc;
}

static int asked_lately(upp_txn *txn, const char *person)
{
    UPP_ROWS row =
        upp_query(txn, "SELECT 1 FROM matter WHERE errand = ?1 AND about = ?2 AND received_ms > ?3",
                  BIND(V((int64_t)ERRAND_AWAY), V(person), V(upp_now(txn) - away_again_span)));
    const bool lately = upp_next(&row);
    return row.rc < 0 ? row.rc : lately;
}

/* "X verkar borta": unless the register knows that she is. */
static int seems_away(upp_txn *txn, const rules *r, const char *person)
{
    matter e = { .errand = ERRAND_AWAY, .received_ms = upp_now(txn) };
    if (act_mailbox(person))
        return 0;
    const int known = roster_away(txn, person, upp_now(txn));
    UPP_TRY(known);
    const int lately = asked_lately(txn, person);
    UPP_TRY(lately);
    UPP_TRY(unit_to_ask(txn, person, e.unit));
    if (known || lately || !e.unit[0])
        return 0;
    snprintf(e.about, sizeof e.about, "%s", person);
    return errand_open(txn, r, &e);
}

static int hear(upp_txn *txn, const rules *r, const Uppsikt__HeardMail *mail)
{
    char person[MATTER_PERSON];
    const int fresh = upp_exec(txn,
                               "INSERT INTO heard_mail(mail, at_ms) VALUES(?1, ?2)"
                               " ON CONFLICT DO NOTHING",
                               BIND(V(mail->mail), V(upp_now(txn))));
    UPP_TRY(fresh);
    if (fresh == 0)
        return 0;
    const int strange = whose(txn, mail->notice, person);
    UPP_TRY(strange);
    if (strange)
        return 0;
    switch ((int)mail->kind) {
    case UPPSIKT__HEARD_MAIL__KIND__KIND_ANSWER:
        return answered(txn, r, person, mail);
    case UPPSIKT__HEARD_MAIL__KIND__KIND_AWAY:
        return seems_away(txn, r, person);
    case UPPSIKT__HEARD_MAIL__KIND__KIND_BOUNCE:
        return notice_bounced(txn, r, mail->notice, mail->reply);
    default:
        return 0;
    }
}

int on_mailbox(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const rules *r = self;
    const Uppsikt__MailboxRead *got = msg;
    UPP_TRY(upp_exec(txn, "UPDATE mailbox SET asked = 0", NO_BIND));
    UPP_TRY(upp_exec(txn, "DELETE FROM heard_mail WHERE at_ms < ?1",
                     BIND(V(upp_now(txn) - known_span))));
    if (got && !in->dead) {
        for (size_t i = 0; i < got->n_mails; i++)
            UPP_TRY(hear(txn, r, got->mails[i]));
        UPP_TRY(upp_exec(txn, "UPDATE mailbox SET validity = ?1, after = ?2",
                         BIND(V((int64_t)got->validity), V((int64_t)got->last))));
    }
    if (!is_read(r))
        return 0;
    const upp_ms rest = got && got->more ? 0 : r->config->post.mailbox.look_span;
    return upp_alarm(txn, alarm_key, upp_now(txn) + rest);
}
