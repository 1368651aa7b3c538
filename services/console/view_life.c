/* view_life.c - an account from its proposal to its end: what is known of it, which facts are
 * missing, who may take the next step, and a form for exactly that (R03, R04, R05, R07, R08). */
#include "view_life.h"
#include "life.h"
#include <stdio.h>
#include <string.h>

static const char *say(const view *v, const char *key)
{
    return html_phrase(&v->h, key);
}

bool view_life_may_act(const view_life *l, const char *person)
{
    return people_keeps(l->people, person) || people_leads(l->people, person, l->row->unit);
}

bool view_life_may_see(const view_life *l, const char *person)
{
    const Uppsikt__PersonRow *who = people_find(l->people, person);
    if (view_life_may_act(l, person) || (who && strcmp(who->unit, l->row->unit) == 0))
        return true;
    for (size_t i = 0; i < l->row->n_persons_by_rank; i++)
        if (strcmp(l->row->persons_by_rank[i], person) == 0)
            return true;
    return false;
}

static enum life_state state_of(const view_life *l)
{
    const int state = (int)l->row->state;
    return state > LIFE_NONE && state < LIFE_STATES ? (enum life_state)state : LIFE_NONE;
}

/* -- how far it has come -- */
static void stations(view *v, const view_life *l)
{
    html_add(&v->h, "<h2>%s</h2>\n<ol class=\"stations\">\n", say(v, "life.stations"));
    for (int i = LIFE_PROPOSED; i < LIFE_STATES; i++) {
        html_add(&v->h, "<li aria-current=\"%s\">%s</li>\n",
                 i == (int)state_of(l) ? "step" : "false", view_numbered(v, "state.", i));
    }
    html_add(&v->h, "</ol>\n");
}

/* -- what is known -- */
static void term(view *v, const char *key)
{
    html_add(&v->h, "<dt>%s</dt><dd>", say(v, key));
}

static void missing(view *v)
{
    html_add(&v->h, "<strong class=\"bad\">%s</strong>", say(v, "life.missing"));
}

static void told(view *v, const char *key, const char *text)
{
    term(v, key);
    if (text[0])
        html_lines(&v->h, text);
    else
        missing(v);
    html_add(&v->h, "</dd>\n");
}

/* Who and when, and by which decision. */
static void told_act(view *v, const view_life *l, enum life_fact fact, const char *key)
{
    const Uppsikt__AccountChangedContent *f = l->facts;
    char day[MOMENT];
    const bool decision = fact == LIFE_DECISION;
    term(v, key);
    if (life_has(f, fact)) {
        view_person(v, l->people, decision ? f->decided_by : f->consulted_by);
        moment_day(&v->clock, decision ? f->decided_ms : f->consulted_ms, day);
        html_add(&v->h, ", %s", day);
        if (decision)
            html_add(&v->h, ", %s", f->decision);
    } else
        missing(v);
    html_add(&v->h, "</dd>\n");
}

static void told_access(view *v, const view_life *l)
{
    term(v, "life.access");
    if (l->row->n_persons_by_rank > 0)
        html_add(&v->h, "<ol>\n");
    for (size_t i = 0; i < l->row->n_persons_by_rank; i++) {
        html_add(&v->h, "<li>");
        view_person(v, l->people, l->row->persons_by_rank[i]);
        html_add(&v->h, "</li>\n");
    }
    if (l->row->n_persons_by_rank > 0)
        html_add(&v->h, "</ol>\n");
    if (l->row->n_persons_by_rank < 2)
        html_add(&v->h, "<strong class=\"bad\">%s</strong>", say(v, "life.two"));
    html_add(&v->h, "</dd>\n");
}

