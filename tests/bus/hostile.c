/* hostile.c - everything that a peer can try on a socket, tried on every service's (B4; F4-F7, F9;
 * R43). Run by hostile_test.py against a real deployment: hostile RUN KEYS SERVICE...
 *
 * After each attack the operators' own peer must still be answered: nobody makes a service deaf. */
#include "capped.h"
#include "raw.h"
#include "socket.h"
#include "suite_clock.h"
#include "uppsikt/runtime.pb-c.h"
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static place at;
static const char *service;
static char stranger_keys[160];

enum {
    HANDSHAKES = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                 ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL
};

static void as(raw *r, const char *peer)
{
    raw_open(r, &at, at.keys, peer, service);
    assert_int_equal(raw_event(r, HANDSHAKES), ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
}

/* The guest's key comes with a reload. */
static void wait_until_known(void)
{
    const upp_ms until = upp_steady_now() + PATIENCE;
    for (int event = 0; event != ZMQ_EVENT_HANDSHAKE_SUCCEEDED;) {
        raw r;
        upp_check(upp_steady_now() < until);
        raw_open(&r, &at, at.keys, "guest", service);
        event = raw_event(&r, HANDSHAKES);
        raw_close(&r);
    }
}

static void still_answers(void)
{
    raw r;
    char refused[100] = "?";
    const Uppsikt__ServiceStatus status = UPPSIKT__SERVICE_STATUS__INIT;
    as(&r, "uppsikt");
    raw_request(&r, &status.base, refused);
    assert_string_equal(refused, "");
    raw_close(&r);
}

static void a_stranger(void **state)
{
    (void)state;
    raw r;
    raw_open(&r, &at, stranger_keys, "uppsikt", service); /* a friend's name, another key */
    assert_int_equal(raw_event(&r, HANDSHAKES), ZMQ_EVENT_HANDSHAKE_FAILED_AUTH);
    raw_close(&r);
    still_answers();
}

/* A known key without a row in rights.yaml: each verb, each type of the runtime itself. */
static void a_peer_without_rights(void **state)
{
    (void)state;
    raw r;
    char refused[100];
    as(&r, "guest");
    const Uppsikt__ServiceStatus status = UPPSIKT__SERVICE_STATUS__INIT;
    const Uppsikt__ParkedThings parked = UPPSIKT__PARKED_THINGS__INIT;
    const Uppsikt__DriveAgain again = UPPSIKT__DRIVE_AGAIN__INIT;
    const Uppsikt__TakeBackup backup = UPPSIKT__TAKE_BACKUP__INIT;
    const Uppsikt__AcceptCut cut = UPPSIKT__ACCEPT_CUT__INIT;
    const Uppsikt__AppliedPast past = UPPSIKT__APPLIED_PAST__INIT;
    const ProtobufCMessage *const all[] = { &status.base, &parked.base, &again.base,
                                            &backup.base, &cut.base,    &past.base };
    for (size_t i = 0; i < UPP_LEN(all); i++) {
        raw_request(&r, all[i], refused);
        assert_string_equal(refused, "no-right");
    }
    raw_subscribe(&r, service, 10, 1000000);
    ProtobufCMessage *no = raw_expect(&r, &uppsikt__subscribe_refused__descriptor);
    assert_int_equal(((Uppsikt__SubscribeRefused *)no)->reason,
                     UPPSIKT__SUBSCRIBE_REFUSED__REASON__REASON_NO_RIGHT);
    upp_unpack_free(no);
    uint8_t id[16] = { 9 };
    Uppsikt__ObjectGet get = UPPSIKT__OBJECT_GET__INIT;
    get.id = (ProtobufCBinaryData){ sizeof id, id };
    get.object = upp_lend("../../keys/uppsikt.key");
    raw_say(&r, &get.base);
    ProtobufCMessage *part = raw_expect(&r, &uppsikt__object_part__descriptor);
    assert_string_equal(((Uppsikt__ObjectPart *)part)->refused, "no-right");
    upp_unpack_free(part);
    raw_close(&r);
    still_answers();
}

static void a_type_that_is_none(void **state)
{
    (void)state;
    raw r;
    char refused[100];
    as(&r, "uppsikt");
    const Uppsikt__Heartbeat odd = UPPSIKT__HEARTBEAT__INIT;
    raw_request(&r, &odd.base, refused);
    assert_string_equal(refused, "unknown-type");
    raw_subscribe(&r, "somebody-else", 10, 1000000);
    ProtobufCMessage *no = raw_expect(&r, &uppsikt__subscribe_refused__descriptor);
    assert_int_equal(((Uppsikt__SubscribeRefused *)no)->reason,
                     UPPSIKT__SUBSCRIBE_REFUSED__REASON__REASON_WRONG_SOURCE);
    upp_unpack_free(no);
    raw_close(&r);
    still_answers();
}

/* Facts are for the operators' command; what is personal is not, however it asks (R24). */
static void content_without_the_right(void **state)
{
    (void)state;
    raw r;
    as(&r, "uppsikt");
    raw_subscribe(&r, service, 1000, 10000000);
    for (bool end = false; !end;) {
        upp_wire wire;
        raw_take(&r, &wire);
        assert_int_equal(wire.frames.content.len, 0);
        end = upp_wire_is(&wire.frames, "uppsikt.Heartbeat") &&
              upp_wire_take(r.socket, false, &(upp_wire){ 0 }) == UPP_GOT_NOTHING;
        upp_wire_drop(&wire);
    }
    raw_close(&r);
    still_answers();
}

static void send_parts(raw *r, size_t n, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < n; i++)
        (void)zmq_send(r->socket, bytes, len, (i + 1 < n ? ZMQ_SNDMORE : 0) | ZMQ_DONTWAIT);
}

