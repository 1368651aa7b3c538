/* notice.c - one mail, not many: what becomes due to one person is collected and leaves together
 * (sla.md §7, R17). Each notice is exactly once; its mail is at least once with one identity
 * (P5). */
#include "mail_text.h"
#include <stdio.h>
#include <string.h>

/* How many mails a person has had today, and when the last left. */
static int had_today(upp_txn *txn, const rules *r, const char *person, unsigned *ret_n,
                     upp_ms *ret_last)
{
    upp_ms midnight = 0;
    zone_instant(r->tz, zone_day(r->tz, upp_now(txn)) * UPP_DAY, ZONE_FIRST, &midnight);
    UPP_ROWS row = upp_query(txn,
                             "SELECT count(*), coalesce(max(at_ms), 0) FROM notice"
                             " WHERE person = ?1 AND at_ms >= ?2",
                             BIND(V(person), V(midnight)));
    if (upp_next(&row)) {
        *ret_n = (unsigned)upp_col_int(&row, 0);
        *ret_last = upp_col_int(&row, 1);
    }
    return row.rc;
}

/* Akut leaves at once; but what follows within the collecting time is collected too, and from the
 * fifth mail of a day the wait doubles each time, so that a flood is never more than ten mails. */
static upp_ms akut_leaves(const policy *pol, upp_ms now, unsigned n_today, upp_ms last)
{
    enum { UNHURRIED = 4, DOUBLINGS = 8 };
    unsigned doublings = n_today > UNHURRIED ? n_today - UNHURRIED : 0;
    if (doublings > DOUBLINGS)
        doublings = DOUBLINGS;
    const upp_ms at = last + pol->delivery.collect_span * ((upp_ms)1 << doublings);
    return n_today == 0 || at < now ? now : at;
}

static int leaves_at(upp_txn *txn, const rules *r, const matter *m, const char *person, upp_ms from,
                     upp_ms *ret_at)
{
    unsigned n_today = 0;
    upp_ms last = 0;
    const numbers *n = numbers_of(r, m);
    *ret_at = from;
    UPP_TRY(had_today(txn, r, person, &n_today, &last));
    if (m->akut)
        *ret_at = akut_leaves(&n->pol, from, n_today, last);
    else if (delivery_mail(&n->pol, n->duty, from, n_today, ret_at) != 0)
        *ret_at = from;
    return 0;
}

int notice_add(upp_txn *txn, const rules *r, const matter *m, uint32_t number, const char *person,
               upp_ms at)
{
    const upp_ms from = at > upp_now(txn) ? at : upp_now(txn);
    char key[80];
    upp_ms leaves = from;
    const int fresh =
        upp_exec(txn,
                 "INSERT INTO pending(matter, round, number, person, due_rev, at_ms)"
                 " VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
                 BIND(V(m->id), V(m->round), V(number), V(person), V(m->due_rev), V(from)));
    UPP_TRY(fresh);
    if (fresh == 0)
        return 0;
    UPP_TRY(leaves_at(txn, r, m, person, from, &leaves));
    leaves++; /* after every step of that very instant, so that they share the mail */
    snprintf(key, sizeof key, "mail/%s", person);
    {
        UPP_ROWS row = upp_query(txn, "SELECT due FROM upp_alarm WHERE key = ?1", BIND(V(key)));
        if (upp_next(&row) && upp_col_int(&row, 0) <= leaves)
            return 0; /* a mail is being collected for this person already */
        UPP_TRY(row.rc);
    }
    return upp_alarm(txn, key, leaves);
}

uint32_t notice_number(enum notice_kind kind, const matter *m)
{
    return (uint32_t)kind << 16 | (m->handovers & 0xffff);
}

enum notice_kind notice_kind_of(uint32_t number)
{
    return (enum notice_kind)(number >> 16);
}

