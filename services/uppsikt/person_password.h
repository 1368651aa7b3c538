/* person_password.h - `uppsikt person password`. */
#pragma once
#include "call.h"

/* Reads a password from --file, a prompt or standard input, and sets the hash of it. The exit
 * code. */
int person_password(verb_call *call);
