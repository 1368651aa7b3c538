/* port_directory.c - reads lexicon and model files from disk. */
#include "port_directory.h"
#include "lexicon.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEXICON_BYTES_MAX (4u << 20)

static void close_file(FILE **file)
{
    if (*file)
        fclose(*file);
}

static void free_text(char **text)
{
    free(*text);
}

char *directory_file(const char *path, size_t most, size_t *ret_len)
{
    UPP_AUTO(close_file) FILE *file = fopen(path, "rb");
    if (!file)
        return NULL;
    size_t room = 65536;
    size_t len = 0;
    UPP_AUTO(free_text) char *text = malloc(room + 1);
    while (text) {
        len += fread(text + len, 1, room - len, file);
        if (len < room)
            break;
        if (room > most)
            return NULL;
        room *= 2;
        char *bigger = realloc(text, room + 1);
        if (!bigger)
            return NULL;
        text = bigger;
    }
    if (!text || ferror(file) || len > most)
        return NULL;
    text[len] = '\0';
    *ret_len = len;
    char *ready = text;
    text = NULL;
    return ready;
}

void directory_done(struct lexicon_directory *directory)
{
    for (size_t i = 0; i < directory->n; i++)
        free(directory->text[i]);
    directory->n = 0;
}

int directory_read(const char *dir, struct lexicon_directory *ret,
                   void (*say)(void *ctx, const char *line), void *ctx)
{
    struct lexicon_directory d = { .n = 0 };
    for (unsigned k = 0; k < LEXICON_CLASS_COUNT; k++) {
        const char *name = lexicon_class_name((enum lexicon_class)k);
        char path[4096];
        const int n = snprintf(path, sizeof path, "%s/%s.txt", dir, name);
        size_t len = 0;
        char *text =
            n > 0 && (size_t)n < sizeof path ? directory_file(path, LEXICON_BYTES_MAX, &len) : NULL;
        if (!text) {
            char line[160];
            snprintf(line, sizeof line, "%s.txt: cannot be read", name);
            say(ctx, line);
            directory_done(&d);
            return UPP_E_INPUT;
        }
        d.text[d.n] = text;
        d.file[d.n++] = (struct classifier_file){ .name = name, .text = text };
    }
    *ret = d;
    return 0;
}
