/* exposure.h - how many hard texts somebody has opened today, as her own browser keeps it: a cookie
 * of the session, written in no log and no store of ours. Pure. */
#pragma once
#include "upp/base.h"

enum { EXPOSURE_DAY = 11, EXPOSURE_LAST = 80, EXPOSURE_TEXT = EXPOSURE_DAY + EXPOSURE_LAST + 8 };
enum { EXPOSURE_MUCH = 10, EXPOSURE_MAX = 999 };

typedef struct exposure {
    char day[EXPOSURE_DAY]; /* "2026-11-28" */
    unsigned n;
    char last[EXPOSURE_LAST]; /* the matter that was counted last: a reload counts once */
} exposure;

/* Of a cookie's value; of another day, or when it is none of ours, nothing yet. */
void exposure_read(const char *value, const char today[EXPOSURE_DAY], exposure *ret_exposure);
void exposure_add(exposure *e, const char *matter);
void exposure_write(const exposure *e, char ret_value[EXPOSURE_TEXT]);
/* Is a finding of this label (enum Label) hard to read: violence, abuse, hate, threats. */
bool exposure_is_hard(int label);
