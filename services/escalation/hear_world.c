/* hear_world.c - what is heard of the work around comments: actions that fail, copies that cannot
 * be saved, accounts that see nothing, findings of the register, archives that need a person (R05,
 * R08, R13, R22, R26; sla.md §3.3, E28). Each becomes a matter with an owner and a clock. */
#include "escalation.h"
#include "uppsikt/archive.pb-c.h"
#include "uppsikt/evidence.pb-c.h"
#include "uppsikt/ingest.pb-c.h"
#include "uppsikt/runtime.pb-c.h"
#include <stdio.h>
#include <string.h>

static void fill(char *ret_text, size_t size, const char *text)
{
    snprintf(ret_text, size, "%s", text);
}

/* -- the platform says no: the item stays open, with what a person has to do (§3.3) -- */
typedef struct failure {
    const rules *r;
    const char *action, *why;
} failure;

static int note_failed(upp_txn *txn, const matter *m, void *ctx)
{
    const failure *f = ctx;
    if (m->kind != UPPSIKT__MATTER_KIND__MATTER_KIND_MODERATION || m->errand != ERRAND_NONE)
        return 0;
    UPP_TRY(upp_exec(txn, "UPDATE matter SET failed = ?2 WHERE matter = ?1",
                     BIND(V(m->id), V(f->why))));
    Uppsikt__MatterFailed out = UPPSIKT__MATTER_FAILED__INIT;
    out.matter = upp_lend(m->id);
    out.item = upp_lend(m->item);
    out.action = upp_lend(f->action);
    out.why = upp_lend(f->why);
    out.at_ms = upp_now(txn);
    UPP_TRY(upp_emit(txn, m->item, &out.base, NULL));
    return step_tell(txn, f->r, m, NOTICE_FAILED, LADDER_TO(POLICY_ADMINISTRATORS));
}

static int failed(upp_txn *txn, const rules *r, const char *item, const char *action,
                  const char *why)
{
    failure f = { r, action, why };
    return matter_each_open(txn, item, note_failed, &f);
}

int on_action_refused(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    static const struct {
        Uppsikt__ActionRefused__Reason reason;
        const char *why;
    } rows[] = {
        { UPPSIKT__ACTION_REFUSED__REASON__REASON_STALE_VERSION, "failed-stale-version" },
        { UPPSIKT__ACTION_REFUSED__REASON__REASON_NO_ROW, "failed-no-row" },
        { UPPSIKT__ACTION_REFUSED__REASON__REASON_UNSIGNED, "failed-unsigned" },
        { UPPSIKT__ACTION_REFUSED__REASON__REASON_TOO_LONG, "failed-too-long" },
        { UPPSIKT__ACTION_REFUSED__REASON__REASON_ACCOUNT_LOCKED, "failed-account-locked" },
        { UPPSIKT__ACTION_REFUSED__REASON__REASON_OUTCOME_UNKNOWN, "failed-outcome-unknown" },
    };
    const Uppsikt__ActionRefused *a = msg;
    const char *why = "failed-platform";
    (void)in;
    if (a->what == UPPSIKT__ITEM_ACTION__ITEM_ACTION_UNHIDE) /* there is nothing to do by hand */
        return errand_end(txn, ERRAND_SHOW, a->item, UPPSIKT__MET_HOW__MET_HOW_CLEARED,
                          upp_now(txn));
    if (a->reason == UPPSIKT__ACTION_REFUSED__REASON__REASON_RECALLED)
        return 0; /* somebody has decided otherwise: nothing has failed */
    for (size_t i = 0; i < UPP_LEN(rows); i++)
        if (rows[i].reason == a->reason)
            why = rows[i].why;
    return failed(txn, self, a->item, a->action, why);
}

/* To be shown again by hand (R25): the matter may be met long since, so it is an errand. */
static int show_by_hand(upp_txn *txn, const rules *r, const Uppsikt__ActionManualRequired *a)
{
    matter m = { .errand = ERRAND_SHOW, .version = a->version, .received_ms = upp_now(txn) };
    {
        UPP_ROWS row = upp_query(txn, "SELECT account FROM item WHERE item = ?1", BIND(V(a->item)));
        if (!upp_next(&row))
            return row.rc;
        fill(m.account, sizeof m.account, upp_col_text(&row, 0));
    }
    fill(m.item, sizeof m.item, a->item);
    fill(m.about, sizeof m.about, a->item);
    return errand_open(txn, r, &m);
}

int on_action_manual(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__ActionManualRequired *a = msg;
    (void)in;
    if (a->what == UPPSIKT__ITEM_ACTION__ITEM_ACTION_UNHIDE)
        return show_by_hand(txn, self, a);
    const bool cannot = strcmp(a->reason, "platform-cannot") == 0;
    return failed(txn, self, a->item, a->action, cannot ? "failed-by-hand" : "failed-platform");
}

/* -- the saved copy -- */
int on_evidence_failed(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__EvidenceFailed *e = msg;
    matter m = { .errand = ERRAND_EVIDENCE, .version = e->version, .received_ms = upp_now(txn) };
    (void)in;
    {
        UPP_ROWS row = upp_query(txn, "SELECT account FROM item WHERE item = ?1", BIND(V(e->item)));
        if (!upp_next(&row))
            return row.rc; /* nothing that we keep a clock for */
        fill(m.account, sizeof m.account, upp_col_text(&row, 0));
    }
    fill(m.item, sizeof m.item, e->item);
    fill(m.about, sizeof m.about, e->item);
    return errand_open(txn, self, &m);
}

