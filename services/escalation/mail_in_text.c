/* mail_in_text.c - characters, tags, and where a quoted mail begins. libxml2's parser of HTML is
 * not taken: it needs time in the square of its input for tags that are never closed, and anybody
 * may send us a mail. It knows the names of the entities. */
#include "mail_in_text.h"
#include <libxml/HTMLparser.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistr.h>

enum {
    HEAD = 400,       /* of a line that says who wrote: no more is looked at */
    HEAD_LINES = 3,   /* over so many lines it may be broken */
    BLOCK_LINES = 8,  /* of the head of a quoted mail */
    BLOCK_FIELDS = 3, /* so many of them name a field */
    RULE = 30,        /* underscores; Outlook writes 32 */
    ENTITY = 32,
};

/* Text that grows. */
typedef struct sheet {
    char *at;
    size_t len, room;
} sheet;

static void put(sheet *s, const char *text, size_t n)
{
    if (s->room - s->len <= n) {
        s->room = 2 * s->room + n + 64;
        s->at = realloc(s->at, s->room);
        upp_check(s->at);
    }
    if (n > 0)
        memcpy(s->at + s->len, text, n);
    s->len += n;
    s->at[s->len] = '\0';
}

/* One character, if it is one that text may have. */
static void put_character(sheet *s, ucs4_t c)
{
    uint8_t units[6];
    const bool control = (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7f && c < 0xa0);
    if (control || c == 0xfeff)
        return;
    if (c == '\t')
        c = ' ';
    else if (c == 0x2028 || c == 0x2029)
        c = '\n';
    const int n = u8_uctomb(units, c, sizeof units);
    if (n > 0)
        put(s, (const char *)units, (size_t)n);
    else
        put(s, "\xEF\xBF\xBD", 3);
}

char *mail_in_clean(const uint8_t *bytes, size_t len)
{
    sheet s = { 0 };
    put(&s, "", 0);
    for (size_t at = 0; at < len;) {
        ucs4_t c = 0;
        at += (size_t)u8_mbtouc(&c, bytes + at, len - at);
        if (c == '\r' && at < len && bytes[at] == '\n')
            continue;
        put_character(&s, c == '\r' ? '\n' : c);
    }
    return s.at;
}

/* ---- HTML ---- */

typedef struct page {
    sheet s;
    const char *at;   /* what is still to be read */
    size_t quoted;    /* open <blockquote>s */
    bool head, as_is; /* in <head>, in <pre> */
    bool blank;       /* white space before the next character */
} page;

