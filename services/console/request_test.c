/* request_test.c - a package of public records: what is covered in it and what is not, its files,
 * the zip that they go in (R28, R24). */
#include "fixity.h"
#include "request_package.h"
#include "zip.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void say(void *ctx, const char *line)
{
    (void)ctx;
    fail_msg("%s", line);
}

typedef struct bench {
    classifier *c;
    classifier_room *room;
} bench;

static int set_up(void **state)
{
    static bench b;
    b = (bench){ classifier_new_embedded(say, NULL), classifier_room_new() };
    *state = &b;
    return b.c && b.room ? 0 : -1;
}

static int tear_down(void **state)
{
    bench *b = *state;
    classifier_free(b->c);
    classifier_room_free(b->room);
    return 0;
}

static size_t cover(const bench *b, const char *text, buf *out, request_mask *masks, bool *secret)
{
    size_t n = 0;
    request_propose(b->c, b->room, text, masks, &n, secret);
    assert_int_equal(request_cover(text, masks, n, out), 0);
    return n;
}

static void r28_what_names_a_person_is_covered(void **state)
{
    static const struct {
        const char *text, *gone;
    } rows[] = {
        { "Mitt personnummer är 811228-9874, hör av er!", "811228-9874" },
        { "Ring mig på 070-174 06 05 i morgon", "070-174 06 05" },
        { "Skriv till karin.provsson@exempel.se så svarar jag", "karin.provsson@exempel.se" },
    };
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        request_mask masks[REQUEST_MASKS];
        buf out = { 0 };
        bool secret = false;
        assert_true(cover(*state, rows[i].text, &out, masks, &secret) >= 1);
        assert_null(strstr(buf_text(&out), rows[i].gone));
        /* the rest stands as it was, and as many characters as before */
        assert_memory_equal(buf_text(&out), rows[i].text, masks[0].start);
        const size_t tail = strlen(rows[i].text + masks[0].end);
        assert_string_equal(buf_text(&out) + out.len - tail, rows[i].text + masks[0].end);
        buf_done(&out);
    }
}

static void r28_what_names_nobody_stands(void **state)
{
    static const char *const rows[] = { "", "När öppnar badhuset på lördag?",
                                        "Tack för svaret, åäö! 🙂",
                                        "Diarienummer KS 2026/00123 gäller gatan." };
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        request_mask masks[REQUEST_MASKS];
        buf out = { 0 };
        bool secret = false;
        assert_int_equal(cover(*state, rows[i], &out, masks, &secret), 0);
        assert_string_equal(buf_text(&out), rows[i]);
        buf_done(&out);
    }
}

/* However many places, they come apart and in order, and nothing between them is lost. */
static void places_are_apart_and_in_order(void **state)
{
    const char *text =
        "811228-9874, 070-174 06 05 och karin@exempel.se, 070-174 06 06, 811228-9874";
    request_mask masks[REQUEST_MASKS];
    buf out = { 0 };
    bool secret = false;
    const size_t n = cover(*state, text, &out, masks, &secret);
    assert_true(n >= 4);
    for (size_t i = 1; i < n; i++)
        assert_true(masks[i - 1].end <= masks[i].start);
    assert_non_null(strstr(buf_text(&out), " och "));
    buf_done(&out);
}

/* Behind what the classifier reads, and behind the last finding that it tells, nothing is covered:
 * a person is told to read it. */
static void r28_what_was_not_looked_at_is_for_a_person(void **state)
{
    static char text[10000];
    request_mask masks[REQUEST_MASKS];
    buf out = { 0 };
    bool secret = false;
    for (size_t i = 0; i < 9000; i++)
        text[i] = i % 10 == 9 ? ' ' : 'a';
    memcpy(text + 9000, "070-174 06 05", 14);
    assert_int_equal(cover(*state, text, &out, masks, &secret), 0);
    assert_true(secret);
    buf_done(&out);
    text[0] = '\0';
    for (size_t i = 0; i < 60; i++)
        memcpy(text + 15 * i, "070-174 06 05, ", 16);
    out = (buf){ 0 };
    secret = false;
    assert_true(cover(*state, text, &out, masks, &secret) >= 40);
    assert_true(secret);
    buf_done(&out);
}

