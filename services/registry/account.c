/* account.c - the next step of an account's life, or more facts about it (R01, R03, R04, R07). */
#include "registry.h"
#include "uppsikt/archive.pb-c.h"
#include <string.h>

typedef Uppsikt__AccountChangedContent account_facts;

int account_read(upp_txn *txn, const char *account, account_row *ret_row)
{
    UPP_ROWS row = upp_query(
        txn,
        "SELECT a.account, a.state, a.watch, a.platform, a.unit, a.taken_over, a.since_ms,"
        " a.open_since_ms, a.closing_by, a.packaged_ms, a.facts_ref, a.facts_commitment,"
        " coalesce(u.authority, ''), a.posted_ms, a.reviewed_ms"
        " FROM account a LEFT JOIN unit u ON u.unit = a.unit WHERE a.account = ?1",
        BIND(V(account)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : 1;
    account_row a = { .state = (enum life_state)upp_col_int(&row, 1) };
    text_copy(a.account, sizeof a.account, upp_col_text(&row, 0));
    a.watch = upp_col_int(&row, 2);
    text_copy(a.platform, sizeof a.platform, upp_col_text(&row, 3));
    text_copy(a.unit, sizeof a.unit, upp_col_text(&row, 4));
    a.taken_over = upp_col_int(&row, 5);
    a.since_ms = upp_col_int(&row, 6);
    a.open_since_ms = upp_col_int(&row, 7);
    text_copy(a.closing_by, sizeof a.closing_by, upp_col_text(&row, 8));
    a.packaged_ms = upp_col_int(&row, 9);
    a.facts_ref = upp_col_int(&row, 10);
    text_copy(a.facts_commitment, sizeof a.facts_commitment, upp_col_text(&row, 11));
    text_copy(a.authority, sizeof a.authority, upp_col_text(&row, 12));
    a.posted_ms = upp_col_int(&row, 13);
    a.reviewed_ms = upp_col_int(&row, 14);
    *ret_row = a;
    return 0;
}

static int store(upp_txn *txn, const account_row *a)
{
    const int rc = upp_exec(
        txn,
        "INSERT INTO account(account, state, watch, platform, unit, taken_over, since_ms,"
        " open_since_ms, closing_by, facts_ref, facts_commitment)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT DO UPDATE SET"
        " state = ?2, watch = ?3, unit = ?5, since_ms = ?7, open_since_ms = ?8, closing_by = ?9,"
        " facts_ref = ?10, facts_commitment = ?11",
        BIND(V(a->account), V((int64_t)a->state), V(a->watch), V(a->platform), V(a->unit),
             V(a->taken_over), V(a->since_ms), V(a->open_since_ms), V(a->closing_by),
             V(a->facts_ref), V(a->facts_commitment)));
    return rc < 0 ? rc : 0;
}

int account_say(upp_txn *txn, const registry_config *config, account_row *row,
                const account_facts *facts)
{
    const account_facts nothing = UPPSIKT__ACCOUNT_CHANGED_CONTENT__INIT;
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *had = NULL;
    upp_content content;
    if (!facts) {
        const int forgotten =
            upp_recall(txn, row->facts_ref, &uppsikt__account_changed_content__descriptor, &had);
        UPP_TRY(forgotten);
    }
    UPP_TRY(upp_drop(txn, row->facts_ref));
    const int gone = upp_keep(txn, UPP_ABOUT(row->account),
                              facts ? &facts->base
                              : had ? had
                                    : &nothing.base,
                              &content);
    UPP_TRY(gone);
    row->facts_ref = content.ref;
    text_stamp(&content, row->facts_commitment);
    UPP_TRY(store(txn, row));
    Uppsikt__AccountChanged out = UPPSIKT__ACCOUNT_CHANGED__INIT;
    account_row fresh;
    const int missing = account_read(txn, row->account, &fresh); /* the unit's authority */
    UPP_TRY(missing);
    out.account = row->account;
    out.state = (Uppsikt__AccountChanged__State)row->state;
    out.watch = (Uppsikt__AccountChanged__Watch)row->watch;
    out.platform = row->platform;
    out.unit = row->unit;
    out.authority = fresh.authority;
    out.taken_over = row->taken_over != 0;
    out.at_ms = upp_now(txn);
    out.open_since_ms = row->open_since_ms;
    out.commitment = upp_commitment(&content);
    UPP_TRY(upp_emit(txn, row->account, &out.base, &content));
    return publication_changed(txn, config);
}

/* -- facts -- */
static int check_facts(upp_txn *txn, const account_facts *f)
{
    enum { LONG_BYTES = 4000, SHORT_BYTES = 300 };
    const char *const longs[] = { f->purpose, f->goals };
    const char *const shorts[] = { f->handle, f->name, f->plan, f->decision, f->vault };
    for (size_t i = 0; i < UPP_LEN(longs); i++)
        if (!text_fits(longs[i], LONG_BYTES, true))
            return upp_refuse(txn, "text-malformed");
    for (size_t i = 0; i < UPP_LEN(shorts); i++)
        if (!text_fits(shorts[i], SHORT_BYTES, false))
            return upp_refuse(txn, "text-malformed");
    if (f->url[0] && !text_is_url(f->url))
        return upp_refuse(txn, "url-malformed");
    if (f->decided_ms > upp_now(txn) || f->consulted_ms > upp_now(txn) || f->decided_ms < 0 ||
        f->consulted_ms < 0)
        return upp_refuse(txn, "time-in-the-future");
    return 0;
}

/* What is given replaces what was known; what is not given stays. */
static void merge(account_facts *into, const account_facts *given)
{
    const struct {
        char **to;
        char *from;
    } texts[] = {
        { &into->handle, given->handle },
        { &into->url, given->url },
        { &into->name, given->name },
        { &into->purpose, given->purpose },
        { &into->goals, given->goals },
        { &into->plan, given->plan },
        { &into->decided_by, given->decided_by },
        { &into->decision, given->decision },
        { &into->consulted_by, given->consulted_by },
        { &into->vault, given->vault },
    };
    for (size_t i = 0; i < UPP_LEN(texts); i++)
        if (texts[i].from[0])
            *texts[i].to = texts[i].from;
    if (given->decided_ms)
        into->decided_ms = given->decided_ms;
    if (given->consulted_ms)
        into->consulted_ms = given->consulted_ms;
}

/* A new account's decision is its sector head's, and its consultation one of the communications
 * unit's (R03, R04). For what existed before, any registered person may be named. */
static int check_people(upp_txn *txn, const account_row *a, const account_facts *given)
{
    char head[REGISTRY_ID];
    const char *const people[] = { given->decided_by, given->consulted_by };
    for (size_t i = 0; i < UPP_LEN(people); i++) {
        const int state = people[i][0] ? person_state(txn, people[i]) : 0;
        UPP_TRY(state);
        if (state == 1)
            return upp_refuse(txn, "person-unknown");
    }
    if (a->taken_over)
        return 0;
    UPP_TRY(authority_head(txn, a->unit, head));
    if (given->decided_by[0] && strcmp(given->decided_by, head) != 0)
        return upp_refuse(txn, "decision-not-by-sector-head");
    if (!given->consulted_by[0])
        return 0;
    UPP_ROWS row =
        upp_query(txn, "SELECT 1 FROM person_role WHERE person = ?1 AND role = 'communications'",
                  BIND(V(given->consulted_by)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : upp_refuse(txn, "consultation-not-with-communications");
    return 0;
}

/* -- steps -- */
enum { NO_STEP = -1 };

/* The step that the command asks for, NO_STEP for facts alone; refuses what leads nowhere. */
static int step_of(upp_txn *txn, const Uppsikt__ChangeAccount *c, enum life_state now,
                   int *ret_step)
{
    const int wanted = (int)c->state;
    if (now != LIFE_NONE && now != LIFE_CLOSED && (wanted == LIFE_NONE || wanted == (int)now)) {
        *ret_step = NO_STEP;
        return 0;
    }
    int step = life_step_to(wanted);
    if (now == LIFE_NONE && c->taken_over)
        step = wanted == LIFE_NONE || wanted == LIFE_OPEN ? LIFE_TAKE_OVER : NO_STEP;
    else if (now == LIFE_NONE && wanted == LIFE_NONE)
        step = LIFE_PROPOSE;
    if (step < 0 || life_next(now, (enum life_step)step) < 0)
        return upp_refuse(txn, "step-not-possible");
    *ret_step = step;
    return 0;
}

/* Facts outside the account's own: persons, the archive, a second person (R05, R08, sla.md P4). */
static int check_step(upp_txn *txn, const right_asker *asker, const account_row *a, int step)
{
    int64_t persons = 0;
    if (step == LIFE_START) {
        UPP_TRY(access_count(txn, a->account, &persons));
        if (persons < 2)
            return upp_refuse(txn, "two-persons-needed");
    }
    if (step == LIFE_ARCHIVE && a->packaged_ms < a->since_ms)
        return upp_refuse(txn, "archive-run-missing");
    if (step == LIFE_END && a->state == LIFE_ARCHIVED && asker->person &&
        strcmp(asker->person, a->closing_by) == 0)
        return upp_refuse(txn, "second-person-needed");
    return 0;
}

static void take_step(upp_txn *txn, const right_asker *asker, account_row *a,
                      const account_facts *facts, int step)
{
    if (step == NO_STEP)
        return;
    a->state = (enum life_state)life_next(a->state, (enum life_step)step);
    a->since_ms = upp_now(txn);
    if (step == LIFE_START)
        a->open_since_ms = upp_now(txn);
    if (step == LIFE_TAKE_OVER) {
        a->taken_over = 1;
        a->open_since_ms = facts->decided_ms; /* 0: nobody knows */
    }
    if (step == LIFE_CLOSE)
        text_copy(a->closing_by, sizeof a->closing_by, asker->person ? asker->person : "");
}

/* What a taken over account lacks, and what has been given since (R04). */
static int check_missing(upp_txn *txn, const registry_config *config, const account_row *a,
                         const account_facts *facts)
{
    for (unsigned i = 0; i < LIFE_FACTS; i++) {
        const enum life_fact fact = (enum life_fact)i;
        const finding f = { .kind = "fact-missing",
                            .account = a->account,
                            .unit = a->unit,
                            .fact = life_fact_name(fact),
                            .due = a->since_ms + config->fact_span };
        if (life_has(facts, fact))
            UPP_TRY(finding_clear(
                txn, &(finding){ .kind = "fact-missing", .account = a->account, .fact = f.fact }));
        else if (a->taken_over && a->state == LIFE_OPEN)
            UPP_TRY(finding_raise(txn, &f));
    }
    return 0;
}

/* What follows from where the account now is. */
static int settle(upp_txn *txn, const registry_config *config, const account_row *a,
                  const account_facts *facts)
{
    if (a->state == LIFE_CLOSED)
        return finding_clear_all(txn, a->account);
    UPP_TRY(check_missing(txn, config, a, facts));
    UPP_TRY(access_check(txn, config, a->account));
    return upkeep_check(txn, config, a->account);
}

/* -- the command -- */
static int begin(upp_txn *txn, const Uppsikt__ChangeAccount *c, account_row *ret_row)
{
    char id[REGISTRY_ID];
    UPP_TRY(text_id(txn, c->account, id));
    const int fresh = account_read(txn, id, ret_row);
    UPP_TRY(fresh);
    if (fresh) {
        if (upkeep_platform(c->platform) < 0)
            return upp_refuse(txn, "platform-unknown");
        *ret_row = (account_row){ .watch = UPPSIKT__ACCOUNT_CHANGED__WATCH__WATCH_API };
        text_copy(ret_row->account, sizeof ret_row->account, id);
        text_copy(ret_row->platform, sizeof ret_row->platform, c->platform);
    } else if (c->platform[0] && strcmp(c->platform, ret_row->platform) != 0) {
        return upp_refuse(txn, "platform-is-fixed");
    }
    const int watch = (int)c->watch;
    if (watch < 0 || watch > UPPSIKT__ACCOUNT_CHANGED__WATCH__WATCH_MANUAL)
        return upp_refuse(txn, "watch-unknown");
    if (watch)
        ret_row->watch = watch;
    return 0;
}

/* Anybody in the unit may propose; the rest is for those who lead it, or whose task the
 * register is. */
static int check_right(upp_txn *txn, const right_asker *asker, const account_row *a, int step)
{
    enum { KEEPERS = ROLE_OPERATIONS | ROLE_COMMUNICATIONS };
    if (step != LIFE_PROPOSE || right_has(asker, KEEPERS))
        return right_need(txn, asker, KEEPERS, a->unit);
    UPP_ROWS row = upp_query(txn, "SELECT 1 FROM person WHERE person = ?1 AND unit = ?2",
                             BIND(V(asker->person), V(a->unit)));
    if (upp_next(&row))
        return 0;
    return row.rc < 0 ? row.rc : right_need(txn, asker, KEEPERS, a->unit);
}

/* The unit that it is under, and the one that it comes to: she must lead both. */
static int place(upp_txn *txn, const right_asker *asker, const Uppsikt__ChangeAccount *c,
                 account_row *a, int step)
{
    if (a->unit[0])
        UPP_TRY(check_right(txn, asker, a, step));
    if (a->unit[0] && (!c->unit[0] || strcmp(c->unit, a->unit) == 0))
        return 0;
    const int missing = authority_unit_known(txn, c->unit);
    UPP_TRY(missing);
    if (missing)
        return upp_refuse(txn, "unit-unknown");
    text_copy(a->unit, sizeof a->unit, c->unit);
    return check_right(txn, asker, a, step);
}

static int change(upp_txn *txn, const registry_config *config, const right_asker *asker,
                  const Uppsikt__ChangeAccount *c, account_row *a)
{
    account_facts facts = UPPSIKT__ACCOUNT_CHANGED_CONTENT__INIT;
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *had = NULL;
    int step = NO_STEP;
    UPP_TRY(step_of(txn, c, a->state, &step));
    UPP_TRY(place(txn, asker, c, a, step));
    if (step == LIFE_TAKE_OVER)
        a->taken_over = 1;
    const int forgotten =
        upp_recall(txn, a->facts_ref, &uppsikt__account_changed_content__descriptor, &had);
    UPP_TRY(forgotten);
    if (had)
        facts = *(account_facts *)had;
    if (c->facts) {
        UPP_TRY(check_facts(txn, c->facts));
        UPP_TRY(check_people(txn, a, c->facts));
        merge(&facts, c->facts);
    }
    const char *lacks = step == NO_STEP ? NULL : life_missing((enum life_step)step, &facts);
    if (lacks)
        return upp_refuse(txn, lacks);
    UPP_TRY(check_step(txn, asker, a, step));
    take_step(txn, asker, a, &facts, step);
    UPP_TRY(account_say(txn, config, a, &facts));
    return settle(txn, config, a, &facts);
}

int account_change(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__ChangeAccount *c = msg;
    right_asker asker;
    account_row a = { 0 };
    UPP_TRY(right_ask(txn, in, &asker));
    UPP_TRY(begin(txn, c, &a));
    UPP_TRY(change(txn, self, &asker, c, &a));
    return text_registered(txn, a.account, 0);
}

/* The archive has a whole package: a closing account that was captured after it began to close is
 * archived (R08, R26). */
int account_packaged(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)in;
    const Uppsikt__PackageSealed *p = msg;
    account_row a;
    const int missing = account_read(txn, p->account, &a);
    UPP_TRY(missing);
    if (missing || p->at_ms <= a.packaged_ms)
        return 0;
    UPP_TRY(upp_exec(txn, "UPDATE account SET packaged_ms = ?2 WHERE account = ?1",
                     BIND(V(a.account), V(p->at_ms))));
    if (a.state != LIFE_CLOSING || p->at_ms < a.since_ms)
        return 0;
    a.state = LIFE_ARCHIVED;
    a.since_ms = upp_now(txn);
    UPP_TRY(account_say(txn, self, &a, NULL));
    return access_check(txn, self, a.account);
}
