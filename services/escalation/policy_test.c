/* policy_test.c - the policy file: the shipped one equals the defaults, and what is refused
 * where. */
#include "clock_fixture.h"
#include "policy_field.h"

static uint8_t *shipped;
static size_t shipped_len;

static int setup(void **state)
{
    (void)state;
    shipped = fixture_read(UPP_ROOT "/services/escalation/policy.yaml", &shipped_len);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    free(shipped);
    return 0;
}

static void values_of(const policy *pol, const policy_field *f, int64_t *ret_values)
{
    memcpy(ret_values, (const char *)pol + f->offset, f->n * sizeof *ret_values);
}

static void expect_equal(const policy *a, const policy *b)
{
    assert_string_equal(a->tz, b->tz);
    assert_string_equal(a->duty, b->duty);
    assert_string_equal(a->jour, b->jour);
    for (size_t i = 0; i < policy_n_fields; i++) {
        int64_t x[8] = { 0 };
        int64_t y[8] = { 0 };
        values_of(a, &policy_fields[i], x);
        values_of(b, &policy_fields[i], y);
        for (size_t j = 0; j < 8; j++)
            if (x[j] != y[j])
                fail_msg("%s differs", policy_fields[i].key);
    }
    assert_int_equal(a->n_calendars, b->n_calendars);
    for (size_t i = 0; i < a->n_calendars; i++) {
        const calendar *x = &a->calendars[i];
        const calendar *y = &b->calendars[i];
        assert_string_equal(x->name, y->name);
        assert_int_equal(x->version, y->version);
        assert_int_equal(x->n_overrides, y->n_overrides);
        assert_int_equal(x->holidays.sweden, y->holidays.sweden);
        assert_int_equal(x->holidays.free_eves, y->holidays.free_eves);
        assert_memory_equal(x->holidays.half_day_ends, y->holidays.half_day_ends,
                            sizeof x->holidays.half_day_ends);
        assert_memory_equal(x->week, y->week, sizeof x->week);
    }
}

/* Section 4: the shipped file says what the program has built in. */
static void test_R16_R20_shipped_file_equals_the_defaults(void **state)
{
    (void)state;
    policy built_in;
    policy read;
    policy_complaints out;
    policy_init(&built_in);
    if (policy_parse((const char *)shipped, shipped_len, &read, &out) < 0)
        fail_msg("policy.yaml:%s", out.text[0]);
    expect_equal(&read, &built_in);
    policy_done(&read);
    policy_done(&built_in);
}

/* And it says every number, so that whoever copies it sees all there is to choose. */
static void test_R16_R20_shipped_file_says_every_number(void **state)
{
    (void)state;
    for (size_t i = 0; i < policy_n_fields; i++) {
        char wanted[64];
        snprintf(wanted, sizeof wanted, "\n%s%s: ", policy_fields[i].section ? "  " : "",
                 policy_fields[i].key);
        if (!strstr((const char *)shipped, wanted))
            fail_msg("policy.yaml does not say %s", policy_fields[i].key);
    }
}

