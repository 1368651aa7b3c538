/* item_test.c - what a file's line may say, and what is said of a bad one (R01; platforms.md
 * §14). */
#include "item.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int read_line(const char *line, reading *ret_item, char why[ITEM_WHY], json_t **ret_json)
{
    *ret_json = json_loads(line, 0, NULL);
    assert_non_null(*ret_json);
    return item_from_line(*ret_json, ret_item, why);
}

static void R01_a_whole_line_is_read(void **state)
{
    (void)state;
    reading it = { 0 };
    char why[ITEM_WHY];
    json_t *json;
    assert_int_equal(
        read_line(
            "{\"platform\":\"facebook\",\"account\":\"a\",\"external_id\":\"1_2\","
            "\"external_parent_id\":\"1_1\",\"kind\":\"message\",\"html\":\"<p>N&auml;r "
            "&ouml;ppnar<br>badet?</p><script>x</script>\",\"lang\":\"sv\",\"author\":"
            "{\"id\":\"9\",\"name\":\"\\u00c5sa\"},\"created_at\":\"2026-11-23T10:00:00.5+01:00\","
            "\"state\":\"hidden\",\"attachments\":[{\"type\":\"image\",\"url\":\"u\"}],\"new\":1}",
            &it, why, &json),
        0);
    assert_int_equal(it.kind, UPPSIKT__ITEM_KIND__ITEM_KIND_MESSAGE);
    assert_non_null(strstr(it.text, "När öppnar\nbadet?"));
    assert_int_equal(it.created_ms, 1795424400500);
    assert_true(it.hidden);
    assert_string_equal(it.author_name, "Åsa");
    assert_string_equal(it.parent_id, "1_1");
    item_done(&it);
    json_decref(json);
}

/* The field is named, its value never: a bad line holds personal data like a good one. */
static void a_bad_line_names_its_field_and_never_the_value(void **state)
{
    (void)state;
    static const struct {
        const char *line, *field;
    } rows[] = {
        { "[1]", "line:" },
        { "{\"kind\":\"comment\",\"text\":\"SECRET\"}", "external_id:" },
        { "{\"external_id\":\"1\",\"text\":\"SECRET\"}", "kind:" },
        { "{\"external_id\":\"1\",\"kind\":\"SECRET\",\"text\":\"t\"}", "kind:" },
        { "{\"external_id\":\"1\",\"kind\":\"comment\"}", "text:" },
        { "{\"external_id\":7,\"kind\":\"comment\",\"text\":\"t\"}", "external_id:" },
        { "{\"external_id\":\"1\",\"kind\":\"comment\",\"text\":\"t\",\"created_at\":\"SECRET\"}",
          "created_at:" },
        { "{\"external_id\":\"1\",\"kind\":\"comment\",\"text\":\"t\",\"created_at\":"
          "\"2026-11-23T10:00:00\"}",
          "created_at:" },
        { "{\"external_id\":\"1\",\"kind\":\"comment\",\"text\":\"t\",\"state\":\"SECRET\"}",
          "state:" },
        { "{\"external_id\":\"1\",\"kind\":\"comment\",\"text\":\"t\",\"author\":\"SECRET\"}",
          "author:" },
        { "{\"external_id\":\"1\",\"kind\":\"comment\",\"text\":\"t\",\"attachments\":[\"SECRET\"]"
          "}",
          "attachments:" },
    };
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        reading it = { 0 };
        char why[ITEM_WHY] = "";
        json_t *json;
        assert_int_equal(read_line(rows[i].line, &it, why, &json), UPP_E_INPUT);
        assert_memory_equal(why, rows[i].field, strlen(rows[i].field));
        assert_null(strstr(why, "SECRET"));
        json_decref(json);
    }
}

/* Hostile nesting must end, and not on the stack. */
static void deep_html_is_read_to_its_end(void **state)
{
    (void)state;
    enum { DEPTH = 20000 };
    char *html = malloc(DEPTH * 3 + 8);
    for (size_t i = 0; i < DEPTH; i++)
        memcpy(html + i * 3, "<b>", 3);
    memcpy(html + DEPTH * 3, "djup", 5);
    char *text = item_plain_text(html);
    assert_non_null(text);
    free(text);
    free(html);
    text = item_plain_text("");
    assert_string_equal(text, "");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R01_a_whole_line_is_read),
        cmocka_unit_test(a_bad_line_names_its_field_and_never_the_value),
        cmocka_unit_test(deep_html_is_read_to_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
