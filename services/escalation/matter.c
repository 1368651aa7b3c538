/* matter.c - a matter: what a clock is kept for. Its due is a stored row, a pure function of
 * received time, calendar version and policy version (T9, P4). */
#include "escalation.h"
#include <stdio.h>
#include <string.h>

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
    const numbers *n = numbers_of(r, m);
    clock_input in = { .start = m->received_ms };
    if (m->errand != ERRAND_NONE) {
        if (!errand_clock(&n->pol, m->errand, m->received_ms, m->given_ms, &in))
            return CALENDAR_NONE;
    } else if (!kind_of_clock(m, &in.kind)) {
        return CALENDAR_NONE;
    }
    if (m->answer) {
        in.kind = CLOCK_ANSWER;
        in.pauses = m->pauses;
        in.n_pauses = m->n_pauses;
    }
    *ret_in = in;
    return clock_compute(&n->pol, n->duty, &in, ret_times);
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
    /* late from the smallest unit after due (T5); what was met once is not late afterwards */
    const bool may_breach = open && !m->breached && m->due_ms > 0 && m->first_ms == 0;
    const upp_ms breach = may_breach ? m->due_ms + 1 : -1;
    UPP_TRY(alarm_at(txn, "step", m->id, step));
    return alarm_at(txn, "breach", m->id, breach);
}

/* -- opening -- */
static int insert(upp_txn *txn, const matter *m)
{
    UPP_TRY(upp_exec(
        txn,
        "INSERT INTO matter(matter, item, account, kind, round, version, state, received_ms,"
        " seen_ms, due_ms, attended_ms, due_rev, policy_version, calendar_version, akut, duty,"
        " records, late, errand, about) VALUES(?1, ?2, ?3, ?4, ?5, ?6, 0, ?7, ?8, ?9, ?10, ?11,"
        " ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)",
        BIND(V(m->id), V(m->item), V(m->account), V((int64_t)m->kind), V(m->round), V(m->version),
             V(m->received_ms), V(m->seen_ms), V(m->due_ms), V(m->attended_ms), V(m->due_rev),
             V(m->policy_version), V(m->calendar_version), V(m->akut ? 1 : 0), V((int64_t)m->duty),
             V(m->records ? 1 : 0), V(m->late ? 1 : 0), V((int64_t)m->errand), V(m->about))));
    return upp_exec(txn,
                    "UPDATE matter SET unit = ?2, given_ms = ?3, root = ?4, answer = ?5,"
                    " danger = ?6, owner = ?7, detail = ?8 WHERE matter = ?1",
                    BIND(V(m->id), V(m->unit), V(m->given_ms), V(m->root), V(m->answer ? 1 : 0),
                         V(m->danger ? 1 : 0), V(m->owner), V(m->detail)));
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
    out.errand = upp_lend(errand_rule_of(m->errand)->name);
    out.about = upp_lend(m->about);
    out.answer_clock = m->answer;
    out.danger = m->danger;
    out.detail = upp_lend(m->detail);
    out.anew = m->first_ms > 0;
    return upp_emit(txn, matter_subject(m), &out.base, NULL);
}

static void set_due(const rules *r, matter *m)
{
    clock_input in;
    clock_times times;
    const numbers *n = numbers_of(r, m);
    m->policy_version = n->pol.version;
    m->calendar_version = n->duty->version;
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
        UPP_TRY(upp_emit(txn, matter_subject(m), &out.base, NULL));
    }
    UPP_TRY(upp_exec(txn,
                     "UPDATE matter SET akut = ?2, duty = ?3, version = ?4, records = ?5,"
                     " due_ms = ?6, attended_ms = ?7, due_rev = ?8, next_step = ?9,"
                     " policy_version = ?10, calendar_version = ?11, danger = ?12,"
                     " received_ms = ?13 WHERE matter = ?1",
                     BIND(V(m->id), V(m->akut ? 1 : 0), V((int64_t)m->duty), V(m->version),
                          V(m->records ? 1 : 0), V(m->due_ms), V(m->attended_ms), V(m->due_rev),
                          V(m->next_step), V(m->policy_version), V(m->calendar_version),
                          V(m->danger ? 1 : 0), V(m->received_ms))));
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
    now.danger = was->danger || wanted->danger;
    /* a cluster's clock is its earliest (E19); nothing else comes with an earlier time */
    if (wanted->received_ms < was->received_ms && wanted->errand == ERRAND_NONE)
        now.received_ms = wanted->received_ms;
    if (now.akut == was->akut && now.duty == was->duty && now.version == was->version &&
        now.records == was->records && now.danger == was->danger &&
        now.received_ms == was->received_ms)
        return 0;
    if (was->first_ms == 0) /* of what was met once, the due is history (T9) */
        set_due(r, &now);
    return keep_count(txn, r, was->due_ms, "class", &now);
}

