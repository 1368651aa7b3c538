/* signer.c - the persons of the register, as far as an answer's last line needs them (R11). */
#include "ingest.h"
#include "signoff.h"
#include <stdio.h>

int signer_registered(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__PersonRegistered *p = msg;
    const Uppsikt__PersonRegisteredContent *who = in->content;
    int64_t old = 0;
    (void)self;
    if (!who) /* withheld or forgotten: what was known stays, and goes with her */
        return 0;
    {
        UPP_ROWS row =
            upp_query(txn, "SELECT who_ref FROM person WHERE person = ?1", BIND(V(p->person)));
        if (upp_next(&row))
            old = upp_col_int(&row, 0);
        UPP_TRY(row.rc);
    }
    upp_content kept;
    Uppsikt__PersonRegisteredContent signs = UPPSIKT__PERSON_REGISTERED_CONTENT__INIT;
    signs.first_name = who->first_name;
    signs.last_name = who->last_name;
    signs.title = who->title;
    UPP_TRY(upp_drop(txn, old));
    const int gone = upp_keep(txn, UPP_ABOUT(p->person), &signs.base, &kept);
    UPP_TRY(gone);
    const int rc = upp_exec(txn,
                            "INSERT INTO person(person, who_ref) VALUES(?1, ?2)"
                            " ON CONFLICT DO UPDATE SET who_ref = ?2, gone = 0",
                            BIND(V(p->person), V(kept.ref)));
    return rc < 0 ? rc : 0;
}

int signer_left(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__PersonLeft *p = msg;
    (void)self;
    (void)in;
    const int rc = upp_exec(txn,
                            "INSERT INTO person(person, gone) VALUES(?1, 1)"
                            " ON CONFLICT DO UPDATE SET gone = 1",
                            BIND(V(p->person)));
    return rc < 0 ? rc : 0;
}

int signer_known(upp_txn *txn, const char *person)
{
    UPP_ROWS row =
        upp_query(txn, "SELECT 1 FROM person WHERE person = ?1 AND gone = 0", BIND(V(person)));
    const bool known = upp_next(&row);
    return row.rc < 0 ? row.rc : known ? 0 : 1;
}

int signer_signed(upp_txn *txn, const char *person, const char *text, bool *ret_signed)
{
    bool found = false;
    *ret_signed = false;
    UPP_ROWS row = upp_query(txn,
                             "SELECT who_ref FROM person WHERE (?1 = '' OR person = ?1)"
                             " AND gone = 0 ORDER BY person",
                             BIND(V(person)));
    while (!*ret_signed && upp_next(&row)) {
        UPP_AUTO(upp_msg_freep) ProtobufCMessage *msg = NULL;
        const int missing = upp_recall(txn, upp_col_int(&row, 0),
                                       &uppsikt__person_registered_content__descriptor, &msg);
        UPP_TRY(missing);
        found = true;
        if (missing)
            continue;
        const Uppsikt__PersonRegisteredContent *who = (const Uppsikt__PersonRegisteredContent *)msg;
        *ret_signed = signoff_ends(text, who->first_name, who->last_name, who->title);
    }
    UPP_TRY(row.rc);
    return found || !person[0] ? 0 : 1;
}
