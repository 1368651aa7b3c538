/* report_csv.h - how it went on each account, as a table to be saved (R32): a line for each clock,
 * nobody's name. Pure. */
#pragma once
#include "phrase.h"
#include "stream.h"
#include "uppsikt/console.pb-c.h"

/* A text in its quotes, without control characters; what begins like a formula is none. 0 or
 * UPP_E_BUSY: no memory. */
UPP_MUST_USE int report_csv_cell(buf *out, const char *text);
/* The first line: what each column is. 0 or UPP_E_BUSY: no memory. */
UPP_MUST_USE int report_csv_head(buf *out, const phrases *words);
/* The lines of one account; of all together with `name` NULL. UPP_E_BUSY as above. */
UPP_MUST_USE int report_csv_rows(buf *out, const phrases *words, Uppsikt__ReportRow *const *clocks,
                                 size_t n, const char *name);
