/* stamp_test.c - the signed heads and the timestamp authority: one call a day, tried again until it
 * comes, said once while it does not, and nothing waits for it (R22, R27; capture.md §4). */
#include "evidence_fixture.h"

#define PEM "-----BEGIN CERTIFICATE-----\n"

static void configure(vault *v, const char *url)
{
    evidence_config *c = v->b->config;
    c->tsa_url = url;
    c->tsa_ca = (upp_bytes){ (const uint8_t *)PEM, strlen(PEM) };
    bench_restart(v->b);
}

static int set_up(void **state)
{
    static vault v;
    vault_open(&v);
    configure(&v, "https://tsa.example/tsr");
    *state = &v;
    return 0;
}

static int tear_down(void **state)
{
    vault_close(*state);
    return 0;
}
#define VAULT(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static void seal_one(vault *v, const char *item)
{
    vault_says(v, &(vault_words){ .item = item, .text = "ord" });
    vault_decides(v, item, 1, UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE, "", "");
    (void)vault_work(v);
}

static int64_t said(vault *v, const char *type)
{
    char sql[120];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM upp_log WHERE type = 'uppsikt.%s'", type);
    return vault_number(v, sql);
}

/* Goes on to the first moment of the next day, when its head is signed. */
static void next_day(vault *v)
{
    bench_wait(v->b, UPP_DAY - v->b->now % UPP_DAY);
}

/* What is stamped is the head with its signature, and the stamp is said with it. */
static void one_stamp_a_day(void **state)
{
    vault *v = *state;
    seal_one(v, "i1");
    next_day(v);
    assert_int_equal(bench_start(v->b), 1);
    assert_string_equal(v->b->asks[0].port, "stamp");
    const Uppsikt__AskStamp *ask = (const Uppsikt__AskStamp *)v->b->asks[0].request;
    Uppsikt__TreeHeadSigned *h =
        (void *)bench_said(v->b, &uppsikt__tree_head_signed__descriptor, NULL, NULL);
    uint8_t bytes[LEAF_STAMPED];
    tree_hash root, imprint;
    memcpy(root.at, h->root.data, TREE_HASH);
    leaf_stamped(h->tree_size, h->at_ms, &root, h->signature.data, bytes, &imprint);
    assert_int_equal(ask->imprint.len, TREE_HASH);
    assert_memory_equal(ask->imprint.data, imprint.at, TREE_HASH);
    (void)vault_work(v);
    Uppsikt__TreeHeadStamped *s =
        (void *)bench_said(v->b, &uppsikt__tree_head_stamped__descriptor, NULL, NULL);
    assert_int_equal(s->tree_size, h->tree_size);
    assert_int_equal(s->head_ms, h->at_ms);
    assert_memory_equal(s->imprint.data, imprint.at, TREE_HASH);
    assert_memory_equal(s->reply.data, "a stamp", 7);
    assert_string_equal(s->authority, "Tidsstämpel");
    uppsikt__tree_head_stamped__free_unpacked(s, NULL);
    uppsikt__tree_head_signed__free_unpacked(h, NULL);
    bench_wait(v->b, 23 * UPP_HOUR);
    bench_restart(v->b);
    assert_int_equal(vault_work(v), 0); /* no more of it today */
    next_day(v);
    assert_int_equal(vault_work(v), 1);
    assert_int_equal(said(v, "TreeHeadStamped"), 2);
    assert_int_equal(said(v, "TreeHeadUnstamped"), 0);
}

/* 1, 5, 30 minutes, then each hour; said once; what is saved meanwhile is saved and signed. */
static void an_authority_that_is_down_stops_nothing(void **state)
{
    static const upp_ms spans[] = { UPP_MINUTE, 5 * UPP_MINUTE, 30 * UPP_MINUTE, UPP_HOUR,
                                    UPP_HOUR };
    vault *v = *state;
    v->stamp_answer = "stamp-connect";
    seal_one(v, "i1");
    next_day(v);
    assert_int_equal(vault_work(v), 1);
    for (size_t i = 0; i < UPP_LEN(spans); i++) {
        bench_wait(v->b, spans[i] - UPP_SECOND);
        assert_int_equal(vault_work(v), 0);
        bench_wait(v->b, UPP_SECOND);
        assert_int_equal(vault_work(v), 1);
    }
    Uppsikt__TreeHeadUnstamped *u =
        (void *)bench_said(v->b, &uppsikt__tree_head_unstamped__descriptor, NULL, NULL);
    assert_string_equal(u->reason, "stamp-connect");
    assert_int_equal(u->tree_size, 2);
    uppsikt__tree_head_unstamped__free_unpacked(u, NULL);
    seal_one(v, "i2");
    assert_int_equal(vault_number(v, "SELECT count(*) FROM record WHERE state = 2"), 4);
    next_day(v);
    next_day(v);
    v->stamp_answer = "token-chain";
    (void)vault_work(v);
    assert_int_equal(vault_number(v, "SELECT count(*) FROM head"), 3);
    assert_int_equal(said(v, "TreeHeadUnstamped"), 1);
    assert_int_equal(vault_number(v, "SELECT count(*) FROM stamp WHERE told = 1 AND stamped_ms = 0"
                                     " AND reason = 'token-chain'"),
                     1);
    v->stamp_answer = NULL;
    bench_wait(v->b, UPP_HOUR);
    (void)vault_work(v); /* the newest head alone: it covers the others */
    assert_int_equal(said(v, "TreeHeadStamped"), 1);
    Uppsikt__TreeHeadStamped *s =
        (void *)bench_said(v->b, &uppsikt__tree_head_stamped__descriptor, NULL, NULL);
    assert_int_equal(s->tree_size, 4);
    uppsikt__tree_head_stamped__free_unpacked(s, NULL);
    v->stamp_answer = "stamp-timeout"; /* the next time is another one */
    next_day(v);
    (void)vault_work(v);
    assert_int_equal(said(v, "TreeHeadUnstamped"), 2);
}

