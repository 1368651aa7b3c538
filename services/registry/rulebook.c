/* rulebook.c - the numbers of the rules, and the rows of the document-management plan (R21). */
#include "cover.h"
#include "policy.h"
#include "registry.h"
#include <string.h>

enum { YAML_BYTES = 64 * 1024, TEXT_BYTES = 300, MONTHS_MAX = 12 * 200 };

int rulebook_version(upp_txn *txn, int64_t *ret_version)
{
    UPP_ROWS row = upp_query(txn, "SELECT coalesce(max(version), 0) FROM policy", NO_BIND);
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : UPP_E_BUG;
    *ret_version = upp_col_int(&row, 0);
    return 0;
}

static int check_authority(upp_txn *txn, const char *authority)
{
    if (!authority[0])
        return 0;
    const int missing = authority_known(txn, authority);
    UPP_TRY(missing);
    return missing ? upp_refuse(txn, "authority-unknown") : 0;
}

/* Every reader of the policy must be able to read it: the same code reads it here first. */
static int check_yaml(upp_txn *txn, const char *yaml)
{
    const size_t len = strlen(yaml);
    policy pol;
    policy_complaints complaints;
    if (len > YAML_BYTES)
        return upp_refuse(txn, "policy-too-long");
    if (!text_fits(yaml, YAML_BYTES, true))
        return upp_refuse(txn, "policy-malformed");
    const int rc = policy_parse(yaml, len, &pol, &complaints);
    if (rc == UPP_E_INPUT)
        return upp_refuse(txn, "policy-malformed");
    UPP_TRY(rc);
    policy_done(&pol);
    return 0;
}

/* One of an authority's own, or the body's; or that an authority goes by the body's again. */
static int check_policy(upp_txn *txn, const Uppsikt__AdoptPolicy *c)
{
    if (!c->decision[0] || !text_fits(c->decision, TEXT_BYTES, false))
        return upp_refuse(txn, "decision-missing");
    UPP_TRY(check_authority(txn, c->authority));
    if (!c->as_body)
        return check_yaml(txn, c->yaml);
    return c->authority[0] && !c->yaml[0] ? 0
                                          : upp_refuse(txn, "policy-as-body-needs-an-authority");
}

int rulebook_adopt_policy(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    const Uppsikt__AdoptPolicy *c = msg;
    right_asker asker;
    int64_t version = 0;
    UPP_TRY(right_ask(txn, in, &asker));
    UPP_TRY(right_need(txn, &asker, ROLE_OPERATIONS | ROLE_COMMUNICATIONS, NULL));
    UPP_TRY(check_policy(txn, c));
    UPP_TRY(rulebook_version(txn, &version));
    version++;
    const upp_ms from = c->valid_from_ms > 0 ? c->valid_from_ms : upp_now(txn);
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO policy(authority, version, yaml, decision, valid_from_ms)"
                     " VALUES(?1, ?2, ?3, ?4, ?5)",
                     BIND(V(c->authority), V(version), V(c->yaml), V(c->decision), V(from))));
    Uppsikt__PolicyAdopted out = UPPSIKT__POLICY_ADOPTED__INIT;
    out.authority = c->authority;
    out.version = version;
    out.yaml = c->yaml;
    out.decision = c->decision;
    out.valid_from_ms = from;
    UPP_TRY(upp_emit(txn, c->authority[0] ? c->authority : "policy", &out.base, NULL));
    return text_registered(txn, "", version);
}

static int check_row(upp_txn *txn, const Uppsikt__AdoptRetentionRow *c)
{
    const char *const texts[] = { c->process, c->kind, c->decision, c->mandate };
    const int action = (int)c->action;
    for (size_t i = 0; i < UPP_LEN(texts); i++)
        if (!text_fits(texts[i], TEXT_BYTES, false))
            return upp_refuse(txn, "text-malformed");
    if (!c->process[0] || !c->kind[0])
        return upp_refuse(txn, "row-without-kind");
    if (action < UPPSIKT__RETENTION_ROW_ADOPTED__ACTION__ACTION_KEEP ||
        action > UPPSIKT__RETENTION_ROW_ADOPTED__ACTION__ACTION_REVIEW)
        return upp_refuse(txn, "row-without-action");
    if (c->months < 0 || c->months > MONTHS_MAX ||
        (c->months > 0 && action == UPPSIKT__RETENTION_ROW_ADOPTED__ACTION__ACTION_KEEP))
        return upp_refuse(txn, "row-months-malformed");
    return check_authority(txn, c->authority);
}

/* What a row lets go is said in words that evidence knows: by a row without any, nothing goes. */
static int check_covers(upp_txn *txn, const Uppsikt__AdoptRetentionRow *c,
                        char ret_text[COVER_TEXT])
{
    unsigned set = 0;
    if (!cover_of_words(c->covers, c->n_covers, &set))
        return upp_refuse(txn, "row-covers-unknown");
    if (!set && c->action == UPPSIKT__RETENTION_ROW_ADOPTED__ACTION__ACTION_DISPOSE)
        return upp_refuse(txn, "row-without-covers");
    cover_text(set, ret_text);
    return 0;
}

/* Without a decision the row is a template that "kräver beslut": it is known, and has no force. */
int rulebook_adopt_row(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    const Uppsikt__AdoptRetentionRow *c = msg;
    right_asker asker;
    char id[REGISTRY_ID], covers[COVER_TEXT];
    UPP_TRY(right_ask(txn, in, &asker));
    UPP_TRY(right_need(txn, &asker, ROLE_OPERATIONS | ROLE_ARCHIVIST, NULL));
    UPP_TRY(check_row(txn, c));
    UPP_TRY(check_covers(txn, c, covers));
    UPP_TRY(text_id(txn, c->row, id));
    const upp_ms from = c->valid_from_ms > 0 ? c->valid_from_ms : upp_now(txn);
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO retention(id, authority, process, kind, action, months, decision,"
                     " valid_from_ms, mandate, covers)"
                     " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
                     " ON CONFLICT DO UPDATE SET authority = ?2, process = ?3, kind = ?4,"
                     " action = ?5, months = ?6, decision = ?7, valid_from_ms = ?8, mandate = ?9,"
                     " covers = ?10",
                     BIND(V(id), V(c->authority), V(c->process), V(c->kind), V((int64_t)c->action),
                          V(c->months), V(c->decision), V(from), V(c->mandate), V(covers))));
    Uppsikt__RetentionRowAdopted out = UPPSIKT__RETENTION_ROW_ADOPTED__INIT;
    out.row = id;
    out.authority = c->authority;
    out.process = c->process;
    out.kind = c->kind;
    out.action = c->action;
    out.months = c->months;
    out.decision = c->decision;
    out.valid_from_ms = from;
    out.mandate = c->mandate;
    out.covers = c->covers;
    out.n_covers = c->n_covers;
    UPP_TRY(upp_emit(txn, id, &out.base, NULL));
    return text_registered(txn, id, 0);
}
