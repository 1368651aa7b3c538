/* raw_test.c - what a peer may do on the wire, and what it may not (B4; F6, F8). */
#include "capped.h"
#include "raw.h"
#include "socket.h"
#include "suite_clock.h"
#include "uppsikt/escalation.pb-c.h"
#include "uppsikt/runtime.pb-c.h"
#include "zap.h"
#include <setjmp.h>
#include <signal.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int setup(void **state)
{
    place *p = calloc(1, sizeof *p);
    assert_non_null(p);
    place_make(p);
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    place_clear(*state);
    free(*state);
    return 0;
}

/* Events that come before the second heartbeat from now: what the owner pushed unasked. */
static size_t events_until_beats(raw *r, unsigned beats, size_t *ret_contents)
{
    size_t n = 0;
    while (beats > 0) {
        upp_wire wire;
        raw_take(r, &wire);
        if (upp_wire_is(&wire.frames, "uppsikt.Heartbeat"))
            beats--;
        else
            n++;
        *ret_contents += wire.frames.content.len > 0;
        upp_wire_drop(&wire);
    }
    return n;
}

/* However long the log: no event without credit, and none lost when credit comes (F8). */
static void credit_is_never_exceeded(void **state)
{
    place *p = *state;
    raw r;
    size_t contents = 0;
    place_start(p, "ingest");
    assert_int_equal(place_say(p, "c", 900, 10), 0);
    raw_open(&r, p, p->keys, "escalation", "ingest");
    raw_subscribe(&r, "ingest", 10, 1024 * 1024);
    assert_int_equal(events_until_beats(&r, 3, &contents), 10);
    assert_int_equal(contents, 10);
    Uppsikt__Credit more = UPPSIKT__CREDIT__INIT;
    more.source = upp_lend("ingest");
    more.events = 5;
    raw_say(&r, &more.base);
    assert_int_equal(events_until_beats(&r, 2, &contents), 5);
    more.events = 10000; /* bounded by the owner, and by the bytes */
    raw_say(&r, &more.base);
    const size_t rest = events_until_beats(&r, 2, &contents);
    assert_int_equal(rest, 900 - 15);
    raw_close(&r);
}

static void bytes_are_credit_too(void **state)
{
    place *p = *state;
    raw r;
    size_t contents = 0;
    place_start(p, "ingest");
    assert_int_equal(place_say(p, "c", 20, 50000), 0);
    raw_open(&r, p, p->keys, "escalation", "ingest");
    raw_subscribe(&r, "ingest", 1000, 210000);
    assert_int_equal(events_until_beats(&r, 2, &contents), 4); /* a little more than 50,000 each */
    raw_close(&r);
}

/* A peer that takes nothing for long: the owner neither waits for it nor queues more than its
 * credit; others are served meanwhile. */
static void slow_reader(void **state)
{
    place *p = *state;
    raw r;
    size_t contents = 0;
    place_start(p, "ingest");
    raw_open(&r, p, p->keys, "escalation", "ingest");
    raw_subscribe(&r, "ingest", 4, 1024 * 1024);
    for (int i = 0; i < 20; i++) {
        char words[8];
        snprintf(words, sizeof words, "s%d", i);
        assert_int_equal(place_say(p, words, 100, 10), 0);
    }
    assert_int_equal(place_head(p, "ingest", NULL), 2000);
    assert_int_equal(events_until_beats(&r, 2, &contents), 4);
    raw_close(&r);
}

static Uppsikt__SubscribeRefused__Reason refusal(raw *r)
{
    ProtobufCMessage *msg = raw_expect(r, &uppsikt__subscribe_refused__descriptor);
    const Uppsikt__SubscribeRefused__Reason reason = ((Uppsikt__SubscribeRefused *)msg)->reason;
    upp_unpack_free(msg);
    return reason;
}

