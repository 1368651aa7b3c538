/* config_test.c - options tables over a YAML file, the environment and files. */
#include "config.h"
#include "disk.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct own {
    upp_ms answer;
    int64_t most;
    bool quiet;
    const char *mail, *password;
    upp_bytes policy;
} own;

static const upp_option options[] = {
    { "answer", UPP_OPT_SPAN, offsetof(own, answer), "24h", "How long a question may wait." },
    { "most", UPP_OPT_COUNT, offsetof(own, most), "10", "How many at once." },
    { "quiet", UPP_OPT_FLAG, offsetof(own, quiet), "no", "Whether to be quiet." },
    { "mail", UPP_OPT_TEXT, offsetof(own, mail), "", "Mail server." },
    { "mail_password", UPP_OPT_SECRET, offsetof(own, password), NULL, "Its password." },
    { "policy", UPP_OPT_FILE, offsetof(own, policy), "", "The policy's rows." },
};

static const upp_service service = {
    .name = "escalation",
    .schema = "CREATE TABLE nothing(at INTEGER) STRICT",
    .config_size = sizeof(own),
    .options = options,
    .n_options = UPP_LEN(options),
};

static const char key[] = "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF";

static char folder[64], yaml[128], said[16 * 1024];
static size_t n_said;

static void say(const char *line)
{
    assert_null(strchr(line, '\n'));
    const size_t used = strlen(said);
    snprintf(said + used, sizeof said - used, "%s\n", line);
    n_said++;
}

static const char *file_at(const char *name, const char *text, mode_t mode)
{
    static char paths[8][160];
    static size_t next;
    char *path = paths[next++ % UPP_LEN(paths)];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    unlink(path);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    assert_int_equal(chmod(path, mode), 0);
    return path;
}

static int begin(void **state)
{
    (void)state;
    said[0] = '\0';
    n_said = 0;
    snprintf(folder, sizeof folder, "/tmp/upp-config-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(yaml, sizeof yaml, "%s/escalation.yaml", folder);
    setenv("UPPSIKT_PLACE", folder, 1);
    file_at("lookup.key", key, 0600);
    return 0;
}

static int end(void **state)
{
    extern char **environ;
    (void)state;
    static const char *const files[] = { "lookup.key", "escalation.yaml", "secret",    "other",
                                         "policy",     "mail_password",   "lookup_key" };
    for (size_t i = 0; i < UPP_LEN(files); i++) {
        char path[160];
        snprintf(path, sizeof path, "%s/%s", folder, files[i]);
        unlink(path);
    }
    for (char **at = environ; *at;) {
        char name[256];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(*at, "="), *at);
        if (strncmp(name, "UPPSIKT_", 8) == 0 || strcmp(name, "CREDENTIALS_DIRECTORY") == 0) {
            unsetenv(name);
            at = environ;
        } else {
            at++;
        }
    }
    return rmdir(folder);
}

static upp_config *read_text(const char *text)
{
    if (text)
        file_at("escalation.yaml", text, 0644);
    return upp_config_read(&service, text ? yaml : NULL, say);
}

/* Exactly one complaint: `<file>:<rest>`. */
static void refuses(const char *text, const char *rest)
{
    char expected[512];
    said[0] = '\0';
    n_said = 0;
    assert_null(read_text(text));
    snprintf(expected, sizeof expected, "%s:%s\n", yaml, rest);
    assert_string_equal(said, expected);
    assert_int_equal(n_said, 1);
}

static void test_presets(void **state)
{
    (void)state;
    upp_config *c = read_text(NULL);
    assert_non_null(c);
    assert_int_equal(n_said, 0);
    const own *o = upp_config_service(c);
    assert_int_equal(o->answer, 24 * UPP_HOUR);
    assert_int_equal(o->most, 10);
    assert_false(o->quiet);
    assert_null(o->mail);
    assert_null(o->password);
    assert_null(o->policy.at);
    const upp_runtime_config *r = upp_config_runtime(c);
    assert_string_equal(r->data, "/var/lib/uppsikt/escalation");
    assert_string_equal(r->listen, "ipc");
    assert_null(r->peers);
    assert_string_equal(r->ops, "unix");
    assert_string_equal(r->place, folder);
    assert_string_equal(r->lookup_key, key);
    assert_int_equal(r->speed, 1);
    assert_int_equal(upp_config_disk(c)->ballast_bytes, 64 * 1024 * 1024);
    assert_int_equal(upp_config_disk(c)->low_bytes, 128 * 1024 * 1024);
    upp_config_free(c);
    upp_config_free(NULL);
}

