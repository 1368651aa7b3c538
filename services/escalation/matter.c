/* matter.c - a matter: what a clock is kept for. Its due is a stored row, a pure function of
 * received time, calendar version and policy version (T9, P4). */
#include "escalation.h"
#include <stdio.h>
#include <string.h>

void matter_name(const char *item, Uppsikt__MatterKind kind, uint32_t round, char ret[MATTER_ID])
{
    static const char letters[] = { '?', 'l', 'm', 'q', 'f', 's' };
    snprintf(ret, MATTER_ID, "%s.%c%u", item, letters[(size_t)kind % sizeof letters], round);
}

const char *matter_state_name(enum matter_state state)
{
    static const char *const names[] = { "open", "met", "withdrawn" };
    return names[state];
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
    m->outside = upp_col_int(row, 23) != 0;
}

#define MATTER_COLUMNS                                                                             \
    "matter, item, account, kind, round, version, state, received_ms, seen_ms, due_ms,"            \
    " attended_ms, due_rev, policy_version, calendar_version, akut, duty, records, late,"          \
    " breached, next_step, acked_to, held_until, owner, outside"

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
    if (m->outside) { /* administrators at once, their manager when it is due (E15) */
        in.kind = CLOCK_DIARY;
        in.target_span = policy_working_days(&r->pol, r->pol.clocks.outside_removal_days);
    }
    *ret_in = in;
    return clock_compute(&r->pol, r->duty, &in, ret_times);
}

static int alarm_at(upp_txn *txn, const char *kind, const char *id, upp_ms due)
{
    char key[MATTER_ID + 16];
    snprintf(key, sizeof key, "%s/%s", kind, id);
    return due < 0 ? upp_alarm_off(txn, key) : upp_alarm(txn, key, due);
}

int matter_rearm(upp_txn *txn, const rules *r, const matter *m)
{
    const bool open = m->state == MATTER_OPEN;
    const upp_ms step = open ? step_next(r, m, upp_now(txn)) : -1;
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
        " records, late, outside) VALUES(?1, ?2, ?3, ?4, ?5, ?6, 0, ?7, ?8, ?9, ?10, ?11, ?12, ?13,"
        " ?14, ?15, ?16, ?17, ?18)",
        BIND(V(m->id), V(m->item), V(m->account), V((int64_t)m->kind), V(m->round), V(m->version),
             V(m->received_ms), V(m->seen_ms), V(m->due_ms), V(m->attended_ms), V(m->due_rev),
             V(m->policy_version), V(m->calendar_version), V(m->akut ? 1 : 0), V((int64_t)m->duty),
             V(m->records ? 1 : 0), V(m->late ? 1 : 0), V(m->outside ? 1 : 0)));
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

/* Stores what was counted anew, and says it when due has moved (T9). */
static int keep_count(upp_txn *txn, const rules *r, upp_ms old_due, const char *why, matter *m)
{
    if (m->due_ms != old_due) {
        m->due_rev++;
        m->next_step = 0;
        Uppsikt__DueRecomputed out = UPPSIKT__DUE_RECOMPUTED__INIT;
        out.matter = m->id;
        out.old_ms = old_due;
        out.new_ms = m->due_ms;
        out.due_rev = m->due_rev;
        out.why = upp_lend(why);
        UPP_TRY(upp_emit(txn, m->item, &out.base, NULL));
    }
    UPP_TRY(upp_exec(txn,
                     "UPDATE matter SET akut = ?2, duty = ?3, version = ?4, records = ?5,"
                     " due_ms = ?6, attended_ms = ?7, due_rev = ?8, next_step = ?9,"
                     " policy_version = ?10, calendar_version = ?11 WHERE matter = ?1",
                     BIND(V(m->id), V(m->akut ? 1 : 0), V((int64_t)m->duty), V(m->version),
                          V(m->records ? 1 : 0), V(m->due_ms), V(m->attended_ms), V(m->due_rev),
                          V(m->next_step), V(m->policy_version), V(m->calendar_version))));
    return matter_rearm(txn, r, m);
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
    return keep_count(txn, r, was->due_ms, "class", &now);
}

/* It was withdrawn because nobody had to act; now somebody has to, by the same clock. */
static int reopen(upp_txn *txn, const rules *r, const matter *was, const matter *wanted)
{
    matter now = *was;
    now.state = MATTER_OPEN;
    UPP_TRY(upp_exec(txn, "UPDATE matter SET state = 0, met_ms = 0, met_how = 0 WHERE matter = ?1",
                     BIND(V(now.id))));
    UPP_TRY(say_opened(txn, &now));
    UPP_TRY(matter_rearm(txn, r, &now));
    return worsen(txn, r, &now, wanted);
}

static int was_reclassified(upp_txn *txn, const char *id, bool *ret_was)
{
    UPP_ROWS row =
        upp_query(txn, "SELECT 1 FROM matter WHERE matter = ?1 AND state = ?2 AND met_how = ?3",
                  BIND(V(id), V((int64_t)MATTER_WITHDRAWN),
                       V((int64_t)UPPSIKT__WITHDRAWN_HOW__WITHDRAWN_HOW_RECLASSIFIED)));
    *ret_was = upp_next(&row);
    return row.rc;
}

int matter_open(upp_txn *txn, const rules *r, const matter *wanted)
{
    matter have;
    const int missing = matter_read(txn, wanted->id, &have);
    UPP_TRY(missing);
    if (!missing && have.state == MATTER_OPEN)
        return worsen(txn, r, &have, wanted);
    if (!missing) {
        bool again = false;
        UPP_TRY(was_reclassified(txn, wanted->id, &again));
        return again ? reopen(txn, r, &have, wanted) : 0;
    }
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
int matter_recount(upp_txn *txn, const rules *r)
{
    matter m = { 0 };
    for (;;) {
        {
            UPP_ROWS row = upp_query(txn,
                                     "SELECT " MATTER_COLUMNS " FROM matter WHERE state = 0 AND"
                                     " (policy_version <> ?1 OR calendar_version <> ?2)"
                                     " AND matter > ?3 ORDER BY matter LIMIT 1",
                                     BIND(V(r->pol.version), V(r->duty->version), V(m.id)));
            if (!upp_next(&row))
                return row.rc;
            fill(&row, &m);
        }
        const upp_ms old_due = m.due_ms;
        set_due(r, &m);
        UPP_TRY(keep_count(txn, r, old_due, "policy", &m));
    }
}
