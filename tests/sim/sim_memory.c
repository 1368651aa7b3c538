/* sim_memory.c - a layer under SQLite's allocator (sqlite.org/malloc.html#testing).
 *
 * Memory runs out when a seed says so. What is given back is kept by size for the next who asks: a
 * service that dies at every tenth transaction does little else. Under a sanitizer each piece comes
 * from malloc itself. */
#include "sim_memory.h"
#include <sqlite3.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
enum { KEEPS = 0 };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
enum { KEEPS = 0 };
#else
enum { KEEPS = 1 };
#endif
#else
enum { KEEPS = 1 };
#endif

/* 64 sizes of 16 bytes each, then doubled up to 64 KiB. */
enum { STEP = 16, SMALL = 1024, LARGEST = 64 * 1024, SIZES = SMALL / STEP + 6 };

typedef struct piece {
    struct piece *next;
} piece;

static struct {
    sqlite3_mem_methods real;
    piece *kept[SIZES];
    uint64_t left; /* 0: nothing fails */
    int failing;
    int bounded;
    int64_t room; /* when bounded: bytes that are left */
} memory;

static int fails(void)
{
    if (memory.left > 0 && --memory.left == 0)
        memory.failing = 1;
    return memory.failing;
}

static int has_room(int64_t n)
{
    if (memory.bounded && n > memory.room)
        return 0;
    memory.room -= n;
    return 1;
}

/* The place of a size; SIZES: it is too large to be kept. */
static size_t place_of(int n)
{
    if (n <= SMALL)
        return n > 0 ? ((size_t)n - 1) / STEP : 0;
    size_t at = SMALL / STEP;
    for (int size = 2 * SMALL; size < n; size *= 2)
        at++;
    return n <= LARGEST ? at : (size_t)SIZES;
}

static int size_of(size_t place)
{
    return place < SMALL / STEP ? (int)(place + 1) * STEP : SMALL << (place - SMALL / STEP + 1);
}

static int round_up(int n)
{
    const size_t place = KEEPS ? place_of(n) : (size_t)SIZES;
    return place < SIZES ? size_of(place) : memory.real.xRoundup(n);
}

static void *take(int n)
{
    if (fails() || !has_room(round_up(n)))
        return NULL;
    const size_t place = KEEPS ? place_of(n) : (size_t)SIZES;
    if (place == SIZES || !memory.kept[place])
        return memory.real.xMalloc(place == SIZES ? n : size_of(place));
    piece *p = memory.kept[place];
    memory.kept[place] = p->next;
    return p;
}

static void give(void *at)
{
    const int n = memory.real.xSize(at);
    memory.room += n;
    const size_t place = KEEPS ? place_of(n) : (size_t)SIZES;
    if (place == SIZES || size_of(place) != n) {
        memory.real.xFree(at);
        return;
    }
    piece *p = at;
    p->next = memory.kept[place];
    memory.kept[place] = p;
}

static void *take_more(void *at, int n)
{
    if (fails())
        return NULL;
    const int had = memory.real.xSize(at);
    if (KEEPS && n <= had && place_of(n) == place_of(had))
        return at;
    if (!KEEPS || (place_of(n) == SIZES && place_of(had) == SIZES))
        return has_room(round_up(n) - had) ? memory.real.xRealloc(at, n) : NULL;
    const uint64_t left = memory.left;
    memory.left = 0; /* one failure an allocation */
    void *more = take(n);
    memory.left = left;
    if (!more)
        return NULL;
    memcpy(more, at, (size_t)(n < had ? n : had));
    give(at);
    return more;
}

void sim_memory_init(void)
{
    sqlite3_mem_methods ours;
    if (memory.real.xMalloc || sqlite3_config(SQLITE_CONFIG_GETMALLOC, &ours) != SQLITE_OK)
        return;
    const sqlite3_mem_methods real = ours;
    ours.xMalloc = take;
    ours.xRealloc = take_more;
    ours.xFree = give;
    ours.xRoundup = round_up;
    if (sqlite3_config(SQLITE_CONFIG_MALLOC, &ours) == SQLITE_OK)
        memory.real = real;
}

void sim_memory_fails(uint64_t n)
{
    memory.left = n;
    memory.failing = 0;
}

void sim_memory_room(int64_t bytes)
{
    memory.bounded = bytes >= 0;
    memory.room = bytes;
}

int sim_memory_failed(void)
{
    return memory.failing;
}