int on_evidence_sealed(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__EvidenceSealed *e = msg;
    (void)self;
    (void)in;
    return errand_end(txn, ERRAND_EVIDENCE, e->item, UPPSIKT__MET_HOW__MET_HOW_CLEARED, e->at_ms);
}

/* -- accounts -- */
/* E28: communications hear once that the platform has shut us out. */
static int tell_locked(upp_txn *txn, const rules *r, const char *account)
{
    matter m;
    char id[MATTER_ID] = "";
    {
        UPP_ROWS row = upp_query(txn,
                                 "SELECT matter FROM matter WHERE about = ?1 AND errand = ?2 AND"
                                 " state = 0",
                                 BIND(V(account), V((int64_t)ERRAND_BLIND)));
        if (upp_next(&row))
            fill(id, sizeof id, upp_col_text(&row, 0));
        UPP_TRY(row.rc);
    }
    const int missing = matter_read(txn, id, &m);
    UPP_TRY(missing);
    return missing ? 0 : step_tell(txn, r, &m, NOTICE_LOCKED, LADDER_TO(POLICY_COMMUNICATIONS));
}

static int sees_again(upp_txn *txn, const char *account, upp_ms at)
{
    UPP_TRY(upp_exec(txn,
                     "UPDATE outage SET to_ms = max(?2, from_ms) WHERE account = ?1 AND"
                     " to_ms = 0",
                     BIND(V(account), V(at))));
    return errand_end(txn, ERRAND_BLIND, account, UPPSIKT__MET_HOW__MET_HOW_CLEARED, at);
}

/* Nobody asked for so long, whatever the platform would have said: a day of which that is true is
 * not watched (R13). */
int on_gap(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__IngestGapFound *g = msg;
    (void)self;
    (void)in;
    const int rc = upp_exec(txn,
                            "INSERT INTO outage(account, from_ms, to_ms, locked)"
                            " VALUES(?1, ?2, ?3, 0) ON CONFLICT DO NOTHING",
                            BIND(V(g->account), V(g->from_ms), V(g->to_ms)));
    return rc < 0 ? rc : 0;
}

int on_account_health(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__AccountHealthChanged *h = msg;
    const bool locked = h->state == UPPSIKT__ACCOUNT_HEALTH_CHANGED__STATE__STATE_AUTH_REQUIRED;
    const bool manual = h->blind_since_ms == 0 && !locked;
    (void)in;
    if (manual)
        return sees_again(txn, h->account, upp_now(txn));
    matter m = { .errand = ERRAND_BLIND,
                 .received_ms = h->blind_since_ms ? h->blind_since_ms : upp_now(txn) };
    const int fresh =
        upp_exec(txn,
                 "INSERT INTO outage(account, from_ms, to_ms, locked) SELECT ?1, ?2, 0, ?3"
                 " WHERE NOT EXISTS(SELECT 1 FROM outage WHERE account = ?1 AND to_ms = 0 AND"
                 " locked >= ?3) ON CONFLICT DO UPDATE SET locked = max(locked, ?3)",
                 BIND(V(h->account), V(m.received_ms), V(locked ? 1 : 0)));
    UPP_TRY(fresh);
    fill(m.account, sizeof m.account, h->account);
    fill(m.about, sizeof m.about, h->account);
    UPP_TRY(errand_open(txn, self, &m));
    return fresh > 0 && locked ? tell_locked(txn, self, h->account) : 0;
}

/* -- the register -- */
int on_finding(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__FindingRaised *f = msg;
    matter m = { .errand = ERRAND_FINDING, .given_ms = f->due_ms };
    (void)in;
    m.received_ms = f->raised_ms > 0 ? f->raised_ms : upp_now(txn);
    fill(m.about, sizeof m.about, f->finding);
    fill(m.account, sizeof m.account, f->account);
    fill(m.unit, sizeof m.unit, f->unit);
    fill(m.detail, sizeof m.detail, f->kind);
    return errand_open(txn, self, &m);
}

int on_finding_cleared(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__FindingCleared *f = msg;
    (void)self;
    (void)in;
    return errand_end(txn, ERRAND_FINDING, f->finding, UPPSIKT__MET_HOW__MET_HOW_CLEARED,
                      f->at_ms > 0 ? f->at_ms : upp_now(txn));
}

/* -- the archive (R26) -- */
int on_capture_asked(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__ManualCaptureAsked *c = msg;
    matter m = { .errand = ERRAND_CAPTURE, .received_ms = upp_now(txn), .given_ms = c->due_ms };
    (void)in;
    fill(m.about, sizeof m.about, c->run);
    fill(m.detail, sizeof m.detail, c->why);
    fill(m.account, sizeof m.account, c->account);
    return errand_open(txn, self, &m);
}

int on_package_sealed(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__PackageSealed *p = msg;
    (void)self;
    (void)in;
    return errand_end(txn, ERRAND_CAPTURE, p->run, UPPSIKT__MET_HOW__MET_HOW_DONE, p->at_ms);
}

/* -- clocks (T10) -- */
int on_clock_jumped(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const rules *r = self;
    const Uppsikt__ClockJumped *c = msg;
    (void)in;
    const policy *pol = &numbers_body(r)->pol; /* the machine's clock is nobody's own */
    if (!clock_jumped(pol, 0, c->by_ms))
        return 0;
    return upp_exec(txn,
                    "INSERT INTO hold(hold, until_ms) VALUES('jump', ?1)"
                    " ON CONFLICT DO UPDATE SET until_ms = ?1",
                    BIND(V(upp_now(txn) + pol->jumps.hold_span)));
}