/* The numbers of section 4, written out once more. */
static void test_R16_R20_defaults_of_section_4(void **state)
{
    (void)state;
    policy p;
    policy_init(&p);
    const struct {
        int64_t got, wanted;
    } rows[] = {
        { p.clocks.triage_office_span, 240 * 60000 },
        { p.clocks.late_discovery_span, 15 * 60000 },
        { p.clocks.moderation_span, 86400000 },
        { p.clocks.moderation_attended_office_span, 240 * 60000 },
        { p.clocks.acute_span, 60 * 60000 },
        { p.clocks.diary_office_span, 1020 * 60000 },
        { p.clocks.first_response_office_span, 480 * 60000 },
        { p.clocks.answer_office_span, 2550 * 60000 },
        { p.clocks.awaiting_citizen_days, 10 },
        { p.clocks.outside_removal_days, 1 },
        { p.clocks.repeated_comment_span, 24 * 3600000 },
        { p.clocks.snooze_margin_office_span, 60 * 60000 },
        { p.clocks.accept_office_span, 510 * 60000 },
        { p.clocks.accept_percent, 50 },
        { p.clocks.handovers, 3 },
        { p.people.substitution_depth, 8 },
        { p.people.chain_length, 6 },
        { p.archive.window[0], 3150515 },
        { p.archive.window[1], 9151115 },
        { p.archive.n_windows, 2 },
        { p.people.forecast_minute, 420 },
        { p.people.forecast_days, 14 },
        { p.people.access_days, 1 },
        { p.delivery.digest_minute[0], 480 },
        { p.delivery.digest_minute[1], 780 },
        { p.delivery.n_digests, 2 },
        { p.ladder.question_percent[0], 50 },
        { p.ladder.question_percent[1], 75 },
        { p.ladder.question_percent[2], 100 },
        { p.ladder.question_percent[3], 200 },
        { p.delivery.collect_span, 15 * 60000 },
        { p.ladder.moderation_percent[0], 50 },
        { p.ladder.moderation_percent[1], 75 },
        { p.ladder.moderation_last_office_span, 510 * 60000 },
        { p.ladder.few_office_span, 60 * 60000 },
        { p.ladder.few_step_office_span[0], 60 * 60000 },
        { p.ladder.few_step_office_span[1], 120 * 60000 },
        { p.ladder.acute_step_span[0], 20 * 60000 },
        { p.ladder.acute_step_span[1], 60 * 60000 },
        { p.ladder.acute_step_span[2], 120 * 60000 },
        { p.ladder.acute_last_office_span, 240 * 60000 },
        { p.people.house_rule_sample, 10 },
        { p.ladder.repeat_minute, 480 },
        { p.ladder.repeat_times, 5 },
        { p.ladder.ack_hold_office_span, 120 * 60000 },
        { p.ladder.ack_margin_office_span, 60 * 60000 },
        { p.jumps.back_span, 60000 },
        { p.jumps.forward_span, 300000 },
        { p.jumps.hold_span, 300000 },
        { p.people.review_days, 2 },
        { p.spike.least, 20 },
        { p.spike.times, 5 },
        { p.people.second_person_days, 5 },
        { policy_working_days(&p, 5), 2550 * 60000 },
    };
    for (size_t i = 0; i < UPP_LEN(rows); i++)
        if (rows[i].got != rows[i].wanted)
            fail_msg("row %zu: %lld", i, (long long)rows[i].got);
    policy_done(&p);
}

static policy parse(const char *text)
{
    policy pol;
    policy_complaints out;
    if (policy_parse(text, strlen(text), &pol, &out) < 0)
        fail_msg("%s", out.text[0]);
    return pol;
}

/* T2, T7, X5: overrides, eves, half days, a second calendar; what is not said keeps its default. */
static void test_T2_T7_T8_calendars_are_data(void **state)
{
    (void)state;
    UPP_AUTO(policy_done)
    policy p = parse("version: 7\n"
                     "jour: helg\n"
                     "calendars:\n"
                     "  duty:\n"
                     "    version: 3\n"
                     "    half_days: {skärtorsdagen: \"12:00\"}\n"
                     "    overrides:\n"
                     "      2026-12-01: [\"08:00-11:30\", \"13:00-16:30\"]\n"
                     "      2026-11-30: closed\n"
                     "  helg:\n"
                     "    holidays: none\n"
                     "    week: {sat: [\"09:00-24:00\"], sun: [\"00:00-21:00\"]}\n"
                     "clocks:\n"
                     "  first_response_office: 8h\n");
    assert_int_equal(p.version, 7);
    assert_string_equal(p.jour, "helg");
    const calendar *duty = policy_calendar(&p, "duty");
    assert_int_equal(duty->version, 3);
    assert_int_equal(duty->n_overrides, 2);
    assert_int_equal(duty->overrides[0].day, day_at("2026-11-30"));
    assert_int_equal(duty->overrides[0].open.n, 0);
    assert_int_equal(duty->overrides[1].open.span[1].from, 780);
    assert_int_equal(duty->week[0].span[0].to, 990);
    assert_int_equal(duty->holidays.free_eves, HOLIDAY_FREE_BY_RULE);
    assert_int_equal(duty->holidays.half_day_ends[HOLIDAY_MAUNDY_THURSDAY], 720);
    const calendar *jour = policy_calendar(&p, "helg");
    assert_int_equal(jour->version, 1);
    assert_false(jour->holidays.sweden);
    assert_int_equal(jour->holidays.free_eves, 0);
    assert_int_equal(jour->week[CIVIL_SATURDAY].span[0].to, 1440);
    assert_int_equal(jour->week[0].n, 0);
    assert_int_equal(p.clocks.first_response_office_span, 480 * UPP_MINUTE);
    assert_int_equal(p.clocks.answer_office_span, 2550 * UPP_MINUTE);
    assert_null(policy_calendar(&p, "none"));
}

