/* verdict.h - is what the browser shows the page that was asked for? Pure rules over its signs; an
 * error page, a wall or a check for robots is never OK (capture.md §6.1). */
#pragma once
#include "upp/base.h"

enum verdict { VERDICT_OK, VERDICT_LOGIN_WALL, VERDICT_BLOCKED, VERDICT_ERROR, VERDICT_TIMEOUT };

typedef struct verdict_signs {
    const char *asked;     /* URL */
    const char *shown;     /* URL of the document that is there; "" none */
    const char *net_error; /* "net::ERR_..."; NULL: the navigation was answered */
    bool guarded;          /* our own rules refused the document */
    bool broken;           /* its answer broke off */
    bool late;             /* it was not loaded in its time */
    int64_t status;        /* of the document; 0: not known */
    const char *mime;      /* of the document */
    const char *title;     /* UTF-8 */
    const char *text;      /* the visible text, or its beginning */
    size_t text_chars;     /* of all of it */
    bool pictures;         /* there is at least one picture */
    bool password;         /* a visible field for a password */
    bool dialog_over;      /* a dialog with a link to sign in lies over the page */
} verdict_signs;

/* `*ret_why` is short words of our own, static; "" for OK. */
enum verdict verdict_of(const verdict_signs *signs, const char **ret_why);
