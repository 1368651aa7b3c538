/* login.h - what the two ways to sign in share. Private to login*.c. */
#pragma once
#include "console.h"

/* What is the console's own port's alone. */
int login_from_ourselves(upp_txn *txn, const upp_input *in);
/* A keyed hash: names and addresses are looked up by it, and stand nowhere (R24). */
void login_key(const upp_txn *txn, const char *what, const char *text, char ret_key[UPP_HEX]);
/* Is she of the register, and has not left? Refuses else. */
int login_check_person(upp_txn *txn, const char *person);
/* AccessLogged; `how`: password or directory, "" where that is not the point. */
int login_say(upp_txn *txn, const char *what, const char *how, const char *session,
              const char *person, const char *address);
/* The outcome of SetLogin and SetDirectoryName, with its line in the log. */
int login_was_set(upp_txn *txn, const char *person, const char *what);

typedef struct login_begun {
    const char *token, *person, *address, *how;
} login_begun;
/* A session begins: its row, its line in the log, the command's outcome. */
int login_begin(upp_txn *txn, const console_config *config, const login_begun *begun);
