/* memory_fail.c - malloc, calloc and realloc before those of glibc, which lets a program do so
 * (glibc manual, "Replacing malloc"); free stays its own. One thread. */
#include "memory_fail.h"
#include <errno.h>
#include <stddef.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *at, size_t size);
void *malloc(size_t size);
void *calloc(size_t n, size_t size);
void *realloc(void *at, size_t size);

static struct {
    uint64_t fails_at, asked;
    bool lasting;
} memory;

void memory_fails(uint64_t n, bool lasting)
{
    memory.fails_at = n;
    memory.lasting = lasting;
    memory.asked = 0;
}

uint64_t memory_asked(void)
{
    return memory.asked;
}

static bool fails(void)
{
    const uint64_t n = ++memory.asked;
    if (memory.fails_at == 0 || n < memory.fails_at || (n > memory.fails_at && !memory.lasting))
        return false;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    return fails() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *at, size_t size)
{
    return fails() ? NULL : __libc_realloc(at, size);
}
