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

static const char *kind_key(const matter *m)
{
    if (m->outside)
        return "kind.outside";
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

static int add_line(upp_txn *txn, const rules *r, const matter *m, const char *person,
                    mail_text *ma, bool first)
{
    const char *lang = r->config->language;
    char account[200], what[96], when[WORDS_TIME] = "", left[WORDS_TIME] = "", pattern[200],
                                 line[700];
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
    UPP_TRY(add_where(txn, r, m, person, ma));
    if (first) {
        words_get(lang, "subject.one", pattern, sizeof pattern);
        fill(ma->subject, sizeof ma->subject, pattern, slots, UPP_LEN(slots));
    }
    return 0;
}

int mail_text_write(upp_txn *txn, const rules *r, const char *person, const matter *list, size_t n,
                    int64_t in_all, mail_text *ret_text)
{
    mail_text *ma = ret_text;
    const char *lang = r->config->language;
    char text[300];
    add(ma, words_get(lang, "greeting", text, sizeof text));
    add(ma, "\n\n");
    add(ma, words_get(lang, "intro", text, sizeof text));
    add(ma, "\n\n");
    for (size_t i = 0; i < n; i++)
        UPP_TRY(add_line(txn, r, &list[i], person, ma, i == 0));
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
