/* part_store.h - which part of its service's work a store holds, and how one becomes several.
 *
 * A part is made as a copy of the one whose accounts it takes over: the same state, and the same
 * place in every log that is heard; its own log begins empty, and what the other has in hand stays
 * there. From that place on each handles its own accounts, so nothing is handled twice and nothing
 * by nobody. The store itself says which part it is: one that has given accounts away can never be
 * opened as if it had them. */
#pragma once
#include "upp/service.h"
#include <sqlite3.h>

/* Is the store that of the part which `service` says it is? False: `say` has heard the cure. */
bool upp_part_agrees(sqlite3 *db, const upp_service *service, const char *path,
                     void (*say)(const char *line));
/* Is no other part's store in `folder`, where this one's is to be? Else a wrong word in a
 * configuration would make a fresh store, which hears everything from the beginning. False: `say`
 * has heard the cure. */
bool upp_part_alone(const char *folder, const upp_service *service, void (*say)(const char *line));
/* Which part the store at `path` is; a store that says nothing is the whole. Opens it for reading
 * alone. False: it cannot be read, `say` has heard why. */
bool upp_part_stored(const char *path, unsigned *ret_part, unsigned *ret_of,
                     void (*say)(const char *line));
/* Makes the store `to` (any file there is replaced, whole and synced) as part `part` of `of` out of
 * the store `from`, which no process may have open. False: `say` has heard why; then `to` is as it
 * was. */
bool upp_part_make(const char *from, const char *to, unsigned part, unsigned of,
                   void (*say)(const char *line));
/* The store at `path`, which no process may have open, is part `part` of `of` from now on: what is
 * said about accounts of the others it passes by. False: `say` has heard why. */
bool upp_part_become(const char *path, unsigned part, unsigned of, void (*say)(const char *line));
