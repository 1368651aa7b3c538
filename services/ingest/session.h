/* session.h - sessions of platforms where a name and a password become a token that soon ends (AT
 * Protocol, platforms.md §13). They live in this process's memory alone: nothing of them is in any
 * store, and a start anew is a session anew. No network, no clock. */
#pragma once
#include "upp/base.h"

typedef struct sessions sessions;
/* Never NULL. */
sessions *sessions_new(void);
void sessions_free(sessions *all); /* NULL is fine */

/* Is it a name and a password with one blank between them, and no token? */
bool session_wanted(const char *secret);
/* What asks for a session, from malloc. NULL: no UTF-8. */
char *session_question(const char *secret);
/* The token that this name and password have now; lent. NULL: none. */
const char *session_token(const sessions *all, const char *secret);
/* Keeps the token that the answer gives. False: it gives none. */
bool session_keep(sessions *all, const char *secret, const void *body, size_t len);
void session_drop(sessions *all, const char *secret);
/* Does an answer say that its session has ended? Nothing was done then. */
bool session_ended(long status, const void *body, size_t len);