static void facts(view *v, const view_life *l)
{
    const Uppsikt__UnitRow *unit = people_unit(l->people, l->row->unit);
    html_add(&v->h,
             "<section aria-labelledby=\"uppgifter\"><h2 id=\"uppgifter\">%s</h2>\n"
             "<dl class=\"told\">\n",
             say(v, "life.facts"));
    told(v, "life.platform", view_platform(v, l->row->platform));
    told(v, "life.unit", unit ? unit->unit->name : l->row->unit);
    told(v, "life.purpose", l->facts->purpose);
    told(v, "life.goals", l->facts->goals);
    told(v, "life.plan", l->facts->plan);
    told_act(v, l, LIFE_CONSULTATION, "life.consultation");
    told_act(v, l, LIFE_DECISION, "life.decision");
    told_access(v, l);
    html_add(&v->h, "</dl></section>\n");
}

/* -- who may -- */
static void may_act(view *v, const view_life *l)
{
    const Uppsikt__UnitRow *unit = people_unit(l->people, l->row->unit);
    const char *manager = unit ? unit->unit->manager : "";
    const char *head = people_head(l->people, l->row->unit);
    html_add(&v->h, "<p class=\"sub\">%s</p><ul>\n", say(v, "life.who"));
    if (manager[0]) {
        html_add(&v->h, "<li>");
        view_person(v, l->people, manager);
        html_add(&v->h, " (%s)</li>\n", say(v, "life.manager"));
    }
    if (head[0] && strcmp(head, manager) != 0) {
        html_add(&v->h, "<li>");
        view_person(v, l->people, head);
        html_add(&v->h, " (%s)</li>\n", say(v, "life.head"));
    }
    html_add(&v->h, "<li>%s</li></ul>\n", say(v, "life.keepers"));
}

/* -- the forms -- */
static void open_form(view *v, const view_life *l, const char *act)
{
    char path[200];
    snprintf(path, sizeof path, "/konto/%.100s/%.20s", l->row->account, act);
    view_form(v, path);
}

static void button_form(view *v, const view_life *l, const char *act, const char *key,
                        const char *class_name)
{
    open_form(v, l, act);
    view_button(v, key, NULL, class_name);
    html_add(&v->h, "</form>\n");
}

static bool is_communications(const people *p, const Uppsikt__PersonRow *row, const void *ctx)
{
    (void)p;
    (void)ctx;
    return people_has_role(row, "communications");
}

/* Of a new account the sector head alone decides (R03). */
static bool may_decide(const people *p, const Uppsikt__PersonRow *row, const void *ctx)
{
    return strcmp(people_head(p, ctx), row->person) == 0;
}

static bool has_no_access(const people *p, const Uppsikt__PersonRow *row, const void *ctx)
{
    const Uppsikt__AccountRow *account = ctx;
    (void)p;
    for (size_t i = 0; i < account->n_persons_by_rank; i++)
        if (strcmp(account->persons_by_rank[i], row->person) == 0)
            return false;
    return true;
}

/* The day that is written in, as its field has it; "" none. */
static const char *day_text(const view *v, upp_ms at, char ret_text[MOMENT])
{
    ret_text[0] = '\0';
    if (at > 0) {
        moment_machine(&v->clock, at, ret_text);
        ret_text[10] = '\0';
    }
    return ret_text;
}

static void consultation_fields(view *v, const view_life *l, bool anybody)
{
    char day[MOMENT];
    view_person_field(v, l->people, "consulted_by", "life.consulted-by", NULL,
                      l->facts->consulted_by, anybody ? NULL : is_communications, NULL);
    view_text_field(v, "consulted", "date", "life.consulted", NULL,
                    day_text(v, l->facts->consulted_ms, day));
}

static void decision_fields(view *v, const view_life *l, bool anybody)
{
    char day[MOMENT];
    const char *head = people_head(l->people, l->row->unit);
    view_person_field(v, l->people, "decided_by", "life.decided-by", "life.decided-by-hint",
                      l->facts->decided_by[0] || anybody ? l->facts->decided_by : head,
                      anybody ? NULL : may_decide, l->row->unit);
    view_text_field(v, "decision", "text", "life.decision-ref", "life.decision-hint",
                    l->facts->decision);
    view_text_field(v, "decided", "date", "life.decided", NULL,
                    day_text(v, l->facts->decided_ms, day));
}

