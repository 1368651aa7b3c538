/* port_directory.h - lexicons and a model from a directory, for whoever keeps their own. */
#pragma once
#include "classifier.h"

struct lexicon_directory {
    struct classifier_file file[64];
    char *text[64];
    size_t n;
};

/* Reads DIR/<class>.txt of every class. 0; UPP_E_INPUT: one cannot be read, said through `say`. */
UPP_MUST_USE int directory_read(const char *dir, struct lexicon_directory *ret,
                                void (*say)(void *ctx, const char *line), void *ctx);
void directory_done(struct lexicon_directory *directory);

/* The whole file, ended by a zero that is not counted; the caller frees it. NULL: cannot be read,
 * or is longer than `most` bytes. */
char *directory_file(const char *path, size_t most, size_t *ret_len);
