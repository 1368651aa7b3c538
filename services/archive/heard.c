/* heard.c - what registry says of authorities, people, accounts, and evidence of holds: our own
 * copy, so that a run needs nobody to be up. */
#include "archive.h"
#include "cover.h"
#include "uppsikt/evidence.pb-c.h"
#include <stdio.h>
#include <string.h>

int heard_authority(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__AuthorityRegistered *e = msg;
    (void)self;
    (void)in;
    return upp_exec(txn,
                    "INSERT INTO authority(authority, name, org_number) VALUES(?1, ?2, ?3)"
                    " ON CONFLICT DO UPDATE SET name = ?2, org_number = ?3",
                    BIND(V(e->authority), V(e->name), V(e->org_number)));
}

int heard_unit(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__UnitRegistered *e = msg;
    (void)self;
    (void)in;
    return upp_exec(
        txn,
        "INSERT INTO unit(unit, authority, name, parent, manager, head)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET authority = ?2, name = ?3,"
        " parent = ?4, manager = ?5, head = ?6",
        BIND(V(e->unit), V(e->authority), V(e->name), V(e->parent), V(e->manager), V(e->head)));
}

/* The content row that a register row names now; 0: none. */
static int old_ref(upp_rows *row, int64_t *ret_ref)
{
    *ret_ref = upp_next(row) ? upp_col_int(row, 0) : 0;
    return row->rc;
}

/* Keeps what is given beside a fact in place of what was there. */
static int keep_instead(upp_txn *txn, int64_t old, const char *const *about, const void *content,
                        int64_t *ret_ref)
{
    upp_content kept = { 0 };
    UPP_TRY(upp_drop(txn, old));
    if (content)
        UPP_TRY(upp_keep(txn, about, content, &kept));
    *ret_ref = kept.ref;
    return 0;
}

int heard_person(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__PersonRegistered *e = msg;
    char roles[256] = " ";
    int64_t ref = 0;
    (void)self;
    for (size_t i = 0; i < e->n_roles; i++) {
        const size_t used = strlen(roles);
        snprintf(roles + used, sizeof roles - used, "%s ", e->roles[i]);
    }
    {
        UPP_ROWS row =
            upp_query(txn, "SELECT who_ref FROM person WHERE person = ?1", BIND(V(e->person)));
        UPP_TRY(old_ref(&row, &ref));
    }
    UPP_TRY(keep_instead(txn, ref, UPP_ABOUT(e->person), in->content, &ref));
    return upp_exec(txn,
                    "INSERT INTO person(person, roles, who_ref) VALUES(?1, ?2, ?3)"
                    " ON CONFLICT DO UPDATE SET roles = ?2, who_ref = ?3",
                    BIND(V(e->person), V(roles), V(ref)));
}

int heard_person_left(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__PersonLeft *e = msg;
    (void)self;
    (void)in;
    return upp_exec(txn,
                    "INSERT INTO person(person, gone) VALUES(?1, 1)"
                    " ON CONFLICT DO UPDATE SET gone = 1",
                    BIND(V(e->person)));
}

int heard_account(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__AccountChanged *e = msg;
    int64_t ref = 0;
    {
        UPP_ROWS row =
            upp_query(txn, "SELECT facts_ref FROM account WHERE account = ?1", BIND(V(e->account)));
        UPP_TRY(old_ref(&row, &ref));
    }
    UPP_TRY(keep_instead(txn, ref, UPP_ABOUT(e->account), in->content, &ref));
    UPP_TRY(upp_exec(
        txn,
        "INSERT INTO account(account, state, watch, platform, unit, authority, open_since_ms,"
        " facts_ref) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO UPDATE SET state = ?2,"
        " watch = ?3, platform = ?4, unit = ?5, authority = ?6, open_since_ms = ?7,"
        " facts_ref = ?8",
        BIND(V(e->account), V((int64_t)e->state), V((int64_t)e->watch), V(e->platform), V(e->unit),
             V(e->authority), V(e->open_since_ms), V(ref))));
    return campaign_account(txn, self, e->account);
}

