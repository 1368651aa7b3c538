/* small_word_write.c - upp-small-word-table: the small words as a table, made by the build.
 *   upp-small-word-table > FILE.c */
#include "function_word.h"
#include "small_word.h"
#include "small_word_list.h"
#include "token.h"
#include <stdio.h>
#include <string.h>

enum { WORDS = SMALL_WORD_SLOTS / 2, LETTERS = 16 * WORDS, A_LINE = 16 };

struct table {
    struct small_word word[WORDS];
    size_t n;
    uint8_t letters[LETTERS];
    size_t n_letters;
    uint16_t slot[SMALL_WORD_SLOTS];
};

/* The word, new or known from another list. */
static struct small_word *take(struct table *t, const char *text, size_t len)
{
    const uint32_t hash = token_hash((const uint8_t *)text, len);
    size_t s = small_word_slot(hash);
    for (; t->slot[s] != 0; s = (s + 1) % SMALL_WORD_SLOTS) {
        struct small_word *w = &t->word[t->slot[s]];
        if (w->len == len && memcmp(t->letters + w->text, text, len) == 0)
            return w;
    }
    upp_check(t->n < WORDS && t->n_letters + len <= LETTERS && len <= TOKEN_TEXT_MAX);
    t->slot[s] = (uint16_t)t->n;
    struct small_word *w = &t->word[t->n++];
    *w = (struct small_word){
        .hash = hash, .text = (uint16_t)t->n_letters, .place = -1, .len = (uint8_t)len
    };
    memcpy(t->letters + t->n_letters, text, len);
    t->n_letters += len;
    return w;
}

static void take_number(struct table *t, const char *tens, const char *unit, unsigned role,
                        int number)
{
    char text[TOKEN_TEXT_MAX];
    const int len = snprintf(text, sizeof text, "%s%s", tens, unit);
    struct small_word *w = take(t, text, (size_t)len);
    w->roles |= (uint16_t)role;
    w->number = (uint8_t)number;
}

static void take_all(struct table *t)
{
    static const struct {
        const char *text;
        unsigned role;
        int number;
    } lists[] = {
#define LISTED(role, number, text) { text, SMALL_##role, number },
        SMALL_WORDS(LISTED)
#undef LISTED
    };
    static const struct {
        int number;
        const char *text;
    } tens[] = {
#define LISTED(number, text) { number, text },
        SMALL_WORD_TENS(LISTED)
    }, units[] = {
        SMALL_WORD_UNITS(LISTED)
#undef LISTED
    };
    t->word[t->n++].place = -1;
    for (size_t i = 0; i < UPP_LEN(lists); i++) {
        if (lists[i].number > 0)
            take_number(t, lists[i].text, "", lists[i].role, lists[i].number);
        else
            take(t, lists[i].text, strlen(lists[i].text))->roles |= (uint16_t)lists[i].role;
    }
    for (size_t i = 0; i < UPP_LEN(tens); i++) {
        take_number(t, tens[i].text, "", SMALL_TENS, tens[i].number);
        for (size_t u = 0; u < UPP_LEN(units); u++)
            take_number(t, tens[i].text, units[u].text, SMALL_TEENS,
                        tens[i].number + units[u].number);
    }
    size_t len = 0;
    const char *text;
    for (size_t place = 0; (text = function_word_at(place, &len)) != NULL; place++)
        take(t, text, len)->place = (int16_t)place;
}

static void write_all(const struct table *t)
{
    printf("/* Made by small_word_write.c, for this build. */\n#include \"small_word.h\"\n\n"
           "const struct small_word small_words[] = {\n");
    for (size_t i = 0; i < t->n; i++) {
        const struct small_word *w = &t->word[i];
        printf("{ %uu, %u, %u, %d, %u, %u },\n", w->hash, w->text, w->roles, w->place, w->number,
               w->len);
    }
    printf("};\n\nconst uint16_t small_word_slots[] = {");
    for (size_t i = 0; i < SMALL_WORD_SLOTS; i++)
        printf("%s%u,", i % A_LINE == 0 ? "\n" : " ", t->slot[i]);
    printf("\n};\n\nconst uint8_t small_word_letters[] = {");
    for (size_t i = 0; i < t->n_letters; i++)
        printf("%s%u,", i % A_LINE == 0 ? "\n" : " ", t->letters[i]);
    printf("\n};\n");
}

int main(void)
{
    struct table table = { .n = 0 };
    take_all(&table);
    write_all(&table);
    return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
