/* rules.c - `uppsikt rules`: a set of word lists tried on the comments of the past, adopted by a
 * person, and what people's decisions have to teach (R18, R25). */
#include "message_json.h"
#include "own.h"
#include "port_directory.h"
#include "rules_history.h"
#include "uppsikt/classify.pb-c.h"
#include "verbs.h"
#include <stdlib.h>
#include <string.h>

static void say(void *ctx, const char *line)
{
    (void)ctx;
    home_say(line);
}

/* -- sets of lists -- */
struct rule_set {
    struct classifier_file file[80];
    size_t n;
    json_t *lists;                   /* of RuleSetAdopted, whose texts `file` points into */
    struct lexicon_directory folder; /* likewise, of a directory */
};

static void rule_set_done(struct rule_set *set)
{
    json_decref(set->lists);
    directory_done(&set->folder);
}

static void built_in(struct rule_set *ret)
{
    const struct classifier_file *file = classifier_embedded_files(&ret->n);
    memcpy(ret->file, file, ret->n * sizeof file[0]);
}

static void keep_newest(void *ctx, const json_t *event)
{
    struct rule_set *set = ctx;
    const char *type = json_string_value(json_object_get(event, "type"));
    if (!type || strcmp(type, "uppsikt.RuleSetAdopted") != 0)
        return;
    json_decref(set->lists);
    set->lists = json_incref(json_object_get(json_object_get(event, "data"), "lists"));
}

/* The built-in lists, with those in their places that were adopted last. */
static int in_force(verb_call *call, struct rule_set *ret)
{
    size_t i;
    json_t *list;
    built_in(ret);
    const int rc = history_facts(call, "classify", keep_newest, ret);
    json_array_foreach(ret->lists, i, list)
    {
        for (size_t k = 0; k < ret->n; k++) {
            if (strcmp(ret->file[k].name, json_string_value(json_object_get(list, "class"))) == 0)
                ret->file[k].text = json_string_value(json_object_get(list, "text"));
        }
    }
    return rc;
}

static bool from_folder(const char *dir, struct rule_set *ret)
{
    if (directory_read(dir, &ret->folder, say, NULL) < 0)
        return false;
    ret->n = ret->folder.n;
    memcpy(ret->file, ret->folder.file, ret->n * sizeof ret->file[0]);
    return true;
}

static classifier *build(const struct rule_set *set)
{
    size_t len = 0;
    const uint8_t *model = classifier_embedded_model(&len);
    return classifier_new(model, len, set->file, set->n, say, NULL);
}

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
    printf("lexicons %016llx now, %016llx then\n",
           (unsigned long long)classifier_lexicon_version(t->now),
           (unsigned long long)classifier_lexicon_version(t->then));
}

