/* config.h - options tables over a YAML file, UPPSIKT_* and *_FILE; private to the driver. */
#pragma once
#include "upp/service.h"
#include <stdio.h>

/* What every program needs, whatever its subject; its options are printed first by --help. */
typedef struct upp_runtime_config {
    const char *data;       /* folder of this service: <service>.db, objects/, ballast */
    const char *run;        /* short folder of sockets */
    const char *keys;       /* <peer>.key, <peer>.pub */
    const char *rights;     /* rights.yaml: who may do what (ARCHITECTURE §4) */
    const char *listen;     /* "ipc" (default: <run>/<service>) or a tcp:// endpoint */
    const char *peers;      /* YAML file `service: tcp://host:port`; NULL: all by ipc in <run> */
    const char *ops;        /* "" off, "unix" (default: <run>/<service>.ops) or host:port */
    const char *place;      /* folder shared by one deployment: suite clock (t0), lookup.key */
    const char *lookup_key; /* secret, 64 hex digits: for upp_keyed */
    int64_t speed;          /* 1; more only on data made with it */
    const char *partition;  /* "2/4": this process is part 2 of 4; NULL: the whole */
    const char *partitions; /* "classify=4": those services are several; NULL: none */
} upp_runtime_config;

typedef struct upp_config upp_config;

/* Reads `path` (NULL: no file) and the environment into a fresh struct of service->config_size and
 * into the runtime's. All complaints at once, one a line, to `say`: "<file>:<line>:<col>: <key>:
 * what is wrong; the cure". An unknown or doubled key is an error; `VAR` and `VAR_FILE` both set is
 * an error; a secret in clear in the file or the environment is an error. NULL on any complaint.
 * Secrets are also looked for in $CREDENTIALS_DIRECTORY/<name>. */
upp_config *upp_config_read(const upp_service *service, const char *path,
                            void (*say)(const char *line));
void upp_config_free(upp_config *config); /* wipes secrets; NULL is fine */
const void *upp_config_service(const upp_config *config);
const upp_runtime_config *upp_config_runtime(const upp_config *config);
/* --help: usage, then both tables with presets and environment names. */
void upp_config_help(const upp_service *service, FILE *out);
