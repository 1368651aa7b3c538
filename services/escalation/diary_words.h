/* diary_words.h - the words of a package, asked of their owners over the bus when it is made:
 * escalation keeps none of them (rights.yaml). Blocks: for the port's worker. */
#pragma once
#include "diary_package.h"

struct upp_place;
typedef struct diary_words diary_words;

/* NULL when our key cannot be read; `say` hears why. */
diary_words *diary_words_new(const struct upp_place *place, void (*say)(const char *line));
void diary_words_free(diary_words *w); /* NULL is fine */
/* Fills `ret_case` but for its zone and language; what it lends lives until the next call. 0; 1:
 * what is to be registered has been disposed of; UPP_E_BUSY: an owner does not answer just now, or
 * refuses: diary_words_why. */
UPP_MUST_USE int diary_words_read(diary_words *w, const Uppsikt__SendDiary *ask,
                                  diary_case *ret_case);
const char *diary_words_why(const diary_words *w);
