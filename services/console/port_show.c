/* port_show.c - pages that are only looked at. */
#include "part.h"
#include "uppsikt/evidence.pb-c.h"
#include "visit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 25 };

static void down(visit *v)
{
    visit_words(v, 503, "down.title", "down.words");
}

visit_rows *visit_accounts(visit *v)
{
    Uppsikt__AccountLines q = UPPSIKT__ACCOUNT_LINES__INIT;
    q.person = v->view.who->person;
    return visit_ask(v, "console", &q.base, &uppsikt__account_line__descriptor,
                     &uppsikt__account_line_content__descriptor);
}

static visit_rows *ask_desk(visit *v, const view_desk_page *p, uint32_t limit)
{
    Uppsikt__Desk q = UPPSIKT__DESK__INIT;
    q.person = v->view.who->person;
    q.list = p->list;
    q.account = upp_lend(p->account);
    q.after_ms = p->after_ms;
    q.after = upp_lend(p->after);
    q.limit = limit;
    return visit_ask(v, "console", &q.base, &uppsikt__desk_row__descriptor,
                     &uppsikt__desk_row_content__descriptor);
}

/* Is there anything after the last row of a page? */
static bool has_more(visit *v, const view_desk_page *p)
{
    const Uppsikt__DeskRow *last = (const Uppsikt__DeskRow *)p->rows.rows[p->rows.n - 1];
    view_desk_page next = *p;
    next.after_ms = last->order_ms;
    next.after = last->opened->matter;
    const visit_rows *rows = ask_desk(v, &next, 1);
    return rows && rows->n > 0;
}

static void show_desk(visit *v, Uppsikt__DeskList list)
{
    const form *params = &v->params;
    view_desk_page p = { .list = list,
                         .account = form_value(params, "konto"),
                         .after_ms = strtoll(form_value(params, "efter"), NULL, 10),
                         .after = form_value(params, "sak"),
                         .wide = strcmp(form_value(params, "antal"), "200") == 0,
                         .all_chosen = strcmp(form_value(params, "valda"), "alla") == 0 };
    const size_t size = p.wide ? VISIT_ROWS : PAGE;
    visit_rows *found = ask_desk(v, &p, (uint32_t)size);
    if (!found) {
        down(v);
        return;
    }
    visit_view(found, &p.rows);
    p.more = p.rows.n == size && has_more(v, &p);
    visit_view(visit_accounts(v), &p.accounts);
    view_desk(&v->view, &p);
}

const visit_rows *visit_sheet(visit *v)
{
    Uppsikt__Sheet q = UPPSIKT__SHEET__INIT;
    q.matter = v->route.id;
    q.person = v->view.who->person;
    const visit_rows *rows = visit_ask(v, "console", &q.base, &uppsikt__sheet_row__descriptor,
                                       &uppsikt__sheet_row_content__descriptor);
    if (!rows)
        down(v);
    else if (rows->n == 0)
        visit_words(v, 404, "none.title", "none.words");
    return rows && rows->n > 0 ? rows : NULL;
}

/* A message is shown when it is noted who looks. */
static bool look_is_noted(visit *v, const Uppsikt__SheetRow *row)
{
    if (row->desk->item_kind != UPPSIKT__ITEM_KIND__ITEM_KIND_MESSAGE)
        return true;
    return visit_note(v, row->n_seals > 0 ? row->seals[0]->record : row->desk->opened->item,
                      "viewed") == VISIT_DONE;
}

void visit_show_sheet(visit *v, const visit_rows *sheet)
{
    char signature[400];
    const Uppsikt__SheetRow *row = (const Uppsikt__SheetRow *)sheet->rows[0];
    const Uppsikt__SheetRowContent *content = (const Uppsikt__SheetRowContent *)sheet->contents[0];
    snprintf(signature, sizeof signature, "%.150s, %.200s", v->view.name->first_name,
             v->view.name->title);
    view_sheet(&v->view, &(view_matter){ .row = row,
                                         .content = content,
                                         .locked = !look_is_noted(v, row),
                                         .signature = signature });
}

/* A form's address asked for by itself (a reload, a bookmark) is the matter's page. */
static void show_matter(visit *v)
{
    char path[ROUTE_PART + 8];
    if (strcmp(v->route.act, "nasta") == 0) {
        visit_next(v);
        return;
    }
    if (strcmp(v->route.act, "text") == 0) {
        visit_back(v);
        return;
    }
    if (v->route.act[0] && strcmp(v->method, "POST") != 0) {
        snprintf(path, sizeof path, "/sak/%s", v->route.id);
        visit_redirect(v, path, NULL);
        return;
    }
    const visit_rows *sheet = visit_sheet(v);
    if (sheet) {
        visit_count_exposure(v, sheet);
        visit_show_sheet(v, sheet);
    }
}

