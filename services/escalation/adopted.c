/* adopted.c - the policies in force: of those that were adopted by a decision the body's newest
 * that has begun, and each authority's own; until there is one for the body, the file or the
 * built-in numbers that the program began with (R02, T9, E31). */
#include "escalation.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const char upp_escalation_policy_yaml[];

static const char its_day[] = "policy/*";

static void list_free(numbers *list, size_t n)
{
    for (size_t i = 0; list && i < n; i++)
        policy_done(&list[i].pol);
    free(list);
}

void adopted_done(rules *r)
{
    list_free(r->list, r->n);
    r->list = NULL;
    r->n = 0;
}

static void adopted_donep(rules *r)
{
    adopted_done(r);
}

/* Reads it where it is to lie: its calendars are lent from there. */
static int read_numbers(const rules *r, const char *text, size_t len, numbers *ret_numbers,
                        policy_complaints *ret_wrong)
{
    policy fresh;
    numbers *n = ret_numbers;
    UPP_TRY(policy_parse(text, len, &fresh, ret_wrong));
    policy_done(&n->pol);
    n->pol = fresh;
    policy_use_zone(&n->pol, r->tz);
    n->duty = policy_calendar(&n->pol, n->pol.duty);
    n->jour = n->pol.jour[0] ? policy_calendar(&n->pol, n->pol.jour) : NULL;
    upp_check(n->duty);
    return 0;
}

/* Makes a list of `n`, the body's by the file of the option or the built-in text. */
static int begin_list(rules *r, size_t n, policy_complaints *ret_wrong)
{
    const upp_bytes file = r->config->policy;
    const char *text = file.len > 0 ? (const char *)file.at : upp_escalation_policy_yaml;
    r->list = calloc(n, sizeof *r->list);
    upp_check(r->list);
    r->n = n;
    return read_numbers(r, text, file.len > 0 ? file.len : strlen(text), &r->list[0], ret_wrong);
}

int adopted_none(rules *r, policy_complaints *ret_wrong)
{
    return begin_list(r, 1, ret_wrong);
}

/* -- whose numbers count -- */
const numbers *numbers_body(const rules *r)
{
    return &r->list[0];
}

const numbers *numbers_by(const rules *r, const char *authority)
{
    for (size_t i = 1; authority[0] && i < r->n; i++)
        if (strcmp(r->list[i].authority, authority) == 0)
            return &r->list[i];
    return numbers_body(r);
}

const numbers *numbers_of(const rules *r, const matter *m)
{
    return numbers_by(r, m->authority);
}

int numbers_for(upp_txn *txn, const rules *r, const char *account, const numbers **ret_numbers)
{
    char authority[48];
    UPP_TRY(register_whose(txn, account, authority));
    *ret_numbers = numbers_by(r, authority);
    return 0;
}

/* -- what the store says -- */
/* registry reads it by the same code before it is adopted; so this program is older than that
 * one. */
static int unread(upp_txn *txn, enum upp_fail code, int64_t version, const policy_complaints *wrong)
{
    return upp_fail(txn, code, "policy %lld was adopted, and this program cannot read it: %s",
                    (long long)version, wrong->text[0]);
}

/* The newest that has begun of the body and of each authority; read before each input, by an index
 * that has all of it. own 0: the authority goes by the body's again. */
static upp_rows in_force(upp_txn *txn)
{
    return upp_query(txn,
                     "SELECT authority, max(version), revision, own FROM policy"
                     " WHERE began = 1 OR valid_from_ms <= ?1 GROUP BY authority"
                     " ORDER BY authority",
                     BIND(V(upp_now(txn))));
}

static bool is_same(const numbers *n, const upp_rows *row)
{
    return strcmp(n->authority, upp_col_text(row, 0)) == 0 && n->adopted == upp_col_int(row, 1) &&
           n->revision == upp_col_int(row, 2);
}

/* Is the list what the store says (an input may have been rolled back, too)? `ret_n`: how long it
 * is to be. */
static int compare(upp_txn *txn, const rules *r, bool *ret_same, size_t *ret_n)
{
    bool same = true, body = false;
    size_t n = 1;
    UPP_ROWS row = in_force(txn);
    while (upp_next(&row)) {
        const bool all = upp_col_text(&row, 0)[0] == '\0';
        if (upp_col_int(&row, 3) == 0)
            continue;
        const size_t at = all ? 0 : n++;
        same = same && at < r->n && is_same(&r->list[at], &row);
        body = body || all;
    }
    *ret_n = n;
    *ret_same = same && n == r->n && body == (r->list[0].adopted > 0);
    return row.rc;
}

