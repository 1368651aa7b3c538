/* asks.c - each ask is copied for its port and kept until upp_done. */
#include "asks.h"
#include "capped.h"
#include "upp/log.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In hand at once, and started in one turn. */
enum { IN_HAND_MAX = 1024, START_MAX = 64 };

typedef struct in_hand {
    upp_asked asked;
    char *key;
    ProtobufCMessage *request;
    size_t port;
    bool ended;
    enum upp_fate fate;
    ProtobufCMessage *answer;
    upp_ms after_span;
} in_hand;

typedef struct open_port {
    const upp_port *port;
    void *self;
} open_port;

struct upp_asks {
    upp_loop *loop;
    open_port *ports;
    size_t n_ports;
    in_hand *asks[IN_HAND_MAX];
    size_t n_asks;
    size_t n_ended;
};

static void in_hand_free(in_hand *ask)
{
    free(ask->key);
    upp_unpack_free(ask->request);
    upp_unpack_free(ask->answer);
    free(ask);
}

static ProtobufCMessage *copy(const ProtobufCMessage *msg)
{
    UPP_AUTO(upp_packed_free) upp_bytes packed = upp_wire_pack(msg);
    return upp_unpack(msg->descriptor, packed);
}

static int port_named(const upp_asks *asks, const char *name)
{
    for (size_t i = 0; i < asks->n_ports; i++)
        if (strcmp(asks->ports[i].port->name, name) == 0)
            return (int)i;
    return -1;
}

static bool open_ports(upp_asks *asks, const void *config)
{
    for (size_t i = 0; i < asks->n_ports; i++) {
        asks->ports[i].self = asks->ports[i].port->open(asks->loop, config);
        if (!asks->ports[i].self)
            return false;
    }
    return true;
}

static void close_ports(upp_asks *asks)
{
    for (size_t i = asks->n_ports; i-- > 0;) {
        if (asks->ports[i].port->close)
            asks->ports[i].port->close(asks->ports[i].self);
        asks->ports[i].self = NULL;
    }
}

static bool all_there(const upp_asks *asks, void (*say)(const char *line))
{
    const upp_service *service = upp_node_service(asks->loop->node);
    for (size_t i = 0; i < service->n_outside; i++)
        if (port_named(asks, service->outside[i].port) < 0) {
            char line[200];
            snprintf(line, sizeof line, "%s asks for the port %s, which this program has not",
                     service->name, service->outside[i].port);
            say(line);
            return false;
        }
    return true;
}

static void asks_freep(upp_asks **asks)
{
    upp_asks_close(*asks);
}

upp_asks *upp_asks_open(upp_loop *loop, const upp_port *const *ports, const void *config,
                        void (*say)(const char *line))
{
    UPP_AUTO(asks_freep) upp_asks *asks = calloc(1, sizeof *asks);
    upp_check(asks != NULL);
    asks->loop = loop;
    loop->asks = asks;
    size_t n = 0;
    while (ports && ports[n])
        n++;
    asks->ports = calloc(n + 1, sizeof *asks->ports);
    upp_check(asks->ports != NULL);
    asks->n_ports = n;
    for (size_t i = 0; i < n; i++)
        asks->ports[i].port = ports[i];
    if (!all_there(asks, say) || !open_ports(asks, config))
        return NULL;
    upp_asks *done = asks;
    asks = NULL;
    return done;
}

void upp_asks_close(upp_asks *asks)
{
    if (!asks)
        return;
    close_ports(asks);
    for (size_t i = 0; i < asks->n_asks; i++)
        in_hand_free(asks->asks[i]);
    asks->loop->asks = NULL;
    free(asks->ports);
    free(asks);
}

static void start_in_hand(upp_asks *asks, in_hand *ask)
{
    const open_port *p = &asks->ports[ask->port];
    p->port->start(p->self, &ask->asked);
}

