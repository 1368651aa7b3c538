/* rights.c - rows that give, and a walk over them. */
#include "rights.h"
#include "keys.h"
#include "part.h"
#include "yaml_rows.h"
#include <stdlib.h>
#include <string.h>

typedef struct names {
    char **at;
    size_t n;
} names;

typedef struct row {
    names peer, owner, type;
    enum upp_verb verb;
    bool content;
} row;

struct upp_rights {
    row *rows;
    size_t n;
    const char *many; /* lent */
};

static bool names_have(const names *list, upp_bytes name)
{
    for (size_t i = 0; i < list->n; i++) {
        const char *s = list->at[i];
        if (strcmp(s, "*") == 0 || (strlen(s) == name.len && memcmp(s, name.at, name.len) == 0))
            return true;
    }
    return false;
}

static void names_free(names *list)
{
    for (size_t i = 0; i < list->n; i++)
        free(list->at[i]);
    free(list->at);
}

static void row_free(row *r)
{
    names_free(&r->peer);
    names_free(&r->owner);
    names_free(&r->type);
}

static void rights_freep(upp_rights **rights)
{
    upp_rights_free(*rights);
}

/* A full protobuf name: letters, digits, '_' and dots. */
static bool type_fits(const char *s)
{
    return s[0] != '\0' && strchr(s, '.') != NULL &&
           strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.") ==
               strlen(s);
}

static int add_name(upp_yaml *yaml, const yaml_node_t *node, bool (*fits)(const char *),
                    names *list)
{
    const char *text = upp_yaml_text(node);
    if (!text || (strcmp(text, "*") != 0 && !fits(text)))
        return upp_yaml_wrong(yaml, node, "'%s' is not such a name", text ? text : "this");
    char **grown = realloc(list->at, (list->n + 1) * sizeof *grown);
    upp_check(grown != NULL);
    list->at = grown;
    list->at[list->n] = strdup(text);
    upp_check(list->at[list->n] != NULL);
    list->n++;
    return 0;
}

static int read_names(upp_yaml *yaml, const yaml_node_t *node, bool (*fits)(const char *),
                      names *list)
{
    if (list->n > 0)
        return upp_yaml_wrong(yaml, node, "twice in one row");
    if (node->type != YAML_SEQUENCE_NODE)
        return add_name(yaml, node, fits, list);
    for (const yaml_node_item_t *i = node->data.sequence.items.start;
         i < node->data.sequence.items.top; i++)
        UPP_TRY(add_name(yaml, upp_yaml_node(yaml, *i), fits, list));
    return 0;
}

static int read_verb(upp_yaml *yaml, const yaml_node_t *node, enum upp_verb *ret_verb)
{
    static const char *const words[] = { [UPP_MAY_EVENT] = "event",
                                         [UPP_MAY_COMMAND] = "command",
                                         [UPP_MAY_QUERY] = "query",
                                         [UPP_MAY_OBJECT] = "object" };
    const char *text = upp_yaml_text(node);
    for (size_t i = 0; text && i < UPP_LEN(words); i++)
        if (strcmp(text, words[i]) == 0) {
            *ret_verb = (enum upp_verb)i;
            return 0;
        }
    return upp_yaml_wrong(yaml, node, "verb: event, command, query or object");
}

static int read_field(upp_yaml *yaml, const yaml_node_t *key, const yaml_node_t *value, row *r,
                      bool *has_verb)
{
    const char *name = upp_yaml_text(key);
    if (name && strcmp(name, "peer") == 0)
        return read_names(yaml, value, upp_peer_fits, &r->peer);
    if (name && strcmp(name, "owner") == 0)
        return read_names(yaml, value, upp_peer_fits, &r->owner);
    if (name && strcmp(name, "type") == 0)
        return read_names(yaml, value, type_fits, &r->type);
    if (name && strcmp(name, "verb") == 0) {
        *has_verb = true;
        return read_verb(yaml, value, &r->verb);
    }
    if (name && strcmp(name, "content") == 0) {
        const char *text = upp_yaml_text(value);
        r->content = text && strcmp(text, "yes") == 0;
        if (!r->content && (!text || strcmp(text, "no") != 0))
            return upp_yaml_wrong(yaml, value, "content: yes or no");
        return 0;
    }
    return upp_yaml_wrong(yaml, key, "'%s' is no word of a right: peer, owner, verb, type, content",
                          name ? name : "this");
}

