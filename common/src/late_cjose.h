/* late_cjose.h - libcjose at its first use. It brings OpenSSL's libcrypto, which costs each process
 * some 2 MB, also one where nobody signs in by a directory for months. A program that links
 * upp_cjose calls of libcjose what late_cjose.c names, as its headers say; the first call loads it,
 * for good. From any thread, each object by one at a time. */
#pragma once

/* For a port's `lacks` (late.h). */
const char *upp_cjose_lacks(void);
