/* secret.h - a webhook's secret, made from the deployment's key and its subscriber's name, and the
 * signature that is made with it (standardwebhooks.com, 1.0). Pure. */
#pragma once
#include "upp/base.h"

enum { SECRET_TEXT = 64, SECRET_SIGNATURE = 64 };

/* "whsec_" and base64 of 32 bytes: what the receiver is given. False: `key` is not 64 hexadecimal
 * digits. */
bool secret_text(const char *key, const char *subscriber, char ret_text[SECRET_TEXT]);
/* "v1," and base64 of HMAC-SHA256("<id>.<timestamp>.<body>"). */
bool secret_sign(const char *key, const char *subscriber, const char *id, int64_t timestamp,
                 const char *body, char ret_signature[SECRET_SIGNATURE]);
