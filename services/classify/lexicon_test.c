/* lexicon_test.c - the word lists: their grammar, complaints with lines, shapes, false friends. */
#include "lexicon.h"
#include "lexicon_table.h"
#include "model.h"
#include "reading_fixture.h"
#include <stdio.h>

struct complaints {
    char text[1024];
};

static void note(void *ctx, const char *line)
{
    struct complaints *c = ctx;
    const size_t n = strlen(c->text);
    snprintf(c->text + n, sizeof c->text - n, "%s\n", line);
}

static int read_list(const char *text, struct complaints *c, classify_lexicon **ret)
{
    classify_lexicon *lx = lexicon_new();
    assert_non_null(lx);
    c->text[0] = '\0';
    const int rc = lexicon_add(lx, LEXICON_profanity, "profanity.txt", text, strlen(text), note, c);
    assert_int_equal(lexicon_seal(lx), 0);
    *ret = lx;
    return rc;
}

static size_t count_hits(const classify_lexicon *lx, const char *text, unsigned *ret_weight)
{
    struct classify_reading *r = malloc(sizeof *r);
    assert_non_null(r);
    context_read(lx, NULL, text, strlen(text), NULL, r);
    const size_t n = r->words.n;
    *ret_weight = n > 0 ? r->words.at[0].weight : 0;
    free(r);
    return n;
}

static void test_complaints_carry_file_and_line(void **state)
{
    (void)state;
    struct complaints c;
    UPP_AUTO(lexicon_freep) classify_lexicon *lx = NULL;
    const int rc =
        read_list("# fine\nfan =3\nfan =9\n\nja*vla\n* fan\n@disguise\nord =2 mer\n=1\n", &c, &lx);
    assert_int_equal(rc, UPP_E_INPUT);
    assert_string_equal(
        c.text,
        "profanity.txt:3: weight is 1 to 3\n"
        "profanity.txt:5: a star stands first or last in a word, and a word is 1 to 40 letters\n"
        "profanity.txt:6: the first word is a word, not a lone star\n"
        "profanity.txt:7: the only directive is @disguised\n"
        "profanity.txt:8: after the weight come exceptions only, each with '!'\n"
        "profanity.txt:9: no word\n");
    unsigned weight;
    assert_int_equal(count_hits(lx, "fan", &weight), 1); /* the right lines are kept */
    assert_int_equal(weight, 3);
}

static void test_shapes(void **state)
{
    (void)state;
    struct complaints c;
    UPP_AUTO(lexicon_freep) classify_lexicon *lx = NULL;
    assert_int_equal(read_list("fan =3\nj\xC3\xA4vl* | javl* =2 !j\xC3\xA4vlaryd*\n*j\xC3\xA4vel\n"
                               "dra \xC3\xA5t helvete\nladda ** ner\nbo * stan\n",
                               &c, &lx),
                     0);
    static const struct {
        const char *text;
        size_t hits;
    } rows[] = {
        { "fan", 1 },
        { "fanfar", 0 },
        { "toffan", 0 },
        { "J\xC3\x84VLIG", 1 },
        { "javla", 1 },
        { "j\xC3\xA4vlaryd", 0 },
        { "skolj\xC3\xA4vel", 1 },
        { "dra \xC3\xA5t helvete nu", 1 },
        { "dra \xC3\xA5t. Helvete", 0 },
        { "ladda ner", 1 },
        { "ladda den d\xC3\xA4r filen ner", 1 },
        { "ladda ett och annat tungt ner", 0 },
        { "bo i stan", 1 },
        { "bo stan", 0 },
    };
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        unsigned weight;
        if (count_hits(lx, rows[i].text, &weight) != rows[i].hits)
            fail_msg("%s: not %zu", rows[i].text, rows[i].hits);
    }
}

static void test_false_friends_win_over_longer_words(void **state)
{
    (void)state;
    struct complaints c;
    UPP_AUTO(lexicon_freep) classify_lexicon *lx = NULL;
    assert_int_equal(read_list("fan\n~ ett fan av\n~ stort fan\n", &c, &lx), 0);
    unsigned weight;
    assert_int_equal(count_hits(lx, "jag \xC3\xA4r ett fan av er", &weight), 0);
    assert_int_equal(count_hits(lx, "ett stort fan", &weight), 0);
    assert_int_equal(count_hits(lx, "ett stort fan, fan vad bra", &weight), 1);
}

