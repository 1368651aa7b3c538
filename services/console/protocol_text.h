/* protocol_text.h - the protocol of a disposal as a text: who proposed, who approved, by what
 * right, each item of the list with its copies' seals (R23). Facts alone. Pure. */
#pragma once
#include "moment.h"
#include "stream.h"
#include "uppsikt/evidence.pb-c.h"

/* Its head, in the language of the clock's phrases; what was done, when it is done. 0 or
 * UPP_E_BUSY: no memory. */
UPP_MUST_USE int protocol_head(buf *out, const moment_clock *c, const Uppsikt__DisposalRow *row);
/* One item, after those before it. UPP_E_BUSY as above. */
UPP_MUST_USE int protocol_item(buf *out, const phrases *words, const Uppsikt__DisposedRow *row);
