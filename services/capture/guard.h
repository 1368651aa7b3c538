/* guard.h - which URL and which address a page may reach (reliability.md B3). Pure. */
#pragma once
#include "upp/base.h"

struct sockaddr;

enum { GUARD_HOST = 256 };
typedef struct guard_url {
    enum { GUARD_HTTP, GUARD_HTTPS, GUARD_INLINE, GUARD_OTHER } scheme; /* inline: data:, blob: */
    char host[GUARD_HOST]; /* lower case, without brackets */
    uint16_t port;
} guard_url;

/* What `url` names. False: it has no such form (no host, a port that is none). */
bool guard_parse(const char *url, guard_url *ret_url);
/* Is the address in a range that is routed in public? Not: this machine, private, link-local,
 * carrier-grade, multicast, documentation and translation ranges, also as mapped IPv4. */
bool guard_public(const struct sockaddr *address);
/* NULL: a page may load it as far as can be told without asking for the name's addresses; else
 * why not: "scheme", "port", "address", "url". */
const char *guard_refuses(const char *url, bool private_addresses);
