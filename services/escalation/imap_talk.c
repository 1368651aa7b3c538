/* imap_talk.c - lines and literals off curl_easy_recv, which does not wait: poll does. */
#include "imap_talk.h"
#include "suite_clock.h"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    IN = 16 * 1024,
    LINE_MOST = 16 * 1024 * 1024, /* a SEARCH names all mails of the mailbox in one line */
    COMMAND = 2048,
};

struct imap_talk {
    CURL *easy;
    upp_ms until;
    unsigned tag;
    const char *words;
    uint8_t in[IN];
    size_t at, end;
    char *line;
    size_t len, size;
    uint8_t *literal;
    size_t literal_len, literal_size, keep;
    bool has_literal;
};

imap_talk *imap_talk_new(CURL *easy, upp_ms until, size_t keep)
{
    imap_talk *t = calloc(1, sizeof *t);
    upp_check(t);
    t->easy = easy;
    t->until = until;
    t->keep = keep;
    t->size = 1024;
    t->line = malloc(t->size);
    upp_check(t->line);
    return t;
}

void imap_talk_free(imap_talk *talk)
{
    if (!talk)
        return;
    free(talk->line);
    free(talk->literal);
    free(talk);
}

const char *imap_talk_words(const imap_talk *talk)
{
    return talk->words;
}

static bool broken(imap_talk *t, const char *words)
{
    t->words = words;
    return false;
}

/* -- bytes -- */

static bool wait_for(imap_talk *t, short what)
{
    curl_socket_t fd = CURL_SOCKET_BAD;
    curl_easy_getinfo(t->easy, CURLINFO_ACTIVESOCKET, &fd);
    const upp_ms left = t->until - upp_steady_now();
    if (fd == CURL_SOCKET_BAD)
        return broken(t, "the server hung up");
    if (left <= 0)
        return broken(t, "the server took too long");
    struct pollfd p = { .fd = fd, .events = what };
    return poll(&p, 1, left < UPP_HOUR ? (int)left : (int)UPP_HOUR) >= 0 || errno == EINTR ||
           broken(t, "the connection cannot be waited for");
}

/* A server that says much without an end is cut off here too: each filling looks at the time. */
static bool fill(imap_talk *t)
{
    for (;;) {
        size_t n = 0;
        if (upp_steady_now() >= t->until)
            return broken(t, "the server took too long");
        const CURLcode code = curl_easy_recv(t->easy, t->in, sizeof t->in, &n);
        if (code == CURLE_OK && n > 0) {
            t->at = 0;
            t->end = n;
            return true;
        }
        if (code == CURLE_OK)
            return broken(t, "the server hung up");
        if (code != CURLE_AGAIN)
            return broken(t, curl_easy_strerror(code));
        if (!wait_for(t, POLLIN))
            return false;
    }
}

static bool say(imap_talk *t, const char *command)
{
    char line[COMMAND];
    const int len = snprintf(line, sizeof line, "U%u %s\r\n", ++t->tag, command);
    upp_check(len > 0 && (size_t)len < sizeof line);
    for (size_t done = 0; done < (size_t)len;) {
        size_t n = 0;
        const CURLcode code = curl_easy_send(t->easy, line + done, (size_t)len - done, &n);
        if (code != CURLE_OK && code != CURLE_AGAIN)
            return broken(t, curl_easy_strerror(code));
        done += n;
        if (code == CURLE_AGAIN && !wait_for(t, POLLOUT))
            return false;
    }
    return true;
}

/* -- lines -- */

/* Goes on with `line` up to LF, which is taken but not kept, nor is a CR before it. */
static bool read_line(imap_talk *t)
{
    for (;;) {
        if (t->at == t->end && !fill(t))
            return false;
        const uint8_t *from = t->in + t->at;
        const uint8_t *lf = memchr(from, '\n', t->end - t->at);
        const size_t n = lf ? (size_t)(lf - from) : t->end - t->at;
        if (memchr(from, '\0', n) || t->len + n >= LINE_MOST)
            return broken(t, "the server answers what is no IMAP");
        if (t->len + n + 1 > t->size) {
            t->size = (t->len + n + 1) * 2;
            t->line = realloc(t->line, t->size);
            upp_check(t->line);
        }
        memcpy(t->line + t->len, from, n);
        t->len += n;
        t->at += n + (lf ? 1 : 0);
        if (!lf)
            continue;
        if (t->len && t->line[t->len - 1] == '\r')
            t->len--;
        t->line[t->len] = '\0';
        return true;
    }
}

