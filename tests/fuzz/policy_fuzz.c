/* policy_fuzz.c - a policy of any bytes is read or refused; one that was read has calendars in
 * which every due time can be found. */
#include "fuzz.h"
#include "policy.h"

static const zone *stockholm(void)
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
    policy pol;
    policy_complaints complaints = { 0 };
    policy_init(&pol);
    if (policy_parse((const char *)data, size, &pol, &complaints) == 0) {
        policy_use_zone(&pol, stockholm());
        const calendar *duty = policy_calendar(&pol, "duty");
        upp_ms due = 0;
        if (duty && calendar_flaw(duty) == NULL &&
            calendar_due(duty, 1790000000000, 240 * UPP_MINUTE, &due) == 0)
            upp_check(calendar_office(duty, 1790000000000, due) == 240 * UPP_MINUTE);
    }
    policy_done(&pol);
    return 0;
}
