/* visit.h - one job in one browser, from a fresh context to the report. */
#pragma once
#include "browser.h"
#include "job.h"
#include "recorder.h"

/* Does `j`: fills its state, why, files and report, or says that it could not be tried (`later`).
 * Takes at most the job's time and a few seconds for its end. */
void visit_do(browser *b, job *j);

/* -- what crosses visit*.c and shot.c -- */
typedef struct visit {
    browser *b;
    job *j;
    recorder recorder;
    char context[80], target[80], session[80];
    upp_ms began, until; /* steady */
    int64_t world;       /* our own scripts' world in the page, apart from its own */
    const char *fault;   /* words of what is wrong with the job itself; NULL: nothing */
    bool loaded, crashed, late;
    char net_error[80]; /* "" none */
    char consent[64];   /* the button that refused cookies; "" none */
    int64_t dialogs;
    int64_t width, height; /* of the page */
    int64_t cut_height;    /* above 0: the page was taller, and only this was pictured */
    int64_t tiles;
    json_t *signs, *fonts;
    enum cdp_end end; /* of the last call that failed */
} visit;

/* One call within the visit's time; `params` is taken over. False: v->end says why. */
bool visit_call(visit *v, const char *method, json_t *params, json_t **ret_result);
/* The value of a script in our own world of the page; the caller's. NULL: none. */
json_t *visit_value(visit *v, const char *script);

/* -- visit_load.c -- */
/* Brings the page there: the url, or the html without any network. False: there is nothing. */
bool visit_load(visit *v);
/* Waits until nothing more comes, scrolled to its end. */
void visit_settle(visit *v);

/* -- shot.c -- */
/* All that is wanted of what is shown. False: a file could not be made. */
bool shot_all(visit *v);
