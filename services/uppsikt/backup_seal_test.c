/* backup_seal_test.c - what was sealed comes out again with its key, whole, under its own name, and
 * in no other way. */
#include "backup_seal.h"
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

enum { PART = 64 * 1024, HEAD = 8 + 80 + 24, MORE = 17 };

typedef struct bench {
    char folder[32], path[64];
    seal_key key, other;
} bench;

static int set_up(void **state)
{
    bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    assert_true(sodium_init() >= 0);
    snprintf(b->folder, sizeof b->folder, "/tmp/upp-seal-XXXXXX");
    assert_non_null(mkdtemp(b->folder));
    snprintf(b->path, sizeof b->path, "%s/key", b->folder);
    assert_int_equal(seal_key_make(b->path, &b->key), CALL_DONE);
    assert_int_equal(crypto_box_keypair(b->other.open, b->other.secret), 0);
    *state = b;
    return 0;
}

static int tear_down(void **state)
{
    bench *b = *state;
    unlink(b->path);
    assert_int_equal(rmdir(b->folder), 0);
    free(b);
    return 0;
}

/* A file without a name, with these bytes; at its beginning. */
static int file_of(const uint8_t *bytes, size_t n)
{
    char path[] = "/tmp/upp-seal-file-XXXXXX";
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(write(fd, bytes, n), n);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static uint8_t *bytes_of(int fd, size_t *ret_n)
{
    const off_t n = lseek(fd, 0, SEEK_END);
    uint8_t *bytes = malloc((size_t)n + 1);
    assert_non_null(bytes);
    assert_int_equal(pread(fd, bytes, (size_t)n, 0), n);
    close(fd);
    *ret_n = (size_t)n;
    return bytes;
}

static uint8_t *seal(const bench *b, const uint8_t *plain, size_t n, size_t *ret_n)
{
    const int from = file_of(plain, n), to = file_of(NULL, 0);
    assert_true(seal_pour(from, to, "ingest/ingest.db", b->key.open));
    close(from);
    return bytes_of(to, ret_n);
}

static const char *open_again(const seal_key *key, const char *name, const uint8_t *sealed,
                              size_t n, uint8_t **ret_plain, size_t *ret_n)
{
    const int from = file_of(sealed, n), to = file_of(NULL, 0);
    const char *why = seal_open_pour(from, to, name, key);
    close(from);
    *ret_plain = bytes_of(to, ret_n);
    return why;
}

static const char *why_not(const seal_key *key, const char *name, const uint8_t *sealed, size_t n)
{
    uint8_t *plain = NULL;
    size_t len = 0;
    const char *why = open_again(key, name, sealed, n, &plain, &len);
    free(plain);
    return why;
}

static uint8_t *random_bytes(size_t n)
{
    uint8_t *bytes = malloc(n + 1);
    assert_non_null(bytes);
    randombytes_buf(bytes, n);
    return bytes;
}

static bool holds(const uint8_t *bytes, size_t n, const uint8_t *part, size_t len)
{
    for (size_t i = 0; i + len <= n; i++)
        if (memcmp(bytes + i, part, len) == 0)
            return true;
    return false;
}

static void test_every_length_comes_back(void **state)
{
    static const size_t lengths[] = {
        0, 1, 17, PART - 1, PART, PART + 1, 2 * PART - 1, 2 * PART, 2 * PART + 1, 5 * PART + 4711
    };
    for (size_t i = 0; i < UPP_LEN(lengths); i++) {
        size_t n = 0, back = 0;
        uint8_t *plain = random_bytes(lengths[i]), *again = NULL;
        uint8_t *sealed = seal(*state, plain, lengths[i], &n);
        const size_t parts = lengths[i] == 0 ? 1 : (lengths[i] + PART - 1) / PART;
        assert_int_equal(n, HEAD + lengths[i] + parts * MORE);
        const bench *b = *state;
        assert_null(open_again(&b->key, "ingest/ingest.db", sealed, n, &again, &back));
        assert_int_equal(back, lengths[i]);
        assert_memory_equal(again, plain, back);
        if (lengths[i] >= 16)
            assert_false(holds(sealed, n, plain, 16));
        free(plain);
        free(sealed);
        free(again);
    }
}

static void test_another_key_opens_nothing(void **state)
{
    const bench *b = *state;
    size_t n = 0;
    uint8_t *sealed = seal(b, (const uint8_t *)"hemligt", 7, &n);
    assert_string_equal(why_not(&b->other, "ingest/ingest.db", sealed, n),
                        "was sealed to another key, or was changed");
    /* and no file opens under another's name */
    assert_non_null(why_not(&b->key, "ingest/ingest.dc", sealed, n));
    assert_non_null(why_not(&b->key, "", sealed, n));
    assert_null(why_not(&b->key, "ingest/ingest.db", sealed, n));
    free(sealed);
}

static void test_every_changed_bit_is_found(void **state)
{
    const bench *b = *state;
    size_t n = 0;
    uint8_t *sealed = seal(b, (const uint8_t *)"hemligt och kort", 16, &n);
    for (size_t at = 0; at < n; at++)
        for (unsigned bit = 0; bit < 8; bit++) {
            sealed[at] ^= (uint8_t)(1u << bit);
            if (!why_not(&b->key, "ingest/ingest.db", sealed, n))
                fail_msg("bit %u of byte %zu was changed, and it opens", bit, at);
            sealed[at] ^= (uint8_t)(1u << bit);
        }
    free(sealed);
}

static void test_every_cut_is_found(void **state)
{
    const bench *b = *state;
    size_t n = 0;
    uint8_t *plain = random_bytes(3 * PART);
    uint8_t *sealed = seal(b, plain, 3 * PART, &n);
    for (size_t cut = 0; cut <= HEAD + 40; cut++)
        assert_non_null(why_not(&b->key, "ingest/ingest.db", sealed, cut));
    for (size_t part = 1; part <= 3; part++) /* just at the end of a part, and beside it */
        for (size_t beside = 0; beside < 3; beside++) {
            const size_t cut = HEAD + part * (PART + MORE) - beside;
            if (cut < n)
                assert_non_null(why_not(&b->key, "ingest/ingest.db", sealed, cut));
        }
    uint8_t *longer = calloc(1, n + 1);
    assert_non_null(longer);
    memcpy(longer, sealed, n);
    assert_string_equal(why_not(&b->key, "ingest/ingest.db", longer, n + 1),
                        "is longer than it was");
    /* parts that changed their places */
    memcpy(longer + HEAD, sealed + HEAD + PART + MORE, PART + MORE);
    memcpy(longer + HEAD + PART + MORE, sealed + HEAD, PART + MORE);
    assert_non_null(why_not(&b->key, "ingest/ingest.db", longer, n));
    free(longer);
    free(sealed);
    free(plain);
}

static void test_two_of_the_same_are_not_alike(void **state)
{
    size_t n = 0, m = 0;
    uint8_t *one = seal(*state, (const uint8_t *)"samma ord", 9, &n);
    uint8_t *two = seal(*state, (const uint8_t *)"samma ord", 9, &m);
    assert_int_equal(n, m);
    assert_memory_not_equal(one + 8, two + 8, 80);
    assert_memory_not_equal(one + HEAD, two + HEAD, n - HEAD);
    free(one);
    free(two);
}

static void test_keys_as_files(void **state)
{
    bench *b = *state;
    seal_key again;
    struct stat st;
    assert_int_equal(stat(b->path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_true(seal_key_read(b->path, &again));
    assert_memory_equal(&again, &b->key, sizeof again);
    assert_int_equal(seal_key_make(b->path, &again), CALL_WRONG); /* never over another */
    assert_int_equal(chmod(b->path, 0640), 0);
    assert_false(seal_key_read(b->path, &again)); /* others can read it */
    assert_int_equal(chmod(b->path, 0600), 0);

    char text[SEAL_TEXT], path[64];
    uint8_t open_half[SEAL_KEY];
    snprintf(path, sizeof path, "%s/pub", b->folder);
    seal_open_text(b->key.open, text);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "%s\n", text);
    fclose(file);
    assert_true(seal_open_read(path, open_half));
    assert_memory_equal(open_half, b->key.open, SEAL_KEY);
    file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "%.62s\n", text);
    fclose(file);
    assert_false(seal_open_read(path, open_half));
    assert_int_equal(unlink(path), 0);
    assert_false(seal_open_read(path, open_half));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_every_length_comes_back),       CASE(test_another_key_opens_nothing),
        CASE(test_every_changed_bit_is_found),    CASE(test_every_cut_is_found),
        CASE(test_two_of_the_same_are_not_alike), CASE(test_keys_as_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
