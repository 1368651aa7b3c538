/* pure_test.c - what has no store and no clock: periods, a list's sum, addresses, the files of a
 * record and their parts, the page of it (R22, R23; B3). */
#include "address.h"
#include "dossier.h"
#include "due.h"
#include "rendering.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static upp_ms at(const char *text)
{
    int64_t ms = 0;
    assert_int_equal(civil_parse(text, &ms), 0);
    return ms;
}

static zone *stockholm(void)
{
    static uint8_t bytes[64 * 1024];
    const char *why = "";
    zone *tz = NULL;
    FILE *file = fopen("/usr/share/zoneinfo/Europe/Stockholm", "rb");
    assert_non_null(file);
    const size_t n = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    assert_int_equal(zone_parse((upp_bytes){ bytes, n }, &tz, &why), 0);
    return tz;
}

static void months_are_the_calendars(void **state)
{
    static const struct {
        const char *from;
        int32_t months;
        const char *then;
    } rows[] = {
        { "2026-01-31T10:00:00+01:00", 1, "2026-02-28T10:00:00+01:00" },
        { "2027-01-31T10:00:00+01:00", 13, "2028-02-29T10:00:00+01:00" },
        { "2026-11-30T10:00:00+01:00", 24, "2028-11-30T10:00:00+01:00" },
        { "2026-02-28T02:30:00+01:00", 1, "2026-03-28T02:30:00+01:00" },
        { "2026-12-31T23:59:59+01:00", 0, "2026-12-31T23:59:59+01:00" },
        { "2026-01-25T12:00:00+01:00", 6, "2026-07-25T12:00:00+02:00" },
        { "2026-02-28T23:30:00Z", 12, "2027-03-01T00:30:00+01:00" }, /* a local first of March */
    };
    zone *tz = stockholm();
    (void)state;
    for (size_t i = 0; i < UPP_LEN(rows); i++)
        assert_int_equal(due_after(tz, at(rows[i].from), rows[i].months), at(rows[i].then));
    zone_free(tz);
}

static void each_line_changes_the_sum(void **state)
{
    static const char *const lists[][4] = {
        { "rad", "", "a", "b" },    { "rad", "", "a", "c" },    { "rad", "", "ab", NULL },
        { "rad", "lag", "a", "b" }, { "radl", "ag", "a", "b" }, { "rad", "", "a", NULL },
    };
    uint8_t sums[UPP_LEN(lists)][32];
    (void)state;
    for (size_t i = 0; i < UPP_LEN(lists); i++) {
        due_list *list = due_list_new(lists[i][0], lists[i][1]);
        for (size_t k = 2; k < 4 && lists[i][k]; k++)
            assert_true(due_list_add(list, lists[i][k]));
        assert_false(due_list_add(list, "a")); /* out of order, or twice */
        due_list_end(list, sums[i]);
        for (size_t k = 0; k < i; k++)
            assert_memory_not_equal(sums[k], sums[i], 32);
    }
}

static bool is_public(const char *text)
{
    struct sockaddr_in in = { .sin_family = AF_INET };
    struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
    if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
        return address_public((struct sockaddr *)&in);
    assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
    return address_public((struct sockaddr *)&in6);
}

/* Both ends of each net that is not the public internet's, and the neighbours outside. */
static void only_public_addresses(void **state)
{
    static const char *const no[] = {
        "0.0.0.0",
        "0.255.255.255",
        "10.0.0.0",
        "10.255.255.255",
        "100.64.0.0",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.255",
        "169.254.0.0",
        "169.254.169.254",
        "172.16.0.0",
        "172.31.255.255",
        "192.0.0.1",
        "192.168.0.0",
        "192.168.255.255",
        "198.18.0.0",
        "198.19.255.255",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:10.0.0.1",
        "::ffff:127.0.0.1",
        "64:ff9b::10.0.0.1",
        "fc00::1",
        "fdff::1",
        "fe80::1",
        "ff02::1",
        "2001:db8::1",
        "2001::1",
        "2002:a00:1::1",
        "4000::1",
        "::10.0.0.1",
    };
    static const char *const yes[] = {
        "1.0.0.0",         "9.255.255.255",        "11.0.0.0",
        "100.63.255.255",  "100.128.0.0",          "126.255.255.255",
        "128.0.0.0",       "169.253.255.255",      "169.255.0.0",
        "172.15.255.255",  "172.32.0.0",           "192.167.255.255",
        "192.169.0.0",     "198.17.255.255",       "198.20.0.0",
        "223.255.255.255", "2001:4860:4860::8888", "2a00:1450::1",
        "::ffff:8.8.8.8",  "64:ff9b::8.8.8.8",
    };
    const struct sockaddr other = { .sa_family = AF_UNIX };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(no); i++)
        if (is_public(no[i]))
            fail_msg("%s", no[i]);
    for (size_t i = 0; i < UPP_LEN(yes); i++)
        if (!is_public(yes[i]))
            fail_msg("%s", yes[i]);
    assert_false(address_public(&other));
}

