/* port_handed.c - what leavers hand over: looked at, ticked, confirmed (R06). */
#include "civil.h"
#include "visit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ACCOUNTS = 10, ROUNDS = 3, PERSONS = ROUNDS * VISIT_ROWS };

static void down(visit *v)
{
    visit_words(v, 503, "down.title", "down.words");
}

static visit_rows *ask_lists(visit *v, char *person)
{
    Uppsikt__LeaverLists q = UPPSIKT__LEAVER_LISTS__INIT;
    q.person = person;
    q.confirmed = person[0] != '\0';
    return visit_ask(v, "registry", &q.base, &uppsikt__leaver_list_row__descriptor,
                     &uppsikt__leaver_list_row_content__descriptor);
}

/* Whom the sector head may have appointed: those of the register, the first of them when they are
 * more than any page should hold. */
typedef struct people {
    ProtobufCMessage *rows[PERSONS], *contents[PERSONS];
    size_t n;
} people;

static void ask_people(visit *v, people *ret_people)
{
    Uppsikt__Persons q = UPPSIKT__PERSONS__INIT;
    ret_people->n = 0;
    for (int round = 0; round < ROUNDS; round++) {
        const visit_rows *rows = visit_ask(v, "registry", &q.base, &uppsikt__person_row__descriptor,
                                           &uppsikt__person_row_content__descriptor);
        for (size_t i = 0; rows && i < rows->n; i++, ret_people->n++) {
            ret_people->rows[ret_people->n] = rows->rows[i];
            ret_people->contents[ret_people->n] = rows->contents[i];
            q.after = ((const Uppsikt__PersonRow *)rows->rows[i])->person;
        }
        if (!rows || rows->n < VISIT_ROWS)
            return;
    }
}

static void show_lists(visit *v)
{
    view_rows rows;
    const visit_rows *found = ask_lists(v, upp_lend(""));
    if (found)
        view_handed_lists(&v->view, visit_view(found, &rows));
    else
        down(v);
}

static void show_one(visit *v)
{
    Uppsikt__LeaverAccounts q = UPPSIKT__LEAVER_ACCOUNTS__INIT;
    view_handing h = { .act = v->view.given ? v->route.act : "" };
    people persons;
    const visit_rows *list = ask_lists(v, v->route.id);
    if (list && list->n == 0) {
        visit_words(v, 404, "none.title", "none.words");
        return;
    }
    q.person = v->route.id;
    q.after = upp_lend(form_value(&v->params, "efter"));
    q.limit = ACCOUNTS + 1;
    const visit_rows *accounts =
        list ? visit_ask(v, "registry", &q.base, &uppsikt__leaver_account_row__descriptor,
                         &uppsikt__leaver_account_row_content__descriptor)
             : NULL;
    if (!accounts) {
        down(v);
        return;
    }
    h.list = (const Uppsikt__LeaverListRow *)list->rows[0];
    h.names = (const Uppsikt__LeaverListRowContent *)list->contents[0];
    visit_view(accounts, &h.accounts);
    h.more = h.accounts.n > ACCOUNTS;
    h.accounts.n = h.more ? ACCOUNTS : h.accounts.n;
    ask_people(v, &persons);
    h.persons = (view_rows){ persons.rows, persons.contents, persons.n };
    view_handed(&v->view, &h);
}

/* As of a matter: a form's address asked for by itself is the page that has the form. */
void visit_handed(visit *v)
{
    char path[ROUTE_PART + 16];
    if (!v->route.id[0])
        show_lists(v);
    else if (!v->route.act[0] || strcmp(v->method, "POST") == 0)
        show_one(v);
    else {
        snprintf(path, sizeof path, "/overlamning/%s", v->route.id);
        visit_redirect(v, path, NULL);
    }
}

/* -- acts -- */
/* `what` tells one button of a form from another: each is a command of its own. */
static void tell(visit *v, const ProtobufCMessage *command, const char *what, const char *done_key)
{
    char path[ROUTE_PART + 16];
    if (v->view.n_complaints > 0 ||
        visit_tell(v, "registry", v->view.who->person, what, command,
                   &uppsikt__registered__descriptor, NULL) != VISIT_DONE) {
        v->status = v->view.kept_id ? 503 : 422;
        v->view.given = &v->fields;
        show_one(v);
        return;
    }
    visit_catch_up(v, "registry");
    snprintf(path, sizeof path, "/overlamning/%s", v->route.id);
    visit_redirect(v, path, done_key);
}

