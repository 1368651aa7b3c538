/* take_in.c - an item's identity, its versions, and the facts about it (platforms.md §3, R13,
 * R22). */
#include "ingest.h"
#include "kin.h"
#include "own_words.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct seen {
    char id[UPP_ID];
    uint32_t version;
    int64_t text_ref;
    int state;
    upp_ms edited_ms;
    bool there;
} seen;

static void key_of(upp_txn *txn, const take_in *from, const char *name, char ret_key[UPP_HEX])
{
    upp_keyed(txn, (const char *const[]){ "item", from->platform, from->account, name, NULL },
              ret_key);
}

int take_in_find(upp_txn *txn, const take_in *from, const char *name, char ret_item[UPP_ID])
{
    char key[UPP_HEX];
    ret_item[0] = '\0';
    if (!name || !name[0])
        return 0;
    key_of(txn, from, name, key);
    UPP_ROWS row = upp_query(txn,
                             "SELECT item FROM item WHERE key = ?1"
                             " UNION ALL SELECT item FROM alias WHERE key = ?1 LIMIT 1",
                             BIND(V(key)));
    if (upp_next(&row))
        snprintf(ret_item, UPP_ID, "%s", upp_col_text(&row, 0));
    return row.rc;
}

static int look_up(upp_txn *txn, const char *key, seen *ret_seen)
{
    seen s = { 0 };
    UPP_ROWS row =
        upp_query(txn,
                  "SELECT i.item, i.version, v.text_ref, i.state, i.edited_ms FROM item i"
                  " JOIN version v ON v.item = i.item AND v.version = i.version"
                  " WHERE i.key = ?1",
                  BIND(V(key)));
    if (upp_next(&row)) {
        snprintf(s.id, sizeof s.id, "%s", upp_col_text(&row, 0));
        s.version = (uint32_t)upp_col_int(&row, 1);
        s.text_ref = upp_col_int(&row, 2);
        s.state = (int)upp_col_int(&row, 3);
        s.edited_ms = upp_col_int(&row, 4);
        s.there = true;
    }
    *ret_seen = s;
    return row.rc;
}

/* sla.md §3.1: the platform's own time, never later than when we saw it. */
static upp_ms received_at(const reading *it, upp_ms now)
{
    return it->created_ms > 0 && it->created_ms < now ? it->created_ms : now;
}

/* Whole seconds: many servers cut their times to that, and in doubt a clock starts. */
static bool is_backfill(const take_in *from, upp_ms received)
{
    return from->connected_ms > 0 && received / UPP_SECOND < from->connected_ms / UPP_SECOND;
}

/* -- content -- */
typedef struct body {
    Uppsikt__CommentReceivedContent content;
    Uppsikt__ItemAuthor author;
    Uppsikt__ItemAttachment *attachments;
    Uppsikt__ItemAttachment **list;
    char *raw;
} body;

static void body_done(body *b)
{
    free(b->attachments);
    free(b->list);
    free(b->raw);
}

static char *or_empty(const char *s)
{
    return upp_lend(s ? s : "");
}

static char *json_text(const json_t *object, const char *name)
{
    return or_empty(json_string_value(json_object_get(object, name)));
}

static void fill_attachments(const reading *it, body *b)
{
    const size_t n = json_array_size(it->attachments);
    if (n == 0)
        return;
    b->attachments = calloc(n, sizeof *b->attachments);
    b->list = calloc(n, sizeof(Uppsikt__ItemAttachment *));
    upp_check(b->attachments && b->list);
    for (size_t i = 0; i < n; i++) {
        const json_t *one = json_array_get(it->attachments, i);
        uppsikt__item_attachment__init(&b->attachments[i]);
        b->attachments[i].type = json_text(one, "type");
        b->attachments[i].url = json_text(one, "url");
        b->attachments[i].sha256 = json_text(one, "sha256");
        b->attachments[i].name = json_text(one, "name");
        b->list[i] = &b->attachments[i];
    }
    b->content.n_attachments = n;
    b->content.attachments = b->list;
}

/* One event carries at most this much content. */
enum { BODY_BYTES = 60 * 1024 };

