/* evidence_tree.c - the tree of all seals, made again from what evidence's log says; nothing of it
 * is taken on trust from its store (capture.md §3). */
#include "cloudevents.pb-c.h"
#include "saved_copy.h"
#include "uppsikt/bus.pb-c.h"
#include <sodium.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

UPP_PRINTF(2, 3) static bool wrong(evidence_tree *t, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    if (!t->wrong[0])
        vsnprintf(t->wrong, sizeof t->wrong, fmt, args);
    va_end(args);
    return false;
}

static int get(void *ctx, unsigned level, int64_t place, tree_hash *ret_hash)
{
    const evidence_tree *t = ctx;
    upp_check(level < 64 && place >= 0 && (size_t)place < t->n_nodes[level]);
    *ret_hash = t->nodes[level][place];
    return 0;
}

static int put(void *ctx, unsigned level, int64_t place, const tree_hash *hash)
{
    evidence_tree *t = ctx;
    upp_check(level < 64 && (size_t)place == t->n_nodes[level]);
    t->nodes[level] = realloc(t->nodes[level], ((size_t)place + 1) * sizeof *hash);
    upp_check(t->nodes[level]);
    t->nodes[level][t->n_nodes[level]++] = *hash;
    return 0;
}

tree_store evidence_tree_store(evidence_tree *t)
{
    return (tree_store){ get, put, t };
}

/* -- events -- */
static bool take_seal(evidence_tree *t, upp_bytes fact)
{
    Uppsikt__EvidenceSealed *s = uppsikt__evidence_sealed__unpack(NULL, fact.len, fact.at);
    if (!s || s->seal.len != TREE_HASH) {
        if (s)
            uppsikt__evidence_sealed__free_unpacked(s, NULL);
        return wrong(t, "a seal cannot be read");
    }
    const tree_store store = evidence_tree_store(t);
    t->leaves = realloc(t->leaves, ((size_t)t->n + 1) * sizeof *t->leaves);
    upp_check(t->leaves);
    evidence_leaf *leaf = &t->leaves[t->n];
    snprintf(leaf->record, sizeof leaf->record, "%s", s->record);
    memcpy(leaf->seal, s->seal.data, TREE_HASH);
    leaf_hash(&(leaf_record){ .record = s->record,
                              .item = s->item,
                              .version = s->version,
                              .level = (uint32_t)s->level,
                              .at = s->at_ms,
                              .seal = leaf->seal },
              &leaf->hash);
    upp_check(tree_append(&store, t->n, &leaf->hash) == 0);
    t->n++;
    uppsikt__evidence_sealed__free_unpacked(s, NULL);
    return true;
}

static bool take_head(evidence_tree *t, upp_bytes fact)
{
    Uppsikt__TreeHeadSigned *h = uppsikt__tree_head_signed__unpack(NULL, fact.len, fact.at);
    const bool good = h && h->root.len == TREE_HASH && h->signature.len == LEAF_SIGNATURE &&
                      h->key.len == LEAF_KEY && h->tree_size > 0;
    if (good) {
        t->heads = realloc(t->heads, (t->n_heads + 1) * sizeof *t->heads);
        upp_check(t->heads);
        evidence_head *head = &t->heads[t->n_heads++];
        *head = (evidence_head){ .size = h->tree_size, .at = h->at_ms };
        memcpy(head->root.at, h->root.data, TREE_HASH);
        memcpy(head->signature, h->signature.data, LEAF_SIGNATURE);
        memcpy(head->key, h->key.data, LEAF_KEY);
    }
    if (h)
        uppsikt__tree_head_signed__free_unpacked(h, NULL);
    return good || wrong(t, "a head of the tree cannot be read");
}

