/* backup_seal.h - files of a backup that one key alone can open. Whoever takes the backup has the
 * public half; the secret half is not on the machine (operations.md §2.1).
 *
 * A sealed file: 8 bytes "UPPBAK" 0 1; a fresh key for this file in a sealed box to the recipient
 * (libsodium's crypto_box_seal); then the file in parts of 64 KiB, each encrypted and bound to its
 * place in the row (crypto_secretstream_xchacha20poly1305), the last one marked as the last. The
 * file's name in the backup is bound to the first part: no file stands in another's place. */
#pragma once
#include "home.h"

enum { SEAL_KEY = 32, SEAL_TEXT = 2 * SEAL_KEY + 1 };
#define SEAL_SUFFIX ".sealed"
/* The public half that backups are sealed to, beside the configuration. */
#define SEAL_RECIPIENT "backup.pub"

typedef struct seal_key {
    uint8_t open[SEAL_KEY]; /* the public half: everybody's */
    uint8_t secret[SEAL_KEY];
} seal_key;

/* A new pair: `path` gets the secret half (64 hexadecimal digits, 0600, never over another),
 * *ret_key both. CALL_DONE; CALL_WRONG, CALL_CONFIG: said. */
int seal_key_make(const char *path, seal_key *ret_key);
/* Reads the file that seal_key_make wrote. False: said. seal_key_wipe when done. */
bool seal_key_read(const char *path, seal_key *ret_key);
void seal_key_wipe(seal_key *key);
/* The public half as text, and read from a file that holds it. False: said. */
void seal_open_text(const uint8_t open[SEAL_KEY], char ret_text[SEAL_TEXT]);
bool seal_open_read(const char *path, uint8_t ret_open[SEAL_KEY]);

/* Seals what is left of the descriptor `from` into `to`, as `name`. False: errno tells why. */
bool seal_pour(int from, int to, const char *name, const uint8_t recipient[SEAL_KEY]);
/* The reverse. NULL: done; else why not, static: another key's, changed, cut short, longer than it
 * was, or errno's words. What was written before that is to be thrown away. */
const char *seal_open_pour(int from, int to, const char *name, const seal_key *key);
