/* classifier_test.c - the judgement as a whole (R14, R18, R19, R24, R25, R31). */
#include "model.h"
#include "reading_fixture.h"
#include <stdio.h>

static void expect(struct fixture *f, const char *text, unsigned wanted)
{
    const struct classifier_verdict v = fixture_judge(f, text);
    if ((v.labels & wanted) != wanted || (wanted == 0 && v.labels != 0))
        fail_msg("%#x, not %#x: %s", v.labels, wanted, text);
}

#define B(label) CLASSIFY_BIT(CLASSIFY_##label)

static void test_R18_R19_plain_cases(void **state)
{
    expect(*state, "Tack för en fin dag på biblioteket!", 0);
    expect(*state, "Fan vad halt det är", B(PROFANITY));
    expect(*state, "Din jävla idiot", B(PROFANITY) | B(ATTACK));
    expect(*state, "Rösta på Moderaterna i valet!", B(POLITICAL));
    expect(*state, "Vinterdäck säljes, 2500 kr, ring mig", B(ADVERTISING));
    expect(*state, "Mitt personnummer är 811231-9952", B(PERSONAL_DATA));
    expect(*state, "You are a fucking moron", B(PROFANITY) | B(ATTACK));
}

static void test_R14_questions(void **state)
{
    static const char *const asked[] = {
        "När öppnar badhuset?",           "undrar när ni sandar vår gata",
        "Går det att boka simskola",      "Begär att få ut protokollet från nämnden",
        "Kan ni laga gungan i parken",    "vart vänder man sig om soptunnan är trasig",
        "Is the library open on Sunday?", "e de öppet imorron?",
    };
    for (size_t i = 0; i < UPP_LEN(asked); i++)
        expect(*state, asked[i], B(QUESTION));
    expect(*state, "Mysigt!", 0);
}

/* Nothing was written: nothing is said of it, in no band. */
static void test_R18_blank_says_nothing(void **state)
{
    static const char *const blanks[] = { "", "   ", "\n\n", "\xe2\x80\x8b" };
    for (size_t i = 0; i < UPP_LEN(blanks); i++) {
        const struct classifier_verdict v = fixture_judge(*state, blanks[i]);
        for (unsigned l = 0; l < CLASSIFY_LABELS; l++)
            if (v.band[l] != CLASSIFIER_NONE)
                fail_msg("%zu: %s", i, classify_label_name((enum classify_label)l));
    }
}

/* What is said five hundred times over is judged as what it says, not as all that there is. */
static void test_R18_said_over_and_over(void **state)
{
    static const struct {
        const char *once;
        unsigned labels;
    } cases[] = { { "Vilken idiot. ", B(ATTACK) }, { "När öppnar badet? ", B(QUESTION) } };
    for (size_t i = 0; i < UPP_LEN(cases); i++) {
        char text[8192];
        const size_t step = strlen(cases[i].once);
        size_t len = 0;
        while (len + step < sizeof text) {
            memcpy(text + len, cases[i].once, step + 1);
            len += step;
        }
        const struct classifier_verdict v = fixture_judge(*state, text);
        for (unsigned l = 0; l < CLASSIFY_LABELS; l++) {
            const bool says_it = (cases[i].labels & CLASSIFY_BIT(l)) != 0;
            if ((v.band[l] != CLASSIFIER_NONE) != says_it)
                fail_msg("%s: %s", cases[i].once, classify_label_name((enum classify_label)l));
        }
    }
}

/* A right check digit decides, whatever the model thinks of the rest of the row. */
static void test_R24_personal_numbers_are_never_missed(void **state)
{
    static const char *const around[] = {
        "%s",
        "hej %s",
        "%s.",
        "(%s)",
        "Fan vad bra %s rösta på oss i valet",
        "the number %s ok",
        "Tack för maten! Barnen älskar fisken. %s Hälsningar oss alla.",
    };
    static const char *const numbers[] = { "811231-9952", "19811231-9952", "198112319952",
                                           "8 1 1 2 3 1 9 9 5 2", "19880264-9817" };
    for (size_t a = 0; a < UPP_LEN(around); a++) {
        for (size_t n = 0; n < UPP_LEN(numbers); n++) {
            char text[200];
            const char *hole = strstr(around[a], "%s");
            snprintf(text, sizeof text, "%.*s%s%s", (int)(hole - around[a]), around[a], numbers[n],
                     hole + 2);
            expect(*state, text, B(PERSONAL_DATA));
        }
    }
}

