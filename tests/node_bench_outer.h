/* node_bench_outer.h - the rest of node_bench.h: what comes from other services and goes to
 * ports, and where bytes lie. Included by it alone. */
#pragma once
#include "node_bench.h"

/* -- events of other services -- */
static inline bench_source *bench_source_of(bench *b, const char *name)
{
    for (size_t i = 0; i < b->n_sources; i++)
        if (strcmp(b->sources[i].name, name) == 0)
            return &b->sources[i];
    assert_true(b->n_sources < BENCH_SOURCES);
    bench_source *s = &b->sources[b->n_sources++];
    *s = (bench_source){ .epoch = { (uint8_t)b->n_sources } };
    snprintf(s->name, sizeof s->name, "%s", name);
    return s;
}

static inline upp_bytes bench_pack(const ProtobufCMessage *msg)
{
    uint8_t *at = malloc(protobuf_c_message_get_packed_size(msg) + 1);
    upp_check(at);
    return (upp_bytes){ at, protobuf_c_message_pack(msg, at) };
}

static inline void bench_unlend(upp_bytes bytes)
{
    free(upp_lend((const char *)bytes.at));
}

static inline upp_bytes bench_envelope(const bench_source *s, const char *subject,
                                       const ProtobufCMessage *fact)
{
    char id[64], url[128];
    const upp_bytes body = bench_pack(fact);
    Google__Protobuf__Any any = GOOGLE__PROTOBUF__ANY__INIT;
    Io__Cloudevents__V1__CloudEvent event = IO__CLOUDEVENTS__V1__CLOUD_EVENT__INIT;
    Io__Cloudevents__V1__CloudEvent__AttributesEntry entry =
        IO__CLOUDEVENTS__V1__CLOUD_EVENT__ATTRIBUTES_ENTRY__INIT;
    Io__Cloudevents__V1__CloudEvent__CloudEventAttributeValue value =
        IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__INIT;
    Io__Cloudevents__V1__CloudEvent__AttributesEntry *entries[] = { &entry };
    snprintf(id, sizeof id, "%s-%lld", s->name, (long long)s->seq);
    snprintf(url, sizeof url, "type.googleapis.com/%s", fact->descriptor->name);
    value.attr_case = IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_STRING;
    value.ce_string = upp_lend(subject);
    entry.key = upp_lend("subject");
    entry.value = &value;
    event.id = id;
    event.source = upp_lend(s->name);
    event.spec_version = upp_lend("1.0");
    event.type = upp_lend(fact->descriptor->name);
    event.attributes = entries;
    event.n_attributes = 1;
    event.data_case = IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_PROTO_DATA;
    event.proto_data = &any;
    any.type_url = url;
    any.value = (ProtobufCBinaryData){ body.len, (uint8_t *)upp_lend((const char *)body.at) };
    const upp_bytes packed = bench_pack(&event.base);
    bench_unlend(body);
    return packed;
}

static inline void bench_chain_of(bench_source *s, upp_bytes envelope, uint8_t packed[160],
                                  size_t *ret_len)
{
    uint8_t eh[32], number[8], prev[32];
    Uppsikt__Chain chain = UPPSIKT__CHAIN__INIT;
    memcpy(prev, s->hash, sizeof prev);
    upp_sha256(&envelope, 1, eh);
    upp_be64((uint64_t)s->seq, number);
    const upp_bytes parts[] = {
        { (const uint8_t *)"upp1", 4 }, { s->epoch, 16 }, { number, 8 }, { prev, 32 }, { eh, 32 }
    };
    upp_sha256(parts, UPP_LEN(parts), s->hash);
    chain.epoch = (ProtobufCBinaryData){ 16, s->epoch };
    chain.seq = s->seq;
    chain.prev = (ProtobufCBinaryData){ 32, prev };
    chain.eh = (ProtobufCBinaryData){ 32, eh };
    chain.hash = (ProtobufCBinaryData){ 32, s->hash };
    upp_check(uppsikt__chain__get_packed_size(&chain) <= 160);
    *ret_len = uppsikt__chain__pack(&chain, packed);
}

/* What the fact is to carry as its commitment when `content` goes beside it in bench_hear. */
static inline void bench_commit_to(const ProtobufCMessage *content, uint8_t ret_commitment[32])
{
    static const uint8_t salt[16] = { 5 };
    const upp_bytes body = bench_pack(content);
    const upp_bytes parts[] = { { salt, sizeof salt }, body };
    upp_sha256(parts, UPP_LEN(parts), ret_commitment);
    bench_unlend(body);
}

/* Delivers `source`'s next event, in a batch of its own; gives what upp_node_deliver gave.
 * `content` may be NULL; else the fact's commitment is bench_commit_to's. */
