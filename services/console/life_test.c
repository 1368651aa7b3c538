/* life_test.c - an account's life at the console: what the page says in each state, whom it offers
 * the next step, and what each form becomes (R03, R04, R05, R07, R08). */
#include "acts_fixture.h"

#define STATE(name) UPPSIKT__ACCOUNT_CHANGED__STATE__STATE_##name

/* -- the register: of the school man is manager, eva sector head; frida is communications -- */
static const struct {
    const char *person, *unit, *role;
} staff[] = { { "anna", "skola", "administrator" }, { "berit", "skola", "administrator" },
              { "man", "skola", "manager" },        { "eva", "bun", "manager" },
              { "frida", "kom", "communications" }, { "cilla", "bad", "administrator" } };

static struct world {
    Uppsikt__AccountChanged__State state;
    const char *me, *unit; /* anna's place in the register is that of these */
    bool without_facts;
    size_t access; /* how many have it: berit, man */
    bool unknown;  /* there is no such account */
} world;

static int give_unit(upp_each *each, void *ctx, const char *id, const char *parent,
                     const char *manager, const char *head)
{
    Uppsikt__UnitRow row = UPPSIKT__UNIT_ROW__INIT;
    Uppsikt__UnitRegistered unit = UPPSIKT__UNIT_REGISTERED__INIT;
    unit.unit = unit.name = upp_lend(id);
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
        const bool me = i == 0 && world.me;
        char *roles[] = { upp_lend(me ? world.me : staff[i].role) };
        row.person = upp_lend(staff[i].person);
        row.unit = upp_lend(me ? world.unit : staff[i].unit);
        row.roles = roles;
        row.n_roles = 1;
        who.first_name = upp_lend(staff[i].person);
        who.last_name = upp_lend("Ek");
        who.title = upp_lend("titel");
        content.who = &who;
        give(each, ctx, &row.base, &content.base);
    }
    return 0;
}

static int give_account(upp_each *each, void *ctx, const Uppsikt__Accounts *q)
{
    Uppsikt__AccountRow row = UPPSIKT__ACCOUNT_ROW__INIT;
    Uppsikt__AccountRowContent content = UPPSIKT__ACCOUNT_ROW_CONTENT__INIT;
    Uppsikt__AccountChangedContent f = UPPSIKT__ACCOUNT_CHANGED_CONTENT__INIT;
    char *access[] = { upp_lend("berit"), upp_lend("man") };
    assert_string_equal(q->account, "acc");
    row.account = upp_lend("acc");
    row.unit = upp_lend("skola");
    row.platform = upp_lend("facebook");
    row.state = world.state;
    row.persons_by_rank = access;
    row.n_persons_by_rank = world.access;
    f.name = upp_lend("Skolan");
    if (!world.without_facts) {
        f.purpose = upp_lend("Att <nå> föräldrar");
        f.goals = upp_lend("Mål 1");
        f.plan = upp_lend("Plan 2026 s. 4");
    }
    if (!world.without_facts && world.state >= STATE(CONSULTED)) {
        f.consulted_by = upp_lend("frida");
        f.consulted_ms = now - 9 * UPP_DAY;
    }
    if (!world.without_facts && world.state >= STATE(DECIDED)) {
        f.decided_by = upp_lend("eva");
        f.decision = upp_lend("BUN 7");
        f.decided_ms = now - 8 * UPP_DAY;
    }
    content.facts = &f;
    return world.unknown ? 0 : give(each, ctx, &row.base, &content.base);
}

static int register_rows(upp_each *each, void *ctx, const ProtobufCMessage *query)
{
    if (query->descriptor == &uppsikt__units__descriptor) {
        give_unit(each, ctx, "skola", "bun",
                  world.me && strcmp(world.me, "leads") == 0 ? "anna" : "man", "");
        give_unit(each, ctx, "bun", "", "", "eva");
        return give_unit(each, ctx, "bad", "", "dora", "");
    }
    if (query->descriptor == &uppsikt__persons__descriptor)
        return give_staff(each, ctx);
    if (query->descriptor == &uppsikt__accounts__descriptor)
        return give_account(each, ctx, (const Uppsikt__Accounts *)query);
    return 1;
}

/* Anna leads the school, unless `me` says another role, in the unit. */
static void open_account(Uppsikt__AccountChanged__State state, const char *me, const char *unit)
{
    bus = (struct bus){ .rows = register_rows };
    world =
        (struct world){ .state = state, .me = me ? me : "leads", .unit = unit ? unit : "skola" };
}

