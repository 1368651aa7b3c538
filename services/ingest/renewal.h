/* renewal.h - a token that ends each hour and is made anew (RFC 6749 §6): what lies sealed is then
 * what it is made of, one JSON object as Google's own programs write it ("authorized_user"). Pure.
 */
#pragma once
#include "upp/base.h"

/* A POST that asks for an access token. Owned: renewal_done, which wipes it. */
typedef struct renewal {
    char *url, *form;
} renewal;
void renewal_done(renewal *r);

/* 1: the secret is a token itself. UPP_E_INPUT: it is an object, but client_id, client_secret or
 * refresh_token is not in it, or its token_uri is neither https nor on this machine. */
int renewal_read(const char *secret, renewal *ret_renewal);

/* The access token in the answer, and for how long it may be used: less than it says, for clocks go
 * differently. In malloc's memory; NULL: there is none. */
char *renewal_token(const uint8_t *body, size_t len, upp_ms *ret_life);
