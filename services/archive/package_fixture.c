/* package_fixture.c - a small capture, made by the writers, for the tests of the checkers. */
// clang-format off
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include "package_fixture.h"

#include "wacz.h"
#include "wacz_check.h"
#include "warc_check.h"

#include <stdio.h>
#include <string.h>

#define UUID(n)  "0000000" n "-0000-4000-8000-000000000000"
#define PAGE_URL "https://www.facebook.com/Kommunen?ref=1"

static upp_bytes bytes_of(const char *text)
{
    return (upp_bytes){ (const uint8_t *)text, strlen(text) };
}

/* The records; `info` is the block of the first. */
static void make_records(const buf *info, warc_record ret_records[FIXTURE_RECORDS])
{
    const upp_bytes response = bytes_of("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n");
    const upp_bytes request = bytes_of("GET / HTTP/1.1\r\nHost: www.facebook.com\r\n\r\n");
    // clang-format off
    const warc_record records[FIXTURE_RECORDS] = {
        { .type = WARC_INFO, .uuid = UUID("0"), .filename = WACZ_ARCHIVE, .body = buf_bytes(info) },
        { .type = WARC_RESPONSE, .target_uri = PAGE_URL, .uuid = UUID("1"), .protocol = "http/1.1",
          .http_head = response, .body = bytes_of("<p>Välkommen\r\n\r\n</p>") },
        { .type = WARC_REQUEST, .target_uri = PAGE_URL, .uuid = UUID("2"),
          .concurrent_to = UUID("1"), .http_head = request },
        { .type = WARC_RESOURCE, .target_uri = "urn:text:" PAGE_URL, .uuid = UUID("3"),
          .content_type = "text/plain", .body = bytes_of("Välkommen") },
        { .type = WARC_METADATA, .target_uri = PAGE_URL, .uuid = UUID("4"),
          .content_type = "application/warc-fields", .body = bytes_of("hopsFromSeed: 0\r\n") },
        { .type = WARC_RESOURCE, .target_uri = "urn:view:" PAGE_URL, .uuid = UUID("5"),
          .content_type = "image/png" },
    };
    // clang-format on
    for (size_t i = 0; i < FIXTURE_RECORDS; i++) {
        ret_records[i] = records[i];
        ret_records[i].date = FIXTURE_DATE;
    }
}

void fixture_warc(buf *out, uint64_t ends[FIXTURE_RECORDS], warc_place *ret_response)
{
    UPP_AUTO(buf_done) buf info = { 0 };
    const warc_info_fields fields = { "uppsikt-archive 0.1.0", "Kungälvs kommun", "Mozilla/5.0" };
    assert_int_equal(warc_info(&fields, &info), 0);
    warc_record records[FIXTURE_RECORDS];
    make_records(&info, records);
    warc_writer w = { .out = buf_sink(out) };
    const size_t before = out->len;
    for (size_t i = 0; i < FIXTURE_RECORDS; i++) {
        warc_place place;
        assert_int_equal(warc_write(&w, &records[i], &place), 0);
        assert_int_equal(place.offset + place.length, w.at);
        if (records[i].type == WARC_RESPONSE && ret_response)
            *ret_response = place;
        if (ends)
            ends[i] = w.at;
    }
    assert_int_equal(w.at, out->len - before);
}

void fixture_wacz(bool deflate_pages, buf *out)
{
    UPP_AUTO(buf_done) buf archive = { 0 };
    UPP_AUTO(buf_done) buf index = { 0 };
    warc_place at;
    fixture_warc(&archive, NULL, &at);
    const cdxj_row row = { PAGE_URL,     FIXTURE_DATE, "text/html", at.payload_sha256,
                           WACZ_ARCHIVE, 200,          at.offset,   at.length };
    const sink to_index = buf_sink(&index);
    assert_int_equal(cdxj_write(&row, 1, &to_index), 0);
    const wacz_page page = { "p1", PAGE_URL, "Kommunen", FIXTURE_DATE, "Välkommen", 200, 4 };
    const upp_bytes archive_bytes = buf_bytes(&archive);
    const upp_bytes log = bytes_of("{}");
    const wacz_extra extra = { "logs/capture.json", source_of(&log) };
    const wacz w = { .title = "Kungälvs kommun",
                     .software = "uppsikt-archive 0.1.0",
                     .created = FIXTURE_DATE,
                     .pages = &page,
                     .page_count = 1,
                     .archive = source_of(&archive_bytes),
                     .index = buf_bytes(&index),
                     .extras = &extra,
                     .extra_count = 1,
                     .deflate_pages = deflate_pages };
    const sink to = buf_sink(out);
    assert_int_equal(wacz_write(&w, &to), 0);
}

void fixture_next_id(void *ctx, char ret_id[METS_ID])
{
    unsigned *n = ctx;
    (void)snprintf(ret_id, METS_ID, "uuid-%08x-0000-4000-8000-000000000000", ++*n);
}

static void hear(void *ctx, const char *path, uint64_t offset, const char *what)
{
    fixture_heard *heard = ctx;
    heard->offset = offset;
    (void)snprintf(heard->path, sizeof(heard->path), "%s", path);
    (void)snprintf(heard->what, sizeof(heard->what), "%s", what);
}

complaints fixture_ears(fixture_heard *heard)
{
    return (complaints){ hear, heard, 0 };
}

size_t fixture_warc_faults(upp_bytes bytes, bool own_form, uint64_t records, complaints *to)
{
    const source in = source_of(&bytes);
    const warc_rules rules = { own_form, records, 1 << 20 };
    complaints deaf = { 0 };
    warc_tally tally;
    complaints *heard = to ? to : &deaf;
    heard->n = 0;
    assert_int_equal(warc_check(&in, "data.warc.gz", &rules, heard, NULL, NULL, &tally), 0);
    return heard->n;
}

size_t fixture_wacz_faults(upp_bytes bytes, bool own_form, complaints *to)
{
    const source in = source_of(&bytes);
    complaints deaf = { 0 };
    complaints *heard = to ? to : &deaf;
    heard->n = 0;
    assert_int_equal(wacz_check(&in, "konto.wacz", own_form, heard), 0);
    return heard->n;
}
