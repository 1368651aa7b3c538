/* ops_test.c - the operators' HTTP and the health check, over real sockets here (R44). */
#include "hand_loop.h"
#include "healthcheck.h"
#include "ops.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "late_fixture.h"

enum { ANSWER = 64 * 1024, PATIENCE = 5000 };

static char folder[64], path[128], said[512];
static upp_loop *loop;
static upp_ops *ops;
static struct {
    bool started, behind, broken;
} world;

static void say(const char *line)
{
    snprintf(said, sizeof said, "%s", line);
}

static void ready(void *self, upp_ops_reason *reason, void *ctx)
{
    (void)self;
    if (world.behind) {
        reason(ctx, "behind", "ingest");
        reason(ctx, "disk_low", NULL);
    }
}

static bool started(void *self)
{
    (void)self;
    return world.started;
}

static int metrics(void *self, upp_metric_write *write, void *ctx)
{
    (void)self;
    upp_metric_head(write, ctx, "uppsikt_db_size_bytes", "gauge", "Size of the database.");
    upp_metric_row(write, ctx, "uppsikt_db_size_bytes", NULL, NULL, 4096);
    return world.broken ? UPP_E_STORE : 0;
}

static const upp_ops_owner owner = {
    .service = "escalation",
    .version = "0.1.0",
    .schema = 3,
    .ready = ready,
    .started = started,
    .metrics = metrics,
};

static int begin(void **state)
{
    (void)state;
    said[0] = '\0';
    world.started = true;
    world.behind = world.broken = false;
    snprintf(folder, sizeof folder, "/tmp/upp-ops-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/t.ops", folder);
    loop = hand_loop_new(NULL, NULL);
    ops = upp_ops_new(loop, path, &owner, say);
    return ops ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    upp_ops_free(ops);
    ops = NULL;
    hand_loop_free(loop);
    return rmdir(folder); /* the socket file is gone */
}

/* -- a client that never blocks: the loop under test runs in this same thread -- */
typedef struct client {
    int fd;
    size_t have;
    bool over;
    char answer[ANSWER];
} client;

static void hear(void *self, int fd, unsigned what)
{
    client *c = self;
    (void)what;
    const ssize_t n = recv(fd, c->answer + c->have, sizeof c->answer - 1 - c->have, 0);
    c->over = n <= 0;
    c->have += n > 0 ? (size_t)n : 0;
    c->answer[c->have] = '\0';
    if (c->over)
        upp_loop_fd(loop, fd, 0, hear, self);
}

