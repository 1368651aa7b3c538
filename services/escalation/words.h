/* words.h - the texts that people read, from the catalogues escalation.sv.txt and .en.txt. Pure. */
#pragma once
#include "upp/base.h"

/* The text of a key ("mail.subject-one"); the key itself when the catalogue lacks it. Written into
 * `ret_text`, always ended. Swedish unless `language` is "en". */
const char *words_get(const char *language, const char *key, char *ret_text, size_t size);

enum { WORDS_TIME = 64 };
/* "tis 24 nov 15.30" on a clock that shows `local_ms` (milliseconds since 1970 on that clock). */
void words_when(const char *language, int64_t local_ms, char ret_text[WORDS_TIME]);
/* "2 tim kvar", "40 min kvar", "försenad 1 dag". */
void words_left(const char *language, upp_ms left_span, char ret_text[WORDS_TIME]);
