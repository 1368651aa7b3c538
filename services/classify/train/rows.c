/* rows.c - reads the corpus and turns its rows into sparse vectors. */
#include "train.h"
#include <dirent.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CORPUS_BYTES_MAX (64u << 20)

bool rows_read_file(struct train_set *set, const char *path, const char *theme)
{
    size_t len = 0;
    char *text = directory_file(path, CORPUS_BYTES_MAX, &len);
    if (!text || set->n_texts == THEMES_MAX) {
        fprintf(stderr, "%s: cannot be read\n", path);
        free(text);
        return false;
    }
    set->text[set->n_texts++] = text;
    snprintf(set->theme[set->n_themes], sizeof set->theme[0], "%s", theme);
    const char *header = memchr(text, '\n', len);
    size_t at = header ? (size_t)(header - text) + 1 : len;
    for (size_t line = 2; at < len; line++) {
        struct train_row row = { .theme = (unsigned)set->n_themes };
        const char *why = "";
        if (corpus_read(text, len, &at, &row.is, &why) != 0) {
            fprintf(stderr, "%s:%zu: %s\n", theme, line, why);
            continue;
        }
        if (set->n == set->room) {
            set->room = set->room ? set->room * 2 : 1024;
            struct train_row *more = realloc(set->row, set->room * sizeof *more);
            if (!more)
                return false;
            set->row = more;
        }
        set->row[set->n++] = row;
    }
    set->n_themes++;
    return true;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

static bool is_listed(const char *list, const char *theme)
{
    const size_t n = strlen(theme);
    for (const char *at = list; at && *at; at = strchr(at, '\n'), at += at != NULL) {
        if (strncmp(at, theme, n) == 0 && (at[n] == '\n' || at[n] == '\0'))
            return true;
    }
    return false;
}

static void close_directory(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

bool rows_read_corpus(struct train_set *set, const char *dir, const char *split)
{
    char name[THEMES_MAX][64];
    size_t n = 0;
    UPP_AUTO(close_directory) DIR *d = opendir(dir);
    for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d)) {
        const size_t len = strlen(e->d_name);
        if (len < 5 || len >= sizeof name[0] || strcmp(e->d_name + len - 4, ".tsv") != 0)
            continue;
        if (n == THEMES_MAX)
            return false;
        memcpy(name[n], e->d_name, len - 4);
        name[n++][len - 4] = '\0';
    }
    qsort(name, n, sizeof name[0], by_name);
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", dir, split);
    size_t split_len = 0;
    char *list = directory_file(path, 65536, &split_len);
    EVP_MD_CTX *sha = EVP_MD_CTX_new();
    bool fine = sha && EVP_DigestInit_ex(sha, EVP_sha256(), NULL) == 1;
    for (size_t i = 0; fine && i < n; i++) {
        snprintf(path, sizeof path, "%s/%s.tsv", dir, name[i]);
        set->frozen[set->n_themes] = is_listed(list, name[i]);
        fine = rows_read_file(set, path, name[i]);
        if (fine) {
            const char *text = set->text[set->n_texts - 1];
            fine = EVP_DigestUpdate(sha, text, strlen(text)) == 1;
        }
    }
    fine = fine && EVP_DigestFinal_ex(sha, set->digest, NULL) == 1;
    EVP_MD_CTX_free(sha);
    free(list);
    return fine && n > 0;
}

bool rows_extract(struct train_set *set, const classifier *c)
{
    struct classify_reading *reading = malloc(sizeof *reading);
    struct feature_list *list = malloc(sizeof *list);
    static const char *const domains[] = { "kungalv.se" };
    static const char *const numbers[] = { "0303238" };
    const struct classify_own own = { domains, 1, numbers, 1 };
    bool fine = reading && list;
    for (size_t i = 0; fine && i < set->n; i++) {
        struct train_row *row = &set->row[i];
        context_read(classifier_lexicon(c), &own, row->is.text, row->is.text_len,
                     row->is.english ? "en" : "sv", reading);
        feature_extract(reading, list);
        row->sure = context_sure(reading);
        row->cues = list->cues;
        row->n_features = list->n;
        row->n_sentences = list->n_sentences;
        row->feature = malloc((list->n + 1) * sizeof *row->feature);
        fine = row->feature != NULL;
        if (fine)
            memcpy(row->feature, list->at, list->n * sizeof *row->feature);
    }
    free(reading);
    free(list);
    return fine;
}

