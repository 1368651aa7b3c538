/* ladder.c - which steps a matter's ladder has, and when. */
#include "ladder.h"
#include <stdio.h>

/* The recipients of a step: its own rung "in addition to" those below it. */
static unsigned reached_by(const policy *pol, unsigned number)
{
    unsigned to = 0;
    for (unsigned i = 0; i <= number && i < POLICY_STEPS; i++)
        to |= LADDER_TO((unsigned)pol->ladder.step_adds[i]);
    return to;
}

static ladder_step step_at(const policy *pol, unsigned number, upp_ms at)
{
    return (ladder_step){
        .number = number, .at = at, .notice_from = at, .to = reached_by(pol, number)
    };
}

/* Shares of the clock's own target; the clock stands still in its pauses, and so do its steps. */
static int plan_question(const policy *pol, const calendar *cal, const clock_input *in,
                         const clock_times *times, ladder_step steps[LADDER_STEPS_MAX])
{
    steps[0] = step_at(pol, 0, times->start);
    steps[0].digest = true;
    for (unsigned i = 1; i < POLICY_STEPS; i++) {
        upp_ms at = 0;
        const upp_ms share = times->target_span * pol->ladder.question_percent[i - 1] / 100;
        const int rc = clock_counted(cal, in, share, &at);
        if (rc != 0)
            return rc;
        steps[i] = step_at(pol, i, at);
        steps[i].breach = at >= times->due && (i == 1 || steps[i - 1].at < times->due);
    }
    return 0;
}

/* Steps 1 and 2 before due where duty allows it, else soon after the next duty begins: in either
 * case before the notice of the breach, which waits until staff could have done it. */
static int plan_moderation(const policy *pol, const calendar *cal, const clock_times *times,
                           ladder_step steps[LADDER_STEPS_MAX])
{
    const bool few = times->office_span < pol->ladder.few_office_span;
    if (!times->has_first_duty)
        return CALENDAR_NONE;
    steps[0] = step_at(pol, 0, times->start);
    for (unsigned i = 1; i <= 2; i++) {
        const upp_ms share = times->office_span * pol->ladder.moderation_percent[i - 1] / 100;
        upp_ms at = 0;
        const int rc =
            few ? calendar_due(cal, times->first_duty, pol->ladder.few_step_office_span[i - 1], &at)
                : calendar_due(cal, times->start, share, &at);
        if (rc != 0)
            return rc;
        steps[i] = step_at(pol, i, at);
    }
    steps[3] = step_at(pol, 3, times->due);
    steps[3].notice_from = times->attended_due;
    steps[3].breach = true;
    upp_ms last = 0;
    const int rc =
        calendar_due(cal, times->attended_due, pol->ladder.moderation_last_office_span, &last);
    if (rc == 0)
        steps[4] = step_at(pol, 4, last);
    return rc;
}

static int plan_acute(const policy *pol, const calendar *cal, const clock_times *times,
                      ladder_step steps[LADDER_STEPS_MAX])
{
    upp_ms last = 0;
    const int rc = calendar_due(cal, times->start, pol->ladder.acute_last_office_span, &last);
    if (rc != 0)
        return rc;
    steps[0] = step_at(pol, 0, times->start);
    for (unsigned i = 1; i <= 3; i++)
        steps[i] = step_at(pol, i, times->start + pol->ladder.acute_step_span[i - 1]);
    steps[4] = step_at(pol, 4, last);
    for (unsigned i = 0; i < POLICY_STEPS; i++) {
        steps[i].acute = true;
        steps[i].breach =
            i && steps[i].at >= times->due && (i == 1 || steps[i - 1].at < times->due);
    }
    return 0;
}

/* Told at once, and again when it is late; whoever is next then, too. */
static size_t plan_short(const policy *pol, const clock_times *times,
                         ladder_step steps[LADDER_STEPS_MAX])
{
    steps[0] = step_at(pol, 0, times->start);
    steps[0].digest = true;
    steps[1] = step_at(pol, 1, times->due);
    steps[1].breach = true;
    if (times->kind == CLOCK_DIARY)
        steps[1].to = LADDER_TO(POLICY_MANAGER);
    if (times->kind == CLOCK_OFFICE)
        steps[1].to |= LADDER_TO(POLICY_MANAGER);
    return 2;
}

/* The same, with a reminder when three quarters of its days have passed. */
static size_t plan_date(const policy *pol, const clock_times *times,
                        ladder_step steps[LADDER_STEPS_MAX])
{
    enum { REMINDED = 75 };
    steps[0] = step_at(pol, 0, times->start);
    steps[1] = step_at(pol, 1, times->start + (times->due - times->start) * REMINDED / 100);
    steps[2] = step_at(pol, 2, times->due);
    steps[0].digest = steps[1].digest = true;
    steps[2].breach = true;
    return 3;
}

