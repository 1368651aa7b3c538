/* rules.c - adopting lists and weights, and building the classifier of the set in force. */
#include "rules.h"
#include "figures.h"
#include "uppsikt/classify.pb-c.h"
#include "weights.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LISTS_BYTES = 512 * 1024, LISTS = 80 };

/* A decision: what it is about, and what its training measured. */
struct adopted {
    char lexicons[RULES_VERSION]; /* empty: nothing has been adopted, the built-in set holds */
    char weights[UPP_HEX];        /* empty: the built-in model */
    struct model_figures figures; /* of the weights */
};

struct rules {
    classifier *c;
    uint8_t *weights; /* an adopted model file, which `c` reads; NULL: the built-in */
    char lexicons[RULES_VERSION], model[RULES_VERSION];
    struct adopted adopted; /* that `c` was built for */
};

/* Lists in the place of built-in ones. */
struct replaced {
    struct classifier_file file[LISTS];
    size_t n;
};

static void pass_on(void *ctx, const char *line)
{
    void (*say)(const char *) = *(void (**)(const char *))ctx;
    say(line);
}

static void hush(void *ctx, const char *line)
{
    (void)ctx;
    (void)line;
}

static void note_versions(rules *r)
{
    snprintf(r->lexicons, sizeof r->lexicons, "%016llx",
             (unsigned long long)classifier_lexicon_version(r->c));
    snprintf(r->model, sizeof r->model, "%u", classifier_model_version(r->c));
}

rules *rules_new(void (*say)(const char *line))
{
    rules *r = calloc(1, sizeof *r);
    upp_check(r);
    r->c = classifier_new_embedded(pass_on, &say);
    if (!r->c) {
        rules_free(r);
        return NULL;
    }
    note_versions(r);
    return r;
}

void rules_free(rules *r)
{
    if (!r)
        return;
    classifier_free(r->c);
    free(r->weights);
    free(r);
}

const char *rules_lexicons(const rules *r)
{
    return r->lexicons;
}

const char *rules_model(const rules *r)
{
    return r->model;
}

/* The built-in files with the replaced ones in their places; `weights` is lent for its life, NULL:
 * the built-in ones. NULL: a list or the model is wrong. */
static classifier *build(const struct replaced *replaced, const uint8_t *weights, size_t len)
{
    size_t n = 0;
    size_t model_len = len;
    const struct classifier_file *built_in = classifier_embedded_files(&n);
    const uint8_t *model = weights ? weights : classifier_embedded_model(&model_len);
    struct classifier_file file[LISTS];
    upp_check(n <= LISTS);
    for (size_t i = 0; i < n; i++) {
        file[i] = built_in[i];
        for (size_t k = 0; k < replaced->n; k++) {
            if (strcmp(replaced->file[k].name, file[i].name) == 0)
                file[i].text = replaced->file[k].text;
        }
    }
    return classifier_new(model, model_len, file, n, hush, NULL);
}

static bool is_class(const char *name)
{
    size_t n = 0;
    const struct classifier_file *built_in = classifier_embedded_files(&n);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(built_in[i].name, name) == 0)
            return true;
    }
    return false;
}

static void free_replaced(struct replaced *replaced)
{
    for (size_t i = 0; i < replaced->n; i++) {
        free((char *)(uintptr_t)replaced->file[i].name);
        free((char *)(uintptr_t)replaced->file[i].text);
    }
}

static int read_replaced(upp_txn *txn, struct replaced *ret)
{
    ret->n = 0;
    UPP_ROWS rows = upp_query(txn, "SELECT class, text FROM rule_list ORDER BY class", NO_BIND);
    while (ret->n < LISTS && upp_next(&rows)) {
        const struct classifier_file file = { .name = strdup(upp_col_text(&rows, 0)),
                                              .text = strdup(upp_col_text(&rows, 1)) };
        upp_check(file.name && file.text);
        ret->file[ret->n++] = file;
    }
    return rows.rc;
}

static int read_adopted(upp_txn *txn, struct adopted *ret)
{
    *ret = (struct adopted){ .lexicons = "" };
    UPP_ROWS rows = upp_query(txn,
                              "SELECT lexicons, weights, frozen_micro_f1, personal_numbers"
                              " FROM rule_set",
                              NO_BIND);
    if (!upp_next(&rows))
        return rows.rc;
    snprintf(ret->lexicons, sizeof ret->lexicons, "%s", upp_col_text(&rows, 0));
    snprintf(ret->weights, sizeof ret->weights, "%s", upp_col_text(&rows, 1));
    ret->figures.frozen_micro_f1 = (uint32_t)upp_col_int(&rows, 2);
    ret->figures.personal_numbers = (uint32_t)upp_col_int(&rows, 3);
    ret->figures.known = ret->figures.frozen_micro_f1 > 0;
    return 0;
}

