/* main.c - `uppsikt`: the operators' command and the supervisor of one machine. */
#include "verbs.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { WORDS = 1024 };

static const verb_row *find(const char *name)
{
    for (size_t i = 0; i < n_verbs; i++)
        if (strcmp(verbs[i]->name, name) == 0)
            return verbs[i];
    return NULL;
}

/* Options of every verb may stand before the verb, too: they are moved behind it. Gives the
 * place of the verb; 0: there is none, or an option that is not known there. */
static int move_options(int argc, char **argv, char *moved[WORDS])
{
    int verb = 1;
    while (verb < argc && strncmp(argv[verb], "--", 2) == 0) {
        size_t i = 0;
        const size_t len = strcspn(argv[verb] + 2, "=");
        while (i < call_n_everyone && (strlen(call_everyone[i].name) != len ||
                                       strncmp(call_everyone[i].name, argv[verb] + 2, len) != 0))
            i++;
        if (i == call_n_everyone)
            return 0;
        verb += call_everyone[i].value && argv[verb][2 + len] != '=' ? 2 : 1;
    }
    if (verb >= argc || argc > WORDS)
        return 0;
    int n = 0;
    for (int i = verb + 1; i < argc; i++)
        moved[n++] = argv[i];
    for (int i = 1; i < verb; i++)
        moved[n++] = argv[i];
    return verb;
}

int main(int argc, char **argv)
{
    char *moved[WORDS];
    umask(077);
    if (argc == 2 && strcmp(argv[1], "--completion") == 0) {
        call_completion(verbs, n_verbs, stdout);
        return CALL_DONE;
    }
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        puts("uppsikt " UPP_VERSION);
        return CALL_DONE;
    }
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        call_help_all(verbs, n_verbs, stdout);
        return CALL_DONE;
    }
    const int at = move_options(argc, argv, moved);
    const verb_row *verb = at ? find(argv[at]) : NULL;
    if (!verb) {
        fprintf(stderr, "uppsikt: %s: no such verb; see uppsikt --help\n",
                at         ? argv[at]
                : argc > 1 ? argv[1]
                           : "a verb is wanted");
        return CALL_USAGE;
    }
    if (verb->own)
        return verb->own(argc - at, argv + at);
    return verb_run(verb, argc - 2, moved);
}
