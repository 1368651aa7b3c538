/* bag_test.c - manifests and bags: written, read back, and every changed byte, missing and extra
 * file is found (RFC 8493; capture.md 7.3, 10.4; R27). sha256sum accepts our manifests. */
// clang-format off
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include "bag.h"
#include "package_fixture.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILES 7

typedef struct bag {
    upp_bytes bytes[FILES];
    bag_file files[FILES];
    bag_tags tags;
} bag;

static const char *const payload_path[] = { "data/uuid-1/b.txt", "data/uuid-1/METS.xml",
                                            "data/uuid-1/å b.txt" };
static const char *const payload_text[] = { "två\n", "<mets/>", "" };
static const bag_info info = { "Kungälvs kommun", "Kommunarkivet", "uuid-1",
                               "2026-11-23",      "2026-2",        "uppsikt-archive 0.1.0" };

static void make(bag *b)
{
    manifest_row rows[3] = { 0 };
    for (size_t i = 0; i < 3; i++) {
        b->bytes[i] = (upp_bytes){ (const uint8_t *)payload_text[i], strlen(payload_text[i]) };
        rows[i].path = payload_path[i];
        rows[i].bytes = b->bytes[i].len;
        fixity_of((upp_bytes){ 0 }, b->bytes[i], rows[i].sha256);
        b->files[i].path = payload_path[i];
    }
    assert_int_equal(bag_make(&info, rows, 3, &b->tags), 0);
    const buf *tags[] = { &b->tags.bagit, &b->tags.info, &b->tags.manifest, &b->tags.tagmanifest };
    static const char *const name[] = { "bagit.txt", "bag-info.txt", "manifest-sha256.txt",
                                        "tagmanifest-sha256.txt" };
    for (size_t i = 0; i < UPP_LEN(tags); i++) {
        b->bytes[3 + i] = buf_bytes(tags[i]);
        b->files[3 + i].path = name[i];
    }
    for (size_t i = 0; i < FILES; i++)
        b->files[i].content = source_of(&b->bytes[i]);
}

static size_t faults(const bag_file *files, size_t n, complaints *to)
{
    complaints deaf = { 0 };
    complaints *heard = to ? to : &deaf;
    heard->n = 0;
    assert_int_equal(bag_check(files, n, heard), 0);
    return heard->n;
}

static void a_good_bag_and_its_tags(void **state)
{
    (void)state;
    bag b = { 0 };
    bag again = { 0 };
    make(&b);
    make(&again);
    assert_int_equal(faults(b.files, FILES, NULL), 0);
    for (size_t i = 0; i < FILES; i++) {
        assert_int_equal(b.bytes[i].len, again.bytes[i].len);
        assert_memory_equal(b.bytes[i].at, again.bytes[i].at, b.bytes[i].len);
    }
    assert_string_equal(buf_text(&b.tags.info), "Source-Organization: Kungälvs kommun\n"
                                                "External-Identifier: uuid-1\n"
                                                "Bagging-Date: 2026-11-23\n"
                                                "Payload-Oxum: 12.3\n"
                                                "Bag-Software-Agent: uppsikt-archive 0.1.0\n"
                                                "Contact-Name: Kommunarkivet\n"
                                                "Bag-Group-Identifier: 2026-2\n");
    bag_tags_done(&b.tags);
    bag_tags_done(&again.tags);
}

static void every_changed_byte_and_cut_is_found(void **state)
{
    (void)state;
    bag b = { 0 };
    make(&b);
    for (size_t f = 0; f < FILES; f++) {
        UPP_AUTO(buf_done) buf copy = { 0 };
        const upp_bytes was = b.bytes[f];
        assert_int_equal(buf_put(&copy, was.at, was.len), 0);
        b.bytes[f].at = copy.at;
        for (size_t i = 0; i < was.len; i++) {
            for (unsigned bit = 0; bit <= 8; bit++) {
                const uint8_t change = (uint8_t)(bit < 8 ? 1U << bit : 0xffU);
                copy.at[i] ^= change;
                if (faults(b.files, FILES, NULL) == 0)
                    fail_msg("%s: byte %zu changed by %02x", b.files[f].path, i, change);
                copy.at[i] ^= change;
            }
            b.bytes[f].len = i;
            b.files[f].content = source_of(&b.bytes[f]);
            assert_true(faults(b.files, FILES, NULL) > 0);
            b.bytes[f].len = was.len;
            b.files[f].content = source_of(&b.bytes[f]);
        }
        b.bytes[f] = was;
    }
    assert_int_equal(faults(b.files, FILES, NULL), 0);
    bag_tags_done(&b.tags);
}