#define COUNT_BITS MODEL_KNOWN_BITS

static int by_hash(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a;
    const uint32_t y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* In how many rows each feature is, by its place among the known: 255 is many. */
static uint8_t *count_rows(const struct train_set *set)
{
    uint8_t *count = calloc((size_t)1 << COUNT_BITS, 1);
    uint32_t *seen = malloc(FEATURES_MAX * sizeof *seen);
    for (size_t i = 0; count && seen && i < set->n; i++) {
        const struct train_row *row = &set->row[i];
        for (size_t k = 0; k < row->n_features; k++)
            seen[k] = model_bucket(row->feature[k].hash, COUNT_BITS);
        qsort(seen, row->n_features, sizeof *seen, by_hash);
        for (size_t k = 0; k < row->n_features; k++) {
            if ((k == 0 || seen[k] != seen[k - 1]) && count[seen[k]] < 255)
                count[seen[k]]++;
        }
    }
    free(seen);
    return count;
}

static int by_bucket(const void *a, const void *b)
{
    const struct train_cell *x = a;
    const struct train_cell *y = b;
    return x->bucket < y->bucket ? -1 : x->bucket > y->bucket;
}

/* One vector: the features of a sentence, or of all (SIZE_MAX). Unseen features still count in how
 * many there are, as they do when the model judges. */
static bool make_vector(const struct train_row *row, size_t sentence, const uint8_t *count,
                        unsigned bits, struct train_cell **ret, size_t *ret_n)
{
    size_t n_view[FEATURE_VIEWS] = { 0 };
    for (size_t k = 0; k < row->n_features; k++) {
        if (sentence == SIZE_MAX || row->feature[k].sentence == sentence)
            n_view[row->feature[k].view]++;
    }
    struct train_cell *cells = malloc((row->n_features + 1) * sizeof *cells);
    if (!cells)
        return false;
    size_t n = 0;
    for (size_t k = 0; k < row->n_features; k++) {
        const struct feature *f = &row->feature[k];
        if ((sentence != SIZE_MAX && f->sentence != sentence) ||
            count[model_bucket(f->hash, COUNT_BITS)] < FEATURE_ROWS_MIN)
            continue;
        cells[n++] = (struct train_cell){
            .bucket = model_bucket(f->hash, bits),
            .value = feature_value((enum feature_view)f->view, n_view[f->view]),
        };
    }
    qsort(cells, n, sizeof *cells, by_bucket);
    size_t kept = 0;
    for (size_t k = 0; k < n; k++) {
        if (kept > 0 && cells[kept - 1].bucket == cells[k].bucket)
            cells[kept - 1].value += cells[k].value;
        else
            cells[kept++] = cells[k];
    }
    *ret = cells;
    *ret_n = kept;
    return true;
}

bool rows_bucket(struct train_set *set, const struct train_set *counted)
{
    uint8_t *count = count_rows(counted);
    bool fine = count != NULL;
    for (size_t i = 0; fine && i < set->n; i++) {
        struct train_row *row = &set->row[i];
        row->n_vectors = row->n_sentences > 1 ? 1 + row->n_sentences : 1;
        row->cell = calloc(row->n_vectors, sizeof *row->cell);
        row->n_cells = calloc(row->n_vectors, sizeof *row->n_cells);
        fine = row->cell && row->n_cells;
        for (size_t v = 0; fine && v < row->n_vectors; v++)
            fine = make_vector(row, v == 0 ? SIZE_MAX : v - 1, count, set->bits, &row->cell[v],
                               &row->n_cells[v]);
        free(row->feature);
        row->feature = NULL;
    }
    for (size_t p = 0; fine && p < (size_t)1 << COUNT_BITS; p++) {
        if (count[p] >= FEATURE_ROWS_MIN)
            set->known[p / 8] |= (uint8_t)(1u << (p % 8));
    }
    free(count);
    return fine;
}

void rows_done(struct train_set *set)
{
    for (size_t i = 0; i < set->n; i++) {
        struct train_row *row = &set->row[i];
        for (size_t v = 0; row->cell && v < row->n_vectors; v++)
            free(row->cell[v]);
        free(row->cell);
        free(row->n_cells);
        free(row->feature);
    }
    free(set->row);
    for (size_t i = 0; i < set->n_texts; i++)
        free(set->text[i]);
}
