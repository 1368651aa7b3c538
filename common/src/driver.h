/* driver.h - one service's process: all the parts of the bus driver around one node. */
#pragma once
#include "asks.h"
#include "config.h"
#include "disk.h"
#include "keys.h"
#include "ops.h"
#include "part.h"
#include "router.h"
#include "subscriber.h"
#include "uppsikt/runtime.pb-c.h"
#include "zap.h"
#include <czmq.h>

enum { UPP_DRIVER_SOURCES = 32, UPP_DRIVER_PATH = 4096 };

typedef struct upp_driver {
    const upp_service *whole;   /* as its author wrote it; its options have that name */
    upp_part part;              /* what the configuration makes of it ... */
    const upp_service *service; /* ... and that is what runs */
    const upp_port *const *ports;
    const char *config_path; /* NULL: no file */
    upp_config *config;
    upp_suite_clock clock;
    upp_loop loop;
    upp_batch batch;
    upp_node *node;
    upp_keys *keys;
    upp_zap *zap;
    zsock_t *socket;
    upp_asks *asks;
    upp_backup *backup;
    upp_router *router;
    upp_subscriber *subscriber;
    upp_ops *ops;
    int lock_fd, signal_fd;
    char objects[UPP_DRIVER_PATH];
    uint8_t lookup_key[32];

    bool started;    /* on_start has been committed */
    bool stopping;   /* SIGTERM has come */
    bool again;      /* our own key is new: stop, and start in the same process with it */
    upp_ms again_by; /* steady: by then whatever is in hand */
    bool reload;     /* SIGHUP has come */
    bool disk_low;
    upp_ms jumped;     /* the machine's clock, and it has not been said yet */
    bool sweep;        /* look for objects that may go */
    unsigned seconds;  /* beats so far */
    unsigned quiet;    /* beats since the last commit */
    upp_ms turns_left; /* of the last push, while stopping */

    /* What a ServiceState of ours points to. */
    Uppsikt__SourceState states[UPP_DRIVER_SOURCES];
    Uppsikt__SourceState *state_rows[UPP_DRIVER_SOURCES];
    upp_point points[UPP_DRIVER_SOURCES];
} upp_driver;

/* The exit codes of a service's program (sysexits.h). UPP_EXIT_AGAIN is none of them: the program
 * is to be executed anew in the same process. */
enum { UPP_EXIT_AGAIN = -1, UPP_EXIT_STOPPED = 0, UPP_EXIT_BROKEN = 70, UPP_EXIT_CONFIG = 78 };

/* Has each of `ports` (NULL-terminated; NULL: none) all that it needs? `say` has heard what not. */
bool upp_ports_complete(const upp_port *const *ports, void (*say)(const char *line));
/* Everything up to the first turn. 0, or the exit code; in both cases upp_driver_close follows. */
int upp_driver_open(upp_driver *driver);
/* Turns until SIGTERM or a failure that ends the process; gives the exit code. */
int upp_driver_run(upp_driver *driver);
void upp_driver_close(upp_driver *driver);
/* For its ports; borrowed from `config`. */
upp_place upp_driver_place(const upp_driver *driver, const upp_config *config);

/* -- readiness.c -- */
void upp_driver_state(void *driver, void *state); /* upp_router_state */
upp_ops_owner upp_driver_owner(upp_driver *driver);

/* -- reload.c -- */
/* Reads configuration, keys, rights and peers again; what is wrong is said and the old one stays.
 * Negative: a port could not be opened again, the process ends. */
int upp_driver_reload(upp_driver *driver);
