/* part.c - names of parts, and which account is whose. */
#include "part.h"
#include "digest.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 1 to UPP_PARTS, without a sign, a space or a zero before it; 0: it is no such number. */
static unsigned number_at(const char *at, char **ret_end)
{
    if (*at < '1' || *at > '9')
        return 0;
    const unsigned long n = strtoul(at, ret_end, 10);
    return n <= UPP_PARTS ? (unsigned)n : 0;
}

bool upp_part_read(const char *text, unsigned *ret_part, unsigned *ret_of)
{
    char *end = NULL;
    *ret_part = *ret_of = 1;
    if (!text || !text[0])
        return true;
    *ret_part = number_at(text, &end);
    if (*ret_part == 0 || *end != '/')
        return false;
    *ret_of = number_at(end + 1, &end);
    return *ret_of >= *ret_part && *end == '\0';
}

void upp_part_name(const char *whole, unsigned part, char ret_name[UPP_PART_NAME])
{
    const int n = part > 1 ? snprintf(ret_name, UPP_PART_NAME, "%s-%u", whole, part)
                           : snprintf(ret_name, UPP_PART_NAME, "%s", whole);
    upp_check(n > 0 && n < UPP_PART_NAME);
}

/* The number behind "<whole>-"; 1: `name` is `whole`; 0: it is neither. */
static unsigned part_in(const char *whole, size_t len, const char *name)
{
    char *end = NULL;
    if (strncmp(name, whole, len) != 0)
        return 0;
    if (name[len] == '\0')
        return 1;
    const unsigned n = name[len] == '-' ? number_at(name + len + 1, &end) : 0;
    return n > 1 && *end == '\0' ? n : 0;
}

bool upp_part_of(const char *whole, const char *name)
{
    return part_in(whole, strlen(whole), name) > 0;
}

unsigned upp_part_for(const char *account, unsigned of)
{
    uint8_t hash[32];
    const upp_bytes text = { (const uint8_t *)account, strlen(account) };
    upp_sha256(&text, 1, hash);
    const uint32_t n = (uint32_t)hash[0] << 24 | (uint32_t)hash[1] << 16 | (uint32_t)hash[2] << 8 |
                       (uint32_t)hash[3];
    return n % of + 1;
}

/* -- many -- */
typedef struct row {
    const char *service;
    size_t len;
    unsigned parts; /* 0: it cannot be read */
} row;

/* The row at *at, which moves behind it; false: there is no more. */
static bool next_row(const char **at, row *ret_row)
{
    char *end = NULL;
    *at += strspn(*at, " ");
    if (!**at)
        return false;
    const size_t whole = strcspn(*at, " ");
    const size_t len = strcspn(*at, "= ");
    row r = { .service = *at, .len = len };
    if (len > 0 && len < whole && len + sizeof "-8" <= UPP_PART_NAME)
        r.parts = number_at(*at + len + 1, &end);
    if (r.parts < 2 || end != *at + whole)
        r.parts = 0;
    *at += whole;
    *ret_row = r;
    return true;
}

bool upp_parts_fit(const char *many)
{
    row r;
    bool good = true;
    for (const char *at = many ? many : ""; next_row(&at, &r);) {
        row other;
        unsigned same = 0;
        for (const char *from = many; next_row(&from, &other);)
            same += other.len == r.len && strncmp(other.service, r.service, r.len) == 0;
        good = good && r.parts > 0 && same == 1;
    }
    return good;
}

unsigned upp_parts_of(const char *many, const char *service)
{
    row r;
    for (const char *at = many ? many : ""; next_row(&at, &r);)
        if (strlen(service) == r.len && strncmp(service, r.service, r.len) == 0)
            return r.parts;
    return 1;
}

void upp_parts_whole(const char *many, const char *name, char ret_whole[UPP_PART_NAME])
{
    row r;
    for (const char *at = many ? many : ""; next_row(&at, &r);) {
        const unsigned part = part_in(r.service, r.len, name);
        if (part > 0 && part <= r.parts) {
            snprintf(ret_whole, UPP_PART_NAME, "%.*s", (int)r.len, r.service);
            return;
        }
    }
    snprintf(ret_whole, UPP_PART_NAME, "%s", name);
}

bool upp_part_take(const upp_service *whole, const char *text, const char *many,
                   void (*say)(const char *line), upp_part *ret_part)
{
    unsigned part = 1, of = 1;
    char line[200] = "";
    if (!upp_part_read(text, &part, &of))
        snprintf(line, sizeof line, "partition: `K/N` is wanted, part K of N, N at most %d",
                 UPP_PARTS);
    else if (of > 1 && !whole->divides)
        snprintf(line, sizeof line,
                 "partition: the work of %s cannot be divided; leave it out of the configuration",
                 whole->name);
    else if (!upp_parts_fit(many) || strlen(many ? many : "") >= UPP_MANY)
        snprintf(line, sizeof line,
                 "partitions: `service=N` is wanted, N from 2 to %d, a service once", UPP_PARTS);
    if (line[0]) {
        say(line);
        return false;
    }
    ret_part->service = *whole;
    upp_part_name(whole->name, part, ret_part->name);
    ret_part->service.name = ret_part->name;
    ret_part->service.whole = whole->name;
    ret_part->service.part = part;
    ret_part->service.of = of;
    snprintf(ret_part->many, UPP_MANY, "%s", many ? many : "");
    ret_part->service.many = ret_part->many;
    return true;
}
