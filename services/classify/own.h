/* own.h - the organisation's own domains and numbers, read from policy text. */
#pragma once
#include "detect.h"

struct own_list {
    struct classify_own own; /* points into the list */
    char *text;
    const char *domain[64], *number[64];
};

/* Reads lines "domain kungalv.se" and "number 0303238"; '#' begins a comment. 0; UPP_E_INPUT with
 * *ret_line the first line that is neither; UPP_E_BUSY: out of memory. own_done frees the list,
 * which must not move while `own` is in use. */
UPP_MUST_USE int own_read(const char *text, struct own_list *ret, size_t *ret_line);
void own_done(struct own_list *list);

/* The example organisation's, built in. Static. */
const char *own_embedded(void);
