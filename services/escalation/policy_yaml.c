/* policy_yaml.c - the reader of policy files: libyaml's document, a table of fields, complaints. */
#include "policy_field.h"
#include "policy_reader.h"
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_MAX = 256 * 1024 }; /* bounds the search for keys that are said twice */

UPP_PRINTF(4, 0)
static void complain_at(policy_complaints *out, size_t line, size_t column, const char *fmt,
                        va_list args)
{
    if (out->n < POLICY_COMPLAINTS_MAX) {
        char *text = out->text[out->n];
        const int used = snprintf(text, POLICY_COMPLAINT_SIZE, "%zu:%zu: ", line, column);
        vsnprintf(text + used, POLICY_COMPLAINT_SIZE - (size_t)used, fmt, args);
    }
    out->n++;
}

void policy_complain(policy_reader *r, const yaml_node_t *at, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    complain_at(r->out, at->start_mark.line + 1, at->start_mark.column + 1, fmt, args);
    va_end(args);
}

UPP_PRINTF(4, 5)
static void complain_mark(policy_complaints *out, size_t line, size_t column, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    complain_at(out, line, column, fmt, args);
    va_end(args);
}

const char *policy_scalar(policy_reader *r, const yaml_node_t *node)
{
    if (node->type != YAML_SCALAR_NODE) {
        policy_complain(r, node, "a single value is expected here");
        return NULL;
    }
    const char *text = (const char *)node->data.scalar.value;
    if (strlen(text) != node->data.scalar.length) {
        policy_complain(r, node, "the value holds a NUL");
        return NULL;
    }
    return text;
}

static const yaml_node_t *node_of(policy_reader *r, int id)
{
    const yaml_node_t *node = yaml_document_get_node(&r->doc, id);
    upp_check(node != NULL);
    return node;
}

bool policy_pair(policy_reader *r, const yaml_node_t *map, size_t n, const char **ret_key,
                 const yaml_node_t **ret_key_node, const yaml_node_t **ret_value)
{
    const yaml_node_pair_t *pair = map->data.mapping.pairs.start + n;
    if (pair >= map->data.mapping.pairs.top)
        return false;
    const yaml_node_t *key_node = node_of(r, pair->key);
    const char *key = policy_scalar(r, key_node);
    for (const yaml_node_pair_t *p = map->data.mapping.pairs.start; key && p < pair; p++) {
        const yaml_node_t *earlier = node_of(r, p->key);
        if (earlier->type == YAML_SCALAR_NODE &&
            strcmp((const char *)earlier->data.scalar.value, key) == 0) {
            policy_complain(r, key_node, "'%.60s' is said twice", key);
            key = NULL;
        }
    }
    *ret_key = key;
    *ret_key_node = key_node;
    *ret_value = node_of(r, pair->value);
    return true;
}

const yaml_node_t *policy_item(policy_reader *r, const yaml_node_t *list, size_t n)
{
    const yaml_node_item_t *item = list->data.sequence.items.start + n;
    return item < list->data.sequence.items.top ? node_of(r, *item) : NULL;
}

/* -- values -- */

bool policy_number(const char *text, int64_t min, int64_t max, int64_t *ret_value)
{
    int64_t value = 0;
    if (!*text || strlen(text) > 15)
        return false;
    for (const char *at = text; *at; at++) {
        if (!isdigit((unsigned char)*at))
            return false;
        value = value * 10 + (*at - '0');
    }
    if (value < min || value > max)
        return false;
    *ret_value = value;
    return true;
}

bool policy_minute(const char *text, int64_t *ret_minute)
{
    if (strlen(text) != 5 || text[2] != ':')
        return false;
    for (size_t i = 0; i < 5; i++)
        if (i != 2 && !isdigit((unsigned char)text[i]))
            return false;
    const int hours = (text[0] - '0') * 10 + text[1] - '0';
    const int minutes = (text[3] - '0') * 10 + text[4] - '0';
    if (minutes > 59 || hours * 60 + minutes > 1440)
        return false;
    *ret_minute = hours * 60 + minutes;
    return true;
}

