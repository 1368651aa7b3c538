/* base.c - how a broken contract ends the process. */
#include "upp/base.h"
#include <stdio.h>
#include <stdlib.h>

_Noreturn void upp_broken(const char *fact, const char *file, int line)
{
    fprintf(stderr, "%s:%d: broken contract: %s\n", file, line, fact);
    abort();
}
