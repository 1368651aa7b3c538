/* driver_open.c - start and end of a service's process: first what can be refused, then what others
 * can see. */
#include "driver.h"
#include "notify.h"
#include "part_store.h"
#include "socket.h"
#include "store.h"
#include "upp/host.h"
#include "upp/log.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

/* Before any thread: what is blocked here is blocked in all of them and comes by the descriptor. */
static void open_signals(upp_driver *d)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    upp_check(pthread_sigmask(SIG_BLOCK, &set, NULL) == 0);
    struct sigaction ignore = { .sa_handler = SIG_IGN };
    upp_check(sigaction(SIGPIPE, &ignore, NULL) == 0);
    d->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    upp_check(d->signal_fd >= 0);
}

/* One writer a database (F12): a second process of the same data stops here. */
static bool lock_data(upp_driver *d, const char *data)
{
    char path[UPP_DRIVER_PATH];
    if ((size_t)snprintf(path, sizeof path, "%s/lock", data) >= sizeof path)
        return false;
    (void)mkdir(data, 0700); /* on a fresh volume; what is missing above it, the next line says */
    d->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    if (d->lock_fd >= 0 && fcntl(d->lock_fd, F_SETLK, &lock) == 0)
        return true;
    upp_log(UPP_ERROR, NULL, "data: cannot be locked (%s); another process of this service runs?",
            strerror(errno));
    return false;
}

static bool open_objects(upp_driver *d, const char *data)
{
    if ((size_t)snprintf(d->objects, sizeof d->objects, "%s/objects", data) >= sizeof d->objects)
        return false;
    if (mkdir(d->objects, 0700) == 0 || errno == EEXIST)
        return true;
    upp_log(UPP_ERROR, NULL, "data: the folder of objects cannot be made: %s", strerror(errno));
    return false;
}

static void silent(const char *line)
{
    (void)line; /* said already */
}

/* What made the node fail: the configuration names another part than the store, its service's own
 * look at the configuration, or the store? */
static int why_no_node(const upp_driver *d, const char *path)
{
    unsigned part = 1, of = 1;
    if (upp_part_stored(path, &part, &of, silent) &&
        (part != d->service->part || of != d->service->of))
        return UPP_EXIT_CONFIG;
    if (!d->service->open)
        return UPP_EXIT_BROKEN;
    void *self = d->service->open(upp_config_service(d->config), upp_log_say);
    if (!self)
        return UPP_EXIT_CONFIG;
    if (d->service->close)
        d->service->close(self);
    return UPP_EXIT_BROKEN;
}

/* A trial that runs faster than real time sends nothing off this machine (ARCHITECTURE §4). */
static bool trial_stays_here(const upp_driver *d, int64_t speed)
{
    const char *option =
        speed > 1 ? upp_option_elsewhere(d->service, upp_config_service(d->config)) : NULL;
    if (option)
        upp_log(UPP_ERROR, NULL,
                "%s: names a server elsewhere, and speed is %lld; a trial stays on this machine:"
                " name one here, or set speed to 1",
                option, (long long)speed);
    return !option;
}

static int open_store(upp_driver *d)
{
    const upp_runtime_config *runtime = upp_config_runtime(d->config);
    char path[UPP_DRIVER_PATH + 64];
    snprintf(path, sizeof path, "%s/%s.db", runtime->data, d->service->name);
    const bool has_data = access(path, F_OK) == 0;
    if (!upp_part_alone(runtime->data, d->service, upp_log_say) ||
        !trial_stays_here(d, runtime->speed) || !lock_data(d, runtime->data) ||
        !open_objects(d, runtime->data))
        return UPP_EXIT_CONFIG;
    if (upp_suite_clock_open(runtime->place, runtime->speed, has_data, upp_real_now(), upp_log_say,
                             &d->clock) < 0)
        return UPP_EXIT_CONFIG;
    if (upp_disk_ballast(runtime->data, upp_config_disk(d->config), upp_log_say) < 0)
        return UPP_EXIT_BROKEN;
    size_t n = 0;
    if (sodium_hex2bin(d->lookup_key, sizeof d->lookup_key, runtime->lookup_key,
                       strlen(runtime->lookup_key), NULL, &n, NULL) != 0 ||
        n != sizeof d->lookup_key) {
        upp_log(UPP_ERROR, NULL, "lookup_key: 64 hex digits are wanted");
        return UPP_EXIT_CONFIG;
    }
    upp_store_beside(runtime->data);
    d->node = upp_node_new(d->service, &(upp_store){ .path = path, .lookup_key = d->lookup_key },
                           upp_config_service(d->config), upp_log_say);
    return d->node ? 0 : why_no_node(d, path);
}

/* A path that is too long is found at start, not when somebody is waited for. */
static bool can_name_sources(const upp_driver *d, const upp_peers *peers)
{
    bool good = true;
    for (size_t i = 0; upp_node_source(d->node, i); i++) {
        char *endpoint = upp_peers_where(peers, upp_node_source(d->node, i), upp_log_say);
        good = good && endpoint;
        free(endpoint);
    }
    return good;
}

