/* http_in.h - libmicrohttpd in the loop: its daemon starts with the first connection (who is never
 * asked needs none, late_mhd.h), has no thread, and is turned when its descriptor is readable or a
 * connection's time is out. */
#pragma once
#include "late_mhd.h"
#include "upp/port.h"

/* Where to listen, and what the options are called that say so. Lent for the call. */
typedef struct upp_http_where {
    const char *address; /* IPv4 or IPv6, no name: "127.0.0.1", "::" (IPv4 too) */
    int64_t port;        /* 0: one that is free */
    const char *address_option, *port_option;
} upp_http_where;
/* A listening socket, and its port. -1: it cannot be had, and upp_loop_say has told why and what to
 * change. */
int upp_http_listen(upp_loop *loop, const upp_http_where *where, uint16_t *ret_port);

typedef struct upp_http_how {
    int fd; /* listens; closed by upp_http_in_end */
    MHD_AccessHandlerCallback request;
    MHD_RequestCompletedCallback end; /* NULL: nobody asks */
    void *self;                       /* of both */
    unsigned connections, idle_seconds;
    unsigned per_address;    /* connections; 0: any number */
    size_t connection_bytes; /* 0: libmicrohttpd's own choice */
} upp_http_how;

/* All zero: nothing listens, and the calls below do nothing. */
typedef struct upp_http_in {
    upp_loop *loop; /* from upp_http_in_begin to upp_http_in_end */
    upp_http_how how;
    struct MHD_Daemon *daemon; /* NULL: nobody has come yet */
    int epoll;
} upp_http_in;

void upp_http_in_begin(upp_http_in *in, upp_loop *loop, const upp_http_how *how);
/* One turn, now: after a connection was resumed. Never waits. */
void upp_http_in_turn(upp_http_in *in);
/* The same in the loop's next round: where a turn now could ask for what is just being answered. */
void upp_http_in_soon(upp_http_in *in);
/* Lets what is ready leave, then stops the daemon and closes its listening socket. No connection
 * may be suspended any more. */
void upp_http_in_end(upp_http_in *in);