static void wrong_source_and_bad_points(void **state)
{
    place *p = *state;
    raw r;
    uint8_t other[32] = { 7 };
    place_start(p, "ingest");
    assert_int_equal(place_say(p, "a", 3, 5), 0);
    raw_open(&r, p, p->keys, "escalation", "ingest");
    raw_subscribe(&r, "classify", 10, 1000000);
    assert_int_equal(refusal(&r), UPPSIKT__SUBSCRIBE_REFUSED__REASON__REASON_WRONG_SOURCE);
    Uppsikt__Subscribe out = UPPSIKT__SUBSCRIBE__INIT;
    out.source = upp_lend("ingest");
    out.after = 2;
    raw_say(&r, &out.base); /* no epoch, no hash */
    assert_int_equal(refusal(&r), UPPSIKT__SUBSCRIBE_REFUSED__REASON__REASON_MALFORMED);
    out.epoch = (ProtobufCBinaryData){ 16, other };
    out.hash = (ProtobufCBinaryData){ 32, other };
    raw_say(&r, &out.base);
    assert_int_equal(refusal(&r), UPPSIKT__SUBSCRIBE_REFUSED__REASON__REASON_FORKED);
    raw_close(&r);
}

/* How often it was refused before it was taken. */
static unsigned subscribe_until_taken(raw *r)
{
    const upp_ms until = upp_steady_now() + PATIENCE;
    for (unsigned refused = 0;; refused++) {
        assert_true(upp_steady_now() < until);
        upp_wire wire;
        raw_subscribe(r, "ingest", 10, 1000000);
        raw_take(r, &wire);
        const bool taken = upp_wire_is(&wire.frames, "uppsikt.Heartbeat");
        upp_wire_drop(&wire);
        if (taken)
            return refused;
    }
}

/* The heartbeats that came to a subscriber until now: its subscription ends with the count. */
static unsigned beats_until_now(raw *r)
{
    raw_subscribe(r, "no such source", 10, 1000000);
    for (unsigned beats = 0;; beats++) {
        upp_wire wire;
        raw_take(r, &wire);
        const bool beat = upp_wire_is(&wire.frames, "uppsikt.Heartbeat");
        upp_wire_drop(&wire);
        if (!beat)
            return beats;
    }
}

/* Whoever has gone holds no place until the next heartbeat tells of it: an operator's command after
 * sixteen others in the same second is heard. A heartbeat may fall into a round; it falls into
 * every round when only heartbeats make room. */
static void who_is_gone_leaves_room(void **state)
{
    enum { MAY = 16, ROUNDS = 20 };
    place *p = *state;
    place_start(p, "ingest");
    raw watch;
    raw_open(&watch, p, p->keys, "console", "ingest");
    unsigned beats = 1;
    for (unsigned round = 0; beats > 0 && round < ROUNDS; round++) {
        raw r[MAY + 1];
        for (size_t i = 0; i < UPP_LEN(r); i++)
            raw_open(&r[i], p, p->keys, "escalation", "ingest");
        for (size_t i = 0; i < MAY; i++)
            subscribe_until_taken(&r[i]);
        raw_subscribe(&r[MAY], "ingest", 10, 1000000);
        assert_int_equal(refusal(&r[MAY]), UPPSIKT__SUBSCRIBE_REFUSED__REASON__REASON_TOO_MANY);
        assert_int_equal(subscribe_until_taken(&watch), 0);
        for (size_t i = 0; i < MAY; i++)
            raw_close(&r[i]);
        subscribe_until_taken(&r[MAY]); /* the socket hears of it in a moment */
        beats = beats_until_now(&watch);
        raw_close(&r[MAY]);
    }
    raw_close(&watch);
    assert_int_equal(beats, 0);
}

static void send_parts(raw *r, size_t parts, size_t bytes)
{
    uint8_t *junk = malloc(bytes);
    assert_non_null(junk);
    randombytes_buf(junk, bytes);
    for (size_t i = 0; i < parts; i++)
        assert_int_equal(zmq_send(r->socket, junk, bytes, i + 1 < parts ? ZMQ_SNDMORE : 0),
                         (int)bytes);
    free(junk);
}

/* Garbage of every shape is dropped; the owner goes on, also with the one who sent it. */
static void garbled_frames(void **state)
{
    static const char *const types[] = { "uppsikt.Subscribe",
                                         "uppsikt.Credit",
                                         "uppsikt.ObjectGet",
                                         "uppsikt.Snooze",
                                         "uppsikt.ServiceStatus",
                                         "uppsikt.Heartbeat",
                                         "" };
    place *p = *state;
    raw r;
    char refused[100];
    uint8_t junk[300];
    randombytes_buf(junk, sizeof junk);
    const Uppsikt__ServiceStatus status = UPPSIKT__SERVICE_STATUS__INIT;
    place_start(p, "ingest");
    raw_open(&r, p, p->keys, "console", "ingest");
    for (size_t parts = 1; parts < 9; parts++)
        send_parts(&r, parts, 10);
    for (size_t i = 0; i < UPP_LEN(types); i++)
        for (size_t n = 0; n < sizeof junk; n += 37)
            raw_send(&r, &(upp_frames){ .type = upp_text(types[i]),
                                        .envelope = { junk, n },
                                        .chain = { junk, n / 2 },
                                        .content = { junk, n } });
    send_parts(&r, 4, 100000); /* longer than a message may be, in frames that are not */
    raw_request(&r, &status.base, refused);
    assert_string_equal(refused, "");
    assert_int_equal(place_head(p, "ingest", NULL), 0);
    raw_close(&r);
}

