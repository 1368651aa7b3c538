/* hear_evidence.c - what is saved, held and disposed of; packages. */
#include "console.h"
#include "uppsikt/archive.pb-c.h"
#include <stdio.h>
#include <string.h>

int console_on_sealed(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__EvidenceSealed *s = msg;
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO seal(item, version, level, record, at_ms, media_gone)"
                     " VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET"
                     " record = excluded.record, at_ms = excluded.at_ms,"
                     " media_gone = excluded.media_gone",
                     BIND(V(s->item), V((int64_t)s->version), V((int64_t)s->level), V(s->record),
                          V(s->at_ms), V((int64_t)s->media_gone))));
    return console_note(txn, s->item, "", s->at_ms,
                        s->level == UPPSIKT__SEAL_LEVEL__SEAL_LEVEL_WHOLE ? "log.sealed-whole"
                                                                          : "log.sealed-raw",
                        "", "", 0);
}

int console_on_seal_failed(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__EvidenceFailed *f = msg;
    return console_note(txn, f->item, "", upp_now(txn), "log.seal-failed", "", f->reason, 0);
}

int console_on_hold(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__HoldPlaced *h = msg;
    return upp_exec(txn,
                    "INSERT INTO hold(hold, matter, account, person, at_ms, reason, review_ms)"
                    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
                    BIND(V(h->hold), V(h->matter), V(h->account), V(h->by), V(h->at_ms),
                         V(h->reason), V(h->review_ms)));
}

int console_on_hold_off(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__HoldReleased *h = msg;
    return upp_exec(txn, "UPDATE hold SET released = 1 WHERE hold = ?1", BIND(V(h->hold)));
}

static void hex_of(ProtobufCBinaryData bytes, char ret_hex[UPP_HEX])
{
    ret_hex[0] = '\0';
    for (size_t i = 0; i < bytes.len && i < 32; i++)
        snprintf(ret_hex + 2 * i, 3, "%02x", bytes.data[i]);
}

int console_on_proposed(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__DisposalProposed *d = msg;
    char sha256[UPP_HEX];
    hex_of(d->list_sha256, sha256);
    return upp_exec(
        txn,
        "INSERT INTO disposal(disposal, state, plan_row, n, sha256, person, at_ms)"
        " VALUES(?1, 'proposed', ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
        BIND(V(d->disposal), V(d->plan_row), V(d->count), V(sha256), V(d->by), V(upp_now(txn))));
}

/* The runtime does the forgetting; here is only the list's state. */
int console_on_approved(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__DisposalApproved *d = msg;
    return upp_exec(txn,
                    "UPDATE disposal SET state = 'approved', second = ?2, decision = ?3"
                    " WHERE disposal = ?1 AND state = 'proposed'",
                    BIND(V(d->disposal), V(d->second), V(d->decision)));
}

int console_on_disposed(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__ContentDisposed *d = msg;
    return upp_exec(txn,
                    "UPDATE disposal SET state = 'disposed', n = ?2, held = ?3, at_ms = ?4"
                    " WHERE disposal = ?1",
                    BIND(V(d->disposal), V(d->records), V(d->held), V(d->at_ms)));
}

int console_on_package(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__PackageSealed *p = msg;
    return upp_exec(txn,
                    "INSERT INTO package(package, account, at_ms) VALUES(?1, ?2, ?3)"
                    " ON CONFLICT DO NOTHING",
                    BIND(V(p->package), V(p->account), V(p->at_ms)));
}
