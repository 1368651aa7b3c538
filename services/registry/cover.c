/* cover.c - the kinds of document that a row of the plan may cover. */
#include "cover.h"
#include <stdio.h>
#include <string.h>

static const char *const words[COVER_KINDS] = {
    "comment",
    "mention",
    "message",
    "review",
    "own",
    "removed-comment",
    "removed-mention",
    "removed-message",
    "removed-review",
    "removed-own",
    "line",
    "staff",
    "absence",
    "look",
    "package",
};

const char *cover_word(enum cover_kind kind)
{
    return kind >= 0 && kind < COVER_KINDS ? words[kind] : NULL;
}

static unsigned bit_of(const char *word, size_t len)
{
    for (unsigned i = 0; i < COVER_KINDS; i++)
        if (strlen(words[i]) == len && memcmp(words[i], word, len) == 0)
            return 1U << i;
    return 0;
}

bool cover_of_words(char *const *list, size_t n, unsigned *ret_set)
{
    bool good = true;
    *ret_set = 0;
    for (size_t i = 0; i < n; i++) {
        const unsigned bit = bit_of(list[i], strlen(list[i]));
        *ret_set |= bit;
        good = good && bit;
    }
    return good;
}

void cover_text(unsigned set, char ret_text[COVER_TEXT])
{
    size_t len = 0;
    ret_text[0] = '\0';
    for (unsigned i = 0; i < COVER_KINDS; i++)
        if (set & 1U << i)
            len += (size_t)snprintf(ret_text + len, COVER_TEXT - len, "%s%s", len ? " " : "",
                                    words[i]);
}

unsigned cover_of_text(const char *text)
{
    unsigned set = 0;
    for (const char *at = text; *at;) {
        const size_t len = strcspn(at, " ");
        set |= bit_of(at, len);
        at += len + strspn(at + len, " ");
    }
    return set;
}
