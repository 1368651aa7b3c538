/* request_review.c - a person's changes to the proposed masks: read, applied, written. */
#include "request_review.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -- as a line: "t.2.5.18.0.i1 a.1.0.4.3.i2" -- */
static bool take_number(const char **at, uint32_t *ret_number)
{
    char *end = NULL;
    if (**at < '0' || **at > '9')
        return false;
    const unsigned long n = strtoul(*at, &end, 10);
    if (*end != '.' || n > UINT32_MAX)
        return false;
    *ret_number = (uint32_t)n;
    *at = end + 1;
    return true;
}

static bool read_change(const char **at, request_change *ret_change)
{
    request_change *c = ret_change;
    if (!**at || !strchr("tagn", **at) || (*at)[1] != '.')
        return false;
    c->verb = (request_verb) * *at;
    *at += 2;
    if (!take_number(at, &c->version) || !take_number(at, &c->start) || !take_number(at, &c->end) ||
        !take_number(at, &c->ground) || c->ground > REQUEST_GROUNDS || c->start >= c->end)
        return false;
    const size_t n = strcspn(*at, " ");
    if (n == 0 || n >= sizeof c->item)
        return false;
    memcpy(c->item, *at, n);
    c->item[n] = '\0';
    *at += n;
    return true;
}

bool request_review_read(const char *text, request_review *ret_review)
{
    for (const char *at = text; *at;) {
        if (ret_review->n == REQUEST_CHANGES || !read_change(&at, &ret_review->at[ret_review->n]))
            return false;
        ret_review->n++;
        at += *at == ' ';
    }
    return true;
}

int request_review_write(const request_review *r, buf *out)
{
    for (size_t i = 0; i < r->n; i++) {
        const request_change *c = &r->at[i];
        UPP_TRY(buf_printf(out, "%s%c.%" PRIu32 ".%" PRIu32 ".%" PRIu32 ".%" PRIu32 ".%s",
                           i ? " " : "", c->verb, c->version, c->start, c->end, c->ground,
                           c->item));
    }
    return 0;
}

/* -- applied -- */
static bool is_of(const request_change *c, const request_text *text)
{
    return c->version == text->version && strcmp(c->item, text->item) == 0;
}

static bool begins_character(char c)
{
    return ((unsigned char)c & 0xc0) != 0x80;
}

static bool stands_in(const request_change *c, const char *text)
{
    return c->end <= strlen(text) && begins_character(text[c->start]) &&
           begins_character(text[c->end]);
}

int request_review_apply(const request_review *r, const request_text *text, request_mask *masks,
                         size_t *n)
{
    const size_t proposed = *n;
    for (size_t i = 0; i < r->n; i++) {
        const request_change *c = &r->at[i];
        if (!is_of(c, text) || c->verb == REQUEST_AUTHOR)
            continue;
        if (c->verb == REQUEST_ADDED) {
            if (*n == REQUEST_PLACES || !stands_in(c, text->text))
                return UPP_E_INPUT;
            masks[(*n)++] = (request_mask){ .start = c->start, .end = c->end, .ground = c->ground };
            continue;
        }
        for (size_t k = 0; k < proposed; k++) {
            if (masks[k].start != c->start || masks[k].end != c->end)
                continue;
            masks[k].taken = masks[k].taken || c->verb == REQUEST_TAKEN;
            masks[k].ground = c->verb == REQUEST_GROUND ? c->ground : masks[k].ground;
        }
    }
    return 0;
}

uint32_t request_ground(const request_review *r, const request_mask *m)
{
    return m->ground ? m->ground : r->ground;
}

/* -- changed -- */
static request_change *find(request_review *r, const request_text *text, const request_mask *m,
                            request_verb verb)
{
    for (size_t i = 0; i < r->n; i++)
        if (r->at[i].verb == verb && r->at[i].start == m->start && r->at[i].end == m->end &&
            is_of(&r->at[i], text))
            return &r->at[i];
    return NULL;
}

static void drop(request_review *r, request_change *c)
{
    if (!c)
        return;
    r->n--;
    memmove(c, c + 1, (size_t)(&r->at[r->n] - c) * sizeof *c);
}

static bool add(request_review *r, const request_text *text, const request_mask *m,
                request_verb verb, uint32_t ground)
{
    request_change *c = find(r, text, m, verb);
    if ((!c && r->n == REQUEST_CHANGES) || strlen(text->item) >= REQUEST_ITEM)
        return false;
    c = c ? c : &r->at[r->n++];
    *c = (request_change){
        .verb = verb, .version = text->version, .start = m->start, .end = m->end, .ground = ground
    };
    snprintf(c->item, sizeof c->item, "%s", text->item);
    return true;
}

