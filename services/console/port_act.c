/* port_act.c - what a person does with a matter: a form becomes a command to its owner. */
#include "decide.h"
#include "sign.h"
#include "uppsikt/evidence.pb-c.h"
#include "uppsikt/ingest.pb-c.h"
#include "visit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct acting {
    visit *v;
    const visit_rows *sheet;
    const Uppsikt__SheetRow *row;
    char *matter, *item;
} acting;

/* The page again, with what is wrong and all that was typed. */
static void again(acting *a)
{
    visit *v = a->v;
    v->status = v->view.kept_id ? 503 : 422;
    v->view.given = &v->fields;
    visit_show_sheet(v, a->sheet);
}

static void wrong(acting *a, const char *complaint)
{
    visit_complain(a->v, complaint);
    again(a);
}

/* Done: to the list again, or to the matter itself when there is more to do with it. */
static void ended(acting *a, const char *service, const char *key, bool stay)
{
    char path[ROUTE_PART + 8];
    const bool question = a->row->desk->opened->kind == UPPSIKT__MATTER_KIND__MATTER_KIND_QUESTION;
    visit_catch_up(a->v, service);
    snprintf(path, sizeof path, "/sak/%s", a->matter);
    visit_redirect(a->v, stay ? path : question ? "/svara" : "/atgarda", key);
}

static bool tell(acting *a, const char *service, const ProtobufCMessage *command,
                 const ProtobufCMessageDescriptor *outcome, ProtobufCMessage **ret_outcome)
{
    const enum visit_end end = visit_tell(a->v, service, a->v->view.who->person,
                                          command->descriptor->name, command, outcome, ret_outcome);
    if (end != VISIT_DONE)
        again(a);
    return end == VISIT_DONE;
}

static bool touch(acting *a, const ProtobufCMessage *command)
{
    return tell(a, "escalation", command, &uppsikt__matter_touched__descriptor, NULL);
}

/* -- decide -- */
static void decide(acting *a)
{
    const form *f = &a->v->fields;
    Uppsikt__Decide c = UPPSIKT__DECIDE__INIT;
    ProtobufCMessage *outcome = NULL;
    const char *flaw = decide_read(f, &c);
    c.matter = a->matter;
    c.version = (uint32_t)strtoul(form_value(f, "version"), NULL, 10);
    if (flaw) {
        wrong(a, flaw);
        return;
    }
    if (!tell(a, "escalation", &c.base, &uppsikt__decided__descriptor, &outcome))
        return;
    const Uppsikt__Decided *said = (const Uppsikt__Decided *)outcome;
    const char *done = decide_done(said);
    const bool stay = said->hidden || said->recalled; /* there is more to see, or to do */
    protobuf_c_message_free_unpacked(outcome, NULL);
    ended(a, "escalation", done, stay);
}

/* R25: what is hidden is shown again: a decision of its own, when the matter is done, too. */
static void show_again(acting *a)
{
    const form *f = &a->v->fields;
    Uppsikt__Decide c = UPPSIKT__DECIDE__INIT;
    ProtobufCMessage *outcome = NULL;
    c.matter = a->matter;
    c.version = (uint32_t)strtoul(form_value(f, "version"), NULL, 10);
    c.action = UPPSIKT__ITEM_ACTION__ITEM_ACTION_UNHIDE;
    c.reason = upp_lend(form_value(f, "stays"));
    c.note = upp_lend(form_value(f, "because"));
    form_trim(c.note);
    if (!decide_is_stay(c.reason)) {
        wrong(a, "stays:show.need-reason");
        return;
    }
    if (!c.note[0]) {
        wrong(a, "because:show.need-note");
        return;
    }
    if (!tell(a, "escalation", &c.base, &uppsikt__decided__descriptor, &outcome))
        return;
    const bool bound = ((const Uppsikt__Decided *)outcome)->duty != 0;
    protobuf_c_message_free_unpacked(outcome, NULL);
    ended(a, "escalation", bound ? "done.shown-bound" : "done.shown", true);
}

/* -- answer (R11) -- */
/* The page again with another text in its field; nothing is sent. */
static void show_text(acting *a, const char *text, const char *kind, const char *done_key)
{
    visit *v = a->v;
    form changed = { .text = strdup(text), .n = 2 };
    upp_check(changed.text);
    changed.fields[0].name = "text";
    changed.fields[0].value = changed.text;
    changed.fields[1].name = "kind";
    changed.fields[1].value = kind;
    v->view.done = done_key;
    v->view.given = &changed;
    visit_show_sheet(v, a->sheet);
    v->view.given = NULL;
    form_done(&changed);
}

