/* organisation_fuzz.c - an organisation's file of any bytes is read or refused. */
#include "fuzz.h"
#include "organisation.h"

static upp_ms now(void *ctx)
{
    (void)ctx;
    return 1790000000000;
}

static const zone *utc(void)
{
    static zone *tz;
    if (!tz) {
        static uint8_t bytes[64 * 1024];
        const char *why = NULL;
        FILE *f = fopen("/usr/share/zoneinfo/Europe/Stockholm", "r");
        upp_check(f != NULL);
        const size_t n = fread(bytes, 1, sizeof bytes, f);
        fclose(f);
        upp_check(zone_parse((upp_bytes){ bytes, n }, &tz, &why) == 0);
    }
    return tz;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    organisation o;
    const when_clock clock = { .tz = utc(), .now = now };
    if (organisation_read(fuzz_file(data, size), &clock, fuzz_say, &o)) {
        for (size_t i = 0; i < o.n; i++)
            upp_check(o.steps[i].command && o.steps[i].line > 0 && o.steps[i].column > 0);
        organisation_done(&o);
    }
    return 0;
}
