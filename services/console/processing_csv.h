/* processing_csv.h - the register of processing as a table to be saved (R29): a line for each kind
 * of data of each authority, with the page's own words. Pure. */
#pragma once
#include "processing.h"
#include "stream.h"

/* The whole table. 0 or UPP_E_BUSY: no memory. */
UPP_MUST_USE int processing_csv(buf *out, const phrases *words, const processing *p);
