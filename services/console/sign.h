/* sign.h - does an answer end with first name and title of who answers (R11)? Pure. */
#pragma once
#include "upp/base.h"

/* At the end, whatever stands between and after them of blanks, line breaks and marks: "Frida,
 * kommunikatör", "/Frida Nor\nKommunikatör". Upper and lower case are the same. An empty name or
 * title is never found. */
bool sign_ends(const char *text, const char *first_name, const char *last_name, const char *title);
/* The text with "\n\nFrida, kommunikatör" at its end; the caller frees. */
char *sign_append(const char *text, const char *first_name, const char *title);
