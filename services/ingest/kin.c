/* kin.c - which comments belong together. What is kept is keyed hashes, under the deployment's
 * look-up key: of who wrote it, and of the words; both go when the comment is forgotten. */
#include "kin.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* sla.md E19: what comes later is a comment of its own. */
#define KIN_DAY UPP_DAY
enum { GENERATIONS = 16 };

/* Small letters of ASCII alone: the same author repeats herself to the byte, or nearly. */
static char *fold(const char *text)
{
    char *folded = malloc(strlen(text) + 1);
    size_t n = 0;
    upp_check(folded);
    for (; *text; text++) {
        if (*text == ' ' || *text == '\n' || *text == '\t' || *text == '\r')
            continue;
        const bool capital = *text >= 'A' && *text <= 'Z';
        folded[n++] = capital ? (char)(*text - 'A' + 'a') : *text;
    }
    folded[n] = '\0';
    return folded;
}

void kin_words(const upp_txn *txn, const char *text, char ret_words[UPP_HEX])
{
    char *folded = fold(text ? text : "");
    ret_words[0] = '\0';
    if (folded[0])
        upp_keyed(txn, (const char *const[]){ "words", folded, NULL }, ret_words);
    free(folded);
}

void kin_author(const upp_txn *txn, const char *platform, const char *id, char ret_author[UPP_HEX])
{
    upp_keyed(txn, (const char *const[]){ "author", platform, id, NULL }, ret_author);
}

typedef struct self {
    const char *id, *account, *thread;
    char author[UPP_HEX], words[UPP_HEX];
    upp_ms received;
} self;

static int take(upp_rows rows, char ret_item[UPP_ID])
{
    UPP_ROWS row = rows;
    if (upp_next(&row))
        snprintf(ret_item, UPP_ID, "%s", upp_col_text(&row, 0));
    return row.rc;
}

/* E19, E21: the first of a cluster stands for it: a day is counted from that. */
static int find_repeats(upp_txn *txn, const self *s, kin *k)
{
    if (!s->author[0] || !s->words[0])
        return 0;
    UPP_TRY(take(upp_query(txn,
                           "SELECT item FROM kin WHERE author = ?1 AND words = ?2 AND account = ?3"
                           " AND repeats = '' AND received_ms BETWEEN ?4 AND ?5"
                           " ORDER BY received_ms, item LIMIT 1",
                           BIND(V(s->author), V(s->words), V(s->account), V(s->received - KIN_DAY),
                                V(s->received))),
                 k->repeats));
    return take(upp_query(txn,
                          "SELECT item FROM kin WHERE author = ?1 AND words = ?2 AND account <> ?3"
                          " AND received_ms BETWEEN ?4 AND ?5 ORDER BY received_ms, item LIMIT 1",
                          BIND(V(s->author), V(s->words), V(s->account), V(s->received - KIN_DAY),
                               V(s->received))),
                k->twin);
}

/* E20: whoever wrote it. */
static int find_echoes(upp_txn *txn, const self *s, kin *k)
{
    if (!s->words[0] || !s->thread[0])
        return 0;
    return take(upp_query(txn,
                          "SELECT item FROM kin WHERE thread = ?1 AND words = ?2 AND echoes = ''"
                          " ORDER BY received_ms, item LIMIT 1",
                          BIND(V(s->thread), V(s->words))),
                k->echoes);
}

/* §3.4: up the answers, through our own, to something else that she wrote. */
static int find_talk(upp_txn *txn, const self *s, const char *parent, kin *k)
{
    char at[UPP_ID];
    snprintf(at, sizeof at, "%s", parent);
    for (int i = 0; i < GENERATIONS && s->author[0] && at[0]; i++) {
        char above[UPP_ID] = "";
        {
            UPP_ROWS row = upp_query(txn,
                                     "SELECT i.parent, coalesce(k.author, ''),"
                                     " coalesce(nullif(k.continues, ''), i.item) FROM item i"
                                     " LEFT JOIN kin k ON k.item = i.item WHERE i.item = ?1",
                                     BIND(V(at)));
            if (!upp_next(&row))
                return row.rc;
            if (strcmp(upp_col_text(&row, 1), s->author) == 0) {
                snprintf(k->continues, sizeof k->continues, "%s", upp_col_text(&row, 2));
                return 0;
            }
            snprintf(above, sizeof above, "%s", upp_col_text(&row, 0));
        }
        snprintf(at, sizeof at, "%s", above);
    }
    return 0;
}

/* Messages of one person to us are one conversation, whatever answers what. */
static int find_messages(upp_txn *txn, const self *s, kin *k)
{
    if (!s->author[0] || !s->thread[0])
        return 0;
    return take(upp_query(txn,
                          "SELECT item FROM kin WHERE thread = ?1 AND author = ?2"
                          " AND continues = '' ORDER BY received_ms, item LIMIT 1",
                          BIND(V(s->thread), V(s->author))),
                k->continues);
}

int kin_find(upp_txn *txn, const take_in *from, const reading *it, const char *id,
             const char *parent, const char *thread, upp_ms received, kin *ret_kin)
{
    kin k = { .continues = "" };
    self s = { .id = id, .account = from->account, .thread = thread, .received = received };
    if (it->author_id && it->author_id[0])
        kin_author(txn, from->platform, it->author_id, s.author);
    if (json_array_size(it->attachments) == 0) /* a picture says more than the words beside it */
        kin_words(txn, it->text, s.words);
    UPP_TRY(find_repeats(txn, &s, &k));
    UPP_TRY(find_echoes(txn, &s, &k));
    if (it->kind == UPPSIKT__ITEM_KIND__ITEM_KIND_MESSAGE)
        UPP_TRY(find_messages(txn, &s, &k));
    else
        UPP_TRY(find_talk(txn, &s, parent, &k));
    *ret_kin = k;
    const int rc =
        upp_exec(txn,
                 "INSERT INTO kin(item, account, author, words, thread, received_ms,"
                 " continues, repeats, echoes) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                 BIND(V(id), V(from->account), V(s.author), V(s.words), V(thread), V(received),
                      V(k.continues), V(k.repeats), V(k.echoes)));
    return rc < 0 ? rc : 0;
}

int kin_forget(upp_txn *txn, const char *item)
{
    return upp_exec(txn, "DELETE FROM kin WHERE item = ?1", BIND(V(item)));
}
