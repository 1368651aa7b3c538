/* service_main.c - what a service's program is told on its command line. */
#include "driver.h"
#include "healthcheck.h"
#include "restore.h"
#include "upp/bus.h"
#include "upp/log.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void say(const char *line)
{
    fprintf(stderr, "%s\n", line);
}

static void config_freep(upp_config **config)
{
    upp_config_free(*config);
}

/* Everything that a start reads, and nothing that it makes. */
static int check_config(const upp_service *service, const upp_port *const *ports, const char *path)
{
    const bool complete = upp_ports_complete(ports, say);
    UPP_AUTO(config_freep) upp_config *config = upp_config_read(service, path, say);
    if (!config)
        return UPP_EXIT_CONFIG;
    const upp_runtime_config *runtime = upp_config_runtime(config);
    upp_part part;
    if (!upp_part_take(service, runtime->partition, runtime->partitions, say, &part))
        return UPP_EXIT_CONFIG;
    upp_keys *keys = upp_keys_open(runtime->keys, part.name, say);
    upp_rights *rights = upp_rights_read(runtime->rights, service->name, part.many, say);
    upp_peers *peers = upp_peers_read(runtime->run, runtime->peers, say);
    void *self = service->open ? service->open(upp_config_service(config), say) : NULL;
    const bool good = complete && keys && rights && peers && (self || !service->open);
    if (self && service->close)
        service->close(self);
    upp_keys_free(keys);
    upp_rights_free(rights);
    upp_peers_free(peers);
    if (good)
        printf("%s: the configuration is good\n", part.name);
    return good ? 0 : UPP_EXIT_CONFIG;
}

static int healthcheck(const upp_service *service, const char *path)
{
    UPP_AUTO(config_freep) upp_config *config = upp_config_read(service, path, say);
    const upp_runtime_config *runtime = config ? upp_config_runtime(config) : NULL;
    char where[UPP_OPS_WHERE];
    upp_part part;
    if (!config || !upp_part_take(service, runtime->partition, runtime->partitions, say, &part))
        return UPP_EXIT_CONFIG;
    if (!upp_ops_where(runtime, part.name, where)) {
        say("ops: off, so nobody can ask how the service is");
        return 1;
    }
    return upp_healthcheck(where, stdout);
}

static int serve(const upp_service *service, const upp_port *const *ports, const char *path)
{
    upp_driver *driver = calloc(1, sizeof *driver);
    upp_check(driver != NULL);
    driver->whole = service;
    driver->ports = ports;
    driver->config_path = path;
    int code = upp_driver_open(driver);
    if (code == 0)
        code = upp_driver_run(driver);
    if (code == UPP_EXIT_BROKEN) {
        upp_log(UPP_ERROR, NULL, "broken: the process ends, the supervisor starts it anew");
        fflush(stdout);
        _exit(code); /* no tidy end on a store that said no (F3) */
    }
    upp_driver_close(driver);
    free(driver);
    return code;
}

/* The same program in the same process, so that whoever watches over it sees nothing; all our
 * descriptors but the standard ones are closed by it. */
static int start_anew(char **argv)
{
    fflush(stdout);
    execv("/proc/self/exe", argv);
    upp_log(UPP_ERROR, NULL, "cannot be started anew: %s", strerror(errno));
    return UPP_EXIT_BROKEN;
}

static int usage(const upp_service *service, const char *what)
{
    fprintf(stderr, "uppsikt-%s: %s; see --help\n", service->name, what);
    return UPP_EXIT_CONFIG;
}

int upp_main(int argc, char **argv, const upp_service *service, const upp_port *const *ports)
{
    const char *path = NULL;
    const char *command = NULL;
    const char *ledger = NULL;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            upp_config_help(service, stdout);
            return 0;
        }
        if (strcmp(argv[i], "--version") == 0) {
            printf("uppsikt-%s %s\n", service->name, UPP_VERSION);
            return 0;
        }
        if (strcmp(argv[i], "--config") == 0) {
            if (++i == argc)
                return usage(service, "--config wants a file");
            path = argv[i];
        } else if (!command && argv[i][0] != '-') {
            command = argv[i];
        } else if (command && !ledger && strcmp(command, "restore") == 0) {
            ledger = argv[i];
        } else {
            return usage(service, "an unknown option");
        }
    }
    if (!command) {
        const int code = serve(service, ports, path);
        return code == UPP_EXIT_AGAIN ? start_anew(argv) : code;
    }
    if (strcmp(command, "check-config") == 0)
        return check_config(service, ports, path);
    if (strcmp(command, "healthcheck") == 0)
        return healthcheck(service, path);
    if (strcmp(command, "restore") == 0)
        return ledger ? upp_restore(service, path, ledger)
                      : usage(service, "restore wants a ledger; run uppsikt restore");
    return usage(service, "an unknown command");
}