static void missing_and_extra_files_are_found(void **state)
{
    (void)state;
    bag b = { 0 };
    make(&b);
    for (size_t f = 0; f < FILES; f++) {
        bag_file less[FILES];
        memcpy(less, b.files, sizeof(less));
        memmove(less + f, less + f + 1, (FILES - f - 1) * sizeof(*less));
        assert_true(faults(less, FILES - 1, NULL) > 0);
    }
    static const char *const extra[] = { "data/uuid-1/x", "x.txt", "data/uuid-1/b.txt", "../x" };
    for (size_t i = 0; i < UPP_LEN(extra); i++) {
        bag_file more[FILES + 1];
        memcpy(more, b.files, sizeof(b.files));
        more[FILES] = (bag_file){ extra[i], b.files[2].content };
        assert_true(faults(more, FILES + 1, NULL) > 0);
    }
    bag_tags_done(&b.tags);
}

static void paths_that_do_not_stay_inside(void **state)
{
    (void)state;
    static const char *const bad[] = { "",     "/a",    "a/",   "a//b", ".",    "..",    "a/..",
                                       "../a", "a/./b", "a\\b", "a\nb", "a\rb", "a/\x7f" };
    static const char *const good[] = { "a", "a/b", "..a", "a/b..", "...", "å b" };
    for (size_t i = 0; i < UPP_LEN(bad); i++) {
        manifest_row row = { .path = bad[i] };
        assert_false(path_inside(bad[i]));
        assert_int_equal(manifest_sort(&row, 1), UPP_E_INPUT);
    }
    for (size_t i = 0; i < UPP_LEN(good); i++)
        assert_true(path_inside(good[i]));
    manifest_row twice[] = { { .path = "a" }, { .path = "a" } };
    assert_int_equal(manifest_sort(twice, 2), UPP_E_INPUT);
}

static void store(const char *folder, const bag_file *file, const upp_bytes *bytes)
{
    char path[256];
    (void)snprintf(path, sizeof(path), "%s/%s", folder, file->path);
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes->at, bytes->len), (ssize_t)bytes->len);
    assert_int_equal(close(fd), 0);
}

extern char **environ;

static int sha256sum(const char *list)
{
    char *const argv[] = { upp_lend("sha256sum"), upp_lend("--check"), upp_lend("--strict"),
                           upp_lend("--status"),  upp_lend(list),      NULL };
    pid_t pid;
    int status = 0;
    assert_int_equal(posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void sha256sum_accepts_the_manifests(void **state)
{
    (void)state;
    char folder[] = "/tmp/upp_bag_XXXXXX";
    bag b = { 0 };
    make(&b);
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
    assert_int_equal(mkdir("data", 0700), 0);
    assert_int_equal(mkdir("data/uuid-1", 0700), 0);
    for (size_t i = 0; i < FILES; i++)
        store(folder, &b.files[i], &b.bytes[i]);
    assert_int_equal(sha256sum("manifest-sha256.txt"), 0);
    assert_int_equal(sha256sum("tagmanifest-sha256.txt"), 0);
    const upp_bytes other = { (const uint8_t *)"x", 1 };
    store(folder, &b.files[0], &other);
    assert_int_equal(sha256sum("manifest-sha256.txt"), 1);
    for (size_t i = 0; i < FILES; i++)
        assert_int_equal(unlink(b.files[i].path), 0);
    assert_int_equal(rmdir("data/uuid-1"), 0);
    assert_int_equal(rmdir("data"), 0);
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(rmdir(folder), 0);
    bag_tags_done(&b.tags);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_bag_and_its_tags),
        cmocka_unit_test(every_changed_byte_and_cut_is_found),
        cmocka_unit_test(missing_and_extra_files_are_found),
        cmocka_unit_test(paths_that_do_not_stay_inside),
        cmocka_unit_test(sha256sum_accepts_the_manifests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
