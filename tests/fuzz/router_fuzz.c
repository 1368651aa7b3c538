/* router_fuzz.c - T3: the owner's state machine of subscriptions: any order of Subscribe and Credit
 * of several peers, with pushes, heartbeats, new rights between; nobody gets more than credit. */
#include "fuzz.h"
#include "rights.h"
#include "socket.h"
#include "subscriptions.h"
#include "toy.h"
#include "uppsikt/bus.pb-c.h"
#include <sqlite3.h>

static char folder[256];
static void *socket_out; /* for the life of the process */

/* Before czmq ends its context, which waits for every socket of it. */
static void close_socket(void)
{
    zmq_close(socket_out);
}

static upp_rights *rights_of(const char *yaml)
{
    return upp_rights_read(fuzz_file((const uint8_t *)yaml, strlen(yaml)), "maker", NULL, fuzz_say);
}

static upp_keys *make_keys(void)
{
    snprintf(folder, sizeof folder, "%s/upp-fuzz-keys-XXXXXX", fuzz_room());
    upp_check(mkdtemp(folder) && upp_keys_make(folder, "maker") == 0 &&
              upp_keys_make(folder, "taker") == 0);
    upp_keys *keys = upp_keys_open(folder, "maker", fuzz_say);
    upp_check(keys != NULL);
    return keys;
}

static upp_node *make_node(void)
{
    static const uint8_t lookup_key[32] = { 1 };
    char path[300];
    snprintf(path, sizeof path, "%s/maker.db", folder);
    upp_node *node = upp_node_new(
        &toy_maker, &(upp_store){ .path = path, .lookup_key = lookup_key }, NULL, fuzz_say);
    upp_check(node != NULL);
    return node;
}

/* A message of some peer: a whole Subscribe or Credit out of the input, or its bytes as they
 * are. */
static void take(upp_subscriptions *subs, const upp_rights *rights, fuzz_in *in)
{
    uint8_t packed[512];
    upp_wire wire = { .from = { .at = { 0, 0, 0, 0, (uint8_t)(fuzz_take(in, 1) % 6) }, .len = 5 } };
    static uint8_t epoch[16], hash[32];
    snprintf(wire.key, sizeof wire.key, "key-%u", wire.from.at[4]);
    const uint64_t kind = fuzz_take(in, 1);
    if (kind % 4 == 0)
        wire.from.len = (uint8_t)fuzz_take(in, 1); /* a name that it chose itself */
    if (kind & 64) {
        const upp_bytes raw = fuzz_part(in, fuzz_take(in, 1));
        wire.frames.type = upp_text(kind & 32 ? "uppsikt.Subscribe" : "uppsikt.Credit");
        wire.frames.envelope = raw;
    } else if (kind & 32) {
        Uppsikt__Subscribe m = UPPSIKT__SUBSCRIBE__INIT;
        m.source = upp_lend(kind & 16 ? "other" : "maker");
        m.after = (int64_t)fuzz_take(in, 1) - 2;
        m.epoch = (ProtobufCBinaryData){ fuzz_take(in, 1) % 17, epoch };
        m.hash = (ProtobufCBinaryData){ fuzz_take(in, 1) % 33, hash };
        m.credit_events = (uint32_t)fuzz_take(in, 4);
        m.credit_bytes = fuzz_take(in, 8);
        wire.frames.type = upp_text("uppsikt.Subscribe");
        wire.frames.envelope = (upp_bytes){ packed, uppsikt__subscribe__pack(&m, packed) };
    } else {
        Uppsikt__Credit m = UPPSIKT__CREDIT__INIT;
        m.source = upp_lend(kind & 16 ? "other" : "maker");
        m.events = (uint32_t)fuzz_take(in, 4);
        m.bytes = fuzz_take(in, 8);
        wire.frames.type = upp_text("uppsikt.Credit");
        wire.frames.envelope = (upp_bytes){ packed, uppsikt__credit__pack(&m, packed) };
    }
    const int rc = upp_subscriptions_take(subs, rights, &wire, kind & 8 ? "taker" : "guest", 5);
    upp_check(rc == 0 || rc == UPP_E_INPUT);
    upp_check(upp_subscriptions_count(subs) <= 256);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static upp_keys *keys;
    static upp_node *node;
    static upp_rights *all, *none;
    if (!keys) {
        upp_socket_init();
        keys = make_keys();
        node = make_node();
        socket_out = zmq_socket(zsys_init(), ZMQ_ROUTER);
        all = rights_of("- { peer: taker, owner: maker, verb: event, type: '*', content: yes }\n");
        none = rights_of("");
        const int on = 1;
        upp_check(socket_out && all && none && atexit(close_socket) == 0 &&
                  zmq_setsockopt(socket_out, ZMQ_ROUTER_MANDATORY, &on, sizeof on) == 0);
    }
    fuzz_in in = { data, size };
    upp_subscriptions *subs = upp_subscriptions_new(node, keys, socket_out);
    const upp_rights *rights = all;
    while (in.len > 0)
        switch (fuzz_take(&in, 1) % 8) {
        case 0:
            upp_check(upp_subscriptions_push(subs, rights) >= 0);
            break;
        case 1:
            upp_subscriptions_beat(subs, 7);
            break;
        case 2:
            rights = rights == all ? none : all;
            upp_subscriptions_revoke(subs, rights);
            upp_check(rights == all || upp_subscriptions_count(subs) == 0);
            break;
        default:
            take(subs, rights, &in);
        }
    upp_check(upp_subscriptions_unsent(subs) >= 0);
    upp_subscriptions_free(subs);
    return 0;
}
