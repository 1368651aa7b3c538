/* restore_apply.c - one service's copy becomes its data: made ready beside, then put in place. */
#include "backup_files.h"
#include "home_make.h"
#include "restore.h"
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* The rows of this service, each copied and compared with what the manifest says. */
static int copy_files(const restore_plan *p, const restore_one *one, const char *stage)
{
    const size_t n = strlen(one->service);
    size_t i = 0;
    json_t *row = NULL;
    json_array_foreach(json_object_get(p->manifest, "files"), i, row)
    {
        char from[PATH_MAX], to[PATH_MAX];
        json_t *copied = NULL;
        const char *path = json_string_value(json_object_get(row, "path"));
        if (strncmp(path, one->service, n) != 0 || path[n] != '/')
            continue;
        if (!home_path(p->folder, path, from) || !home_path(stage, path + n + 1, to) ||
            backup_copy(from, to, path, NULL, &copied) != CALL_DONE)
            return backup_failed(path);
        const bool same = json_equal(copied, row);
        json_decref(copied);
        if (!same) {
            home_sayf("%s: changed while it was read", from);
            return CALL_WRONG;
        }
    }
    return backup_sync_folder(stage);
}

/* The service's own program, since only that knows what it made of what it must forget. */
static int begin_anew(const restore_plan *p, const restore_one *one, const char *stage)
{
    char folder[PATH_MAX], name[64], program[PATH_MAX], config[PATH_MAX];
    int status = 0;
    pid_t pid = 0;
    posix_spawn_file_actions_t files;
    const ssize_t n = readlink("/proc/self/exe", folder, sizeof folder - 1);
    if (n <= 0)
        return backup_failed("/proc/self/exe");
    folder[n] = '\0';
    *strrchr(folder, '/') = '\0';
    snprintf(name, sizeof name, "uppsikt-%s", home_whole(one->service));
    if (!home_program(folder, name, program))
        return backup_failed(name);
    snprintf(name, sizeof name, "%s.yaml", one->service);
    if (!home_path(p->call->home->config, name, config) ||
        posix_spawn_file_actions_init(&files) != 0)
        return CALL_CONFIG;
    char *const argv[] = {
        program, upp_lend("--config"), config, upp_lend("restore"), upp_lend(p->ledger_path), NULL
    };
    setenv("UPPSIKT_DATA", stage, 1);
    const bool started =
        posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0) == 0 &&
        posix_spawn(&pid, program, &files, NULL, argv, environ) == 0;
    unsetenv("UPPSIKT_DATA");
    posix_spawn_file_actions_destroy(&files);
    if (started && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return CALL_DONE;
    home_sayf("%s: a new epoch could not begin; its data is as it was", one->service);
    return CALL_WRONG;
}

static int put_in_place(const restore_plan *p, const restore_one *one, const char *stage)
{
    char before[PATH_MAX], parent[PATH_MAX];
    if ((size_t)snprintf(before, sizeof before, "%s.before-restore", one->data) >= sizeof before ||
        !home_path(one->data, "..", parent))
        return CALL_CONFIG;
    const bool had = access(one->data, F_OK) == 0;
    if (backup_remove_folder(before))
        return CALL_CONFIG;
    if (had && rename(one->data, before) != 0)
        return backup_failed(one->data);
    if (rename(stage, one->data) != 0 || backup_sync_folder(parent))
        return backup_failed(stage);
    /* It may hold what has been disposed of meanwhile, or will be: nobody would forget it there. */
    return had && !call_flag(p->call, "keep-old") ? backup_remove_folder(before) : CALL_DONE;
}

int restore_apply(const restore_plan *plan, const restore_one *one)
{
    char stage[PATH_MAX];
    if ((size_t)snprintf(stage, sizeof stage, "%s.restore", one->data) >= sizeof stage)
        return CALL_CONFIG;
    if (backup_make_folders(stage) || backup_remove_folder(stage))
        return CALL_CONFIG;
    if (mkdir(stage, 0700) != 0)
        return backup_failed(stage);
    int rc = copy_files(plan, one, stage);
    if (rc == CALL_DONE)
        rc = begin_anew(plan, one, stage);
    if (rc == CALL_DONE)
        rc = put_in_place(plan, one, stage);
    else
        (void)backup_remove_folder(stage);
    return rc;
}
