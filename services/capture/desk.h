/* desk.h - the socket of uppsikt-capture: jobs come in, wait their turn at the one browser, results
 * go out under credit (proto/uppsikt/capture.proto says the messages). */
#pragma once
#include "browser.h"
#include "keys.h"
#include "metric.h"
#include "ops.h"
#include "upp/port.h"

typedef struct desk desk;

typedef struct desk_parts { /* all lent for the desk's life */
    upp_loop *loop;
    upp_keys *keys;
    void *socket; /* a ROUTER, bound */
    const capture_config *config;
    const char *work; /* our own folder */
} desk_parts;

/* Asks the worker at once whether a browser can be started here at all. */
desk *desk_new(const desk_parts *parts);
/* What is under way is dropped: whoever asked asks again. The browser ends. NULL is fine. The
 * loop's worker must have come to its end. */
void desk_free(desk *d);
/* Ends what the worker does, soon; then desk_idle. */
void desk_stop(desk *d);
bool desk_idle(const desk *d); /* nothing is at the worker */
/* Takes and gives all that can be now; to be called after each turn of the loop. */
void desk_turn(desk *d);

/* -- desk_report.c: for the operators -- */
bool desk_started(const desk *d); /* the first answer about the browser is there */
void desk_reasons(const desk *d, upp_ops_reason *reason, void *ctx);
void desk_notes(const desk *d, upp_ops_reason *note, void *ctx);
void desk_metrics(const desk *d, upp_metric_write *write, void *ctx);
