/* verify_copies_test.c - one changed bit anywhere is found: in each file of a saved copy, in what
 * an export holds, in the pages of the store that hold log, seals and tree (R22, R27; P6). */
#include "../evidence/evidence_fixture.h"
#include "../evidence/tsa_fixture.h"
#include "saved_copy.h"
#include "verify.h"
#include "verify_copies.h"

typedef struct place {
    vault v;
    char export[80];
    uint8_t key[LEAF_KEY];
    authority tsa;
    upp_bytes roots;
} place;

static size_t make_stamp(void *ctx, const Uppsikt__AskStamp *ask, uint8_t *ret_reply)
{
    return authority_reply(ctx, ask->imprint.data, &ask->nonce, ret_reply);
}

static void configure_stamps(place *p)
{
    static const authority_kind kind = { .name = "Provstämpel", .usage = "critical,timeStamping" };
    evidence_config *c = p->v.b->config;
    authority_open(&p->tsa, &kind);
    p->roots = authority_roots(&p->tsa);
    p->v.stamps = make_stamp;
    p->v.stamps_ctx = &p->tsa;
    c->tsa_url = "http://tsa.example/";
    c->tsa_ca = p->roots;
    bench_restart(p->v.b);
}

static void seal_some(vault *v)
{
    static const char *const items[] = { "i1", "i2", "i3" };
    for (size_t i = 0; i < UPP_LEN(items); i++) {
        vault_says(v, &(vault_words){ .item = items[i],
                                      .text = "Ni är dumma",
                                      .url = i == 0 ? "https://cdn.example/1.jpg" : NULL,
                                      .raw = "{\"id\":\"x1\"}" });
        vault_decides(v, items[i], 1, UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE, "", "");
        (void)vault_work(v);
        bench_wait(v->b, UPP_DAY);
    }
    (void)vault_work(v); /* the last head's stamp */
}

static void look(vault *v, const char *copy, const char *what)
{
    Uppsikt__NoteView c = UPPSIKT__NOTE_VIEW__INIT;
    c.record = upp_lend(copy);
    c.what = upp_lend(what);
    bench_did(v->b, "anna", &c.base);
}

static bool grow(void *ctx, const upp_frames *event)
{
    return evidence_tree_event(ctx, event);
}

static void copy_file(const char *from, const char *to)
{
    uint8_t room[8192];
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    assert_true(in && out);
    for (size_t n; (n = fread(room, 1, sizeof room, in)) > 0;)
        assert_int_equal(fwrite(room, 1, n, out), n);
    fclose(in);
    fclose(out);
}

