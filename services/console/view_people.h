/* view_people.h - persons as pages name and offer them. */
#pragma once
#include "people.h"
#include "view.h"

/* "Frida Nor, kommunikatör"; the id of whom nothing is known. */
void view_person(view *v, const people *p, const char *person);
/* <option>s of those who have not left and for whom `wanted` (NULL: all) holds, the one that was
 * chosen selected; `preset` when nothing was sent. */
typedef bool view_wanted(const people *p, const Uppsikt__PersonRow *row, const void *ctx);
void view_person_options(view *v, const people *p, const char *field, const char *preset,
                         view_wanted *wanted, const void *ctx);
/* A select of persons in a field with its label, hint (NULL: none) and complaint; the first choice
 * is nobody. */
void view_person_field(view *v, const people *p, const char *field, const char *label_key,
                       const char *hint_key, const char *preset, view_wanted *wanted,
                       const void *ctx);
/* A field of one line, `type` as HTML has it; of many lines, where it is "textarea". */
void view_text_field(view *v, const char *field, const char *type, const char *label_key,
                     const char *hint_key, const char *preset);
/* There are more of them than these lists hold; nothing, when there are not. */
void view_people_part(view *v, const people *p);