/* "240min" in milliseconds. */
static bool span(const char *text, int64_t *ret_span)
{
    static const struct {
        const char *name;
        int64_t ms;
    } units[] = { { "ms", 1 }, { "s", UPP_SECOND }, { "min", UPP_MINUTE }, { "h", UPP_HOUR } };
    const size_t n_digits = strspn(text, "0123456789");
    char digits[12];
    int64_t value = 0;
    if (n_digits >= sizeof digits)
        return false;
    memcpy(digits, text, n_digits);
    digits[n_digits] = '\0';
    if (!policy_number(digits, 0, INT64_MAX, &value))
        return false;
    for (size_t i = 0; i < UPP_LEN(units); i++)
        if (strcmp(text + n_digits, units[i].name) == 0) {
            *ret_span = value * units[i].ms;
            return true;
        }
    return false;
}

static bool rung(const char *text, int64_t *ret_rung)
{
    for (unsigned i = 0; i < POLICY_RUNGS; i++)
        if (strcmp(policy_rung_name((enum policy_rung)i), text) == 0) {
            *ret_rung = i;
            return true;
        }
    return false;
}

/* "09-15" in the year 2000, a leap year: the 29th of February may be named. */
static bool month_day(const char *text, size_t len, int64_t *ret_value)
{
    civil_day day = 0;
    char date[16];
    if (len != 5)
        return false;
    snprintf(date, sizeof date, "2000-%.5s", text);
    if (civil_parse_day(date, &day) < 0)
        return false;
    const civil_date d = civil_date_of(day);
    *ret_value = (int64_t)d.month * 100 + d.day;
    return true;
}

static bool window(const char *text, int64_t *ret_window)
{
    int64_t from = 0;
    int64_t to = 0;
    const char *dots = strstr(text, "..");
    if (!dots || !month_day(text, (size_t)(dots - text), &from) ||
        !month_day(dots + 2, strlen(dots + 2), &to) || from > to)
        return false;
    *ret_window = from * 10000 + to;
    return true;
}

static bool value_of(enum policy_kind kind, const char *text, int64_t *ret_value,
                     const char **ret_wanted)
{
    switch (kind) {
    case POLICY_SPAN:
        *ret_wanted = "a span is expected, such as 30s, 15min or 4h";
        return span(text, ret_value);
    case POLICY_COUNT:
        *ret_wanted = "a whole number is expected";
        return policy_number(text, 0, INT64_MAX, ret_value);
    case POLICY_PERCENT:
        *ret_wanted = "a percentage is expected, as a whole number";
        return policy_number(text, 0, INT64_MAX, ret_value);
    case POLICY_MINUTE:
        *ret_wanted = "a time of day is expected, such as \"08:00\"";
        return policy_minute(text, ret_value);
    case POLICY_RUNG:
        *ret_wanted =
            "expected: administrators, manager, sector_head, communications or operations";
        return rung(text, ret_value);
    case POLICY_WINDOW:
        *ret_wanted = "first and last day of a window are expected, such as \"03-15..05-15\"";
        return window(text, ret_value);
    }
    return false;
}

static bool read_value(policy_reader *r, const policy_field *field, const yaml_node_t *node,
                       int64_t *ret_value)
{
    const char *text = policy_scalar(r, node);
    const char *wanted = NULL;
    int64_t value = 0;
    if (!text)
        return false;
    if (!value_of(field->kind, text, &value, &wanted)) {
        policy_complain(r, node, "%s: %s, not '%.40s'", field->key, wanted, text);
        return false;
    }
    if (value < field->min || value > field->max) {
        policy_complain(r, node, "%s: '%.40s' is out of range", field->key, text);
        return false;
    }
    *ret_value = value;
    return true;
}

static void put(policy *pol, size_t offset, const int64_t *values, size_t n)
{
    memcpy((char *)pol + offset, values, n * sizeof *values);
}

