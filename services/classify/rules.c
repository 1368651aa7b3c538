/* rules.c - adopting lists, and building the classifier of the set that is in force. */
#include "rules.h"
#include "uppsikt/classify.pb-c.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LISTS_BYTES = 512 * 1024, LISTS = 80 };

struct rules {
    classifier *c;
    char lexicons[RULES_VERSION], model[RULES_VERSION];
    char adopted[RULES_VERSION]; /* of the set that `c` was built for; empty: the built-in */
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

/* The built-in files with the replaced ones in their places. NULL: a list is wrong. */
static classifier *build(const struct replaced *replaced)
{
    size_t n = 0;
    size_t model_len = 0;
    const struct classifier_file *built_in = classifier_embedded_files(&n);
    const uint8_t *model = classifier_embedded_model(&model_len);
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

static int adopted_version(upp_txn *txn, char ret_version[RULES_VERSION])
{
    ret_version[0] = '\0';
    UPP_ROWS rows = upp_query(txn, "SELECT lexicons FROM rule_set", NO_BIND);
    if (upp_next(&rows))
        snprintf(ret_version, RULES_VERSION, "%s", upp_col_text(&rows, 0));
    return rows.rc;
}

int rules_in_force(upp_txn *txn, rules *r, const classifier **ret_classifier)
{
    char adopted[RULES_VERSION];
    UPP_TRY(adopted_version(txn, adopted));
    if (strcmp(adopted, r->adopted) != 0) {
        UPP_AUTO(free_replaced) struct replaced replaced = { .n = 0 };
        UPP_TRY(read_replaced(txn, &replaced));
        classifier *c = build(&replaced);
        if (!c)
            return upp_fail(txn, UPP_E_INPUT, "the adopted rule set %s cannot be read", adopted);
        classifier_free(r->c);
        r->c = c;
        snprintf(r->adopted, sizeof r->adopted, "%s", adopted);
        note_versions(r);
    }
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

static int store(upp_txn *txn, const Uppsikt__AdoptRuleSet *c, const rules *tried, const char *by)
{
    UPP_TRY(upp_exec(txn, "DELETE FROM rule_list", NO_BIND));
    for (size_t i = 0; i < c->n_lists; i++)
        UPP_TRY(upp_exec(txn, "INSERT INTO rule_list(class, text) VALUES(?1, ?2)",
                         BIND(V(c->lists[i]->class_), V(c->lists[i]->text))));
    return upp_exec(txn,
                    "INSERT INTO rule_set(one, lexicons, model, person, at_ms)"
                    " VALUES(1, ?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET"
                    " lexicons = ?1, model = ?2, person = ?3, at_ms = ?4",
                    BIND(V((const char *)tried->lexicons), V((const char *)tried->model), V(by),
                         V(upp_now(txn))));
}

int rules_adopt(upp_txn *txn, rules *r, const upp_input *in, const void *msg)
{
    (void)r; /* it notices by itself, when it judges next */
    const Uppsikt__AdoptRuleSet *c = msg;
    struct replaced replaced = { .n = 0 };
    if (!in->by)
        return upp_refuse(txn, "person-needed");
    UPP_TRY(check_lists(txn, c, &replaced));
    rules tried = { .c = build(&replaced) };
    if (!tried.c)
        return upp_refuse(txn, "list-malformed");
    note_versions(&tried);
    classifier_free(tried.c);
    if (c->lexicons[0] && strcmp(c->lexicons, tried.lexicons) != 0)
        return upp_refuse(txn, "rules-other-lists");
    if (c->model[0] && strcmp(c->model, tried.model) != 0)
        return upp_refuse(txn, "rules-other-model");
    UPP_TRY(store(txn, c, &tried, in->by));
    Uppsikt__RuleSetAdopted out = UPPSIKT__RULE_SET_ADOPTED__INIT;
    out.lexicons = tried.lexicons;
    out.model = tried.model;
    out.by = upp_lend(in->by);
    out.lists = c->lists;
    out.n_lists = c->n_lists;
    UPP_TRY(upp_emit(txn, "rules", &out.base, NULL));
    Uppsikt__RuleSetTaken taken = UPPSIKT__RULE_SET_TAKEN__INIT;
    taken.lexicons = tried.lexicons;
    taken.model = tried.model;
    return upp_reply(txn, &taken.base);
}
