/* clock.c - which clock runs for how long. */
#include "clock.h"

upp_ms clock_target(const policy *pol, enum clock_kind kind)
{
    upp_ms span = 0;
    switch (kind) {
    case CLOCK_MODERATION:
        span = pol->clocks.moderation_span;
        break;
    case CLOCK_ACUTE:
        span = pol->clocks.acute_span;
        break;
    case CLOCK_TRIAGE:
        span = pol->clocks.triage_office_span;
        break;
    case CLOCK_FIRST_RESPONSE:
        span = pol->clocks.first_response_office_span;
        break;
    case CLOCK_ANSWER:
        span = pol->clocks.answer_office_span;
        break;
    case CLOCK_DIARY:
        span = pol->clocks.diary_office_span;
        break;
    case CLOCK_OFFICE: /* theirs is always given */
    case CLOCK_DATE:
        break;
    }
    upp_check(span > 0); /* a kind that exists; policy allows no target of 0 */
    return span;
}

/* Counts wall-clock time, not duty. */
static bool elapsed(enum clock_kind kind)
{
    return kind == CLOCK_MODERATION || kind == CLOCK_ACUTE || kind == CLOCK_DATE;
}

static bool paused_now(const clock_input *in)
{
    for (size_t i = 0; in->kind == CLOCK_ANSWER && i < in->n_pauses; i++)
        if (in->pauses[i].to == CLOCK_OPEN)
            return true;
    return false;
}

int clock_counted(const calendar *cal, const clock_input *in, upp_ms span, upp_ms *ret_at)
{
    if (paused_now(in))
        return CALENDAR_NONE;
    const size_t n_pauses = in->kind == CLOCK_ANSWER ? in->n_pauses : 0;
    return calendar_due_paused(cal, in->start, span, in->pauses, n_pauses, ret_at);
}

/* Half a working day for whoever comes on duty, however little of the 24 hours was duty. */
static upp_ms attended(const policy *pol, const calendar *cal, upp_ms start, upp_ms due)
{
    upp_ms office = 0;
    if (calendar_due(cal, start, pol->clocks.moderation_attended_office_span, &office) != 0)
        return due;
    return office > due ? office : due;
}

int clock_compute(const policy *pol, const calendar *cal, const clock_input *in,
                  clock_times *ret_times)
{
    clock_times t = { .kind = in->kind, .start = in->start };
    t.target_span = in->target_span ? in->target_span : clock_target(pol, in->kind);
    t.paused = paused_now(in);
    if (t.paused) {
        *ret_times = t;
        return 0;
    }
    if (elapsed(in->kind)) {
        t.due = in->start + t.target_span;
    } else {
        const int rc = clock_counted(cal, in, t.target_span, &t.due);
        if (rc != 0)
            return rc;
    }
    t.attended_due =
        elapsed(in->kind) && in->kind != CLOCK_DATE ? attended(pol, cal, t.start, t.due) : t.due;
    t.office_span = calendar_office(cal, t.start, t.due);
    t.has_first_duty = calendar_first_duty(cal, t.start, &t.first_duty) == 0;
    t.has_last_duty = calendar_last_duty(cal, t.start, t.due, &t.last_duty) == 0;
    *ret_times = t;
    return 0;
}

bool clock_met(upp_ms event_at, upp_ms due)
{
    return event_at <= due;
}

upp_ms clock_received(const upp_ms *published_at, upp_ms first_seen_at)
{
    return published_at && *published_at < first_seen_at ? *published_at : first_seen_at;
}

bool clock_late_discovered(const policy *pol, upp_ms received_at, upp_ms first_seen_at)
{
    return first_seen_at - received_at > pol->clocks.late_discovery_span;
}

bool clock_backfill(upp_ms received_at, upp_ms connected_at)
{
    return received_at < connected_at;
}

/* Somebody could have acted: on duty or, for akut, on call. */
static bool attended_at_all(const clock_times *times, const clock_facts *facts)
{
    if (!elapsed(times->kind) || times->office_span > 0)
        return true;
    return times->kind == CLOCK_ACUTE && facts->jour &&
           calendar_office(facts->jour, times->start, times->due) > 0;
}

enum clock_cause clock_cause_of(const policy *pol, const clock_times *times,
                                const clock_facts *facts)
{
    if (!attended_at_all(times, facts))
        return CLOCK_NO_DUTY;
    if (clock_late_discovered(pol, times->start, facts->first_seen_at))
        return CLOCK_INGEST_GAP;
    return facts->platform_unavailable ? CLOCK_PLATFORM_UNAVAILABLE : CLOCK_STAFF;
}

int clock_snooze_latest(const policy *pol, const calendar *cal, const clock_times *times,
                        upp_ms now, upp_ms *ret_at)
{
    upp_ms latest = 0;
    if (times->paused || elapsed(times->kind))
        return CALENDAR_NONE;
    const int rc = calendar_before(cal, times->due, pol->clocks.snooze_margin_office_span, &latest);
    if (rc != 0 || latest <= now)
        return CALENDAR_NONE;
    *ret_at = latest;
    return 0;
}

int clock_accept_due(const policy *pol, const calendar *cal, const clock_times *times, upp_ms now,
                     upp_ms *ret_at)
{
    upp_ms by_policy = 0;
    const int rc = calendar_due(cal, now, pol->clocks.accept_office_span, &by_policy);
    if (rc != 0)
        return rc;
    if (times->paused) {
        *ret_at = by_policy;
        return 0;
    }
    const int64_t percent = pol->clocks.accept_percent;
    const upp_ms left =
        elapsed(times->kind) ? times->due - now : calendar_office(cal, now, times->due);
    const upp_ms share = left > 0 ? left * percent / 100 : 0;
    upp_ms by_share = now + share;
    const int found = elapsed(times->kind) ? 0 : calendar_due(cal, now, share, &by_share);
    if (found != 0)
        return found;
    *ret_at = by_share < by_policy ? by_share : by_policy;
    return 0;
}

uint32_t clock_due_rev(uint32_t rev, const clock_times *before, const clock_times *after)
{
    const bool same =
        before->paused == after->paused && (after->paused || before->due == after->due);
    return same ? rev : rev + 1;
}

bool clock_jumped(const policy *pol, upp_ms expected, upp_ms seen)
{
    return expected - seen > pol->jumps.back_span || seen - expected > pol->jumps.forward_span;
}