/* False: too large even without the platform's own object. */
static bool fill_body(const reading *it, body *ret_body)
{
    body *b = ret_body;
    memset(b, 0, sizeof *b);
    uppsikt__comment_received_content__init(&b->content);
    uppsikt__item_author__init(&b->author);
    b->content.text = or_empty(it->text);
    b->content.html = or_empty(it->html);
    b->content.external_id = or_empty(it->unnamed ? "" : it->external_id);
    b->content.external_parent_id = or_empty(it->parent_id);
    b->content.thread_id = or_empty(it->thread_id);
    b->content.permalink = or_empty(it->permalink);
    b->content.created_ms = it->created_ms;
    b->author.id = or_empty(it->author_id);
    b->author.name = or_empty(it->author_name);
    b->author.handle = or_empty(it->author_handle);
    b->author.url = or_empty(it->author_url);
    b->content.author = &b->author;
    fill_attachments(it, b);
    const size_t size = uppsikt__comment_received_content__get_packed_size(&b->content);
    b->raw = it->json ? json_dumps(it->json, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    if (b->raw && size + strlen(b->raw) <= BODY_BYTES)
        b->content.raw = (ProtobufCBinaryData){ strlen(b->raw), (uint8_t *)upp_lend(b->raw) };
    return size <= BODY_BYTES;
}

/* The file's own name in a URL: platforms sign their URLs anew at each reading, and serve them from
 * another host. */
static size_t media_name(const char *url, const char **ret_name)
{
    const size_t n = strcspn(url, "?#");
    size_t from = n;
    while (from > 0 && url[from - 1] != '/')
        from--;
    *ret_name = url + from;
    return n - from;
}

static bool same_media(const Uppsikt__ItemAttachment *a, const Uppsikt__ItemAttachment *b)
{
    const char *in_a, *in_b;
    const size_t n = media_name(a->url, &in_a);
    return n == media_name(b->url, &in_b) && memcmp(in_a, in_b, n) == 0 &&
           strcmp(a->sha256, b->sha256) == 0;
}

static bool same_attachments(const Uppsikt__CommentReceivedContent *a,
                             const Uppsikt__CommentReceivedContent *b)
{
    if (a->n_attachments != b->n_attachments)
        return false;
    for (size_t i = 0; i < a->n_attachments; i++)
        if (!same_media(a->attachments[i], b->attachments[i]))
            return false;
    return true;
}

/* Words without their white space: an edit that only moves a newline is no new text (E10). */
static bool same_words(const char *a, const char *b)
{
    for (;;) {
        while (*a == ' ' || *a == '\n' || *a == '\t' || *a == '\r')
            a++;
        while (*b == ' ' || *b == '\n' || *b == '\t' || *b == '\r')
            b++;
        if (*a != *b)
            return false;
        if (*a == '\0')
            return true;
        a++;
        b++;
    }
}

/* -- what is said -- */
static int keep_version(upp_txn *txn, const char *id, uint32_t version, const body *b,
                        upp_content *ret_content)
{
    const int gone = upp_keep(txn, UPP_ABOUT(id), &b->content.base, ret_content);
    UPP_TRY(gone);
    const int rc = upp_exec(txn,
                            "INSERT INTO version(item, version, seen_ms, text_ref)"
                            " VALUES(?1, ?2, ?3, ?4)",
                            BIND(V(id), V(version), V(upp_now(txn)), V(ret_content->ref)));
    return rc < 0 ? rc : 0;
}

static int say_received(upp_txn *txn, const take_in *from, const reading *it, const char *id,
                        const char *parent, const char *thread, upp_content *kept)
{
    const upp_ms now = upp_now(txn);
    kin k;
    UPP_TRY(kin_find(txn, from, it, id, parent, thread, received_at(it, now), &k));
    Uppsikt__CommentReceived out = UPPSIKT__COMMENT_RECEIVED__INIT;
    out.item = upp_lend(id);
    out.account = upp_lend(from->account);
    out.platform = upp_lend(from->platform);
    out.kind = it->kind;
    out.version = 1;
    out.received_ms = received_at(it, now);
    out.first_seen_ms = now;
    out.platform_ms = it->created_ms;
    out.parent = upp_lend(parent);
    out.thread = upp_lend(thread);
    out.lang = or_empty(it->lang);
    out.hidden = it->hidden;
    out.backfill = is_backfill(from, out.received_ms);
    out.source = from->source;
    out.attachments = (uint32_t)json_array_size(it->attachments);
    out.commitment = upp_commitment(kept);
    out.continues = k.continues;
    out.repeats = k.repeats;
    out.echoes = k.echoes;
    out.twin = k.twin;
    return upp_emit(txn, id, &out.base, kept);
}

int take_in_alias(upp_txn *txn, const take_in *from, const char *name, const char *id)
{
    char key[UPP_HEX];
    if (!name || !name[0])
        return 0;
    key_of(txn, from, name, key);
    const int rc =
        upp_exec(txn, "INSERT INTO alias(key, item) VALUES(?1, ?2) ON CONFLICT DO NOTHING",
                 BIND(V(key), V(id)));
    return rc < 0 ? rc : 0;
}

static int insert_item(upp_txn *txn, const take_in *from, const reading *it, const char *id,
                       const char *key, const char *parent, const char *thread)
{
    const upp_ms now = upp_now(txn);
    const int rc = upp_exec(
        txn,
        "INSERT INTO item(item, key, account, kind, version, received_ms, seen_ms, parent, thread,"
        " ours, state, edited_ms) VALUES(?1, ?2, ?3, ?4, 1, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        BIND(V(id), V(key), V(from->account), V((int64_t)it->kind), V(received_at(it, now)), V(now),
             V(parent), V(thread), V(it->ours ? 1 : 0), V(it->hidden ? 1 : 0), V(it->edited_ms)));
    return rc < 0 ? rc : 0;
}