static void test_findings_point_into_the_original(void **state)
{
    const char *text = "\xF0\x9F\x98\x80 Åh, pnr 811231-9952 och f\xC2\xAD\x61n också";
    const struct classifier_verdict v = fixture_judge(*state, text);
    bool number = false;
    bool word = false;
    assert_true(v.n_findings >= 2);
    for (size_t i = 0; i < v.n_findings; i++) {
        const struct classifier_finding *f = &v.findings[i];
        assert_true(f->start < f->end && f->end <= strlen(text));
        assert_true(f->score >= 0 && f->score <= 1);
        size_t len = 0;
        assert_ptr_not_equal(classifier_reason(f->reason, "sv", &len), f->reason);
        assert_ptr_not_equal(classifier_reason(f->reason, "en", &len), f->reason);
        number |= memcmp(text + f->start, "811231-9952", f->end - f->start) == 0;
        word |= f->label == CLASSIFY_PROFANITY &&
                memcmp(text + f->start, "f\xC2\xAD\x61n", f->end - f->start) == 0;
    }
    assert_true(number);
    assert_true(word);
}

static void test_duties(void **state)
{
    struct classifier_verdict v = fixture_judge(*state, "Mitt personnummer är 811231-9952");
    assert_int_equal(v.duty[CLASSIFY_PERSONAL_DATA], CLASSIFIER_DUTY_GDPR);
    assert_int_equal(v.band[CLASSIFY_PERSONAL_DATA], CLASSIFIER_LIKELY);
    assert_false(v.urgent);
    v = fixture_judge(*state, "Koden till förskolans grind är 2580, lösenordet är skolan2023");
    assert_int_equal(v.duty[CLASSIFY_CONFIDENTIAL], CLASSIFIER_DUTY_SECRECY);
    v = fixture_judge(*state, "Vinterdäck säljes, 2500 kr, ring mig");
    assert_int_equal(v.duty[CLASSIFY_ADVERTISING], CLASSIFIER_DUTY_HOUSE_RULE);
    assert_int_equal(v.bbs[CLASSIFY_ADVERTISING], 0);
    v = fixture_judge(*state, "Ladda ner hela boken som pdf gratis, torrent i länken");
    assert_int_equal(v.duty[CLASSIFY_COPYRIGHT], CLASSIFIER_DUTY_BBS);
    assert_int_equal(v.bbs[CLASSIFY_COPYRIGHT], '2');
    for (unsigned l = 0; l < CLASSIFY_LABELS; l++) {
        if (v.band[l] == CLASSIFIER_NONE)
            assert_int_equal(v.duty[l], CLASSIFIER_DUTY_NONE);
    }
}

static void test_signals(void **state)
{
    assert_int_equal(fixture_judge(*state, "Jag orkar inte leva längre").signals,
                     CLASSIFIER_SIGNAL_DANGER);
    assert_int_equal(fixture_judge(*state, "Grannen slår barnen varje kväll").signals,
                     CLASSIFIER_SIGNAL_DANGER);
    assert_int_equal(fixture_judge(*state, "Jag begär ut alla mejl om bygget").signals,
                     CLASSIFIER_SIGNAL_RECORDS);
    assert_int_equal(fixture_judge(*state, "Fin bild på parken").signals, 0);
}

static void test_policy_overrides_thresholds(void **state)
{
    struct fixture *f = *state;
    const char *text = "Fan vad halt det är";
    struct classifier_policy policy = { .own = f->own.own };
    policy.likely[CLASSIFY_PROFANITY] = 1.1f;
    struct classifier_verdict v;
    classifier_judge(f->c, f->room, text, strlen(text), NULL, &policy, &v);
    assert_int_equal(v.band[CLASSIFY_PROFANITY], CLASSIFIER_REVIEW);
    policy.review[CLASSIFY_PROFANITY] = 1.05f;
    classifier_judge(f->c, f->room, text, strlen(text), NULL, &policy, &v);
    assert_int_equal(v.band[CLASSIFY_PROFANITY], CLASSIFIER_NONE);
    assert_false(v.urgent);
}

/* The same text gives the same verdict in a used room, a fresh room and another classifier. */
static void test_deterministic(void **state)
{
    struct fixture *f = *state;
    static const char *const texts[] = { "Rektorn är en idiot. 811231-9952", "", "🤡",
                                         "När öppnar ni? Jävla kö" };
    UPP_AUTO(classifier_freep) classifier *again = classifier_new_embedded(fixture_say, NULL);
    for (size_t i = 0; i < UPP_LEN(texts); i++) {
        UPP_AUTO(classifier_room_freep) classifier_room *room = classifier_room_new();
        struct classifier_verdict a;
        struct classifier_verdict b;
        memset(&a, 0, sizeof a);
        memset(&b, 0xFF, sizeof b);
        a = fixture_judge(f, texts[i]);
        const struct classifier_policy policy = { .own = f->own.own };
        classifier_judge(again, room, texts[i], strlen(texts[i]), NULL, &policy, &b);
        assert_int_equal(a.labels, b.labels);
        assert_memory_equal(a.score, b.score, sizeof a.score);
        assert_int_equal(a.n_findings, b.n_findings);
        for (size_t k = 0; k < a.n_findings; k++) {
            assert_int_equal(a.findings[k].start, b.findings[k].start);
            assert_int_equal(a.findings[k].end, b.findings[k].end);
            assert_string_equal(a.findings[k].reason, b.findings[k].reason);
        }
    }
}

