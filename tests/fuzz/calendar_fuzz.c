/* calendar_fuzz.c - T8: duty by the calendar against duty counted minute by minute (brute.c). */
#include "brute.h"
#include "fuzz.h"
#include "policy.h"

static zone *read_zone(void)
{
    static uint8_t bytes[64 * 1024];
    const char *why = NULL;
    zone *tz = NULL;
    FILE *f = fopen("/usr/share/zoneinfo/Europe/Stockholm", "r");
    upp_check(f != NULL);
    const size_t n = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    upp_check(zone_parse((upp_bytes){ bytes, n }, &tz, &why) == 0);
    return tz;
}

/* The hours of a week from the input; a day's spans in order and apart. */
static void draw_week(fuzz_in *in, calendar *cal)
{
    for (size_t d = 0; d < 7; d++) {
        int16_t at = 0;
        cal->week[d].n = 0;
        for (uint64_t n = fuzz_take(in, 1) % 4; n > 0; n--) {
            const int16_t from = (int16_t)(at + (int16_t)(fuzz_take(in, 1) * 4 + 1));
            const int16_t to = (int16_t)(from + (int16_t)(fuzz_take(in, 1) * 3 + 1));
            if (to > 1440)
                break;
            cal->week[d].span[cal->week[d].n++] = (calendar_span){ from, to };
            at = to;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static brute *b;
    static zone *tz;
    policy pol;
    fuzz_in in = { data, size };
    if (!b) {
        b = brute_new();
        tz = read_zone();
    }
    policy_init(&pol);
    policy_use_zone(&pol, tz);
    calendar cal = *policy_calendar(&pol, "duty");
    if (fuzz_take(&in, 1) & 1)
        draw_week(&in, &cal);
    if (calendar_flaw(&cal) == NULL) {
        brute_use(b, &cal);
        for (unsigned i = 0; i < 4; i++) {
            const upp_ms start =
                1767225600000 + (upp_ms)(fuzz_take(&in, 3) % (2 * 365 * 1440)) * UPP_MINUTE;
            const upp_ms span = (upp_ms)(fuzz_take(&in, 2) % 4000) * UPP_MINUTE;
            const upp_ms slow = brute_due(b, start, span);
            upp_ms due = 0;
            if (slow < 0 || calendar_due(&cal, start, span, &due) != 0)
                continue; /* beyond what was walked */
            upp_check(due == slow);
            upp_check(calendar_office(&cal, start, due) == brute_office(b, start, due));
            upp_ms first = 0;
            const upp_ms slow_first = brute_first_duty(b, start);
            if (slow_first >= 0 && calendar_first_duty(&cal, start, &first) == 0)
                upp_check(first == slow_first);
        }
    }
    policy_done(&pol);
    return 0;
}