/* -- the files of a record -- */
static Uppsikt__CommentReceivedContent words_of(const char *text)
{
    Uppsikt__CommentReceivedContent said = UPPSIKT__COMMENT_RECEIVED_CONTENT__INIT;
    said.text = upp_lend(text);
    return said;
}

static dossier dossier_about(const Uppsikt__CommentReceivedContent *said)
{
    return (dossier){ .record = "R",
                      .item = "I",
                      .account = "acc",
                      .account_name = "Skolan",
                      .platform = "facebook",
                      .lang = "sv",
                      .status = "ok",
                      .version = 1,
                      .level = UPPSIKT__SEAL_LEVEL__SEAL_LEVEL_WHOLE,
                      .received = 1790000000000,
                      .captured = 1790000001000,
                      .said = said,
                      .row = "",
                      .row_decision = "",
                      .mandate = "" };
}

static void the_same_dossier_gives_the_same_bytes(void **state)
{
    const Uppsikt__CommentReceivedContent said = words_of("ord");
    const dossier d = dossier_about(&said);
    dossier_files one, two;
    (void)state;
    dossier_make(&d, &one);
    dossier_make(&d, &two);
    char *a = dossier_manifest(&one), *b = dossier_manifest(&two);
    assert_string_equal(a, b);
    assert_int_equal(one.n, 4);
    assert_string_equal(one.rows[3].path, "record.json");
    free(a);
    free(b);
    dossier_files_done(&one);
    dossier_files_done(&two);
}

/* All parts together are all files, byte for byte, whatever their lengths; the last says so. */
static void parts_make_up_the_files(void **state)
{
    char *text = calloc(1, 120001);
    (void)state;
    for (size_t len = 1; len <= 120000; len += 9973) {
        memset(text, 'x', len);
        text[len] = '\0';
        const Uppsikt__CommentReceivedContent said = words_of(text);
        dossier d = dossier_about(&said);
        d.level = UPPSIKT__SEAL_LEVEL__SEAL_LEVEL_RAW;
        dossier_files files;
        dossier_make(&d, &files);
        size_t sizes[8] = { 0 }, part = 0;
        for (bool last = false; !last; part++) {
            dossier_piece pieces[DOSSIER_PIECES];
            const size_t n = dossier_part(&files, part, pieces, &last);
            size_t sum = 0;
            assert_true(n > 0 && part < 16);
            for (size_t i = 0; i < n; i++) {
                const size_t which = (size_t)(pieces[i].file - files.rows);
                assert_int_equal(pieces[i].offset, sizes[which]);
                sizes[which] += pieces[i].len;
                sum += pieces[i].len;
            }
            assert_true(sum <= DOSSIER_PART && (last || sum == DOSSIER_PART));
        }
        for (size_t i = 0; i < files.n; i++)
            assert_int_equal(sizes[i], files.rows[i].len);
        dossier_files_done(&files);
    }
    free(text);
}

/* Whatever people wrote is text on the page: no tag, no attribute, no control character; and the
 * page fits what the browser may be asked. */
static void the_page_escapes_everything(void **state)
{
    static const char nasty[] =
        "<script>alert(1)</script>\"'&<img src=x onerror=y>\x01\x1b[2J</style>\xe2\x80\xae";
    Uppsikt__CommentReceivedContent said = words_of(nasty);
    Uppsikt__ItemAuthor author = UPPSIKT__ITEM_AUTHOR__INIT;
    Uppsikt__ItemAttachment a = UPPSIKT__ITEM_ATTACHMENT__INIT;
    Uppsikt__ItemAttachment *list[] = { &a };
    size_t len = 0;
    (void)state;
    author.name = author.handle = upp_lend(nasty);
    a.type = a.name = upp_lend(nasty);
    said.author = &author;
    said.attachments = list;
    said.n_attachments = 1;
    dossier d = dossier_about(&said);
    d.account_name = nasty;
    const dossier_words above = { .item = "P", .role = "post", .said = &said };
    d.context = &above;
    d.n_context = 1;
    char *page = rendering_make(&d, &len);
    assert_null(strstr(page, "<script"));
    assert_null(strstr(page, "<img"));
    assert_null(strpbrk(page, "\x01\x1b"));
    assert_non_null(strstr(page, "&lt;script&gt;alert(1)"));
    assert_int_equal(strlen(page), len);
    const char *style = strstr(page, "</style>");
    assert_null(strstr(style + 1, "</style>"));
    free(page);
}

