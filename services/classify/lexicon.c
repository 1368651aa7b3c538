/* lexicon.c - reads the word lists and builds their look-up tables. */
#include "lexicon.h"
#include "lexicon_table.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const class_names[] = {
#define LEXICON_NAME(name) #name,
    LEXICON_CLASSES(LEXICON_NAME)
#undef LEXICON_NAME
};

/* The tables while they grow, and what a lexicon of somebody's own lies in afterwards. */
struct lexicon_built {
    struct lexicon_entry *entries;
    size_t room_entries;
    struct lexicon_word *words;
    size_t room_words;
    uint8_t *letters;
    size_t room_letters;
    struct {
        struct lexicon_slot *slot;
        uint8_t *filter;
    } index[LEXICON_INDEXES];
    uint32_t *pair;
    uint32_t *mask_entry;
    bool disguised_class[LEXICON_CLASS_COUNT];
};

struct reader {
    classify_lexicon *lexicon;
    enum lexicon_class class;
    const char *file;
    size_t line;
    void (*say)(void *ctx, const char *line);
    void *ctx;
    size_t n_wrong;
};

const char *lexicon_class_name(enum lexicon_class class)
{
    upp_check((unsigned)class < LEXICON_CLASS_COUNT);
    return class_names[class];
}

int lexicon_class_label(enum lexicon_class class, enum classify_label *ret_label)
{
    static const uint8_t labels[LEXICON_CLASS_COUNT] = {
        [LEXICON_violence_porn] = 1 + CLASSIFY_VIOLENCE_PORN,
        [LEXICON_copyright] = 1 + CLASSIFY_COPYRIGHT,
        [LEXICON_profanity] = 1 + CLASSIFY_PROFANITY,
        [LEXICON_attack] = 1 + CLASSIFY_ATTACK,
        [LEXICON_hate] = 1 + CLASSIFY_HATE,
        [LEXICON_incitement] = 1 + CLASSIFY_INCITEMENT,
        [LEXICON_political] = 1 + CLASSIFY_POLITICAL,
        [LEXICON_advertising] = 1 + CLASSIFY_ADVERTISING,
        [LEXICON_personal_data] = 1 + CLASSIFY_PERSONAL_DATA,
        [LEXICON_confidential] = 1 + CLASSIFY_CONFIDENTIAL,
    };
    upp_check((unsigned)class < LEXICON_CLASS_COUNT);
    if (labels[class] == 0)
        return UPP_E_INPUT;
    *ret_label = (enum classify_label)(labels[class] - 1);
    return 0;
}

classify_lexicon *lexicon_new(void)
{
    UPP_AUTO(lexicon_freep) classify_lexicon *lexicon = calloc(1, sizeof *lexicon);
    if (!lexicon || !(lexicon->built = calloc(1, sizeof *lexicon->built)))
        return NULL;
    lexicon->version = UINT64_C(14695981039346656037);
    classify_lexicon *ready = lexicon;
    lexicon = NULL;
    return ready;
}

void lexicon_free(classify_lexicon *lexicon)
{
    if (!lexicon)
        return;
    struct lexicon_built *b = lexicon->built;
    for (size_t i = 0; b && i < LEXICON_INDEXES; i++) {
        free(b->index[i].slot);
        free(b->index[i].filter);
    }
    if (b) {
        free(b->pair);
        free(b->mask_entry);
        free(b->entries);
        free(b->words);
        free(b->letters);
    }
    free(b);
    free(lexicon);
}

void lexicon_freep(classify_lexicon **lexicon)
{
    lexicon_free(*lexicon);
}

uint64_t lexicon_version(const classify_lexicon *lexicon)
{
    return lexicon->version;
}

size_t lexicon_entries(const classify_lexicon *lexicon)
{
    return lexicon->n_entries;
}

static int grow(void **at, size_t size, size_t n, size_t *room)
{
    if (n < *room)
        return 0;
    const size_t wanted = *room ? *room * 2 : 256;
    void *bigger = realloc(*at, wanted * size);
    if (!bigger)
        return UPP_E_BUSY;
    *at = bigger;
    *room = wanted;
    return 0;
}

static int wrong(struct reader *r, const char *why)
{
    char line[160];
    snprintf(line, sizeof line, "%s:%zu: %s", r->file, r->line, why);
    r->n_wrong++;
    r->say(r->ctx, line);
    return 1;
}

