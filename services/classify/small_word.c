/* small_word.c - looks up the words that grammar and scanners know by themselves. */
#include "small_word.h"
#include "letters_same.h"

uint16_t small_word_find(const uint8_t *text, size_t len, uint32_t hash)
{
    for (size_t s = small_word_slot(hash);; s = (s + 1) % SMALL_WORD_SLOTS) {
        const uint16_t at = small_word_slots[s];
        const struct small_word *w = &small_words[at];
        if (at == 0 || (w->hash == hash && w->len == len &&
                        letters_same(small_word_letters + w->text, text, len)))
            return at;
    }
}
