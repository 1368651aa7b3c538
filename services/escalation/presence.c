/* presence.c - who is there, and who stands in for whom. */
#include "presence.h"
#include <stdlib.h>
#include <string.h>

/* Each person once for each cause on each rung, and the rung itself: what is the same is kept once,
 * so more there cannot be. */
static size_t reasons_for(size_t n_persons)
{
    return POLICY_RUNGS * (n_persons * (RESOLVE_EMPTY + 1) + 2);
}

int presence_begin(const resolve_question *q, resolve_walk *w)
{
    w->q = q;
    w->max_reasons = reasons_for(q->n_persons);
    w->marks = calloc(q->n_persons + 1, sizeof *w->marks);
    w->recipients = calloc(q->n_persons + 1, sizeof *w->recipients);
    w->reasons = calloc(w->max_reasons, sizeof *w->reasons);
    return w->marks && w->recipients && w->reasons ? 0 : UPP_E_BUSY;
}

void presence_end(resolve_walk *w)
{
    free(w->marks);
    free(w->recipients);
    free(w->reasons);
}

int presence_answer(resolve_walk *w, resolve_answer *ret_answer)
{
    *ret_answer = (resolve_answer){ .at = w->at,
                                    .to_jour = w->to_jour,
                                    .recipients = w->recipients,
                                    .n_recipients = w->n_recipients,
                                    .reasons = w->reasons,
                                    .n_reasons = w->n_reasons };
    w->recipients = NULL;
    w->reasons = NULL;
    return 0;
}

void presence_reason(resolve_walk *w, resolve_reason reason)
{
    for (size_t i = 0; i < w->n_reasons; i++) {
        const resolve_reason *r = &w->reasons[i];
        if (r->rung == reason.rung && r->why == reason.why && r->person == reason.person)
            return;
    }
    upp_check(w->n_reasons < w->max_reasons);
    w->reasons[w->n_reasons++] = reason;
}

static const calendar *calendar_of(const resolve_walk *w, const resolve_person *p)
{
    if (w->mode == PRESENCE_ON_CALL)
        return w->q->jour;
    return p->own ? p->own : w->q->duty;
}

static const resolve_absence *away_at(const resolve_person *p, upp_ms at)
{
    for (size_t i = 0; i < p->n_absences; i++)
        if (p->absences[i].from <= at && at < p->absences[i].to)
            return &p->absences[i];
    return NULL;
}

/* d(p). CALENDAR_NONE: never. */
static int own_time(const resolve_walk *w, const calendar *cal, upp_ms *ret_at)
{
    if (w->digest)
        return delivery_digest(w->q->pol, cal, w->step_at, ret_at);
    return delivery_at(cal, w->step_at, ret_at);
}

/* V8: the first duty of that day during which the person is not away; if there is none, the absence
 * that covers its beginning. Windows and absences are few, so edges are tried one by one. */
static bool there_that_day(const resolve_walk *w, const resolve_person *p, const calendar *cal,
                           upp_ms *ret_at, const resolve_absence **ret_absence)
{
    const calendar_stretch day = resolve_dates_away(cal->zone, w->day, w->day);
    upp_ms at = 0;
    *ret_absence = NULL;
    if (calendar_first_duty(cal, day.from, &at) != 0 || at >= day.to) {
        *ret_at = day.from;
        return false;
    }
    *ret_at = at;
    for (const resolve_absence *a; (a = away_at(p, at));) {
        if (!*ret_absence)
            *ret_absence = a;
        if (calendar_first_duty(cal, a->to, &at) != 0 || at >= day.to)
            return false;
    }
    *ret_at = at;
    return true;
}

typedef struct presence {
    bool there;
    enum resolve_why why;
    upp_ms at; /* d(p) */
    const resolve_absence *absence;
} presence;

