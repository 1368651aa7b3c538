/* mail_sockets.h - the sockets of one libcurl handle, known to us, so that they can be shut from
 * another thread: libcurl waits in place for some of a mail server's answers. */
#pragma once
#include "late_curl.h"
#include "upp/base.h"
#include <pthread.h>

enum { MAIL_SOCKETS = 8 }; /* a host with two addresses is tried at both at once */

typedef struct mail_sockets {
    pthread_mutex_t lock; /* for what follows */
    curl_socket_t open[MAIL_SOCKETS];
    size_t n_open;
    bool stop;
} mail_sockets;

void mail_sockets_init(mail_sockets *sockets);
void mail_sockets_done(mail_sockets *sockets); /* after curl_easy_cleanup */
/* Every socket of `easy` is one of these; it gives up once they have been stopped, and waits for no
 * answer to its QUIT or LOGOUT. */
void mail_sockets_use(mail_sockets *sockets, CURL *easy);
/* Hangs up what is open; from any thread. */
void mail_sockets_shut(mail_sockets *sockets);
/* The same, and for good: no other is opened. */
void mail_sockets_stop(mail_sockets *sockets);
