/* starved_test.c - a library that gets no memory says "malformed", or "nothing there": the input
 * has not failed, the machine has (P1, P2; R42). */
#include "node_bench.h"
#include "uppsikt/bus.pb-c.h"
#include "uppsikt/escalation.pb-c.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* As a handler does that asks such a library; `matter` says what it makes of its answer. */
static int starve(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__Claim *c = msg;
    (void)self, (void)in;
    UPP_TRY(upp_exec(txn, "INSERT INTO kept(item) VALUES(?1)", BIND(V(c->matter))));
    if (strcmp(c->matter, "fed") == 0)
        return 0;
    errno = ENOMEM;
    return strcmp(c->matter, "refuse") == 0 ? upp_refuse(txn, "malformed") : 0;
}

static bool take_row(void *ctx, const upp_frames *frames)
{
    (void)frames;
    ((heard *)ctx)->n++;
    return true;
}

static int list(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)txn, (void)self, (void)in, (void)msg;
    errno = ENOMEM;
    return 0;
}

static const upp_route routes[] = {
    { UPP_COMMAND, NULL, &uppsikt__claim__descriptor, starve, NULL },
    { UPP_QUERY, NULL, &uppsikt__open_matters__descriptor, list, NULL },
};
static const upp_service keeper = {
    .name = "keeper",
    .schema = "CREATE TABLE kept (item TEXT PRIMARY KEY) STRICT;",
    .routes = routes,
    .n_routes = UPP_LEN(routes),
};

/* Puts a request in; a command's batch is committed when there is one left. */
static int put(bench *b, upp_node *node, const ProtobufCMessage *msg, bool query, heard *ret)
{
    uint8_t id[16] = { 10 }, head[128], body[512];
    Uppsikt__RequestHead h = UPPSIKT__REQUEST_HEAD__INIT;
    h.id = (ProtobufCBinaryData){ 16, id };
    const char *type = msg->descriptor->name;
    const upp_frames frames = {
        .type = { (const uint8_t *)type, strlen(type) },
        .envelope = { head, uppsikt__request_head__pack(&h, head) },
        .content = { body, protobuf_c_message_pack(msg, body) },
    };
    *ret = (heard){ 0 };
    if (query)
        return upp_node_query(node, 1000, "console", &frames, take_row, ret);
    bench_begin(b, node, 1000);
    const int rc = upp_node_command(node, "console", &frames);
    if (rc >= 0)
        assert_int_equal(upp_node_commit(node, bench_hear, ret), 0);
    return rc;
}

static upp_node *again(upp_node *node, const char *path)
{
    upp_node_free(node);
    return bench_open(&keeper, path);
}

static void r42_no_memory_is_no_answer(void **state)
{
    bench *b = *state;
    char path[96];
    heard h;
    Uppsikt__Claim c = UPPSIKT__CLAIM__INIT;
    snprintf(path, sizeof path, "%s/keeper.db", b->folder);
    upp_node *node = bench_open(&keeper, path);
    static const char *const what[] = { "refuse", "accept" };
    for (size_t i = 0; i < UPP_LEN(what); i++) {
        c.matter = upp_lend(what[i]);
        assert_int_equal(put(b, node, &c.base, false, &h), UPP_E_STORE);
        node = again(node, path);
        assert_int_equal(bench_number(node, "SELECT count(*) FROM kept"), 0);
        assert_int_equal(bench_number(node, "SELECT count(*) FROM upp_command"), 0);
        assert_int_equal(upp_node_head(node).seq, 0);
    }
    Uppsikt__OpenMatters q = UPPSIKT__OPEN_MATTERS__INIT;
    assert_int_equal(put(b, node, &q.base, true, &h), UPP_E_STORE);
    assert_int_equal(h.n, 0);   /* not even that there is nothing */
    c.matter = upp_lend("fed"); /* and what a run before it left in errno is nobody's */
    errno = ENOMEM;
    assert_int_equal(put(b, node, &c.base, false, &h), 0);
    assert_int_equal(bench_number(node, "SELECT count(*) FROM kept"), 1);
    upp_node_free(node);
    (void)remove(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = { CASE(r42_no_memory_is_no_answer) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
