/* classify_fuzz.c - libFuzzer: any bytes can be judged, findings point into them, and a model file
 * of any bytes is read or refused. Build with clang -fsanitize=fuzzer,address,undefined and the
 * classifier's sources. */
#include "classifier.h"
#include "model.h"
#include "own.h"
#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void say(void *ctx, const char *line)
{
    (void)ctx;
    fprintf(stderr, "%s\n", line);
}

static void judge(const uint8_t *data, size_t size)
{
    static classifier *c;
    static classifier_room *room;
    static struct own_list own;
    size_t line = 0;
    if (!c) {
        c = classifier_new_embedded(say, NULL);
        room = classifier_room_new();
        upp_check(c && room && own_read(own_embedded(), &own, &line) == 0);
    }
    const struct classifier_policy policy = { .own = own.own, .explain = true };
    struct classifier_verdict v;
    classifier_judge(c, room, (const char *)data, size, NULL, &policy, &v);
    for (size_t i = 0; i < v.n_findings; i++)
        upp_check(v.findings[i].start < v.findings[i].end && v.findings[i].end <= size);
    for (size_t l = 0; l < CLASSIFY_LABELS; l++)
        upp_check(v.score[l] >= 0 && v.score[l] <= 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct classify_model model;
    const char *why = NULL;
    const int rc = model_read(data, size, &model, &why);
    upp_check(rc == 0 || why != NULL);
    judge(data, size);
    return 0;
}
