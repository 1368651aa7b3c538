/* errand.c - the errands: whose each is, and how long it may take. */
#include "errand.h"

// clang-format off
static const errand_rule table[ERRANDS] = {
    [ERRAND_NONE]     = { "",                  '?', ERRAND_NO_CLOCK,     POLICY_ADMINISTRATORS, false, false, true,  false, false },
    [ERRAND_OUTSIDE]  = { "removed-outside",   'o', ERRAND_OUTSIDE_DAYS, POLICY_ADMINISTRATORS, false, false, true,  false, true  },
    [ERRAND_FINDING]  = { "finding",           'f', ERRAND_GIVEN,        POLICY_MANAGER,        false, false, false, false, true  },
    [ERRAND_REVIEW]   = { "review",            'r', ERRAND_REVIEW_DAYS,  POLICY_MANAGER,        false, false, true,  false, true  },
    [ERRAND_SAMPLE]   = { "sample",            'p', ERRAND_REVIEW_DAYS,  POLICY_MANAGER,        false, false, false, true , true  },
    [ERRAND_APPROVAL] = { "approval-expired",  'x', ERRAND_REVIEW_DAYS,  POLICY_MANAGER,        false, false, true,  true , true  },
    [ERRAND_RECORDS]  = { "records-request",   'h', ERRAND_DIARY_TIME,   POLICY_ADMINISTRATORS, true,  true,  true,  true , true  },
    [ERRAND_DIARY]    = { "diary",             'n', ERRAND_DIARY_TIME,   POLICY_ADMINISTRATORS, true,  true,  true,  false, false },
    [ERRAND_CAPTURE]  = { "capture",           'c', ERRAND_GIVEN,        POLICY_ADMINISTRATORS, false, false, false, false, true  },
    [ERRAND_BLIND]    = { "blind",             'b', ERRAND_TRIAGE,       POLICY_ADMINISTRATORS, false, true,  false, false, false },
    [ERRAND_EVIDENCE] = { "evidence-failed",   'e', ERRAND_TRIAGE,       POLICY_ADMINISTRATORS, false, true,  true,  false, false },
    [ERRAND_STAFF]    = { "nobody-present",    'v', ERRAND_GIVEN,        POLICY_MANAGER,        false, true,  false, false, false },
    [ERRAND_FEW]      = { "one-present",       'w', ERRAND_NO_CLOCK,     POLICY_MANAGER,        false, false, false, false, false },
    [ERRAND_ACCESS]   = { "access-few",        'a', ERRAND_ACCESS_DAYS,  POLICY_MANAGER,        false, true,  false, false, false },
    [ERRAND_SIGN]     = { "unsigned",          'u', ERRAND_OUTSIDE_DAYS, POLICY_ADMINISTRATORS, false, false, true,  true , true  },
    [ERRAND_DANGER]   = { "danger",            'd', ERRAND_AKUT,         POLICY_ADMINISTRATORS, false, true,  true,  true , true  },
    [ERRAND_MANAGER]  = { "handed-often",      't', ERRAND_OUTSIDE_DAYS, POLICY_MANAGER,        false, true,  true,  false, false },
    [ERRAND_WATCH]    = { "not-watched",       'k', ERRAND_TRIAGE,       POLICY_MANAGER,        false, false, false, true , false },
    [ERRAND_AWAY]     = { "seems-away",        'y', ERRAND_TRIAGE,       POLICY_MANAGER,        false, true,  false, true , false },
    [ERRAND_SPIKE]    = { "spike",             'z', ERRAND_TRIAGE,       POLICY_COMMUNICATIONS, false, true,  false, true , true  },
    [ERRAND_HOLD]     = { "hold-review",       'g', ERRAND_REVIEW_DAYS,  POLICY_MANAGER,        true,  false, false, true , false },
    [ERRAND_SHOW]     = { "show-by-hand",      'j', ERRAND_OUTSIDE_DAYS, POLICY_ADMINISTRATORS, false, true,  true,  false, false },
    [ERRAND_CHANNEL]  = { "channel",           'i', ERRAND_REVIEW_DAYS,  POLICY_COMMUNICATIONS, false, false, false, true , false },
    [ERRAND_APPEAL]   = { "appeal",            'A', ERRAND_APPEAL_DAYS,  POLICY_MANAGER,        false, true,  true,  false, false },
};
// clang-format on

const errand_rule *errand_rule_of(enum errand errand)
{
    upp_check(errand < ERRANDS);
    return &table[errand];
}

bool errand_clock(const policy *pol, enum errand errand, upp_ms start, upp_ms given,
                  clock_input *ret_in)
{
    clock_input in = { .kind = CLOCK_OFFICE, .start = start };
    switch (errand_rule_of(errand)->time) {
    case ERRAND_NO_CLOCK:
        return false;
    case ERRAND_GIVEN:
        in.kind = CLOCK_DATE;
        in.target_span = given > start ? given - start : 1;
        break;
    case ERRAND_OUTSIDE_DAYS:
        in.target_span = policy_working_days(pol, pol->clocks.outside_removal_days);
        break;
    case ERRAND_REVIEW_DAYS:
        in.target_span = policy_working_days(pol, pol->people.review_days);
        break;
    case ERRAND_APPEAL_DAYS:
        in.target_span = policy_working_days(pol, pol->people.appeal_days);
        break;
    case ERRAND_ACCESS_DAYS:
        in.target_span = policy_working_days(pol, pol->people.access_days);
        break;
    case ERRAND_TRIAGE:
        in.target_span = pol->clocks.triage_office_span;
        break;
    case ERRAND_DIARY_TIME:
        in.kind = CLOCK_DIARY;
        break;
    case ERRAND_AKUT:
        in.kind = CLOCK_ACUTE;
        break;
    }
    *ret_in = in;
    return true;
}
