/* own_words_test.c - our own posts and answers are judged for what is personal or secret, and for
 * nothing else; a new version anew; nobody outside is asked about them (R24). */
#include "../../tests/node_bench.h"
#include "classify.h"
#include "uppsikt/classify.pb-c.h"
#include "uppsikt/comment.pb-c.h"

extern const upp_service upp_classify_service;

static const char personal[] = "Vad fan! Familjen nås på 19481203-9800, kommer ni?";

static int set_up(void **state)
{
    bench_set_up(state, &upp_classify_service);
    bench *b = *state;
    classify_config *config = b->config;
    config->opinion_url = "https://ai.example/v1";
    config->opinion_model = "m";
    config->opinion_bands = "none review likely";
    config->opinion_personal = true;
    bench_restart(b);
    return 0;
}

static void hear(bench *b, const char *subject, const ProtobufCMessage *fact,
                 ProtobufCBinaryData *commitment, const ProtobufCMessage *content)
{
    uint8_t sum[32];
    bench_commit_to(content, sum);
    *commitment = (ProtobufCBinaryData){ .len = sizeof sum, .data = sum };
    assert_true(bench_hear(b, "ingest", subject, fact, content) >= 0);
    (void)bench_start(b);
}

static void hear_post(bench *b, const char *item, const char *text)
{
    Uppsikt__OwnPostSeen fact = UPPSIKT__OWN_POST_SEEN__INIT;
    Uppsikt__OwnPostSeenContent content = UPPSIKT__OWN_POST_SEEN_CONTENT__INIT;
    content.text = upp_lend(text);
    fact.item = upp_lend(item);
    fact.account = upp_lend("a");
    fact.at_ms = 5000;
    fact.version = 1;
    hear(b, item, &fact.base, &fact.commitment, &content.base);
}

static void hear_reply(bench *b, const char *item, const char *reply, const char *text)
{
    Uppsikt__ReplySeen fact = UPPSIKT__REPLY_SEEN__INIT;
    Uppsikt__ReplySeenContent content = UPPSIKT__REPLY_SEEN_CONTENT__INIT;
    content.text = upp_lend(text);
    fact.item = upp_lend(item);
    fact.reply = upp_lend(reply);
    fact.account = upp_lend("a");
    fact.at_ms = 6000;
    hear(b, item, &fact.base, &fact.commitment, &content.base);
}

static void hear_edit(bench *b, const char *item, bool ours, const char *text)
{
    Uppsikt__CommentEdited fact = UPPSIKT__COMMENT_EDITED__INIT;
    Uppsikt__CommentEditedContent content = UPPSIKT__COMMENT_EDITED_CONTENT__INIT;
    Uppsikt__CommentReceivedContent now = UPPSIKT__COMMENT_RECEIVED_CONTENT__INIT;
    now.text = upp_lend(text);
    content.now = &now;
    fact.item = upp_lend(item);
    fact.account = upp_lend("a");
    fact.version = 2;
    fact.ours = ours;
    hear(b, item, &fact.base, &fact.commitment, &content.base);
}

static bool is_asked_for(Uppsikt__Label label)
{
    return label == UPPSIKT__LABEL__LABEL_PERSONAL_DATA ||
           label == UPPSIKT__LABEL__LABEL_CONFIDENTIAL;
}

/* The newest verdict: the label that is likely (0: none is), and that nothing speaks of another
 * than the two. */
static void assert_verdict(bench *b, const char *item, uint32_t version, Uppsikt__Label label)
{
    ProtobufCMessage *content = NULL;
    ProtobufCMessage *said = bench_said(b, &uppsikt__comment_classified__descriptor,
                                        &uppsikt__comment_classified_content__descriptor, &content);
    const Uppsikt__CommentClassified *c = (const Uppsikt__CommentClassified *)said;
    const Uppsikt__CommentClassifiedContent *why = (const void *)content;
    assert_string_equal(c->item, item);
    assert_int_equal(c->version, version);
    Uppsikt__Label likely = UPPSIKT__LABEL__LABEL_UNSPECIFIED;
    for (size_t i = 0; i < c->n_findings; i++) {
        assert_true(is_asked_for(c->findings[i]->label));
        if (c->findings[i]->band == UPPSIKT__BAND__BAND_LIKELY)
            likely = c->findings[i]->label;
    }
    assert_int_equal(likely, label);
    if (label || c->n_findings == 0)
        assert_int_equal(c->duty,
                         label ? UPPSIKT__DUTY__DUTY_DATA_PROTECTION : UPPSIKT__DUTY__DUTY_NONE);
    assert_true(why->n_reasons > 0 || !label);
    for (size_t i = 0; i < why->n_reasons; i++)
        assert_true(is_asked_for(why->reasons[i]->label));
    assert_false(c->danger || c->records_request);
    upp_msg_freep(&said);
    upp_msg_freep(&content);
}

#define PERSONAL UPPSIKT__LABEL__LABEL_PERSONAL_DATA
#define NOTHING  UPPSIKT__LABEL__LABEL_UNSPECIFIED

static void R24_a_personal_number_in_our_own_words_is_found(void **state)
{
    bench *b = *state;
    bench_skip(b);
    hear_post(b, "p1", personal);
    bench_saw(b, "CommentClassified");
    assert_verdict(b, "p1", 1, PERSONAL);
    hear_reply(b, "c1", "r1", "Hej! Det gäller 19481203-9800.");
    bench_saw(b, "CommentClassified");
    assert_verdict(b, "r1", 1, PERSONAL);
    hear_reply(b, "", "r2",
               "Hej! Vi svarar i morgon. /Anna Ek, handläggare"); /* no citizen's item */
    assert_verdict(b, "r2", 1, NOTHING);
    assert_int_equal(b->n_asks, 0);
}

static void R24_nothing_else_is_judged_in_our_own_words(void **state)
{
    static const char *const texts[] = {
        "Vad fan är det här för jävla idioter? När öppnar badet?",
        "Rösta på Centerpartiet! Köp våra mattor, 50 procent rabatt.",
        "Vi begär ut alla handlingar. Jag orkar inte leva längre, jag tar mitt liv i natt",
    };
    bench *b = *state;
    for (size_t i = 0; i < UPP_LEN(texts); i++) {
        hear_post(b, "p1", texts[i]);
        assert_verdict(b, "p1", 1, NOTHING);
    }
    assert_int_equal(bench_number(b, "SELECT count(*) FROM judged WHERE worst = 2"), 0);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM opinion_day"), 0);
}

static void R24_a_new_version_of_ours_is_judged_anew(void **state)
{
    bench *b = *state;
    hear_post(b, "p1", "Badet öppnar på lördag.");
    assert_verdict(b, "p1", 1, NOTHING);
    hear_edit(b, "p1", true, personal);
    assert_verdict(b, "p1", 2, PERSONAL);
    hear_edit(b, "p1", true, "Vad fan? När öppnar badet?");
    assert_verdict(b, "p1", 2, NOTHING);
    assert_int_equal(b->n_asks, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(R24_a_personal_number_in_our_own_words_is_found, set_up,
                                        bench_tear_down),
        cmocka_unit_test_setup_teardown(R24_nothing_else_is_judged_in_our_own_words, set_up,
                                        bench_tear_down),
        cmocka_unit_test_setup_teardown(R24_a_new_version_of_ours_is_judged_anew, set_up,
                                        bench_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