static void purpose_fields(view *v, const Uppsikt__AccountChangedContent *f)
{
    view_text_field(v, "purpose", "textarea", "life.purpose", "life.purpose-hint",
                    f ? f->purpose : "");
    view_text_field(v, "goals", "textarea", "life.goals", "life.goals-hint", f ? f->goals : "");
    view_text_field(v, "plan", "text", "life.plan", "life.plan-hint", f ? f->plan : "");
}

static void consult(view *v, const view_life *l)
{
    open_form(v, l, "samrad");
    consultation_fields(v, l, false);
    view_button(v, "life.consult", NULL, "main");
    html_add(&v->h, "</form>\n");
}

static void decide(view *v, const view_life *l)
{
    open_form(v, l, "beslut");
    decision_fields(v, l, false);
    view_button(v, "life.decide", NULL, "main");
    html_add(&v->h, "</form>\n");
}

/* R05: two persons have access before it is opened. */
static void start(view *v, const view_life *l)
{
    if (l->row->n_persons_by_rank >= 2) {
        button_form(v, l, "oppna", "life.open", "main");
        return;
    }
    html_add(&v->h, "<p class=\"note\">%s</p>\n", say(v, "life.two-first"));
    open_form(v, l, "tillgang");
    view_person_field(v, l->people, "person", "life.person", NULL, "", has_no_access, l->row);
    view_button(v, "life.grant", NULL, "main");
    html_add(&v->h, "</form>\n");
}

static void close(view *v, const view_life *l)
{
    button_form(v, l, "stang", "life.close", "plain");
}

static void end(view *v, const view_life *l)
{
    button_form(v, l, "avsluta", "life.end", "danger");
}

/* What is next in each state: its words, and its form (NULL: it comes by itself, or nothing
 * does). */
static const struct {
    const char *key;
    void (*form)(view *v, const view_life *l);
} steps[LIFE_STATES] = {
    [LIFE_PROPOSED] = { "life.next-1", consult }, [LIFE_CONSULTED] = { "life.next-2", decide },
    [LIFE_DECIDED] = { "life.next-3", start },    [LIFE_OPEN] = { "life.next-4", close },
    [LIFE_CLOSING] = { "life.next-5", NULL },     [LIFE_ARCHIVED] = { "life.next-6", end },
    [LIFE_CLOSED] = { "life.next-7", NULL },
};

static void next(view *v, const view_life *l)
{
    const enum life_state state = state_of(l);
    if (!steps[state].key)
        return;
    html_add(&v->h,
             "<section class=\"panel\" aria-labelledby=\"nasta\"><h2 id=\"nasta\">%s</h2>\n"
             "<p>%s</p>\n",
             say(v, "life.next"), say(v, steps[state].key));
    if (steps[state].form) {
        may_act(v, l);
        if (view_life_may_act(l, v->who->person))
            steps[state].form(v, l);
        else
            html_add(&v->h, "<p class=\"note\">%s</p>\n", say(v, "life.not-you"));
    }
    html_add(&v->h, "</section>\n");
}

/* What was there before uppsikt is open, and each fact that it lacks is a finding (R04). */
static void complete(view *v, const view_life *l)
{
    bool lacks = false;
    for (unsigned i = 0; i < LIFE_FACTS; i++)
        lacks = lacks || !life_has(l->facts, (enum life_fact)i);
    if (!lacks || !life_active(state_of(l)) || !view_life_may_act(l, v->who->person))
        return;
    html_add(&v->h,
             "<section class=\"panel\" aria-labelledby=\"saknas\"><h2 id=\"saknas\">%s</h2>\n"
             "<p>%s</p>\n",
             say(v, "life.complete"), say(v, "life.complete-lead"));
    open_form(v, l, "uppgifter");
    purpose_fields(v, l->facts);
    consultation_fields(v, l, true);
    decision_fields(v, l, true);
    view_button(v, "life.save", NULL, "main");
    html_add(&v->h, "</form></section>\n");
}

/* A proposal that is not opened goes no further. */
static void withdraw(view *v, const view_life *l)
{
    const enum life_state state = state_of(l);
    if (state < LIFE_PROPOSED || state > LIFE_DECIDED || !view_life_may_act(l, v->who->person))
        return;
    html_add(&v->h, "<details><summary>%s</summary><p>%s</p>\n", say(v, "life.withdraw"),
             say(v, "life.withdraw-lead"));
    button_form(v, l, "avsluta", "life.withdraw-send", "plain");
    html_add(&v->h, "</details>\n");
}

