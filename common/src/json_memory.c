/* json_memory.c - an allocator that ends the process. */
#include "json_memory.h"
#include "upp/base.h"
#include <jansson.h>
#include <stdlib.h>

static void *room(size_t size)
{
    void *at = malloc(size);
    upp_check(at || size == 0);
    return at;
}

void upp_json_or_end(void)
{
    json_malloc_t now = NULL;
    json_free_t away = NULL;
    json_get_alloc_funcs(&now, &away);
    if (now != room) /* a port's thread may be reading it */
        json_set_alloc_funcs(room, free);
}