static int connect_to_ops(void)
{
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    memcpy(to.sun_path, path, strlen(path));
    assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static bool is_over(void *ctx)
{
    return ((client *)ctx)->over;
}

/* The whole answer to `request`, the connection closed by the other side. */
static const char *ask(client *c, const char *request)
{
    *c = (client){ .fd = connect_to_ops() };
    assert_int_equal(send(c->fd, request, strlen(request), 0), strlen(request));
    upp_loop_fd(loop, c->fd, UPP_READABLE, hear, c);
    assert_true(hand_loop_until(loop, PATIENCE, is_over, c));
    close(c->fd);
    return c->answer;
}

static const char *get(client *c, const char *page)
{
    char request[256];
    snprintf(request, sizeof request, "GET %s HTTP/1.0\r\n\r\n", page);
    return ask(c, request);
}

static const char *body_of(const char *answer)
{
    const char *body = strstr(answer, "\r\n\r\n");
    assert_non_null(body);
    return body + 4;
}

static bool has_status(const char *answer, const char *status)
{
    return strncmp(answer, "HTTP/1.", 7) == 0 && strncmp(answer + 8, status, strlen(status)) == 0;
}

/* The first test: the library is not there before somebody asks (late_mhd.h). */
static void test_who_is_not_asked_holds_no_library(void **state)
{
    client c;
    (void)state;
    assert_true(upp_ops_possible(say));
    hand_loop_turn(loop);
    assert_false(late_is_mapped("libmicrohttpd"));
    assert_true(has_status(get(&c, "/livez"), " 200"));
    assert_true(late_is_mapped("libmicrohttpd"));
}

static const char *heard(int fd)
{
    static char line[1024];
    const ssize_t n = recv(fd, line, sizeof line - 1, MSG_DONTWAIT);
    line[n > 0 ? n : 0] = '\0';
    return line;
}

/* What /readyz answers is told when it changes; what could not be heard is told again. */
static void test_a_supervisor_is_told_what_changes(void **state)
{
    char at[128];
    (void)state;
    assert_false(upp_ops_tell(ops)); /* nobody listens */
    snprintf(at, sizeof at, "%s/notify", folder);
    setenv("NOTIFY_SOCKET", at, 1);
    assert_true(upp_ops_tell(ops)); /* nobody is there yet */
    struct sockaddr_un name = { .sun_family = AF_UNIX };
    memcpy(name.sun_path, at, strlen(at));
    const int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&name, sizeof name), 0);
    world.started = false;
    assert_false(upp_ops_tell(ops));
    assert_non_null(strstr(heard(fd), "\"reasons\":[{\"what\":\"starting\",\"about\":null}]"));
    assert_false(upp_ops_tell(ops));
    assert_string_equal(heard(fd), "");
    world.started = true;
    assert_true(upp_ops_tell(ops));
    assert_non_null(strstr(heard(fd), "X_UPPSIKT_READY={\"ready\":true,"));
    world.behind = true;
    assert_false(upp_ops_tell(ops));
    assert_non_null(strstr(heard(fd), "\"what\":\"behind\""));
    unsetenv("NOTIFY_SOCKET");
    close(fd);
    assert_int_equal(unlink(at), 0);
}

static void test_livez_never_looks_at_peers(void **state)
{
    client c;
    (void)state;
    world.started = false;
    world.behind = true;
    assert_true(has_status(get(&c, "/livez"), " 200"));
}

static void test_startupz(void **state)
{
    client c;
    (void)state;
    world.started = false;
    assert_true(has_status(get(&c, "/startupz"), " 503"));
    world.started = true;
    assert_true(has_status(get(&c, "/startupz"), " 200"));
}

