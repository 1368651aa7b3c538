/* registry_fixture.h - a small organisation for the register's tests: one authority, the
 * communications unit and a school unit, and the people in them. */
#pragma once
#include "../../tests/node_bench.h"
#include "registry.h"

extern const upp_service upp_registry_service;

/* Stands in every name, address and purpose: it must be in content alone. */
#define MARKER "MARKER"

static inline void org_authority(bench *b, const char *by, const char *id, const char *name)
{
    Uppsikt__RegisterAuthority c = UPPSIKT__REGISTER_AUTHORITY__INIT;
    c.authority = upp_lend(id);
    c.name = upp_lend(name);
    c.org_number = upp_lend("212000-1234");
    bench_did(b, by, &c.base);
}

static inline Uppsikt__RegisterUnit org_unit(const char *id, const char *parent,
                                             const char *manager, const char *head)
{
    Uppsikt__RegisterUnit c = UPPSIKT__REGISTER_UNIT__INIT;
    c.unit = upp_lend(id);
    c.authority = upp_lend("ks");
    c.name = upp_lend(id);
    c.parent = upp_lend(parent);
    c.manager = upp_lend(manager);
    c.head = upp_lend(head);
    return c;
}

/* One role is enough for everybody here; NULL: none. */
static inline int org_try_person(bench *b, const char *by, const char *id, const char *unit,
                                 const char *role)
{
    Uppsikt__PersonRegisteredContent who = UPPSIKT__PERSON_REGISTERED_CONTENT__INIT;
    Uppsikt__RegisterPerson c = UPPSIKT__REGISTER_PERSON__INIT;
    char *roles[] = { upp_lend(role) };
    char mail[80];
    snprintf(mail, sizeof mail, MARKER ".%s@kommun.example", id);
    who.first_name = upp_lend("Anna " MARKER);
    who.last_name = upp_lend("Ek " MARKER);
    who.title = upp_lend("kommunikatör");
    who.mail = mail;
    c.person = upp_lend(id);
    c.unit = upp_lend(unit);
    c.roles = roles;
    c.n_roles = role ? 1 : 0;
    c.who = &who;
    return bench_command(b, by, &c.base);
}

static inline void org_person(bench *b, const char *by, const char *id, const char *unit,
                              const char *role)
{
    if (org_try_person(b, by, id, unit, role) != 0)
        fail_msg("%s: %s", id, b->refused);
}

/* The founding, by the peer itself; it ends with "ops". */
static inline void org_found(bench *b)
{
    org_authority(b, NULL, "ks", "Kommunstyrelsen");
    Uppsikt__RegisterUnit kom = org_unit("kom", "", "", ""), skola = org_unit("skola", "", "", "");
    kom.communications = true;
    bench_did(b, NULL, &kom.base);
    bench_did(b, NULL, &skola.base);
    org_person(b, NULL, "ops", "kom", "operations");
    org_person(b, "ops", "com", "kom", "communications");
    org_person(b, "ops", "head", "skola", "reader");
    org_person(b, "ops", "man", "skola", "manager");
    org_person(b, "ops", "a", "skola", "administrator");
    org_person(b, "ops", "b", "skola", "administrator");
    org_person(b, "ops", "c", "skola", "administrator");
    org_person(b, "ops", "other", "kom", "administrator");
    skola = org_unit("skola", "", "man", "head");
    skola.function_mail = upp_lend("skola@kommun.example");
    bench_did(b, "ops", &skola.base);
    bench_skip(b);
}

static inline int org_found_set_up(void **state)
{
    bench_set_up(state, &upp_registry_service);
    org_found(*state);
    return 0;
}

/* -- accounts -- */
static inline Uppsikt__AccountChangedContent org_facts(void)
{
    Uppsikt__AccountChangedContent f = UPPSIKT__ACCOUNT_CHANGED_CONTENT__INIT;
    f.name = upp_lend("Skolan " MARKER);
    f.handle = upp_lend("@skolan-" MARKER);
    f.url = upp_lend("https://facebook.example/" MARKER);
    f.purpose = upp_lend("syfte " MARKER);
    f.goals = upp_lend("mål " MARKER);
    f.plan = upp_lend("plan " MARKER);
    return f;
}

static inline Uppsikt__ChangeAccount org_step(const char *account, int state)
{
    Uppsikt__ChangeAccount c = UPPSIKT__CHANGE_ACCOUNT__INIT;
    c.account = upp_lend(account);
    c.state = (Uppsikt__AccountChanged__State)state;
    return c;
}

static inline void org_propose(bench *b, const char *account)
{
    Uppsikt__AccountChangedContent f = org_facts();
    Uppsikt__ChangeAccount c = org_step(account, LIFE_PROPOSED);
    c.platform = upp_lend("facebook");
    c.unit = upp_lend("skola");
    c.facts = &f;
    bench_did(b, "a", &c.base);
}

static inline void org_grant(bench *b, const char *by, const char *account, const char *person)
{
    Uppsikt__GrantAccess c = UPPSIKT__GRANT_ACCESS__INIT;
    c.account = upp_lend(account);
    c.person = upp_lend(person);
    bench_did(b, by, &c.base);
}

static inline void org_revoke(bench *b, const char *by, const char *account, const char *person)
{
    Uppsikt__RevokeAccess c = UPPSIKT__REVOKE_ACCESS__INIT;
    c.account = upp_lend(account);
    c.person = upp_lend(person);
    bench_did(b, by, &c.base);
}

/* Through every step, with its fact: open, with "a" and "b". */
static inline void org_open(bench *b, const char *account)
{
    Uppsikt__AccountChangedContent f = UPPSIKT__ACCOUNT_CHANGED_CONTENT__INIT;
    org_propose(b, account);
    Uppsikt__ChangeAccount c = org_step(account, LIFE_CONSULTED);
    c.facts = &f;
    f.consulted_by = upp_lend("com");
    f.consulted_ms = b->now - UPP_DAY;
    bench_did(b, "man", &c.base);
    f = (Uppsikt__AccountChangedContent)UPPSIKT__ACCOUNT_CHANGED_CONTENT__INIT;
    f.decided_by = upp_lend("head");
    f.decision = upp_lend("BUN 2026/1");
    f.decided_ms = b->now;
    c.state = (Uppsikt__AccountChanged__State)LIFE_DECIDED;
    bench_did(b, "head", &c.base);
    org_grant(b, "head", account, "a");
    org_grant(b, "head", account, "b");
    c = org_step(account, LIFE_OPEN);
    bench_did(b, "man", &c.base);
    bench_skip(b);
}

/* Taken over as it is, with nothing known but its name; gives no access to anybody. */
static inline void org_take_over(bench *b, const char *account)
{
    Uppsikt__AccountChangedContent f = UPPSIKT__ACCOUNT_CHANGED_CONTENT__INIT;
    Uppsikt__ChangeAccount c = org_step(account, LIFE_NONE);
    f.name = upp_lend("Gamla " MARKER);
    c.platform = upp_lend("instagram");
    c.unit = upp_lend("skola");
    c.taken_over = true;
    c.facts = &f;
    bench_did(b, "com", &c.base);
}

static inline void org_leaves(bench *b, const char *by, const char *person, upp_ms at)
{
    Uppsikt__PersonLeaves c = UPPSIKT__PERSON_LEAVES__INIT;
    c.person = upp_lend(person);
    c.at_ms = at;
    bench_did(b, by, &c.base);
}
