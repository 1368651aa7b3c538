/* person.c - people: names and addresses are content, roles are facts; and leaving (R02, R06). */
#include "registry.h"
#include <stdio.h>
#include <string.h>

enum { ROLES_MAX = 7 };

int person_state(upp_txn *txn, const char *person)
{
    UPP_ROWS row = upp_query(txn, "SELECT gone FROM person WHERE person = ?1", BIND(V(person)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : 1;
    return upp_col_int(&row, 0) ? 2 : 0;
}

typedef struct known {
    bool there, gone;
    char unit[REGISTRY_ID];
    unsigned roles;
    int64_t who_ref;
    upp_ms since_ms;
} known;

static int read_known(upp_txn *txn, const char *person, known *ret_known)
{
    *ret_known = (known){ 0 };
    {
        UPP_ROWS row =
            upp_query(txn, "SELECT unit, since_ms, gone, who_ref FROM person WHERE person = ?1",
                      BIND(V(person)));
        if (!upp_next(&row))
            return row.rc;
        ret_known->there = true;
        text_copy(ret_known->unit, sizeof ret_known->unit, upp_col_text(&row, 0));
        ret_known->since_ms = upp_col_int(&row, 1);
        ret_known->gone = upp_col_int(&row, 2) != 0;
        ret_known->who_ref = upp_col_int(&row, 3);
    }
    UPP_ROWS role =
        upp_query(txn, "SELECT role FROM person_role WHERE person = ?1", BIND(V(person)));
    while (upp_next(&role))
        ret_known->roles |= right_role(upp_col_text(&role, 0));
    return role.rc;
}

static int check_who(upp_txn *txn, const Uppsikt__PersonRegisteredContent *who)
{
    if (!who->first_name[0] || !text_fits(who->first_name, 100, false) ||
        !text_fits(who->last_name, 100, false) || !text_fits(who->title, 100, false) ||
        !text_fits(who->phone, 40, false) || !text_fits(who->protected_note, 500, true))
        return upp_refuse(txn, "name-malformed");
    if (who->mail[0] && !text_is_mail(who->mail))
        return upp_refuse(txn, "mail-malformed");
    return 0;
}

/* Only operations gives or takes the role `operations`, and one person with it always stays. */
static int check_roles(upp_txn *txn, const right_asker *asker, const char *id,
                       const Uppsikt__RegisterPerson *c, unsigned before)
{
    unsigned roles = 0;
    for (size_t i = 0; i < c->n_roles; i++) {
        const unsigned role = right_role(c->roles[i]);
        if (!role || (roles & role))
            return upp_refuse(txn, "role-unknown");
        roles |= role;
    }
    if (!((roles ^ before) & ROLE_OPERATIONS))
        return 0;
    if (!right_has(asker, ROLE_OPERATIONS))
        return upp_refuse(txn, "operations-only");
    const int last = before & ROLE_OPERATIONS ? right_last(txn, id) : 0;
    UPP_TRY(last);
    return last ? upp_refuse(txn, "last-operations") : 0;
}

static int store_roles(upp_txn *txn, const char *id, const Uppsikt__RegisterPerson *c)
{
    UPP_TRY(upp_exec(txn, "DELETE FROM person_role WHERE person = ?1", BIND(V(id))));
    for (size_t i = 0; i < c->n_roles; i++)
        UPP_TRY(upp_exec(txn, "INSERT INTO person_role(person, role) VALUES(?1, ?2)",
                         BIND(V(id), V(c->roles[i]))));
    return 0;
}

/* Keeps `who` in the place of what was known and says the person with it. */
static int say(upp_txn *txn, const char *id, const char *unit, const known *before,
               const Uppsikt__RegisterPerson *c, const ProtobufCMessage *who)
{
    char stamp[UPP_HEX];
    upp_content content;
    const upp_ms since = before->there ? before->since_ms : upp_now(txn);
    UPP_TRY(upp_drop(txn, before->who_ref));
    const int gone = upp_keep(txn, UPP_ABOUT(id), who, &content);
    UPP_TRY(gone);
    text_stamp(&content, stamp);
    UPP_TRY(
        upp_exec(txn,
                 "INSERT INTO person(person, unit, since_ms, who_ref, who_commitment)"
                 " VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET unit = ?2, who_ref = ?4,"
                 " who_commitment = ?5",
                 BIND(V(id), V(unit), V(since), V(content.ref), V(stamp))));
    UPP_TRY(store_roles(txn, id, c));
    Uppsikt__PersonRegistered out = UPPSIKT__PERSON_REGISTERED__INIT;
    out.person = upp_lend(id);
    out.unit = upp_lend(unit);
    out.roles = c->roles;
    out.n_roles = c->n_roles;
    out.since_ms = since;
    out.commitment = upp_commitment(&content);
    return upp_emit(txn, id, &out.base, &content);
}

int person_register(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    const Uppsikt__RegisterPerson *c = msg;
    const Uppsikt__PersonRegisteredContent nothing = UPPSIKT__PERSON_REGISTERED_CONTENT__INIT;
    right_asker asker;
    known before;
    char id[REGISTRY_ID];
    UPP_TRY(right_ask(txn, in, &asker));
    UPP_TRY(right_need(txn, &asker, ROLE_OPERATIONS | ROLE_COMMUNICATIONS, NULL));
    UPP_TRY(text_id(txn, c->person, id));
    UPP_TRY(read_known(txn, id, &before));
    if (before.gone)
        return upp_refuse(txn, "person-has-left");
    if (!before.there && !c->who)
        return upp_refuse(txn, "name-malformed");
    if (c->who)
        UPP_TRY(check_who(txn, c->who));
    const char *unit = c->unit[0] ? c->unit : before.unit;
    const int missing = authority_unit_known(txn, unit);
    UPP_TRY(missing);
    if (missing)
        return upp_refuse(txn, "unit-unknown");
    UPP_TRY(check_roles(txn, &asker, id, c, before.roles));
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *had = NULL;
    if (!c->who) {
        const int forgotten =
            upp_recall(txn, before.who_ref, &uppsikt__person_registered_content__descriptor, &had);
        UPP_TRY(forgotten);
    }
    UPP_TRY(say(txn, id, unit, &before, c, c->who ? &c->who->base : had ? had : &nothing.base));
    return text_registered(txn, id, 0);
}

/* -- leaving -- */
static int raise_empty_rungs(upp_txn *txn, const registry_config *config, const char *person)
{
    const upp_ms due = upp_now(txn) + config->understaffed_span;
    UPP_ROWS row = upp_query(txn,
                             "SELECT unit, manager = ?1, head = ?1 FROM unit"
                             " WHERE manager = ?1 OR head = ?1 ORDER BY unit",
                             BIND(V(person)));
    while (upp_next(&row)) {
        finding f = { .kind = "empty-rung", .unit = upp_col_text(&row, 0), .due = due };
        f.fact = "manager";
        if (upp_col_int(&row, 1))
            UPP_TRY(finding_raise(txn, &f));
        f.fact = "sector_head";
        if (upp_col_int(&row, 2))
            UPP_TRY(finding_raise(txn, &f));
    }
    return row.rc;
}

/* From now on nothing goes to her, and she counts nowhere. */
static int go(upp_txn *txn, const registry_config *config, const char *person, upp_ms at)
{
    UPP_TRY(upp_exec(txn, "UPDATE person SET gone = 1 WHERE person = ?1", BIND(V(person))));
    Uppsikt__PersonLeft out = UPPSIKT__PERSON_LEFT__INIT;
    out.person = upp_lend(person);
    out.at_ms = at;
    UPP_TRY(upp_emit(txn, person, &out.base, NULL));
    UPP_TRY(access_check_all_of(txn, config, person));
    return raise_empty_rungs(txn, config, person);
}

static int raise_hand_overs(upp_txn *txn, const registry_config *config, const char *person,
                            upp_ms at)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT a.account, c.unit FROM access a JOIN account c"
                             " ON c.account = a.account WHERE a.person = ?1 AND c.state <> ?2"
                             " ORDER BY a.account",
                             BIND(V(person), V((int64_t)LIFE_CLOSED)));
    while (upp_next(&row))
        UPP_TRY(leaver_add(txn, person, upp_col_text(&row, 0), upp_col_text(&row, 1),
                           at + config->understaffed_span));
    return row.rc;
}

