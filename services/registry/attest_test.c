/* attest_test.c - twice a year who leads a unit attests who has access still, by name (R05). */
#include "registry_fixture.h"

static Uppsikt__AttestAccess attesting(const char *account, char **persons, size_t n)
{
    Uppsikt__AttestAccess c = UPPSIKT__ATTEST_ACCESS__INIT;
    c.account = upp_lend(account);
    c.persons = persons;
    c.n_persons = n;
    return c;
}

static int64_t open_findings(bench *b)
{
    return bench_number(
        b, "SELECT count(*) FROM finding WHERE kind = 'attestation' AND cleared_ms = 0");
}

/* R05: half a year after it was opened or attested it is a finding with a day, until it is
 * attested again. */
static void R05_half_a_year_later_it_is_attested_again(void **state)
{
    bench *b = *state;
    char *both[] = { upp_lend("a"), upp_lend("b") };
    Uppsikt__AttestAccess c = attesting("acc", both, 2);
    org_open(b, "acc");
    const upp_ms opened = b->now;
    bench_wait(b, 181 * UPP_DAY);
    assert_int_equal(open_findings(b), 0);
    bench_wait(b, 2 * UPP_DAY);
    assert_int_equal(open_findings(b), 1);
    assert_int_equal(bench_number(b, "SELECT due_ms FROM finding WHERE kind = 'attestation'"),
                     opened + (182 + 30) * UPP_DAY);
    bench_wait(b, 5 * UPP_DAY); /* the same finding, and its clock goes on as it was */
    assert_int_equal(bench_number(b, "SELECT count(*) FROM finding WHERE kind = 'attestation'"), 1);
    bench_skip(b);
    bench_did(b, "man", &c.base);
    bench_saw(b, "AccessAttested FindingCleared");
    ProtobufCMessage *said = bench_said(b, &uppsikt__access_attested__descriptor, NULL, NULL);
    const Uppsikt__AccessAttested *a = (Uppsikt__AccessAttested *)said;
    assert_string_equal(a->by, "man");
    assert_int_equal(a->n_persons, 2);
    assert_string_equal(a->persons[1], "b");
    assert_int_equal(a->at_ms, b->now);
    upp_msg_freep(&said);
    bench_wait(b, 181 * UPP_DAY);
    assert_int_equal(open_findings(b), 0);
    bench_wait(b, 2 * UPP_DAY);
    assert_int_equal(open_findings(b), 1);
    Uppsikt__ChangeAccount closing = org_step("acc", LIFE_CLOSING);
    bench_did(b, "man", &closing.base); /* nobody is asked about one that closes */
    assert_int_equal(open_findings(b), 0);
    bench_refused(b, "man", &c.base, "account-not-open");
}

/* R05: exactly those who have access now, each once; a change since it was shown is refused. */
static void R05_it_names_exactly_those_who_have_access(void **state)
{
    bench *b = *state;
    char *shown[] = { upp_lend("b"), upp_lend("a") }, *twice[] = { upp_lend("a"), upp_lend("a") },
         *three[] = { upp_lend("a"), upp_lend("b"), upp_lend("c") }, *many[REGISTRY_ACCESS + 1];
    Uppsikt__AttestAccess c = attesting("acc", shown, 2);
    org_open(b, "acc");
    bench_did(b, "head", &c.base); /* the order is nobody's */
    org_grant(b, "man", "acc", "c");
    bench_refused(b, "man", &c.base, "attest-others-have-access"); /* one came */
    c = attesting("acc", three, 3);
    bench_did(b, "man", &c.base);
    org_revoke(b, "man", "acc", "b");
    bench_refused(b, "man", &c.base, "attest-others-have-access"); /* one went */
    c = attesting("acc", shown, 2);                                /* as many, and others */
    bench_refused(b, "man", &c.base, "attest-others-have-access");
    c = attesting("acc", twice, 2);
    bench_refused(b, "man", &c.base, "attest-others-have-access");
    c = attesting("acc", NULL, 0);
    bench_refused(b, "man", &c.base, "attest-others-have-access");
    for (size_t i = 0; i < UPP_LEN(many); i++)
        many[i] = upp_lend("a");
    c = attesting("acc", many, UPP_LEN(many));
    bench_refused(b, "man", &c.base, "too-many-persons");
    org_leaves(b, "man", "c", 0); /* who has left has it still: that is no list to attest */
    c = attesting("acc", shown + 1, 1);
    bench_refused(b, "man", &c.base, "attest-after-hand-over");
    org_revoke(b, "man", "acc", "c");
    bench_did(b, "man", &c.base);
}

