/* zap.c - one REP, eight frames in, six out. */
#include "zap.h"
#include "socket.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define ZAP_ENDPOINT "inproc://zeromq.zap.01"

struct upp_zap {
    upp_keys *keys;
    zactor_t *actor;
    atomic_uint_fast64_t denied;
    atomic_bool bound;
};

/* RFC 27: version, request id, domain, address, identity, mechanism, credentials. */
typedef struct request {
    char *version, *id, *domain, *address, *identity, *mechanism;
    zframe_t *credentials;
} request;

static void request_done(request *r)
{
    zstr_free(&r->version);
    zstr_free(&r->id);
    zstr_free(&r->domain);
    zstr_free(&r->address);
    zstr_free(&r->identity);
    zstr_free(&r->mechanism);
    zframe_destroy(&r->credentials);
}

static void destroy_msg(zmsg_t **msg)
{
    zmsg_destroy(msg);
}

/* The key of a known peer in Z85; false: refused. */
static bool admit(upp_keys *keys, const request *r, char ret_z85[UPP_Z85])
{
    char peer[UPP_PEER];
    if (!r->version || strcmp(r->version, "1.0") != 0 || !r->domain ||
        strcmp(r->domain, UPP_ZAP_DOMAIN) != 0 || !r->mechanism ||
        strcmp(r->mechanism, "CURVE") != 0 || !r->credentials || zframe_size(r->credentials) != 32)
        return false;
    zmq_z85_encode(ret_z85, zframe_data(r->credentials), 32);
    return upp_keys_peer(keys, ret_z85, peer);
}

static void answer(upp_zap *zap, zsock_t *rep)
{
    UPP_AUTO(destroy_msg) zmsg_t *msg = zmsg_recv(rep);
    if (!msg)
        return;
    UPP_AUTO(request_done) request r = { 0 };
    r.version = zmsg_popstr(msg); /* in this order */
    r.id = zmsg_popstr(msg);
    r.domain = zmsg_popstr(msg);
    r.address = zmsg_popstr(msg);
    r.identity = zmsg_popstr(msg);
    r.mechanism = zmsg_popstr(msg);
    r.credentials = zmsg_pop(msg);
    char z85[UPP_Z85] = "";
    const bool in = admit(zap->keys, &r, z85);
    if (!in)
        atomic_fetch_add(&zap->denied, 1);
    zstr_sendx(rep, "1.0", r.id ? r.id : "", in ? "200" : "400", in ? "OK" : "No such key",
               in ? z85 : "", "", NULL);
}

static void destroy_sock(zsock_t **sock)
{
    zsock_destroy(sock);
}

static void run(zsock_t *pipe, void *args)
{
    upp_zap *zap = args;
    UPP_AUTO(destroy_sock) zsock_t *rep = zsock_new(ZMQ_REP);
    upp_check(rep != NULL);
    atomic_store(&zap->bound, zmq_bind(zsock_resolve(rep), ZAP_ENDPOINT) == 0);
    zsock_signal(pipe, 0);
    zmq_pollitem_t items[] = { { zsock_resolve(pipe), 0, ZMQ_POLLIN, 0 },
                               { zsock_resolve(rep), 0, ZMQ_POLLIN, 0 } };
    for (;;) {
        if (zmq_poll(items, 2, -1) < 0 && zmq_errno() == ETERM)
            return;
        if (items[0].revents)
            return; /* zactor_destroy says $TERM, and nothing else is ever said */
        if (items[1].revents)
            answer(zap, rep);
    }
}

upp_zap *upp_zap_start(upp_keys *keys, void (*say)(const char *line))
{
    upp_zap *zap = calloc(1, sizeof *zap);
    upp_check(zap != NULL);
    zap->keys = keys;
    atomic_init(&zap->denied, 0);
    zap->actor = zactor_new(run, zap); /* waits for the signal: bound, or not */
    upp_check(zap->actor != NULL);
    if (atomic_load(&zap->bound))
        return zap;
    say(ZAP_ENDPOINT ": another ZAP handler runs in this process");
    upp_zap_stop(zap);
    return NULL;
}

void upp_zap_stop(upp_zap *zap)
{
    if (!zap)
        return;
    zactor_destroy(&zap->actor);
    free(zap);
}

uint64_t upp_zap_denied(const upp_zap *zap)
{
    return atomic_load(&zap->denied);
}
