/* port_keep.c - lists that were seen, approvals, accounts, disposal, gallringsstopp. */
#include "uppsikt/evidence.pb-c.h"
#include "uppsikt/ingest.pb-c.h"
#include "uppsikt/registry.pb-c.h"
#include "visit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEEN_MAX = 100 };

static enum visit_end tell(visit *v, const char *service, const ProtobufCMessage *command,
                           const ProtobufCMessageDescriptor *outcome)
{
    return visit_tell(v, service, v->view.who->person, command->descriptor->name, command, outcome,
                      NULL);
}

/* The page as it is when one only looks, with what is wrong above it. */
static void show_again(visit *v)
{
    v->status = v->view.kept_id ? 503 : 422;
    v->view.given = &v->fields;
    visit_show(v);
}

/* "Allt visat är sett": what was on the screen, and nothing that came since. */
static void all_seen(visit *v)
{
    Uppsikt__MarkSeen c = UPPSIKT__MARK_SEEN__INIT;
    char *matters[SEEN_MAX];
    c.matters = matters;
    for (size_t i = 0; i < v->fields.n && c.n_matters < SEEN_MAX; i++)
        if (strcmp(v->fields.fields[i].name, "m") == 0)
            matters[c.n_matters++] = upp_lend(v->fields.fields[i].value);
    if (tell(v, "escalation", &c.base, &uppsikt__matter_touched__descriptor) != VISIT_DONE) {
        show_again(v);
        return;
    }
    visit_catch_up(v, "escalation");
    visit_redirect(v, "/titta", "done.seen");
}

static void approve(visit *v)
{
    Uppsikt__Approve c = UPPSIKT__APPROVE__INIT;
    c.approval = v->route.id;
    c.no = form_has(&v->fields, "no");
    if (tell(v, "escalation", &c.base, &uppsikt__decided__descriptor) != VISIT_DONE) {
        show_again(v);
        return;
    }
    visit_catch_up(v, "escalation");
    visit_redirect(v, "/godkann", c.no ? "done.refused" : "done.approved");
}

/* -- accounts -- */
void visit_review_page(visit *v)
{
    const visit_rows *rows = visit_accounts(v);
    for (size_t i = 0; rows && i < rows->n; i++) {
        const Uppsikt__AccountLine *a = (const Uppsikt__AccountLine *)rows->rows[i];
        if (strcmp(a->account, v->route.id) == 0) {
            view_review(&v->view, a, (const Uppsikt__AccountLineContent *)rows->contents[i]);
            return;
        }
    }
    visit_words(v, rows ? 404 : 503, rows ? "none.title" : "down.title",
                rows ? "none.words" : "down.words");
}

static void review(visit *v)
{
    Uppsikt__ReviewAccount c = UPPSIKT__REVIEW_ACCOUNT__INIT;
    c.account = v->route.id;
    c.logo = form_has(&v->fields, "logo");
    c.name = form_has(&v->fields, "name");
    c.sender = form_has(&v->fields, "sender");
    c.captions = form_has(&v->fields, "captions");
    c.alt_text = form_has(&v->fields, "alt_text");
    if (tell(v, "registry", &c.base, &uppsikt__registered__descriptor) != VISIT_DONE) {
        show_again(v);
        return;
    }
    visit_catch_up(v, "registry");
    visit_redirect(v, "/konton", "done.review");
}

void visit_item_page(visit *v)
{
    view_rows rows;
    view_report_item(&v->view, visit_view(visit_accounts(v), &rows));
}