static void add_signature(acting *a, const char *text)
{
    const Uppsikt__VisitorRowContent *me = a->v->view.name;
    const bool there = sign_ends(text, me->first_name, me->last_name, me->title);
    char *whole = there ? NULL : sign_append(text, me->first_name, me->title);
    show_text(a, there ? text : whole, form_value(&a->v->fields, "kind"), "done.signed");
    free(whole);
}

/* A template goes before what was written, and brings its own kind. */
static void add_template(acting *a, const char *text)
{
    static const char *const kinds[] = { "full", "interim", "referred", "counter" };
    const size_t n = (size_t)strtoul(form_value(&a->v->fields, "template"), NULL, 10) - 1;
    char key[24];
    snprintf(key, sizeof key, "template.%u", (unsigned)(n % UPP_LEN(kinds)) + 1);
    const char *words = phrase(a->v->house->phrases, key);
    const size_t size = strlen(words) + strlen(text) + 4;
    char *whole = malloc(size);
    upp_check(whole);
    snprintf(whole, size, "%s%s%s", words, text[0] ? "\n\n" : "", text);
    show_text(a, whole, kinds[n % UPP_LEN(kinds)], "done.template");
    free(whole);
}

static Uppsikt__ReplyKind kind_of(const char *word)
{
    return strcmp(word, "interim") == 0    ? UPPSIKT__REPLY_KIND__REPLY_KIND_INTERIM
           : strcmp(word, "counter") == 0  ? UPPSIKT__REPLY_KIND__REPLY_KIND_COUNTER_QUESTION
           : strcmp(word, "referred") == 0 ? UPPSIKT__REPLY_KIND__REPLY_KIND_REFERRED
                                           : UPPSIKT__REPLY_KIND__REPLY_KIND_FULL;
}

static void send_answer(acting *a, char *text)
{
    Uppsikt__SendReply c = UPPSIKT__SEND_REPLY__INIT;
    c.item = a->item;
    c.text = text;
    c.person = a->v->view.who->person;
    c.kind = kind_of(form_value(&a->v->fields, "kind"));
    if (tell(a, "ingest", &c.base, &uppsikt__action_taken__descriptor, NULL))
        ended(a, "ingest", "done.answered", false);
}

static void answer(acting *a)
{
    visit *v = a->v;
    char *text = upp_lend(form_value(&v->fields, "text"));
    const Uppsikt__VisitorRowContent *me = v->view.name;
    form_trim(text);
    if (form_has(&v->fields, "template"))
        add_template(a, text);
    else if (!text[0])
        wrong(a, "text:answer.need-text");
    else if (form_has(&v->fields, "sign"))
        add_signature(a, text);
    else if (!sign_ends(text, me->first_name, me->last_name, me->title))
        wrong(a, "text:answer.need-sign");
    else
        send_answer(a, text);
}

static void no_answer(acting *a)
{
    Uppsikt__NeedsNoAnswer c = UPPSIKT__NEEDS_NO_ANSWER__INIT;
    c.matter = a->matter;
    c.reason = upp_lend(form_value(&a->v->fields, "why"));
    if (!c.reason[0])
        wrong(a, "why:no-answer.need-why");
    else if (touch(a, &c.base))
        ended(a, "escalation", "done.no-answer", false);
}

/* -- the rest -- */
static void claim(acting *a)
{
    Uppsikt__Claim c = UPPSIKT__CLAIM__INIT;
    c.matter = a->matter;
    if (touch(a, &c.base))
        ended(a, "escalation", "done.claimed", true);
}

static void acknowledge(acting *a)
{
    Uppsikt__Acknowledge c = UPPSIKT__ACKNOWLEDGE__INIT;
    c.matter = a->matter;
    if (touch(a, &c.base))
        ended(a, "escalation", "done.acked", true);
}

static void mark(acting *a)
{
    Uppsikt__Mark c = UPPSIKT__MARK__INIT;
    c.item = a->item;
    c.question = strcmp(a->v->route.act, "fraga") == 0;
    c.not_question = !c.question;
    if (touch(a, &c.base))
        ended(a, "escalation", "done.marked", false);
}

static void hand_over(acting *a)
{
    Uppsikt__HandOver c = UPPSIKT__HAND_OVER__INIT;
    c.matter = a->matter;
    c.to = upp_lend(form_value(&a->v->fields, "to"));
    c.ask_only = form_has(&a->v->fields, "ask");
    if (!c.to[0])
        wrong(a, "to:hand.need-to");
    else if (touch(a, &c.base))
        ended(a, "escalation", c.ask_only ? "done.asked" : "done.handed", true);
}

