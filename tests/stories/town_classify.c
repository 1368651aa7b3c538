/* town_classify.c - classify in the town: the real service, but its lexicons and model are read
 * once and not again at each of its thousand deaths; nothing in them ever changes. */
#include "town.h"
#include "town_part.h"

extern const upp_service upp_classify_service;

static void *read_once; /* one simulation runs at a time */

static void *share(const void *config, void (*say)(const char *line))
{
    if (!read_once)
        read_once = upp_classify_service.open(config, say);
    return read_once;
}

static void leave(void *self)
{
    upp_check(self == read_once);
}

static upp_service shared;

static void *begin(void)
{
    shared = upp_classify_service;
    shared.open = share;
    shared.close = leave;
    return NULL;
}

static void end(void *nothing)
{
    (void)nothing;
    upp_classify_service.close(read_once);
    read_once = NULL;
}

const town_part town_classify = {
    .flag = TOWN_CLASSIFY, .service = &shared, .begin = begin, .end = end
};
const town_part town_classify_2 = { .flag = TOWN_PARTS, .service = &shared };
