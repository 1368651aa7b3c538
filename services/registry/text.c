/* text.c - what a field may hold, ids, commitments, and the one outcome of all commands. */
#include "registry.h"
#include <stdio.h>
#include <string.h>
#include <unistr.h>

bool text_fits(const char *text, size_t max, bool lines)
{
    const size_t len = strlen(text);
    if (len > max || u8_check((const uint8_t *)text, len))
        return false;
    for (size_t i = 0; i < len; i++) {
        const unsigned char c = (unsigned char)text[i];
        const bool line = c == '\n' || c == '\r' || c == '\t';
        if (c == 0x7f || (c < 0x20 && !(lines && line)))
            return false;
    }
    return true;
}

bool text_is_id(const char *text)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    const size_t len = strlen(text);
    return len > 0 && len < REGISTRY_ID && strspn(text, allowed) == len;
}

bool text_is_mail(const char *text)
{
    const char *at = strchr(text, '@');
    return text_fits(text, 254, false) && at && at != text && at[1] && !strchr(at + 1, '@') &&
           !strpbrk(text, " ,;<>\"\\()[]");
}

bool text_is_url(const char *text)
{
    const size_t scheme = strncmp(text, "https://", 8) == 0  ? 8
                          : strncmp(text, "http://", 7) == 0 ? 7
                                                             : 0;
    return scheme && text[scheme] && text_fits(text, 2000, false) && !strpbrk(text, " \"<>\\^`{|}");
}

int text_id(upp_txn *txn, const char *given, char ret_id[REGISTRY_ID])
{
    char fresh[UPP_ID];
    if (given[0] && !text_is_id(given))
        return upp_refuse(txn, "id-malformed");
    if (!given[0])
        upp_id(txn, fresh);
    text_copy(ret_id, REGISTRY_ID, given[0] ? given : fresh);
    return 0;
}

void text_copy(char *ret_text, size_t size, const char *from)
{
    snprintf(ret_text, size, "%s", from);
}

void text_stamp(const upp_content *content, char ret_hex[UPP_HEX])
{
    for (size_t i = 0; i < sizeof content->commitment; i++)
        snprintf(ret_hex + 2 * i, 3, "%02x", content->commitment[i]);
}

static uint8_t nibble(char c)
{
    return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

ProtobufCBinaryData text_unstamp(const char *hex, uint8_t bytes[32])
{
    if (strlen(hex) != 64)
        return (ProtobufCBinaryData){ 0, bytes };
    for (size_t i = 0; i < 32; i++)
        bytes[i] = (uint8_t)(nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1]));
    return (ProtobufCBinaryData){ 32, bytes };
}

int64_t text_page(uint32_t limit)
{
    return limit > 0 && limit < REGISTRY_PAGE ? limit : REGISTRY_PAGE;
}

int text_registered(upp_txn *txn, const char *id, int64_t version)
{
    Uppsikt__Registered out = UPPSIKT__REGISTERED__INIT;
    out.id = upp_lend(id);
    out.version = version;
    return upp_reply(txn, &out.base);
}
