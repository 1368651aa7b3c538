/* gate_test.c - who gets in, and what they may then do (B4; F4-F7; R24, R42). */
#include "capped.h"
#include "raw.h"
#include "suite_clock.h"
#include "uppsikt/escalation.pb-c.h"
#include "uppsikt/runtime.pb-c.h"
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

enum {
    HANDSHAKES = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                 ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL
};

/* Does that key get in? */
static bool gets_in(const place *p, const char *keys, const char *peer, const char *service)
{
    raw r;
    raw_open(&r, p, keys, peer, service);
    const bool in = raw_event(&r, HANDSHAKES) == ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
    raw_close(&r);
    return in;
}

/* A key that nobody knows, though it knows our public ones: refused on every socket (F4, F5). */
static void stranger_is_refused(void **state)
{
    place *p = *state;
    char keys[200];
    place_start(p, "ingest");
    place_start(p, "escalation");
    place_path(p, "strange", keys);
    assert_int_equal(mkdir(keys, 0700), 0);
    assert_int_equal(upp_keys_make(keys, "console"), 0); /* a friend's name, another key */
    assert_false(gets_in(p, keys, "console", "ingest"));
    assert_false(gets_in(p, keys, "console", "escalation"));
    assert_true(gets_in(p, p->keys, "console", "ingest"));
    assert_true(gets_in(p, p->keys, "console", "escalation"));
}

static void expect_no_object(raw *r)
{
    uint8_t id[16] = { 9 };
    Uppsikt__ObjectGet get = UPPSIKT__OBJECT_GET__INIT;
    get.id = (ProtobufCBinaryData){ sizeof id, id };
    get.object = upp_lend("obj-1");
    raw_say(r, &get.base);
    ProtobufCMessage *part = raw_expect(r, &uppsikt__object_part__descriptor);
    assert_string_equal(((Uppsikt__ObjectPart *)part)->refused, "no-right");
    upp_unpack_free(part);
}

/* In by its key, and without any right: each verb is refused, and nothing has happened. */
static void no_right_no_verb(void **state)
{
    place *p = *state;
    raw r;
    char refused[100];
    Uppsikt__Snooze snooze = UPPSIKT__SNOOZE__INIT;
    const Uppsikt__ServiceStatus status = UPPSIKT__SERVICE_STATUS__INIT;
    const Uppsikt__ShowMatter show = UPPSIKT__SHOW_MATTER__INIT;
    Uppsikt__DriveAgain again = UPPSIKT__DRIVE_AGAIN__INIT;
    place_key(p, "guest");
    place_start(p, "ingest");
    raw_open(&r, p, p->keys, "guest", "ingest");
    snooze.matter = upp_lend("x");
    snooze.until_ms = 5;
    const ProtobufCMessage *const requests[] = { &snooze.base, &status.base, &show.base,
                                                 &again.base };
    for (size_t i = 0; i < UPP_LEN(requests); i++) {
        raw_request(&r, requests[i], refused);
        assert_string_equal(refused, "no-right");
    }
    raw_subscribe(&r, "ingest", 10, 1000000);
    ProtobufCMessage *no = raw_expect(&r, &uppsikt__subscribe_refused__descriptor);
    assert_int_equal(((Uppsikt__SubscribeRefused *)no)->reason,
                     UPPSIKT__SUBSCRIBE_REFUSED__REASON__REASON_NO_RIGHT);
    upp_unpack_free(no);
    expect_no_object(&r);
    const Uppsikt__Heartbeat odd = UPPSIKT__HEARTBEAT__INIT;
    raw_request(&r, &odd.base, refused);
    assert_string_equal(refused, "unknown-type");
    assert_int_equal(place_head(p, "ingest", NULL), 0);
    raw_close(&r);
}

typedef struct seen {
    size_t events, stubs, contents;
} seen;

static bool look(void *ctx, const upp_frames *event)
{
    seen *s = ctx;
    s->events++;
    s->stubs += upp_wire_is(event, "uppsikt.Stub");
    s->contents += event->content.len > 0;
    return s->events < 6;
}

