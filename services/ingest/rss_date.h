/* rss_date.h - the dates of RSS 2.0: RFC 822's with a year of two digits or four, as mail has
 * them (RFC 2822 §3.3, §4.3). Pure. */
#pragma once
#include "upp/base.h"

/* "Mon, 26 Mar 2018 16:33:26 +0200"; the day's name and the seconds may be missing, a zone that is
 * a name but none of RFC 822's is UTC. UPP_E_INPUT: it is no such date. */
int rss_date_read(const char *text, upp_ms *ret_ms) UPP_MUST_USE;
