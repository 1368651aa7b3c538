/* metric.h - lines of Prometheus' text format 0.0.4. Pure. */
#pragma once
#include "upp/base.h"

typedef void upp_metric_write(void *ctx, const char *line); /* a whole line with its newline */

/* `# HELP` and `# TYPE`; type is "gauge" or "counter". Once for each name, before its rows. */
void upp_metric_head(upp_metric_write *write, void *ctx, const char *name, const char *type,
                     const char *help);
/* One row; `label` NULL: none. The value is escaped; labels are our own words or ids of services,
 * never a person or an address. */
void upp_metric_row(upp_metric_write *write, void *ctx, const char *name, const char *label,
                    const char *value, int64_t number);
