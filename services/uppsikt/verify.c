/* verify.c - `uppsikt verify`: every link of every log's chain, from the first event to the
 * last. */
#include "verify.h"
#include "archive.h"
#include "ask.h"
#include "backup_files.h"
#include "backup_open.h"
#include "civil.h"
#include "digest.h"
#include "node_state.h"
#include "saved_copy.h"
#include "status.h"
#include "type_named.h"
#include "verbs.h"
#include "verify_copies.h"
#include <errno.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROOTS_MAX = 1024 * 1024 };

UPP_PRINTF(2, 3) static void wrong(verify_found *f, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(f->wrong, sizeof f->wrong, fmt, args);
    va_end(args);
}

/* -- by asking: upp_client_tail checks each link -- */
static bool count(void *ctx, const upp_frames *event)
{
    verify_found *f = ctx;
    f->contents += event->content.len > 0;
    return ++f->events < f->until;
}

static bool ask(verb_call *call, const char *service, verify_found *f)
{
    UPP_AUTO(json_freep) json_t *state = status_of(call, service, 2 * UPP_SECOND);
    upp_point after = { .seq = 0 };
    if (json_object_get(state, "down"))
        return false;
    f->until = json_integer_value(json_object_get(state, "head"));
    if (f->until == 0)
        return true;
    if (upp_client_tail(call->client, service, &after, true, call->wait_span, count, f) != 0)
        wrong(f, "%s", upp_client_why(call->client));
    else if (f->events < f->until)
        wrong(f, "the log ends at %lld, not at %lld", (long long)f->events, (long long)f->until);
    return true;
}

/* -- by reading the store, read-only; the service may be running -- */
static void close_db(sqlite3 **db)
{
    sqlite3_close(*db);
}

static void finish(sqlite3_stmt **stmt)
{
    sqlite3_finalize(*stmt);
}

static upp_bytes column(sqlite3_stmt *stmt, int i)
{
    return (upp_bytes){ sqlite3_column_blob(stmt, i), (size_t)sqlite3_column_bytes(stmt, i) };
}

/* A path as SQLite's URI wants it (sqlite.org/uri.html). */
static void uri_of(const char *path, char *ret_uri, size_t size)
{
    size_t n = (size_t)snprintf(ret_uri, size, "file:");
    for (; *path && n + 16 < size; path++)
        n += (size_t)(strchr("?#%", *path) ? snprintf(ret_uri + n, size - n, "%%%02X", *path)
                                           : snprintf(ret_uri + n, size - n, "%c", *path));
    snprintf(ret_uri + n, size - n, "?immutable=1");
}

sqlite3 *verify_open(const char *path, bool as_is)
{
    char uri[3 * PATH_MAX + 64];
    sqlite3 *db = NULL;
    uri_of(path, uri, sizeof uri);
    if (sqlite3_open_v2(as_is ? uri : path, &db,
                        SQLITE_OPEN_READONLY | (as_is ? SQLITE_OPEN_URI : 0), NULL) == SQLITE_OK &&
        /* One moment of it, to the end: its service goes on writing beside us. */
        sqlite3_exec(db, "BEGIN", NULL, NULL, NULL) == SQLITE_OK)
        return db;
    sqlite3_close(db);
    return NULL;
}

/* What stands beside the envelope for look-ups must be what is in it: the chain covers only
 * that. */
static bool check_beside(sqlite3_stmt *row, int64_t seq, upp_bytes envelope, upp_bytes committed,
                         verify_found *f)
{
    const char *type = (const char *)sqlite3_column_text(row, 8);
    const char *subject = (const char *)sqlite3_column_text(row, 9);
    upp_opened opened = { 0 };
    if (!type || !subject || upp_envelope_open(envelope, type, &opened) < 0) {
        wrong(f, "event %lld is of another type than its row says", (long long)seq);
        return false;
    }
    bool good = strcmp(opened.subject, subject) == 0;
    if (!good)
        wrong(f, "event %lld is about something else than its row says", (long long)seq);
    const ProtobufCMessageDescriptor *known = upp_type_named(column(row, 8));
    ProtobufCMessage *msg =
        good && known ? protobuf_c_message_unpack(known, NULL, opened.fact.len, opened.fact.at)
                      : NULL;
    if (msg) {
        const upp_bytes said = upp_commitment_of(msg);
        good = said.len == committed.len &&
               (said.len == 0 || memcmp(said.at, committed.at, said.len) == 0);
        if (!good)
            wrong(f, "event %lld commits to something else than its row says", (long long)seq);
        protobuf_c_message_free_unpacked(msg, NULL);
    }
    upp_opened_done(&opened);
    return good;
}

