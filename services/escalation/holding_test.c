/* holding_test.c - what escalation says that it holds of one person (GDPR art. 15; R29). */
#include "desk_fixture.h"
#include "uppsikt/evidence.pb-c.h"
#include "uppsikt/held.pb-c.h"
#include <stdio.h>
#include <string.h>

static const char *held(desk *d, const char *subject)
{
    static char all[300];
    enum { ROWS = 8 };
    ProtobufCMessage *rows[ROWS];
    Uppsikt__Held q = UPPSIKT__HELD__INIT;
    char *subjects[] = { upp_lend(subject) };
    size_t len = 0;
    q.subjects = subjects;
    q.n_subjects = 1;
    const size_t n = desk_ask(d, &q.base, &uppsikt__held_row__descriptor, rows, ROWS);
    all[0] = '\0';
    for (size_t i = 0; i < n; i++) {
        const Uppsikt__HeldRow *row = (const Uppsikt__HeldRow *)rows[i];
        len += (size_t)snprintf(all + len, sizeof all - len, "%s%s %lld", len ? ", " : "",
                                row->kind, (long long)row->count);
        upp_msg_freep(&rows[i]);
    }
    return all;
}

static void R29_escalation_says_what_it_holds_of_a_person(void **state)
{
    desk *d = *state;
    Uppsikt__DisposalApproved gone = UPPSIKT__DISPOSAL_APPROVED__INIT;
    char *subjects[] = { upp_lend("anna") };
    desk_until(d, "2026-11-23T09:00:00+01:00");
    assert_string_equal(held(d, "anna"), "contact 1");
    assert_string_equal(held(d, "nobody"), "");
    desk_away(d, "x1", "anna", "2026-11-24T00:00:00+01:00", "2026-11-25T00:00:00+01:00", "carl");
    assert_string_equal(held(d, "anna"), "contact 1, absence 1");
    gone.disposal = upp_lend("d1");
    gone.subjects = subjects;
    gone.n_subjects = 1;
    gone.part = gone.parts = 1;
    desk_say(d, "evidence", "d1", &gone.base);
    desk_run(d, UPP_MINUTE);
    assert_string_equal(held(d, "anna"), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = { DESK(R29_escalation_says_what_it_holds_of_a_person) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
