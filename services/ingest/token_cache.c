/* token_cache.c - a few access tokens, each with its end. */
#include "token_cache.h"
#include "token_box.h"
#include <string.h>

static struct token_made *found(token_cache *cache, const uint8_t of[TOKEN_MADE_OF])
{
    for (size_t i = 0; i < TOKEN_CACHE; i++)
        if (cache->made[i].token && memcmp(cache->made[i].of, of, TOKEN_MADE_OF) == 0)
            return &cache->made[i];
    return NULL;
}

const char *token_cache_find(token_cache *cache, const uint8_t of[TOKEN_MADE_OF], upp_ms now)
{
    const struct token_made *m = found(cache, of);
    return m && now < m->until ? m->token : NULL;
}

void token_cache_keep(token_cache *cache, const uint8_t of[TOKEN_MADE_OF], char *token,
                      upp_ms until)
{
    struct token_made *m = found(cache, of);
    if (!m)
        m = &cache->made[cache->next++ % TOKEN_CACHE];
    token_wipe(m->token);
    memcpy(m->of, of, TOKEN_MADE_OF);
    m->token = token;
    m->until = until;
}

void token_cache_drop(token_cache *cache, const uint8_t of[TOKEN_MADE_OF])
{
    struct token_made *m = found(cache, of);
    if (m)
        m->until = 0;
}

void token_cache_done(token_cache *cache)
{
    for (size_t i = 0; i < TOKEN_CACHE; i++)
        token_wipe(cache->made[i].token);
    *cache = (token_cache){ 0 };
}
