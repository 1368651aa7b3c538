/* due.c - when a period has run out, and the sum of a list that people approve. */
#include "due.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

upp_ms due_after(const zone *tz, upp_ms from, int32_t months)
{
    const civil_ms reading = tz ? zone_local(tz, from) : from;
    const civil_day day = civil_day_at(reading);
    civil_date date = civil_date_of(day);
    const int32_t month = date.year * 12 + date.month - 1 + months;
    date.year = month / 12;
    date.month = month % 12 + 1;
    while (!civil_valid(date) && date.day > 28)
        date.day--;
    upp_check(civil_valid(date));
    const civil_ms then =
        (civil_ms)civil_day_of(date) * UPP_DAY + (reading - (civil_ms)day * UPP_DAY);
    upp_ms at = then;
    if (tz)
        (void)zone_instant(tz, then, ZONE_LAST, &at); /* a gap or two: the later, never too early */
    return at;
}

struct due_list {
    crypto_hash_sha256_state sha;
    char last[80];
};

static void line(due_list *list, const char *text)
{
    crypto_hash_sha256_update(&list->sha, (const uint8_t *)text, strlen(text));
    crypto_hash_sha256_update(&list->sha, (const uint8_t *)"\n", 1);
}

due_list *due_list_new(const char *plan_row, const char *law)
{
    due_list *list = calloc(1, sizeof *list);
    upp_check(list);
    crypto_hash_sha256_init(&list->sha);
    line(list, "upp-list1");
    line(list, plan_row);
    line(list, law);
    return list;
}

bool due_list_add(due_list *list, const char *item)
{
    if (strcmp(list->last, item) >= 0 || strlen(item) >= sizeof list->last)
        return false;
    snprintf(list->last, sizeof list->last, "%s", item);
    line(list, item);
    return true;
}

void due_list_end(due_list *list, uint8_t ret_hash[32])
{
    crypto_hash_sha256_final(&list->sha, ret_hash);
    free(list);
}
