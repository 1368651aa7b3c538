/* weights_test.c - adopting a model file: by a person, whole, at once, only one that can be read
 * and is no worse (R18, R25). */
#include "../../tests/node_bench.h"
#include "classifier.h"
#include "figures.h"
#include "model.h"
#include "uppsikt/classify.pb-c.h"
#include "uppsikt/comment.pb-c.h"
#include <nettle/sha2.h>

extern const upp_service upp_classify_service;

enum { PART = 48 * 1024 };

/* A model file as it would come from a training, made of the built-in one. */
typedef struct file {
    uint8_t *bytes;
    size_t len;
    char sha256[UPP_HEX];
} file;

static void put_float(uint8_t *at, float value)
{
    memcpy(at, &value, sizeof value); /* little-endian, as the machines of the tests are */
}

static void seal(file *f)
{
    uint8_t sum[SHA256_DIGEST_SIZE];
    struct sha256_ctx ctx;
    const uint32_t crc = model_crc(f->bytes, f->len - 4);
    for (size_t i = 0; i < 4; i++)
        f->bytes[f->len - 4 + i] = (uint8_t)(crc >> (8 * i));
    sha256_init(&ctx);
    sha256_update(&ctx, f->len, f->bytes);
    sha256_digest(&ctx, sizeof sum, sum);
    upp_hex(sum, sizeof sum, f->sha256);
}

/* The built-in model, whose label has these three thresholds. */
static file model_with(enum classify_label label, float threshold)
{
    file f = { 0 };
    const uint8_t *built_in = classifier_embedded_model(&f.len);
    f.bytes = malloc(f.len);
    upp_check(f.bytes);
    memcpy(f.bytes, built_in, f.len);
    for (size_t k = 2; k < MODEL_LABEL_FLOATS; k++)
        put_float(f.bytes + MODEL_HEADER_BYTES + 4 * (MODEL_LABEL_FLOATS * label + k), threshold);
    seal(&f);
    return f;
}

static void file_done(file *f)
{
    free(f->bytes);
}

static Uppsikt__PutModelPart part_of(const file *f, size_t offset)
{
    Uppsikt__PutModelPart c = UPPSIKT__PUT_MODEL_PART__INIT;
    const size_t left = f->len - offset;
    c.sha256 = upp_lend(f->sha256);
    c.total = (int64_t)f->len;
    c.offset = (int64_t)offset;
    c.bytes = (ProtobufCBinaryData){ left < PART ? left : PART, f->bytes + offset };
    return c;
}

static void send_file(bench *b, const file *f)
{
    for (size_t at = 0; at < f->len; at += PART) {
        Uppsikt__PutModelPart c = part_of(f, at);
        bench_did(b, "ops", &c.base);
    }
}

static Uppsikt__AdoptRuleSet decision_on(const file *f)
{
    Uppsikt__AdoptRuleSet c = UPPSIKT__ADOPT_RULE_SET__INIT;
    if (f)
        c.weights = upp_lend(f->sha256);
    return c;
}

static void adopt(bench *b, const file *f)
{
    Uppsikt__AdoptRuleSet c = decision_on(f);
    bench_did(b, "ops", &c.base);
}

static void adopt_refused(bench *b, const file *f, const char *words)
{
    Uppsikt__AdoptRuleSet c = decision_on(f);
    bench_refused(b, "ops", &c.base, words);
}

/* A new comment is judged: does it swear? `ret_model` (may be NULL) by which model. */
static bool swears(bench *b, const char *item, char ret_model[32])
{
    uint8_t sum[32];
    bool found = false;
    Uppsikt__CommentReceivedContent content = UPPSIKT__COMMENT_RECEIVED_CONTENT__INIT;
    Uppsikt__CommentReceived fact = UPPSIKT__COMMENT_RECEIVED__INIT;
    content.text = upp_lend("Vem fan plogar gatan?");
    fact.item = upp_lend(item);
    fact.account = upp_lend("a");
    fact.version = 1;
    bench_commit_to(&content.base, sum);
    fact.commitment = (ProtobufCBinaryData){ .len = sizeof sum, .data = sum };
    assert_true(bench_hear(b, "ingest", item, &fact.base, &content.base) >= 0);
    ProtobufCMessage *said = bench_said(b, &uppsikt__comment_classified__descriptor, NULL, NULL);
    const Uppsikt__CommentClassified *c = (Uppsikt__CommentClassified *)said;
    assert_string_equal(c->item, item);
    for (size_t i = 0; i < c->n_findings; i++)
        found |= c->findings[i]->label == UPPSIKT__LABEL__LABEL_PROFANITY;
    if (ret_model)
        snprintf(ret_model, 32, "%s", c->model);
    protobuf_c_message_free_unpacked(said, NULL);
    return found;
}