static int open_bus(upp_driver *d)
{
    const upp_runtime_config *runtime = upp_config_runtime(d->config);
    char *endpoint = strcmp(runtime->listen, "ipc") == 0
                         ? upp_socket_local(runtime->run, d->service->name, upp_log_say)
                         : strdup(runtime->listen);
    upp_rights *rights =
        upp_rights_read(runtime->rights, d->whole->name, d->service->many, upp_log_say);
    upp_peers *peers = upp_peers_read(runtime->run, runtime->peers, upp_log_say);
    d->zap = upp_zap_start(d->keys, upp_log_say); /* before any bind (F4) */
    if (endpoint && rights && peers && can_name_sources(d, peers) && d->zap)
        d->socket = upp_socket_bind(d->keys, endpoint, upp_log_say);
    free(endpoint);
    if (!d->socket) {
        upp_rights_free(rights);
        upp_peers_free(peers);
        return UPP_EXIT_CONFIG;
    }
    d->backup = upp_backup_new(&d->loop, zsock_resolve(d->socket), runtime->data);
    d->router = upp_router_new(&(upp_router_parts){ .loop = &d->loop,
                                                    .keys = d->keys,
                                                    .batch = &d->batch,
                                                    .socket = zsock_resolve(d->socket),
                                                    .state = upp_driver_state,
                                                    .state_ctx = d,
                                                    .backup = d->backup },
                               rights);
    upp_loop_tap(&d->loop, zsock_resolve(d->socket), ZMQ_POLLIN);
    d->subscriber = upp_subscriber_new(
        &(upp_subscriber_parts){ .loop = &d->loop, .keys = d->keys, .batch = &d->batch }, peers);
    upp_check(upp_subscriber_count(d->subscriber) <= UPP_DRIVER_SOURCES);
    return 0;
}

static int open_ops(upp_driver *d)
{
    char where[UPP_OPS_WHERE];
    if (!upp_ops_where(upp_config_runtime(d->config), d->service->name, where))
        return 0;
    const upp_ops_owner owner = upp_driver_owner(d);
    d->ops = upp_ops_new(&d->loop, where, &owner, upp_log_say);
    return d->ops ? 0 : UPP_EXIT_CONFIG;
}

upp_place upp_driver_place(const upp_driver *driver, const upp_config *config)
{
    const upp_runtime_config *runtime = upp_config_runtime(config);
    return (upp_place){ .run = runtime->run, .keys = runtime->keys, .peer = driver->service->name };
}

static void send_outcome(void *ctx, const upp_identity *to, const upp_frames *outcome)
{
    const upp_driver *d = ctx;
    if (upp_wire_bytes(outcome) > UPP_WIRE_BYTES)
        upp_log(UPP_ERROR, NULL, "an outcome longer than a message may be");
    else
        (void)upp_wire_send(zsock_resolve(d->socket), to, outcome); /* gone: the same id again */
}

bool upp_ports_complete(const upp_port *const *ports, void (*say)(const char *line))
{
    bool complete = true;
    for (size_t i = 0; ports && ports[i]; i++) {
        const char *lacks = ports[i]->lacks ? ports[i]->lacks() : NULL;
        char line[400];
        snprintf(line, sizeof line, "port %s: %s", ports[i]->name, lacks ? lacks : "");
        if (lacks)
            say(line);
        complete = complete && !lacks;
    }
    return complete;
}

int upp_driver_open(upp_driver *driver)
{
    upp_driver *d = driver;
    d->lock_fd = d->signal_fd = -1;
    upp_check(sodium_init() >= 0);
    umask(077);
    open_signals(d);
    upp_log_open(d->whole->name);
    d->config = upp_config_read(d->whole, d->config_path, upp_log_say);
    if (!d->config ||
        !upp_part_take(d->whole, upp_config_runtime(d->config)->partition,
                       upp_config_runtime(d->config)->partitions, upp_log_say, &d->part))
        return UPP_EXIT_CONFIG;
    d->service = &d->part.service;
    upp_log_open(d->service->name);
    if (!upp_ops_possible(upp_log_say) || !upp_ports_complete(d->ports, upp_log_say))
        return UPP_EXIT_CONFIG;
    upp_socket_init();
    d->keys = upp_keys_open(upp_config_runtime(d->config)->keys, d->service->name, upp_log_say);
    if (!d->keys)
        return UPP_EXIT_CONFIG;
    const int store = open_store(d);
    if (store)
        return store;
    upp_loop_open(&d->loop, &d->clock);
    d->loop.node = d->node;
    d->loop.objects = d->objects;
    d->loop.place = upp_driver_place(d, d->config);
    upp_batch_open(&d->batch, &d->loop, send_outcome, d);
    const int bus = open_bus(d);
    if (bus)
        return bus;
    d->asks = upp_asks_open(&d->loop, d->ports, upp_config_service(d->config), upp_log_say);
    if (!d->asks)
        return UPP_EXIT_CONFIG;
    return open_ops(d);
}

/* In one file when it is backed up, and short when it is opened again. */
static void checkpoint(upp_driver *d)
{
    sqlite3 *db = upp_node_db(d->node);
    if (sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) != SQLITE_OK)
        upp_log(UPP_WARN, NULL, "checkpoint: %s", sqlite3_errmsg(db));
}

void upp_driver_close(upp_driver *driver)
{
    upp_driver *d = driver;
    upp_ops_free(d->ops);
    if (d->loop.batch)
        upp_batch_close(&d->batch);
    upp_asks_close(d->asks);
    upp_subscriber_free(d->subscriber);
    upp_router_free(d->router);
    upp_backup_free(d->backup);
    if (d->socket)
        upp_loop_tap(&d->loop, zsock_resolve(d->socket), 0);
    zsock_destroy(&d->socket);
    if (d->loop.worker)
        upp_loop_close(&d->loop);
    upp_zap_stop(d->zap);
    if (d->node)
        checkpoint(d);
    upp_node_free(d->node);
    upp_keys_free(d->keys);
    upp_config_free(d->config);
    sodium_memzero(d->lookup_key, sizeof d->lookup_key);
    if (d->signal_fd >= 0)
        close(d->signal_fd);
    if (d->lock_fd >= 0)
        close(d->lock_fd);
}
