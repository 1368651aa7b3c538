/* notify_test.c - sd_notify(3)'s protocol, path and abstract name (R44). */
#include "notify.h"
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

/* As systemd does: a datagram socket whose name is in the environment. */
static int listen_at(const char *name)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    memcpy(at.sun_path, name, strlen(name));
    if (name[0] == '@')
        at.sun_path[0] = '\0';
    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    const socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
    assert_int_equal(bind(fd, (const struct sockaddr *)&at, len), 0);
    setenv("NOTIFY_SOCKET", name, 1);
    return fd;
}

static void hears(int fd, const char *state)
{
    char got[64];
    const ssize_t n = recv(fd, got, sizeof got - 1, 0);
    assert_int_equal(n, strlen(state));
    got[n] = '\0';
    assert_string_equal(got, state);
}

static void test_a_path_and_an_abstract_name(void **state)
{
    (void)state;
    char path[64], abstract[64];
    snprintf(path, sizeof path, "/tmp/upp-notify-%ld", (long)getpid());
    snprintf(abstract, sizeof abstract, "@upp-notify-%ld", (long)getpid());
    const char *const names[] = { path, abstract };
    for (size_t i = 0; i < UPP_LEN(names); i++) {
        const int fd = listen_at(names[i]);
        assert_true(upp_notify("READY=1"));
        hears(fd, "READY=1");
        assert_true(upp_notify("WATCHDOG=1"));
        hears(fd, "WATCHDOG=1");
        close(fd);
    }
    unlink(path);
}

static void test_nobody_listens(void **state)
{
    (void)state;
    unsetenv("NOTIFY_SOCKET");
    assert_false(upp_notify("READY=1"));
    setenv("NOTIFY_SOCKET", "/nonexistent/notify", 1);
    assert_false(upp_notify("READY=1"));
    setenv("NOTIFY_SOCKET", "vsock:2:1234", 1); /* newer systemd, virtual machines */
    assert_false(upp_notify("READY=1"));
    char longer[300];
    memset(longer, '/', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    setenv("NOTIFY_SOCKET", longer, 1);
    assert_false(upp_notify("READY=1"));
}

static void test_watchdog(void **state)
{
    (void)state;
    char mine[32], other[32];
    snprintf(mine, sizeof mine, "%ld", (long)getpid());
    snprintf(other, sizeof other, "%ld", (long)getppid());
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    assert_int_equal(upp_notify_watchdog_span(), 0);
    setenv("WATCHDOG_USEC", "30000000", 1);
    assert_int_equal(upp_notify_watchdog_span(), 15000);
    setenv("WATCHDOG_PID", mine, 1);
    assert_int_equal(upp_notify_watchdog_span(), 15000);
    setenv("WATCHDOG_PID", other, 1);
    assert_int_equal(upp_notify_watchdog_span(), 0);
    unsetenv("WATCHDOG_PID");
    static const char *const wrong[] = { "", "0", "-5", "30s", "99999999999999999999" };
    for (size_t i = 0; i < UPP_LEN(wrong); i++) {
        setenv("WATCHDOG_USEC", wrong[i], 1);
        assert_int_equal(upp_notify_watchdog_span(), 0);
    }
    setenv("WATCHDOG_USEC", "1", 1);
    assert_int_equal(upp_notify_watchdog_span(), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_path_and_an_abstract_name),
        cmocka_unit_test(test_nobody_listens),
        cmocka_unit_test(test_watchdog),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
