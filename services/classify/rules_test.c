/* rules_test.c - adopting word lists: by a person, whole, at once, and only lists that can be read
 * (R18, R25). */
#include "../../tests/node_bench.h"
#include "uppsikt/classify.pb-c.h"
#include "uppsikt/comment.pb-c.h"

extern const upp_service upp_classify_service;

static int set_up(void **state)
{
    return bench_set_up(state, &upp_classify_service);
}

/* What the service says of a new comment with these words: how many findings of `label`, and the
 * version of the lists in `ret_lexicons`. */
static size_t judged(bench *b, const char *text, Uppsikt__Label label, char ret_lexicons[32])
{
    static unsigned number;
    char item[16];
    uint8_t sum[32];
    size_t found = 0;
    snprintf(item, sizeof item, "i%u", ++number);
    Uppsikt__CommentReceivedContent content = UPPSIKT__COMMENT_RECEIVED_CONTENT__INIT;
    Uppsikt__CommentReceived fact = UPPSIKT__COMMENT_RECEIVED__INIT;
    content.text = upp_lend(text);
    fact.item = item;
    fact.account = upp_lend("a");
    fact.version = 1;
    bench_commit_to(&content.base, sum);
    fact.commitment = (ProtobufCBinaryData){ .len = sizeof sum, .data = sum };
    bench_skip(b);
    assert_true(bench_hear(b, "ingest", item, &fact.base, &content.base) >= 0);
    ProtobufCMessage *said = bench_said(b, &uppsikt__comment_classified__descriptor, NULL, NULL);
    const Uppsikt__CommentClassified *c = (Uppsikt__CommentClassified *)said;
    for (size_t i = 0; i < c->n_findings; i++)
        found += c->findings[i]->label == label;
    snprintf(ret_lexicons, 32, "%s", c->lexicons);
    protobuf_c_message_free_unpacked(said, NULL);
    return found;
}

static Uppsikt__RuleList list_of(const char *class, const char *text)
{
    Uppsikt__RuleList list = UPPSIKT__RULE_LIST__INIT;
    list.class_ = upp_lend(class);
    list.text = upp_lend(text);
    return list;
}

static const char words[] = "@disguised\nblåskvätte | blåskvättar =3\n";

static void R18_adopted_lists_judge_at_once_and_after_a_restart(void **state)
{
    bench *b = *state;
    char before[32];
    char after[32];
    char again[32];
    Uppsikt__RuleList profanity = list_of("profanity", words);
    Uppsikt__RuleList *lists[] = { &profanity };
    Uppsikt__AdoptRuleSet c = UPPSIKT__ADOPT_RULE_SET__INIT;
    const char text[] = "Vilka blåskvättar";
    assert_int_equal(judged(b, text, UPPSIKT__LABEL__LABEL_PROFANITY, before), 0);
    c.lists = lists;
    c.n_lists = 1;
    bench_skip(b);
    bench_did(b, "ops", &c.base);
    bench_saw(b, "RuleSetAdopted");
    assert_int_equal(judged(b, text, UPPSIKT__LABEL__LABEL_PROFANITY, after), 1);
    assert_string_not_equal(before, after);
    bench_restart(b);
    assert_int_equal(judged(b, text, UPPSIKT__LABEL__LABEL_PROFANITY, again), 1);
    assert_string_equal(after, again);

    /* Without lists: the built-in ones. */
    c.n_lists = 0;
    bench_did(b, "ops", &c.base);
    assert_int_equal(judged(b, text, UPPSIKT__LABEL__LABEL_PROFANITY, again), 0);
    assert_string_equal(before, again);
}

