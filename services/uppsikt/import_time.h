/* import_time.h - lines whose times are told from now on, as in a sample file. Pure. */
#pragma once
#include "when.h"

/* The line with `created_at` and `edited_at` as RFC 3339, where they were written as in when.h;
 * from malloc. NULL: there is nothing to put in its place (no JSON object, no such times). */
char *import_time_fill(const char *line, size_t len, const when_clock *clock);
