/* resolve.c - who receives a step: rungs and what happens when one is empty. */
#include "resolve.h"
#include "presence.h"
#include <stdlib.h>

/* Remembers a reason once; the same person may be met on several rungs. */
static void note(resolve_walk *w, enum policy_rung rung, enum resolve_why why, size_t person,
                 upp_ms until)
{
    presence_reason(w, (resolve_reason){ rung, why, person, until });
}

static bool listed(const resolve_rung *rung, size_t person)
{
    for (size_t i = 0; i < rung->n; i++)
        if (rung->persons[i] == person)
            return true;
    return false;
}

/* V5: a manager who is an administrator of the account is passed over for their own manager. */
static size_t manager_above(resolve_walk *w, size_t person)
{
    const resolve_question *q = w->q;
    for (int64_t links = 0; listed(&q->rung[POLICY_ADMINISTRATORS], person); links++) {
        if (links >= q->pol->people.chain_length) {
            note(w, POLICY_MANAGER, RESOLVE_LOOP, person, 0);
            return RESOLVE_NOBODY;
        }
        person = q->persons[person].manager;
        if (person == RESOLVE_NOBODY)
            return RESOLVE_NOBODY;
        upp_check(person < q->n_persons);
    }
    return person;
}

/* Everybody on one rung, or who stands in for them. Gives how many it reaches, those included who
 * were reached on a rung before. */
static size_t fill_rung(resolve_walk *w, enum policy_rung which)
{
    const resolve_rung *rung = &w->q->rung[which];
    size_t reached = 0;
    size_t named = 0;
    for (size_t i = 0; i < rung->n; i++) {
        size_t person = rung->persons[i];
        upp_check(person < w->q->n_persons);
        if (which == POLICY_MANAGER)
            person = manager_above(w, person);
        if (person == RESOLVE_NOBODY)
            continue;
        named++;
        reached += presence_reach(w, which, person);
    }
    if (reached == 0)
        note(w, which, named ? RESOLVE_EMPTY : RESOLVE_UNFILLED, RESOLVE_NOBODY, 0);
    return reached;
}

/* V5: where the top of the ladder is missing, communications and operations hear instead, both. */
static size_t fill_missing_top(resolve_walk *w)
{
    note(w, POLICY_SECTOR_HEAD, RESOLVE_UNFILLED, RESOLVE_NOBODY, 0);
    const size_t told = fill_rung(w, POLICY_COMMUNICATIONS);
    return told + fill_rung(w, POLICY_OPERATIONS);
}

/* V4: passes an empty rung on at once. */
static void fill_from(resolve_walk *w, enum policy_rung which)
{
    for (unsigned r = which; r < POLICY_RUNGS; r++) {
        const bool no_top = r == POLICY_SECTOR_HEAD && w->q->rung[r].n == 0;
        if ((no_top ? fill_missing_top(w) : fill_rung(w, (enum policy_rung)r)) > 0)
            return;
    }
}

/* akut outside duty: those on call and the function addresses, nobody else. If that reaches nobody,
 * the ladder's rungs are asked, so that it is never silent. */
static size_t fill_jour(resolve_walk *w)
{
    size_t reached = 0;
    for (size_t i = 0; i < w->q->on_call.n; i++)
        reached += presence_reach(w, POLICY_ADMINISTRATORS, w->q->on_call.persons[i]);
    for (size_t i = 0; i < w->q->function_addresses.n; i++)
        reached += presence_reach(w, POLICY_ADMINISTRATORS, w->q->function_addresses.persons[i]);
    return reached;
}

static void fill_rungs(resolve_walk *w, unsigned to)
{
    for (unsigned r = 0; r < POLICY_RUNGS; r++)
        if (to & LADDER_TO(r))
            fill_from(w, (enum policy_rung)r);
}

/* Held until duty: nobody was on call either, or those on call could not be reached. */
static int hold_until_duty(resolve_walk *w)
{
    w->mode = PRESENCE_IN_DUTY;
    w->to_jour = false;
    return delivery_at(w->q->duty, w->step_at, &w->at);
}

static int place(resolve_walk *w, const ladder_step *step)
{
    delivery d = { 0 };
    const int rc = ladder_delivery(w->q->pol, w->q->duty, w->q->jour, step, &d);
    if (rc != 0)
        return rc;
    w->step_at = step->notice_from;
    w->digest = step->digest;
    w->at = d.at;
    w->to_jour = d.to_jour;
    w->mode = PRESENCE_IN_DUTY;
    if (step->acute && d.to_jour)
        w->mode = PRESENCE_ON_CALL;
    else if (step->acute && !d.held)
        w->mode = PRESENCE_AT_ONCE;
    return 0;
}

int resolve_step(const resolve_question *q, const ladder_step *step, resolve_answer *ret_answer)
{
    UPP_AUTO(presence_end) resolve_walk w = { 0 };
    UPP_TRY(presence_begin(q, &w));
    int rc = place(&w, step);
    if (rc != 0)
        return rc;
    if (w.mode == PRESENCE_ON_CALL && fill_jour(&w) == 0) {
        rc = hold_until_duty(&w);
        if (rc != 0)
            return rc;
    }
    if (w.mode != PRESENCE_ON_CALL)
        fill_rungs(&w, step->to);
    return presence_answer(&w, ret_answer);
}

void resolve_done(resolve_answer *answer)
{
    free(answer->recipients);
    free(answer->reasons);
    *answer = (resolve_answer){ 0 };
}

calendar_stretch resolve_dates_away(const zone *tz, civil_day first, civil_day last)
{
    calendar_stretch away = { 0 };
    zone_instant(tz, first * UPP_DAY, ZONE_FIRST, &away.from);
    zone_instant(tz, (last + 1) * UPP_DAY, ZONE_LAST, &away.to);
    return away;
}

bool resolve_refires(const resolve_absence *entered, upp_ms notified_at, upp_ms now,
                     unsigned n_refired)
{
    return n_refired == 0 && notified_at <= now && entered->from <= now && now < entered->to;
}

bool resolve_chain_valid(const policy *pol, const resolve_person *persons, size_t n_persons,
                         size_t person)
{
    /* A cycle never ends, so it is longer than any limit. */
    for (int64_t links = 0; links <= pol->people.chain_length; links++) {
        upp_check(person < n_persons);
        person = persons[person].manager;
        if (person == RESOLVE_NOBODY)
            return true;
    }
    return false;
}

int resolve_forecast(const resolve_question *q, civil_day day, enum resolve_forecast *ret_forecast)
{
    if (calendar_on(q->duty, day).n == 0) {
        *ret_forecast = RESOLVE_NO_WORK;
        return 0;
    }
    UPP_AUTO(presence_end) resolve_walk w = { .mode = PRESENCE_THAT_DAY, .day = day };
    UPP_TRY(presence_begin(q, &w));
    const resolve_rung *rung = &q->rung[POLICY_ADMINISTRATORS];
    for (size_t i = 0; i < rung->n; i++)
        presence_reach(&w, POLICY_ADMINISTRATORS, rung->persons[i]);
    *ret_forecast = w.n_recipients == 0   ? RESOLVE_UNSTAFFED
                    : w.n_recipients == 1 ? RESOLVE_FEW
                                          : RESOLVE_STAFFED;
    return 0;
}

size_t resolve_access(const resolve_question *q)
{
    size_t n = 0;
    const resolve_rung *rung = &q->rung[POLICY_ADMINISTRATORS];
    for (size_t i = 0; i < rung->n; i++)
        n += q->persons[rung->persons[i]].active;
    return n;
}
