/* flow_test.c - events from an owner to a subscriber whatever happens to either (R42; P1, P2). */
#include "place.h"
#include "suite_clock.h"
#include "uppsikt/escalation.pb-c.h"
#include "uppsikt/runtime.pb-c.h"
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* -- following a log -- */
typedef struct follow {
    const char *type;
    size_t n, wanted, stubs;
    char last[128];     /* the last one's subject, of its envelope */
    const char *inside; /* to be found in its envelope; NULL: anything */
} follow;

static bool has(upp_bytes bytes, const char *text)
{
    const size_t n = strlen(text);
    for (size_t i = 0; i + n <= bytes.len; i++)
        if (memcmp(bytes.at + i, text, n) == 0)
            return true;
    return false;
}

static bool count(void *ctx, const upp_frames *event)
{
    follow *f = ctx;
    const bool stub = has(event->type, "uppsikt.Stub");
    f->stubs += stub;
    if (event->type.len == strlen(f->type) && has(event->type, f->type) &&
        (!f->inside || has(event->envelope, f->inside)))
        f->n++;
    return f->n < f->wanted;
}

/* Reads `service`'s log on from *after until `n` events of the type have come. */
static void expect(place *p, const char *service, upp_point *after, const char *type, size_t n)
{
    follow f = { .type = type, .wanted = n };
    const int rc = upp_client_tail(p->client, service, after, false, PATIENCE, count, &f);
    if (rc != 0)
        fail_msg("%s: %s", service, upp_client_why(p->client));
    assert_int_equal(f.n, n);
}

static void expect_nothing_parked(place *p, const char *service)
{
    int64_t parked = -1;
    (void)place_head(p, service, &parked);
    assert_int_equal(parked, 0);
}

/* Live and replay are one path: what was said before the subscriber was there, more than its
 * credit, and what is said then, each once, in order, with its content. */
static void live_and_replay(void **state)
{
    place *p = *state;
    upp_point after = { 0 };
    place_start(p, "ingest");
    for (int i = 0; i < 3; i++) {
        char words[8];
        snprintf(words, sizeof words, "r%d", i);
        assert_int_equal(place_say(p, words, 1000, 20), 0);
    }
    place_start(p, "escalation");
    expect(p, "escalation", &after, "uppsikt.StepFired", 3000);
    assert_int_equal(place_say(p, "live", 10, 7), 0);
    follow f = { .type = "uppsikt.StepFired", .wanted = 10 };
    assert_int_equal(upp_client_tail(p->client, "escalation", &after, false, PATIENCE, count, &f),
                     0);
    assert_int_equal(f.n, 10);
    expect_nothing_parked(p, "escalation");
    assert_int_equal(place_end(p, "escalation", SIGTERM), 0);
    assert_int_equal(place_end(p, "ingest", SIGTERM), 0);
}

/* Large contents: the credit in bytes ends before the credit in events. */
static void bytes_are_bounded_too(void **state)
{
    place *p = *state;
    upp_point after = { 0 };
    place_start(p, "ingest");
    for (int i = 0; i < 3; i++) {
        char words[8];
        snprintf(words, sizeof words, "b%d", i);
        assert_int_equal(place_say(p, words, 30, 60000), 0);
    }
    place_start(p, "escalation");
    follow f = { .type = "uppsikt.StepFired", .wanted = 90, .inside = "60000" };
    assert_int_equal(upp_client_tail(p->client, "escalation", &after, false, PATIENCE, count, &f),
                     0);
    assert_int_equal(f.n, 90); /* each with its whole content */
    expect_nothing_parked(p, "escalation");
}

/* Killed at any time, on either side: nothing is lost, nothing comes twice (I6). */
static void restarts(void **state)
{
    place *p = *state;
    upp_point after = { 0 };
    place_start(p, "ingest");
    place_start(p, "escalation");
    assert_int_equal(place_say(p, "a", 500, 20), 0);
    expect(p, "escalation", &after, "uppsikt.StepFired", 200);
    assert_int_equal(place_end(p, "ingest", SIGKILL), 128 + SIGKILL);
    place_start(p, "ingest");
    assert_int_equal(place_say(p, "b", 500, 20), 0);
    expect(p, "escalation", &after, "uppsikt.StepFired", 500);
    assert_int_equal(place_end(p, "escalation", SIGKILL), 128 + SIGKILL);
    assert_int_equal(place_say(p, "c", 500, 20), 0);
    const upp_ms started = upp_steady_now();
    place_start(p, "escalation");
    expect(p, "escalation", &after, "uppsikt.StepFired", 800);
    assert_true(upp_steady_now() - started < 5 * UPP_SECOND); /* operations.md §6.3 g */
    expect_nothing_parked(p, "escalation");
}

