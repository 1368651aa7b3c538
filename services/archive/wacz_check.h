/* wacz_check.h - checks a WACZ: the zip, the data package, each archive in it record by record, and
 * that every line of the index leads to its record (capture.md 10.2: the rules). */
#pragma once
#include "complaint.h"
#include "stream.h"

/* Checks `in`. `own_form`: it must be as wacz_write() writes it, down to each byte; without it
 * files of other programs pass too. 0: see to->n; UPP_E_BUSY; what the source gave. */
UPP_MUST_USE int wacz_check(const source *in, const char *path, bool own_form, complaints *to);
