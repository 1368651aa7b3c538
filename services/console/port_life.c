/* port_life.c - an account's life: its page from the register, and each step as a command to it
 * (R03, R04, R05, R07, R08). */
#include "port_people.h"
#include "view_life.h"
#include <stdio.h>
#include <stdlib.h>

/* -- the pages -- */
static void down(visit *v)
{
    visit_words(v, 503, "down.title", "down.words");
}

/* The account of the route; false: the answer is given. */
static bool read_life(visit *v, const people *p, view_life *ret_life)
{
    static const Uppsikt__AccountChangedContent nothing = UPPSIKT__ACCOUNT_CHANGED_CONTENT__INIT;
    Uppsikt__Accounts q = UPPSIKT__ACCOUNTS__INIT;
    q.account = v->route.id;
    q.limit = 1;
    const visit_rows *rows = visit_ask(v, "registry", &q.base, &uppsikt__account_row__descriptor,
                                       &uppsikt__account_row_content__descriptor);
    if (!rows) {
        down(v);
        return false;
    }
    if (rows->n > 0) {
        const Uppsikt__AccountRowContent *c = (const Uppsikt__AccountRowContent *)rows->contents[0];
        *ret_life = (view_life){ .people = p,
                                 .row = (const Uppsikt__AccountRow *)rows->rows[0],
                                 .facts = c->facts ? c->facts : &nothing };
        if (view_life_may_see(ret_life, v->view.who->person))
            return true;
    }
    visit_words(v, 404, "none.title", "none.words");
    return false;
}

void visit_life(visit *v)
{
    people p;
    view_life l;
    if (visit_people(v, &p) && read_life(v, &p, &l))
        view_life_page(&v->view, &l);
}

void visit_life_new(visit *v)
{
    people p;
    if (visit_people(v, &p))
        view_life_new(&v->view, &p);
}

/* -- what was refused -- */
/* Beside the field that the register's words are about; of who, when and which that which is not
 * there. */
static void show_again(visit *v, const Uppsikt__AccountChangedContent *f)
{
    const char *const beside[] = {
        "name:name-missing",
        "platform:platform-unknown",
        "unit:unit-unknown",
        "url:url-malformed",
        "purpose:purpose-missing",
        "goals:goals-missing",
        "plan:plan-missing",
        "consulted_by:consultation-not-with-communications",
        f->consulted_by[0] ? "consulted:consultation-missing" : "consulted_by:consultation-missing",
        "decided_by:decision-not-by-sector-head",
        !f->decided_by[0] ? "decided_by:decision-missing"
        : !f->decision[0] ? "decision:decision-missing"
                          : "decided:decision-missing",
        f->decided_ms > v->now ? "decided:time-in-the-future" : "consulted:time-in-the-future",
        "person:person-unknown",
    };
    visit_beside(v, beside, UPP_LEN(beside));
    v->status = v->view.kept_id ? 503 : 422;
    v->view.given = &v->fields;
    (v->route.id[0] ? visit_life : visit_life_new)(v);
}

/* -- what is done -- */
static void ended(visit *v, const char *account, const char *key)
{
    char path[ROUTE_PART + 16];
    visit_catch_up(v, "registry");
    snprintf(path, sizeof path, "/konto/%.*s", ROUTE_PART - 1, account);
    visit_redirect(v, path, key);
}

static void change(visit *v, Uppsikt__ChangeAccount *c, const char *done_key)
{
    ProtobufCMessage *outcome = NULL;
    if (visit_tell(v, "registry", v->view.who->person, c->base.descriptor->name, &c->base,
                   &uppsikt__registered__descriptor, &outcome) != VISIT_DONE) {
        show_again(v, c->facts);
        return;
    }
    const char *id = v->route.id[0] ? v->route.id : ((const Uppsikt__Registered *)outcome)->id;
    ended(v, id, done_key);
    protobuf_c_message_free_unpacked(outcome, NULL);
}

static char *field(visit *v, const char *name)
{
    char *text = upp_lend(form_value(&v->fields, name));
    form_trim(text);
    return text;
}

