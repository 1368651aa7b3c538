/* visit.h - one request on its way through a worker: who asks, what for, what comes back. Private
 * to port_*.c. */
#pragma once
#include "console.h"
#include "route.h"
#include "stream.h"
#include "upp/bus.h"
#include "view.h"

/* What all visits share, for the port's life; only read. */
typedef struct visit_house {
    const console_config *config;
    phrases *phrases;
    zone *tz;
    char origin[300]; /* "https://uppsikt.kommunen.se"; "": whatever Host says */
    bool https;
    struct directory *directory; /* its worker's alone; NULL: off */
} visit_house;

/* One worker's side of the bus. A service that did not answer is not asked again for a moment, so
 * that one which is down costs one visitor a wait and not all of them. */
enum { VISIT_SERVICES = 8 };
typedef struct visit_desk {
    upp_client *client;
    struct {
        char name[16];
        upp_ms until; /* steady time */
    } down[VISIT_SERVICES];
} visit_desk;

enum { VISIT_ROWS = 200, VISIT_LISTS = 12, VISIT_BODY = 64 * 1024 };
typedef struct visit_rows {
    ProtobufCMessage *rows[VISIT_ROWS], *contents[VISIT_ROWS];
    size_t n;
} visit_rows;

typedef struct visit {
    /* what came */
    const visit_house *house;
    char *method, *path, *query, *cookie, *fetch_site, *origin, *host; /* own; NULL: not sent */
    char address[64];
    char *body;
    size_t body_len;
    bool too_large;
    struct upload *upload; /* the file of a form that brings one; lent, NULL: none */
    bool admitted;         /* whoever sends it is signed in */
    char refused[64];      /* a key of the archive's: why it does not take the file */
    const char *shut;      /* why it is not let in, a key; NULL: it is */
    upp_ms now;            /* suite time */

    /* on the worker */
    visit_desk *desk;
    route route;
    form params, fields;
    uint8_t token[GUARD_TOKEN], seed[16];
    bool has_session, fresh_token;  /* a new token for forms: the answer sets its cookie */
    visit_rows *lists[VISIT_LISTS]; /* what was asked, until visit_done */
    size_t n_lists;
    view view;

    /* what goes back */
    unsigned status;
    const char *type;  /* of `fixed`, of `file` or of the view's page */
    const char *fixed; /* a file of ours; NULL: the page */
    size_t fixed_len;
    char *file; /* own: what others wrote, in place of a page; NULL: none */
    size_t file_len;
    char file_name[80]; /* to be saved under, never shown; "": shown as `type` */
    char *location;     /* own; NULL: none */
    char cookies[3][200];
    size_t n_cookies;
} visit;

/* Answers the request; blocks at most some seconds. */
void visit_run(visit *v);
void visit_done(visit *v); /* frees all but the visit itself */
/* Before a file is let in: is it somebody who is signed in? Blocks likewise. */
void visit_admit(visit *v);

/* -- port_ask.c -- */
/* Rows of `type` (content: `content` or NULL). NULL: the service does not answer. They live until
 * the visit ends. */
visit_rows *visit_ask(visit *v, const char *service, const ProtobufCMessage *query,
                      const ProtobufCMessageDescriptor *type,
                      const ProtobufCMessageDescriptor *content);
enum visit_end { VISIT_DONE, VISIT_REFUSED, VISIT_NO_ANSWER };
/* A command by the visitor, in her session (`by` NULL: by the console itself, in none), with an id
 * that is the form's own and `what`'s. VISIT_DONE: *ret_outcome is the caller's (upp_msg_freep)
 * when it is not NULL; the other two: the page's complaint is noted. */
enum visit_end visit_tell(visit *v, const char *service, const char *by, const char *what,
                          const ProtobufCMessage *command,
                          const ProtobufCMessageDescriptor *outcome,
                          ProtobufCMessage **ret_outcome);
/* Waits, a second at most, until the console has heard all that `service` has said so far: then the
 * next page shows what was just done. */
void visit_catch_up(visit *v, const char *service);
void visit_free_rows(visit_rows *rows);
/* The bytes of an object of at most `max`, the caller's (free). NULL: *ret_len is 0 when the
 * service does not give it, else more than `max`. */
uint8_t *visit_object(visit *v, const char *service, const char *object, size_t max,
                      size_t *ret_len);

/* -- port_visit.c -- */
void visit_complain(visit *v, const char *complaint);
void visit_redirect(visit *v, const char *path, const char *done_key);
/* A page that says only this. */
void visit_words(visit *v, unsigned status, const char *title_key, const char *words_key);
void visit_set_cookie(visit *v, const char *name, const char *value);
/* One that stays for a year. */
void visit_keep_cookie(visit *v, const char *name, const char *value);
/* What is in `out` is what goes back, in place of a page; `out` is empty then. */
void visit_give(visit *v, buf *out);
const char *visit_cookie_name(const visit *v, bool session);
const view_rows *visit_view(const visit_rows *rows, view_rows *ret_view);
/* -- port_in_force.c -- */
/* Which policy the clocks run on, the body's first; how many. 0: escalation does not answer. */
size_t visit_in_force(visit *v, view_in_force *ret_list, size_t size);