/* A log whose past changed is refused, said and shown, never silently followed (P6). */
static void fork_is_refused(void **state)
{
    place *p = *state;
    upp_point after = { 0 };
    char path[200];
    place_start(p, "ingest");
    place_start(p, "escalation");
    assert_int_equal(place_say(p, "old", 20, 5), 0);
    expect(p, "escalation", &after, "uppsikt.StepFired", 20);
    assert_int_equal(place_end(p, "ingest", SIGTERM), 0);
    place_path(p, "ingest/ingest.db", path);
    assert_int_equal(unlink(path), 0);
    place_start(p, "ingest");
    assert_int_equal(place_say(p, "new", 30, 5), 0);
    expect(p, "escalation", &after, "uppsikt.ForkDetected", 1);
    assert_int_equal(place_head(p, "escalation", NULL), 21); /* nothing of the new log */
}

static bool note_sources(void *ctx, const upp_frames *row)
{
    Uppsikt__ServiceState *s =
        uppsikt__service_state__unpack(NULL, row->envelope.len, row->envelope.at);
    int64_t *cursor = ctx;
    assert_non_null(s);
    for (size_t i = 0; i < s->n_sources; i++)
        if (strcmp(s->sources[i]->source, "ingest") == 0) {
            assert_true(s->sources[i]->heard_ms > 0);
            assert_false(s->sources[i]->forked);
            *cursor = s->sources[i]->cursor;
        }
    uppsikt__service_state__free_unpacked(s, NULL);
    return true;
}

/* The driver completes the node's ServiceState with what it hears of its sources. */
static void status_has_sources(void **state)
{
    place *p = *state;
    upp_point after = { 0 };
    int64_t cursor = -1;
    const Uppsikt__ServiceStatus query = UPPSIKT__SERVICE_STATUS__INIT;
    place_start(p, "ingest");
    place_start(p, "escalation");
    assert_int_equal(place_say(p, "a", 3, 5), 0);
    expect(p, "escalation", &after, "uppsikt.StepFired", 3);
    assert_int_equal(upp_client_query(p->client, "escalation", NULL, &query.base, PATIENCE,
                                      note_sources, &cursor),
                     0);
    assert_int_equal(cursor, 3);
}

static ProtobufCMessage *command(place *p, const uint8_t id[16], const ProtobufCMessage *msg)
{
    ProtobufCMessage *outcome = NULL;
    const int rc = upp_client_command(p->client, "ingest", id, NULL, msg,
                                      &uppsikt__matter_touched__descriptor, PATIENCE, &outcome);
    if (rc != 0)
        fail_msg("%s", upp_client_why(p->client));
    return outcome;
}

/* The same id again: the same outcome, and nothing done; also after a restart. */
static void commands_are_idempotent(void **state)
{
    place *p = *state;
    uint8_t id[16];
    randombytes_buf(id, sizeof id);
    Uppsikt__Snooze snooze = UPPSIKT__SNOOZE__INIT;
    snooze.matter = upp_lend("once");
    snooze.until_ms = 4;
    place_start(p, "ingest");
    for (int i = 0; i < 3; i++) {
        ProtobufCMessage *outcome = command(p, id, &snooze.base);
        assert_int_equal(((Uppsikt__MatterTouched *)outcome)->until_ms, 4);
        protobuf_c_message_free_unpacked(outcome, NULL);
        assert_int_equal(place_head(p, "ingest", NULL), 4);
        if (i == 1) {
            assert_int_equal(place_end(p, "ingest", SIGKILL), 128 + SIGKILL);
            place_start(p, "ingest");
        }
    }
    assert_int_equal(place_say(p, "refuse", 1, 1), 1);
    assert_string_equal(upp_client_why(p->client), "no-such-matter");
}

