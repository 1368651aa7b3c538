/* due.h - when a period has run out, and the sum of a list that people approve. Pure. */
#pragma once
#include "zone.h"

/* `months` calendar months after `from`, at the same time of day on the zone's clock; a day that
 * the month lacks is its last. `tz` NULL: UTC. */
upp_ms due_after(const zone *tz, upp_ms from, int32_t months);

/* SHA-256 over "upp-list1", the row, the law and each item, a line each: what the second person
 * names to say which list she has seen. Items come in byte order. */
typedef struct due_list due_list;
due_list *due_list_new(const char *plan_row, const char *law);
/* False: it does not come after the one before. */
bool due_list_add(due_list *list, const char *item);
void due_list_end(due_list *list, uint8_t ret_hash[32]); /* and frees it */
