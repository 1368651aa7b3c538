/* message_test.c - messages from texts and to JSON; times as operators write them. */
#include "capped.h"
#include "cloudevents.pb-c.h"
#include "import_time.h"
#include "message_fill.h"
#include "message_json.h"
#include "uppsikt/bus.pb-c.h"
#include "uppsikt/escalation.pb-c.h"
#include "uppsikt/registry.pb-c.h"
#include "wire.h"
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static zone *tz;
static upp_ms now_ms; /* -1: nobody knows */

static upp_ms now(void *ctx)
{
    (void)ctx;
    return now_ms;
}

static when_clock clock_at(const char *text)
{
    int64_t at = 0;
    assert_int_equal(civil_parse(text, &at), 0);
    now_ms = at;
    return (when_clock){ .tz = tz, .now = now };
}

static int open_zone(void **state)
{
    static uint8_t bytes[64 * 1024];
    const char *why = "";
    (void)state;
    FILE *file = fopen("/usr/share/zoneinfo/Europe/Stockholm", "re");
    assert_non_null(file);
    const size_t n = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    return zone_parse((upp_bytes){ bytes, n }, &tz, &why);
}

static int close_zone(void **state)
{
    (void)state;
    zone_free(tz);
    return 0;
}

static void assert_when(const when_clock *clock, const char *text, const char *expected)
{
    upp_ms at = 0;
    char shown[CIVIL_TEXT_SIZE];
    const char *why = when_parse(clock, text, &at);
    if (why)
        fail_msg("%s: %s", text, why);
    civil_format(at, 0, shown);
    assert_string_equal(shown, expected);
}

static void times_are_read_as_people_write_them(void **state)
{
    (void)state;
    /* a Monday evening in winter time */
    const when_clock clock = clock_at("2026-11-23T22:47:00+01:00");
    assert_when(&clock, "2026-11-24T15:30:00+01:00", "2026-11-24T14:30:00Z");
    assert_when(&clock, "2026-07-01T12:00:00", "2026-07-01T10:00:00Z");
    assert_when(&clock, "2026-07-01", "2026-06-30T22:00:00Z");
    assert_when(&clock, "now", "2026-11-23T21:47:00Z");
    assert_when(&clock, "-6h", "2026-11-23T15:47:00Z");
    assert_when(&clock, "+5d", "2026-11-28T21:47:00Z");
    assert_when(&clock, "-1d 00:00", "2026-11-21T23:00:00Z");
    assert_when(&clock, "+0d 23:00", "2026-11-23T22:00:00Z");
    assert_when(&clock, "sat 23:40", "2026-11-21T22:40:00Z");
    assert_when(&clock, "mon 08:00", "2026-11-23T07:00:00Z");
    assert_when(&clock, "mon 23:00", "2026-11-16T22:00:00Z"); /* tonight's is still to come */
}

static void what_is_no_time_is_refused(void **state)
{
    static const char *const wrong[] = { "",           "soon",     "-",        "+5",
                                         "-6h 22:40",  "sat",      "sat 9",    "sat 24:00",
                                         "2026-13-01", "-1d 7:00", "lör 10:00" };
    (void)state;
    const when_clock clock = clock_at("2026-11-23T22:47:00+01:00");
    for (size_t i = 0; i < UPP_LEN(wrong); i++) {
        upp_ms at = 42;
        if (!when_parse(&clock, wrong[i], &at))
            fail_msg("'%s' was read", wrong[i]);
        assert_int_equal(at, 42);
    }
    upp_ms at = 42;
    now_ms = -1; /* nobody to ask */
    assert_non_null(when_parse(&clock, "-6h", &at));
    assert_non_null(when_parse(&clock, "sat 10:00", &at));
    assert_int_equal(at, 42);
}

static void times_are_shown_as_people_read_them(void **state)
{
    char text[WHEN_TEXT];
    (void)state;
    const when_clock clock = clock_at("2026-11-24T15:30:05+01:00");
    when_text(clock.tz, now_ms, text);
    assert_string_equal(text, "tis 24 nov 15.30");
    when_clock_text(clock.tz, now_ms, text);
    assert_string_equal(text, "15.30.05");
    when_text(clock.tz, 0, text);
    assert_string_equal(text, "-");
}

static void a_sample_line_gets_real_times(void **state)
{
    static const char told[] = "{\"text\":\"hej\",\"created_at\":\"-6h\"}";
    static const char absolute[] = "{\"created_at\":\"2026-11-23T10:00:00Z\"}";
    (void)state;
    const when_clock clock = clock_at("2026-11-23T22:47:00+01:00");
    char *line = import_time_fill(told, strlen(told), &clock);
    assert_string_equal(line, "{\"text\":\"hej\",\"created_at\":\"2026-11-23T15:47:00Z\"}");
    free(line);
    line = import_time_fill(absolute, strlen(absolute), &clock);
    assert_string_equal(line, absolute);
    free(line);
    assert_null(import_time_fill("not json", 8, &clock));
    assert_null(import_time_fill("{\"created_at\":\"soon\"}", 21, &clock));
}

