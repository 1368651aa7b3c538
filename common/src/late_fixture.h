/* late_fixture.h - for tests of late libraries: whether one is there now. After setjmp.h, stdarg.h,
 * stdint.h and cmocka.h. */
#pragma once
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Does this process hold a file whose path has `name` in it? */
static inline bool late_is_mapped(const char *name)
{
    char line[1024];
    bool found = false;
    FILE *maps = fopen("/proc/self/maps", "r");
    assert_non_null(maps);
    while (!found && fgets(line, sizeof line, maps))
        found = strstr(line, name) != NULL;
    fclose(maps);
    return found;
}
