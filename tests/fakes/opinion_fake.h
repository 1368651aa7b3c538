/* opinion_fake.h - a model outside as a pure function: (state, request) -> response. It knows one
 * insult, and it is gullible: a comment that tells it what to answer is obeyed, as real models have
 * been. */
#pragma once
#include <jansson.h>
#include <stdbool.h>

enum opinion_mood {
    OPINION_FINE,
    OPINION_SLOW,      /* never answers */
    OPINION_THROTTLED, /* 429, after a second */
    OPINION_BROKEN,    /* 500 */
    OPINION_GARBAGE,   /* 200, no JSON */
    OPINION_STRANGE,   /* JSON of another form */
    OPINION_HUGE,      /* more than anybody reads */
    OPINION_ELSEWHERE, /* 302 to another server */
    OPINION_MOODS
};

typedef struct opinion_fake {
    char key[64]; /* what it wants to hear */
    enum opinion_mood mood;
    json_t *calls; /* what it was asked: [{"path", "key": bool, "model", "comment"}] */
} opinion_fake;

typedef struct opinion_reply {
    int status;
    bool hang;
    int after_s; /* Retry-After; 0: none */
    char *body;  /* the caller's */
} opinion_reply;

/* -1: no such mood. */
int opinion_mood_named(const char *name);
/* `bearer` NULL: none was given. Every call is noted, also one that is refused. */
void opinion_fake_answer(opinion_fake *fake, const char *path, const char *bearer, const char *body,
                         opinion_reply *ret_reply);