/* One word of an entry, stars and all. 1: it is wrong, and has been said. */
static int add_word(struct reader *r, const char *text, size_t len)
{
    classify_lexicon *lx = r->lexicon;
    struct lexicon_built *b = lx->built;
    void *words = b->words;
    UPP_TRY(grow(&words, sizeof *b->words, lx->n_words, &b->room_words));
    lx->words = b->words = words;
    struct lexicon_word w = { .shape = WORD_WHOLE };
    if (len == 1 && text[0] == '*') {
        w.shape = WORD_ANY;
        len = 0;
    } else if (len == 2 && text[0] == '*' && text[1] == '*') {
        w.shape = WORD_GAP;
        len = 0;
    } else if (len > 1 && text[0] == '*') {
        w.shape = WORD_SUFFIX;
        text++;
        len--;
    } else if (len > 1 && text[len - 1] == '*') {
        w.shape = WORD_PREFIX;
        len--;
    }
    if (w.shape < WORD_ANY && (len == 0 || len > TOKEN_TEXT_MAX || memchr(text, '*', len)))
        return wrong(r, "a star stands first or last in a word, and a word is 1 to 40 letters");
    while (lx->n_letters + TOKEN_TEXT_MAX > b->room_letters) {
        void *letters = b->letters;
        UPP_TRY(grow(&letters, 1, b->room_letters, &b->room_letters));
        lx->letters = b->letters = letters;
    }
    w.text = (uint32_t)lx->n_letters;
    w.len = (uint8_t)len;
    memcpy(b->letters + lx->n_letters, text, len);
    lx->n_letters += len;
    b->words[lx->n_words++] = w;
    return 0;
}

/* One alternative: its words, then its exceptions. */
static int add_entry(struct reader *r, const char *text, size_t len, unsigned weight, bool friend,
                     const char *excepts, size_t excepts_len)
{
    classify_lexicon *lx = r->lexicon;
    struct lexicon_built *b = lx->built;
    void *entries = b->entries;
    UPP_TRY(grow(&entries, sizeof *b->entries, lx->n_entries, &b->room_entries));
    lx->entries = b->entries = entries;
    struct lexicon_entry e = { .first_word = (uint32_t)lx->n_words,
                               .class = (uint8_t)r->class,
                               .weight = (uint8_t)weight,
                               .friend = friend };
    const char *const parts[2] = { text, excepts };
    const size_t lens[2] = { len, excepts_len };
    for (size_t p = 0; p < 2; p++) {
        if (p == 1)
            e.first_except = (uint32_t)lx->n_words;
        for (size_t at = 0; at < lens[p];) {
            const char *word = parts[p] + at;
            size_t n = 0;
            while (at + n < lens[p] && word[n] != ' ')
                n++;
            const size_t mark = p == 1 && n > 0 && word[0] == '!';
            if (n > 0) {
                const int rc = add_word(r, word + mark, n - mark);
                if (rc != 0)
                    return rc;
                if (p == 0)
                    e.n_words++;
                else
                    e.n_excepts++;
            }
            at += n + 1;
            if (e.n_words > LEXICON_WORDS_MAX || e.n_excepts > 60)
                return wrong(r, "at most 8 words and 60 exceptions");
        }
    }
    if (e.n_words == 0)
        return wrong(r, "no word");
    if (lx->words[e.first_word].shape >= WORD_ANY)
        return wrong(r, "the first word is a word, not a lone star");
    b->entries[lx->n_entries++] = e;
    return 0;
}

/* A folded line: "alt | alt =w !except !except". */
static int read_entry(struct reader *r, const char *line, size_t len)
{
    const bool friend = line[0] == '~';
    unsigned weight = 1;
    size_t end = len;
    const char *bang = memchr(line, '!', len);
    const size_t body_end = bang ? (size_t)(bang - line) : len;
    end = body_end;
    const char *equals = memchr(line, '=', end);
    if (equals) {
        const size_t at = (size_t)(equals - line);
        if (at + 1 >= len || line[at + 1] < '1' || line[at + 1] > '3')
            return wrong(r, "weight is 1 to 3");
        for (size_t i = at + 2; i < body_end; i++) {
            if (line[i] != ' ')
                return wrong(r, "after the weight come exceptions only, each with '!'");
        }
        weight = (unsigned)(line[at + 1] - '0');
        end = at;
    }
    for (size_t at = friend ? 1 : 0; at <= end;) {
        const char *bar = at < end ? memchr(line + at, '|', end - at) : NULL;
        const size_t n = bar ? (size_t)(bar - (line + at)) : end - at;
        const int rc = add_entry(r, line + at, n, weight, friend, line + body_end, len - body_end);
        if (rc != 0)
            return rc;
        at += n + 1;
    }
    return 0;
}

