/* multipart.c - a form with a file, told apart while it arrives. */
#include "multipart.h"
#include <string.h>
#include <strings.h>

/* -- what it says of itself -- */
static const char *boundary_of(const char *content_type)
{
    static const char kind[] = "multipart/form-data", name[] = "boundary=";
    if (strncasecmp(content_type, kind, sizeof kind - 1) != 0)
        return NULL;
    const char *at = content_type + sizeof kind - 1;
    while (*at == ';' || *at == ' ') {
        at += strspn(at, "; ");
        if (strncasecmp(at, name, sizeof name - 1) == 0)
            return at + sizeof name - 1;
        at += strcspn(at, ";");
    }
    return NULL;
}

bool multipart_begin(multipart *ret_form, const char *content_type, const sink *file)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'()+_,-./:=?";
    const char *at = content_type ? boundary_of(content_type) : NULL;
    *ret_form = (multipart){ .file = *file };
    if (!at)
        return false;
    const bool quoted = *at == '"';
    at += quoted;
    const size_t n = strspn(at, allowed);
    if (n == 0 || n > MULTIPART_BOUNDARY || (quoted && at[n] != '"'))
        return false;
    memcpy(ret_form->delimiter, "\r\n--", 4);
    memcpy(ret_form->delimiter + 4, at, n);
    ret_form->n_delimiter = n + 4;
    return true;
}

void multipart_done(multipart *m)
{
    buf_done(&m->window);
    buf_done(&m->fields);
}

/* -- the window -- */
static void drop(multipart *m, size_t n)
{
    memmove(m->window.at, m->window.at + n, m->window.len - n);
    m->window.len -= n;
    m->window.at[m->window.len] = 0;
}

/* Where `what` stands in the window; false: nowhere, and *ret_at is how much cannot be its
 * beginning. */
static bool find(const multipart *m, const char *what, size_t n, size_t *ret_at)
{
    const uint8_t *bytes = m->window.at;
    const size_t len = m->window.len;
    size_t at = 0;
    while (at + n <= len) {
        const uint8_t *first = memchr(bytes + at, what[0], len - n + 1 - at);
        if (!first)
            break;
        at = (size_t)(first - bytes);
        if (memcmp(first, what, n) == 0) {
            *ret_at = at;
            return true;
        }
        at++;
    }
    *ret_at = len >= n ? len - n + 1 : 0;
    return false;
}

/* -- fields -- */
static int put_encoded(buf *out, const uint8_t *bytes, size_t n)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~";
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] && strchr(plain, bytes[i]))
            UPP_TRY(buf_put(out, &bytes[i], 1));
        else
            UPP_TRY(buf_printf(out, "%%%02X", bytes[i]));
    }
    return 0;
}

static int begin_field(multipart *m, const char *name, size_t n)
{
    if (m->n_fields++ == MULTIPART_FIELDS)
        return UPP_E_INPUT;
    if (m->fields.len > 0)
        UPP_TRY(buf_put(&m->fields, "&", 1));
    UPP_TRY(put_encoded(&m->fields, (const uint8_t *)name, n));
    m->field = 0;
    return buf_put(&m->fields, "=", 1);
}

/* -- a part's head -- */
/* The quoted value of `name` in the line of Content-Disposition; false: it has none. Browsers write
 * a quotation mark in it as %22, so that the next one ends it (RFC 7578 §4.2). */
static bool parameter(const char *line, const char *name, const char **ret_at, size_t *ret_n)
{
    const size_t len = strlen(name);
    for (const char *at = line; (at = strchr(at, ';'));) {
        at += 1 + strspn(at + 1, " ");
        if (strncasecmp(at, name, len) != 0 || at[len] != '=' || at[len + 1] != '"')
            continue;
        *ret_at = at + len + 2;
        const char *end = strchr(*ret_at, '"');
        *ret_n = end ? (size_t)(end - *ret_at) : 0;
        return end != NULL;
    }
    return false;
}

/* The name alone: some browsers have sent the folder, too. */
static const char *plain_name(const char *at, size_t *n)
{
    for (size_t i = *n; i > 0; i--)
        if (at[i - 1] == '/' || at[i - 1] == '\\') {
            *n -= i;
            return at + i;
        }
    return at;
}

