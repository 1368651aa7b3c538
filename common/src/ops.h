/* ops.h - the operators' HTTP, apart from the bus: /livez, /readyz, /startupz, /metrics
 * (operations.md §2). Lives in the driver's loop through upp/port.h; never blocks it. */
#pragma once
#include "config.h"
#include "metric.h"
#include "upp/port.h"

/* What ops asks its owner, in the loop's thread, each time somebody looks. */
typedef void upp_ops_reason(void *ctx, const char *what, const char *about); /* about may be NULL */
typedef struct upp_ops_owner {
    void *self;
    const char *service; /* lent */
    const char *version; /* lent; --version's */
    int64_t schema;      /* user_version of the store */
    /* Says each reason why the service is not ready: { "behind", "ingest" }, { "disk_low", NULL },
     * { "stopping", NULL } ... short words of our own. None: ready. */
    void (*ready)(void *self, upp_ops_reason *reason, void *ctx);
    /* Says what operators ought to know though the service is ready. May be NULL. */
    void (*notes)(void *self, upp_ops_reason *note, void *ctx);
    bool (*started)(void *self); /* the store is open, migrated, on_start has run */
    /* upp_node_metrics and the bus's own (metric.h). Negative: /metrics answers 500. */
    int (*metrics)(void *self, upp_metric_write *write, void *ctx);
} upp_ops_owner;

typedef struct upp_ops upp_ops;

enum { UPP_OPS_WHERE = 256 };
/* Where the operators' HTTP is: the runtime option `ops` with "unix" resolved to
 * <run>/<service>.ops. False: it is off. */
bool upp_ops_where(const upp_runtime_config *runtime, const char *service,
                   char ret_where[UPP_OPS_WHERE]);

/* False: the library for it is not there, `say` has heard so. Before the process's first thread. */
bool upp_ops_possible(void (*say)(const char *line));
/* Listens at `where`: a path (has a '/') or host:port ([::1]:9464). An old socket file is replaced.
 * `owner` is copied. NULL: cannot listen, `say` has heard why. */
upp_ops *upp_ops_new(upp_loop *loop, const char *where, const upp_ops_owner *owner,
                     void (*say)(const char *line));
/* Tells who supervises this process (sd_notify(3)'s socket) what /readyz answers, when that is not
 * what was told last: "X_UPPSIKT_READY=" and the JSON. True: ready. */
bool upp_ops_tell(upp_ops *ops);
void upp_ops_free(upp_ops *ops); /* stops listening, drops connections; NULL is fine */
/* The port that is listened at (for where = "127.0.0.1:0"); 0 for a path. */
uint16_t upp_ops_port(const upp_ops *ops);
