/* handed_test.c - what a leaver hands over, and who has access still, as a browser gets and sends
 * them: no script is needed (R05, R06, R30). */
#include "acts_fixture.h"

static size_t times(const char *words)
{
    size_t n = 0;
    for (const char *at = got.page; (at = strstr(at, words)); at++)
        n++;
    return n;
}

/* The command that the last form became. */
static Uppsikt__TickLeaverRow *ticked(void)
{
    assert_int_equal(bus.n, 1);
    is_hers(&bus.commands[0], &(act){ .service = "registry", .type = "TickLeaverRow" });
    Uppsikt__TickLeaverRow *c =
        uppsikt__tick_leaver_row__unpack(NULL, bus.commands[0].len, bus.commands[0].bytes);
    assert_non_null(c);
    assert_string_equal(c->person, "sofia");
    assert_string_equal(c->account, "acc");
    return c;
}

static void R06_the_page_has_each_row_with_who_and_when(void **state)
{
    (void)state;
    bus = (struct bus){ .lacks = "leaver-rows-open" };
    assert_int_equal(get("/overlamning", ""), 200);
    assert_true(on_it("Sofia &lt;Ek&gt;") && on_it("href=\"/overlamning/sofia\""));
    assert_true(on_it("3 rader kvar"));
    assert_int_equal(get("/overlamning/sofia", ""), 200);
    assert_int_equal(times("<li><h3>"), 5);
    assert_true(on_it("Cia Ny, utsedd") && on_it("av Berit Ek"));
    assert_true(on_it("sidan har &lt;inga&gt; roller"));
    assert_true(on_it("valvet, hylla 4"));
    assert_true(on_it(">Skolan, Facebook</h2>")); /* an account may be called as another one is */
    assert_int_equal(times("name=\"undo\""), 2);
    assert_int_equal(times("name=\"done\""), 3);
    assert_true(on_it("action=\"/overlamning/sofia/acc~4\""));
    assert_true(on_it("action=\"/overlamning/sofia/acc~ta\"") && /* access in the register */
                on_it("action=\"/overlamning/sofia/acc~ge\""));
    assert_true(on_it("Alla rader är inte avbockade än.") && !on_it("sofia/bekrafta"));
    bus.looks_on = true;
    assert_int_equal(get("/overlamning/sofia", ""), 200);
    assert_int_equal(times("action=\"/overlamning/sofia/acc~"), 0);
    assert_int_equal(times("Inte gjort"), 3);
    bus = (struct bus){ .lacks = NULL };
    assert_int_equal(get("/overlamning", ""), 200);
    assert_true(on_it("lämnar över något just nu"));
    assert_int_equal(get("/overlamning/sofia", ""), 404);
    assert_int_equal(get("/overlamning/sofia/acc~4", ""), 303); /* a reload of a form's address */
    bus.down = "registry";
    assert_int_equal(get("/overlamning", ""), 503);
    assert_int_equal(get("/overlamning/sofia", ""), 503);
}

static void R06_a_row_is_ticked_without_script(void **state)
{
    (void)state;
    bus = (struct bus){ .lacks = "leaver-rows-open" };
    assert_int_equal(post("/overlamning/sofia/acc~4", "done=1&note=valvet,+hylla+5"), 303);
    Uppsikt__TickLeaverRow *c = ticked();
    assert_int_equal(c->step, UPPSIKT__LEAVER_STEP__LEAVER_STEP_ROTATED);
    assert_int_equal(c->tick, UPPSIKT__LEAVER_TICK__LEAVER_TICK_DONE);
    assert_string_equal(c->note, "valvet, hylla 5");
    uppsikt__tick_leaver_row__free_unpacked(c, NULL);
    uint8_t done_id[16];
    memcpy(done_id, bus.commands[0].id, sizeof done_id);
    assert_int_equal(post("/overlamning/sofia/acc~4", "not-needed=1&note=ingen"), 303);
    c = ticked();
    assert_int_equal(c->tick, UPPSIKT__LEAVER_TICK__LEAVER_TICK_NOT_APPLICABLE);
    uppsikt__tick_leaver_row__free_unpacked(c, NULL);
    assert_memory_not_equal(bus.commands[0].id, done_id, sizeof done_id);
    assert_int_equal(post("/overlamning/sofia/acc~4", "undo=1"), 303);
    c = ticked();
    assert_int_equal(c->tick, UPPSIKT__LEAVER_TICK__LEAVER_TICK_OPEN);
    uppsikt__tick_leaver_row__free_unpacked(c, NULL);
    assert_int_equal(post("/overlamning/sofia/acc~6", "done=1"), 404);
    assert_int_equal(post("/overlamning/sofia/acc", "done=1"), 404);
    assert_int_equal(bus.n, 0);
}