/* Too few frames, too many, empty ones, and a type that is 200 KB long. */
static void frames_that_are_no_message(void **state)
{
    (void)state;
    raw r;
    static uint8_t noise[200 * 1024];
    randombytes_buf(noise, sizeof noise);
    as(&r, "uppsikt");
    for (size_t n = 1; n <= 9; n++) {
        send_parts(&r, n, noise, 0);
        send_parts(&r, n, noise, 100);
    }
    send_parts(&r, 4, noise, 60 * 1024);
    for (unsigned i = 0; i < 200; i++) { /* each known type, with a body of noise */
        static const char *const types[] = { "uppsikt.Subscribe",  "uppsikt.Credit",
                                             "uppsikt.ObjectGet",  "uppsikt.ServiceStatus",
                                             "uppsikt.DriveAgain", "uppsikt.AcceptCut" };
        const upp_bytes body = { noise + i * 64, i };
        raw_send(&r, &(upp_frames){ .type = upp_text(types[i % UPP_LEN(types)]),
                                    .envelope = body,
                                    .chain = body,
                                    .content = body });
    }
    raw_close(&r);
    still_answers();
}

/* libzmq drops who sends more than MAXMSGSIZE in a frame. */
static void more_than_a_message_may_hold(void **state)
{
    (void)state;
    raw r;
    static uint8_t much[UPP_WIRE_BYTES + 1024];
    as(&r, "uppsikt");
    send_parts(&r, 4, much, sizeof much);
    assert_int_equal(raw_event(&r, ZMQ_EVENT_DISCONNECTED), ZMQ_EVENT_DISCONNECTED);
    raw_close(&r);
    still_answers();
}

/* F9: empty submessages that would take 84 times their room, and groups nested as deep as fits. */
static void what_would_grow_when_unpacked(void **state)
{
    (void)state;
    raw r;
    static uint8_t bomb[200 * 1024];
    as(&r, "uppsikt");
    static const struct {
        uint8_t a, b;
    } fills[] = { { 0x0a, 0 }, { 0x12, 0 }, { 0x2a, 0 }, { 0x0b, 0x0b }, { 0x0a, 0x7f } };
    for (size_t i = 0; i < UPP_LEN(fills); i++) {
        for (size_t k = 0; k + 1 < sizeof bomb; k += 2) {
            bomb[k] = fills[i].a;
            bomb[k + 1] = fills[i].b;
        }
        const upp_bytes body = { bomb, sizeof bomb };
        raw_send(&r, &(upp_frames){ .type = upp_text("uppsikt.Subscribe"), .envelope = body });
        uint8_t id[16] = { 1, (uint8_t)i };
        Uppsikt__RequestHead head = UPPSIKT__REQUEST_HEAD__INIT;
        head.id = (ProtobufCBinaryData){ sizeof id, id };
        upp_bytes packed = upp_wire_pack(&head.base);
        raw_send(&r, &(upp_frames){ .type = upp_text("uppsikt.DriveAgain"),
                                    .envelope = packed,
                                    .content = body });
        upp_packed_free(&packed);
    }
    raw_close(&r);
    still_answers();
}

