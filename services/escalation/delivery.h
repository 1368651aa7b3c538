/* delivery.h - when a notice may reach a person: duty, on call, digests, one mail and not many
 * (sla.md section 7; R17). */
#pragma once
#include "policy.h"

/* The instant at which something with this time is delivered: the time itself inside a window of
 * the recipient's calendar or exactly at a window's end, else the next opening. CALENDAR_NONE: no
 * duty within ten years. */
int delivery_at(const calendar *cal, upp_ms at, upp_ms *ret_at) UPP_MUST_USE;

typedef struct delivery {
    upp_ms at;
    bool to_jour; /* outside duty: to those on call and the function address, nobody else */
    bool held;    /* nobody was there at the step's own time */
} delivery;

/* The same at level akut: at once in duty; else at once to jour; where neither is there, when the
 * first of them begins. `jour` NULL: there is none. */
int delivery_acute(const calendar *duty, const calendar *jour, upp_ms at, delivery *ret_delivery)
    UPP_MUST_USE;

/* The first digest at or after `at`, on a working day and in duty. */
int delivery_digest(const policy *pol, const calendar *cal, upp_ms at, upp_ms *ret_at) UPP_MUST_USE;

/* When the mail leaves that carries what became deliverable to one person at `first` (and all that
 * becomes deliverable to them before it leaves). `n_today`: mails they have had on that local date.
 *
 * It waits for the collecting time; if that would end outside duty it leaves at the end of duty,
 * and never later than a digest, which takes everything with it. From the fifth mail of a day the
 * wait doubles each time, and past the policy's limit the next mail is the next day's first digest:
 * so 2,000 comments in a day are never more than that many mails. */
int delivery_mail(const policy *pol, const calendar *cal, upp_ms first, unsigned n_today,
                  upp_ms *ret_at) UPP_MUST_USE;