static int read_adopted(upp_txn *txn, const rules *r, const upp_rows *which, numbers *ret_numbers)
{
    policy_complaints wrong = { 0 };
    const int64_t version = upp_col_int(which, 1);
    UPP_ROWS row = upp_query(txn, "SELECT yaml FROM policy WHERE version = ?1", BIND(V(version)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : upp_fail(txn, UPP_E_BUG, "a policy without a text");
    const char *yaml = upp_col_text(&row, 0);
    const int rc = read_numbers(r, yaml, strlen(yaml), ret_numbers, &wrong);
    if (rc == UPP_E_INPUT) /* other numbers than those of the decision must not count in silence */
        return unread(txn, UPP_E_BUG, version, &wrong);
    UPP_TRY(rc);
    snprintf(ret_numbers->authority, sizeof ret_numbers->authority, "%s", upp_col_text(which, 0));
    ret_numbers->pol.version = version;
    ret_numbers->adopted = version;
    ret_numbers->revision = upp_col_int(which, 2);
    return 0;
}

static int read_list(upp_txn *txn, rules *r, size_t n)
{
    policy_complaints wrong = { 0 };
    size_t next = 1;
    UPP_TRY(begin_list(r, n, &wrong));
    UPP_ROWS row = in_force(txn);
    while (upp_next(&row))
        if (upp_col_int(&row, 3) != 0)
            UPP_TRY(read_adopted(txn, r, &row,
                                 &r->list[upp_col_text(&row, 0)[0] == '\0' ? 0 : next++]));
    return row.rc;
}

int adopted_look(upp_txn *txn, void *self)
{
    rules *r = self;
    UPP_AUTO(adopted_donep) rules other = { .config = r->config, .tz = r->tz };
    bool same = false;
    size_t n = 0;
    UPP_TRY(compare(txn, r, &same, &n));
    if (same)
        return 0;
    UPP_TRY(read_list(txn, &other, n));
    const rules old = *r;
    *r = other;
    other = old;
    return 0;
}

/* -- what is heard, and when it begins -- */
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

static int check_text(upp_txn *txn, const Uppsikt__PolicyAdopted *e)
{
    policy pol;
    policy_complaints wrong = { 0 };
    const int rc = policy_parse(e->yaml, strlen(e->yaml), &pol, &wrong);
    if (rc == UPP_E_INPUT)
        return unread(txn, rc, e->version, &wrong);
    UPP_TRY(rc);
    policy_done(&pol);
    return 0;
}

int on_policy(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__PolicyAdopted *e = msg;
    const bool own = !e->authority[0] || e->yaml[0];
    (void)self;
    (void)in;
    if (own)
        UPP_TRY(check_text(txn, e));
    UPP_TRY(upp_exec(
        txn,
        "INSERT INTO policy(version, yaml, valid_from_ms, authority, own)"
        " VALUES(?1, ?2, ?3, ?4, ?5)"
        " ON CONFLICT DO UPDATE SET yaml = ?2, valid_from_ms = ?3, authority = ?4,"
        " own = ?5, began = 0, revision = revision + 1",
        BIND(V(e->version), V(e->yaml), V(e->valid_from_ms), V(e->authority), V(own ? 1 : 0))));
    return set_alarm(txn);
}

int adopted_alarm(upp_txn *txn, const rules *r, const char *about)
{
    (void)about;
    /* a file's number may be the adopted one's, and a number's text another than before: whatever
     * has a number of those whose day has come is looked at */
    UPP_TRY(upp_exec(txn,
                     "UPDATE matter SET policy_version = 0 WHERE state = 0 AND policy_version IN"
                     " (SELECT was.version FROM policy was JOIN policy now USING (authority)"
                     " WHERE now.began = 0 AND now.valid_from_ms <= ?1)",
                     BIND(V(upp_now(txn)))));
    UPP_TRY(upp_exec(txn, "UPDATE policy SET began = 1 WHERE valid_from_ms <= ?1",
                     BIND(V(upp_now(txn)))));
    UPP_TRY(set_alarm(txn));
    return matter_recount(txn, r);
}

int adopted_moved(upp_txn *txn, const rules *r, const char *account)
{
    UPP_TRY(upp_exec(txn, "UPDATE matter SET policy_version = 0 WHERE state = 0 AND account = ?1",
                     BIND(V(account))));
    return matter_recount(txn, r);
}

int on_policy_in_force(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const rules *r = self;
    (void)in;
    (void)msg;
    for (size_t i = 0; i < r->n; i++) {
        Uppsikt__PolicyInForceRow out = UPPSIKT__POLICY_IN_FORCE_ROW__INIT;
        out.version = r->list[i].adopted;
        out.authority = r->list[i].authority;
        UPP_TRY(upp_reply(txn, &out.base));
    }
    return 0;
}
