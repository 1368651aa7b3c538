/* ops_socket.h - the listening and the asking end of the operators' HTTP: a path or host:port. */
#pragma once
#include "upp/base.h"
#include <sys/socket.h>

typedef struct ops_socket {
    int fd;
    uint16_t port;  /* 0 for a path */
    char path[108]; /* "" for a port; sun_path's size */
} ops_socket;

/* Listens, without blocking. An old socket file at a path is replaced; its folder's mode says who
 * may come. False: `say` has heard why. */
bool ops_socket_open(ops_socket *ret_socket, const char *where, void (*say)(const char *line));
/* Removes the socket file; the descriptor is closed by upp_http_in_end. */
void ops_socket_remove(const ops_socket *socket);

/* The address that `where` means; for a port the first that the resolver names. NULL: done, else
 * what is wrong, static words. */
const char *ops_socket_address(const char *where, bool listening,
                               struct sockaddr_storage *ret_address, socklen_t *ret_len);
