/* told_test.c - a child's word is its own: who sends is known by its process. */
#include "notify.h"
#include "told.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void a_word_comes_with_its_sender(void **state)
{
    char name[TOLD_NAME], json[64];
    pid_t pid = 0;
    (void)state;
    const int fd = told_open(name);
    assert_true(fd >= 0 && name[0] == '@');
    assert_false(told_next(fd, &pid, json, sizeof json));
    setenv("NOTIFY_SOCKET", name, 1);
    assert_true(upp_notify("READY=1")); /* systemd's words mean nothing here */
    assert_true(upp_notify("X_UPPSIKT_READY={\"ready\":true}"));
    const pid_t child = fork();
    if (child == 0)
        _exit(upp_notify("X_UPPSIKT_READY={}") ? 0 : 1);
    int status = 1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);

    assert_true(told_next(fd, &pid, json, sizeof json));
    assert_int_equal(pid, getpid());
    assert_string_equal(json, "{\"ready\":true}");
    assert_true(told_next(fd, &pid, json, sizeof json));
    assert_int_equal(pid, child);
    assert_string_equal(json, "{}");
    assert_false(told_next(fd, &pid, json, sizeof json));

    /* Half a word is none. */
    char longer[200] = "X_UPPSIKT_READY=";
    memset(longer + strlen(longer), 'x', sizeof longer - 1 - strlen(longer));
    assert_true(upp_notify(longer));
    assert_false(told_next(fd, &pid, json, sizeof json));
    unsetenv("NOTIFY_SOCKET");
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_word_comes_with_its_sender) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
