/* read_find.c - what was written, by its words, account and time (R28; law.md L9: what is kept
 * in order can be found again). Every version is read: no copy of the words lies in an index,
 * where disposal would leave it behind. */
#include "console.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <uninorm.h>

enum {
    LIMIT = 50,
    READ_MAX = 4000, /* versions a query: a few hundredths of a second; who asks goes on below */
    WORDS = 12,
    TEXT_MAX = 4000
};

typedef struct search {
    char *folded; /* owned: the words, each ended by a zero */
    const char *word[WORDS];
    size_t n;
} search;

static void search_done(search *s)
{
    free(s->folded);
}

/* The same letters whatever their case, and however they are composed. In malloc's memory. */
static char *fold(const char *text)
{
    size_t n = 0;
    uint8_t *out =
        u8_casefold((const uint8_t *)text, strlen(text) + 1, NULL, UNINORM_NFC, NULL, &n);
    return (char *)out;
}

static void read_words(const char *words, search *ret_search)
{
    search s = { .folded = fold(words) };
    char *rest = s.folded;
    for (char *word; s.n < WORDS && rest && (word = strtok_r(rest, " \t\n", &rest));)
        s.word[s.n++] = word;
    *ret_search = s;
}

/* Each word stands in the one or in the other. */
static bool holds(const search *s, const char *text, const char *author)
{
    if (s->n == 0)
        return true;
    char *in_text = fold(text);
    char *in_author = fold(author);
    bool all = in_text && in_author;
    for (size_t i = 0; all && i < s->n; i++)
        all = strstr(in_text, s->word[i]) || strstr(in_author, s->word[i]);
    free(in_text);
    free(in_author);
    return all;
}

static void cut(char *text, size_t max)
{
    size_t n = strlen(text);
    if (n <= max)
        return;
    for (n = max; n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80; n--)
        ;
    text[n] = '\0';
}

static int reply(upp_txn *txn, const upp_rows *row, const Uppsikt__CommentReceivedContent *what,
                 bool whole)
{
    char account[200];
    Uppsikt__FoundRow out = UPPSIKT__FOUND_ROW__INIT;
    Uppsikt__FoundRowContent content = UPPSIKT__FOUND_ROW_CONTENT__INIT;
    out.item = upp_lend(upp_col_text(row, 0));
    out.version = (uint32_t)upp_col_int(row, 1);
    out.at_ms = upp_col_int(row, 2);
    out.account = upp_lend(upp_col_text(row, 4));
    out.kind = (Uppsikt__ItemKind)upp_col_int(row, 5);
    out.is_gone = upp_col_int(row, 6) != 0;
    out.hidden = upp_col_int(row, 7) != 0;
    out.attachments = (uint32_t)upp_col_int(row, 8);
    out.versions = (uint32_t)upp_col_int(row, 9);
    out.matter = upp_lend(upp_col_text(row, 10));
    UPP_TRY(console_account_name(txn, out.account, account, sizeof account));
    content.account = account;
    if (whole || out.kind != UPPSIKT__ITEM_KIND__ITEM_KIND_MESSAGE) {
        cut(what->text, whole ? SIZE_MAX : TEXT_MAX);
        content.text = what->text;
        content.permalink = what->permalink;
    }
    if (what->author)
        content.author = what->author->name;
    return upp_reply_content(txn, &out.base, &content.base);
}

static int reply_so_far(upp_txn *txn, const upp_rows *row)
{
    Uppsikt__FoundRow out = UPPSIKT__FOUND_ROW__INIT;
    out.item = upp_lend(upp_col_text(row, 0));
    out.version = (uint32_t)upp_col_int(row, 1);
    out.at_ms = upp_col_int(row, 2);
    out.so_far = true;
    return upp_reply(txn, &out.base);
}

/* 1: it was found. */
static int look_at(upp_txn *txn, const search *s, const upp_rows *row, bool whole)
{
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *kept = NULL;
    const int forgotten =
        upp_recall(txn, upp_col_int(row, 3), &uppsikt__comment_received_content__descriptor, &kept);
    if (forgotten)
        return forgotten < 0 ? forgotten : 0;
    const Uppsikt__CommentReceivedContent *what = (const Uppsikt__CommentReceivedContent *)kept;
    if (!holds(s, what->text, what->author ? what->author->name : ""))
        return 0;
    UPP_TRY(reply(txn, row, what, whole));
    return 1;
}

/* 1: she has neither of the roles that hand out public records. */
static int takes_none_out(upp_txn *txn, const char *person)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT 1 FROM person WHERE person = ?1 AND gone = 0"
                             " AND (instr(roles, ' registrar ') OR instr(roles, ' archivist '))",
                             BIND(V(person)));
    return upp_next(&row) ? 0 : row.rc < 0 ? row.rc : 1;
}

int console_find(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__Find *q = msg;
    UPP_AUTO(search_done) search s = { 0 };
    const uint32_t limit = q->limit > 0 && q->limit < LIMIT ? q->limit : LIMIT;
    const upp_ms before = q->before_ms ? q->before_ms : INT64_MAX;
    const upp_ms to = q->to_ms ? q->to_ms : INT64_MAX;
    uint32_t found = 0;
    int64_t n_read = 0;
    read_words(q->words, &s);
    if (!s.folded)
        return upp_fail(txn, UPP_E_INPUT, "the words that are searched for cannot be folded");
    if (q->whole) {
        const int none = takes_none_out(txn, q->person);
        UPP_TRY(none);
        if (none)
            return upp_refuse(txn, "find.whose");
    }
    UPP_ROWS row = upp_query(
        txn,
        "SELECT v.item, v.version, v.at_ms, v.what_ref, i.account, i.kind, i.gone, i.hidden,"
        " i.attachments, (SELECT max(w.version) FROM version w WHERE w.item = v.item),"
        " coalesce((SELECT m.matter FROM matter m WHERE m.item = v.item"
        " ORDER BY m.state, m.received_ms DESC LIMIT 1), '')"
        " FROM version v JOIN item i ON i.item = v.item"
        " WHERE (v.at_ms, v.item, v.version) < (?2, ?3, ?4) AND v.at_ms >= ?5 AND v.at_ms < ?6"
        " AND v.what_ref <> 0 AND (?7 = '' OR i.account = ?7)"
        " AND i.account IN (SELECT account FROM may_see WHERE person = ?1)"
        " ORDER BY v.at_ms DESC, v.item DESC, v.version DESC",
        BIND(V(q->person), V(before), V(q->before), V((int64_t)q->before_version), V(q->from_ms),
             V(to), V(q->account)));
    while (upp_next(&row)) {
        const int is_found = look_at(txn, &s, &row, q->whole != 0);
        UPP_TRY(is_found);
        found += is_found == 1;
        if (found == limit || ++n_read == READ_MAX)
            return reply_so_far(txn, &row);
    }
    return row.rc;
}