/* T9: other numbers than those that an open matter was counted with: its due is counted anew. */
static int count_anew(upp_txn *txn, const rules *r, matter *m)
{
    const upp_ms old_due = m->due_ms;
    set_due(r, m);
    return keep_count(txn, r, old_due, "policy", m);
}

/* It was withdrawn, or met, because nobody had to act; now somebody has to, by the same clock, or
 * by the numbers that are in force since. */
static int reopen(upp_txn *txn, const rules *r, const matter *was, const matter *wanted)
{
    matter now = *was;
    now.state = MATTER_OPEN;
    UPP_TRY(upp_exec(txn, "UPDATE matter SET state = 0, met_ms = 0, met_how = 0 WHERE matter = ?1",
                     BIND(V(now.id))));
    UPP_TRY(say_opened(txn, &now));
    UPP_TRY(count_anew(txn, r, &now));
    return worsen(txn, r, &now, wanted);
}

/* Withdrawn by what the machine said then; or met by a hide of others that they have undone. */
static int is_undone(upp_txn *txn, const char *id, bool *ret_is)
{
    UPP_ROWS row = upp_query(
        txn,
        "SELECT 1 FROM matter m LEFT JOIN item i ON i.item = m.item WHERE m.matter = ?1"
        " AND ((m.state = ?2 AND m.met_how = ?3) OR (m.state = ?4 AND m.met_how = ?5"
        " AND i.gone = 0 AND i.hidden_ms <= 0))",
        BIND(V(id), V((int64_t)MATTER_WITHDRAWN),
             V((int64_t)UPPSIKT__WITHDRAWN_HOW__WITHDRAWN_HOW_RECLASSIFIED), V((int64_t)MATTER_MET),
             V((int64_t)UPPSIKT__MET_HOW__MET_HOW_REMOVED_OUTSIDE)));
    *ret_is = upp_next(&row);
    return row.rc;
}

bool matter_is_bound(const matter *m)
{
    return m->duty == UPPSIKT__DUTY__DUTY_BBS5 || m->duty == UPPSIKT__DUTY__DUTY_DATA_PROTECTION ||
           m->duty == UPPSIKT__DUTY__DUTY_SECRECY;
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
        UPP_TRY(is_undone(txn, wanted->id, &again));
        return again ? reopen(txn, r, &have, wanted) : 0;
    }
    matter m = *wanted;
    m.state = MATTER_OPEN;
    m.due_rev = 1;
    UPP_TRY(register_whose(txn, m.account, m.authority));
    m.late = clock_late_discovered(&numbers_of(r, &m)->pol, m.received_ms, m.seen_ms);
    set_due(r, &m);
    UPP_TRY(insert(txn, &m));
    UPP_TRY(say_opened(txn, &m));
    return matter_rearm(txn, r, &m);
}

int matter_open_anew(upp_txn *txn, const rules *r, const matter *was)
{
    matter now = *was;
    now.state = MATTER_OPEN;
    UPP_TRY(upp_exec(txn,
                     "UPDATE matter SET first_ms = met_ms, first_how = met_how WHERE matter = ?1"
                     " AND state = ?2 AND first_ms = 0",
                     BIND(V(was->id), V((int64_t)MATTER_MET))));
    now.next_step = step_after(r, &now, upp_now(txn));
    UPP_TRY(upp_exec(txn,
                     "UPDATE matter SET state = 0, met_ms = 0, met_how = 0, failed = '',"
                     " next_step = ?2 WHERE matter = ?1",
                     BIND(V(was->id), V(now.next_step))));
    const int missing = matter_read(txn, was->id, &now);
    UPP_TRY(missing);
    UPP_TRY(say_opened(txn, &now));
    return matter_rearm(txn, r, &now);
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
    const upp_ms counts = m.first_ms > 0 ? m.first_ms : at;
    out.within_due = m.due_ms == 0 || clock_met(counts, m.due_ms);
    out.within_attended = m.attended_ms == 0 || clock_met(counts, m.attended_ms);
    return upp_emit(txn, matter_subject(&m), &out.base, NULL);
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
    return upp_emit(txn, matter_subject(&m), &out.base, NULL);
}

