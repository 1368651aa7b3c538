/* address.c - getaddrinfo, and back to numbers. */
#include "address.h"
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#define TCP "tcp://"

enum { HOST_BYTES = 256 };

/* The host of tcp://host:port; NULL: another kind, or too long. */
static const char *host_of(const char *endpoint, char ret_host[HOST_BYTES])
{
    const char *colon = strrchr(endpoint, ':');
    if (strncmp(endpoint, TCP, sizeof TCP - 1) != 0 || !colon || colon < endpoint + sizeof TCP - 1)
        return NULL;
    const size_t n = (size_t)(colon - endpoint) - (sizeof TCP - 1);
    if (n >= HOST_BYTES)
        return NULL;
    memcpy(ret_host, endpoint + sizeof TCP - 1, n);
    ret_host[n] = '\0';
    return colon + 1;
}

bool upp_address_is_number(const char *endpoint)
{
    char host[HOST_BYTES];
    uint8_t room[16];
    return strncmp(endpoint, TCP, sizeof TCP - 1) != 0 ||
           (host_of(endpoint, host) && (host[0] == '[' || inet_pton(AF_INET, host, room) == 1));
}

bool upp_address_number(const char *endpoint, char ret_address[UPP_ADDRESS])
{
    char host[HOST_BYTES], number[64] = "";
    struct addrinfo *found = NULL;
    const struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
    if (upp_address_is_number(endpoint))
        return (size_t)snprintf(ret_address, UPP_ADDRESS, "%s", endpoint) < UPP_ADDRESS;
    const char *port = host_of(endpoint, host);
    if (!port || getaddrinfo(host, port, &hints, &found) != 0)
        return false;
    const bool named = getnameinfo(found->ai_addr, found->ai_addrlen, number, sizeof number, NULL,
                                   0, NI_NUMERICHOST) == 0;
    const bool six = found->ai_family == AF_INET6;
    const int n = snprintf(ret_address, UPP_ADDRESS, TCP "%s%s%s:%s", six ? "[" : "", number,
                           six ? "]" : "", port);
    freeaddrinfo(found);
    return named && n > 0 && n < UPP_ADDRESS;
}