static int take_new(upp_txn *txn, const take_in *from, const reading *it, const char *key,
                    enum take *ret_take)
{
    UPP_AUTO(body_done) body b;
    if (!fill_body(it, &b)) {
        *ret_take = TAKE_TOO_LARGE;
        return 0;
    }
    char id[UPP_ID], parent[UPP_ID], thread[UPP_ID];
    upp_id(txn, id);
    UPP_TRY(take_in_find(txn, from, it->parent_id, parent));
    if (!parent[0])
        UPP_TRY(take_in_find(txn, from, it->parent_alias, parent));
    UPP_TRY(take_in_find(txn, from, it->thread_id, thread));
    UPP_TRY(insert_item(txn, from, it, id, key, parent, thread));
    UPP_TRY(take_in_alias(txn, from, it->alias, id));

    upp_content kept;
    UPP_TRY(keep_version(txn, id, 1, &b, &kept));
    const upp_ms received = received_at(it, upp_now(txn));
    const own_words own = { .account = from->account,
                            .id = id,
                            .parent = parent,
                            .thread = thread,
                            .at = received,
                            .backfill = is_backfill(from, received),
                            .said = &b.content };
    if (it->kind == UPPSIKT__ITEM_KIND__ITEM_KIND_OWN_POST)
        return own_words_say_post(txn, &own);
    if (it->ours)
        return own_words_say_reply(txn, &own);
    return say_received(txn, from, it, id, parent, thread, &kept);
}

int take_in_gone(upp_txn *txn, const char *id, Uppsikt__GoneBy who)
{
    char account[64];
    Uppsikt__CommentGone out = UPPSIKT__COMMENT_GONE__INIT;
    {
        UPP_ROWS row = upp_query(txn,
                                 "SELECT account, version FROM item WHERE item = ?1"
                                 " AND state <> 2",
                                 BIND(V(id)));
        if (!upp_next(&row))
            return row.rc;
        snprintf(account, sizeof account, "%s", upp_col_text(&row, 0));
        out.version = (uint32_t)upp_col_int(&row, 1);
    }
    UPP_TRY(upp_exec(txn, "UPDATE item SET state = 2 WHERE item = ?1", BIND(V(id))));
    out.item = upp_lend(id);
    out.account = account;
    out.who = who;
    out.at_ms = upp_now(txn);
    UPP_TRY(upp_emit(txn, id, &out.base, NULL));
    return action_wake_item(txn, id);
}

/* Somebody hid it, or let it be seen again, in the platform's own interface; unless it was us. */
static int heed_hidden(upp_txn *txn, const take_in *from, const reading *it, const seen *s)
{
    if (!from->tells_hidden || it->hidden_unsaid || s->state == 2 || it->hidden == (s->state == 1))
        return 0;
    const int ours = action_echo(txn, s->id, false);
    if (ours)
        return ours < 0 ? ours : 0;
    UPP_TRY(upp_exec(txn, "UPDATE item SET state = ?2 WHERE item = ?1",
                     BIND(V(s->id), V(it->hidden ? 1 : 0))));
    Uppsikt__CommentHiddenOutside out = UPPSIKT__COMMENT_HIDDEN_OUTSIDE__INIT;
    out.item = upp_lend(s->id);
    out.account = upp_lend(from->account);
    out.hidden = it->hidden;
    out.at_ms = upp_now(txn);
    return upp_emit(txn, s->id, &out.base, NULL);
}

