/* warc_test.c - what is written is right, and every cut and every changed bit of it is found
 * (capture.md 10.1; R27). */
// clang-format off
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include "package_fixture.h"
#include "warc_check.h"

#include <string.h>
#include <zlib.h>

static void good_file_has_no_fault_and_is_the_same_twice(void **state)
{
    (void)state;
    UPP_AUTO(buf_done) buf one = { 0 };
    UPP_AUTO(buf_done) buf two = { 0 };
    fixture_heard heard = { 0 };
    complaints to = fixture_ears(&heard);
    fixture_warc(&one, NULL, NULL);
    fixture_warc(&two, NULL, NULL);
    assert_int_equal(one.len, two.len);
    assert_memory_equal(one.at, two.at, one.len);
    assert_int_equal(fixture_warc_faults(buf_bytes(&one), true, FIXTURE_RECORDS, &to), 0);
    assert_string_equal(heard.what, "");
}

static void every_cut_is_found(void **state)
{
    (void)state;
    UPP_AUTO(buf_done) buf file = { 0 };
    uint64_t ends[FIXTURE_RECORDS];
    size_t unseen = 0;
    fixture_warc(&file, ends, NULL);
    for (size_t cut = 0; cut < file.len; cut++) {
        const upp_bytes part = { file.at, cut };
        assert_true(fixture_warc_faults(part, true, FIXTURE_RECORDS, NULL) > 0);
        /* Without the count a cut between two records cannot be seen, unless it parts two that name
         * each other; every other one is. */
        bool between = false;
        for (size_t i = 0; i < FIXTURE_RECORDS; i++)
            between = between || ends[i] == cut;
        const bool found = fixture_warc_faults(part, false, 0, NULL) > 0;
        assert_true(found || between);
        unseen += found ? 0 : 1;
    }
    assert_int_equal(unseen, FIXTURE_RECORDS - 1);
}

static void every_changed_bit_is_found(void **state)
{
    (void)state;
    UPP_AUTO(buf_done) buf file = { 0 };
    fixture_warc(&file, NULL, NULL);
    for (size_t i = 0; i < file.len; i++) {
        for (unsigned bit = 0; bit <= 8; bit++) {
            const uint8_t change = (uint8_t)(bit < 8 ? 1U << bit : 0xffU);
            file.at[i] ^= change;
            if (fixture_warc_faults(buf_bytes(&file), true, FIXTURE_RECORDS, NULL) == 0)
                fail_msg("byte %zu changed by %02x is not found", i, change);
            file.at[i] ^= change;
        }
    }
}

/* One record as text, in a member of its own. */
static void pack(const char *text, buf *out)
{
    uint8_t room[4096];
    z_stream z = { 0 };
    union {
        const char *in;
        uint8_t *out;
    } at = { text };
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = at.out;
    z.avail_in = (uInt)strlen(text);
    z.next_out = room;
    z.avail_out = sizeof(room);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    assert_int_equal(buf_put(out, room, sizeof(room) - z.avail_out), 0);
    assert_int_equal(deflateEnd(&z), Z_OK);
}

#define HEAD                                                                                       \
    "WARC/1.0\r\nWARC-Type: resource\r\nWARC-Target-URI: urn:x\r\nWARC-Record-ID: "                \
    "<urn:uuid:1>\r\n"
#define DATED HEAD "WARC-Date: 2026-11-23T17:40:51Z\r\n"
/* SHA-1 of "abc", FIPS 180-2 appendix A.1, in both spellings */
#define HEX    "a9993e364706816aba3e25717850c26c9cd0d89d"
#define BASE32 "VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE5"

