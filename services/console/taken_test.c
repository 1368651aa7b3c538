/* taken_test.c - what a search finds, taken out to be handed out: by whom, noted, whole (R28, R25,
 * R29). */
#include "acts_fixture.h"
#include "zip.h"

static void find_fault(void *ctx, const char *path, uint64_t offset, const char *what)
{
    (void)ctx;
    fail_msg("%s at %llu: %s", path, (unsigned long long)offset, what);
}

/* One file of the zip that came; the caller frees. */
static buf unzipped(const char *name)
{
    const upp_bytes whole = { got.file, got.len };
    const source in = source_of(&whole);
    complaints faults = { .say = find_fault };
    buf out = { 0 };
    zip z;
    assert_int_equal(zip_read(&in, "zip", true, &faults, &z), 1);
    assert_non_null(zip_find(&z, name));
    assert_int_equal(zip_unpack(&z, zip_find(&z, name), 1 << 20, &faults, &out), 1);
    zip_done(&z);
    return out;
}

static size_t lines_of(const buf *text)
{
    size_t n = 0;
    for (size_t i = 0; i < text->len; i++)
        n += text->at[i] == '\n';
    return n;
}

static void R29_each_item_is_noted_and_then_handed_out(void **state)
{
    (void)state;
    bus = (struct bus){ .role = "registrar", .found = 7 };
    assert_int_equal(post("/sok/underlag", "words=badet&account=acc&from=2025-11-01"), 200);
    assert_int_equal(bus.n, 4); /* seven versions of four items */
    for (size_t i = 0; i < bus.n; i++) {
        char item[8];
        snprintf(item, sizeof item, "i%zu", 3 - i);
        is_hers(&bus.commands[i], &(act){ .service = "evidence", .type = "NoteView" });
        assert_string_equal(bus.commands[i].what, "exported");
        assert_true(in_it(&bus.commands[i], item));
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(bus.commands[i].id, bus.commands[j].id, 16);
    }
    assert_string_equal(got.type, "application/zip");
    assert_string_equal(got.file_name, "utlamnande-2025-11-24.zip"); /* no word, no account */
    UPP_AUTO(buf_done)
    buf whole = unzipped("utlamnande-2025-11-24/sekretessprovning/handlingar.jsonl");
    UPP_AUTO(buf_done) buf covered = unzipped("utlamnande-2025-11-24/maskad/handlingar.jsonl");
    UPP_AUTO(buf_done) buf log = unzipped("utlamnande-2025-11-24/logg.json");
    assert_int_equal(lines_of(&whole), 7);
    assert_int_equal(lines_of(&covered), 7);
    assert_non_null(strstr(buf_text(&whole), "070-174 06 05"));
    assert_null(strstr(buf_text(&covered), "070-174"));
    assert_non_null(strstr(buf_text(&log), "\"made_by\":\"anna\",\"account\":\"acc\","
                                           "\"search\":\"badet\""));
    /* a double click: the same commands, which count once */
    sent first = bus.commands[0];
    assert_int_equal(post("/sok/underlag", "words=badet"), 200);
    assert_memory_equal(bus.commands[0].id, first.id, sizeof first.id);
}

static void R29_what_cannot_be_noted_is_not_handed_out(void **state)
{
    (void)state;
    static const struct {
        int how;
        unsigned status;
        const char *complaint;
    } ends[] = { { 1, 409, "find.unnoted" }, { UPP_E_BUSY, 503, "down.evidence" } };
    for (size_t i = 0; i < UPP_LEN(ends); i++)
        for (int from = 1; from <= 4; from++) {
            bus = (struct bus){
                .role = "archivist", .found = 7, .refused_from = from, .how = ends[i].how
            };
            assert_int_equal(post("/sok/underlag", "words=badet"), ends[i].status);
            assert_string_equal(got.complaint, ends[i].complaint);
            assert_null(got.file);
            assert_string_equal(got.file_name, "");
            assert_int_equal(bus.n, from);
        }
}

