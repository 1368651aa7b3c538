/* site_fixture.c - one thread, one request a connection. */
#include "site_fixture.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MANY = 64, REQUEST = 16 * 1024 };

typedef struct connection {
    int fd;
    char request[REQUEST];
    size_t len;
} connection;

struct site {
    const site_page *pages;
    size_t n;
    int listener, wake[2];
    uint16_t port;
    atomic_int connections;
    pthread_t thread;
    connection open[MANY];
    size_t n_open;
    char url[512];
};

static void put(int fd, const char *at, size_t n)
{
    while (n > 0) {
        const ssize_t sent = send(fd, at, n, MSG_NOSIGNAL);
        if (sent <= 0)
            return; /* the browser went away: its right */
        at += sent;
        n -= (size_t)sent;
    }
}

static const site_page *page_of(const site *s, const char *path, size_t len)
{
    for (size_t i = 0; i < s->n; i++)
        if (strlen(s->pages[i].path) == len && strncmp(s->pages[i].path, path, len) == 0)
            return &s->pages[i];
    return NULL;
}

/* False: the connection stays open, without a word. */
static bool serve(const site *s, const connection *c)
{
    static const site_page missing = { .head = "HTTP/1.1 404 Not Found\r\ncontent-type: text/html",
                                       .body = "<h1>404</h1>" };
    const char *path = strchr(c->request, ' ');
    char head[600];
    path = path ? path + 1 : "";
    const site_page *page = page_of(s, path, strcspn(path, " ?"));
    if (!page)
        page = &missing;
    if (!page->body)
        return false;
    const size_t n = page->body_len ? page->body_len : strlen(page->body);
    const int len =
        snprintf(head, sizeof head, "%s\r\nconnection: close\r\ncontent-length: %zu\r\n\r\n",
                 page->head ? page->head : "HTTP/1.1 200 OK\r\ncontent-type: text/html",
                 page->claims ? page->claims : n);
    put(c->fd, head, (size_t)len);
    put(c->fd, page->body, n);
    return true;
}

static void drop(site *s, size_t i)
{
    close(s->open[i].fd);
    s->open[i] = s->open[--s->n_open];
}

static void take(site *s, size_t i)
{
    connection *c = &s->open[i];
    const ssize_t n = recv(c->fd, c->request + c->len, sizeof c->request - 1 - c->len, 0);
    if (n <= 0) {
        drop(s, i);
        return;
    }
    c->len += (size_t)n;
    c->request[c->len] = '\0';
    if (strstr(c->request, "\r\n\r\n") && serve(s, c))
        drop(s, i);
}

static void *run(void *arg)
{
    site *s = arg;
    for (;;) {
        struct pollfd items[MANY + 2] = { { .fd = s->wake[0], .events = POLLIN },
                                          { .fd = s->n_open < MANY ? s->listener : -1,
                                            .events = POLLIN } };
        const size_t n = s->n_open;
        for (size_t i = 0; i < n; i++)
            items[i + 2] = (struct pollfd){ .fd = s->open[i].fd, .events = POLLIN };
        if (poll(items, n + 2, -1) < 0 || items[0].revents)
            break;
        for (size_t i = n; i > 0; i--)
            if (items[i + 1].revents)
                take(s, i - 1);
        if (items[1].revents) {
            const int fd = accept(s->listener, NULL, NULL);
            if (fd >= 0) {
                s->open[s->n_open++] = (connection){ .fd = fd };
                atomic_fetch_add(&s->connections, 1);
            }
        }
    }
    while (s->n_open > 0)
        drop(s, 0);
    return NULL;
}

site *site_new(const site_page *pages, size_t n)
{
    site *s = calloc(1, sizeof *s);
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t len = sizeof at;
    upp_check(s != NULL && pipe(s->wake) == 0);
    s->pages = pages;
    s->n = n;
    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    upp_check(s->listener >= 0);
    upp_check(bind(s->listener, (struct sockaddr *)&at, sizeof at) == 0);
    upp_check(listen(s->listener, MANY) == 0);
    upp_check(getsockname(s->listener, (struct sockaddr *)&at, &len) == 0);
    s->port = ntohs(at.sin_port);
    upp_check(pthread_create(&s->thread, NULL, run, s) == 0);
    return s;
}

void site_free(site *s)
{
    upp_check(write(s->wake[1], "", 1) == 1);
    upp_check(pthread_join(s->thread, NULL) == 0);
    close(s->listener);
    close(s->wake[0]);
    close(s->wake[1]);
    free(s);
}

const char *site_url(site *s, const char *path)
{
    snprintf(s->url, sizeof s->url, "http://127.0.0.1:%u%s", (unsigned)s->port, path);
    return s->url;
}

int site_connections(site *s)
{
    return atomic_exchange(&s->connections, 0);
}
