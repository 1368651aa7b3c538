/* kinds_test.c - a row takes the kinds that it covers and nothing else; who may propose and
 * approve, and for whom; rows and lists of before (R21, R23; P4). */
#include "evidence_fixture.h"

#define HIDE    UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE
#define KIND(k) UPPSIKT__ITEM_KIND__ITEM_KIND_##k

extern const char upp_evidence_upgrade_2_sql[];

static int set_up(void **state)
{
    static vault v;
    vault_open(&v);
    *state = &v;
    return 0;
}

static int tear_down(void **state)
{
    vault_close(*state);
    return 0;
}
#define VAULT(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static void adopts(vault *v, const char *row, const char *authority, const char *covers)
{
    vault_adopts(v, &(vault_plan){ .row = row,
                                   .authority = authority,
                                   .decision = "KS 1",
                                   .kind = "Handlingar av ringa betydelse",
                                   .covers = { covers } });
}

static Uppsikt__DisposalTaken *outcome(vault *v)
{
    return (void *)bench_unpack(&uppsikt__disposal_taken__descriptor, v->b->outcome.at,
                                v->b->outcome.len);
}

static Uppsikt__DisposalTaken *would_take(vault *v, const char *row)
{
    Uppsikt__ProposeDisposal p = UPPSIKT__PROPOSE_DISPOSAL__INIT;
    p.plan_row = upp_lend(row);
    p.before_ms = v->b->now;
    p.dry_run = true;
    bench_did(v->b, "bo", &p.base);
    return outcome(v);
}

static void take_only(vault *v, const char *row, const char *item)
{
    Uppsikt__DisposalTaken *t = would_take(v, row);
    assert_int_equal(t->count, 1);
    assert_string_equal(t->items[0], item);
    uppsikt__disposal_taken__free_unpacked(t, NULL);
}

static void own(vault *v, const char *item, const char *answers)
{
    uint8_t sum[32];
    if (answers) {
        Uppsikt__ReplySeen c = UPPSIKT__REPLY_SEEN__INIT;
        Uppsikt__ReplySeenContent said = UPPSIKT__REPLY_SEEN_CONTENT__INIT;
        bench_commit_to(&said.base, sum);
        c.reply = upp_lend(item);
        c.item = upp_lend(answers);
        c.account = upp_lend("acc");
        c.at_ms = v->b->now;
        c.commitment = (ProtobufCBinaryData){ sizeof sum, sum };
        assert_int_equal(bench_hear(v->b, "ingest", item, &c.base, &said.base), 0);
        return;
    }
    Uppsikt__OwnPostSeen c = UPPSIKT__OWN_POST_SEEN__INIT;
    Uppsikt__OwnPostSeenContent said = UPPSIKT__OWN_POST_SEEN_CONTENT__INIT;
    bench_commit_to(&said.base, sum);
    c.item = upp_lend(item);
    c.account = upp_lend("acc");
    c.version = 1;
    c.at_ms = v->b->now;
    c.commitment = (ProtobufCBinaryData){ sizeof sum, sum };
    assert_int_equal(bench_hear(v->b, "ingest", item, &c.base, &said.base), 0);
}

static void line(vault *v, const char *item)
{
    Uppsikt__LineQuarantined q = UPPSIKT__LINE_QUARANTINED__INIT;
    q.item = upp_lend(item);
    q.account = upp_lend("acc");
    q.at_ms = v->b->now;
    assert_int_equal(bench_hear(v->b, "ingest", item, &q.base, NULL), 0);
}

/* One of each, not removed; and one of each that was removed by the row `cited`. */
static const struct one {
    const char *word, *item, *removed;
    Uppsikt__ItemKind kind;
} each[] = {
    { "comment", "comment1", "comment2", KIND(COMMENT) },
    { "mention", "mention1", "mention2", KIND(MENTION) },
    { "message", "message1", "message2", KIND(MESSAGE) },
    { "review", "review1", "review2", KIND(REVIEW) },
    { "own", "own1", "own2", KIND(OWN_POST) },
};

