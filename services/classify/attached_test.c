/* attached_test.c - what hangs on a comment is heard by its names and links, and by nothing that is
 * not written there (R18, R19). */
#include "attached.h"
#include "cmocka_all.h"
#include <string.h>

static void words_are(const char *url, const char *expected)
{
    char words[ATTACHED_WORDS];
    attached_words(url, words);
    assert_string_equal(words, expected);
}

static void R19_an_address_is_read_by_its_words(void **state)
{
    (void)state;
    words_are("https://www.klockor-rea.example/kop-billigt/i2024?utm=x#top",
              " klockor rea kop billigt");
    words_are("http://example.se", " example");
    words_are("porr.example/film", " porr film");
    words_are("https://cdn.example/t39/8507149808_n.jpg", " cdn jpg");
    words_are("https://x.se/r%C3%A4v/a%2", "");
    words_are("https://sj\xc3\xb6.se/\xc3\xa5ka", " sj\xc3\xb6 \xc3\xa5ka");
    words_are("", "");
    words_are("://", "");
    words_are("https://", "");
    words_are("....", "");
    words_are("%", "");
    char url[3 * ATTACHED_WORDS];
    char words[ATTACHED_WORDS];
    memset(url, 'a', sizeof url - 1);
    url[sizeof url - 1] = '\0';
    attached_words(url, words); /* longer than there is room: left out, not cut */
    assert_string_equal(words, "");
    for (size_t i = 0; i < sizeof url - 1; i += 4)
        url[i] = '/';
    attached_words(url, words);
    assert_true(strlen(words) < ATTACHED_WORDS && strlen(words) > ATTACHED_WORDS - 8);
}

static struct classifier_verdict judged(const char *text, Uppsikt__ItemAttachment *a, size_t n)
{
    struct classifier_verdict v;
    Uppsikt__ItemAttachment *list[16];
    Uppsikt__CommentReceivedContent comment = UPPSIKT__COMMENT_RECEIVED_CONTENT__INIT;
    UPP_AUTO(classifier_freep) classifier *c = classifier_new_embedded(NULL, NULL);
    UPP_AUTO(classifier_room_freep) classifier_room *room = classifier_room_new();
    assert_non_null(c);
    assert_non_null(room);
    for (size_t i = 0; i < n; i++)
        list[i] = &a[i];
    comment.attachments = list;
    comment.n_attachments = n;
    classifier_judge(c, room, text, strlen(text), NULL, NULL, &v);
    attached_judge(c, room, NULL, &comment, &v);
    return v;
}

static Uppsikt__ItemAttachment one(const char *type, const char *url, const char *name)
{
    Uppsikt__ItemAttachment a = UPPSIKT__ITEM_ATTACHMENT__INIT;
    a.type = upp_lend(type);
    a.url = upp_lend(url);
    a.name = upp_lend(name);
    return a;
}

static bool has(const struct classifier_verdict *v, enum classify_label label, const char *reason)
{
    for (size_t i = 0; i < v->n_findings; i++) {
        const struct classifier_finding *f = &v->findings[i];
        if (f->label == label && strcmp(f->reason, reason) == 0)
            return v->band[label] == CLASSIFIER_LIKELY && f->start == 0 && f->end == 0;
    }
    return false;
}

static bool says_nothing(const struct classifier_verdict *v)
{
    for (size_t i = 0; i < v->n_findings; i++) {
        if (strncmp(v->findings[i].reason, "attachment.", 11) == 0)
            return false;
    }
    return true;
}

static void R19_a_shared_link_speaks_by_title_and_address(void **state)
{
    (void)state;
    Uppsikt__ItemAttachment advert =
        one("share", "https://klockor.example/kop-billiga-klockor", "Halva priset i webbutiken");
    struct classifier_verdict v = judged("Titta", &advert, 1);
    assert_true(v.band[CLASSIFY_ADVERTISING] == CLASSIFIER_LIKELY);
    Uppsikt__ItemAttachment by_address =
        one("link", "https://www.dreamfilm.example/streama-hela-filmen-gratis", "");
    v = judged("Titta", &by_address, 1);
    assert_true(has(&v, CLASSIFY_COPYRIGHT, "attachment.link"));
    Uppsikt__ItemAttachment news =
        one("share", "https://nyheter.example/badhuset-oppnar", "Badhuset har öppnat");
    v = judged("Titta", &news, 1);
    assert_true(says_nothing(&v));
}

/* The same address under a picture, and numbers in any address, are nobody's words. */
static void R24_a_picture_s_address_says_nothing(void **state)
{
    (void)state;
    Uppsikt__ItemAttachment picture =
        one("photo", "https://dreamfilm.example/streama-hela-filmen-gratis/8507149808.jpg", "");
    Uppsikt__ItemAttachment numbered =
        one("share", "https://nyheter.example/8507149808/", "Badhuset");
    struct classifier_verdict v = judged("Titta", &picture, 1);
    assert_true(says_nothing(&v));
    v = judged("Titta", &numbered, 1);
    assert_true(says_nothing(&v));
}

static void R18_a_name_and_an_alternative_text_are_read(void **state)
{
    (void)state;
    Uppsikt__ItemAttachment swears = one("image", "https://x.example/1.jpg", "jävla idioter.jpg");
    Uppsikt__ItemAttachment number = one("image", "", "Intyg för 850714-9808");
    Uppsikt__ItemAttachment asks = one("image", "", "När öppnar badhuset?");
    struct classifier_verdict v = judged("Se bilden", &swears, 1);
    assert_true(has(&v, CLASSIFY_PROFANITY, "attachment.name"));
    v = judged("Se bilden", &number, 1);
    assert_true(has(&v, CLASSIFY_PERSONAL_DATA, "attachment.name"));
    assert_true(v.duty[CLASSIFY_PERSONAL_DATA] == CLASSIFIER_DUTY_GDPR);
    v = judged("Se bilden", &asks, 1);
    assert_true(v.band[CLASSIFY_QUESTION] != CLASSIFIER_LIKELY);
}

/* The eighth is read, the ninth is not: a hundred names cost no more than eight. */
static void R18_eight_are_read(void **state)
{
    (void)state;
    Uppsikt__ItemAttachment many[9];
    for (size_t i = 0; i < UPP_LEN(many); i++)
        many[i] = one("image", "", "IMG");
    many[8] = one("image", "", "jävla idioter.jpg");
    struct classifier_verdict v = judged("Se bilden", many, 9);
    assert_false(has(&v, CLASSIFY_PROFANITY, "attachment.name"));
    many[7] = many[8];
    v = judged("Se bilden", many, 9);
    assert_true(has(&v, CLASSIFY_PROFANITY, "attachment.name"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R19_an_address_is_read_by_its_words),
        cmocka_unit_test(R19_a_shared_link_speaks_by_title_and_address),
        cmocka_unit_test(R24_a_picture_s_address_says_nothing),
        cmocka_unit_test(R18_a_name_and_an_alternative_text_are_read),
        cmocka_unit_test(R18_eight_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