/* The stamp of the head of that size and time; one that was stamped twice keeps the first. */
static bool take_stamp(evidence_tree *t, upp_bytes fact)
{
    Uppsikt__TreeHeadStamped *s = uppsikt__tree_head_stamped__unpack(NULL, fact.len, fact.at);
    bool good = false;
    for (size_t i = t->n_heads; s && s->reply.len > 0 && i-- > 0 && !good;) {
        evidence_head *h = &t->heads[i];
        good = h->size == s->tree_size && h->at == s->head_ms;
        if (good && !h->stamp) {
            h->stamp = malloc(s->reply.len);
            upp_check(h->stamp);
            memcpy(h->stamp, s->reply.data, s->reply.len);
            h->stamp_len = s->reply.len;
        }
    }
    if (s)
        uppsikt__tree_head_stamped__free_unpacked(s, NULL);
    return good || wrong(t, "a stamp is of no head");
}

/* -- custody: what was done with one record -- */
static const char *field_of(const json_t *data, const char *name)
{
    const char *text = json_string_value(json_object_get(data, name));
    return text ? text : "";
}

static bool is_subject(const json_t *data, const char *item)
{
    size_t i = 0;
    json_t *one = NULL;
    json_array_foreach(json_object_get(data, "subjects"), i, one)
    {
        if (json_is_string(one) && strcmp(json_string_value(one), item) == 0)
            return true;
    }
    return false;
}

/* NULL: it is not about the record. */
static const char *action_of(const evidence_tree *t, const char *type, const json_t *data)
{
    const bool ours = strcmp(field_of(data, "record"), t->record) == 0;
    const size_t n = strlen(t->item);
    const char *matter = field_of(data, "matter");
    const bool held = strcmp(field_of(data, "account"), t->account) == 0 ||
                      (n > 0 && strncmp(matter, t->item, n) == 0 && matter[n] == '.');
    if (strcmp(type, "uppsikt.EvidenceSealed") == 0)
        return ours ? "captured" : NULL;
    if (strcmp(type, "uppsikt.RecordViewed") == 0)
        return ours ? field_of(data, "what") : NULL;
    if (strcmp(type, "uppsikt.HoldPlaced") == 0)
        return held ? "held" : NULL;
    if (strcmp(type, "uppsikt.HoldReleased") == 0)
        return "released"; /* of some hold: which one the envelope says */
    if (strcmp(type, "uppsikt.DisposalApproved") == 0)
        return is_subject(data, t->item) ? "disposed" : NULL;
    return NULL;
}

static char *hex_of(upp_bytes bytes)
{
    char *hex = malloc(2 * bytes.len + 1);
    upp_check(hex);
    return sodium_bin2hex(hex, 2 * bytes.len + 1, bytes.at, bytes.len);
}

static void put_hex(json_t *line, const char *name, upp_bytes bytes)
{
    char *hex = hex_of(bytes);
    json_object_set_new(line, name, json_string(hex));
    free(hex);
}

/* The envelope stands in the line whole, so that its hash can be counted again. */
static void note_custody(evidence_tree *t, const char *action, const json_t *event,
                         const upp_frames *frames)
{
    Uppsikt__Chain *c = uppsikt__chain__unpack(NULL, frames->chain.len, frames->chain.at);
    const json_t *data = json_object_get(event, "data");
    json_t *line = json_object();
    upp_check(c && line);
    json_object_set_new(line, "seq", json_integer(c->seq));
    json_object_set(line, "at", json_object_get(event, "time"));
    json_object_set_new(
        line, "actor",
        json_string(strcmp(action, "captured") == 0 ? "evidence" : field_of(data, "by")));
    json_object_set_new(line, "action", json_string(action));
    put_hex(line, "epoch", (upp_bytes){ c->epoch.data, c->epoch.len });
    put_hex(line, "prev_hash", (upp_bytes){ c->prev.data, c->prev.len });
    put_hex(line, "hash", (upp_bytes){ c->hash.data, c->hash.len });
    put_hex(line, "envelope", frames->envelope);
    json_array_append_new(t->custody, line);
    uppsikt__chain__free_unpacked(c, NULL);
}

static void look_for_custody(evidence_tree *t, const char *type, const upp_frames *frames)
{
    UPP_AUTO(json_freep) json_t *event = message_event_json("evidence", frames, false);
    const char *action = event ? action_of(t, type, json_object_get(event, "data")) : NULL;
    if (action && action[0])
        note_custody(t, action, event, frames);
}

