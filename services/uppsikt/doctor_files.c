/* doctor_files.c - folders, keys, rights, configurations, disk and clock. */
#include "doctor.h"
#include "home_make.h"
#include "key_files.h"
#include "keys.h"
#include "parts.h"
#include "rights.h"
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void check_folder(doctor *d, const char *path, mode_t others)
{
    struct stat st;
    if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
        doctor_sayf(d, "folders", "uppsikt up makes it, or change the path in " HOME_FILE, "%s: %s",
                    path, strerror(errno));
    else if (st.st_mode & others)
        doctor_sayf(d, "folders", "chmod go-rwx, or the group's part when that is meant",
                    "%s: others may come in", path);
    else
        doctor_sayf(d, "folders", NULL, "%s", path);
}

/* A group may put its sockets there when nobody of it can take another's away (the sticky bit): so
 * uppsikt-capture, another user, comes beside the services in containers. */
static bool is_shared(const char *run)
{
    struct stat st;
    return stat(run, &st) == 0 && (st.st_mode & S_ISVTX) != 0;
}

static void check_run(doctor *d)
{
    char path[PATH_MAX];
    const char *run = d->call->home->run;
    if (strlen(run) + strlen("/escalation") > 107)
        doctor_sayf(d, "folders", "choose a shorter one: an ipc path may have 107 bytes",
                    "%s: too long for sockets", run);
    check_folder(d, run, is_shared(run) ? 002 : 022);
    if (home_path(run, ".", path) && access(path, W_OK) != 0)
        doctor_sayf(d, "folders", "run this as the services' user", "%s: %s", run, strerror(errno));
}

static void check_secret(doctor *d, const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0)
        doctor_sayf(d, "keys", "uppsikt keys init makes it", "%s: %s", path, strerror(errno));
    else if (st.st_mode & 077)
        doctor_sayf(d, "keys", "chmod 600", "%s: others can read it", path);
}

static void check_keys(doctor *d)
{
    const verb_home *home = d->call->home;
    const size_t before = json_array_size(d->rows);
    char path[PATH_MAX];
    for (size_t i = 0; key_files_peer(d->call->home, i); i++) {
        const char *peer = key_files_peer(d->call->home, i);
        if (i < d->call->home->n_services && !home_has(home, peer))
            continue;
        if (key_files_path(home, peer, "key", path))
            check_secret(d, path);
        if (key_files_path(home, peer, "pub", path) && access(path, R_OK) != 0)
            doctor_sayf(d, "keys", "uppsikt keys init makes it", "%s: %s", path, strerror(errno));
    }
    static const char *const secrets[] = { "lookup.key", "token.key", "tree.key", "webhook.key" };
    for (size_t i = 0; i < UPP_LEN(secrets); i++)
        if (home_path(home->place, secrets[i], path))
            check_secret(d, path);
    if (json_array_size(d->rows) == before)
        doctor_sayf(d, "keys", NULL, "all there, and only for us");
}

/* upp_rights_read tells with file:line:column what is wrong. */
static void check_rights(doctor *d)
{
    char path[PATH_MAX];
    bool good = home_path(d->call->home->config, "rights.yaml", path);
    for (size_t i = 0; good && i < d->call->home->n_services; i++) {
        upp_rights *rights =
            upp_rights_read(path, home_whole(d->call->home->services[i]), NULL, home_say);
        good = rights != NULL;
        upp_rights_free(rights);
    }
    doctor_sayf(d, "rights", good ? NULL : "mend the line that was named above", "%s", path);
}

/* Each program looks at its own configuration; it says by itself what is wrong. */
static bool check_config(const char *program, const char *config)
{
    int status = 0;
    pid_t pid = 0;
    posix_spawn_file_actions_t files;
    char *const argv[] = { upp_lend(program), upp_lend("--config"), upp_lend(config),
                           upp_lend("check-config"), NULL };
    if (posix_spawn_file_actions_init(&files) != 0)
        return false;
    const bool started =
        posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0) == 0 &&
        posix_spawn(&pid, program, &files, NULL, argv, environ) == 0;
    posix_spawn_file_actions_destroy(&files);
    return started && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
}