static int set_up(void **state)
{
    return bench_set_up(state, &upp_classify_service);
}

static void R18_adopted_weights_judge_at_once_and_after_a_restart(void **state)
{
    bench *b = *state;
    char built_in[32];
    char adopted[32];
    char again[32];
    file f = model_with(CLASSIFY_PROFANITY, 2);
    assert_true(swears(b, "i1", built_in));
    send_file(b, &f);
    assert_true(swears(b, "i2", again)); /* what has come judges nothing yet */
    assert_string_equal(again, built_in);
    adopt(b, &f);
    assert_false(swears(b, "i3", adopted));
    assert_string_not_equal(adopted, built_in);
    bench_restart(b);
    assert_false(swears(b, "i4", again));
    assert_string_equal(again, adopted);

    /* Without weights: the built-in ones, and the file goes. */
    adopt(b, NULL);
    assert_true(swears(b, "i5", again));
    assert_string_equal(again, built_in);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM model_file"), 0);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM model_part"), 0);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM upp_about"
                                     " WHERE subject LIKE 'weights/%'"),
                     0);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM upp_alarm"), 0);
    file_done(&f);
}

static void R25_the_event_tells_whose_weights(void **state)
{
    bench *b = *state;
    file f = model_with(CLASSIFY_PROFANITY, 2);
    Uppsikt__AdoptRuleSet c = decision_on(&f);
    Uppsikt__ModelFigures figures = UPPSIKT__MODEL_FIGURES__INIT;
    figures.frozen_micro_f1 = 9876;
    figures.personal_numbers = 10000;
    c.figures = &figures;
    send_file(b, &f);
    bench_skip(b);
    bench_did(b, "ops", &c.base);
    bench_saw(b, "RuleSetAdopted");
    ProtobufCMessage *said = bench_said(b, &uppsikt__rule_set_adopted__descriptor, NULL, NULL);
    const Uppsikt__RuleSetAdopted *adopted = (Uppsikt__RuleSetAdopted *)said;
    assert_string_equal(adopted->by, "ops");
    assert_string_equal(adopted->weights, f.sha256);
    assert_int_equal(adopted->figures->frozen_micro_f1, 9876);
    assert_int_equal(adopted->n_lists, 0);
    protobuf_c_message_free_unpacked(said, NULL);
    file_done(&f);
}

static const char words[] = "@disguised\nfan =3\n";

/* Lists and weights stand beside each other: a decision says both. */
static void R18_lists_change_beside_adopted_weights(void **state)
{
    bench *b = *state;
    char first[32];
    char then[32];
    Uppsikt__RuleList profanity = UPPSIKT__RULE_LIST__INIT;
    Uppsikt__RuleList *lists[] = { &profanity };
    file f = model_with(CLASSIFY_PROFANITY, 2);
    send_file(b, &f);
    adopt(b, &f);
    assert_false(swears(b, "i1", first));
    Uppsikt__AdoptRuleSet c = decision_on(&f);
    profanity.class_ = upp_lend("profanity");
    profanity.text = upp_lend(words);
    c.lists = lists;
    c.n_lists = 1;
    bench_did(b, "ops", &c.base); /* the file lies here still: it is not sent again */
    assert_false(swears(b, "i2", then));
    assert_string_equal(first, then);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM rule_list"), 1);
    file_done(&f);
}

static void R25_only_weights_that_can_judge_are_adopted(void **state)
{
    bench *b = *state;
    file none = model_with(CLASSIFY_PERSONAL_DATA, 2);
    file all = model_with(CLASSIFY_HATE, 0);
    file damaged = model_with(CLASSIFY_PROFANITY, 2);
    file foreign = model_with(CLASSIFY_PROFANITY, 2);
    send_file(b, &none);
    adopt_refused(b, &none, "weights-miss-numbers");
    send_file(b, &all);
    adopt_refused(b, &all, "weights-see-all");
    damaged.bytes[damaged.len / 2] ^= 1; /* the sum stays as it was */
    send_file(b, &damaged);
    adopt_refused(b, &damaged, "weights-not-whole");
    foreign.bytes[12]++; /* made for other features */
    seal(&foreign);
    send_file(b, &foreign);
    adopt_refused(b, &foreign, "weights-malformed");
    bench_skip(b);
    assert_true(swears(b, "i1", NULL));
    bench_saw(b, "CommentClassified");
    assert_int_equal(bench_number(b, "SELECT count(*) FROM rule_set"), 0);

    /* Four lie here: nobody fills the disk. After a day they are gone. */
    file fifth = model_with(CLASSIFY_PROFANITY, 3);
    Uppsikt__PutModelPart part = part_of(&fifth, 0);
    bench_refused(b, "ops", &part.base, "weights-too-many");
    bench_wait(b, UPP_DAY);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM model_file"), 0);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM upp_about"), 1); /* of the comment */
    bench_did(b, "ops", &part.base);
    adopt_refused(b, &fifth, "weights-not-whole");
    file_done(&none);
    file_done(&all);
    file_done(&damaged);
    file_done(&foreign);
    file_done(&fifth);
}