static Uppsikt__ChangeAccount *was_changed(void)
{
    assert_int_equal(bus.n, 1);
    is_hers(&bus.commands[0], &(act){ .service = "registry", .type = "ChangeAccount" });
    Uppsikt__ChangeAccount *c =
        uppsikt__change_account__unpack(NULL, bus.commands[0].len, bus.commands[0].bytes);
    assert_non_null(c);
    return c;
}

/* -- the page -- */
/* In each state there is the form of what is next, and no other step's. */
static void R04_the_page_has_the_next_step_and_no_other(void **state)
{
    static const struct {
        Uppsikt__AccountChanged__State state;
        const char *act; /* NULL: it comes by itself, or nothing does */
        const char *says;
        bool proposal;
    } rows[] = { { STATE(PROPOSED), "samrad", "Samråd med kommunikationsenheten", true },
                 { STATE(CONSULTED), "beslut", "Sektorschefen beslutar", true },
                 { STATE(DECIDED), "oppna", "öppnas när minst två", true },
                 { STATE(OPEN), "stang", "Kontot är öppet", false },
                 { STATE(CLOSING), NULL, "väntar på arkivet", false },
                 { STATE(ARCHIVED), "avsluta", "En annan än den som", false },
                 { STATE(CLOSED), NULL, "Kontot är avslutat", false } };
    static const char *const acts[] = { "samrad", "beslut", "oppna", "stang", "tillgang" };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        open_account(rows[i].state, NULL, NULL);
        world.access = 2;
        assert_int_equal(get("/konto/acc", ""), 200);
        if (!on_it(rows[i].says))
            fail_msg("%zu: the page does not say %s", i, rows[i].says);
        for (size_t a = 0; a < UPP_LEN(acts); a++) {
            char form_of[64];
            snprintf(form_of, sizeof form_of, "action=\"/konto/acc/%s\"", acts[a]);
            if (on_it(form_of) != (rows[i].act && strcmp(rows[i].act, acts[a]) == 0))
                fail_msg("%zu: %s", i, form_of);
        }
        const bool ends = rows[i].proposal || (rows[i].act && strcmp(rows[i].act, "avsluta") == 0);
        assert_int_equal(on_it("action=\"/konto/acc/avsluta\""), ends);
        assert_int_equal(on_it("Dra tillbaka förslaget"), rows[i].proposal);
        const char *here = strstr(got.page, "<li aria-current=\"step\">");
        assert_non_null(here);
        assert_true(strstr(here, view_numbered(&(view){ .h = { .phrases = house.phrases } },
                                               "state.", (int)rows[i].state)) != NULL);
    }
}

static void R07_what_is_missing_is_said_and_what_is_known_is_shown(void **state)
{
    (void)state;
    open_account(STATE(PROPOSED), NULL, NULL);
    assert_int_equal(get("/konto/acc", ""), 200);
    assert_true(on_it("Att &lt;nå&gt; föräldrar") && on_it("Mål 1") && on_it("Plan 2026 s. 4"));
    const char *facts = strstr(got.page, "id=\"uppgifter\"");
    assert_non_null(facts);
    assert_non_null(strstr(facts, "<dt>Samråd</dt><dd><strong class=\"bad\">saknas"));
    assert_non_null(strstr(facts, "<dt>Beslut</dt><dd><strong class=\"bad\">saknas"));
    assert_non_null(strstr(facts, "Minst två ska ha tillgång"));
    open_account(STATE(DECIDED), NULL, NULL);
    world.access = 2;
    assert_int_equal(get("/konto/acc", ""), 200);
    assert_true(on_it("frida Ek, titel, ") && on_it("eva Ek, titel, ") && on_it("BUN 7"));
    assert_false(on_it(">saknas<"));
    assert_false(on_it("Minst två ska ha tillgång"));
}

/* Who may take the step is named; who may not has no form; a stranger has no page (R03, R04). */
static void R03_who_may_take_the_step_is_named(void **state)
{
    static const struct {
        const char *me, *unit;
        bool sees, acts;
    } rows[] = {
        { "leads", "skola", true, true },         { "administrator", "skola", true, false },
        { "communications", "kom", true, true },  { "operations", "kom", true, true },
        { "administrator", "bad", false, false }, { "archivist", "kom", false, false }
    };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        open_account(STATE(CONSULTED), rows[i].me, rows[i].unit);
        const unsigned status = get("/konto/acc", "");
        if (status != (rows[i].sees ? 200u : 404u))
            fail_msg("%zu: %u", i, status);
        assert_int_equal(on_it("action=\"/konto/acc/beslut\""), rows[i].acts);
        if (!rows[i].sees)
            continue;
        assert_true(on_it(" (enhetens chef)") && on_it("<li>eva Ek, titel (sektorschef)"));
        assert_int_equal(on_it("inte göra det här steget"), !rows[i].acts);
    }
    open_account(STATE(OPEN), NULL, NULL);
    world.unknown = true;
    assert_int_equal(get("/konto/acc", ""), 404);
    open_account(STATE(OPEN), NULL, NULL);
    bus.down = "registry";
    assert_int_equal(get("/konto/acc", ""), 503);
    assert_int_equal(get("/konto/acc/stang", ""), 303); /* a form's address asked for by itself */
}

