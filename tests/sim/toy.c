/* toy.c - the services that the simulator is tested with. */
#include "toy.h"
#include "toy.pb-c.h"

extern const char toy_maker_sql[], toy_taker_sql[];

/* -- maker -- */
static int on_make(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self, (void)in;
    const Uppsikt__Toy__Make *m = msg;
    char id[UPP_ID];
    Uppsikt__Toy__MadeContent body = UPPSIKT__TOY__MADE_CONTENT__INIT;
    body.text = m->text;
    upp_content content = { 0 };
    UPP_TRY(upp_keep(txn, UPP_ABOUT(m->item), &body.base, &content));
    const int made =
        upp_exec(txn, "INSERT INTO thing(item, text_ref) VALUES(?1, ?2) ON CONFLICT DO NOTHING",
                 BIND(V(m->item), V(content.ref)));
    if (made == 0)
        return upp_refuse(txn, "already-made");
    UPP_TRY(made);

    Uppsikt__Toy__Made fact = UPPSIKT__TOY__MADE__INIT;
    fact.item = m->item;
    fact.due_ms = m->due_ms;
    fact.fuss = m->fuss;
    fact.commitment = upp_commitment(&content);
    UPP_TRY(upp_emit(txn, m->item, &fact.base, &content));

    Uppsikt__Toy__Done done = UPPSIKT__TOY__DONE__INIT;
    upp_id(txn, id);
    done.item = m->item;
    done.id = id;
    return upp_reply(txn, &done.base);
}

static int on_counted(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self, (void)in;
    const Uppsikt__Toy__Counted *c = msg;
    return upp_exec(txn, "UPDATE thing SET counts = counts + 1 WHERE item = ?1", BIND(V(c->item)));
}

static int on_forget(upp_txn *txn, const void *self, const char *subject)
{
    (void)self;
    return upp_exec(txn, "UPDATE thing SET text_ref = 0 WHERE item = ?1", BIND(V(subject)));
}

static int say_row(upp_txn *txn, const upp_rows *r)
{
    Uppsikt__Toy__Thing row = UPPSIKT__TOY__THING__INIT;
    row.item = upp_lend(upp_col_text(r, 0));
    row.counts = upp_col_int(r, 1);
    row.rings = upp_col_int(r, 2);
    row.tolls = upp_col_int(r, 3);
    row.kept = upp_col_int(r, 4) != 0;
    return upp_reply(txn, &row.base);
}

static int on_maker_things(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self, (void)in;
    const Uppsikt__Toy__Things *q = msg;
    UPP_ROWS r = upp_query(txn,
                           "SELECT item, counts, 0, 0, text_ref FROM thing WHERE item > ?1"
                           " ORDER BY item LIMIT ?2",
                           BIND(V(q->after), V(q->limit)));
    while (upp_next(&r))
        UPP_TRY(say_row(txn, &r));
    return r.rc;
}

/* -- taker -- */
static int toll(upp_txn *txn, const char *item, const char *text)
{
    Uppsikt__Toy__Toll request = UPPSIKT__TOY__TOLL__INIT;
    request.item = upp_lend(item);
    request.text = upp_lend(text);
    return upp_ask(txn, "bell", UPP_ABOUT(item), item, &request.base);
}

static int on_made(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    const Uppsikt__Toy__Made *m = msg;
    const Uppsikt__Toy__MadeContent *body = in->content;
    upp_content content = { 0 };
    uint8_t coin;

    upp_random(txn, &coin, sizeof coin);
    if (body)
        UPP_TRY(upp_keep(txn, UPP_ABOUT(m->item), &body->base, &content));
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO thing(item, due_ms, counts, text_ref) VALUES(?1, ?2, 1, ?3)"
                     " ON CONFLICT DO UPDATE SET counts = counts + 1",
                     BIND(V(m->item), V(m->due_ms), V(content.ref))));
    UPP_TRY(upp_alarm(txn, m->item, m->due_ms));
    if (body)
        UPP_TRY(toll(txn, m->item, body->text));

    Uppsikt__Toy__Counted out = UPPSIKT__TOY__COUNTED__INIT;
    out.item = m->item;
    out.seen = body != NULL;
    UPP_TRY(upp_emit(txn, m->item, &out.base, NULL));

    /* Only now, so that everything must be taken back. */
    if (m->fuss == 1)
        return upp_fail(txn, UPP_E_INPUT, "too much fuss about %s", m->item);
    if (m->fuss == 2 && coin < 128)
        return upp_fail(txn, UPP_E_BUSY, "not now: %s", m->item);
    return 0;
}

