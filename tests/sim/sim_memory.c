/* sim_memory.c - a layer under SQLite's allocator (sqlite.org/malloc.html#testing). */
#include "sim_memory.h"
#include <sqlite3.h>
#include <string.h>

static struct {
    sqlite3_mem_methods real;
    uint64_t left; /* 0: nothing fails */
    int failing;
} memory;

static int fails(void)
{
    if (memory.left > 0 && --memory.left == 0)
        memory.failing = 1;
    return memory.failing;
}

static void *take(int n)
{
    return fails() ? NULL : memory.real.xMalloc(n);
}

static void *take_more(void *at, int n)
{
    return fails() ? NULL : memory.real.xRealloc(at, n);
}

void sim_memory_init(void)
{
    sqlite3_mem_methods ours;
    if (memory.real.xMalloc || sqlite3_config(SQLITE_CONFIG_GETMALLOC, &ours) != SQLITE_OK)
        return;
    const sqlite3_mem_methods real = ours;
    ours.xMalloc = take;
    ours.xRealloc = take_more;
    if (sqlite3_config(SQLITE_CONFIG_MALLOC, &ours) == SQLITE_OK)
        memory.real = real;
}

void sim_memory_fails(uint64_t n)
{
    memory.left = n;
    memory.failing = 0;
}

int sim_memory_failed(void)
{
    return memory.failing;
}