static void check_configs(doctor *d)
{
    char folder[PATH_MAX];
    const ssize_t n = readlink("/proc/self/exe", folder, sizeof folder - 1);
    if (n <= 0)
        return;
    folder[n] = '\0';
    *strrchr(folder, '/') = '\0';
    setenv("UPPSIKT_RUN", d->call->home->run, 1);
    unsetenv("UPPSIKT_DATA");
    for (size_t i = 0; i < d->call->home->n_services; i++) {
        char name[64];
        char program[PATH_MAX];
        char config[PATH_MAX];
        snprintf(name, sizeof name, "uppsikt-%s", home_whole(d->call->home->services[i]));
        if (!home_has(d->call->home, d->call->home->services[i]) ||
            !home_program(folder, name, program))
            continue;
        snprintf(name, sizeof name, "%s.yaml", d->call->home->services[i]);
        if (!home_path(d->call->home->config, name, config))
            continue;
        const bool good = check_config(program, config);
        doctor_sayf(d, "config", good ? NULL : "mend what it said above", "%s", config);
    }
}

static void check_parts(doctor *d)
{
    for (size_t i = 0; i < home_n_services; i++) {
        parts_state s;
        if (!parts_divides(home_services[i]) || !home_has(d->call->home, home_services[i]))
            continue;
        if (!parts_read(d->call->home, home_services[i], &s))
            doctor_sayf(d, "parts", "mend what was named above", "%s", home_services[i]);
        else if (s.half)
            doctor_sayf(d, "parts",
                        "stop everything, then: uppsikt partition split SERVICE N --yes",
                        "a division has not ended: %s", s.why);
        else
            doctor_sayf(d, "parts", NULL, "%s: %u", home_services[i], s.of);
    }
}

static void check_disk(doctor *d)
{
    enum { LEAST = 256 * 1024 * 1024 };
    struct statvfs fs;
    const char *path = d->call->home->data[0] ? d->call->home->data : d->call->home->place;
    if (statvfs(path, &fs) != 0) {
        doctor_sayf(d, "disk", "is the folder there?", "%s: %s", path, strerror(errno));
        return;
    }
    const uint64_t room = (uint64_t)fs.f_bavail * fs.f_frsize;
    doctor_sayf(d, "disk", room < LEAST ? "make room; below 128 MiB nothing is accepted" : NULL,
                "%llu MiB free where %s is", (unsigned long long)(room >> 20), path);
}

/* Is the machine's clock kept by NTP (adjtimex(2))? And is time in this deployment real time? */
static void check_clock(doctor *d)
{
    char path[PATH_MAX];
    char line[64];
    struct timex t = { .modes = 0 };
    FILE *file = home_path(d->call->home->place, "clock", path) ? fopen(path, "re") : NULL;
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "speed ", 6) == 0)
            d->speed = strtoll(line + 6, NULL, 10);
    if (file)
        fclose(file);
    if (d->speed > 1)
        doctor_sayf(d, "clock", NULL, "a trial: time goes %lld times as fast", (long long)d->speed);
    const int state = adjtimex(&t);
    if (state == TIME_ERROR || (t.status & STA_UNSYNC))
        doctor_say(d, "clock", "nobody says that this machine's clock is right (no NTP)", NULL);
    else
        doctor_say(d, "clock", "the machine's clock is kept right", NULL);
}

void doctor_files(doctor *d)
{
    const verb_home *home = d->call->home;
    if (home->data[0])
        check_folder(d, home->data, 077);
    check_folder(d, home->keys, 022);
    check_folder(d, home->place, 022);
    check_run(d);
    check_keys(d);
    check_rights(d);
    check_configs(d);
    check_parts(d);
    check_disk(d);
    check_clock(d);
}
