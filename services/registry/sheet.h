/* sheet.h - a text that grows; in HTML, everything that people wrote goes through sheet_escape. */
#pragma once
#include "upp/base.h"

typedef struct sheet {
    char *at; /* ends with a zero byte */
    size_t len, size;
} sheet;

void sheet_bytes(sheet *s, const char *at, size_t n);
void sheet_add(sheet *s, const char *text);    /* as it is: our own words only */
void sheet_escape(sheet *s, const char *text); /* for HTML's text and quoted attributes */
void sheet_phrase(sheet *s, const char *key);  /* the catalogue's, escaped */