/* seq, envelope, eh, hash, commitment, salt, body, epoch, type, subject. */
static bool check_row(sqlite3_stmt *row, uint8_t prev[32], verify_found *f)
{
    uint8_t eh[32];
    uint8_t hash[32];
    uint8_t commitment[32];
    const int64_t seq = sqlite3_column_int64(row, 0);
    const upp_bytes envelope = column(row, 1);
    const upp_bytes said_eh = column(row, 2);
    const upp_bytes said = column(row, 3);
    const upp_bytes committed = column(row, 4);
    const upp_bytes content[2] = { column(row, 5), column(row, 6) };
    const upp_bytes epoch = column(row, 7);
    if (seq != f->events + 1) {
        wrong(f, "event %lld is missing", (long long)f->events + 1);
        return false;
    }
    upp_sha256(&envelope, 1, eh);
    if (epoch.len == 16)
        upp_chain_hash(epoch.at, seq, prev, eh, hash);
    if (epoch.len != 16 || said_eh.len != 32 || memcmp(eh, said_eh.at, 32) != 0 || said.len != 32 ||
        memcmp(hash, said.at, 32) != 0) {
        wrong(f, "event %lld is not what its chain says", (long long)seq);
        return false;
    }
    if (!check_beside(row, seq, envelope, committed, f))
        return false;
    if (content[0].at) {
        upp_sha256(content, 2, commitment);
        if (committed.len != 32 || memcmp(commitment, committed.at, 32) != 0) {
            wrong(f, "the content of event %lld is not what its fact says", (long long)seq);
            return false;
        }
        f->contents++;
    }
    memcpy(prev, hash, 32);
    f->events = seq;
    f->head.seq = seq;
    memcpy(f->head.hash, hash, 32);
    memcpy(f->head.epoch, epoch.at, 16);
    return true;
}

void verify_store(const char *path, bool as_is, verify_found *f)
{
    uint8_t prev[32] = { 0 };
    UPP_AUTO(close_db) sqlite3 *db = verify_open(path, as_is);
    UPP_AUTO(finish) sqlite3_stmt *row = NULL;
    if (!db || sqlite3_prepare_v2(
                   db,
                   "SELECT l.seq, l.envelope, l.eh, l.hash, l.commitment, c.salt, c.body,"
                   " (SELECT e.epoch FROM upp_epoch e WHERE e.first <= l.seq"
                   "  ORDER BY e.n DESC LIMIT 1), l.type, l.subject"
                   " FROM upp_log l LEFT JOIN upp_content c ON c.id = l.content_ref ORDER BY l.seq",
                   -1, &row, NULL) != SQLITE_OK) {
        wrong(f, "%s: %s", path, db ? sqlite3_errmsg(db) : "cannot be opened");
        return;
    }
    int rc = SQLITE_OK;
    while ((rc = sqlite3_step(row)) == SQLITE_ROW)
        if (!check_row(row, prev, f))
            return;
    if (rc != SQLITE_DONE)
        wrong(f, "%s: %s", path, sqlite3_errmsg(db));
}

/* Where a service's data and its store are; false: not on this machine. */
static bool store_of(const verb_home *home, const char *service, char ret_folder[PATH_MAX],
                     char ret_path[PATH_MAX])
{
    char name[64];
    snprintf(name, sizeof name, "%s.db", service);
    const bool known = home_has(home, service)
                           ? backup_data_of(home, service, ret_folder)
                           : home->data[0] && home_path(home->data, service, ret_folder);
    return known && home_path(ret_folder, name, ret_path) && access(ret_path, R_OK) == 0;
}

static void check(verb_call *call, const char *service, bool stores, verify_found *f,
                  const char **ret_how)
{
    char folder[PATH_MAX], path[PATH_MAX];
    *ret_how = "asked";
    if (!stores && ask(call, service, f))
        return;
    *ret_how = "read";
    if (store_of(call->home, service, folder, path))
        verify_store(path, false, f);
    else
        wrong(f, "no answer, and no store that could be read");
}

/* -- saved copies -- */
static void free_text(char **text)
{
    free(*text);
}