int person_leaves(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__PersonLeaves *c = msg;
    right_asker asker;
    known p;
    char alarm[64];
    UPP_TRY(right_ask(txn, in, &asker));
    UPP_TRY(read_known(txn, c->person, &p));
    if (!p.there)
        return upp_refuse(txn, "person-unknown");
    UPP_TRY(right_need(txn, &asker, ROLE_OPERATIONS | ROLE_COMMUNICATIONS, p.unit));
    if (p.gone)
        return upp_refuse(txn, "person-has-left");
    const int last = p.roles & ROLE_OPERATIONS ? right_last(txn, c->person) : 0;
    UPP_TRY(last);
    if (last)
        return upp_refuse(txn, "last-operations");
    const upp_ms now = upp_now(txn);
    const upp_ms at = c->at_ms > 0 ? c->at_ms : now;
    UPP_TRY(upp_exec(txn, "UPDATE person SET leaves_ms = ?2 WHERE person = ?1",
                     BIND(V(c->person), V(at))));
    UPP_TRY(raise_hand_overs(txn, self, c->person, at > now ? at : now));
    snprintf(alarm, sizeof alarm, "leave/%s", c->person);
    if (at > now) {
        UPP_TRY(upp_alarm(txn, alarm, at));
    } else {
        UPP_TRY(upp_alarm_off(txn, alarm));
        UPP_TRY(go(txn, self, c->person, at));
    }
    return text_registered(txn, c->person, 0);
}