static void read_list(policy_reader *r, const policy_field *field, const yaml_node_t *node,
                      policy *pol)
{
    int64_t values[POLICY_DIGESTS_MAX + POLICY_STEPS] = { 0 };
    upp_check(field->n <= UPP_LEN(values));
    if (node->type != YAML_SEQUENCE_NODE) {
        policy_complain(r, node, "%s: a list is expected", field->key);
        return;
    }
    size_t n = 0;
    for (const yaml_node_t *item; (item = policy_item(r, node, n)); n++) {
        if (n == field->n || !read_value(r, field, item, &values[n]))
            break;
        if (field->rising && n && values[n] <= values[n - 1]) {
            policy_complain(r, item, "%s: each value must be greater than the one before",
                            field->key);
            return;
        }
    }
    const bool whole = policy_item(r, node, n) == NULL;
    if (whole && n && (n == field->n || field->n_offset)) {
        const int64_t length = (int64_t)n;
        put(pol, field->offset, values, field->n);
        if (field->n_offset)
            put(pol, field->n_offset, &length, 1);
    } else if (whole || n == field->n) {
        policy_complain(r, node, "%s: a list of %s%zu values is expected", field->key,
                        field->n_offset ? "1 to " : "", field->n);
    }
}

static const policy_field *field_named(const char *section, const char *key)
{
    for (size_t i = 0; i < policy_n_fields; i++) {
        const policy_field *f = &policy_fields[i];
        const bool here = section ? f->section && strcmp(f->section, section) == 0 : !f->section;
        if (here && strcmp(f->key, key) == 0)
            return f;
    }
    return NULL;
}

static bool section_known(const char *name)
{
    for (size_t i = 0; i < policy_n_fields; i++)
        if (policy_fields[i].section && strcmp(policy_fields[i].section, name) == 0)
            return true;
    return false;
}

static void read_field(policy_reader *r, const policy_field *field, const yaml_node_t *node,
                       policy *pol)
{
    int64_t value = 0;
    if (field->n > 1)
        read_list(r, field, node, pol);
    else if (read_value(r, field, node, &value))
        put(pol, field->offset, &value, 1);
}

static bool is_map(policy_reader *r, const yaml_node_t *node, const char *what)
{
    if (node->type == YAML_MAPPING_NODE)
        return true;
    policy_complain(r, node, "%s: keys with values are expected", what);
    return false;
}

static void read_section(policy_reader *r, const char *section, const yaml_node_t *map, policy *pol)
{
    const char *key = NULL;
    const yaml_node_t *key_node = NULL;
    const yaml_node_t *value = NULL;
    if (!is_map(r, map, section))
        return;
    for (size_t n = 0; policy_pair(r, map, n, &key, &key_node, &value); n++) {
        const policy_field *field = key ? field_named(section, key) : NULL;
        if (field)
            read_field(r, field, value, pol);
        else if (key)
            policy_complain(r, key_node, "unknown key '%.60s' in %s", key, section);
    }
}

static void read_name(policy_reader *r, const char *key, const yaml_node_t *node, char *ret_name,
                      size_t size)
{
    const char *text = policy_scalar(r, node);
    if (!text)
        return;
    if (!*text || strlen(text) >= size)
        policy_complain(r, node, "%s: a name of 1 to %zu bytes is expected", key, size - 1);
    else if (strcmp(key, "tz") == 0 && !zone_name_valid(text))
        policy_complain(r, node, "tz: '%.60s' is not the name of a time zone", text);
    else
        memcpy(ret_name, text, strlen(text) + 1);
}

/* -- the whole -- */

/* What no single value can break. */
static void check_whole(policy_reader *r, const yaml_node_t *root, const policy *pol)
{
    if (!policy_calendar(pol, pol->duty))
        policy_complain(r, root, "duty: there is no calendar '%s'", pol->duty);
    if (pol->jour[0] && !policy_calendar(pol, pol->jour))
        policy_complain(r, root, "jour: there is no calendar '%s'", pol->jour);
    for (int64_t i = 1; i < pol->archive.n_windows; i++)
        if (pol->archive.window[i] / 10000 <= pol->archive.window[i - 1] % 10000)
            policy_complain(r, root, "archive.windows must not overlap");
    /* Else a manager would hear of a breach before the reminder (sla.md section 7). */
    if (pol->ladder.few_step_office_span[1] >= pol->clocks.moderation_attended_office_span)
        policy_complain(
            r, root, "ladder.few_steps_office must end before clocks.moderation_attended_office");
    if (pol->ladder.few_office_span > pol->clocks.moderation_attended_office_span)
        policy_complain(r, root,
                        "ladder.few_office must not exceed clocks.moderation_attended_office");
}