static void write_each(vault *v, const char *cited)
{
    for (size_t i = 0; i < UPP_LEN(each); i++) {
        const char *both[] = { each[i].item, each[i].removed };
        for (size_t k = 0; k < 2; k++)
            if (each[i].kind == KIND(OWN_POST))
                own(v, both[k], NULL);
            else
                vault_says(v,
                           &(vault_words){ .item = both[k], .text = "ord", .kind = each[i].kind });
        vault_decides(v, each[i].removed, 1, HIDE, cited, "");
    }
    line(v, "line1");
    (void)vault_work(v);
    v->b->now += UPP_DAY;
}

/* The audit's finding: a row of comments took messages and reviews, and comments that nobody had
 * removed went by the row of those that were. */
static void R21_a_row_takes_only_the_kinds_that_it_covers(void **state)
{
    vault *v = *state;
    write_each(v, "rad");
    for (size_t i = 0; i < UPP_LEN(each); i++) {
        char removed[40];
        snprintf(removed, sizeof removed, "removed-%s", each[i].word);
        adopts(v, "rad", "ks", each[i].word);
        take_only(v, "rad", each[i].item);
        adopts(v, "rad", "ks", removed);
        take_only(v, "rad", each[i].removed);
        adopts(v, "annan", "ks", removed); /* they were removed by another row than that */
        Uppsikt__DisposalTaken *t = would_take(v, "annan");
        assert_int_equal(t->count, 0);
        uppsikt__disposal_taken__free_unpacked(t, NULL);
    }
    adopts(v, "rad", "ks", "line");
    take_only(v, "rad", "line1");
}

/* An answer of ours is ours, and what others answer each other is a comment. */
static void R21_an_answer_is_whose_it_is(void **state)
{
    vault *v = *state;
    vault_says(v, &(vault_words){ .item = "theirs", .text = "ord", .kind = KIND(REPLY) });
    own(v, "ours", "theirs");
    v->b->now += UPP_DAY;
    adopts(v, "rad", "ks", "comment");
    take_only(v, "rad", "theirs");
    adopts(v, "rad", "ks", "own");
    take_only(v, "rad", "ours");
}

/* What a dry run tells: how many of each kind go, and how many of what else is due stay. */
static void R21_a_dry_run_counts_each_kind(void **state)
{
    vault *v = *state;
    write_each(v, "rad");
    vault_says(v, &(vault_words){ .item = "comment3", .text = "ord" });
    v->b->now += UPP_DAY;
    vault_adopts(v, &(vault_plan){ .row = "rad",
                                   .authority = "ks",
                                   .decision = "KS 1",
                                   .covers = { "comment", "removed-review" } });
    Uppsikt__DisposalTaken *t = would_take(v, "rad");
    assert_int_equal(t->count, 3);
    assert_int_equal(t->n_kinds, 11);
    for (size_t i = 0; i < t->n_kinds; i++) {
        const bool comment = strcmp(t->kinds[i]->kind, "comment") == 0;
        const bool covered = comment || strcmp(t->kinds[i]->kind, "removed-review") == 0;
        assert_int_equal(t->kinds[i]->taken, comment ? 2 : covered ? 1 : 0);
        assert_int_equal(t->kinds[i]->left, covered ? 0 : 1);
    }
    uppsikt__disposal_taken__free_unpacked(t, NULL);
}

static void R21_what_is_named_must_be_of_the_rows_kind_too(void **state)
{
    vault *v = *state;
    Uppsikt__ProposeDisposal p = UPPSIKT__PROPOSE_DISPOSAL__INIT;
    char *items[] = { upp_lend("message1") };
    write_each(v, "rad");
    adopts(v, "rad", "ks", "comment");
    p.plan_row = upp_lend("rad");
    p.items = items;
    p.n_items = 1;
    bench_refused(v->b, "bo", &p.base, "of-another-kind");
    items[0] = upp_lend("comment2"); /* removed, and the row is of comments that stand */
    bench_refused(v->b, "bo", &p.base, "of-another-kind");
    items[0] = upp_lend("comment1");
    bench_did(v->b, "bo", &p.base);
    p.plan_row = upp_lend("");
    p.law = upp_lend("gdpr17"); /* the law names each, whatever it is */
    items[0] = upp_lend("message2");
    bench_did(v->b, "bo", &p.base);
}

typedef struct listed {
    char id[64];
    uint8_t hash[32];
} listed;

