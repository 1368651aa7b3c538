/* bluesky_post.h - one post of Bluesky as an item, and one of ours as a record (platforms.md §13).
 * Pure. */
#pragma once
#include "connector.h"

/* A post as any view shows it, or a notification of one. UPP_E_INPUT: ret_why names the field. */
int bluesky_post_read(const json_t *post, const char *own_id, reading *ret_item,
                      char ret_why[ITEM_WHY]);
/* What an answer must refer to, from what bluesky_post_read kept: a JSON text. NULL: that is not
 * what it was. Lent. */
const char *bluesky_post_alias(const json_t *raw);

enum { BLUESKY_KEY = 14 };
/* The key of our answer's record: the moment it was asked for in the form that the network gives
 * its keys, its last bits from what is answered and how. The same answer has the same key however
 * often it is sent, and a record is there once. */
void bluesky_key(const look_where *where, const char *text, char ret_key[BLUESKY_KEY]);
/* The body that writes our answer, from malloc. NULL: it is not known what is answered or since
 * when, or the text is no UTF-8. */
char *bluesky_answer(const look_where *where, const char *text);