int heard_access(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__AccessGranted *e = msg;
    (void)self;
    (void)in;
    return upp_exec(txn,
                    "INSERT INTO access(account, person, rank) VALUES(?1, ?2, ?3)"
                    " ON CONFLICT DO UPDATE SET rank = ?3",
                    BIND(V(e->account), V(e->person), V(e->rank)));
}

int heard_access_revoked(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__AccessRevoked *e = msg;
    (void)self;
    (void)in;
    return upp_exec(txn, "DELETE FROM access WHERE account = ?1 AND person = ?2",
                    BIND(V(e->account), V(e->person)));
}

/* The body's, or one authority's own; without a text it goes by the body's again (R02). */
int heard_policy(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__PolicyAdopted *e = msg;
    (void)in;
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO policy(version, yaml, valid_from_ms, authority)"
                     " VALUES(?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
                     BIND(V(e->version), V(e->yaml), V(e->valid_from_ms), V(e->authority))));
    return heard_policy_alarm(txn, self);
}

/* Plans by the policy that holds now, and again when a later one begins to. */
int heard_policy_alarm(upp_txn *txn, const archive *self)
{
    upp_ms next = 0;
    {
        UPP_ROWS row =
            upp_query(txn, "SELECT min(valid_from_ms) FROM policy WHERE valid_from_ms > ?1",
                      BIND(V(upp_now(txn))));
        next = upp_next(&row) ? upp_col_int(&row, 0) : 0;
        UPP_TRY(row.rc);
    }
    if (next > 0)
        UPP_TRY(upp_alarm(txn, "policy", next));
    UPP_TRY(campaign_join(txn, self));
    return campaign_plan(txn, self);
}

int heard_row(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__RetentionRowAdopted *e = msg;
    unsigned covers = 0;
    (void)self;
    (void)in;
    (void)cover_of_words(e->covers, e->n_covers, &covers); /* of an unknown word nothing */
    return upp_exec(
        txn,
        "INSERT INTO retention(id, authority, kind, action, decision, valid_from_ms, packages)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO UPDATE SET authority = ?2, kind = ?3,"
        " action = ?4, decision = ?5, valid_from_ms = ?6, packages = ?7",
        BIND(V(e->row), V(e->authority), V(e->kind), V((int64_t)e->action), V(e->decision),
             V(e->valid_from_ms), V(covers & 1U << COVER_PACKAGE ? 1 : 0)));
}

int heard_plan_row(upp_txn *txn, const archive *self, const char *authority, char ret_row[64])
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT id FROM retention WHERE authority IN (?1, '')"
                             " AND (packages = 1 OR kind = ?2)"
                             " AND decision <> '' AND valid_from_ms <= ?3 ORDER BY authority DESC,"
                             " packages DESC, valid_from_ms DESC, id LIMIT 1",
                             BIND(V(authority), V(self->config->package_kind), V(upp_now(txn))));
    snprintf(ret_row, 64, "%s", upp_next(&row) ? upp_col_text(&row, 0) : "");
    return row.rc;
}

int heard_review(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__AccountReviewed *e = msg;
    (void)self;
    (void)in;
    return upp_exec(txn,
                    "INSERT OR REPLACE INTO review(account, at_ms, person, logo, name, sender,"
                    " captions, alt_text) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                    BIND(V(e->account), V(e->at_ms), V(e->by), V(e->logo ? 1 : 0),
                         V(e->name ? 1 : 0), V(e->sender ? 1 : 0), V(e->captions ? 1 : 0),
                         V(e->alt_text ? 1 : 0)));
}

int heard_hold(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__HoldPlaced *e = msg;
    (void)self;
    (void)in;
    return upp_exec(txn,
                    "INSERT INTO hold(hold, account, released) VALUES(?1, ?2, 0)"
                    " ON CONFLICT DO NOTHING",
                    BIND(V(e->hold), V(e->account)));
}

int heard_hold_released(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__HoldReleased *e = msg;
    (void)self;
    (void)in;
    return upp_exec(txn, "UPDATE hold SET released = 1 WHERE hold = ?1", BIND(V(e->hold)));
}
