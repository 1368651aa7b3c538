/* node_bench.c - the toys and what a test does with them. */
#include "node_bench.h"
#include "uppsikt/bus.pb-c.h"
#include "uppsikt/comment.pb-c.h"
#include "uppsikt/escalation.pb-c.h"
#include "uppsikt/evidence.pb-c.h"
#include "uppsikt/runtime.pb-c.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int say_comment(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    const Uppsikt__Claim *c = msg;
    if (strcmp(c->matter, "refuse") == 0)
        return upp_refuse(txn, "no-such-matter");
    upp_content content;
    Uppsikt__CommentReceivedContent text = UPPSIKT__COMMENT_RECEIVED_CONTENT__INIT;
    text.text = upp_lend("MARKER-text");
    const int gone = upp_keep(txn, UPP_ABOUT(c->matter, "person-1"), &text.base, &content);
    UPP_TRY(gone);
    Uppsikt__CommentReceived out = UPPSIKT__COMMENT_RECEIVED__INIT;
    out.item = c->matter;
    const char *account = strchr(c->matter, '@');
    out.account = upp_lend(account ? account + 1 : "acc");
    out.commitment = upp_commitment(&content);
    UPP_TRY(upp_emit(txn, c->matter, &out.base, &content));
    Uppsikt__MatterTouched touched = UPPSIKT__MATTER_TOUCHED__INIT;
    touched.matter = c->matter;
    return in->by && strcmp(in->by, "mute") == 0 ? 0 : upp_reply(txn, &touched.base);
}

static const upp_route ingest_routes[] = {
    { UPP_COMMAND, NULL, &uppsikt__claim__descriptor, say_comment, NULL },
};
const upp_service bench_ingest = {
    .name = "ingest", .schema = "", .routes = ingest_routes, .n_routes = UPP_LEN(ingest_routes)
};

/* What the handler does with the next comment, by its item's first letter. */
static int hear_comment(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    const Uppsikt__CommentReceived *c = msg;
    const Uppsikt__CommentReceivedContent *text = in->content;
    upp_content kept = { 0 };
    if (text)
        UPP_TRY(upp_keep(txn, UPP_ABOUT(c->item), &text->base, &kept));
    UPP_TRY(upp_exec(txn, "INSERT INTO heard(item, text_ref) VALUES(?1, ?2)",
                     BIND(V(c->item), V(kept.ref))));
    Uppsikt__StepFired step = UPPSIKT__STEP_FIRED__INIT;
    step.item = c->item;
    UPP_TRY(upp_emit(txn, c->item, &step.base, NULL));
    UPP_TRY(upp_alarm(txn, c->item, 5000));
    if (c->item[0] == 'i')
        return upp_fail(txn, UPP_E_INPUT, "an item that begins with i: %s", c->item);
    if (c->item[0] == 'b')
        return upp_fail(txn, UPP_E_BUSY, "busy");
    Uppsikt__SendMail mail = UPPSIKT__SEND_MAIL__INIT;
    mail.to = upp_lend("MARKER-to");
    UPP_TRY(upp_ask(txn, "mail", UPP_ABOUT(c->item), c->item, &mail.base));
    return 0;
}

static int hear_mail(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)msg;
    return upp_exec(txn, "UPDATE heard SET mailed = mailed + ?2, dead = dead + ?3 WHERE item = ?1",
                    BIND(V(in->subject), V(in->dead ? 0 : 1), V(in->dead ? 1 : 0)));
}

static int ring(upp_txn *txn, const void *self, const char *key)
{
    (void)self;
    return upp_exec(txn, "UPDATE heard SET rung = rung + 1 WHERE item = ?1", BIND(V(key)));
}

static int list_heard(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    (void)msg;
    UPP_ROWS row = upp_query(txn, "SELECT item FROM heard ORDER BY item", NO_BIND);
    while (upp_next(&row)) {
        Uppsikt__MatterRow out = UPPSIKT__MATTER_ROW__INIT;
        out.state = upp_lend(upp_col_text(&row, 0));
        UPP_TRY(upp_reply(txn, &out.base));
    }
    return row.rc;
}

static const upp_ms retries[] = { 60 * UPP_SECOND };
static const upp_outside outside[] = {
    { "mail", &uppsikt__send_mail__descriptor, &uppsikt__mail_done__descriptor, retries, 1,
      150 * UPP_SECOND },
};
static const upp_route escalation_routes[] = {
    { UPP_EVENT, "ingest", &uppsikt__comment_received__descriptor, hear_comment,
      &uppsikt__comment_received_content__descriptor },
    { UPP_ANSWER, "mail", &uppsikt__mail_done__descriptor, hear_mail, NULL },
    { UPP_QUERY, NULL, &uppsikt__open_matters__descriptor, list_heard, NULL },
};
const upp_service bench_escalation = {
    .name = "escalation",
    .schema = "CREATE TABLE heard (item TEXT PRIMARY KEY, text_ref INTEGER NOT NULL,"
              " mailed INTEGER NOT NULL DEFAULT 0, dead INTEGER NOT NULL DEFAULT 0,"
              " rung INTEGER NOT NULL DEFAULT 0) STRICT;",
    .routes = escalation_routes,
    .n_routes = UPP_LEN(escalation_routes),
    .outside = outside,
    .n_outside = UPP_LEN(outside),
    .on_alarm = ring,
};

