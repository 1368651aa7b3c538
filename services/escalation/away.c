/* away.c - absences as they begin and end: what somebody had claimed goes to those who stand in;
 * who comes back takes it again by herself (V6). One that is entered too late tells the stand-ins
 * at once (V7; R15). */
#include "escalation.h"
#include <stdio.h>
#include <string.h>

typedef struct absence_row {
    char person[MATTER_PERSON];
    bool refired;
    upp_ms from, to;
} absence_row;

/* 1: there is none, or it was forgotten. */
static int read_absence(upp_txn *txn, const char *absence, absence_row *ret_row)
{
    int64_t ref = 0;
    {
        UPP_ROWS row =
            upp_query(txn, "SELECT person, refired, when_ref FROM absence WHERE absence = ?1",
                      BIND(V(absence)));
        if (!upp_next(&row))
            return row.rc < 0 ? row.rc : 1;
        snprintf(ret_row->person, sizeof ret_row->person, "%s", upp_col_text(&row, 0));
        ret_row->refired = upp_col_int(&row, 1) != 0;
        ref = upp_col_int(&row, 2);
    }
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *msg = NULL;
    const int missing = upp_recall(txn, ref, &uppsikt__absence_set_content__descriptor, &msg);
    if (missing)
        return missing;
    const Uppsikt__AbsenceSetContent *when = (const Uppsikt__AbsenceSetContent *)msg;
    ret_row->from = when->from_ms;
    ret_row->to = when->to_ms;
    return 0;
}

static int alarm_at(upp_txn *txn, const char *kind, const char *absence, upp_ms at)
{
    char key[80];
    snprintf(key, sizeof key, "%s/%s", kind, absence);
    return at < upp_now(txn) ? upp_alarm_off(txn, key) : upp_alarm(txn, key, at);
}

/* -- what she had claimed -- */
typedef struct releasing {
    const rules *r;
    const char *person, *account, *why;
} releasing;

static int release(upp_txn *txn, const matter *m, void *ctx)
{
    const releasing *x = ctx;
    if (x->account[0] && strcmp(m->account, x->account) != 0)
        return 0;
    if (strcmp(m->handed_to, x->person) == 0)
        UPP_TRY(handover_release(txn, x->r, m));
    if (strcmp(m->owner, x->person) != 0)
        return 0;
    UPP_TRY(upp_exec(txn, "UPDATE matter SET owner = '', away_owner = ?2 WHERE matter = ?1",
                     BIND(V(m->id), V(x->person))));
    Uppsikt__MatterReleased out = UPPSIKT__MATTER_RELEASED__INIT;
    out.matter = upp_lend(m->id);
    out.person = upp_lend(x->person);
    out.why = upp_lend(x->why);
    UPP_TRY(upp_emit(txn, matter_subject(m), &out.base, NULL));
    matter freed = *m;
    freed.owner[0] = '\0';
    return step_tell(txn, x->r, &freed, NOTICE_RELEASED, LADDER_TO(POLICY_ADMINISTRATORS));
}

int away_release(upp_txn *txn, const rules *r, const char *person, const char *account,
                 const char *why)
{
    releasing x = { r, person, account, why };
    return matter_each_owned(txn, person, release, &x);
}

/* -- V7 -- */
/* Those of the current step who should have heard instead of her, do. */
static int refire(upp_txn *txn, const rules *r, const absence_row *a)
{
    enum { AT_ONCE = 64 };
    char ids[AT_ONCE][MATTER_ID];
    uint32_t step_numbers[AT_ONCE];
    size_t n = 0;
    {
        UPP_ROWS row = upp_query(txn,
                                 "SELECT p.matter, max(p.number), max(p.at_ms) FROM pending p"
                                 " JOIN matter m ON m.matter = p.matter WHERE p.person = ?1 AND"
                                 " m.state = 0 AND p.number < 65536 AND p.due_rev = m.due_rev"
                                 " GROUP BY p.matter ORDER BY m.due_ms, p.matter",
                                 BIND(V(a->person)));
        while (n < AT_ONCE && upp_next(&row)) {
            const resolve_absence entered = { .from = a->from, .to = a->to };
            if (!resolve_refires(&entered, upp_col_int(&row, 2), upp_now(txn), a->refired))
                continue;
            step_numbers[n] = (uint32_t)upp_col_int(&row, 1);
            snprintf(ids[n++], MATTER_ID, "%s", upp_col_text(&row, 0));
        }
        UPP_TRY(row.rc);
    }
    for (size_t i = 0; i < n; i++)
        UPP_TRY(step_tell_again(txn, r, ids[i], step_numbers[i]));
    return 0;
}

int away_noted(upp_txn *txn, const rules *r, const char *absence)
{
    absence_row a;
    const int missing = read_absence(txn, absence, &a);
    UPP_TRY(missing);
    if (missing)
        return 0;
    UPP_TRY(alarm_at(txn, "away", absence, a.from));
    UPP_TRY(alarm_at(txn, "back", absence, a.to));
    if (upp_now(txn) < a.from || a.to <= upp_now(txn))
        return 0;
    UPP_TRY(away_release(txn, r, a.person, "", "away"));
    if (a.refired)
        return 0;
    UPP_TRY(refire(txn, r, &a));
    return upp_exec(txn, "UPDATE absence SET refired = 1 WHERE absence = ?1", BIND(V(absence)));
}

int away_alarm(upp_txn *txn, const rules *r, const char *absence)
{
    absence_row a;
    const int missing = read_absence(txn, absence, &a);
    UPP_TRY(missing);
    return missing ? 0 : away_release(txn, r, a.person, "", "away");
}

/* -- and back -- */
int back_alarm(upp_txn *txn, const rules *r, const char *absence)
{
    enum { AT_ONCE = 64 };
    char ids[AT_ONCE][MATTER_ID];
    size_t n = 0;
    absence_row a;
    const int missing = read_absence(txn, absence, &a);
    UPP_TRY(missing);
    if (missing)
        return 0;
    {
        UPP_ROWS row = upp_query(txn,
                                 "SELECT matter FROM matter WHERE away_owner = ?1 AND state = 0"
                                 " ORDER BY due_ms, matter",
                                 BIND(V(a.person)));
        while (n < AT_ONCE && upp_next(&row))
            snprintf(ids[n++], MATTER_ID, "%s", upp_col_text(&row, 0));
        UPP_TRY(row.rc);
    }
    for (size_t i = 0; i < n; i++) {
        matter m;
        upp_ms digest = 0;
        const int none = matter_read(txn, ids[i], &m);
        UPP_TRY(none);
        const numbers *of = none ? numbers_body(r) : numbers_of(r, &m);
        if (!none && delivery_digest(&of->pol, of->duty, upp_now(txn), &digest) == 0)
            UPP_TRY(notice_add(txn, r, &m, notice_number(NOTICE_BACK, &m), a.person, digest));
    }
    return 0;
}
