/* address.h - tcp://name:port as tcp://number:port. libzmq would look names up in its own thread,
 * where one that is slow holds every socket of the process. */
#pragma once
#include "upp/base.h"

enum { UPP_ADDRESS = 80 };

/* The endpoint as it is when it is no tcp:// or its host is a number. As slow as the resolver;
 * false: no such name now, or it is too long. */
bool upp_address_number(const char *endpoint, char ret_address[UPP_ADDRESS]);
/* Is there no name in it to look up? */
bool upp_address_is_number(const char *endpoint);
