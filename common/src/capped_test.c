/* capped_test.c - a message that would take too much is no message (reliability.md F9). */
#include "capped.h"
#include "type_named.h"
#include "uppsikt/escalation.pb-c.h"
#include "uppsikt/runtime.pb-c.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* 256 KiB of empty submessages: 131,072 structs, about 13 MB. */
static void amplification_is_stopped(void **state)
{
    (void)state;
    enum { BYTES = 256 * 1024 };
    uint8_t *bomb = malloc(BYTES);
    assert_non_null(bomb);
    for (size_t i = 0; i < BYTES; i += 2) {
        bomb[i] = 0x7a; /* field 15, sources */
        bomb[i + 1] = 0;
    }
    assert_null(upp_unpack(&uppsikt__service_state__descriptor, (upp_bytes){ bomb, BYTES }));
    ProtobufCMessage *small =
        upp_unpack(&uppsikt__service_state__descriptor, (upp_bytes){ bomb, 2000 });
    assert_non_null(small);
    assert_int_equal(((Uppsikt__ServiceState *)small)->n_sources, 1000);
    upp_unpack_free(small);
    free(bomb);
}

static void nothing_is_presets(void **state)
{
    (void)state;
    ProtobufCMessage *msg = upp_unpack(&uppsikt__claim__descriptor, (upp_bytes){ 0 });
    assert_non_null(msg);
    assert_string_equal(((Uppsikt__Claim *)msg)->matter, "");
    upp_unpack_freep(&msg);
    assert_null(msg);
    upp_unpack_free(NULL);
    assert_null(upp_unpack(&uppsikt__claim__descriptor, (upp_bytes){ (const uint8_t *)"\x0a", 1 }));
}

static void types_are_found_by_name(void **state)
{
    (void)state;
    static const char *const none[] = { "", "uppsikt.", "uppsikt.Clai", "uppsikt.Claims", "Claim" };
    for (size_t i = 0; i < UPP_LEN(none); i++)
        assert_null(upp_type_named((upp_bytes){ (const uint8_t *)none[i], strlen(none[i]) }));
    assert_ptr_equal(upp_type_named((upp_bytes){ (const uint8_t *)"uppsikt.Claim", 13 }),
                     &uppsikt__claim__descriptor);
    assert_ptr_equal(upp_type_named((upp_bytes){ (const uint8_t *)"uppsikt.ServiceState", 20 }),
                     &uppsikt__service_state__descriptor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amplification_is_stopped),
        cmocka_unit_test(nothing_is_presets),
        cmocka_unit_test(types_are_found_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