/* -- filling -- */
static void a_message_is_filled_field_by_field(void **state)
{
    char why[MESSAGE_WHY];
    (void)state;
    const when_clock clock = clock_at("2026-11-23T22:47:00+01:00");
    Uppsikt__ChangeAccount *c = (void *)message_new(&uppsikt__change_account__descriptor);
    const struct {
        const char *path, *text;
    } rows[] = {
        { "account", "fb" },      { "account", "fb-2" },       { "state", "decided" },
        { "watch", "manual" },    { "taken_over", "yes" },     { "purpose", "Svara" },
        { "facts.goals", "Mål" }, { "decided", "2026-03-04" },
    };
    for (size_t i = 0; i < UPP_LEN(rows); i++)
        assert_int_equal(message_fill(&c->base, "facts", rows[i].path, rows[i].text, &clock, why),
                         0);
    assert_string_equal(c->account, "fb-2"); /* the last one holds */
    assert_int_equal(c->state, UPPSIKT__ACCOUNT_CHANGED__STATE__STATE_DECIDED);
    assert_int_equal(c->watch, UPPSIKT__ACCOUNT_CHANGED__WATCH__WATCH_MANUAL);
    assert_true(c->taken_over);
    assert_string_equal(c->facts->purpose, "Svara");
    assert_string_equal(c->facts->goals, "Mål");
    assert_int_equal(c->facts->decided_ms % 60000, 0);
    message_free(&c->base);

    Uppsikt__RegisterPerson *p = (void *)message_new(&uppsikt__register_person__descriptor);
    assert_int_equal(message_fill(&p->base, "who", "roles", "reader, manager", &clock, why), 0);
    assert_int_equal(message_fill(&p->base, "who", "roles", "operations", &clock, why), 0);
    assert_int_equal(p->n_roles, 3);
    assert_string_equal(p->roles[1], "manager");
    assert_string_equal(p->roles[2], "operations");
    message_free(&p->base);
}

static void what_a_field_cannot_hold_is_refused(void **state)
{
    char why[MESSAGE_WHY];
    (void)state;
    const when_clock clock = clock_at("2026-11-23T22:47:00+01:00");
    Uppsikt__ChangeAccount *c = (void *)message_new(&uppsikt__change_account__descriptor);
    Uppsikt__GrantAccess *g = (void *)message_new(&uppsikt__grant_access__descriptor);
    assert_int_equal(message_fill(&c->base, "facts", "colour", "red", &clock, why), 1);
    assert_int_equal(message_fill(&c->base, NULL, "purpose", "x", &clock, why), 1);
    assert_int_equal(message_fill(&c->base, "facts", "facts", "x", &clock, why), 1);
    assert_int_equal(message_fill(&c->base, "facts", "state", "ajar", &clock, why), UPP_E_INPUT);
    assert_non_null(strstr(why, "proposed"));
    assert_int_equal(message_fill(&c->base, "facts", "taken_over", "maybe", &clock, why),
                     UPP_E_INPUT);
    assert_int_equal(message_fill(&c->base, "facts", "decided", "soon", &clock, why), UPP_E_INPUT);
    assert_int_equal(message_fill(&g->base, NULL, "rank", "-1", &clock, why), UPP_E_INPUT);
    assert_int_equal(message_fill(&g->base, NULL, "rank", "4294967296", &clock, why), UPP_E_INPUT);
    assert_int_equal(message_fill(&g->base, NULL, "rank", "2x", &clock, why), UPP_E_INPUT);
    assert_int_equal(g->rank, 0);
    message_free(&c->base);
    message_free(&g->base);
}

/* -- JSON -- */
static void assert_text(const json_t *object, const char *name, const char *expected)
{
    const char *text = json_string_value(json_object_get(object, name));
    assert_non_null(text);
    assert_string_equal(text, expected);
}

static void a_message_is_json_with_all_its_fields(void **state)
{
    uint8_t bytes[] = { 0x0a, 0xff };
    (void)state;
    Uppsikt__Finding finding = UPPSIKT__FINDING__INIT;
    Uppsikt__Finding *list[] = { &finding };
    Uppsikt__MatterOpened opened = UPPSIKT__MATTER_OPENED__INIT;
    Uppsikt__MatterRow row = UPPSIKT__MATTER_ROW__INIT;
    finding.label = UPPSIKT__LABEL__LABEL_HATE;
    finding.score_permille = 930;
    opened.matter = upp_lend("m1");
    opened.due_ms = 1795470422280;
    opened.akut = true;
    row.opened = &opened;
    row.findings = list;
    row.n_findings = 1;
    json_t *json = message_json(&row.base);
    const json_t *inner = json_object_get(json, "opened");
    assert_text(inner, "matter", "m1");
    assert_text(inner, "item", ""); /* presets are there, too */
    assert_int_equal(json_integer_value(json_object_get(inner, "due_ms")), 1795470422280);
    assert_true(json_is_true(json_object_get(inner, "akut")));
    assert_text(json_array_get(json_object_get(json, "findings"), 0), "label", "LABEL_HATE");
    json_decref(json);

    Uppsikt__PersonRow person = UPPSIKT__PERSON_ROW__INIT;
    person.commitment = (ProtobufCBinaryData){ sizeof bytes, bytes };
    json = message_json(&person.base);
    assert_text(json, "commitment", "0aff");
    assert_int_equal(json_array_size(json_object_get(json, "roles")), 0);
    json_decref(json);

    Uppsikt__UnitRow unit = UPPSIKT__UNIT_ROW__INIT; /* a message that is not there */
    json = message_json(&unit.base);
    assert_true(json_is_null(json_object_get(json, "unit")));
    json_decref(json);
}

