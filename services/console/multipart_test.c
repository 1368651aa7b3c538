/* multipart_test.c - a form with a file, in whatever pieces it arrives (R26). */
#include "form.h"
#include "multipart.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TYPE "multipart/form-data; boundary=----b1"
#define HEAD "Content-Disposition: form-data; name="
static const char form_text[] = "------b1\r\n" HEAD "\"id\"\r\n\r\n00ff\r\n"
                                "------b1\r\n" HEAD "\"note\"\r\n\r\nsidan & mer\r\n"
                                "------b1\r\n" HEAD "\"tom\"\r\n\r\n\r\n"
                                "------b1\r\n" HEAD "\"file\"; filename=\"C:\\sidan åäö.pdf\"\r\n"
                                "Content-Type: application/pdf\r\n\r\n"
                                "%PDF\r\n-----b1\r\n\r\n--\0slut\r\n"
                                "------b1--\r\n";
static const char file_bytes[] = "%PDF\r\n-----b1\r\n\r\n--\0slut";

static void assert_form(const multipart *m, const buf *file)
{
    form f;
    assert_true(multipart_whole(m));
    assert_int_equal(file->len, sizeof file_bytes - 1);
    assert_memory_equal(file->at, file_bytes, file->len);
    assert_true(form_read(buf_text(&m->fields), m->fields.len, &f));
    assert_string_equal(form_value(&f, "id"), "00ff");
    assert_string_equal(form_value(&f, "note"), "sidan & mer");
    assert_true(form_has(&f, "tom"));
    assert_string_equal(form_value(&f, "tom"), "");
    assert_string_equal(form_value(&f, "filename"), "sidan åäö.pdf");
    form_done(&f);
}

/* Wherever it is cut in two, and a byte at a time: the same. */
static void R26_it_is_the_same_in_whatever_pieces_it_comes(void **state)
{
    (void)state;
    for (size_t cut = 0; cut < sizeof form_text; cut++) {
        UPP_AUTO(buf_done) buf file = { 0 };
        UPP_AUTO(multipart_done) multipart m;
        const sink out = buf_sink(&file);
        assert_true(multipart_begin(&m, TYPE, &out));
        assert_int_equal(multipart_take(&m, form_text, cut), 0);
        assert_int_equal(multipart_take(&m, form_text + cut, sizeof form_text - 1 - cut), 0);
        assert_form(&m, &file);
    }
    UPP_AUTO(buf_done) buf file = { 0 };
    UPP_AUTO(multipart_done) multipart m;
    const sink out = buf_sink(&file);
    assert_true(
        multipart_begin(&m, "Multipart/Form-Data; charset=utf-8; Boundary=\"----b1\"", &out));
    for (size_t i = 0; i + 1 < sizeof form_text; i++) {
        assert_false(multipart_whole(&m) && i + 3 < sizeof form_text);
        assert_int_equal(multipart_take(&m, form_text + i, 1), 0);
    }
    assert_form(&m, &file);
}

static int taken(const char *text, multipart *ret_form)
{
    static buf file;
    static sink out;
    out = buf_sink(&file);
    assert_true(multipart_begin(ret_form, TYPE, &out));
    const int rc = multipart_take(ret_form, text, strlen(text));
    buf_done(&file);
    file = (buf){ 0 };
    return rc;
}

static void R26_what_is_no_such_form_is_refused(void **state)
{
    (void)state;
    static const char *const none[] = {
        "id=1&seal=2 and more of it",
        "------b2\r\n" HEAD "\"id\"\r\n\r\n1\r\n------b2--\r\n",
        "------b1??",
        "------b1\r\nContent-Type: text/plain\r\n\r\nx\r\n------b1--",
        "------b1\r\n" HEAD "id\r\n\r\nx\r\n------b1--",
        "------b1\r\n" HEAD "\"\"\r\n\r\nx\r\n------b1--",
        "------b1\r\n" HEAD "\"a\"; filename=\"1\"\r\n\r\nx\r\n"
        "------b1\r\n" HEAD "\"b\"; filename=\"2\"\r\n\r\nx\r\n------b1--",
    };
    static const char *const halves[] = {
        "", "------b1", "------b1\r\n" HEAD "\"a\"; filename=\"1\"\r\n\r\nx",
        "------b1\r\n" HEAD "\"id\"\r\n\r\n1\r\n------b1--\r\n" /* no file */
    };
    static const char *const types[] = { "application/x-www-form-urlencoded", "multipart/form-data",
                                         "multipart/form-data; boundary=",
                                         "multipart/form-data; boundary=\"a",
                                         "multipart/mixed; boundary=a" };
    for (size_t i = 0; i < UPP_LEN(none); i++) {
        UPP_AUTO(multipart_done) multipart m;
        if (taken(none[i], &m) != UPP_E_INPUT)
            fail_msg("%s", none[i]);
    }
    for (size_t i = 0; i < UPP_LEN(halves); i++) {
        UPP_AUTO(multipart_done) multipart m;
        assert_int_equal(taken(halves[i], &m), 0);
        assert_false(multipart_whole(&m));
    }
    const sink nowhere = { .write = NULL };
    for (size_t i = 0; i < UPP_LEN(types); i++) {
        UPP_AUTO(multipart_done) multipart m;
        assert_false(multipart_begin(&m, types[i], &nowhere));
    }
}

/* Each has an end: a head, a field, how many fields there are. */
static void R26_there_is_an_end_to_each_part(void **state)
{
    (void)state;
    static char text[MULTIPART_FIELD + MULTIPART_FIELDS * 80 + 200];
    size_t n = (size_t)snprintf(text, sizeof text, "------b1\r\n" HEAD "\"id\"\r\n\r\n");
    memset(text + n, 'a', MULTIPART_FIELD + 1);
    snprintf(text + n + MULTIPART_FIELD + 1, 20, "\r\n------b1--");
    {
        UPP_AUTO(multipart_done) multipart m;
        assert_int_equal(taken(text, &m), UPP_E_INPUT);
    }
    n = (size_t)snprintf(text, sizeof text, "------b1\r\nX: ");
    memset(text + n, 'a', MULTIPART_HEAD + 1);
    text[n + MULTIPART_HEAD + 1] = '\0';
    {
        UPP_AUTO(multipart_done) multipart m;
        assert_int_equal(taken(text, &m), UPP_E_INPUT);
    }
    n = 0;
    for (int i = 0; i <= MULTIPART_FIELDS; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "------b1\r\n" HEAD "\"a\"\r\n\r\n1\r\n");
    {
        UPP_AUTO(multipart_done) multipart m;
        assert_int_equal(taken(text, &m), UPP_E_INPUT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R26_it_is_the_same_in_whatever_pieces_it_comes),
        cmocka_unit_test(R26_what_is_no_such_form_is_refused),
        cmocka_unit_test(R26_there_is_an_end_to_each_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
