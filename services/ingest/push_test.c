/* push_test.c - what another system pushes: its secrets, its lines cut into commands, what it is
 * told (R01; platforms.md §14, §15). */
#include "push.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static upp_bytes bytes(const char *text)
{
    return (upp_bytes){ (const uint8_t *)text, strlen(text) };
}

static void R01_a_secret_is_one_line_or_two(void **state)
{
    (void)state;
    upp_bytes s[PUSH_SECRETS];
    char longest[130];
    assert_int_equal(push_secrets("0123456789abcdef", s), 1);
    assert_int_equal(s[0].len, 16);
    assert_int_equal(push_secrets("0123456789abcdef\r\n\nfedcba9876543210\n", s), 2);
    assert_memory_equal(s[0].at, "0123456789abcdef", s[0].len);
    assert_memory_equal(s[1].at, "fedcba9876543210", s[1].len);
    memset(longest, 'x', sizeof longest);
    longest[128] = '\0';
    assert_int_equal(push_secrets(longest, s), 1);
    longest[128] = 'x';
    longest[129] = '\0';
    static const char *const bad[] = { "",
                                       "\n\r\n",
                                       "0123456789abcde",
                                       "0123456789abcdef ",
                                       "0123456789\tabcdef",
                                       "åäöåäöåäöåäö",
                                       "0123456789abcdef\nshort",
                                       "0123456789abcdef\n0123456789abcdeg\n0123456789abcdeh" };
    for (size_t i = 0; i < UPP_LEN(bad); i++)
        assert_int_equal(push_secrets(bad[i], s), UPP_E_INPUT);
    assert_int_equal(push_secrets(longest, s), UPP_E_INPUT);
}

/* Every line that is not blank comes out once, in order, with its own number. */
static void R01_a_body_is_cut_by_its_lines(void **state)
{
    (void)state;
    push_part *part = calloc(1, sizeof *part);
    push_cut cut = { .rest = bytes("\n  \none\r\n\t\ntwo\n\nthree") };
    assert_non_null(part);
    assert_int_equal(push_parts(cut.rest), 1);
    assert_true(push_next(&cut, part));
    static const struct {
        int64_t number;
        const char *text;
    } wanted[] = { { 3, "one" }, { 5, "two" }, { 7, "three" } };
    assert_int_equal(part->n, UPP_LEN(wanted));
    for (size_t i = 0; i < part->n; i++) {
        assert_int_equal(part->list[i]->number, wanted[i].number);
        assert_int_equal(part->list[i]->line.len, strlen(wanted[i].text));
        assert_memory_equal(part->list[i]->line.data, wanted[i].text, strlen(wanted[i].text));
    }
    assert_false(push_next(&cut, part));
    assert_int_equal(push_parts(bytes("")), 0);
    assert_int_equal(push_parts(bytes("\n \r\n\t\n")), 0);
    free(part);
}

/* The text `line`, so many times. */
static char *repeated(const char *line, size_t n)
{
    const size_t len = strlen(line);
    char *text = malloc(n * len + 1);
    assert_non_null(text);
    for (size_t i = 0; i < n; i++)
        memcpy(text + i * len, line, len);
    text[n * len] = '\0';
    return text;
}

/* No command is larger than the bus carries (256 KiB), nor has more lines than it takes. */
static void R01_large_bodies_become_several_commands(void **state)
{
    (void)state;
    enum { LONG = 50 * 1024 };
    push_part *part = calloc(1, sizeof *part);
    assert_non_null(part);
    char *many = repeated("{}\n", PUSH_LINES);
    assert_int_equal(push_parts(bytes(many)), PUSH_LINES / PUSH_PART_LINES);
    char *more = repeated("{}\n", PUSH_LINES + 1);
    assert_int_equal(push_parts(bytes(more)), UPP_E_INPUT);
    char *line = repeated("x", LONG);
    line[LONG - 1] = '\n';
    char *large = repeated(line, 20);
    push_cut cut = { .rest = bytes(large) };
    size_t lines = 0;
    while (push_next(&cut, part)) {
        Uppsikt__TakePush command = UPPSIKT__TAKE_PUSH__INIT;
        command.n_lines = part->n;
        command.lines = part->list;
        assert_true(uppsikt__take_push__get_packed_size(&command) < 200 * 1024);
        for (size_t i = 0; i < part->n; i++) /* cut, but so that lines_take sees it */
            assert_int_equal(part->list[i]->line.len, 48 * 1024 + 1);
        lines += part->n;
    }
    assert_int_equal(lines, 20);
    assert_int_equal(cut.parts, (size_t)push_parts(bytes(large)));
    free(large);
    free(line);
    free(more);
    free(many);
    free(part);
}

