/* rules.c - `uppsikt rules`: a set of word lists and weights tried on the comments of the past, and
 * adopted by a person (R18, R25). */
#include "message_json.h"
#include "own.h"
#include "rule_set.h"
#include "rule_trial.h"
#include "rules_decided.h"
#include "rules_history.h"
#include "uppsikt/classify.pb-c.h"
#include "verbs.h"
#include <stdlib.h>
#include <string.h>

/* -- replay -- */
struct trial {
    const classifier *now, *then;
    classifier_room *room;
    struct classifier_policy policy;
    bool json;
    int64_t comments, changed;
    int64_t had[CLASSIFY_LABELS], has[CLASSIFY_LABELS], gained[CLASSIFY_LABELS],
        lost[CLASSIFY_LABELS];
};

static void print_change(const struct trial *t, const char *item, int64_t version, unsigned before,
                         unsigned after)
{
    UPP_AUTO(json_freep)
    json_t *row = json_pack("{s:s, s:I, s:[], s:[]}", "item", item, "version", (json_int_t)version,
                            "gained", "lost");
    for (unsigned l = 0; l < CLASSIFY_LABELS; l++) {
        const char *name = classify_label_name((enum classify_label)l);
        if ((before ^ after) & CLASSIFY_BIT(l))
            json_array_append_new(
                json_object_get(row, (after & CLASSIFY_BIT(l)) ? "gained" : "lost"),
                json_string(name));
        if (!t->json && ((before ^ after) & CLASSIFY_BIT(l)))
            printf("%s  version %lld  %c%s\n", item, (long long)version,
                   (after & CLASSIFY_BIT(l)) ? '+' : '-', name);
    }
    if (t->json)
        print_json(row);
}

static bool try_both(void *ctx, const char *item, int64_t version, const char *lang,
                     const char *text)
{
    struct trial *t = ctx;
    struct classifier_verdict before;
    struct classifier_verdict after;
    const char *hint = lang[0] ? lang : NULL;
    classifier_judge(t->now, t->room, text, strlen(text), hint, &t->policy, &before);
    classifier_judge(t->then, t->room, text, strlen(text), hint, &t->policy, &after);
    t->comments++;
    t->changed += before.labels != after.labels;
    for (unsigned l = 0; l < CLASSIFY_LABELS; l++) {
        const bool had = (before.labels & CLASSIFY_BIT(l)) != 0;
        const bool has = (after.labels & CLASSIFY_BIT(l)) != 0;
        t->had[l] += had;
        t->has[l] += has;
        t->gained[l] += has && !had;
        t->lost[l] += had && !has;
    }
    if (before.labels != after.labels)
        print_change(t, item, version, before.labels, after.labels);
    return true;
}

static void print_trial(const struct trial *t)
{
    if (t->json) {
        UPP_AUTO(json_freep)
        json_t *sum = json_pack("{s:I, s:I}", "comments", (json_int_t)t->comments, "changed",
                                (json_int_t)t->changed);
        print_json(sum);
        return;
    }
    printf("\n%-14s %8s %8s %8s %8s\n", "label", "now", "then", "gained", "lost");
    for (unsigned l = 0; l < CLASSIFY_LABELS; l++)
        printf("%-14s %8lld %8lld %8lld %8lld\n", classify_label_name((enum classify_label)l),
               (long long)t->had[l], (long long)t->has[l], (long long)t->gained[l],
               (long long)t->lost[l]);
    printf("%lld comments, %lld judged otherwise\n", (long long)t->comments, (long long)t->changed);
    printf("lexicons %016llx now, %016llx then; model %u now, %u then\n",
           (unsigned long long)classifier_lexicon_version(t->now),
           (unsigned long long)classifier_lexicon_version(t->then),
           classifier_model_version(t->now), classifier_model_version(t->then));
}

/* What holds at the deployment, and what is proposed, each whole. */
static int read_both(verb_call *call, const char *path, rule_set *now, rule_set *then)
{
    if (path) {
        const int rc = rule_set_proposed(path, then);
        if (rc != CALL_DONE)
            return rc;
    } else {
        rule_set_built_in(then);
    }
    int rc = ask_home(call);
    if (rc == CALL_DONE)
        rc = rule_set_in_force(call, now);
    rule_set_complete(then, now);
    return rc;
}

static int replay(verb_call *call)
{
    UPP_AUTO(rule_set_done) rule_set now = { .n = 0 };
    UPP_AUTO(rule_set_done) rule_set then = { .n = 0 };
    UPP_AUTO(own_done) struct own_list own = { .text = NULL };
    struct trial trial = { .json = call->json };
    history past = { .call = call, .each = try_both, .ctx = &trial };
    size_t line = 0;
    int rc = read_both(call, call->operands[1], &now, &then);
    if (rc == CALL_DONE)
        rc = history_span(call, call->operands[0], &past);
    if (rc != CALL_DONE)
        return rc;
    UPP_AUTO(classifier_freep) classifier *before = rule_set_build(&now);
    UPP_AUTO(classifier_freep) classifier *after = rule_set_build(&then);
    UPP_AUTO(classifier_room_freep) classifier_room *room = classifier_room_new();
    if (!before || !after || !room || own_read(own_embedded(), &own, &line) < 0)
        return CALL_CONFIG;
    trial.now = before;
    trial.then = after;
    trial.room = room;
    trial.policy.own = own.own;
    rc = history_read(&past);
    if (rc == CALL_DONE)
        print_trial(&trial);
    return rc;
}

