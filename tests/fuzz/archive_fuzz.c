/* archive_fuzz.c - libFuzzer: any bytes that somebody hands in are told apart or refused; a zip, a
 * WARC or a WACZ of any bytes is read to an end. Build with clang
 * -fsanitize=fuzzer,address,undefined and the archive's pure sources. */
#include "kind.h"
#include "wacz_check.h"
#include "warc_check.h"
#include "zip.h"
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const upp_bytes bytes = { data, size };
    const source in = source_of(&bytes);
    const warc_rules rules = { .block_max_bytes = 1 << 16 };
    const char *mime = NULL, *why = NULL;
    complaints deaf = { 0 };
    warc_tally tally;
    const int rc = kind_of(&in, &mime, &why);
    upp_check(rc < 0 || (mime && !why) || why);
    upp_check(warc_check(&in, "fuzz", &rules, &deaf, NULL, NULL, &tally) <= 0);
    upp_check(wacz_check(&in, "fuzz", false, &deaf) <= 0);
    return 0;
}
