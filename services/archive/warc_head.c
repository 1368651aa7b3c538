/* warc_head.c - the head of a WARC record: its types and fields, for writer and checker. */
#include "warc_head.h"

#include <string.h>
#include <strings.h>

static const char *const word[WARC_TYPES] = {
    [WARC_INFO] = "warcinfo",
    [WARC_REQUEST] = "request",
    [WARC_RESPONSE] = "response",
    [WARC_RESOURCE] = "resource",
    [WARC_METADATA] = "metadata",
    [WARC_REVISIT] = "revisit",
    [WARC_CONVERSION] = "conversion",
    [WARC_CONTINUATION] = "continuation",
    [WARC_OTHER] = "",
};

const char *warc_type_word(enum warc_type type)
{
    upp_check((size_t)type < WARC_TYPES);
    return word[type];
}

static enum warc_type type_of(const char *text)
{
    for (size_t i = 0; i < (size_t)WARC_OTHER; i++) {
        if (strcmp(word[i], text) == 0)
            return (enum warc_type)i;
    }
    return WARC_OTHER;
}

/* `n` digits at `*at` as a number in `low`..`high`; moves on. */
static bool number(const char **at, size_t n, int low, int high, int *ret_value)
{
    int value = 0;
    for (size_t i = 0; i < n; i++) {
        const char c = (*at)[i];
        if (c < '0' || c > '9')
            return false;
        value = value * 10 + (c - '0');
    }
    *at += n;
    *ret_value = value;
    return value >= low && value <= high;
}

static int month_days(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

bool warc_date_ok(const char *date)
{
    int year, month, day, rest;
    if (!number(&date, 4, 1, 9999, &year) || *date++ != '-')
        return false;
    if (!number(&date, 2, 1, 12, &month) || *date++ != '-')
        return false;
    if (!number(&date, 2, 1, month_days(year, month), &day) || *date++ != 'T')
        return false;
    if (!number(&date, 2, 0, 23, &rest) || *date++ != ':')
        return false;
    if (!number(&date, 2, 0, 59, &rest) || *date++ != ':')
        return false;
    if (!number(&date, 2, 0, 60, &rest)) /* 60: a leap second */
        return false;
    if (*date == '.') {
        const size_t digits = strspn(date + 1, "0123456789");
        if (digits < 1 || digits > 9)
            return false;
        date += 1 + digits;
    }
    return strcmp(date, "Z") == 0;
}

bool warc_http_payload(const warc_head *head)
{
    const bool http =
        head->content_type && strncasecmp(head->content_type, "application/http", 16) == 0;
    return http && (head->type == WARC_REQUEST || head->type == WARC_RESPONSE);
}

static void blame(warc_head *head, const char *fault)
{
    if (!head->fault)
        head->fault = fault;
}

static void read_length(warc_head *head, const char *value)
{
    uint64_t length = 0;
    const size_t digits = strspn(value, "0123456789");
    if (digits == 0 || digits > 18 || value[digits]) {
        blame(head, "Content-Length is no number");
        return;
    }
    for (size_t i = 0; i < digits; i++)
        length = length * 10 + (uint64_t)(value[i] - '0');
    head->content_length = length;
}

static void take_field(warc_head *head, const char *name, const char *value, bool *had_length)
{
    const struct {
        const char *name;
        const char **at;
    } field[] = {
        { "WARC-Type", &head->type_word },
        { "WARC-Target-URI", &head->target_uri },
        { "WARC-Date", &head->date },
        { "WARC-Record-ID", &head->record_id },
        { "WARC-Concurrent-To", &head->concurrent_to },
        { "WARC-Payload-Digest", &head->payload_digest },
        { "WARC-Block-Digest", &head->block_digest },
        { "Content-Type", &head->content_type },
    };
    if (strcasecmp(name, "Content-Length") == 0) {
        if (*had_length)
            blame(head, "Content-Length stands twice");
        *had_length = true;
        read_length(head, value);
        return;
    }
    for (size_t i = 0; i < UPP_LEN(field); i++) {
        if (strcasecmp(name, field[i].name) != 0)
            continue;
        /* only Concurrent-To may stand more than once (5.8); the first is the one that is
         * followed */
        if (*field[i].at && field[i].at != &head->concurrent_to)
            blame(head, "a field stands twice");
        else if (!*field[i].at)
            *field[i].at = value;
    }
}

static bool needs_target(enum warc_type type)
{
    return type == WARC_RESPONSE || type == WARC_REQUEST || type == WARC_RESOURCE ||
           type == WARC_REVISIT || type == WARC_CONVERSION;
}

static void judge(warc_head *head, bool had_length)
{
    if (!head->type_word)
        blame(head, "no WARC-Type");
    if (!head->record_id)
        blame(head, "no WARC-Record-ID");
    if (!head->date)
        blame(head, "no WARC-Date");
    if (!had_length)
        blame(head, "no Content-Length");
    if (head->date && !warc_date_ok(head->date))
        blame(head, "WARC-Date is no date of the standard");
    head->type = head->type_word ? type_of(head->type_word) : WARC_OTHER;
    if (needs_target(head->type) && !head->target_uri)
        blame(head, "no WARC-Target-URI");
}

void warc_head_read(char *text, size_t n, warc_head *ret_head)
{
    warc_head head = { .type = WARC_OTHER };
    bool had_length = false;
    bool first = true;
    if (memchr(text, 0, n))
        blame(&head, "a zero byte in the head");
    for (size_t at = 0; at + 1 < n;) {
        char *end = memchr(text + at, '\r', n - at);
        if (!end || end + 1 >= text + n || end[1] != '\n') {
            blame(&head, "a line of the head does not end in CRLF");
            break;
        }
        *end = 0;
        char *line = text + at;
        at = (size_t)(end - text) + 2;
        char *colon = strchr(line, ':');
        if (first && strcmp(line, "WARC/1.1") != 0 && strcmp(line, "WARC/1.0") != 0)
            blame(&head, "the version is neither WARC/1.1 nor WARC/1.0");
        else if (!first && *line && (!colon || *line == ' ' || *line == '\t'))
            blame(&head, "a line of the head is no field");
        else if (!first && colon) {
            *colon = 0;
            take_field(&head, line, colon + 1 + strspn(colon + 1, " \t"), &had_length);
        }
        first = false;
    }
    judge(&head, had_length);
    *ret_head = head;
}
