/* rights.h - who may say, ask and hear what: rights.yaml, a sequence of rows
 *
 *   - { peer: console, owner: registry, verb: command, type: uppsikt.OpenAccount }
 *   - { peer: [classify, evidence], owner: ingest, verb: event, type: "*", content: yes }
 *
 * `owner` is the service that is spoken to or heard. `verb` is event, command, query or object.
 * `type` is a message's full protobuf name; "*" stands for any peer (with a key), owner or type.
 * Peer, owner and type may be lists. `content` (yes or no; no when it is not there) lets the peer
 * have the content frame of that event or query row; an object needs no such word, it is content.
 * Rows only give: what no row gives is refused. */
#pragma once
#include "upp/base.h"

typedef struct upp_rights upp_rights;

enum upp_verb { UPP_MAY_EVENT, UPP_MAY_COMMAND, UPP_MAY_QUERY, UPP_MAY_OBJECT };

/* The rows of `path` that are about `owner`; `path` NULL: nobody may do anything. `many` as in
 * upp_service: a part of a service has the rights of the whole; lent. NULL: `say` has heard every
 * complaint, as <file>:<line>:<column>. */
upp_rights *upp_rights_read(const char *path, const char *owner, const char *many,
                            void (*say)(const char *line));
void upp_rights_free(upp_rights *rights); /* NULL is fine */

/* May `peer` do that with `type`? *ret_content (may be NULL): and have the content? */
bool upp_rights_may(const upp_rights *rights, const char *peer, enum upp_verb verb, upp_bytes type,
                    bool *ret_content);
/* Has `peer` any right of that verb at all? */
bool upp_rights_any(const upp_rights *rights, const char *peer, enum upp_verb verb);
