/* organisation.c - an organisation as one YAML file, turned into the register's commands. */
#include "organisation.h"
#include "message_fill.h"
#include "uppsikt/registry.pb-c.h"
#include "yaml_rows.h"
#include <stdlib.h>
#include <string.h>

typedef struct section {
    const char *name, *what;
    const ProtobufCMessageDescriptor *command;
    const char *id;    /* the field that `id` is */
    const char *inner; /* submessage whose fields stand beside the command's */
} section;

enum { AUTHORITIES, UNITS, PERSONS, ACCOUNTS, ABSENCES, RETENTION };
#define SECTION(rows, one, type, own, within)                                                      \
    {                                                                                              \
        .name = (rows), .what = (one), .command = &uppsikt__##type##__descriptor, .id = (own),     \
        .inner = (within)                                                                          \
    }
/* An account without a state exists already and is taken over. */
static const section sections[] = {
    [AUTHORITIES] = SECTION("authorities", "authority", register_authority, "authority", NULL),
    [UNITS] = SECTION("units", "unit", register_unit, "unit", NULL),
    [PERSONS] = SECTION("persons", "person", register_person, "person", "who"),
    [ACCOUNTS] = SECTION("accounts", "account", change_account, "account", "facts"),
    [ABSENCES] = SECTION("absences", "absence", set_absence, "absence", "when"),
    [RETENTION] = SECTION("retention", "retention row", adopt_retention_row, "row", NULL),
};

typedef struct reading {
    upp_yaml *yaml;
    const when_clock *clock;
    organisation *into;
    bool good;
} reading;

static void wrong(reading *r, const yaml_node_t *node, const char *name, const char *what)
{
    (void)upp_yaml_wrong(r->yaml, node, "%s: %s", name, what);
    r->good = false;
}

static organisation_step *add_step(reading *r, const char *what, const yaml_node_t *at,
                                   ProtobufCMessage *command)
{
    organisation *o = r->into;
    organisation_step *grown = realloc(o->steps, (o->n + 1) * sizeof *grown);
    upp_check(grown != NULL);
    o->steps = grown;
    o->steps[o->n] = (organisation_step){ .what = what,
                                          .outcome = &uppsikt__registered__descriptor,
                                          .command = command,
                                          .line = at->start_mark.line + 1,
                                          .column = at->start_mark.column + 1 };
    return &o->steps[o->n++];
}

/* One value, or a list of them. */
static void fill(reading *r, const section *s, ProtobufCMessage *command, const char *name,
                 const yaml_node_t *key, const yaml_node_t *value)
{
    char why[MESSAGE_WHY];
    if (value->type == YAML_SEQUENCE_NODE) {
        for (const yaml_node_item_t *i = value->data.sequence.items.start;
             i < value->data.sequence.items.top; i++)
            fill(r, s, command, name, key, upp_yaml_node(r->yaml, *i));
        return;
    }
    const char *text = upp_yaml_text(value);
    if (!text) {
        wrong(r, value, name, "a text or a list of texts is wanted");
        return;
    }
    const char *path = strcmp(name, "id") == 0 ? s->id : name;
    const int rc = message_fill(command, s->inner, path, text, r->clock, why);
    if (rc == 1)
        wrong(r, key, name, "no such field of these rows");
    else if (rc < 0)
        wrong(r, value, name, why);
}

static const yaml_node_t *value_of(reading *r, const yaml_node_t *row, const char *name)
{
    for (const yaml_node_pair_t *p = row->data.mapping.pairs.start; p < row->data.mapping.pairs.top;
         p++) {
        const char *key = upp_yaml_text(upp_yaml_node(r->yaml, p->key));
        if (key && strcmp(key, name) == 0)
            return upp_yaml_node(r->yaml, p->value);
    }
    return NULL;
}

