/* span.h - how long something takes, as people write it: 20ms, 30s, 5min, 24h, 7d. Pure. */
#pragma once
#include "upp/base.h"

enum { UPP_SPAN_TEXT = 32 }; /* the longest text with its zero byte */

/* One whole number and one unit, nothing else. NULL: *ret_span is set. Else what is wrong and the
 * cure, static words for a complaint; *ret_span untouched. */
const char *upp_span_parse(const char *text, upp_ms *ret_span);
/* The largest unit that is exact; upp_span_parse gives the same span back (a negative one, which
 * nobody can write, has a minus sign). */
void upp_span_text(upp_ms span, char ret_text[UPP_SPAN_TEXT]);
