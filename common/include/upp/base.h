/* upp/base.h - the few words every other header uses. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int64_t upp_ms; /* UTC, milliseconds since 1970; also durations, then named *_span */

#define UPP_SECOND ((upp_ms)1000)
#define UPP_MINUTE (60 * UPP_SECOND)
#define UPP_HOUR   (60 * UPP_MINUTE)
#define UPP_DAY    (24 * UPP_HOUR)

#define UPP_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* The one compiler extension we lean on (gcc and clang). */
#define UPP_AUTO(done)         __attribute__((cleanup(done)))
#define UPP_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#define UPP_MUST_USE           __attribute__((warn_unused_result))

/* A broken contract ends the process, in every build. Never put work inside: it must read as a
 * statement of fact. */
#define upp_check(fact) ((fact) ? (void)0 : upp_broken(#fact, __FILE__, __LINE__))
_Noreturn void upp_broken(const char *fact, const char *file, int line);

/* Outcomes. 0 is success. Negative: this call failed and the caller passes it on unchanged
 * (UPP_TRY). Positive: an answer that this one function documents; the caller handles it there and
 * then. Each failure names what the runtime must do, not what went wrong; what went wrong is a
 * sentence, said once at the origin (upp_fail in txn.h). */
enum upp_fail {
    UPP_E_BUG = -1,   /* our own contract is broken: the process ends */
    UPP_E_INPUT = -2, /* the input can never be handled: an event is parked, a command refused */
    UPP_E_BUSY = -3,  /* try the same input again later */
    UPP_E_STORE = -4, /* the database said no: the process ends, the supervisor restarts it */
};

/* Returns from the caller with the same code when `call` is negative; a positive answer is the
 * caller's to handle, so a call that can give one is not wrapped in this. */
#define UPP_TRY(call)                                                                              \
    do {                                                                                           \
        const int upp_try_ = (call);                                                               \
        if (upp_try_ < 0)                                                                          \
            return upp_try_;                                                                       \
    } while (0)

/* Bytes that somebody else owns. `at` NULL: there are none (a frame that is not there). */
typedef struct upp_bytes {
    const uint8_t *at;
    size_t len;
} upp_bytes;

/* protobuf-c's messages want `char *` and never write to it: the one place that casts. */
static inline char *upp_lend(const char *s)
{
    union {
        const char *in;
        char *out;
    } u = { s };
    return u.out;
}
