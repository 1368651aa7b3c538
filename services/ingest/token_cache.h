/* token_cache.h - access tokens that were made of what lies sealed: in memory alone, found by
 * what they were made of. */
#pragma once
#include "upp/base.h"

enum { TOKEN_CACHE = 32, TOKEN_MADE_OF = 32 };

typedef struct token_cache {
    struct token_made {
        uint8_t of[TOKEN_MADE_OF];
        char *token;
        upp_ms until;
    } made[TOKEN_CACHE];
    size_t next;
} token_cache;

/* One that still holds at `now`, lent until the cache is changed; NULL: there is none. */
const char *token_cache_find(token_cache *cache, const uint8_t of[TOKEN_MADE_OF], upp_ms now);

/* Takes over the token; the oldest makes room. */
void token_cache_keep(token_cache *cache, const uint8_t of[TOKEN_MADE_OF], char *token,
                      upp_ms until);

/* It has ended before its time. */
void token_cache_drop(token_cache *cache, const uint8_t of[TOKEN_MADE_OF]);

/* Wipes and frees all. */
void token_cache_done(token_cache *cache);
