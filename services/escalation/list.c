/* list.c - what people see of matters: pages by key, nothing logged. */
#include "escalation.h"
#include <stdio.h>
#include <string.h>

typedef struct shown {
    Uppsikt__MatterRow row;
    Uppsikt__MatterOpened opened;
    Uppsikt__Finding findings[16];
    Uppsikt__Finding *list[16];
} shown;

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
    char decided[UPP_ID] = "";
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
    s.row.opened = &s.opened;
    s.row.state = upp_lend(matter_state_name(m.state));
    s.row.breached = m.breached;
    s.row.owner = m.owner;
    {
        UPP_ROWS row = upp_query(
            txn, "SELECT met_ms, met_how, decision FROM matter WHERE matter = ?1", BIND(V(id)));
        if (upp_next(&row)) {
            s.row.met_ms = upp_col_int(&row, 0);
            s.row.met_how = m.state == MATTER_MET ? (Uppsikt__MetHow)upp_col_int(&row, 1) : 0;
            snprintf(decided, sizeof decided, "%s", upp_col_text(&row, 2));
        }
        UPP_TRY(row.rc);
    }
    s.row.decision = decided;
    UPP_TRY(next_step_ms(txn, id, &s.row.next_step_ms));
    UPP_TRY(add_findings(txn, m.item, &s));
    return upp_reply(txn, &s.row.base);
}

int on_open_matters(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__OpenMatters *q = msg;
    const int64_t limit = q->limit > 0 && q->limit < 200 ? q->limit : 200;
    UPP_ROWS row = upp_query(txn,
                             "SELECT matter FROM matter WHERE (state = 0 OR ?1)"
                             " AND (due_ms, matter) > (?2, ?3) AND (?4 = '' OR account = ?4)"
                             " AND (?5 = 0 OR kind = ?5) ORDER BY due_ms, matter LIMIT ?6",
                             BIND(V(q->closed_too ? 1 : 0), V(q->after_due_ms), V(q->after),
                                  V(q->account), V((int64_t)q->kind), V(limit)));
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
    const int rc = reply_matter(txn, q->matter);
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
