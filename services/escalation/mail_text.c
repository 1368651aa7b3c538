/* mail_text.c - a notice in words: what waits, where, until when, and a link. Never what anybody
 * wrote (R24). */
#include "mail_text.h"
#include "link.h"
#include "words.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void mail_text_done(mail_text *ma)
{
    free(ma->text);
}

static void add(mail_text *ma, const char *text)
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

/* What it is, in the catalogue's words. */
static void kind_of(const char *lang, const mail_line *line, char *ret_text, size_t size)
{
    static const char *const keys[] = { "kind.see",      "kind.look",    "kind.moderation",
                                        "kind.question", "kind.finding", "kind.see" };
    const matter *m = &line->m;
    char key[64], one[96], count[24], pattern[96];
    if (m->errand != ERRAND_NONE)
        snprintf(key, sizeof key, "kind.%s%s", errand_rule_of(m->errand)->name,
                 m->errand == ERRAND_DIARY && m->detail[0] ? "-package" : "");
    else if (m->records)
        snprintf(key, sizeof key, "kind.records");
    else if (m->akut || line->ours)
        snprintf(key, sizeof key, "%s%s", m->akut ? "kind.akut" : "kind.own",
                 m->akut && line->ours ? "-own" : "");
    else
        snprintf(key, sizeof key, "%s",
                 m->answer ? "kind.answer" : keys[(size_t)m->kind % UPP_LEN(keys)]);
    words_get(lang, key, one, sizeof one);
    snprintf(ret_text, size, "%s", one);
    if (line->alike < 2)
        return;
    snprintf(count, sizeof count, "%lld", (long long)line->alike);
    const slot slots[] = { { "what", one }, { "count", count } };
    words_get(lang, "alike", pattern, sizeof pattern);
    fill(ret_text, size, pattern, slots, UPP_LEN(slots));
}

