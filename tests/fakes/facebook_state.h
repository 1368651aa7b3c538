/* facebook_state.h - the fake page's state, for its two files. */
#pragma once
#include "facebook_fake.h"
#include <jansson.h>

typedef struct fakebook_node {
    char id[48];
    int number;
    struct fakebook_node *post;   /* itself: it is one */
    struct fakebook_node *parent; /* a comment that it answers; NULL: top level */
    char *author, *name, *text, *photo;
    int64_t created_s;
    bool hidden, removed, forbidden;
} fakebook_node;

struct fakebook {
    char *page, *name, *token, *refused;
    fakebook_node **nodes; /* oldest first; removed ones stay, their ids are never used again */
    size_t n_nodes;
    fakebook_deed *deeds;
    char **texts;
    size_t n_deeds, n_requests;
    enum fakebook_fault fault;
    int fault_times;
    bool fault_writes, names, moderation;
    int usage;
};

fakebook_node *fakebook_node_of(const fakebook *f,
                                const char *id); /* NULL: not there, or removed */
/* Below `above`; NULL: a post. */
fakebook_node *fakebook_add(fakebook *f, fakebook_node *above, const fakebook_words *w,
                            int64_t now_s);
void fakebook_note(fakebook *f, const char *what, const fakebook_node *n, const char *text,
                   bool effect, int64_t now_s);

/* -- facebook_params.c -- */
typedef struct fakebook_asked {
    fakebook *f;
    const fakebook_request *q;
    json_t *params; /* query and body together, owned */
    char id[64], edge[32];
    bool writes;
} fakebook_asked;
void fakebook_read_params(fakebook_asked *a);
void fakebook_read_path(fakebook_asked *a);                            /* "/v25.0/{id}[/{edge}]" */
const char *fakebook_param(const fakebook_asked *a, const char *name); /* NULL: not a text */
int fakebook_flag(const fakebook_asked *a, const char *name);          /* -1: it is not there */
