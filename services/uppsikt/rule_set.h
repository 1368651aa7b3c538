/* rule_set.h - a rule set at the operator's hands: word lists and weights, built in, in force at a
 * deployment, or proposed by files on this machine. */
#pragma once
#include "ask.h"
#include "figures.h"
#include "port_directory.h"

enum { RULE_SET_LISTS = 80, RULE_SET_SUM = 65 };

typedef struct rule_set {
    struct classifier_file file[RULE_SET_LISTS]; /* none: those of the set in force */
    size_t n;
    bool has_weights;       /* says which; not: those of the set in force */
    const uint8_t *weights; /* NULL: the built-in ones */
    size_t weights_len;
    char sha256[RULE_SET_SUM];    /* of the weights; empty: the built-in ones */
    struct model_figures figures; /* of the weights */
    /* what the above points into */
    json_t *adopted;
    struct lexicon_directory folder;
    char *bytes;
} rule_set;

void rule_set_done(rule_set *set);

/* What is built in. */
void rule_set_built_in(rule_set *ret);
/* What lies at `path`: a folder of lists, of a model (model.bin), of both, or a model file. A
 * model's figures are read from model.txt beside it, when model.sha256 says that they are about
 * these bytes. CALL_CONFIG: said, with file and line. Asks no service. */
int rule_set_proposed(const char *path, rule_set *ret);
/* What the deployment judges by. CALL_DONE, CALL_WRONG, CALL_CONFIG: said. */
int rule_set_in_force(verb_call *call, rule_set *ret);
/* What `set` does not say is as in `now`, which must outlive it. */
void rule_set_complete(rule_set *set, const rule_set *now);

/* A classifier of a complete set, which must outlive it. NULL: said, with file and line. */
classifier *rule_set_build(const rule_set *set);

/* Sends the set's weights to `service`, classify or a part of it, if it has some of its own. */
int rule_set_send(verb_call *call, const char *service, const rule_set *set);
