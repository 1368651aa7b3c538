/* hop.c - one durable hop, measured: a producer commits and pushes under credit, a consumer commits
 * what it got; two processes, two databases, both FULL. The node is the real one; the sockets are
 * set up here, so that CURVE can be left out and its price seen (performance.md §4, G4, G5, G7).
 *
 * usage: upp-bench-hop [--curve 0|1] [--events N] [--dir DIR] [--json]
 */
#include "upp/node.h"
#include "uppsikt/bus.pb-c.h"
#include "uppsikt/comment.pb-c.h"
#include "uppsikt/escalation.pb-c.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

enum { CREDIT = 1024 };

typedef struct run {
    int64_t events;
    bool curve, json;
    const char *dir;
    int ready[2]; /* a pipe: the producer says that its store is open and its socket bound */
    char endpoint[200], server_public[41], server_secret[41], client_public[41], client_secret[41];
} run;

/* -- the two services -- */
static char padding[256]; /* makes the envelope the 607 bytes of performance.md */

static int say_one(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    (void)msg;
    char id[UPP_ID];
    upp_id(txn, id);
    Uppsikt__CommentReceived out = UPPSIKT__COMMENT_RECEIVED__INIT;
    out.item = id;
    out.account = upp_lend("01JDBENCH0000000000000ACC1");
    out.received_ms = upp_now(txn);
    out.thread = padding;
    return upp_emit(txn, id, &out.base, NULL);
}

static int hear_one(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__CommentReceived *c = msg;
    return upp_exec(txn, "INSERT INTO heard(item, at_ms) VALUES(?1, ?2)",
                    BIND(V(c->item), V(c->received_ms)));
}

static const upp_route producer_routes[] = {
    { UPP_COMMAND, NULL, &uppsikt__claim__descriptor, say_one, NULL },
};
static const upp_service producer = {
    .name = "ingest", .schema = "", .routes = producer_routes, .n_routes = 1
};
static const upp_route consumer_routes[] = {
    { UPP_EVENT, "ingest", &uppsikt__comment_received__descriptor, hear_one, NULL },
};
static const upp_service consumer = {
    .name = "escalation",
    .schema = "CREATE TABLE heard (item TEXT PRIMARY KEY, at_ms INTEGER NOT NULL) STRICT;",
    .routes = consumer_routes,
    .n_routes = 1,
};

/* -- both sides -- */
static double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void complain(const char *line)
{
    fprintf(stderr, "%s\n", line);
}

static void must(bool fact, const char *what)
{
    if (fact)
        return;
    fprintf(stderr, "hop: %s failed: %s\n", what, zmq_strerror(zmq_errno()));
    exit(1);
}

static upp_node *open_node(const run *r, const upp_service *service)
{
    static const uint8_t key[32];
    char path[300];
    snprintf(path, sizeof path, "%s/%s.db", r->dir, service->name);
    const upp_store store = { .path = path, .lookup_key = key };
    upp_node *node = upp_node_new(service, &store, NULL, complain);
    must(node != NULL, "opening a store");
    return node;
}

static void begin(upp_node *node, int64_t n)
{
    uint8_t seed[32] = { 0 };
    memcpy(seed, &n, sizeof n);
    must(upp_node_begin(node, 1795000000000 + n, seed) == 0, "begin");
}

static void *make_socket(const run *r, void *ctx, int kind)
{
    void *socket = zmq_socket(ctx, kind);
    const int one = 1, none = 0, high = 2 * CREDIT;
    must(socket != NULL, "socket");
    zmq_setsockopt(socket, ZMQ_LINGER, &none, sizeof none);
    zmq_setsockopt(socket, ZMQ_SNDHWM, &high, sizeof high);
    zmq_setsockopt(socket, ZMQ_RCVHWM, &high, sizeof high);
    if (kind == ZMQ_ROUTER)
        zmq_setsockopt(socket, ZMQ_ROUTER_MANDATORY, &one, sizeof one);
    if (!r->curve)
        return socket;
    if (kind == ZMQ_ROUTER) {
        zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &one, sizeof one);
        zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, r->server_secret, 40);
        return socket;
    }
    zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, r->server_public, 40);
    zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, r->client_public, 40);
    zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, r->client_secret, 40);
    return socket;
}

