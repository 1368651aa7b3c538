/* meta.h - what Meta's platforms have in common: the Graph API's errors, limits, times and pages
 * (platforms.md §5, §7.1, §7.4, §7.5). Pure. */
#pragma once
#include "connector.h"

/* That text of the object; NULL: it is not there. Lent. */
const char *meta_text(const json_t *object, const char *name);
/* "2026-11-23T10:00:00+0000" as an instant; 0: it is not there, or no time. */
upp_ms meta_time(const json_t *object, const char *name);
/* The fields of that rung of a ladder of `n`; the last one for what lies beyond. Lent. */
const char *meta_fields(const char *const *rungs, size_t n, int64_t rung);
/* The cursor of a list's next page; NULL: this was the last. Lent. */
const char *meta_next(const json_t *list);
/* A connector's `judge` and `confirmed` (connector.h). */
enum verdict meta_judge(const platform_answer *a, upp_ms *ret_wait);
bool meta_confirmed(enum gate_what what, const json_t *json);