static void free_bytes(uint8_t **bytes)
{
    free(*bytes);
}

/* Builds the set anew; on failure the old one stays. */
static int rebuild(upp_txn *txn, rules *r, const struct adopted *adopted)
{
    UPP_AUTO(free_replaced) struct replaced replaced = { .n = 0 };
    UPP_AUTO(free_bytes) uint8_t *weights = NULL;
    size_t len = 0;
    UPP_TRY(read_replaced(txn, &replaced));
    if (adopted->weights[0]) {
        const int none = weights_read(txn, adopted->weights, &weights, &len);
        UPP_TRY(none);
        if (none)
            return upp_fail(txn, UPP_E_INPUT, "the adopted weights %s are not whole",
                            adopted->weights);
    }
    classifier *c = build(&replaced, weights, len);
    if (!c)
        return upp_fail(txn, UPP_E_INPUT, "the adopted rule set %s, weights %s cannot be read",
                        adopted->lexicons, adopted->weights[0] ? adopted->weights : "built in");
    classifier_free(r->c);
    free(r->weights);
    r->c = c;
    r->weights = weights;
    weights = NULL;
    r->adopted = *adopted;
    note_versions(r);
    return 0;
}

int rules_in_force(upp_txn *txn, rules *r, const classifier **ret_classifier)
{
    struct adopted adopted;
    UPP_TRY(read_adopted(txn, &adopted));
    if (strcmp(adopted.lexicons, r->adopted.lexicons) != 0 ||
        strcmp(adopted.weights, r->adopted.weights) != 0)
        UPP_TRY(rebuild(txn, r, &adopted));
    *ret_classifier = r->c;
    return 0;
}

static int check_lists(upp_txn *txn, const Uppsikt__AdoptRuleSet *c, struct replaced *ret)
{
    size_t bytes = 0;
    ret->n = 0;
    if (c->n_lists > LISTS)
        return upp_refuse(txn, "lists-too-many");
    for (size_t i = 0; i < c->n_lists; i++) {
        const Uppsikt__RuleList *list = c->lists[i];
        if (!is_class(list->class_))
            return upp_refuse(txn, "list-unknown");
        for (size_t k = 0; k < i; k++) {
            if (strcmp(c->lists[k]->class_, list->class_) == 0)
                return upp_refuse(txn, "list-twice");
        }
        bytes += strlen(list->text);
        ret->file[ret->n++] = (struct classifier_file){ .name = list->class_, .text = list->text };
    }
    return bytes > LISTS_BYTES ? upp_refuse(txn, "lists-too-long") : 0;
}

/* The figures of the weights that the decision names. */
static struct model_figures figures_of(const Uppsikt__AdoptRuleSet *c)
{
    struct model_figures f = { .known = false };
    if (!c->weights[0])
        return figures_read(classifier_embedded_figures());
    if (c->figures) {
        f.known = c->figures->frozen_micro_f1 > 0;
        f.frozen_micro_f1 = c->figures->frozen_micro_f1;
        f.personal_numbers = c->figures->personal_numbers;
    }
    return f;
}

static int store(upp_txn *txn, const Uppsikt__AdoptRuleSet *c, const rules *tried, const char *by)
{
    const struct model_figures f = tried->adopted.figures;
    UPP_TRY(upp_exec(txn, "DELETE FROM rule_list", NO_BIND));
    for (size_t i = 0; i < c->n_lists; i++)
        UPP_TRY(upp_exec(txn, "INSERT INTO rule_list(class, text) VALUES(?1, ?2)",
                         BIND(V(c->lists[i]->class_), V(c->lists[i]->text))));
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO rule_set(one, lexicons, model, weights, frozen_micro_f1,"
                     " personal_numbers, person, at_ms) VALUES(1, ?1, ?2, ?3, ?4, ?5, ?6, ?7)"
                     " ON CONFLICT DO UPDATE SET lexicons = ?1, model = ?2, weights = ?3,"
                     " frozen_micro_f1 = ?4, personal_numbers = ?5, person = ?6, at_ms = ?7",
                     BIND(V((const char *)tried->lexicons), V((const char *)tried->model),
                          V(c->weights), V(f.frozen_micro_f1), V(f.personal_numbers), V(by),
                          V(upp_now(txn)))));
    return weights_keep_only(txn, c->weights);
}

