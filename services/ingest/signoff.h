/* signoff.h - does an answer end with who wrote it (R11)? Pure. */
#pragma once
#include "upp/base.h"

/* True when the text ends with the first name and the title, the last name between them or not:
 * "... Hälsningar Anna, kommunikatör", "/Anna Ek\nKommunikatör". Capitals do not matter, nor
 * what stands between the words or after them as long as it is no letter or digit. An empty
 * first name or title signs nothing. */
bool signoff_ends(const char *text, const char *first_name, const char *last_name,
                  const char *title);
/* Characters of a UTF-8 text, as a platform counts them: code points. */
size_t signoff_length(const char *text);
