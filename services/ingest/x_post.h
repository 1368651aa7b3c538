/* x_post.h - one post of X as an item, and its names there (platforms.md §11). Pure. */
#pragma once
#include "civil.h"
#include "connector.h"

/* Ids are 64-bit numbers written as texts; nothing else may get into a path. */
enum { X_ID = 24 };
bool x_is_id(const char *text);
/* The object's `id`; NULL: it has none, or it is no id. Lent. */
const char *x_post_id(const json_t *object);

/* "" where not known. `id` is that of the newest version: an edit gives a new one. */
typedef struct x_names {
    char id[X_ID], conversation[X_ID];
} x_names;
void x_post_names(const look_where *where, x_names *ret_names);

/* What x_post_names wants to know of an item, from what x_post_read kept of it: "ID CONVERSATION".
 * NULL: that is not what it was. Lent. */
const char *x_post_alias(const json_t *raw);

/* `includes` holds the people and pictures that the posts of one answer share. UPP_E_INPUT: ret_why
 * names the field. */
int x_post_read(const json_t *post, const json_t *includes, const char *own_id, reading *ret_item,
                char ret_why[ITEM_WHY]);