static visit_rows *ask_parked(visit *v, const char *service)
{
    Uppsikt__ParkedThings q = UPPSIKT__PARKED_THINGS__INIT;
    q.limit = 20;
    return visit_ask(v, service, &q.base, &uppsikt__parked_thing__descriptor, NULL);
}

static const char *const services[] = { "registry", "ingest",  "classify", "escalation",
                                        "evidence", "archive", "console" };
enum { SERVICES = UPP_LEN(services), STATES = 2 * SERVICES, PARKED = 60, AUTHORITIES = 64 };

/* All services, and where the work of one is divided, its other parts behind it. */
typedef struct status_asked {
    view_service states[STATES];
    char names[STATES][UPP_PART_NAME];
    visit_rows *kept[STATES];
    size_t n, n_kept;
    ProtobufCMessage *parked[PARKED];
    const char *by[PARKED];
    view_rows parked_rows;
} status_asked;

/* How one is. What was set aside is asked of those alone that have something. Gives how many parts
 * it says that there are. */
static unsigned ask_one(visit *v, status_asked *a, const char *service, unsigned part)
{
    const Uppsikt__ServiceStatus q = UPPSIKT__SERVICE_STATUS__INIT;
    const Uppsikt__ServiceState *state = NULL;
    char *name = a->names[a->n];
    upp_part_name(service, part, name);
    visit_rows *rows = visit_ask(v, name, &q.base, &uppsikt__service_state__descriptor, NULL);
    if (rows && rows->n > 0)
        state = (const Uppsikt__ServiceState *)rows->rows[0];
    a->states[a->n++] = (view_service){ service, part, state };
    if (rows) { /* ours from here: a visit keeps only a few lists */
        v->n_lists--;
        a->kept[a->n_kept++] = rows;
    }
    visit_rows *aside =
        state && state->parked + state->dead_letters > 0 ? ask_parked(v, name) : NULL;
    for (size_t p = 0; aside && p < aside->n && a->parked_rows.n < PARKED; p++) {
        a->by[a->parked_rows.n] = service;
        a->parked[a->parked_rows.n++] = aside->rows[p];
    }
    return state ? state->parts : 0;
}

static void show_status(visit *v)
{
    Uppsikt__GateLines gate = UPPSIKT__GATE_LINES__INIT;
    status_asked a = { .n = 0 };
    view_rows gate_rows;
    a.parked_rows.rows = a.parked;
    gate.person = v->view.who->person;
    const visit_rows *lines = visit_ask(v, "console", &gate.base, &uppsikt__gate_line__descriptor,
                                        &uppsikt__gate_line_content__descriptor);
    for (size_t i = 0; i < SERVICES; i++) {
        const unsigned parts = ask_one(v, &a, services[i], 1);
        for (unsigned part = 2; part <= parts && a.n + SERVICES - i <= STATES; part++)
            (void)ask_one(v, &a, services[i], part);
    }
    view_in_force rules[AUTHORITIES];
    const view_in_force_list in_force = { rules, visit_in_force(v, rules, AUTHORITIES) };
    view_status(&v->view, a.states, a.n, &in_force, visit_view(lines, &gate_rows), &a.parked_rows,
                a.by);
    for (size_t i = 0; i < a.n_kept; i++)
        visit_free_rows(a.kept[i]);
}

static void show_accounts(visit *v)
{
    view_rows rows;
    if (v->route.id[0]) {
        visit_review_page(v);
        return;
    }
    const visit_rows *found = visit_accounts(v);
    if (!found)
        down(v);
    else
        view_accounts(&v->view, visit_view(found, &rows));
}

static void show_disposals(visit *v)
{
    Uppsikt__DisposalLines q = UPPSIKT__DISPOSAL_LINES__INIT;
    view_rows rows;
    if (strcmp(v->route.id, "foresla") == 0) {
        visit_propose_page(v);
        return;
    }
    if (v->route.id[0]) {
        (strcmp(v->route.act, "protokoll") == 0 ? visit_protocol : visit_listed)(v);
        return;
    }
    q.limit = 50;
    const visit_rows *found = visit_ask(v, "console", &q.base, &uppsikt__disposal_line__descriptor,
                                        &uppsikt__disposal_line_content__descriptor);
    if (!found)
        down(v);
    else
        view_disposals(&v->view, visit_view(found, &rows));
}

