/* complaint.c - what a checker finds: where, and a sentence. */
#include "complaint.h"

#include <stdarg.h>
#include <stdio.h>

void complain(complaints *to, const char *path, uint64_t offset, const char *fmt, ...)
{
    char what[256]; /* a longer sentence is cut: none of ours is */
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(what, sizeof(what), fmt, args);
    va_end(args);
    to->n++;
    if (to->say)
        to->say(to->ctx, path, offset, what);
}