static void attest(acting *a)
{
    Uppsikt__AttestAction c = UPPSIKT__ATTEST_ACTION__INIT;
    c.action = upp_lend(form_value(&a->v->fields, "action"));
    if (tell(a, "ingest", &c.base, &uppsikt__action_taken__descriptor, NULL))
        ended(a, "ingest", "done.attested", true);
}

static void hold(acting *a)
{
    Uppsikt__PlaceHold c = UPPSIKT__PLACE_HOLD__INIT;
    c.matter = a->matter;
    if (!visit_hold_why(a->v, &c))
        again(a);
    else if (tell(a, "evidence", &c.base, &uppsikt__hold_taken__descriptor, NULL))
        ended(a, "evidence", "done.hold", true);
}

static void close_errand(acting *a)
{
    Uppsikt__CloseErrand c = UPPSIKT__CLOSE_ERRAND__INIT;
    c.matter = a->matter;
    c.note = upp_lend(form_value(&a->v->fields, "note"));
    if (touch(a, &c.base))
        ended(a, "escalation", "done.errand", false);
}

static void review(acting *a)
{
    Uppsikt__ReviewDecision c = UPPSIKT__REVIEW_DECISION__INIT;
    c.matter = a->matter;
    c.disagree = form_has(&a->v->fields, "no");
    c.note = upp_lend(form_value(&a->v->fields, "note"));
    if (touch(a, &c.base))
        ended(a, "escalation", "done.reviewed", false);
}

static void ask_diary(acting *a)
{
    Uppsikt__AskDiary c = UPPSIKT__ASK_DIARY__INIT;
    c.matter = a->matter;
    c.again = form_has(&a->v->fields, "again");
    if (touch(a, &c.base))
        ended(a, "escalation", c.again ? "done.package" : "done.diary", true);
}

static void give_number(acting *a)
{
    Uppsikt__GiveDiaryNumber c = UPPSIKT__GIVE_DIARY_NUMBER__INIT;
    c.matter = a->matter;
    c.number = upp_lend(form_value(&a->v->fields, "number"));
    if (!c.number[0])
        wrong(a, "number:errand.need-number");
    else if (touch(a, &c.base))
        ended(a, "escalation", "done.errand", false);
}

static void answer_hand_over(acting *a)
{
    Uppsikt__AnswerHandOver c = UPPSIKT__ANSWER_HAND_OVER__INIT;
    c.matter = a->matter;
    c.no = form_has(&a->v->fields, "no");
    c.text = upp_lend(form_value(&a->v->fields, "words"));
    if (a->row->desk->asked && !c.no && !c.text[0])
        wrong(a, "words:offer.need-words");
    else if (touch(a, &c.base))
        ended(a, "escalation", "done.offer", true);
}

static void confirm_answered(acting *a)
{
    Uppsikt__ConfirmAnswered c = UPPSIKT__CONFIRM_ANSWERED__INIT;
    c.matter = a->matter;
    c.no = form_has(&a->v->fields, "no");
    if (touch(a, &c.base))
        ended(a, "escalation", "done.marked", false);
}

void visit_act(visit *v)
{
    static const struct {
        const char *name;
        void (*act)(acting *a);
    } acts[] = {
        { "beslut", decide },
        { "visa", show_again },
        { "svar", answer },
        { "inget-svar", no_answer },
        { "ta", claim },
        { "kvittera", acknowledge },
        { "fraga", mark },
        { "ingen-fraga", mark },
        { "lamna", hand_over },
        { "intyga", attest },
        { "granska", review },
        { "diariefor", ask_diary },
        { "diarienummer", give_number },
        { "overlamnad", answer_hand_over },
        { "stopp", hold },
        { "klart", close_errand },
        { "besvarad", confirm_answered },
    };
    if (visit_appeal(v))
        return;
    acting a = { .v = v, .matter = v->route.id };
    for (size_t i = 0; i < UPP_LEN(acts); i++) {
        if (strcmp(acts[i].name, v->route.act) != 0)
            continue;
        a.sheet = visit_sheet(v);
        if (!a.sheet)
            return;
        a.row = (const Uppsikt__SheetRow *)a.sheet->rows[0];
        a.item = a.row->desk->opened->item;
        acts[i].act(&a);
        return;
    }
    visit_words(v, 404, "none.title", "none.words");
}