static upp_bytes chain_of(int64_t seq)
{
    static uint8_t zeros[32];
    Uppsikt__Chain chain = UPPSIKT__CHAIN__INIT;
    chain.seq = seq;
    chain.epoch = (ProtobufCBinaryData){ 16, zeros };
    return upp_wire_pack(&chain.base);
}

static upp_bytes envelope_of(const ProtobufCMessage *fact)
{
    UPP_AUTO(upp_packed_free) upp_bytes packed = upp_wire_pack(fact);
    Google__Protobuf__Any any = GOOGLE__PROTOBUF__ANY__INIT;
    Io__Cloudevents__V1__CloudEvent event = IO__CLOUDEVENTS__V1__CLOUD_EVENT__INIT;
    any.value = (ProtobufCBinaryData){ packed.len, (uint8_t *)(uintptr_t)packed.at };
    event.id = upp_lend("00-7");
    event.type = upp_lend(fact->descriptor->name);
    event.data_case = IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_PROTO_DATA;
    event.proto_data = &any;
    return upp_wire_pack(&event.base);
}

static upp_bytes content_of(const ProtobufCMessage *body)
{
    UPP_AUTO(upp_packed_free) upp_bytes packed = upp_wire_pack(body);
    Uppsikt__ContentFrame frame = UPPSIKT__CONTENT_FRAME__INIT;
    frame.body = (ProtobufCBinaryData){ packed.len, (uint8_t *)(uintptr_t)packed.at };
    return upp_wire_pack(&frame.base);
}

static void an_event_is_one_object(void **state)
{
    (void)state;
    Uppsikt__PersonRegistered fact = UPPSIKT__PERSON_REGISTERED__INIT;
    Uppsikt__PersonRegisteredContent who = UPPSIKT__PERSON_REGISTERED_CONTENT__INIT;
    fact.person = upp_lend("anna");
    who.first_name = upp_lend("Anna");
    UPP_AUTO(upp_packed_free) upp_bytes chain = chain_of(7);
    UPP_AUTO(upp_packed_free) upp_bytes envelope = envelope_of(&fact.base);
    UPP_AUTO(upp_packed_free) upp_bytes content = content_of(&who.base);
    const upp_frames frames = { .type = upp_text("uppsikt.PersonRegistered"),
                                .envelope = envelope,
                                .chain = chain,
                                .content = content };
    json_t *json = message_event_json("registry", &frames, true);
    assert_text(json, "source", "registry");
    assert_int_equal(json_integer_value(json_object_get(json, "sequence")), 7);
    assert_text(json_object_get(json, "data"), "person", "anna");
    assert_text(json_object_get(json, "content"), "first_name", "Anna");
    json_decref(json);
    json = message_event_json("registry", &frames, false); /* content only when it is asked for */
    assert_null(json_object_get(json, "content"));
    json_decref(json);
}

static void a_stub_says_only_where_it_stands(void **state)
{
    (void)state;
    UPP_AUTO(upp_packed_free) upp_bytes chain = chain_of(9);
    const upp_frames stub = { .type = upp_text("uppsikt.Stub"), .chain = chain };
    json_t *json = message_event_json("ingest", &stub, true);
    assert_true(json_is_true(json_object_get(json, "stub")));
    assert_null(json_object_get(json, "type"));
    json_decref(json);
    static const uint8_t noise[] = { 0xff, 0xff, 0xff };
    const upp_frames bad = { .type = upp_text("uppsikt.X"), .chain = { noise, sizeof noise } };
    assert_null(message_event_json("ingest", &bad, true));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_read_as_people_write_them),
        cmocka_unit_test(what_is_no_time_is_refused),
        cmocka_unit_test(times_are_shown_as_people_read_them),
        cmocka_unit_test(a_sample_line_gets_real_times),
        cmocka_unit_test(a_message_is_filled_field_by_field),
        cmocka_unit_test(what_a_field_cannot_hold_is_refused),
        cmocka_unit_test(a_message_is_json_with_all_its_fields),
        cmocka_unit_test(an_event_is_one_object),
        cmocka_unit_test(a_stub_says_only_where_it_stands),
    };
    return cmocka_run_group_tests(tests, open_zone, close_zone);
}