static json_t *readyz(client *c, const char *status)
{
    const char *answer = get(c, "/readyz");
    assert_true(has_status(answer, status));
    assert_non_null(strstr(answer, "application/json"));
    json_t *o = json_loads(body_of(answer), JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(o);
    return o;
}

static const char *reason(const json_t *o, size_t i, const char *field)
{
    return json_string_value(
        json_object_get(json_array_get(json_object_get(o, "reasons"), i), field));
}

static void test_readyz_says_each_reason(void **state)
{
    client c;
    (void)state;
    json_t *o = readyz(&c, " 200");
    assert_true(json_is_true(json_object_get(o, "ready")));
    assert_int_equal(json_array_size(json_object_get(o, "reasons")), 0);
    assert_string_equal(json_string_value(json_object_get(o, "service")), "escalation");
    assert_int_equal(json_integer_value(json_object_get(o, "schema")), 3);
    json_decref(o);

    world.behind = true;
    o = readyz(&c, " 503");
    assert_true(json_is_false(json_object_get(o, "ready")));
    assert_string_equal(reason(o, 0, "what"), "behind");
    assert_string_equal(reason(o, 0, "about"), "ingest");
    assert_string_equal(reason(o, 1, "what"), "disk_low");
    assert_null(reason(o, 1, "about"));
    json_decref(o);

    world.started = false;
    o = readyz(&c, " 503");
    assert_string_equal(reason(o, 0, "what"), "starting");
    json_decref(o);
}

/* Each name has HELP and TYPE before its rows. */
static void test_metrics(void **state)
{
    client c;
    (void)state;
    const char *answer = get(&c, "/metrics");
    assert_true(has_status(answer, " 200"));
    assert_non_null(strstr(answer, "Content-Type: text/plain; version=0.0.4"));
    char name[128] = "";
    size_t rows = 0;
    for (const char *line = body_of(answer); *line; line = strchr(line, '\n') + 1) {
        assert_non_null(strchr(line, '\n'));
        const size_t n = strcspn(line + 7, " ");
        if (strncmp(line, "# HELP ", 7) == 0) {
            snprintf(name, sizeof name, "%.*s", (int)n, line + 7);
        } else {
            const char *about = strncmp(line, "# TYPE ", 7) == 0 ? line + 7 : line;
            assert_int_equal(strncmp(about, name, strlen(name)), 0);
            rows += about == line;
        }
    }
    assert_int_equal(rows, 3);
    assert_non_null(
        strstr(answer, "uppsikt_build_info{service=\"escalation\",version=\"0.1.0\"} 1"));
    assert_non_null(strstr(answer, "\nuppsikt_db_size_bytes 4096\n"));
    assert_non_null(strstr(answer, "\nprocess_resident_memory_bytes "));

    world.broken = true;
    assert_true(has_status(get(&c, "/metrics"), " 500"));
}

static void test_other_pages_and_methods(void **state)
{
    client c;
    (void)state;
    assert_true(has_status(get(&c, "/"), " 404"));
    assert_true(has_status(get(&c, "/livez/"), " 404"));
    assert_true(has_status(get(&c, "/livez?x=1"), " 200"));
    assert_true(has_status(ask(&c, "POST /livez HTTP/1.0\r\nContent-Length: 2\r\n\r\nhi"), " 405"));
    const char *answer = ask(&c, "HEAD /livez HTTP/1.0\r\n\r\n");
    assert_true(has_status(answer, " 200"));
    assert_string_equal(body_of(answer), "");
    assert_true(has_status(ask(&c, "nonsense\r\n\r\n"), " 400") || c.have == 0);
}

/* A client that says nothing holds nobody else up, nor the loop. */
static void test_slow_clients_do_not_hold_the_loop(void **state)
{
    enum { SLOW = 20 };
    int slow[SLOW];
    client c;
    (void)state;
    for (size_t i = 0; i < SLOW; i++) {
        slow[i] = connect_to_ops();
        assert_int_equal(send(slow[i], "GET /li", 7, 0), 7);
    }
    hand_loop_turn(loop);
    for (int i = 0; i < 50; i++)
        assert_true(has_status(get(&c, "/livez"), " 200"));
    assert_true(hand_loop_longest(loop) <= 20 * 5); /* 20 ms; sanitizers and a busy machine: five */
    for (size_t i = 0; i < SLOW; i++)
        close(slow[i]);
    hand_loop_turn(loop);
}

static void test_an_old_socket_is_replaced_and_a_file_is_not(void **state)
{
    (void)state;
    upp_ops_free(ops);
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    memcpy(at.sun_path, path, strlen(path));
    const int old = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(old, (const struct sockaddr *)&at, sizeof at), 0);
    close(old);
    ops = upp_ops_new(loop, path, &owner, say);
    assert_non_null(ops);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0007, 0);

    char file[160];
    snprintf(file, sizeof file, "%s/file", folder);
    close(open(file, O_CREAT | O_WRONLY, 0600));
    assert_null(upp_ops_new(loop, file, &owner, say));
    assert_non_null(strstr(said, "is a file that is no socket"));
    unlink(file);
}

static void test_where_it_is(void **state)
{
    (void)state;
    char where[UPP_OPS_WHERE];
    upp_runtime_config r = { .run = "/run/uppsikt", .ops = "unix" };
    assert_true(upp_ops_where(&r, "ingest", where));
    assert_string_equal(where, "/run/uppsikt/ingest.ops");
    r.ops = "[::1]:9464";
    assert_true(upp_ops_where(&r, "ingest", where));
    assert_string_equal(where, "[::1]:9464");
    r.ops = "off";
    assert_false(upp_ops_where(&r, "ingest", where));
    r.ops = NULL;
    assert_false(upp_ops_where(&r, "ingest", where));

    static const char *const wrong[] = { "9464", ":9464", "127.0.0.1:", "127.0.0.1:http:x",
                                         "256.0.0.1:1" };
    for (size_t i = 0; i < UPP_LEN(wrong); i++) {
        said[0] = '\0';
        assert_null(upp_ops_new(loop, wrong[i], &owner, say));
        assert_non_null(strstr(said, wrong[i]));
    }
    char longer[200] = "/tmp/";
    memset(longer + 5, 'x', sizeof longer - 6);
    assert_null(upp_ops_new(loop, longer, &owner, say));
    assert_non_null(strstr(said, "107 bytes"));
}

