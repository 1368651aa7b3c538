/* keys.h - the CURVE keys of one deployment's folder: <peer>.pub, 40 characters of Z85 and a
 * newline, for everybody; <peer>.key, the same of the secret key, for that peer alone (0600). While
 * a pair is changed <peer>.pub.old is that peer's key too: who still uses it is let in. */
#pragma once
#include "upp/base.h"

enum { UPP_Z85 = 41, UPP_PEER = 33 }; /* with the zero byte */

typedef struct upp_keys upp_keys;

/* A peer's name: 1-32 characters of a-z, 0-9 and '-', a letter first. */
bool upp_peer_fits(const char *name);

/* Reads every public key of the folder `dir` and the secret key of `self`, which is looked for in
 * $CREDENTIALS_DIRECTORY when `dir` has none (systemd's LoadCredential). NULL: `say` has heard why:
 * no secret key, readable by group or others, not a key, not the one of <self>.pub; two peers with
 * one key. */
upp_keys *upp_keys_open(const char *dir, const char *self, void (*say)(const char *line));
void upp_keys_free(upp_keys *keys); /* wipes the secret; NULL is fine */
/* Reads the folder's public keys again; the secret stays what it was. Negative (UPP_E_INPUT): what
 * was, stays, `say` has heard why. */
int upp_keys_reload(upp_keys *keys, void (*say)(const char *line));
/* Does the folder have another secret key for us than the one that we use, and is it good? */
bool upp_keys_changed(const upp_keys *keys);

const char *upp_keys_self(const upp_keys *keys);
const char *upp_keys_secret(const upp_keys *keys);
const char *upp_keys_public(const upp_keys *keys);
/* Grows by one with each reload that was taken. */
unsigned upp_keys_generation(upp_keys *keys);
/* Whose key is this? From any thread. False: nobody's, or not any more. */
bool upp_keys_peer(upp_keys *keys, const char z85[UPP_Z85], char ret_peer[UPP_PEER]);
/* The public key of `peer`, the newest. False: it has none. */
bool upp_keys_of(upp_keys *keys, const char *peer, char ret_z85[UPP_Z85]);

/* Makes a pair and writes both files, synced, the secret one 0600; a file that is there stays and
 * is a failure. 0, or UPP_E_INPUT with errno set. */
int upp_keys_make(const char *dir, const char *peer);
