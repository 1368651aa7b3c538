/* port_folder.h - where a result may lie: a folder of the service's own, reached without a link. */
#pragma once
#include "upp/base.h"

enum { PORT_NAME = 256 };

typedef struct port_folder {
    int fd;                 /* -1: none */
    char prefix[PORT_NAME]; /* "01ABC." of a flat name; else "" */
} port_folder;

/* `folder` as capture_port.h says; `objects` is <data>/objects, `root` another folder or NULL. What
 * is missing below it is made and synced.
 * NULL; else what is wrong, static words: `*ret_never` when it will be so for ever. */
const char *port_folder_open(const char *objects, const char *root, const char *folder,
                             port_folder *ret_folder, bool *ret_never);
void port_folder_close(port_folder *folder);
/* Is `name` one that uppsikt-capture gives a file: a-z, digits, '.' and '-', no dot first? */
bool port_folder_name_fits(const char *name);