/* A text, and the one complaint it earns. */
static const char *const refused[][2] = {
    { "", "1:1: the policy is empty" },
    { "[1, 2]", "1:1: policy: keys with values are expected" },
    { "versoin: 1", "1:1: unknown key 'versoin'" },
    { "clocks:\n  triage: 240min", "2:3: unknown key 'triage' in clocks" },
    { "version: 1\nversion: 2", "2:1: 'version' is said twice" },
    { "version: 0", "1:10: version: '0' is out of range" },
    { "version: -1", "1:10: version: a whole number is expected, not '-1'" },
    { "clocks:\n  acute: 60",
      "2:10: acute: a span is expected, such as 30s, 15min or 4h, not '60'" },
    { "clocks:\n  acute: 99999h", "2:10: acute: '99999h' is out of range" },
    { "clocks:\n  acute: 1d",
      "2:10: acute: a span is expected, such as 30s, 15min or 4h, not '1d'" },
    { "clocks: 5", "1:9: clocks: keys with values are expected" },
    { "ladder:\n  question_percent: [50, 75, 100]",
      "2:21: question_percent: a list of 4 values is expected" },
    { "ladder:\n  question_percent: [50, 75, 100, 200, 300]",
      "2:21: question_percent: a list of 4 values is expected" },
    { "ladder:\n  question_percent: [50, 50, 100, 200]",
      "2:26: question_percent: each value must be greater than the one before" },
    { "ladder:\n  question_percent: 50", "2:21: question_percent: a list is expected" },
    { "ladder:\n  step_adds: [a, b, c, d, e]",
      "2:15: step_adds: expected: administrators, manager, sector_head, communications or "
      "operations, not 'a'" },
    { "delivery:\n  digests: []", "2:12: digests: a list of 1 to 6 values is expected" },
    { "delivery:\n  digests: [\"8:00\"]",
      "2:13: digests: a time of day is expected, such as \"08:00\", not '8:00'" },
    { "archive:\n  windows: [\"15 mars\"]",
      "2:13: windows: first and last day of a window are expected, such as \"03-15..05-15\", not "
      "'15 mars'" },
    { "archive:\n  windows: [\"05-15..03-15\"]",
      "2:13: windows: first and last day of a window are expected, such as \"03-15..05-15\", not "
      "'05-15..03-15'" },
    { "archive:\n  windows: [\"03-01..06-01\", \"06-01..09-01\"]",
      "1:1: archive.windows must not overlap" },
    { "tz: ../../etc/passwd", "1:5: tz: '../../etc/passwd' is not the name of a time zone" },
    { "duty: other", "1:1: duty: there is no calendar 'other'" },
    { "jour: other", "1:1: jour: there is no calendar 'other'" },
    { "ladder:\n  few_steps_office: [60min, 240min]",
      "1:1: ladder.few_steps_office must end before clocks.moderation_attended_office" },
    { "calendars:\n  duty:\n    weeks: {}", "3:5: unknown key 'weeks' in calendar 'duty'" },
    { "calendars:\n  duty:\n    week: {}", "2:3: calendar 'duty': the calendar is never open" },
    { "calendars:\n  other: {}", "2:3: calendar 'other': the calendar is never open" },
    { "calendars:\n  duty:\n    week: {mo: [\"08:00-16:30\"]}",
      "3:12: unknown day 'mo': mon, tue, wed, thu, fri, sat or sun" },
    { "calendars:\n  duty:\n    week: {mon: [\"08:00-25:00\"]}",
      "3:18: hours such as \"08:00-16:30\" are expected, not '08:00-25:00'" },
    { "calendars:\n  duty:\n    week: {mon: [\"08:00-12:00\", \"11:00-16:30\"]}",
      "3:33: the hours of a day must lie in order and apart" },
    { "calendars:\n  duty:\n    week: {sun: [\"08:00-12:00\"], mon: [\"08:00-12:00\"]}",
      "2:3: calendar 'duty': Sundays are holidays by law: hours on them need an override or "
      "holidays: none" },
    { "calendars:\n  duty:\n    overrides: {2026-02-30: closed}",
      "3:17: a date such as 2026-05-15 is expected, not '2026-02-30'" },
    { "calendars:\n  duty:\n    overrides: {2026-05-15: shut}",
      "3:29: a list of hours is expected, or: closed" },
    { "calendars:\n  duty:\n    overrides: {2026-05-15: closed, 2026-05-15: closed}",
      "3:37: '2026-05-15' is said twice" },
    { "calendars:\n  duty:\n    holidays: norway",
      "3:15: holidays: expected sweden or none, not 'norway'" },
    { "calendars:\n  duty:\n    free_eves: [juldagen]",
      "3:17: 'juldagen' is not an eve that policy may free or shorten" },
    { "calendars:\n  duty:\n    half_days: {valborg: noon}",
      "3:26: a time of day is expected, such as \"12:00\"" },
    { "version: 1\n---\nversion: 2\n", "2:1: a policy is one document" },
    { "version: [1", "2:1: did not find expected ',' or ']'" },
    { "a: *b", "1:4: found undefined alias" },
};

