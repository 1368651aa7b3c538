/* json_out.h - one line of JSON with its keys in the order given, for index and pages. */
#pragma once
#include "stream.h"

#include <jansson.h>

void json_done(json_t **value);
/* Sets `key`; `value` (a new reference, NULL when jansson refused it) becomes the object's.
 * UPP_E_INPUT: text that is no UTF-8 (or no memory: jansson does not tell them apart). */
UPP_MUST_USE int json_put(json_t *object, const char *key, json_t *value);
/* Appends `value` without blanks. 0 or UPP_E_BUSY. */
UPP_MUST_USE int json_write(const json_t *value, buf *out);
