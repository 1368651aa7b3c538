/* matter.c - a matter: what a clock is kept for. Its due is a stored row, a pure function of received
 * time, calendar version and policy version (T9, P4). */
#include "escalation.h"
#include <stdio.h>
#include <string.h>

void matter_name(const char *item, Uppsikt__MatterKind kind, uint32_t round, char ret[MATTER_ID])
{
    static const char letters[] = { '?', 'l', 'm', 'q', 'f', 's' };
    snprintf(ret, MATTER_ID, "%s.%c%u", item, letters[(size_t)kind % sizeof letters], round);
}

static void fill(const upp_rows *row, matter *ret_matter)
{
    matter *m = ret_matter;
    snprintf(m->id, sizeof m->id, "%s", upp_col_text(row, 0));
    snprintf(m->item, sizeof m->item, "%s", upp_col_text(row, 1));
    snprintf(m->account, sizeof m->account, "%s", upp_col_text(row, 2));
    m->kind = (Uppsikt__MatterKind)upp_col_int(row, 3);
    m->round = (uint32_t)upp_col_int(row, 4);
    m->version = (uint32_t)upp_col_int(row, 5);
    m->state = (enum matter_state)upp_col_int(row, 6);
    m->received_ms = upp_col_int(row, 7);
    m->seen_ms = upp_col_int(row, 8);
    m->due_ms = upp_col_int(row, 9);
    m->attended_ms = upp_col_int(row, 10);
    m->due_rev = (uint32_t)upp_col_int(row, 11);
    m->policy_version = upp_col_int(row, 12);
    m->calendar_version = upp_col_int(row, 13);
    m->akut = upp_col_int(row, 14) != 0;
    m->duty = (Uppsikt__Duty)upp_col_int(row, 15);
    m->records = upp_col_int(row, 16) != 0;
    m->late = upp_col_int(row, 17) != 0;
    m->breached = upp_col_int(row, 18) != 0;
    m->next_step = (uint32_t)upp_col_int(row, 19);
    m->acked_to = upp_col_int(row, 20);
    m->held_until = upp_col_int(row, 21);
    snprintf(m->owner, sizeof m->owner, "%s", upp_col_text(row, 22));
}

#define MATTER_COLUMNS                                                                             \
    "matter, item, account, kind, round, version, state, received_ms, seen_ms, due_ms,"            \
    " attended_ms, due_rev, policy_version, calendar_version, akut, duty, records, late,"          \
    " breached, next_step, acked_to, held_until, owner"

