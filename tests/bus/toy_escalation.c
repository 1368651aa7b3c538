/* toy_escalation.c - a subscriber for the tests: says a step for each comment that it hears, which
 * tells who follows its log that the comment came, once, and with its content. */
#include "upp/bus.h"
#include "uppsikt/comment.pb-c.h"
#include "uppsikt/escalation.pb-c.h"
#include <stdio.h>
#include <string.h>

static int hear(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    const Uppsikt__CommentReceived *c = msg;
    const Uppsikt__CommentReceivedContent *text = in->content;
    char length[32];
    snprintf(length, sizeof length, "%zu", text ? strlen(text->text) : (size_t)0);
    /* A comment that comes twice breaks the key, and is parked. */
    UPP_TRY(upp_exec(txn, "INSERT INTO heard(item) VALUES(?1)", BIND(V(c->item))));
    Uppsikt__StepFired out = UPPSIKT__STEP_FIRED__INIT;
    out.item = c->item;
    out.account = length;
    UPP_TRY(upp_emit(txn, c->item, &out.base, NULL));
    return upp_alarm(txn, c->item, upp_now(txn));
}

static int on_alarm(upp_txn *txn, const void *self, const char *key)
{
    (void)self;
    return upp_exec(txn, "UPDATE heard SET rung = rung + 1 WHERE item = ?1", BIND(V(key)));
}

static int list(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    (void)msg;
    UPP_ROWS row = upp_query(txn, "SELECT item, rung FROM heard ORDER BY item", NO_BIND);
    while (upp_next(&row)) {
        Uppsikt__MatterRow out = UPPSIKT__MATTER_ROW__INIT;
        out.state = upp_lend(upp_col_text(&row, 0));
        out.met_ms = upp_col_int(&row, 1);
        UPP_TRY(upp_reply(txn, &out.base));
    }
    return row.rc;
}

// clang-format off
static const upp_route routes[] = {
    { UPP_EVENT, "ingest", &uppsikt__comment_received__descriptor, hear,
      &uppsikt__comment_received_content__descriptor },
    { UPP_QUERY, NULL,     &uppsikt__open_matters__descriptor,     list, NULL },
};
// clang-format on
extern const upp_service toy_escalation_service;
const upp_service toy_escalation_service = {
    .name = "escalation",
    .schema = "CREATE TABLE IF NOT EXISTS heard (item TEXT PRIMARY KEY,"
              " rung INTEGER NOT NULL DEFAULT 0) STRICT;",
    .routes = routes,
    .n_routes = UPP_LEN(routes),
    .on_alarm = on_alarm,
};
