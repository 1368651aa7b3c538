/* policy_reader.h - what the two halves of the policy file's reader share: nodes of a YAML document
 * and complaints that say where. Not for others. */
#pragma once
#include "policy.h"
#include <yaml.h>

typedef struct policy_reader {
    yaml_document_t doc;
    policy_complaints *out;
} policy_reader;

/* One complaint, with the line and column of the node. */
void policy_complain(policy_reader *r, const yaml_node_t *at, const char *fmt, ...)
    UPP_PRINTF(3, 4);

/* The text of a scalar; NULL and a complaint if the node is something else. */
const char *policy_scalar(policy_reader *r, const yaml_node_t *node);

/* The nth pair of a mapping. Gives false after the last one. A key that came before, or that is not
 * a scalar, is complained of and skipped: *ret_key is then NULL. */
bool policy_pair(policy_reader *r, const yaml_node_t *map, size_t n, const char **ret_key,
                 const yaml_node_t **ret_key_node, const yaml_node_t **ret_value);

/* The nth item of a sequence; NULL after the last one. */
const yaml_node_t *policy_item(policy_reader *r, const yaml_node_t *list, size_t n);

/* A whole number in [min, max], as the whole text. */
bool policy_number(const char *text, int64_t min, int64_t max, int64_t *ret_value);

/* "08:00", up to "24:00", in minutes. */
bool policy_minute(const char *text, int64_t *ret_minute);

/* The mapping under `calendars:`. Complaints go to the reader; UPP_E_BUSY: memory is out. */
int policy_read_calendars(policy_reader *r, const yaml_node_t *map, policy *pol) UPP_MUST_USE;
