/* late.c - dlopen, dlsym for each row; and the same in a child that tells what is missing. */
#include "late.h"
#include "upp/base.h"
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WHY_BYTES = 300 };

/* NULL, or why not in dlerror's words. `how`: RTLD_NOW finds out whether all that the library calls
 * is there; RTLD_LAZY leaves pages alone that nobody needs, as a linked library's are. */
static const char *load(const upp_late *late, int how)
{
    void *library = dlopen(late->file, how | RTLD_LOCAL);
    if (!library)
        return dlerror();
    for (size_t i = 0; i < late->n_rows; i++) {
        void *symbol = dlsym(library, late->rows[i].name);
        if (!symbol)
            return dlerror();
        memcpy((char *)late->table + late->rows[i].at, &symbol, sizeof symbol);
    }
    return NULL;
}

void upp_late_load(const upp_late *late)
{
    const char *why = load(late, RTLD_LAZY);
    if (why)
        upp_broken(why, __FILE__, __LINE__);
}

/* In the other process: what it found out, down the pipe; nothing is good news. */
static _Noreturn void try_and_tell(const upp_late *late, int to)
{
    const char *why = load(late, RTLD_NOW);
    const size_t n = why ? strlen(why) : 0;
    _exit(n > 0 && write(to, why, n) != (ssize_t)n ? 2 : n > 0);
}

/* 0: it ended well, and said nothing. */
static int hear(pid_t child, int from, char *ret_words, size_t size)
{
    size_t len = 0;
    ssize_t got = 0;
    while (len + 1 < size && (got = read(from, ret_words + len, size - 1 - len)) > 0)
        len += (size_t)got;
    ret_words[len] = '\0';
    int status = 0;
    return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

const char *upp_late_lacks(const upp_late *late)
{
    static char why[WHY_BYTES];
    int ends[2];
    const int n = snprintf(why, sizeof why, "%s: ", late->title);
    snprintf(why + n, sizeof why - (size_t)n, "it cannot be tried whether it is there");
    if (pipe(ends) != 0)
        return why;
    const pid_t child = fork();
    if (child == 0)
        try_and_tell(late, ends[1]);
    close(ends[1]);
    char words[WHY_BYTES] = "";
    const int ended = child > 0 ? hear(child, ends[0], words, sizeof words) : -1;
    close(ends[0]);
    if (words[0])
        snprintf(why + n, sizeof why - (size_t)n, "%s", words);
    return ended == 0 ? NULL : why;
}
