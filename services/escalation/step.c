/* step.c - a ladder step's time has come: who hears, and what is said of the steps that were
 * overtaken (sla.md §7, E32; R16, R17, R20). */
#include "escalation.h"
#include <stdio.h>
#include <string.h>

/* An errand's ladder begins at whoever it belongs to; most are told at once, not with a digest. */
static void fit_errand(const matter *m, step_plan *p)
{
    const errand_rule *rule = errand_rule_of(m->errand);
    const unsigned all = LADDER_TO(POLICY_RUNGS) - 1;
    for (size_t i = 0; i < p->n; i++) {
        p->steps[i].to = p->steps[i].to << rule->first & all;
        p->steps[i].digest = p->steps[i].digest && !rule->prompt;
    }
}

bool step_plan_of(const rules *r, const matter *m, step_plan *ret_plan)
{
    clock_input in;
    clock_times times;
    const numbers *n = numbers_of(r, m);
    if (m->state != MATTER_OPEN || matter_times(r, m, &in, &times) != 0 ||
        ladder_plan(&n->pol, n->duty, &in, &times, ret_plan->steps, &ret_plan->n) != 0 ||
        ret_plan->n == 0)
        return false;
    if (m->errand != ERRAND_NONE)
        fit_errand(m, ret_plan);
    return true;
}

/* The step of that number: of the plan, or a repetition of its last. False: there is no such
 * time. */
static bool step_of(const numbers *n, const step_plan *p, unsigned number, ladder_step *ret_step)
{
    if (number < p->n) {
        *ret_step = p->steps[number];
        return true;
    }
    const unsigned repeat = number >= LADDER_FIRST_REPEAT ? number - LADDER_FIRST_REPEAT + 1 : 1;
    return ladder_repeat(&n->pol, n->duty, &p->steps[p->n - 1], repeat, ret_step) == 0;
}

/* After the plan's last step comes r1, whatever the plan's length. */
static unsigned after(const step_plan *p, unsigned number)
{
    return number + 1 < p->n || number >= LADDER_FIRST_REPEAT ? number + 1 : LADDER_FIRST_REPEAT;
}

/* When it is delivered. What is late by more than a mail's collecting time (we were down) waits for
 * the next duty, as everything does: no mail at night because of a restart. */
static bool delivered_at(const numbers *n, const ladder_step *step, upp_ms now, delivery *ret_at)
{
    delivery at;
    ladder_step late = *step;
    if (ladder_delivery(&n->pol, n->duty, n->jour, step, &at) != 0)
        return false;
    if (at.at + n->pol.delivery.collect_span < now) {
        late.notice_from = now;
        late.digest = false;
        if (ladder_delivery(&n->pol, n->duty, n->jour, &late, &at) != 0)
            return false;
    }
    *ret_at = at;
    return true;
}

/* Goes through the steps from the matter's next on. A question's step 1 may be delivered before its
 * step 0, which waits for a digest: so the plan is looked at whole, and one repetition after it. */
upp_ms step_next(const rules *r, const matter *m, upp_ms now)
{
    step_plan p;
    ladder_step step;
    delivery at;
    upp_ms next = -1;
    const numbers *n = numbers_of(r, m);
    if (!step_plan_of(r, m, &p))
        return -1;
    for (unsigned number = m->next_step;; number = after(&p, number)) {
        if (step_of(n, &p, number, &step) && delivered_at(n, &step, now, &at) &&
            (next < 0 || at.at < next))
            next = at.at;
        if (number >= p.n)
            return next;
    }
}

