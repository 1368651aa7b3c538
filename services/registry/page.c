/* page.c - the public register as a page that anybody can read (R09, R30; BBS act 3 §). */
#include "page.h"
#include "sheet.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Black on white and dark blue links: 15.9:1 and 8.6:1 (WCAG 1.4.3, 1.4.11). Wide tables scroll
 * in a region of their own that the keyboard reaches (1.4.10, 2.1.1); targets are at least 24
 * pixels high (2.5.8). */
static const char style[] =
    "body{font:1.0625rem/1.6 system-ui,sans-serif;color:#1b1b1b;background:#fff;"
    "margin:0 auto;max-width:72rem;padding:1rem}"
    "a{color:#0b4a8f;display:inline-block;min-height:1.5rem}"
    "a:focus-visible,div:focus-visible{outline:3px solid #0b4a8f;outline-offset:2px}"
    ".skip{position:absolute;left:-99rem}.skip:focus{position:static}"
    ".wide{overflow-x:auto}table{border-collapse:collapse;width:100%}"
    "caption{text-align:left;font-weight:bold;padding:.5rem 0}"
    "th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid #767676;"
    "overflow-wrap:anywhere}"
    "@media(prefers-color-scheme:dark){body{background:#111;color:#f2f2f2}a{color:#9cc9ff}"
    "a:focus-visible,div:focus-visible{outline-color:#9cc9ff}}";

static int compare(const void *a, const void *b)
{
    const Uppsikt__RegisterRow *x = *(const Uppsikt__RegisterRow *const *)a;
    const Uppsikt__RegisterRow *y = *(const Uppsikt__RegisterRow *const *)b;
    const struct {
        const char *x, *y;
    } keys[] = { { x->authority, y->authority },
                 { x->unit, y->unit },
                 { x->platform, y->platform },
                 { x->name, y->name },
                 { x->account, y->account } };
    for (size_t i = 0; i < UPP_LEN(keys); i++) {
        const int order = strcmp(keys[i].x, keys[i].y);
        if (order)
            return order;
    }
    return 0;
}

void page_sort(page *p)
{
    if (p->n_rows)
        qsort(p->rows, p->n_rows, sizeof(const Uppsikt__RegisterRow *), compare);
}

/* -- times: <time datetime="...">24 november 2026</time> -- */
static void add_time(sheet *s, const page *p, upp_ms at, bool with_clock)
{
    char text[CIVIL_TEXT_SIZE], key[16];
    const int32_t offset_s = p->zone ? zone_offset_s(p->zone, at) : 0;
    const civil_ms local = at + (int64_t)offset_s * UPP_SECOND;
    const civil_day day = civil_day_at(local);
    const civil_date date = civil_date_of(day);
    const int64_t minute = (local - (civil_ms)day * UPP_DAY) / UPP_MINUTE;
    civil_format(at - at % UPP_SECOND, offset_s, text);
    sheet_add(s, "<time datetime=\"");
    sheet_bytes(s, text, with_clock ? strlen(text) : strlen("2026-11-24"));
    sheet_add(s, "\">");
    snprintf(text, sizeof text, "%d ", (int)date.day);
    sheet_add(s, text);
    snprintf(key, sizeof key, "month.%d", (int)date.month);
    sheet_phrase(s, key);
    snprintf(text, sizeof text, " %d", (int)date.year);
    sheet_add(s, text);
    if (with_clock) {
        sheet_add(s, " ");
        sheet_phrase(s, "page.at");
        snprintf(text, sizeof text, " %02d.%02d", (int)(minute / 60), (int)(minute % 60));
        sheet_add(s, text);
    }
    sheet_add(s, "</time>");
}

/* -- the head -- */
static void add_title(sheet *s, const page *p)
{
    sheet_phrase(s, "page.title");
    if (p->publisher) {
        sheet_add(s, " – ");
        sheet_escape(s, p->publisher);
    }
}

