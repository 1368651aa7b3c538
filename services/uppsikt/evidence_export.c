/* evidence_export.c - `uppsikt evidence export`: one saved copy as a folder that proves itself: the
 * sealed files, proof.json (what became known after sealing, and the way to the signed head),
 * custody.jsonl (what was done with it, from the log). */
#include "saved_copy.h"
#include "status.h"
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PART = 64 * 1024 };

static void close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd); /* what was written has been synced */
}

static void free_text(char **text)
{
    free(*text);
}

static bool failed(const char *path)
{
    home_sayf("%s: %s", path, strerror(errno));
    return false;
}

static int create(const char *folder, const char *name, char ret_path[PATH_MAX])
{
    if (!home_path(folder, name, ret_path))
        return -1;
    const int fd = open(ret_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        (void)failed(ret_path);
    return fd;
}

static bool write_all(int fd, const void *from, size_t n)
{
    const uint8_t *at = from;
    while (n > 0) {
        const ssize_t put = write(fd, at, n);
        if (put < 0 && errno != EINTR)
            return false;
        at += put > 0 ? put : 0;
        n -= put > 0 ? (size_t)put : 0;
    }
    return true;
}

static bool write_bytes(const char *folder, const char *name, upp_bytes bytes)
{
    char path[PATH_MAX];
    UPP_AUTO(close_fd) int fd = create(folder, name, path);
    return fd >= 0 && ((write_all(fd, bytes.at, bytes.len) && fsync(fd) == 0) || failed(path));
}

static bool write_text(const char *folder, const char *name, const char *text)
{
    return write_bytes(folder, name, (upp_bytes){ (const uint8_t *)text, strlen(text) });
}

/* -- the sealed files -- */
static bool fetch(verb_call *call, const char *object, const char *folder, const char *name)
{
    char path[PATH_MAX];
    UPP_AUTO(close_fd) int fd = create(folder, name, path);
    uint8_t *part = malloc(PART);
    int64_t at = 0;
    int n = fd < 0 ? -1 : 1;
    upp_check(part);
    while (fd >= 0 && (n = upp_client_object(call->client, "evidence", object, at, part, PART,
                                             call->wait_span)) > 0) {
        if (!write_all(fd, part, (size_t)n)) {
            (void)failed(path);
            n = -1;
            break;
        }
        at += n;
    }
    free(part);
    if (n < 0 && fd >= 0)
        home_sayf("%s: %s", name, upp_client_why(call->client));
    return n == 0 && fsync(fd) == 0;
}

/* "2026/11/<record>/media/1" is media/1. */
static const char *name_of(const char *object, const char *record)
{
    const char *at = strstr(object, record);
    at = at ? at + strlen(record) : NULL;
    return at && *at == '/' && !strstr(at, "..") ? at + 1 : NULL;
}

static bool fetch_all(verb_call *call, const json_t *row, const char *folder)
{
    const json_t *objects = json_object_get(json_object_get(row, "content"), "objects");
    const char *record = json_string_value(json_object_get(row, "record"));
    size_t i = 0;
    json_t *object = NULL;
    if (json_array_size(objects) == 0) {
        home_sayf("%s: is not sealed, or gone", record);
        return false;
    }
    json_array_foreach(objects, i, object)
    {
        const char *name = name_of(json_string_value(object), record);
        char media[PATH_MAX];
        if (!name || !home_path(folder, "media", media))
            return false;
        if (strncmp(name, "media/", 6) == 0 && mkdir(media, 0700) != 0 && errno != EEXIST)
            return failed(media);
        if (!fetch(call, json_string_value(object), folder, name))
            return false;
    }
    return true;
}

/* -- what the log says of it -- */
static bool each(void *ctx, const upp_frames *event)
{
    evidence_tree *t = ctx;
    return evidence_tree_event(t, event) && --t->until > 0;
}

static bool read_log(verb_call *call, evidence_tree *t)
{
    upp_point after = { .seq = 0 };
    UPP_AUTO(json_freep) json_t *state = NULL;
    if (ask_status(call, "evidence", call->wait_span, &state) != CALL_DONE) {
        home_sayf("evidence: %s", upp_client_why(call->client));
        return false;
    }
    t->until = json_integer_value(json_object_get(state, "head"));
    if (upp_client_tail(call->client, "evidence", &after, false, call->wait_span, each, t) != 0) {
        home_sayf("evidence: %s", upp_client_why(call->client));
        return false;
    }
    if (t->wrong[0] || !evidence_tree_heads(t, NULL, (upp_bytes){ 0 })) {
        home_sayf("evidence: %s", t->wrong);
        return false;
    }
    return true;
}

static void put_hex(json_t *object, const char *name, const uint8_t *bytes, size_t n)
{
    char hex[2 * 64 + 1];
    upp_check(n <= 64);
    sodium_bin2hex(hex, sizeof hex, bytes, n);
    json_object_set_new(object, name, json_string(hex));
}

/* The first stamped head that covers the leaf, else the first: NULL while there is none (it is made
 * once a day). */
static const evidence_head *head_of(const evidence_tree *t, int64_t leaf)
{
    const evidence_head *first = NULL;
    for (size_t i = 0; i < t->n_heads; i++) {
        if (t->heads[i].size <= leaf)
            continue;
        if (t->heads[i].stamp)
            return &t->heads[i];
        first = first ? first : &t->heads[i];
    }
    return first;
}

static json_t *head_json(evidence_tree *t, int64_t leaf)
{
    const tree_store store = evidence_tree_store(t);
    const evidence_head *h = head_of(t, leaf);
    if (!h)
        return json_null();
    tree_hash path[TREE_PATH];
    size_t n = 0;
    json_t *out = json_object(), *list = json_array();
    upp_check(out && list && tree_inclusion(&store, leaf, h->size, path, &n) == 0);
    for (size_t i = 0; i < n; i++) {
        char hex[65];
        sodium_bin2hex(hex, sizeof hex, path[i].at, TREE_HASH);
        json_array_append_new(list, json_string(hex));
    }
    json_object_set_new(out, "size", json_integer(h->size));
    json_object_set_new(out, "at_ms", json_integer(h->at));
    json_object_set_new(out, "path", list);
    put_hex(out, "root", h->root.at, TREE_HASH);
    put_hex(out, "signature", h->signature, LEAF_SIGNATURE);
    put_hex(out, "key", h->key, LEAF_KEY);
    return out;
}

static int64_t sealed_at(const evidence_tree *t)
{
    for (size_t i = 0; i < json_array_size(t->custody); i++) {
        const json_t *line = json_array_get(t->custody, i);
        if (strcmp(json_string_value(json_object_get(line, "action")), "captured") == 0)
            return json_integer_value(json_object_get(line, "seq"));
    }
    return 0;
}

static json_t *proof_json(evidence_tree *t, const json_t *row)
{
    static const char *const known[] = { "decision", "action",     "reason",      "law",
                                         "by",       "second",     "plan_row",    "status",
                                         "held",     "decided_ms", "action_at_ms" };
    const char *level = json_string_value(json_object_get(row, "level"));
    const int64_t leaf = json_integer_value(json_object_get(row, "leaf"));
    json_t *out = json_object();
    upp_check(out);
    json_object_set(out, "record", json_object_get(row, "record"));
    json_object_set(out, "item", json_object_get(row, "item"));
    json_object_set(out, "account", json_object_get(row, "account"));
    json_object_set(out, "version", json_object_get(row, "version"));
    json_object_set_new(out, "level",
                        json_string(level && strstr(level, "WHOLE") ? "WHOLE" : "RAW"));
    json_object_set(out, "sealed_ms", json_object_get(row, "at_ms"));
    json_object_set(out, "salt", json_object_get(json_object_get(row, "content"), "salt"));
    json_object_set_new(out, "leaf_index", json_integer(leaf));
    put_hex(out, "commitment", t->leaves[leaf].seal, TREE_HASH);
    put_hex(out, "leaf_hash", t->leaves[leaf].hash.at, TREE_HASH);
    json_object_set_new(out, "tree", head_json(t, leaf));
    json_object_set_new(out, "sealed_seq", json_integer(sealed_at(t)));
    json_t *after = json_object();
    upp_check(after);
    for (size_t i = 0; i < UPP_LEN(known); i++)
        json_object_set(after, known[i], json_object_get(row, known[i]));
    json_object_set_new(out, "known_after_sealing", after);
    return out;
}

static bool write_json(const char *folder, const char *name, const json_t *json)
{
    UPP_AUTO(free_text) char *text = json_dumps(json, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
    upp_check(text);
    return write_text(folder, name, text);
}

static bool write_custody(const char *folder, const json_t *lines)
{
    UPP_AUTO(free_text) char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    upp_check(out);
    for (size_t i = 0; i < json_array_size(lines); i++) {
        json_dumpf(json_array_get(lines, i), out, JSON_COMPACT | JSON_PRESERVE_ORDER);
        fputc('\n', out);
    }
    upp_check(fclose(out) == 0);
    return write_text(folder, "custody.jsonl", text);
}

/* What was stamped and the stamp, as `openssl ts -verify` takes them too. */
static bool write_stamp(const char *folder, const evidence_head *h)
{
    uint8_t bytes[LEAF_STAMPED];
    tree_hash imprint;
    if (!h || !h->stamp)
        return true;
    leaf_stamped(h->size, h->at, &h->root, h->signature, bytes, &imprint);
    return write_bytes(folder, EVIDENCE_HEAD, (upp_bytes){ bytes, sizeof bytes }) &&
           write_bytes(folder, EVIDENCE_STAMP, (upp_bytes){ h->stamp, h->stamp_len });
}

static bool write_sums(const char *folder, bool stamp)
{
    static const char *const names[] = { "custody.jsonl", "proof.json", EVIDENCE_HEAD,
                                         EVIDENCE_STAMP };
    char text[400];
    size_t len = 0;
    for (size_t i = 0; i < (stamp ? UPP_LEN(names) : 2); i++) {
        uint8_t hash[32];
        char hex[65];
        size_t n = 0;
        UPP_AUTO(free_text) char *file = evidence_read(folder, names[i], SIZE_MAX / 2, &n);
        if (!file)
            return failed(names[i]);
        crypto_hash_sha256(hash, (const uint8_t *)file, n);
        sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
        len += (size_t)snprintf(text + len, sizeof text - len, "%s  %s\n", hex, names[i]);
    }
    return write_text(folder, EVIDENCE_SUMS, text);
}

bool evidence_write_proof(evidence_tree *t, const json_t *row, const char *folder)
{
    const int64_t leaf = json_integer_value(json_object_get(row, "leaf"));
    if (leaf < 0 || leaf >= t->n || strcmp(t->leaves[leaf].record, t->record) != 0) {
        home_sayf("%s: its place in the tree is another record's", t->record);
        return false;
    }
    UPP_AUTO(json_freep) json_t *proof = proof_json(t, row);
    const evidence_head *h = head_of(t, leaf);
    return write_json(folder, "proof.json", proof) && write_custody(folder, t->custody) &&
           write_stamp(folder, h) && write_sums(folder, h && h->stamp);
}

/* The export's own custody line comes with the log: it was noted before anything was asked for. */
static bool write_proof(verb_call *call, const json_t *row, const char *folder)
{
    evidence_tree t = { .custody = json_array(),
                        .record = json_string_value(json_object_get(row, "record")),
                        .item = json_string_value(json_object_get(row, "item")),
                        .account = json_string_value(json_object_get(row, "account")) };
    const bool good = read_log(call, &t) && evidence_write_proof(&t, row, folder);
    evidence_tree_done(&t);
    return good;
}

int evidence_export(verb_call *call)
{
    const char *folder = call->operands[1];
    char why[EVIDENCE_WHY];
    evidence_tally tally = { 0 };
    UPP_AUTO(json_freep) json_t *row = NULL;
    const int rc = evidence_row(call, call->operands[0], "exported", &row);
    if (rc != CALL_DONE)
        return rc;
    if (mkdir(folder, 0700) != 0) {
        (void)failed(folder);
        return CALL_USAGE;
    }
    if (!fetch_all(call, row, folder) || !write_proof(call, row, folder))
        return CALL_WRONG;
    const evidence_trust anybody = { .key = NULL };
    const char *wrong = evidence_exported(folder, &anybody, &tally, why);
    if (call->json)
        printf("{\"good\":%s,\"files\":%zu,\"bytes\":%lld,\"signed\":%s,\"stamped\":%s}\n",
               wrong[0] ? "false" : "true", tally.files, (long long)tally.bytes,
               tally.signed_head ? "true" : "false", tally.stamp.at > 0 ? "true" : "false");
    else
        printf("%s: %s%s%zu files, %lld bytes%s\n", folder, wrong, wrong[0] ? "; " : "",
               tally.files, (long long)tally.bytes,
               !tally.signed_head   ? "; no head of the tree covers it before tomorrow"
               : tally.stamp.at > 0 ? "; in a head that an authority has stamped"
                                    : "");
    return wrong[0] ? CALL_WRONG : CALL_DONE;
}
