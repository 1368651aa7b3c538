/* propose_test.c - the archivist sees what adopted rows let go now, and proposes the list; another
 * person approves it (R21, R23). */
#include "acts_fixture.h"

/* -- what evidence says -- */
static struct evidence {
    int32_t months;
    const char *action, *decision;
    upp_ms valid_from;
    int64_t count;
    uint8_t sum; /* of the list, as a byte of it */
} evidence;

static int more(upp_each *each, void *ctx, const ProtobufCMessage *query)
{
    if (query->descriptor != &uppsikt__plan_lines__descriptor)
        return 1;
    Uppsikt__PlanLine row = UPPSIKT__PLAN_LINE__INIT;
    row.row = upp_lend("sm-1");
    row.kind = upp_lend("Kommentarer");
    row.process = upp_lend("Sociala medier");
    row.action = upp_lend(evidence.action);
    row.months = evidence.months;
    row.decision = upp_lend(evidence.decision);
    row.valid_from_ms = evidence.valid_from;
    return give(each, ctx, &row.base, NULL);
}

static int outcome(const sent *s, const ProtobufCMessage *command, ProtobufCMessage **ret_outcome)
{
    (void)s;
    char *items[] = { upp_lend("i0"), upp_lend("i1") };
    uint8_t sum[32], bytes[512];
    Uppsikt__DisposalTaken out = UPPSIKT__DISPOSAL_TAKEN__INIT;
    Uppsikt__DisposalKind taken = UPPSIKT__DISPOSAL_KIND__INIT, left = UPPSIKT__DISPOSAL_KIND__INIT;
    Uppsikt__DisposalKind *kinds[] = { &taken, &left };
    const Uppsikt__ProposeDisposal *c = (const Uppsikt__ProposeDisposal *)command;
    assert_ptr_equal(command->descriptor, &uppsikt__propose_disposal__descriptor);
    memset(sum, evidence.sum, sizeof sum);
    taken.kind = upp_lend("comment");
    taken.taken = evidence.count;
    left.kind = upp_lend("message");
    left.left = 4;
    out.disposal = upp_lend(c->dry_run ? "" : "d7");
    out.count = evidence.count;
    out.held = 3;
    out.open = 2;
    out.list_sha256 = (ProtobufCBinaryData){ sizeof sum, sum };
    out.items = items;
    out.n_items = evidence.count > 0 ? 2 : 0;
    out.kinds = kinds;
    out.n_kinds = 2;
    *ret_outcome = protobuf_c_message_unpack(&uppsikt__disposal_taken__descriptor, NULL,
                                             protobuf_c_message_pack(&out.base, bytes), bytes);
    return 0;
}

static int fresh(void **state)
{
    (void)state;
    bus = (struct bus){ .role = "archivist", .rows = more, .outcome = outcome };
    evidence = (struct evidence){
        .months = 24, .action = "dispose", .decision = "KS 2026 § 4", .count = 17, .sum = 0x55
    };
    return 0;
}

static Uppsikt__ProposeDisposal *told(size_t i)
{
    is_hers(&bus.commands[i], &(act){ .service = "evidence", .type = "ProposeDisposal" });
    Uppsikt__ProposeDisposal *c =
        uppsikt__propose_disposal__unpack(NULL, bus.commands[i].len, bus.commands[i].bytes);
    assert_non_null(c);
    return c;
}

static void R23_what_a_row_lets_go_now_is_counted_and_nothing_is_proposed(void **state)
{
    (void)state;
    assert_int_equal(get("/gallring/foresla", ""), 200);
    assert_int_equal(bus.n, 1);
    Uppsikt__ProposeDisposal *c = told(0);
    assert_true(c->dry_run);
    assert_string_equal(c->plan_row, "sm-1");
    assert_int_equal(c->before_ms, now);
    uppsikt__propose_disposal__free_unpacked(c, NULL);
    assert_true(on_it("På listan nu: 17") && on_it("3 hoppades över för gallringsstopp"));
    assert_true(on_it("2 hoppades över: någon ska fortfarande") && on_it("KS 2026 § 4"));
    assert_int_equal(get("/gallring/foresla", "rad=sm-1"), 200);
    assert_int_equal(bus.n, 1);
    assert_true(on_it("Kommentarer: 17 på listan") && on_it("4 mogna, men raden omfattar dem"));
    assert_true(on_it("ord av i0") && !on_it("ord av i1")); /* a message's words are not shown */
    assert_true(on_it("name=\"list\" value=\"5555") && on_it("Föreslå listan"));
}

static void R23_one_press_proposes_and_shows_the_list(void **state)
{
    (void)state;
    char fields[200], sum[65];
    memset(sum, '5', 64);
    sum[64] = '\0';
    snprintf(fields, sizeof fields, "rad=sm-1&fore=%lld&list=%s", (long long)now, sum);
    assert_int_equal(post("/gallring/foresla", fields), 303);
    assert_true(bus.n >= 1);
    Uppsikt__ProposeDisposal *c = told(0);
    assert_false(c->dry_run);
    assert_string_equal(c->plan_row, "sm-1");
    assert_int_equal(c->before_ms, now);
    uppsikt__propose_disposal__free_unpacked(c, NULL);
    assert_string_equal(got.location, "/gallring/d7?klart=done.proposed");
    evidence.sum = 0x66; /* it has become another one */
    assert_int_equal(post("/gallring/foresla", fields), 303);
    assert_string_equal(got.location, "/gallring/d7?klart=done.proposed-other");
}

