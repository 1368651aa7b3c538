/* diary_found.c - a file of the package's name lies there already: ours, of an attempt whose report
 * was lost, or another's? Its bytes may have been anybody's. */
#include "diary_deliver.h"
#include "zip_form.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static bool has(upp_bytes in, const char *what, size_t n)
{
    for (size_t i = 0; i + n <= in.len; i++)
        if (in.at[i] == (uint8_t)what[0] && memcmp(in.at + i, what, n) == 0)
            return true;
    return false;
}

/* The end record comes last, and no comment after it. */
static bool whole(upp_bytes file)
{
    static const uint8_t end[] = { 'P', 'K', 5, 6 };
    return file.len >= ZIP_END && memcmp(file.at + file.len - ZIP_END, end, sizeof end) == 0;
}

/* Nothing in it is compressed: handling.json's salt stands there as it is. */
static bool ours(const diary_parcel *p, upp_bytes file)
{
    char hex[129];
    if (p->salt.len == 0 || p->salt.len > sizeof hex / 2 || !whole(file))
        return false;
    sodium_bin2hex(hex, sizeof hex, p->salt.at, p->salt.len);
    return has(file, hex, 2 * p->salt.len);
}

void diary_found(const diary_parcel *p, upp_bytes file, diary_result *ret_result)
{
    if (!ours(p, file)) {
        *ret_result = (diary_result){ .fate = DIARY_NEVER,
                                      .key = "diary-taken",
                                      .words = "another file of that name lies there" };
        return;
    }
    *ret_result =
        (diary_result){ .fate = DIARY_DELIVERED, .words = "", .found = true, .bytes = file.len };
    crypto_hash_sha256(ret_result->sha256, file.at, file.len);
}

unsigned diary_mode(const diary_config *config)
{
    return config->group ? 0640 : 0600;
}
