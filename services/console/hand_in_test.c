/* hand_in_test.c - a page that a person saved is handed in at the console: whole, in her name, with
 * its sum, and what is wrong with it is said with its cure (R26, R25). */
#include "acts_fixture.h"
#include "fixity.h"
#include "upload.h"
#include "uppsikt/archive.pb-c.h"
#include <unistd.h>

#define BOUNDARY "----b1"
static const char pdf[] = "%PDF-1.7\nsidan";

/* -- what the archive says -- */
static struct archive {
    const char *state; /* of the run; NULL: there is none */
    const char *account, *file, *why;
} archive;

static int more(upp_each *each, void *ctx, const ProtobufCMessage *query)
{
    if (query->descriptor == &uppsikt__account_lines__descriptor) {
        Uppsikt__AccountLine row = UPPSIKT__ACCOUNT_LINE__INIT;
        Uppsikt__AccountLineContent name = UPPSIKT__ACCOUNT_LINE_CONTENT__INIT;
        row.account = upp_lend("acc");
        row.platform = upp_lend("facebook");
        name.name = upp_lend("Skolan");
        name.url = upp_lend("https://f.example/skolan");
        return give(each, ctx, &row.base, &name.base);
    }
    if (query->descriptor == &uppsikt__archive_runs__descriptor) {
        Uppsikt__ArchiveRun row = UPPSIKT__ARCHIVE_RUN__INIT;
        const Uppsikt__ArchiveRuns *q = (const Uppsikt__ArchiveRuns *)query;
        if (!archive.state || q->after[0])
            return 0;
        row.run = upp_lend("r1");
        row.account = upp_lend(archive.account ? archive.account : "acc");
        row.campaign = upp_lend("2025-2");
        row.state = upp_lend(archive.state);
        row.why = upp_lend("login_wall");
        return give(each, ctx, &row.base, NULL);
    }
    if (query->descriptor == &uppsikt__hand_ins__descriptor && archive.file) {
        Uppsikt__HandInRow row = UPPSIKT__HAND_IN_ROW__INIT;
        Uppsikt__HandInRowContent content = UPPSIKT__HAND_IN_ROW_CONTENT__INIT;
        Uppsikt__HandInFile file = UPPSIKT__HAND_IN_FILE__INIT;
        uint8_t sum[32];
        memset(sum, 0xab, sizeof sum);
        file.name = upp_lend("sidan.pdf");
        file.sha256 = (ProtobufCBinaryData){ sizeof sum, sum };
        content.file = &file;
        row.state = upp_lend(archive.file);
        row.why = upp_lend(archive.why ? archive.why : "");
        row.person = upp_lend("anna");
        row.mime = upp_lend("application/pdf");
        return give(each, ctx, &row.base, &content.base);
    }
    return query->descriptor == &uppsikt__hand_ins__descriptor ? 0 : 1;
}

static int fresh(void **state)
{
    (void)state;
    bus = (struct bus){ .role = "administrator", .rows = more };
    archive = (struct archive){ .state = "manual", .file = "taken" };
    return 0;
}

/* -- a browser that brings a file -- */
static void put(buf *out, const char *name, const char *value)
{
    assert_int_equal(buf_printf(out,
                                "--" BOUNDARY "\r\nContent-Disposition: form-data; name=\"%s\""
                                "\r\n\r\n%s\r\n",
                                name, value),
                     0);
}

/* `most`: how long a file may be. `whole`: it all arrives. */
static unsigned bring(const char *path, const void *bytes, size_t n, int64_t most, bool whole)
{
    static const char id[] = "00112233445566778899aabbccddeeff";
    char seal[GUARD_HEX], cookie[200];
    UPP_AUTO(buf_done) buf text = { 0 };
    bus.n = 0;
    cookie_of(cookie);
    guard_seal(token, path, id, seal);
    put(&text, "id", id);
    put(&text, "seal", seal);
    put(&text, "source", "browser");
    put(&text, "note", "utan rullning");
    assert_int_equal(buf_printf(&text,
                                "--" BOUNDARY "\r\nContent-Disposition: form-data; name=\"file\"; "
                                "filename=\"sidan åäö.pdf\"\r\nContent-Type: x/y\r\n\r\n"),
                     0);
    assert_int_equal(buf_put(&text, bytes, n), 0);
    if (whole)
        assert_int_equal(buf_printf(&text, "\r\n--" BOUNDARY "--\r\n"), 0);
    upload *u = upload_new("multipart/form-data; boundary=" BOUNDARY, "/tmp", most);
    assert_non_null(u);
    for (size_t at = 0; at < text.len; at += 100)
        upload_take(u, buf_text(&text) + at, text.len - at < 100 ? text.len - at : 100);
    const char *fields = buf_text(&u->form.fields);
    visit v = { .method = strdup("POST"),
                .path = strdup(path),
                .query = strdup(""),
                .cookie = strdup(cookie),
                .body = strdup(fields),
                .body_len = strlen(fields),
                .upload = u };
    const unsigned status = run_visit(&v);
    upload_free(u);
    return status;
}