static int read_line(struct reader *r, const char *line, size_t len)
{
    struct classify_fold fold;
    char folded[1024] = "";
    if (len >= sizeof folded)
        return wrong(r, "the line is longer than 1023 bytes");
    classify_fold_text(line, len, &fold);
    size_t n = 0;
    for (size_t i = 0; i < fold.len; i++)
        folded[n++] = (char)(fold.ch[i] == '\n' ? ' ' : fold.ch[i]);
    while (n > 0 && folded[n - 1] == ' ')
        n--;
    size_t start = 0;
    while (start < n && folded[start] == ' ')
        start++;
    if (start == n || folded[start] == '#')
        return 0;
    if (folded[start] == '@') {
        if (n - start != 10 || memcmp(folded + start, "@disguised", 10) != 0)
            return wrong(r, "the only directive is @disguised");
        r->lexicon->built->disguised_class[r->class] = true;
        return 0;
    }
    return read_entry(r, folded + start, n - start);
}

int lexicon_add(classify_lexicon *lexicon, enum lexicon_class class, const char *file,
                const char *text, size_t len, void (*say)(void *ctx, const char *line), void *ctx)
{
    upp_check(!lexicon->sealed);
    struct reader r = { .lexicon = lexicon, .class = class, .file = file, .say = say, .ctx = ctx };
    for (size_t i = 0; i < len; i++)
        lexicon->version = (lexicon->version ^ (uint8_t)text[i]) * UINT64_C(1099511628211);
    for (size_t at = 0; at < len;) {
        const char *end = memchr(text + at, '\n', len - at);
        const size_t n = end ? (size_t)(end - (text + at)) : len - at;
        r.line++;
        UPP_TRY(read_line(&r, text + at, n));
        at += n + 1;
    }
    return r.n_wrong > 0 ? UPP_E_INPUT : 0;
}

static uint32_t letter_hash(const classify_lexicon *lx, const struct lexicon_word *w, size_t len)
{
    uint32_t hash = TOKEN_HASH_START;
    const uint8_t *text = lexicon_letters(lx, w);
    for (size_t i = 0; i < len; i++)
        hash = token_hash_step(hash, text[w->shape == WORD_SUFFIX ? w->len - 1u - i : i]);
    return hash;
}

static uint32_t word_hash(const classify_lexicon *lx, const struct lexicon_word *w)
{
    return letter_hash(lx, w, w->len);
}

static bool same_word(const classify_lexicon *lx, const struct lexicon_word *a,
                      const struct lexicon_word *b)
{
    return a->len == b->len && a->shape == b->shape &&
           memcmp(lexicon_letters(lx, a), lexicon_letters(lx, b), a->len) == 0;
}

static void set_filter(const classify_lexicon *lx, const struct lexicon_word *w, uint8_t *filter)
{
    for (size_t len = 1; len <= w->len; len++) {
        const uint32_t hash = letter_hash(lx, w, len);
        const unsigned bits = len == w->len ? FILTER_HERE : FILTER_ON;
        filter[hash % FILTER_CELLS / 4] |= (uint8_t)(bits << (hash % 4 * 2));
    }
}

/* The entry that stands for the first word of entry `i`: itself when there was none. */
static uint32_t lead(classify_lexicon *lx, size_t i)
{
    const struct lexicon_word *w = &lx->words[lx->entries[i].first_word];
    struct lexicon_index *index = &lx->index[w->shape];
    struct lexicon_slot *slot = lx->built->index[w->shape].slot;
    const uint32_t hash = word_hash(lx, w);
    size_t s = first_slot(index, hash);
    while (slot[s].leader != 0 &&
           !same_word(lx, w, &lx->words[lx->entries[slot[s].leader - 1].first_word]))
        s = next_slot(index, s);
    if (slot[s].leader == 0) {
        slot[s] = (struct lexicon_slot){
            .leader = (uint32_t)i + 1, .hash = hash, .text = w->text, .len = w->len
        };
        set_filter(lx, w, lx->built->index[w->shape].filter);
    }
    return slot[s].leader - 1;
}