/* -- port_chosen.c -- */
void visit_chosen(visit *v); /* one decision on all that was ticked */

/* -- port_away.c -- */
void visit_away(visit *v); /* her absences, or those of whom she leads */
void visit_away_act(visit *v);

/* -- port_life.c -- */
void visit_life(visit *v); /* how far an account has come, and what is next */
void visit_life_new(visit *v);
void visit_life_propose(visit *v);
void visit_life_act(visit *v);

/* -- port_copy.c -- */
/* R29: that she looks at a record or an item ("viewed"), or takes it with her ("exported"), is
 * noted before she has it. The page has no complaint of it: it says in its own place why nothing
 * is shown. */
enum visit_end visit_note(visit *v, const char *record, const char *what);
/* What is in a saved copy, or one file of it. */
void visit_copy(visit *v);

/* -- port_find.c -- */
/* The page to search, and what was found: asked for by POST, for words that are searched for may be
 * somebody's name, and stand in no address (R24). */
void visit_find(visit *v);
/* A form of that page or of those below it; false: there is no such. */
bool visit_post_find(visit *v);
/* What the form asks for, lent from it; a day that is none is complained of. */
void visit_read_find(visit *v, Uppsikt__Find *ret_query);
/* The page, with these finds below the form. */
void visit_show_find(visit *v, const view_finds *finds);
/* -- port_found.c -- */
typedef struct visit_found {
    visit_rows *all; /* own: FoundRow, each with its content */
    size_t bytes;    /* of text */
    bool many;       /* there is more than is handed out at once */
    char before[ROUTE_PART];
} visit_found;
/* All that the search finds, 200 versions and 8 MB of text at most; the caller ends it with
 * visit_found_done(), whatever it gives. False: the console's own store does not answer. */
bool visit_collect(visit *v, Uppsikt__Find *q, visit_found *ret_found);
void visit_found_done(visit_found *f);
const Uppsikt__FoundRow *visit_found_row(const visit_found *f, size_t i);
const Uppsikt__FoundRowContent *visit_found_content(const visit_found *f, size_t i);
/* -- port_mask.c -- */
/* What is to be covered of all that a search finds, page by page, to be changed (R28). */
void visit_mask(visit *v);
/* -- port_request.c -- */
/* All that a search finds as a package to be saved (R28), or the page with why not. */
void visit_request(visit *v);

/* -- port_appeal.c -- */
/* Is the route's act an objection, or what becomes of one? Then it is done, or the page is given
 * again. */
bool visit_appeal(visit *v);

/* -- port_directory.c -- */
/* To the organisation's directory to sign in, and back: on the worker that may wait for it. */
void visit_directory(visit *v);

/* -- port_listed.c -- */
/* The list of the route's disposal, a page of it; all of it as a text to be saved. */
void visit_listed(visit *v);
void visit_protocol(visit *v);

/* -- port_propose.c -- */
void visit_propose_page(visit *v); /* what adopted rows let go now, or one of them */
void visit_propose(visit *v);      /* its list, for another person to approve */

/* -- port_beside.c -- */
/* Counts a hard text that is opened, in a cookie of the browser and nowhere else. */
void visit_count_exposure(visit *v, const visit_rows *sheet);
void visit_forget_exposure(visit *v);
/* The next that waits and is of no category of this one. */
void visit_next(visit *v);
void visit_back(visit *v); /* what to write back to whoever wrote */

/* -- port_help.c -- */
/* What this browser is kept to, from its cookies. */
void visit_read_look(visit *v);
/* The form below the help: keeps it. */
void visit_keep_look(visit *v);
void visit_accessible(visit *v);

/* -- port_hand_in.c -- */
void visit_hand_in_page(visit *v); /* what waits for a person to save it, or one of them */
void visit_hand_in(visit *v);      /* a file of it; all of them */

/* -- port_report.c -- */
void visit_report(visit *v); /* the page, or each account's numbers as a file */

/* -- port_processing.c -- */
void visit_processing(visit *v); /* the page, or all of it as a file */

/* -- port_handed.c -- */
/* What leavers hand over: their lists, one of them; rows ticked, access given and taken, confirmed.
 */
void visit_handed(visit *v);
void visit_hand(visit *v);

/* -- port_still.c -- */
/* Who has access, and that it is so still. */
void visit_still(visit *v);
void visit_attest(visit *v);

/* -- port_show.c, port_act.c, port_sign.c, port_keep.c -- */
void visit_show(visit *v);
/* The matter of the route, with its page's rows; NULL: the answer is given. */
const visit_rows *visit_sheet(visit *v);
void visit_show_sheet(visit *v, const visit_rows *sheet);
void visit_act(visit *v);
void visit_sign_in(visit *v);
void visit_sign_out(visit *v);
void visit_password(visit *v);
void visit_link(visit *v);
void visit_link_act(visit *v);
/* Why something is held, and when that is reviewed, as the form says; false: it does not. */
bool visit_hold_why(visit *v, Uppsikt__PlaceHold *place);
void visit_keep(visit *v); /* accounts, disposals, holds, lists seen */
void visit_review_page(visit *v);
void visit_item_page(visit *v);
visit_rows *visit_accounts(visit *v);