/* -- the files -- */
static const request_row rows[] = {
    { .item = "i1",
      .account = "acc",
      .author = "Bo <Ågren>",
      .permalink = "https://x.example/1",
      .text = "Ring 070-174 06 05 & fråga\n\"när\"",
      .received = "tis 24 nov 15.30",
      .version = 2,
      .received_ms = 1795530600000,
      .gone = true },
    { .item = "i2",
      .account = "acc",
      .author = "",
      .permalink = "",
      .text = "Mobbning i skolan, min dotter har en diagnos och går hos BUP",
      .received = "-",
      .version = 1 },
};

static const request_asked asked = {
    .folder = "mapp", .made_by = "rut", .search = "fråga", .from = 1795000000000
};

static request_package *a_package(phrases *words)
{
    static request_package p;
    assert_int_equal(request_begin(&p, words), 0);
    for (size_t i = 0; i < UPP_LEN(rows); i++)
        assert_int_equal(request_add(&p, &rows[i]), 0);
    assert_int_equal(request_end(&p, &asked), 0);
    return &p;
}

static const char *file_of(const request_package *p, const char *name)
{
    for (size_t i = 0; i < REQUEST_FILES; i++)
        if (strcmp(p->files[i].name, name) == 0)
            return buf_text(&p->files[i].bytes);
    fail_msg("no file %s", name);
    return "";
}

#define BLOCK "\xe2\x96\x88"
#define PHONE BLOCK BLOCK BLOCK BLOCK BLOCK BLOCK BLOCK " " BLOCK BLOCK " " BLOCK BLOCK

/* To the byte, as `uppsikt request make` has always written it. */
static void R28_the_files_are_those_of_the_command(void **state)
{
    (void)state;
    char log[400];
    phrases *sv = phrases_new("sv");
    request_package *p = a_package(sv);
    assert_int_equal(p->n_rows, 2);
    assert_int_equal(p->n_masks, 1);
    assert_int_equal(p->n_secret, 1);
    assert_string_equal(
        file_of(p, "sekretessprovning/handlingar.jsonl"),
        "{\"item\":\"i1\",\"version\":2,\"account\":\"acc\",\"received_ms\":1795530600000,"
        "\"received\":\"tis 24 nov 15.30\",\"gone\":true,\"author\":\"Bo <Ågren>\","
        "\"permalink\":\"https://x.example/1\","
        "\"text\":\"Ring 070-174 06 05 & fråga\\n\\\"när\\\"\"}\n"
        "{\"item\":\"i2\",\"version\":1,\"account\":\"acc\",\"received_ms\":0,\"received\":\"-\","
        "\"gone\":false,\"author\":\"\",\"permalink\":\"\","
        "\"text\":\"Mobbning i skolan, min dotter har en diagnos och går hos BUP\"}\n");
    assert_null(strstr(file_of(p, "maskad/handlingar.jsonl"), "070-174"));
    assert_non_null(strstr(file_of(p, "maskad/handlingar.jsonl"), "\"Ring " PHONE " & fråga"));
    assert_string_equal(
        file_of(p, "maskad/handlingar.html"),
        "<!doctype html><html lang=\"sv\"><head><meta charset=\"utf-8\">"
        "<title>Utlämnande av allmän handling</title></head>"
        "<body><main><h1>Utlämnande av allmän handling</h1>\n"
        "<article><h2>tis 24 nov 15.30 · Bo &lt;Ågren&gt;</h2><p>Ring " PHONE " &amp; fråga<br>"
        "&quot;när&quot;</p></article>\n"
        "<article><h2>- · </h2><p>Mobbning i skolan, min dotter har en diagnos och går hos BUP</p>"
        "</article>\n"
        "</main></body></html>\n");
    assert_string_equal(file_of(p, "maskningar.csv"),
                        "item;version;from;to;why;proposed_by;covered;changed_by;ground;ground_by"
                        "\r\n"
                        "i1;2;5;18;träff: mobilnummer;machine;yes;;;\r\n"
                        "i2;1;;;kan vara sekretess: läs hela texten;machine;;;;\r\n");
    snprintf(log, sizeof log,
             "{\"folder\":\"mapp\",\"made_by\":\"rut\",\"search\":\"fråga\","
             "\"received_from_ms\":1795000000000,\"received_before_ms\":0,\"rows\":2,\"masks\":1,"
             "\"for_review\":1,\"classifier_model\":%u,\"masks_taken_away\":0,\"masks_added\":0,"
             "\"masks_without_ground\":1}\n",
             classifier_model_version(p->judge));
    assert_string_equal(file_of(p, "logg.json"), log);
    assert_non_null(strstr(file_of(p, "LASMIG.txt"), "\n2 / 1 / 1\n"));
    request_done(p);
    phrases_free(sv);
}

