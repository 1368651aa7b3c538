/* address.c - which addresses may be asked for what strangers link to. */
#include "address.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

/* RFC 6890 and its successors: what is not globally reachable. */
static bool public4(uint32_t address)
{
    static const struct {
        uint32_t net;
        unsigned bits;
    } rows[] = {
        { 0x00000000, 8 },  /* this network */
        { 0x0A000000, 8 },  /* private */
        { 0x64400000, 10 }, /* shared */
        { 0x7F000000, 8 },  /* this machine */
        { 0xA9FE0000, 16 }, /* link-local: among them the clouds' metadata */
        { 0xAC100000, 12 }, /* private */
        { 0xC0000000, 24 }, /* protocol assignments */
        { 0xC0000200, 24 }, /* documentation */
        { 0xC0586300, 24 }, /* 6to4 relays */
        { 0xC0A80000, 16 }, /* private */
        { 0xC6120000, 15 }, /* benchmarks */
        { 0xC6336400, 24 }, /* documentation */
        { 0xCB007100, 24 }, /* documentation */
        { 0xE0000000, 3 },  /* multicast, reserved, broadcast */
    };
    for (size_t i = 0; i < UPP_LEN(rows); i++)
        if ((address ^ rows[i].net) >> (32 - rows[i].bits) == 0)
            return false;
    return true;
}

static uint32_t at4(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static bool begins(const uint8_t *bytes, const uint8_t *net, size_t n)
{
    return memcmp(bytes, net, n) == 0;
}

/* Only 2000::/3 is given out; of it not what carries an IPv4 address or is for documents. */
static bool public6(const uint8_t a[16])
{
    static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF };
    static const uint8_t nat64[12] = { 0, 0x64, 0xFF, 0x9B };
    static const uint8_t teredo[4] = { 0x20, 0x01, 0, 0 },
                         documents[4] = { 0x20, 0x01, 0x0D, 0xB8 };
    if (begins(a, mapped, sizeof mapped) || begins(a, nat64, sizeof nat64))
        return public4(at4(a + 12));
    if ((a[0] & 0xE0) != 0x20 || begins(a, teredo, sizeof teredo) ||
        begins(a, documents, sizeof documents))
        return false;
    if (a[0] == 0x20 && a[1] == 0x02) /* 6to4 */
        return public4(at4(a + 2));
    return !(a[0] == 0x3F && a[1] == 0xFF);
}

bool address_public(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, address, sizeof in);
        return public4(ntohl(in.sin_addr.s_addr));
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 in;
        memcpy(&in, address, sizeof in);
        return public6(in.sin6_addr.s6_addr);
    }
    return false;
}
