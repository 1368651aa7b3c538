/* token_box.h - tokens and secrets as they lie in the store: nonce || secretbox, under the
 * deployment's key, which is a file of its own (platforms.md §3 rule 9). Pure. */
#pragma once
#include "upp/base.h"

enum { TOKEN_BOX_KEY = 32, TOKEN_BOX_NONCE = 24 };

/* Reads `token_key`: 64 hexadecimal digits. UPP_E_INPUT: it is none. */
int token_box_key(const char *hex, uint8_t ret_key[TOKEN_BOX_KEY]);

/* In malloc's memory; the nonce must be drawn for it alone. */
uint8_t *token_box_seal(const uint8_t key[TOKEN_BOX_KEY], const uint8_t nonce[TOKEN_BOX_NONCE],
                        const char *token, size_t *ret_len);

/* In malloc's memory, to be wiped; NULL: it does not open under this key. */
char *token_box_open(const uint8_t key[TOKEN_BOX_KEY], const uint8_t *sealed, size_t len);
/* As above; NULL, too, when it holds a line's end, which no header may. */
char *token_box_open_line(const uint8_t key[TOKEN_BOX_KEY], const uint8_t *sealed, size_t len);

/* Overwrites a text, then frees it; NULL is fine. */
void token_wipe(char *text);