static void R26_a_file_is_handed_in_whole_with_its_sum_and_by_whom(void **state)
{
    (void)state;
    char hex[FIXITY_HEX];
    assert_int_equal(bring("/arkiv/r1/fil", pdf, sizeof pdf - 1, 1000, true), 303);
    assert_int_equal(bus.n, 2);
    is_hers(&bus.commands[0], &(act){ .service = "archive", .type = "HandIn" });
    is_hers(&bus.commands[1], &(act){ .service = "archive", .type = "HandInPart" });
    Uppsikt__HandIn *c = uppsikt__hand_in__unpack(NULL, bus.commands[0].len, bus.commands[0].bytes);
    assert_non_null(c);
    assert_string_equal(c->run, "r1");
    assert_int_equal(c->bytes, sizeof pdf - 1);
    assert_string_equal(c->file->name, "sidan åäö.pdf");
    assert_string_equal(c->file->source, "browser");
    assert_string_equal(c->file->note, "utan rullning");
    assert_int_equal(c->file->taken_ms, now);
    fixity_of((upp_bytes){ (const uint8_t *)pdf, sizeof pdf - 1 }, (upp_bytes){ 0 }, hex);
    uint8_t sum[32];
    assert_true(guard_unhex(hex, sizeof sum, sum));
    assert_int_equal(c->file->sha256.len, sizeof sum);
    assert_memory_equal(c->file->sha256.data, sum, sizeof sum);
    uppsikt__hand_in__free_unpacked(c, NULL);
    Uppsikt__HandInPart *part =
        uppsikt__hand_in_part__unpack(NULL, bus.commands[1].len, bus.commands[1].bytes);
    assert_non_null(part);
    assert_int_equal(part->bytes.len, sizeof pdf - 1);
    assert_memory_equal(part->bytes.data, pdf, part->bytes.len);
    uppsikt__hand_in_part__free_unpacked(part, NULL);
    /* sent again, it is the same: the commands count once */
    const sent first = bus.commands[0], second = bus.commands[1];
    assert_int_equal(bring("/arkiv/r1/fil", pdf, sizeof pdf - 1, 1000, true), 303);
    assert_memory_equal(bus.commands[0].id, first.id, sizeof first.id);
    assert_memory_equal(bus.commands[1].id, second.id, sizeof second.id);
    assert_memory_not_equal(first.id, second.id, sizeof first.id);
}

static void R26_what_is_no_page_is_not_sent_and_says_why(void **state)
{
    (void)state;
    static const char program[] = "\x7f"
                                  "ELF\x02\x01\x01\0\0\0\0\0";
    static const struct {
        const void *bytes;
        size_t n;
        int64_t most;
        bool whole;
        const char *complaint;
    } rows[] = {
        { program, sizeof program - 1, 1000, true, "file-kind-unknown" },
        { "", 0, 1000, true, "file:hand-in.need-file" },
        { pdf, sizeof pdf - 1, sizeof pdf - 2, true, "file:hand-in.large" },
        { pdf, sizeof pdf - 1, 1000, false, "file:hand-in.broken" },
    };
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        assert_int_equal(
            bring("/arkiv/r1/fil", rows[i].bytes, rows[i].n, rows[i].most, rows[i].whole), 422);
        assert_string_equal(got.complaint, rows[i].complaint);
        assert_int_equal(bus.n, 0);
        assert_non_null(strstr(got.page, "utan rullning")); /* what she typed is kept */
    }
}

/* What the archive counts is not what was sent, or it is down: she is told. */
static void R26_what_the_archive_does_not_take_is_told(void **state)
{
    (void)state;
    archive.file = "refused";
    archive.why = "sum-differs";
    assert_int_equal(bring("/arkiv/r1/fil", pdf, sizeof pdf - 1, 1000, true), 422);
    assert_string_equal(got.complaint, "sum-differs");
    archive.why = "något annat";
    assert_int_equal(bring("/arkiv/r1/fil", pdf, sizeof pdf - 1, 1000, true), 422);
    assert_string_equal(got.complaint, "refused.words");
    for (int from = 1; from <= 2; from++) {
        fresh(NULL);
        bus.refused_from = from;
        bus.how = UPP_E_BUSY;
        assert_int_equal(bring("/arkiv/r1/fil", pdf, sizeof pdf - 1, 1000, true), 503);
        assert_string_equal(got.complaint, "down.archive");
        /* the form goes again as the same one */
        assert_non_null(strstr(got.page, "value=\"00112233445566778899aabbccddeeff\""));
    }
}