/* The work counted in features, tokens and hits grows no faster than the text; and the limits hold
 * for anything. */
static void test_linear_on_hostile_text(void **state)
{
    struct fixture *f = *state;
    static const char *const pieces[] = { "a",           "a ",           "f*n ",   "@",
                                          "1",           "1 ",           ".a",     "a.",
                                          "?",           "\"",           "'a'",    "a@b.se ",
                                          "0701740605 ", "http://a.se ", "jävla ", "A b ",
                                          "\xCC\x80",    "🤡",         "a-",     "5402-9681 bg ",
                                          "du är en " };
    static char text[CLASSIFY_TEXT_MAX];
    struct feature_list *list = malloc(sizeof *list);
    assert_non_null(list);
    for (size_t p = 0; p < UPP_LEN(pieces); p++) {
        const size_t n = strlen(pieces[p]);
        for (size_t i = 0; i < sizeof text; i++)
            text[i] = pieces[p][i % n];
        size_t work[2] = { 0 };
        for (size_t k = 0; k < 2; k++) {
            const size_t len = k == 0 ? sizeof text / 4 : sizeof text;
            context_read(classifier_lexicon(f->c), &f->own.own, text, len, NULL, f->reading);
            feature_extract(f->reading, list);
            work[k] = list->n + f->reading->tokens.n + f->reading->words.n + f->reading->data.n;
            assert_true(list->n < FEATURES_MAX);
        }
        if (work[1] > 4 * work[0] + work[0] / 4 + 400)
            fail_msg("%s: %zu, then %zu", pieces[p], work[0], work[1]);
    }
    free(list);
}

static void test_anything_can_be_judged(void **state)
{
    struct fixture *f = *state;
    unsigned seed = 3;
    for (int round = 0; round < 300; round++) {
        char text[700];
        const size_t len = (size_t)(round * 7 % 700);
        for (size_t i = 0; i < len; i++) {
            seed = seed * 1664525u + 1013904223u;
            text[i] = (char)(seed >> (round % 2 ? 24 : 16));
        }
        struct classifier_verdict v;
        const struct classifier_policy policy = { .own = f->own.own, .explain = true };
        classifier_judge(f->c, f->room, text, len, NULL, &policy, &v);
        for (size_t i = 0; i < v.n_findings; i++)
            assert_true(v.findings[i].start < v.findings[i].end && v.findings[i].end <= len);
    }
}

static void test_damaged_models_are_refused(void **state)
{
    (void)state;
    size_t len = 0;
    const uint8_t *bytes = classifier_embedded_model(&len);
    uint8_t *copy = malloc(len);
    assert_non_null(copy);
    struct classify_model model;
    const char *why = NULL;
    memcpy(copy, bytes, len);
    assert_int_equal(model_read(copy, len, &model, &why), 0);
    static const size_t places[] = { 0, 7, 9, 13, 17, 21, 30, 60, 70, 1000, 100000 };
    for (size_t i = 0; i < UPP_LEN(places); i++) {
        copy[places[i]] ^= 0x40;
        why = NULL;
        assert_int_equal(model_read(copy, len, &model, &why), UPP_E_INPUT);
        assert_non_null(why);
        copy[places[i]] ^= 0x40;
    }
    for (size_t cut = 0; cut < len; cut += cut < 600 ? 1 : 50021)
        assert_int_equal(model_read(copy, cut, &model, &why), UPP_E_INPUT);
    free(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_R18_R19_plain_cases),
        cmocka_unit_test(test_R14_questions),
        cmocka_unit_test(test_R18_blank_says_nothing),
        cmocka_unit_test(test_R18_said_over_and_over),
        cmocka_unit_test(test_R24_personal_numbers_are_never_missed),
        cmocka_unit_test(test_findings_point_into_the_original),
        cmocka_unit_test(test_duties),
        cmocka_unit_test(test_signals),
        cmocka_unit_test(test_policy_overrides_thresholds),
        cmocka_unit_test(test_deterministic),
        cmocka_unit_test(test_linear_on_hostile_text),
        cmocka_unit_test(test_anything_can_be_judged),
        cmocka_unit_test(test_damaged_models_are_refused),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