/* Why this person hears, where the line alone does not say it. ret_text "": it does. */
static int note_of(upp_txn *txn, const rules *r, const mail_line *line, char *ret_text, size_t size)
{
    static const char *const keys[] = {
        "",          "",           "note.locked", "note.offered", "note.returned", "note.released",
        "note.back", "note.draft", "note.monday"
    };
    const size_t kind = notice_kind_of(line->number);
    char key[48] = "";
    snprintf(key, sizeof key, "%s", kind < UPP_LEN(keys) ? keys[kind] : "");
    if (kind == NOTICE_OFFERED && line->m.asked)
        snprintf(key, sizeof key, "note.asked");
    if (kind == NOTICE_FAILED) {
        UPP_ROWS row =
            upp_query(txn, "SELECT failed FROM matter WHERE matter = ?1", BIND(V(line->m.id)));
        if (upp_next(&row))
            snprintf(key, sizeof key, "%s", upp_col_text(&row, 0));
        UPP_TRY(row.rc);
    }
    if (line->m.danger && !key[0])
        snprintf(key, sizeof key, "note.danger");
    ret_text[0] = '\0';
    if (key[0])
        words_get(r->config->language, key, ret_text, size);
    return 0;
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

/* "Anna, kommunikatör"; her id when the register has no name, or it was forgotten. */
static int person_name(upp_txn *txn, const char *person, char *ret_name, size_t size)
{
    int64_t ref = 0;
    snprintf(ret_name, size, "%s", person);
    {
        UPP_ROWS row =
            upp_query(txn, "SELECT contact_ref FROM person WHERE person = ?1", BIND(V(person)));
        if (upp_next(&row))
            ref = upp_col_int(&row, 0);
        UPP_TRY(row.rc);
    }
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *msg = NULL;
    const int missing = upp_recall(txn, ref, &uppsikt__contact__descriptor, &msg);
    UPP_TRY(missing);
    const Uppsikt__Contact *c = (const Uppsikt__Contact *)msg;
    if (!missing && c->first_name[0])
        snprintf(ret_name, size, "%s%s%s", c->first_name, c->title[0] ? ", " : "", c->title);
    return 0;
}

/* Which account, unit or person it is about. */
static int about_name(upp_txn *txn, const matter *m, char *ret_name, size_t size)
{
    if (m->errand == ERRAND_AWAY)
        return person_name(txn, m->about, ret_name, size);
    return account_name(txn, m->account[0] ? m->account : m->unit, ret_name, size);
}

/* Where it can be seen to: a link of this person's own, or what to look for. */
static int add_where(upp_txn *txn, const rules *r, const matter *m, const char *person,
                     mail_text *ma)
{
    char token[LINK_TOKEN], link[400] = "", pattern[200], line[700];
    const char *const base = r->config->public_url;
    if (base) {
        const size_t len = strlen(base);
        UPP_TRY(link_make(txn, r, m->id, person, token));
        snprintf(link, sizeof link, "%s%sl/%s", base, base[len - 1] == '/' ? "" : "/", token);
    }
    const slot where[] = { { "id", m->id }, { "link", link } };
    words_get(r->config->language, base ? "link" : "id", pattern, sizeof pattern);
    fill(line, sizeof line, pattern, where, UPP_LEN(where));
    add(ma, line);
    add(ma, "\n");
    return 0;
}

static int add_line(upp_txn *txn, const rules *r, const mail_line *line, const char *person,
                    mail_text *ma, bool first)
{
    const char *lang = r->config->language;
    const matter *m = &line->m;
    char account[200], what[160], when[WORDS_TIME] = "", left[WORDS_TIME] = "", pattern[200],
                                  text[700], note[300];
    UPP_TRY(about_name(txn, m, account, sizeof account));
    kind_of(lang, line, what, sizeof what);
    UPP_TRY(note_of(txn, r, line, note, sizeof note));
    if (m->due_ms > 0) {
        words_when(lang, zone_local(r->tz, m->due_ms), when);
        words_left(lang, m->due_ms - upp_now(txn), left);
    }
    const slot slots[] = {
        { "what", what }, { "account", account }, { "when", when }, { "left", left }
    };
    words_get(lang, m->due_ms > 0 ? "line" : "line.no-due", pattern, sizeof pattern);
    fill(text, sizeof text, pattern, slots, UPP_LEN(slots));
    add(ma, "- ");
    add(ma, text);
    add(ma, "\n  ");
    if (note[0]) {
        add(ma, note);
        add(ma, "\n  ");
    }
    UPP_TRY(add_where(txn, r, m, person, ma));
    if (first) {
        words_get(lang, m->due_ms > 0 ? "subject.one" : "subject.no-due", pattern, sizeof pattern);
        fill(ma->subject, sizeof ma->subject, pattern, slots, UPP_LEN(slots));
    }
    return 0;
}

int mail_text_write(upp_txn *txn, const rules *r, const char *person, const mail_line *list,
                    size_t n, int64_t in_all, mail_text *ret_text)
{
    mail_text *ma = ret_text;
    const char *lang = r->config->language;
    char text[300];
    int64_t named = 0;
    add(ma, words_get(lang, "greeting", text, sizeof text));
    add(ma, "\n\n");
    add(ma, words_get(lang, "intro", text, sizeof text));
    add(ma, "\n\n");
    for (size_t i = 0; i < n; i++) {
        UPP_TRY(add_line(txn, r, &list[i], person, ma, i == 0));
        named += list[i].alike;
    }
    if (in_all > named)
        add(ma, "...\n");
    add(ma, "\n");
    add(ma, words_get(lang, "outro", text, sizeof text));
    add(ma, "\n\n");
    if (r->config->post.mailbox.url && !act_mailbox(person)) {
        add(ma, words_get(lang, "outro.answer", text, sizeof text));
        add(ma, "\n\n");
    }
    add(ma, words_get(lang, "sender", text, sizeof text));
    add(ma, "\n");
    if (in_all > 1) {
        char count[24], left[WORDS_TIME] = "";
        snprintf(count, sizeof count, "%lld", (long long)in_all);
        if (list[0].m.due_ms > 0)
            words_left(lang, list[0].m.due_ms - upp_now(txn), left);
        const slot slots[] = { { "count", count }, { "left", left } };
        words_get(lang, left[0] ? "subject.many" : "subject.many-no-due", text, sizeof text);
        fill(ma->subject, sizeof ma->subject, text, slots, UPP_LEN(slots));
    }
    return 0;
}