static void propose(vault *v, const char *by, const char *row, listed *ret_list)
{
    Uppsikt__ProposeDisposal p = UPPSIKT__PROPOSE_DISPOSAL__INIT;
    p.plan_row = upp_lend(row);
    p.before_ms = v->b->now;
    bench_did(v->b, by, &p.base);
    Uppsikt__DisposalTaken *t = outcome(v);
    snprintf(ret_list->id, sizeof ret_list->id, "%s", t->disposal);
    memcpy(ret_list->hash, t->list_sha256.data, 32);
    uppsikt__disposal_taken__free_unpacked(t, NULL);
}

/* `words` NULL: it is done. */
static void approve(vault *v, const char *by, listed *l, const char *words)
{
    Uppsikt__ApproveDisposal a = UPPSIKT__APPROVE_DISPOSAL__INIT;
    a.disposal = l->id;
    a.list_sha256 = (ProtobufCBinaryData){ 32, l->hash };
    if (words)
        bench_refused(v->b, by, &a.base, words);
    else
        bench_did(v->b, by, &a.base);
}

/* What was seen is what goes: not by a row that has become another one, nor what has become
 * something else. */
static void R21_a_list_goes_by_the_row_that_it_was_made_by(void **state)
{
    vault *v = *state;
    listed l;
    write_each(v, "rad");
    adopts(v, "rad", "ks", "comment");
    propose(v, "ops", "rad", &l);
    adopts(v, "rad", "ks", "message");
    approve(v, "bo", &l, "row-has-changed");
    vault_adopts(
        v, &(vault_plan){
               .row = "rad", .authority = "ks", .decision = "KS 2", .covers = { "comment" } });
    approve(v, "bo", &l, "row-has-changed");
    adopts(v, "rad", "kultur", "comment");
    approve(v, "bo", &l, "row-has-changed");
    vault_plan now = {
        .row = "rad", .authority = "ks", .decision = "KS 1", .covers = { "comment" }, .months = 24
    };
    vault_adopts(v, &now);
    approve(v, "bo", &l, "nothing-due"); /* it is not due any more */
    now.keeps = true;
    vault_adopts(v, &now);
    approve(v, "bo", &l, "row-keeps");
    adopts(v, "rad", "ks", "comment");
    vault_decides(v, "comment1", 1, HIDE, "rad", "");
    approve(v, "bo", &l, "nothing-due");
}

/* The protocol says it in the plan's own words, and what they covered. */
static void R23_the_protocol_names_process_and_kind(void **state)
{
    vault *v = *state;
    listed l;
    Uppsikt__Disposals q = UPPSIKT__DISPOSALS__INIT;
    write_each(v, "rad");
    adopts(v, "rad", "ks", "comment");
    propose(v, "ops", "rad", &l);
    approve(v, "bo", &l, NULL);
    assert_int_equal(bench_query(v->b, "bo", &q.base), 1);
    Uppsikt__DisposalRow *row = (void *)bench_row_at(v->b, 0, &uppsikt__disposal_row__descriptor);
    assert_string_equal(row->process, "Kommunicera");
    assert_string_equal(row->kind, "Handlingar av ringa betydelse");
    assert_string_equal(row->authority, "ks");
    assert_int_equal(row->n_covers, 1);
    assert_string_equal(row->covers[0], "comment");
    uppsikt__disposal_row__free_unpacked(row, NULL);
}

/* -- who may -- */
static void R23_one_of_the_two_is_an_archivist_and_none_is_drift(void **state)
{
    static const struct {
        const char *first, *second, *words;
    } rows[] = {
        { "ops", "com", "archivist-needed" },
        { "com", "chef", "archivist-needed" },
        { "com", "rut", "archivist-needed" },
        { "bo", "ops", "operations-approve-nothing" },
        { "com", "both", "operations-approve-nothing" }, /* she runs the machines, too */
        { "both", "com", "archivist-needed" },
        { "com", "eva", "not-allowed" },
        { "bo", "bo", "second-person" },
        { "com", "bo", NULL },
        { "ops", "bo", NULL },
        { "bo", "com", NULL },
        { "bo", "rut", NULL },
        { "bo", "chef", NULL },
        { "bo", "carl", NULL },
        { "both", "bo", NULL },
    };
    vault *v = *state;
    vault_person(v, "com", "communications");
    vault_person(v, "chef", "manager");
    vault_person(v, "rut", "registrar");
    vault_person(v, "carl", "archivist");
    vault_person(v, "both", "archivist operations");
    adopts(v, "rad", "ks", "comment");
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        listed l;
        char item[16];
        snprintf(item, sizeof item, "i%zu", i);
        vault_says(v, &(vault_words){ .item = item, .text = "ord" });
        v->b->now += UPP_DAY;
        propose(v, rows[i].first, "rad", &l);
        approve(v, rows[i].second, &l, rows[i].words);
    }
}