/* One line a matter; questions that say the same are one line (§7), at the first of their dues. */
static int read_waiting(upp_txn *txn, const char *person, mail_line *ret_list, size_t size,
                        size_t *ret_n)
{
    enum { DUE_DIGITS = 19 };
    size_t n = 0, open = 0;
    char ids[MAIL_LINES][MATTER_ID];
    {
        UPP_ROWS row = upp_query(
            txn,
            "SELECT min(printf('%019d', CASE m.due_ms WHEN 0 THEN 9223372036854775807"
            " ELSE m.due_ms END) || m.matter) AS first, max(p.number), count(DISTINCT m.matter),"
            " coalesce(max(i.kind), 0) IN (?3, ?4) FROM pending p JOIN matter m ON m.matter = "
            "p.matter"
            " LEFT JOIN item i ON i.item = m.item WHERE p.person = ?1 AND p.notice = ''"
            " AND m.state = 0 GROUP BY CASE WHEN m.kind = 3 AND p.number < 65536 THEN"
            " CASE i.echoes WHEN '' THEN i.item ELSE i.echoes END ELSE m.matter END"
            " ORDER BY first LIMIT ?2",
            BIND(V(person), V((int64_t)(size < MAIL_LINES ? size : MAIL_LINES)),
                 V((int64_t)UPPSIKT__ITEM_KIND__ITEM_KIND_OWN_POST),
                 V((int64_t)UPPSIKT__ITEM_KIND__ITEM_KIND_OWN_REPLY)));
        while (n < MAIL_LINES && upp_next(&row)) {
            ret_list[n].number = (uint32_t)upp_col_int(&row, 1);
            ret_list[n].alike = upp_col_int(&row, 2);
            ret_list[n].ours = upp_col_int(&row, 3) != 0;
            snprintf(ids[n++], MATTER_ID, "%s", upp_col_text(&row, 0) + DUE_DIGITS);
        }
        UPP_TRY(row.rc);
    }
    for (size_t i = 0; i < n; i++) {
        const mail_line line = ret_list[i];
        const int missing = matter_read(txn, ids[i], &ret_list[open].m);
        UPP_TRY(missing);
        ret_list[open].number = line.number;
        ret_list[open].alike = line.alike;
        ret_list[open].ours = line.ours;
        open += missing == 0;
    }
    *ret_n = open;
    return 0;
}

int notice_address(upp_txn *txn, const rules *r, const char *person, char *ret_mail, size_t size)
{
    ret_mail[0] = '\0';
    if (strcmp(person, "operations") == 0) {
        snprintf(ret_mail, size, "%s",
                 r->config->operations_mail ? r->config->operations_mail : "");
        return 0;
    }
    if (strncmp(person, "unit:", 5) == 0) {
        UPP_ROWS row =
            upp_query(txn, "SELECT function_mail FROM unit WHERE unit = ?1", BIND(V(person + 5)));
        if (upp_next(&row))
            snprintf(ret_mail, size, "%s", upp_col_text(&row, 0));
        return row.rc;
    }
    int64_t ref = 0;
    {
        UPP_ROWS row =
            upp_query(txn, "SELECT contact_ref FROM person WHERE person = ?1", BIND(V(person)));
        if (upp_next(&row))
            ref = upp_col_int(&row, 0);
        UPP_TRY(row.rc);
    }
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *contact = NULL;
    const int missing = upp_recall(txn, ref, &uppsikt__contact__descriptor, &contact);
    UPP_TRY(missing);
    if (!missing)
        snprintf(ret_mail, size, "%s", ((const Uppsikt__Contact *)contact)->mail);
    return 0;
}

static int say_failed(upp_txn *txn, const char *notice, const char *person, uint32_t reply)
{
    Uppsikt__NoticeFailed out = UPPSIKT__NOTICE_FAILED__INIT;
    out.notice = upp_lend(notice);
    out.person = upp_lend(person);
    out.reply = reply;
    out.at_ms = upp_now(txn);
    return upp_emit(txn, notice, &out.base, NULL);
}