static int begin_part(multipart *m, const char *head)
{
    static const char wanted[] = "content-disposition:";
    const char *line = head, *name = NULL, *file = NULL;
    size_t n_name = 0, n_file = 0;
    while (*line && strncasecmp(line, wanted, sizeof wanted - 1) != 0) {
        line += strcspn(line, "\r");
        line += strspn(line, "\r\n");
    }
    if (!*line || !parameter(line, "name", &name, &n_name) || n_name == 0 ||
        n_name > MULTIPART_NAME)
        return UPP_E_INPUT;
    if (!parameter(line, "filename", &file, &n_file)) {
        m->at = MULTIPART_IN_FIELD;
        return begin_field(m, name, n_name);
    }
    m->at = MULTIPART_IN_FILE;
    if (m->n_files++ > 0)
        return UPP_E_INPUT;
    UPP_TRY(begin_field(m, "filename", strlen("filename")));
    file = plain_name(file, &n_file);
    return put_encoded(&m->fields, (const uint8_t *)file, n_file);
}

static int head(multipart *m, bool *ret_more)
{
    size_t at = 0;
    if (!find(m, "\r\n\r\n", 4, &at))
        return m->window.len > MULTIPART_HEAD ? UPP_E_INPUT : 0;
    if (at > MULTIPART_HEAD || memchr(m->window.at, 0, at))
        return UPP_E_INPUT;
    m->window.at[at] = 0;
    UPP_TRY(begin_part(m, (const char *)m->window.at));
    drop(m, at + 2); /* an empty part's delimiter begins with the head's last line end ... */
    m->lead = 2;     /* ... which is none of the body */
    *ret_more = true;
    return 0;
}

/* -- a part's body -- */
static int put_body(multipart *m, size_t n)
{
    const size_t skip = n < m->lead ? n : m->lead;
    const uint8_t *at = m->window.at + skip;
    m->lead -= skip;
    n -= skip;
    if (n == 0)
        return 0;
    if (m->at == MULTIPART_IN_FILE)
        return sink_put(&m->file, at, n);
    m->field += n;
    return m->field > MULTIPART_FIELD ? UPP_E_INPUT : put_encoded(&m->fields, at, n);
}

static int body(multipart *m, bool *ret_more)
{
    size_t at = 0;
    const bool ends = find(m, m->delimiter, m->n_delimiter, &at);
    UPP_TRY(put_body(m, at));
    drop(m, ends ? at + m->n_delimiter : at);
    if (ends)
        m->at = MULTIPART_AFTER;
    *ret_more = ends;
    return 0;
}

/* What follows a delimiter: another part, or the end. */
static int after(multipart *m, bool *ret_more)
{
    if (m->window.len < 2)
        return 0;
    const bool ended = memcmp(m->window.at, "--", 2) == 0;
    if (!ended && memcmp(m->window.at, "\r\n", 2) != 0)
        return UPP_E_INPUT;
    m->at = ended ? MULTIPART_END : MULTIPART_IN_HEAD;
    drop(m, 2);
    *ret_more = true;
    return 0;
}

/* The first delimiter has no line end before it. */
static int begin(multipart *m, bool *ret_more)
{
    const size_t n = m->n_delimiter - 2;
    if (m->window.len < n)
        return 0;
    if (memcmp(m->window.at, m->delimiter + 2, n) != 0)
        return UPP_E_INPUT;
    drop(m, n);
    m->at = MULTIPART_AFTER;
    *ret_more = true;
    return 0;
}

static int turn(multipart *m, bool *ret_more)
{
    switch (m->at) {
    case MULTIPART_BEGIN:
        return begin(m, ret_more);
    case MULTIPART_IN_HEAD:
        return head(m, ret_more);
    case MULTIPART_IN_FIELD:
    case MULTIPART_IN_FILE:
        return body(m, ret_more);
    case MULTIPART_AFTER:
        return after(m, ret_more);
    case MULTIPART_END:
        break;
    }
    m->window.len = 0; /* what follows the end counts for nothing (RFC 2046 §5.1.1) */
    return 0;
}

int multipart_take(multipart *m, const void *bytes, size_t n)
{
    bool more = true;
    UPP_TRY(buf_put(&m->window, bytes, n));
    while (more) {
        more = false;
        UPP_TRY(turn(m, &more));
    }
    return 0;
}

bool multipart_whole(const multipart *m)
{
    return m->at == MULTIPART_END && m->n_files == 1;
}
