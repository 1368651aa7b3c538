/* adopted.c - the policy in force: the newest that was adopted by a decision and has begun; until
 * there is one, the file or the built-in numbers that the program began with (R02, T9, E31). */
#include "escalation.h"
#include <stdio.h>
#include <string.h>

extern const char upp_escalation_policy_yaml[];

static const char its_day[] = "policy/*";

static int use(rules *r, const char *text, size_t len, policy_complaints *ret_wrong)
{
    policy fresh;
    UPP_TRY(policy_parse(text, len, &fresh, ret_wrong));
    policy_done(&r->pol);
    r->pol = fresh;
    policy_use_zone(&r->pol, r->tz);
    r->duty = policy_calendar(&r->pol, r->pol.duty);
    r->jour = r->pol.jour[0] ? policy_calendar(&r->pol, r->pol.jour) : NULL;
    upp_check(r->duty);
    return 0;
}

int adopted_none(rules *r, policy_complaints *ret_wrong)
{
    const upp_bytes file = r->config->policy;
    const char *text = file.len > 0 ? (const char *)file.at : upp_escalation_policy_yaml;
    UPP_TRY(use(r, text, file.len > 0 ? file.len : strlen(text), ret_wrong));
    r->adopted = 0;
    r->revision = 0;
    return 0;
}

/* registry reads it by the same code before it is adopted; so this program is older than that
 * one. */
static int unread(upp_txn *txn, enum upp_fail code, int64_t version, const policy_complaints *wrong)
{
    return upp_fail(txn, code, "policy %lld was adopted, and this program cannot read it: %s",
                    (long long)version, wrong->text[0]);
}

int adopted_look(upp_txn *txn, void *self)
{
    rules *r = self;
    policy_complaints wrong = { 0 };
    UPP_ROWS row = upp_query(txn,
                             "SELECT version, revision, yaml FROM policy WHERE began = 1 OR"
                             " valid_from_ms <= ?1 ORDER BY version DESC LIMIT 1",
                             BIND(V(upp_now(txn))));
    if (!upp_next(&row)) {
        UPP_TRY(row.rc);
        return r->adopted ? adopted_none(r, &wrong) : 0;
    }
    const int64_t version = upp_col_int(&row, 0);
    const int64_t revision = upp_col_int(&row, 1);
    if (version == r->adopted && revision == r->revision)
        return 0;
    const char *yaml = upp_col_text(&row, 2);
    const int rc = use(r, yaml, strlen(yaml), &wrong);
    if (rc == UPP_E_INPUT) /* other numbers than those of the decision must not count in silence */
        return unread(txn, UPP_E_BUG, version, &wrong);
    UPP_TRY(rc);
    r->pol.version = version;
    r->adopted = version;
    r->revision = revision;
    return 0;
}

static int set_alarm(upp_txn *txn)
{
    upp_ms next = 0;
    {
        UPP_ROWS row = upp_query(txn,
                                 "SELECT valid_from_ms FROM policy WHERE began = 0"
                                 " ORDER BY valid_from_ms LIMIT 1",
                                 NO_BIND);
        if (!upp_next(&row))
            return row.rc;
        next = upp_col_int(&row, 0);
    }
    return upp_alarm(txn, its_day, next);
}

int on_policy(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__PolicyAdopted *e = msg;
    policy pol;
    policy_complaints wrong = { 0 };
    (void)self;
    (void)in;
    if (e->authority[0])
        return 0; /* there is one for all: registry lets none be adopted for some */
    const int rc = policy_parse(e->yaml, strlen(e->yaml), &pol, &wrong);
    if (rc == UPP_E_INPUT)
        return unread(txn, rc, e->version, &wrong);
    UPP_TRY(rc);
    policy_done(&pol);
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO policy(version, yaml, valid_from_ms) VALUES(?1, ?2, ?3)"
                     " ON CONFLICT DO UPDATE SET yaml = ?2, valid_from_ms = ?3, began = 0,"
                     " revision = revision + 1",
                     BIND(V(e->version), V(e->yaml), V(e->valid_from_ms))));
    return set_alarm(txn);
}

int adopted_alarm(upp_txn *txn, const rules *r, const char *about)
{
    (void)about;
    UPP_TRY(upp_exec(txn, "UPDATE policy SET began = 1 WHERE valid_from_ms <= ?1",
                     BIND(V(upp_now(txn)))));
    /* a file's number may be the adopted one's: all are looked at */
    UPP_TRY(upp_exec(txn, "UPDATE matter SET policy_version = 0 WHERE state = 0", NO_BIND));
    UPP_TRY(set_alarm(txn));
    return matter_recount(txn, r);
}

int on_policy_in_force(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const rules *r = self;
    Uppsikt__PolicyInForceRow out = UPPSIKT__POLICY_IN_FORCE_ROW__INIT;
    (void)in;
    (void)msg;
    out.version = r->adopted;
    return upp_reply(txn, &out.base);
}
