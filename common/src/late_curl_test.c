/* late_curl_test.c - libcurl is looked for at the start and not there before its first use; every
 * kind of argument arrives. */
#include "late_curl.h"
#include "upp/base.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
#include "late_fixture.h"
// clang-format on

typedef struct taken {
    char text[64];
    size_t n;
    curl_off_t last;
} taken;

static size_t take(char *bytes, size_t size, size_t n, void *self)
{
    taken *t = self;
    const size_t len = size * n;
    assert_true(t->n + len < sizeof t->text);
    memcpy(t->text + t->n, bytes, len);
    t->n += len;
    return len;
}

static int progress(void *self, curl_off_t total, curl_off_t now, curl_off_t up, curl_off_t sent)
{
    taken *t = self;
    (void)total;
    (void)up;
    (void)sent;
    t->last = now;
    return 0;
}

/* Options with a function, a pointer, a number and a long number; answers of each kind. */
static void read_a_file(CURL *easy, const char *url)
{
    taken t = { .n = 0 };
    assert_int_equal(curl_easy_setopt(easy, CURLOPT_URL, url), CURLE_OK);
    assert_int_equal(curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "file"), CURLE_OK);
    assert_int_equal(curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take), CURLE_OK);
    assert_int_equal(curl_easy_setopt(easy, CURLOPT_WRITEDATA, &t), CURLE_OK);
    assert_int_equal(curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, progress), CURLE_OK);
    assert_int_equal(curl_easy_setopt(easy, CURLOPT_XFERINFODATA, &t), CURLE_OK);
    assert_int_equal(curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L), CURLE_OK);
    assert_int_equal(curl_easy_setopt(easy, CURLOPT_RESUME_FROM_LARGE, (curl_off_t)4), CURLE_OK);
    assert_int_equal(curl_easy_perform(easy), CURLE_OK);
    assert_int_equal(t.n, 5);
    assert_memory_equal(t.text, "femte", 5);
    assert_int_equal(t.last, 5);

    curl_off_t size = 0;
    long status = -1;
    char *where = NULL;
    assert_int_equal(curl_easy_getinfo(easy, CURLINFO_SIZE_DOWNLOAD_T, &size), CURLE_OK);
    assert_int_equal(curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status), CURLE_OK);
    assert_int_equal(curl_easy_getinfo(easy, CURLINFO_EFFECTIVE_URL, &where), CURLE_OK);
    assert_int_equal(size, 5);
    assert_int_equal(status, 0);
    assert_string_equal(where, url);
    /* the same option as a number that is too much of one */
    assert_int_equal(curl_easy_setopt(easy, CURLOPT_MAXREDIRS, -2L), CURLE_BAD_FUNCTION_ARGUMENT);
}

static void test_it_is_loaded_at_its_first_use(void **state)
{
    (void)state;
    char path[] = "/tmp/upp-late-curl-XXXXXX";
    char url[64];
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "dag femte", 9), 9);
    close(fd);
    snprintf(url, sizeof url, "file://%s", path);

    assert_false(late_is_mapped("libcurl"));
    assert_null(upp_curl_lacks());
    assert_false(late_is_mapped("libcurl")); /* it was another process that tried */
    assert_false(late_is_mapped("libssl"));
    CURL *easy = curl_easy_init();
    assert_non_null(easy);
    assert_true(late_is_mapped("libcurl"));
    read_a_file(easy, url);
    curl_easy_cleanup(easy);
    assert_int_equal(unlink(path), 0);
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *self, void *of_it)
{
    (void)easy;
    (void)fd;
    (void)what;
    (void)self;
    (void)of_it;
    return 0;
}

static void test_the_multi_interface(void **state)
{
    (void)state;
    int running = -1;
    CURLM *multi = curl_multi_init();
    CURL *easy = curl_easy_init();
    assert_non_null(multi);
    assert_int_equal(curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket), CURLM_OK);
    assert_int_equal(curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, &running), CURLM_OK);
    assert_int_equal(curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, 3L), CURLM_OK);
    assert_int_equal(
        curl_multi_setopt(multi, CURLMOPT_CHUNK_LENGTH_PENALTY_SIZE, (curl_off_t)1 << 40),
        CURLM_OK);
    assert_int_equal(curl_easy_setopt(easy, CURLOPT_URL, "file:///nowhere/at/all"), CURLE_OK);
    assert_int_equal(curl_multi_add_handle(multi, easy), CURLM_OK);
    assert_int_equal(curl_multi_add_handle(multi, easy), CURLM_ADDED_ALREADY);
    do
        assert_int_equal(curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running),
                         CURLM_OK);
    while (running > 0);
    int left = -1;
    const CURLMsg *msg = curl_multi_info_read(multi, &left);
    assert_non_null(msg);
    assert_int_equal(msg->data.result, CURLE_FILE_COULDNT_READ_FILE);
    assert_string_equal(curl_easy_strerror(msg->data.result), "Couldn't read a file:// file");
    assert_int_equal(curl_multi_remove_handle(multi, easy), CURLM_OK);
    curl_easy_cleanup(easy);
    assert_int_equal(curl_multi_cleanup(multi), CURLM_OK);
}
int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_is_loaded_at_its_first_use), /* first */
        cmocka_unit_test(test_the_multi_interface),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
