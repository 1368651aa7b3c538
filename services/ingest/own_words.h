/* own_words.h - what ingest says of our own posts and answers, when they are seen first. */
#pragma once
#include "upp/service.h"
#include "uppsikt/comment.pb-c.h"

/* All lent. `parent`, `thread`: our ids of what it stands below; "": not known. `at`: when it was
 * published. `backfill`: it is older than the account's connection. */
typedef struct own_words {
    const char *account, *id, *parent, *thread;
    upp_ms at;
    bool backfill;
    const Uppsikt__CommentReceivedContent *said;
} own_words;

/* OwnPostSeen. */
int own_words_say_post(upp_txn *txn, const own_words *own);
/* ReplySeen. E16: an answer of ours under a citizen's item, made outside uppsikt or by it. E17:
 * below our own post it answers nobody in particular. */
int own_words_say_reply(upp_txn *txn, const own_words *own);