/* Of a new account the sector head alone is offered; to consult, communications alone. */
static void R03_only_who_may_decide_is_offered(void **state)
{
    (void)state;
    open_account(STATE(CONSULTED), NULL, NULL);
    assert_int_equal(get("/konto/acc", ""), 200);
    assert_true(on_it("<option value=\"eva\" selected>"));
    assert_false(on_it("<option value=\"man\""));
    open_account(STATE(PROPOSED), NULL, NULL);
    assert_int_equal(get("/konto/acc", ""), 200);
    assert_true(on_it("<option value=\"frida\">"));
    assert_false(on_it("<option value=\"eva\""));
}

/* R05: with fewer than two persons the next is to give access, at the rank after the others'. */
static void R05_two_have_access_before_it_is_opened(void **state)
{
    (void)state;
    open_account(STATE(DECIDED), NULL, NULL);
    world.access = 1;
    assert_int_equal(get("/konto/acc", ""), 200);
    assert_true(on_it("action=\"/konto/acc/tillgang\""));
    assert_false(on_it("action=\"/konto/acc/oppna\""));
    assert_false(on_it("<option value=\"berit\"")); /* she has it */
    assert_int_equal(post("/konto/acc/tillgang", "person=anna"), 303);
    assert_int_equal(bus.n, 1);
    is_hers(&bus.commands[0], &(act){ .service = "registry", .type = "GrantAccess" });
    Uppsikt__GrantAccess *g =
        uppsikt__grant_access__unpack(NULL, bus.commands[0].len, bus.commands[0].bytes);
    assert_non_null(g);
    assert_string_equal(g->account, "acc");
    assert_string_equal(g->person, "anna");
    assert_int_equal(g->rank, 2);
    uppsikt__grant_access__free_unpacked(g, NULL);
}

/* -- what is sent -- */
static void R04_each_step_is_sent_with_its_facts_alone(void **state)
{
    static const struct {
        const char *act, *fields;
        Uppsikt__AccountChanged__State to;
    } rows[] = { { "samrad", "consulted_by=frida&consulted=2025-11-20", STATE(CONSULTED) },
                 { "beslut", "decided_by=eva&decision=BUN+7&decided=2025-11-21", STATE(DECIDED) },
                 { "oppna", "", STATE(OPEN) },
                 { "stang", "", STATE(CLOSING) },
                 { "avsluta", "", STATE(CLOSED) },
                 { "uppgifter", "purpose=+x+&goals=y", STATE(UNSPECIFIED) } };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        char path[64];
        open_account(STATE(OPEN), NULL, NULL);
        snprintf(path, sizeof path, "/konto/acc/%s", rows[i].act);
        assert_int_equal(post(path, rows[i].fields), 303);
        Uppsikt__ChangeAccount *c = was_changed();
        assert_string_equal(c->account, "acc");
        assert_int_equal(c->state, rows[i].to);
        assert_false(c->taken_over);
        assert_string_equal(c->unit, "");
        assert_string_equal(c->facts->name, "");
        assert_string_equal(c->facts->consulted_by, i == 0 ? "frida" : "");
        assert_true(c->facts->consulted_ms == (i == 0 ? 1763593200000 : 0));
        assert_string_equal(c->facts->decided_by, i == 1 ? "eva" : "");
        assert_string_equal(c->facts->decision, i == 1 ? "BUN 7" : "");
        assert_true(c->facts->decided_ms == (i == 1 ? 1763679600000 : 0));
        assert_string_equal(c->facts->purpose, i == 5 ? "x" : "");
        uppsikt__change_account__free_unpacked(c, NULL);
    }
    open_account(STATE(OPEN), NULL, NULL);
    assert_int_equal(post("/konto/acc/annat", ""), 404);
}

