/* label_test.c - the label column, and rows of a corpus file. */
#include "cmocka_all.h"
#include "tally.h"
#include <string.h>

static int parse(const char *text, unsigned *labels)
{
    const char *why = NULL;
    const int rc = classify_labels_parse(text, strlen(text), labels, &why);
    assert_int_equal(rc < 0, why != NULL);
    return rc;
}

static void test_label_column(void **state)
{
    (void)state;
    unsigned labels = 0;
    assert_int_equal(parse("ok", &labels), 0);
    assert_int_equal(labels, 0);
    assert_int_equal(parse("ok,question", &labels), 0);
    assert_int_equal(labels, CLASSIFY_BIT(CLASSIFY_QUESTION));
    assert_int_equal(parse("profanity,attack,hate", &labels), 0);
    static const char *const wrong[] = { "",      "question",   "ok,attack", "attack,profanity",
                                         "ok,ok", "hate,hate",  "fine",      "ok,",
                                         ",ok",   "question,ok" };
    for (size_t i = 0; i < UPP_LEN(wrong); i++)
        assert_int_equal(parse(wrong[i], &labels), UPP_E_INPUT);
}

/* Every set of labels has one way to be written, and it reads back. */
static void test_every_set_reads_back(void **state)
{
    (void)state;
    for (unsigned set = 0; set < 1u << CLASSIFY_LABELS; set++) {
        char text[256] = "";
        if ((set & CLASSIFY_VIOLATIONS) == 0)
            strncat(text, "ok,", sizeof text - strlen(text) - 1);
        for (unsigned l = 0; l < CLASSIFY_LABELS; l++) {
            if (!(set & CLASSIFY_BIT(l)))
                continue;
            strncat(text, classify_label_name((enum classify_label)l),
                    sizeof text - strlen(text) - 1);
            strncat(text, ",", sizeof text - strlen(text) - 1);
        }
        text[strlen(text) - 1] = '\0';
        unsigned labels = ~0u;
        assert_int_equal(parse(text, &labels), 0);
        assert_int_equal(labels, set);
    }
}

static void test_rows_and_groups(void **state)
{
    (void)state;
    static const char file[] = "c-ok-praise-skola-0001\tsv\tok\tBra!\n"
                               "x\tsv\tok\n"
                               "d-ok-praise-0002\tde\tok\tGut\n"
                               "d-ok-praise-0003\ten\tattack\tYou fool";
    size_t at = 0;
    struct corpus_row row;
    const char *why = NULL;
    static struct tally t;
    tally_start(&t);
    assert_int_equal(corpus_read(file, sizeof file - 1, &at, &row, &why), 0);
    tally_add(&t, &row, CLASSIFY_BIT(CLASSIFY_HATE));
    assert_int_equal(corpus_read(file, sizeof file - 1, &at, &row, &why), UPP_E_INPUT);
    assert_int_equal(corpus_read(file, sizeof file - 1, &at, &row, &why), UPP_E_INPUT);
    assert_int_equal(corpus_read(file, sizeof file - 1, &at, &row, &why), 0);
    assert_true(row.english);
    tally_add(&t, &row, CLASSIFY_BIT(CLASSIFY_ATTACK));
    assert_int_equal(corpus_read(file, sizeof file - 1, &at, &row, &why), 1);
    assert_int_equal(t.n_groups, 1); /* the theme is not part of the group */
    assert_string_equal(t.group[0].name, "ok-praise");
    assert_int_equal(t.rows, 2);
    assert_int_equal(t.exact, 1);
    assert_int_equal(t.fine_alarms, 1);
    assert_true(tally_f1(&t.label[CLASSIFY_ATTACK]) > 0.99);
    assert_true(tally_micro(&t) > 0.66 && tally_micro(&t) < 0.67);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_label_column),
        cmocka_unit_test(test_every_set_reads_back),
        cmocka_unit_test(test_rows_and_groups),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
