/* view_mask.h - the pages where the proposed masks are gone through before anything is handed out
 * (R28). */
#pragma once
#include "request_review.h"
#include "view.h"

enum { VIEW_MASKS = 20 }; /* texts a page */

/* One version, as it would be handed out. Lent. */
typedef struct view_masked {
    const Uppsikt__FoundRow *row;
    const Uppsikt__FoundRowContent *content;
    request_mask masks[REQUEST_PLACES];
    size_t n;
    bool secret;   /* for a person to read whole */
    bool nameless; /* the author is covered ... */
    uint32_t author_ground,
        own_ground; /* ... by this law, said of it alone or of all; by its own */
    bool locked;    /* a message whose look could not be noted: its text is not shown */
    buf covered;    /* own */
} view_masked;

typedef struct view_masking {
    const request_review *review;
    const char *changes; /* as the form carries them on */
    const char *seen;    /* what was found, hex */
    const view_masked *texts;
    size_t n;                         /* of this page */
    size_t first, all;                /* which of how many that is */
    size_t n_masks, n_bare, n_secret; /* of them all */
} view_masking;

/* All texts, a page of them; the button that makes the package. */
void view_masks(view *v, const view_masking *m);
/* The first of the texts, to be changed. */
void view_mask_one(view *v, const view_masking *m);