static void R25_the_registrar_and_the_archivist_take_it_out(void **state)
{
    (void)state;
    static const char *const may_not[] = { NULL,     "administrator",  "manager",
                                           "reader", "communications", "operations" };
    for (size_t i = 0; i < UPP_LEN(may_not); i++) {
        bus = (struct bus){ .role = may_not[i], .found = 1 };
        assert_int_equal(post("/sok/underlag", "words=badet"), 403);
        assert_null(got.file);
        assert_int_equal(bus.n + bus.rounds, 0); /* nothing is even looked for */
    }
    static const char *const may[] = { "registrar", "archivist" };
    for (size_t i = 0; i < UPP_LEN(may); i++) {
        bus = (struct bus){ .role = may[i], .found = 1 };
        assert_int_equal(post("/sok/underlag", "words=badet"), 200);
        assert_non_null(got.file);
    }
    bus = (struct bus){ .role = "registrar", .found = 1, .nobody = true };
    assert_int_equal(post("/sok/underlag", "words=badet"), 403);
    assert_null(got.file);
}

/* All of what was asked for, or nothing and why: never a part that looks whole. */
static void R28_a_package_is_whole_or_none(void **state)
{
    (void)state;
    static const struct {
        unsigned found;
        bool endless;
        const char *fields, *complaint;
    } none[] = {
        { 201, false, "words=badet", "find.narrow" },
        { 0, true, "words=badet", "find.narrow" },
        { 0, false, "words=badet", "find.none" },
        { 7, false, "words=badet&from=i+fjol", "from:find.need-day" },
    };
    for (size_t i = 0; i < UPP_LEN(none); i++) {
        bus =
            (struct bus){ .role = "registrar", .found = none[i].found, .endless = none[i].endless };
        assert_int_equal(post("/sok/underlag", none[i].fields), 422);
        assert_string_equal(got.complaint, none[i].complaint);
        assert_null(got.file);
        assert_int_equal(bus.n, 0); /* and nothing is noted of it */
    }
    bus = (struct bus){ .role = "registrar", .found = 200 };
    assert_int_equal(post("/sok/underlag", "words=badet&before_ms=3&before=i1"), 200);
    assert_int_equal(bus.n, 100);
    assert_int_equal(bus.rounds, 40); /* from the top, wherever the page had come to */
    UPP_AUTO(buf_done)
    buf whole = unzipped("utlamnande-2025-11-24/sekretessprovning/handlingar.jsonl");
    assert_int_equal(lines_of(&whole), 200);
}

/* It is held in memory while it is made. */
static void R28_a_package_of_long_texts_is_none(void **state)
{
    (void)state;
    enum { LONG = 2 * 1024 * 1024 };
    char *text = malloc(LONG + 1);
    assert_non_null(text);
    memset(text, 'a', LONG);
    text[LONG] = '\0';
    bus = (struct bus){ .role = "registrar", .found = 5, .text = text };
    assert_int_equal(post("/sok/underlag", "words=badet"), 422);
    assert_string_equal(got.complaint, "find.narrow");
    assert_null(got.file);
    assert_int_equal(bus.n, 0);
    free(text);
}

static void a_page_below_the_search_is_none(void **state)
{
    (void)state;
    bus = (struct bus){ .role = "registrar", .found = 1 };
    assert_int_equal(post("/sok/annat", "words=badet"), 405);
    assert_null(got.file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R29_each_item_is_noted_and_then_handed_out),
        cmocka_unit_test(R29_what_cannot_be_noted_is_not_handed_out),
        cmocka_unit_test(R25_the_registrar_and_the_archivist_take_it_out),
        cmocka_unit_test(R28_a_package_is_whole_or_none),
        cmocka_unit_test(R28_a_package_of_long_texts_is_none),
        cmocka_unit_test(a_page_below_the_search_is_none),
    };
    return cmocka_run_group_tests(tests, open_house, close_house);
}
