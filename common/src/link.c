/* link.c - numbers are connected to at once, names by way of a worker. */
#include "link.h"
#include "address.h"
#include "socket.h"
#include "upp/log.h"
#include "wire.h"
#include <stdlib.h>
#include <string.h>

/* After one of these libzmq 4.3.4 may never connect again (measured; an end of file amid a
 * handshake counts as a protocol error there). */
enum {
    DENIED = ZMQ_EVENT_HANDSHAKE_FAILED_AUTH,
    FAILED = DENIED | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL,
};
/* A new socket after a handshake that failed, and in any case after so long without one. */
static const upp_ms again_span = 2 * UPP_SECOND, lost_span = 10 * UPP_SECOND;

struct upp_lookup {
    upp_link *link; /* NULL: nobody waits any more */
    char *endpoint;
    char address[UPP_ADDRESS]; /* "" : not found */
};

static void disconnect(upp_link *link)
{
    if (link->monitor) {
        upp_loop_tap(link->loop, link->monitor, 0);
        zmq_socket_monitor(zsock_resolve(link->sock), NULL, 0);
        zmq_close(link->monitor);
        link->monitor = NULL;
    }
    link->up = link->failed = false;
    if (link->sock) {
        upp_loop_tap(link->loop, zsock_resolve(link->sock), 0);
        zsock_destroy(&link->sock);
    }
}

/* libzmq tells a PAIR of ours how handshakes end, and when a connection has ended. */
static void *watch(void *socket)
{
    char name[64];
    snprintf(name, sizeof name, "inproc://upp-link-%p", socket);
    void *pair = zmq_socket(zsys_init(), ZMQ_PAIR);
    const int none = 0;
    const int events = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED | FAILED;
    upp_check(pair != NULL && zmq_socket_monitor(socket, name, events) == 0);
    upp_check(zmq_setsockopt(pair, ZMQ_LINGER, &none, sizeof none) == 0);
    upp_check(zmq_connect(pair, name) == 0);
    return pair;
}

static bool connect_to(upp_link *link, const char *address)
{
    char server[UPP_Z85];
    if (!upp_keys_of(link->keys, link->peer, server)) {
        disconnect(link); /* revoked: what it says is not heard any more, either */
        if (!link->complained)
            upp_log(UPP_INFO, link->peer,
                    "no public key of that service: it is no part of this"
                    " deployment");
        link->complained = true; /* once: it is looked for each second */
        return false;
    }
    char whose[UPP_PEER];
    const bool same = strcmp(server, link->server) == 0;
    /* A pair that is being changed: the session goes on until its owner ends it. */
    const bool goes_on = link->up && upp_keys_peer(link->keys, link->server, whose) &&
                         strcmp(whose, link->peer) == 0;
    if (link->sock && strcmp(address, link->address) == 0 && (same || goes_on))
        return true;
    disconnect(link);
    link->sock = upp_socket_dealer(link->keys, server, upp_log_say);
    if (!link->sock)
        return false;
    link->monitor = watch(zsock_resolve(link->sock)); /* before the first handshake */
    if (!upp_socket_connect(link->sock, address, upp_log_say)) {
        disconnect(link);
        return false;
    }
    free(link->address);
    link->address = strdup(address);
    upp_check(link->address != NULL);
    memcpy(link->server, server, sizeof link->server);
    link->since = upp_steady_now();
    upp_loop_tap(link->loop, zsock_resolve(link->sock), ZMQ_POLLIN);
    upp_loop_tap(link->loop, link->monitor, ZMQ_POLLIN);
    return true;
}

/* On the worker: it may take as long as the resolver likes. */
static void look_up(void *job)
{
    upp_lookup *l = job;
    if (!upp_address_number(l->endpoint, l->address))
        l->address[0] = '\0';
}

static void looked_up(void *job)
{
    upp_lookup *l = job;
    if (l->link) {
        l->link->lookup = NULL;
        if (l->address[0])
            (void)connect_to(l->link, l->address); /* it has said why not */
        else
            upp_log(UPP_WARN, l->link->peer, "the name of its host is not found");
    }
    free(l->endpoint);
    free(l);
}

static bool start(upp_link *link)
{
    if (upp_address_is_number(link->endpoint))
        return connect_to(link, link->endpoint);
    if (link->lookup)
        return true;
    upp_lookup *l = calloc(1, sizeof *l);
    upp_check(l != NULL);
    l->link = link;
    l->endpoint = strdup(link->endpoint);
    upp_check(l->endpoint != NULL);
    link->lookup = l;
    upp_worker_do(link->names, look_up, looked_up, l);
    return true;
}

bool upp_link_open(upp_link *link, upp_loop *loop, upp_keys *keys, upp_worker *names,
                   const char *peer, char *endpoint)
{
    *link = (upp_link){
        .loop = loop, .keys = keys, .names = names, .peer = peer, .endpoint = endpoint
    };
    return start(link);
}

void upp_link_close(upp_link *link)
{
    disconnect(link);
    if (link->lookup)
        link->lookup->link = NULL;
    free(link->endpoint);
    free(link->address);
    *link = (upp_link){ 0 };
}

void *upp_link_socket(const upp_link *link)
{
    return link->sock ? zsock_resolve(link->sock) : NULL;
}

static void note(upp_link *link, unsigned event)
{
    link->up = event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
    link->failed = (link->failed && !link->up) || (event & FAILED) != 0;
    if ((event & DENIED) && !link->complained)
        upp_log(UPP_ERROR, link->peer, "refuses our key");
    link->complained = !link->up && (link->complained || (event & DENIED)); /* once */
}

bool upp_link_connected(upp_link *link)
{
    bool connected = false;
    while (link->monitor) {
        zmq_msg_t msg;
        zmq_msg_init(&msg);
        if (zmq_msg_recv(&msg, link->monitor, ZMQ_DONTWAIT) < 0) {
            zmq_msg_close(&msg);
            break;
        }
        uint16_t event = 0;
        if (zmq_msg_more(&msg) && zmq_msg_size(&msg) >= sizeof event) {
            memcpy(&event, zmq_msg_data(&msg), sizeof event);
            note(link, event);
            connected = connected || link->up;
        }
        zmq_msg_close(&msg);
    }
    return connected && link->up;
}

bool upp_link_say(upp_link *link, const ProtobufCMessage *msg)
{
    return link->up && upp_wire_say(zsock_resolve(link->sock), NULL, msg) == UPP_SENT;
}

void upp_link_again(upp_link *link)
{
    const upp_ms waited = upp_steady_now() - link->since;
    if (link->sock && !link->up && waited >= (link->failed ? again_span : lost_span))
        disconnect(link);
    (void)start(link); /* it has said why not; it is tried again */
}
