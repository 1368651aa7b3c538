/* exposure.c - a day's count of hard texts, from a cookie and back. */
#include "exposure.h"
#include "uppsikt/classify.pb-c.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "2026-11-28.7.i1.m1" */
void exposure_read(const char *value, const char today[EXPOSURE_DAY], exposure *ret_exposure)
{
    const size_t day = EXPOSURE_DAY - 1;
    char *end = NULL;
    *ret_exposure = (exposure){ .n = 0 };
    snprintf(ret_exposure->day, EXPOSURE_DAY, "%s", today);
    if (strncmp(value, today, day) != 0 || value[day] != '.')
        return;
    const unsigned long n = strtoul(value + day + 1, &end, 10);
    if (*end != '.' || n > EXPOSURE_MAX || strlen(end + 1) >= EXPOSURE_LAST)
        return;
    ret_exposure->n = (unsigned)n;
    snprintf(ret_exposure->last, EXPOSURE_LAST, "%s", end + 1);
}

void exposure_add(exposure *e, const char *matter)
{
    if (strcmp(e->last, matter) == 0 || strlen(matter) >= EXPOSURE_LAST)
        return;
    e->n += e->n < EXPOSURE_MAX;
    snprintf(e->last, EXPOSURE_LAST, "%s", matter);
}

void exposure_write(const exposure *e, char ret_value[EXPOSURE_TEXT])
{
    snprintf(ret_value, EXPOSURE_TEXT, "%s.%u.%s", e->day, e->n, e->last);
}

bool exposure_is_hard(int label)
{
    return label == UPPSIKT__LABEL__LABEL_VIOLENCE_PORN ||
           label == UPPSIKT__LABEL__LABEL_PROFANITY || label == UPPSIKT__LABEL__LABEL_ATTACK ||
           label == UPPSIKT__LABEL__LABEL_HATE || label == UPPSIKT__LABEL__LABEL_INCITEMENT;
}
