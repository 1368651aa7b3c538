/* away_test.c - absences at the console: one's own, and those of whom one leads; what the register
 * refuses stands beside its field (R15, R30). */
#include "acts_fixture.h"

/* -- the register: anna leads the school, berit is of it; cilla is of another unit -- */
static const struct {
    const char *person, *unit, *role;
    bool left;
} staff[] = { { "anna", "skola", "manager", false },
              { "berit", "skola", "administrator", false },
              { "cilla", "bad", "administrator", false },
              { "dan", "skola", "administrator", true } };

static struct world {
    const char *manager; /* of the school */
    const char *role;    /* anna's; NULL: as above */
    const char *asked;   /* whose absences were asked for */
    bool down;
} world;

static int give_unit(upp_each *each, void *ctx, const char *id, const char *parent,
                     const char *manager, const char *head)
{
    Uppsikt__UnitRow row = UPPSIKT__UNIT_ROW__INIT;
    Uppsikt__UnitRegistered unit = UPPSIKT__UNIT_REGISTERED__INIT;
    unit.unit = upp_lend(id);
    unit.parent = upp_lend(parent);
    unit.manager = upp_lend(manager);
    unit.head = upp_lend(head);
    row.unit = &unit;
    return give(each, ctx, &row.base, NULL);
}

static int give_staff(upp_each *each, void *ctx)
{
    for (size_t i = 0; i < UPP_LEN(staff); i++) {
        Uppsikt__PersonRow row = UPPSIKT__PERSON_ROW__INIT;
        Uppsikt__PersonRowContent content = UPPSIKT__PERSON_ROW_CONTENT__INIT;
        Uppsikt__PersonRegisteredContent who = UPPSIKT__PERSON_REGISTERED_CONTENT__INIT;
        char *roles[] = { upp_lend(i == 0 && world.role ? world.role : staff[i].role) };
        row.person = upp_lend(staff[i].person);
        row.unit = upp_lend(staff[i].unit);
        row.roles = roles;
        row.n_roles = 1;
        row.left = staff[i].left;
        who.first_name = upp_lend(staff[i].person);
        who.last_name = upp_lend("Ek");
        who.title = upp_lend("titel");
        content.who = &who;
        give(each, ctx, &row.base, &content.base);
    }
    return 0;
}

/* One that is over, one of whole days, one of some hours. */
static int give_absences(upp_each *each, void *ctx, const Uppsikt__Absences *q)
{
    static const upp_ms midnight = 1764025200000; /* tis 25 nov 2025, 00.00 in Stockholm */
    static const upp_ms periods[][2] = { { 1763000000000, 1763900000000 },
                                         { midnight, midnight + 2 * UPP_DAY },
                                         { midnight + 9 * UPP_HOUR, midnight + 12 * UPP_HOUR } };
    world.asked = strcmp(q->person, "berit") == 0 ? "berit" : "anna";
    for (size_t i = 0; i < UPP_LEN(periods); i++) {
        Uppsikt__AbsenceRow row = UPPSIKT__ABSENCE_ROW__INIT;
        Uppsikt__AbsenceRowContent content = UPPSIKT__ABSENCE_ROW_CONTENT__INIT;
        Uppsikt__AbsenceSetContent when = UPPSIKT__ABSENCE_SET_CONTENT__INIT;
        char id[8], *substitutes[] = { upp_lend("berit"), upp_lend("cilla") };
        snprintf(id, sizeof id, "ab%zu", i);
        row.absence = id;
        row.person = q->person;
        when.from_ms = periods[i][0];
        when.to_ms = periods[i][1];
        when.substitutes = substitutes;
        when.n_substitutes = i == 1 ? 2 : 0;
        content.when = &when;
        give(each, ctx, &row.base, &content.base);
    }
    return 0;
}

static int register_rows(upp_each *each, void *ctx, const ProtobufCMessage *query)
{
    if (query->descriptor == &uppsikt__units__descriptor) {
        give_unit(each, ctx, "skola", "bun", world.manager, "");
        give_unit(each, ctx, "bun", "", "", "");
        return give_unit(each, ctx, "bad", "", "", "dora");
    }
    if (query->descriptor == &uppsikt__persons__descriptor)
        return give_staff(each, ctx);
    if (query->descriptor == &uppsikt__absences__descriptor)
        return give_absences(each, ctx, (const Uppsikt__Absences *)query);
    return 1;
}

static void open_register(const char *manager)
{
    bus = (struct bus){ .rows = register_rows };
    world = (struct world){ .manager = manager };
}

/* -- what is sent -- */
static Uppsikt__SetAbsence *was_set(void)
{
    assert_int_equal(bus.n, 1);
    is_hers(&bus.commands[0], &(act){ .service = "registry", .type = "SetAbsence" });
    Uppsikt__SetAbsence *c =
        uppsikt__set_absence__unpack(NULL, bus.commands[0].len, bus.commands[0].bytes);
    assert_non_null(c);
    return c;
}

/* From the first day's midnight to the one after the last; the substitutes in their order. */
static void R15_one_writes_in_ones_own_absence(void **state)
{
    (void)state;
    open_register("man");
    assert_int_equal(post("/franvaro", "from=2026-03-28&to=2026-03-29&s1=&s2=berit&s3=cilla"), 303);
    Uppsikt__SetAbsence *c = was_set();
    assert_string_equal(c->person, "anna");
    assert_string_equal(c->absence, "");
    assert_true(c->when->from_ms == 1774652400000);
    assert_true(c->when->to_ms == 1774821600000); /* the clocks go forward on the second day */
    assert_int_equal(c->when->n_substitutes, 2);
    assert_string_equal(c->when->substitutes[0], "berit");
    assert_string_equal(c->when->substitutes[1], "cilla");
    uppsikt__set_absence__free_unpacked(c, NULL);
}