/* Credit beyond all bounds, credit for nothing, and more subscriptions than one peer may have. */
static void credit_that_is_abused(void **state)
{
    (void)state;
    enum { MANY = 24, MAY = 16 };
    raw r[MANY];
    size_t refused = 0;
    for (size_t i = 0; i < MANY; i++) {
        as(&r[i], "uppsikt");
        Uppsikt__Credit credit = UPPSIKT__CREDIT__INIT;
        credit.source = upp_lend(service);
        credit.events = UINT32_MAX;
        credit.bytes = UINT64_MAX;
        raw_say(&r[i], &credit.base); /* before any subscription */
        raw_subscribe(&r[i], service, UINT32_MAX, UINT64_MAX);
        for (unsigned k = 0; k < 50; k++)
            raw_say(&r[i], &credit.base);
    }
    for (size_t i = 0; i < MANY; i++) {
        upp_wire wire;
        raw_take(&r[i], &wire);
        refused += upp_wire_is(&wire.frames, "uppsikt.SubscribeRefused");
        upp_wire_drop(&wire);
    }
    assert_true(refused >= MANY - MAY);
    for (size_t i = 0; i < MANY; i++)
        raw_close(&r[i]);
    still_answers();
}

/* It asks for everything, and for five thousand answers more, and reads nothing. */
static void a_reader_that_does_not_read(void **state)
{
    (void)state;
    raw r;
    as(&r, "uppsikt");
    raw_subscribe(&r, service, UINT32_MAX, UINT64_MAX);
    const Uppsikt__ServiceStatus status = UPPSIKT__SERVICE_STATUS__INIT;
    upp_bytes packed = upp_wire_pack(&status.base);
    for (unsigned i = 0; i < 5000; i++) {
        uint8_t id[16];
        randombytes_buf(id, sizeof id);
        Uppsikt__RequestHead head = UPPSIKT__REQUEST_HEAD__INIT;
        head.id = (ProtobufCBinaryData){ sizeof id, id };
        upp_bytes packed_head = upp_wire_pack(&head.base);
        const upp_frames ask = { .type = upp_text("uppsikt.ServiceStatus"),
                                 .envelope = packed_head,
                                 .content = packed };
        (void)upp_wire_send(r.socket, NULL, &ask); /* full at some time: that is the point */
        upp_packed_free(&packed_head);
    }
    upp_packed_free(&packed);
    still_answers();
    raw_close(&r);
    still_answers();
}

int main(int argc, char **argv)
{
    const struct CMUnitTest attacks[] = {
        cmocka_unit_test(a_stranger),
        cmocka_unit_test(a_peer_without_rights),
        cmocka_unit_test(a_type_that_is_none),
        cmocka_unit_test(content_without_the_right),
        cmocka_unit_test(frames_that_are_no_message),
        cmocka_unit_test(more_than_a_message_may_hold),
        cmocka_unit_test(what_would_grow_when_unpacked),
        cmocka_unit_test(credit_that_is_abused),
        cmocka_unit_test(a_reader_that_does_not_read),
    };
    if (argc == 3 && strcmp(argv[1], "key") == 0) /* the guest's pair, for the deployment */
        return upp_keys_make(argv[2], "guest") == 0 ? 0 : 1;
    if (argc < 4 || sodium_init() < 0) {
        fprintf(stderr, "usage: hostile RUN KEYS SERVICE... | hostile key KEYS\n");
        return 64;
    }
    int bad = 0;
    snprintf(at.run, sizeof at.run, "%s", argv[1]);
    snprintf(at.keys, sizeof at.keys, "%s", argv[2]);
    snprintf(stranger_keys, sizeof stranger_keys, "%s/stranger-%d", argv[1], (int)getpid());
    if (mkdir(stranger_keys, 0700) != 0 || upp_keys_make(stranger_keys, "uppsikt") < 0)
        return 70;
    upp_socket_init();
    for (int i = 3; i < argc; i++) {
        service = argv[i];
        wait_until_known();
        bad += cmocka_run_group_tests_name(service, attacks, NULL, NULL);
    }
    printf("attacks on %d services' sockets  %zu checked\n", argc - 3,
           (size_t)(argc - 3) * UPP_LEN(attacks));
    fflush(stdout);
    _exit(bad ? 1
              : 0); /* a failed test leaves sockets behind, and the context would wait for them */
}
