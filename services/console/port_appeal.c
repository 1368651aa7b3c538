/* port_appeal.c - an objection that is written down, and one that is tried: a form becomes a
 * command to escalation (R25). */
#include "visit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The page again, with what is wrong and all that was typed. */
static void again(visit *v, const visit_rows *sheet, const char *complaint)
{
    if (complaint)
        visit_complain(v, complaint);
    v->status = v->view.kept_id ? 503 : 422;
    v->view.given = &v->fields;
    visit_show_sheet(v, sheet);
}

static void done(visit *v, const visit_rows *sheet, const ProtobufCMessage *command,
                 const ProtobufCMessageDescriptor *outcome, const char *key)
{
    char path[ROUTE_PART + 8];
    if (visit_tell(v, "escalation", v->view.who->person, command->descriptor->name, command,
                   outcome, NULL) != VISIT_DONE) {
        again(v, sheet, NULL);
        return;
    }
    visit_catch_up(v, "escalation");
    snprintf(path, sizeof path, "/sak/%s", v->route.id);
    visit_redirect(v, path, key);
}

static void lodge(visit *v, const visit_rows *sheet)
{
    Uppsikt__Appeal c = UPPSIKT__APPEAL__INIT;
    c.matter = v->route.id;
    c.text = upp_lend(form_value(&v->fields, "objection"));
    c.by_author = form_has(&v->fields, "author");
    form_trim(c.text);
    if (!c.text[0])
        again(v, sheet, "objection:appeal.need-words");
    else
        done(v, sheet, &c.base, &uppsikt__matter_touched__descriptor, "done.appeal");
}

/* A change is a decision of its own: it has a row of the rules' list, and is about the words that
 * she saw. */
static void try(visit *v, const visit_rows *sheet)
{
    Uppsikt__DecideAppeal c = UPPSIKT__DECIDE_APPEAL__INIT;
    c.matter = v->route.id;
    c.change = form_has(&v->fields, "change");
    c.note = upp_lend(form_value(&v->fields, "why"));
    c.reason = upp_lend(c.change ? form_value(&v->fields, "reason") : "");
    c.version = (uint32_t)strtoul(form_value(&v->fields, "version"), NULL, 10);
    form_trim(c.note);
    if (!c.note[0])
        again(v, sheet, "why:appeal.need-why");
    else if (c.change && !c.reason[0])
        again(v, sheet, "reason:appeal.need-reason");
    else
        done(v, sheet, &c.base, &uppsikt__decided__descriptor,
             c.change ? "done.appeal-changed" : "done.appeal-stands");
}

bool visit_appeal(visit *v)
{
    static const struct {
        const char *name;
        void (*act)(visit *v, const visit_rows *sheet);
    } acts[] = { { "invandning", lodge }, { "provning", try } };
    for (size_t i = 0; i < UPP_LEN(acts); i++) {
        if (strcmp(acts[i].name, v->route.act) != 0)
            continue;
        const visit_rows *sheet = visit_sheet(v);
        if (sheet)
            acts[i].act(v, sheet);
        return true;
    }
    return false;
}