static void index_entry(classify_lexicon *lx, size_t i)
{
    struct lexicon_entry *e = &lx->built->entries[i];
    const struct lexicon_word *w = &lx->words[e->first_word];
    e->leader = lead(lx, i);
    if (e->n_words > 1 && w[1].shape == WORD_WHOLE)
        e->second = word_hash(lx, &w[1]);
    uint32_t *last = &lx->built->entries[e->leader].alone;
    if (e->second != 0) {
        lx->built->entries[e->leader].paired = true;
        size_t s = pair_slot(&lx->pairs, e->leader, e->second);
        while (lx->built->pair[s] != 0 &&
               (lx->entries[lx->built->pair[s] - 1].leader != e->leader ||
                lx->entries[lx->built->pair[s] - 1].second != e->second))
            s = (s + 1) & (lx->pairs.n_slots - 1);
        last = &lx->built->pair[s];
    }
    e->next = *last;
    *last = (uint32_t)i + 1;
}

/* Only strong words of three letters or more: a mask fits weak or short ones too easily. */
static bool is_maskable(const classify_lexicon *lx, const struct lexicon_entry *e)
{
    const struct lexicon_word *w = &lx->words[e->first_word];
    return e->disguised && !e->friend && e->n_words == 1 && e->weight >= 2 && w->len >= 3 &&
           w->shape != WORD_SUFFIX;
}

static int index_masks(classify_lexicon *lx)
{
    uint32_t *mask_entry = calloc(lx->n_entries + 1, sizeof *mask_entry);
    if (!mask_entry)
        return UPP_E_BUSY;
    uint32_t n = 0;
    for (unsigned c = 0; c < 256; c++) {
        lx->mask_from[c] = n;
        for (size_t i = 0; i < lx->n_entries; i++) {
            const struct lexicon_entry *e = &lx->entries[i];
            if (is_maskable(lx, e) && lexicon_letters(lx, &lx->words[e->first_word])[0] == c)
                mask_entry[n++] = (uint32_t)i;
        }
    }
    lx->mask_from[256] = n;
    lx->mask_entry = lx->built->mask_entry = mask_entry;
    return 0;
}

static size_t slots_for(size_t n)
{
    size_t slots = 64;
    while (slots < n * 2)
        slots *= 2;
    return slots;
}

/* At most half full with the entries that begin with a word of its shape. */
static int index_open(classify_lexicon *lx, size_t i, size_t n_entries)
{
    struct lexicon_index *index = &lx->index[i];
    index->n_slots = slots_for(n_entries);
    index->slot = lx->built->index[i].slot = calloc(index->n_slots, sizeof *index->slot);
    index->filter = lx->built->index[i].filter = calloc(FILTER_BYTES, 1);
    return index->slot && index->filter ? 0 : UPP_E_BUSY;
}

int lexicon_seal(classify_lexicon *lexicon)
{
    upp_check(!lexicon->sealed);
    size_t n[LEXICON_INDEXES] = { 0 };
    size_t n_pairs = 0;
    for (size_t i = 0; i < lexicon->n_entries; i++) {
        n[lexicon->words[lexicon->entries[i].first_word].shape]++;
        n_pairs += lexicon->entries[i].n_words > 1;
    }
    for (size_t i = 0; i < LEXICON_INDEXES; i++)
        UPP_TRY(index_open(lexicon, i, n[i]));
    lexicon->pairs.n_slots = slots_for(n_pairs);
    lexicon->pairs.slot = lexicon->built->pair =
        calloc(lexicon->pairs.n_slots, sizeof *lexicon->built->pair);
    if (!lexicon->built->pair)
        return UPP_E_BUSY;
    for (size_t i = 0; i < lexicon->n_entries; i++) {
        struct lexicon_entry *e = &lexicon->built->entries[i];
        e->disguised = lexicon->built->disguised_class[e->class];
        index_entry(lexicon, i);
    }
    UPP_TRY(index_masks(lexicon));
    lexicon->sealed = true;
    return 0;
}
