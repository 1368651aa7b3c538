/* stamp_fuzz.c - T9: whatever a timestamp authority answers, it is over our imprint, answers our
 * question and leads to our root, or it is no stamp; and a file of roots of any bytes. */
#include "fuzz.h"
#include "tsa.h"

/* Whose root it is made the corpus. */
static const char root[] = "-----BEGIN CERTIFICATE-----\n"
                           "MIIBaTCCARCgAwIBAgIUYjm7YMXZ1B1MUjYN72hR/bP76RYwCgYIKoZIzj0EAwIw\n"
                           "EjEQMA4GA1UEAwwHUHJvdnJvdDAgFw0yNjExMjgxNTA0MTRaGA8yMTI2MTEwNDE1\n"
                           "MDQxNFowEjEQMA4GA1UEAwwHUHJvdnJvdDBZMBMGByqGSM49AgEGCCqGSM49AwEH\n"
                           "A0IABK517nXbWIRXOiCgy+n9Lgee5tcIPcZOvDVfsQyfxwnkqVcGaby2cQGkOOkS\n"
                           "ALW7xLDDtldzT2mxbgyO/O8rNHCjQjBAMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0P\n"
                           "AQH/BAQDAgEGMB0GA1UdDgQWBBT9aDTEA3B2pdf6kYiveRIfY5bHCTAKBggqhkjO\n"
                           "PQQDAgNHADBEAiAsiyW4ym/1JLUVsxk9Zzz9wJuGvR9L0LTp7pmSzY2W1QIgTbah\n"
                           "zDkQCU792o7habVmfVAsyjREpiHplYEL6uFtzLM=\n"
                           "-----END CERTIFICATE-----\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t ours[TSA_IMPRINT] = { 1, 2, 3 }, other[TSA_IMPRINT] = { 1, 2, 4 };
    static const uint64_t nonce = 0x8899aabbccddeeffULL, another = 1;
    static const upp_bytes nobody;
    fuzz_in in = { data, size };
    tsa_found found, again;
    const uint64_t how = fuzz_take(&in, 1);
    const upp_bytes reply = { in.at, in.len };
    const upp_bytes roots = how & 2 ? (upp_bytes){ (const uint8_t *)root, strlen(root) } : nobody;
    if (how & 4) {
        (void)tsa_roots_good(reply);
        return 0;
    }
    const char *why = tsa_check(reply, ours, how & 1 ? &nonce : NULL, roots, &found);
    upp_check(memchr(found.signer, '\0', sizeof found.signer));
    if (why)
        return 0;
    upp_check(found.at > 0);
    upp_check(tsa_check(reply, other, NULL, roots, &again) != NULL);
    upp_check(tsa_check(reply, ours, &another, roots, &again) != NULL);
    upp_check(tsa_check(reply, ours, NULL, nobody, &again) == NULL && again.at == found.at);
    return 0;
}