static void say(const char *line)
{
    fprintf(stderr, "%s\n", line);
}

static seen tail_as(const place *p, const char *peer)
{
    seen s = { 0 };
    upp_point after = { 0 };
    upp_client *client =
        upp_client_new(&(upp_place){ .run = p->run, .keys = p->keys, .peer = peer }, say);
    assert_non_null(client);
    if (upp_client_tail(client, "ingest", &after, true, PATIENCE, look, &s) != 0)
        fail_msg("%s", upp_client_why(client));
    upp_client_free(client);
    return s;
}

/* What a peer may not see comes as a stub, which keeps the chain whole (the client checks it). */
static void withheld_events_are_stubs(void **state)
{
    place *p = *state;
    place_key(p, "whole");
    place_key(p, "facts");
    place_key(p, "claims");
    place_rights(p, "- { peer: console, owner: '*', verb: command, type: '*' }\n"
                    "- { peer: console, owner: '*', verb: query, type: '*' }\n"
                    "- { peer: whole, owner: ingest, verb: event, type: '*', content: yes }\n"
                    "- { peer: facts, owner: ingest, verb: event, type: '*' }\n"
                    "- { peer: claims, owner: ingest, verb: event,\n"
                    "    type: [uppsikt.MatterClaimed, uppsikt.NoticeSent] }\n");
    place_start(p, "ingest");
    assert_int_equal(place_say(p, "x", 6, 10), 0);
    const seen whole = tail_as(p, "whole");
    assert_true(whole.events == 6 && whole.stubs == 0 && whole.contents == 6);
    const seen facts = tail_as(p, "facts");
    assert_true(facts.events == 6 && facts.stubs == 0 && facts.contents == 0);
    const seen claims = tail_as(p, "claims");
    assert_true(claims.events == 6 && claims.stubs == 6 && claims.contents == 0);
}

static const char with_guest[] =
    "- { peer: [console, guest], owner: '*', verb: command, type: '*' }\n"
    "- { peer: [console, guest], owner: '*', verb: query, type: '*' }\n"
    "- { peer: guest, owner: '*', verb: event, type: '*' }\n";
static const char without_guest[] = "- { peer: console, owner: '*', verb: command, type: '*' }\n"
                                    "- { peer: console, owner: '*', verb: query, type: '*' }\n";

/* Asks until the reload is seen: each answer is a turn of the owner's loop. */
static void ask_until_refused(raw *r)
{
    char refused[100] = "";
    const Uppsikt__ServiceStatus status = UPPSIKT__SERVICE_STATUS__INIT;
    const upp_ms until = upp_steady_now() + PATIENCE;
    while (strcmp(refused, "no-right") != 0) {
        assert_true(upp_steady_now() < until);
        raw_request(r, &status.base, refused);
    }
}

/* A right that is taken away holds at the next message, and credit that was given is gone (F7). */
static void revoked_right(void **state)
{
    place *p = *state;
    raw r;
    char refused[100];
    const Uppsikt__ServiceStatus status = UPPSIKT__SERVICE_STATUS__INIT;
    place_key(p, "guest");
    place_rights(p, with_guest);
    place_start(p, "ingest");
    raw_open(&r, p, p->keys, "guest", "ingest");
    raw_subscribe(&r, "ingest", 1000, 1000000);
    upp_unpack_free(raw_expect(&r, &uppsikt__heartbeat__descriptor));
    place_rights(p, without_guest);
    place_signal(p, "ingest", SIGHUP);
    ask_until_refused(&r);
    assert_int_equal(place_say(p, "after", 5, 5), 0);
    /* One pipe, in order: had anything been pushed, it would come before this answer. */
    upp_wire wire;
    while (upp_wire_take(r.socket, false, &wire) == UPP_GOT) {
        assert_true(upp_wire_is(&wire.frames, "uppsikt.Heartbeat")); /* from before */
        upp_wire_drop(&wire);
    }
    raw_request(&r, &status.base, refused);
    assert_string_equal(refused, "no-right");
    raw_close(&r);
}