static void R07_a_proposal_says_why_and_from_which_goals(void **state)
{
    (void)state;
    open_account(STATE(OPEN), "administrator", "skola");
    assert_int_equal(get("/nytt-konto", ""), 200);
    assert_true(on_it("name=\"purpose\"") && on_it("name=\"goals\"") && on_it("name=\"plan\""));
    assert_int_equal(post("/nytt-konto", "name=Skolan&platform=instagram&unit=skola&handle=skolan"
                                         "&url=https://x.example/&purpose=Nå+unga&goals=M1&plan=P1"
                                         "&manual=1"),
                     303);
    Uppsikt__ChangeAccount *c = was_changed();
    assert_string_equal(c->account, "");
    assert_int_equal(c->state, STATE(PROPOSED));
    assert_int_equal(c->watch, UPPSIKT__ACCOUNT_CHANGED__WATCH__WATCH_MANUAL);
    assert_string_equal(c->platform, "instagram");
    assert_string_equal(c->unit, "skola");
    assert_string_equal(c->facts->purpose, "Nå unga");
    assert_string_equal(c->facts->goals, "M1");
    assert_string_equal(c->facts->plan, "P1");
    uppsikt__change_account__free_unpacked(c, NULL);
}

/* What was there before lacks facts: they can be given, by any person of the register (R04). */
static void R04_an_account_that_was_taken_over_is_completed(void **state)
{
    (void)state;
    open_account(STATE(OPEN), NULL, NULL);
    world.without_facts = true;
    world.access = 2;
    assert_int_equal(get("/konto/acc", ""), 200);
    assert_true(on_it("Komplettera uppgifter") && on_it("action=\"/konto/acc/uppgifter\""));
    assert_true(on_it("<option value=\"cilla\""));
    open_account(STATE(OPEN), NULL, NULL);
    world.access = 2;
    assert_int_equal(get("/konto/acc", ""), 200);
    assert_false(on_it("Komplettera uppgifter"));
}

/* -- what is refused -- */
static int refuses(const sent *s, const ProtobufCMessage *command, ProtobufCMessage **ret_outcome)
{
    (void)s, (void)command, (void)ret_outcome;
    return 1;
}

static void R04_what_the_register_refuses_stands_beside_its_field(void **state)
{
    static const struct {
        Uppsikt__AccountChanged__State state;
        const char *path, *fields, *why, *field;
    } rows[] = {
        { STATE(PROPOSED), "/konto/acc/samrad", "consulted=2025-11-20", "consultation-missing",
          "consulted_by" },
        { STATE(PROPOSED), "/konto/acc/samrad", "consulted_by=frida", "consultation-missing",
          "consulted" },
        { STATE(PROPOSED), "/konto/acc/samrad", "consulted_by=frida&consulted=2035-11-20",
          "time-in-the-future", "consulted" },
        { STATE(CONSULTED), "/konto/acc/beslut", "decided_by=eva&decided=2025-11-20",
          "decision-missing", "decision" },
        { STATE(CONSULTED), "/konto/acc/beslut", "decided_by=eva&decision=x&decided=2035-11-20",
          "time-in-the-future", "decided" },
        { STATE(CONSULTED), "/konto/acc/beslut", "decided_by=man&decision=x",
          "decision-not-by-sector-head", "decided_by" },
        { STATE(OPEN), "/nytt-konto", "name=x&goals=y", "purpose-missing", "purpose" },
        { STATE(OPEN), "/nytt-konto", "name=x&url=hej", "url-malformed", "url" },
    };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        char wrong[300];
        open_account(rows[i].state, NULL, NULL);
        bus.outcome = refuses;
        bus.why = rows[i].why;
        assert_int_equal(post(rows[i].path, rows[i].fields), 422);
        snprintf(wrong, sizeof wrong, "<p class=\"wrong\" id=\"e-%s\">%s</p>", rows[i].field,
                 phrase(house.phrases, rows[i].why));
        if (!on_it(wrong))
            fail_msg("%zu: not beside its field: %s", i, wrong);
    }
    open_account(STATE(ARCHIVED), NULL, NULL); /* one that is about no field stands above */
    bus.outcome = refuses;
    bus.why = "second-person-needed";
    assert_int_equal(post("/konto/acc/avsluta", ""), 422);
    assert_string_equal(got.complaint, "second-person-needed");
    assert_true(on_it(phrase(house.phrases, "second-person-needed")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R04_the_page_has_the_next_step_and_no_other),
        cmocka_unit_test(R07_what_is_missing_is_said_and_what_is_known_is_shown),
        cmocka_unit_test(R03_who_may_take_the_step_is_named),
        cmocka_unit_test(R03_only_who_may_decide_is_offered),
        cmocka_unit_test(R05_two_have_access_before_it_is_opened),
        cmocka_unit_test(R04_each_step_is_sent_with_its_facts_alone),
        cmocka_unit_test(R07_a_proposal_says_why_and_from_which_goals),
        cmocka_unit_test(R04_an_account_that_was_taken_over_is_completed),
        cmocka_unit_test(R04_what_the_register_refuses_stands_beside_its_field),
    };
    return cmocka_run_group_tests(tests, open_house, close_house);
}