/* R03: who was appointed, by the sector head, and on which day. */
static void R03_R06_who_is_appointed_is_sent_with_the_day(void **state)
{
    (void)state;
    bus = (struct bus){ .lacks = "leaver-rows-open" };
    assert_int_equal(
        post("/overlamning/sofia/acc~1", "done=1&successor=cia&head=chef&day=2025-11-20"), 303);
    Uppsikt__TickLeaverRow *c = ticked();
    assert_string_equal(c->successor, "cia");
    assert_string_equal(c->appointed_by, "chef");
    assert_int_equal(c->appointed_ms, 1763636400000); /* noon in Stockholm */
    uppsikt__tick_leaver_row__free_unpacked(c, NULL);
    assert_int_equal(post("/overlamning/sofia/acc~1", "done=1&successor=cia&head=chef&day="), 303);
    c = ticked();
    assert_int_equal(c->appointed_ms, 0); /* the register's now */
    uppsikt__tick_leaver_row__free_unpacked(c, NULL);
    assert_int_equal(post("/overlamning/sofia/acc~1", "done=1&successor=cia&day=igår"), 422);
    assert_string_equal(got.complaint, "handed.need-day");
    assert_int_equal(bus.n, 0);
}

/* A refusal comes back as the page, with its words and what was typed in that row alone. */
static void R06_a_refusal_keeps_what_was_typed(void **state)
{
    (void)state;
    bus = (struct bus){ .lacks = "", .refused_from = 1, .how = 1 };
    assert_int_equal(post("/overlamning/sofia/acc~5", "done=1&note=ordet"), 422);
    assert_int_equal(times("value=\"ordet\""), 1);
    bus.how = UPP_E_BUSY;
    assert_int_equal(post("/overlamning/sofia/bekrafta", ""), 503);
    assert_true(on_it("00112233445566778899aabbccddeeff")); /* the same id again */
}

static void R06_confirmed_by_the_one_who_may(void **state)
{
    (void)state;
    bus = (struct bus){ .lacks = "" };
    assert_int_equal(get("/overlamning/sofia", ""), 200);
    assert_true(on_it("action=\"/overlamning/sofia/bekrafta\""));
    assert_int_equal(post("/overlamning/sofia/bekrafta", ""), 303);
    is_hers(&bus.commands[0], &(act){ .service = "registry", .type = "ConfirmLeaverList" });
    assert_true(in_it(&bus.commands[0], "sofia"));
    assert_int_equal(post("/overlamning/sofia/acc~ta", ""), 303);
    is_hers(&bus.commands[0], &(act){ .service = "registry", .type = "RevokeAccess" });
    assert_true(in_it(&bus.commands[0], "sofia"));
    assert_int_equal(post("/overlamning/sofia/acc~ge", "person=cia"), 303);
    is_hers(&bus.commands[0], &(act){ .service = "registry", .type = "GrantAccess" });
    assert_true(in_it(&bus.commands[0], "cia"));
    bus = (struct bus){ .lacks = "", .confirmed = true };
    assert_int_equal(get("/overlamning/sofia", ""), 200);
    assert_true(on_it("Bekräftad av Berit Ek") && !on_it("action=\"/overlamning"));
}

/* R05: what is sent are the names that were shown, all of them. */
static void R05_what_was_shown_is_attested(void **state)
{
    (void)state;
    bus = (struct bus){ .looks_on = false };
    assert_int_equal(get("/tillgang", ""), 200);
    assert_true(on_it("Anna Berg") && on_it("Bo &lt;Ek&gt;") && on_it("Intygat av Hans Chef"));
    assert_true(on_it("name=\"p\" value=\"anna\"") && on_it("name=\"p\" value=\"bo\""));
    assert_int_equal(post("/tillgang/acc", "p=anna&p=bo"), 303);
    assert_int_equal(bus.n, 1);
    is_hers(&bus.commands[0], &(act){ .service = "registry", .type = "AttestAccess" });
    Uppsikt__AttestAccess *c =
        uppsikt__attest_access__unpack(NULL, bus.commands[0].len, bus.commands[0].bytes);
    assert_non_null(c);
    assert_string_equal(c->account, "acc");
    assert_int_equal(c->n_persons, 2);
    assert_string_equal(c->persons[0], "anna");
    assert_string_equal(c->persons[1], "bo");
    uppsikt__attest_access__free_unpacked(c, NULL);
    bus = (struct bus){ .refused_from = 1, .how = 1 }; /* somebody has got access since */
    assert_int_equal(post("/tillgang/acc", "p=anna&p=bo"), 422);
    assert_true(on_it("Anna Berg"));
    bus = (struct bus){ .left = 1 }; /* who has left has access: there is nothing to attest */
    assert_int_equal(get("/tillgang", ""), 200);
    assert_true(on_it("Någon som har slutat har kvar tillgång") &&
                !on_it("action=\"/tillgang/acc"));
    bus = (struct bus){ .looks_on = true };
    assert_int_equal(get("/tillgang", ""), 200);
    assert_false(on_it("action=\"/tillgang/acc"));
    bus.down = "registry";
    assert_int_equal(get("/tillgang", ""), 503);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R06_the_page_has_each_row_with_who_and_when),
        cmocka_unit_test(R06_a_row_is_ticked_without_script),
        cmocka_unit_test(R03_R06_who_is_appointed_is_sent_with_the_day),
        cmocka_unit_test(R06_a_refusal_keeps_what_was_typed),
        cmocka_unit_test(R06_confirmed_by_the_one_who_may),
        cmocka_unit_test(R05_what_was_shown_is_attested),
    };
    return cmocka_run_group_tests(tests, open_house, close_house);
}
