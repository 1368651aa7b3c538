/* peers_test.c - where the others are, and names that become numbers (R43, R44). */
#include "address.h"
#include "peers.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char run[64], file[96], said[400];

static void hear(const char *line)
{
    snprintf(said, sizeof said, "%s", line);
}

static int set_up(void **state)
{
    (void)state;
    said[0] = '\0';
    snprintf(run, sizeof run, "/tmp/upp-peers-XXXXXX");
    if (!mkdtemp(run))
        return -1;
    snprintf(file, sizeof file, "%s/" UPP_PEERS_FILE, run);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    (void)unlink(file);
    return rmdir(run);
}

static void put(const char *text)
{
    FILE *out = fopen(file, "we");
    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
}

static void assert_where(const upp_peers *peers, const char *service, const char *endpoint)
{
    char *where = upp_peers_where(peers, service, hear);
    assert_non_null(where);
    assert_string_equal(where, endpoint);
    free(where);
}

static void without_a_file_all_are_local(void **state)
{
    char local[128];
    (void)state;
    upp_peers *peers = upp_peers_read(run, NULL, hear);
    assert_non_null(peers);
    snprintf(local, sizeof local, "ipc://%s/ingest", run);
    assert_where(peers, "ingest", local);
    upp_peers_free(peers);
}

static void r44_a_file_among_the_sockets_names_those_elsewhere(void **state)
{
    char local[128];
    (void)state;
    put("ingest: tcp://ingest:5556\n");
    upp_peers *peers = upp_peers_read(run, NULL, hear);
    assert_non_null(peers);
    assert_where(peers, "ingest", "tcp://ingest:5556");
    snprintf(local, sizeof local, "ipc://%s/registry", run);
    assert_where(peers, "registry", local);
    upp_peers_free(peers);
}

static void another_file_that_is_named_wins(void **state)
{
    char other[96];
    (void)state;
    put("ingest: tcp://ingest:5556\n");
    snprintf(other, sizeof other, "%s/other", run);
    assert_int_equal(rename(file, other), 0);
    put("ingest: tcp://nobody:1\n");
    upp_peers *peers = upp_peers_read(run, other, hear);
    assert_non_null(peers);
    assert_where(peers, "ingest", "tcp://ingest:5556");
    upp_peers_free(peers);
    assert_int_equal(unlink(other), 0);
}

static void what_is_wrong_in_it_is_told_with_its_line(void **state)
{
    (void)state;
    put("ingest: tcp://ingest:5556\nregistry: somewhere\n");
    assert_null(upp_peers_read(run, NULL, hear));
    assert_non_null(strstr(said, "peers.yaml:2:"));
    assert_non_null(strstr(said, "tcp://host:port"));
}

static void names_become_numbers(void **state)
{
    char address[UPP_ADDRESS];
    (void)state;
    static const char *const numbers[] = { "tcp://127.0.0.1:5556", "tcp://[::1]:5556",
                                           "ipc:///run/uppsikt/ingest" };
    for (size_t i = 0; i < UPP_LEN(numbers); i++) {
        assert_true(upp_address_is_number(numbers[i]));
        assert_true(upp_address_number(numbers[i], address));
        assert_string_equal(address, numbers[i]);
    }
    assert_false(upp_address_is_number("tcp://localhost:5556"));
    assert_true(upp_address_number("tcp://localhost:5556", address));
    assert_true(strcmp(address, "tcp://127.0.0.1:5556") == 0 ||
                strcmp(address, "tcp://[::1]:5556") == 0);
}

static void what_is_no_name_becomes_nothing(void **state)
{
    char address[UPP_ADDRESS], longer[400];
    (void)state;
    assert_false(upp_address_number("tcp://", address));
    memset(longer, 'x', sizeof longer);
    memcpy(longer, "tcp://", 6);
    memcpy(longer + sizeof longer - 6, ":5556", 6);
    assert_false(upp_address_number(longer, address));
    memset(longer, 'x', sizeof longer);
    memcpy(longer, "ipc:///", 7);
    longer[sizeof longer - 1] = '\0';
    assert_false(upp_address_number(longer, address)); /* never cut */
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(without_a_file_all_are_local),
        EACH(r44_a_file_among_the_sockets_names_those_elsewhere),
        EACH(another_file_that_is_named_wins),
        EACH(what_is_wrong_in_it_is_told_with_its_line),
        EACH(names_become_numbers),
        EACH(what_is_no_name_becomes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