/* Each is refused at its place; nothing is guessed and nothing is skipped in silence. */
static void test_R16_complaints_say_where(void **state)
{
    (void)state;
    for (size_t i = 0; i < UPP_LEN(refused); i++) {
        policy untouched = { .version = 99 };
        policy_complaints out;
        assert_int_equal(policy_parse(refused[i][0], strlen(refused[i][0]), &untouched, &out),
                         UPP_E_INPUT);
        assert_int_equal(out.n, 1);
        assert_string_equal(out.text[0], refused[i][1]);
        assert_int_equal(untouched.version, 99);
    }
}

/* All complaints at once, and a limit on how many are kept. */
static void test_R16_all_complaints_at_once(void **state)
{
    (void)state;
    policy pol;
    policy_complaints out;
    const char *two = "clocks: {acute: 1d, triage_office: x}\nfoo: bar\n";
    assert_int_equal(policy_parse(two, strlen(two), &pol, &out), UPP_E_INPUT);
    assert_int_equal(out.n, 3);
    char many[1024] = "";
    size_t used = 0;
    for (int i = 0; i < 40; i++)
        used += (size_t)snprintf(many + used, sizeof many - used, "key%d: 1\n", i);
    assert_int_equal(policy_parse(many, used, &pol, &out), UPP_E_INPUT);
    assert_int_equal(out.n, 40);
    assert_string_equal(out.text[15], "16:1: unknown key 'key15'");
}

/* Damage anywhere in the shipped file is read or refused, never more (for the sanitisers). */
static void test_R16_damaged_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < shipped_len; i++) {
        static const uint8_t odd[] = { '\0', '[', '"', '*', 0xff, '\t' };
        const uint8_t kept = shipped[i];
        policy pol;
        policy_complaints out;
        shipped[i] = odd[i % sizeof odd];
        if (policy_parse((const char *)shipped, shipped_len, &pol, &out) == 0)
            policy_done(&pol);
        else
            assert_true(out.n > 0);
        shipped[i] = kept;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_R16_R20_shipped_file_equals_the_defaults),
        cmocka_unit_test(test_R16_R20_shipped_file_says_every_number),
        cmocka_unit_test(test_R16_R20_defaults_of_section_4),
        cmocka_unit_test(test_T2_T7_T8_calendars_are_data),
        cmocka_unit_test(test_R16_complaints_say_where),
        cmocka_unit_test(test_R16_all_complaints_at_once),
        cmocka_unit_test(test_R16_damaged_files),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
