/* diary_package_test.c - a package for the diary: what is in it, that nothing of it acts on who
 * reads it, that it is the same each time, and that its sums hold (R16). */
#include "diary_deliver.h"
#include "diary_package.h"
#include <fcntl.h>
#include <jansson.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

extern char **environ;

typedef struct sample {
    Uppsikt__DiaryItem item, reply;
    Uppsikt__DiaryItem *items[2];
    Uppsikt__SendDiary ask;
    Uppsikt__ItemRow row, reply_row;
    Uppsikt__ItemAuthor author;
    Uppsikt__ItemAttachment picture;
    Uppsikt__ItemAttachment *pictures[1];
    Uppsikt__CommentReceivedContent what, answer;
    Uppsikt__AccountRow account;
    Uppsikt__AccountChangedContent facts;
    Uppsikt__UnitRegistered unit;
    Uppsikt__UnitRow unit_row;
    Uppsikt__RecordRow copy;
    uint8_t salt[32], commitment[32];
    diary_case c;
} sample;

static const char hostile[] =
    "</blockquote><script>alert(1)</script>\n\"' & \x01 \xe2\x80\xae dold "
    "\xff \xc3\xa5\xc3\xa4\xc3\xb6";

static sample *make(void)
{
    sample *s = calloc(1, sizeof *s);
    assert_non_null(s);
    uppsikt__diary_item__init(&s->item);
    uppsikt__diary_item__init(&s->reply);
    uppsikt__send_diary__init(&s->ask);
    uppsikt__item_row__init(&s->row);
    uppsikt__item_row__init(&s->reply_row);
    uppsikt__item_author__init(&s->author);
    uppsikt__item_attachment__init(&s->picture);
    uppsikt__comment_received_content__init(&s->what);
    uppsikt__comment_received_content__init(&s->answer);
    uppsikt__account_row__init(&s->account);
    uppsikt__account_changed_content__init(&s->facts);
    uppsikt__unit_registered__init(&s->unit);
    uppsikt__unit_row__init(&s->unit_row);
    uppsikt__record_row__init(&s->copy);
    memset(s->salt, 7, sizeof s->salt);
    memset(s->commitment, 0xc0, sizeof s->commitment);
    s->item.item = upp_lend("i1");
    s->item.at_ms = 1795420800000;
    s->item.role = UPPSIKT__DIARY_ITEM__ROLE__ROLE_SUBJECT;
    s->items[0] = &s->item;
    s->ask.package = upp_lend("uppsikt-i1.n1-1");
    s->ask.matter = upp_lend("i1.n1");
    s->ask.account = upp_lend("acc");
    s->ask.why = upp_lend("doc.why-records");
    s->ask.asked_ms = 1795424400000;
    s->ask.salt = (ProtobufCBinaryData){ sizeof s->salt, s->salt };
    s->ask.items = s->items;
    s->ask.n_items = 1;
    s->row.item = upp_lend("i1");
    s->row.version = 1;
    s->row.seen_ms = 1795420800000;
    s->row.kind = UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT;
    s->author.name = upp_lend("<b>Eva</b>");
    s->author.handle = upp_lend("eva");
    s->author.url = upp_lend("javascript:alert(2)");
    s->picture.type = upp_lend("image");
    s->picture.url = upp_lend("https://bild.example/\"onload=\"x");
    s->pictures[0] = &s->picture;
    s->what.text = upp_lend(hostile);
    s->what.author = &s->author;
    s->what.permalink = upp_lend("https://platform.example/c/1?a=1&b=2");
    s->what.attachments = s->pictures;
    s->what.n_attachments = 1;
    s->answer.text = upp_lend("Hej! /Anna, rektor");
    s->account.platform = upp_lend("facebook");
    s->facts.name = upp_lend("Skolan");
    s->unit.name = upp_lend("Grundskolan");
    s->unit_row.unit = &s->unit;
    s->unit_row.authority_name = upp_lend("Barn- och utbildningsnämnden");
    s->copy.record = upp_lend("01RECORD");
    s->copy.item = upp_lend("i1");
    s->copy.commitment = (ProtobufCBinaryData){ sizeof s->commitment, s->commitment };
    s->c = (diary_case){ .ask = &s->ask,
                         .account = &s->account,
                         .facts = &s->facts,
                         .unit = &s->unit_row,
                         .lines = { { "i1", UPPSIKT__DIARY_ITEM__ROLE__ROLE_SUBJECT, 1795420800000,
                                      &s->row, &s->what },
                                    { "r1", UPPSIKT__DIARY_ITEM__ROLE__ROLE_ANSWER, 1795422000000,
                                      &s->reply_row, &s->answer },
                                    { "r2", UPPSIKT__DIARY_ITEM__ROLE__ROLE_ANSWER, 1795422000000,
                                      NULL, NULL } },
                         .n_lines = 3,
                         .copies = { &s->copy },
                         .n_copies = 1,
                         .language = "sv" };
    return s;
}