/* R05: the unit's manager or the sector head, and nobody for her. */
static void R05_who_leads_the_unit_attests(void **state)
{
    bench *b = *state;
    static const struct {
        const char *by;
        bool may;
    } askers[] = { { "man", true }, { "head", true }, { "ops", false },  { "com", false },
                   { "a", false },  { "c", false },   { "other", false } };
    char *both[] = { upp_lend("a"), upp_lend("b") };
    Uppsikt__AttestAccess c = attesting("acc", both, 2);
    org_open(b, "acc");
    for (size_t i = 0; i < UPP_LEN(askers); i++)
        if (askers[i].may)
            bench_did(b, askers[i].by, &c.base);
        else
            bench_refused(b, askers[i].by, &c.base, "attest-by-who-leads");
    bench_refused(b, NULL, &c.base, "person-needed");
    c.account = upp_lend("nowhere");
    bench_refused(b, "man", &c.base, "account-unknown");
}

static void R05_the_list_is_for_who_leads_and_who_keeps_the_register(void **state)
{
    bench *b = *state;
    Uppsikt__AccessLists q = UPPSIKT__ACCESS_LISTS__INIT;
    char *both[] = { upp_lend("a"), upp_lend("b") };
    Uppsikt__AttestAccess c = attesting("acc1", both, 2);
    org_open(b, "acc1");
    org_open(b, "acc2");
    bench_did(b, "man", &c.base);
    static const struct {
        const char *by;
        size_t n;
    } askers[] = { { "man", 2 }, { "head", 2 },  { "com", 2 }, { "ops", 2 },
                   { "a", 0 },   { "other", 0 }, { NULL, 2 } };
    for (size_t i = 0; i < UPP_LEN(askers); i++)
        assert_int_equal(bench_query(b, askers[i].by, &q.base), askers[i].n);
    q.limit = 1;
    assert_int_equal(bench_query(b, "man", &q.base), 1);
    ProtobufCMessage *msg = bench_row_at(b, 0, &uppsikt__access_list_row__descriptor);
    const Uppsikt__AccessListRow *row = (Uppsikt__AccessListRow *)msg;
    assert_string_equal(row->account, "acc1");
    assert_int_equal(row->n_persons, 2);
    assert_string_equal(row->persons[0], "a");
    assert_true(row->may_attest);
    assert_int_equal(row->attested_ms, b->now);
    assert_int_equal(row->next_ms, b->now + 182 * UPP_DAY);
    assert_int_equal(row->due_ms, 0);
    upp_msg_freep(&msg);
    msg = bench_row_content(b, 0, &uppsikt__access_list_row_content__descriptor);
    const Uppsikt__AccessListRowContent *content = (Uppsikt__AccessListRowContent *)msg;
    assert_int_equal(content->n_names, 2);
    assert_string_equal(content->names[1], "Anna " MARKER " Ek " MARKER);
    assert_string_equal(content->name, "Skolan " MARKER);
    upp_msg_freep(&msg);
    q.after = upp_lend("acc1");
    org_leaves(b, "man", "a", 0);
    bench_wait(b, 183 * UPP_DAY);
    assert_int_equal(bench_query(b, "com", &q.base), 1);
    msg = bench_row_at(b, 0, &uppsikt__access_list_row__descriptor);
    row = (Uppsikt__AccessListRow *)msg;
    assert_false(row->may_attest);
    assert_int_equal(row->n_persons, 1);
    assert_int_equal(row->left, 1);
    assert_true(row->due_ms > b->now);
    upp_msg_freep(&msg);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, org_found_set_up, bench_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(R05_half_a_year_later_it_is_attested_again),
        CASE(R05_it_names_exactly_those_who_have_access),
        CASE(R05_who_leads_the_unit_attests),
        CASE(R05_the_list_is_for_who_leads_and_who_keeps_the_register),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
