/* json_memory.h - jansson on a machine without memory. */
#pragma once

/* From now on an allocation of jansson that fails ends the process, as everywhere in the suite:
 * jansson itself says "malformed" then, or leaves a field out, and a comment would be set aside, or
 * a copy sealed, without it. For the whole process; again does nothing. */
void upp_json_or_end(void);
