/* backup.h - a copy of the store, taken while the service works (operations.md §2.1). */
#pragma once
#include "loop.h"
#include "wire.h"

typedef struct upp_backup upp_backup;

/* `socket` is the ROUTER's handle, where outcomes go; `data` the service's folder. Both lent. What
 * an earlier process left behind is taken away: it holds content that may have to be forgotten. */
upp_backup *upp_backup_new(upp_loop *loop, void *socket, const char *data);
void upp_backup_free(upp_backup *backup); /* an unfinished copy goes; NULL is fine */

/* Begins a copy for the request `id`, some pages at a time between two turns; its outcome
 * (BackupTaken, or a refusal) goes to `to` when the file and its name are on the disk. The same
 * request again: the outcome goes to whoever asked last, once more if it is known. Another one,
 * while a copy is under way: refused as busy. The file goes after an hour, or with the next one. */
void upp_backup_take(upp_backup *backup, const upp_identity *to, const uint8_t id[16]);
