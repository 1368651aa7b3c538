/* guard.h - the rules of sign-in: who must wait, which session still is one, which form is ours
 * (reliability.md B5, OWASP ASVS 3.5, 6.3, 7.2, 7.3). Pure. */
#pragma once
#include "upp/base.h"

/* How long nobody may try again after the n-th failure in a row (from 1). The first four cost a
 * person nothing, and an address (many may share one) the first twenty; then 1 s, doubled each
 * time, at most 15 min. */
upp_ms guard_wait(int64_t n, bool address);

/* Within the idle limit since it was last used, and the whole limit since it began. */
bool guard_session_holds(upp_ms begun, upp_ms seen, upp_ms now, upp_ms idle_span,
                         upp_ms whole_span);

enum { GUARD_TOKEN = 32, GUARD_HEX = 2 * GUARD_TOKEN + 1, GUARD_ID_HEX = 33 };
/* The SHA-256 of a session's token, in hex: all that is kept of it. */
void guard_digest(const uint8_t token[GUARD_TOKEN], char ret_hex[GUARD_HEX]);
/* What proves that a form with this action and this id was made for this session:
 * HMAC-SHA-256(token, action, id), in hex. */
void guard_seal(const uint8_t token[GUARD_TOKEN], const char *action, const char *id,
                char ret_hex[GUARD_HEX]);
/* In time that does not depend on where they differ. */
bool guard_same(const char *a, const char *b);
/* Exactly 2n hex digits, nothing else. */
bool guard_unhex(const char *hex, size_t n, uint8_t *ret_bytes);
void guard_hex(const uint8_t *bytes, size_t n, char *ret_hex);
/* The n-th of several commands of one form, each with an id of its own. */
void guard_nth_id(const uint8_t id[16], const char *what, uint8_t ret_id[16]);

/* May a request that changes something come from where it says it comes (Sec-Fetch-Site, Origin)?
 * NULL: the header is not there. `own` is our own origin, as "https://uppsikt.kommunen.se". */
bool guard_site(const char *fetch_site, const char *origin, const char *own);

/* The hash of a password that nobody has, of the same cost as all others: a name that is not there
 * takes as long to refuse as one that is. */
const char *guard_nobody(void);

enum guard_flaw { GUARD_FINE, GUARD_SHORT, GUARD_LONG, GUARD_COMMON, GUARD_NAME };
enum { GUARD_PASSWORD_MIN = 15, GUARD_PASSWORD_MAX = 200 };
/* What is wrong with a new password: fewer than 15 characters, more than 200 bytes, one character
 * or a run of keys repeated, the person's own sign-in name in it. */
enum guard_flaw guard_password(const char *password, const char *name);
