/* rights_test.c - deploy/rights.yaml against every service's own table of routes: what it hears
 * it has the right to hear, with content where it wants content; and no row names what does not
 * exist. */
#include "home.h"
#include "parts.h"
#include "rights.h"
#include "type_named.h"
#include "upp/service.h"
#include "wire.h"
#include "yaml_rows.h"
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

/* Made by the build from the list of services. */
extern const upp_service *const rights_test_services[];
extern const size_t rights_test_n_services;

#define RIGHTS UPP_ROOT "/deploy/rights.yaml"

static void note(const char *line)
{
    print_error("%s\n", line);
}

static upp_rights *rights_of(const char *owner)
{
    upp_rights *rights = upp_rights_read(RIGHTS, owner, NULL, note);
    assert_non_null(rights);
    return rights;
}

static void what_a_service_hears_it_may_hear(void **state)
{
    size_t n = 0;
    (void)state;
    for (size_t i = 0; i < rights_test_n_services; i++) {
        const upp_service *service = rights_test_services[i];
        for (size_t k = 0; k < service->n_routes; k++) {
            const upp_route *route = &service->routes[k];
            bool content = false;
            if (route->verb != UPP_EVENT)
                continue;
            upp_rights *rights = rights_of(route->source);
            if (!upp_rights_may(rights, service->name, UPP_MAY_EVENT, upp_text(route->type->name),
                                &content))
                fail_msg("%s may not hear %s of %s", service->name, route->type->name,
                         route->source);
            if (route->content && !content)
                fail_msg("%s may not have the content of %s", service->name, route->type->name);
            upp_rights_free(rights);
            n++;
        }
    }
    assert_true(n >= 20);
}

/* R45, ARCHITECTURE §5: the edge gets facts only, and escalation never what was written. */
static void content_stays_where_it_belongs(void **state)
{
    static const struct {
        const char *peer, *owner, *type;
    } rows[] = {
        { "feed", "ingest", "uppsikt.CommentReceived" },
        { "feed", "registry", "uppsikt.PersonRegistered" },
        { "escalation", "ingest", "uppsikt.CommentReceived" },
        { "escalation", "ingest", "uppsikt.CommentEdited" },
        { "uppsikt", "ingest", "uppsikt.CommentReceived" },
        { "registry", "ingest", "uppsikt.OwnPostSeen" },
    };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        bool content = true;
        upp_rights *rights = rights_of(rows[i].owner);
        assert_true(
            upp_rights_may(rights, rows[i].peer, UPP_MAY_EVENT, upp_text(rows[i].type), &content));
        if (content)
            fail_msg("%s has the content of %s", rows[i].peer, rows[i].type);
        upp_rights_free(rights);
    }
}

/* A service commands nobody: people do, through the console and the command. */
static void only_people_command(void **state)
{
    (void)state;
    for (size_t i = 0; i < home_n_services; i++) {
        upp_rights *rights = rights_of(home_services[i]);
        for (size_t k = 0; k < home_n_services; k++)
            if (strcmp(home_services[k], "console") != 0)
                assert_false(upp_rights_any(rights, home_services[k], UPP_MAY_COMMAND));
        assert_true(upp_rights_any(rights, "console", UPP_MAY_COMMAND));
        assert_true(upp_rights_any(rights, "uppsikt", UPP_MAY_COMMAND));
        upp_rights_free(rights);
    }
}

/* R42: what `uppsikt partition` divides is what may be divided by whoever wrote it. */
static void r42_parts_are_of_what_divides(void **state)
{
    (void)state;
    for (size_t i = 0; i < rights_test_n_services; i++)
        assert_int_equal(parts_divides(rights_test_services[i]->name),
                         rights_test_services[i]->divides);
}

static bool is_known(const char *field, const char *text)
{
    if (strcmp(text, "*") == 0)
        return true;
    if (strcmp(field, "type") == 0)
        return upp_type_named(upp_text(text)) != NULL;
    for (size_t i = 0; i < home_n_services; i++)
        if (strcmp(home_services[i], text) == 0)
            return true;
    for (size_t i = 0; i < home_n_peers; i++)
        if (strcmp(home_peers[i], text) == 0)
            return true;
    return false;
}

static size_t check_names(upp_yaml *yaml, const char *field, const yaml_node_t *node)
{
    size_t n = 1;
    if (node->type == YAML_SEQUENCE_NODE) {
        n = 0;
        for (const yaml_node_item_t *i = node->data.sequence.items.start;
             i < node->data.sequence.items.top; i++)
            n += check_names(yaml, field, upp_yaml_node(yaml, *i));
        return n;
    }
    if (!is_known(field, upp_yaml_text(node)))
        fail_msg(RIGHTS ":%zu: %s: %s is not known", node->start_mark.line + 1, field,
                 upp_yaml_text(node));
    return n;
}

static void no_row_names_what_does_not_exist(void **state)
{
    static const char *const fields[] = { "peer", "owner", "type" };
    size_t n = 0;
    upp_yaml yaml;
    (void)state;
    assert_true(upp_yaml_read(RIGHTS, note, &yaml));
    const yaml_node_t *root = upp_yaml_root(&yaml);
    for (const yaml_node_item_t *i = root->data.sequence.items.start;
         i < root->data.sequence.items.top; i++) {
        const yaml_node_t *row = upp_yaml_node(&yaml, *i);
        for (const yaml_node_pair_t *p = row->data.mapping.pairs.start;
             p < row->data.mapping.pairs.top; p++)
            for (size_t f = 0; f < UPP_LEN(fields); f++)
                if (strcmp(upp_yaml_text(upp_yaml_node(&yaml, p->key)), fields[f]) == 0)
                    n += check_names(&yaml, fields[f], upp_yaml_node(&yaml, p->value));
    }
    upp_yaml_free(&yaml);
    assert_true(n > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_service_hears_it_may_hear),
        cmocka_unit_test(content_stays_where_it_belongs),
        cmocka_unit_test(only_people_command),
        cmocka_unit_test(r42_parts_are_of_what_divides),
        cmocka_unit_test(no_row_names_what_does_not_exist),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
