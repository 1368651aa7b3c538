/* channel_test.c - communications are told when a channel opens and when one closes (R04). */
#include "desk_fixture.h"
#include "uppsikt/registry.pb-c.h"

static void becomes(desk *d, const char *account, Uppsikt__AccountChanged__State state)
{
    Uppsikt__AccountChanged a = UPPSIKT__ACCOUNT_CHANGED__INIT;
    Uppsikt__AccountChangedContent facts = UPPSIKT__ACCOUNT_CHANGED_CONTENT__INIT;
    a.account = upp_lend(account);
    a.platform = upp_lend("facebook");
    a.unit = upp_lend("skola");
    a.authority = upp_lend("ks");
    a.state = state;
    facts.name = upp_lend("Biblioteket");
    sim_say(d->s, "registry", account, &a.base, &facts.base);
    desk_run(d, UPP_SECOND);
}

static void r04_what_opens_and_closes_is_told(void **state)
{
    desk *d = *state;
    Uppsikt__CloseErrand c = UPPSIKT__CLOSE_ERRAND__INIT;
    desk_until(d, "2026-11-23T09:00:00+01:00");
    becomes(d, "old", UPPSIKT__ACCOUNT_CHANGED__STATE__STATE_OPEN); /* taken over */
    assert_int_equal(desk_matter(d, "old.i1", "state"), -1);
    becomes(d, "new", UPPSIKT__ACCOUNT_CHANGED__STATE__STATE_PROPOSED);
    becomes(d, "new", UPPSIKT__ACCOUNT_CHANGED__STATE__STATE_DECIDED);
    assert_int_equal(desk_matter(d, "new.i1", "state"), -1);
    becomes(d, "new", UPPSIKT__ACCOUNT_CHANGED__STATE__STATE_OPEN);
    becomes(d, "new", UPPSIKT__ACCOUNT_CHANGED__STATE__STATE_OPEN); /* another fact of it */
    assert_int_equal(desk_matter(d, "new.i1", "state"), MATTER_OPEN);
    desk_until(d, "2026-11-23T13:30:00+01:00");
    assert_true(desk_mail_says(d, "komm@x.se", "Ett konto har öppnats", 0));
    c.matter = upp_lend("new.i1");
    assert_string_equal(desk_do(d, "dora", &c.base), "not-your-account");
    becomes(d, "old", UPPSIKT__ACCOUNT_CHANGED__STATE__STATE_CLOSING);
    assert_int_equal(desk_matter(d, "old.i1", "state"), MATTER_OPEN);
    becomes(d, "old", UPPSIKT__ACCOUNT_CHANGED__STATE__STATE_ARCHIVED);
    assert_int_equal(desk_matter(d, "old.i2", "state"), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(
        r04_what_opens_and_closes_is_told, desk_set_up, desk_tear_down) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
