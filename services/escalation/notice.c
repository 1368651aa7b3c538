/* notice.c - one mail, not many: what becomes due to one person is collected and leaves together
 * (sla.md §7, R17). Each notice is exactly once; its mail is at least once with one identity (P5). */
#include "escalation.h"
#include "words.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int notice_add(upp_txn *txn, const rules *r, const matter *m, uint32_t number, const char *person)
{
    const int fresh =
        upp_exec(txn,
                 "INSERT INTO pending(matter, round, number, person, due_rev, at_ms)"
                 " VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
                 BIND(V(m->id), V(m->round), V(number), V(person), V(m->due_rev), V(upp_now(txn))));
    UPP_TRY(fresh);
    if (fresh == 0)
        return 0;
    char key[80];
    upp_ms leaves = upp_now(txn);
    int64_t today = 0;
    snprintf(key, sizeof key, "mail/%s", person);
    {
        UPP_ROWS row =
            upp_query(txn, "SELECT count(*) FROM notice WHERE person = ?1 AND at_ms > ?2",
                      BIND(V(person), V(upp_now(txn) - UPP_DAY)));
        if (upp_next(&row))
            today = upp_col_int(&row, 0);
        UPP_TRY(row.rc);
    }
    {
        UPP_ROWS row = upp_query(txn, "SELECT due FROM upp_alarm WHERE key = ?1", BIND(V(key)));
        if (upp_next(&row)) /* a mail is being collected for this person already */
            return m->akut ? upp_alarm(txn, key, upp_now(txn)) : 0;
        UPP_TRY(row.rc);
    }
    if (!m->akut && delivery_mail(&r->pol, r->duty, upp_now(txn), (unsigned)today, &leaves) != 0)
        leaves = upp_now(txn);
    return upp_alarm(txn, key, leaves);
}

/* -- the mail's words -- */
typedef struct mail {
    char *text; /* owned */
    size_t len, size;
    char subject[240];
} mail;

static void mail_done(mail *ma)
{
    free(ma->text);
}

static void add(mail *ma, const char *text)
{
    const size_t n = strlen(text);
    if (ma->len + n + 1 > ma->size) {
        ma->size = (ma->len + n + 1) * 2;
        ma->text = realloc(ma->text, ma->size);
        upp_check(ma->text);
    }
    memcpy(ma->text + ma->len, text, n + 1);
    ma->len += n;
}

typedef struct slot {
    const char *name, *value;
} slot;

/* Writes a catalogue's text with its {slots} filled in. */
static void fill(char *ret_text, size_t size, const char *pattern, const slot *slots, size_t n)
{
    size_t len = 0;
    while (*pattern && len + 1 < size) {
        const char *close = *pattern == '{' ? strchr(pattern, '}') : NULL;
        const char *value = NULL;
        for (size_t i = 0; close && i < n; i++)
            if (strlen(slots[i].name) == (size_t)(close - pattern - 1) &&
                strncmp(pattern + 1, slots[i].name, strlen(slots[i].name)) == 0)
                value = slots[i].value;
        if (!value) {
            ret_text[len++] = *pattern++;
            continue;
        }
        len += (size_t)snprintf(ret_text + len, size - len, "%s", value);
        pattern = close + 1;
    }
    ret_text[len < size ? len : size - 1] = '\0';
}

static const char *kind_key(const matter *m)
{
    if (m->records)
        return "kind.records";
    if (m->akut)
        return "kind.akut";
    static const char *const keys[] = { "kind.see",      "kind.look", "kind.moderation",
                                        "kind.question", "kind.look", "kind.see" };
    return keys[(size_t)m->kind % UPP_LEN(keys)];
}

static int account_name(upp_txn *txn, const char *account, char *ret_name, size_t size)
{
    int64_t ref = 0;
    snprintf(ret_name, size, "%s", account);
    {
        UPP_ROWS row = upp_query(txn, "SELECT name_ref, platform FROM account WHERE account = ?1",
                                 BIND(V(account)));
        if (upp_next(&row)) {
            ref = upp_col_int(&row, 0);
            snprintf(ret_name, size, "%s", upp_col_text(&row, 1));
        }
        UPP_TRY(row.rc);
    }
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *msg = NULL;
    const int missing = upp_recall(txn, ref, &uppsikt__account_changed_content__descriptor, &msg);
    UPP_TRY(missing);
    if (!missing) {
        const Uppsikt__AccountChangedContent *c = (const Uppsikt__AccountChangedContent *)msg;
        if (c->name[0])
            snprintf(ret_name, size, "%s", c->name);
    }
    return 0;
}

static int add_line(upp_txn *txn, const rules *r, const matter *m, mail *ma, bool first)
{
    const char *lang = r->config->language;
    char account[200], what[96], when[WORDS_TIME] = "", left[WORDS_TIME] = "", pattern[200],
                                 line[700], link[300];
    UPP_TRY(account_name(txn, m->account, account, sizeof account));
    words_get(lang, kind_key(m), what, sizeof what);
    if (m->due_ms > 0) {
        words_when(lang, zone_local(r->tz, m->due_ms), when);
        words_left(lang, m->due_ms - upp_now(txn), left);
    }
    const slot slots[] = {
        { "what", what }, { "account", account }, { "when", when }, { "left", left }
    };
    words_get(lang, m->due_ms > 0 ? "line" : "line.no-due", pattern, sizeof pattern);
    fill(line, sizeof line, pattern, slots, UPP_LEN(slots));
    add(ma, "- ");
    add(ma, line);
    add(ma, "\n  ");
    snprintf(link, sizeof link, "%s/%s", r->config->link_base ? r->config->link_base : "", m->id);
    const slot where[] = { { "id", m->id }, { "link", link } };
    words_get(lang, r->config->link_base ? "link" : "id", pattern, sizeof pattern);
    fill(line, sizeof line, pattern, where, UPP_LEN(where));
    add(ma, line);
    add(ma, "\n");
    if (first) {
        words_get(lang, "subject.one", pattern, sizeof pattern);
        fill(ma->subject, sizeof ma->subject, pattern, slots, UPP_LEN(slots));
    }
    return 0;
}

