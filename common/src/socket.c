/* socket.c - options first, then bind or connect; what does not take an option is not used. */
#include "socket.h"
#include "wire.h"
#include <pthread.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

/* In zmq.h only among the drafts, but the release build takes it (reliability.md F5). */
enum { ZAP_ENFORCE_DOMAIN = 93 };
enum { IPC_PATH_BYTES = 107 };

UPP_PRINTF(2, 3) static void complain(void (*say)(const char *line), const char *fmt, ...)
{
    char line[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    say(line);
}

static void make_context(void)
{
    zsys_handler_set(NULL); /* SIGTERM is the loop's */
    zsys_set_io_threads(2);
    zsys_set_linger(0);
    upp_check(zsys_init() != NULL);
}

void upp_socket_init(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT; /* czmq's context is the process's, too */
    upp_check(pthread_once(&once, make_context) == 0);
}

typedef struct option {
    int name, value;
} option;

static const option options[] = {
    { ZMQ_LINGER, 0 },
    { ZMQ_SNDHWM, UPP_SOCKET_HWM },
    { ZMQ_RCVHWM, UPP_SOCKET_HWM },
    { ZMQ_CONNECT_TIMEOUT, 2000 },
    { ZMQ_HEARTBEAT_IVL, 2000 },
    { ZMQ_HEARTBEAT_TIMEOUT, 6000 },
    { ZMQ_HEARTBEAT_TTL, 30000 },
    { ZMQ_HANDSHAKE_IVL, 5000 },
    { ZMQ_RECONNECT_IVL, 100 },
    { ZMQ_RECONNECT_IVL_MAX, 2000 },
};

static bool set_int(void *socket, int name, int value)
{
    return zmq_setsockopt(socket, name, &value, sizeof value) == 0;
}

static bool set_text(void *socket, int name, const char *value)
{
    return zmq_setsockopt(socket, name, value, strlen(value)) == 0;
}

static bool prepare(void *socket, const upp_keys *keys)
{
    for (size_t i = 0; i < UPP_LEN(options); i++)
        if (!set_int(socket, options[i].name, options[i].value))
            return false;
    const int64_t longest = UPP_WIRE_BYTES;
    return zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &longest, sizeof longest) == 0 &&
           set_text(socket, ZMQ_CURVE_SECRETKEY, upp_keys_secret(keys)) &&
           set_text(socket, ZMQ_CURVE_PUBLICKEY, upp_keys_public(keys));
}

/* Set, then read back: a libzmq that ignores it would let everybody in (F4). */
static bool enforce(void *socket)
{
    int enforced = 0;
    size_t n = sizeof enforced;
    return set_text(socket, ZMQ_ZAP_DOMAIN, UPP_ZAP_DOMAIN) &&
           set_int(socket, ZAP_ENFORCE_DOMAIN, 1) &&
           zmq_getsockopt(socket, ZAP_ENFORCE_DOMAIN, &enforced, &n) == 0 && enforced == 1;
}

static void destroy(zsock_t **sock)
{
    zsock_destroy(sock);
}

zsock_t *upp_socket_bind(const upp_keys *keys, const char *endpoint, void (*say)(const char *line))
{
    UPP_AUTO(destroy) zsock_t *sock = zsock_new(ZMQ_ROUTER);
    upp_check(sock != NULL);
    void *socket = zsock_resolve(sock);
    if (!prepare(socket, keys) || !set_int(socket, ZMQ_ROUTER_MANDATORY, 1) ||
        !set_int(socket, ZMQ_CURVE_SERVER, 1)) {
        complain(say, "%s: a socket option was refused: %s", endpoint, zmq_strerror(zmq_errno()));
        return NULL;
    }
    if (!enforce(socket)) {
        complain(say, "%s: this libzmq does not enforce the ZAP domain; strangers would get in",
                 endpoint);
        return NULL;
    }
    if (zmq_bind(socket, endpoint) != 0) {
        complain(say, "%s: cannot bind: %s", endpoint, zmq_strerror(zmq_errno()));
        return NULL;
    }
    /* Who may come near is the folder's mode; who may speak is CURVE's. */
    if (strncmp(endpoint, "ipc://", 6) == 0 && chmod(endpoint + 6, 0660) != 0) {
        complain(say, "%s: chmod: %s", endpoint, strerror(errno));
        return NULL;
    }
    zsock_t *done = sock;
    sock = NULL;
    return done;
}

zsock_t *upp_socket_dealer(const upp_keys *keys, const char server[UPP_Z85],
                           void (*say)(const char *line))
{
    UPP_AUTO(destroy) zsock_t *sock = zsock_new(ZMQ_DEALER);
    upp_check(sock != NULL);
    void *socket = zsock_resolve(sock);
    /* Not ZMQ_IMMEDIATE: with it, a peer that dies while we are between two frames of its message
     * ends our process too ("Assertion failed: !_more (src/fq.cpp:112)", libzmq 4.3.4, measured;
     * its issue #3663: the pipe is terminated at the hiccup). Who sends sees to the connection. */
    if (!prepare(socket, keys) || !set_text(socket, ZMQ_CURVE_SERVERKEY, server)) {
        complain(say, "a socket option was refused: %s", zmq_strerror(zmq_errno()));
        return NULL;
    }
    zsock_t *done = sock;
    sock = NULL;
    return done;
}

bool upp_socket_connect(zsock_t *dealer, const char *endpoint, void (*say)(const char *line))
{
    if (zmq_connect(zsock_resolve(dealer), endpoint) == 0)
        return true;
    complain(say, "%s: cannot connect: %s", endpoint, zmq_strerror(zmq_errno()));
    return false;
}

char *upp_socket_local(const char *run, const char *service, void (*say)(const char *line))
{
    const size_t n = strlen(run) + 1 + strlen(service);
    if (n > IPC_PATH_BYTES) {
        complain(
            say,
            "run: %s/%s has %zu bytes, a local socket's path at most %d; name a shorter folder",
            run, service, n, IPC_PATH_BYTES);
        return NULL;
    }
    char *endpoint = zsys_sprintf("ipc://%s/%s", run, service);
    upp_check(endpoint != NULL);
    return endpoint;
}
