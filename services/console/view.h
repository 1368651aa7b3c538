/* view.h - pages from rows: pure functions to HTML that works without script, by keyboard and at
 * 320 pixels (R30). */
#pragma once
#include "form.h"
#include "guard.h"
#include "html.h"
#include "moment.h"
#include "processing.h"
#include "uppsikt/console.pb-c.h"
#include "uppsikt/evidence.pb-c.h"
#include "uppsikt/registry.pb-c.h"
#include "uppsikt/runtime.pb-c.h"

/* What this browser is kept to, by its own cookies. */
typedef struct view_look {
    bool keys;           /* single keys do something (WCAG 2.1.4: off unless asked for) */
    const char *colours; /* light dark; NULL: as the machine prefers */
} view_look;

typedef struct view {
    html h;
    moment_clock clock;
    const Uppsikt__VisitorRow *who; /* NULL: nobody is signed in */
    const Uppsikt__VisitorRowContent *name;
    const uint8_t *token; /* what forms are sealed with; GUARD_TOKEN bytes */
    const uint8_t *seed;  /* 16 bytes drawn for this page: its forms' ids come from them */
    const char *kept_id;  /* this form's id stays: its command has had no answer. NULL: none */
    const form *given;    /* what was just sent, when it comes back with a complaint. NULL: none */
    const char *complaints[8]; /* keys, or an owner's words; each may name its field: "text:key" */
    size_t n_complaints;
    const char *done; /* key of what was just done; NULL: nothing */
    const char *list; /* which list is open, for the navigation */
    bool directory;   /* the organisation's own directory signs people in */
    view_look look;
    unsigned exposed; /* hard texts that this browser has opened today; 0: not to be told here */
} view;

typedef struct view_rows {
    ProtobufCMessage *const *rows;
    ProtobufCMessage *const *contents; /* NULL where there is none */
    size_t n;
} view_rows;

/* -- view_frame.c -- */
/* Everything before the page's own part, and after it. `title` is a text. */
void view_begin(view *v, const char *title);
void view_end(view *v);
/* "<form ...>" with its id and seal; the caller writes fields and "</form>". */
void view_form(view *v, const char *action);
/* A button of the form that is open. `name` may be NULL. */
void view_button(view *v, const char *label_key, const char *name, const char *class_name);
/* <time> with the near form of an instant. */
void view_time(view *v, upp_ms at);
/* "senast tis 15.30 (2 tim kvar)", in a paragraph that says by words and by form what is late. */
void view_due(view *v, upp_ms due, bool breached, bool akut);
/* What the field was when it was sent, or `preset`. */
const char *view_given(const view *v, const char *name, const char *preset);
bool view_complains(const view *v, const char *field);
/* aria-invalid and aria-describedby of a field that is complained about. */
void view_field_state(view *v, const char *field);
/* The field's complaint, beside it. */
void view_field_words(view *v, const char *field);
bool view_has_role(const view *v, const char *role);
/* "Facebook" for facebook. */
const char *view_platform(const view *v, const char *platform);
/* The text of "<head><number>". */
const char *view_numbered(const view *v, const char *head, int number);
const char *view_joined(const view *v, const char *head, const char *tail);

/* -- view_list.c -- */
typedef struct view_desk_page {
    Uppsikt__DeskList list;
    view_rows rows, accounts;
    const char *account; /* the filter, "" none */
    upp_ms after_ms;     /* with `after` where this page begins; 0 and "": at the first */
    const char *after;
    bool more;       /* there is a next page after the last row */
    bool wide;       /* as many on a page as can be decided at once */
    bool all_chosen; /* all that can be ticked is */
} view_desk_page;
void view_desk(view *v, const view_desk_page *p);
/* What it is: a question, a comment, a message, or what somebody must do. */
const char *view_what(const view *v, const Uppsikt__DeskRow *row);
/* What was decided, and where that is. */
const char *view_way(const view *v, const Uppsikt__DeskRow *row);
void view_findings(view *v, const Uppsikt__DeskRow *row);

/* -- view_sheet.c, view_acts.c -- */
typedef struct view_matter {
    const Uppsikt__SheetRow *row;
    const Uppsikt__SheetRowContent *content;
    bool locked;           /* a message whose look could not be noted: its text is not shown */
    const char *signature; /* "Frida, kommunikatör" */
} view_matter;
void view_sheet(view *v, const view_matter *m);
void view_acts(view *v, const view_matter *m);
/* -- view_decide.c: what a decision's form asks for -- */
/* A radio button and its label; `suggested`: by the machine. `hint` may be NULL. */
void view_radio(view *v, const char *name, const char *value, const char *label, const char *hint,
                bool suggested);
