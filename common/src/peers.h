/* peers.h - where the other services are: by default each one's local socket <run>/<service>; else
 * a YAML file of rows `service: tcp://host:port`, <run>/peers.yaml where no other one is named. */
#pragma once
#include "upp/base.h"

typedef struct upp_peers upp_peers;

#define UPP_PEERS_FILE "peers.yaml"

/* `path` NULL: <run>/peers.yaml, and without one all are local. NULL: `say` has heard every
 * complaint. */
upp_peers *upp_peers_read(const char *run, const char *path, void (*say)(const char *line));
void upp_peers_free(upp_peers *peers); /* NULL is fine */
/* The endpoint of `service`, in fresh memory (free): a row's, or the local one. NULL: a path too
 * long for a local socket; `say` has heard it. */
char *upp_peers_where(const upp_peers *peers, const char *service, void (*say)(const char *line));
