/* mail_in_bound.h - a mail of any bytes made harmless to who parses it. Pure. */
#pragma once
#include "upp/base.h"

/* A copy for GMime, which goes down the stack for each group in a field of addresses, and keeps
 * some hundred bytes for each part and field, however many there are: such a field ends after its
 * first kilobyte, another after 64, and the mail after so many lines that may begin a part or a
 * field (in its text, too) as no real mail has, or after a megabyte. The caller frees. */
char *mail_in_bound(const uint8_t *bytes, size_t len, size_t *ret_len);
