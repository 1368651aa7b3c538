/* refusal_test.c - whatever a service of the suite refuses with has words, in both languages. */
#include "ask.h"
#include <dirent.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const languages[] = { "sv", "en" };

static void check_key(const char *service, const char *key)
{
    for (size_t i = 0; i < UPP_LEN(languages); i++) {
        char words[300];
        assert_int_equal(setenv("UPPSIKT_LANGUAGE", languages[i], 1), 0);
        if (strcmp(ask_refusal(service, key, words, sizeof words), key) == 0)
            fail_msg("%s: no words (%s) for %s", service, languages[i], key);
    }
}

/* Each `before"key"` of a file. */
static size_t check_file(const char *service, const char *path, const char *before)
{
    static char text[256 * 1024];
    size_t found = 0;
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    const size_t n = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[n] = '\0';
    for (const char *at = text; (at = strstr(at, before)); found++) {
        char key[80];
        at += strlen(before);
        snprintf(key, sizeof key, "%.*s", (int)strcspn(at, "\""), at);
        check_key(service, key);
    }
    return found;
}

static int is_c(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return dot && strcmp(dot, ".c") == 0 && !strstr(entry->d_name, "_test.c");
}

static void check_service(const char *service, size_t least)
{
    struct dirent **files = NULL;
    char folder[512];
    size_t found = 0;
    snprintf(folder, sizeof folder, "%s/services/%s", UPP_ROOT, service);
    const int n = scandir(folder, &files, is_c, alphasort);
    assert_true(n > 0);
    for (int i = 0; i < n; i++) {
        char path[1024];
        snprintf(path, sizeof path, "%s/%s", folder, files[i]->d_name);
        found += check_file(service, path, "upp_refuse(txn, \"");
        free(files[i]);
    }
    free(files);
    assert_true(found >= least);
}

static void every_refusal_of_the_services_has_words(void **state)
{
    (void)state;
    check_service("registry", 30);
    check_service("ingest", 20);
    check_service("escalation", 8);
    check_service("archive", 15);
    check_service("feed", 10);
    check_service("evidence", 18);
}

static void every_refusal_of_the_runtime_has_words(void **state)
{
    (void)state;
    assert_true(check_file("ingest", UPP_ROOT "/common/src/router.c", "head->id.data, \"") >= 2);
    assert_true(check_file("ingest", UPP_ROOT "/common/src/router.c", "q->id, \"") >= 1);
    check_key("ingest", "no-right");
    check_key("ingest", "unknown-type");
}

static void a_key_without_words_is_shown_itself(void **state)
{
    char words[80];
    (void)state;
    assert_string_equal(ask_refusal("ingest", "of-tomorrow", words, sizeof words), "of-tomorrow");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_refusal_of_the_services_has_words),
        cmocka_unit_test(every_refusal_of_the_runtime_has_words),
        cmocka_unit_test(a_key_without_words_is_shown_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
