/* policy_calendar.c - the calendars of a policy file: hours of the week, holidays, overrides. */
#include "policy_reader.h"
#include <stdlib.h>
#include <string.h>

enum { OVERRIDES_MAX = 4000 }; /* each day of more than the ten years that a search looks ahead */

/* A mapping, or a complaint. An empty value (`overrides:` and nothing) is fine: it says nothing. */
static bool pairs_in(policy_reader *r, const yaml_node_t *node, const char *what)
{
    if (node->type == YAML_MAPPING_NODE)
        return true;
    if (node->type != YAML_SCALAR_NODE || node->data.scalar.length)
        policy_complain(r, node, "%s: keys with values are expected", what);
    return false;
}

/* "08:00-16:30" */
static bool read_span(policy_reader *r, const yaml_node_t *node, calendar_span *ret_span)
{
    const char *text = policy_scalar(r, node);
    int64_t from = 0;
    int64_t to = 0;
    char part[6] = "";
    if (!text)
        return false;
    if (strlen(text) == 11 && text[5] == '-') {
        memcpy(part, text, 5);
        if (policy_minute(part, &from) && policy_minute(text + 6, &to) && from < to) {
            *ret_span = (calendar_span){ (int16_t)from, (int16_t)to };
            return true;
        }
    }
    policy_complain(r, node, "hours such as \"08:00-16:30\" are expected, not '%.40s'", text);
    return false;
}

/* "closed", or a list of hours in order. */
static bool read_day(policy_reader *r, const yaml_node_t *node, calendar_day *ret_day)
{
    calendar_day day = { 0 };
    if (node->type == YAML_SCALAR_NODE &&
        strcmp((const char *)node->data.scalar.value, "closed") == 0) {
        *ret_day = day;
        return true;
    }
    if (node->type != YAML_SEQUENCE_NODE) {
        policy_complain(r, node, "a list of hours is expected, or: closed");
        return false;
    }
    const yaml_node_t *item = NULL;
    for (size_t n = 0; (item = policy_item(r, node, n)); n++) {
        if (n == CALENDAR_SPANS_MAX) {
            policy_complain(r, item, "a day has at most %d hours", CALENDAR_SPANS_MAX);
            return false;
        }
        if (!read_span(r, item, &day.span[n]))
            return false;
        if (n && day.span[n].from <= day.span[n - 1].to) {
            policy_complain(r, item, "the hours of a day must lie in order and apart");
            return false;
        }
        day.n++;
    }
    *ret_day = day;
    return true;
}

static void read_week(policy_reader *r, const yaml_node_t *map, calendar *cal)
{
    static const char *const names[7] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };
    const char *key = NULL;
    const yaml_node_t *at = NULL;
    const yaml_node_t *value = NULL;
    memset(cal->week, 0, sizeof cal->week); /* a week that is said is said whole */
    for (size_t n = 0; policy_pair(r, map, n, &key, &at, &value); n++) {
        size_t day = 0;
        while (key && day < UPP_LEN(names) && strcmp(names[day], key) != 0)
            day++;
        if (key && day == UPP_LEN(names))
            policy_complain(r, at, "unknown day '%.40s': mon, tue, wed, thu, fri, sat or sun", key);
        else if (key)
            read_day(r, value, &cal->week[day]);
    }
}

static bool read_eve(policy_reader *r, const yaml_node_t *at, const char *text,
                     enum holiday *ret_which)
{
    enum holiday which = HOLIDAY_COUNT;
    if (holiday_named(text, &which) < 0 || !(HOLIDAY_BIT(which) & HOLIDAY_BY_POLICY)) {
        policy_complain(r, at, "'%.60s' is not an eve that policy may free or shorten", text);
        return false;
    }
    *ret_which = which;
    return true;
}

static void read_free_eves(policy_reader *r, const yaml_node_t *list, calendar *cal)
{
    if (list->type != YAML_SEQUENCE_NODE) {
        policy_complain(r, list, "free_eves: a list is expected");
        return;
    }
    cal->holidays.free_eves = 0;
    const yaml_node_t *item = NULL;
    for (size_t n = 0; (item = policy_item(r, list, n)); n++) {
        const char *text = policy_scalar(r, item);
        enum holiday which = HOLIDAY_COUNT;
        if (text && read_eve(r, item, text, &which))
            cal->holidays.free_eves |= HOLIDAY_BIT(which);
    }
}

static void read_half_days(policy_reader *r, const yaml_node_t *map, calendar *cal)
{
    const char *key = NULL;
    const yaml_node_t *at = NULL;
    const yaml_node_t *value = NULL;
    for (size_t n = 0; policy_pair(r, map, n, &key, &at, &value); n++) {
        enum holiday which = HOLIDAY_COUNT;
        const char *text = key ? policy_scalar(r, value) : NULL;
        int64_t end = 0;
        if (!text || !read_eve(r, at, key, &which))
            continue;
        if (policy_minute(text, &end) && end > 0)
            cal->holidays.half_day_ends[which] = (int16_t)end;
        else
            policy_complain(r, value, "a time of day is expected, such as \"12:00\"");
    }
}

static int by_day(const void *a, const void *b)
{
    const calendar_override *x = a;
    const calendar_override *y = b;
    return (x->day > y->day) - (x->day < y->day);
}