static void report_item(visit *v)
{
    Uppsikt__ReportComment c = UPPSIKT__REPORT_COMMENT__INIT;
    Uppsikt__CommentReceivedContent what = UPPSIKT__COMMENT_RECEIVED_CONTENT__INIT;
    Uppsikt__ItemAuthor author = UPPSIKT__ITEM_AUTHOR__INIT;
    char *text = upp_lend(form_value(&v->fields, "text"));
    form_trim(text);
    c.account = upp_lend(form_value(&v->fields, "account"));
    c.kind = form_has(&v->fields, "message") ? UPPSIKT__ITEM_KIND__ITEM_KIND_MESSAGE
                                             : UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT;
    c.created_ms = v->now;
    c.what = &what;
    what.text = text;
    what.author = &author;
    what.permalink = upp_lend(html_url(form_value(&v->fields, "link")));
    author.name = upp_lend(form_value(&v->fields, "author"));
    if (!c.account[0])
        visit_complain(v, "account:item.need-account");
    if (!text[0])
        visit_complain(v, "text:item.need-text");
    if (v->view.n_complaints > 0 ||
        tell(v, "ingest", &c.base, &uppsikt__reported__descriptor) != VISIT_DONE) {
        show_again(v);
        return;
    }
    visit_catch_up(v, "ingest");
    visit_redirect(v, "/atgarda", "done.item");
}

/* -- disposal and holds -- */
static void approve_disposal(visit *v)
{
    Uppsikt__ApproveDisposal c = UPPSIKT__APPROVE_DISPOSAL__INIT;
    uint8_t sha256[32];
    c.disposal = v->route.id;
    if (guard_unhex(form_value(&v->fields, "list"), sizeof sha256, sha256))
        c.list_sha256 = (ProtobufCBinaryData){ sizeof sha256, sha256 };
    if (tell(v, "evidence", &c.base, &uppsikt__disposal_taken__descriptor) != VISIT_DONE) {
        show_again(v);
        return;
    }
    visit_catch_up(v, "evidence");
    visit_redirect(v, "/gallring", "done.disposal");
}

bool visit_hold_why(visit *v, Uppsikt__PlaceHold *place)
{
    const long days = strtol(form_value(&v->fields, "days"), NULL, 10);
    place->reason = upp_lend(form_value(&v->fields, "reason"));
    if (days > 0)
        place->review_ms = v->view.clock.now + days * UPP_DAY;
    if (!place->reason[0])
        visit_complain(v, "reason:hold.need-why");
    return place->reason[0] != '\0';
}

static void hold(visit *v)
{
    Uppsikt__PlaceHold place = UPPSIKT__PLACE_HOLD__INIT;
    Uppsikt__ReleaseHold release = UPPSIKT__RELEASE_HOLD__INIT;
    ProtobufCMessage *outcome = NULL;
    const bool placing = !v->route.id[0];
    place.account = upp_lend(form_value(&v->fields, "account"));
    release.hold = v->route.id;
    if (placing && !place.account[0])
        visit_complain(v, "account:item.need-account");
    if (placing)
        (void)visit_hold_why(v, &place); /* the complaint is counted below */
    const ProtobufCMessage *c = placing ? &place.base : &release.base;
    if (v->view.n_complaints > 0 ||
        visit_tell(v, "evidence", v->view.who->person, c->descriptor->name, c,
                   &uppsikt__hold_taken__descriptor, &outcome) != VISIT_DONE) {
        show_again(v);
        return;
    }
    const bool second = ((Uppsikt__HoldTaken *)outcome)->waits_for_second;
    protobuf_c_message_free_unpacked(outcome, NULL);
    visit_catch_up(v, "evidence");
    visit_redirect(v, "/gallringsstopp",
                   placing  ? "done.hold"
                   : second ? "done.hold-second"
                            : "done.hold-released");
}

void visit_keep(visit *v)
{
    const bool has_id = v->route.id[0];
    if (v->route.page == ROUTE_SEE)
        all_seen(v);
    else if (v->route.page == ROUTE_APPROVE && has_id)
        approve(v);
    else if (v->route.page == ROUTE_ACCOUNTS && strcmp(v->route.act, "granskning") == 0)
        review(v);
    else if (v->route.page == ROUTE_REPORT_ITEM)
        report_item(v);
    else if (v->route.page == ROUTE_DISPOSALS && strcmp(v->route.id, "foresla") == 0)
        visit_propose(v);
    else if (v->route.page == ROUTE_DISPOSALS && has_id)
        approve_disposal(v);
    else if (v->route.page == ROUTE_HOLDS)
        hold(v);
    else
        visit_words(v, 404, "none.title", "none.words");
}