static void test_false_friends_of_the_shipped_lists(void **state)
{
    struct fixture *f = *state;
    static const char *const fine[] = {
        "Bussen till Fittja",
        "Kukkolaforsen i juni",
        "Helvetesfallet \xC3\xA4r vackert",
        "ett stort fan av laget",
        "kukeliku",
        "Fanfaren var m\xC3\xA4ktig",
        "Slutet gott",
        "Horisonten",
        "Porrarps byalag",
        "Analog klocka",
        "Horred",
        "J\xC3\xA4vlaryd",
        "Halt i Helvetesbacken",
        "Satansopp i parken",
        "Fan Li bor i v\xC3\xA5r v\xC3\xA4nort",
        "Dj\xC3\xA4vulsklyftan",
        "Han \xC3\xA4r ett riktigt fan",
    };
    for (size_t i = 0; i < UPP_LEN(fine); i++) {
        if (fixture_has(f, fine[i], LEXICON_profanity) ||
            fixture_has(f, fine[i], LEXICON_violence_porn))
            fail_msg("seen in: %s", fine[i]);
    }
}

static void test_disguises(void **state)
{
    struct fixture *f = *state;
    static const char *const texts[] = {
        "f*n",
        "f@n",
        "j-vla",
        "h e l v e t e",
        "f_i_t_t_a",
        "helv3t3",
        "s@tan",
        "jaaaaaavla",
        "kuuuuk",
        "j*vlar",
        "f\xD0\xB0n",
        "f\xC2\xAD"
        "an",
        "f\xE2\x80\x8B"
        "an",
        "FAAAAN",
        "k.u.k",
    };
    for (size_t i = 0; i < UPP_LEN(texts); i++) {
        if (!fixture_has(f, texts[i], LEXICON_profanity))
            fail_msg("not seen: %s", texts[i]);
    }
    static const char *const fine[] = { "e-post",           "24/7",    "kl 17.40",
                                        "B-hallen",         "a/b",     "och/eller",
                                        "f\xC3\xB6r-skola", "t-shirt", "5 st @ 3 kr" };
    for (size_t i = 0; i < UPP_LEN(fine); i++) {
        if (fixture_has(f, fine[i], LEXICON_profanity))
            fail_msg("seen in: %s", fine[i]);
    }
}

static void test_every_shipped_list_reads(void **state)
{
    struct fixture *f = *state;
    assert_true(lexicon_entries(classifier_lexicon(f->c)) > 2000);
    struct complaints c = { "" };
    struct classifier_file one = { "profanity", "fan =3\n" };
    assert_null(classifier_new(NULL, 0, &one, 1, note, &c)); /* the others are missing */
    assert_non_null(strstr(c.text, "attack.txt: the lexicon is missing"));
}

static void same_numbers(const uint32_t *a, const uint32_t *b, size_t n)
{
    assert_memory_equal(a, b, n * sizeof *a);
}

static void same_index(const struct lexicon_index *a, const struct lexicon_index *b)
{
    assert_int_equal(a->n_slots, b->n_slots);
    assert_memory_equal(a->slot, b->slot, a->n_slots * sizeof *a->slot);
    assert_memory_equal(a->filter, b->filter, FILTER_BYTES);
}

static void same_entry(const struct lexicon_entry *a, const struct lexicon_entry *b)
{
    assert_true(a->first_word == b->first_word && a->first_except == b->first_except &&
                a->n_words == b->n_words && a->n_excepts == b->n_excepts && a->class == b->class &&
                a->weight == b->weight && a->friend == b->friend && a->disguised == b->disguised &&
                a->paired == b->paired && a->second == b->second && a->leader == b->leader &&
                a->alone == b->alone && a->next == b->next);
}