/* A row whose period is "vid inaktualitet" takes nothing until somebody says a day. */
static void R21_a_row_without_a_period_wants_a_day(void **state)
{
    (void)state;
    evidence.months = 0;
    assert_int_equal(get("/gallring/foresla", ""), 200);
    assert_int_equal(get("/gallring/foresla", "rad=sm-1"), 200);
    assert_int_equal(bus.n, 0);
    assert_true(on_it("Vid inaktualitet: välj en dag.") && !on_it("Föreslå listan"));
    assert_int_equal(get("/gallring/foresla", "rad=sm-1&dag=2025-11-01"), 200);
    Uppsikt__ProposeDisposal *c = told(0);
    assert_true(c->dry_run && c->before_ms == 1761951600000); /* midnight here */
    uppsikt__propose_disposal__free_unpacked(c, NULL);
    assert_true(on_it("Föreslå listan"));
    assert_int_equal(get("/gallring/foresla", "rad=sm-1&dag=2099-01-01"), 200);
    c = told(0);
    assert_int_equal(c->before_ms, now);
    uppsikt__propose_disposal__free_unpacked(c, NULL);
    assert_int_equal(get("/gallring/foresla", "rad=sm-1&dag=i+fjol"), 422);
    assert_int_equal(bus.n, 0);
    assert_true(on_it("Skriv dagen som"));
}

static void R21_only_adopted_rows_that_dispose_are_there(void **state)
{
    (void)state;
    static const struct evidence none[] = {
        { .months = 24, .action = "keep", .decision = "KS 2026 § 4", .count = 17 },
        { .months = 24, .action = "dispose", .decision = "", .count = 17 },
        { .months = 24,
          .action = "dispose",
          .decision = "KS 2026 § 4",
          .valid_from = 1764000000001,
          .count = 17 },
    };
    for (size_t i = 0; i < UPP_LEN(none); i++) {
        evidence = none[i];
        assert_int_equal(get("/gallring/foresla", ""), 200);
        assert_int_equal(bus.n, 0);
        assert_true(on_it("bevaras"));
        assert_int_equal(get("/gallring/foresla", "rad=sm-1"), 404);
    }
    fresh(NULL);
    evidence.count = 0;
    assert_int_equal(get("/gallring/foresla", "rad=sm-1"), 200);
    assert_true(on_it("Inget är moget nu.") && !on_it("Föreslå listan"));
}

static void R23_only_the_archivist_proposes_here(void **state)
{
    (void)state;
    static const char *const may_not[] = { NULL, "administrator", "manager", "registrar",
                                           "operations" };
    for (size_t i = 0; i < UPP_LEN(may_not); i++) {
        bus.role = may_not[i];
        assert_int_equal(get("/gallring/foresla", ""), 403);
        assert_int_equal(bus.n, 0);
        assert_int_equal(post("/gallring/foresla", "rad=sm-1&fore=1"), 403);
        assert_int_equal(bus.n, 0);
    }
}

static void R23_what_evidence_does_not_take_is_told(void **state)
{
    (void)state;
    bus.refused_from = 1;
    bus.how = 1;
    assert_int_equal(get("/gallring/foresla", ""), 200); /* beside its row */
    assert_true(on_it("Kommentarer") && !on_it("På listan nu"));
    assert_int_equal(post("/gallring/foresla", "rad=sm-1&fore=1763000000000&list="), 422);
    bus.how = UPP_E_BUSY;
    assert_int_equal(post("/gallring/foresla", "rad=sm-1&fore=1763000000000&list="), 503);
    assert_string_equal(got.complaint, "down.evidence");
    fresh(NULL);
    bus.down = "evidence";
    assert_int_equal(get("/gallring/foresla", ""), 503);
    fresh(NULL);
    static const char *const broken[] = { "rad=sm-1&fore=0", "rad=sm-1", "rad=sm-1&fore=-5",
                                          "rad=sm-1&fore=1764000000001" };
    for (size_t i = 0; i < UPP_LEN(broken); i++) {
        assert_int_equal(post("/gallring/foresla", broken[i]), 400);
        assert_int_equal(bus.n, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(R23_what_a_row_lets_go_now_is_counted_and_nothing_is_proposed,
                               fresh),
        cmocka_unit_test_setup(R23_one_press_proposes_and_shows_the_list, fresh),
        cmocka_unit_test_setup(R21_a_row_without_a_period_wants_a_day, fresh),
        cmocka_unit_test_setup(R21_only_adopted_rows_that_dispose_are_there, fresh),
        cmocka_unit_test_setup(R23_only_the_archivist_proposes_here, fresh),
        cmocka_unit_test_setup(R23_what_evidence_does_not_take_is_told, fresh),
    };
    return cmocka_run_group_tests(tests, open_house, close_house);
}
