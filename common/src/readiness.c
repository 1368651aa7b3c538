/* readiness.c - what operators are told: /readyz, /metrics and ServiceState. */
#include "driver.h"
#include <sqlite3.h>

/* Heartbeats come each second; a source that has been silent for so long is not heard. */
static const upp_ms unheard_span = 10 * UPP_SECOND;

void upp_driver_state(void *driver, void *state)
{
    upp_driver *d = driver;
    Uppsikt__ServiceState *out = state;
    const size_t n = upp_subscriber_count(d->subscriber);
    for (size_t i = 0; i < n; i++) {
        const upp_source_state s = upp_subscriber_state(d->subscriber, i);
        Uppsikt__SourceState *row = &d->states[i];
        uppsikt__source_state__init(row);
        d->points[i] = s.cursor;
        row->source = upp_lend(s.source);
        row->epoch = (ProtobufCBinaryData){ s.cursor.seq > 0 ? sizeof d->points[i].epoch : 0,
                                            d->points[i].epoch };
        row->cursor = s.cursor.seq;
        row->head = s.head.seq;
        row->heard_ms = s.heard_ms;
        row->forked = s.forked;
        d->state_rows[i] = row;
    }
    out->sources = d->state_rows;
    out->n_sources = n;
    out->disk_low = d->disk_low;
}

static void ready(void *self, upp_ops_reason *reason, void *ctx)
{
    const upp_driver *d = self;
    if (!d->started)
        reason(ctx, "starting", NULL);
    if (d->stopping)
        reason(ctx, "stopping", NULL);
    if (d->disk_low)
        reason(ctx, "disk_low", NULL);
    const upp_ms now = upp_real_now();
    for (size_t i = 0; i < upp_subscriber_count(d->subscriber); i++) {
        const upp_source_state s = upp_subscriber_state(d->subscriber, i);
        if (s.forked)
            reason(ctx, "forked", s.source);
        else if (s.refused)
            reason(ctx, "refused", s.source);
        else if (s.absent)
            continue; /* who is no part of the deployment is not waited for */
        else if (now - s.heard_ms > unheard_span)
            reason(ctx, "unheard", s.source);
        else if (s.cursor.seq < s.head.seq)
            reason(ctx, "behind", s.source);
    }
}

static bool started(void *self)
{
    const upp_driver *d = self;
    return d->started;
}

typedef struct metric_out {
    upp_metric_write *write;
    void *ctx;
} metric_out;

static void write_counter(void *ctx, const upp_port_counter *row)
{
    const metric_out *to = ctx;
    upp_metric_head(to->write, to->ctx, row->name, "counter", row->help);
    upp_metric_row(to->write, to->ctx, row->name, NULL, NULL, row->count);
}

static int metrics(void *self, upp_metric_write *write, void *ctx)
{
    const upp_driver *d = self;
    const size_t n = upp_subscriber_count(d->subscriber);
    UPP_TRY(upp_node_metrics(d->node, upp_loop_now(&d->loop), write, ctx));
    if (n > 0) {
        upp_metric_head(write, ctx, "uppsikt_bus_replay_lag_events", "gauge",
                        "Events of the source that are not handled yet.");
        for (size_t i = 0; i < n; i++) {
            const upp_source_state s = upp_subscriber_state(d->subscriber, i);
            const int64_t lag = s.head.seq - s.cursor.seq;
            upp_metric_row(write, ctx, "uppsikt_bus_replay_lag_events", "source", s.source,
                           lag > 0 ? lag : 0);
        }
        upp_metric_head(write, ctx, "uppsikt_bus_heard_timestamp_seconds", "gauge",
                        "When the source's last heartbeat came; 0: never.");
        for (size_t i = 0; i < n; i++) {
            const upp_source_state s = upp_subscriber_state(d->subscriber, i);
            upp_metric_row(write, ctx, "uppsikt_bus_heard_timestamp_seconds", "source", s.source,
                           s.heard_ms / UPP_SECOND);
        }
        upp_metric_head(write, ctx, "uppsikt_bus_forked", "gauge",
                        "1: the source's past changed, its subscription stands still.");
        for (size_t i = 0; i < n; i++) {
            const upp_source_state s = upp_subscriber_state(d->subscriber, i);
            upp_metric_row(write, ctx, "uppsikt_bus_forked", "source", s.source, s.forked);
        }
    }
    const upp_subscriptions *subs = upp_router_subscriptions(d->router);
    const struct {
        const char *name, *type, *help;
        int64_t number;
    } rows[] = {
        { "uppsikt_outbox_unsent_events", "gauge",
          "Committed and not yet pushed to the slowest live subscriber.",
          upp_subscriptions_unsent(subs) },
        { "uppsikt_bus_subscriptions", "gauge", "Subscriptions to this service's log.",
          (int64_t)upp_subscriptions_count(subs) },
        { "uppsikt_bus_dropped_total", "counter",
          "Messages that were dropped: no known key, garbled, or without the right.",
          (int64_t)upp_router_dropped(d->router) },
        { "uppsikt_bus_denied_total", "counter", "Connections that the key check refused.",
          (int64_t)upp_zap_denied(d->zap) },
        { "uppsikt_disk_low", "gauge", "1: the disk is low, nothing is accepted.", d->disk_low },
    };
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        upp_metric_head(write, ctx, rows[i].name, rows[i].type, rows[i].help);
        upp_metric_row(write, ctx, rows[i].name, NULL, NULL, rows[i].number);
    }
    upp_asks_counters(d->asks, write_counter, &(metric_out){ write, ctx });
    return 0;
}

static int64_t schema_of(upp_driver *d)
{
    sqlite3_stmt *stmt = NULL;
    int64_t version = 0;
    if (sqlite3_prepare_v2(upp_node_db(d->node), "PRAGMA user_version", -1, &stmt, NULL) ==
            SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW)
        version = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return version;
}

upp_ops_owner upp_driver_owner(upp_driver *driver)
{
    return (upp_ops_owner){ .self = driver,
                            .service = driver->service->name,
                            .version = UPP_VERSION,
                            .schema = schema_of(driver),
                            .ready = ready,
                            .started = started,
                            .metrics = metrics };
}