int matter_read(upp_txn *txn, const char *id, matter *ret_matter)
{
    UPP_ROWS row =
        upp_query(txn, "SELECT " MATTER_COLUMNS " FROM matter WHERE matter = ?1", BIND(V(id)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : 1;
    fill(&row, ret_matter);
    return 0;
}

int matter_each_open(upp_txn *txn, const char *item,
                     int (*each)(upp_txn *txn, const matter *m, void *ctx), void *ctx)
{
    matter open[16];
    size_t n = 0;
    {
        UPP_ROWS row = upp_query(txn,
                                 "SELECT " MATTER_COLUMNS " FROM matter WHERE item = ?1 AND"
                                 " state = 0 ORDER BY matter",
                                 BIND(V(item)));
        while (n < UPP_LEN(open) && upp_next(&row))
            fill(&row, &open[n++]);
        UPP_TRY(row.rc);
    }
    for (size_t i = 0; i < n; i++)
        UPP_TRY(each(txn, &open[i], ctx));
    return 0;
}

/* -- the clock -- */
static bool kind_of_clock(const matter *m, enum clock_kind *ret_kind)
{
    static const struct {
        Uppsikt__MatterKind matter;
        enum clock_kind clock;
    } rows[] = {
        { UPPSIKT__MATTER_KIND__MATTER_KIND_LOOK, CLOCK_TRIAGE },
        { UPPSIKT__MATTER_KIND__MATTER_KIND_MODERATION, CLOCK_MODERATION },
        { UPPSIKT__MATTER_KIND__MATTER_KIND_QUESTION, CLOCK_FIRST_RESPONSE },
    };
    for (size_t i = 0; i < UPP_LEN(rows); i++)
        if (rows[i].matter == m->kind) {
            *ret_kind = m->akut && rows[i].clock == CLOCK_MODERATION ? CLOCK_ACUTE : rows[i].clock;
            return true;
        }
    return false; /* only to be seen: no clock */
}

int matter_times(const rules *r, const matter *m, clock_input *ret_in, clock_times *ret_times)
{
    clock_input in = { .start = m->received_ms };
    if (!kind_of_clock(m, &in.kind))
        return CALENDAR_NONE;
    *ret_in = in;
    return clock_compute(&r->pol, r->duty, &in, ret_times);
}

static int alarm_at(upp_txn *txn, const char *kind, const char *id, upp_ms due)
{
    char key[MATTER_ID + 16];
    snprintf(key, sizeof key, "%s/%s", kind, id);
    return due < 0 ? upp_alarm_off(txn, key) : upp_alarm(txn, key, due);
}

/* When the matter's next step is to be delivered; -1: it has none. */
static upp_ms next_delivery(const rules *r, const matter *m, const clock_input *in,
                            const clock_times *times)
{
    ladder_step steps[LADDER_STEPS_MAX], step;
    size_t n = 0;
    delivery at;
    if (ladder_plan(&r->pol, r->duty, in, times, steps, &n) != 0 || n == 0)
        return -1;
    if (m->next_step >= LADDER_FIRST_REPEAT || m->next_step >= n) {
        const unsigned repeat =
            m->next_step >= LADDER_FIRST_REPEAT ? m->next_step - LADDER_FIRST_REPEAT + 1 : 1;
        if (ladder_repeat(&r->pol, r->duty, &steps[n - 1], repeat, &step) != 0)
            return -1;
    } else {
        step = steps[m->next_step];
    }
    return ladder_delivery(&r->pol, r->duty, r->jour, &step, &at) == 0 ? at.at : -1;
}

int matter_rearm(upp_txn *txn, const rules *r, const matter *m)
{
    clock_input in;
    clock_times times;
    const bool open = m->state == MATTER_OPEN && matter_times(r, m, &in, &times) == 0;
    const upp_ms step = open ? next_delivery(r, m, &in, &times) : -1;
    /* late from the smallest unit after due (T5) */
    const upp_ms breach = open && !m->breached && m->due_ms > 0 ? m->due_ms + 1 : -1;
    UPP_TRY(alarm_at(txn, "step", m->id, step));
    return alarm_at(txn, "breach", m->id, breach);
}

/* -- opening -- */
static int insert(upp_txn *txn, const matter *m)
{
    const int rc = upp_exec(
        txn,
        "INSERT INTO matter(matter, item, account, kind, round, version, state, received_ms,"
        " seen_ms, due_ms, attended_ms, due_rev, policy_version, calendar_version, akut, duty,"
        " records, late) VALUES(?1, ?2, ?3, ?4, ?5, ?6, 0, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14,"
        " ?15, ?16, ?17)",
        BIND(V(m->id), V(m->item), V(m->account), V((int64_t)m->kind), V(m->round), V(m->version),
             V(m->received_ms), V(m->seen_ms), V(m->due_ms), V(m->attended_ms), V(m->due_rev),
             V(m->policy_version), V(m->calendar_version), V(m->akut ? 1 : 0), V((int64_t)m->duty),
             V(m->records ? 1 : 0), V(m->late ? 1 : 0)));
    return rc < 0 ? rc : 0;
}

static int say_opened(upp_txn *txn, const matter *m)
{
    Uppsikt__MatterOpened out = UPPSIKT__MATTER_OPENED__INIT;
    out.matter = upp_lend(m->id);
    out.item = upp_lend(m->item);
    out.version = m->version;
    out.account = upp_lend(m->account);
    out.kind = m->kind;
    out.round = m->round;
    out.received_ms = m->received_ms;
    out.due_ms = m->due_ms;
    out.attended_due_ms = m->attended_ms;
    out.policy_version = m->policy_version;
    out.calendar_version = m->calendar_version;
    out.due_rev = m->due_rev;
    out.akut = m->akut;
    out.duty = m->duty;
    out.late_discovered = m->late;
    out.records_request = m->records;
    return upp_emit(txn, m->item, &out.base, NULL);
}

static void set_due(const rules *r, matter *m)
{
    clock_input in;
    clock_times times;
    m->policy_version = r->pol.version;
    m->calendar_version = r->duty->version;
    m->due_ms = 0;
    m->attended_ms = 0;
    if (matter_times(r, m, &in, &times) == 0 && !times.paused) {
        m->due_ms = times.due;
        m->attended_ms = m->kind == UPPSIKT__MATTER_KIND__MATTER_KIND_MODERATION
                             ? times.attended_due
                             : times.due;
    }
}

/* It was open already: it can only get worse, never better and never slower (E9). */
static int worsen(upp_txn *txn, const rules *r, const matter *was, const matter *wanted)
{
    matter now = *was;
    now.akut = was->akut || wanted->akut;
    now.duty = wanted->duty > was->duty ? wanted->duty : was->duty;
    now.version = wanted->version > was->version ? wanted->version : was->version;
    now.records = was->records || wanted->records;
    if (now.akut == was->akut && now.duty == was->duty && now.version == was->version &&
        now.records == was->records)
        return 0;
    set_due(r, &now);
    if (now.due_ms != was->due_ms) {
        now.due_rev++;
        now.next_step = 0;
        Uppsikt__DueRecomputed out = UPPSIKT__DUE_RECOMPUTED__INIT;
        out.matter = now.id;
        out.old_ms = was->due_ms;
        out.new_ms = now.due_ms;
        out.due_rev = now.due_rev;
        out.why = upp_lend("class");
        UPP_TRY(upp_emit(txn, now.item, &out.base, NULL));
    }
    UPP_TRY(upp_exec(txn,
                     "UPDATE matter SET akut = ?2, duty = ?3, version = ?4, records = ?5,"
                     " due_ms = ?6, attended_ms = ?7, due_rev = ?8, next_step = ?9"
                     " WHERE matter = ?1",
                     BIND(V(now.id), V(now.akut ? 1 : 0), V((int64_t)now.duty), V(now.version),
                          V(now.records ? 1 : 0), V(now.due_ms), V(now.attended_ms), V(now.due_rev),
                          V(now.next_step))));
    return matter_rearm(txn, r, &now);
}

int matter_open(upp_txn *txn, const rules *r, const matter *wanted)
{
    matter have;
    const int missing = matter_read(txn, wanted->id, &have);
    UPP_TRY(missing);
    if (!missing)
        return have.state == MATTER_OPEN ? worsen(txn, r, &have, wanted) : 0;
    matter m = *wanted;
    m.state = MATTER_OPEN;
    m.due_rev = 1;
    m.late = clock_late_discovered(&r->pol, m.received_ms, m.seen_ms);
    set_due(r, &m);
    UPP_TRY(insert(txn, &m));
    UPP_TRY(say_opened(txn, &m));
    return matter_rearm(txn, r, &m);
}

/* -- ending -- */
static int end(upp_txn *txn, const matter *m, enum matter_state state, int64_t how, upp_ms at)
{
    UPP_TRY(upp_exec(txn,
                     "UPDATE matter SET state = ?2, met_how = ?3, met_ms = ?4 WHERE matter = ?1",
                     BIND(V(m->id), V((int64_t)state), V(how), V(at))));
    UPP_TRY(alarm_at(txn, "step", m->id, -1));
    return alarm_at(txn, "breach", m->id, -1);
}

int matter_meet(upp_txn *txn, const char *id, Uppsikt__MetHow how, upp_ms at)
{
    matter m;
    const int missing = matter_read(txn, id, &m);
    UPP_TRY(missing);
    if (missing || m.state != MATTER_OPEN)
        return 0;
    UPP_TRY(end(txn, &m, MATTER_MET, (int64_t)how, at));
    Uppsikt__MatterMet out = UPPSIKT__MATTER_MET__INIT;
    out.matter = m.id;
    out.item = m.item;
    out.account = m.account;
    out.how = how;
    out.at_ms = at;
    out.within_due = m.due_ms == 0 || clock_met(at, m.due_ms);
    out.within_attended = m.attended_ms == 0 || clock_met(at, m.attended_ms);
    return upp_emit(txn, m.item, &out.base, NULL);
}

int matter_withdraw(upp_txn *txn, const char *id, Uppsikt__WithdrawnHow how, upp_ms at)
{
    matter m;
    const int missing = matter_read(txn, id, &m);
    UPP_TRY(missing);
    if (missing || m.state != MATTER_OPEN)
        return 0;
    UPP_TRY(end(txn, &m, MATTER_WITHDRAWN, (int64_t)how, at));
    Uppsikt__MatterWithdrawn out = UPPSIKT__MATTER_WITHDRAWN__INIT;
    out.matter = m.id;
    out.item = m.item;
    out.account = m.account;
    out.how = how;
    out.at_ms = at;
    return upp_emit(txn, m.item, &out.base, NULL);
}

/* T9: other numbers than those that an open matter was counted with: its due is counted anew. */
static int recompute(upp_txn *txn, const rules *r, matter *m)
{
    const matter was = *m;
    set_due(r, m);
    if (m->due_ms != was.due_ms) {
        m->due_rev++;
        m->next_step = 0;
        Uppsikt__DueRecomputed out = UPPSIKT__DUE_RECOMPUTED__INIT;
        out.matter = m->id;
        out.old_ms = was.due_ms;
        out.new_ms = m->due_ms;
        out.due_rev = m->due_rev;
        out.why = upp_lend("policy");
        UPP_TRY(upp_emit(txn, m->item, &out.base, NULL));
    }
    UPP_TRY(upp_exec(txn,
                     "UPDATE matter SET due_ms = ?2, attended_ms = ?3, due_rev = ?4,"
                     " next_step = ?5, policy_version = ?6, calendar_version = ?7"
                     " WHERE matter = ?1",
                     BIND(V(m->id), V(m->due_ms), V(m->attended_ms), V(m->due_rev), V(m->next_step),
                          V(m->policy_version), V(m->calendar_version))));
    return matter_rearm(txn, r, m);
}

int matter_recount(upp_txn *txn, const rules *r)
{
    for (;;) {
        matter m = { 0 };
        {
            UPP_ROWS row = upp_query(txn,
                                     "SELECT " MATTER_COLUMNS " FROM matter WHERE state = 0 AND"
                                     " (policy_version <> ?1 OR calendar_version <> ?2) LIMIT 1",
                                     BIND(V(r->pol.version), V(r->duty->version)));
            if (!upp_next(&row))
                return row.rc;
            fill(&row, &m);
        }
        UPP_TRY(recompute(txn, r, &m));
    }
}