static void test_the_file(void **state)
{
    (void)state;
    const char *policy = file_at("policy", "row 1\nrow 2\n", 0644);
    const char *secret = file_at("secret", "s3cret\r\n", 0400);
    char text[1024];
    snprintf(text, sizeof text,
             "# a comment\n---\nanswer: 5min\nmost: -3\nquiet: yes\nmail: 'smtp://h: 1 #2'\n"
             "mail_password_file: %s\npolicy: \"%s\"\nspeed: 60\ndata: /d\nballast_bytes: 4096\n"
             "low_water_bytes: 0\n",
             secret, policy);
    upp_config *c = read_text(text);
    assert_string_equal(said, "");
    const own *o = upp_config_service(c);
    assert_int_equal(o->answer, 5 * UPP_MINUTE);
    assert_int_equal(o->most, -3);
    assert_true(o->quiet);
    assert_string_equal(o->mail, "smtp://h: 1 #2");
    assert_string_equal(o->password, "s3cret");
    assert_int_equal(o->policy.len, 12);
    assert_memory_equal(o->policy.at, "row 1\nrow 2\n", 12);
    assert_int_equal(upp_config_runtime(c)->speed, 60);
    assert_string_equal(upp_config_runtime(c)->data, "/d");
    assert_int_equal(upp_config_disk(c)->ballast_bytes, 4096);
    assert_int_equal(upp_config_disk(c)->low_bytes, 0);
    upp_config_free(c);
}

static void test_empty_files_are_fine(void **state)
{
    static const char *const empty[] = { "",          "# nothing\n", "---\n",
                                         "{}\n",      "---\n...\n",  "mail:\n",
                                         "mail: ~\n", "mail: ''\n",  "mail: null\n" };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(empty); i++) {
        upp_config *c = read_text(empty[i]);
        assert_string_equal(said, "");
        assert_null(((const own *)upp_config_service(c))->mail);
        upp_config_free(c);
    }
}

static void test_the_environment_wins(void **state)
{
    (void)state;
    setenv("UPPSIKT_ESCALATION_ANSWER", "30s", 1);
    setenv("UPPSIKT_DATA", "/all", 1);
    setenv("UPPSIKT_RUN", "/all/run", 1);
    setenv("UPPSIKT_ESCALATION_RUN", "/own/run", 1);
    setenv("UPPSIKT_INGEST_ANSWER", "not ours", 1);
    setenv("UPPSIKT_LOG", "text", 1);
    setenv("UPPSIKT_ESCALATION_MAIL", "", 1);
    setenv("UPPSIKT_ESCALATION_MOST_FILE", file_at("other", "77\n", 0644), 1);
    upp_config *c = read_text("answer: 24\nmail: x\nrun: /file/run\nmost: 1\n");
    assert_string_equal(said, "");
    const own *o = upp_config_service(c);
    assert_int_equal(o->answer, 30 * UPP_SECOND);
    assert_null(o->mail);
    assert_int_equal(o->most, 77);
    assert_string_equal(upp_config_runtime(c)->data, "/all");
    assert_string_equal(upp_config_runtime(c)->run, "/own/run");
    upp_config_free(c);
}

static void test_complaints_name_the_place_and_the_cure(void **state)
{
    (void)state;
    refuses("answer: '24'\n", "1:9: answer: '24' has no unit; write ms, s, min, h or d after the "
                              "number: 30s, 24h");
    refuses("most: 1\n\n  \nmost: 2\n", "4:1: most: is given again (line 1 has it); keep one");
    refuses("answr: 24h\n", "1:1: answr: is no option; --help lists them all");
    refuses("a_file: 24h\n", "1:1: a_file: is no option; --help lists them all");
    refuses("most: 1x\n", "1:7: most: '1x' is no whole number; write digits alone");
    refuses("most:\n", "1:6: most: '' is no whole number; write digits alone");
    refuses("most: 9223372036854775808\n",
            "1:7: most: '9223372036854775808' is no whole number; write digits alone");
    refuses("quiet: true\n", "1:8: quiet: 'true' is neither yes nor no; write one of them");
    refuses("mail: [a, {b: c}]\n", "1:7: mail: takes one value; write it after the colon");
    refuses("? [a]\n: b\n", "1:3: yaml: a key must be a word; write `option: value`");
    refuses("- a\n- b\n", "1:1: yaml: is not one list of `option: value`; write one a line");
    refuses("most: 1\n---\nmost: 2\n",
            "3:1: yaml: is not one list of `option: value`; write one a line");
    refuses("mail: &x a\nmost: *x\n", "2:7: most: takes one value; write it after the colon");
    refuses("mail: \"a\\0b\"\n", "1:1: mail: holds a zero byte; remove it");
    refuses("policy: /nonexistent\n",
            "1:9: policy: the file is not there; make it, or correct the path");
    refuses("policy: /tmp\n", "1:9: policy: this is no plain file; correct the path");
    refuses("speed: 0\n", "1:8: speed: 0 is too little; write 1 or more");
    refuses("ballast_bytes: -1\n", "1:16: ballast_bytes: -1 is too little; write 0 or more");
    refuses("most: 1\nmost_file: x\n", "2:1: most_file: is given again (line 1 has it); keep one");
}