static void R28_the_manifest_has_the_sum_of_every_other_file(void **state)
{
    (void)state;
    phrases *sv = phrases_new("sv");
    request_package *p = a_package(sv);
    const char *manifest = file_of(p, "manifest-sha256.txt");
    for (size_t i = 0; i + 1 < REQUEST_FILES; i++) {
        char hex[FIXITY_HEX], line[FIXITY_HEX + 80];
        fixity_of(buf_bytes(&p->files[i].bytes), (upp_bytes){ 0 }, hex);
        snprintf(line, sizeof line, "%s  %s\n", hex, p->files[i].name);
        assert_non_null(strstr(manifest, line));
    }
    request_done(p);
    phrases_free(sv);
}

static void find_fault(void *ctx, const char *path, uint64_t offset, const char *what)
{
    (void)ctx;
    fail_msg("%s at %llu: %s", path, (unsigned long long)offset, what);
}

static void R28_the_zip_holds_the_same_bytes(void **state)
{
    (void)state;
    phrases *en = phrases_new("en");
    request_package *p = a_package(en);
    UPP_AUTO(buf_done) buf bytes = { 0 };
    complaints faults = { .say = find_fault };
    zip z;
    assert_int_equal(request_zip(p, "mapp", &bytes), 0);
    const upp_bytes whole = buf_bytes(&bytes);
    const source in = source_of(&whole);
    assert_int_equal(zip_read(&in, "zip", true, &faults, &z), 1);
    assert_int_equal(z.n, REQUEST_FILES);
    for (size_t i = 0; i < REQUEST_FILES; i++) {
        char path[100];
        UPP_AUTO(buf_done) buf out = { 0 };
        snprintf(path, sizeof path, "mapp/%s", p->files[i].name);
        assert_non_null(zip_find(&z, path));
        assert_int_equal(zip_unpack(&z, zip_find(&z, path), 100000, &faults, &out), 1);
        assert_string_equal(buf_text(&out), buf_text(&p->files[i].bytes));
    }
    zip_done(&z);
    UPP_AUTO(buf_done) buf outside = { 0 };
    assert_int_equal(request_zip(p, "..", &outside), UPP_E_INPUT);
    request_done(p);
    phrases_free(en);
}

static void what_is_no_utf8_makes_no_package(void **state)
{
    (void)state;
    phrases *sv = phrases_new("sv");
    request_package p;
    request_row row = rows[1];
    row.text = "halv \xc3";
    assert_int_equal(request_begin(&p, sv), 0);
    assert_int_equal(request_add(&p, &row), UPP_E_BUSY);
    request_done(&p);
    phrases_free(sv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(r28_what_names_a_person_is_covered),
        cmocka_unit_test(r28_what_names_nobody_stands),
        cmocka_unit_test(places_are_apart_and_in_order),
        cmocka_unit_test(r28_what_was_not_looked_at_is_for_a_person),
        cmocka_unit_test(R28_the_files_are_those_of_the_command),
        cmocka_unit_test(R28_the_manifest_has_the_sum_of_every_other_file),
        cmocka_unit_test(R28_the_zip_holds_the_same_bytes),
        cmocka_unit_test(what_is_no_utf8_makes_no_package),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