static void add_head(sheet *s, const page *p)
{
    sheet_add(s, "<!DOCTYPE html>\n<html lang=\"");
    sheet_phrase(s, "page.lang");
    sheet_add(s,
              "\">\n<head>\n<meta charset=\"utf-8\">\n"
              "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>");
    add_title(s, p);
    sheet_add(s, "</title>\n<style>");
    sheet_add(s, style);
    sheet_add(s, "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">");
    sheet_phrase(s, "page.skip");
    sheet_add(s, "</a>\n<main id=\"main\">\n<h1>");
    add_title(s, p);
    sheet_add(s, "</h1>\n");
    if (p->publisher) {
        sheet_add(s, "<p>");
        sheet_phrase(s, "page.provider");
        sheet_add(s, " ");
        sheet_escape(s, p->publisher);
        sheet_add(s, ".</p>\n");
    }
    sheet_add(s, "<p>");
    sheet_phrase(s, "page.public");
    sheet_add(s, "</p>\n");
    sheet_add(s, "<p>");
    sheet_phrase(s, p->attended ? "page.attended" : "page.attended_daily");
    if (p->attended) {
        sheet_add(s, " ");
        sheet_escape(s, p->attended);
        sheet_add(s, ".");
    }
    sheet_add(s, "</p>\n");
}

/* -- the rows -- */
static void add_platform(sheet *s, const char *platform)
{
    char key[48];
    snprintf(key, sizeof key, "platform.%.30s", platform);
    sheet_phrase(s, key);
}

static void add_account(sheet *s, const Uppsikt__RegisterRow *row)
{
    const bool link = strncmp(row->url, "https://", 8) == 0 || strncmp(row->url, "http://", 7) == 0;
    sheet_add(s, "<th scope=\"row\">");
    if (link) {
        sheet_add(s, "<a href=\"");
        sheet_escape(s, row->url);
        sheet_add(s, "\">");
    }
    sheet_escape(s, row->name);
    sheet_add(s, link ? "</a>" : "");
    if (row->handle[0]) {
        sheet_add(s, "<br>");
        sheet_escape(s, row->handle);
    }
    sheet_add(s, "</th>");
}

static void add_row(sheet *s, const page *p, const Uppsikt__RegisterRow *row)
{
    sheet_add(s, "<tr>");
    add_account(s, row);
    sheet_add(s, "<td>");
    add_platform(s, row->platform);
    sheet_add(s, "</td><td>");
    sheet_escape(s, row->unit);
    sheet_add(s, "</td><td>");
    sheet_escape(s, row->purpose);
    sheet_add(s, "</td><td>");
    sheet_phrase(s, row->closing ? "state.closing" : "state.open");
    sheet_add(s, "</td><td>");
    if (row->open_since_ms > 0)
        add_time(s, p, row->open_since_ms, false);
    else
        sheet_phrase(s, "page.no_date");
    sheet_add(s, "</td><td>");
    if (row->function_mail[0]) {
        sheet_add(s, "<a href=\"mailto:");
        sheet_escape(s, row->function_mail);
        sheet_add(s, "\">");
        sheet_escape(s, row->function_mail);
        sheet_add(s, "</a>");
    } else {
        sheet_phrase(s, "page.no_date");
    }
    sheet_add(s, "</td></tr>\n");
}

/* One table an authority, in a region that the keyboard can scroll. */
static void open_table(sheet *s, const Uppsikt__RegisterRow *row, size_t number)
{
    static const char *const columns[] = { "account", "platform",   "unit",   "purpose",
                                           "state",   "open_since", "contact" };
    char id[64], key[32];
    snprintf(id, sizeof id, "a%zu", number);
    sheet_add(s, "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-labelledby=\"");
    sheet_add(s, id);
    sheet_add(s, "\">\n<table>\n<caption id=\"");
    sheet_add(s, id);
    sheet_add(s, "\">");
    sheet_escape(s, row->authority);
    if (row->org_number[0]) {
        sheet_add(s, " (");
        sheet_escape(s, row->org_number);
        sheet_add(s, ")");
    }
    sheet_add(s, "</caption>\n<thead><tr>");
    for (size_t i = 0; i < UPP_LEN(columns); i++) {
        snprintf(key, sizeof key, "column.%s", columns[i]);
        sheet_add(s, "<th scope=\"col\">");
        sheet_phrase(s, key);
        sheet_add(s, "</th>");
    }
    sheet_add(s, "</tr></thead>\n<tbody>\n");
}

static void add_rows(sheet *s, const page *p)
{
    static const char end[] = "</tbody>\n</table>\n</div>\n";
    const Uppsikt__RegisterRow *before = NULL;
    bool closing = false;
    for (size_t i = 0; i < p->n_rows; i++) {
        const Uppsikt__RegisterRow *row = p->rows[i];
        const bool same = before && strcmp(before->authority, row->authority) == 0 &&
                          strcmp(before->org_number, row->org_number) == 0;
        if (!same) {
            sheet_add(s, before ? end : "");
            open_table(s, row, i);
        }
        add_row(s, p, row);
        closing = closing || row->closing;
        before = row;
    }
    sheet_add(s, before ? end : "<p>");
    if (!before) {
        sheet_phrase(s, "page.none");
        sheet_add(s, "</p>\n");
    }
    if (closing) {
        sheet_add(s, "<p>");
        sheet_phrase(s, "page.closing");
        sheet_add(s, "</p>\n");
    }
}

char *page_html(const page *p, size_t *ret_len)
{
    sheet s = { 0 };
    add_head(&s, p);
    add_rows(&s, p);
    sheet_add(&s, "<h2>");
    sheet_phrase(&s, "page.data");
    sheet_add(&s, "</h2>\n<ul>\n<li><a href=\"register.json\">JSON</a></li>\n"
                  "<li><a href=\"register.csv\">CSV</a></li>\n</ul>\n<p>");
    sheet_phrase(&s, "page.updated");
    sheet_add(&s, " ");
    add_time(&s, p, p->at_ms, true);
    sheet_add(&s, ".</p>\n</main>\n</body>\n</html>\n");
    *ret_len = s.len;
    return s.at;
}
