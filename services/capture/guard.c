/* guard.c - URLs and address ranges. */
#include "guard.h"
#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

static bool starts(const char *text, const char *with)
{
    return strncasecmp(text, with, strlen(with)) == 0;
}

static bool take_port(const char *text, size_t n, uint16_t *ret_port)
{
    unsigned long port = 0;
    if (n == 0 || n > 5)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!isdigit((unsigned char)text[i]))
            return false;
        port = port * 10 + (unsigned long)(text[i] - '0');
    }
    if (port == 0 || port > 65535)
        return false;
    *ret_port = (uint16_t)port;
    return true;
}

bool guard_parse(const char *url, guard_url *ret_url)
{
    guard_url out = { .port = 80, .scheme = GUARD_HTTP };
    if (starts(url, "data:") || starts(url, "blob:") || strcmp(url, "about:blank") == 0) {
        out.scheme = GUARD_INLINE;
        *ret_url = out;
        return true;
    }
    const char *colon = strstr(url, "://");
    if (!colon)
        return false;
    if (starts(url, "https://") || starts(url, "wss://")) {
        out.scheme = GUARD_HTTPS;
        out.port = 443;
    } else if (!starts(url, "http://") && !starts(url, "ws://")) {
        out.scheme = GUARD_OTHER;
        *ret_url = out;
        return true;
    }
    const char *at = colon + 3;
    const size_t authority = strcspn(at, "/?#\\");
    for (size_t i = authority; i > 0; i--) /* names before the host are not the host's */
        if (at[i - 1] == '@')
            return false;
    const char *end = at + authority;
    const char *host_end;
    if (*at == '[') {
        host_end = memchr(at, ']', authority);
        if (!host_end)
            return false;
        at++;
        if (host_end + 1 != end &&
            (host_end[1] != ':' ||
             !take_port(host_end + 2, (size_t)(end - host_end) - 2, &out.port)))
            return false;
    } else {
        const char *port = memchr(at, ':', authority);
        host_end = port ? port : end;
        if (port && !take_port(port + 1, (size_t)(end - port) - 1, &out.port))
            return false;
    }
    const size_t n = (size_t)(host_end - at);
    if (n == 0 || n >= sizeof out.host)
        return false;
    for (size_t i = 0; i < n; i++)
        out.host[i] = (char)tolower((unsigned char)at[i]);
    *ret_url = out;
    return true;
}

typedef struct range4 {
    uint32_t net;
    unsigned bits;
} range4;

/* RFC 6890 and its registry; 224.0.0.0/3 is multicast and reserved. */
static const range4 closed4[] = {
    { 0x00000000, 8 },  { 0x0a000000, 8 },  { 0x64400000, 10 }, { 0x7f000000, 8 },
    { 0xa9fe0000, 16 }, { 0xac100000, 12 }, { 0xc0000000, 24 }, { 0xc0000200, 24 },
    { 0xc0586300, 24 }, { 0xc0a80000, 16 }, { 0xc6120000, 15 }, { 0xc6336400, 24 },
    { 0xcb007100, 24 }, { 0xe0000000, 3 },
};

static bool public4(uint32_t address)
{
    for (size_t i = 0; i < UPP_LEN(closed4); i++)
        if ((address ^ closed4[i].net) >> (32 - closed4[i].bits) == 0)
            return false;
    return true;
}

/* Global unicast is 2000::/3; in it 2001::/23 (Teredo, ORCHID ...), 2001:db8::/32 and 6to4
 * 2002::/16 lead elsewhere. */
static bool public6(const uint8_t a[16])
{
    static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
    if (memcmp(a, mapped, sizeof mapped) == 0)
        return public4((uint32_t)a[12] << 24 | (uint32_t)a[13] << 16 | (uint32_t)a[14] << 8 |
                       a[15]);
    if ((a[0] & 0xe0) != 0x20)
        return false;
    if (a[0] == 0x20 && a[1] == 0x02)
        return false;
    if (a[0] == 0x20 && a[1] == 0x01 && (a[2] & 0xfe) == 0)
        return false;
    if (a[0] == 0x20 && a[1] == 0x01 && a[2] == 0x0d && a[3] == 0xb8)
        return false;
    return !(a[0] == 0x3f && a[1] == 0xff && (a[2] & 0xf0) == 0); /* RFC 9637 */
}

bool guard_public(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, address, sizeof in);
        return public4(ntohl(in.sin_addr.s_addr));
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, address, sizeof in6);
        return public6(in6.sin6_addr.s6_addr);
    }
    return false;
}

static bool literal_public(const char *host, bool *ret_literal)
{
    struct sockaddr_in in = { .sin_family = AF_INET };
    struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
    *ret_literal = true;
    if (inet_pton(AF_INET, host, &in.sin_addr) == 1)
        return guard_public((const struct sockaddr *)&in);
    if (inet_pton(AF_INET6, host, &in6.sin6_addr) == 1)
        return guard_public((const struct sockaddr *)&in6);
    *ret_literal = false;
    return true;
}

static bool local_name(const char *host)
{
    const size_t n = strlen(host);
    static const char *const ends[] = { "localhost", "local", "internal", "localdomain", "lan" };
    for (size_t i = 0; i < UPP_LEN(ends); i++) {
        const size_t m = strlen(ends[i]);
        if (n >= m && strcmp(host + n - m, ends[i]) == 0 && (n == m || host[n - m - 1] == '.'))
            return true;
    }
    return !strchr(host, '.') && !strchr(host, ':');
}

const char *guard_refuses(const char *url, bool private_addresses)
{
    guard_url u;
    bool literal = false;
    if (!guard_parse(url, &u))
        return "url";
    if (u.scheme == GUARD_INLINE)
        return NULL;
    if (u.scheme == GUARD_OTHER)
        return "scheme";
    if (private_addresses)
        return NULL;
    if (u.port != 80 && u.port != 443)
        return "port";
    if (!literal_public(u.host, &literal) || (!literal && local_name(u.host)))
        return "address";
    return NULL;
}
