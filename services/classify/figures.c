/* figures.c - reads a model's figures and compares two models' (classification.md section 4). */
#include "figures.h"
#include <stdlib.h>
#include <string.h>

enum { WHOLE = 10000, CHANCE = 50 }; /* the frozen themes are some two thousand rows */

/* "name 0.8711" on a line of its own. */
static bool read_share(const char *text, const char *name, uint32_t *ret)
{
    const size_t n = strlen(name);
    for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        if (strncmp(line, name, n) != 0 || line[n] != ' ')
            continue;
        char *end = NULL;
        const double share = strtod(line + n + 1, &end);
        if (end == line + n + 1 || (*end && *end != '\n') || !(share >= 0 && share <= 1))
            return false;
        *ret = (uint32_t)(share * WHOLE + 0.5);
        return true;
    }
    return false;
}

struct model_figures figures_read(const char *text)
{
    struct model_figures f = { .known = false };
    f.known = read_share(text, "frozen-micro-f1", &f.frozen_micro_f1) &&
              read_share(text, "personal-number-recall", &f.personal_numbers);
    return f.known ? f : (struct model_figures){ .known = false };
}

bool figures_may_follow(struct model_figures now, struct model_figures next)
{
    if (!now.known || !next.known)
        return true;
    return next.frozen_micro_f1 + CHANCE >= now.frozen_micro_f1 &&
           next.personal_numbers >= now.personal_numbers;
}
