/* keys_hand_out.h - `uppsikt keys hand-out DIR`. */
#pragma once
#include "call.h"

/* Makes the keys that are missing, then DIR/<program>/ with what that program alone may have, and
 * DIR/public/ with everybody's public keys. Again: what has changed is changed there, too. */
int keys_hand_out(verb_call *call);