static int read_root(policy_reader *r, const yaml_node_t *root, policy *pol)
{
    const char *key = NULL;
    const yaml_node_t *key_node = NULL;
    const yaml_node_t *value = NULL;
    if (!is_map(r, root, "policy"))
        return 0;
    for (size_t n = 0; policy_pair(r, root, n, &key, &key_node, &value); n++) {
        if (!key)
            continue;
        const policy_field *field = field_named(NULL, key);
        if (field)
            read_field(r, field, value, pol);
        else if (section_known(key))
            read_section(r, key, value, pol);
        else if (strcmp(key, "tz") == 0)
            read_name(r, key, value, pol->tz, sizeof pol->tz);
        else if (strcmp(key, "duty") == 0)
            read_name(r, key, value, pol->duty, sizeof pol->duty);
        else if (strcmp(key, "jour") == 0)
            read_name(r, key, value, pol->jour, sizeof pol->jour);
        else if (strcmp(key, "calendars") != 0)
            policy_complain(r, key_node, "unknown key '%.60s'", key);
        else if (is_map(r, value, key))
            UPP_TRY(policy_read_calendars(r, value, pol));
    }
    if (r->out->n == 0)
        check_whole(r, root, pol);
    return 0;
}

static int read_document(yaml_parser_t *parser, policy *pol, policy_complaints *out)
{
    policy_reader r = { .out = out };
    if (!yaml_parser_load(parser, &r.doc)) {
        if (parser->error == YAML_MEMORY_ERROR)
            return UPP_E_BUSY;
        complain_mark(out, parser->problem_mark.line + 1, parser->problem_mark.column + 1, "%s",
                      parser->problem ? parser->problem : "this is not YAML");
        return UPP_E_INPUT;
    }
    const yaml_node_t *root = yaml_document_get_root_node(&r.doc);
    int rc = 0;
    if (root)
        rc = read_root(&r, root, pol);
    else
        complain_mark(out, 1, 1, "the policy is empty");
    yaml_document_delete(&r.doc);
    if (rc < 0)
        return rc;
    return out->n ? UPP_E_INPUT : 0;
}

/* One document is all there may be. */
static int read_end(yaml_parser_t *parser, policy_complaints *out)
{
    yaml_document_t doc;
    if (!yaml_parser_load(parser, &doc)) {
        complain_mark(out, parser->problem_mark.line + 1, parser->problem_mark.column + 1, "%s",
                      parser->problem ? parser->problem : "this is not YAML");
        return UPP_E_INPUT;
    }
    const bool more = yaml_document_get_root_node(&doc) != NULL;
    if (more)
        complain_mark(out, doc.start_mark.line + 1, doc.start_mark.column + 1,
                      "a policy is one document");
    yaml_document_delete(&doc);
    return more ? UPP_E_INPUT : 0;
}

int policy_parse(const char *text, size_t len, policy *ret_pol, policy_complaints *ret_complaints)
{
    ret_complaints->n = 0;
    if (len > TEXT_MAX) {
        complain_mark(ret_complaints, 1, 1, "the policy is longer than %d bytes", TEXT_MAX);
        return UPP_E_INPUT;
    }
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        return UPP_E_BUSY;
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
    policy pol;
    policy_init(&pol);
    int rc = read_document(&parser, &pol, ret_complaints);
    if (rc == 0)
        rc = read_end(&parser, ret_complaints);
    yaml_parser_delete(&parser);
    if (rc < 0) {
        policy_done(&pol);
        return rc;
    }
    *ret_pol = pol;
    return 0;
}
