/* request_mask.h - what a secrecy review would look at first, covered (R28, R24). Pure. */
#pragma once
#include "classifier.h"
#include "stream.h"

/* One place that was covered. */
typedef struct request_mask {
    uint32_t start, end; /* bytes of the original text, [start, end) */
    const char *reason;  /* a key of the classifier's catalogue; static */
} request_mask;

enum { REQUEST_MASKS = CLASSIFIER_FINDINGS_MAX };

/* Puts `text` into `out` with every finding of personal data covered, a full block for each
 * character that is not blank, so that the length still shows. A proposal: what the law lets go is
 * for a person to review (OSL). Gives the places, in order and apart; *ret_secret: the text speaks
 * of something that may be secret, is longer than what the classifier reads or holds more than it
 * tells, and is for the reviewer to read; nothing of it is covered for that alone. 0 or UPP_E_BUSY
 * (no memory). */
UPP_MUST_USE int request_cover(const classifier *c, classifier_room *room, const char *text,
                               buf *out, request_mask ret_masks[REQUEST_MASKS], size_t *ret_n,
                               bool *ret_secret);
