/* secret_file.h - secrets on their way from and to files, never through arguments or logs. */
#pragma once
#include "upp/base.h"

/* The first line of `path` ("-": standard input) without its line break, at most 4 KiB. A file that
 * others than its owner can read is refused. NULL: `say` has heard why. secret_file_free wipes. */
char *secret_file_read(const char *path, void (*say)(const char *line));
/* All lines of `path`, else as secret_file_read: a secret that changes, the old one below it. */
char *secret_file_read_lines(const char *path, void (*say)(const char *line));
void secret_file_free(char *text); /* NULL is fine */
/* Makes `path` (0600, synced, never over another) with 64 hexadecimal digits. 1: it is there
 * already; UPP_E_INPUT with errno set. */
int secret_file_make(const char *path);
