/* type_named.c - a search in the sorted table that the build makes of proto/uppsikt. */
#include "type_named.h"
#include <stdlib.h>
#include <string.h>

extern const ProtobufCMessageDescriptor *const upp_type_table[];
extern const size_t upp_type_table_n;

static int compare(const void *key, const void *member)
{
    const upp_bytes *name = key;
    const ProtobufCMessageDescriptor *const *type = member;
    const size_t n = strlen((*type)->name);
    const int c = memcmp(name->at, (*type)->name, name->len < n ? name->len : n);
    return c ? c : (name->len > n) - (name->len < n);
}

const ProtobufCMessageDescriptor *upp_type_named(upp_bytes name)
{
    if (name.len == 0)
        return NULL;
    const ProtobufCMessageDescriptor *const *found =
        bsearch(&name, upp_type_table, upp_type_table_n, sizeof *upp_type_table, compare);
    return found ? *found : NULL;
}