static presence duty_of(const resolve_walk *w, const resolve_person *p)
{
    const calendar *cal = calendar_of(w, p);
    presence is = { .why = RESOLVE_OFF_DUTY, .at = w->at };
    if (w->mode == PRESENCE_THAT_DAY) {
        is.there = there_that_day(w, p, cal, &is.at, &is.absence);
        is.why = is.absence ? RESOLVE_AWAY : RESOLVE_OFF_DUTY;
        return is;
    }
    if (w->mode == PRESENCE_IN_DUTY) {
        if (own_time(w, cal, &is.at) != 0)
            return is;
        is.there = zone_day(cal->zone, is.at) == zone_day(w->q->duty->zone, w->at);
    } else {
        upp_ms own = 0;
        is.there = delivery_at(cal, w->at, &own) == 0 && own == w->at;
    }
    /* Away is said before off duty: it is what substitutes are appointed for. */
    is.absence = away_at(p, is.at);
    if (is.absence) {
        is.there = false;
        is.why = RESOLVE_AWAY;
    }
    return is;
}

static presence presence_of(const resolve_walk *w, size_t person)
{
    const resolve_person *p = &w->q->persons[person];
    presence is = { .why = RESOLVE_INACTIVE, .at = w->at };
    if (!p->active)
        return is;
    is.why = RESOLVE_UNREACHED;
    if (!p->reachable) {
        is.absence = away_at(p, w->at);
        return is;
    }
    if (!p->function_address)
        return duty_of(w, p);
    is.there = true;
    return is;
}

static size_t add(resolve_walk *w, resolve_recipient one)
{
    for (size_t i = 0; i < w->n_recipients; i++)
        if (w->recipients[i].person == one.person)
            return 1;
    upp_check(w->n_recipients < w->q->n_persons);
    w->recipients[w->n_recipients++] = one;
    return 1;
}

static size_t reach(resolve_walk *w, enum policy_rung rung, size_t person, size_t instead_of,
                    int64_t depth);

/* V3: the first in rank who is there, or who has a substitute who is; a loop ends its branch. */
static size_t reach_substitute(resolve_walk *w, enum policy_rung rung, size_t person,
                               const presence *is, size_t instead_of, int64_t depth)
{
    const resolve_person *p = &w->q->persons[person];
    const bool own = is->absence && is->absence->n_substitutes;
    const size_t *ranked = own ? is->absence->substitutes : p->substitutes;
    const size_t n = own ? is->absence->n_substitutes : p->n_substitutes;
    if (n && depth >= w->q->pol->people.substitution_depth) {
        presence_reason(w, (resolve_reason){ rung, RESOLVE_TOO_DEEP, person, 0 });
        return 0;
    }
    for (size_t i = 0; i < n; i++) {
        upp_check(ranked[i] < w->q->n_persons);
        if (w->marks[ranked[i]] == PRESENCE_ASKED)
            presence_reason(w, (resolve_reason){ rung, RESOLVE_LOOP, ranked[i], 0 });
        else if (w->marks[ranked[i]] == PRESENCE_NEW &&
                 reach(w, rung, ranked[i], instead_of, depth + 1))
            return 1;
    }
    return 0;
}

static size_t reach(resolve_walk *w, enum policy_rung rung, size_t person, size_t instead_of,
                    int64_t depth)
{
    upp_check(person < w->q->n_persons);
    const presence is = presence_of(w, person);
    if (is.there) {
        const size_t behalf = instead_of == person ? RESOLVE_NOBODY : instead_of;
        return add(w, (resolve_recipient){ person, behalf, rung, is.at });
    }
    presence_reason(w, (resolve_reason){ rung, is.why, person, is.absence ? is.absence->to : 0 });
    w->marks[person] = PRESENCE_ASKED;
    const size_t reached = reach_substitute(w, rung, person, &is, instead_of, depth);
    w->marks[person] = PRESENCE_VAIN;
    return reached;
}

size_t presence_reach(resolve_walk *w, enum policy_rung rung, size_t person)
{
    memset(w->marks, 0, w->q->n_persons * sizeof *w->marks);
    return reach(w, rung, person, person, 0);
}
