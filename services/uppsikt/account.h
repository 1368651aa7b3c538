/* account.h - what crosses the files of `uppsikt account`. */
#pragma once
#include "call.h"

/* account_load.c: `uppsikt account load FILE`. */
int account_load(verb_call *call);