/* A wrong line is said with its place, and takes no right away or gives one. */
static void broken_rights_change_nothing(void **state)
{
    place *p = *state;
    place_start(p, "ingest");
    place_rights(p, "- { peer: console, owner: '*', verb: fly, type: '*' }\n");
    place_signal(p, "ingest", SIGHUP);
    assert_int_equal(place_say(p, "still", 2, 5), 0);
    assert_int_equal(place_head(p, "ingest", NULL), 2);
    assert_int_equal(place_end(p, "ingest", SIGTERM), 0);
    assert_int_equal(place_run(p, "ingest", "check-config"), 78);
    assert_int_equal(place_run(p, "ingest", NULL), 78);
}

/* A key that is taken away: no new session, and the old one means nobody (F7). */
static void revoked_key(void **state)
{
    place *p = *state;
    raw r;
    char path[200];
    char refused[100];
    char keys[200];
    Uppsikt__Snooze snooze = UPPSIKT__SNOOZE__INIT;
    const Uppsikt__ServiceStatus status = UPPSIKT__SERVICE_STATUS__INIT;
    snooze.matter = upp_lend("late");
    snooze.until_ms = 5;
    place_key(p, "guest");
    place_rights(p, with_guest);
    place_start(p, "ingest");
    raw_open(&r, p, p->keys, "guest", "ingest");
    raw_request(&r, &status.base, refused);
    assert_string_equal(refused, "");

    /* Its secret key goes on lying with whoever has it. */
    place_path(p, "theirs", keys);
    assert_int_equal(mkdir(keys, 0700), 0);
    char theirs[300];
    snprintf(theirs, sizeof theirs, "%s/guest.key", keys);
    place_path(p, "keys/guest.key", path);
    assert_int_equal(rename(path, theirs), 0);
    place_path(p, "keys/guest.pub", path);
    assert_int_equal(unlink(path), 0);
    place_signal(p, "ingest", SIGHUP);
    const upp_ms until = upp_steady_now() + PATIENCE;
    while (gets_in(p, keys, "guest", "ingest"))
        assert_true(upp_steady_now() < until);

    for (int i = 0; i < 20; i++) {
        upp_bytes packed = upp_wire_pack(&snooze.base);
        Uppsikt__RequestHead head = UPPSIKT__REQUEST_HEAD__INIT;
        uint8_t id[16] = { (uint8_t)i };
        head.id = (ProtobufCBinaryData){ sizeof id, id };
        upp_bytes packed_head = upp_wire_pack(&head.base);
        raw_send(&r, &(upp_frames){ .type = upp_text("uppsikt.Snooze"),
                                    .envelope = packed_head,
                                    .content = packed });
        upp_packed_free(&packed);
        upp_packed_free(&packed_head);
        assert_int_equal(place_head(p, "ingest", NULL), 0);
    }
    raw_close(&r);
}

static bool one(void *ctx, const upp_frames *event)
{
    (void)ctx;
    return !upp_wire_is(event, "uppsikt.StepFired");
}

/* A service whose key the owner does not know yet: refused, it tries again, and is heard once the
 * key is there (libzmq itself never connects again after a refusal). */
static void key_that_comes_later(void **state)
{
    place *p = *state;
    char there[200];
    char away[200];
    upp_point after = { 0 };
    place_path(p, "keys/escalation.pub", there);
    place_path(p, "escalation.pub", away);
    place_start(p, "escalation");
    assert_int_equal(rename(there, away), 0);
    place_start(p, "ingest");
    assert_int_equal(place_say(p, "early", 1, 5), 0);
    raw r;
    char keys[200];
    place_path(p, "keys", keys);
    raw_open(&r, p, keys, "escalation", "ingest");
    assert_int_equal(raw_event(&r, HANDSHAKES), ZMQ_EVENT_HANDSHAKE_FAILED_AUTH);
    raw_close(&r);
    assert_int_equal(rename(away, there), 0);
    place_signal(p, "ingest", SIGHUP);
    if (upp_client_tail(p->client, "escalation", &after, false, PATIENCE, one, NULL) != 0)
        fail_msg("%s", upp_client_why(p->client));
    assert_int_equal(after.seq, 1);
}

