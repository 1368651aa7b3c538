/* yaml_rows.h - small YAML files of the driver (rights, peers), with libyaml's own marks in every
 * complaint: "<file>:<line>:<column>: what is wrong". */
#pragma once
#include "upp/base.h"
#include <yaml.h>

typedef struct upp_yaml {
    yaml_document_t document;
    const char *path; /* lent */
    void (*say)(const char *line);
    bool full;
} upp_yaml;

/* Reads the one document of `path`, at most 1 MiB. False: `say` has heard why. An empty file has no
 * root (upp_yaml_root gives NULL). `ret_yaml` is freed in both cases. */
bool upp_yaml_read(const char *path, void (*say)(const char *line), upp_yaml *ret_yaml);
void upp_yaml_free(upp_yaml *yaml);
const yaml_node_t *upp_yaml_root(upp_yaml *yaml);
const yaml_node_t *upp_yaml_node(upp_yaml *yaml, int id);
/* A scalar's text without zero bytes; NULL: not a scalar. The document's. */
const char *upp_yaml_text(const yaml_node_t *node);
/* One complaint at the place of `node` (NULL: at the beginning). Returns UPP_E_INPUT. */
UPP_PRINTF(3, 4) int upp_yaml_wrong(upp_yaml *yaml, const yaml_node_t *node, const char *fmt, ...);
