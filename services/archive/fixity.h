/* fixity.h - SHA-256 of what is packed, as text (FIPS 180-4; nettle). */
#pragma once
#include "stream.h"

#define FIXITY_HEX 65 /* 64 lower-case hexadecimal digits and a zero byte */

/* The SHA-256 of `head` followed by `body`. */
void fixity_of(upp_bytes head, upp_bytes body, char ret_hex[FIXITY_HEX]);
/* The SHA-256 of all of `in`. 0, or what the source gave. */
UPP_MUST_USE int fixity_of_source(const source *in, char ret_hex[FIXITY_HEX]);
/* Whether `text` is 64 lower-case hexadecimal digits and no more. */
bool fixity_well_formed(const char *text);
/* Lower-case hexadecimal of `n` bytes and a zero byte: 2 * n + 1 bytes. */
void fixity_hex(const uint8_t *bytes, size_t n, char *ret_hex);