static void R25_worse_weights_are_refused(void **state)
{
    bench *b = *state;
    file f = model_with(CLASSIFY_PROFANITY, 2);
    file g = model_with(CLASSIFY_PROFANITY, 3);
    const struct model_figures built_in = figures_read(classifier_embedded_figures());
    Uppsikt__ModelFigures figures = UPPSIKT__MODEL_FIGURES__INIT;
    Uppsikt__AdoptRuleSet c = decision_on(&f);
    assert_true(built_in.known);
    c.figures = &figures;
    send_file(b, &f);
    figures.frozen_micro_f1 = built_in.frozen_micro_f1 - 51;
    figures.personal_numbers = built_in.personal_numbers;
    bench_refused(b, "ops", &c.base, "weights-worse");
    figures.frozen_micro_f1 = built_in.frozen_micro_f1 + 500;
    figures.personal_numbers = built_in.personal_numbers - 1;
    bench_refused(b, "ops", &c.base, "weights-worse");
    figures.personal_numbers = built_in.personal_numbers;
    bench_did(b, "ops", &c.base);

    /* What holds now is the measure, not the built-in model. */
    send_file(b, &g);
    Uppsikt__AdoptRuleSet d = decision_on(&g);
    d.figures = &figures;
    figures.frozen_micro_f1 = built_in.frozen_micro_f1 + 400;
    bench_refused(b, "ops", &d.base, "weights-worse");
    d.figures = NULL; /* nobody can say */
    bench_did(b, "ops", &d.base);
    adopt(b, NULL); /* the way back is always open */
    file_done(&f);
    file_done(&g);
}

static void R25_parts_come_in_order_from_a_person(void **state)
{
    bench *b = *state;
    file f = model_with(CLASSIFY_PROFANITY, 2);
    Uppsikt__PutModelPart c = part_of(&f, 0);
    Uppsikt__PutModelPart third = part_of(&f, 2 * PART);
    Uppsikt__PutModelPart wrong = part_of(&f, 0);
    bench_refused(b, NULL, &c.base, "person-needed");
    bench_refused(b, "ops", &third.base, "weights-part");
    wrong.sha256 = upp_lend("../../etc/passwd");
    bench_refused(b, "ops", &wrong.base, "weights-unknown");
    wrong.sha256 = c.sha256;
    wrong.total = 1 << 30;
    bench_refused(b, "ops", &wrong.base, "weights-size");
    wrong.total = c.total;
    wrong.bytes.len = 7;
    bench_refused(b, "ops", &wrong.base, "weights-part");
    bench_did(b, "ops", &c.base);
    bench_did(b, "ops", &c.base); /* again */
    wrong = part_of(&f, PART);
    wrong.total += 1;
    bench_refused(b, "ops", &wrong.base, "weights-part");
    adopt_refused(b, &f, "weights-not-whole");
    send_file(b, &f);
    adopt(b, &f);
    bench_wait(b, 2 * UPP_DAY); /* what is in force stays */
    bench_restart(b);
    assert_false(swears(b, "i1", NULL));
    file_done(&f);
}

