/* list.c - what people see of matters: pages by key, nothing logged. */
#include "escalation.h"
#include <stdio.h>
#include <string.h>

enum { ALIKE = 50, SAMPLE = 64 };
typedef struct shown {
    Uppsikt__MatterRow row;
    Uppsikt__MatterOpened opened;
    Uppsikt__Finding findings[16];
    Uppsikt__Finding *list[16];
    char decided[UPP_ID], failed[48], reply[48], proposed[UPP_ID], cause[32], approval[UPP_ID];
    char alike_ids[ALIKE][MATTER_ID], sample_ids[SAMPLE][UPP_ID];
    char *alike[ALIKE], *sample[SAMPLE];
} shown;

static void take(char *ret_text, size_t size, const upp_rows *row, int col)
{
    snprintf(ret_text, size, "%s", upp_col_text(row, col));
}

/* What only a page shows. */
static int add_rest(upp_txn *txn, const matter *m, shown *s)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT met_ms, met_how, decision, failed, proposed_reply,"
                             " proposed_decision, proposed_action, cause FROM matter"
                             " WHERE matter = ?1",
                             BIND(V(m->id)));
    if (!upp_next(&row))
        return row.rc;
    s->row.met_ms = upp_col_int(&row, 0);
    if (m->state == MATTER_MET)
        s->row.met_how = (Uppsikt__MetHow)upp_col_int(&row, 1);
    if (m->state == MATTER_WITHDRAWN)
        s->row.withdrawn_how = (Uppsikt__WithdrawnHow)upp_col_int(&row, 1);
    take(s->decided, sizeof s->decided, &row, 2);
    take(s->failed, sizeof s->failed, &row, 3);
    take(s->reply, sizeof s->reply, &row, 4);
    take(s->proposed, sizeof s->proposed, &row, 5);
    s->row.proposed_action = (Uppsikt__ItemAction)upp_col_int(&row, 6);
    take(s->cause, sizeof s->cause, &row, 7);
    s->row.decision = s->decided;
    s->row.failed = s->failed;
    s->row.proposed_reply = s->reply;
    s->row.proposed_decision = s->proposed;
    s->row.cause = s->cause;
    return 0;
}

static int add_approval(upp_txn *txn, const char *id, shown *s)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT approval, expires_ms FROM approval WHERE matter = ?1 AND"
                             " state = 0 ORDER BY approval DESC LIMIT 1",
                             BIND(V(id)));
    if (!upp_next(&row))
        return row.rc;
    take(s->approval, sizeof s->approval, &row, 0);
    s->row.approval = s->approval;
    s->row.approval_expires_ms = upp_col_int(&row, 1);
    return 0;
}

/* E19-E21: what is open and says the same, on this account or another of ours. */
static int add_alike(upp_txn *txn, const matter *m, shown *s)
{
    UPP_ROWS row = upp_query(
        txn,
        "SELECT DISTINCT x.matter FROM item i JOIN item o ON o.item <> i.item AND ("
        " o.item IN (i.repeats, i.echoes, i.twin) OR o.repeats IN (i.item, nullif(i.repeats, ''))"
        " OR o.echoes IN (i.item, nullif(i.echoes, '')) OR o.twin IN (i.item, nullif(i.twin, '')))"
        " JOIN matter x ON x.item = o.item AND x.state = 0 AND x.errand = 0"
        " WHERE i.item = ?1 AND x.kind = ?2 ORDER BY x.matter LIMIT 50",
        BIND(V(m->item), V((int64_t)m->kind)));
    while (m->state == MATTER_OPEN && s->row.n_alike < ALIKE && upp_next(&row)) {
        char *id = s->alike_ids[s->row.n_alike];
        take(id, MATTER_ID, &row, 0);
        s->alike[s->row.n_alike++] = id;
    }
    s->row.alike = s->alike;
    return row.rc;
}

static int add_sample(upp_txn *txn, const matter *m, shown *s)
{
    UPP_ROWS row = upp_query(
        txn, "SELECT decision FROM sampled WHERE matter = ?1 ORDER BY decision", BIND(V(m->id)));
    while (s->row.n_sample < SAMPLE && upp_next(&row)) {
        char *id = s->sample_ids[s->row.n_sample];
        take(id, UPP_ID, &row, 0);
        s->sample[s->row.n_sample++] = id;
    }
    s->row.sample = s->sample;
    return row.rc;
}

static int add_findings(upp_txn *txn, const char *item, shown *s)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT likely, review FROM judged WHERE item = ?1"
                             " ORDER BY version DESC LIMIT 1",
                             BIND(V(item)));
    if (!upp_next(&row))
        return row.rc;
    for (int label = 1; label < 16 && s->row.n_findings < UPP_LEN(s->list); label++) {
        const bool likely = upp_col_int(&row, 0) >> label & 1;
        const bool review = upp_col_int(&row, 1) >> label & 1;
        if (!likely && !review)
            continue;
        Uppsikt__Finding *f = &s->findings[s->row.n_findings];
        uppsikt__finding__init(f);
        f->label = (Uppsikt__Label)label;
        f->band = likely ? UPPSIKT__BAND__BAND_LIKELY : UPPSIKT__BAND__BAND_REVIEW;
        s->list[s->row.n_findings++] = f;
    }
    s->row.findings = s->list;
    return 0;
}