static void note_outcome(void *ctx, const uint8_t id[16], const upp_frames *outcome,
                         const char *refused)
{
    (void)id;
    size_t *n = ctx;
    assert_null(refused);
    assert_true(outcome->envelope.len > 0);
    ++*n;
}

/* Many commands on their way at once, outcomes in any order. */
static void sends_are_collected(void **state)
{
    place *p = *state;
    size_t n = 0;
    place_start(p, "ingest");
    for (int i = 0; i < 500; i++) {
        uint8_t id[16];
        randombytes_buf(id, sizeof id);
        char words[16];
        snprintf(words, sizeof words, "s%d", i);
        Uppsikt__Snooze snooze = UPPSIKT__SNOOZE__INIT;
        snooze.matter = words;
        snooze.until_ms = 1;
        assert_int_equal(upp_client_send(p->client, "ingest", id, NULL, &snooze.base), 0);
    }
    assert_int_equal(upp_client_collect(p->client, "ingest", 500, PATIENCE, note_outcome, &n), 500);
    assert_int_equal(n, 500);
    assert_int_equal(place_head(p, "ingest", NULL), 500);
}

static bool count_rows(void *ctx, const upp_frames *row)
{
    size_t *n = ctx;
    assert_true(row->content.len > 0); /* the console has the right to it */
    ++*n;
    return true;
}

static void query_gives_rows(void **state)
{
    place *p = *state;
    size_t n = 0;
    Uppsikt__ShowMatter show = UPPSIKT__SHOW_MATTER__INIT;
    show.matter = upp_lend("777");
    place_start(p, "ingest");
    assert_int_equal(
        upp_client_query(p->client, "ingest", NULL, &show.base, PATIENCE, count_rows, &n), 0);
    assert_int_equal(n, 777);
}

static void objects_come_by_range(void **state)
{
    place *p = *state;
    uint8_t id[16];
    char path[200];
    uint8_t *bytes = malloc(200000);
    uint8_t *part = malloc(64 * 1024);
    assert_true(bytes && part);
    randombytes_buf(id, sizeof id);
    randombytes_buf(bytes, 200000);
    place_start(p, "ingest");
    place_path(p, "ingest/objects/obj-1", path);
    const int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0 && write(fd, bytes, 200000) == 200000);
    close(fd);
    Uppsikt__Acknowledge keep = UPPSIKT__ACKNOWLEDGE__INIT;
    keep.matter = upp_lend("obj-1");
    protobuf_c_message_free_unpacked(command(p, id, &keep.base), NULL);

    int64_t at = 0;
    for (;;) {
        const int n =
            upp_client_object(p->client, "ingest", "obj-1", at, part, 64 * 1024, PATIENCE);
        assert_true(n >= 0);
        if (n == 0)
            break;
        assert_memory_equal(part, bytes + at, (size_t)n);
        at += n;
    }
    assert_int_equal(at, 200000);
    assert_int_equal(upp_client_object(p->client, "ingest", "../ingest.db", 0, part, 10, PATIENCE),
                     UPP_E_INPUT);
    assert_int_equal(upp_client_object(p->client, "ingest", "obj-2", 0, part, 10, PATIENCE),
                     UPP_E_INPUT);
    free(part);
    free(bytes);
}

/* A port: asked after COMMIT, on the worker and by a timer, commands its own service, answers. */
static void ports_work(void **state)
{
    place *p = *state;
    uint8_t id[16];
    upp_point after = { 0 };
    randombytes_buf(id, sizeof id);
    Uppsikt__HandOver hand = UPPSIKT__HAND_OVER__INIT;
    hand.matter = upp_lend("m7");
    place_start(p, "ingest");
    protobuf_c_message_free_unpacked(command(p, id, &hand.base), NULL);
    expect(p, "ingest", &after, "uppsikt.MatterClaimed", 1);
    expect(p, "ingest", &after, "uppsikt.NoticeSent", 1);
    expect_nothing_parked(p, "ingest");
}

int main(void)
{
#define FRESH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        FRESH(live_and_replay),     FRESH(bytes_are_bounded_too), FRESH(restarts),
        FRESH(fork_is_refused),     FRESH(status_has_sources),    FRESH(commands_are_idempotent),
        FRESH(sends_are_collected), FRESH(query_gives_rows),      FRESH(objects_come_by_range),
        FRESH(ports_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