static inline int bench_hear(bench *b, const char *source, const char *subject,
                             const ProtobufCMessage *fact, const ProtobufCMessage *content)
{
    uint8_t chain[160], salt[16] = { 5 };
    size_t chain_len = 0;
    bench_source *s = bench_source_of(b, source);
    upp_bytes body = { 0 }, frame = { 0 };
    s->seq++;
    const upp_bytes envelope = bench_envelope(s, subject, fact);
    bench_chain_of(s, envelope, chain, &chain_len);
    if (content) {
        Uppsikt__ContentFrame f = UPPSIKT__CONTENT_FRAME__INIT;
        body = bench_pack(content);
        f.salt = (ProtobufCBinaryData){ sizeof salt, salt };
        f.body = (ProtobufCBinaryData){ body.len, (uint8_t *)upp_lend((const char *)body.at) };
        frame = bench_pack(&f.base);
    }
    const char *type = fact->descriptor->name;
    const upp_frames frames = { .type = { (const uint8_t *)type, strlen(type) },
                                .envelope = envelope,
                                .chain = { chain, chain_len },
                                .content = frame };
    bench_begin(b);
    const int rc = upp_node_deliver(b->node, source, &frames);
    bench_commit(b);
    bench_unlend(envelope);
    bench_unlend(body);
    bench_unlend(frame);
    return rc;
}

/* -- work outside -- */
static inline void bench_started(void *ctx, const char *port, const upp_asked *ask)
{
    bench *b = ctx;
    assert_true(b->n_asks < BENCH_ASKS);
    bench_asked *a = &b->asks[b->n_asks++];
    *a = (bench_asked){ .id = ask->id, .attempt = ask->attempt };
    snprintf(a->port, sizeof a->port, "%s", port);
    snprintf(a->key, sizeof a->key, "%s", ask->key);
    const upp_bytes packed = bench_pack(ask->request);
    a->request = bench_unpack(ask->request->descriptor, packed.at, packed.len);
    bench_unlend(packed);
}

/* Starts what is due: b->asks holds all that waits for its answer. Gives how many are new. */
static inline size_t bench_start(bench *b)
{
    const size_t before = b->n_asks;
    assert_true(upp_node_asks(b->node, b->now, BENCH_ASKS, bench_started, b) >= 0);
    return b->n_asks - before;
}

/* The end of an attempt at b->asks[i], which goes; `answer` NULL as in upp_done. */
static inline void bench_answer(bench *b, size_t i, enum upp_fate fate,
                                const ProtobufCMessage *answer)
{
    assert_true(i < b->n_asks);
    const bench_asked a = b->asks[i];
    memmove(&b->asks[i], &b->asks[i + 1], (b->n_asks - i - 1) * sizeof a);
    b->n_asks--;
    bench_begin(b);
    const int rc = upp_node_answer(b->node, a.id, fate, answer, 0);
    if (rc != 0)
        fail_msg("answer: %d %s", rc, upp_node_why(b->node));
    bench_commit(b);
    protobuf_c_message_free_unpacked(a.request, NULL);
}

/* -- where bytes lie -- */
/* In how many cells of which tables the marker is found, `but` (may be NULL) left out. */
static inline int64_t bench_cells(bench *b, const char *marker, const char *but)
{
    sqlite3 *db = upp_node_db(b->node);
    sqlite3_stmt *tables = NULL;
    int64_t n = 0;
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT name FROM sqlite_master WHERE type = 'table'",
                                        -1, &tables, NULL),
                     SQLITE_OK);
    while (sqlite3_step(tables) == SQLITE_ROW) {
        const char *table = (const char *)sqlite3_column_text(tables, 0);
        sqlite3_stmt *rows = NULL;
        char sql[160];
        if (but && strcmp(table, but) == 0)
            continue;
        snprintf(sql, sizeof sql, "SELECT * FROM \"%s\"", table);
        assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &rows, NULL), SQLITE_OK);
        while (sqlite3_step(rows) == SQLITE_ROW)
            for (int c = 0; c < sqlite3_column_count(rows); c++) {
                const uint8_t *at = sqlite3_column_blob(rows, c);
                const size_t len = (size_t)sqlite3_column_bytes(rows, c), m = strlen(marker);
                for (size_t i = 0; at && i + m <= len; i++)
                    if (memcmp(at + i, marker, m) == 0) {
                        n++;
                        break;
                    }
            }
        sqlite3_finalize(rows);
    }
    sqlite3_finalize(tables);
    return n;
}

/* Is the marker in any byte of the store's files? */
static inline bool bench_bytes_hold(const bench *b, const char *marker)
{
    static const char *const tails[] = { "", "-wal", "-shm" };
    const size_t m = strlen(marker);
    bool found = false;
    for (size_t t = 0; t < UPP_LEN(tails); t++) {
        char path[128];
        snprintf(path, sizeof path, "%s%s", b->path, tails[t]);
        FILE *f = fopen(path, "rb");
        if (!f)
            continue;
        assert_int_equal(fseek(f, 0, SEEK_END), 0);
        const size_t size = (size_t)ftell(f);
        uint8_t *all = malloc(size + 1);
        upp_check(all);
        rewind(f);
        assert_int_equal(fread(all, 1, size, f), size);
        fclose(f);
        for (size_t i = 0; i + m <= size && !found; i++)
            found = memcmp(all + i, marker, m) == 0;
        free(all);
    }
    return found;
}
