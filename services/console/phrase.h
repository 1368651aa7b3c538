/* phrase.h - the console's texts, from its catalogues: one `key=text` a line. Pure. */
#pragma once
#include "upp/base.h"

typedef struct phrases phrases;

/* `language`: sv or en; anything else is Swedish. The caller frees. */
phrases *phrases_new(const char *language);
void phrases_free(phrases *p); /* NULL is fine */
/* The text of a key; NULL: there is none. Lives as long as `p`. */
const char *phrase_of(const phrases *p, const char *key);
/* The same; the key itself when there is none. */
const char *phrase(const phrases *p, const char *key);
/* "sv" or "en": what the page's lang attribute says. */
const char *phrases_language(const phrases *p);
