/* label.c - the labels' names, and the label column of a corpus file. */
#include "label.h"
#include <string.h>

static const char *const names[CLASSIFY_LABELS] = {
    [CLASSIFY_QUESTION] = "question",
    [CLASSIFY_VIOLENCE_PORN] = "violence_porn",
    [CLASSIFY_COPYRIGHT] = "copyright",
    [CLASSIFY_PROFANITY] = "profanity",
    [CLASSIFY_ATTACK] = "attack",
    [CLASSIFY_HATE] = "hate",
    [CLASSIFY_INCITEMENT] = "incitement",
    [CLASSIFY_POLITICAL] = "political",
    [CLASSIFY_ADVERTISING] = "advertising",
    [CLASSIFY_PERSONAL_DATA] = "personal_data",
    [CLASSIFY_CONFIDENTIAL] = "confidential",
};

const char *classify_label_name(enum classify_label label)
{
    upp_check((unsigned)label < CLASSIFY_LABELS);
    return names[label];
}

int classify_label_parse(const char *name, size_t len, enum classify_label *ret_label)
{
    for (unsigned i = 0; i < CLASSIFY_LABELS; i++) {
        if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0) {
            *ret_label = (enum classify_label)i;
            return 0;
        }
    }
    return UPP_E_INPUT;
}

static int complain(const char *words, const char **ret_why)
{
    *ret_why = words;
    return UPP_E_INPUT;
}

int classify_labels_parse(const char *text, size_t len, unsigned *ret_labels, const char **ret_why)
{
    unsigned labels = 0;
    bool ok = false;
    int last = -2; /* "ok" is -1, then the labels from 0 */
    size_t at = 0;
    while (at <= len) {
        const char *comma = at < len ? memchr(text + at, ',', len - at) : NULL;
        const size_t n = comma ? (size_t)(comma - (text + at)) : len - at;
        int here = -1;
        if (n == 2 && memcmp(text + at, "ok", 2) == 0) {
            ok = true;
        } else {
            enum classify_label label;
            if (classify_label_parse(text + at, n, &label) < 0)
                return complain("no such label", ret_why);
            here = (int)label;
            labels |= CLASSIFY_BIT(label);
        }
        if (here <= last)
            return complain("labels are doubled or out of order", ret_why);
        last = here;
        at += n + 1;
    }
    if (ok != ((labels & CLASSIFY_VIOLATIONS) == 0))
        return complain("'ok' stands exactly when there is no violation", ret_why);
    *ret_labels = labels;
    return 0;
}