static void test_all_complaints_at_once(void **state)
{
    (void)state;
    setenv("UPPSIKT_ESCALATION_QUIET", "perhaps", 1);
    setenv("UPPSIKT_ESCALATION_NONSENSE", "1", 1);
    assert_null(read_text("answer: 24\nmost: x\nnone: 1\nmail: {a: b}\nspeed: -1\nspeed: 1\n"));
    assert_int_equal(n_said, 8);
    static const char *const each[] = {
        ":1:9: answer: ",
        ":2:7: most: ",
        ":3:1: none: ",
        ":4:7: mail: ",
        ":6:1: speed: ",
        ":5:8: speed: -1",
        "environment: UPPSIKT_ESCALATION_QUIET: 'perhaps' is neither yes nor no",
        "environment: UPPSIKT_ESCALATION_NONSENSE: is no option",
    };
    for (size_t i = 0; i < UPP_LEN(each); i++)
        assert_non_null(strstr(said, each[i]));
}

static void test_broken_yaml_says_where(void **state)
{
    static const struct {
        const char *text, *place;
    } rows[] = {
        { "most: 1\nmail: 'open\n", ":3:1: yaml: " },
        { "most: 1\n\tmail: x\n", ":2:1: yaml: " },
        { "most: 1\n mail: x\n", ":2:6: yaml: " },
        { "mail: \"\xff\"\n", ": yaml: " },
        { "mail: {a: [\n", ": yaml: " },
        { "[a: {\n", ": yaml: " },
    };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        said[0] = '\0';
        assert_null(read_text(rows[i].text));
        assert_non_null(strstr(said, rows[i].place));
    }
    said[0] = '\0';
    assert_null(upp_config_read(&service, "/nonexistent/x.yaml", say));
    assert_string_equal(said, "/nonexistent/x.yaml:1:1: yaml: the file is not there; make it, or "
                              "correct the path\n");
}

/* Property: whatever stands in the file, the answer is a configuration or a complaint. */
static void test_any_bytes_in_the_file(void **state)
{
    static const char *const pieces[] = {
        "most", ": ",     "1",   "\n",    "[",        "]",     "{",           "}",   "- ", "? ",
        "&a ",  "*a",     "'",   "\"",    "---\n",    "...\n", "!!int ",      "|\n", "  ", "\t",
        "#",    "answer", "24h", "_file", "\xc3\xa5", "\xff",  "%YAML 1.1\n", ","
    };
    (void)state;
    uint64_t x = 42;
    for (int i = 0; i < 3000; i++) {
        char text[512] = "";
        size_t used = 0;
        for (int k = 0; k < 20; k++) {
            x = x * 6364136223846793005u + 1442695040888963407u;
            const char *piece = pieces[(x >> 33) % UPP_LEN(pieces)];
            used += (size_t)snprintf(text + used, sizeof text - used, "%s", piece);
        }
        said[0] = '\0';
        n_said = 0;
        upp_config *c = read_text(text);
        assert_int_equal(c == NULL, n_said > 0);
        upp_config_free(c);
    }
}

static void test_secrets_never_in_clear(void **state)
{
    (void)state;
    assert_null(read_text("mail_password: hunter2\n"));
    assert_non_null(strstr(said, ":1:16: mail_password: is a secret in clear; "));
    assert_non_null(strstr(said, "<key>_file"));
    assert_null(strstr(said, "hunter2"));
    said[0] = '\0';
    setenv("UPPSIKT_ESCALATION_MAIL_PASSWORD", "hunter2", 1);
    assert_null(read_text(NULL));
    assert_non_null(strstr(said, "environment: UPPSIKT_ESCALATION_MAIL_PASSWORD: is a secret in"));
    assert_null(strstr(said, "hunter2"));
}

static void test_secret_files_that_others_may_read(void **state)
{
    static const mode_t open_modes[] = { 0640, 0604, 0660, 0601, 0610, 0644, 0666 };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(open_modes); i++) {
        said[0] = '\0';
        setenv("UPPSIKT_ESCALATION_MAIL_PASSWORD_FILE", file_at("secret", "hunter2", open_modes[i]),
               1);
        assert_null(read_text(NULL));
        assert_string_equal(said, "environment: UPPSIKT_ESCALATION_MAIL_PASSWORD_FILE: others than "
                                  "its owner may read this secret file; chmod 0600\n");
    }
}