static int read_row(upp_yaml *yaml, const yaml_node_t *node, row *r)
{
    bool has_verb = false;
    if (node->type != YAML_MAPPING_NODE)
        return upp_yaml_wrong(yaml, node, "a right is a row { peer, owner, verb, type, content }");
    int rc = 0;
    for (const yaml_node_pair_t *p = node->data.mapping.pairs.start;
         p < node->data.mapping.pairs.top; p++)
        if (read_field(yaml, upp_yaml_node(yaml, p->key), upp_yaml_node(yaml, p->value), r,
                       &has_verb) < 0)
            rc = UPP_E_INPUT;
    UPP_TRY(rc);
    if (r->peer.n == 0 || r->owner.n == 0 || !has_verb ||
        (r->type.n == 0 && r->verb != UPP_MAY_OBJECT))
        return upp_yaml_wrong(yaml, node, "a right names peer, owner, verb and type");
    return 0;
}

static int read_rows(upp_yaml *yaml, const char *owner, upp_rights *rights)
{
    const yaml_node_t *root = upp_yaml_root(yaml);
    if (!root)
        return 0; /* an empty file: nobody may do anything */
    if (root->type != YAML_SEQUENCE_NODE)
        return upp_yaml_wrong(yaml, root, "a sequence of rights is wanted: - { peer: ...");
    int rc = 0;
    for (const yaml_node_item_t *i = root->data.sequence.items.start;
         i < root->data.sequence.items.top; i++) {
        row r = { 0 };
        if (read_row(yaml, upp_yaml_node(yaml, *i), &r) < 0)
            rc = UPP_E_INPUT;
        if (!names_have(&r.owner, (upp_bytes){ (const uint8_t *)owner, strlen(owner) })) {
            row_free(&r);
            continue;
        }
        row *grown = realloc(rights->rows, (rights->n + 1) * sizeof *grown);
        upp_check(grown != NULL);
        rights->rows = grown;
        rights->rows[rights->n++] = r;
    }
    return rc;
}

upp_rights *upp_rights_read(const char *path, const char *owner, const char *many,
                            void (*say)(const char *line))
{
    UPP_AUTO(rights_freep) upp_rights *rights = calloc(1, sizeof *rights);
    upp_check(rights != NULL);
    rights->many = many;
    if (path) {
        UPP_AUTO(upp_yaml_free) upp_yaml yaml = { 0 };
        if (!upp_yaml_read(path, say, &yaml) || read_rows(&yaml, owner, rights) < 0)
            return NULL;
    }
    upp_rights *done = rights;
    rights = NULL;
    return done;
}

void upp_rights_free(upp_rights *rights)
{
    if (!rights)
        return;
    for (size_t i = 0; i < rights->n; i++)
        row_free(&rights->rows[i]);
    free(rights->rows);
    free(rights);
}

bool upp_rights_may(const upp_rights *rights, const char *peer, enum upp_verb verb, upp_bytes type,
                    bool *ret_content)
{
    char name[UPP_PART_NAME];
    upp_parts_whole(rights->many, peer, name);
    const upp_bytes who = { (const uint8_t *)name, strlen(name) };
    bool may = false;
    bool content = false;
    for (size_t i = 0; i < rights->n; i++) {
        const row *r = &rights->rows[i];
        if (r->verb != verb || !names_have(&r->peer, who) ||
            (verb != UPP_MAY_OBJECT && !names_have(&r->type, type)))
            continue;
        may = true;
        content = content || r->content || verb == UPP_MAY_OBJECT;
    }
    if (ret_content)
        *ret_content = content;
    return may;
}

bool upp_rights_any(const upp_rights *rights, const char *peer, enum upp_verb verb)
{
    char name[UPP_PART_NAME];
    upp_parts_whole(rights->many, peer, name);
    const upp_bytes who = { (const uint8_t *)name, strlen(name) };
    for (size_t i = 0; i < rights->n; i++)
        if (rights->rows[i].verb == verb && names_have(&rights->rows[i].peer, who))
            return true;
    return false;
}
