/* rights_test.c - what a row gives, and where a wrong one is found (B4). */
#include "peers.h"
#include "rights.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char said[4096];

static void hear(const char *line)
{
    const size_t n = strlen(said);
    snprintf(said + n, sizeof said - n, "%s\n", strrchr(line, '/') + 1);
}

static void write_file(char path[64], const char *text)
{
    snprintf(path, 64, "/tmp/upp-rights-XXXXXX");
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    said[0] = '\0';
}

static upp_rights *rights_of(const char *text, const char *owner)
{
    char path[64];
    write_file(path, text);
    upp_rights *rights = upp_rights_read(path, owner, "c=2", hear);
    unlink(path);
    return rights;
}

static upp_bytes name(const char *s)
{
    return (upp_bytes){ (const uint8_t *)s, strlen(s) };
}

static void rows_only_give(void **state)
{
    (void)state;
    upp_rights *r = rights_of("- { peer: [a, b], owner: me, verb: event, type: [x.A, x.B] }\n"
                              "- { peer: a, owner: '*', verb: event, type: x.A, content: yes }\n"
                              "- { peer: '*', owner: me, verb: query, type: '*' }\n"
                              "- { peer: c, owner: you, verb: command, type: '*' }\n"
                              "- { peer: d, owner: me, verb: object }\n",
                              "me");
    assert_non_null(r);
    bool content = false;
    assert_true(upp_rights_may(r, "a", UPP_MAY_EVENT, name("x.A"), &content) && content);
    assert_true(upp_rights_may(r, "b", UPP_MAY_EVENT, name("x.A"), &content) && !content);
    assert_true(upp_rights_may(r, "a", UPP_MAY_EVENT, name("x.B"), &content) && !content);
    assert_false(upp_rights_may(r, "a", UPP_MAY_EVENT, name("x.AA"), NULL));
    assert_false(upp_rights_may(r, "a", UPP_MAY_EVENT, name("x."), NULL));
    assert_false(upp_rights_may(r, "a", UPP_MAY_COMMAND, name("x.A"), NULL));
    assert_true(upp_rights_may(r, "anybody", UPP_MAY_QUERY, name("x.Q"), NULL));
    assert_false(upp_rights_may(r, "c", UPP_MAY_COMMAND, name("x.C"), NULL)); /* another owner's */
    assert_true(upp_rights_may(r, "d", UPP_MAY_OBJECT, name("any"), NULL));
    assert_false(upp_rights_may(r, "a", UPP_MAY_OBJECT, name("any"), NULL));
    assert_true(upp_rights_any(r, "b", UPP_MAY_EVENT));
    assert_false(upp_rights_any(r, "d", UPP_MAY_EVENT));
    upp_rights_free(r);
}

static void r42_a_part_has_the_rights_of_the_whole(void **state)
{
    (void)state;
    upp_rights *r = rights_of("- { peer: c, owner: me, verb: event, type: x.A, content: yes }\n"
                              "- { peer: d, owner: me, verb: event, type: x.A }\n",
                              "me");
    bool content = false;
    assert_non_null(r);
    assert_true(upp_rights_may(r, "c-2", UPP_MAY_EVENT, name("x.A"), &content) && content);
    assert_true(upp_rights_any(r, "c-2", UPP_MAY_EVENT));
    /* Of those that there are, and of no other service's: anybody may be called like that. */
    assert_false(upp_rights_may(r, "c-3", UPP_MAY_EVENT, name("x.A"), NULL));
    assert_false(upp_rights_may(r, "d-2", UPP_MAY_EVENT, name("x.A"), NULL));
    assert_false(upp_rights_any(r, "d-2", UPP_MAY_EVENT));
    upp_rights_free(r);
}

static void no_file_gives_nothing(void **state)
{
    (void)state;
    upp_rights *r = upp_rights_read(NULL, "me", NULL, hear);
    assert_non_null(r);
    assert_false(upp_rights_may(r, "a", UPP_MAY_QUERY, name("x.A"), NULL));
    upp_rights_free(r);
    r = rights_of("# nothing\n", "me");
    assert_non_null(r);
    upp_rights_free(r);
}

/* Each wrong row is found, also one about another owner, with its line and column. */
static void wrong_rows_are_placed(void **state)
{
    (void)state;
    static const struct {
        const char *text, *place;
    } rows[] = {
        { "- { peer: A, owner: me, verb: event, type: '*' }\n", ":1:11: 'A' is not such a name" },
        { "- { peer: a, owner: you, verb: fly, type: '*' }\n", ":1:32: verb: event" },
        { "- { peer: a, owner: me, verb: event }\n", ":1:3: a right names" },
        { "- { peer: a, verb: event, type: '*' }\n", ":1:3: a right names" },
        { "- { peer: a, owner: me, verb: event, type: A }\n", ":1:44: 'A' is not such a name" },
        { "- { peer: a, owner: me, verb: event, type: '*', content: maybe }\n",
          ":1:58: content: yes or no" },
        { "- { peer: a, owner: me, verb: event, typ: '*' }\n", ":1:38: 'typ' is no word" },
        { "- { peer: a, peer: b, owner: me, verb: event, type: '*' }\n", ":1:20: twice" },
        { "\n- yes\n", ":2:3: a right is a row" },
        { "peer: a\n", ":1:1: a sequence of rights" },
        { "- { peer: a\n", ":2:1: " },
    };
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        assert_null(rights_of(rows[i].text, "me"));
        if (!strstr(said, rows[i].place))
            fail_msg("%s: said %s", rows[i].text, said);
    }
    assert_null(rights_of("- { peer: a, owner: me, verb: x, type: '*' }\n"
                          "- { peer: a, owner: me, verb: event, type: '*' }\n"
                          "- { peer: a, owner: me, verb: y, type: '*' }\n",
                          "me"));
    assert_non_null(strstr(said, ":1:"));
    assert_non_null(strstr(said, ":3:")); /* all complaints at once */
}

static void peers_are_placed(void **state)
{
    (void)state;
    char path[64];
    write_file(path, "classify: tcp://classify.internal:5556\nevidence: tcp://10.0.0.7:5556\n");
    upp_peers *peers = upp_peers_read("/run/uppsikt", path, hear);
    unlink(path);
    assert_non_null(peers);
    char *where = upp_peers_where(peers, "evidence", hear);
    assert_string_equal(where, "tcp://10.0.0.7:5556");
    free(where);
    where = upp_peers_where(peers, "ingest", hear);
    assert_string_equal(where, "ipc:///run/uppsikt/ingest");
    free(where);
    upp_peers_free(peers);

    static const char *const wrong[] = { "a: udp://x:1\n",
                                         "a: tcp://x\n",
                                         "a: tcp://x:\n",
                                         "A: tcp://x:1\n",
                                         "a: tcp://x:1\na: tcp://y:1\n",
                                         "- a\n",
                                         "a: tcp://x:y\n" };
    for (size_t i = 0; i < UPP_LEN(wrong); i++) {
        write_file(path, wrong[i]);
        assert_null(upp_peers_read("/run/uppsikt", path, hear));
        unlink(path);
        assert_non_null(strstr(said, ":"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_only_give),
        cmocka_unit_test(r42_a_part_has_the_rights_of_the_whole),
        cmocka_unit_test(no_file_gives_nothing),
        cmocka_unit_test(wrong_rows_are_placed),
        cmocka_unit_test(peers_are_placed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
