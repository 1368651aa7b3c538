/* objects.h - the folder of what is too large for a message: parts out, forgotten files away. */
#pragma once
#include "upp/node.h"
#include "uppsikt/bus.pb-c.h"
#include "wire.h"

enum { UPP_PART_BYTES = 64 * 1024 };

/* Answers an ObjectGet: the part that was asked for, or why not, into *ret_part, whose `bytes` lie
 * in `room`. What it points to lives as long as `get` and `room`. Negative: the store said no. */
int upp_objects_part(upp_node *node, const char *folder, const Uppsikt__ObjectGet *get,
                     uint8_t room[UPP_PART_BYTES], Uppsikt__ObjectPart *ret_part,
                     uint8_t ret_sha256[32]);

/* Is there a file that was forgotten? Takes away at most `limit` and notes their ids; the caller
 * then tells the node (upp_node_unlinked, inside a batch). Returns how many; negative: the store
 * said no. Each of `ret_ids` is from malloc. */
int upp_objects_unlink(upp_node *node, const char *folder, char **ret_ids, int limit);
