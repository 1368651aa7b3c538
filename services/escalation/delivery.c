/* delivery.c - when a notice may reach a person. */
#include "delivery.h"

enum {
    MAILS_UNHURRIED = 4, /* of a day, before the wait begins to double */
    DOUBLINGS_MAX = 8
};

/* In a window, or exactly at the end of one. */
static bool attended(const calendar *cal, upp_ms at)
{
    return calendar_office(cal, at - 1, at + 1) > 0;
}

int delivery_at(const calendar *cal, upp_ms at, upp_ms *ret_at)
{
    if (!attended(cal, at))
        return calendar_first_duty(cal, at, ret_at);
    *ret_at = at;
    return 0;
}

int delivery_acute(const calendar *duty, const calendar *jour, upp_ms at, delivery *ret_delivery)
{
    if (attended(duty, at)) {
        *ret_delivery = (delivery){ .at = at };
        return 0;
    }
    upp_ms on_duty = INT64_MAX;
    upp_ms on_call = INT64_MAX;
    const bool has_duty = calendar_first_duty(duty, at, &on_duty) == 0;
    const bool has_jour = jour && delivery_at(jour, at, &on_call) == 0;
    if (!has_duty && !has_jour)
        return CALENDAR_NONE;
    const bool to_jour = has_jour && (!has_duty || on_call < on_duty);
    const upp_ms found = to_jour ? on_call : on_duty;
    *ret_delivery = (delivery){ .at = found, .to_jour = to_jour, .held = found > at };
    return 0;
}

int delivery_digest(const policy *pol, const calendar *cal, upp_ms at, upp_ms *ret_at)
{
    const civil_day today = zone_day(cal->zone, at);
    for (civil_day day = today; day <= today + CALENDAR_LIMIT_DAYS; day++) {
        if (calendar_on(cal, day).n == 0)
            continue;
        for (int64_t i = 0; i < pol->delivery.n_digests; i++) {
            const civil_ms reading = day * UPP_DAY + pol->delivery.digest_minute[i] * UPP_MINUTE;
            upp_ms digest = 0;
            zone_instant(cal->zone, reading, ZONE_FIRST, &digest);
            if (digest >= at)
                return delivery_at(cal, digest, ret_at);
        }
    }
    return CALENDAR_NONE;
}

static upp_ms earlier(upp_ms a, upp_ms b)
{
    return a < b ? a : b;
}

static upp_ms next_midnight(const calendar *cal, upp_ms at)
{
    upp_ms midnight = 0;
    zone_instant(cal->zone, (zone_day(cal->zone, at) + 1) * UPP_DAY, ZONE_FIRST, &midnight);
    return midnight;
}

int delivery_mail(const policy *pol, const calendar *cal, upp_ms first, unsigned n_today,
                  upp_ms *ret_at)
{
    const upp_ms tomorrow = next_midnight(cal, first);
    if (n_today >= pol->delivery.mails_a_day)
        return delivery_digest(pol, cal, tomorrow, ret_at);
    unsigned doublings = n_today >= MAILS_UNHURRIED ? n_today - MAILS_UNHURRIED + 1 : 0;
    if (doublings > DOUBLINGS_MAX)
        doublings = DOUBLINGS_MAX;
    upp_ms at = first + pol->delivery.collect_span * ((upp_ms)1 << doublings);
    upp_ms limit = 0;
    if (calendar_last_duty(cal, first - 1, at, &limit) == 0)
        at = limit;
    if (delivery_digest(pol, cal, first, &limit) == 0)
        at = earlier(at, limit);
    *ret_at = at;
    return 0;
}