/* Does the line end with "{n}"? Then a literal of n bytes follows, and the line goes on. */
static bool announces(imap_talk *t, uint32_t *ret_n)
{
    size_t brace = t->len;
    if (t->len < 3 || t->line[t->len - 1] != '}')
        return false;
    while (brace > 0 && t->line[brace - 1] != '{')
        brace--;
    if (brace == 0)
        return false;
    const char *end = NULL;
    *ret_n = imap_number(t->line + brace, &end);
    const bool empty = strcmp(t->line + brace, "0}") == 0;
    if (!empty && (*ret_n == 0 || strcmp(end, "}") != 0))
        return false;
    t->len = brace - 1;
    return true;
}

static bool read_literal(imap_talk *t, uint32_t n)
{
    const size_t kept = n < t->keep ? n : t->keep;
    t->has_literal = true;
    t->literal_len = 0;
    while (n > 0) {
        if (t->at == t->end && !fill(t))
            return false;
        const size_t some = t->end - t->at < n ? t->end - t->at : n;
        const size_t room = kept - t->literal_len;
        const size_t take = some < room ? some : room;
        if (t->literal_len + take > t->literal_size) { /* as bytes come, not as they are promised */
            t->literal_size = (t->literal_len + take) * 2;
            t->literal = realloc(t->literal, t->literal_size);
            upp_check(t->literal);
        }
        if (take)
            memcpy(t->literal + t->literal_len, t->in + t->at, take);
        t->literal_len += take;
        t->at += some;
        n -= (uint32_t)some;
    }
    return true;
}

/* One response, whole. */
static bool read_response(imap_talk *t)
{
    uint32_t n = 0;
    t->len = 0;
    t->has_literal = false;
    do {
        if (!read_line(t))
            return false;
        if (!announces(t, &n))
            return true;
    } while (read_literal(t, n));
    return false;
}

static void hand_over(imap_talk *t, imap_hear *hear, void *self)
{
    static const uint8_t nothing[1];
    imap_response r = { .text = t->line + 2 };
    if (t->has_literal)
        r.literal = (upp_bytes){ t->literal_len ? t->literal : nothing, t->literal_len };
    if (hear)
        hear(self, &r);
}

enum imap_end imap_talk_do(imap_talk *talk, const char *command, imap_hear *hear, void *self)
{
    char tag[16];
    if (!say(talk, command))
        return IMAP_BROKEN;
    snprintf(tag, sizeof tag, "U%u ", talk->tag);
    while (read_response(talk)) {
        const char *end = imap_behind(talk->line, tag);
        if (end && imap_behind(end, "OK"))
            return IMAP_OK;
        if (end && (imap_behind(end, "NO") || imap_behind(end, "BAD")))
            return IMAP_NO;
        if (strncmp(talk->line, "* ", 2) != 0) {
            talk->words = "the server answers what is no IMAP";
            return IMAP_BROKEN;
        }
        hand_over(talk, hear, self);
    }
    return IMAP_BROKEN;
}

void imap_talk_bye(imap_talk *talk)
{
    (void)say(talk, "LOGOUT");
}

/* -- words -- */

const char *imap_behind(const char *text, const char *head)
{
    const size_t n = strlen(head);
    return strncasecmp(text, head, n) == 0 ? text + n : NULL;
}

const char *imap_behind_part(const char *text, const char *part)
{
    for (; *text; text++) {
        const char *behind = imap_behind(text, part);
        if (behind)
            return behind;
    }
    return NULL;
}

uint32_t imap_number(const char *text, const char **ret_end)
{
    uint64_t n = 0;
    while (*text >= '0' && *text <= '9' && n <= UINT32_MAX)
        n = n * 10 + (uint64_t)(*text++ - '0');
    *ret_end = text;
    return n <= UINT32_MAX ? (uint32_t)n : 0;
}