/* What the form says of the account; a field that it does not have leaves what was known. */
static void read_facts(visit *v, Uppsikt__AccountChangedContent *f)
{
    f->name = field(v, "name");
    f->handle = field(v, "handle");
    f->url = field(v, "url");
    f->purpose = field(v, "purpose");
    f->goals = field(v, "goals");
    f->plan = field(v, "plan");
    f->consulted_by = field(v, "consulted_by");
    f->consulted_ms = visit_day(v, "consulted", 0);
    f->decided_by = field(v, "decided_by");
    f->decision = field(v, "decision");
    f->decided_ms = visit_day(v, "decided", 0);
}

void visit_life_propose(visit *v)
{
    Uppsikt__ChangeAccount c = UPPSIKT__CHANGE_ACCOUNT__INIT;
    Uppsikt__AccountChangedContent f = UPPSIKT__ACCOUNT_CHANGED_CONTENT__INIT;
    read_facts(v, &f);
    c.facts = &f;
    c.state = UPPSIKT__ACCOUNT_CHANGED__STATE__STATE_PROPOSED;
    c.watch = form_has(&v->fields, "manual") ? UPPSIKT__ACCOUNT_CHANGED__WATCH__WATCH_MANUAL
                                             : UPPSIKT__ACCOUNT_CHANGED__WATCH__WATCH_API;
    c.platform = field(v, "platform");
    c.unit = field(v, "unit");
    change(v, &c, "done.life-1");
}

/* R05: who publishes, one after the other: whoever comes later is asked later. */
static void grant(visit *v)
{
    const Uppsikt__AccountChangedContent nothing = UPPSIKT__ACCOUNT_CHANGED_CONTENT__INIT;
    Uppsikt__GrantAccess c = UPPSIKT__GRANT_ACCESS__INIT;
    people p;
    view_life l;
    if (!visit_people(v, &p) || !read_life(v, &p, &l))
        return;
    c.account = v->route.id;
    c.person = field(v, "person");
    c.rank = (uint32_t)l.row->n_persons_by_rank + 1;
    if (visit_tell(v, "registry", v->view.who->person, c.base.descriptor->name, &c.base,
                   &uppsikt__registered__descriptor, NULL) == VISIT_DONE)
        ended(v, v->route.id, "done.life-access");
    else
        show_again(v, &nothing);
}

void visit_life_act(visit *v)
{
    static const struct {
        const char *act;
        Uppsikt__AccountChanged__State state;
        const char *done;
    } acts[] = {
        { "samrad", UPPSIKT__ACCOUNT_CHANGED__STATE__STATE_CONSULTED, "done.life-2" },
        { "beslut", UPPSIKT__ACCOUNT_CHANGED__STATE__STATE_DECIDED, "done.life-3" },
        { "oppna", UPPSIKT__ACCOUNT_CHANGED__STATE__STATE_OPEN, "done.life-4" },
        { "stang", UPPSIKT__ACCOUNT_CHANGED__STATE__STATE_CLOSING, "done.life-5" },
        { "avsluta", UPPSIKT__ACCOUNT_CHANGED__STATE__STATE_CLOSED, "done.life-7" },
        { "uppgifter", UPPSIKT__ACCOUNT_CHANGED__STATE__STATE_UNSPECIFIED, "done.life-facts" },
    };
    Uppsikt__ChangeAccount c = UPPSIKT__CHANGE_ACCOUNT__INIT;
    Uppsikt__AccountChangedContent f = UPPSIKT__ACCOUNT_CHANGED_CONTENT__INIT;
    if (strcmp(v->route.act, "tillgang") == 0) {
        grant(v);
        return;
    }
    for (size_t i = 0; i < UPP_LEN(acts); i++) {
        if (strcmp(acts[i].act, v->route.act) != 0)
            continue;
        read_facts(v, &f);
        c.facts = &f;
        c.account = v->route.id;
        c.state = acts[i].state;
        change(v, &c, acts[i].done);
        return;
    }
    visit_words(v, 404, "none.title", "none.words");
}