int upp_asks_reload(upp_asks *asks, const void *config, const void *old)
{
    int rc = 0;
    close_ports(asks);
    if (!open_ports(asks, config)) {
        close_ports(asks);
        rc = 1;
        if (!open_ports(asks, old))
            return UPP_E_BUG;
    }
    for (size_t i = 0; i < asks->n_asks; i++) {
        if (asks->asks[i]->ended)
            continue;
        asks->asks[i]->asked.attempt++; /* it may have been done already: a port that looks first
                                           must look */
        start_in_hand(asks, asks->asks[i]);
    }
    return rc;
}

void upp_done(upp_loop *loop, int64_t id, enum upp_fate fate, const ProtobufCMessage *answer,
              upp_ms after_span)
{
    upp_asks *asks = loop->asks;
    upp_check(answer || fate != UPP_DONE);
    size_t i = 0;
    while (i < asks->n_asks && asks->asks[i]->asked.id != id)
        i++;
    upp_check(i < asks->n_asks && !asks->asks[i]->ended); /* once for each start */
    in_hand *ask = asks->asks[i];
    ask->ended = true;
    ask->fate = fate;
    ask->answer = answer ? copy(answer) : NULL;
    ask->after_span = after_span;
    if (answer && !ask->answer) {
        upp_log(UPP_ERROR, ask->key, "an answer too large to be kept");
        ask->fate = UPP_NEVER;
    }
    asks->n_ended++;
}

size_t upp_asks_in_hand(const upp_asks *asks)
{
    return asks->n_asks;
}

bool upp_asks_answered(const upp_asks *asks)
{
    return asks->n_ended > 0;
}

int upp_asks_collect(upp_asks *asks, upp_batch *batch, size_t limit)
{
    size_t i = 0;
    while (i < asks->n_asks && upp_batch_room(batch) && asks->n_ended > 0 && limit > 0) {
        in_hand *ask = asks->asks[i];
        if (!ask->ended) {
            i++;
            continue;
        }
        limit--;
        const int rc =
            upp_batch_answer(batch, ask->asked.id, ask->fate, ask->answer, ask->after_span);
        if (upp_fatal(rc))
            return rc;
        if (rc == UPP_E_BUSY) {
            i++; /* the next batch tries again */
            continue;
        }
        asks->asks[i] = asks->asks[--asks->n_asks];
        asks->n_ended--;
        in_hand_free(ask);
    }
    return 0;
}

static void start(void *ctx, const char *port, const upp_asked *asked)
{
    upp_asks *asks = ctx;
    const int at = port_named(asks, port);
    in_hand *ask = calloc(1, sizeof *ask);
    upp_check(at >= 0 && ask != NULL && asks->n_asks < IN_HAND_MAX);
    ask->key = strdup(asked->key);
    ask->request = copy(asked->request);
    upp_check(ask->key != NULL && ask->request != NULL);
    ask->asked = (upp_asked){
        .id = asked->id, .key = ask->key, .attempt = asked->attempt, .request = ask->request
    };
    ask->port = (size_t)at;
    asks->asks[asks->n_asks++] = ask;
    start_in_hand(asks, ask);
}

int upp_asks_start(upp_asks *asks)
{
    const size_t room = IN_HAND_MAX - asks->n_asks;
    if (room == 0)
        return 0;
    const int rc = upp_node_asks(asks->loop->node, upp_loop_now(asks->loop),
                                 room < START_MAX ? room : START_MAX, start, asks);
    if (rc < 0)
        upp_log(UPP_ERROR, NULL, "asks: %s", upp_node_why(asks->loop->node));
    return rc < 0 ? rc : 0;
}

void upp_asks_counters(const upp_asks *asks, void (*each)(void *ctx, const upp_port_counter *row),
                       void *ctx)
{
    for (size_t i = 0; i < asks->n_ports; i++) {
        const open_port *p = &asks->ports[i];
        const upp_port_counter *row =
            p->port->counters && p->self ? p->port->counters(p->self) : NULL;
        for (; row && row->name; row++)
            each(ctx, row);
    }
}