static void the_longest_page_fits(void **state)
{
    char *text = malloc(60001);
    Uppsikt__CommentReceivedContent said;
    dossier_words around[DOSSIER_CONTEXT];
    size_t len = 0;
    (void)state;
    memset(text, '"', 60000);
    text[60000] = '\0';
    said = words_of(text);
    dossier d = dossier_about(&said);
    for (size_t i = 0; i < DOSSIER_CONTEXT; i++)
        around[i] = (dossier_words){ .item = "P", .role = "ancestor", .said = &said };
    d.context = around;
    d.n_context = DOSSIER_CONTEXT - 1;
    char *page = rendering_make(&d, &len);
    assert_true(len <= RENDERING_BYTES);
    assert_non_null(strstr(page, "Texten är kortad här"));
    free(page);
    free(text);
}

/* Both languages have the same keys, in the same order; each has words. */
static void both_languages_say_the_same(void **state)
{
    size_t n = 0;
    FILE *files[2] = { fopen(UPP_ROOT "/services/evidence/evidence.sv.txt", "r"),
                       fopen(UPP_ROOT "/services/evidence/evidence.en.txt", "r") };
    char lines[2][400];
    (void)state;
    assert_true(files[0] && files[1]);
    while (fgets(lines[0], sizeof lines[0], files[0])) {
        assert_non_null(fgets(lines[1], sizeof lines[1], files[1]));
        const size_t key = strcspn(lines[0], "=");
        assert_int_equal(strcspn(lines[1], "="), key);
        assert_memory_equal(lines[0], lines[1], key);
        assert_true(strlen(lines[0]) > key + 2 && strlen(lines[1]) > key + 2);
        n++;
    }
    assert_null(fgets(lines[1], sizeof lines[1], files[1]));
    fclose(files[0]);
    fclose(files[1]);
    assert_true(n > 80);
}

/* Why a copy was not sealed, a head not stamped, is said in words (EvidenceFailed.reason,
 * TreeHeadUnstamped.reason). */
static void each_reason_has_words(void **state)
{
    static const char *const reasons[] = {
        "capture-slow",       "attachments-slow", "writing-slow",    "writing-given-up",
        "written-differs",    "disk-full",        "write-failed",    "part-missing",
        "path-refused",       "capture-timeout",  "capture-failed",  "capture-malformed",
        "capture-incomplete", "capture-given-up", "stamp-connect",   "stamp-timeout",
        "stamp-no-reply",     "stamp-too-large",  "stamp-clock",     "stamp-trial",
        "stamp-off",          "stamp-given-up",   "token-malformed", "token-refused",
        "token-imprint",      "token-nonce",      "token-signature", "token-chain",
        "token-roots",
    };
    char text[RENDERING_PHRASE];
    (void)state;
    for (size_t i = 0; i < UPP_LEN(reasons); i++)
        assert_string_not_equal(rendering_phrase(reasons[i], text), reasons[i]);
}

static void times_as_people_write_them(void **state)
{
    char text[RENDERING_TIME];
    zone *tz = stockholm();
    (void)state;
    rendering_time(tz, at("2026-11-24T14:30:05Z"), text);
    assert_string_equal(text, "tis 24 nov 2026 kl. 15.30.05");
    rendering_time(NULL, at("2026-11-24T14:30:05Z"), text);
    assert_string_equal(text, "tis 24 nov 2026 kl. 14.30.05 UTC");
    zone_free(tz);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(months_are_the_calendars),
        cmocka_unit_test(each_line_changes_the_sum),
        cmocka_unit_test(only_public_addresses),
        cmocka_unit_test(the_same_dossier_gives_the_same_bytes),
        cmocka_unit_test(parts_make_up_the_files),
        cmocka_unit_test(the_page_escapes_everything),
        cmocka_unit_test(the_longest_page_fits),
        cmocka_unit_test(both_languages_say_the_same),
        cmocka_unit_test(each_reason_has_words),
        cmocka_unit_test(times_as_people_write_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
