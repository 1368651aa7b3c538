/* lexicon_write.c - upp-lexicon-table: the sealed lexicons as C, when the programs are built. They
 * are then part of the program and read where they lie: no process folds 1,700 lines at its start,
 * or holds 0.8 MB of tables and 0.3 MB of Unicode's pages for it.
 *   upp-lexicon-table FOLDER > FILE.c */
#include "classifier.h"
#include "finding.h"
#include "lexicon_table.h"
#include "port_directory.h"
#include <inttypes.h>
#include <stdio.h>

enum { A_LINE = 16 };

static void say(void *ctx, const char *line)
{
    (void)ctx;
    fprintf(stderr, "%s\n", line);
}

static void write_entries(const classify_lexicon *lx)
{
    printf("static const struct lexicon_entry entries[] = {\n");
    for (size_t i = 0; i < lx->n_entries; i++) {
        const struct lexicon_entry *e = &lx->entries[i];
        printf("{ %" PRIu32 ", %" PRIu32 ", %u, %u, %u, %u, %d, %d, %d, %" PRIu32 "u, %" PRIu32
               ", %" PRIu32 ", %" PRIu32 " },\n",
               e->first_word, e->first_except, e->n_words, e->n_excepts, e->class, e->weight,
               e->friend, e->disguised, e->paired, e->second, e->leader, e->alone, e->next);
    }
    printf("};\n");
}

static void write_words(const classify_lexicon *lx)
{
    printf("static const struct lexicon_word words[] = {\n");
    for (size_t i = 0; i < lx->n_words; i++)
        printf("{ %" PRIu32 ", %u, %u },\n", lx->words[i].text, lx->words[i].len,
               lx->words[i].shape);
    printf("};\n");
}

static void write_bytes(const char *name, size_t number, const uint8_t *bytes, size_t n)
{
    printf("static const uint8_t %s_%zu[] = {", name, number);
    for (size_t i = 0; i < n; i++)
        printf("%s%u,", i % A_LINE == 0 ? "\n" : " ", bytes[i]);
    printf("\n};\n");
}

static void write_numbers(const char *name, size_t number, const uint32_t *numbers, size_t n)
{
    printf("static const uint32_t %s_%zu[] = {", name, number);
    for (size_t i = 0; i < n; i++)
        printf("%s%" PRIu32 "u,", i % A_LINE == 0 ? "\n" : " ", numbers[i]);
    printf("\n};\n");
}

static void write_slots(size_t number, const struct lexicon_index *index)
{
    printf("static const struct lexicon_slot slot_%zu[] = {\n", number);
    for (size_t i = 0; i < index->n_slots; i++)
        printf("{ %" PRIu32 ", %" PRIu32 "u, %" PRIu32 ", %" PRIu32 " },\n", index->slot[i].leader,
               index->slot[i].hash, index->slot[i].text, index->slot[i].len);
    printf("};\n");
}

static void write_whole(const classify_lexicon *lx)
{
    printf("static const classify_lexicon lexicon = {\n"
           ".entries = entries, .n_entries = %zu, .words = words, .n_words = %zu,\n"
           ".letters = letters_0, .n_letters = %zu, .mask_entry = masks_0,\n"
           ".version = UINT64_C(%" PRIu64 "), .sealed = true,\n.index = {\n",
           lx->n_entries, lx->n_words, lx->n_letters, lx->version);
    for (size_t i = 0; i < LEXICON_INDEXES; i++)
        printf("{ .slot = slot_%zu, .filter = filter_%zu, .n_slots = %zu },\n", i, i,
               lx->index[i].n_slots);
    printf("},\n.pairs = { .slot = pairs_0, .n_slots = %zu },\n.mask_from = {", lx->pairs.n_slots);
    for (size_t i = 0; i < UPP_LEN(lx->mask_from); i++)
        printf("%s%" PRIu32 ",", i % A_LINE == 0 ? "\n" : " ", lx->mask_from[i]);
    printf("\n}};\n\n"
           "const classify_lexicon *lexicon_built_in(void)\n{\n    return &lexicon;\n}\n");
}

static void write_all(const classify_lexicon *lx)
{
    printf("/* Made by lexicon_write.c of the lexicons, for this build. */\n"
           "#include \"lexicon_table.h\"\n\n");
    write_entries(lx);
    write_words(lx);
    write_bytes("letters", 0, lx->letters, lx->n_letters);
    for (size_t i = 0; i < LEXICON_INDEXES; i++) {
        write_slots(i, &lx->index[i]);
        write_bytes("filter", i, lx->index[i].filter, FILTER_BYTES);
    }
    write_numbers("pairs", 0, lx->pairs.slot, lx->pairs.n_slots);
    write_numbers("masks", 0, lx->mask_entry, lx->mask_from[256] + 1u);
    write_whole(lx);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: upp-lexicon-table FOLDER > FILE.c\n");
        return 2;
    }
    struct lexicon_directory folder;
    if (directory_read(argv[1], &folder, say, NULL) < 0)
        return 1;
    classifier *c = classifier_new(NULL, 0, folder.file, folder.n, say, NULL);
    directory_done(&folder);
    if (!c)
        return 1;
    write_all(classifier_lexicon(c));
    classifier_free(c);
    return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