unsigned step_after(const rules *r, const matter *m, upp_ms now)
{
    step_plan p;
    ladder_step step;
    unsigned number = 0;
    if (!step_plan_of(r, m, &p))
        return m->next_step;
    while (step_of(numbers_of(r, m), &p, number, &step) && step.at <= now)
        number = after(&p, number);
    return number;
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
    return upp_emit(txn, matter_subject(m), &out.base, NULL);
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

/* V3. */
static int say_loop(upp_txn *txn, const matter *m, const char *person)
{
    Uppsikt__AbsenceLoopFound out = UPPSIKT__ABSENCE_LOOP_FOUND__INIT;
    out.account = upp_lend(m->account);
    out.person = upp_lend(person);
    return upp_emit(txn, matter_subject(m), &out.base, NULL);
}

static int say_empty(upp_txn *txn, const matter *m, const roster *ro, const resolve_answer *a)
{
    for (size_t i = 0; i < a->n_reasons; i++) {
        const resolve_reason *why = &a->reasons[i];
        if (why->why == RESOLVE_LOOP && why->person != RESOLVE_NOBODY)
            UPP_TRY(say_loop(txn, m, ro->ids[why->person]));
        if (why->why != RESOLVE_UNFILLED && why->why != RESOLVE_EMPTY)
            continue;
        Uppsikt__RungEmpty out = UPPSIKT__RUNG_EMPTY__INIT;
        out.matter = upp_lend(m->id);
        out.account = upp_lend(m->account);
        out.rung = upp_lend(rung_name(why->rung));
        out.why = upp_lend(why->why == RESOLVE_UNFILLED ? "rung-unfilled" : "rung-away");
        UPP_TRY(upp_emit(txn, matter_subject(m), &out.base, NULL));
    }
    return 0;
}

/* Which rungs hear of it: not those that an ack or a snooze keeps silent (§7, E23). A snooze ends
 * before anything is late, so no breach is ever silent. */
static unsigned heard_by(const matter *m, const ladder_step *step, upp_ms now)
{
    if (now < m->snoozed_ms && !step->breach)
        return 0;
    return ladder_heard_by(step, (unsigned)m->acked_to, m->held_until, now);
}

/* Who hears of it, asked now and never before (V6): whoever is there when it is delivered. */
static int recipients(upp_txn *txn, const rules *r, const matter *m, const ladder_step *step,
                      roster *ro, resolve_answer *ret_answer)
{
    ladder_step heard = *step;
    delivery at;
    const numbers *n = numbers_of(r, m);
    UPP_TRY(roster_read(txn, r, m, ro));
    heard.to = heard_by(m, step, upp_now(txn));
    if (ladder_delivery(&n->pol, n->duty, n->jour, step, &at) == 0 &&
        at.at + n->pol.delivery.collect_span < upp_now(txn)) {
        heard.notice_from = upp_now(txn);
        heard.digest = false;
    }
    return resolve_step(&ro->question, &heard, ret_answer);
}

static int add_notices(upp_txn *txn, const rules *r, const matter *m, unsigned number,
                       const roster *ro, const resolve_answer *a)
{
    for (size_t i = 0; i < a->n_recipients; i++)
        UPP_TRY(notice_add(txn, r, m, number, ro->ids[a->recipients[i].person],
                           a->recipients[i].deliver_at));
    return 0;
}

static int tell(upp_txn *txn, const rules *r, const matter *m, const ladder_step *step)
{
    UPP_AUTO(roster_done) roster ro = { 0 };
    UPP_AUTO(resolve_done) resolve_answer a = { 0 };
    if (heard_by(m, step, upp_now(txn)) == 0)
        return say_step(txn, m, step, UPPSIKT__STEP_FIRED__HOW__HOW_HELD, 0);
    UPP_TRY(recipients(txn, r, m, step, &ro, &a));
    UPP_TRY(say_step(txn, m, step, UPPSIKT__STEP_FIRED__HOW__HOW_SENT, (uint32_t)a.n_recipients));
    UPP_TRY(say_empty(txn, m, &ro, &a));
    UPP_TRY(add_notices(txn, r, m, step->number, &ro, &a));
    if (a.n_recipients > 0)
        return 0;
    Uppsikt__NoticeFailed out = UPPSIKT__NOTICE_FAILED__INIT; /* never silently to nobody (I20) */
    out.at_ms = upp_now(txn);
    return upp_emit(txn, matter_subject(m), &out.base, NULL);
}

int step_tell(upp_txn *txn, const rules *r, const matter *m, enum notice_kind kind, unsigned to)
{
    UPP_AUTO(roster_done) roster ro = { 0 };
    UPP_AUTO(resolve_done) resolve_answer a = { 0 };
    const ladder_step now = {
        .at = upp_now(txn), .notice_from = upp_now(txn), .to = to, .acute = m->akut
    };
    UPP_TRY(roster_read(txn, r, m, &ro));
    const int never = resolve_step(&ro.question, &now, &a);
    UPP_TRY(never);
    return add_notices(txn, r, m, notice_number(kind, m), &ro, &a);
}

int step_tell_again(upp_txn *txn, const rules *r, const char *id, uint32_t number)
{
    UPP_AUTO(roster_done) roster ro = { 0 };
    UPP_AUTO(resolve_done) resolve_answer a = { 0 };
    matter m;
    step_plan p;
    ladder_step step;
    const int missing = matter_read(txn, id, &m);
    UPP_TRY(missing);
    if (missing || !step_plan_of(r, &m, &p) || !step_of(numbers_of(r, &m), &p, number, &step))
        return 0;
    UPP_TRY(recipients(txn, r, &m, &step, &ro, &a));
    UPP_TRY(say_empty(txn, &m, &ro, &a));
    return add_notices(txn, r, &m, number, &ro, &a);
}

int step_alarm(upp_txn *txn, const rules *r, const char *id)
{
    matter m;
    step_plan p;
    ladder_step step, highest = { 0 };
    delivery at;
    bool any = false;
    const upp_ms now = upp_now(txn);
    const int missing = matter_read(txn, id, &m);
    UPP_TRY(missing);
    if (missing || !step_plan_of(r, &m, &p))
        return 0;
    const numbers *n = numbers_of(r, &m);
    for (unsigned number = m.next_step; step_of(n, &p, number, &step); number = after(&p, number)) {
        const bool due = delivered_at(n, &step, now, &at) && at.at <= now;
        if (due) {
            highest = step;
            any = true;
        }
        if (!due && number >= p.n)
            break;
    }
    if (!any)
        return matter_rearm(txn, r, &m);
    /* overtaken: only the highest is sent (E32) */
    for (unsigned number = m.next_step; number < highest.number; number = after(&p, number))
        if (step_of(n, &p, number, &step))
            UPP_TRY(say_step(txn, &m, &step, UPPSIKT__STEP_FIRED__HOW__HOW_SUPERSEDED, 0));
    m.next_step = after(&p, highest.number);
    UPP_TRY(upp_exec(txn, "UPDATE matter SET next_step = ?2 WHERE matter = ?1",
                     BIND(V(m.id), V(m.next_step))));
    UPP_TRY(tell(txn, r, &m, &highest));
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

/* E28: our account was shut while the clock ran. */
static int read_outage(upp_txn *txn, const matter *m, bool *ret_locked)
{
    UPP_ROWS row =
        upp_query(txn,
                  "SELECT 1 FROM outage WHERE account = ?1 AND locked = 1 AND from_ms < ?3"
                  " AND (to_ms = 0 OR to_ms > ?2)",
                  BIND(V(m->account), V(m->received_ms), V(m->due_ms)));
    *ret_locked = upp_next(&row);
    return row.rc;
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
    const numbers *n = numbers_of(r, &m);
    clock_facts facts = { .first_seen_at = m.seen_ms, .jour = n->jour };
    UPP_TRY(read_outage(txn, &m, &facts.platform_unavailable));
    const char *cause = cause_name(clock_cause_of(&n->pol, &times, &facts));
    UPP_TRY(upp_exec(txn, "UPDATE matter SET breached = 1, cause = ?2 WHERE matter = ?1",
                     BIND(V(m.id), V(cause))));
    Uppsikt__MatterBreached out = UPPSIKT__MATTER_BREACHED__INIT;
    out.matter = m.id;
    out.item = m.item;
    out.account = m.account;
    out.due_ms = m.due_ms;
    out.cause = upp_lend(cause);
    return upp_emit(txn, matter_subject(&m), &out.base, NULL);
}