/* "<fieldset ...><legend>" of a choice; the caller writes the choices and "</fieldset>". */
void view_open_group(view *v, const char *field, const char *key);
/* Has the platform such a call? "": it is not known which. */
bool view_can(const char *platform, bool to_delete);
/* Keep, hide, delete, each with who still sees it there; `platform` "": several. */
void view_actions(view *v, const char *platform);
/* The rules' own list; what was found in `found` (NULL: nothing) stands first. */
void view_reasons(view *v, const Uppsikt__DeskRow *found);
/* Why something may stay, alone. */
void view_stay_reasons(view *v, const char *field);
/* A law's text; its own name when it is none of ours. */
const char *view_law(const view *v, const char *law);
/* The laws and these rows of the plan; `alone`: one may say that nobody else is there. */
void view_ground(view *v, Uppsikt__PlanRow *const *rows, size_t n, bool alone);
void view_note(view *v);
/* A part of a matter's page: what is to be done with it, and why. */
void view_decide_form(view *v, const view_matter *m);
/* -- view_appeal.c -- */
/* What a person may do when it is decided: decide anew, write down that somebody objects. */
void view_afterwards(view *v, const view_matter *m);
/* Somebody objects: another than who decided tries it. */
void view_appeal(view *v, const view_matter *m);
/* -- view_errand.c -- */
/* "<form ...>" of /sak/<matter>/<act>. */
void view_act_form(view *v, const view_matter *m, const char *act);
void view_errand(view *v, const view_matter *m);
/* What the visitor is asked for: to take it over, for her words, whether it is answered. */
void view_offers(view *v, const view_matter *m);

/* -- view_beside.c -- */
/* Beside the acts: what to write back, how much of this it has been today, something else. */
void view_beside(view *v, const view_matter *m);
/* What was decided last, as the history has it; false: nothing that takes it away. */
bool view_taken_away(const Uppsikt__SheetRow *row, const char **ret_reason, bool *ret_deleted);
typedef struct view_back_text {
    const char *matter, *reason, *signature; /* reason: of the rules' list; "": none is chosen */
    bool deleted;
} view_back_text;
/* What is written back to whoever wrote, in three ways, for her to copy (R12, R25). */
void view_back(view *v, const view_back_text *b);
/* Is it of the rules' list: why something is taken away. */
bool view_is_breach(const char *reason);

/* -- view_sign.c -- */
void view_sign_in(view *v);
void view_password(view *v);
typedef struct view_link_target {
    const char *token, *matter, *person, *name, *account, *state;
    Uppsikt__MatterKind kind;
    upp_ms due_ms, expires_ms;
    bool akut, danger, offered, asked; /* handed over to her: waits for her yes, or her words */
} view_link_target;
/* What a mail's link leads to; NULL: it is none, or its time is out. */
void view_link(view *v, const view_link_target *target);
/* A page that says only this: both are keys. */
void view_words(view *v, const char *title_key, const char *words_key);

/* -- view_pages.c -- */
typedef struct view_service {
    const char *name;                   /* the whole's */
    unsigned part;                      /* from 1 */
    const Uppsikt__ServiceState *state; /* NULL: it does not answer */
} view_service;
/* -- view_in_force.c -- */
typedef struct view_in_force {
    char authority[48], name[160]; /* "": the whole body */
    int64_t version;               /* 0: none is adopted */
} view_in_force;
/* Which policy holds where, the body's first; none: nobody can say now (R02). */
void view_rules(view *v, const view_in_force *list, size_t n);
typedef struct view_in_force_list {
    const view_in_force *at;
    size_t n;
} view_in_force_list;
void view_status(view *v, const view_service *services, size_t n, const view_in_force_list *rules,
                 const view_rows *gate, const view_rows *parked, const char *const *parked_by);
