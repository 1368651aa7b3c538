/* facebook.h - Facebook Pages through Meta's Graph API (platforms.md §7). Pure. */
#pragma once
#include "connector.h"

extern const connector facebook_connector;

/* What one change of a webhook's body tells (platforms.md §7.3). Texts are lent from the JSON. */
enum facebook_verb {
    FACEBOOK_ADDED, /* `it` holds it, whole enough to be taken in */
    FACEBOOK_LOOK,  /* something is new with it: it must be read from the API */
};
typedef struct facebook_change {
    const char *page; /* whose */
    enum facebook_verb verb;
    const char *comment;
    reading it; /* FACEBOOK_ADDED */
} facebook_change;
typedef void facebook_heard(void *ctx, const facebook_change *change);
/* Calls `heard` for each change that is about a comment; whatever else a body may hold is passed
 * over. UPP_E_INPUT: it is no body of a page's webhook. */
int facebook_webhook(const json_t *body, facebook_heard *heard, void *ctx);