static bool is_space(char c)
{
    return c == ' ' || c == '\n';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool unseen(const page *p)
{
    return p->quoted > 0 || p->head;
}

static void page_character(page *p, ucs4_t c)
{
    if (unseen(p))
        return;
    if (!p->as_is && (c == ' ' || c == '\n')) {
        p->blank = true;
        return;
    }
    if (p->blank && p->s.len > 0 && p->s.at[p->s.len - 1] != '\n')
        put(&p->s, " ", 1);
    p->blank = false;
    put_character(&p->s, c == 0xa0 ? ' ' : c);
}

/* The text goes on after at least `n` line ends, when there was any. */
static void page_break(page *p, size_t n)
{
    size_t there = 0;
    if (unseen(p))
        return;
    p->blank = false;
    while (there < n && there < p->s.len && p->s.at[p->s.len - 1 - there] == '\n')
        there++;
    for (; there < n && p->s.len > 0; there++)
        put(&p->s, "\n", 1);
}

/* &name; &#228; &#xe4; or the & alone. */
static void page_entity(page *p)
{
    char name[ENTITY];
    size_t n = 0;
    const char *from = p->at + 1;
    while (n < sizeof name - 1 && (is_letter(from[n]) || is_digit(from[n]) || from[n] == '#')) {
        name[n] = from[n];
        n++;
    }
    name[n] = '\0';
    ucs4_t c = '&';
    size_t used = 1;
    if (name[0] == '#') {
        const bool hex = name[1] == 'x' || name[1] == 'X';
        char *end = NULL;
        const unsigned long number = strtoul(name + (hex ? 2 : 1), &end, hex ? 16 : 10);
        if (end > name + (hex ? 2 : 1)) {
            c = number > 0 && number <= 0x10ffff ? (ucs4_t)number : 0xfffd;
            used = 1 + (size_t)(end - name);
        }
    } else {
        const htmlEntityDesc *known = n > 0 ? htmlEntityLookup((const xmlChar *)name) : NULL;
        if (known) {
            c = known->value;
            used = 1 + n;
        }
    }
    p->at += used;
    if (used > 1 && *p->at == ';')
        p->at++;
    page_character(p, c == '\t' || c == '\r' ? ' ' : c);
}

/* Past the end of `</name`, or to the end of all. */
static void page_skip(page *p, const char *name)
{
    const size_t n = strlen(name);
    while ((p->at = strchr(p->at, '<')) &&
           (p->at[1] != '/' || strncasecmp(p->at + 2, name, n) != 0))
        p->at++;
    if (!p->at)
        p->at = "";
}

static bool is_one_of(const char *name, const char *const *names)
{
    while (*names && strcasecmp(name, *names) != 0)
        names++;
    return *names != NULL;
}

static void page_quote(page *p, bool ends)
{
    if (ends) {
        p->quoted -= p->quoted > 0;
    } else {
        page_break(p, 1);
        if (!unseen(p))
            put(&p->s, ">\n", 2);
        p->quoted++;
    }
}

static void page_element(page *p, const char *name, bool ends)
{
    static const char *const apart[] = { "p",  "h1", "h2", "h3",    "h4",  "h5", "h6",
                                         "ul", "ol", "hr", "table", "pre", NULL };
    static const char *const lines[] = { "div", "li", "tr", "body", "section", "article", NULL };
    static const char *const cells[] = { "td", "th", NULL };
    static const char *const raw[] = { "script", "style", "title", NULL };
    if (strcasecmp(name, "blockquote") == 0)
        page_quote(p, ends);
    else if (strcasecmp(name, "head") == 0)
        p->head = !ends;
    else if (strcasecmp(name, "body") == 0)
        p->head = false; /* whose end may be left out */
    else if (strcasecmp(name, "br") == 0 && !unseen(p))
        put(&p->s, "\n", 1);
    else if (!ends && is_one_of(name, raw))
        page_skip(p, name);
    if (is_one_of(name, apart))
        page_break(p, 2);
    else if (is_one_of(name, lines))
        page_break(p, 1);
    else if (is_one_of(name, cells))
        p->blank = true;
    if (strcasecmp(name, "pre") == 0)
        p->as_is = !ends;
}

/* A tag from its < to its >, whose values may hold one, or to the end of all. */
static void page_tag(page *p)
{
    char name[16];
    size_t n = 0;
    const bool ends = p->at[1] == '/';
    p->at += ends ? 2 : 1;
    for (; is_letter(*p->at) || is_digit(*p->at); p->at++) {
        if (n < sizeof name - 1)
            name[n++] = *p->at;
    }
    name[n] = '\0';
    char quote = '\0', before = '\0';
    for (; *p->at && (quote || *p->at != '>'); p->at++) {
        if (quote)
            quote = *p->at == quote ? '\0' : quote;
        else if (before == '=' && (*p->at == '"' || *p->at == '\''))
            quote = *p->at;
        if (!is_space(*p->at))
            before = *p->at;
    }
    p->at += *p->at == '>';
    page_element(p, name, ends);
}

/* A comment, or <!doctype>, <![if]>, <?xml?>. */
static void page_remark(page *p)
{
    const bool comment = strncmp(p->at, "<!--", 4) == 0;
    const char *end = strstr(p->at + 2, comment ? "-->" : ">");
    p->at = end ? end + (comment ? 3 : 1) : "";
}

char *mail_in_plain(const char *html)
{
    page p = { .at = html };
    put(&p.s, "", 0);
    while (*p.at) {
        const char next = p.at[1];
        if (*p.at == '<' && (is_letter(next) || (next == '/' && is_letter(p.at[2])))) {
            page_tag(&p);
        } else if (*p.at == '<' && (next == '!' || next == '?' || next == '/')) {
            page_remark(&p);
        } else if (*p.at == '&') {
            page_entity(&p);
        } else {
            ucs4_t c = 0;
            p.at += u8_strmbtouc(&c, (const uint8_t *)p.at);
            page_character(&p, c);
        }
    }
    return p.s.at;
}

/* ---- what is quoted ---- */

typedef struct span {
    const char *at;
    size_t len;
} span;

/* The line at `at`, without the blanks at its end. */
static span line_at(const char *at)
{
    span line = { at, strcspn(at, "\n") };
    while (line.len > 0 && line.at[line.len - 1] == ' ')
        line.len--;
    return line;
}

static const char *after_line(const char *at)
{
    at += strcspn(at, "\n");
    return at + (*at == '\n');
}

static const char *after_empty(const char *at)
{
    while (*at && line_at(at).len == 0)
        at = after_line(at);
    return at;
}

static bool is_rule(span line)
{
    return line.len >= RULE && strspn(line.at, "_") == line.len;
}

/* -----Original Message-----, with blanks or without. */
static bool is_original(span line)
{
    static const char *const words[] = { "ursprungligt meddelande", "originalmeddelande",
                                         "original message" };
    const size_t dashes = strspn(line.at, "-");
    const char *text = line.at + dashes + strspn(line.at + dashes, " ");
    for (size_t i = 0; dashes >= 5 && i < UPP_LEN(words); i++) {
        const size_t n = strlen(words[i]);
        if (strncasecmp(text, words[i], n) != 0)
            continue;
        const char *end = text + n + strspn(text + n, " ");
        return strspn(end, "-") >= 5 && end + strspn(end, "-") == line.at + line.len;
    }
    return false;
}

/* "From: Anna", also as "*From:* Anna", which is how bold is written. */
static bool names(span line, const char *const *fields)
{
    const char *at = line.at + strspn(line.at, "*");
    for (; *fields; fields++) {
        const size_t n = strlen(*fields);
        if (strncasecmp(at, *fields, n) == 0 && at[n + strspn(at + n, "*")] == ':')
            return true;
    }
    return false;
}

/* The head of a quoted mail, as Outlook writes it. */
static bool is_block(const char *at)
{
    static const char *const from[] = { "Fr\xC3\xA5n", "From", NULL };
    static const char *const any[] = { "Fr\xC3\xA5n", "From",    "Skickat", "Sent",  "Datum",
                                       "Date",        "Till",    "To",      "Kopia", "Cc",
                                       "\xC3\x84mne", "Subject", NULL };
    size_t fields = 0;
    if (!names(line_at(at), from))
        return false;
    for (size_t i = 0; i < BLOCK_LINES && *at && line_at(at).len > 0; i++) {
        fields += names(line_at(at), any);
        at = after_line(at);
    }
    return fields >= BLOCK_FIELDS;
}

/* A time of day and a year. */
static bool has_date(const char *text)
{
    bool time = false, year = false;
    for (const char *at = text; *at; at++) {
        if (!is_digit(*at) || !at[1])
            continue;
        time = time || ((at[1] == ':' || at[1] == '.') && is_digit(at[2]) && is_digit(at[3]));
        year = year || (strncmp(at, "20", 2) == 0 && is_digit(at[2]) && is_digit(at[3]));
    }
    return time && year;
}

/* "Den 3 dec. 2026 kl. 10:12 skrev Anna <anna@...>:", which may be broken into lines. Returns where
 * it ends, NULL when it is none. */
static const char *who_wrote(const char *at)
{
    char head[HEAD];
    size_t len = 0;
    if (!is_digit(*at) && strncmp(at, "Den ", 4) != 0 && strncmp(at, "On ", 3) != 0)
        return NULL;
    for (int i = 0; i < HEAD_LINES; i++) {
        const span line = line_at(at);
        if (line.len == 0 || len + line.len + 2 > sizeof head)
            return NULL;
        memcpy(head + len, line.at, line.len);
        len += line.len;
        head[len] = '\0';
        at = after_line(at);
        if (head[len - 1] == ':')
            return (strstr(head, " skrev") || strstr(head, " wrote")) && has_date(head) ? at : NULL;
        head[len++] = ' ';
    }
    return NULL;
}

/* Nothing below is the writer's. `before`: the line before it is empty, or there is none. */
static bool is_end(const char *at, bool before)
{
    const span line = line_at(at);
    const bool signature = strncmp(at, "-- ", 3) == 0 && (at[3] == '\n' || at[3] == '\0');
    return signature || is_rule(line) || is_original(line) || (before && is_block(at));
}

/* A line as it is kept; empty ones wait for the next that is not. */
static void put_line(sheet *s, span line, bool gap)
{
    if (s->len > 0)
        put(s, "\n\n", gap ? 2 : 1);
    put(s, line.at, line.len);
}

static void cut(char *text, size_t most)
{
    size_t n = strlen(text);
    if (n <= most)
        return;
    n = most;
    while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
        n--;
    while (n > 0 && is_space(text[n - 1]))
        n--;
    text[n] = '\0';
}

char *mail_in_own(const char *text, size_t most)
{
    sheet s = { 0 };
    bool gap = false, before = true;
    put(&s, "", 0);
    while (*text && !is_end(text, before)) {
        const span line = line_at(text);
        const char *below = who_wrote(text);
        /* what is marked ends with its marks: an answer may stand below it */
        if (below && *after_empty(below) != '>')
            break;
        before = line.len == 0;
        if (below || line.len == 0 || line.at[0] == '>') {
            gap = true;
        } else {
            put_line(&s, line, gap);
            gap = false;
        }
        text = below ? below : after_line(text);
    }
    cut(s.at, most);
    return s.at;
}
