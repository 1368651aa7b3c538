/* wide.h - numbers side by side, and inner loops for machines with vectors of 256 bits.
 *
 * One body in C, WIDE_BODY, is compiled twice: in a function marked WIDE_TARGET, which is called
 * where wide_here() says so, and in a plain one. Both compute the same lanes in the same order, so
 * the answer is the same to the bit. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define WIDE_BODY static inline __attribute__((always_inline))

#if defined(__x86_64__)
#define WIDE_TARGET __attribute__((target("avx2")))
static inline bool wide_here(void)
{
    return __builtin_cpu_supports("avx2") != 0;
}
#else
#define WIDE_TARGET
static inline bool wide_here(void)
{
    return false;
}
#endif

typedef float wide_floats __attribute__((vector_size(32)));
typedef int32_t wide_ints __attribute__((vector_size(32)));
typedef int16_t wide_shorts __attribute__((vector_size(32)));
/* The same where they lie in an array of such numbers: *(const wide_floats_at *)&array[i]. */
typedef float wide_floats_at __attribute__((vector_size(32), aligned(4), may_alias));
typedef int16_t wide_shorts_at __attribute__((vector_size(32), aligned(2), may_alias));

enum { WIDE_FLOATS = 8, WIDE_SHORTS = 16 };