/* -- adoption -- */
/* Only what differs from the built-in lists goes into the decision. */
static size_t differing(const rule_set *set, Uppsikt__RuleList *lists, Uppsikt__RuleList **ret_list)
{
    size_t n_built_in = 0;
    size_t n = 0;
    const struct classifier_file *file = classifier_embedded_files(&n_built_in);
    for (size_t i = 0; i < set->n; i++) {
        bool same = false;
        for (size_t k = 0; k < n_built_in && !same; k++)
            same = strcmp(file[k].name, set->file[i].name) == 0 &&
                   strcmp(file[k].text, set->file[i].text) == 0;
        if (same)
            continue;
        uppsikt__rule_list__init(&lists[n]);
        lists[n].class_ = upp_lend(set->file[i].name);
        lists[n].text = upp_lend(set->file[i].text);
        ret_list[n] = &lists[n];
        n++;
    }
    return n;
}

/* The rows of --on are judged by both sets: a worse one is not adopted. */
static int try_on_rows(verb_call *call, const rule_set *now, const classifier *then)
{
    const char *path = call_text(call, "on");
    if (!path)
        return CALL_DONE;
    UPP_AUTO(classifier_freep) classifier *before = rule_set_build(now);
    return before ? rule_trial(path, before, then) : CALL_CONFIG;
}

/* The set goes live in every part; in the first one last, so that what is told to be in force is so
 * everywhere. Broken off, the same call ends it. */
static int adopt_everywhere(verb_call *call, const rule_set *set, bool weights,
                            const ProtobufCMessage *command)
{
    unsigned parts = 1;
    int rc = history_parts(call, "classify", &parts);
    for (unsigned part = parts; part > 0 && rc == CALL_DONE; part--) {
        char name[UPP_PART_NAME];
        ProtobufCMessage *outcome = NULL;
        upp_part_name("classify", part, name);
        if (weights)
            rc = rule_set_send(call, name, set);
        if (rc == CALL_DONE)
            rc = ask_command(call, name, command, &uppsikt__rule_set_taken__descriptor, &outcome);
        message_free(outcome);
    }
    return rc;
}

static int decide(verb_call *call, const rule_set *set, bool weights, const classifier *tried)
{
    Uppsikt__RuleList lists[RULE_SET_LISTS];
    Uppsikt__RuleList *list[RULE_SET_LISTS];
    Uppsikt__ModelFigures figures = UPPSIKT__MODEL_FIGURES__INIT;
    Uppsikt__AdoptRuleSet command = UPPSIKT__ADOPT_RULE_SET__INIT;
    char version[24];
    char model[16];
    snprintf(version, sizeof version, "%016llx",
             (unsigned long long)classifier_lexicon_version(tried));
    snprintf(model, sizeof model, "%u", classifier_model_version(tried));
    command.lexicons = version;
    command.model = model;
    command.n_lists = differing(set, lists, list);
    command.lists = list;
    command.weights = upp_lend(set->sha256);
    figures.frozen_micro_f1 = set->figures.frozen_micro_f1;
    figures.personal_numbers = set->figures.personal_numbers;
    command.figures = set->weights && set->figures.known ? &figures : NULL;
    const int rc = adopt_everywhere(call, set, weights, &command.base);
    if (rc != CALL_DONE)
        return rc;
    if (call->json)
        printf("{\"lexicons\":\"%s\",\"model\":\"%s\",\"lists\":%zu,\"weights\":\"%s\"}\n", version,
               model, command.n_lists, set->sha256);
    else
        printf("adopted: lexicons %s, %zu lists in the place of built-in ones; model %s, %s%s\n",
               version, command.n_lists, model, set->weights ? "weights " : "the built-in weights",
               set->sha256);
    return CALL_DONE;
}

static int adopt(verb_call *call)
{
    UPP_AUTO(rule_set_done) rule_set now = { .n = 0 };
    UPP_AUTO(rule_set_done) rule_set then = { .n = 0 };
    int rc = read_both(call, call->n_operands ? call->operands[0] : NULL, &now, &then);
    if (rc != CALL_DONE)
        return rc;
    UPP_AUTO(classifier_freep) classifier *tried = rule_set_build(&then);
    if (!tried)
        return CALL_CONFIG;
    rc = try_on_rows(call, &now, tried);
    const bool weights = then.weights && strcmp(then.sha256, now.sha256) != 0;
    return rc == CALL_DONE ? decide(call, &then, weights, tried) : rc;
}

static const verb_option adopt_options[] = {
    TEXT("on", "FILE.tsv", NULL, "labelled rows that both sets judge: a worse set is not adopted"),
};

static const verb_action actions[] = {
    RUN("replay", "FROM..TO PATH",
        "judges the comments of that time by the lists in the folder PATH, or by the model file "
        "PATH, too",
        NO_OPTIONS, replay),
    RUN("adopt", "[PATH]",
        "the lists or the model.bin in the folder PATH, or the model file PATH, go live, by --as "
        "PERSON; none: all that is built in",
        OPTIONS(adopt_options), adopt),
    RUN("decided", "FROM..TO",
        "decided comments as rows to train on: what people wrote, so keep it "
        "as such",
        NO_OPTIONS, rules_decided),
};

const verb_row verb_rules = {
    .name = "rules",
    .help = "the classifier's word lists and weights: tried on the past, adopted, taught",
    .actions = actions,
    .n_actions = UPP_LEN(actions),
};