/* Other weights than those in force: they must be whole, a model that this program can read, no
 * worse by what is known of both. *ret_weights is the caller's. */
static int check_weights(upp_txn *txn, const Uppsikt__AdoptRuleSet *c, uint8_t **ret_weights,
                         size_t *ret_len, struct model_figures *ret_figures)
{
    struct adopted now;
    *ret_figures = figures_of(c);
    if (!c->weights[0])
        return 0;
    const int none = weights_read(txn, c->weights, ret_weights, ret_len);
    UPP_TRY(none);
    if (none)
        return upp_refuse(txn, "weights-not-whole");
    UPP_TRY(read_adopted(txn, &now));
    if (strcmp(now.weights, c->weights) == 0) {
        if (!ret_figures->known)
            *ret_figures = now.figures;
        return 0;
    }
    if (!now.weights[0])
        now.figures = figures_read(classifier_embedded_figures());
    return figures_may_follow(now.figures, *ret_figures) ? 0 : upp_refuse(txn, "weights-worse");
}

/* The set is built as it would be in force, and looked at. NULL: nothing is wrong with it. */
static const char *try_out(const Uppsikt__AdoptRuleSet *c, const struct replaced *replaced,
                           const uint8_t *weights, size_t len, rules *tried)
{
    static const struct replaced none = { .n = 0 };
    UPP_AUTO(classifier_freep) classifier *built = build(replaced, weights, len);
    UPP_AUTO(classifier_freep) classifier *bare = built ? NULL : build(&none, weights, len);
    UPP_AUTO(classifier_room_freep) classifier_room *room = classifier_room_new();
    upp_check(room);
    if (!built)
        return bare ? "list-malformed" : "weights-malformed";
    tried->c = built;
    note_versions(tried);
    tried->c = NULL;
    if (c->lexicons[0] && strcmp(c->lexicons, tried->lexicons) != 0)
        return "rules-other-lists";
    if (c->model[0] && strcmp(c->model, tried->model) != 0)
        return "rules-other-model";
    return weights ? weights_flaw(built, room) : NULL;
}

static int say_adopted(upp_txn *txn, const Uppsikt__AdoptRuleSet *c, rules *tried, const char *by)
{
    Uppsikt__ModelFigures figures = UPPSIKT__MODEL_FIGURES__INIT;
    Uppsikt__RuleSetAdopted out = UPPSIKT__RULE_SET_ADOPTED__INIT;
    figures.frozen_micro_f1 = tried->adopted.figures.frozen_micro_f1;
    figures.personal_numbers = tried->adopted.figures.personal_numbers;
    out.lexicons = tried->lexicons;
    out.model = tried->model;
    out.by = upp_lend(by);
    out.lists = c->lists;
    out.n_lists = c->n_lists;
    out.weights = c->weights;
    out.figures = tried->adopted.figures.known ? &figures : NULL;
    UPP_TRY(upp_emit(txn, "rules", &out.base, NULL));
    Uppsikt__RuleSetTaken taken = UPPSIKT__RULE_SET_TAKEN__INIT;
    taken.lexicons = tried->lexicons;
    taken.model = tried->model;
    taken.weights = c->weights;
    return upp_reply(txn, &taken.base);
}

int rules_adopt(upp_txn *txn, const upp_input *in, const void *msg)
{
    const Uppsikt__AdoptRuleSet *c = msg;
    struct replaced replaced = { .n = 0 };
    rules tried = { .c = NULL };
    UPP_AUTO(free_bytes) uint8_t *weights = NULL;
    size_t len = 0;
    if (!in->by)
        return upp_refuse(txn, "person-needed");
    UPP_TRY(check_lists(txn, c, &replaced));
    UPP_TRY(check_weights(txn, c, &weights, &len, &tried.adopted.figures));
    const char *flaw = try_out(c, &replaced, weights, len, &tried);
    if (flaw)
        return upp_refuse(txn, flaw);
    UPP_TRY(store(txn, c, &tried, in->by));
    return say_adopted(txn, c, &tried, in->by);
}

int rules_alarm(upp_txn *txn, const char *key)
{
    struct adopted adopted;
    UPP_TRY(read_adopted(txn, &adopted));
    return weights_alarm(txn, key, adopted.weights);
}
