/* processing_csv.c - semicolons and CRLF, as the auditor's table has them. */
#include "processing_csv.h"
#include "report_csv.h"
#include <stdio.h>

static int next(buf *out, const char *text)
{
    UPP_TRY(buf_printf(out, ";"));
    return report_csv_cell(out, text);
}

static int head(buf *out, const phrases *words)
{
    static const char *const first[] = { "processing.org-number", "processing.kind" };
    static const char *const last[] = { "processing.retention", "processing.where",
                                        "processing.backups", "processing.protection" };
    char key[48];
    UPP_TRY(buf_printf(out, "\xEF\xBB\xBF")); /* so that Excel takes it for UTF-8 */
    UPP_TRY(report_csv_cell(out, phrase(words, "processing.controller")));
    for (size_t i = 0; i < UPP_LEN(first); i++)
        UPP_TRY(next(out, phrase(words, first[i])));
    for (size_t i = 0; processing_field(i); i++) {
        snprintf(key, sizeof key, "processing.%s", processing_field(i));
        UPP_TRY(next(out, phrase(words, key)));
    }
    for (size_t i = 0; i < UPP_LEN(last); i++)
        UPP_TRY(next(out, phrase(words, last[i])));
    return buf_printf(out, "\r\n");
}

/* Its rows in one cell, a bar between. */
static int retention(buf *out, const phrases *words, const processing *p,
                     const processing_controller *c, size_t kind)
{
    UPP_AUTO(buf_done) buf text = { 0 };
    char term[PROCESSING_TERM];
    size_t at = 0;
    for (const Uppsikt__PlanLine *row; (row = processing_row(p, c, kind, &at));) {
        processing_term(words, row, term);
        UPP_TRY(buf_printf(&text, "%s%s: %s. %s %s (%s)", text.len ? " | " : "", row->kind, term,
                           phrase(words, "processing.decision"), row->decision, row->row));
    }
    return next(out, text.len ? buf_text(&text) : phrase(words, "processing.no-row"));
}

static int line(buf *out, const phrases *words, const processing *p, const processing_controller *c,
                size_t kind)
{
    UPP_TRY(report_csv_cell(out, c->name));
    UPP_TRY(next(out, c->org_number));
    UPP_TRY(next(out, processing_text(words, kind, NULL)));
    for (size_t i = 0; processing_field(i); i++)
        UPP_TRY(next(out, processing_text(words, kind, processing_field(i))));
    UPP_TRY(retention(out, words, p, c, kind));
    UPP_TRY(next(out, p->note[0] ? p->note : phrase(words, "processing.no-note")));
    UPP_TRY(next(out, phrase(words, "processing.backups-words")));
    UPP_TRY(next(out, phrase(words, "processing.protection-words")));
    return buf_printf(out, "\r\n");
}

int processing_csv(buf *out, const phrases *words, const processing *p)
{
    UPP_TRY(head(out, words));
    for (size_t i = 0; i < p->n_controllers; i++) {
        for (size_t kind = 0; kind < PROCESSING_KINDS; kind++)
            UPP_TRY(line(out, words, p, &p->controllers[i], kind));
        size_t at = 0;
        if (processing_row(p, &p->controllers[i], PROCESSING_KINDS, &at))
            UPP_TRY(line(out, words, p, &p->controllers[i], PROCESSING_KINDS));
    }
    return 0;
}