/* It stands at no place of the text. */
static const request_mask author_place = { .start = 0, .end = 1 };

static const request_change *author_of(const request_review *r, const request_text *text)
{
    for (size_t i = 0; i < r->n; i++)
        if (r->at[i].verb == REQUEST_AUTHOR && is_of(&r->at[i], text))
            return &r->at[i];
    return NULL;
}

bool request_author(const request_review *r, const request_text *text, uint32_t *ret_ground)
{
    const request_change *c = author_of(r, text);
    *ret_ground = c && c->ground ? c->ground : r->ground;
    return c != NULL;
}

uint32_t request_author_own(const request_review *r, const request_text *text)
{
    const request_change *c = author_of(r, text);
    return c ? c->ground : 0;
}

bool request_review_author(request_review *r, const request_text *text, bool covered,
                           uint32_t ground)
{
    if (covered)
        return add(r, text, &author_place, REQUEST_AUTHOR, ground);
    drop(r, find(r, text, &author_place, REQUEST_AUTHOR));
    return true;
}

bool request_review_take(request_review *r, const request_text *text, const request_mask *m,
                         bool taken)
{
    if (!m->reason && taken)
        drop(r, find(r, text, m, REQUEST_ADDED));
    else if (m->reason && taken)
        return add(r, text, m, REQUEST_TAKEN, 0);
    else
        drop(r, find(r, text, m, REQUEST_TAKEN));
    return true;
}

bool request_review_ground(request_review *r, const request_text *text, const request_mask *m,
                           uint32_t ground)
{
    if (!m->reason)
        return add(r, text, m, REQUEST_ADDED, ground);
    if (ground)
        return add(r, text, m, REQUEST_GROUND, ground);
    drop(r, find(r, text, m, REQUEST_GROUND));
    return true;
}

/* -- words that are marked -- */
static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The small letter of the byte at `at`: of a to z, and of U+00C0 to U+00DE, whose second byte is
 * 32 below the small one's; but for the sign of multiplication. */
static unsigned char small(const char *text, size_t at)
{
    const unsigned char c = (unsigned char)text[at];
    if (c >= 'A' && c <= 'Z')
        return (unsigned char)(c + 32);
    const bool latin = at > 0 && (unsigned char)text[at - 1] == 0xc3;
    return latin && c >= 0x80 && c <= 0x9e && c != 0x97 ? (unsigned char)(c + 32) : c;
}

/* Where the words end that begin at `at`; 0: other words stand there. */
static size_t end_of(const char *text, size_t at, const char *words)
{
    size_t i = 0;
    while (words[i]) {
        if (blank(words[i])) {
            if (!blank(text[at]))
                return 0;
            while (blank(text[at]))
                at++;
            while (blank(words[i]))
                i++;
        } else {
            if (!text[at] || small(text, at) != small(words, i))
                return 0;
            at++;
            i++;
        }
    }
    return at;
}

static bool is_covered(const request_mask *masks, size_t n, const request_mask *m)
{
    for (size_t i = 0; i < n; i++)
        if (!masks[i].taken && masks[i].start <= m->start && masks[i].end >= m->end)
            return true;
    return false;
}

static size_t marked_of(const request_review *r, const request_text *text)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++)
        n += r->at[i].verb == REQUEST_ADDED && is_of(&r->at[i], text);
    return n;
}

/* What was proposed there and taken away is covered again. */
static bool mark_one(request_review *r, const request_text *text, const request_mask *masks,
                     size_t n, const request_mask *m, uint32_t ground)
{
    for (size_t i = 0; i < n; i++)
        if (masks[i].reason && masks[i].start == m->start && masks[i].end == m->end)
            return request_review_take(r, text, &masks[i], false) &&
                   request_review_ground(r, text, &masks[i], ground);
    return marked_of(r, text) < REQUEST_MARKED && add(r, text, m, REQUEST_ADDED, ground);
}

request_marked request_review_mark(request_review *r, const request_text *text,
                                   const request_mask *masks, size_t n, const char *words,
                                   uint32_t nth, uint32_t ground)
{
    uint32_t found = 0;
    bool marked = false, there = false;
    for (size_t at = 0; words[0] && text->text[at];) {
        const size_t end = end_of(text->text, at, words);
        const request_mask m = { .start = (uint32_t)at, .end = (uint32_t)end };
        at = end ? end : at + 1;
        if (!end || (nth && ++found != nth))
            continue;
        there = true;
        if (is_covered(masks, n, &m))
            continue;
        if (!mark_one(r, text, masks, n, &m, ground))
            return REQUEST_MARK_FULL;
        marked = true;
    }
    return !there ? REQUEST_MARK_NOT_THERE : marked ? REQUEST_MARK_DONE : REQUEST_MARK_COVERED;
}
