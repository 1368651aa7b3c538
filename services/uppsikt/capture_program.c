/* capture_program.c - uppsikt-capture, as the supervisor, status and doctor see it. */
#include "capture_program.h"
#include "healthcheck.h"
#include "home_make.h"
#include "status.h"
#include <errno.h>
#include <pwd.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define USER "uppsikt-capture"

bool capture_program_config(const verb_home *home, char *ret_text, size_t n)
{
    const int len = snprintf(
        ret_text, n,
        "# capture: made by uppsikt up, yours to change (uppsikt-capture --help lists all)\n"
        "run: %s\nkeys: %s\n"
        "# Where neither user namespaces nor setuid programs are allowed (uppsikt doctor says "
        "so):\n"
        "# sandbox: no\n",
        home->run, home->keys);
    return len > 0 && (size_t)len < n;
}

void capture_program_user(const verb_home *home)
{
    extern char **environ;
    char *const argv[] = {
        upp_lend("useradd"),           upp_lend("--system"),     upp_lend("--no-create-home"),
        upp_lend("--home-dir"),        upp_lend("/nonexistent"), upp_lend("--shell"),
        upp_lend("/usr/sbin/nologin"), upp_lend(USER),           NULL
    };
    pid_t pid = 0;
    int status = -1;
    if (geteuid() != 0 || getpwnam(USER) || home_says(home, CAPTURE_NAME, "user") ||
        getenv("UPPSIKT_CAPTURE_USER"))
        return;
    const int failed = posix_spawn(&pid, "/usr/sbin/useradd", NULL, NULL, argv, environ);
    if (failed == 0 && waitpid(pid, &status, 0) == pid && status == 0)
        home_say("the system user " USER " was made: the browser runs as it");
    else
        home_sayf("the system user " USER " cannot be made%s%s", failed ? ": " : "",
                  failed ? strerror(failed) : "");
}

/* Takes "reasons" and "notes" of what its operators' socket answers into `state`. */
static void add_readiness(verb_call *call, json_t *state)
{
    char path[PATH_MAX];
    char *answer = NULL;
    size_t n = 0;
    if (!home_path(call->home->run, CAPTURE_NAME ".ops", path) || access(path, F_OK) != 0)
        return;
    FILE *out = open_memstream(&answer, &n);
    upp_check(out != NULL);
    (void)upp_healthcheck(path, out); /* what it says is what we want, whatever it is */
    upp_check(fclose(out) == 0);
    json_t *body = json_loads(answer, JSON_REJECT_DUPLICATES, NULL);
    static const char *const names[] = { "reasons", "notes" };
    for (size_t i = 0; i < UPP_LEN(names); i++)
        if (json_is_array(json_object_get(body, names[i])))
            json_object_set(state, names[i], json_object_get(body, names[i]));
    json_decref(body);
    free(answer);
}

json_t *capture_program_state(verb_call *call, upp_ms wait_span)
{
    if (!home_has(call->home, CAPTURE_NAME))
        return NULL;
    json_t *state = status_of(call, CAPTURE_NAME, wait_span);
    if (!json_object_get(state, "down"))
        add_readiness(call, state);
    return state;
}

const char *capture_program_word(const verb_home *home, const json_t *state)
{
    const json_t *first = json_array_get(json_object_get(state, "reasons"), 0);
    const char *what = json_string_value(json_object_get(first, "what"));
    return what ? what : status_word(home, state);
}

const char *capture_program_cure(const char *reason)
{
    static const struct {
        const char *reason, *cure;
    } cures[] = {
        { "browser_missing", "apt-get install chromium chromium-sandbox" },
        { "sandbox_refused", "allow user namespaces, or setuid programs with chromium-sandbox; or, "
                             "knowing what that means, `sandbox: no` in its configuration" },
        { "browser_failed", "see its log for the browser's last words" },
    };
    for (size_t i = 0; i < UPP_LEN(cures); i++)
        if (strcmp(cures[i].reason, reason) == 0)
            return cures[i].cure;
    return "see its log";
}
