/* keys_hand_out_test.c - each program is handed what is its own, and nothing else (R44). */
#include "backup_files.h"
#include "keys.h"
#include "verbs.h"
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char top[64];

static const char *at(const char *name)
{
    static char path[4][256];
    static unsigned turn;
    char *mine = path[turn++ % UPP_LEN(path)];
    snprintf(mine, sizeof path[0], "%s/%s", top, name);
    return mine;
}

static void put(const char *name, const char *text)
{
    FILE *file = fopen(at(name), "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int set_up(void **state)
{
    char home[512];
    (void)state;
    snprintf(top, sizeof top, "/tmp/upp-hand-XXXXXX");
    if (!mkdtemp(top))
        return -1;
    snprintf(home, sizeof home, "run: %s/run\nkeys: %s/keys\nplace: %s/place\nconfig: %s\n", top,
             top, top, top);
    put("uppsikt.yaml", home);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return backup_remove_folder(top);
}

static int hand_out(void)
{
    char to[256];
    snprintf(to, sizeof to, "%s", at("handed"));
    char *argv[] = { upp_lend("hand-out"), to, upp_lend("--data"), top };
    return verb_run(&verb_keys, (int)UPP_LEN(argv), argv);
}

static int seen(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* The names in a folder, with a blank after each. */
static const char *names_in(const char *folder)
{
    static char names[1024];
    struct dirent **files = NULL;
    const int n = scandir(at(folder), &files, seen, alphasort);
    assert_true(n >= 0);
    names[0] = '\0';
    for (int i = 0; i < n; i++) {
        const size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%s ", files[i]->d_name);
        free(files[i]);
    }
    free(files);
    return names;
}

static mode_t mode_of(const char *name)
{
    struct stat st;
    assert_int_equal(stat(at(name), &st), 0);
    return st.st_mode & 07777;
}

static void say(const char *line)
{
    print_message("%s\n", line);
}

static void r44_each_program_has_its_own_and_nothing_else(void **state)
{
    (void)state;
    const mode_t before = umask(077);
    assert_int_equal(hand_out(), 0);
    (void)umask(before);
    assert_string_equal(names_in("handed"), "archive capture classify console escalation evidence "
                                            "feed ingest public registry uppsikt ");
    assert_string_equal(names_in("handed/ingest"), "ingest.key lookup_key token_key ");
    assert_string_equal(names_in("handed/evidence"), "evidence.key lookup_key tree_key ");
    assert_string_equal(names_in("handed/feed"), "feed.key lookup_key webhook_key ");
    assert_string_equal(names_in("handed/console"), "console.key lookup_key ");
    assert_string_equal(names_in("handed/capture"), "capture.key ");
    assert_string_equal(names_in("handed/uppsikt"),
                        "lookup_key token_key tree_key uppsikt.key webhook_key ");
    assert_null(strstr(names_in("handed/public"), ".key"));
    assert_int_equal(mode_of("handed"), 0755);
    assert_int_equal(mode_of("handed/ingest"), 0750);
    assert_int_equal(mode_of("handed/ingest/token_key"), 0440);
    assert_int_equal(mode_of("handed/public/ingest.pub"), 0444);
}

static void r44_what_was_handed_out_opens_the_bus(void **state)
{
    (void)state;
    assert_int_equal(hand_out(), 0);
    setenv("CREDENTIALS_DIRECTORY", at("handed/ingest"), 1);
    upp_keys *keys = upp_keys_open(at("handed/public"), "ingest", say);
    assert_non_null(keys);
    upp_keys_free(keys);
    assert_null(upp_keys_open(at("handed/public"), "console", say)); /* has no key there */
    unsetenv("CREDENTIALS_DIRECTORY");
}

static void r44_again_it_changes_what_has_changed(void **state)
{
    (void)state;
    assert_int_equal(hand_out(), 0);
    put("keys/ingest.pub.old", "an old half\n");
    put("keys/other.pub", "somebody else's\n");
    put("place/token.key", "a new one\n");
    assert_int_equal(hand_out(), 0);
    assert_non_null(strstr(names_in("handed/public"), "ingest.pub.old "));
    assert_non_null(strstr(names_in("handed/public"), "other.pub "));
    char line[32] = "";
    FILE *file = fopen(at("handed/ingest/token_key"), "re");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    fclose(file);
    assert_string_equal(line, "a new one\n");
    /* A pair that has changed over, a peer that was revoked: good nowhere any more. */
    assert_int_equal(unlink(at("keys/ingest.pub.old")), 0);
    assert_int_equal(unlink(at("keys/other.pub")), 0);
    assert_int_equal(hand_out(), 0);
    assert_null(strstr(names_in("handed/public"), "old"));
    assert_null(strstr(names_in("handed/public"), "other"));
}

static void r44_masters_need_no_deployment(void **state)
{
    (void)state;
    assert_int_equal(unlink(at("uppsikt.yaml")), 0);
    assert_int_equal(hand_out(), 0);
    assert_string_equal(names_in("handed/ingest"), "ingest.key lookup_key token_key ");
    assert_int_equal(mode_of("keys"), 0700);
}

static void a_folder_that_cannot_be_written_is_said(void **state)
{
    (void)state;
    put("handed", "a file in its place\n");
    assert_int_equal(hand_out(), 78);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(r44_each_program_has_its_own_and_nothing_else),
        EACH(r44_what_was_handed_out_opens_the_bus),
        EACH(r44_again_it_changes_what_has_changed),
        EACH(r44_masters_need_no_deployment),
        EACH(a_folder_that_cannot_be_written_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
