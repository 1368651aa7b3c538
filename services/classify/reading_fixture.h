/* reading_fixture.h - reads texts with the built-in lexicons; for tests alone. */
#pragma once
#include "classifier.h"
#include "cmocka_all.h"
#include "finding.h"
#include "own.h"
#include <stdlib.h>
#include <string.h>

struct fixture {
    classifier *c;
    classifier_room *room;
    struct classify_reading *reading;
    struct own_list own;
};

static inline void fixture_say(void *ctx, const char *line)
{
    (void)ctx;
    fail_msg("%s", line);
}

static inline int fixture_open(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    f->c = classifier_new_embedded(fixture_say, NULL);
    f->room = classifier_room_new();
    f->reading = malloc(sizeof *f->reading);
    size_t line = 0;
    assert_int_equal(own_read(own_embedded(), &f->own, &line), 0);
    assert_non_null(f->c);
    assert_non_null(f->room);
    assert_non_null(f->reading);
    *state = f;
    return 0;
}

static inline int fixture_close(void **state)
{
    struct fixture *f = *state;
    own_done(&f->own);
    classifier_free(f->c);
    classifier_room_free(f->room);
    free(f->reading);
    free(f);
    return 0;
}

static inline const struct classify_reading *fixture_read(struct fixture *f, const char *text)
{
    context_read(classifier_lexicon(f->c), &f->own.own, text, strlen(text), NULL, f->reading);
    return f->reading;
}

static inline bool fixture_sees(struct fixture *f, const char *text, enum detect_kind kind)
{
    return (fixture_read(f, text)->data.seen & (1u << kind)) != 0;
}

/* Whether a word of the class is in the text. */
static inline bool fixture_has(struct fixture *f, const char *text, enum lexicon_class class)
{
    const struct classify_reading *r = fixture_read(f, text);
    for (size_t h = 0; h < r->words.n; h++) {
        if (r->words.at[h].class == class)
            return true;
    }
    return false;
}

static inline struct classifier_verdict fixture_judge(struct fixture *f, const char *text)
{
    const struct classifier_policy policy = { .own = f->own.own };
    struct classifier_verdict v;
    classifier_judge(f->c, f->room, text, strlen(text), NULL, &policy, &v);
    return v;
}
