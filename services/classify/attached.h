/* attached.h - what a comment's attachments say without being looked into: by their names, by what
 * their author wrote for those who do not see them, and, of a shared link, by its title and the
 * words of its address (R18, R19). Pure. */
#pragma once
#include "classifier.h"
#include "uppsikt/comment.pb-c.h"

/* Adds to *verdict what the first eight attachments say. Only what is likely counts, it only raises
 * a label, and it never makes a question; it has no place in the text. */
void attached_judge(const classifier *c, classifier_room *room,
                    const struct classifier_policy *policy,
                    const Uppsikt__CommentReceivedContent *comment,
                    struct classifier_verdict *verdict);

enum { ATTACHED_WORDS = 1024 };
/* The words of a link's address: of its host without the ending, and of its path. What holds a
 * digit is no word (numbers there are nobody's), nor what comes after ? or #. */
void attached_words(const char *url, char ret_words[ATTACHED_WORDS]);