static int read_waiting(upp_txn *txn, const char *person, matter *ret_list, size_t size,
                        size_t *ret_n)
{
    char ids[64][MATTER_ID];
    size_t n = 0, open = 0;
    {
        UPP_ROWS row =
            upp_query(txn,
                      "SELECT DISTINCT p.matter FROM pending p JOIN matter m"
                      " ON m.matter = p.matter WHERE p.person = ?1 AND p.notice = ''"
                      " AND m.state = 0 ORDER BY m.due_ms, p.matter LIMIT ?2",
                      BIND(V(person), V((int64_t)(size < UPP_LEN(ids) ? size : UPP_LEN(ids)))));
        while (n < UPP_LEN(ids) && upp_next(&row))
            snprintf(ids[n++], MATTER_ID, "%s", upp_col_text(&row, 0));
        UPP_TRY(row.rc);
    }
    for (size_t i = 0; i < n; i++) {
        const int missing = matter_read(txn, ids[i], &ret_list[open]);
        UPP_TRY(missing);
        open += missing == 0;
    }
    *ret_n = open;
    return 0;
}

/* Where a person, a unit's mailbox or operations are reached; "": nowhere. */
static int address_of(upp_txn *txn, const rules *r, const char *person, char *ret_mail, size_t size)
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

static int write_mail(upp_txn *txn, const rules *r, const matter *list, size_t n, int64_t in_all,
                      mail *ma)
{
    const char *lang = r->config->language;
    char text[300];
    add(ma, words_get(lang, "greeting", text, sizeof text));
    add(ma, "\n\n");
    add(ma, words_get(lang, "intro", text, sizeof text));
    add(ma, "\n\n");
    for (size_t i = 0; i < n; i++)
        UPP_TRY(add_line(txn, r, &list[i], ma, i == 0));
    if (in_all > (int64_t)n)
        add(ma, "...\n");
    add(ma, "\n");
    add(ma, words_get(lang, "outro", text, sizeof text));
    add(ma, "\n\n");
    add(ma, words_get(lang, "sender", text, sizeof text));
    add(ma, "\n");
    if (in_all > 1) {
        char count[24], left[WORDS_TIME] = "";
        snprintf(count, sizeof count, "%lld", (long long)in_all);
        if (list[0].due_ms > 0)
            words_left(lang, list[0].due_ms - upp_now(txn), left);
        const slot slots[] = { { "count", count }, { "left", left } };
        words_get(lang, "subject.many", text, sizeof text);
        fill(ma->subject, sizeof ma->subject, text, slots, UPP_LEN(slots));
    }
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

static int ask_mail(upp_txn *txn, const rules *r, const char *person, const char *notice,
                    const matter *list, size_t n, int64_t in_all)
{
    UPP_AUTO(mail_done) mail ma = { 0 };
    char to[320];
    UPP_TRY(address_of(txn, r, person, to, sizeof to));
    if (!to[0])
        return say_failed(txn, notice, person, 0);
    UPP_TRY(write_mail(txn, r, list, n, in_all, &ma));
    Uppsikt__SendMail ask = UPPSIKT__SEND_MAIL__INIT;
    ask.to = to;
    ask.subject = ma.subject;
    ask.text = ma.text;
    ask.notice = upp_lend(notice);
    return upp_ask(txn, "mail", UPP_ABOUT(notice, person), notice, &ask.base);
}

int notice_alarm(upp_txn *txn, const rules *r, const char *person)
{
    enum { LINES = 30 };
    matter list[LINES];
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
    upp_id(txn, notice);
    UPP_TRY(upp_exec(txn, "UPDATE pending SET notice = ?2 WHERE person = ?1 AND notice = ''",
                     BIND(V(person), V(n > 0 ? notice : "cancelled"))));
    if (n == 0) /* all were met before the mail left */
        return 0;
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO notice(notice, person, at_ms, matters, state)"
                     " VALUES(?1, ?2, ?3, ?4, 0)",
                     BIND(V(notice), V(person), V(upp_now(txn)), V(in_all))));
    const int there = ask_mail(txn, r, person, notice, list, n, in_all);
    return there < 0 ? there : 0;
}

int on_mail(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    const Uppsikt__MailDone *done = msg;
    const bool accepted = done && done->accepted && !in->dead;
    char person[48] = "";
    int64_t matters = 0;
    {
        UPP_ROWS row = upp_query(txn, "SELECT person, matters FROM notice WHERE notice = ?1",
                                 BIND(V(in->subject)));
        if (upp_next(&row)) {
            snprintf(person, sizeof person, "%s", upp_col_text(&row, 0));
            matters = upp_col_int(&row, 1);
        }
        UPP_TRY(row.rc);
    }
    UPP_TRY(upp_exec(txn, "UPDATE notice SET state = ?2 WHERE notice = ?1",
                     BIND(V(in->subject), V(accepted ? 1 : 2))));
    if (!accepted)
        return say_failed(txn, in->subject, person, done ? done->reply : 0);
    Uppsikt__NoticeSent out = UPPSIKT__NOTICE_SENT__INIT;
    out.notice = upp_lend(in->subject);
    out.person = person;
    out.matters = (uint32_t)matters;
    out.at_ms = upp_now(txn);
    return upp_emit(txn, in->subject, &out.base, NULL);
}