/* The check blocks, so it asks from a thread of its own while the loop turns here. */
typedef struct check {
    const char *where;
    int rc, over[2];
    char said[512];
} check;

static void *run_check(void *self)
{
    check *c = self;
    FILE *out = fmemopen(c->said, sizeof c->said, "w");
    c->rc = upp_healthcheck(c->where, out);
    fclose(out);
    const ssize_t n = write(c->over[1], "x", 1);
    return n == 1 ? c : NULL;
}

static bool byte_came(void *ctx)
{
    char x;
    return recv(((check *)ctx)->over[0], &x, 1, MSG_DONTWAIT | MSG_PEEK) == 1;
}

static void ignore(void *self, int fd, unsigned what)
{
    (void)self;
    (void)what;
    upp_loop_fd(loop, fd, 0, ignore, NULL);
}

static int check_health(check *c, const char *where)
{
    pthread_t thread;
    *c = (check){ .where = where, .rc = -1 };
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, c->over), 0);
    upp_loop_fd(loop, c->over[0], UPP_READABLE, ignore, NULL);
    assert_int_equal(pthread_create(&thread, NULL, run_check, c), 0);
    assert_true(hand_loop_until(loop, PATIENCE, byte_came, c));
    pthread_join(thread, NULL);
    hand_loop_turn(loop);
    close(c->over[0]);
    close(c->over[1]);
    return c->rc;
}

static void test_healthcheck(void **state)
{
    check c;
    (void)state;
    assert_int_equal(check_health(&c, path), 0);
    assert_non_null(strstr(c.said, "\"ready\":true"));
    world.behind = true;
    assert_int_equal(check_health(&c, path), 1);
    assert_non_null(strstr(c.said, "\"about\":\"ingest\""));

    upp_ops *tcp = upp_ops_new(loop, "127.0.0.1:0", &owner, say);
    assert_non_null(tcp);
    world.behind = false;
    char where[64];
    snprintf(where, sizeof where, "127.0.0.1:%u", (unsigned)upp_ops_port(tcp));
    assert_true(upp_ops_port(tcp) > 0);
    assert_int_equal(check_health(&c, where), 0);
    upp_ops_free(tcp);
    assert_int_equal(check_health(&c, where), 1);
    assert_non_null(strstr(c.said, "nobody answers"));
    assert_int_equal(check_health(&c, "/nonexistent/x.ops"), 1);
    assert_int_equal(check_health(&c, "nonsense"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_who_is_not_asked_holds_no_library, begin, end),
        cmocka_unit_test_setup_teardown(test_a_supervisor_is_told_what_changes, begin, end),
        cmocka_unit_test_setup_teardown(test_livez_never_looks_at_peers, begin, end),
        cmocka_unit_test_setup_teardown(test_startupz, begin, end),
        cmocka_unit_test_setup_teardown(test_readyz_says_each_reason, begin, end),
        cmocka_unit_test_setup_teardown(test_metrics, begin, end),
        cmocka_unit_test_setup_teardown(test_other_pages_and_methods, begin, end),
        cmocka_unit_test_setup_teardown(test_slow_clients_do_not_hold_the_loop, begin, end),
        cmocka_unit_test_setup_teardown(test_an_old_socket_is_replaced_and_a_file_is_not, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_where_it_is, begin, end),
        cmocka_unit_test_setup_teardown(test_healthcheck, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