/* A secret that others may read is no secret. */
static void readable_key_is_refused(void **state)
{
    place *p = *state;
    char path[200];
    place_path(p, "keys/ingest.key", path);
    assert_int_equal(place_run(p, "ingest", "check-config"), 0);
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(place_run(p, "ingest", "check-config"), 78);
    assert_int_equal(place_run(p, "ingest", NULL), 78);
    assert_int_equal(chmod(path, 0604), 0);
    assert_int_equal(place_run(p, "ingest", NULL), 78);
}

static void write_config(const place *p, const char *run, const char *low_water)
{
    char file[200];
    char text[1024];
    place_path(p, "ingest.yaml", file);
    snprintf(text, sizeof text,
             "data: %s/ingest\nrun: %s\nkeys: %s\nrights: %s/rights.yaml\nplace: %s/place\n"
             "ops: off\nballast_bytes: 0\nlow_water_bytes: %s\n",
             p->folder, run, p->keys, p->folder, p->folder, low_water);
    FILE *f = fopen(file, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

/* 107 bytes at most for a local socket's path: refused with that reason, not cut. */
static void long_run_folder_is_refused(void **state)
{
    place *p = *state;
    char longer[91];
    char path[200];
    memset(longer, 'r', 90);
    longer[90] = '\0';
    place_path(p, longer, path);
    assert_int_equal(mkdir(path, 0700), 0);
    write_config(p, path, "0");
    assert_int_equal(place_run(p, "ingest", NULL), 78);
}

/* Below the low-water mark nothing is accepted, and it is said; questions are answered (P7). */
static void low_disk_accepts_nothing(void **state)
{
    place *p = *state;
    write_config(p, p->run, "4000000000000000");
    place_start(p, "ingest");
    assert_int_equal(place_say(p, "x", 1, 5), 1);
    assert_string_equal(upp_client_why(p->client), "not-accepting");
    assert_int_equal(place_head(p, "ingest", NULL), 0);
    write_config(p, p->run, "0");
    place_signal(p, "ingest", SIGHUP);
    const upp_ms until = upp_steady_now() + PATIENCE;
    while (place_say(p, "x", 1, 5) != 0)
        assert_true(upp_steady_now() < until);
    assert_int_equal(place_head(p, "ingest", NULL), 1);
}

/* One writer a database (F12), and the words that operators use. */
static void process_words(void **state)
{
    place *p = *state;
    assert_int_equal(place_run(p, "ingest", "--version"), 0);
    assert_int_equal(place_run(p, "ingest", "--help"), 0);
    assert_int_equal(place_run(p, "ingest", "--nonsense"), 78);
    assert_int_equal(place_run(p, "ingest", "healthcheck"), 1); /* nobody there */
    place_key(p, "evidence");
    place_start(p, "ingest");
    assert_int_equal(place_run(p, "ingest", NULL), 78); /* its data are locked */
    assert_int_equal(place_head(p, "ingest", NULL), 0); /* and its socket is still its own */
    const upp_ms asked = upp_steady_now();
    assert_int_equal(place_end(p, "ingest", SIGTERM), 0);
    assert_true(upp_steady_now() - asked < 10 * UPP_SECOND);
}

int main(void)
{
#define FRESH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        FRESH(stranger_is_refused),
        FRESH(no_right_no_verb),
        FRESH(withheld_events_are_stubs),
        FRESH(revoked_right),
        FRESH(broken_rights_change_nothing),
        FRESH(revoked_key),
        FRESH(key_that_comes_later),
        FRESH(readable_key_is_refused),
        FRESH(long_run_folder_is_refused),
        FRESH(low_disk_accepts_nothing),
        FRESH(process_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
