/* port_mail_fixture.c - the world of the port `mail` in its tests. */
#include "port_mail_fixture.h"
#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAIL = 64 * 1024 };

mail_world world;
static pid_t smtpd;

static void on_done(void *self, int64_t id, enum upp_fate fate, const ProtobufCMessage *answer,
                    upp_ms after_span)
{
    (void)self;
    const Uppsikt__MailDone *done = (const Uppsikt__MailDone *)answer;
    assert_true(id >= 0 && id < ASKS);
    assert_false(world.ended[id].over); /* once */
    assert_int_equal(after_span, 0);
    world.ended[id] = (struct ended){ .over = true, .fate = fate, .has_answer = done != NULL };
    if (done) {
        assert_ptr_equal(done->base.descriptor, &uppsikt__mail_done__descriptor);
        world.ended[id].accepted = done->accepted;
        world.ended[id].reply = done->reply;
    }
    world.n_ended++;
}

bool all_over(void *ctx)
{
    (void)ctx;
    return world.n_ended == world.n_asked;
}

/* -- the server, a process of its own -- */

void start_server(void)
{
    int out[2];
    char line[64] = "";
    assert_int_equal(pipe(out), 0);
    smtpd = fork();
    assert_true(smtpd >= 0);
    if (smtpd == 0) {
        dup2(out[1], STDOUT_FILENO);
        close(out[0]);
        execl(UPP_SMTPD, "upp-smtpd", "0", world.folder, (char *)NULL);
        _exit(127);
    }
    close(out[1]);
    FILE *f = fdopen(out[0], "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    fclose(f);
    assert_int_equal(strncmp(line, "port ", 5), 0);
    snprintf(world.url, sizeof world.url, "smtp://127.0.0.1:%ld", strtol(line + 5, NULL, 10));
}

void stop_server(void)
{
    int status = -1;
    if (smtpd <= 0)
        return;
    kill(smtpd, SIGTERM);
    assert_int_equal(waitpid(smtpd, &status, 0), smtpd);
    assert_int_equal(status, 0);
    smtpd = 0;
}

void control(const char *rules)
{
    char tmp[128], path[128];
    snprintf(tmp, sizeof tmp, "%s/control.tmp", world.folder);
    snprintf(path, sizeof path, "%s/control", world.folder);
    FILE *f = fopen(tmp, "w");
    assert_non_null(f);
    fputs(rules, f);
    fclose(f);
    assert_int_equal(rename(tmp, path), 0);
}

size_t n_mails(void)
{
    char path[128];
    snprintf(path, sizeof path, "%s/new", world.folder);
    DIR *d = opendir(path);
    size_t n = 0;
    assert_non_null(d);
    for (struct dirent *e = readdir(d); e; e = readdir(d))
        n += strstr(e->d_name, ".eml") != NULL;
    closedir(d);
    return n;
}

static const char *read_at(const char *name)
{
    static char text[MAIL];
    char path[128];
    snprintf(path, sizeof path, "%s/%s", world.folder, name);
    FILE *f = fopen(path, "r");
    text[0] = '\0';
    if (f) {
        text[fread(text, 1, sizeof text - 1, f)] = '\0';
        fclose(f);
    }
    return text;
}

const char *mail_number(unsigned number)
{
    char name[32];
    snprintf(name, sizeof name, "new/%06u.eml", number);
    return read_at(name);
}

bool talked(const char *verb)
{
    return strstr(read_at("log"), verb) != NULL;
}

/* -- the port -- */

void reopen_port(void)
{
    upp_mail_port.close(world.port); /* NULL is fine */
    world.port = upp_mail_port.open(world.loop, &world.config);
    assert_non_null(world.port);
}

int mail_begin(void **state)
{
    (void)state;
    world = (mail_world){ .folder = "/tmp/upp-mail-XXXXXX" };
    if (!mkdtemp(world.folder))
        return -1;
    start_server();
    world.loop = hand_loop_new(on_done, NULL);
    world.config = (mail_config){
        .url = world.url,
        .from = "uppsikt@kommun.example",
        .name = "Uppsikt V\xc3\xa4xj\xc3\xb6",
        .parallel = 4,
        .patience_span = 5 * UPP_SECOND,
    };
    reopen_port();
    return 0;
}

static void remove_all(const char *path)
{
    char inner[512];
    DIR *d = opendir(path);
    for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d)) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        snprintf(inner, sizeof inner, "%s/%s", path, e->d_name);
        if (unlink(inner) != 0)
            remove_all(inner);
    }
    if (d)
        closedir(d);
    rmdir(path);
}

void empty_folder(void)
{
    remove_all(world.folder);
    const int made = mkdir(world.folder, 0700);
    assert_int_equal(made, 0);
}

int mail_end(void **state)
{
    (void)state;
    upp_mail_port.close(world.port);
    world.port = NULL;
    hand_loop_free(world.loop);
    stop_server();
    remove_all(world.folder);
    return 0;
}

Uppsikt__SendMail mail_to(const char *to)
{
    Uppsikt__SendMail m = UPPSIKT__SEND_MAIL__INIT;
    m.to = upp_lend(to);
    m.subject = upp_lend("Fr\xc3\xa5ga v\xc3\xa4ntar");
    m.text = upp_lend("Hej!\n\nSvara senast tis 15.30.\nhttps://uppsikt.kommun.example/a/1\n");
    m.notice = upp_lend("01JD");
    return m;
}

void mail_ask(const char *key, const Uppsikt__SendMail *m)
{
    const upp_asked asked = {
        .id = (int64_t)world.n_asked++, .key = key, .attempt = 1, .request = &m->base
    };
    upp_mail_port.start(world.port, &asked);
}

const struct ended *outcome(const char *key, const Uppsikt__SendMail *m)
{
    mail_ask(key, m);
    assert_true(hand_loop_until(world.loop, PATIENCE, all_over, NULL));
    return &world.ended[world.n_asked - 1];
}

const struct ended *outcome_under(const char *rules)
{
    const Uppsikt__SendMail m = mail_to("anna@kommun.example");
    control(rules);
    return outcome("key", &m);
}

void sent(const struct ended *e)
{
    assert_int_equal(e->fate, UPP_DONE);
    assert_true(e->accepted);
    assert_int_equal(e->reply, 250);
}

void later(const struct ended *e)
{
    assert_int_equal(e->fate, UPP_LATER);
    assert_false(e->has_answer);
}

void never(const struct ended *e, uint32_t reply)
{
    assert_int_equal(e->fate, UPP_NEVER);
    assert_true(e->has_answer);
    assert_false(e->accepted);
    assert_int_equal(e->reply, reply);
}

void has(const char *mail, const char *line)
{
    if (!strstr(mail, line))
        fail_msg("no '%s' in:\n%s", line, mail);
}
