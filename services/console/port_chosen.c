/* port_chosen.c - one decision on many matters: chosen, confirmed, and told to escalation one by
 * one (R22, R25). */
#include "decide.h"
#include "suite_clock.h"
#include "view_chosen.h"
#include "visit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* After that the rest is for another press of the button: the browser waits meanwhile. */
static const upp_ms patience_span = 30 * UPP_SECOND;

/* What was ticked, as the console has it; NULL: the answer is given. The caller frees it. */
static chosen *read_chosen(visit *v)
{
    chosen_pick picks[CHOSEN_MAX];
    char *matters[CHOSEN_MAX];
    Uppsikt__Chosen q = UPPSIKT__CHOSEN__INIT;
    const int n = chosen_read(&v->fields, picks);
    if (n <= 0 || n > CHOSEN_MAX) {
        if (n < 0) {
            visit_words(v, 400, "form.title", "form.words");
            return NULL;
        }
        visit_complain(v, n == 0 ? "chosen.need-one" : "chosen.too-many");
        v->status = 422;
        v->route.page = ROUTE_ACT; /* the list again */
        visit_show(v);
        return NULL;
    }
    for (int i = 0; i < n; i++)
        matters[i] = picks[i].matter;
    q.person = v->view.who->person;
    q.matters = matters;
    q.n_matters = (size_t)n;
    const visit_rows *rows = visit_ask(v, "console", &q.base, &uppsikt__chosen_row__descriptor,
                                       &uppsikt__chosen_row_content__descriptor);
    if (!rows) {
        visit_words(v, 503, "down.title", "down.words");
        return NULL;
    }
    chosen *c = malloc(sizeof *c);
    upp_check(c);
    chosen_pair(picks, (size_t)n, rows->rows, rows->contents, rows->n, c);
    return c;
}

/* Where all that can be decided is proposed the same, that is what the form says at first. */
static bool same_proposal(const chosen *c, const Uppsikt__DeskRow **ret_row)
{
    *ret_row = NULL;
    for (size_t i = 0; i < c->n; i++) {
        const Uppsikt__DeskRow *d = c->ones[i].row->desk;
        if (c->ones[i].flaw)
            continue;
        if (!d->proposed || !d->proposed_reason[0])
            return false;
        if (*ret_row && ((*ret_row)->proposed != d->proposed ||
                         strcmp((*ret_row)->proposed_reason, d->proposed_reason) != 0))
            return false;
        *ret_row = d;
    }
    return *ret_row != NULL;
}

static void show_choice(visit *v, const chosen *c)
{
    const Uppsikt__DeskRow *row = NULL;
    form proposed = { .n = 2 };
    v->view.given = &v->fields;
    if (!form_has(&v->fields, "action") && same_proposal(c, &row)) {
        const Uppsikt__ItemAction p = row->proposed;
        proposed.fields[0].name = "action";
        proposed.fields[0].value = p == UPPSIKT__ITEM_ACTION__ITEM_ACTION_KEEP     ? "keep"
                                   : p == UPPSIKT__ITEM_ACTION__ITEM_ACTION_DELETE ? "delete"
                                                                                   : "hide";
        proposed.fields[1].name = "reason";
        proposed.fields[1].value = row->proposed_reason;
        v->view.given = &proposed;
    }
    view_chosen(&v->view, c);
    v->view.given = NULL;
}

static void choose(visit *v, chosen *c)
{
    chosen_judge(c, NULL, false);
    show_choice(v, c);
}

/* What the form says is to happen with all of them; false: it does not, and the form is shown
 * again. A removal by one person alone is for a matter's own page. */
static bool read_decision(visit *v, chosen *c, Uppsikt__Decide *ret_decide)
{
    const char *flaw = decide_read(&v->fields, ret_decide);
    ret_decide->alone = false;
    form_trim(ret_decide->note);
    if (!flaw)
        return true;
    visit_complain(v, flaw);
    v->status = 422;
    choose(v, c);
    return false;
}

static void look(visit *v, chosen *c)
{
    Uppsikt__Decide d = UPPSIKT__DECIDE__INIT;
    if (!read_decision(v, c, &d))
        return;
    chosen_judge(c, &d, false);
    v->view.given = &v->fields;
    view_chosen_summary(&v->view, c, &d);
}

/* One of them, with an id of its own that is the form's and the matter's: the same form again finds
 * what was answered then. */
static void decide_one(visit *v, const Uppsikt__Decide *all, chosen_one *one)
{
    Uppsikt__Decide d = *all;
    ProtobufCMessage *outcome = NULL;
    char what[CHOSEN_ID + 40];
    d.matter = one->row->desk->opened->matter;
    d.version = one->version;
    snprintf(what, sizeof what, "%s/%.*s", d.base.descriptor->name, CHOSEN_ID, d.matter);
    const size_t before = v->view.n_complaints;
    const enum visit_end end = visit_tell(v, "escalation", v->view.who->person, what, &d.base,
                                          &uppsikt__decided__descriptor, &outcome);
    if (end == VISIT_DONE) {
        const Uppsikt__Decided *said = (const Uppsikt__Decided *)outcome;
        one->end = said->approval[0] ? CHOSEN_SECOND : CHOSEN_DONE;
        one->words = said->hidden || said->recalled || said->approval[0] ? decide_done(said) : NULL;
        protobuf_c_message_free_unpacked(outcome, NULL);
        return;
    }
    one->end = end == VISIT_REFUSED ? CHOSEN_REFUSED : CHOSEN_NO_ANSWER;
    one->words = phrase(v->house->phrases, v->view.complaints[before]);
    v->view.n_complaints = before; /* it is said beside the matter */
}

static void decide(visit *v, chosen *c)
{
    Uppsikt__Decide d = UPPSIKT__DECIDE__INIT;
    const upp_ms until = upp_steady_now() + patience_span;
    if (!read_decision(v, c, &d))
        return;
    chosen_judge(c, &d, true);
    for (size_t i = 0; i < c->n; i++) {
        chosen_one *one = &c->ones[i];
        if (one->flaw)
            continue;
        if (upp_steady_now() < until) {
            decide_one(v, &d, one);
            continue;
        }
        one->end = CHOSEN_NO_ANSWER;
        one->words = "chosen.late";
        v->view.kept_id = form_value(&v->fields, "id");
    }
    if (chosen_ended(c, CHOSEN_NO_ANSWER) > 0)
        v->status = 503;
    else
        visit_catch_up(v, "escalation");
    v->view.given = &v->fields;
    view_chosen_result(&v->view, c);
}

void visit_chosen(visit *v)
{
    static const struct {
        const char *name;
        void (*act)(visit *v, chosen *c);
    } acts[] = { { "", choose }, { "granska", look }, { "beslut", decide } };
    for (size_t i = 0; i < UPP_LEN(acts); i++) {
        if (strcmp(acts[i].name, v->route.id) != 0 || v->route.act[0])
            continue;
        chosen *c = read_chosen(v);
        if (c)
            acts[i].act(v, c);
        free(c);
        return;
    }
    visit_words(v, 404, "none.title", "none.words");
}
