/* link.h - the links in mails: whom each was sent to, about what, until when (sla.md §7, R17). A
 * token is 32 random bytes in base64url. It lies in the mail alone; we keep its HMAC-SHA-256 under
 * the deployment's look-up key, so that nobody who reads the database can act. */
#pragma once
#include "escalation.h"

enum { LINK_TOKEN = 44 }; /* 43 characters and a zero byte */

typedef struct link_row {
    char matter[MATTER_ID], person[64];
    upp_ms expires_ms;
} link_row;

/* A fresh link for this person to this matter. */
UPP_MUST_USE int link_make(upp_txn *txn, const rules *r, const char *id, const char *person,
                           char ret_token[LINK_TOKEN]);
/* 1: there is no such link. Says nothing of whether it has expired. */
UPP_MUST_USE int link_read(upp_txn *txn, const char *token, link_row *ret_row);
/* Removes what expired long ago. */
int link_alarm(upp_txn *txn, const rules *r, const char *about);
int on_link_target(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