static void show_holds(visit *v)
{
    Uppsikt__HoldLines q = UPPSIKT__HOLD_LINES__INIT;
    view_rows rows, accounts;
    q.person = v->view.who->person;
    const visit_rows *found = visit_ask(v, "console", &q.base, &uppsikt__hold_line__descriptor,
                                        &uppsikt__hold_line_content__descriptor);
    if (!found)
        down(v);
    else
        view_holds(&v->view, visit_view(found, &rows), visit_view(visit_accounts(v), &accounts));
}

/* As of a matter: a form's address asked for by itself is the page that has the form. */
static void show_find(visit *v)
{
    if (!v->route.id[0])
        visit_find(v);
    else if (strcmp(v->route.id, "underlag") == 0 || strcmp(v->route.id, "maskning") == 0)
        visit_redirect(v, "/sok", NULL);
    else
        visit_words(v, 404, "none.title", "none.words");
}

static void show_register(visit *v)
{
    char path[ROUTE_PART + 8];
    const bool away = v->route.page == ROUTE_AWAY;
    if (v->route.page == ROUTE_ACCOUNTS) {
        show_accounts(v);
    } else if (v->route.page == ROUTE_NEW_ACCOUNT) {
        visit_life_new(v);
    } else if (away ? v->route.id[0] : v->route.act[0]) { /* likewise */
        snprintf(path, sizeof path, "/konto/%s", v->route.id);
        visit_redirect(v, away ? "/franvaro" : path, NULL);
    } else {
        (away ? visit_away : visit_life)(v);
    }
}

static const char *first_list(const visit *v)
{
    const Uppsikt__VisitorRow *w = v->view.who;
    return w->to_act > 0 || w->to_answer == 0 ? "/atgarda" : "/svara";
}

static void show_sign_in(visit *v)
{
    v->view.given = &v->params;
    if (v->view.who)
        visit_redirect(v, "/", NULL);
    else
        view_sign_in(&v->view);
}

static Uppsikt__DeskList list_of(enum route_page page)
{
    return page == ROUTE_ACT      ? UPPSIKT__DESK_LIST__DESK_LIST_ACT
           : page == ROUTE_ANSWER ? UPPSIKT__DESK_LIST__DESK_LIST_ANSWER
           : page == ROUTE_SEE    ? UPPSIKT__DESK_LIST__DESK_LIST_SEE
                                  : UPPSIKT__DESK_LIST__DESK_LIST_APPROVE;
}

static void show_home(visit *v)
{
    visit_redirect(v, first_list(v), NULL);
}

static void show_top(visit *v)
{
    visit_redirect(v, "/", NULL);
}

static void show_password(visit *v)
{
    view_password(&v->view);
}

static void show_a_desk(visit *v)
{
    show_desk(v, list_of(v->route.page));
}

static void show_help(visit *v)
{
    view_help(&v->view);
}

void visit_show(visit *v)
{
    static void (*const pages[ROUTE_PAGES])(visit * v) = {
        [ROUTE_HOME] = show_home,
        [ROUTE_SIGN_IN] = show_sign_in,
        [ROUTE_DIRECTORY] = visit_directory,
        [ROUTE_SIGN_OUT] = show_top,
        [ROUTE_PASSWORD] = show_password,
        [ROUTE_ACT] = show_a_desk,
        [ROUTE_ANSWER] = show_a_desk,
        [ROUTE_SEE] = show_a_desk,
        [ROUTE_APPROVE] = show_a_desk,
        [ROUTE_MATTER] = show_matter,
        [ROUTE_COPY] = visit_copy,
        [ROUTE_LINK] = visit_link,
        [ROUTE_STATUS] = show_status,
        [ROUTE_ACCOUNTS] = show_register,
        [ROUTE_ACCOUNT] = show_register,
        [ROUTE_NEW_ACCOUNT] = show_register,
        [ROUTE_AWAY] = show_register,
        [ROUTE_REPORT_ITEM] = visit_item_page,
        [ROUTE_DISPOSALS] = show_disposals,
        [ROUTE_HOLDS] = show_holds,
        [ROUTE_REPORT] = visit_report,
        [ROUTE_FIND] = show_find,
        [ROUTE_HELP] = show_help,
        [ROUTE_ACCESSIBLE] = visit_accessible,
        [ROUTE_PROCESSING] = visit_processing,
        [ROUTE_PROCESSING_FILE] = visit_processing,
        [ROUTE_HANDED] = visit_handed,
        [ROUTE_HAND_IN] = visit_hand_in_page,
        [ROUTE_STILL] = visit_still,
        [ROUTE_CHOSEN] = show_home, /* a form's address asked for by itself */
    };
    if (pages[v->route.page])
        pages[v->route.page](v);
    else
        visit_words(v, 404, "none.title", "none.words");
}
