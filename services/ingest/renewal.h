/* renewal.h - a token that soon ends and is made anew. What lies sealed is then what it is made of:
 * one JSON object as Google's own programs write it ("authorized_user", RFC 6749 §6), or a name and
 * a password where the platform makes a session of them (AT Protocol, platforms.md §13). Pure. */
#pragma once
#include "upp/base.h"

/* A POST that asks for an access token. Owned: renewal_done, which wipes it. */
typedef struct renewal {
    char *url, *body;
    char *basic;      /* the whole header that says who asks; NULL: the body does */
    const char *type; /* of the body; static */
} renewal;
void renewal_done(renewal *r);

/* `session_url`: where sessions are made, "" where none are. 1: the secret is a token itself.
 * UPP_E_INPUT: it is an object, but client_id, client_secret or refresh_token is not in it, or its
 * token_uri is neither https nor on this machine; or a name and a password that are no UTF-8. */
int renewal_read(const char *secret, const char *session_url, renewal *ret_renewal);
/* Does an answer say that its token has ended before its time? Nothing was done then. */
bool renewal_ended(long status, const uint8_t *body, size_t len);

/* The access token in the answer, and for how long it may be used: less than it says, for clocks go
 * differently. In malloc's memory; NULL: there is none. */
char *renewal_token(const uint8_t *body, size_t len, upp_ms *ret_life);
