/* yaml_rows.c - a whole document in memory, then walked. */
#include "yaml_rows.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { FILE_BYTES = 1024 * 1024, LINE_BYTES = 1024 };

static void close_file(FILE **file)
{
    if (*file)
        fclose(*file);
}

static void complain_at(const upp_yaml *yaml, size_t line, size_t column, const char *what)
{
    char text[LINE_BYTES];
    snprintf(text, sizeof text, "%s:%zu:%zu: %s", yaml->path, line + 1, column + 1, what);
    for (char *at = text; *at; at++) /* what the file says is echoed: one line all the same */
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            *at = '?';
    yaml->say(text);
}

bool upp_yaml_read(const char *path, void (*say)(const char *line), upp_yaml *ret_yaml)
{
    *ret_yaml = (upp_yaml){ .path = path, .say = say };
    UPP_AUTO(close_file) FILE *file = fopen(path, "rbe");
    if (!file || fseek(file, 0, SEEK_END) != 0) {
        char text[LINE_BYTES];
        snprintf(text, sizeof text, "%s: cannot be read: %s", path, strerror(errno));
        say(text);
        return false;
    }
    if (ftell(file) > FILE_BYTES) {
        complain_at(ret_yaml, 0, 0, "longer than 1 MiB");
        return false;
    }
    rewind(file);
    yaml_parser_t parser;
    upp_check(yaml_parser_initialize(&parser) == 1);
    yaml_parser_set_input_file(&parser, file);
    ret_yaml->full = yaml_parser_load(&parser, &ret_yaml->document) == 1;
    if (!ret_yaml->full)
        complain_at(ret_yaml, parser.problem_mark.line, parser.problem_mark.column,
                    parser.problem ? parser.problem : "not YAML");
    yaml_parser_delete(&parser);
    return ret_yaml->full;
}

void upp_yaml_free(upp_yaml *yaml)
{
    if (yaml->full)
        yaml_document_delete(&yaml->document);
    yaml->full = false;
}

const yaml_node_t *upp_yaml_root(upp_yaml *yaml)
{
    return yaml_document_get_root_node(&yaml->document);
}

const yaml_node_t *upp_yaml_node(upp_yaml *yaml, int id)
{
    return yaml_document_get_node(&yaml->document, id);
}

const char *upp_yaml_text(const yaml_node_t *node)
{
    if (!node || node->type != YAML_SCALAR_NODE)
        return NULL;
    const char *text = (const char *)node->data.scalar.value;
    return strlen(text) == node->data.scalar.length ? text : NULL;
}

int upp_yaml_wrong(upp_yaml *yaml, const yaml_node_t *node, const char *fmt, ...)
{
    char text[LINE_BYTES / 2];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    complain_at(yaml, node ? node->start_mark.line : 0, node ? node->start_mark.column : 0, text);
    return UPP_E_INPUT;
}
