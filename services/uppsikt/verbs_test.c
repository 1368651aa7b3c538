/* verbs_test.c - the table of verbs: every row leads somewhere, every option fills a field that
 * there is; the command line against it; the completion that is shipped is the table's. */
#include "message_fill.h"
#include "verbs.h"
#include <ctype.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef void each_action(const verb_row *verb, const verb_action *action);

static size_t for_each(each_action *each)
{
    size_t n = 0;
    for (size_t i = 0; i < n_verbs; i++)
        for (size_t k = 0; k < verbs[i]->n_actions; k++, n++)
            each(verbs[i], &verbs[i]->actions[k]);
    return n;
}

static void check_shape(const verb_row *verb, const verb_action *action)
{
    assert_true(action->ask || action->list || action->run);
    assert_false(action->list && (action->ask || action->run));
    assert_non_null(action->operands);
    if (action->name[0])
        assert_true(action->help[0] != '\0');
    else if (verb->n_actions > 1) /* its operand would be taken for the name of an action */
        assert_string_equal(action->operands, "");
    for (size_t i = 0; i < action->n_options; i++) {
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(action->options[i].name, action->options[k].name);
        for (size_t k = 0; k < call_n_everyone; k++)
            assert_string_not_equal(action->options[i].name, call_everyone[k].name);
    }
}

static void every_row_leads_somewhere(void **state)
{
    (void)state;
    assert_true(for_each(check_shape) > 40);
    for (size_t i = 0; i < n_verbs; i++) {
        assert_true(verbs[i]->help[0] != '\0');
        assert_true((verbs[i]->own != NULL) == (verbs[i]->n_actions == 0));
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(verbs[i]->name, verbs[k]->name);
    }
}

/* "[PERSON]" is `person`. */
static void check_operands(const verb_action *action, const ProtobufCMessageDescriptor *type,
                           const char *inner)
{
    for (const char *at = action->operands; *at;) {
        char name[40];
        size_t n = 0;
        const size_t len = strcspn(at, " ");
        for (size_t i = 0; i < len; i++)
            if (isalpha((unsigned char)at[i]) || at[i] == '_')
                name[n++] = (char)tolower((unsigned char)at[i]);
        name[n] = '\0';
        if (!message_field(type, inner, name))
            fail_msg("%s: no field of %s", name, type->name);
        at += len + (at[len] == ' ');
    }
}

static void check_fields(const verb_row *verb, const verb_action *action)
{
    const ProtobufCMessageDescriptor *type = action->ask    ? action->ask->command
                                             : action->list ? action->list->query
                                                            : NULL;
    (void)verb;
    if (!type)
        return;
    if (!action->run) /* else its operands may be something else: a file */
        check_operands(action, type, action->ask ? action->ask->inner : NULL);
    for (size_t i = 0; i < action->n_options; i++) {
        const verb_option *option = &action->options[i];
        if (!option->field && action->run)
            continue;
        if (!option->field ||
            !message_field(type, action->ask ? action->ask->inner : NULL, option->field))
            fail_msg("--%s: no field of %s", option->name, type->name);
    }
}

static void every_option_fills_a_field(void **state)
{
    (void)state;
    (void)for_each(check_fields);
}

static const verb_row *verb_named(const char *name)
{
    for (size_t i = 0; i < n_verbs; i++)
        if (strcmp(verbs[i]->name, name) == 0)
            return verbs[i];
    fail_msg("no verb %s", name);
    return NULL;
}

/* Reads "verb words..."; gives call_read's answer. */
static int read_line(const char *line, verb_call *ret_call, char why[CALL_WHY])
{
    static char text[400];
    char *argv[32];
    int argc = 0;
    snprintf(text, sizeof text, "%s", line);
    for (char *at = text; *at;) {
        const size_t len = strcspn(at, " ");
        argv[argc++] = at;
        at += len;
        if (*at)
            *at++ = '\0';
    }
    return call_read(verb_named(argv[0]), argc - 1, argv + 1, ret_call, why);
}

static void a_command_line_is_read_against_its_row(void **state)
{
    verb_call call;
    char why[CALL_WHY];
    (void)state;
    assert_int_equal(
        read_line("account unit add --name Torg --id torg --json --wait=3s", &call, why), 0);
    assert_string_equal(call.action->name, "unit add");
    assert_true(call.json);
    assert_int_equal(call.wait_span, 3000);
    assert_string_equal(call_text(&call, "name"), "Torg");
    assert_null(call_text(&call, "parent"));
    assert_int_equal(read_line("tail ingest registry --from 7 --as anna", &call, why), 0);
    assert_int_equal(call.n_operands, 2);
    assert_int_equal(call_count(&call, "from", 0), 7);
    assert_int_equal(call_span(&call, "idle", -1), -1);
    assert_string_equal(call.as, "anna");
    assert_int_equal(read_line("import -", &call, why), 0);
    assert_int_equal(read_line("import -- --odd", &call, why), 0);
    assert_string_equal(call.operands[0], "--odd");
    assert_int_equal(read_line("account --help", &call, why), 0);
    assert_true(call.help);
}

static void wrong_usage_is_said(void **state)
{
    static const struct {
        const char *line, *says;
    } rows[] = {
        { "account", "what?" },
        { "account fly", "fly: no such action" },
        { "account show", "wanted: ACCOUNT" },
        { "account show a b", "b: too many words" },
        { "account list --colour", "--colour: no such option" },
        { "status --json=yes", "takes no value" },
        { "tail --from", "a value is wanted" },
        { "tail --from few", "whole number" },
        { "tail --from -1", "whole number" },
        { "tail --idle 5", "unit" },
        { "account grant fb", "wanted: ACCOUNT PERSON" },
    };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        verb_call call;
        char why[CALL_WHY] = "";
        assert_int_equal(read_line(rows[i].line, &call, why), CALL_USAGE);
        if (!strstr(why, rows[i].says))
            fail_msg("%s: said %s", rows[i].line, why);
    }
}

static char *printed(void (*print)(const verb_row *const *, size_t, FILE *))
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    assert_non_null(out);
    print(verbs, n_verbs, out);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void the_completion_that_is_shipped_is_the_tables(void **state)
{
    char shipped[16 * 1024];
    (void)state;
    FILE *file = fopen(UPP_ROOT "/deploy/completion/uppsikt.bash", "re");
    assert_non_null(file);
    const size_t n = fread(shipped, 1, sizeof shipped - 1, file);
    fclose(file);
    shipped[n] = '\0';
    char *text = printed(call_completion);
    assert_string_equal(text, shipped); /* else: uppsikt --completion > that file */
    free(text);
}

static void help_names_every_verb(void **state)
{
    (void)state;
    char *text = printed(call_help_all);
    for (size_t i = 0; i < n_verbs; i++)
        assert_non_null(strstr(text, verbs[i]->help));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_leads_somewhere),
        cmocka_unit_test(every_option_fills_a_field),
        cmocka_unit_test(a_command_line_is_read_against_its_row),
        cmocka_unit_test(wrong_usage_is_said),
        cmocka_unit_test(the_completion_that_is_shipped_is_the_tables),
        cmocka_unit_test(help_names_every_verb),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
