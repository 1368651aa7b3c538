/* memory_fail.h - a machine without memory: the process's allocations, of which some fail. Linked
 * into a program it stands before the C library's malloc, so that it holds for every library there
 * is (SQLite, jansson, protobuf-c). Nothing fails by itself. For glibc, without sanitizers. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* The n-th allocation from now fails; with `lasting`, so do all after it. 0: none. The count begins
 * anew. */
void memory_fails(uint64_t n, bool lasting);
/* Allocations that were asked for since memory_fails was last called. */
uint64_t memory_asked(void);
