/* grant.h - a token that lies sealed with what it is renewed by, where each use of the refresh
 * token makes another (RFC 6749 §6; platforms.md §11): one JSON object, {"client_id",
 * "client_secret", "refresh_token", "access_token"}. The secret is missing for a client that is
 * no confidential one, the access token until the first renewal. Pure. */
#pragma once
#include "renewal.h"

/* An object, and no token as such. */
bool grant_is(const char *secret);
/* It has all that a renewal needs. */
bool grant_is_whole(const char *secret);

/* The access token, in malloc's memory; NULL: there is none yet. */
char *grant_access(const char *secret);

/* What is sent to `url` for a new one. Owned: renewal_done. UPP_E_INPUT: it is not whole. */
int grant_ask(const char *secret, const char *url, renewal *ret_renewal);

/* The object that stands in its place, of the answer to grant_ask, and for how long its access
 * token holds. In malloc's memory; NULL: the answer has no access token. */
char *grant_renewed(const char *secret, const uint8_t *body, size_t len, upp_ms *ret_life);
