/* phrase.c - a sorted table over a copy of the embedded catalogue. The owners' refusals come from
 * their own catalogues, after ours. */
#include "phrase.h"
#include <stdlib.h>
#include <string.h>

extern const char upp_console_sv[], upp_console_en[];
extern const char upp_console_escalation_sv[], upp_console_escalation_en[];
extern const char upp_console_registry_sv[], upp_console_registry_en[];
extern const char upp_console_ingest_sv[], upp_console_ingest_en[];
extern const char upp_console_evidence_sv[], upp_console_evidence_en[];
extern const char upp_console_archive_sv[], upp_console_archive_en[];
extern const char upp_console_reasons_sv[], upp_console_reasons_en[];

typedef struct entry {
    const char *key, *text;
    size_t order; /* the catalogue that it came from: ours wins */
} entry;

enum { CATALOGUES = 7 };
struct phrases {
    bool english;
    char *copies[CATALOGUES];
    entry *entries;
    size_t n, size;
};

static int compare(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    const int key = strcmp(x->key, y->key);
    if (key != 0)
        return key;
    return x->order < y->order ? -1 : x->order > y->order;
}

static void add(phrases *p, const char *key, const char *text, size_t order)
{
    if (p->n == p->size) {
        p->size = p->size ? 2 * p->size : 256;
        p->entries = realloc(p->entries, p->size * sizeof *p->entries);
        upp_check(p->entries);
    }
    p->entries[p->n++] = (entry){ key, text, order };
}

/* Cuts the copy into keys and texts: "key=text", "key: text" or "key = text". */
static void read_lines(phrases *p, char *line, size_t order)
{
    while (*line) {
        char *end = line + strcspn(line, "\n");
        char *next = *end ? end + 1 : end;
        char *split = line + strcspn(line, "=:\n");
        *end = '\0';
        if (split < end && *line != '#') {
            char *text = split + 1;
            *split = '\0';
            line[strcspn(line, " ")] = '\0';
            add(p, line, text + strspn(text, " "), order);
        }
        line = next;
    }
}

phrases *phrases_new(const char *language)
{
    phrases *p = calloc(1, sizeof *p);
    upp_check(p);
    p->english = language && strcmp(language, "en") == 0;
    const char *const catalogues[CATALOGUES] = {
        p->english ? upp_console_en : upp_console_sv,
        p->english ? upp_console_escalation_en : upp_console_escalation_sv,
        p->english ? upp_console_registry_en : upp_console_registry_sv,
        p->english ? upp_console_ingest_en : upp_console_ingest_sv,
        p->english ? upp_console_evidence_en : upp_console_evidence_sv,
        p->english ? upp_console_archive_en : upp_console_archive_sv,
        p->english ? upp_console_reasons_en : upp_console_reasons_sv,
    };
    for (size_t i = 0; i < UPP_LEN(catalogues); i++) {
        p->copies[i] = strdup(catalogues[i]);
        upp_check(p->copies[i]);
        read_lines(p, p->copies[i], i);
    }
    qsort(p->entries, p->n, sizeof *p->entries, compare);
    return p;
}

void phrases_free(phrases *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < UPP_LEN(p->copies); i++)
        free(p->copies[i]);
    free(p->entries);
    free(p);
}

/* The first with that key: the lowest order. */
const char *phrase_of(const phrases *p, const char *key)
{
    size_t low = 0, high = p->n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (strcmp(p->entries[middle].key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < p->n && strcmp(p->entries[low].key, key) == 0 ? p->entries[low].text : NULL;
}

const char *phrase(const phrases *p, const char *key)
{
    const char *text = phrase_of(p, key);
    return text ? text : key;
}

const char *phrases_language(const phrases *p)
{
    return p->english ? "en" : "sv";
}