int matter_recount(upp_txn *txn, const rules *r)
{
    matter m = { 0 };
    for (;;) {
        const int none = matter_next_miscounted(txn, r, &m);
        if (none)
            return none < 0 ? none : 0;
        UPP_TRY(count_anew(txn, r, &m));
    }
}

int matter_pause(upp_txn *txn, const rules *r, const char *id, const calendar_stretch *pauses,
                 size_t n)
{
    matter m;
    const int missing = matter_read(txn, id, &m);
    UPP_TRY(missing);
    if (missing || m.state != MATTER_OPEN)
        return 0;
    n = n < MATTER_PAUSES ? n : MATTER_PAUSES;
    bool same = n == m.n_pauses;
    for (size_t i = 0; same && i < n; i++)
        same = pauses[i].from == m.pauses[i].from && pauses[i].to == m.pauses[i].to;
    if (same)
        return 0;
    UPP_TRY(upp_exec(txn, "DELETE FROM pause WHERE matter = ?1", BIND(V(id))));
    for (size_t i = 0; i < n; i++) {
        UPP_TRY(upp_exec(txn, "INSERT INTO pause(matter, from_ms, to_ms) VALUES(?1, ?2, ?3)",
                         BIND(V(id), V(pauses[i].from), V(pauses[i].to))));
        m.pauses[i] = pauses[i];
    }
    m.n_pauses = n;
    const upp_ms old_due = m.due_ms;
    set_due(r, &m);
    return keep_count(txn, r, old_due, "pause", &m);
}

/* -- errands -- */
/* How many there were of that kind about it; `ret_open`: one is open. */
static int count_errands(upp_txn *txn, enum errand errand, const char *about, int64_t *ret_n,
                         bool *ret_open)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT count(*), coalesce(max(state = 0), 0) FROM matter"
                             " WHERE about = ?1 AND about <> '' AND errand = ?2",
                             BIND(V(about), V((int64_t)errand)));
    if (upp_next(&row)) {
        *ret_n = upp_col_int(&row, 0);
        *ret_open = upp_col_int(&row, 1) != 0;
    }
    return row.rc;
}

int errand_open(upp_txn *txn, const rules *r, const matter *wanted)
{
    const errand_rule *rule = errand_rule_of(wanted->errand);
    matter m = *wanted;
    int64_t before = 0;
    bool open = false;
    UPP_TRY(count_errands(txn, m.errand, m.about, &before, &open));
    if (!open && rule->once && before > 0)
        return 0;
    m.kind = rule->of_item ? UPPSIKT__MATTER_KIND__MATTER_KIND_LOOK
                           : UPPSIKT__MATTER_KIND__MATTER_KIND_FINDING;
    m.round = (uint32_t)before + (open ? 0 : 1); /* it is known: a newer version, perhaps */
    m.akut = rule->time == ERRAND_AKUT;
    m.seen_ms = m.received_ms;
    snprintf(m.id, sizeof m.id, "%.40s.%c%u", m.about, rule->letter, m.round);
    return matter_open(txn, r, &m);
}

typedef struct ending {
    enum errand errand;
    Uppsikt__MetHow how;
    upp_ms at;
} ending;

static int end_one(upp_txn *txn, const matter *m, void *ctx)
{
    const ending *e = ctx;
    return m->errand == e->errand ? matter_meet(txn, m->id, e->how, e->at) : 0;
}

int errand_end(upp_txn *txn, enum errand errand, const char *about, Uppsikt__MetHow how, upp_ms at)
{
    ending e = { errand, how, at };
    return matter_each_about(txn, about, end_one, &e);
}
