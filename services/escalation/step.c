/* step.c - a ladder step's time has come: who hears, and what is said of the steps that were overtaken
 * (sla.md §7, E32; R16, R17, R20). */
#include "escalation.h"
#include <stdio.h>
#include <string.h>

typedef struct ladder {
    ladder_step steps[LADDER_STEPS_MAX];
    size_t n;
} ladder;

/* The step of that number: of the plan, or a repetition of its last. 1: there is no such time. */
static int step_of(const rules *r, const ladder *l, unsigned number, ladder_step *ret_step)
{
    if (number < l->n) {
        *ret_step = l->steps[number];
        return 0;
    }
    const unsigned repeat = number >= LADDER_FIRST_REPEAT ? number - LADDER_FIRST_REPEAT + 1 : 1;
    return ladder_repeat(&r->pol, r->duty, &l->steps[l->n - 1], repeat, ret_step) == 0 ? 0 : 1;
}

/* After the plan's last step comes r1, whatever the plan's length. */
static unsigned after(const ladder *l, unsigned number)
{
    return number + 1 < l->n || number >= LADDER_FIRST_REPEAT ? number + 1 : LADDER_FIRST_REPEAT;
}

static int say_step(upp_txn *txn, const matter *m, const ladder_step *step,
                    Uppsikt__StepFired__How how, uint32_t recipients)
{
    char name[LADDER_NAME_SIZE];
    UPP_TRY(upp_exec(
        txn,
        "INSERT INTO step(matter, round, number, due_rev, time_ms, how)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
        BIND(V(m->id), V(m->round), V(step->number), V(m->due_rev), V(step->at), V((int64_t)how))));
    ladder_name(step->number, name);
    Uppsikt__StepFired out = UPPSIKT__STEP_FIRED__INIT;
    out.matter = upp_lend(m->id);
    out.item = upp_lend(m->item);
    out.account = upp_lend(m->account);
    out.step = name;
    out.time_ms = step->at;
    out.how = how;
    out.recipients = recipients;
    out.due_rev = m->due_rev;
    return upp_emit(txn, m->item, &out.base, NULL);
}

static const char *rung_name(enum policy_rung rung)
{
    static const char *const names[POLICY_RUNGS] = {
        [POLICY_ADMINISTRATORS] = "administrators", [POLICY_MANAGER] = "manager",
        [POLICY_SECTOR_HEAD] = "sector-head",       [POLICY_COMMUNICATIONS] = "communications",
        [POLICY_OPERATIONS] = "operations",
    };
    upp_check(rung < POLICY_RUNGS);
    return names[rung];
}

static int say_empty(upp_txn *txn, const matter *m, const resolve_answer *a)
{
    for (size_t i = 0; i < a->n_reasons; i++) {
        const resolve_reason *why = &a->reasons[i];
        if (why->why != RESOLVE_UNFILLED && why->why != RESOLVE_EMPTY)
            continue;
        Uppsikt__RungEmpty out = UPPSIKT__RUNG_EMPTY__INIT;
        out.matter = upp_lend(m->id);
        out.account = upp_lend(m->account);
        out.rung = upp_lend(rung_name(why->rung));
        out.why = upp_lend(why->why == RESOLVE_UNFILLED ? "rung-unfilled" : "rung-away");
        UPP_TRY(upp_emit(txn, m->item, &out.base, NULL));
    }
    return 0;
}

