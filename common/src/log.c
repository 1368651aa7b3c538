/* log.c - one JSON line an event on stdout (operations.md §2, reliability.md B2). */
#include "upp/log.h"
#include "suite_clock.h"
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <unistr.h>

/* A line is at most PIPE_BUF bytes: pipe(7) then keeps it whole, however many processes write. */
enum { LINE = 4096, MESSAGE = 3 * 1024, ABOUT = 128 };

static struct {
    const char *service;
    bool text; /* for people */
} out = { .service = "uppsikt" };

void upp_log_open(const char *service)
{
    const char *form = getenv("UPPSIKT_LOG");
    out.service = service;
    out.text = form && strcmp(form, "text") == 0;
}

typedef struct line {
    char at[LINE];
    size_t used, limit;
    bool full;
} line;

static void put(line *l, const char *bytes, size_t n)
{
    if (l->full || n > l->limit - l->used) {
        l->full = true; /* and stays so: no later piece may follow a gap */
        return;
    }
    memcpy(l->at + l->used, bytes, n);
    l->used += n;
}

static void put_text(line *l, const char *text)
{
    put(l, text, strlen(text));
}

/* What could end a line, steer a terminal or turn the order of what is read: C0, DEL, C1, U+2028/9
 * and the marks of the bidirectional algorithm (UAX 9), and the byte order mark. */
static bool is_unsafe(ucs4_t c)
{
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 || c == 0x2029 || c == 0x061c ||
           c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

/* RFC 8259 §7. The same escapes in plain lines, so that a message cannot feign another line; only
 * the quote is left as it is there. */
static void put_escaped(line *l, const char *text)
{
    size_t left = strlen(text);
    while (left > 0) {
        const uint8_t *at = (const uint8_t *)text;
        ucs4_t c = 0;
        int n = u8_mbtoucr(&c, at, left);
        char escape[8];
        if (n < 0) { /* no UTF-8: the replacement character for each byte */
            put_text(l, "\xef\xbf\xbd");
            n = 1;
        } else if (c == '\\' || (c == '"' && !out.text)) {
            snprintf(escape, sizeof escape, "\\%c", (char)c);
            put_text(l, escape);
        } else if (is_unsafe(c)) {
            snprintf(escape, sizeof escape, "\\u%04x", (unsigned)c);
            put_text(l, escape);
        } else {
            put(l, text, (size_t)n);
        }
        text += n;
        left -= (size_t)n;
    }
}

static const char *name_of(enum upp_level level)
{
    static const char *const names[] = {
        [UPP_DEBUG] = "debug",
        [UPP_INFO] = "info",
        [UPP_WARN] = "warn",
        [UPP_ERROR] = "error",
    };
    upp_check((size_t)level < UPP_LEN(names));
    return names[level];
}

/* RFC 3339 with milliseconds, UTC. */
static void stamp(upp_ms real, char *ret_text, size_t n)
{
    const time_t seconds = (time_t)(real / 1000);
    struct tm tm;
    char day[32];
    gmtime_r(&seconds, &tm);
    strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(ret_text, n, "%s.%03" PRId64 "Z", day, real % 1000);
}

/* A log that cannot be written must not stop the work: there is nobody left to tell. */
static void write_line(const line *l)
{
    ssize_t n = 0;
    do {
        n = write(STDOUT_FILENO, l->at, l->used);
    } while (n < 0 && errno == EINTR);
}

void upp_log(enum upp_level level, const char *about, const char *fmt, ...)
{
    char message[MESSAGE], ts[40], subject[ABOUT];
    va_list args;
    va_start(args, fmt);
    vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    stamp(upp_real_now(), ts, sizeof ts);
    snprintf(subject, sizeof subject, "%s", about ? about : "");

    line l = { .limit = LINE - sizeof "...\"}\n" };
    put_text(&l, out.text ? "" : "{\"ts\":\"");
    put_text(&l, ts);
    put_text(&l, out.text ? " " : "\",\"level\":\"");
    put_text(&l, name_of(level));
    put_text(&l, out.text ? " " : "\",\"service\":\"");
    put_escaped(&l, out.service);
    if (about) {
        put_text(&l, out.text ? " [" : "\",\"about\":\"");
        put_escaped(&l, subject);
        put_text(&l, out.text ? "]" : "");
    }
    put_text(&l, out.text ? ": " : "\",\"msg\":\"");
    put_escaped(&l, message);
    const bool cut = l.full || strlen(message) == sizeof message - 1;

    l.limit = sizeof l.at;
    l.full = false;
    put_text(&l, cut ? "..." : "");
    put_text(&l, out.text ? "\n" : "\"}\n");
    write_line(&l);
}

void upp_log_say(const char *text)
{
    upp_log(UPP_ERROR, NULL, "%s", text);
}