/* Dates written in one form only (YYYY-MM-DD), so a date said twice is a key said twice. */
static int read_overrides(policy_reader *r, const yaml_node_t *map, calendar *cal)
{
    const char *key = NULL;
    const yaml_node_t *at = NULL;
    const yaml_node_t *value = NULL;
    const size_t n_pairs = (size_t)(map->data.mapping.pairs.top - map->data.mapping.pairs.start);
    if (n_pairs > OVERRIDES_MAX) {
        policy_complain(r, map, "overrides: at most %d dates", OVERRIDES_MAX);
        return 0;
    }
    if (n_pairs == 0)
        return 0;
    calendar_override *list = calloc(n_pairs, sizeof *list);
    if (!list)
        return UPP_E_BUSY;
    size_t n_list = 0;
    for (size_t n = 0; policy_pair(r, map, n, &key, &at, &value); n++) {
        calendar_override one = { 0 };
        if (!key)
            continue;
        if (civil_parse_day(key, &one.day) < 0)
            policy_complain(r, at, "a date such as 2026-05-15 is expected, not '%.40s'", key);
        else if (read_day(r, value, &one.open))
            list[n_list++] = one;
    }
    qsort(list, n_list, sizeof *list, by_day);
    cal->overrides = list;
    cal->n_overrides = n_list;
    return 0;
}

static void read_holidays(policy_reader *r, const yaml_node_t *node, bool eves_said, calendar *cal)
{
    const char *text = policy_scalar(r, node);
    if (!text)
        return;
    if (strcmp(text, "sweden") != 0 && strcmp(text, "none") != 0) {
        policy_complain(r, node, "holidays: expected sweden or none, not '%.40s'", text);
        return;
    }
    cal->holidays.sweden = *text == 's';
    if (!eves_said) /* the default eves belong to the rule set */
        cal->holidays.free_eves = cal->holidays.sweden ? HOLIDAY_FREE_BY_RULE : 0;
}

static bool says(policy_reader *r, const yaml_node_t *map, const char *wanted)
{
    for (const yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top;
         p++) {
        const yaml_node_t *key = yaml_document_get_node(&r->doc, p->key);
        if (key && key->type == YAML_SCALAR_NODE &&
            strcmp((const char *)key->data.scalar.value, wanted) == 0)
            return true;
    }
    return false;
}

static int read_calendar(policy_reader *r, const yaml_node_t *map, calendar *cal)
{
    const char *key = NULL;
    const yaml_node_t *at = NULL;
    const yaml_node_t *value = NULL;
    for (size_t n = 0; policy_pair(r, map, n, &key, &at, &value); n++) {
        const char *text = NULL;
        if (!key)
            continue;
        if (strcmp(key, "version") == 0) {
            text = policy_scalar(r, value);
            if (text && !policy_number(text, 1, INT32_MAX, &cal->version))
                policy_complain(r, value, "version: a whole number of 1 or more is expected");
        } else if (strcmp(key, "holidays") == 0) {
            read_holidays(r, value, says(r, map, "free_eves"), cal);
        } else if (strcmp(key, "free_eves") == 0) {
            read_free_eves(r, value, cal);
        } else if (strcmp(key, "half_days") == 0) {
            if (pairs_in(r, value, key))
                read_half_days(r, value, cal);
        } else if (strcmp(key, "week") == 0) {
            if (pairs_in(r, value, key))
                read_week(r, value, cal);
        } else if (strcmp(key, "overrides") == 0) {
            if (pairs_in(r, value, key))
                UPP_TRY(read_overrides(r, value, cal));
        } else {
            policy_complain(r, at, "unknown key '%.60s' in calendar '%s'", key, cal->name);
        }
    }
    return 0;
}

/* The calendar of that name, or a new one: closed all week, with T7's holidays and free eves. */
static calendar *calendar_for(policy *pol, const char *name)
{
    for (size_t i = 0; i < pol->n_calendars; i++)
        if (strcmp(pol->calendars[i].name, name) == 0)
            return &pol->calendars[i];
    if (pol->n_calendars == POLICY_CALENDARS_MAX)
        return NULL;
    calendar *cal = &pol->calendars[pol->n_calendars++];
    *cal = (calendar){ .version = 1,
                       .holidays = { .sweden = true, .free_eves = HOLIDAY_FREE_BY_RULE } };
    memcpy(cal->name, name, strlen(name) + 1);
    return cal;
}

int policy_read_calendars(policy_reader *r, const yaml_node_t *map, policy *pol)
{
    const char *name = NULL;
    const yaml_node_t *at = NULL;
    const yaml_node_t *value = NULL;
    for (size_t n = 0; policy_pair(r, map, n, &name, &at, &value); n++) {
        if (!name)
            continue;
        if (!*name || strlen(name) >= CALENDAR_NAME_SIZE) {
            policy_complain(r, at, "a calendar's name has 1 to %d bytes", CALENDAR_NAME_SIZE - 1);
            continue;
        }
        calendar *cal = calendar_for(pol, name);
        if (!cal) {
            policy_complain(r, at, "there may be %d calendars", POLICY_CALENDARS_MAX);
            continue;
        }
        const size_t before = r->out->n;
        if (pairs_in(r, value, name))
            UPP_TRY(read_calendar(r, value, cal));
        const char *flaw = calendar_flaw(cal);
        if (flaw && r->out->n == before)
            policy_complain(r, at, "calendar '%s': %s", name, flaw);
    }
    return 0;
}
