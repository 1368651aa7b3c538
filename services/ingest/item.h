/* item.h - one thing that a platform or a file says was written: read, checked, not yet kept.
 * Pure. */
#pragma once
#include "upp/base.h"
#include "uppsikt/comment.pb-c.h"
#include <jansson.h>

/* Texts are borrowed from `json` (owned by whoever read it) or from `owned`. NULL: not said. */
typedef struct reading {
    const char *external_id, *parent_id, *thread_id, *alias, *parent_alias;
    const char *text, *html, *lang, *permalink;
    const char *author_id, *author_name, *author_handle, *author_url;
    const char *platform, *account; /* as a file says */
    const json_t *attachments;      /* [{type, url, sha256, name}] */
    const json_t *json;             /* the platform's own object, or the line */
    Uppsikt__ItemKind kind;
    upp_ms created_ms, edited_ms; /* 0: not said */
    bool hidden, deleted, ours;
    bool hidden_unsaid; /* this answer does not say whether it is hidden */
    bool unnamed;       /* external_id is our own word: on the platform nothing can be done */
    char *owned;        /* freed by item_done, and so is what it holds of a list */
    json_t *owned_list;
} reading;

void item_done(reading *it);

enum { ITEM_WHY = 160 };
/* Reads one line of a file (platforms.md §14). `json` is the parsed line; it must outlive the
 * item. UPP_E_INPUT: ret_why names the field and what is wrong, never the value. */
int item_from_line(const json_t *json, reading *ret_item, char ret_why[ITEM_WHY]);

/* Plain text of a platform's HTML: paragraphs and breaks become newlines, tags go, entities are
 * read (libxml2). From malloc, the caller frees it; NULL: no memory. */
char *item_plain_text(const char *html);
