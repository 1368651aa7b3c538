/* report_csv.c - semicolons and CRLF, as spreadsheets in Swedish read it; each text in quotes. */
#include "report_csv.h"
#include "upp/base.h"
#include <stdio.h>
#include <string.h>

static const char *const columns[] = {
    "report.account",
    "report.col-id",
    "report.clock",
    "report.in",
    "report.met",
    "report.late",
    "report.open-late",
    "report.open",
    "report.withdrawn",
    "report.col-within-24",
    "report.col-within-staffed",
    "report.needs-none",
    "report.percent",
};

/* What begins like a formula is none, nor what another separator would make one. */
int report_csv_cell(buf *out, const char *text)
{
    UPP_TRY(buf_printf(out, "\""));
    for (const char *at = text; *at; at++) {
        if ((unsigned char)*at < ' ')
            continue;
        if ((at == text || at[-1] == ';') && strchr("=+-@", *at))
            UPP_TRY(buf_printf(out, "'"));
        UPP_TRY(buf_put(out, *at == '"' ? "\"\"" : at, *at == '"' ? 2 : 1));
    }
    return buf_printf(out, "\"");
}

int report_csv_head(buf *out, const phrases *words)
{
    UPP_TRY(buf_printf(out, "\xEF\xBB\xBF")); /* so that Excel takes it for UTF-8 */
    for (size_t i = 0; i < UPP_LEN(columns); i++) {
        if (i > 0)
            UPP_TRY(buf_printf(out, ";"));
        UPP_TRY(report_csv_cell(out, phrase(words, columns[i])));
    }
    return buf_printf(out, "\r\n");
}

static int one(buf *out, const phrases *words, const Uppsikt__ReportRow *c, const char *name)
{
    const int64_t numbers[] = { c->n_in,           c->met,       c->late,       c->open_late,
                                c->open,           c->withdrawn, c->within_24h, c->within_attended,
                                c->needs_no_answer };
    char key[48];
    snprintf(key, sizeof key, "report.clock-%.24s", c->clock);
    UPP_TRY(report_csv_cell(out, name ? name : phrase(words, "report.all")));
    UPP_TRY(buf_printf(out, ";"));
    UPP_TRY(report_csv_cell(out, c->account));
    UPP_TRY(buf_printf(out, ";"));
    UPP_TRY(report_csv_cell(out, phrase(words, key)));
    for (size_t i = 0; i < UPP_LEN(numbers); i++)
        UPP_TRY(buf_printf(out, ";%lld", (long long)numbers[i]));
    if (c->percent < 0)
        return buf_printf(out, ";\r\n"); /* nothing has come to its end */
    return buf_printf(out, ";%lld\r\n", (long long)c->percent);
}

int report_csv_rows(buf *out, const phrases *words, Uppsikt__ReportRow *const *clocks, size_t n,
                    const char *name)
{
    for (size_t i = 0; i < n; i++)
        UPP_TRY(one(out, words, clocks[i], name));
    return 0;
}