/* Whoever proposed it has left the house meanwhile: then she is no archivist of it. */
static void R23_an_archivist_who_has_left_is_none(void **state)
{
    vault *v = *state;
    listed l;
    Uppsikt__PersonLeft left = UPPSIKT__PERSON_LEFT__INIT;
    vault_person(v, "com", "communications");
    adopts(v, "rad", "ks", "comment");
    vault_says(v, &(vault_words){ .item = "i1", .text = "ord" });
    v->b->now += UPP_DAY;
    propose(v, "bo", "rad", &l);
    left.person = upp_lend("bo");
    assert_int_equal(bench_hear(v->b, "registry", "bo", &left.base, NULL), 0);
    approve(v, "com", &l, "archivist-needed");
}

/* Another nämnd: its account, its people, its row. */
static void another(vault *v)
{
    vault_unit(v, "bibliotek", "kultur");
    vault_person_of(v, "kia", "bibliotek", "archivist");
    vault_person_of(v, "kim", "bibliotek", "manager");
    vault_account(v, "bib", "bibliotek", "kultur");
    vault_person(v, "com", "communications");
    vault_says(v, &(vault_words){ .item = "theirs", .text = "ord", .account = "bib" });
    vault_says(v, &(vault_words){ .item = "ours", .text = "ord" });
    v->b->now += UPP_DAY;
}

static void R23_nobody_disposes_of_another_authoritys_records(void **state)
{
    vault *v = *state;
    listed l;
    Uppsikt__ProposeDisposal p = UPPSIKT__PROPOSE_DISPOSAL__INIT;
    another(v);
    adopts(v, "rad", "kultur", "comment");
    p.plan_row = upp_lend("rad");
    p.before_ms = v->b->now;
    static const char *const strangers[] = { "ops", "bo", "com" };
    for (size_t i = 0; i < UPP_LEN(strangers); i++)
        bench_refused(v->b, strangers[i], &p.base, "not-your-authority");
    propose(v, "kim", "rad", &l);
    approve(v, "bo", &l, "not-your-authority");
    approve(v, "com", &l, "not-your-authority");
    approve(v, "kia", &l, NULL);
    assert_int_equal(vault_number(v, "SELECT count(*) FROM upp_tombstone WHERE subject = 'ours'"),
                     0);
}

/* With the common archive its archivists may for all, and nobody else of its authority. */
static void R23_the_common_archive_disposes_for_all(void **state)
{
    vault *v = *state;
    listed l;
    evidence_config *config = v->b->config;
    Uppsikt__ProposeDisposal p = UPPSIKT__PROPOSE_DISPOSAL__INIT;
    another(v);
    adopts(v, "rad", "kultur", "comment");
    vault_person(v, "both", "archivist operations");
    config->archive_authority = "ks";
    bench_restart(v->b);
    p.plan_row = upp_lend("rad");
    p.before_ms = v->b->now;
    bench_refused(v->b, "com", &p.base, "not-your-authority");
    bench_refused(v->b, "both", &p.base, "not-your-authority");
    propose(v, "kim", "rad", &l);
    approve(v, "com", &l, "not-your-authority");
    approve(v, "bo", &l, NULL);
}

/* A row for all authorities, and the law: one authority's records at a time. */
static void R23_a_list_is_of_one_authority(void **state)
{
    vault *v = *state;
    listed l;
    Uppsikt__ProposeDisposal p = UPPSIKT__PROPOSE_DISPOSAL__INIT;
    char *items[] = { upp_lend("ours"), upp_lend("theirs") };
    another(v);
    adopts(v, "alla", "", "comment");
    take_only(v, "alla", "ours");
    p.plan_row = upp_lend("alla");
    p.account = upp_lend("bib");
    p.before_ms = v->b->now;
    bench_refused(v->b, "bo", &p.base, "not-your-authority");
    p.account = upp_lend("");
    p.items = items;
    p.n_items = 2;
    bench_refused(v->b, "bo", &p.base, "row-of-another-authority");
    p.plan_row = upp_lend("");
    p.law = upp_lend("gdpr17");
    bench_refused(v->b, "bo", &p.base, "several-authorities");
    bench_refused(v->b, "kia", &p.base, "not-your-authority"); /* the first one is not hers */
    p.items = items + 1;
    p.n_items = 1;
    bench_refused(v->b, "bo", &p.base, "not-your-authority");
    bench_did(v->b, "kia", &p.base);
    propose(v, "com", "alla", &l);
    approve(v, "kia", &l, "not-your-authority");
    approve(v, "bo", &l, NULL);
}

