/* port_show.c - pages that are only looked at. */
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

static void show_desk(visit *v, Uppsikt__DeskList list)
{
    Uppsikt__Desk q = UPPSIKT__DESK__INIT;
    view_rows rows, accounts;
    q.person = v->view.who->person;
    q.list = list;
    q.account = upp_lend(form_value(&v->params, "konto"));
    q.after_ms = strtoll(form_value(&v->params, "efter"), NULL, 10);
    q.after = upp_lend(form_value(&v->params, "sak"));
    q.limit = PAGE + 1;
    visit_rows *found = visit_ask(v, "console", &q.base, &uppsikt__desk_row__descriptor,
                                  &uppsikt__desk_row_content__descriptor);
    if (!found) {
        down(v);
        return;
    }
    visit_view(found, &rows);
    const bool more = rows.n > PAGE;
    rows.n = more ? PAGE : rows.n;
    view_desk(&v->view, list, &rows, visit_view(visit_accounts(v), &accounts), q.account, more);
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
enum { SERVICES = UPP_LEN(services), PARKED = 60 };

/* What was set aside is asked of those alone that have something. */
static void show_status(visit *v)
{
    const Uppsikt__ServiceStatus q = UPPSIKT__SERVICE_STATUS__INIT;
    Uppsikt__GateLines gate = UPPSIKT__GATE_LINES__INIT;
    view_service states[SERVICES];
    ProtobufCMessage *held[SERVICES] = { NULL }, *parked[PARKED];
    const char *by[PARKED];
    visit_rows *kept[SERVICES];
    size_t n_kept = 0;
    view_rows gate_rows, parked_rows = { .rows = parked };
    gate.person = v->view.who->person;
    const visit_rows *lines = visit_ask(v, "console", &gate.base, &uppsikt__gate_line__descriptor,
                                        &uppsikt__gate_line_content__descriptor);
    for (size_t i = 0; i < SERVICES; i++) {
        visit_rows *rows =
            visit_ask(v, services[i], &q.base, &uppsikt__service_state__descriptor, NULL);
        if (rows && rows->n > 0)
            held[i] = rows->rows[0];
        states[i] = (view_service){ services[i], (const Uppsikt__ServiceState *)held[i] };
        if (rows) { /* ours from here: a visit keeps only a few lists */
            v->n_lists--;
            kept[n_kept++] = rows;
        }
        const Uppsikt__ServiceState *s = states[i].state;
        visit_rows *aside =
            s && s->parked + s->dead_letters > 0 ? ask_parked(v, services[i]) : NULL;
        for (size_t p = 0; aside && p < aside->n && parked_rows.n < PARKED; p++) {
            by[parked_rows.n] = services[i];
            parked[parked_rows.n++] = aside->rows[p];
        }
    }
    view_status(&v->view, states, SERVICES, visit_view(lines, &gate_rows), &parked_rows, by);
    for (size_t i = 0; i < n_kept; i++)
        visit_free_rows(kept[i]);
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
        [ROUTE_ACCOUNTS] = show_accounts,
        [ROUTE_REPORT_ITEM] = visit_item_page,
        [ROUTE_DISPOSALS] = show_disposals,
        [ROUTE_HOLDS] = show_holds,
        [ROUTE_REPORT] = visit_report,
        [ROUTE_FIND] = show_find,
        [ROUTE_HELP] = show_help,
        [ROUTE_ACCESSIBLE] = visit_accessible,
        [ROUTE_PROCESSING] = visit_processing,
        [ROUTE_PROCESSING_FILE] = visit_processing,
        [ROUTE_HAND_IN] = visit_hand_in_page,
    };
    if (pages[v->route.page])
        pages[v->route.page](v);
    else
        visit_words(v, 404, "none.title", "none.words");
}
