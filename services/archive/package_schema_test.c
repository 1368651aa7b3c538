/* package_schema_test.c - METS and PREMIS are of their schemas, as xmllint sees it, and come the
 * same twice (capture.md 7.1, 7.2, 8; R27). Where xmllint or the schemas are not there it says
 * so and ends with 77, which ctest shows as skipped. */
// clang-format off
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include "package_fixture.h"
#include "premis.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define XSD     UPP_ROOT "/../shared/data/xsd/"
#define SKIPPED 77
#define SUM     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define DATE    "2026-11-23T17:40:51Z"

extern char **environ;

/* xmllint's exit code; 127: it is not there. */
static int run(char *const argv[])
{
    pid_t pid;
    int status = 0;
    if (posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ) != 0)
        return 127;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int lint(const char *schema, upp_bytes text)
{
    char path[] = "/tmp/upp_xml_XXXXXX";
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text.at, text.len), (ssize_t)text.len);
    assert_int_equal(close(fd), 0);
    char *const argv[] = { upp_lend("xmllint"),
                           upp_lend("--nonet"),
                           upp_lend("--noout"),
                           upp_lend("--schema"),
                           upp_lend(schema),
                           path,
                           NULL };
    const int rc = run(argv);
    assert_int_equal(unlink(path), 0);
    return rc;
}

// clang-format off
static const mets_file file[] = {
    { "representations/rep2/data/hand.pdf", "application/pdf", SUM, DATE, 8 },
    { "schemas/mets.xsd", "application/xml", SUM, DATE, 3 },
    { "metadata/preservation/premis.xml", "text/xml", SUM, DATE, 2 },
    { "metadata/descriptive/konto.json", "application/json", SUM, DATE, 1 },
    { "representations/rep1/METS.xml", "text/xml", SUM, DATE, 6 },
    { "representations/rep2/METS.xml", "text/xml", SUM, DATE, 7 },
    { "documentation/fångst rapport&.json", "application/json", SUM, DATE, 5 },
    { "representations/rep1/data/konto.wacz", "application/wacz", SUM, DATE, 9 },
    { "schemas/xlink.xsd", "application/xml", SUM, DATE, 4 },
};
// clang-format on

static mets example(unsigned *ids)
{
    *ids = 0;
    return (mets){ .object_id = "uuid-1",
                   .label = "Kungälvs kommun, \"Facebook\" <andra halvåret> 2026",
                   .created = DATE,
                   .software = "uppsikt-archive",
                   .software_version = "0.1.0",
                   .archivist = "Kommunstyrelsen & co",
                   .archivist_id = "212000-1371",
                   .submitter = "Kommunikation",
                   .submitter_id = "212000-1371",
                   .agreement = "dokumenthanteringsplan-2026",
                   .files = file,
                   .file_count = UPP_LEN(file),
                   .next_id = fixture_next_id,
                   .ctx = ids };
}

static void mets_is_of_its_schema(void **state)
{
    (void)state;
    unsigned ids;
    for (int which = 0; which < 3; which++) {
        UPP_AUTO(buf_done) buf one = { 0 };
        UPP_AUTO(buf_done) buf two = { 0 };
        buf *const text[] = { &one, &two };
        static const char *const rep[] = { NULL, "rep1", "rep2" };
        for (int time = 0; time < 2; time++) {
            const mets m = example(&ids);
            const int rc = rep[which] ? mets_representation(&m, rep[which], text[time])
                                      : mets_root(&m, text[time]);
            assert_int_equal(rc, 0);
        }
        assert_string_equal(buf_text(&one), buf_text(&two));
        assert_int_equal(lint(XSD "mets.sip.local.v2-0.xsd", buf_bytes(&one)), 0);
    }
}

