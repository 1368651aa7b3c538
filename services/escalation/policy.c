/* policy.c - the defaults of sla.md section 4, and the table of policy's numbers. */
#include "policy.h"
#include "policy_field.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const policy defaults = {
    .version = 1,
    .tz = "Europe/Stockholm",
    .working_day_office_span = 510 * UPP_MINUTE,
    .clocks = { .triage_office_span = 240 * UPP_MINUTE,
                .late_discovery_span = 15 * UPP_MINUTE,
                .moderation_span = 86400 * UPP_SECOND,
                .moderation_attended_office_span = 240 * UPP_MINUTE,
                .acute_span = 60 * UPP_MINUTE,
                .diary_office_span = 1020 * UPP_MINUTE,
                .first_response_office_span = 480 * UPP_MINUTE,
                .answer_office_span = 2550 * UPP_MINUTE,
                .awaiting_citizen_days = 10,
                .outside_removal_days = 1,
                .repeated_comment_span = 24 * UPP_HOUR,
                .snooze_margin_office_span = 60 * UPP_MINUTE,
                .accept_office_span = 510 * UPP_MINUTE,
                .accept_percent = 50,
                .handovers = 3 },
    .ladder = { .question_percent = { 50, 75, 100, 200 },
                .moderation_percent = { 50, 75 },
                .few_office_span = 60 * UPP_MINUTE,
                .few_step_office_span = { 60 * UPP_MINUTE, 120 * UPP_MINUTE },
                .moderation_last_office_span = 510 * UPP_MINUTE,
                .acute_step_span = { 20 * UPP_MINUTE, 60 * UPP_MINUTE, 2 * UPP_HOUR },
                .acute_last_office_span = 4 * UPP_HOUR,
                .acute_repeat_office_span = 4 * UPP_HOUR,
                .repeat_minute = 8 * 60,
                .repeat_times = 5,
                .step_adds = { POLICY_ADMINISTRATORS, POLICY_ADMINISTRATORS, POLICY_MANAGER,
                               POLICY_COMMUNICATIONS, POLICY_SECTOR_HEAD },
                .ack_hold_office_span = 120 * UPP_MINUTE,
                .ack_margin_office_span = 60 * UPP_MINUTE },
    .delivery = { .digest_minute = { 8 * 60, 13 * 60 },
                  .n_digests = 2,
                  .collect_span = 15 * UPP_MINUTE,
                  .mails_a_day = 10 },
    .people = { .substitution_depth = 8,
                .chain_length = 6,
                .forecast_minute = 7 * 60,
                .forecast_days = 14,
                .access_least = 2,
                .access_days = 1,
                .review_days = 2,
                .second_person_days = 5,
                .appeal_days = 10,
                .house_rule_sample = 10 },
    .spike = { .least = 20, .times = 5 },
    .archive = { .window = { 3150515, 9151115 }, .n_windows = 2 },
    .jumps = { .back_span = 60 * UPP_SECOND,
               .forward_span = 300 * UPP_SECOND,
               .hold_span = 5 * UPP_MINUTE },
    .duty = "duty",
    .calendars = { { .name = "duty",
                     .version = 1,
                     .week = { { 1, { { 480, 990 } } },
                               { 1, { { 480, 990 } } },
                               { 1, { { 480, 990 } } },
                               { 1, { { 480, 990 } } },
                               { 1, { { 480, 990 } } } },
                     .holidays = { .sweden = true, .free_eves = HOLIDAY_FREE_BY_RULE } } },
    .n_calendars = 1,
};

#define AT(member) offsetof(policy, member)

/* kind, offset, n, n_offset, min, max, rising */
#define FIELD(kind, member, min, max)           POLICY_##kind, AT(member), 1, 0, min, max, false
#define LIST(kind, member, n, min, max, rising) POLICY_##kind, AT(member), n, 0, min, max, rising

/* A span of duty longer than this could not be found within the search limit of T6. */
#define SPAN_MAX (366 * UPP_DAY)

