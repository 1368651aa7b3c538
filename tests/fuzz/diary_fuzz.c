/* diary_fuzz.c - R16: any bytes as a file with a number, as a webhook's answer, as what lies where
 * a package should lie: what is taken for a number is one, and another's file is never ours. */
#include "diary_deliver.h"
#include "fuzz.h"
#include "json_memory.h"
#include <unistr.h>

static void check_number(const char *number)
{
    const size_t n = strlen(number);
    upp_check(n > 0 && n < DIARY_NUMBER && u8_check((const uint8_t *)number, n) == NULL);
    for (size_t i = 0; i < n; i++) {
        const unsigned char c = (unsigned char)number[i];
        upp_check(c >= 0x20 && c != 0x7f);
        upp_check(c != 0xc2 || (unsigned char)number[i + 1] >= 0xa0);
    }
}

/* The salt is 32 times 'K': its 64 digits are in the corpus. */
static void check_found(upp_bytes file)
{
    static const char digits[] = "4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b";
    uint8_t salt[32];
    memset(salt, 'K', sizeof salt);
    diary_result r;
    const diary_parcel p = { .name = "p", .salt = { salt, sizeof salt } };
    diary_found(&p, file, &r);
    bool has = false;
    for (size_t i = 0; i + sizeof digits - 1 <= file.len; i++)
        has = has || memcmp(file.at + i, digits, sizeof digits - 1) == 0;
    upp_check(r.fate == DIARY_NEVER || (r.fate == DIARY_DELIVERED && has && r.bytes == file.len));
}

static void check_name(const uint8_t *data, size_t size)
{
    char errand[64], name[DIARY_NAME];
    const size_t n = size < sizeof errand - 1 ? size : sizeof errand - 1;
    memcpy(errand, data, n);
    errand[n] = '\0';
    diary_package_name(errand, 7, name);
    upp_check(strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
              strlen(name));
    upp_check(strncmp(name, "uppsikt-", 8) == 0 && strlen(name) > 9);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char number[DIARY_NUMBER];
    static bool begun;
    if (!begun)
        upp_json_or_end();
    begun = true;
    const char *text = (const char *)data;
    if (diary_number_read(text, size, number))
        check_number(number);
    if (diary_answer_read(text, size, number))
        check_number(number);
    check_found((upp_bytes){ data, size });
    if (size > 0)
        check_name(data, size);
    return 0;
}
