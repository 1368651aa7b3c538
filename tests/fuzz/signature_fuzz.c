/* signature_fuzz.c - T6: a webhook's header of any bytes is never taken for a signature, and
 * what we sign is. */
#include "fuzz.h"
#include "signature.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char value[256], timestamp[64], made[SIGNATURE_TEXT], answer[SIGNATURE_TEXT];
    fuzz_in in = { data, size };
    const enum signature_kind kind = (enum signature_kind)(fuzz_take(&in, 1) % SIGNATURE_KINDS);
    const upp_bytes v = fuzz_part(&in, fuzz_take(&in, 1) % (sizeof value - 1));
    const upp_bytes t = fuzz_part(&in, fuzz_take(&in, 1) % (sizeof timestamp - 1));
    const upp_bytes body = { in.at, in.len };
    snprintf(value, sizeof value, "%.*s", (int)v.len, v.len ? (const char *)v.at : "");
    snprintf(timestamp, sizeof timestamp, "%.*s", (int)t.len, t.len ? (const char *)t.at : "");
    const upp_bytes keys[] = { { (const uint8_t *)"first", 5 }, { (const uint8_t *)"second", 6 } };
    const signature_secrets secrets = { keys, UPP_LEN(keys) };
    signature_make(kind, keys[1], timestamp, body, made);
    upp_check(signature_valid(kind, &secrets, made, timestamp, body));
    if (strcmp(value, made) != 0) {
        char other[SIGNATURE_TEXT];
        signature_make(kind, keys[0], timestamp, body, other);
        /* Hex may be written in capitals: the same signature. */
        upp_check(!signature_valid(kind, &secrets, value, timestamp, body) ||
                  strlen(value) == strlen(made));
        upp_check(strcmp(other, made) != 0);
    }
    (void)signature_fresh(timestamp, 1790000000000);
    (void)signature_answer(kind, keys[0], value, answer);
    return 0;
}