/* Whose signature is wanted: --key, or of the key that lies beside the services; false: said. */
static bool read_key(verb_call *call, uint8_t key[LEAF_KEY], const uint8_t **ret_key)
{
    const char *given = call_text(call, "key");
    uint8_t seed[LEAF_KEY];
    uint8_t signature[LEAF_SIGNATURE];
    size_t n = 0;
    *ret_key = NULL;
    if (given) {
        if (sodium_hex2bin(key, LEAF_KEY, given, strlen(given), NULL, &n, NULL) != 0 ||
            n != LEAF_KEY) {
            home_sayf("--key: 64 hexadecimal digits are wanted");
            return false;
        }
        *ret_key = key;
        return true;
    }
    UPP_AUTO(free_text)
    char *text =
        call->home->place[0] ? evidence_read(call->home->place, "tree.key", 1024, &n) : NULL;
    if (!text || strlen(text) < 2 * sizeof seed ||
        sodium_hex2bin(seed, sizeof seed, text, 2 * sizeof seed, NULL, &n, NULL) != 0)
        return true; /* not here, or not ours to read */
    const tree_hash nothing = { { 0 } };
    leaf_sign(0, 0, &nothing, seed, signature, key);
    sodium_memzero(seed, sizeof seed);
    sodium_memzero(text, strlen(text));
    *ret_key = key;
    return true;
}

/* --tsa-ca: the roots that stamps must lead to. What came along with a stamp proves nothing of
 * who made it: without the option the way is not looked at, and that is said. False: said. */
static bool read_roots(verb_call *call, char **ret_text, upp_bytes *ret_roots)
{
    const char *path = call_text(call, "tsa-ca");
    *ret_roots = (upp_bytes){ 0 };
    if (!path)
        return true;
    FILE *file = fopen(path, "rb");
    *ret_text = calloc(1, ROOTS_MAX);
    upp_check(*ret_text);
    const size_t n = file ? fread(*ret_text, 1, ROOTS_MAX, file) : 0;
    if (file)
        (void)fclose(file); /* only read */
    *ret_roots = (upp_bytes){ (const uint8_t *)*ret_text, n };
    if (n < ROOTS_MAX && tsa_roots_good(*ret_roots))
        return true;
    home_sayf("--tsa-ca: %s: the PEM file of an authority's roots is wanted", path);
    return false;
}

/* What the head that covers the copy proves, to whom. */
static void print_head(const evidence_tally *t, const evidence_trust *trust)
{
    char at[CIVIL_TEXT_SIZE];
    printf("; %s", !t->signed_head ? "no signed head covers it yet"
                   : trust->key    ? "in a head that is signed by the key that is expected"
                                   : "in a signed head; whose key it is, --key would tell");
    if (t->stamp.at > 0) {
        civil_format(t->stamp.at, 0, at);
        printf("\n  it was there at %s, says the time stamp of ", at);
        print_safe(t->stamp.signer[0] ? t->stamp.signer : "somebody without a name", stdout);
        printf(trust->roots.at ? ", whose certificate leads to a root of --tsa-ca"
                               : "; who that is, is not checked: --tsa-ca would tell");
    } else if (trust->roots.at) {
        printf("\n  no authority's time stamp lies beside it");
    }
    putchar('\n');
}

static json_t *result_of(const evidence_tally *t, const evidence_trust *trust, const char *wrong)
{
    json_t *result =
        json_pack("{s:b, s:I, s:I, s:b, s:b, s:b, s:s}", "good", wrong[0] == '\0', "files",
                  (json_int_t)t->files, "bytes", (json_int_t)t->bytes, "signed", t->signed_head,
                  "key_compared", trust->key != NULL, "stamped", t->stamp.at > 0, "wrong", wrong);
    upp_check(result);
    if (t->stamp.at > 0)
        json_object_set_new(result, "stamp",
                            json_pack("{s:I, s:s, s:b}", "at_ms", (json_int_t)t->stamp.at,
                                      "authority", t->stamp.signer, "chain_checked",
                                      trust->roots.at != NULL));
    return result;
}