static void mets_names_every_file_in_order(void **state)
{
    (void)state;
    unsigned ids;
    const mets m = example(&ids);
    UPP_AUTO(buf_done) buf root = { 0 };
    assert_int_equal(mets_root(&m, &root), 0);
    static const char *const order[] = { "\"metadata/descriptive/konto.json\"",
                                         "\"metadata/preservation/premis.xml\"",
                                         "\"schemas/mets.xsd\"",
                                         "\"schemas/xlink.xsd\"",
                                         "\"documentation/f%C3%A5ngst%20rapport%26.json\"",
                                         "\"representations/rep1/METS.xml\"",
                                         "\"representations/rep2/METS.xml\"" };
    const char *at = buf_text(&root);
    for (size_t i = 0; i < UPP_LEN(order); i++) {
        at = strstr(at, order[i]);
        assert_non_null(at);
    }
    assert_null(strstr(buf_text(&root), "konto.wacz"));
    UPP_AUTO(buf_done) buf rep = { 0 };
    assert_int_equal(mets_representation(&m, "rep1", &rep), 0);
    assert_non_null(strstr(buf_text(&rep), "\"data/konto.wacz\""));
    assert_null(strstr(buf_text(&rep), "hand.pdf"));
    assert_int_equal(mets_representation(&m, "rep3", &rep), UPP_E_INPUT);
}

static void a_file_without_a_place_is_refused(void **state)
{
    (void)state;
    static const char *const path[] = { "x", "representations/rep1/x", "schemas/../x",
                                        "schemas/mets.xsd" };
    for (size_t i = 0; i < UPP_LEN(path); i++) {
        unsigned ids;
        mets_file files[UPP_LEN(file) + 1];
        UPP_AUTO(buf_done) buf out = { 0 };
        mets m = example(&ids);
        memcpy(files, file, sizeof(file));
        files[UPP_LEN(file)] = (mets_file){ path[i], "text/plain", SUM, DATE, 1 };
        m.files = files;
        m.file_count++;
        assert_int_equal(mets_root(&m, &out), UPP_E_INPUT);
    }
}

static void premis_is_of_its_schema(void **state)
{
    (void)state;
    const premis_object objects[] = { { "b.pdf", "application/pdf", SUM, 2 },
                                      { "a&b.png", "image/png", SUM, 1 } };
    const premis_agent agents[] = { { "uppsikt-archive", "uppsikt-archive 0.1", "software" },
                                    { "p1", "Åsa <Administratör>", "person" } };
    const char *const both[] = { "uppsikt-archive", "p1" };
    premis_event events[] = { { "uuid-1", "capture", DATE, "manual", both, 2, "b.pdf" },
                              { "uuid-2", "fixity check", DATE, "success", both, 1, NULL } };
    const premis p = { objects, 2, events, 2, agents, 2 };
    UPP_AUTO(buf_done) buf one = { 0 };
    UPP_AUTO(buf_done) buf two = { 0 };
    assert_int_equal(premis_write(&p, &one), 0);
    assert_int_equal(premis_write(&p, &two), 0);
    assert_string_equal(buf_text(&one), buf_text(&two));
    assert_int_equal(lint(XSD "premis-v3-0.xsd", buf_bytes(&one)), 0);
    assert_true(strstr(buf_text(&one), "a&amp;b.png") < strstr(buf_text(&one), "b.pdf"));
    events[0].object = "c.pdf";
    assert_int_equal(premis_write(&p, &two), UPP_E_INPUT);
    events[0].object = NULL;
    events[0].outcome = "a\x01";
    assert_int_equal(premis_write(&p, &two), UPP_E_INPUT);
}

/* The tool does say no: else all of the above would prove nothing. */
static void xmllint_refuses_what_is_wrong(void **state)
{
    (void)state;
    const char *bad = "<premis xmlns=\"http://www.loc.gov/premis/v3\" version=\"3.0\"/>";
    const upp_bytes bytes = { (const uint8_t *)bad, strlen(bad) };
    assert_int_not_equal(lint(XSD "premis-v3-0.xsd", bytes), 0);
    assert_int_not_equal(lint(XSD "mets.sip.local.v2-0.xsd", bytes), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mets_is_of_its_schema),
        cmocka_unit_test(mets_names_every_file_in_order),
        cmocka_unit_test(a_file_without_a_place_is_refused),
        cmocka_unit_test(premis_is_of_its_schema),
        cmocka_unit_test(xmllint_refuses_what_is_wrong),
    };
    char *const version[] = { upp_lend("xmllint"), upp_lend("--version"), NULL };
    const bool schemas = access(XSD "mets.sip.local.v2-0.xsd", R_OK) == 0 &&
                         access(XSD "premis-v3-0.xsd", R_OK) == 0;
    if (!schemas || run(version) != 0) {
        (void)printf("SKIPPED: %s; METS and PREMIS were not held against their schemas\n",
                     schemas ? "xmllint is not installed (libxml2-utils)"
                             : "no schemas in ../shared/data/xsd");
        return SKIPPED;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
