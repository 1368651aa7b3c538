/* holding.c - what evidence holds of a person, and of what somebody wrote; and what lets each go
 * or keeps it: forgetting is by subject, so one answer holds for every service (R21, R23, R29). */
#include "candidate.h"
#include "held_kind.h"
#include <stdio.h>

int evidence_held(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    static const held_kind kinds[] = {
        { "name", "staff", "SELECT count(*), 0 FROM person WHERE person = ?1 AND who_ref > 0",
          false },
        { "absence", "absence", "SELECT count(*), 0 FROM absence WHERE person = ?1", false },
        { "words", "", "SELECT count(*), min(at_ms) FROM version WHERE item = ?1 AND text_ref > 0",
          false },
        { "copy", "",
          "SELECT count(*), min(sealed_ms) FROM record WHERE item = ?1 AND proof_ref > 0", false },
        { "quoted", "",
          "SELECT count(*), min(r.sealed_ms) FROM copy c JOIN record r ON r.record = c.record"
          " WHERE c.item = ?1 AND r.state = 2",
          true },
    };
    (void)self;
    (void)in;
    return held_reply(txn, msg, kinds, UPP_LEN(kinds));
}

/* -- which row -- */
typedef struct plan_row {
    char id[EVIDENCE_ID];
    int32_t months;
} plan_row;

/* The authority's own before one for all; empty: none. */
static int row_for(upp_txn *txn, enum cover_kind kind, const char *authority, plan_row *ret_row)
{
    char like[64];
    *ret_row = (plan_row){ .id = "" };
    if (kind == COVER_KINDS)
        return 0;
    snprintf(like, sizeof like, "%% %s %%", cover_word(kind));
    UPP_ROWS row = upp_query(txn,
                             "SELECT row, months FROM retention WHERE action = 2 AND decision <> ''"
                             " AND valid_from_ms <= ?3 AND authority IN ('', ?2)"
                             " AND ' ' || covers || ' ' LIKE ?1 ORDER BY authority = '', row"
                             " LIMIT 1",
                             BIND(V(like), V(authority), V(upp_now(txn))));
    if (upp_next(&row)) {
        snprintf(ret_row->id, sizeof ret_row->id, "%s", upp_col_text(&row, 0));
        ret_row->months = (int32_t)upp_col_int(&row, 1);
    }
    return row.rc;
}

static int reply_kept(upp_txn *txn, const char *subject, const known *k, enum cover_kind kind)
{
    plan_row by;
    Uppsikt__KeptByRow out = UPPSIKT__KEPT_BY_ROW__INIT;
    UPP_TRY(row_for(txn, kind, k->authority, &by));
    if (k->cited[0]) /* what a removal cited is what takes it */
        snprintf(by.id, sizeof by.id, "%s", k->cited);
    out.subject = upp_lend(subject);
    out.what = upp_lend(kind == COVER_KINDS ? "" : cover_word(kind));
    out.plan_row = by.id;
    out.months = by.months;
    out.held = k->held;
    out.why = upp_lend(k->why ? k->why : "");
    return upp_reply(txn, &out.base);
}

int evidence_kept_by(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    static const enum cover_kind hers[] = { COVER_STAFF, COVER_ABSENCE, COVER_LOOK };
    const Uppsikt__KeptBy *q = msg;
    (void)self;
    (void)in;
    if (q->n_subjects > EVIDENCE_PAGE)
        return upp_refuse(txn, "too-many-subjects");
    for (size_t i = 0; i < q->n_subjects; i++) {
        known k;
        const int none = candidate_known(txn, q->subjects[i], &k);
        UPP_TRY(none);
        const size_t n = k.kind == COVER_STAFF ? UPP_LEN(hers) : 1;
        for (size_t j = 0; !none && j < n; j++) {
            const int rc = reply_kept(txn, q->subjects[i], &k, n > 1 ? hers[j] : k.kind);
            if (rc)
                return rc < 0 ? rc : 0;
        }
    }
    return 0;
}