static void R15_her_manager_writes_it_in_for_her(void **state)
{
    (void)state;
    open_register("anna");
    assert_int_equal(post("/franvaro", "person=berit&from=2026-03-02&to=2026-03-02&s1=anna"), 303);
    Uppsikt__SetAbsence *c = was_set();
    assert_string_equal(c->person, "berit");
    uppsikt__set_absence__free_unpacked(c, NULL);
    assert_int_equal(post("/franvaro/ab7/ta-bort", "person=berit"), 303);
    is_hers(&bus.commands[0], &(act){ .service = "registry", .type = "CancelAbsence" });
    assert_true(in_it(&bus.commands[0], "ab7"));
    assert_int_equal(post("/franvaro/ab7/annat", ""), 404);
}

/* -- what is shown -- */
static void R15_what_is_written_in_is_listed_and_can_be_taken_back(void **state)
{
    (void)state;
    open_register("man");
    assert_int_equal(get("/franvaro", ""), 200);
    assert_string_equal(world.asked, "anna");
    assert_true(on_it("tis 25 nov – ons 26 nov<")); /* its last day, and no hours */
    assert_true(on_it("tis 25 nov 09.00 – tis 25 nov 12.00<"));
    const char *first = strstr(got.page, "<li>berit Ek, titel"),
               *next = strstr(got.page, "<li>cilla");
    assert_true(first && next && first < next);
    assert_true(on_it("Ingen ersättare är utsedd"));
    assert_true(on_it("action=\"/franvaro/ab1/ta-bort\""));
    assert_false(on_it("/franvaro/ab0/")); /* it is over */
    assert_false(on_it("Vems frånvaro?"));
}

/* Absences are personal: they are shown to her, to who leads her and to whose task the register
 * is. */
static void R15_anothers_absences_are_for_who_leads_her(void **state)
{
    static const struct {
        const char *manager, *role, *person;
        bool sees;
    } rows[] = { { "anna", NULL, "berit", true },        { "man", NULL, "berit", false },
                 { "anna", NULL, "cilla", false },       { "man", "communications", "berit", true },
                 { "man", "operations", "cilla", true }, { "man", "archivist", "berit", false },
                 { "anna", NULL, "dan", false },         { "anna", NULL, "ingen", false } };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        char query[40];
        open_register(rows[i].manager);
        world.role = rows[i].role;
        snprintf(query, sizeof query, "person=%s", rows[i].person);
        const unsigned status = get("/franvaro", query);
        if (status != (rows[i].sees ? 200u : 404u))
            fail_msg("%zu: %u", i, status);
        assert_int_equal(world.asked != NULL, rows[i].sees);
        if (rows[i].sees)
            assert_true(on_it("Vems frånvaro?"));
    }
}

/* -- what is wrong -- */
static int refuses(const sent *s, const ProtobufCMessage *command, ProtobufCMessage **ret_outcome)
{
    (void)s, (void)command, (void)ret_outcome;
    return 1;
}

static void R15_what_the_register_refuses_stands_beside_its_field(void **state)
{
    static const struct {
        const char *fields, *why, *field;
    } rows[] = {
        { "from=&to=2026-03-02", "absence-without-time", "from" },
        { "from=2026-03-02&to=hej", "absence-without-time", "to" },
        { "from=2026-03-09&to=2026-03-02", "absence-without-time", "to" },
        { "from=2026-03-02&to=2026-03-02&s1=berit&s3=berit", "substitute-named-twice", "s3" },
        { "from=2026-03-02&to=2026-03-02&s1=berit&s2=anna", "substitute-for-herself", "s2" },
        { "from=2026-03-02&to=2026-03-02&s1=ingen", "person-unknown", "s1" },
    };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        char wrong[80], link[40];
        open_register("man");
        bus.outcome = refuses;
        bus.why = rows[i].why;
        assert_int_equal(post("/franvaro", rows[i].fields), 422);
        snprintf(wrong, sizeof wrong, "<p class=\"wrong\" id=\"e-%s\">%s</p>", rows[i].field,
                 phrase(house.phrases, rows[i].why));
        snprintf(link, sizeof link, "href=\"#f-%s\"", rows[i].field);
        if (!on_it(wrong) || !on_it(link))
            fail_msg("%zu: not beside its field: %s", i, wrong);
        assert_true(on_it("aria-invalid=\"true\""));
    }
    assert_true(on_it("value=\"2026-03-02\"")); /* what was typed stays */
}

static void without_the_register_there_is_no_page(void **state)
{
    (void)state;
    open_register("man");
    bus.down = "registry";
    assert_int_equal(get("/franvaro", ""), 503);
    assert_int_equal(get("/franvaro/ab1/ta-bort", ""), 303);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R15_one_writes_in_ones_own_absence),
        cmocka_unit_test(R15_her_manager_writes_it_in_for_her),
        cmocka_unit_test(R15_what_is_written_in_is_listed_and_can_be_taken_back),
        cmocka_unit_test(R15_anothers_absences_are_for_who_leads_her),
        cmocka_unit_test(R15_what_the_register_refuses_stands_beside_its_field),
        cmocka_unit_test(without_the_register_there_is_no_page),
    };
    return cmocka_run_group_tests(tests, open_house, close_house);
}