static int tell(upp_txn *txn, const rules *r, const matter *m, const ladder_step *step)
{
    UPP_AUTO(roster_done) roster ro;
    UPP_AUTO(resolve_done) resolve_answer a = { 0 };
    ladder_step heard = *step;
    UPP_TRY(roster_read(txn, r, m->account, &ro));
    heard.to = ladder_heard_by(step, (unsigned)m->acked_to, m->held_until, upp_now(txn));
    if (heard.to == 0)
        return say_step(txn, m, step, UPPSIKT__STEP_FIRED__HOW__HOW_HELD, 0);
    const int none = resolve_step(&ro.question, &heard, &a);
    UPP_TRY(none);
    UPP_TRY(say_step(txn, m, step, UPPSIKT__STEP_FIRED__HOW__HOW_SENT, (uint32_t)a.n_recipients));
    UPP_TRY(say_empty(txn, m, &a));
    for (size_t i = 0; i < a.n_recipients; i++)
        UPP_TRY(notice_add(txn, r, m, step->number, ro.ids[a.recipients[i].person]));
    if (a.n_recipients > 0)
        return 0;
    Uppsikt__NoticeFailed out = UPPSIKT__NOTICE_FAILED__INIT; /* never silently to nobody (I20) */
    out.at_ms = upp_now(txn);
    return upp_emit(txn, m->item, &out.base, NULL);
}

int step_alarm(upp_txn *txn, const rules *r, const char *id)
{
    matter m;
    ladder l;
    clock_input in;
    clock_times times;
    const int missing = matter_read(txn, id, &m);
    UPP_TRY(missing);
    if (missing || m.state != MATTER_OPEN || matter_times(r, &m, &in, &times) != 0 ||
        ladder_plan(&r->pol, r->duty, &in, &times, l.steps, &l.n) != 0 || l.n == 0)
        return 0;

    ladder_step due = { 0 }, step;
    delivery at;
    bool any = false;
    unsigned number = m.next_step < l.n || m.next_step >= LADDER_FIRST_REPEAT
                          ? m.next_step
                          : (unsigned)LADDER_FIRST_REPEAT;
    while (step_of(r, &l, number, &step) == 0 &&
           ladder_delivery(&r->pol, r->duty, r->jour, &step, &at) == 0 && at.at <= upp_now(txn)) {
        if (any) /* overtaken: only the highest is sent */
            UPP_TRY(say_step(txn, &m, &due, UPPSIKT__STEP_FIRED__HOW__HOW_SUPERSEDED, 0));
        due = step;
        any = true;
        number = after(&l, number);
    }
    if (!any)
        return matter_rearm(txn, r, &m);
    m.next_step = number;
    UPP_TRY(upp_exec(txn, "UPDATE matter SET next_step = ?2 WHERE matter = ?1",
                     BIND(V(m.id), V(number))));
    UPP_TRY(tell(txn, r, &m, &due));
    return matter_rearm(txn, r, &m);
}

static const char *cause_name(enum clock_cause cause)
{
    static const char *const names[] = {
        [CLOCK_NO_DUTY] = "no_duty",
        [CLOCK_INGEST_GAP] = "ingest_gap",
        [CLOCK_PLATFORM_UNAVAILABLE] = "platform_unavailable",
        [CLOCK_STAFF] = "staff",
    };
    return names[cause];
}

int breach_alarm(upp_txn *txn, const rules *r, const char *id)
{
    matter m;
    clock_input in;
    clock_times times;
    const int missing = matter_read(txn, id, &m);
    UPP_TRY(missing);
    if (missing || m.state != MATTER_OPEN || m.breached || m.due_ms == 0)
        return 0;
    if (upp_now(txn) <= m.due_ms || matter_times(r, &m, &in, &times) != 0)
        return matter_rearm(txn, r, &m);
    const clock_facts facts = { .first_seen_at = m.seen_ms, .jour = r->jour };
    UPP_TRY(upp_exec(txn, "UPDATE matter SET breached = 1 WHERE matter = ?1", BIND(V(m.id))));
    Uppsikt__MatterBreached out = UPPSIKT__MATTER_BREACHED__INIT;
    out.matter = m.id;
    out.item = m.item;
    out.account = m.account;
    out.due_ms = m.due_ms;
    out.cause = upp_lend(cause_name(clock_cause_of(&r->pol, &times, &facts)));
    return upp_emit(txn, m.item, &out.base, NULL);
}