/* The command of one row; keys in `without` (space between) are left to others. */
static void take_row(reading *r, const section *s, const yaml_node_t *row, const char *without)
{
    ProtobufCMessage *command = message_new(s->command);
    if (s == &sections[ACCOUNTS] && !value_of(r, row, "state"))
        ((Uppsikt__ChangeAccount *)command)->taken_over = true;
    if (!value_of(r, row, "id"))
        wrong(r, row, "id", "is missing");
    for (const yaml_node_pair_t *p = row->data.mapping.pairs.start; p < row->data.mapping.pairs.top;
         p++) {
        const yaml_node_t *key = upp_yaml_node(r->yaml, p->key);
        const char *name = upp_yaml_text(key);
        const char *left = name && name[0] ? strstr(without, name) : NULL;
        const size_t n = name ? strlen(name) : 0;
        if (!name)
            wrong(r, key, s->name, "a field's name is wanted");
        else if (!left || (left[n] != ' ' && left[n] != '\0') ||
                 (left != without && left[-1] != ' '))
            fill(r, s, command, name, key, upp_yaml_node(r->yaml, p->value));
    }
    add_step(r, s->what, row, command);
}

static const char *id_of(reading *r, const yaml_node_t *row)
{
    const yaml_node_t *node = value_of(r, row, "id");
    const char *id = node ? upp_yaml_text(node) : NULL;
    return id ? id : "";
}

/* The list of a section; NULL: it is not there. */
static const yaml_node_t *list_of(reading *r, const section *s)
{
    const yaml_node_t *list = value_of(r, upp_yaml_root(r->yaml), s->name);
    if (list && list->type != YAML_SEQUENCE_NODE) {
        wrong(r, list, s->name, "a list of rows is wanted: - id: ...");
        return NULL;
    }
    return list;
}

typedef void upp_each_row(reading *r, const section *s, const yaml_node_t *row);

static void each_row(reading *r, const section *s, upp_each_row *each)
{
    const yaml_node_t *list = list_of(r, s);
    if (!list)
        return;
    for (const yaml_node_item_t *i = list->data.sequence.items.start;
         i < list->data.sequence.items.top; i++) {
        const yaml_node_t *row = upp_yaml_node(r->yaml, *i);
        if (row->type == YAML_MAPPING_NODE)
            each(r, s, row);
        else
            wrong(r, row, s->name, "a row of fields is wanted: - id: ...");
    }
}

static void plain_row(reading *r, const section *s, const yaml_node_t *row)
{
    take_row(r, s, row, "");
}

/* A unit's manager is a person of a unit: first the unit without her, at the end with her. */
static void early_unit(reading *r, const section *s, const yaml_node_t *row)
{
    take_row(r, s, row, "manager head");
}

static void late_unit(reading *r, const section *s, const yaml_node_t *row)
{
    if (value_of(r, row, "manager") || value_of(r, row, "head"))
        take_row(r, s, row, "");
}

static bool has_role(const ProtobufCMessage *command, const char *role)
{
    const Uppsikt__RegisterPerson *person = (const Uppsikt__RegisterPerson *)command;
    for (size_t i = 0; i < person->n_roles; i++)
        if (strcmp(person->roles[i], role) == 0)
            return true;
    return false;
}

static void person_row(reading *r, const section *s, const yaml_node_t *row)
{
    take_row(r, s, row, "leaves");
}

/* From the first person with role operations on somebody must act: she. */
static void find_operations(organisation *o, size_t from)
{
    for (size_t i = from; i < o->n; i++)
        if (has_role(o->steps[i].command, "operations")) {
            const Uppsikt__RegisterPerson *person =
                (const Uppsikt__RegisterPerson *)o->steps[i].command;
            const organisation_step first = o->steps[i];
            memmove(&o->steps[from + 1], &o->steps[from], (i - from) * sizeof first);
            o->steps[from] = first;
            snprintf(o->operations, sizeof o->operations, "%s", person->person);
            o->founded = from;
            return;
        }
}

static void account_row(reading *r, const section *s, const yaml_node_t *row)
{
    take_row(r, s, row, "access");
}

static void access_row(reading *r, const section *s, const yaml_node_t *row)
{
    const yaml_node_t *list = value_of(r, row, "access");
    uint32_t rank = 0;
    (void)s;
    if (list && list->type != YAML_SEQUENCE_NODE) {
        wrong(r, list, "access", "a list of persons is wanted");
        return;
    }
    for (const yaml_node_item_t *i = list ? list->data.sequence.items.start : NULL;
         i && i < list->data.sequence.items.top; i++) {
        const yaml_node_t *node = upp_yaml_node(r->yaml, *i);
        const section grant = { .name = "access", .id = "account" };
        ProtobufCMessage *command = message_new(&uppsikt__grant_access__descriptor);
        ((Uppsikt__GrantAccess *)command)->rank = ++rank;
        fill(r, &grant, command, "person", node, node);
        fill(r, &grant, command, "id", node, value_of(r, row, "id"));
        add_step(r, "access", node, command);
    }
}

