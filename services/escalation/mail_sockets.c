/* mail_sockets.c - a small table under a lock. */
#include "mail_sockets.h"
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void mail_sockets_init(mail_sockets *sockets)
{
    *sockets = (mail_sockets){ .n_open = 0 };
    pthread_mutex_init(&sockets->lock, NULL);
}

void mail_sockets_done(mail_sockets *sockets)
{
    upp_check(sockets->n_open == 0);
    pthread_mutex_destroy(&sockets->lock);
}

static curl_socket_t open_socket(void *self, curlsocktype purpose, struct curl_sockaddr *to)
{
    mail_sockets *s = self;
    (void)purpose;
    int fd = -1;
    pthread_mutex_lock(&s->lock);
    if (!s->stop && s->n_open < MAIL_SOCKETS)
        fd = socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
    if (fd >= 0)
        s->open[s->n_open++] = fd;
    pthread_mutex_unlock(&s->lock);
    return fd < 0 ? CURL_SOCKET_BAD : fd;
}

static int close_socket(void *self, curl_socket_t fd)
{
    mail_sockets *s = self;
    pthread_mutex_lock(&s->lock);
    size_t i = 0;
    while (i < s->n_open && s->open[i] != fd)
        i++;
    if (i < s->n_open)
        s->open[i] = s->open[--s->n_open];
    const int closed = close(fd); /* under the lock: nobody shuts a number that is another's now */
    pthread_mutex_unlock(&s->lock);
    return closed;
}

/* Not 0: give up. */
static int on_progress(void *self, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
                       curl_off_t up)
{
    mail_sockets *s = self;
    (void)down_total;
    (void)down;
    (void)up_total;
    (void)up;
    pthread_mutex_lock(&s->lock);
    const int stop = s->stop;
    pthread_mutex_unlock(&s->lock);
    return stop;
}

/* The last word has just been said; its answer is of no use, and some servers are slow to give it.
 * libcurl's tags of IMAP have four characters. */
static int on_talk(CURL *easy, curl_infotype kind, char *bytes, size_t n, void *self)
{
    (void)easy;
    if (kind == CURLINFO_HEADER_OUT && ((n >= 4 && memcmp(bytes, "QUIT", 4) == 0) ||
                                        (n >= 11 && memcmp(bytes + 4, " LOGOUT", 7) == 0)))
        mail_sockets_shut(self);
    return 0;
}

void mail_sockets_use(mail_sockets *sockets, CURL *easy)
{
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, sockets);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, sockets);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, sockets);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, on_talk);
    curl_easy_setopt(easy, CURLOPT_DEBUGDATA, sockets);
    curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L); /* to on_talk alone */
}

static void shut(mail_sockets *sockets, bool for_good)
{
    pthread_mutex_lock(&sockets->lock);
    sockets->stop = sockets->stop || for_good;
    for (size_t i = 0; i < sockets->n_open; i++)
        shutdown(sockets->open[i], SHUT_RDWR);
    pthread_mutex_unlock(&sockets->lock);
}

void mail_sockets_shut(mail_sockets *sockets)
{
    shut(sockets, false);
}

void mail_sockets_stop(mail_sockets *sockets)
{
    shut(sockets, true);
}
