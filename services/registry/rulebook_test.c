/* rulebook_test.c - policies that are adopted: the body's, an authority's own; who has read them
 * (R02, R04, R21). */
#include "registry_fixture.h"

static void R21_policies_are_read_before_they_hold_and_their_number_grows(void **state)
{
    bench *b = *state;
    Uppsikt__AdoptPolicy c = UPPSIKT__ADOPT_POLICY__INIT;
    c.yaml = upp_lend("clocks:\n  triage_office: 240min\n");
    bench_refused(b, "com", &c.base, "decision-missing");
    c.decision = upp_lend("KS 2026/1");
    bench_did(b, "com", &c.base);
    bench_did(b, "ops", &c.base);
    ProtobufCMessage *said =
        bench_unpack(&uppsikt__registered__descriptor, b->outcome.at, b->outcome.len);
    assert_int_equal(((Uppsikt__Registered *)said)->version, 2);
    upp_msg_freep(&said);
    said = bench_said(b, &uppsikt__policy_adopted__descriptor, NULL, NULL);
    assert_int_equal(((Uppsikt__PolicyAdopted *)said)->version, 2);
    assert_string_equal(((Uppsikt__PolicyAdopted *)said)->yaml, c.yaml);
    upp_msg_freep(&said);
    static const char *const bad[] = { "", "clocks: [", "clocks:\n  triage: soon\n", "a: &x [*x]",
                                       "clocks:\n  moderation: -1h\n" };
    for (size_t i = 0; i < UPP_LEN(bad); i++) {
        c.yaml = upp_lend(bad[i]);
        bench_refused(b, "com", &c.base, "policy-malformed");
    }
    char *longest = malloc(64 * 1024 + 2);
    upp_check(longest);
    memset(longest, '#', 64 * 1024 + 1);
    longest[64 * 1024 + 1] = '\0';
    c.yaml = longest;
    bench_refused(b, "com", &c.base, "policy-too-long");
    memcpy(longest, "version: 1\n", 11);
    longest[64 * 1024] = '\0'; /* as long as may be; the event still fits the bus */
    bench_did(b, "com", &c.base);
    free(longest);
    assert_int_equal(bench_number(b, "SELECT max(version) FROM policy"), 3);
}

/* R02: policy belongs to an authority; the same checks, and one row of numbers over all. */
static void R02_an_authority_adopts_its_own_policy(void **state)
{
    bench *b = *state;
    Uppsikt__AdoptPolicy c = UPPSIKT__ADOPT_POLICY__INIT;
    c.authority = upp_lend("nowhere");
    c.yaml = upp_lend("clocks:\n  triage_office: 240min\n");
    c.decision = upp_lend("KS 2026/1");
    bench_refused(b, "ops", &c.base, "authority-unknown");
    c.authority = upp_lend("ks");
    bench_refused(b, "man", &c.base, "not-allowed");
    bench_did(b, "ops", &c.base);
    ProtobufCMessage *said = bench_said(b, &uppsikt__policy_adopted__descriptor, NULL, NULL);
    assert_string_equal(((Uppsikt__PolicyAdopted *)said)->authority, "ks");
    assert_string_equal(((Uppsikt__PolicyAdopted *)said)->yaml, c.yaml);
    assert_int_equal(((Uppsikt__PolicyAdopted *)said)->version, 1);
    upp_msg_freep(&said);
    c.yaml = upp_lend("clocks:\n  triage: soon\n");
    bench_refused(b, "ops", &c.base, "policy-malformed");
    c.yaml = upp_lend("");
    bench_refused(b, "ops", &c.base, "policy-malformed"); /* an empty file is no wish */
    c.as_body = true;
    c.authority = upp_lend("");
    bench_refused(b, "ops", &c.base, "policy-as-body-needs-an-authority");
    c.authority = upp_lend("ks");
    c.yaml = upp_lend("version: 1\n");
    bench_refused(b, "ops", &c.base, "policy-as-body-needs-an-authority");
    c.yaml = upp_lend("");
    bench_did(b, "ops", &c.base);
    said = bench_said(b, &uppsikt__policy_adopted__descriptor, NULL, NULL);
    assert_string_equal(((Uppsikt__PolicyAdopted *)said)->authority, "ks");
    assert_string_equal(((Uppsikt__PolicyAdopted *)said)->yaml, "");
    assert_int_equal(((Uppsikt__PolicyAdopted *)said)->version, 2);
    upp_msg_freep(&said);
}

static void R04_she_confirms_the_rules_in_force(void **state)
{
    bench *b = *state;
    Uppsikt__AdoptPolicy p = UPPSIKT__ADOPT_POLICY__INIT;
    Uppsikt__ConfirmRules c = UPPSIKT__CONFIRM_RULES__INIT;
    c.person = upp_lend("a");
    c.version = 1;
    bench_refused(b, "a", &c.base, "policy-unknown");
    p.yaml = upp_lend("version: 1\n");
    p.decision = upp_lend("KS 1");
    bench_did(b, "com", &p.base);
    bench_refused(b, "man", &c.base, "only-herself");
    bench_did(b, "a", &c.base);
    bench_did(b, "a", &c.base);
    bench_saw(b, "PolicyAdopted RulesConfirmed");
    assert_int_equal(bench_number(b, "SELECT rules_version FROM person WHERE person = 'a'"), 1);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, org_found_set_up, bench_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(R21_policies_are_read_before_they_hold_and_their_number_grows),
        CASE(R02_an_authority_adopts_its_own_policy),
        CASE(R04_she_confirms_the_rules_in_force),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
