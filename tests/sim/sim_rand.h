/* sim_rand.h - all chance of a simulated run comes from here, and all of it is the seed's.
 *
 * xoshiro256** 1.0 seeded by splitmix64 (Blackman and Vigna, public domain); FNV-1a for run
 * hashes. */
#pragma once
#include "upp/base.h"

typedef struct sim_rand {
    uint64_t s[4];
} sim_rand;

static inline uint64_t sim_splitmix(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Two streams of one seed never meet: `stream` is who draws (a disk, the net, a node). */
static inline sim_rand sim_rand_new(uint64_t seed, uint64_t stream)
{
    uint64_t state = seed ^ (stream * 0xd1342543de82ef95u + 0x2545f4914f6cdd1du);
    sim_rand r;
    for (size_t i = 0; i < UPP_LEN(r.s); i++)
        r.s[i] = sim_splitmix(&state);
    return r;
}

static inline uint64_t sim_rotl(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

static inline uint64_t sim_draw(sim_rand *r)
{
    const uint64_t out = sim_rotl(r->s[1] * 5, 7) * 9, t = r->s[1] << 17;
    r->s[2] ^= r->s[0];
    r->s[3] ^= r->s[1];
    r->s[1] ^= r->s[2];
    r->s[0] ^= r->s[3];
    r->s[2] ^= t;
    r->s[3] = sim_rotl(r->s[3], 45);
    return out;
}

/* 0 .. n - 1; n > 0. The bias of the remainder does not matter here. */
static inline uint64_t sim_below(sim_rand *r, uint64_t n)
{
    upp_check(n > 0);
    return sim_draw(r) % n;
}

/* This often, in percent. At 0 nothing is drawn: a fault that is off does not move the others. */
static inline bool sim_chance(sim_rand *r, unsigned percent)
{
    return percent > 0 && sim_below(r, 100) < percent;
}

static inline void sim_fill(sim_rand *r, uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)(sim_draw(r) >> 56);
}

#define SIM_FNV ((uint64_t)0xcbf29ce484222325u)
static inline uint64_t sim_fnv(uint64_t hash, const void *bytes, size_t n)
{
    const uint8_t *at = bytes;
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ at[i]) * 0x100000001b3u;
    return hash;
}