/* -- the producer -- */
typedef struct pushing {
    void *socket;
    uint8_t peer[64];
    size_t peer_len;
    int64_t sent, credit;
} pushing;

static bool push(void *ctx, const upp_frames *f)
{
    pushing *p = ctx;
    if (p->credit == 0)
        return false;
    must(zmq_send(p->socket, p->peer, p->peer_len, ZMQ_SNDMORE) >= 0, "send");
    zmq_send(p->socket, f->type.at, f->type.len, ZMQ_SNDMORE);
    zmq_send(p->socket, f->envelope.at, f->envelope.len, ZMQ_SNDMORE);
    zmq_send(p->socket, f->chain.at, f->chain.len, 0);
    p->sent++;
    p->credit--;
    return true;
}

static void take_credit(pushing *p, bool wait)
{
    for (;;) {
        uint32_t more = 0;
        uint8_t from[64];
        const int n = zmq_recv(p->socket, from, sizeof from, wait ? 0 : ZMQ_DONTWAIT);
        if (n < 0)
            return;
        memcpy(p->peer, from, (size_t)n);
        p->peer_len = (size_t)n;
        must(zmq_recv(p->socket, &more, sizeof more, 0) == sizeof more, "credit");
        p->credit += more;
        wait = false;
    }
}

static int64_t say_batch(upp_node *node, int64_t n, int64_t left)
{
    Uppsikt__Claim claim = UPPSIKT__CLAIM__INIT;
    uint8_t head[64], body[16];
    begin(node, n);
    const int64_t size = left < UPP_BATCH ? left : UPP_BATCH;
    for (int64_t i = 0; i < size; i++) {
        uint8_t id[16] = { 0 };
        const int64_t number = n + i;
        memcpy(id, &number, sizeof number);
        Uppsikt__RequestHead h = UPPSIKT__REQUEST_HEAD__INIT;
        h.id = (ProtobufCBinaryData){ sizeof id, id };
        const upp_frames f = { .type = { (const uint8_t *)"uppsikt.Claim", 13 },
                               .envelope = { head, uppsikt__request_head__pack(&h, head) },
                               .content = { body, uppsikt__claim__pack(&claim, body) } };
        must(upp_node_command(node, "bench", &f) == 0, "command");
    }
    must(upp_node_commit(node, NULL, NULL) == 0, "commit");
    return size;
}

static int produce(const run *r)
{
    upp_node *node = open_node(r, &producer);
    void *ctx = zmq_ctx_new();
    pushing p = { .socket = make_socket(r, ctx, ZMQ_ROUTER) };
    must(zmq_bind(p.socket, r->endpoint) == 0, "bind");
    must(write(r->ready[1], "", 1) == 1, "ready");
    take_credit(&p, true); /* the consumer is there */
    for (int64_t said = 0; p.sent < r->events;) {
        if (said < r->events)
            said += say_batch(node, said, r->events - said);
        take_credit(&p, p.credit == 0 && (said == r->events || said - p.sent > 4 * CREDIT));
        must(upp_node_log(node, p.sent, push, &p) == 0, "log");
    }
    take_credit(&p, true); /* the consumer's last word: all is committed */
    upp_node_free(node);
    return 0;
}

/* -- the consumer -- */
static size_t receive(void *socket, int flags, uint8_t *at, size_t size)
{
    const int n = zmq_recv(socket, at, size, flags);
    return n < 0 ? 0 : (size_t)n;
}

static bool deliver_one(upp_node *node, void *socket, int flags)
{
    static uint8_t type[128], envelope[4096], chain[512];
    upp_frames f = { .type = { type, receive(socket, flags, type, sizeof type) } };
    if (f.type.len == 0)
        return false;
    f.envelope = (upp_bytes){ envelope, receive(socket, 0, envelope, sizeof envelope) };
    f.chain = (upp_bytes){ chain, receive(socket, 0, chain, sizeof chain) };
    must(upp_node_deliver(node, "ingest", &f) == 0, "deliver");
    return true;
}