int person_alarm(upp_txn *txn, const registry_config *config, const char *person)
{
    upp_ms at = 0;
    {
        UPP_ROWS row = upp_query(txn, "SELECT leaves_ms FROM person WHERE person = ?1 AND gone = 0",
                                 BIND(V(person)));
        if (!upp_next(&row))
            return row.rc;
        at = upp_col_int(&row, 0);
    }
    return go(txn, config, person, at);
}

/* -- the rules in force, read by her (R04) -- */
int person_confirm_rules(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    const Uppsikt__ConfirmRules *c = msg;
    right_asker asker;
    int64_t newest = 0;
    UPP_TRY(right_ask(txn, in, &asker));
    if (!asker.person || strcmp(asker.person, c->person) != 0)
        return upp_refuse(txn, "only-herself");
    UPP_TRY(rulebook_version(txn, &newest));
    if (c->version < 1 || c->version > newest)
        return upp_refuse(txn, "policy-unknown");
    const int newer = upp_exec(
        txn, "UPDATE person SET rules_version = ?2 WHERE person = ?1 AND rules_version < ?2",
        BIND(V(c->person), V(c->version)));
    UPP_TRY(newer);
    if (newer) {
        Uppsikt__RulesConfirmed out = UPPSIKT__RULES_CONFIRMED__INIT;
        out.person = c->person;
        out.version = c->version;
        out.at_ms = upp_now(txn);
        UPP_TRY(upp_emit(txn, c->person, &out.base, NULL));
    }
    return text_registered(txn, c->person, c->version);
}

/* -- the list -- */
static int reply_person(upp_txn *txn, const upp_rows *row)
{
    char names[ROLES_MAX][16], *roles[ROLES_MAX];
    uint8_t bytes[32];
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *who = NULL;
    Uppsikt__PersonRow out = UPPSIKT__PERSON_ROW__INIT;
    Uppsikt__PersonRowContent content = UPPSIKT__PERSON_ROW_CONTENT__INIT;
    const int forgotten =
        upp_recall(txn, upp_col_int(row, 5), &uppsikt__person_registered_content__descriptor, &who);
    UPP_TRY(forgotten);
    out.person = upp_lend(upp_col_text(row, 0));
    UPP_ROWS role = upp_query(txn, "SELECT role FROM person_role WHERE person = ?1 ORDER BY role",
                              BIND(V(out.person)));
    for (; out.n_roles < ROLES_MAX && upp_next(&role); out.n_roles++) {
        text_copy(names[out.n_roles], sizeof names[0], upp_col_text(&role, 0));
        roles[out.n_roles] = names[out.n_roles];
    }
    UPP_TRY(role.rc);
    out.unit = upp_lend(upp_col_text(row, 1));
    out.roles = roles;
    out.left = upp_col_int(row, 2) != 0;
    out.leaves_ms = upp_col_int(row, 3);
    out.rules_version = upp_col_int(row, 4);
    if (who)
        out.commitment = text_unstamp(upp_col_text(row, 6), bytes);
    content.who = (Uppsikt__PersonRegisteredContent *)who;
    return upp_reply_content(txn, &out.base, who ? &content.base : NULL);
}

int person_query(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__Persons *q = msg;
    UPP_ROWS row =
        upp_query(txn,
                  "SELECT person, unit, gone, leaves_ms, rules_version, who_ref, who_commitment"
                  " FROM person WHERE person > ?1 AND (?2 = '' OR person = ?2)"
                  " ORDER BY person LIMIT ?3",
                  BIND(V(q->after), V(q->person), V(text_page(q->limit))));
    while (upp_next(&row))
        UPP_TRY(reply_person(txn, &row));
    return row.rc;
}