static void R25_only_for_an_account_that_she_may_see(void **state)
{
    (void)state;
    archive.account = "another";
    assert_int_equal(bring("/arkiv/r1/fil", pdf, sizeof pdf - 1, 1000, true), 404);
    assert_int_equal(bus.n, 0);
    assert_int_equal(get("/arkiv/r1", ""), 404);
    assert_int_equal(get("/arkiv", ""), 200);
    assert_null(strstr(got.page, "/arkiv/r1"));
    archive.state = NULL;
    assert_int_equal(get("/arkiv/r1", ""), 404);
    fresh(NULL);
    bus.nobody = true;
    assert_int_equal(bring("/arkiv/r1/fil", pdf, sizeof pdf - 1, 1000, true), 403);
    assert_int_equal(bus.n, 0);
}

static void R26_the_page_says_what_to_do_and_what_was_handed_in(void **state)
{
    (void)state;
    assert_int_equal(get("/arkiv", ""), 200);
    assert_non_null(strstr(got.page, "href=\"/arkiv/r1\""));
    assert_non_null(strstr(got.page, "Sidan krävde inloggning"));
    assert_int_equal(get("/arkiv/r1", ""), 200);
    assert_non_null(strstr(got.page, "https://f.example/skolan"));
    assert_non_null(strstr(got.page, "formenctype=\"multipart/form-data\""));
    assert_non_null(strstr(got.page, "sidan.pdf"));
    assert_non_null(strstr(got.page, "abababababababab"));
    assert_non_null(strstr(got.page, "anna"));
    assert_non_null(strstr(got.page, "action=\"/arkiv/r1/klar\""));
    archive.state = "sealed";
    assert_int_equal(get("/arkiv/r1", ""), 200);
    assert_null(strstr(got.page, "formenctype"));
    assert_null(strstr(got.page, "/klar"));
    assert_int_equal(get("/arkiv", ""), 200);
    assert_null(strstr(got.page, "/arkiv/r1"));
    assert_int_equal(get("/arkiv/r1/fil", ""), 303);
    bus.down = "archive";
    assert_int_equal(get("/arkiv", ""), 503);
    assert_int_equal(get("/arkiv/r1", ""), 503);
}

static void R26_all_of_it_is_said_once_it_is_there(void **state)
{
    (void)state;
    assert_int_equal(post("/arkiv/r1/klar", ""), 303);
    assert_int_equal(bus.n, 1);
    is_hers(&bus.commands[0], &(act){ .service = "archive", .type = "HandInDone" });
    assert_true(in_it(&bus.commands[0], "r1"));
    archive.file = "refused";
    assert_int_equal(post("/arkiv/r1/klar", ""), 422);
    assert_string_equal(got.complaint, "file:hand-in.need-file");
    assert_int_equal(bus.n, 0);
    assert_int_equal(post("/arkiv/r1/annat", ""), 404);
    assert_int_equal(post("/arkiv/r1/fil", ""), 422); /* a form without its file */
    assert_string_equal(got.complaint, "file:hand-in.broken");
}

static void R26_nothing_stays_on_the_disk(void **state)
{
    (void)state;
    char folder[] = "/tmp/upp-hand-XXXXXX";
    assert_non_null(mkdtemp(folder));
    upload *u = upload_new("multipart/form-data; boundary=b", folder, 1000);
    assert_non_null(u);
    assert_int_equal(rmdir(folder), 0); /* it is empty while the file arrives */
    upload_free(u);
    assert_null(upload_new("multipart/form-data; boundary=b", folder, 1000));
    assert_null(upload_new("text/plain", "/tmp", 1000));
    assert_null(upload_new(NULL, "/tmp", 1000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(R26_a_file_is_handed_in_whole_with_its_sum_and_by_whom, fresh),
        cmocka_unit_test_setup(R26_what_is_no_page_is_not_sent_and_says_why, fresh),
        cmocka_unit_test_setup(R26_what_the_archive_does_not_take_is_told, fresh),
        cmocka_unit_test_setup(R25_only_for_an_account_that_she_may_see, fresh),
        cmocka_unit_test_setup(R26_the_page_says_what_to_do_and_what_was_handed_in, fresh),
        cmocka_unit_test_setup(R26_all_of_it_is_said_once_it_is_there, fresh),
        cmocka_unit_test_setup(R26_nothing_stays_on_the_disk, fresh),
    };
    return cmocka_run_group_tests(tests, open_house, close_house);
}