static void each_rule_has_its_complaint(void **state)
{
    (void)state;
    static const struct {
        const char *record;
        const char *what; /* NULL: no fault */
    } row[] = {
        { DATED "Content-Length: 3\r\n\r\nabc\r\n\r\n", NULL },
        { DATED "WARC-Block-Digest: sha1:" BASE32 "\r\nContent-Length: 3\r\n\r\nabc\r\n\r\n",
          NULL },
        { DATED "WARC-Block-Digest: sha1:" HEX "\r\nContent-Length: 3\r\n\r\nabc\r\n\r\n", NULL },
        { DATED "WARC-Block-Digest: sha1:" HEX "\r\nContent-Length: 3\r\n\r\nabd\r\n\r\n",
          "resource: the block digest is wrong" },
        { DATED "WARC-Payload-Digest: sha1:" BASE32 "\r\nContent-Length: 3\r\n\r\nabd\r\n\r\n",
          "resource: the payload digest is wrong" },
        { DATED "WARC-Block-Digest: crc9:1\r\nContent-Length: 3\r\n\r\nabc\r\n\r\n",
          "resource: a digest's algorithm is not known here" },
        { DATED "Content-Length: 4\r\n\r\nabc\r\n\r\n",
          "resource: the block is not followed by CRLF CRLF alone" },
        { DATED "Content-Length: 3\r\n\r\nabc\r\n\r\n\r\n",
          "resource: the block is not followed by CRLF CRLF alone" },
        { DATED "Content-Length: 3\r\n\r\nabc\r\n",
          "resource: the record is shorter than it says" },
        { DATED "Content-Length: 9\r\n\r\nabc\r\n\r\n",
          "resource: the record is shorter than it says" },
        { DATED "Content-Length: 9999999\r\n\r\nabc\r\n\r\n",
          "resource: the block is longer than allowed" },
        { DATED "\r\nabc\r\n\r\n", "resource: no Content-Length" },
        { HEAD "Content-Length: 3\r\n\r\nabc\r\n\r\n", "resource: no WARC-Date" },
        { HEAD "WARC-Date: 2026-02-29T17:40:51Z\r\nContent-Length: 3\r\n\r\nabc\r\n\r\n",
          "resource: WARC-Date is no date of the standard" },
        { DATED "WARC-Date: 2026-11-23T17:40:51Z\r\nContent-Length: 3\r\n\r\nabc\r\n\r\n",
          "resource: a field stands twice" },
        { DATED "nonsense\r\nContent-Length: 3\r\n\r\nabc\r\n\r\n",
          "resource: a line of the head is no field" },
        { DATED "WARC-Concurrent-To: <urn:uuid:9>\r\nContent-Length: 3\r\n\r\nabc\r\n\r\n",
          "WARC-Concurrent-To names no record of the file" },
        { "WARC/0.9\r\nWARC-Type: x\r\nWARC-Record-ID: <urn:uuid:1>\r\n"
          "WARC-Date: 2026-11-23T17:40:51Z\r\nContent-Length: 0\r\n\r\n\r\n\r\n",
          ": the version is neither WARC/1.1 nor WARC/1.0" },
        { "WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:1>\r\n"
          "WARC-Date: 2026-11-23T17:40:51Z\r\nContent-Length: 0\r\n\r\n\r\n\r\n",
          "response: no WARC-Target-URI" },
        { "WARC/1.1\r\n", ": the head does not end" },
    };
    for (size_t i = 0; i < UPP_LEN(row); i++) {
        UPP_AUTO(buf_done) buf file = { 0 };
        fixture_heard heard = { 0 };
        complaints to = fixture_ears(&heard);
        pack(row[i].record, &file);
        const size_t n = fixture_warc_faults(buf_bytes(&file), false, 0, &to);
        assert_string_equal(heard.what, row[i].what ? row[i].what : "");
        assert_int_equal(n, row[i].what ? 1 : 0);
    }
}

static void an_offset_says_where(void **state)
{
    (void)state;
    UPP_AUTO(buf_done) buf file = { 0 };
    uint64_t ends[FIXTURE_RECORDS];
    fixture_heard heard = { 0 };
    complaints to = fixture_ears(&heard);
    fixture_warc(&file, ends, NULL);
    file.at[ends[1] + 40] ^= 0x10; /* in the third record */
    assert_true(fixture_warc_faults(buf_bytes(&file), true, 0, &to) > 0);
    assert_int_equal(heard.offset, ends[1]);
    UPP_AUTO(buf_done) buf doubled = { 0 };
    fixture_warc(&doubled, ends, NULL);
    fixture_warc(&doubled, NULL, NULL);
    assert_int_equal(fixture_warc_faults(buf_bytes(&doubled), true, 0, &to), FIXTURE_RECORDS);
    assert_string_equal(heard.what, "the record id is that of another record");
    assert_true(heard.offset >= ends[FIXTURE_RECORDS - 1]);
}

static void a_record_that_is_not_of_its_form_is_not_written(void **state)
{
    (void)state;
    const warc_record good = { .type = WARC_RESOURCE,
                               .target_uri = "urn:x",
                               .date = FIXTURE_DATE,
                               .uuid = "00000000-0000-4000-8000-000000000000",
                               .content_type = "text/plain" };
    for (int fault = 0; fault <= 7; fault++) {
        UPP_AUTO(buf_done) buf out = { 0 };
        warc_writer w = { .out = buf_sink(&out) };
        warc_place place;
        warc_record r = good;
        if (fault == 1)
            r.target_uri = "urn:x\r\nWARC-Type: response"; /* a forged field */
        if (fault == 2)
            r.date = "2026-11-23 17:40";
        if (fault == 3)
            r.uuid = "1";
        if (fault == 4)
            r.content_type = NULL;
        if (fault == 5)
            r.type = WARC_RESPONSE;
        if (fault == 6)
            r.type = WARC_REVISIT;
        if (fault == 7)
            r.target_uri = NULL;
        assert_int_equal(warc_write(&w, &r, &place), fault == 0 ? 0 : UPP_E_INPUT);
        assert_int_equal(out.len > 0, fault == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_file_has_no_fault_and_is_the_same_twice),
        cmocka_unit_test(every_cut_is_found),
        cmocka_unit_test(every_changed_bit_is_found),
        cmocka_unit_test(each_rule_has_its_complaint),
        cmocka_unit_test(an_offset_says_where),
        cmocka_unit_test(a_record_that_is_not_of_its_form_is_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