static int verify_folder(verb_call *call, const char *folder)
{
    uint8_t bytes[LEAF_KEY];
    evidence_trust trust = { .key = NULL };
    UPP_AUTO(free_text) char *roots = NULL;
    char why[EVIDENCE_WHY];
    evidence_tally tally = { 0 };
    if (!evidence_is_export(folder)) { /* a package of the archive */
        UPP_AUTO(json_freep) json_t *result = json_object();
        const bool good = archive_sound(folder, NULL, result);
        if (call->json)
            print_json(result);
        else
            printf("%s: %s\n", folder, good ? "sound" : "NOT SOUND");
        return good ? CALL_DONE : CALL_WRONG;
    }
    if (!read_key(call, bytes, &trust.key) || !read_roots(call, &roots, &trust.roots))
        return CALL_USAGE;
    const char *wrong_with = evidence_exported(folder, &trust, &tally, why);
    UPP_AUTO(json_freep) json_t *result = result_of(&tally, &trust, wrong_with);
    if (call->json) {
        print_json(result);
    } else if (wrong_with[0]) {
        printf("%s: NOT SOUND: %s\n", folder, wrong_with);
    } else {
        printf("%s: sound; %zu files, %lld bytes", folder, tally.files, (long long)tally.bytes);
        print_head(&tally, &trust);
    }
    return wrong_with[0] ? CALL_WRONG : CALL_DONE;
}

/* False: something is wrong. */
static bool check_copies(verb_call *call, json_t *rows)
{
    char folder[PATH_MAX];
    char path[PATH_MAX];
    uint8_t bytes[LEAF_KEY];
    const uint8_t *key = NULL;
    UPP_AUTO(free_text) char *text = NULL;
    upp_bytes roots;
    verify_copies_found f = { 0 };
    if (!store_of(call->home, "evidence", folder, path))
        return true; /* the copies lie on another machine */
    if (!read_key(call, bytes, &key) || !read_roots(call, &text, &roots))
        return false;
    verify_copies(folder, key, roots, &f);
    json_array_append_new(rows, json_pack("{s:s, s:b, s:s, s:I, s:I, s:I, s:I, s:s}", "service",
                                          "copies", "good", f.wrong[0] == '\0', "how", "read",
                                          "events", (json_int_t)f.copies, "contents",
                                          (json_int_t)f.files, "heads", (json_int_t)f.heads,
                                          "stamps", (json_int_t)f.stamps, "wrong", f.wrong));
    return f.wrong[0] == '\0';
}

static int verify(verb_call *call)
{
    UPP_AUTO(json_freep) json_t *rows = json_array();
    int rc = CALL_DONE;
    if (call->n_operands > 0 && backup_is_one(call->operands[0]))
        return backup_verify(call, call->operands[0]);
    if (call->n_operands > 0)
        return verify_folder(call, call->operands[0]);
    if (!ask_client(call))
        return CALL_CONFIG;
    for (size_t i = 0; i < call->home->n_services; i++) {
        verify_found f = { 0 };
        const char *how = NULL;
        if (!home_has(call->home, call->home->services[i]))
            continue;
        check(call, call->home->services[i], call_flag(call, "stores"), &f, &how);
        json_array_append_new(
            rows, json_pack("{s:s, s:b, s:s, s:I, s:I, s:s}", "service", call->home->services[i],
                            "good", f.wrong[0] == '\0', "how", how, "events", (json_int_t)f.events,
                            "contents", (json_int_t)f.contents, "wrong", f.wrong));
        rc = f.wrong[0] ? CALL_WRONG : rc;
    }
    if (!check_copies(call, rows))
        rc = CALL_WRONG;
    if (call->json)
        print_json(rows);
    else
        print_table(
            call->home, rows,
            "SERVICE=service GOOD=good HOW=how EVENTS=events CONTENTS=contents WRONG=wrong");
    return rc;
}

static const verb_option options[] = {
    FLAG("stores", NULL, "read the stores themselves, even of services that answer"),
    TEXT("key", "HEX", NULL, "public key that must have signed the tree of saved copies"),
    TEXT("tsa-ca", "FILE", NULL, "PEM of the roots that the time stamps of heads must lead to"),
    TEXT("key-file", "FILE", NULL, "the key of a sealed backup: each file of DIR is opened, too"),
};
static const verb_action actions[] = {
    RUN("", "[DIR]", "", OPTIONS(options), verify),
};

const verb_row verb_verify = {
    .name = "verify",
    .help = "every link of every log's chain, every file of every saved copy; or DIR alone",
    .actions = actions,
    .n_actions = UPP_LEN(actions),
    .more = "Reading a store also compares each content with the commitment of its fact. DIR is a\n"
            "saved copy that was exported, a package of the archive, or a backup: no service is "
            "asked.\n",
};