/* The answer about a head that is not the newest any more is as good; a second one is none. */
static void an_answer_that_comes_late(void **state)
{
    vault *v = *state;
    seal_one(v, "i1");
    next_day(v);
    assert_int_equal(bench_start(v->b), 1);
    next_day(v);
    assert_int_equal(bench_start(v->b), 1);
    vault_stamps(v, 0);
    assert_int_equal(said(v, "TreeHeadStamped"), 1);
    bench_restart(v->b); /* it is asked once more: the first was not answered yet */
    bench_wait(v->b, UPP_SECOND);
    assert_true(vault_work(v) >= 1);
    assert_int_equal(said(v, "TreeHeadStamped"), 2);
    assert_int_equal(vault_number(v, "SELECT count(*) FROM stamp WHERE stamped_ms = 0"), 0);
}

/* A dead letter is a failure like others. */
static void a_port_that_gives_up(void **state)
{
    vault *v = *state;
    seal_one(v, "i1");
    next_day(v);
    assert_int_equal(bench_start(v->b), 1);
    bench_answer(v->b, 0, UPP_NEVER, NULL);
    Uppsikt__TreeHeadUnstamped *u =
        (void *)bench_said(v->b, &uppsikt__tree_head_unstamped__descriptor, NULL, NULL);
    assert_string_equal(u->reason, "stamp-given-up");
    uppsikt__tree_head_unstamped__free_unpacked(u, NULL);
    bench_wait(v->b, UPP_MINUTE);
    assert_int_equal(vault_work(v), 1);
    assert_int_equal(said(v, "TreeHeadStamped"), 1);
}

/* Turned off while a head waits: nobody is asked; and on again, at once. */
static void off_and_on_again(void **state)
{
    vault *v = *state;
    seal_one(v, "i1");
    v->stamp_answer = "stamp-connect";
    next_day(v);
    (void)vault_work(v);
    configure(v, NULL);
    bench_wait(v->b, 3 * UPP_DAY);
    assert_int_equal(vault_work(v), 0);
    assert_int_equal(said(v, "TreeHeadSigned"), 4);
    v->stamp_answer = NULL;
    configure(v, "http://a.example/ https://b.example/tsr");
    bench_wait(v->b, UPP_SECOND);
    assert_int_equal(vault_work(v), 1);
    assert_int_equal(said(v, "TreeHeadStamped"), 1);
}

/* A store of before there were stamps (R44) keeps what it holds, and its next head is stamped. */
static void a_store_of_before(void **state)
{
    static const char *two[2];
    static upp_service before;
    vault *v = *state;
    bench_close(v->b);
    two[0] = upp_evidence_service.upgrades[0];
    before = upp_evidence_service;
    before.upgrades = two;
    before.on_start = NULL; /* that program knew nothing of them */
    v->b = bench_open(&before);
    ((evidence_config *)v->b->config)->tree_key = FIXTURE_KEY;
    bench_restart(v->b);
    vault_people(v); /* who has ever had access is kept since later */
    seal_one(v, "i1");
    assert_int_equal(vault_number(v, "SELECT count(*) FROM sqlite_master WHERE name = 'stamp'"), 0);
    v->b->service = &upp_evidence_service;
    configure(v, "https://tsa.example/tsr");
    assert_int_equal(vault_number(v, "SELECT count(*) FROM record WHERE state = 2"), 2);
    assert_int_equal(vault_number(v, "SELECT count(*) FROM stamp"), 0);
    next_day(v);
    (void)vault_work(v);
    assert_int_equal(said(v, "TreeHeadStamped"), 1);
}

static void what_may_be_configured(void **state)
{
    static const char *const bad[] = { "ftp://a.example/",
                                       "a.example",
                                       "https://",
                                       "https:///x",
                                       "http://u:p@a.b/",
                                       "https://a.b/\x7f",
                                       "https://a.b/ gopher://x/" };
    static const char many[] = "http://a/ http://b/ http://c/ http://d/ http://e/ http://f/ "
                               "http://g/ http://h/ http://i/";
    evidence_config c = { .tsa_ca = { (const uint8_t *)PEM, strlen(PEM) } };
    stamp_urls urls;
    (void)state;
    c.tsa_url = "http://a.example/tsr  https://b.example:8443/tsa ";
    assert_null(stamp_config(&c, &urls));
    assert_int_equal(urls.n, 2);
    assert_string_equal(urls.at[0], "http://a.example/tsr");
    assert_string_equal(urls.at[1], "https://b.example:8443/tsa");
    for (size_t i = 0; i < UPP_LEN(bad); i++) {
        c.tsa_url = bad[i];
        assert_non_null(stamp_config(&c, NULL));
    }
    c.tsa_url = many;
    assert_non_null(stamp_config(&c, NULL));
    c.tsa_url = " ";
    assert_non_null(stamp_config(&c, NULL));
    c.tsa_url = "http://a.example/tsr";
    c.tsa_ca = (upp_bytes){ 0 };
    assert_non_null(strstr(stamp_config(&c, NULL), "tsa_ca"));
    c.tsa_ca = (upp_bytes){ (const uint8_t *)PEM, strlen(PEM) - 2 };
    assert_non_null(strstr(stamp_config(&c, NULL), "tsa_ca"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VAULT(one_stamp_a_day),
        VAULT(an_authority_that_is_down_stops_nothing),
        VAULT(an_answer_that_comes_late),
        VAULT(a_port_that_gives_up),
        VAULT(off_and_on_again),
        VAULT(a_store_of_before),
        cmocka_unit_test(what_may_be_configured),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