/* -- the bench -- */

static const uint8_t lookup[32] = { 7 };

static void complain(const char *line)
{
    fail_msg("%s", line);
}

upp_node *bench_open(const upp_service *service, const char *path)
{
    const upp_store store = { .path = path, .lookup_key = lookup };
    upp_node *node = upp_node_new(service, &store, NULL, complain);
    assert_non_null(node);
    return node;
}

void bench_begin(bench *b, upp_node *node, upp_ms now)
{
    uint8_t seed[32] = { 0 };
    seed[0] = ++b->seed;
    assert_int_equal(upp_node_begin(node, now, seed), 0);
}

int bench_set_up(void **state)
{
    bench *b = calloc(1, sizeof *b);
    snprintf(b->folder, sizeof b->folder, "/tmp/upp-node-XXXXXX");
    assert_non_null(mkdtemp(b->folder));
    snprintf(b->from_path, sizeof b->from_path, "%s/from.db", b->folder);
    snprintf(b->to_path, sizeof b->to_path, "%s/to.db", b->folder);
    b->from = bench_open(&bench_ingest, b->from_path);
    b->to = bench_open(&bench_escalation, b->to_path);
    *state = b;
    return 0;
}

int bench_tear_down(void **state)
{
    bench *b = *state;
    static const char *const tails[] = { "from.db", "from.db-wal", "from.db-shm",
                                         "to.db",   "to.db-wal",   "to.db-shm" };
    upp_node_free(b->from);
    upp_node_free(b->to);
    for (size_t i = 0; i < UPP_LEN(tails); i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", b->folder, tails[i]);
        (void)unlink(path); /* those that are there */
    }
    assert_int_equal(rmdir(b->folder), 0);
    free(b);
    return 0;
}

int64_t bench_number(upp_node *node, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    assert_int_equal(sqlite3_prepare_v2(upp_node_db(node), sql, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    const int64_t n = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return n;
}

void bench_hear(void *ctx, const uint8_t id[16], const upp_frames *outcome)
{
    heard *h = ctx;
    (void)id;
    Uppsikt__AnswerHead *head =
        uppsikt__answer_head__unpack(NULL, outcome->chain.len, outcome->chain.at);
    assert_non_null(head);
    h->n++;
    snprintf(h->refused, sizeof h->refused, "%s", head->refused);
    snprintf(h->type, sizeof h->type, "%.*s", (int)outcome->type.len, outcome->type.at);
    uppsikt__answer_head__free_unpacked(head, NULL);
}

/* One command with this number as its id, in a batch of its own. */
int bench_command(bench *b, upp_node *node, uint8_t id, const ProtobufCMessage *msg, heard *ret)
{
    uint8_t id16[16] = { id }, head[128], body[512];
    Uppsikt__RequestHead h = UPPSIKT__REQUEST_HEAD__INIT;
    h.id = (ProtobufCBinaryData){ 16, id16 };
    const char *type = msg->descriptor->name;
    const upp_frames frames = {
        .type = { (const uint8_t *)type, strlen(type) },
        .envelope = { head, uppsikt__request_head__pack(&h, head) },
        .content = { body, protobuf_c_message_pack(msg, body) },
    };
    bench_begin(b, node, 1000);
    const int rc = upp_node_command(node, "console", &frames);
    *ret = (heard){ 0 };
    assert_int_equal(upp_node_commit(node, bench_hear, ret), 0);
    return rc;
}

int bench_say(bench *b, uint8_t id, const char *item, heard *ret)
{
    Uppsikt__Claim c = UPPSIKT__CLAIM__INIT;
    c.matter = upp_lend(item);
    return bench_command(b, b->from, id, &c.base, ret);
}

bool bench_pump(void *ctx, const upp_frames *frames)
{
    pump *p = ctx;
    if (p->n == p->limit)
        return false;
    p->rc[p->n] = upp_node_deliver(p->to, p->source, frames);
    return p->rc[p->n++] >= 0;
}

pump bench_deliver(bench *b, size_t limit)
{
    pump p = { .to = b->to, .source = "ingest", .limit = limit };
    upp_point cursor;
    assert_int_equal(upp_node_cursor(b->to, "ingest", &cursor), 0);
    bench_begin(b, b->to, 2000);
    assert_int_equal(upp_node_log(b->from, cursor.seq, bench_pump, &p), 0);
    assert_int_equal(upp_node_commit(b->to, NULL, NULL), 0);
    return p;
}
