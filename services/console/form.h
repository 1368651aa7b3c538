/* form.h - what a browser sends: fields of a form or a query, cookies. Pure. */
#pragma once
#include "upp/base.h"

enum { FORM_FIELDS = 256 };
typedef struct form {
    char *text; /* own: names and values, decoded */
    struct {
        const char *name, *value;
    } fields[FORM_FIELDS];
    size_t n;
} form;

/* Reads application/x-www-form-urlencoded. False: not UTF-8, a zero in it, a half escape, or more
 * fields than there is room for; nothing is kept then. `ret_form` is zeroed first. */
bool form_read(const char *text, size_t len, form *ret_form);
void form_done(form *f);
/* The first value with that name; "" when there is none. */
const char *form_value(const form *f, const char *name);
bool form_has(const form *f, const char *name);
/* The value of a cookie in a Cookie header (RFC 6265 §5.4). False: it is not there or is longer. */
bool form_cookie(const char *header, const char *name, char *ret_value, size_t size);
/* Without blanks and line breaks at both ends, in place; line breaks become \n alone. */
void form_trim(char *text);