static int replay(verb_call *call)
{
    UPP_AUTO(rule_set_done) struct rule_set now = { .n = 0 };
    UPP_AUTO(rule_set_done) struct rule_set then = { .n = 0 };
    UPP_AUTO(own_done) struct own_list own = { .text = NULL };
    struct trial trial = { .json = call->json };
    history past = { .call = call, .each = try_both, .ctx = &trial };
    size_t line = 0;
    if (!from_folder(call->operands[1], &then))
        return CALL_CONFIG;
    int rc = ask_home(call);
    if (rc == CALL_DONE)
        rc = history_span(call, call->operands[0], &past);
    if (rc == CALL_DONE)
        rc = in_force(call, &now);
    if (rc != CALL_DONE)
        return rc;
    UPP_AUTO(classifier_freep) classifier *before = build(&now);
    UPP_AUTO(classifier_freep) classifier *after = build(&then);
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
static size_t differing(const struct rule_set *set, Uppsikt__RuleList *lists,
                        Uppsikt__RuleList **ret_list)
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

static int adopt(verb_call *call)
{
    UPP_AUTO(rule_set_done) struct rule_set set = { .n = 0 };
    Uppsikt__RuleList lists[80];
    Uppsikt__RuleList *list[80];
    Uppsikt__AdoptRuleSet command = UPPSIKT__ADOPT_RULE_SET__INIT;
    char version[24];
    char model[16];
    if (call->n_operands == 0)
        built_in(&set);
    else if (!from_folder(call->operands[0], &set))
        return CALL_CONFIG;
    UPP_AUTO(classifier_freep) classifier *tried = build(&set);
    if (!tried)
        return CALL_CONFIG;
    snprintf(version, sizeof version, "%016llx",
             (unsigned long long)classifier_lexicon_version(tried));
    snprintf(model, sizeof model, "%u", classifier_model_version(tried));
    command.lexicons = version;
    command.model = model;
    command.n_lists = differing(&set, lists, list);
    command.lists = list;
    int rc = ask_home(call);
    ProtobufCMessage *outcome = NULL;
    if (rc == CALL_DONE)
        rc = ask_command(call, "classify", &command.base, &uppsikt__rule_set_taken__descriptor,
                         &outcome);
    if (rc != CALL_DONE)
        return rc;
    message_free(outcome);
    if (call->json)
        printf("{\"lexicons\":\"%s\",\"model\":\"%s\",\"lists\":%zu}\n", version, model,
               command.n_lists);
    else
        printf("adopted: lexicons %s, model %s, %zu lists in the place of built-in ones\n", version,
               model, command.n_lists);
    return CALL_DONE;
}

/* -- what decisions teach -- */
struct lessons {
    json_t *decided; /* "item/version": reason of the last decision on it; "ok": it may stay */
    int64_t rows;
};

static bool is_breach(const char *reason)
{
    for (unsigned l = 0; l < CLASSIFY_LABELS; l++) {
        if (l != CLASSIFY_QUESTION &&
            strcmp(classify_label_name((enum classify_label)l), reason) == 0)
            return true;
    }
    return false;
}

static void keep_decision(void *ctx, const json_t *event)
{
    struct lessons *lessons = ctx;
    const json_t *data = json_object_get(event, "data");
    const char *type = json_string_value(json_object_get(event, "type"));
    const char *item = json_string_value(json_object_get(data, "item"));
    const char *action = json_string_value(json_object_get(data, "action"));
    const char *reason = json_string_value(json_object_get(data, "reason"));
    char key[160];
    if (!type || strcmp(type, "uppsikt.DecisionMade") != 0 || !item || !action || !reason)
        return;
    const bool stays = strcmp(action, "ITEM_ACTION_KEEP") == 0;
    if (!stays && !is_breach(reason))
        return;
    snprintf(key, sizeof key, "%s/%lld", item,
             (long long)json_integer_value(json_object_get(data, "version")));
    json_object_set_new(lessons->decided, key, json_string(stays ? "ok" : reason));
}

/* One row of the corpus' form; what would break the form becomes a blank. */
static bool print_lesson(void *ctx, const char *item, int64_t version, const char *lang,
                         const char *text)
{
    struct lessons *lessons = ctx;
    char key[160];
    snprintf(key, sizeof key, "%s/%lld", item, (long long)version);
    const char *label = json_string_value(json_object_get(lessons->decided, key));
    if (!label || !text[0])
        return true;
    printf("c-decided-%04lld\t%s\t%s\t", (long long)++lessons->rows,
           strcmp(lang, "en") == 0 ? "en" : "sv", label);
    for (const char *at = text; *at; at++)
        putchar((unsigned char)*at < ' ' ? ' ' : *at);
    putchar('\n');
    return ferror(stdout) == 0;
}

static int decided(verb_call *call)
{
    UPP_AUTO(json_freep) json_t *reasons = json_object();
    struct lessons lessons = { .decided = reasons };
    history past = { .call = call, .each = print_lesson, .ctx = &lessons };
    int rc = ask_home(call);
    if (rc == CALL_DONE)
        rc = history_span(call, call->operands[0], &past);
    if (rc == CALL_DONE)
        rc = history_facts(call, "escalation", keep_decision, &lessons);
    if (rc != CALL_DONE)
        return rc;
    puts("id\tlang\tlabels\ttext");
    return history_read(&past);
}

static const verb_action actions[] = {
    RUN("replay", "FROM..TO DIR", "judges the comments of that time by the lists in DIR, too",
        NO_OPTIONS, replay),
    RUN("adopt", "[DIR]", "the lists in DIR go live, by --as PERSON; none: the built-in ones",
        NO_OPTIONS, adopt),
    RUN("decided", "FROM..TO",
        "decided comments as rows to train on: what people wrote, so keep it "
        "as such",
        NO_OPTIONS, decided),
};

const verb_row verb_rules = {
    .name = "rules",
    .help = "the classifier's word lists: tried on the past, adopted, taught",
    .actions = actions,
    .n_actions = UPP_LEN(actions),
};
