/* config_yaml.c - one flat mapping, read by libyaml's events, which keep line and column. */
#include "config_parts.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { MAX_YAML = 1024 * 1024 };

static config_mark mark_of(yaml_mark_t at)
{
    return (config_mark){ .from = CONFIG_YAML, .line = at.line + 1, .column = at.column + 1 };
}

static const char *text_of(const yaml_event_t *scalar)
{
    return (const char *)scalar->data.scalar.value;
}

/* `name` or `name_file`. */
static config_setting *find(config_reading *reading, const char *key, bool *ret_is_path)
{
    for (size_t i = 0; i < reading->n_settings; i++) {
        const char *name = reading->settings[i].option->name;
        const size_t n = strlen(name);
        if (strncmp(key, name, n) != 0)
            continue;
        if (key[n] != '\0' && strcmp(key + n, "_file") != 0)
            continue;
        *ret_is_path = key[n] != '\0';
        return &reading->settings[i];
    }
    return NULL;
}

static bool is_null(const yaml_event_t *value)
{
    const char *text = text_of(value);
    return value->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           (strcmp(text, "") == 0 || strcmp(text, "~") == 0 || strcmp(text, "null") == 0);
}

/* One `key: value`, both scalars. */
static void take(config_reading *reading, const yaml_event_t *key, const yaml_event_t *value)
{
    const char *name = text_of(key);
    const config_mark at = mark_of(key->start_mark);
    bool is_path = false;
    config_setting *setting = find(reading, name, &is_path);
    if (!setting) {
        config_complain(reading, name, &at, "is no option; --help lists them all");
        return;
    }
    if (setting->text) {
        config_complain(reading, name, &at, "is given again (line %zu has it); keep one",
                        setting->mark.line);
        return;
    }
    if (strlen(text_of(value)) != value->data.scalar.length) {
        config_complain(reading, name, &at, "holds a zero byte; remove it");
        return;
    }
    const char *text = is_null(value) ? "" : text_of(value);
    setting->text = config_own(reading->config, text, strlen(text));
    setting->is_path = is_path;
    setting->mark = mark_of(value->start_mark);
    snprintf(setting->name, sizeof setting->name, "%s", name);
}

/* Goes past a list or mapping whose first event has been read. False: the file is broken. */
static bool skip_nested(yaml_parser_t *parser)
{
    for (int depth = 1; depth > 0;) {
        yaml_event_t event;
        if (!yaml_parser_parse(parser, &event))
            return false;
        const yaml_event_type_t type = event.type;
        yaml_event_delete(&event);
        if (type == YAML_SEQUENCE_START_EVENT || type == YAML_MAPPING_START_EVENT)
            depth++;
        if (type == YAML_SEQUENCE_END_EVENT || type == YAML_MAPPING_END_EVENT)
            depth--;
    }
    return true;
}

static bool is_nested(const yaml_event_t *event)
{
    return event->type == YAML_SEQUENCE_START_EVENT || event->type == YAML_MAPPING_START_EVENT;
}

/* What follows a key. False: the file is broken. */
static bool read_value(config_reading *reading, yaml_parser_t *parser, const yaml_event_t *key)
{
    UPP_AUTO(yaml_event_delete) yaml_event_t value = { 0 };
    if (!yaml_parser_parse(parser, &value))
        return false;
    if (value.type == YAML_SCALAR_EVENT) {
        take(reading, key, &value);
        return true;
    }
    const config_mark at = mark_of(value.start_mark);
    config_complain(reading, text_of(key), &at, "takes one value; write it after the colon");
    return is_nested(&value) ? skip_nested(parser) : true;
}

/* The pairs of the mapping, after its first event. False: the file is broken. */
static bool read_pairs(config_reading *reading, yaml_parser_t *parser)
{
    for (;;) {
        UPP_AUTO(yaml_event_delete) yaml_event_t key = { 0 };
        if (!yaml_parser_parse(parser, &key))
            return false;
        if (key.type == YAML_MAPPING_END_EVENT)
            return true;
        if (key.type == YAML_SCALAR_EVENT) {
            if (!read_value(reading, parser, &key))
                return false;
            continue;
        }
        const config_mark at = mark_of(key.start_mark);
        config_complain(reading, "yaml", &at, "a key must be a word; write `option: value`");
        yaml_event_t value = { 0 };
        if (is_nested(&key) && !skip_nested(parser))
            return false;
        if (!yaml_parser_parse(parser, &value))
            return false;
        const bool nested = is_nested(&value);
        yaml_event_delete(&value);
        if (nested && !skip_nested(parser))
            return false;
    }
}

/* False: the file is broken, the parser knows where. */
static bool read_stream(config_reading *reading, yaml_parser_t *parser)
{
    bool seen = false;
    for (;;) {
        UPP_AUTO(yaml_event_delete) yaml_event_t event = { 0 };
        if (!yaml_parser_parse(parser, &event))
            return false;
        if (event.type == YAML_STREAM_END_EVENT)
            return true;
        const config_mark at = mark_of(event.start_mark);
        if (event.type == YAML_MAPPING_START_EVENT && !seen) {
            seen = true;
            if (!read_pairs(reading, parser))
                return false;
        } else if (is_nested(&event) || event.type == YAML_SCALAR_EVENT) {
            if (event.type != YAML_SCALAR_EVENT || !is_null(&event))
                config_complain(reading, "yaml", &at,
                                "is not one list of `option: value`; write one a line");
            if (is_nested(&event) && !skip_nested(parser))
                return false;
        }
    }
}

void config_yaml(config_reading *reading)
{
    const config_mark top = { .from = CONFIG_YAML, .line = 1, .column = 1 };
    char *bytes = NULL;
    size_t len = 0;
    const char *why = config_file(reading->path, MAX_YAML, CONFIG_OPEN, &bytes, &len);
    if (why) {
        config_complain(reading, "yaml", &top, "%s", why);
        return;
    }
    yaml_parser_t parser;
    const int ready = yaml_parser_initialize(&parser);
    upp_check(ready);
    yaml_parser_set_input_string(&parser, (const unsigned char *)bytes, len);
    if (!read_stream(reading, &parser)) {
        const config_mark at = mark_of(parser.problem_mark);
        config_complain(reading, "yaml", &at, "%s; correct the file",
                        parser.problem ? parser.problem : "is no YAML");
    }
    yaml_parser_delete(&parser);
    free(bytes);
}