static void R25_what_is_in_force_can_be_read_back(void **state)
{
    bench *b = *state;
    file f = model_with(CLASSIFY_PROFANITY, 2);
    Uppsikt__ModelParts q = UPPSIKT__MODEL_PARTS__INIT;
    size_t at = 0;
    send_file(b, &f);
    q.sha256 = f.sha256;
    while (at < f.len) {
        q.from = (int64_t)at;
        const size_t n = bench_query(b, "ops", &q.base);
        assert_true(n > 0);
        for (size_t i = 0; i < n; i++) {
            ProtobufCMessage *msg = bench_row_at(b, i, &uppsikt__model_part_row__descriptor);
            const Uppsikt__ModelPartRow *row = (Uppsikt__ModelPartRow *)msg;
            assert_int_equal(row->offset, at);
            assert_int_equal(row->total, f.len);
            assert_true(at + row->bytes.len <= f.len);
            assert_memory_equal(row->bytes.data, f.bytes + at, row->bytes.len);
            at += row->bytes.len;
            protobuf_c_message_free_unpacked(msg, NULL);
        }
    }
    q.from = (int64_t)f.len;
    assert_int_equal(bench_query(b, "ops", &q.base), 0);
    q.sha256 = upp_lend("no such");
    bench_query(b, "ops", &q.base);
    assert_string_equal(b->refused, "weights-unknown");
    file_done(&f);
}

/* -- the same inputs give the same store, weights and verdicts included (I7) -- */
typedef struct dump {
    struct sha256_ctx sum;
    size_t lines;
} dump;

static void add_line(void *ctx, const char *text)
{
    static const char *const drawn[] = { "upp_epoch|", "upp_log|", "upp_meta|" };
    dump *d = ctx;
    for (size_t i = 0; i < UPP_LEN(drawn); i++) {
        if (strncmp(text, drawn[i], strlen(drawn[i])) == 0)
            return; /* a store draws its epoch by itself, and its chain begins there */
    }
    sha256_update(&d->sum, strlen(text), (const uint8_t *)text);
    d->lines++;
}

static void live_through(uint8_t ret_sum[SHA256_DIGEST_SIZE])
{
    bench *b = bench_open(&upp_classify_service);
    file f = model_with(CLASSIFY_PROFANITY, 2);
    dump d = { .lines = 0 };
    assert_true(swears(b, "i1", NULL));
    send_file(b, &f);
    adopt(b, &f);
    assert_false(swears(b, "i2", NULL));
    sha256_init(&d.sum);
    ProtobufCMessage *said = bench_said(b, &uppsikt__comment_classified__descriptor, NULL, NULL);
    const upp_bytes verdict = bench_pack(said);
    sha256_update(&d.sum, verdict.len, verdict.at);
    bench_unlend(verdict);
    protobuf_c_message_free_unpacked(said, NULL);
    assert_int_equal(upp_node_dump(b->node, add_line, &d), 0);
    assert_true(d.lines > 30);
    sha256_digest(&d.sum, SHA256_DIGEST_SIZE, ret_sum);
    bench_close(b);
    file_done(&f);
}

static void R25_a_replay_of_the_inputs_gives_the_same_verdicts(void **state)
{
    uint8_t first[SHA256_DIGEST_SIZE];
    uint8_t second[SHA256_DIGEST_SIZE];
    (void)state;
    live_through(first);
    live_through(second);
    assert_memory_equal(first, second, sizeof first);
}

static void R25_figures_are_read_and_compared(void **state)
{
    (void)state;
    struct model_figures f =
        figures_read("rows 3\nfrozen-micro-f1 0.8711\npersonal-number-recall 1.0000\n");
    assert_true(f.known);
    assert_int_equal(f.frozen_micro_f1, 8711);
    assert_int_equal(f.personal_numbers, 10000);
    assert_false(figures_read("").known);
    assert_false(figures_read("frozen-micro-f1 0.9\n").known);
    assert_false(figures_read("frozen-micro-f1 9\npersonal-number-recall 1\n").known);
    assert_false(figures_read("frozen-micro-f1 nan\npersonal-number-recall 1\n").known);
    assert_false(figures_read("frozen-micro-f1 0.9x\npersonal-number-recall 1\n").known);
    struct model_figures next = f;
    assert_true(figures_may_follow(f, next));
    next.frozen_micro_f1 -= 50;
    assert_true(figures_may_follow(f, next));
    next.frozen_micro_f1--;
    assert_false(figures_may_follow(f, next));
    assert_true(figures_may_follow(f, (struct model_figures){ .known = false }));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, bench_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(R18_adopted_weights_judge_at_once_and_after_a_restart),
        CASE(R25_the_event_tells_whose_weights),
        CASE(R18_lists_change_beside_adopted_weights),
        CASE(R25_only_weights_that_can_judge_are_adopted),
        CASE(R25_worse_weights_are_refused),
        CASE(R25_parts_come_in_order_from_a_person),
        CASE(R25_what_is_in_force_can_be_read_back),
        cmocka_unit_test(R25_a_replay_of_the_inputs_gives_the_same_verdicts),
        cmocka_unit_test(R25_figures_are_read_and_compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
