/* policy_diff.c - `uppsikt policy diff`: what a file would change of the policy in force, number by
 * number as they are written. Nothing is adopted by it. */
#include "policy_log.h"
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

extern const char uppsikt_policy_yaml[];

enum { PATH = 160 };

static void free_text(char **text)
{
    free(*text);
}

static json_t *node_json(yaml_document_t *doc, const yaml_node_t *node)
{
    json_t *all = NULL;
    switch (node->type) {
    case YAML_NO_NODE:
        return json_null();
    case YAML_SCALAR_NODE:
        return json_stringn((const char *)node->data.scalar.value, node->data.scalar.length);
    case YAML_SEQUENCE_NODE:
        all = json_array();
        for (const yaml_node_item_t *i = node->data.sequence.items.start;
             i < node->data.sequence.items.top; i++)
            json_array_append_new(all, node_json(doc, yaml_document_get_node(doc, *i)));
        return all;
    case YAML_MAPPING_NODE:
        all = json_object();
        for (const yaml_node_pair_t *p = node->data.mapping.pairs.start;
             p < node->data.mapping.pairs.top; p++) {
            const yaml_node_t *key = yaml_document_get_node(doc, p->key);
            json_object_set_new(all, (const char *)key->data.scalar.value,
                                node_json(doc, yaml_document_get_node(doc, p->value)));
        }
        return all;
    }
    return json_null();
}

/* A text that policy_parse has taken: keys are scalars, and it is no deeper than a calendar is. */
static json_t *text_json(const char *text)
{
    yaml_parser_t parser;
    yaml_document_t doc;
    upp_check(yaml_parser_initialize(&parser));
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, strlen(text));
    upp_check(yaml_parser_load(&parser, &doc));
    json_t *all = node_json(&doc, yaml_document_get_root_node(&doc));
    yaml_document_delete(&doc);
    yaml_parser_delete(&parser);
    return all;
}

/* "clocks.acute": each value at the depth at which policy_parse replaces it whole. */
static void lay(json_t *flat, const char *path, json_t *value, int depth)
{
    const char *key = NULL;
    json_t *below = NULL;
    if (!json_is_object(value) || depth == 0) {
        json_object_set(flat, path, value);
        return;
    }
    json_object_foreach(value, key, below)
    {
        char longer[PATH];
        snprintf(longer, sizeof longer, "%s.%.80s", path, key);
        lay(flat, longer, below, depth - 1);
    }
}

static void lay_text(json_t *flat, const char *text)
{
    UPP_AUTO(json_freep) json_t *all = text_json(text);
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach(all, key, value)
        lay(flat, key, value, strcmp(key, "calendars") == 0 ? 2 : 1);
}

/* What a text leaves out is built in (policy.h). */
static json_t *flatten(const char *text)
{
    json_t *flat = json_object();
    lay_text(flat, uppsikt_policy_yaml);
    lay_text(flat, text);
    return flat;
}

static char *value_text(const json_t *value)
{
    char *text = !value                  ? strdup("-")
                 : json_is_string(value) ? strdup(json_string_value(value))
                                         : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    upp_check(text);
    return text;
}

static void add_row(json_t *rows, const char *key, const json_t *now, const json_t *then)
{
    UPP_AUTO(free_text) char *was = value_text(now);
    UPP_AUTO(free_text) char *is = value_text(then);
    if (strcmp(was, is) != 0)
        json_array_append_new(rows,
                              json_pack("{s:s, s:s, s:s}", "key", key, "now", was, "then", is));
}

static json_t *differences(const char *now_text, const char *then_text)
{
    UPP_AUTO(json_freep) json_t *now = flatten(now_text);
    UPP_AUTO(json_freep) json_t *then = flatten(then_text);
    json_t *rows = json_array();
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach(now, key, value) add_row(rows, key, value, json_object_get(then, key));
    json_object_foreach(then, key, value) if (!json_object_get(now, key))
        add_row(rows, key, NULL, value);
    return rows;
}

int policy_diff(verb_call *call)
{
    UPP_AUTO(policy_log_done) policy_log log = { 0 };
    UPP_AUTO(free_text) char *text = policy_file(call->operands[0]);
    if (!text)
        return CALL_USAGE;
    int rc = policy_check_text(call->operands[0], text);
    if (rc == CALL_DONE)
        rc = policy_log_read(call, 0, &log);
    if (rc != CALL_DONE)
        return rc;
    const char *authority = call_text(call, "authority");
    const json_t *now = policy_log_of(&log, authority ? authority : "");
    UPP_AUTO(json_freep)
    json_t *rows = differences(now ? policy_log_text(now, "yaml") : uppsikt_policy_yaml, text);
    if (call->json) {
        for (size_t i = 0; i < json_array_size(rows); i++)
            print_json(json_array_get(rows, i));
        return CALL_DONE;
    }
    if (json_array_size(rows) == 0)
        puts("it says the same as what is in force");
    else
        print_table(call->home, rows, "KEY=key NOW=now THEN=then");
    return CALL_DONE;
}