/* Noon of that day, on the wall, or now where noon is still to come; 0: the field is empty, or a
 * complaint. */
static upp_ms appointed_at(visit *v)
{
    const char *text = form_value(&v->fields, "day");
    upp_ms at = 0;
    civil_day day = 0;
    if (!text[0])
        return 0;
    if (civil_parse_day(text, &day) < 0) {
        visit_complain(v, "handed.need-day");
        return 0;
    }
    zone_instant(v->house->tz, (civil_ms)day * UPP_DAY + 12 * UPP_HOUR, ZONE_FIRST, &at);
    return at > v->now && at - v->now < 12 * UPP_HOUR ? v->now : at;
}

static void tick(visit *v, char *account, int step)
{
    Uppsikt__TickLeaverRow c = UPPSIKT__TICK_LEAVER_ROW__INIT;
    const bool undo = form_has(&v->fields, "undo"), done = form_has(&v->fields, "done");
    c.person = v->route.id;
    c.account = account;
    c.step = (Uppsikt__LeaverStep)step;
    c.tick = undo   ? UPPSIKT__LEAVER_TICK__LEAVER_TICK_OPEN
             : done ? UPPSIKT__LEAVER_TICK__LEAVER_TICK_DONE
                    : UPPSIKT__LEAVER_TICK__LEAVER_TICK_NOT_APPLICABLE;
    c.note = upp_lend(form_value(&v->fields, "note"));
    form_trim(c.note);
    if (done && step == UPPSIKT__LEAVER_STEP__LEAVER_STEP_APPOINTED) {
        c.successor = upp_lend(form_value(&v->fields, "successor"));
        c.appointed_by = upp_lend(form_value(&v->fields, "head"));
        c.appointed_ms = appointed_at(v);
    }
    tell(v, &c.base,
         undo   ? "TickLeaverRow.open"
         : done ? "TickLeaverRow.done"
                : "TickLeaverRow",
         undo ? "done.row-open" : "done.row-ticked");
}

static void give(visit *v, char *account)
{
    Uppsikt__GrantAccess c = UPPSIKT__GRANT_ACCESS__INIT;
    c.account = account;
    c.person = upp_lend(form_value(&v->fields, "person"));
    tell(v, &c.base, c.base.descriptor->name, "done.access-given");
}

static void take(visit *v, char *account)
{
    Uppsikt__RevokeAccess c = UPPSIKT__REVOKE_ACCESS__INIT;
    c.account = account;
    c.person = v->route.id;
    tell(v, &c.base, c.base.descriptor->name, "done.access-taken");
}

static void confirm(visit *v)
{
    Uppsikt__ConfirmLeaverList c = UPPSIKT__CONFIRM_LEAVER_LIST__INIT;
    c.person = v->route.id;
    tell(v, &c.base, c.base.descriptor->name, "done.handed-all");
}

/* "bekrafta", or "<account>~<step>", "<account>~ge", "<account>~ta": each form of the page has an
 * address, and so an id, of its own. */
void visit_hand(visit *v)
{
    char account[ROUTE_PART];
    const char *what = strchr(v->route.act, '~');
    const size_t n = what ? (size_t)(what - v->route.act) : 0;
    snprintf(account, sizeof account, "%.*s", (int)n, v->route.act);
    const long step = what ? strtol(what + 1, NULL, 10) : 0;
    if (strcmp(v->route.act, "bekrafta") == 0)
        confirm(v);
    else if (what && strcmp(what, "~ge") == 0)
        give(v, account);
    else if (what && strcmp(what, "~ta") == 0)
        take(v, account);
    else if (step > 0 && step <= UPPSIKT__LEAVER_STEP__LEAVER_STEP_SECOND_FACTOR)
        tick(v, account, (int)step);
    else
        visit_words(v, 404, "none.title", "none.words");
}