/* What somebody wrote is text on the page, whatever it holds. */
static void r16_nothing_that_was_written_acts(void **state)
{
    sample *s = make();
    UPP_AUTO(buf_done) buf page = { 0 };
    (void)state;
    assert_int_equal(diary_html(&s->c, &page), 0);
    const char *text = buf_text(&page);
    assert_null(strstr(text, "<script"));
    assert_non_null(strstr(text, "&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert_null(strstr(text, "<b>Eva"));
    assert_null(strstr(text, "href=\"javascript"));
    assert_null(strstr(text, "\"onload"));
    assert_null(strchr(text, '\x01'));
    assert_null(strstr(text, "\xe2\x80\xae"));
    assert_non_null(strstr(text, "åäö"));
    assert_non_null(strstr(text, "default-src 'none'"));
    free(s);
}

/* All that a registrar needs is there, in Swedish. */
static void r16_what_a_registrar_needs_is_there(void **state)
{
    static const char *const wanted[] = { "Handling att diarieföra",
                                          "Begäran om allmän handling",
                                          "Inkom",
                                          "&lt;b&gt;Eva&lt;/b&gt; (eva)",
                                          "https://platform.example/c/1?a=1&amp;b=2",
                                          "Skolan",
                                          "Grundskolan",
                                          "Barn- och utbildningsnämnden",
                                          "i1.n1",
                                          "Hej! /Anna, rektor",
                                          "Vårt svar",
                                          "Uppsikt har inte läst orden.",
                                          "01RECORD",
                                          "c0c0c0c0" };
    sample *s = make();
    UPP_AUTO(buf_done) buf page = { 0 };
    (void)state;
    assert_int_equal(diary_html(&s->c, &page), 0);
    for (size_t i = 0; i < UPP_LEN(wanted); i++)
        if (!strstr(buf_text(&page), wanted[i]))
            fail_msg("the page does not say: %s", wanted[i]);
    free(s);
}

static void r16_a_machine_reads_it_too(void **state)
{
    sample *s = make();
    UPP_AUTO(buf_done) buf text = { 0 };
    (void)state;
    assert_int_equal(diary_json(&s->c, &text), 0);
    json_t *all = json_loadb((const char *)text.at, text.len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(all);
    assert_string_equal(json_string_value(json_object_get(all, "matter")), "i1.n1");
    assert_string_equal(json_string_value(json_object_get(all, "received")),
                        "2026-11-23T08:00:00Z");
    const json_t *first = json_array_get(json_object_get(all, "written"), 0);
    const char *said = json_string_value(json_object_get(first, "text"));
    assert_non_null(strstr(said, "<script>alert(1)")); /* as it was written */
    assert_non_null(strstr(said, "\xef\xbf\xbd"));     /* but for what is no UTF-8 */
    assert_int_equal(json_string_length(json_object_get(all, "salt")), 64);
    json_decref(all);
    free(s);
}

/* A second attempt is the same file: to the byte. Another salt makes another sum, so that the sum
 * in the log tells nobody what was written. */
static void r16_the_same_case_is_the_same_file(void **state)
{
    sample *s = make();
    UPP_AUTO(buf_done) buf a = { 0 };
    UPP_AUTO(buf_done) buf b = { 0 };
    UPP_AUTO(buf_done) buf other = { 0 };
    (void)state;
    assert_int_equal(diary_package(&s->c, &a), 0);
    assert_int_equal(setenv("TZ", "Asia/Tokyo", 1), 0);
    assert_int_equal(diary_package(&s->c, &b), 0);
    assert_int_equal(a.len, b.len);
    assert_memory_equal(a.at, b.at, a.len);
    s->salt[0]++;
    assert_int_equal(diary_package(&s->c, &other), 0);
    assert_true(other.len != a.len || memcmp(other.at, a.at, a.len) != 0);
    free(s);
}

static int shell(char *line)
{
    char *const argv[] = { upp_lend("sh"), upp_lend("-c"), line, NULL };
    pid_t pid;
    int status = 0;
    assert_int_equal(posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Other people's tools take it: unzip tests it, sha256sum holds the files against the manifest. */
static void r16_other_tools_agree(void **state)
{
    char folder[] = "/tmp/upp-diary-XXXXXX", path[64], command[300];
    sample *s = make();
    UPP_AUTO(buf_done) buf zip = { 0 };
    (void)state;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(diary_package(&s->c, &zip), 0);
    snprintf(path, sizeof path, "%s/a.zip", folder);
    FILE *out = fopen(path, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(zip.at, 1, zip.len, out), zip.len);
    assert_int_equal(fclose(out), 0);
    snprintf(command, sizeof command,
             "cd %s && python3 -m zipfile -t a.zip > /dev/null && python3 -m zipfile -e a.zip . &&"
             " test $(ls | wc -l) = 4 && sha256sum --quiet -c manifest-sha256.txt",
             folder);
    assert_int_equal(shell(command), 0);
    snprintf(command, sizeof command, "rm -r %s", folder);
    assert_int_equal(shell(command), 0);
    free(s);
}

static void r16_what_may_be_a_number(void **state)
{
    char number[DIARY_NUMBER];
    char longest[80];
    (void)state;
    assert_true(diary_number_read(" KS 2026/00123 \r\n", 17, number));
    assert_string_equal(number, "KS 2026/00123");
    assert_true(diary_number_read("Dnr å 1\n", 9, number));
    static const char *const bad[] = {
        "", " \n", "KS 1\nKS 2", "KS\x01", "KS \xff", "KS \xc2\x9b"
    };
    for (size_t i = 0; i < UPP_LEN(bad); i++)
        assert_false(diary_number_read(bad[i], strlen(bad[i]), number));
    memset(longest, '1', sizeof longest);
    assert_true(diary_number_read(longest, 64, number));
    assert_false(diary_number_read(longest, 65, number));
}

/* A webhook's answer may be anybody's: a number, or nothing. */
static void r16_what_a_webhook_answers(void **state)
{
    static const char *const bad[] = { "",
                                       "KS 1",
                                       "[]",
                                       "{\"diary_number\": 12}",
                                       "{\"diary_number\": null}",
                                       "{\"diary_number\": \"\"}",
                                       "{\"diary_number\": \"KS\\n1\"}",
                                       "{\"diary_number\": \"KS\\u00001\"}",
                                       "{\"diary_number\": \"1\", \"diary_number\": \"2\"}",
                                       "{\"diary_number\": \"KS 1\"" };
    static const char good[] = "{\"id\": [1], \"diary_number\": \"KS 2026/1\"}";
    char number[DIARY_NUMBER];
    (void)state;
    assert_true(diary_answer_read(good, sizeof good - 1, number));
    assert_string_equal(number, "KS 2026/1");
    for (size_t i = 0; i < UPP_LEN(bad); i++)
        assert_false(diary_answer_read(bad[i], strlen(bad[i]), number));
}

/* What does not fit is said, on the page and to machines. */
static void r16_what_is_cut_is_said(void **state)
{
    sample *s = make();
    UPP_AUTO(buf_done) buf page = { 0 };
    UPP_AUTO(buf_done) buf text = { 0 };
    (void)state;
    s->c.cut = true;
    assert_int_equal(diary_html(&s->c, &page), 0);
    assert_int_equal(diary_json(&s->c, &text), 0);
    assert_non_null(strstr(buf_text(&page), "Det finns mer än vad som ryms här"));
    assert_non_null(strstr(buf_text(&text), "\"cut_short\": true"));
    free(s);
}

static void r16_by_which_way(void **state)
{
    char name[DIARY_NAME];
    (void)state;
    assert_int_equal(diary_way_of(NULL), DIARY_NONE);
    assert_int_equal(diary_way_of(""), DIARY_NONE);
    assert_int_equal(diary_way_of("/srv/diarium/in"), DIARY_FOLDER);
    assert_int_equal(diary_way_of("sftp://uppsikt@diarium.example/in"), DIARY_SFTP);
    assert_int_equal(diary_way_of("https://diarium.example/in"), DIARY_WEBHOOK);
    assert_int_equal(diary_way_of("mailto:registrator@kommun.example"), DIARY_WRONG);
    assert_int_equal(diary_way_of("smtp://mail.example"), DIARY_WRONG);
    diary_package_name("acc/../x y.n1", 12, name);
    assert_string_equal(name, "uppsikt-acc-..-x-y.n1-12");
}

/* What the options lack is said before anything is sent. */
static void r16_options_that_cannot_be(void **state)
{
    diary_config c = { .patience_span = UPP_MINUTE, .look_span = UPP_MINUTE };
    (void)state;
    assert_null(diary_wrong_with(&c));
    static const char *const bad[] = { "mailto:registrator@kommun.example",
                                       "http://diarium.example/in", "https://diarium.example/in",
                                       "sftp://diarium.example/in", "sftp://u@diarium.example/in" };
    for (size_t i = 0; i < UPP_LEN(bad); i++) {
        c.deliver = bad[i];
        assert_non_null(diary_wrong_with(&c));
    }
    c.deliver = "https://diarium.example/in";
    c.secret = "whsec_kort";
    assert_non_null(diary_wrong_with(&c));
    c.secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    assert_null(diary_wrong_with(&c));
}

/* R24: a private key that everybody may read is none; 0440 is how secrets are handed out. */
static void r16_a_key_that_everybody_may_read(void **state)
{
    static const struct {
        mode_t mode;
        bool good;
    } rows[] = { { 0600, true }, { 0400, true }, { 0440, true }, { 0604, false }, { 0660, false } };
    char key[] = "/tmp/upp-diary-key-XXXXXX";
    const int fd = mkstemp(key);
    (void)state;
    assert_true(fd >= 0);
    diary_config c = { .deliver = "sftp://u@diarium.example/in",
                       .key = key,
                       .known_hosts = key,
                       .patience_span = UPP_MINUTE,
                       .look_span = UPP_MINUTE };
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        assert_int_equal(fchmod(fd, rows[i].mode), 0);
        assert_int_equal(diary_wrong_with(&c) == NULL, rows[i].good);
    }
    assert_int_equal(fchmod(fd, 0600), 0);
    c.known_hosts = "/nowhere/known_hosts";
    assert_non_null(diary_wrong_with(&c));
    close(fd);
    assert_int_equal(unlink(key), 0);
}

/* The example of standardwebhooks.com. */
static void r16_a_signature_as_others_make_it(void **state)
{
    static const char body[] = "{\"test\": 2432232314}";
    char signature[DIARY_SIGNATURE];
    (void)state;
    assert_true(diary_sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek",
                           1614265330, (upp_bytes){ (const uint8_t *)body, sizeof body - 1 },
                           signature));
    assert_string_equal(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(r16_nothing_that_was_written_acts),
        cmocka_unit_test(r16_what_a_registrar_needs_is_there),
        cmocka_unit_test(r16_a_machine_reads_it_too),
        cmocka_unit_test(r16_the_same_case_is_the_same_file),
        cmocka_unit_test(r16_other_tools_agree),
        cmocka_unit_test(r16_what_may_be_a_number),
        cmocka_unit_test(r16_what_a_webhook_answers),
        cmocka_unit_test(r16_what_is_cut_is_said),
        cmocka_unit_test(r16_by_which_way),
        cmocka_unit_test(r16_options_that_cannot_be),
        cmocka_unit_test(r16_a_key_that_everybody_may_read),
        cmocka_unit_test(r16_a_signature_as_others_make_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