void view_life_page(view *v, const view_life *l)
{
    v->list = "/konton";
    view_begin(v, l->facts->name[0] ? l->facts->name : l->row->account);
    view_people_part(v, l->people);
    stations(v, l);
    html_add(&v->h, "<div class=\"sheet\"><div>\n");
    facts(v, l);
    html_add(&v->h, "</div><div>\n");
    next(v, l);
    complete(v, l);
    withdraw(v, l);
    html_add(&v->h, "</div></div>\n<p><a href=\"/konton\">%s</a></p>\n", say(v, "life.back"));
    view_end(v);
}

/* -- a proposal -- */
static void platforms(view *v)
{
    static const char *const names[] = { "facebook", "instagram", "x",       "youtube",
                                         "linkedin", "mastodon",  "bluesky", "webhook",
                                         "rss",      "file",      "manual" };
    html_add(&v->h, "<div class=\"field\"><label for=\"f-platform\">%s</label>",
             say(v, "life.platform"));
    view_field_words(v, "platform");
    html_add(&v->h, "<select id=\"f-platform\" name=\"platform\"");
    view_field_state(v, "platform");
    html_add(&v->h, ">\n");
    for (size_t i = 0; i < UPP_LEN(names); i++) {
        html_add(&v->h, "<option value=\"%s\"", names[i]);
        if (strcmp(view_given(v, "platform", ""), names[i]) == 0)
            html_add(&v->h, " selected");
        html_add(&v->h, ">%s</option>\n", view_platform(v, names[i]));
    }
    html_add(&v->h, "</select></div>\n");
}

/* Anybody proposes for her own unit; who keeps the register, for each. */
static void units(view *v, const people *p)
{
    const char *me = v->who->person, *own = v->who->unit;
    html_add(&v->h, "<div class=\"field\"><label for=\"f-unit\">%s</label>", say(v, "life.unit"));
    view_field_words(v, "unit");
    html_add(&v->h, "<select id=\"f-unit\" name=\"unit\"");
    view_field_state(v, "unit");
    html_add(&v->h, ">\n");
    for (size_t i = 0; i < p->n_units; i++) {
        const Uppsikt__UnitRegistered *u = p->units[i]->unit;
        if (strcmp(u->unit, own) != 0 && !people_keeps(p, me) && !people_leads(p, me, u->unit))
            continue;
        html_add(&v->h, "<option value=\"%s\"", u->unit);
        if (strcmp(view_given(v, "unit", own), u->unit) == 0)
            html_add(&v->h, " selected");
        html_add(&v->h, ">%s</option>\n", u->name);
    }
    html_add(&v->h, "</select></div>\n");
}

void view_life_new(view *v, const people *p)
{
    v->list = "/konton";
    view_begin(v, say(v, "life.new"));
    html_add(&v->h, "<p class=\"lead\">%s</p>\n", say(v, "life.new-lead"));
    view_people_part(v, p);
    html_add(&v->h, "<section class=\"panel narrow\">\n");
    view_form(v, "/nytt-konto");
    view_text_field(v, "name", "text", "life.name", NULL, "");
    platforms(v);
    units(v, p);
    view_text_field(v, "handle", "text", "life.handle", NULL, "");
    view_text_field(v, "url", "url", "life.url", NULL, "");
    purpose_fields(v, NULL);
    html_add(&v->h,
             "<div class=\"choice\"><input type=\"checkbox\" id=\"f-manual\" name=\"manual\""
             " value=\"1\"%s><label for=\"f-manual\">%s</label></div>\n",
             view_given(v, "manual", "")[0] ? " checked" : "", say(v, "life.manual"));
    view_button(v, "life.propose", NULL, "main");
    html_add(&v->h, "</form></section>\n<p><a href=\"/konton\">%s</a></p>\n", say(v, "life.back"));
    view_end(v);
}
