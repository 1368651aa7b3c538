/* rule_trial.c - judges labelled rows by the set in force and by the one proposed. */
#include "rule_trial.h"
#include "classify_out.h"
#include "home.h"
#include "own.h"
#include "port_directory.h"
#include "tally.h"
#include <stdlib.h>
#include <string.h>

#define ROWS_BYTES_MAX (64u << 20)
#define CHANCE         0.005 /* as the training tool allows */

struct score {
    struct tally tally;
    unsigned found; /* rows with a personal number that were seen as personal data */
};

struct both {
    const classifier *now, *then;
    classifier_room *room;
    struct classifier_policy policy;
    struct score before, after;
    unsigned numbers; /* rows with one, by their group's name */
};

static bool names_number(const struct corpus_row *row)
{
    char id[96];
    snprintf(id, sizeof id, "%.*s", (int)row->id_len, row->id);
    return strstr(id, "pnr") && (row->labels & CLASSIFY_BIT(CLASSIFY_PERSONAL_DATA));
}

static void judge(struct both *b, const classifier *c, const struct corpus_row *row,
                  struct score *score)
{
    struct classifier_verdict v;
    classifier_judge(c, b->room, row->text, row->text_len, row->english ? "en" : "sv", &b->policy,
                     &v);
    tally_add(&score->tally, row, v.labels);
    score->found += names_number(row) && (v.labels & CLASSIFY_BIT(CLASSIFY_PERSONAL_DATA));
}

static int judge_rows(struct both *b, const char *path, const char *text, size_t len)
{
    int rc = CALL_DONE;
    size_t at = classify_header(text, len);
    for (size_t line = at > 0 ? 2 : 1; at < len; line++) {
        struct corpus_row row;
        const char *why = "";
        if (corpus_read(text, len, &at, &row, &why) != 0) {
            home_sayf("%s:%zu: %s", path, line, why);
            rc = CALL_WRONG;
            continue;
        }
        b->numbers += names_number(&row);
        judge(b, b->now, &row, &b->before);
        judge(b, b->then, &row, &b->after);
    }
    if (b->before.tally.rows == 0) {
        home_sayf("%s: no rows", path);
        rc = CALL_WRONG;
    }
    return rc;
}

static void free_text(char **text)
{
    free(*text);
}

static void free_both(struct both **both)
{
    free(*both);
}

int rule_trial(const char *path, const classifier *now, const classifier *then)
{
    size_t len = 0;
    size_t line = 0;
    UPP_AUTO(own_done) struct own_list own = { .text = NULL };
    UPP_AUTO(free_text) char *text = directory_file(path, ROWS_BYTES_MAX, &len);
    UPP_AUTO(free_both) struct both *b = calloc(1, sizeof *b);
    UPP_AUTO(classifier_room_freep) classifier_room *room = classifier_room_new();
    if (!text || !b || !room || own_read(own_embedded(), &own, &line) < 0) {
        home_sayf("%s: cannot be read", path);
        return CALL_CONFIG;
    }
    *b = (struct both){ .now = now, .then = then, .room = room, .policy = { .own = own.own } };
    tally_start(&b->before.tally);
    tally_start(&b->after.tally);
    if (judge_rows(b, path, text, len) != CALL_DONE)
        return CALL_WRONG;
    const double before = tally_micro(&b->before.tally);
    const double after = tally_micro(&b->after.tally);
    fprintf(stderr,
            "%s: %u rows: micro-F1 %.3f now, %.3f then; false alarms %.3f now, %.3f then; personal "
            "numbers %u and %u of %u\n",
            path, b->before.tally.rows, before, after, tally_alarms(&b->before.tally),
            tally_alarms(&b->after.tally), b->before.found, b->after.found, b->numbers);
    if (after + CHANCE >= before && b->after.found >= b->before.found)
        return CALL_DONE;
    home_say("not adopted: it is worse on these rows");
    return CALL_WRONG;
}
