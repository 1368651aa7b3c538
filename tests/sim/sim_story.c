/* sim_story.c - what was said, told in an order that does not depend on who was faster. */
#include "sim_state.h"

void sim_story_add(sim_host *h, const char *type, const char *subject, upp_ms at)
{
    sim *s = h->sim;
    const char *dot = strrchr(type, '.');
    SIM_MORE(s->lines, s->n_lines);
    s->lines[s->n_lines] = (sim_line){
        .hour = (at - SIM_START) / UPP_HOUR,
        .world = h->world,
        .rank = h->rank,
        .source = h->service->name,
        .type = sim_text(dot ? dot + 1 : type),
        .subject = sim_text(subject),
        .order = s->n_lines,
    };
    s->n_lines++;
}

static int compare(const void *left, const void *right)
{
    const sim_line *a = left, *b = right;
    if (a->hour != b->hour)
        return a->hour < b->hour ? -1 : 1;
    if (a->world != b->world)
        return a->world ? -1 : 1;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    const int subject = strcmp(a->subject, b->subject);
    if (subject)
        return subject;
    return a->order < b->order ? -1 : 1;
}

static void clear(sim *s)
{
    for (size_t i = 0; i < s->n_lines; i++) {
        free(s->lines[i].type);
        free(s->lines[i].subject);
    }
    free(s->lines);
    s->lines = NULL;
    s->n_lines = 0;
}

void sim_story_done(sim *s)
{
    clear(s);
}

static void tell(sim *s, sim_buf *ret_story)
{
    if (s->n_lines)
        qsort(s->lines, s->n_lines, sizeof *s->lines, compare);
    for (size_t i = 0; i < s->n_lines; i++) {
        const sim_line *l = &s->lines[i];
        char hour[24], text[400];
        snprintf(hour, sizeof hour, "%lldh", (long long)l->hour);
        const int n =
            snprintf(text, sizeof text, "%6s %s: %s %s\n", hour, l->source, l->type, l->subject);
        upp_check(n > 0 && (size_t)n < sizeof text);
        sim_buf_add(ret_story, text, (size_t)n);
    }
    sim_buf_add(ret_story, "", 1);
}

bool sim_saw(sim *s, const char *expected)
{
    sim_buf story = { 0 };
    tell(s, &story);
    const char *have = (const char *)story.at;
    const bool same = strcmp(have, expected) == 0;
    if (!same) {
        size_t i = 0, line = 0;
        for (; have[i] && have[i] == expected[i]; i++)
            line = have[i] == '\n' ? i + 1 : line;
        fprintf(stderr, "  the story differs, seed %llu:\n    expected: %.*s\n    happened: %.*s\n",
                (unsigned long long)s->seed, (int)strcspn(expected + line, "\n"), expected + line,
                (int)strcspn(have + line, "\n"), have + line);
    }
    sim_buf_done(&story);
    clear(s);
    return same;
}