/* -- before -- */
static void run_sql(vault *v, const char *sql)
{
    char *why = NULL;
    if (sqlite3_exec(upp_node_db(v->b->node), sql, NULL, NULL, &why) != SQLITE_OK)
        fail_msg("%s: %s", sql, why);
}

/* What a store of before holds stays readable, and nothing goes by it. */
static void R21_a_row_of_before_is_to_be_adopted_anew(void **state)
{
    static const char *const upgrades[] = { upp_evidence_upgrade_2_sql, NULL };
    upp_service before = upp_evidence_service;
    vault v = { .b = NULL };
    Uppsikt__ProposeDisposal p = UPPSIKT__PROPOSE_DISPOSAL__INIT;
    Uppsikt__Disposals q = UPPSIKT__DISPOSALS__INIT;
    listed l = { .id = "d1" };
    (void)state;
    before.upgrades = upgrades;
    before.on_start = NULL; /* it counts on what came later */
    v.b = bench_open(&before);
    run_sql(&v, "INSERT INTO retention VALUES('rad', 'ks', 2, 0, 'KS 1', 0, 'Plan 2026')");
    run_sql(&v, "INSERT INTO disposal(disposal, plan_row, law, decision, mandate, authority,"
                " person, count, held, open, list_hash, proposed_ms) VALUES('d1', 'rad', '',"
                " 'KS 1', 'Plan 2026', 'ks', 'ops', 1, 0, 0,"
                " '0000000000000000000000000000000000000000000000000000000000000000', 1)");
    run_sql(&v, "INSERT INTO listed(disposal, item) VALUES('d1', 'i1')");
    v.b->service = &upp_evidence_service;
    bench_restart(v.b);
    vault_organisation(&v);
    vault_says(&v, &(vault_words){ .item = "i1", .text = "ord" });
    v.b->now += UPP_DAY;
    assert_int_equal(bench_query(v.b, "bo", &q.base), 1);
    p.plan_row = upp_lend("rad");
    p.before_ms = v.b->now;
    bench_refused(v.b, "bo", &p.base, "row-adopt-anew");
    approve(&v, "bo", &l, "list-of-before");
    adopts(&v, "rad", "ks", NULL); /* the same event, replayed: without any kind still */
    bench_refused(v.b, "bo", &p.base, "row-adopt-anew");
    adopts(&v, "rad", "ks", "something-of-later");
    bench_refused(v.b, "bo", &p.base, "row-adopt-anew");
    adopts(&v, "rad", "ks", "comment");
    approve(&v, "bo", &l, "list-of-before");
    assert_int_equal(vault_number(&v, "SELECT count(*) FROM upp_tombstone"), 0);
    propose(&v, "ops", "rad", &l);
    approve(&v, "bo", &l, NULL);
    bench_close(v.b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VAULT(R21_a_row_takes_only_the_kinds_that_it_covers),
        VAULT(R21_an_answer_is_whose_it_is),
        VAULT(R21_a_dry_run_counts_each_kind),
        VAULT(R21_what_is_named_must_be_of_the_rows_kind_too),
        VAULT(R21_a_list_goes_by_the_row_that_it_was_made_by),
        VAULT(R23_the_protocol_names_process_and_kind),
        VAULT(R23_one_of_the_two_is_an_archivist_and_none_is_drift),
        VAULT(R23_an_archivist_who_has_left_is_none),
        VAULT(R23_nobody_disposes_of_another_authoritys_records),
        VAULT(R23_the_common_archive_disposes_for_all),
        VAULT(R23_a_list_is_of_one_authority),
        cmocka_unit_test(R21_a_row_of_before_is_to_be_adopted_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
