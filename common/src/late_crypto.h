/* late_crypto.h - libcrypto at its first use: what reads and checks time stamps (RFC 3161). A
 * program that links upp_crypto calls libcrypto as its manual says; the first call loads it, for
 * good. Who has sent nothing and checks nothing does not hold it. From any thread. */
#pragma once

/* For a port's `lacks` (late.h). */
const char *upp_crypto_lacks(void);
