/* socket.h - the one factory of bus sockets: every option of operations.md §6.4 is set before bind
 * or connect, CURVE always, the ZAP domain enforced and read back. */
#pragma once
#include "keys.h"
#include <czmq.h>

/* The domain of our ZAP handler; it answers for no other. */
#define UPP_ZAP_DOMAIN "uppsikt"
/* More than all the credit that one peer can be given, so that a high-water mark is never met. */
enum { UPP_SOCKET_HWM = 8192 };

/* Makes the process's one context (two I/O threads, LINGER 0, czmq's own signal handling off). Once
 * or more; before it nothing of czmq may have been called. */
void upp_socket_init(void);

/* The owner's ROUTER, bound. NULL: `say` has heard why: a path that is too long for a local socket
 * (107 bytes), an endpoint that is taken, a libzmq that does not enforce the domain (F5). An ipc
 * socket is made 0660. The ZAP handler must be running. */
zsock_t *upp_socket_bind(const upp_keys *keys, const char *endpoint, void (*say)(const char *line));

/* A DEALER for the peer whose public key is `server`, not connected yet (it may have to be watched
 * first). NULL: `say` has heard why. */
zsock_t *upp_socket_dealer(const upp_keys *keys, const char server[UPP_Z85],
                           void (*say)(const char *line));
/* False: no such endpoint, `say` has heard it. That nobody is there yet is no failure; that the
 * peer refuses us ends it: libzmq then never connects again (measured), a new socket must. */
bool upp_socket_connect(zsock_t *dealer, const char *endpoint, void (*say)(const char *line));

/* "ipc://<run>/<service>" in fresh memory; NULL: longer than a local socket's path may be (107
 * bytes), `say` has heard it. */
char *upp_socket_local(const char *run, const char *service, void (*say)(const char *line));
