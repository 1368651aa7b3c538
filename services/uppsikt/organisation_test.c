/* organisation_test.c - an organisation file becomes commands in an order that the register takes;
 * every complaint names its place. The sample that is shipped is good. */
#include "organisation.h"
#include "uppsikt/registry.pb-c.h"
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char said[4096];

static void note(const char *line)
{
    const size_t n = strlen(said);
    snprintf(said + n, sizeof said - n, "%s\n", line);
}

static upp_ms now(void *ctx)
{
    (void)ctx;
    return 1795470422280;
}

static zone *tz;

static bool read_text(const char *text, organisation *ret)
{
    char path[] = "/tmp/upp-organisation-XXXXXX";
    const when_clock clock = { .tz = tz, .now = now };
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    said[0] = '\0';
    const bool good = organisation_read(path, &clock, note, ret);
    unlink(path);
    return good;
}

static const char small[] = "authorities:\n"
                            "  - { id: ks, name: Kommunstyrelsen }\n"
                            "units:\n"
                            "  - { id: kom, authority: ks, name: Kommunikation, manager: maria }\n"
                            "persons:\n"
                            "  - { id: maria, unit: kom, roles: [manager], first_name: Maria }\n"
                            "  - { id: kim, unit: kom, roles: [operations], first_name: Kim,"
                            " leaves: +5d }\n"
                            "accounts:\n"
                            "  - { id: fb, platform: facebook, unit: kom, name: Sjö,"
                            " watch: manual, access: [maria, kim] }\n"
                            "  - { id: ny, platform: x, unit: kom, name: Ny, state: proposed }\n"
                            "absences:\n"
                            "  - { id: bort, person: maria, from: -1d, to: +1d,"
                            " substitutes: [kim] }\n";

/* A unit's manager must be registered before she leads it, and somebody must be of operations
 * before anything is done in her name. */
static void rows_become_commands_in_order(void **state)
{
    static const char *const order[] = { "authority", "unit",    "person",  "person",
                                         "unit",      "account", "account", "access",
                                         "access",    "absence", "leaver" };
    organisation o = { 0 };
    (void)state;
    assert_true(read_text(small, &o));
    assert_int_equal(o.n, UPP_LEN(order));
    for (size_t i = 0; i < o.n; i++)
        assert_string_equal(o.steps[i].what, order[i]);
    const Uppsikt__RegisterUnit *early = (const void *)o.steps[1].command;
    const Uppsikt__RegisterUnit *late = (const void *)o.steps[4].command;
    assert_string_equal(early->manager, "");
    assert_string_equal(late->manager, "maria");
    const Uppsikt__RegisterPerson *first = (const void *)o.steps[2].command;
    assert_string_equal(first->person, "kim");
    assert_string_equal(o.operations, "kim");
    assert_int_equal(o.founded, 2);
    assert_int_equal(o.steps[0].line, 2);
    organisation_done(&o);
}

static void what_a_row_means_is_in_its_command(void **state)
{
    organisation o = { 0 };
    (void)state;
    assert_true(read_text(small, &o));
    const Uppsikt__ChangeAccount *taken = (const void *)o.steps[5].command;
    const Uppsikt__ChangeAccount *fresh = (const void *)o.steps[6].command;
    assert_true(taken->taken_over); /* without a state it existed before */
    assert_string_equal(taken->facts->name, "Sjö");
    assert_int_equal(taken->watch, UPPSIKT__ACCOUNT_CHANGED__WATCH__WATCH_MANUAL);
    assert_false(fresh->taken_over);
    assert_int_equal(fresh->state, UPPSIKT__ACCOUNT_CHANGED__STATE__STATE_PROPOSED);
    const Uppsikt__GrantAccess *second = (const void *)o.steps[8].command;
    assert_string_equal(second->account, "fb");
    assert_string_equal(second->person, "kim");
    assert_int_equal(second->rank, 2);
    const Uppsikt__SetAbsence *away = (const void *)o.steps[9].command;
    assert_int_equal(away->when->from_ms, now(NULL) - UPP_DAY);
    assert_int_equal(away->when->n_substitutes, 1);
    const Uppsikt__PersonLeaves *leaves = (const void *)o.steps[10].command;
    assert_string_equal(leaves->person, "kim");
    assert_int_equal(leaves->at_ms, now(NULL) + 5 * UPP_DAY);
    organisation_done(&o);
}

static void every_complaint_names_its_place(void **state)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        { "units:\n  - { id: a, colour: red }\n", ":2:14: colour: no such field" },
        { "units:\n  - { name: a }\n", ":2:5: id: is missing" },
        { "units: yes\n", ":1:8: units: a list of rows" },
        { "units:\n  - kom\n", ":2:5: units: a row of fields" },
        { "people:\n  - { id: a }\n", ":1:1: people: not known" },
        { "accounts:\n  - { id: a, watch: never }\n", ":2:21: watch: is none of: api manual" },
        { "absences:\n  - { id: a, from: soon }\n", ":2:20: from: is no time" },
        { "persons:\n  - { id: a }\n  - { id: a }\n", ":3:5: a: is there twice" },
        { "accounts:\n  - { id: a, access: anna }\n", ":2:22: access: a list" },
        { "units:\n  - { id: a, name: { x: 1 } }\n", ":2:20: name: a text" },
        { "- just\n- a list\n", ":1:1: an organisation is lists" },
        { "units: [\n", "line" },
        { "", "an organisation is lists" },
    };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        organisation o = { 0 };
        if (read_text(rows[i].text, &o))
            fail_msg("was read: %s", rows[i].text);
        assert_int_equal(o.n, 0);
        if (!strstr(said, rows[i].says) && strcmp(rows[i].says, "line") != 0)
            fail_msg("%s said: %s", rows[i].text, said);
        assert_true(said[0] != '\0');
    }
}

static void all_complaints_come_at_once(void **state)
{
    organisation o = { 0 };
    (void)state;
    assert_false(read_text("units:\n  - { id: a, b: c }\npersons:\n  - { id: d, e: f }\n", &o));
    assert_non_null(strstr(said, ":2:"));
    assert_non_null(strstr(said, ":4:"));
}

/* R01, R05, R06: what the sample promises to show. */
static void the_sample_that_is_shipped_is_good(void **state)
{
    organisation o = { 0 };
    const when_clock clock = { .tz = tz, .now = now };
    size_t accounts = 0;
    size_t leavers = 0;
    (void)state;
    said[0] = '\0';
    if (!organisation_read(UPP_ROOT "/deploy/sample/sjoberga.yaml", &clock, note, &o))
        fail_msg("%s", said);
    for (size_t i = 0; i < o.n; i++) {
        accounts += strcmp(o.steps[i].what, "account") == 0;
        leavers += strcmp(o.steps[i].what, "leaver") == 0;
    }
    assert_int_equal(accounts, 12);
    assert_int_equal(leavers, 1);
    assert_true(o.operations[0] != '\0');
    organisation_done(&o);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_become_commands_in_order),
        cmocka_unit_test(what_a_row_means_is_in_its_command),
        cmocka_unit_test(every_complaint_names_its_place),
        cmocka_unit_test(all_complaints_come_at_once),
        cmocka_unit_test(the_sample_that_is_shipped_is_good),
    };
    return cmocka_run_group_tests(tests, open_zone, close_zone);
}