/* A frame above 256 KiB ends that connection, and nothing else. */
static void oversized_frame(void **state)
{
    place *p = *state;
    raw r;
    place_start(p, "ingest");
    raw_open(&r, p, p->keys, "console", "ingest");
    send_parts(&r, 1, 300000);
    assert_int_equal(raw_event(&r, ZMQ_EVENT_DISCONNECTED), ZMQ_EVENT_DISCONNECTED);
    assert_int_equal(place_head(p, "ingest", NULL), 0);
    raw_close(&r);
}

/* -- an owner of the test's own, for a subscriber's other side -- */
static void say(const char *line)
{
    fprintf(stderr, "%s\n", line);
}

static void take_from(void *socket, upp_wire *ret_wire, const char *type)
{
    for (;;) {
        zmq_pollitem_t item = { .socket = socket, .events = ZMQ_POLLIN };
        if (upp_wire_take(socket, true, ret_wire) == UPP_GOT) {
            if (upp_wire_is(&ret_wire->frames, type))
                return;
            upp_wire_drop(ret_wire);
            continue;
        }
        assert_int_equal(zmq_poll(&item, 1, PATIENCE), 1);
    }
}

static bool comes_within(void *socket, const char *type, int span)
{
    zmq_pollitem_t item = { .socket = socket, .events = ZMQ_POLLIN };
    bool came = false;
    upp_wire wire;
    (void)zmq_poll(&item, 1, span);
    while (upp_wire_take(socket, true, &wire) == UPP_GOT) {
        came = came || upp_wire_is(&wire.frames, type);
        upp_wire_drop(&wire);
    }
    return came;
}

/* The tail of a log was lost on its way, which makes no gap: the heartbeat's head tells of it, and
 * the subscriber asks again (F8). They come often enough: silence is not why it asks. */
static void heartbeat_tells_of_a_lost_tail(void **state)
{
    place *p = *state;
    upp_keys *keys = upp_keys_open(p->keys, "ingest", say);
    assert_non_null(keys);
    upp_zap *zap = upp_zap_start(keys, say);
    assert_non_null(zap);
    char *endpoint = upp_socket_local(p->run, "ingest", say);
    zsock_t *sock = upp_socket_bind(keys, endpoint, say);
    free(endpoint);
    assert_non_null(sock);
    void *socket = zsock_resolve(sock);
    place_start(p, "escalation");

    upp_wire wire;
    uint8_t bytes[32] = { 1 };
    take_from(socket, &wire, "uppsikt.Subscribe");
    Uppsikt__Heartbeat beat = UPPSIKT__HEARTBEAT__INIT;
    beat.source = upp_lend("ingest");
    beat.epoch = (ProtobufCBinaryData){ 16, bytes };
    beat.hash = (ProtobufCBinaryData){ 32, bytes };
    beat.seq = 5; /* and no event comes */
    bool again = false;
    for (int i = 0; i < 20 && !again; i++) {
        assert_int_equal(upp_wire_say(socket, &wire.from, &beat.base), UPP_SENT);
        again = comes_within(socket, "uppsikt.Subscribe", 500);
    }
    upp_wire_drop(&wire);
    assert_true(again);
    zsock_destroy(&sock);
    upp_zap_stop(zap);
    upp_keys_free(keys);
}

int main(void)
{
#define FRESH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        FRESH(credit_is_never_exceeded),
        FRESH(bytes_are_credit_too),
        FRESH(slow_reader),
        FRESH(wrong_source_and_bad_points),
        FRESH(garbled_frames),
        FRESH(oversized_frame),
        FRESH(heartbeat_tells_of_a_lost_tail),
        FRESH(who_is_gone_leaves_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
