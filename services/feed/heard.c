/* heard.c - each fact that may go out gets its place in the public log (R45). */
#include "feed.h"
#include "uppsikt/registry.pb-c.h"
#include <stdlib.h>
#include <string.h>

static void free_text(char **text)
{
    free(*text);
}

static int next_position(upp_txn *txn, int64_t *ret_position)
{
    UPP_ROWS row = upp_query(txn, "SELECT coalesce(max(position), 0) + 1 FROM entry", NO_BIND);
    *ret_position = upp_next(&row) ? upp_col_int(&row, 0) : 1;
    return row.rc;
}

int feed_heard(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const ProtobufCMessage *fact = msg;
    int64_t position = 0;
    (void)self;
    UPP_TRY(next_position(txn, &position));
    UPP_AUTO(free_text)
    char *event = fact_json(in->source, in->seq, in->subject ? in->subject : "", position,
                            upp_now(txn), fact);
    if (!event)
        return upp_fail(txn, UPP_E_INPUT, "%s %lld cannot be written as JSON", in->source,
                        (long long)in->seq);
    UPP_TRY(upp_exec(txn, "INSERT INTO entry(position, type, event) VALUES(?1, ?2, ?3)",
                     BIND(V(position), V(fact->descriptor->name), V(event))));
    return push_soon(txn);
}

int feed_person(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__PersonRegistered *e = msg;
    bool operations = false;
    (void)self;
    (void)in;
    for (size_t i = 0; i < e->n_roles; i++)
        operations = operations || strcmp(e->roles[i], "operations") == 0;
    return upp_exec(txn,
                    "INSERT INTO person(person, operations) VALUES(?1, ?2)"
                    " ON CONFLICT DO UPDATE SET operations = ?2",
                    BIND(V(e->person), V(operations ? 1 : 0)));
}

int feed_person_left(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__PersonLeft *e = msg;
    (void)self;
    (void)in;
    return upp_exec(txn,
                    "INSERT INTO person(person, operations, gone) VALUES(?1, 0, 1)"
                    " ON CONFLICT DO UPDATE SET gone = 1",
                    BIND(V(e->person)));
}
