/* diary_number.c - by which way a package goes, its name, what may stand as a number. Pure. */
#include "diary.h"
#include <stdio.h>
#include <string.h>
#include <unistr.h>

enum diary_way diary_way_of(const char *deliver)
{
    if (!deliver || !deliver[0])
        return DIARY_NONE;
    if (deliver[0] == '/')
        return DIARY_FOLDER;
    if (strncmp(deliver, "sftp://", 7) == 0)
        return DIARY_SFTP;
    if (strncmp(deliver, "https://", 8) == 0 || strncmp(deliver, "http://", 7) == 0)
        return DIARY_WEBHOOK;
    return DIARY_WRONG; /* never mail: what was written would lie in mailboxes */
}

const char *diary_way_name(enum diary_way way)
{
    static const char *const names[] = {
        [DIARY_FOLDER] = "folder", [DIARY_SFTP] = "sftp", [DIARY_WEBHOOK] = "webhook"
    };
    const size_t i = (size_t)way;
    return i < UPP_LEN(names) && names[i] ? names[i] : "";
}

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool diary_number_read(const char *text, size_t n, char ret_number[DIARY_NUMBER])
{
    while (n > 0 && blank(text[n - 1]))
        n--;
    while (n > 0 && blank(*text)) {
        text++;
        n--;
    }
    if (n == 0 || n >= DIARY_NUMBER || u8_check((const uint8_t *)text, n))
        return false;
    for (size_t i = 0; i < n; i++) {
        const unsigned char c = (unsigned char)text[i];
        if (c < 0x20 || c == 0x7f || (c == 0xc2 && (unsigned char)text[i + 1] < 0xa0))
            return false;
    }
    memcpy(ret_number, text, n);
    ret_number[n] = '\0';
    return true;
}

void diary_package_name(const char *errand, unsigned number, char ret_name[DIARY_NAME])
{
    snprintf(ret_name, DIARY_NAME, "uppsikt-%.70s-%u", errand, number);
    for (char *at = ret_name; *at; at++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-", *at))
            *at = '-';
}
