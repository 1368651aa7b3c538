/* policy.h - every number of the clocks and ladders as data (sla.md section 4), and its YAML file.
 *
 * Members that end in _office_span are milliseconds of duty, other _span are elapsed milliseconds,
 * _days are working days (each working_day_office_span of duty), _minute is a local time of day. */
#pragma once
#include "calendar.h"

enum {
    POLICY_CALENDARS_MAX = 16,
    POLICY_STEPS = 5, /* 0..4; the repetitions follow */
    POLICY_DIGESTS_MAX = 6,
    POLICY_WINDOWS_MAX = 4,
    POLICY_COMPLAINTS_MAX = 16,
    POLICY_COMPLAINT_SIZE = 200,
    POLICY_ZONE_SIZE = 64
};

/* Who may stand on a ladder (V1, in this order). */
enum policy_rung {
    POLICY_ADMINISTRATORS,
    POLICY_MANAGER,
    POLICY_SECTOR_HEAD,
    POLICY_COMMUNICATIONS,
    POLICY_OPERATIONS,
    POLICY_RUNGS
};

typedef struct policy_clocks {
    upp_ms triage_office_span;
    upp_ms late_discovery_span;
    upp_ms moderation_span;
    upp_ms moderation_attended_office_span;
    upp_ms acute_span;
    upp_ms diary_office_span;
    upp_ms first_response_office_span;
    upp_ms answer_office_span;
    int64_t awaiting_citizen_days;
    int64_t outside_removal_days;
    upp_ms repeated_comment_span;
    upp_ms snooze_margin_office_span;
    upp_ms accept_office_span;
    int64_t accept_percent; /* of the time that is left */
    int64_t handovers;
} policy_clocks;

typedef struct policy_ladder {
    int64_t question_percent[POLICY_STEPS - 1]; /* steps 1..4 */
    int64_t moderation_percent[2];              /* steps 1 and 2 */
    upp_ms few_office_span;                     /* less than this until due: the next two count */
    upp_ms few_step_office_span[2];             /* steps 1 and 2 after first duty */
    upp_ms moderation_last_office_span;         /* step 4 after attended_due */
    upp_ms acute_step_span[3];                  /* steps 1..3 */
    upp_ms acute_last_office_span;              /* step 4 */
    upp_ms acute_repeat_office_span;
    int64_t repeat_minute;
    int64_t repeat_times;            /* each working day this often, then weekly */
    int64_t step_adds[POLICY_STEPS]; /* enum policy_rung that each step adds */
    upp_ms ack_hold_office_span;
    upp_ms ack_margin_office_span;
} policy_ladder;

typedef struct policy_delivery {
    int64_t digest_minute[POLICY_DIGESTS_MAX];
    int64_t n_digests;
    upp_ms collect_span;
    int64_t mails_a_day;
} policy_delivery;

typedef struct policy_people {
    int64_t substitution_depth;
    int64_t chain_length;
    int64_t forecast_minute;
    int64_t forecast_days; /* calendar days */
    int64_t access_least;
    int64_t access_days;
    int64_t review_days;
    int64_t second_person_days;
    int64_t appeal_days;
    int64_t house_rule_sample;
} policy_people;

/* What is an unusual number of comments (features.md ing.5). */
typedef struct policy_spike {
    int64_t least; /* comments in an hour; fewer are never */
    int64_t times; /* the account's usual busiest hour of a day */
} policy_spike;

/* When accounts are captured for the archive (R26): the windows of each year, first to last day, as
 * ((month * 100 + day) * 100 + month) * 100 + day. No window crosses the new year. */
typedef struct policy_archive {
    int64_t window[POLICY_WINDOWS_MAX];
    int64_t n_windows;
} policy_archive;

typedef struct policy_jumps {
    upp_ms back_span;
    upp_ms forward_span;
    upp_ms hold_span;
} policy_jumps;

typedef struct policy {
    int64_t version;
    char tz[POLICY_ZONE_SIZE];
    upp_ms working_day_office_span;
    policy_clocks clocks;
    policy_ladder ladder;
    policy_delivery delivery;
    policy_people people;
    policy_spike spike;
    policy_archive archive;
    policy_jumps jumps;
    char duty[CALENDAR_NAME_SIZE]; /* the calendar of an account that names no other */
    char jour[CALENDAR_NAME_SIZE]; /* "" if nobody is on call */
    calendar calendars[POLICY_CALENDARS_MAX];
    size_t n_calendars;
} policy;

/* What is wrong with a policy text, each as "line:column: sentence". */
typedef struct policy_complaints {
    size_t n; /* all; texts are kept of the first POLICY_COMPLAINTS_MAX */
    char text[POLICY_COMPLAINTS_MAX][POLICY_COMPLAINT_SIZE];
} policy_complaints;

/* The defaults of section 4, with the calendar "duty" of T8. No zone yet. */
void policy_init(policy *ret_pol);

/* Releases what policy_parse allocated. */
void policy_done(policy *pol);

/* Reads a YAML text over the defaults: what it does not say keeps its default. UPP_E_INPUT: at
 * least one complaint, all in *ret_complaints; UPP_E_BUSY: memory is out. On success the caller
 * owns *ret_pol and ends it with policy_done. */
int policy_parse(const char *text, size_t len, policy *ret_pol, policy_complaints *ret_complaints)
    UPP_MUST_USE;

/* Lends the zone to every calendar. It is the zone named by `tz`, read by the impure part (T1). */
void policy_use_zone(policy *pol, const zone *tz);

/* NULL: no calendar of that name. */
const calendar *policy_calendar(const policy *pol, const char *name);

/* "n working days" in milliseconds of duty (section 1). */
upp_ms policy_working_days(const policy *pol, int64_t days);
