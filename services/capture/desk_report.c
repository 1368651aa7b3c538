/* desk_report.c - what operators see of uppsikt-capture. */
#include "desk_state.h"

bool desk_started(const desk *d)
{
    return d->looked;
}

void desk_reasons(const desk *d, upp_ops_reason *reason, void *ctx)
{
    const char *word = browser_state_reason(d->state);
    if (word)
        reason(ctx, word, NULL);
}

void desk_notes(const desk *d, upp_ops_reason *note, void *ctx)
{
    if (!d->with.config->sandbox)
        note(ctx, "without_sandbox", NULL);
    if (d->with.config->private_addresses)
        note(ctx, "private_addresses", NULL);
}

void desk_metrics(const desk *d, upp_metric_write *write, void *ctx)
{
    static const char *const states[DESK_STATES] = { NULL,      "ok",    "login_wall",
                                                     "blocked", "error", "timeout" };
    static const char name[] = "uppsikt_capture_jobs_total";
    upp_metric_head(write, ctx, name, "counter", "Jobs that were done, by how they ended.");
    for (size_t i = 1; i < DESK_STATES; i++)
        upp_metric_row(write, ctx, name, "state", states[i], d->done[i]);
    const struct {
        const char *name, *type, *help;
        int64_t number;
    } rows[] = {
        { "uppsikt_capture_later_total", "counter", "Jobs that could not be tried.", d->later },
        { "uppsikt_capture_refused_total", "counter",
          "Messages that were dropped: garbled, or of a peer that may not ask.", d->refused },
        { "uppsikt_capture_took_milliseconds_total", "counter", "Time that jobs took.",
          d->took_ms },
        { "uppsikt_capture_jobs", "gauge", "Jobs that wait, run or are handed over.",
          (int64_t)d->n_entries },
        { "uppsikt_capture_browser_up", "gauge", "1: a browser runs.", d->browser_up },
        { "uppsikt_capture_browser_bytes", "gauge",
          "Memory of the browser's own after the last job.", d->memory },
        { "uppsikt_capture_sandbox", "gauge", "0: the browser runs without its sandbox.",
          d->with.config->sandbox },
    };
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        upp_metric_head(write, ctx, rows[i].name, rows[i].type, rows[i].help);
        upp_metric_row(write, ctx, rows[i].name, NULL, NULL, rows[i].number);
    }
}
