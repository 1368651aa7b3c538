/* upp/host.h - does this address lie on this machine? For what must not leave it: mail in clear,
 * and everything in a trial that runs faster than real time. Pure: no name is looked up. */
#pragma once
#include "upp/service.h"

/* "localhost", 127.0.0.0/8, ::1 (in brackets or not), or a path of a local socket. Any other name
 * is elsewhere, even if it would resolve to this machine. */
bool upp_host_is_here(const char *host);
/* The same for the host of a URL (smtp://[::1]:2525/x). False too for what is not a URL. */
bool upp_url_is_here(const char *url);
/* The name of the first text option of `service` whose value in `config` is a URL elsewhere; NULL:
 * none. A speed above 1 is refused when there is one (ARCHITECTURE §4). */
const char *upp_option_elsewhere(const upp_service *service, const void *config);
