/* token_box.c - seals and opens tokens; libsodium's secretbox. */
#include "token_box.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(TOKEN_BOX_KEY == crypto_secretbox_KEYBYTES &&
                   TOKEN_BOX_NONCE == crypto_secretbox_NONCEBYTES,
               "named without libsodium's header");

enum { OVERHEAD = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES };

int token_box_key(const char *hex, uint8_t ret_key[TOKEN_BOX_KEY])
{
    size_t len = 0;
    const bool whole =
        hex && sodium_hex2bin(ret_key, TOKEN_BOX_KEY, hex, strlen(hex), NULL, &len, NULL) == 0 &&
        len == TOKEN_BOX_KEY;
    return whole ? 0 : UPP_E_INPUT;
}

uint8_t *token_box_seal(const uint8_t key[TOKEN_BOX_KEY], const uint8_t nonce[TOKEN_BOX_NONCE],
                        const char *token, size_t *ret_len)
{
    const size_t len = strlen(token);
    uint8_t *sealed = malloc(OVERHEAD + len);
    upp_check(sealed);
    memcpy(sealed, nonce, TOKEN_BOX_NONCE);
    crypto_secretbox_easy(sealed + TOKEN_BOX_NONCE, (const uint8_t *)token, len, nonce, key);
    *ret_len = OVERHEAD + len;
    return sealed;
}

char *token_box_open(const uint8_t key[TOKEN_BOX_KEY], const uint8_t *sealed, size_t len)
{
    if (len <= OVERHEAD)
        return NULL;
    char *token = calloc(1, len - OVERHEAD + 1);
    upp_check(token);
    if (crypto_secretbox_open_easy((uint8_t *)token, sealed + TOKEN_BOX_NONCE,
                                   len - TOKEN_BOX_NONCE, sealed, key) == 0)
        return token;
    free(token);
    return NULL;
}

char *token_box_open_line(const uint8_t key[TOKEN_BOX_KEY], const uint8_t *sealed, size_t len)
{
    char *token = token_box_open(key, sealed, len);
    if (!token || !strpbrk(token, "\r\n"))
        return token;
    token_wipe(token);
    return NULL;
}

void token_wipe(char *text)
{
    if (text)
        sodium_memzero(text, strlen(text));
    free(text);
}
