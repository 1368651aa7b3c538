/* fuzz_corpus.c - a target over the files of its corpus, once each: what was found stays found. */
#include "fuzz.h"
#include <dirent.h>

static size_t run_file(const char *path)
{
    static uint8_t bytes[1024 * 1024];
    FILE *f = fopen(path, "r");
    if (!f)
        return 0;
    const size_t n = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    uint8_t *exact = malloc(n + 1); /* so that a byte too far is seen */
    upp_check(exact != NULL);
    memcpy(exact, bytes, n);
    (void)LLVMFuzzerTestOneInput(exact, n);
    free(exact);
    return 1;
}

int main(int argc, char **argv)
{
    size_t n = 0;
    DIR *dir = argc == 3 ? opendir(argv[2]) : NULL;
    if (!dir) {
        fprintf(stderr, "usage: %s NAME FOLDER\n", argv[0]);
        return 64;
    }
    for (const struct dirent *e = readdir(dir); e; e = readdir(dir)) {
        char path[4096];
        if (e->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", argv[2], e->d_name);
        n += run_file(path);
    }
    closedir(dir);
    (void)LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    printf("fuzz %s, its corpus  %zu checked\n", argv[1], n + 1);
    return 0;
}
