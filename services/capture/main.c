/* main.c - uppsikt-capture on its command line. */
#include "config.h"
#include "healthcheck.h"
#include "keys.h"
#include "ops.h"
#include "serve.h"
#include <stdio.h>
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

static int check_config(const char *path)
{
    UPP_AUTO(config_freep) upp_config *config = upp_config_read(&capture_program, path, say);
    if (!config || !capture_config_good(upp_config_service(config), say))
        return SERVE_CONFIG;
    const capture_config *own = upp_config_service(config);
    upp_keys *keys = upp_keys_open(upp_config_runtime(config)->keys, capture_program.name, say);
    if (!keys)
        return SERVE_CONFIG;
    upp_keys_free(keys);
    printf("capture: the configuration is good%s\n",
           access(own->browser, X_OK) == 0
               ? ""
               : ", but the browser is missing: apt-get install chromium chromium-sandbox");
    return 0;
}

static int healthcheck(const char *path)
{
    UPP_AUTO(config_freep) upp_config *config = upp_config_read(&capture_program, path, say);
    char where[UPP_OPS_WHERE];
    if (!config)
        return SERVE_CONFIG;
    if (!upp_ops_where(upp_config_runtime(config), capture_program.name, where)) {
        say("ops: off, so nobody can ask how it is");
        return 1;
    }
    return upp_healthcheck(where, stdout);
}

static int usage(const char *what)
{
    fprintf(stderr, "uppsikt-capture: %s; see --help\n", what);
    return SERVE_CONFIG;
}

int main(int argc, char **argv)
{
    const char *path = NULL;
    const char *command = NULL;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            upp_config_help(&capture_program, stdout);
            return 0;
        }
        if (strcmp(argv[i], "--version") == 0) {
            printf("uppsikt-capture %s\n", UPP_VERSION);
            return 0;
        }
        if (strcmp(argv[i], "--config") == 0) {
            if (++i == argc)
                return usage("--config wants a file");
            path = argv[i];
        } else if (!command && argv[i][0] != '-') {
            command = argv[i];
        } else {
            return usage("an unknown option");
        }
    }
    if (!command)
        return serve(path);
    if (strcmp(command, "check-config") == 0)
        return check_config(path);
    if (strcmp(command, "healthcheck") == 0)
        return healthcheck(path);
    return usage("an unknown command");
}
