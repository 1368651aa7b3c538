/* kind.h - what a file that was handed in is, by its content and never by its name, and whether it
 * may be kept as it is (capture.md 6.1; reliability.md B3). Nothing is unpacked. Pure. */
#pragma once
#include "stream.h"

/* 0: *ret_mime is its type (static text). 1: it is refused, *ret_why is a key of the catalogue
 * (static text). Else what the source gave. */
UPP_MUST_USE int kind_of(const source *in, const char **ret_mime, const char **ret_why);