static void leave_row(reading *r, const section *s, const yaml_node_t *row)
{
    const yaml_node_t *at = value_of(r, row, "leaves");
    if (!at)
        return;
    const section leave = { .name = s->name, .id = "person" };
    ProtobufCMessage *command = message_new(&uppsikt__person_leaves__descriptor);
    fill(r, &leave, command, "at", at, at);
    fill(r, &leave, command, "id", at, value_of(r, row, "id"));
    add_step(r, "leaver", at, command);
}

/* A name that is used twice would silently be one row. */
static void check_ids(reading *r, const section *s)
{
    const yaml_node_t *list = list_of(r, s);
    for (const yaml_node_item_t *i = list ? list->data.sequence.items.start : NULL;
         i && i < list->data.sequence.items.top; i++) {
        const yaml_node_t *row = upp_yaml_node(r->yaml, *i);
        for (const yaml_node_item_t *k = list->data.sequence.items.start; k < i; k++) {
            const yaml_node_t *before = upp_yaml_node(r->yaml, *k);
            if (row->type == YAML_MAPPING_NODE && before->type == YAML_MAPPING_NODE &&
                id_of(r, row)[0] && strcmp(id_of(r, row), id_of(r, before)) == 0)
                wrong(r, row, id_of(r, row), "is there twice");
        }
    }
}

static void check_sections(reading *r, const yaml_node_t *root)
{
    for (const yaml_node_pair_t *p = root->data.mapping.pairs.start;
         p < root->data.mapping.pairs.top; p++) {
        const yaml_node_t *key = upp_yaml_node(r->yaml, p->key);
        const char *name = upp_yaml_text(key);
        bool known = name && strcmp(name, "organisation") == 0;
        for (size_t i = 0; i < UPP_LEN(sections) && !known; i++)
            known = name && strcmp(name, sections[i].name) == 0;
        if (!known)
            wrong(r, key, name ? name : "this",
                  "not known; organisation, authorities, units, persons, accounts, absences, "
                  "retention");
    }
    for (size_t i = 0; i < UPP_LEN(sections); i++)
        check_ids(r, &sections[i]);
}

bool organisation_read(const char *path, const when_clock *clock, void (*say)(const char *line),
                       organisation *ret_organisation)
{
    organisation o = { 0 };
    UPP_AUTO(upp_yaml_free) upp_yaml yaml = { 0 };
    reading r = { .yaml = &yaml, .clock = clock, .into = &o, .good = true };
    if (!upp_yaml_read(path, say, &yaml))
        return false;
    const yaml_node_t *root = upp_yaml_root(&yaml);
    if (!root || root->type != YAML_MAPPING_NODE)
        return upp_yaml_wrong(&yaml, root, "an organisation is lists: authorities, units ...") == 0;
    check_sections(&r, root);
    each_row(&r, &sections[AUTHORITIES], plain_row);
    each_row(&r, &sections[UNITS], early_unit);
    const size_t persons = o.n;
    each_row(&r, &sections[PERSONS], person_row);
    find_operations(&o, persons);
    each_row(&r, &sections[UNITS], late_unit);
    each_row(&r, &sections[ACCOUNTS], account_row);
    each_row(&r, &sections[ACCOUNTS], access_row);
    each_row(&r, &sections[ABSENCES], plain_row);
    each_row(&r, &sections[RETENTION], plain_row);
    each_row(&r, &sections[PERSONS], leave_row);
    if (r.good)
        *ret_organisation = o;
    else
        organisation_done(&o);
    return r.good;
}

void organisation_done(organisation *o)
{
    for (size_t i = 0; i < o->n; i++)
        message_free(o->steps[i].command);
    free(o->steps);
    *o = (organisation){ 0 };
}