static void test_both_variable_and_file(void **state)
{
    (void)state;
    setenv("UPPSIKT_ESCALATION_MOST", "1", 1);
    setenv("UPPSIKT_ESCALATION_MOST_FILE", file_at("other", "2", 0644), 1);
    assert_null(read_text(NULL));
    assert_string_equal(said, "environment: UPPSIKT_ESCALATION_MOST: is set and so is "
                              "UPPSIKT_ESCALATION_MOST_FILE; unset one of them\n");
}

/* systemd's LoadCredential= (its access list shows in the group's bits), Kubernetes' fsGroup. */
static void test_credentials(void **state)
{
    (void)state;
    setenv("CREDENTIALS_DIRECTORY", folder, 1);
    file_at("mail_password", "from systemd\n", 0440);
    upp_config *c = read_text(NULL);
    assert_string_equal(said, "");
    assert_string_equal(((const own *)upp_config_service(c))->password, "from systemd");
    upp_config_free(c);

    file_at("mail_password", "from systemd\n", 0444);
    assert_null(read_text(NULL));
    assert_string_equal(said, "credentials: mail_password: others than its owner may read this "
                              "secret file; chmod 0600\n");

    file_at("mail_password", "from systemd\n", 0400);
    setenv("UPPSIKT_ESCALATION_MAIL_PASSWORD_FILE", file_at("secret", "from a file\n", 0600), 1);
    c = read_text(NULL);
    assert_non_null(c);
    assert_string_equal(((const own *)upp_config_service(c))->password, "from a file");
    upp_config_free(c);
}

static void test_lookup_key(void **state)
{
    (void)state;
    setenv("CREDENTIALS_DIRECTORY", folder, 1);
    char other[65];
    memset(other, 'e', 64);
    other[64] = '\0';
    file_at("lookup_key", other, 0400);
    upp_config *c = read_text(NULL);
    assert_string_equal(upp_config_runtime(c)->lookup_key, other);
    upp_config_free(c);
    file_at("lookup_key", "abc", 0400);
    assert_null(read_text(NULL));
    assert_string_equal(said, "credentials: lookup_key: is not 64 hex digits; `uppsikt keys` makes "
                              "one\n");
    unsetenv("CREDENTIALS_DIRECTORY");

    said[0] = '\0';
    file_at("lookup.key", key, 0640);
    assert_null(read_text(NULL));
    assert_non_null(strstr(said, "lookup_key: others than its owner may read this secret file"));
    said[0] = '\0';
    char path[160];
    snprintf(path, sizeof path, "%s/lookup.key", folder);
    unlink(path);
    assert_null(read_text(NULL));
    assert_non_null(strstr(said, "lookup_key: the file is not there"));
}

static void test_help_names_every_option(void **state)
{
    (void)state;
    char text[16 * 1024] = "";
    FILE *out = fmemopen(text, sizeof text, "w");
    upp_config_help(&service, out);
    fclose(out);
    for (size_t i = 0; i < service.n_options; i++)
        assert_non_null(strstr(text, options[i].help));
    assert_non_null(strstr(text, "UPPSIKT_ESCALATION_ANSWER\n"));
    assert_non_null(strstr(text, "UPPSIKT_ESCALATION_MAIL_PASSWORD_FILE\n"));
    assert_null(strstr(text, "UPPSIKT_ESCALATION_MAIL_PASSWORD\n"));
    assert_non_null(strstr(text, "preset 24h"));
    assert_non_null(strstr(text, "UPPSIKT_DATA\n"));
    assert_non_null(strstr(text, "UPPSIKT_LOOKUP_KEY_FILE\n"));
    for (const char *line = text; line && *line;
         line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
        assert_true(strcspn(line, "\n") <= 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_presets, begin, end),
        cmocka_unit_test_setup_teardown(test_the_file, begin, end),
        cmocka_unit_test_setup_teardown(test_empty_files_are_fine, begin, end),
        cmocka_unit_test_setup_teardown(test_the_environment_wins, begin, end),
        cmocka_unit_test_setup_teardown(test_complaints_name_the_place_and_the_cure, begin, end),
        cmocka_unit_test_setup_teardown(test_all_complaints_at_once, begin, end),
        cmocka_unit_test_setup_teardown(test_broken_yaml_says_where, begin, end),
        cmocka_unit_test_setup_teardown(test_any_bytes_in_the_file, begin, end),
        cmocka_unit_test_setup_teardown(test_secrets_never_in_clear, begin, end),
        cmocka_unit_test_setup_teardown(test_secret_files_that_others_may_read, begin, end),
        cmocka_unit_test_setup_teardown(test_both_variable_and_file, begin, end),
        cmocka_unit_test_setup_teardown(test_credentials, begin, end),
        cmocka_unit_test_setup_teardown(test_lookup_key, begin, end),
        cmocka_unit_test_setup_teardown(test_help_names_every_option, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