// clang-format off
const policy_field policy_fields[] = {
    { NULL, "version", FIELD(COUNT, version, 1, INT32_MAX) },
    { NULL, "working_day_office", FIELD(SPAN, working_day_office_span, UPP_MINUTE, UPP_DAY) },

    { "clocks", "triage_office", FIELD(SPAN, clocks.triage_office_span, 1, SPAN_MAX) },
    { "clocks", "late_discovery", FIELD(SPAN, clocks.late_discovery_span, 0, SPAN_MAX) },
    { "clocks", "moderation", FIELD(SPAN, clocks.moderation_span, 1, SPAN_MAX) },
    { "clocks", "moderation_attended_office",
      FIELD(SPAN, clocks.moderation_attended_office_span, 0, SPAN_MAX) },
    { "clocks", "acute", FIELD(SPAN, clocks.acute_span, 1, SPAN_MAX) },
    { "clocks", "diary_office", FIELD(SPAN, clocks.diary_office_span, 1, SPAN_MAX) },
    { "clocks", "first_response_office",
      FIELD(SPAN, clocks.first_response_office_span, 1, SPAN_MAX) },
    { "clocks", "answer_office", FIELD(SPAN, clocks.answer_office_span, 1, SPAN_MAX) },
    { "clocks", "awaiting_citizen_days", FIELD(COUNT, clocks.awaiting_citizen_days, 1, 366) },
    { "clocks", "outside_removal_days", FIELD(COUNT, clocks.outside_removal_days, 1, 366) },
    { "clocks", "repeated_comment", FIELD(SPAN, clocks.repeated_comment_span, 0, SPAN_MAX) },
    { "clocks", "snooze_margin_office",
      FIELD(SPAN, clocks.snooze_margin_office_span, 0, SPAN_MAX) },
    { "clocks", "accept_office", FIELD(SPAN, clocks.accept_office_span, 1, SPAN_MAX) },
    { "clocks", "accept_percent", FIELD(PERCENT, clocks.accept_percent, 1, 100) },
    { "clocks", "handovers", FIELD(COUNT, clocks.handovers, 0, 100) },

    { "ladder", "question_percent",
      LIST(PERCENT, ladder.question_percent, 4, 1, 1000, true) },
    { "ladder", "moderation_percent",
      LIST(PERCENT, ladder.moderation_percent, 2, 1, 99, true) },
    { "ladder", "few_office", FIELD(SPAN, ladder.few_office_span, 1, SPAN_MAX) },
    { "ladder", "few_steps_office",
      LIST(SPAN, ladder.few_step_office_span, 2, 1, SPAN_MAX, true) },
    { "ladder", "moderation_last_office",
      FIELD(SPAN, ladder.moderation_last_office_span, 1, SPAN_MAX) },
    { "ladder", "acute_steps",
      LIST(SPAN, ladder.acute_step_span, 3, 1, SPAN_MAX, true) },
    { "ladder", "acute_last_office", FIELD(SPAN, ladder.acute_last_office_span, 1, SPAN_MAX) },
    { "ladder", "acute_repeat_office",
      FIELD(SPAN, ladder.acute_repeat_office_span, UPP_MINUTE, SPAN_MAX) },
    { "ladder", "repeat_at", FIELD(MINUTE, ladder.repeat_minute, 0, 1439) },
    { "ladder", "repeat_times", FIELD(COUNT, ladder.repeat_times, 1, 366) },
    { "ladder", "step_adds",
      LIST(RUNG, ladder.step_adds, 5, 0, POLICY_RUNGS - 1, false) },
    { "ladder", "ack_hold_office", FIELD(SPAN, ladder.ack_hold_office_span, 0, SPAN_MAX) },
    { "ladder", "ack_margin_office", FIELD(SPAN, ladder.ack_margin_office_span, 0, SPAN_MAX) },

    { "delivery", "digests", POLICY_MINUTE, AT(delivery.digest_minute), POLICY_DIGESTS_MAX,
      AT(delivery.n_digests), 0, 1439, true },
    { "delivery", "collect", FIELD(SPAN, delivery.collect_span, 0, UPP_DAY) },
    { "delivery", "mails_a_day", FIELD(COUNT, delivery.mails_a_day, 1, 1000) },

    { "people", "substitution_depth", FIELD(COUNT, people.substitution_depth, 1, 64) },
    { "people", "chain_length", FIELD(COUNT, people.chain_length, 1, 64) },
    { "people", "forecast_at", FIELD(MINUTE, people.forecast_minute, 0, 1439) },
    { "people", "forecast_days", FIELD(COUNT, people.forecast_days, 1, 366) },
    { "people", "access_least", FIELD(COUNT, people.access_least, 1, 100) },
    { "people", "access_days", FIELD(COUNT, people.access_days, 1, 366) },
    { "people", "review_days", FIELD(COUNT, people.review_days, 1, 366) },
    { "people", "second_person_days", FIELD(COUNT, people.second_person_days, 1, 366) },
    { "people", "appeal_days", FIELD(COUNT, people.appeal_days, 1, 366) },
    { "people", "house_rule_sample", FIELD(COUNT, people.house_rule_sample, 0, 10000) },

    { "spike", "least", FIELD(COUNT, spike.least, 2, 1000000) },
    { "spike", "times", FIELD(COUNT, spike.times, 2, 1000) },

    { "archive", "windows", POLICY_WINDOW, AT(archive.window), POLICY_WINDOWS_MAX,
      AT(archive.n_windows), 1010101, 12311231, true },

    { "jumps", "back", FIELD(SPAN, jumps.back_span, UPP_SECOND, UPP_DAY) },
    { "jumps", "forward", FIELD(SPAN, jumps.forward_span, UPP_SECOND, UPP_DAY) },
    { "jumps", "hold", FIELD(SPAN, jumps.hold_span, 0, UPP_DAY) },
};
// clang-format on
const size_t policy_n_fields = UPP_LEN(policy_fields);

const char *policy_rung_name(enum policy_rung rung)
{
    static const char *const names[POLICY_RUNGS] = {
        [POLICY_ADMINISTRATORS] = "administrators", [POLICY_MANAGER] = "manager",
        [POLICY_SECTOR_HEAD] = "sector_head",       [POLICY_COMMUNICATIONS] = "communications",
        [POLICY_OPERATIONS] = "operations",
    };
    upp_check(rung < POLICY_RUNGS);
    return names[rung];
}

void policy_init(policy *ret_pol)
{
    *ret_pol = defaults;
}

void policy_done(policy *pol)
{
    for (size_t i = 0; i < pol->n_calendars; i++) {
        union { /* allocated here, lent as const to everybody else */
            const calendar_override *lent;
            calendar_override *own;
        } u = { pol->calendars[i].overrides };
        free(u.own);
    }
    *pol = (policy){ 0 };
}

void policy_use_zone(policy *pol, const zone *tz)
{
    for (size_t i = 0; i < pol->n_calendars; i++)
        pol->calendars[i].zone = tz;
}

const calendar *policy_calendar(const policy *pol, const char *name)
{
    for (size_t i = 0; i < pol->n_calendars; i++)
        if (strcmp(pol->calendars[i].name, name) == 0)
            return &pol->calendars[i];
    return NULL;
}

upp_ms policy_working_days(const policy *pol, int64_t days)
{
    return days * pol->working_day_office_span;
}
