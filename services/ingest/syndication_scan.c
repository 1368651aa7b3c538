/* syndication_scan.c - a walk over a document's bytes, tag by tag, before anything is made of it.
 * In the encodings that are let in, the bytes of `<`, `>`, quotes and `=` are nothing else. */
#include "syndication_scan.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

typedef struct scan {
    const char *at, *end;
} scan;

static int wrong(char why[ITEM_WHY], const char *what)
{
    snprintf(why, ITEM_WHY, "feed: %s", what);
    return UPP_E_INPUT;
}

static bool begins(const scan *s, const char *word)
{
    const size_t n = strlen(word);
    return (size_t)(s->end - s->at) >= n && memcmp(s->at, word, n) == 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Goes behind the next `word`; false: there is none. */
static bool skip_past(scan *s, const char *word)
{
    while ((s->at = memchr(s->at, word[0], (size_t)(s->end - s->at)))) {
        if (begins(s, word)) {
            s->at += strlen(word);
            return true;
        }
        s->at++;
    }
    return false;
}

/* The name in encoding="..." of the XML declaration; without one it is UTF-8 (XML 1.0 §4.3.3). */
static bool encoding_fits(scan s)
{
    static const char *const names[] = { "utf-8",       "us-ascii",     "iso-8859-1",
                                         "iso-8859-15", "windows-1252", "cp1252" };
    const char *from = s.at;
    if (!begins(&s, "<?xml") || !skip_past(&s, "?>"))
        return true;
    scan in = { from, s.at };
    if (!skip_past(&in, "encoding"))
        return true;
    while (in.at < in.end && (is_blank(*in.at) || *in.at == '='))
        in.at++;
    const char quote = *in.at++;
    const char *close = memchr(in.at, quote, (size_t)(in.end - in.at));
    for (size_t i = 0; close && i < UPP_LEN(names); i++)
        if (strlen(names[i]) == (size_t)(close - in.at) &&
            strncasecmp(names[i], in.at, strlen(names[i])) == 0)
            return true;
    return false;
}

/* From `<` behind the `>` that ends the tag: one in an attribute's value does not. */
static int pass_tag(scan *s, char why[ITEM_WHY])
{
    size_t attributes = 0;
    char quote = '\0';
    for (s->at++; s->at < s->end; s->at++) {
        const char c = *s->at;
        if (quote) {
            quote = c == quote ? '\0' : quote;
            continue;
        }
        if (c == '>') {
            s->at++;
            return 0;
        }
        if (c == '"' || c == '\'')
            quote = c;
        else if (c == '=' && ++attributes > SYNDICATION_ATTRIBUTES)
            return wrong(why, "a tag has too many attributes");
    }
    return wrong(why, "ends in the middle of a tag");
}

/* What begins at `<`. */
static int pass_one(scan *s, char why[ITEM_WHY])
{
    static const struct {
        const char *begin, *end;
    } parts[] = { { "<!--", "-->" }, { "<![CDATA[", "]]>" }, { "<?", "?>" } };
    for (size_t i = 0; i < UPP_LEN(parts); i++)
        if (begins(s, parts[i].begin)) {
            s->at += strlen(parts[i].begin);
            return skip_past(s, parts[i].end) ? 0 : wrong(why, "ends too early");
        }
    if (begins(s, "<!"))
        return wrong(why, "has a document type (DOCTYPE)");
    return pass_tag(s, why);
}

int syndication_scan(upp_bytes body, upp_bytes *ret_xml, char ret_why[ITEM_WHY])
{
    scan s = { (const char *)body.at, (const char *)body.at + body.len };
    if (body.len == 0)
        return wrong(ret_why, "is empty");
    if (body.len > SYNDICATION_BYTES)
        return wrong(ret_why, "is too large");
    if (begins(&s, "\xEF\xBB\xBF"))
        s.at += 3;
    while (s.at < s.end && is_blank(*s.at))
        s.at++;
    if (!begins(&s, "<"))
        return wrong(ret_why, "is no XML in UTF-8, ISO 8859-1 or Windows-1252");
    if (!encoding_fits(s))
        return wrong(ret_why, "is in another encoding than UTF-8, ISO 8859-1, Windows-1252");
    *ret_xml = (upp_bytes){ (const uint8_t *)s.at, (size_t)(s.end - s.at) };
    while ((s.at = memchr(s.at, '<', (size_t)(s.end - s.at))))
        UPP_TRY(pass_one(&s, ret_why));
    return 0;
}
