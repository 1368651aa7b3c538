/* address.h - which addresses may be asked for what strangers link to (reliability.md B3). Pure. */
#pragma once
#include "upp/base.h"
#include <sys/socket.h>

/* Whether the address is one of the public internet: not this machine, not a private, link-local,
 * shared, test or multicast network, nor one of those mapped into IPv6. */
bool address_public(const struct sockaddr *address);
