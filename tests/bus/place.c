/* place.c - folders, files, processes; waits on ends and answers, never on time alone. */
#include "place.h"
#include "keys.h"
#include "uppsikt/escalation.pb-c.h"
#include "uppsikt/runtime.pb-c.h"
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <sodium.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

extern char **environ;

static void say(const char *line)
{
    fprintf(stderr, "%s\n", line);
}

void place_path(const place *p, const char *file, char ret_path[200])
{
    snprintf(ret_path, 200, "%s/%s", p->folder, file);
}

static void write_file(const place *p, const char *file, const char *text, mode_t mode)
{
    char path[200];
    place_path(p, file, path);
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

void place_rights(const place *p, const char *rows)
{
    write_file(p, "rights.yaml", rows, 0600);
}

void place_key(const place *p, const char *peer)
{
    assert_int_equal(upp_keys_make(p->keys, peer), 0);
}

static void make_folder(const place *p, const char *name)
{
    char path[200];
    place_path(p, name, path);
    assert_int_equal(mkdir(path, 0700), 0);
}

static void write_config(const place *p, const char *toy)
{
    char file[64];
    char text[1024];
    snprintf(file, sizeof file, "%s.yaml", toy);
    snprintf(text, sizeof text,
             "data: %s/%s\nrun: %s\nkeys: %s\nrights: %s/rights.yaml\nplace: %s/place\nops: unix\n"
             "ballast_bytes: 0\nlow_water_bytes: 0\n",
             p->folder, toy, p->run, p->keys, p->folder, p->folder);
    write_file(p, file, text, 0600);
}

void place_make(place *p)
{
    static const char *const folders[] = { "keys", "run", "place", "ingest", "escalation" };
    *p = (place){ .folder = "/tmp/upp-bus-XXXXXX" };
    assert_non_null(mkdtemp(p->folder));
    snprintf(p->keys, sizeof p->keys, "%s/keys", p->folder);
    snprintf(p->run, sizeof p->run, "%s/run", p->folder);
    for (size_t i = 0; i < UPP_LEN(folders); i++)
        make_folder(p, folders[i]);
    write_file(p, "place/lookup.key",
               "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n", 0600);
    place_key(p, "ingest");
    place_key(p, "escalation");
    place_key(p, "console");
    place_rights(p, "- { peer: console, owner: '*', verb: command, type: '*' }\n"
                    "- { peer: console, owner: '*', verb: query, type: '*', content: yes }\n"
                    "- { peer: console, owner: '*', verb: event, type: '*' }\n"
                    "- { peer: console, owner: '*', verb: object }\n"
                    "- { peer: escalation, owner: ingest, verb: event,"
                    " type: uppsikt.CommentReceived, content: yes }\n");
    write_config(p, "ingest");
    write_config(p, "escalation");
    p->client =
        upp_client_new(&(upp_place){ .run = p->run, .keys = p->keys, .peer = "console" }, say);
    assert_non_null(p->client);
}

static pid_t *pid_of(place *p, const char *toy)
{
    return strcmp(toy, "ingest") == 0 ? &p->ingest : &p->escalation;
}

static pid_t spawn(const place *p, const char *toy, const char *word)
{
    char program[200];
    char config[200];
    char file[64];
    snprintf(program, sizeof program, "%s/toy_%s", TOYS, toy);
    snprintf(file, sizeof file, "%s.yaml", toy);
    place_path(p, file, config);
    char *const argv[] = { program, upp_lend("--config"), config, upp_lend(word), NULL };
    pid_t pid = 0;
    assert_int_equal(posix_spawn(&pid, program, NULL, NULL, argv, environ), 0);
    return pid;
}

/* The exit code of a process that is about to end; a process that does not is a failure. */
static int end_of(pid_t pid)
{
    int status = 0;
    const int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    assert_true(fd >= 0);
    struct pollfd ended = { .fd = fd, .events = POLLIN };
    const bool in_time = poll(&ended, 1, PATIENCE) == 1;
    close(fd);
    if (!in_time)
        kill(pid, SIGKILL); /* leave nothing behind */
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(in_time);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int place_run(const place *p, const char *toy, const char *word)
{
    return end_of(spawn(p, toy, word));
}

void place_start(place *p, const char *toy)
{
    *pid_of(p, toy) = spawn(p, toy, NULL);
    (void)place_head(p, toy, NULL);
}

void place_signal(const place *p, const char *toy, int signal)
{
    place *q = (place *)(uintptr_t)p;
    assert_int_equal(kill(*pid_of(q, toy), signal), 0);
}

int place_end(place *p, const char *toy, int signal)
{
    place_signal(p, toy, signal);
    const int code = end_of(*pid_of(p, toy));
    *pid_of(p, toy) = 0;
    return code;
}

static int take_away(const char *path, const struct stat *st, int flag, struct FTW *walk)
{
    (void)st;
    (void)flag;
    (void)walk;
    return remove(path);
}

void place_clear(place *p)
{
    if (p->ingest > 0)
        (void)place_end(p, "ingest", SIGKILL);
    if (p->escalation > 0)
        (void)place_end(p, "escalation", SIGKILL);
    upp_client_free(p->client);
    nftw(p->folder, take_away, 8, FTW_DEPTH | FTW_PHYS);
}

int place_say(place *p, const char *words, int64_t n, size_t length)
{
    uint8_t id[16];
    randombytes_buf(id, sizeof id);
    char *text = malloc(length + 1);
    assert_non_null(text);
    memset(text, 'x', length);
    text[length] = '\0';
    Uppsikt__Snooze command = UPPSIKT__SNOOZE__INIT;
    command.matter = upp_lend(words);
    command.until_ms = n;
    command.reason = text;
    ProtobufCMessage *outcome = NULL;
    const int rc = upp_client_command(p->client, "ingest", id, NULL, &command.base,
                                      &uppsikt__matter_touched__descriptor, PATIENCE, &outcome);
    if (rc == 0)
        protobuf_c_message_free_unpacked(outcome, NULL);
    free(text);
    return rc;
}

typedef struct found {
    int64_t head, parked;
} found;

static bool note_state(void *ctx, const upp_frames *row)
{
    found *f = ctx;
    Uppsikt__ServiceState *state =
        uppsikt__service_state__unpack(NULL, row->envelope.len, row->envelope.at);
    assert_non_null(state);
    f->head = state->head;
    f->parked = state->parked;
    uppsikt__service_state__free_unpacked(state, NULL);
    return true;
}

int64_t place_head(place *p, const char *service, int64_t *ret_parked)
{
    const Uppsikt__ServiceStatus query = UPPSIKT__SERVICE_STATUS__INIT;
    found f = { .head = -1 };
    const int rc =
        upp_client_query(p->client, service, NULL, &query.base, PATIENCE, note_state, &f);
    if (rc != 0)
        fail_msg("%s: %s", service, upp_client_why(p->client));
    if (ret_parked)
        *ret_parked = f.parked;
    return f.head;
}
