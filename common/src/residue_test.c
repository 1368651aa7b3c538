/* residue_test.c - what is deleted lies in no byte, whatever SQLite moved about in between (P8, R23). */
#include "node_bench.h"
#include "uppsikt/comment.pb-c.h"
#include "uppsikt/escalation.pb-c.h"
#include "uppsikt/evidence.pb-c.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ITEMS = 240, MARK = 16, FILE_MAX = 4 << 20 };

static void mark_of(unsigned item, char ret_mark[MARK])
{
    snprintf(ret_mark, MARK, "MARK-%03u-", item);
}

/* Long and short ones, each with its mark at the start. */
static int keep_all(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self, (void)in, (void)msg;
    for (unsigned i = 0; i < ITEMS; i++) {
        char text[1200], name[8];
        upp_content kept;
        Uppsikt__CommentReceivedContent c = UPPSIKT__COMMENT_RECEIVED_CONTENT__INIT;
        mark_of(i, text);
        const size_t from = strlen(text), n = 40 + i * 7919 % 1000;
        memset(text + from, 'x', n);
        text[from + n] = '\0';
        c.text = text;
        snprintf(name, sizeof name, "%u", i);
        UPP_TRY(upp_keep(txn, UPP_ABOUT(name), &c.base, &kept));
        UPP_TRY(upp_exec(txn, "INSERT INTO kept(item, ref) VALUES(?1, ?2)",
                         BIND(V(name), V(kept.ref))));
    }
    return 0;
}

static int drop_one(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__PlaceHold *c = msg;
    int64_t ref = 0;
    (void)self, (void)in;
    {
        UPP_ROWS row = upp_query(txn, "SELECT ref FROM kept WHERE item = ?1", BIND(V(c->matter)));
        if (!upp_next(&row))
            return UPP_E_BUG;
        ref = upp_col_int(&row, 0);
    }
    UPP_TRY(upp_exec(txn, "DELETE FROM kept WHERE item = ?1", BIND(V(c->matter))));
    return upp_drop(txn, ref);
}

static const upp_route routes[] = {
    { UPP_COMMAND, NULL, &uppsikt__claim__descriptor, keep_all, NULL },
    { UPP_COMMAND, NULL, &uppsikt__place_hold__descriptor, drop_one, NULL },
};
static const upp_service keeper = {
    .name = "keeper",
    .schema = "CREATE TABLE kept (item TEXT PRIMARY KEY, ref INTEGER NOT NULL) STRICT;",
    .routes = routes,
    .n_routes = UPP_LEN(routes),
};

static size_t read_all(const char *path, const char *tail, uint8_t *ret_bytes)
{
    char name[128];
    snprintf(name, sizeof name, "%s%s", path, tail);
    FILE *f = fopen(name, "rb");
    const size_t n = f ? fread(ret_bytes, 1, FILE_MAX, f) : 0;
    assert_true(n < FILE_MAX);
    if (f)
        fclose(f);
    return n;
}

/* How often a mark of one that is gone stands in the store's files; what is kept is counted too. */
static unsigned marks_of_gone(const char *path, const bool *gone, unsigned *ret_kept)
{
    static uint8_t bytes[FILE_MAX];
    unsigned n = 0;
    *ret_kept = 0;
    for (int tail = 0; tail < 2; tail++) {
        const size_t size = read_all(path, tail ? "-wal" : "", bytes);
        for (size_t at = 0; at + MARK <= size; at++) {
            if (memcmp(bytes + at, "MARK-", 5) != 0)
                continue;
            const unsigned item = (unsigned)strtoul((const char *)bytes + at + 5, NULL, 10);
            assert_true(item < ITEMS);
            n += gone[item];
            *ret_kept += !gone[item];
        }
    }
    return n;
}

/* One after the other, in an order in which neighbours go and pages become one. */
static void r23_what_is_deleted_leaves_no_copy_behind(void **state)
{
    bench *b = *state;
    bool gone[ITEMS] = { false };
    heard h;
    char path[96], name[8];
    unsigned kept = 0;
    snprintf(path, sizeof path, "%s/keeper.db", b->folder);
    upp_node *node = bench_open(&keeper, path);
    Uppsikt__Claim all = UPPSIKT__CLAIM__INIT;
    assert_int_equal(bench_command(b, node, 250, &all.base, &h), 0);
    assert_int_equal(marks_of_gone(path, gone, &kept), 0);
    assert_true(kept >= ITEMS);
    for (unsigned i = 0; i < ITEMS; i++) {
        const unsigned item = i * 149 % ITEMS; /* 149 and 240 share no factor: each once */
        Uppsikt__PlaceHold one = UPPSIKT__PLACE_HOLD__INIT;
        snprintf(name, sizeof name, "%u", item);
        one.matter = name;
        assert_int_equal(bench_command(b, node, (uint8_t)i, &one.base, &h), 0);
        gone[item] = true;
        const unsigned found = marks_of_gone(path, gone, &kept);
        if (found > 0)
            fail_msg("after %u: %u marks of what is gone are in its files", i + 1, found);
        assert_true(kept >= ITEMS - i - 1);
    }
    assert_int_equal(upp_node_verify(node), 0);
    upp_node_free(node);
    (void)remove(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = { CASE(r23_what_is_deleted_leaves_no_copy_behind) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