/* The same request is the same commands; anything else about it, and they are others. */
static void R01_a_request_sent_again_has_the_same_ids(void **state)
{
    (void)state;
    static const struct {
        const char *account, *timestamp, *body;
    } requests[] = { { "form", "1795455663", "{}" },
                     { "form", "1795455664", "{}" },
                     { "forn", "1795455663", "{}" },
                     { "form", "1795455663", "{} " },
                     { "for", "m1795455663", "{}" } };
    uint8_t hash[PUSH_HASH], ids[2 * UPP_LEN(requests)][PUSH_ID], again[PUSH_ID];
    for (size_t i = 0; i < UPP_LEN(requests); i++) {
        push_hash(requests[i].account, requests[i].timestamp, bytes(requests[i].body), hash);
        for (size_t part = 0; part < 2; part++) {
            push_command_id(hash, part, ids[2 * i + part]);
            push_command_id(hash, part, again);
            assert_memory_equal(again, ids[2 * i + part], PUSH_ID);
        }
    }
    for (size_t i = 0; i < UPP_LEN(ids); i++)
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(ids[i], ids[j], PUSH_ID);
}

static void R01_the_sender_is_told_numbers_and_fields(void **state)
{
    (void)state;
    push_sum sum = { 0 };
    Uppsikt__BadLine bad = UPPSIKT__BAD_LINE__INIT, *list[] = { &bad };
    Uppsikt__LinesImported part = UPPSIKT__LINES_IMPORTED__INIT;
    char *text = push_report(&sum);
    assert_string_equal(text, "{\"new\":0,\"known\":0,\"edited\":0,\"bad\":0,\"lines\":[]}");
    free(text);
    part.accepted = 3;
    part.known = 2;
    push_sum_add(&sum, &part);
    bad.line = 207;
    bad.why = upp_lend("kind: is missing");
    part.accepted = part.edited = part.quarantined = 1;
    part.known = 0;
    part.n_bad = 1;
    part.bad = list;
    push_sum_add(&sum, &part);
    text = push_report(&sum);
    assert_string_equal(text, "{\"new\":4,\"known\":2,\"edited\":1,\"bad\":1,"
                              "\"lines\":[{\"line\":207,\"why\":\"kind: is missing\"}]}");
    free(text);
    push_sum_done(&sum);
}

static void R01_only_lines_of_json_are_taken(void **state)
{
    (void)state;
    static const char *const good[] = { NULL, "", "application/x-ndjson",
                                        "Application/JSON; charset=utf-8", "application/jsonl" };
    static const char *const bad[] = { "application/x-www-form-urlencoded", "multipart/form-data",
                                       "text/html", "application/jso", "application/json5" };
    for (size_t i = 0; i < UPP_LEN(good); i++)
        assert_true(push_type_good(good[i]));
    for (size_t i = 0; i < UPP_LEN(bad); i++)
        assert_false(push_type_good(bad[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R01_a_secret_is_one_line_or_two),
        cmocka_unit_test(R01_a_body_is_cut_by_its_lines),
        cmocka_unit_test(R01_large_bodies_become_several_commands),
        cmocka_unit_test(R01_a_request_sent_again_has_the_same_ids),
        cmocka_unit_test(R01_the_sender_is_told_numbers_and_fields),
        cmocka_unit_test(R01_only_lines_of_json_are_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
