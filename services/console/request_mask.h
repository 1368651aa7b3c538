/* request_mask.h - what a secrecy review would look at first, covered (R28, R24). Pure. */
#pragma once
#include "classifier.h"
#include "stream.h"

/* One place of a text. */
typedef struct request_mask {
    uint32_t start, end; /* bytes of the original text, [start, end) */
    const char *reason;  /* a key of the classifier's catalogue, static; NULL: a person marked it */
    uint32_t ground; /* why by law: text osl.<ground> of the catalogue; 0: not said of this one */
    bool taken;      /* a person has taken it away: it is not covered */
} request_mask;

/* What the classifier proposes of one text at most, and what there is room for with what a person
 * marks herself. */
enum { REQUEST_MASKS = CLASSIFIER_FINDINGS_MAX, REQUEST_PLACES = REQUEST_MASKS + 52 };

/* Every finding of personal data in `text`: a proposal, what the law lets go is for a person to
 * review (OSL). Gives the places, in order and apart; *ret_secret: the text speaks of something
 * that may be secret, is longer than what the classifier reads or holds more than it tells, and is
 * for the reviewer to read; nothing of it is proposed for that alone. */
void request_propose(const classifier *c, classifier_room *room, const char *text,
                     request_mask ret_masks[REQUEST_MASKS], size_t *ret_n, bool *ret_secret);

/* Puts `text` into `out` with the places covered that are not taken away, a full block for each
 * character that is not blank, so that the length still shows. The places may overlap and come in
 * any order, REQUEST_PLACES at most, each from a character's first byte to another's. 0 or
 * UPP_E_BUSY (no memory). */
UPP_MUST_USE int request_cover(const char *text, const request_mask *masks, size_t n, buf *out);