void view_accounts(view *v, const view_rows *rows);
void view_review(view *v, const Uppsikt__AccountLine *line, const Uppsikt__AccountLineContent *c);
void view_report_item(view *v, const view_rows *accounts);
void view_disposals(view *v, const view_rows *rows);
/* -- view_listed.c -- */
typedef struct view_listing {
    const Uppsikt__DisposalLine *line; /* what it is, and by whom */
    const Uppsikt__DisposalLineContent *names;
    const Uppsikt__DisposalRow *row; /* as its owner has it now */
    view_rows items;                 /* DisposedRow: a page of the list */
    view_rows known;                 /* ListedRow of those that the console has heard of */
    bool more;                       /* there is a next page after the last item */
} view_listing;
/* The key, below "certificate.", of what an item is that is no comment; NULL: it is one. */
const char *view_listed_what(const Uppsikt__DisposedRow *row);
void view_listed(view *v, const view_listing *l);
/* Its items as a table; `line` and `names` need not be there. */
void view_listed_items(view *v, const view_listing *l);
/* -- view_propose.c -- */
typedef struct view_proposal {
    const Uppsikt__PlanLine *row;
    const Uppsikt__DisposalTaken *taken; /* what it would take now; NULL: nobody has said it */
    const char *why;  /* why not, a key or its words; NULL: it was said, or not asked */
    upp_ms before_ms; /* 0: no day was given, and the row needs one */
} view_proposal;
/* May she propose a disposal here: the archivist. */
bool view_proposes(const view *v);
/* Each adopted row that lets something go, with what it would take. */
void view_propose(view *v, const view_proposal *rows, size_t n);
/* One of them; `items`: the first of the list. */
void view_propose_one(view *v, const view_proposal *p, const view_listing *items);
/* Two fields of the form that is open: why, and when somebody looks again; no stop is forgotten. */
void view_hold_why(view *v);
void view_holds(view *v, const view_rows *rows, const view_rows *accounts);
/* -- view_copy.c -- */
/* A saved copy and its files, each a link to /kopia/<record>/<its number from 0>. `content` NULL:
 * it is not sealed yet, or gone. `matter`: where she came from, "" none. */
void view_copy(view *v, const Uppsikt__RecordRow *row, const Uppsikt__RecordRowContent *content,
               const char *matter);
/* "media/1" of "2026/11/<record>/media/1"; NULL: it is not the record's. */
const char *view_copy_name(const char *object, const char *record);
/* What a file may be shown as: pictures by what they are and not by what somebody called them, our
 * own texts. NULL: it is only saved; a page or a program that a stranger attached never runs as
 * ours. */
const char *view_copy_type(const char *name, const uint8_t *bytes, size_t n);
/* -- view_find.c -- */
typedef struct view_finds {
    view_rows rows;                  /* FoundRow, those that are finds */
    const Uppsikt__FoundRow *so_far; /* where to go on; NULL: that was all */
    bool asked;                      /* else there is the form alone */
} view_finds;
/* May she take what is found with her, to be handed out: registrar and archivist. */
bool view_hands_out(const view *v);
/* "Kommentar", "Vårt svar". */
const char *view_kind(const view *v, Uppsikt__ItemKind kind);
void view_find(view *v, const view_finds *finds, const view_rows *accounts);
/* The search that was given, as hidden fields of the form that is open. */
void view_same_search(view *v);
/* -- view_report.c -- */
typedef struct view_audit {
    const Uppsikt__AuditRow *row;
    view_rows accounts; /* AuditAccountRow */
    bool more;          /* there are more accounts than these */
    upp_ms from, to;
    int months;
} view_audit;
void view_report(view *v, const view_audit *a);
/* -- view_help.c -- */
void view_help(view *v);
typedef struct view_statement {
    const char *by;      /* whose pages these are; "": nobody has said it */
    const char *contact; /* where lacks are told; "": likewise */
} view_statement;
/* The accessibility statement (lag 2018:1937; MDFFS 2019:2). */
void view_accessible(view *v, const view_statement *s);
/* -- view_handed.c -- */
typedef struct view_handing {
    const Uppsikt__LeaverListRow *list;
    const Uppsikt__LeaverListRowContent *names;
    view_rows accounts; /* LeaverAccountRow: a page of them */
    view_rows persons;  /* PersonRow: who may come in her place */
    bool more;          /* there is a next page after the last account */
    const char *act;    /* of the form that came back with a complaint, "acc~4"; "" none */
} view_handing;
void view_handed_lists(view *v, const view_rows *rows);
void view_handed(view *v, const view_handing *h);
/* -- view_still.c -- */
/* AccessListRow: a page of them; `more`: there is a next one. */
void view_still(view *v, const view_rows *rows, bool more);
/* -- view_processing.c -- */
void view_processing(view *v, const processing *p);