/* The tables that were made when the program was built are those that its lists give now. */
static void test_built_in_tables_are_the_lists(void **state)
{
    (void)state;
    size_t n = 0;
    const struct classifier_file *files = classifier_embedded_files(&n);
    UPP_AUTO(classifier_freep)
    classifier *made = classifier_new(NULL, 0, files, n, fixture_say, NULL);
    assert_non_null(made);
    const classify_lexicon *a = classifier_lexicon(made);
    const classify_lexicon *b = lexicon_built_in();
    assert_ptr_not_equal(a, b);
    assert_true(b->sealed && b->version == a->version);
    assert_int_equal(a->n_entries, b->n_entries);
    assert_int_equal(a->n_words, b->n_words);
    assert_int_equal(a->n_letters, b->n_letters);
    for (size_t i = 0; i < a->n_entries; i++)
        same_entry(&a->entries[i], &b->entries[i]);
    for (size_t i = 0; i < a->n_words; i++)
        assert_true(a->words[i].text == b->words[i].text && a->words[i].len == b->words[i].len &&
                    a->words[i].shape == b->words[i].shape);
    assert_memory_equal(a->letters, b->letters, a->n_letters);
    for (size_t i = 0; i < LEXICON_INDEXES; i++)
        same_index(&a->index[i], &b->index[i]);
    assert_int_equal(a->pairs.n_slots, b->pairs.n_slots);
    same_numbers(a->pairs.slot, b->pairs.slot, a->pairs.n_slots);
    same_numbers(a->mask_from, b->mask_from, UPP_LEN(a->mask_from));
    same_numbers(a->mask_entry, b->mask_entry, a->mask_from[256]);
}

/* A class whose name is a label's speaks for that label, and no other does. */
static void test_classes_speak_for_labels_of_their_name(void **state)
{
    (void)state;
    for (unsigned k = 0; k < LEXICON_CLASS_COUNT; k++) {
        const char *name = lexicon_class_name((enum lexicon_class)k);
        enum classify_label named;
        enum classify_label spoken;
        const int rc = classify_label_parse(name, strlen(name), &named);
        assert_int_equal(lexicon_class_label((enum lexicon_class)k, &spoken), rc);
        if (rc == 0)
            assert_int_equal(named, spoken);
    }
}

/* Entries with one first word are found by their second, or without one, and all of them. */
static void test_entries_with_one_first_word(void **state)
{
    (void)state;
    struct complaints c;
    classify_lexicon *lx = NULL;
    unsigned weight = 0;
    assert_int_equal(
        read_list("dra\ndra \xC3\xA5t =2\ndra \xC3\xA5t helvete =3\ndra * helvete\ndra ned\n", &c,
                  &lx),
        0);
    assert_int_equal(count_hits(lx, "dra \xC3\xA5t helvete", &weight), 4);
    assert_int_equal(weight, 1); /* the last of the list comes first */
    assert_int_equal(count_hits(lx, "dra ned", &weight), 2);
    assert_int_equal(count_hits(lx, "dra", &weight), 1);
    assert_int_equal(count_hits(lx, "drar ned", &weight), 0);
    lexicon_free(lx);
}

/* No start sums the built-in model's check sum: here it is. */
static void test_built_in_model_is_whole(void **state)
{
    (void)state;
    size_t len = 0;
    struct classify_model model;
    const char *why = NULL;
    const uint8_t *bytes = classifier_embedded_model(&len);
    assert_int_equal(model_read(bytes, len, &model, &why), 0);
}

/* A strong word decides by itself, unless it is written as a name is. */
static void test_words_written_as_names_are_weighed(void **state)
{
    static const struct {
        const char *text;
        bool sure;
    } rows[] = {
        { "vilken satan till backe", true },
        { "Satan vad kallt", true },
        { "VAD I SATAN", true },
        { "Det var Satans kallt", false },
        { "Boken handlar om Satan och hans anhang", false },
        { "Fan Linhs nudlar serveras p\xC3\xA5 fredag", false },
        { "Fan vad bra", true },
    };
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        const bool sure = (context_sure(fixture_read(*state, rows[i].text)) &
                           CLASSIFY_BIT(CLASSIFY_PROFANITY)) != 0;
        if (sure != rows[i].sure)
            fail_msg("%s: %d", rows[i].text, sure);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_complaints_carry_file_and_line),
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_false_friends_win_over_longer_words),
        cmocka_unit_test(test_false_friends_of_the_shipped_lists),
        cmocka_unit_test(test_disguises),
        cmocka_unit_test(test_words_written_as_names_are_weighed),
        cmocka_unit_test(test_every_shipped_list_reads),
        cmocka_unit_test(test_classes_speak_for_labels_of_their_name),
        cmocka_unit_test(test_entries_with_one_first_word),
        cmocka_unit_test(test_built_in_tables_are_the_lists),
        cmocka_unit_test(test_built_in_model_is_whole),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
