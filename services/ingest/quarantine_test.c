/* quarantine_test.c - what could not be read is an item: said without a word of it, once,
 * and forgotten like any other (R23; platforms.md §14). */
#include "office_fixture.h"
#include <stdio.h>
#include <string.h>

static Uppsikt__ImportLines import_of(ProtobufCBinaryData *lines, size_t n, const char *account)
{
    Uppsikt__ImportLines c = UPPSIKT__IMPORT_LINES__INIT;
    c.import = upp_lend("FILE-1");
    c.first_line = 1;
    c.lines = lines;
    c.n_lines = n;
    c.last = true;
    c.account = upp_lend(account);
    return c;
}

static ProtobufCBinaryData line_of(const char *text)
{
    return (ProtobufCBinaryData){ strlen(text), (uint8_t *)upp_lend(text) };
}

/* Which account it is of: the line's word, else the command's, and only one of the register. */
static void R23_a_bad_line_is_said_without_its_words(void **state)
{
    office *o = *state;
    ProtobufCBinaryData lines[] = {
        line_of("inte JSON, MÄRKE"),
        line_of("{\"account\": \"okänt MÄRKE\", \"external_id\": \"1\", \"kind\": \"comment\"}"),
        line_of("{\"account\": \"acc\", \"kind\": \"visa\", \"text\": \"MÄRKE\"}"),
    };
    Uppsikt__ImportLines c = import_of(lines, UPP_LEN(lines), "acc");
    assert_string_equal(office_do(o, "anna", &c.base), "");
    assert_int_equal(office_said(o, "LineQuarantined"), 3);
    assert_int_equal(office_number(o, "SELECT count(*) FROM quarantine WHERE account = 'acc'"), 2);
    assert_int_equal(office_number(o, "SELECT count(*) FROM quarantine WHERE account = ''"), 1);
    assert_int_equal(office_number(o, "SELECT count(*) FROM upp_log WHERE instr(envelope, 'RKE')"),
                     0);
    assert_int_equal(office_number(o, "SELECT count(*) FROM upp_content WHERE instr(body, 'RKE')"),
                     3);
}

/* The same file again, and the same object at each poll, are known: after disposal, too. */
static void R23_the_same_bytes_are_set_aside_once_and_never_come_back(void **state)
{
    office *o = *state;
    char item[UPP_ID], mark[SIM_MARK], text[80];
    sim_mark(o->s, "rad", mark);
    snprintf(text, sizeof text, "inte JSON: %s", mark);
    ProtobufCBinaryData lines[] = { line_of(text) };
    Uppsikt__ImportLines c = import_of(lines, 1, "acc");
    for (int i = 0; i < 2; i++)
        assert_string_equal(office_do(o, "anna", &c.base), "");
    assert_int_equal(office_said(o, "LineQuarantined"), 1);
    office_item(o, "LineQuarantined", item);
    sim_mark_about(o->s, mark, item);
    sim_forget(o->s, item);
    sim_run(o->s, UPP_MINUTE);
    assert_int_equal(office_number(o, "SELECT count(*) FROM upp_content WHERE instr(body, 'JSON')"),
                     0);
    assert_string_equal(office_do(o, "anna", &c.base), "");
    assert_int_equal(office_said(o, "LineQuarantined"), 1);
    assert_int_equal(office_number(o, "SELECT count(*) FROM upp_content WHERE instr(body, 'JSON')"),
                     0);
    assert_int_equal(office_number(o, "SELECT count(*) FROM quarantine WHERE line_ref = 0"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        OFFICE(R23_a_bad_line_is_said_without_its_words),
        OFFICE(R23_the_same_bytes_are_set_aside_once_and_never_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