/* The WHOLE copy of i1, as `uppsikt evidence export` writes it. */
static void export_one(place *p)
{
    char copy[32], folder[64], from[300], to[300];
    sqlite3_stmt *stmt = NULL;
    Uppsikt__Records q = UPPSIKT__RECORDS__INIT;
    vault *v = &p->v;
    assert_int_equal(
        sqlite3_prepare_v2(upp_node_db(v->b->node),
                           "SELECT record, folder FROM record WHERE item = 'i1' AND level = 2", -1,
                           &stmt, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    snprintf(copy, sizeof copy, "%s", (const char *)sqlite3_column_text(stmt, 0));
    snprintf(folder, sizeof folder, "%s", (const char *)sqlite3_column_text(stmt, 1));
    sqlite3_finalize(stmt);
    look(v, copy, "exported");
    q.record = copy;
    assert_int_equal(bench_query(v->b, "anna", &q.base), 1);
    const bench_row *r = &v->b->rows[0];
    const upp_frames frames = { .type = { (const uint8_t *)r->type, strlen(r->type) },
                                .envelope = { r->at, r->len },
                                .content = { r->content, r->content_len } };
    UPP_AUTO(json_freep) json_t *row = message_row_json(&frames);
    const json_t *objects = json_object_get(json_object_get(row, "content"), "objects");
    snprintf(p->export, sizeof p->export, "%s/export", v->root);
    assert_int_equal(mkdir(p->export, 0700), 0);
    snprintf(to, sizeof to, "%s/media", p->export);
    assert_int_equal(mkdir(to, 0700), 0);
    for (size_t i = 0; i < json_array_size(objects); i++) {
        const char *object = json_string_value(json_array_get(objects, i));
        snprintf(from, sizeof from, "%s/%s", v->objects, object);
        snprintf(to, sizeof to, "%s%s", p->export, object + strlen(folder));
        copy_file(from, to);
    }
    evidence_tree t = { .custody = json_array(), .record = copy, .item = "i1", .account = "acc" };
    assert_true(upp_node_log(v->b->node, 0, grow, &t) >= 0);
    assert_true(evidence_tree_heads(&t, p->key, (upp_bytes){ 0 }));
    assert_true(evidence_write_proof(&t, row, p->export));
    evidence_tree_done(&t);
}

static int set_up(void **state)
{
    static place p;
    uint8_t signature[LEAF_SIGNATURE], seed[LEAF_KEY];
    const tree_hash nothing = { { 0 } };
    char sql[160];
    memset(&p, 0, sizeof p);
    memset(seed, 7, sizeof seed);
    leaf_sign(0, 0, &nothing, seed, signature, p.key);
    vault_open(&p.v);
    configure_stamps(&p);
    seal_some(&p.v);
    export_one(&p);
    snprintf(sql, sizeof sql, "VACUUM INTO '%s/evidence.db'", p.v.root);
    assert_int_equal(sqlite3_exec(upp_node_db(p.v.b->node), sql, NULL, NULL, NULL), SQLITE_OK);
    *state = &p;
    return 0;
}

static int tear_down(void **state)
{
    place *p = *state;
    vault_close(&p->v);
    authority_close(&p->tsa);
    return 0;
}

/* -- one bit, there and back -- */
static void flip(const char *path, int64_t at)
{
    uint8_t byte = 0;
    const int fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= (uint8_t)(1U << at % 8);
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    close(fd);
}

static int64_t size_of(const char *path)
{
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    return info.st_size;
}

/* Calls for each file below, with its path. */
static void each_file(const char *path, void (*each)(void *ctx, const char *path), void *ctx)
{
    DIR *dir = opendir(path);
    if (!dir) {
        each(ctx, path);
        return;
    }
    for (struct dirent *e = readdir(dir); e; e = readdir(dir)) {
        char inner[400];
        if (e->d_name[0] == '.')
            continue;
        snprintf(inner, sizeof inner, "%.180s/%.200s", path, e->d_name);
        each_file(inner, each, ctx);
    }
    closedir(dir);
}

static const char *copies_wrong(place *p)
{
    static verify_copies_found f;
    verify_copies(p->v.root, p->key, p->roots, &f);
    return f.wrong;
}

typedef struct flips {
    place *p;
    size_t files, bits;
} flips;

static const char *exported_wrong(place *p)
{
    static char why[EVIDENCE_WHY];
    const evidence_trust trust = { p->key, p->roots };
    evidence_tally tally = { 0 };
    return evidence_exported(p->export, &trust, &tally, why);
}

static void flip_exported(void *ctx, const char *path)
{
    flips *f = ctx;
    const int64_t n = size_of(path), step = n > 3000 ? 7 : 1;
    for (int64_t at = 0; at < n; at += step, f->bits++) {
        flip(path, at);
        if (exported_wrong(f->p)[0] == '\0')
            fail_msg("%s: byte %lld is changed, and nothing is found", path, (long long)at);
        flip(path, at);
    }
    f->files++;
}

static void every_bit_of_an_export(void **state)
{
    place *p = *state;
    flips f = { .p = p };
    evidence_tally tally = { 0 };
    char why[EVIDENCE_WHY], path[200];
    const evidence_trust trust = { p->key, p->roots };
    assert_string_equal(evidence_exported(p->export, &trust, &tally, why), "");
    assert_true(tally.signed_head);
    assert_string_equal(tally.stamp.signer, "Provstämpel");
    assert_int_equal(tally.files, 7);
    each_file(p->export, flip_exported, &f);
    assert_int_equal(f.files, 13);
    assert_true(f.bits > 8000);
    p->key[0] ^= 1;
    assert_non_null(strstr(exported_wrong(p), "another key"));
    p->key[0] ^= 1;
    snprintf(path, sizeof path, "%s/beside.txt", p->export);
    copy_file(UPP_ROOT "/LICENSE", path);
    assert_non_null(strstr(exported_wrong(p), "in no manifest"));
    assert_int_equal(unlink(path), 0);
    snprintf(path, sizeof path, "%s/page.pdf", p->export);
    assert_int_equal(unlink(path), 0);
    assert_non_null(strstr(exported_wrong(p), "is missing"));
    print_message("%zu files, %zu bits\n", f.files, f.bits);
}

static void flip_stored(void *ctx, const char *path)
{
    flips *f = ctx;
    const int64_t n = size_of(path);
    for (int64_t at = 0; at < n; at += 1 + n / 40, f->bits++) {
        flip(path, at);
        if (copies_wrong(f->p)[0] == '\0')
            fail_msg("%s: byte %lld is changed, and nothing is found", path, (long long)at);
        flip(path, at);
    }
    f->files++;
}

static void every_file_of_every_copy(void **state)
{
    place *p = *state;
    flips f = { .p = p };
    char path[200];
    assert_string_equal(copies_wrong(p), "");
    each_file(p->v.objects, flip_stored, &f);
    assert_int_equal(f.files, 3 * (4 + 7) + 1);
    assert_true(f.bits > 1000);
    snprintf(path, sizeof path, "%s/2026/09/01STRAY", p->v.objects);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_non_null(strstr(copies_wrong(p), "belongs to no copy"));
    assert_int_equal(rmdir(path), 0);
    assert_string_equal(copies_wrong(p), "");
    print_message("%zu files, %zu bits\n", f.files, f.bits);
}

/* Puts another stamp there, with its sum, as somebody would who wants it believed. */
static void put_in_place(place *p, const char *path, const uint8_t *reply, size_t n)
{
    char sums[200], text[800] = "", hex[65];
    uint8_t hash[32];
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(reply, 1, n, file), n);
    fclose(file);
    snprintf(sums, sizeof sums, "%s/" EVIDENCE_SUMS, p->export);
    file = fopen(sums, "r+b");
    assert_non_null(file);
    assert_true(fread(text, 1, sizeof text - 1, file) > 0);
    char *line = strstr(text, "  tree-head.tsr\n");
    assert_non_null(line);
    crypto_hash_sha256(hash, reply, n);
    sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    memcpy(line - 64, hex, 64);
    rewind(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    fclose(file);
}

/* A stamp by somebody else, over another head, or none any more; and one whose way is not asked
 * for, which is no more than said. */
static void a_stamp_that_does_not_fit(void **state)
{
    static const authority_kind kind = { .name = "Någon", .usage = "critical,timeStamping" };
    static uint8_t reply[TSA_REPLY];
    place *p = *state;
    const upp_bytes roots = p->roots;
    char path[200];
    authority other;
    verify_copies_found f;
    const tree_hash imprint = { { 1 } };
    authority_open(&other, &kind);
    assert_string_equal(copies_wrong(p), "");
    verify_copies(p->v.root, p->key, roots, &f);
    assert_int_equal(f.stamps, f.heads);
    assert_true(f.heads >= 3);
    p->roots = authority_roots(&other);
    assert_non_null(strstr(exported_wrong(p), "tree-head.tsr: leads to none of the roots"));
    assert_non_null(strstr(copies_wrong(p), "the stamp of head 1 leads to none"));
    p->roots = (upp_bytes){ 0 };
    assert_string_equal(exported_wrong(p), "");
    assert_string_equal(copies_wrong(p), "");
    p->roots = roots;
    snprintf(path, sizeof path, "%s/tree-head.tsr", p->export);
    assert_int_equal(unlink(path), 0);
    assert_non_null(strstr(exported_wrong(p), "tree-head.tsr: is not what was exported"));
    const size_t n = authority_reply(&p->tsa, imprint.at, NULL, reply);
    put_in_place(p, path, reply, n);
    assert_string_equal(exported_wrong(p), "tree-head.tsr: is over other bytes");
    authority_close(&other);
}

/* -- pages of the store -- */
/* Everything that the checks promise about, as bytes (the bit that makes a text of them changes
 * none); "" when it cannot even be read. Content that is not there any more looks as if it had been
 * forgotten: it counts apart. */
static void dump(const char *path, char ret_hash[65], int64_t *ret_contents)
{
    static const char *const tables[] = {
        "SELECT seq, type, subject, quote(CAST(envelope AS BLOB)), quote(CAST(eh AS BLOB)),"
        " quote(CAST(hash AS BLOB)), quote(CAST(commitment AS BLOB)) FROM upp_log ORDER BY seq",
        "SELECT l.seq, quote(CAST(c.salt AS BLOB)), quote(CAST(c.body AS BLOB)) FROM upp_log l "
        "JOIN upp_content c"
        " ON c.id = l.content_ref ORDER BY l.seq",
        "SELECT record, state = 2, seal, folder, leaf, quote(CAST(c.body AS BLOB)) FROM record r"
        " LEFT JOIN upp_content c ON c.id = r.proof_ref WHERE leaf >= 0 ORDER BY leaf",
        "SELECT level, place, hash FROM node ORDER BY level, place",
    };
    crypto_hash_sha256_state sha;
    uint8_t hash[32];
    sqlite3 *db = NULL;
    *ret_contents = 0;
    crypto_hash_sha256_init(&sha);
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    for (size_t i = 0; i < UPP_LEN(tables); i++) {
        sqlite3_stmt *row = NULL;
        int rc = sqlite3_prepare_v2(db, tables[i], -1, &row, NULL);
        while (rc == SQLITE_OK && (rc = sqlite3_step(row)) == SQLITE_ROW) {
            for (int c = 0; c < sqlite3_column_count(row); c++) {
                const char *text = (const char *)sqlite3_column_text(row, c);
                crypto_hash_sha256_update(&sha, (const uint8_t *)(text ? text : "NULL"),
                                          text ? strlen(text) + 1 : 4);
            }
            *ret_contents += i == 1;
            rc = SQLITE_OK;
        }
        sqlite3_finalize(row);
    }
    sqlite3_close(db);
    crypto_hash_sha256_final(&sha, hash);
    sodium_bin2hex(ret_hash, 65, hash, sizeof hash);
}

static void pages_of_the_store(void **state)
{
    place *p = *state;
    char path[120], before[65], now[65];
    int64_t contents = 0, left = 0;
    size_t found = 0, harmless = 0, lost = 0;
    snprintf(path, sizeof path, "%s/evidence.db", p->v.root);
    verify_found f = { .events = 0 };
    verify_store(path, true, &f);
    assert_string_equal(f.wrong, "");
    dump(path, before, &contents);
    const int64_t n = size_of(path);
    for (int64_t at = 0; at < n; at += 127) {
        flip(path, at);
        f = (verify_found){ .events = 0 };
        verify_store(path, true, &f);
        if (f.wrong[0] || copies_wrong(p)[0]) {
            found++;
        } else {
            dump(path, now, &left);
            if (strcmp(before, now) == 0)
                harmless++; /* free space, another table, an index */
            else if (left < contents)
                lost++;
            else
                fail_msg("byte %lld is changed in what is sealed, and nothing is found",
                         (long long)at);
        }
        flip(path, at);
    }
    print_message("%zu found, %zu in nothing that is sealed, %zu as if forgotten\n", found,
                  harmless, lost);
    assert_true(found > 100);
    assert_true(lost < 10);
}

/* A leaf that the log never sealed, a seal of another manifest, a head of another tree. */
static void the_store_cannot_tell_another_story(void **state)
{
    static const char *const stories[] = {
        "UPDATE node SET hash = replace(hash, substr(hash, 1, 1), 'f') WHERE level = 1",
        "DELETE FROM node WHERE level = 2",
        "UPDATE record SET leaf = leaf + 1 WHERE leaf = 5",
        "UPDATE record SET state = 3 WHERE leaf = 0",
        "UPDATE record SET seal = (SELECT seal FROM record WHERE leaf = 1) WHERE leaf = 0",
        "UPDATE record SET proof_ref = (SELECT proof_ref FROM record WHERE leaf = 1) WHERE leaf = "
        "0",
        "DELETE FROM record WHERE leaf = 5",
        "DELETE FROM upp_log WHERE type = 'uppsikt.EvidenceSealed' AND seq = (SELECT max(seq) FROM"
        " upp_log WHERE type = 'uppsikt.EvidenceSealed')",
    };
    place *p = *state;
    char path[120], copy[120];
    snprintf(path, sizeof path, "%s/evidence.db", p->v.root);
    snprintf(copy, sizeof copy, "%s/kept.db", p->v.root);
    copy_file(path, copy);
    for (size_t i = 0; i < UPP_LEN(stories); i++) {
        sqlite3 *db = NULL;
        assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, stories[i], NULL, NULL, NULL), SQLITE_OK);
        assert_true(sqlite3_changes(db) > 0);
        sqlite3_close(db);
        if (copies_wrong(p)[0] == '\0')
            fail_msg("nothing is found: %s", stories[i]);
        copy_file(copy, path);
        assert_string_equal(copies_wrong(p), "");
    }
}

#define PLACE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE(every_bit_of_an_export),
        PLACE(every_file_of_every_copy),
        PLACE(a_stamp_that_does_not_fit),
        PLACE(pages_of_the_store),
        PLACE(the_store_cannot_tell_another_story),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
