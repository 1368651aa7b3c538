/* peers.c - one small table. */
#include "peers.h"
#include "socket.h"
#include "yaml_rows.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct row {
    char service[UPP_PEER];
    char *endpoint;
} row;

struct upp_peers {
    char *run;
    row *rows;
    size_t n;
};

static void peers_freep(upp_peers **peers)
{
    upp_peers_free(*peers);
}

/* tcp://host:port, the port a number. */
static bool endpoint_fits(const char *text)
{
    if (strncmp(text, "ipc://", 6) == 0)
        return text[6] == '/';
    const char *colon = strrchr(text, ':');
    return strncmp(text, "tcp://", 6) == 0 && colon > text + 6 && colon[1] != '\0' &&
           strspn(colon + 1, "0123456789") == strlen(colon + 1);
}

static int add_row(upp_yaml *yaml, const yaml_node_pair_t *pair, upp_peers *peers)
{
    const yaml_node_t *key = upp_yaml_node(yaml, pair->key);
    const yaml_node_t *value = upp_yaml_node(yaml, pair->value);
    const char *service = upp_yaml_text(key);
    const char *endpoint = upp_yaml_text(value);
    if (!service || !upp_peer_fits(service))
        return upp_yaml_wrong(yaml, key, "not a service's name");
    if (!endpoint || !endpoint_fits(endpoint))
        return upp_yaml_wrong(yaml, value, "%s: tcp://host:port is wanted", service);
    for (size_t i = 0; i < peers->n; i++)
        if (strcmp(peers->rows[i].service, service) == 0)
            return upp_yaml_wrong(yaml, key, "%s: twice", service);
    row *grown = realloc(peers->rows, (peers->n + 1) * sizeof *grown);
    upp_check(grown != NULL);
    peers->rows = grown;
    row *r = &peers->rows[peers->n++];
    memcpy(r->service, service, strlen(service) + 1);
    r->endpoint = strdup(endpoint);
    upp_check(r->endpoint != NULL);
    return 0;
}

upp_peers *upp_peers_read(const char *run, const char *path, void (*say)(const char *line))
{
    UPP_AUTO(peers_freep) upp_peers *peers = calloc(1, sizeof *peers);
    upp_check(peers != NULL);
    peers->run = strdup(run);
    upp_check(peers->run != NULL);
    char there[PATH_MAX];
    const int n = snprintf(there, sizeof there, "%s/" UPP_PEERS_FILE, run);
    if (!path && n > 0 && n < PATH_MAX && access(there, F_OK) == 0)
        path = there;
    if (path) {
        UPP_AUTO(upp_yaml_free) upp_yaml yaml = { 0 };
        if (!upp_yaml_read(path, say, &yaml))
            return NULL;
        const yaml_node_t *root = upp_yaml_root(&yaml);
        int rc = 0;
        if (root && root->type != YAML_MAPPING_NODE)
            rc = upp_yaml_wrong(&yaml, root, "rows are wanted: service: tcp://host:port");
        if (root && rc == 0)
            for (const yaml_node_pair_t *p = root->data.mapping.pairs.start;
                 p < root->data.mapping.pairs.top; p++)
                if (add_row(&yaml, p, peers) < 0)
                    rc = UPP_E_INPUT;
        if (rc < 0)
            return NULL;
    }
    upp_peers *done = peers;
    peers = NULL;
    return done;
}

void upp_peers_free(upp_peers *peers)
{
    if (!peers)
        return;
    for (size_t i = 0; i < peers->n; i++)
        free(peers->rows[i].endpoint);
    free(peers->rows);
    free(peers->run);
    free(peers);
}

char *upp_peers_where(const upp_peers *peers, const char *service, void (*say)(const char *line))
{
    for (size_t i = 0; i < peers->n; i++)
        if (strcmp(peers->rows[i].service, service) == 0) {
            char *endpoint = strdup(peers->rows[i].endpoint);
            upp_check(endpoint != NULL);
            return endpoint;
        }
    return upp_socket_local(peers->run, service, say);
}
