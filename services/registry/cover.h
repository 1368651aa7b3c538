/* cover.h - the kinds of document that a row of the plan may cover: the words that registry takes
 * and evidence disposes by (R21). Pure. The plan's own name of the kind is free; these say what it
 * is of all that uppsikt knows. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* What we hid or deleted is a kind of its own: COVER_REMOVED after what it was. */
enum cover_kind {
    COVER_COMMENT,
    COVER_MENTION,
    COVER_MESSAGE, /* to us alone */
    COVER_REVIEW,
    COVER_OWN, /* our own posts and answers */
    COVER_REMOVED,
    COVER_LINE = 2 * COVER_REMOVED, /* that ingest could not read */
    COVER_STAFF,                    /* a person who has left: her name, how she is reached */
    COVER_ABSENCE,                  /* that is over */
    COVER_LOOK,                     /* who looked, who signed in, of one day */
    COVER_PACKAGE,                  /* of the archive */
    COVER_KINDS
};
enum { COVER_TEXT = 192 };

const char *cover_word(enum cover_kind kind); /* "comment", "removed-comment"; NULL: no such kind */
/* A set has the bit 1 << kind of each kind. False: one word is none; the others are in it. */
bool cover_of_words(char *const *words, size_t n, unsigned *ret_set);
/* The set's words in a row, a blank between; and back, without what is no such word. */
void cover_text(unsigned set, char ret_text[COVER_TEXT]);
unsigned cover_of_text(const char *text);