static int refused(upp_txn *txn, const char *notice, const char *person)
{
    UPP_TRY(upp_exec(txn, "UPDATE notice SET state = 2 WHERE notice = ?1", BIND(V(notice))));
    return say_failed(txn, notice, person, 0);
}

static int ask_mail(upp_txn *txn, const rules *r, const char *person, const char *notice,
                    const mail_line *list, size_t n, int64_t in_all)
{
    UPP_AUTO(mail_text_done) mail_text ma = { 0 };
    char to[320];
    UPP_TRY(notice_address(txn, r, person, to, sizeof to));
    if (!to[0])
        return refused(txn, notice, person);
    UPP_TRY(mail_text_write(txn, r, person, list, n, in_all, &ma));
    Uppsikt__SendMail ask = UPPSIKT__SEND_MAIL__INIT;
    ask.to = to;
    ask.subject = ma.subject;
    ask.text = ma.text;
    ask.notice = upp_lend(notice);
    const int forgotten = upp_ask(txn, "mail", UPP_ABOUT(notice, person), notice, &ask.base);
    UPP_TRY(forgotten);
    return forgotten ? refused(txn, notice, person) : 0;
}

/* T10: a clock has jumped a moment ago. */
static int jump_hold(upp_txn *txn, upp_ms *ret_until)
{
    UPP_ROWS row = upp_query(txn, "SELECT until_ms FROM hold WHERE hold = 'jump'", NO_BIND);
    if (upp_next(&row))
        *ret_until = upp_col_int(&row, 0);
    return row.rc;
}

/* The first duty of those whose matters these are; they share the mail. -1: there is none. */
static upp_ms first_duty(const rules *r, const mail_line *list, size_t n, upp_ms now)
{
    upp_ms first = -1, at = 0;
    for (size_t i = 0; i < n; i++) {
        const numbers *of = numbers_of(r, &list[i].m);
        if (delivery_at(of->duty, now - of->pol.delivery.collect_span, &at) == 0 &&
            (first < 0 || at < first))
            first = at;
    }
    return first;
}

/* Held until duty, unless it is akut: we may have been down when it should have left. */
static int hold(upp_txn *txn, const rules *r, const char *person, const mail_line *list, size_t n,
                bool *ret_held)
{
    char key[80];
    upp_ms jump = 0;
    *ret_held = false;
    for (size_t i = 0; i < n; i++)
        if (list[i].m.akut)
            return 0;
    upp_ms until = first_duty(r, list, n, upp_now(txn));
    if (until < 0)
        return 0;
    UPP_TRY(jump_hold(txn, &jump));
    until = jump > until ? jump : until;
    if (until <= upp_now(txn))
        return 0;
    *ret_held = true;
    snprintf(key, sizeof key, "mail/%s", person);
    return upp_alarm(txn, key, until);
}

int notice_alarm(upp_txn *txn, const rules *r, const char *person)
{
    mail_line list[MAIL_LINES];
    char notice[UPP_ID];
    size_t n = 0;
    int64_t in_all = 0;
    UPP_TRY(read_waiting(txn, person, list, UPP_LEN(list), &n));
    {
        UPP_ROWS row = upp_query(txn,
                                 "SELECT count(DISTINCT p.matter) FROM pending p JOIN matter m"
                                 " ON m.matter = p.matter WHERE p.person = ?1 AND p.notice = ''"
                                 " AND m.state = 0",
                                 BIND(V(person)));
        if (upp_next(&row))
            in_all = upp_col_int(&row, 0);
        UPP_TRY(row.rc);
    }
    bool held = false;
    UPP_TRY(hold(txn, r, person, list, n, &held));
    if (held)
        return 0;
    upp_id(txn, notice);
    UPP_TRY(upp_exec(txn, "UPDATE pending SET notice = ?2 WHERE person = ?1 AND notice = ''",
                     BIND(V(person), V(n > 0 ? notice : "cancelled"))));
    if (n == 0) /* all were met before the mail left */
        return 0;
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO notice(notice, person, at_ms, matters, state)"
                     " VALUES(?1, ?2, ?3, ?4, 0)",
                     BIND(V(notice), V(person), V(upp_now(txn)), V(in_all))));
    return ask_mail(txn, r, person, notice, list, n, in_all);
}

