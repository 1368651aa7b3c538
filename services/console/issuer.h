/* issuer.h - the directory as it describes itself (OpenID Connect Discovery 1.0 §3, RFC 8414 §2),
 * and what is said to it and read of it (RFC 6749 §4.1, RFC 7636). Pure. */
#pragma once
#include "sign_try.h"

enum { ISSUER_URL = 1001, ISSUER_ANSWER = 64 * 1024, ISSUER_CODE = 48 };

typedef struct issuer {
    char authorization[ISSUER_URL], token[ISSUER_URL], keys[ISSUER_URL];
    bool secret_in_body; /* it takes the client's secret in the form alone, not as Basic */
    bool says_itself;    /* whoever comes back from it brings `iss` (RFC 9207) */
} issuer;

typedef struct issuer_client {
    const char *issuer, *id, *secret, *scopes; /* secret: NULL when the client has none */
    const char *back;                          /* our redirect URI */
} issuer_client;

/* https, or http on this machine; no blanks, no fragment, no user; at most ISSUER_URL - 1 bytes. */
bool issuer_url_is_fine(const char *url);
/* Where it describes itself. The caller frees. */
char *issuer_description(const char *issuer);
/* Reads the description. NULL: fine; else what is wrong with it, for the operators: another issuer
 * than `name`, a part that is missing, addresses elsewhere while it is on this machine, no S256. */
const char *issuer_read(const char *text, const char *name, issuer *ret_issuer);

/* Where the browser is sent. The caller frees. */
char *issuer_question(const issuer *from, const issuer_client *client, const sign_words *words);
/* The form that exchanges a code for a token. `ret_login`: "id:secret" for Basic, each part encoded
 * as RFC 6749 §2.3.1 has it; NULL when the form says it. The caller frees both. */
char *issuer_exchange(const issuer *from, const issuer_client *client, const char *code,
                      const sign_words *words, char **ret_login);
/* The ID token of its answer. NULL: there is none. The caller frees. */
char *issuer_token(const char *text);
/* What it says went wrong, for the operators: one of the short words of RFC 6749 §5.2, as
 * invalid_client. "": none that may stand in a log. */
void issuer_error(const char *text, char ret_code[ISSUER_CODE]);
/* Such a word: small letters and underscores alone. */
bool issuer_code_is_fine(const char *code);
