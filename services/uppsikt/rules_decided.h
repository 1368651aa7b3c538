/* rules_decided.h - what people's decisions have to teach (R25). */
#pragma once
#include "call.h"

/* `uppsikt rules decided FROM..TO`: the exit code. */
int rules_decided(verb_call *call);
