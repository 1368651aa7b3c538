/* town_register.c - who is there: one unit with an account, its people, and those above them. */
#include "town.h"
#include "town_part.h"
#include <stdio.h>
#include <string.h>

static void unit(town *t, const char *by, const char *id, const char *parent, const char *manager,
                 const char *head)
{
    Uppsikt__RegisterUnit c = UPPSIKT__REGISTER_UNIT__INIT;
    const bool communications = strcmp(id, "komm") == 0;
    c.unit = upp_lend(id);
    c.authority = upp_lend("ks");
    c.name = upp_lend(id);
    c.parent = upp_lend(parent);
    c.manager = upp_lend(manager);
    c.head = upp_lend(head);
    c.communications = communications;
    c.function_mail = upp_lend(communications ? "komm@x.se" : "");
    town_did(t, "registry", by, &c.base);
}

static void person(town *t, const char *by, const char *id, const char *of, const char *role)
{
    Uppsikt__RegisterPerson c = UPPSIKT__REGISTER_PERSON__INIT;
    Uppsikt__PersonRegisteredContent who = UPPSIKT__PERSON_REGISTERED_CONTENT__INIT;
    char *roles[] = { upp_lend(role) };
    char mail[64];
    snprintf(mail, sizeof mail, "%s@x.se", id);
    who.first_name = upp_lend(id);
    who.last_name = upp_lend("Ek");
    who.title = upp_lend("handläggare");
    who.mail = mail;
    c.person = upp_lend(id);
    c.unit = upp_lend(of);
    c.roles = roles;
    c.n_roles = 1;
    c.who = &who;
    town_did(t, "registry", by, &c.base);
}

static void access_to(town *t, const char *account, const char *id, uint32_t rank)
{
    Uppsikt__GrantAccess c = UPPSIKT__GRANT_ACCESS__INIT;
    c.account = upp_lend(account);
    c.person = upp_lend(id);
    c.rank = rank;
    town_did(t, "registry", "chef", &c.base);
}

void town_account(town *t, const char *id)
{
    Uppsikt__ChangeAccount c = UPPSIKT__CHANGE_ACCOUNT__INIT;
    Uppsikt__AccountChangedContent facts = UPPSIKT__ACCOUNT_CHANGED_CONTENT__INIT;
    facts.name = upp_lend("Skolan");
    facts.purpose = upp_lend("Berätta om skolan"); /* nothing is missing: no findings of it */
    facts.goals = upp_lend("Fler svar i tid");
    facts.plan = upp_lend("KP 2026:1");
    facts.decided_by = upp_lend("head");
    facts.decision = upp_lend("KS 2025:17");
    facts.decided_ms = SIM_START - 400 * UPP_DAY;
    facts.consulted_by = upp_lend("com");
    facts.consulted_ms = SIM_START - 410 * UPP_DAY;
    c.account = upp_lend(id);
    c.platform = upp_lend("facebook");
    c.unit = upp_lend("skola");
    c.taken_over = true;
    c.facts = &facts;
    town_did(t, "registry", "com", &c.base);
    access_to(t, id, "anna", 1);
    access_to(t, id, "bo", 2);
}

void town_found(town *t)
{
    Uppsikt__RegisterAuthority ks = UPPSIKT__REGISTER_AUTHORITY__INIT;
    ks.authority = upp_lend("ks");
    ks.name = upp_lend("Kommunstyrelsen");
    ks.org_number = upp_lend("212000-1234");
    town_did(t, "registry", NULL, &ks.base);
    unit(t, NULL, "komm", "", "", "");
    unit(t, NULL, "sektor", "", "", "");
    unit(t, NULL, "skola", "sektor", "", "");
    person(t, NULL, "ops", "komm", "operations");
    person(t, "ops", "com", "komm", "communications");
    person(t, "ops", "ark", "komm", "archivist");
    person(t, "ops", "head", "sektor", "reader");
    person(t, "ops", "chef", "skola", "manager");
    static const char *const administrators[] = { "anna", "bo", "carl", "dora" };
    for (size_t i = 0; i < UPP_LEN(administrators); i++)
        person(t, "ops", administrators[i], "skola", "administrator");
    unit(t, "ops", "sektor", "", "", "head");
    unit(t, "ops", "skola", "sektor", "chef", "");
    town_account(t, "acc");
}

void town_away(town *t, const char *who, const char *from, const char *to, const char *substitute)
{
    Uppsikt__SetAbsence c = UPPSIKT__SET_ABSENCE__INIT;
    Uppsikt__AbsenceSetContent when = UPPSIKT__ABSENCE_SET_CONTENT__INIT;
    char *list[] = { upp_lend(substitute ? substitute : "") };
    when.from_ms = town_at(from);
    when.to_ms = town_at(to);
    when.n_substitutes = substitute ? 1 : 0;
    when.substitutes = list;
    c.person = upp_lend(who);
    c.when = &when;
    town_did(t, "registry", who, &c.base);
}
