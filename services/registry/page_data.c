/* page_data.c - the public register for machines: JSON and CSV (R09). */
#include "page.h"
#include "sheet.h"
#include <jansson.h>
#include <stdio.h>
#include <string.h>

static void put_text(json_t *object, const char *key, const char *value)
{
    json_t *text = json_string(value);
    upp_check(text); /* the register takes in UTF-8 alone */
    const int rc = json_object_set_new(object, key, text);
    upp_check(rc == 0);
}

static void put_time(json_t *object, const char *key, upp_ms at)
{
    char text[CIVIL_TEXT_SIZE];
    civil_format(at, 0, text);
    if (at > 0) {
        put_text(object, key, text);
        return;
    }
    const int rc = json_object_set_new(object, key, json_null());
    upp_check(rc == 0);
}

static json_t *row_object(const Uppsikt__RegisterRow *row)
{
    json_t *o = json_object();
    upp_check(o);
    put_text(o, "account", row->account);
    put_text(o, "authority", row->authority);
    put_text(o, "org_number", row->org_number);
    put_text(o, "unit", row->unit);
    put_text(o, "platform", row->platform);
    put_text(o, "name", row->name);
    put_text(o, "handle", row->handle);
    put_text(o, "url", row->url);
    put_text(o, "purpose", row->purpose);
    put_text(o, "state", row->closing ? "closing" : "open");
    put_time(o, "open_since", row->open_since_ms);
    put_text(o, "contact", row->function_mail);
    return o;
}

char *page_json(const page *p, size_t *ret_len)
{
    json_t *root = json_object(), *rows = json_array();
    upp_check(root && rows);
    put_text(root, "publisher", p->publisher ? p->publisher : "");
    put_time(root, "at", p->at_ms);
    int rc = json_object_set_new(root, "at_seq", json_integer(p->at_seq));
    for (size_t i = 0; i < p->n_rows; i++)
        rc |= json_array_append_new(rows, row_object(p->rows[i]));
    rc |= json_object_set_new(root, "accounts", rows);
    upp_check(rc == 0);
    char *text = json_dumps(root, JSON_INDENT(1));
    upp_check(text);
    json_decref(root);
    *ret_len = strlen(text);
    return text;
}

/* -- CSV -- */
/* Also after what another spreadsheet's settings take for a separator. */
static bool begins_cell(const char *text, const char *at)
{
    return at == text || strchr(";\t\r\n", at[-1]);
}

static void put_field(sheet *s, const char *text, bool last)
{
    sheet_add(s, "\"");
    for (const char *at = text; *at; at++) {
        if (strchr("=+-@\t\r", *at) && begins_cell(text, at))
            sheet_add(s, "'");
        if (*at == '"')
            sheet_add(s, "\"");
        sheet_bytes(s, at, 1);
    }
    sheet_add(s, last ? "\"\r\n" : "\",");
}

static void put_phrase(sheet *s, const char *kind, const char *name, bool last)
{
    char key[64], text[PAGE_PHRASE];
    snprintf(key, sizeof key, "%s.%.40s", kind, name);
    put_field(s, page_phrase(key, text), last);
}

char *page_csv(const page *p, size_t *ret_len)
{
    static const char *const columns[] = { "authority", "org_number", "unit",   "platform",
                                           "account",   "handle",     "url",    "purpose",
                                           "state",     "open_since", "contact" };
    sheet s = { 0 };
    for (size_t i = 0; i < UPP_LEN(columns); i++)
        put_phrase(&s, "column", columns[i], i + 1 == UPP_LEN(columns));
    for (size_t i = 0; i < p->n_rows; i++) {
        const Uppsikt__RegisterRow *row = p->rows[i];
        char since[CIVIL_TEXT_SIZE] = "";
        if (row->open_since_ms > 0)
            civil_format(row->open_since_ms - row->open_since_ms % UPP_SECOND,
                         p->zone ? zone_offset_s(p->zone, row->open_since_ms) : 0, since);
        since[strlen(since) > 10 ? 10 : strlen(since)] = '\0'; /* the date */
        put_field(&s, row->authority, false);
        put_field(&s, row->org_number, false);
        put_field(&s, row->unit, false);
        put_phrase(&s, "platform", row->platform, false);
        put_field(&s, row->name, false);
        put_field(&s, row->handle, false);
        put_field(&s, row->url, false);
        put_field(&s, row->purpose, false);
        put_phrase(&s, "state", row->closing ? "closing" : "open", false);
        put_field(&s, since, false);
        put_field(&s, row->function_mail, true);
    }
    *ret_len = s.len;
    return s.at;
}