static int on_tolling(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    const Uppsikt__Toy__Tolling *m = msg;
    if (!in->dead && m->object[0]) {
        if (m->sha256.len != 32)
            return upp_fail(txn, UPP_E_INPUT, "an object without its hash: %s", m->object);
        UPP_TRY(upp_object_keep(txn, UPP_ABOUT(in->subject), m->object, m->bytes, m->sha256.data));
    }
    UPP_TRY(
        upp_exec(txn, "UPDATE thing SET tolls = tolls + 1 WHERE item = ?1", BIND(V(in->subject))));
    Uppsikt__Toy__Tolled out = UPPSIKT__TOY__TOLLED__INIT;
    out.item = upp_lend(in->subject);
    out.dead = in->dead;
    return upp_emit(txn, in->subject, &out.base, NULL);
}

static int on_alarm(upp_txn *txn, const void *self, const char *key)
{
    (void)self;
    Uppsikt__Toy__Rang out = UPPSIKT__TOY__RANG__INIT;
    {
        UPP_ROWS r = upp_query(txn, "SELECT due_ms FROM thing WHERE item = ?1", BIND(V(key)));
        if (!upp_next(&r))
            return r.rc < 0 ? r.rc : upp_fail(txn, UPP_E_BUG, "an alarm about nothing: %s", key);
        out.due_ms = upp_col_int(&r, 0);
    }
    if (upp_now(txn) < out.due_ms)
        return upp_fail(txn, UPP_E_BUG, "an alarm before its time: %s", key);
    UPP_TRY(upp_exec(txn, "UPDATE thing SET rings = rings + 1 WHERE item = ?1", BIND(V(key))));
    out.item = upp_lend(key);
    return upp_emit(txn, key, &out.base, NULL);
}

static int on_start(upp_txn *txn, const void *self)
{
    (void)self;
    return upp_exec(txn, "INSERT INTO life(n) SELECT count(*) + 1 FROM life", NO_BIND);
}

static int on_taker_things(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self, (void)in;
    const Uppsikt__Toy__Things *q = msg;
    UPP_ROWS r = upp_query(txn,
                           "SELECT item, counts, rings, tolls, text_ref FROM thing"
                           " WHERE item > ?1 ORDER BY item LIMIT ?2",
                           BIND(V(q->after), V(q->limit)));
    while (upp_next(&r))
        UPP_TRY(say_row(txn, &r));
    return r.rc;
}

// clang-format off
static const upp_route maker_routes[] = {
    { UPP_COMMAND, NULL,    &uppsikt__toy__make__descriptor,    on_make,         NULL },
    { UPP_EVENT,   "taker", &uppsikt__toy__counted__descriptor, on_counted,      NULL },
    { UPP_QUERY,   NULL,    &uppsikt__toy__things__descriptor,  on_maker_things, NULL },
};
static const upp_route taker_routes[] = {
    { UPP_EVENT,   "maker", &uppsikt__toy__made__descriptor,    on_made,
      &uppsikt__toy__made_content__descriptor },
    { UPP_ANSWER,  "bell",  &uppsikt__toy__tolling__descriptor, on_tolling,      NULL },
    { UPP_QUERY,   NULL,    &uppsikt__toy__things__descriptor,  on_taker_things, NULL },
};
// clang-format on

static const upp_ms patience[] = { UPP_SECOND, 10 * UPP_SECOND, UPP_MINUTE };
static const upp_outside outside[] = {
    { "bell", &uppsikt__toy__toll__descriptor, &uppsikt__toy__tolling__descriptor, patience,
      UPP_LEN(patience), 5 * UPP_DAY },
};

const upp_service toy_maker = {
    .name = "maker",
    .schema = toy_maker_sql,
    .routes = maker_routes,
    .n_routes = UPP_LEN(maker_routes),
    .on_forget = on_forget,
};

const upp_service toy_taker = {
    .name = "taker",
    .schema = toy_taker_sql,
    .routes = taker_routes,
    .n_routes = UPP_LEN(taker_routes),
    .outside = outside,
    .n_outside = UPP_LEN(outside),
    .on_start = on_start,
    .on_alarm = on_alarm,
    .on_forget = on_forget,
};
