/* token.h - a folded comment as words, numbers, pictures and marks, in sentences. */
#pragma once
#include "fold.h"
#include "letters_same.h"
#include "small_word.h"

#define TOKEN_TEXT_MAX    40
#define TOKEN_LETTERS_MAX (CLASSIFY_TEXT_MAX + TOKEN_TEXT_MAX)

enum token_kind { TOKEN_WORD, TOKEN_NUMBER, TOKEN_PICTURE, TOKEN_MARK };

enum token_flag {
    TOKEN_CAPITAL = 1,   /* begins with a capital letter */
    TOKEN_SHOUT = 2,     /* two letters or more, all capitals */
    TOKEN_DISGUISED = 4, /* became a known word only when a disguise was taken off */
    TOKEN_SWEDISH = 8    /* has a letter that English has not: å, ä, ö */
};

struct classify_token {
    uint16_t from, to; /* bytes of the fold */
    uint16_t text;     /* its letters, in `letters` */
    uint8_t len;
    uint8_t kind, flags;
    uint16_t sentence;
    uint16_t small; /* in small_words; 0: it is none of them, or no word */
    uint32_t hash;  /* of its letters (token_hash) */
};

struct classify_tokens {
    size_t n, n_sentences;
    struct classify_token at[CLASSIFY_TEXT_MAX];
    size_t n_letters;
    /* TOKEN_TEXT_MAX bytes can be read from where any token begins. */
    uint8_t letters[TOKEN_LETTERS_MAX + TOKEN_TEXT_MAX];
};

/* Whether a word is one that people disguise (a swear word, an insult, a slur). `mask`: `word`
 * holds wild cards ('*'); then the word meant is written to `ret` (at most TOKEN_TEXT_MAX bytes)
 * and its length given back. 0: no. */
typedef size_t token_known(const void *ctx, const uint8_t *word, size_t len, bool mask,
                           uint8_t *ret);

/* Splits. Letters strewn apart are joined, runs of more than two of a letter shortened, and leet
 * and masks taken off where `known` then knows the word. Linear: no word is longer than
 * TOKEN_TEXT_MAX. `ctx` is handed to `known`. */
void classify_tokenise(const struct classify_fold *fold, token_known *known, const void *ctx,
                       struct classify_tokens *ret_tokens);

static inline const uint8_t *token_text(const struct classify_tokens *tokens,
                                        const struct classify_token *token)
{
    return tokens->letters + token->text;
}

/* One step of the hash of letters: words and all their beginnings hash alike (FNV-1a). */
#define TOKEN_HASH_START 2166136261u
static inline uint32_t token_hash_step(uint32_t hash, uint8_t c)
{
    return (hash ^ c) * 16777619u;
}

static inline uint32_t token_hash(const uint8_t *text, size_t len)
{
    uint32_t hash = TOKEN_HASH_START;
    for (size_t i = 0; i < len; i++)
        hash = token_hash_step(hash, text[i]);
    return hash;
}

static inline bool token_has(const struct classify_token *token, unsigned roles)
{
    return (small_words[token->small].roles & roles) != 0;
}

/* Whether the token is the ASCII word `word`, or a Latin-1 one with \xE5 \xE4 \xF6. Nearly all are
 * told by their first letter. */
static inline bool token_is(const struct classify_tokens *tokens,
                            const struct classify_token *token, const char *word)
{
    const uint8_t *text = token_text(tokens, token);
    return text[0] == (uint8_t)word[0] && token->len == strlen(word) &&
           letters_same(text, (const uint8_t *)word, token->len);
}
