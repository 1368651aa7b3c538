/* config_edit.h - one line of a service's configuration, read and written as people write it. */
#pragma once
#include "home.h"

enum { CONFIG_EDIT = 512 };

/* Writes a file, readable by its owner alone, whole and synced, under another name first; then its
 * folder. False: said. */
bool config_edit_write(const char *path, const char *text, size_t len);
/* The value of `key` in <config>/<service>.yaml; "": it is not given, or not on one line. False:
 * the file cannot be read, said. */
bool config_edit_get(const verb_home *home, const char *service, const char *key,
                     char ret_value[CONFIG_EDIT]);
/* Makes `key: value` the file's line of that key; every other line stays as it is. `as` NULL: that
 * file; else the file of the service `as`, with the other's lines. Written whole, synced, renamed.
 * False: said. */
bool config_edit_set(const verb_home *home, const char *service, const char *as, const char *key,
                     const char *value);