/* What is said of a comment whose attachment has this name. */
static size_t judged_name(bench *b, const char *item, const char *name, Uppsikt__Label label)
{
    uint8_t sum[32];
    size_t found = 0;
    Uppsikt__ItemAttachment attachment = UPPSIKT__ITEM_ATTACHMENT__INIT;
    Uppsikt__ItemAttachment *list[] = { &attachment };
    Uppsikt__CommentReceivedContent content = UPPSIKT__COMMENT_RECEIVED_CONTENT__INIT;
    Uppsikt__CommentReceived fact = UPPSIKT__COMMENT_RECEIVED__INIT;
    attachment.name = upp_lend(name);
    content.text = upp_lend("Se bilden");
    content.attachments = list;
    content.n_attachments = 1;
    fact.item = upp_lend(item);
    fact.account = upp_lend("a");
    fact.version = 1;
    bench_commit_to(&content.base, sum);
    fact.commitment = (ProtobufCBinaryData){ .len = sizeof sum, .data = sum };
    assert_true(bench_hear(b, "ingest", item, &fact.base, &content.base) >= 0);
    ProtobufCMessage *said = bench_said(b, &uppsikt__comment_classified__descriptor, NULL, NULL);
    const Uppsikt__CommentClassified *c = (Uppsikt__CommentClassified *)said;
    assert_true(c->attachments_unseen);
    for (size_t i = 0; i < c->n_findings; i++)
        found += c->findings[i]->label == label;
    protobuf_c_message_free_unpacked(said, NULL);
    return found;
}

static void R18_the_name_of_an_attachment_is_read(void **state)
{
    bench *b = *state;
    const Uppsikt__Label profanity = UPPSIKT__LABEL__LABEL_PROFANITY;
    assert_int_equal(judged_name(b, "n1", "IMG_2024.jpg", profanity), 0);
    assert_int_equal(judged_name(b, "n2", "jävla idioter.jpg", profanity), 1);
}

static void R25_the_event_tells_who_and_what(void **state)
{
    bench *b = *state;
    Uppsikt__RuleList profanity = list_of("profanity", words);
    Uppsikt__RuleList *lists[] = { &profanity };
    Uppsikt__AdoptRuleSet c = UPPSIKT__ADOPT_RULE_SET__INIT;
    c.lists = lists;
    c.n_lists = 1;
    bench_skip(b);
    bench_did(b, "ops", &c.base);
    ProtobufCMessage *said = bench_said(b, &uppsikt__rule_set_adopted__descriptor, NULL, NULL);
    const Uppsikt__RuleSetAdopted *adopted = (Uppsikt__RuleSetAdopted *)said;
    assert_string_equal(adopted->by, "ops");
    assert_int_equal(adopted->n_lists, 1);
    assert_string_equal(adopted->lists[0]->text, words);
    assert_int_equal(strlen(adopted->lexicons), 16);
    protobuf_c_message_free_unpacked(said, NULL);
}

static void R25_lists_that_cannot_be_read_change_nothing(void **state)
{
    bench *b = *state;
    Uppsikt__RuleList wrong = list_of("profanity", "fan =9\n");
    Uppsikt__RuleList unknown = list_of("no_such", words);
    Uppsikt__RuleList fine = list_of("profanity", words);
    Uppsikt__RuleList *lists[] = { &wrong, &fine };
    Uppsikt__AdoptRuleSet c = UPPSIKT__ADOPT_RULE_SET__INIT;
    bench_skip(b);
    c.lists = lists;
    c.n_lists = 1;
    bench_refused(b, "ops", &c.base, "list-malformed");
    c.n_lists = 2;
    bench_refused(b, "ops", &c.base, "list-twice");
    lists[0] = &unknown;
    bench_refused(b, "ops", &c.base, "list-unknown");
    lists[0] = &fine;
    c.n_lists = 1;
    bench_refused(b, NULL, &c.base, "person-needed");
    c.lexicons = upp_lend("0123456789abcdef");
    bench_refused(b, "ops", &c.base, "rules-other-lists");
    c.lexicons = upp_lend("");
    c.model = upp_lend("1");
    bench_refused(b, "ops", &c.base, "rules-other-model");
    bench_saw(b, "");
    assert_int_equal(bench_number(b, "SELECT count(*) FROM rule_list"), 0);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM rule_set"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(R18_adopted_lists_judge_at_once_and_after_a_restart, set_up,
                                        bench_tear_down),
        cmocka_unit_test_setup_teardown(R18_the_name_of_an_attachment_is_read, set_up,
                                        bench_tear_down),
        cmocka_unit_test_setup_teardown(R25_the_event_tells_who_and_what, set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(R25_lists_that_cannot_be_read_change_nothing, set_up,
                                        bench_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