/* The clock starts when both stores are open: a hop is measured, not a start. */
static int64_t consume(const run *r, double *ret_from)
{
    upp_node *node = open_node(r, &consumer);
    char byte;
    must(read(r->ready[0], &byte, 1) == 1, "the producer's start");
    *ret_from = seconds_now();
    void *ctx = zmq_ctx_new();
    void *socket = make_socket(r, ctx, ZMQ_DEALER);
    const int whole = -1;
    int64_t got = 0, batches = 0;
    uint32_t credit = CREDIT;
    must(zmq_connect(socket, r->endpoint) == 0, "connect");
    zmq_send(socket, &credit, sizeof credit, 0);
    zmq_setsockopt(socket, ZMQ_RCVTIMEO, &whole, sizeof whole);
    while (got < r->events) {
        int64_t n = 0;
        begin(node, got);
        while (n < UPP_BATCH && got + n < r->events &&
               deliver_one(node, socket, n == 0 ? 0 : ZMQ_DONTWAIT))
            n++;
        must(upp_node_commit(node, NULL, NULL) == 0, "commit");
        got += n;
        batches++;
        credit = (uint32_t)n;
        zmq_send(socket, &credit, sizeof credit, 0);
    }
    zmq_close(socket); /* the last credit tells the producer to end */
    zmq_ctx_term(ctx);
    upp_node_free(node);
    return batches;
}

/* -- the measurement -- */
static double cpu_of(const struct rusage *u)
{
    return (double)u->ru_utime.tv_sec + (double)u->ru_utime.tv_usec / 1e6 +
           (double)u->ru_stime.tv_sec + (double)u->ru_stime.tv_usec / 1e6;
}

static void options(int argc, char **argv, run *ret_run)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0)
            ret_run->json = true;
        else if (i + 1 < argc && strcmp(argv[i], "--curve") == 0)
            ret_run->curve = argv[++i][0] == '1';
        else if (i + 1 < argc && strcmp(argv[i], "--events") == 0)
            ret_run->events = strtoll(argv[++i], NULL, 10);
        else if (i + 1 < argc && strcmp(argv[i], "--dir") == 0)
            ret_run->dir = argv[++i];
        else {
            fprintf(stderr,
                    "usage: upp-bench-hop [--curve 0|1] [--events N] [--dir DIR] [--json]\n");
            exit(2);
        }
    }
    if (ret_run->events < 1)
        exit(2);
}

int main(int argc, char **argv)
{
    run r = { .events = 20000, .curve = true, .dir = "." };
    struct rusage theirs, ours;
    int status = 0;
    options(argc, argv, &r);
    memset(padding, 'x', sizeof padding - 1);
    snprintf(r.endpoint, sizeof r.endpoint, "ipc://%s/hop", r.dir);
    must(zmq_curve_keypair(r.server_public, r.server_secret) == 0, "keys");
    must(zmq_curve_keypair(r.client_public, r.client_secret) == 0, "keys");
    must(pipe(r.ready) == 0, "pipe");
    const pid_t child = fork();
    must(child >= 0, "fork");
    if (child == 0)
        _exit(produce(&r));
    close(r.ready[1]); /* a producer that dies is heard */
    double from = 0;
    const int64_t batches = consume(&r, &from);
    const double span = seconds_now() - from;
    must(waitpid(child, &status, 0) == child && status == 0, "the producer");
    getrusage(RUSAGE_CHILDREN, &theirs);
    getrusage(RUSAGE_SELF, &ours);
    const double n = (double)r.events;
    const double cpu = (cpu_of(&theirs) + cpu_of(&ours)) / n * 1e6, commits = (double)batches / n;
    if (r.json)
        printf("{\"curve\":%d,\"events_per_second\":%.0f,\"cpu_us_per_event\":%.1f,"
               "\"commits_per_event\":%.4f}\n",
               r.curve, n / span, cpu, commits);
    else
        printf("curve %d  %.0f events/s  %.1f us CPU an event  %.4f commits an event\n", r.curve,
               n / span, cpu, commits);
    return 0;
}
