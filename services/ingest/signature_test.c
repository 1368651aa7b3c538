/* signature_test.c - webhook signatures against the vectors of platforms.md §15.2 (R01, R13). */
#include "signature.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char meta_body[] =
    "{\"object\":\"page\",\"entry\":[{\"id\":\"1\",\"time\":1449135003,\"changes\":[{\"field\":"
    "\"feed\",\"value\":{\"item\":\"comment\",\"verb\":\"add\",\"comment_id\":\"1_2\",\"post_id\":"
    "\"1_1\",\"parent_id\":\"1_1\",\"from\":{\"id\":\"9\",\"name\":\"\\u00c5sa\"},"
    "\"created_time\":1449135003,\"message\":\"N\\u00e4r?\"}}]}]}";
_Static_assert(sizeof meta_body - 1 == 262, "the vector is 262 bytes");

static upp_bytes bytes(const char *text)
{
    return (upp_bytes){ (const uint8_t *)text, strlen(text) };
}

static const struct vector {
    enum signature_kind kind;
    const char *timestamp, *body, *value;
} vectors[] = {
    { SIGNATURE_META, NULL, meta_body,
      "sha256=e600557d77134cc64b419ad529492ac91562875b970d05037c2ca44180e44671" },
    { SIGNATURE_X, NULL, "{\"a\":1}", "sha256=cnv1Yl60/SMxnsO5xF+324TNfRzHRSZo+tPB1bORmM8=" },
    { SIGNATURE_LINKEDIN, NULL, "{\"a\":1}",
      "8b2e573f207f0ffd8a424f9a342923212c62833e052a08b28b7394878e5aefc8" },
    { SIGNATURE_GENERIC, "1795455663", "{\"a\":1}",
      "sha256=89264c78ec7607cf44ba087f16b0658d6085b5e53588da3d3bdca974372dd886" },
};

static bool valid(const struct vector *v, const char *value, const char *body)
{
    const upp_bytes secret = bytes("uppsikt-secret");
    const signature_secrets one = { &secret, 1 };
    return signature_valid(v->kind, &one, value, v->timestamp, bytes(body));
}

static void the_vectors_hold(void **state)
{
    (void)state;
    for (size_t i = 0; i < UPP_LEN(vectors); i++) {
        char value[SIGNATURE_TEXT];
        signature_make(vectors[i].kind, bytes("uppsikt-secret"), vectors[i].timestamp,
                       bytes(vectors[i].body), value);
        assert_string_equal(value, vectors[i].value);
        assert_true(valid(&vectors[i], vectors[i].value, vectors[i].body));
    }
}

static void the_handshakes_are_answered(void **state)
{
    (void)state;
    char answer[SIGNATURE_TEXT] = "untouched";
    const upp_bytes secret = bytes("uppsikt-secret");
    assert_false(signature_answer(SIGNATURE_META, secret, "abc123", answer));
    assert_false(signature_answer(SIGNATURE_GENERIC, secret, "abc123", answer));
    assert_string_equal(answer, "untouched");
    assert_true(signature_answer(SIGNATURE_X, secret, "abc123", answer));
    assert_string_equal(answer, "sha256=rOf+0T3gUfUJwvkHDvdYd8Xnwlj1dJUswIeLIrjgZ2o=");
    assert_true(signature_answer(SIGNATURE_LINKEDIN, secret, "890e4665-4dfe-4ab1-b689-ed553bceeed0",
                                 answer));
    assert_string_equal(answer, "5bf52008b27aa038075e24838786ec83a7f39742e684f6123ca054158464717f");
}

/* One bit of the body, or one byte of the value, or its end, and it is not theirs. */
static void any_change_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < UPP_LEN(vectors); i++) {
        const struct vector *v = &vectors[i];
        char body[sizeof meta_body], value[SIGNATURE_TEXT + 1];
        for (size_t bit = 0; bit < 8 * strlen(v->body); bit++) {
            snprintf(body, sizeof body, "%s", v->body);
            body[bit / 8] = (char)(body[bit / 8] ^ (1 << bit % 8));
            if (body[bit / 8]) /* a NUL would only shorten it */
                assert_false(valid(v, v->value, body));
        }
        for (size_t at = 0; at < strlen(v->value); at++) {
            snprintf(value, sizeof value, "%s", v->value);
            value[at] = value[at] == '0' ? '1' : '0';
            assert_false(valid(v, value, v->body));
            value[at] = '\0';
            assert_false(valid(v, value, v->body));
        }
        const size_t n = strlen(v->value);
        assert_true(n + 2 <= sizeof value);
        memcpy(value, v->value, n);
        memcpy(value + n, "0", 2);
        assert_false(valid(v, value, v->body));
        assert_false(valid(v, NULL, v->body));
    }
}

static void any_of_several_secrets_holds_and_an_empty_one_never(void **state)
{
    (void)state;
    const upp_bytes all[] = { bytes("old"), { NULL, 0 }, bytes("uppsikt-secret"), bytes("new") };
    for (size_t i = 0; i < UPP_LEN(vectors); i++) {
        const struct vector *v = &vectors[i];
        for (size_t n = 0; n <= UPP_LEN(all); n++) {
            const signature_secrets some = { all, n };
            assert_int_equal(
                signature_valid(v->kind, &some, v->value, v->timestamp, bytes(v->body)), n > 2);
        }
    }
    const signature_secrets some = { all, UPP_LEN(all) };
    assert_false(
        signature_valid(SIGNATURE_GENERIC, &some, vectors[3].value, NULL, bytes(vectors[3].body)));
    assert_false(signature_valid(SIGNATURE_GENERIC, &some, vectors[3].value, "1795455664",
                                 bytes(vectors[3].body)));
}

static void a_timestamp_holds_for_five_minutes_either_way(void **state)
{
    (void)state;
    const upp_ms at = 1795455663 * UPP_SECOND;
    assert_true(signature_fresh("1795455663", at - 5 * UPP_MINUTE));
    assert_true(signature_fresh("1795455663", at + 5 * UPP_MINUTE));
    assert_false(signature_fresh("1795455663", at - 5 * UPP_MINUTE - 1));
    assert_false(signature_fresh("1795455663", at + 5 * UPP_MINUTE + 1));
    static const char *const bad[] = {
        "", "-1", "1795455663 ", "1795455663.0", "0x1", "17954556630000000000", "1795455663000"
    };
    for (size_t i = 0; i < UPP_LEN(bad); i++)
        assert_false(signature_fresh(bad[i], at));
    assert_false(signature_fresh(NULL, at));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vectors_hold),
        cmocka_unit_test(the_handshakes_are_answered),
        cmocka_unit_test(any_change_is_refused),
        cmocka_unit_test(any_of_several_secrets_holds_and_an_empty_one_never),
        cmocka_unit_test(a_timestamp_holds_for_five_minutes_either_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