static int say_edited(upp_txn *txn, const take_in *from, const reading *it, const seen *s, body *b,
                      bool same)
{
    upp_content kept;
    UPP_TRY(keep_version(txn, s->id, s->version + 1, b, &kept));
    UPP_TRY(upp_exec(txn,
                     "UPDATE item SET version = ?2, edited_ms = max(edited_ms, ?3) WHERE item = ?1",
                     BIND(V(s->id), V(s->version + 1), V(it->edited_ms))));
    Uppsikt__CommentEditedContent now = UPPSIKT__COMMENT_EDITED_CONTENT__INIT;
    now.now = &b->content;
    upp_content said;
    const int gone = upp_keep(txn, UPP_ABOUT(s->id), &now.base, &said);
    UPP_TRY(gone);
    Uppsikt__CommentEdited out = UPPSIKT__COMMENT_EDITED__INIT;
    out.item = upp_lend(s->id);
    out.account = upp_lend(from->account);
    out.version = s->version + 1;
    out.edited_ms = it->edited_ms;
    out.seen_ms = upp_now(txn);
    out.same_words = same;
    out.ours = it->ours;
    out.commitment = upp_commitment(&said);
    UPP_TRY(upp_emit(txn, s->id, &out.base, &said));
    return action_wake_item(txn, s->id); /* a decision on the words before is stale now */
}

/* 1: a file of yesterday once more, or late: words that we have, and that were changed since. */
static int is_old_news(upp_txn *txn, const reading *it, const seen *s)
{
    if (it->edited_ms >= s->edited_ms || !it->text)
        return 0;
    UPP_ROWS row = upp_query(txn, "SELECT text_ref FROM version WHERE item = ?1 AND version < ?2",
                             BIND(V(s->id), V(s->version)));
    while (upp_next(&row)) {
        UPP_AUTO(upp_msg_freep) ProtobufCMessage *msg = NULL;
        const int missing = upp_recall(txn, upp_col_int(&row, 0),
                                       &uppsikt__comment_received_content__descriptor, &msg);
        UPP_TRY(missing);
        if (!missing && strcmp(((const Uppsikt__CommentReceivedContent *)msg)->text, it->text) == 0)
            return 1;
    }
    return row.rc;
}

static int take_again(upp_txn *txn, const take_in *from, const reading *it, const seen *s,
                      enum take *ret_take)
{
    *ret_take = TAKE_KNOWN;
    UPP_TRY(take_in_alias(txn, from, it->alias, s->id));
    if (it->deleted && s->state != 2 && !it->ours) {
        *ret_take = TAKE_GONE;
        return take_in_gone(txn, s->id, UPPSIKT__GONE_BY__GONE_BY_UNKNOWN);
    }
    const int old_news = it->deleted ? 1 : is_old_news(txn, it, s);
    if (old_news)
        return old_news < 0 ? old_news : 0;
    if (!it->ours)
        UPP_TRY(heed_hidden(txn, from, it, s));
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *before = NULL;
    const int missing =
        upp_recall(txn, s->text_ref, &uppsikt__comment_received_content__descriptor, &before);
    UPP_TRY(missing);
    if (missing) /* forgotten: it is not taken in again, in whatever words (ARCHITECTURE §5) */
        return 0;
    UPP_AUTO(body_done) body b;
    if (!fill_body(it, &b)) {
        *ret_take = TAKE_TOO_LARGE;
        return 0;
    }
    const Uppsikt__CommentReceivedContent *old = (const Uppsikt__CommentReceivedContent *)before;
    const bool attached = same_attachments(old, &b.content);
    if (strcmp(old->text, b.content.text) == 0 && attached)
        return 0;
    *ret_take = TAKE_EDITED;
    return say_edited(txn, from, it, s, &b, attached && same_words(old->text, b.content.text));
}

int take_in_item(upp_txn *txn, const take_in *from, const reading *it, enum take *ret_take)
{
    char key[UPP_HEX];
    seen s;
    key_of(txn, from, it->external_id, key);
    UPP_TRY(look_up(txn, key, &s));
    if (s.there)
        return take_again(txn, from, it, &s, ret_take);
    *ret_take = TAKE_NEW;
    if (it->deleted) { /* gone before we saw it: there is nothing to say about it */
        *ret_take = TAKE_KNOWN;
        return 0;
    }
    return take_new(txn, from, it, key, ret_take);
}
