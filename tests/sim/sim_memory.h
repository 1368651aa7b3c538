/* sim_memory.h - SQLite's allocations, of which one fails: a machine without memory (reliability.md
 * §10). For the whole process; nothing fails by itself. */
#pragma once
#include <stdint.h>

/* Before SQLite's first use in the process; later it does nothing. */
void sim_memory_init(void);
/* The n-th allocation from now fails, and all after it, until it is called with 0. */
void sim_memory_fails(uint64_t n);
/* From now on it holds so many bytes more at the most; negative: as many as it asks for. */
void sim_memory_room(int64_t bytes);
/* Has one failed since? */
int sim_memory_failed(void);
