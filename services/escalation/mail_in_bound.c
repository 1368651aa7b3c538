/* mail_in_bound.c - one pass over the lines, whether they are head or text. */
#include "mail_in_bound.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    BYTES = 1 << 20,
    ADDRESSES = 1024,  /* bytes of a field of addresses */
    FIELD = 64 * 1024, /* of another */
    PARTS = 1000,      /* lines that begin with -- */
    FIELDS = 20000,    /* lines that begin with a word and a colon */
};

static size_t line_len(const char *at, size_t left)
{
    const char *end = memchr(at, '\n', left);
    return end ? (size_t)(end - at) + 1 : left;
}

/* The length of the name of a field that begins here; 0: none does. */
static size_t name_len(const char *line, size_t len)
{
    size_t n = 0;
    while (n < len && line[n] > ' ' && line[n] != ':' && line[n] < 0x7f)
        n++;
    size_t colon = n;
    while (colon < len && (line[colon] == ' ' || line[colon] == '\t'))
        colon++;
    return colon < len && line[colon] == ':' ? n : 0;
}

static bool is_addresses(const char *line, size_t n)
{
    static const char *const names[] = { "From", "To", "Cc", "Bcc", "Reply-To", "Sender" };
    for (size_t i = 0; i < UPP_LEN(names); i++) {
        if (strlen(names[i]) == n && strncasecmp(line, names[i], n) == 0)
            return true;
    }
    return false;
}

char *mail_in_bound(const uint8_t *bytes, size_t len, size_t *ret_len)
{
    const char *from = (const char *)bytes;
    const size_t all = len < BYTES ? len : BYTES;
    size_t n = 0, parts = 0, fields = 0, left = all;
    char *copy = malloc(all + 1);
    upp_check(copy);
    for (size_t at = 0; at < all && parts <= PARTS && fields <= FIELDS;) {
        const size_t line = line_len(from + at, all - at);
        const size_t name = name_len(from + at, line);
        if (name > 0)
            left = is_addresses(from + at, name) ? ADDRESSES : FIELD;
        else if (from[at] != ' ' && from[at] != '\t') /* folded: of the field before it */
            left = all;
        parts += line > 1 && from[at] == '-' && from[at + 1] == '-';
        fields += name > 0;
        const size_t kept = line < left ? line : left;
        memcpy(copy + n, from + at, kept);
        n += kept;
        left -= kept;
        if (kept > 0 && kept < line) /* its line end stays */
            copy[n - 1] = '\n';
        at += line;
    }
    copy[n] = '\0';
    *ret_len = n;
    return copy;
}