/* The mail server will not have that address: whoever comes next is told at once, and she is passed
 * by until the register knows a new one (sla.md §7). */
static int try_next(upp_txn *txn, const rules *r, const char *notice, const char *person)
{
    enum { STEPS = 64 };
    char matters[STEPS][MATTER_ID];
    uint32_t step_numbers[STEPS];
    size_t n = 0;
    UPP_TRY(upp_exec(txn, "UPDATE person SET bad = 1 WHERE person = ?1", BIND(V(person))));
    {
        UPP_ROWS row = upp_query(txn,
                                 "SELECT p.matter, max(p.number) FROM pending p JOIN matter m"
                                 " ON m.matter = p.matter WHERE p.person = ?1 AND p.notice = ?2"
                                 " AND p.notice <> ''"
                                 " AND p.number < 65536"
                                 " AND m.state = 0 GROUP BY p.matter ORDER BY m.due_ms LIMIT 64",
                                 BIND(V(person), V(notice)));
        while (n < STEPS && upp_next(&row)) {
            snprintf(matters[n], MATTER_ID, "%s", upp_col_text(&row, 0));
            step_numbers[n++] = (uint32_t)upp_col_int(&row, 1);
        }
        UPP_TRY(row.rc);
    }
    for (size_t i = 0; i < n; i++)
        UPP_TRY(step_tell_again(txn, r, matters[i], step_numbers[i]));
    return 0;
}

int notice_bounced(upp_txn *txn, const rules *r, const char *notice, uint32_t reply)
{
    char person[MATTER_PERSON] = "";
    {
        UPP_ROWS row = upp_query(txn, "SELECT person FROM notice WHERE notice = ?1 AND state <> 2",
                                 BIND(V(notice)));
        if (!upp_next(&row))
            return row.rc;
        snprintf(person, sizeof person, "%s", upp_col_text(&row, 0));
    }
    UPP_TRY(upp_exec(txn, "UPDATE notice SET state = 2 WHERE notice = ?1", BIND(V(notice))));
    UPP_TRY(say_failed(txn, notice, person, reply));
    return try_next(txn, r, notice, person);
}

int on_mail(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__MailDone *done = msg;
    const bool accepted = done && done->accepted && !in->dead;
    char person[48] = "";
    int64_t matters = 0;
    {
        UPP_ROWS row = upp_query(txn, "SELECT person, matters, state FROM notice WHERE notice = ?1",
                                 BIND(V(in->subject)));
        if (upp_next(&row)) {
            if (upp_col_int(&row, 2) == 2) /* it came back before we knew that it had left */
                return 0;
            snprintf(person, sizeof person, "%s", upp_col_text(&row, 0));
            matters = upp_col_int(&row, 1);
        }
        UPP_TRY(row.rc);
    }
    UPP_TRY(upp_exec(txn, "UPDATE notice SET state = ?2 WHERE notice = ?1",
                     BIND(V(in->subject), V(accepted ? 1 : 2))));
    if (!accepted) {
        const uint32_t reply = done ? done->reply : 0;
        UPP_TRY(say_failed(txn, in->subject, person, reply));
        return reply >= 500 ? try_next(txn, self, in->subject, person) : 0;
    }
    Uppsikt__NoticeSent out = UPPSIKT__NOTICE_SENT__INIT;
    out.notice = upp_lend(in->subject);
    out.person = person;
    out.matters = (uint32_t)matters;
    out.at_ms = upp_now(txn);
    return upp_emit(txn, in->subject, &out.base, NULL);
}
