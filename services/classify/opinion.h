/* opinion.h - a second opinion of a model outside: whether it is asked, and what becomes of its
 * answer. Off unless the configuration names a server (classification.md section 1). */
#pragma once
#include "classifier.h"
#include "classify.h"

/* False: the options do not fit together; `say` has heard which. */
bool opinion_check(const classify_config *config, void (*say)(const char *line));

/* A comment that was judged just now. */
typedef struct opinion_about {
    const char *item, *account, *text;
    uint32_t version;
    bool alone; /* written to us alone */
} opinion_about;

/* The working space of looking for what is personal; NULL: no server is named, so nothing is
 * asked. The caller frees it (free). */
struct classify_reading *opinion_room(const classify_config *config);

/* Asks, when the bands, the day's limit and what stands in the comment allow it. Our own verdict
 * has been said before, and waits for nothing. */
UPP_MUST_USE int opinion_consider(upp_txn *txn, const classify_config *config,
                                  const classifier *judge, const struct classify_own *own,
                                  struct classify_reading *room, const opinion_about *about,
                                  const struct classifier_verdict *verdict);

/* The answer of the port `opinion`: OpinionGiven, or nothing but a count. */
UPP_MUST_USE int opinion_answered(upp_txn *txn, const void *self, const upp_input *in,
                                  const void *msg);