int ladder_plan(const policy *pol, const calendar *cal, const clock_input *in,
                const clock_times *times, ladder_step ret_steps[LADDER_STEPS_MAX], size_t *ret_n)
{
    ladder_step steps[LADDER_STEPS_MAX] = { 0 };
    size_t n = POLICY_STEPS;
    int rc = 0;
    if (times->paused) {
        *ret_n = 0;
        return 0;
    }
    switch (times->kind) {
    case CLOCK_FIRST_RESPONSE:
    case CLOCK_ANSWER:
        rc = plan_question(pol, cal, in, times, steps);
        break;
    case CLOCK_MODERATION:
        rc = plan_moderation(pol, cal, times, steps);
        break;
    case CLOCK_ACUTE:
        rc = plan_acute(pol, cal, times, steps);
        break;
    case CLOCK_TRIAGE: /* nobody looked: step 1 */
    case CLOCK_DIARY:  /* no number came back: the registrar's manager (R16) */
    case CLOCK_OFFICE:
        n = plan_short(pol, times, steps);
        break;
    case CLOCK_DATE:
        n = plan_date(pol, times, steps);
        break;
    }
    if (rc != 0)
        return rc;
    for (size_t i = 0; i < n; i++)
        ret_steps[i] = steps[i];
    *ret_n = n;
    return 0;
}

/* The first working day on or after `day` whose repetition lies after `after`. */
static int repeat_day(const policy *pol, const calendar *cal, civil_day day, upp_ms after,
                      civil_day *ret_day, upp_ms *ret_at)
{
    for (civil_day d = day; d <= day + CALENDAR_LIMIT_DAYS; d++) {
        upp_ms at = 0;
        if (calendar_on(cal, d).n == 0)
            continue;
        zone_instant(cal->zone, d * UPP_DAY + pol->ladder.repeat_minute * UPP_MINUTE, ZONE_FIRST,
                     &at);
        if (at <= after)
            continue;
        *ret_day = d;
        *ret_at = at;
        return 0;
    }
    return CALENDAR_NONE;
}

int ladder_repeat(const policy *pol, const calendar *cal, const ladder_step *last, unsigned n,
                  ladder_step *ret_step)
{
    upp_check(n > 0);
    upp_ms at = last->at;
    int rc = 0;
    if (last->acute) {
        rc = calendar_due(cal, last->at, (upp_ms)n * pol->ladder.acute_repeat_office_span, &at);
    } else {
        const unsigned daily = (unsigned)pol->ladder.repeat_times;
        civil_day day = zone_day(cal->zone, last->at);
        for (unsigned i = 0; rc == 0 && i < n && i < daily; i++)
            rc = repeat_day(pol, cal, day, at, &day, &at);
        if (rc == 0 && n > daily)
            rc = repeat_day(pol, cal, day + 7 * (civil_day)(n - daily), at, &day, &at);
    }
    if (rc != 0)
        return rc;
    ladder_step step = { .number = LADDER_FIRST_REPEAT + n - 1,
                         .at = at,
                         .notice_from = at,
                         .to = last->to,
                         .acute = last->acute };
    if (last->number == POLICY_STEPS - 1)
        step.to = LADDER_TO((unsigned)pol->ladder.step_adds[POLICY_STEPS - 1]);
    *ret_step = step;
    return 0;
}

void ladder_name(unsigned number, char ret_name[LADDER_NAME_SIZE])
{
    if (number < LADDER_FIRST_REPEAT)
        snprintf(ret_name, LADDER_NAME_SIZE, "%u", number);
    else
        snprintf(ret_name, LADDER_NAME_SIZE, "r%u", number - LADDER_FIRST_REPEAT + 1);
}

int ladder_delivery(const policy *pol, const calendar *cal, const calendar *jour,
                    const ladder_step *step, delivery *ret_delivery)
{
    if (step->acute)
        return delivery_acute(cal, jour, step->notice_from, ret_delivery);
    upp_ms at = 0;
    const int rc = step->digest ? delivery_digest(pol, cal, step->notice_from, &at)
                                : delivery_at(cal, step->notice_from, &at);
    if (rc == 0)
        *ret_delivery = (delivery){ .at = at, .held = at > step->notice_from };
    return rc;
}

void ladder_collapse(ladder_turn *turns, size_t n, upp_ms now)
{
    const ladder_turn *top = NULL; /* the highest that was sent, or whose delivery has come */
    for (size_t i = 0; i < n; i++) {
        const bool counts = turns[i].fate == LADDER_SENT || turns[i].fate == LADDER_SEND ||
                            (turns[i].fate == LADDER_WAITS && turns[i].deliver_at <= now);
        if (counts && (!top || turns[i].number > top->number))
            top = &turns[i];
    }
    for (size_t i = 0; i < n; i++) {
        if (turns[i].fate == LADDER_SEND && &turns[i] != top)
            turns[i].fate = LADDER_SUPERSEDED;
        if (turns[i].fate == LADDER_WAITS && turns[i].deliver_at <= now)
            turns[i].fate = &turns[i] == top ? LADDER_SEND : LADDER_SUPERSEDED;
    }
}

int ladder_ack_hold(const policy *pol, const calendar *cal, const clock_times *times, upp_ms now,
                    upp_ms *ret_until)
{
    upp_ms margin = 0;
    upp_ms hold = 0;
    if (times->paused)
        return CALENDAR_NONE;
    int rc = calendar_before(cal, times->due, pol->ladder.ack_margin_office_span, &margin);
    if (rc == 0)
        rc = calendar_due(cal, now, pol->ladder.ack_hold_office_span, &hold);
    if (rc != 0 || margin <= now || hold <= now)
        return CALENDAR_NONE;
    *ret_until = hold < margin ? hold : margin;
    return 0;
}

unsigned ladder_heard_by(const ladder_step *step, unsigned acked_to, upp_ms held_until, upp_ms at)
{
    return at < held_until ? step->to & ~acked_to : step->to;
}