static int next_step_ms(upp_txn *txn, const char *id, int64_t *ret_ms)
{
    char key[MATTER_ID + 8];
    snprintf(key, sizeof key, "step/%s", id);
    UPP_ROWS row = upp_query(txn, "SELECT due FROM upp_alarm WHERE key = ?1", BIND(V(key)));
    *ret_ms = upp_next(&row) ? upp_col_int(&row, 0) : 0;
    return row.rc;
}

static int reply_matter(upp_txn *txn, const char *id)
{
    matter m;
    shown s = { 0 };
    const int missing = matter_read(txn, id, &m);
    UPP_TRY(missing);
    if (missing)
        return upp_refuse(txn, "no-such-matter");
    uppsikt__matter_row__init(&s.row);
    uppsikt__matter_opened__init(&s.opened);
    s.opened.matter = m.id;
    s.opened.item = m.item;
    s.opened.version = m.version;
    s.opened.account = m.account;
    s.opened.kind = m.kind;
    s.opened.round = m.round;
    s.opened.received_ms = m.received_ms;
    s.opened.due_ms = m.due_ms;
    s.opened.attended_due_ms = m.attended_ms;
    s.opened.policy_version = m.policy_version;
    s.opened.calendar_version = m.calendar_version;
    s.opened.due_rev = m.due_rev;
    s.opened.akut = m.akut;
    s.opened.duty = m.duty;
    s.opened.late_discovered = m.late;
    s.opened.records_request = m.records;
    s.opened.errand = upp_lend(errand_rule_of(m.errand)->name);
    s.opened.about = m.about;
    s.opened.answer_clock = m.answer;
    s.opened.danger = m.danger;
    s.opened.detail = m.detail;
    s.opened.anew = m.first_ms > 0;
    s.row.opened = &s.opened;
    s.row.state = upp_lend(matter_state_name(m.state));
    s.row.breached = m.breached;
    s.row.owner = m.owner;
    s.row.held_until_ms = m.held_until;
    s.row.snoozed_until_ms = m.snoozed_ms;
    s.row.handed_to = m.handed_to;
    s.row.accept_by_ms = m.accept_ms;
    s.row.asked = m.asked;
    UPP_TRY(add_rest(txn, &m, &s));
    UPP_TRY(add_approval(txn, m.id, &s));
    UPP_TRY(add_alike(txn, &m, &s));
    UPP_TRY(add_sample(txn, &m, &s));
    UPP_TRY(next_step_ms(txn, id, &s.row.next_step_ms));
    UPP_TRY(add_findings(txn, m.item, &s));
    return upp_reply(txn, &s.row.base);
}

/* What is open is found by its index alone, however much has been closed since. */
static upp_rows matters_after(upp_txn *txn, const Uppsikt__OpenMatters *q)
{
    const int64_t limit = q->limit > 0 && q->limit < 200 ? q->limit : 200;
    const upp_bind bind =
        BIND(V(q->after_due_ms), V(q->after), V(q->account), V((int64_t)q->kind), V(limit));
    if (q->closed_too)
        return upp_query(txn,
                         "SELECT matter FROM matter WHERE (due_ms, matter) > (?1, ?2)"
                         " AND (?3 = '' OR account = ?3) AND (?4 = 0 OR kind = ?4)"
                         " ORDER BY due_ms, matter LIMIT ?5",
                         bind);
    return upp_query(txn,
                     "SELECT matter FROM matter WHERE state = 0 AND (due_ms, matter) > (?1, ?2)"
                     " AND (?3 = '' OR account = ?3) AND (?4 = 0 OR kind = ?4)"
                     " ORDER BY due_ms, matter LIMIT ?5",
                     bind);
}

int on_open_matters(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    UPP_ROWS row = matters_after(txn, msg);
    while (upp_next(&row)) {
        const int rc = reply_matter(txn, upp_col_text(&row, 0));
        if (rc != 0)
            return rc;
    }
    return row.rc;
}

int on_show_matter(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__ShowMatter *q = msg;
    matter m;
    int rc = reply_matter(txn, q->matter);
    if (rc == 0)
        rc = matter_read(txn, q->matter, &m);
    if (rc == 0)
        rc = diary_rows(txn, &m);
    if (rc != 0)
        return rc;
    UPP_ROWS row = upp_query(txn,
                             "SELECT number, time_ms, how, due_rev FROM step WHERE matter = ?1"
                             " ORDER BY time_ms, number",
                             BIND(V(q->matter)));
    while (upp_next(&row)) {
        char name[LADDER_NAME_SIZE];
        Uppsikt__StepRow out = UPPSIKT__STEP_ROW__INIT;
        Uppsikt__StepFired step = UPPSIKT__STEP_FIRED__INIT;
        ladder_name((unsigned)upp_col_int(&row, 0), name);
        step.matter = q->matter;
        step.step = name;
        step.time_ms = upp_col_int(&row, 1);
        step.how = (Uppsikt__StepFired__How)upp_col_int(&row, 2);
        step.due_rev = (uint32_t)upp_col_int(&row, 3);
        out.step = &step;
        const int sent = upp_reply(txn, &out.base);
        if (sent != 0)
            return sent;
    }
    return row.rc;
}
