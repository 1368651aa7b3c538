/* metric.c - lines of Prometheus' text format 0.0.4. */
#include "metric.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LINE = 512 };

/* Backslash, newline and, in label values, the quote (text format 0.0.4). What does not fit is
 * left out at its end. */
static void escape(const char *in, char *out, size_t n)
{
    size_t used = 0;
    for (; *in && used + 3 < n; in++) {
        if (*in == '\\' || *in == '"' || *in == '\n') {
            out[used++] = '\\';
            out[used++] = *in == '\n' ? 'n' : *in;
        } else {
            out[used++] = *in;
        }
    }
    out[used] = '\0';
}

void upp_metric_head(upp_metric_write *write, void *ctx, const char *name, const char *type,
                     const char *help)
{
    char line[LINE];
    upp_check(strcmp(type, "gauge") == 0 || strcmp(type, "counter") == 0);
    upp_check(!strpbrk(help, "\\\n"));
    const int n = snprintf(line, sizeof line, "# HELP %s %s\n", name, help);
    upp_check(n > 0 && (size_t)n < sizeof line);
    write(ctx, line);
    snprintf(line, sizeof line, "# TYPE %s %s\n", name, type);
    write(ctx, line);
}

void upp_metric_row(upp_metric_write *write, void *ctx, const char *name, const char *label,
                    const char *value, int64_t number)
{
    char line[LINE], safe[LINE / 2];
    int n = 0;
    if (label) {
        escape(value, safe, sizeof safe);
        n = snprintf(line, sizeof line, "%s{%s=\"%s\"} %" PRId64 "\n", name, label, safe, number);
    } else {
        n = snprintf(line, sizeof line, "%s %" PRId64 "\n", name, number);
    }
    upp_check(n > 0 && (size_t)n < sizeof line);
    write(ctx, line);
}
