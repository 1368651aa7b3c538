/* absence.c - who is away, and who stands in for her (R15). When and who are content. */
#include "registry.h"
#include <string.h>

enum { SUBSTITUTES_MAX = 8 };

static int check_when(upp_txn *txn, const char *person, const Uppsikt__AbsenceSetContent *when)
{
    if (!when || when->from_ms <= 0 || when->to_ms <= when->from_ms)
        return upp_refuse(txn, "absence-without-time");
    if (when->n_substitutes > SUBSTITUTES_MAX)
        return upp_refuse(txn, "too-many-persons");
    for (size_t i = 0; i < when->n_substitutes; i++) {
        if (strcmp(when->substitutes[i], person) == 0)
            return upp_refuse(txn, "substitute-for-herself");
        for (size_t j = 0; j < i; j++)
            if (strcmp(when->substitutes[i], when->substitutes[j]) == 0)
                return upp_refuse(txn, "substitute-named-twice");
        const int state = person_state(txn, when->substitutes[i]);
        UPP_TRY(state);
        if (state)
            return upp_refuse(txn, "person-unknown");
    }
    return 0;
}

/* She herself, who leads her unit, or whose task the register is. */
static int check_right(upp_txn *txn, const upp_input *in, const char *person)
{
    right_asker asker;
    char unit[REGISTRY_ID];
    UPP_TRY(right_ask(txn, in, &asker));
    if (asker.person && strcmp(asker.person, person) == 0)
        return 0;
    {
        UPP_ROWS row = upp_query(txn, "SELECT unit FROM person WHERE person = ?1 AND gone = 0",
                                 BIND(V(person)));
        if (!upp_next(&row))
            return row.rc < 0 ? row.rc : upp_refuse(txn, "person-unknown");
        text_copy(unit, sizeof unit, upp_col_text(&row, 0));
    }
    return right_need(txn, &asker, ROLE_OPERATIONS | ROLE_COMMUNICATIONS, unit);
}

typedef struct known {
    bool there, cancelled;
    char person[REGISTRY_ID];
    int64_t when_ref;
} known;

static int read_known(upp_txn *txn, const char *absence, known *ret_known)
{
    *ret_known = (known){ 0 };
    UPP_ROWS row =
        upp_query(txn, "SELECT person, cancelled, when_ref FROM absence WHERE absence = ?1",
                  BIND(V(absence)));
    if (!upp_next(&row))
        return row.rc;
    ret_known->there = true;
    text_copy(ret_known->person, sizeof ret_known->person, upp_col_text(&row, 0));
    ret_known->cancelled = upp_col_int(&row, 1) != 0;
    ret_known->when_ref = upp_col_int(&row, 2);
    return 0;
}

int absence_set(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    const Uppsikt__SetAbsence *c = msg;
    char id[REGISTRY_ID], stamp[UPP_HEX];
    known before;
    upp_content content;
    UPP_TRY(check_right(txn, in, c->person));
    UPP_TRY(text_id(txn, c->absence, id));
    UPP_TRY(read_known(txn, id, &before));
    if (before.cancelled || (before.there && strcmp(before.person, c->person) != 0))
        return upp_refuse(txn, "absence-unknown");
    UPP_TRY(check_when(txn, c->person, c->when));
    UPP_TRY(upp_drop(txn, before.when_ref));
    const int gone = upp_keep(txn, UPP_ABOUT(c->person, id), &c->when->base, &content);
    UPP_TRY(gone);
    text_stamp(&content, stamp);
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO absence(absence, person, when_ref, when_commitment)"
                     " VALUES(?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET when_ref = ?3,"
                     " when_commitment = ?4",
                     BIND(V(id), V(c->person), V(content.ref), V(stamp))));
    Uppsikt__AbsenceSet out = UPPSIKT__ABSENCE_SET__INIT;
    out.absence = id;
    out.person = c->person;
    out.commitment = upp_commitment(&content);
    UPP_TRY(upp_emit(txn, c->person, &out.base, &content));
    UPP_TRY(finding_rung_filled_by(txn, c->person));
    return text_registered(txn, id, 0);
}

int absence_cancel(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    const Uppsikt__CancelAbsence *c = msg;
    known before;
    UPP_TRY(read_known(txn, c->absence, &before));
    if (!before.there) {
        right_asker asker;
        UPP_TRY(right_ask(txn, in, &asker));
        return upp_refuse(txn, "absence-unknown");
    }
    UPP_TRY(check_right(txn, in, before.person));
    if (!before.cancelled) {
        UPP_TRY(upp_drop(txn, before.when_ref));
        UPP_TRY(upp_exec(txn,
                         "UPDATE absence SET cancelled = 1, when_ref = 0, when_commitment = ''"
                         " WHERE absence = ?1",
                         BIND(V(c->absence))));
        Uppsikt__AbsenceCancelled out = UPPSIKT__ABSENCE_CANCELLED__INIT;
        out.absence = c->absence;
        out.person = before.person;
        UPP_TRY(upp_emit(txn, before.person, &out.base, NULL));
        UPP_TRY(finding_rung_filled_by(txn, before.person));
    }
    return text_registered(txn, c->absence, 0);
}

static int reply_absence(upp_txn *txn, const upp_rows *row)
{
    uint8_t bytes[32];
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *when = NULL;
    Uppsikt__AbsenceRow out = UPPSIKT__ABSENCE_ROW__INIT;
    Uppsikt__AbsenceRowContent content = UPPSIKT__ABSENCE_ROW_CONTENT__INIT;
    const int forgotten =
        upp_recall(txn, upp_col_int(row, 2), &uppsikt__absence_set_content__descriptor, &when);
    UPP_TRY(forgotten);
    out.absence = upp_lend(upp_col_text(row, 0));
    out.person = upp_lend(upp_col_text(row, 1));
    if (when)
        out.commitment = text_unstamp(upp_col_text(row, 3), bytes);
    content.when = (Uppsikt__AbsenceSetContent *)when;
    return upp_reply_content(txn, &out.base, when ? &content.base : NULL);
}

int absence_query(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__Absences *q = msg;
    UPP_ROWS row = upp_query(txn,
                             "SELECT absence, person, when_ref, when_commitment FROM absence"
                             " WHERE cancelled = 0 AND absence > ?1 AND (?2 = '' OR person = ?2)"
                             " ORDER BY absence LIMIT ?3",
                             BIND(V(q->after), V(q->person), V(text_page(q->limit))));
    while (upp_next(&row))
        UPP_TRY(reply_absence(txn, &row));
    return row.rc;
}
