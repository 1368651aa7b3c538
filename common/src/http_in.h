/* http_in.h - libmicrohttpd in the loop: a daemon that was started with MHD_USE_EPOLL and no thread
 * is turned when its descriptor is readable or a connection's time is out. */
#pragma once
#include "upp/port.h"
#include <microhttpd.h>

/* Where to listen, and what the options are called that say so. Lent for the call. */
typedef struct upp_http_where {
    const char *address; /* IPv4 or IPv6, no name: "127.0.0.1", "::" (IPv4 too) */
    int64_t port;        /* 0: one that is free */
    const char *address_option, *port_option;
} upp_http_where;
/* A listening socket for MHD_OPTION_LISTEN_SOCKET, and its port. -1: it cannot be had, and
 * upp_loop_say has told why and what to change. */
int upp_http_listen(upp_loop *loop, const upp_http_where *where, uint16_t *ret_port);

/* All zero: no daemon, and the calls below do nothing. */
typedef struct upp_http_in {
    upp_loop *loop;
    struct MHD_Daemon *daemon; /* ours from upp_http_in_begin to upp_http_in_end */
    int epoll;
} upp_http_in;

void upp_http_in_begin(upp_http_in *in, upp_loop *loop, struct MHD_Daemon *daemon);
/* One turn, now: after a connection was resumed. Never waits. */
void upp_http_in_turn(upp_http_in *in);
/* The same in the loop's next round: where a turn now could ask for what is just being answered. */
void upp_http_in_soon(upp_http_in *in);
/* Lets what is ready leave, then stops the daemon and closes its listening socket. No connection
 * may be suspended any more. */
void upp_http_in_end(upp_http_in *in);