bool evidence_tree_event(evidence_tree *t, const upp_frames *frames)
{
    char type[128];
    snprintf(type, sizeof type, "%.*s", (int)frames->type.len, (const char *)frames->type.at);
    const bool seal = strcmp(type, "uppsikt.EvidenceSealed") == 0;
    const bool head = strcmp(type, "uppsikt.TreeHeadSigned") == 0;
    if (t->custody)
        look_for_custody(t, type, frames);
    const bool stamp = strcmp(type, "uppsikt.TreeHeadStamped") == 0;
    if (!seal && !head && !stamp)
        return true;
    Io__Cloudevents__V1__CloudEvent *e =
        io__cloudevents__v1__cloud_event__unpack(NULL, frames->envelope.len, frames->envelope.at);
    if (!e || e->data_case != IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_PROTO_DATA || !e->proto_data) {
        if (e)
            io__cloudevents__v1__cloud_event__free_unpacked(e, NULL);
        return wrong(t, "an event cannot be read");
    }
    const upp_bytes fact = { e->proto_data->value.data, e->proto_data->value.len };
    const bool good = seal ? take_seal(t, fact) : head ? take_head(t, fact) : take_stamp(t, fact);
    io__cloudevents__v1__cloud_event__free_unpacked(e, NULL);
    return good;
}

const char *evidence_stamp_why(const char *key)
{
    static const struct {
        const char *key, *words;
    } rows[] = {
        { "token-malformed", "cannot be read" },
        { "token-refused", "is a refusal" },
        { "token-imprint", "is over other bytes" },
        { "token-signature", "has a signature that does not hold" },
        { "token-chain", "leads to none of the roots that are given, or is by a certificate that "
                         "was not valid then, or is not for time stamps" },
        { "token-roots", "cannot be judged: the roots that are given are no certificates" },
    };
    for (size_t i = 0; i < UPP_LEN(rows); i++)
        if (strcmp(rows[i].key, key) == 0)
            return rows[i].words;
    return key;
}

static bool stamp_holds(evidence_tree *t, size_t i, upp_bytes roots)
{
    const evidence_head *h = &t->heads[i];
    uint8_t bytes[LEAF_STAMPED];
    tree_hash imprint;
    tsa_found found;
    if (!h->stamp)
        return true;
    leaf_stamped(h->size, h->at, &h->root, h->signature, bytes, &imprint);
    const char *why =
        tsa_check((upp_bytes){ h->stamp, h->stamp_len }, imprint.at, NULL, roots, &found);
    return !why || wrong(t, "the stamp of head %zu %s", i + 1, evidence_stamp_why(why));
}

bool evidence_tree_heads(evidence_tree *t, const uint8_t *key, upp_bytes roots)
{
    const tree_store store = evidence_tree_store(t);
    for (size_t i = 0; i < t->n_heads; i++) {
        const evidence_head *h = &t->heads[i];
        tree_hash root;
        if (h->size > t->n)
            return wrong(t, "head %zu is of more leaves than there are", i + 1);
        upp_check(tree_root(&store, h->size, &root) == 0);
        if (memcmp(root.at, h->root.at, TREE_HASH) != 0)
            return wrong(t, "head %zu is not the root of its %lld leaves", i + 1,
                         (long long)h->size);
        if (!leaf_signature_holds(h->size, h->at, &h->root, h->signature, h->key))
            return wrong(t, "head %zu: its signature does not hold", i + 1);
        if (memcmp(h->key, key ? key : t->heads[0].key, LEAF_KEY) != 0)
            return wrong(t, "head %zu is signed by another key", i + 1);
        if (!stamp_holds(t, i, roots))
            return false;
    }
    return true;
}

void evidence_tree_done(evidence_tree *t)
{
    for (size_t i = 0; i < 64; i++)
        free(t->nodes[i]);
    for (size_t i = 0; i < t->n_heads; i++)
        free(t->heads[i].stamp);
    free(t->leaves);
    free(t->heads);
    json_decref(t->custody);
    *t = (evidence_tree){ .n = 0 };
}
