/* rules_decided.c - `uppsikt rules decided`: what people have decided on comments as rows to train
 * on (R25).
 *
 * A row is a version of a comment that somebody decided on, with the reasons that hold: those of
 * every removal since it was last kept ("ok"). A decision that its reviewer disagreed with teaches
 * nothing. It asks something when a question was opened about it that nobody has marked away. One
 * that was ended as needing no answer may have been thanks, rhetoric, or a question that somebody
 * else had answered: the log does not say which, so such a row is left out. */
#include "rules_decided.h"
#include "label.h"
#include "rules_history.h"
#include <string.h>

enum { KEY = 160 };

struct lessons {
    json_t *decided;   /* "item/version": its decisions, in order: [{decision, keep, reason}] */
    json_t *overruled; /* decisions that a reviewer disagreed with */
    json_t *asks;      /* item: its questions that stand: {matter: how it ended, or empty} */
    json_t *question;  /* matter of a question: its item */
    json_t *language;  /* "item/version": as it was judged */
    int64_t rows, left_out;
    bool failed; /* standard output */
};

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

static void key_of(const char *item, int64_t version, char ret_key[KEY])
{
    snprintf(ret_key, KEY, "%s/%lld", item, (long long)version);
}

/* The value of that name, made when it is not there; lent. */
static json_t *made(json_t *object, const char *name, json_t *(*make)(void))
{
    if (!json_object_get(object, name))
        json_object_set_new(object, name, make());
    return json_object_get(object, name);
}

/* -- what escalation and classify have said -- */
static void on_decision(struct lessons *l, const json_t *data)
{
    char key[KEY];
    const char *action = text_of(data, "action");
    const bool stays =
        strcmp(action, "ITEM_ACTION_KEEP") == 0 || strcmp(action, "ITEM_ACTION_UNHIDE") == 0;
    key_of(text_of(data, "item"), json_integer_value(json_object_get(data, "version")), key);
    json_array_append_new(made(l->decided, key, json_array),
                          json_pack("{s:s, s:b, s:s}", "decision", text_of(data, "decision"),
                                    "keep", stays, "reason", text_of(data, "reason")));
}

static void on_reviewed(struct lessons *l, const json_t *data)
{
    if (json_is_true(json_object_get(data, "agreed")))
        json_object_del(l->overruled, text_of(data, "decision"));
    else
        json_object_set_new(l->overruled, text_of(data, "decision"), json_true());
}

static void on_opened(struct lessons *l, const json_t *data)
{
    const char *item = text_of(data, "item");
    if (strcmp(text_of(data, "kind"), "MATTER_KIND_QUESTION") != 0)
        return;
    json_object_set_new(l->question, text_of(data, "matter"), json_string(item));
    json_object_set_new(made(l->asks, item, json_object), text_of(data, "matter"), json_string(""));
}

static void on_ended(struct lessons *l, const json_t *data)
{
    const char *item = json_string_value(json_object_get(l->question, text_of(data, "matter")));
    const char *how = text_of(data, "how");
    json_t *asks = json_object_get(l->asks, item ? item : "");
    if (strcmp(how, "WITHDRAWN_HOW_RECLASSIFIED") == 0)
        json_object_del(asks, text_of(data, "matter"));
    else if (asks)
        json_object_set_new(asks, text_of(data, "matter"), json_string(how));
}

static void on_classified(struct lessons *l, const json_t *data)
{
    char key[KEY];
    key_of(text_of(data, "item"), json_integer_value(json_object_get(data, "version")), key);
    json_object_set_new(l->language, key, json_string(text_of(data, "lang")));
}

static void hear(void *ctx, const json_t *event)
{
    static const struct {
        const char *type;
        void (*heard)(struct lessons *lessons, const json_t *data);
    } types[] = {
        { "uppsikt.DecisionMade", on_decision }, { "uppsikt.DecisionReviewed", on_reviewed },
        { "uppsikt.MatterOpened", on_opened },   { "uppsikt.MatterMet", on_ended },
        { "uppsikt.MatterWithdrawn", on_ended }, { "uppsikt.CommentClassified", on_classified },
    };
    for (size_t i = 0; i < UPP_LEN(types); i++) {
        if (strcmp(text_of(event, "type"), types[i].type) == 0)
            types[i].heard(ctx, json_object_get(event, "data"));
    }
}

/* -- rows -- */
/* The labels that people's decisions on one version come to. False: they say nothing. */
static bool labels_of(const struct lessons *l, const json_t *decisions, unsigned *ret_labels)
{
    bool said = false;
    unsigned labels = 0;
    size_t i;
    json_t *one;
    json_array_foreach(decisions, i, one)
    {
        enum classify_label label;
        const char *reason = text_of(one, "reason");
        if (json_object_get(l->overruled, text_of(one, "decision")))
            continue;
        if (json_is_true(json_object_get(one, "keep"))) {
            labels = 0;
            said = true;
        } else if (classify_label_parse(reason, strlen(reason), &label) == 0 &&
                   label != CLASSIFY_QUESTION) {
            labels |= CLASSIFY_BIT(label);
            said = true;
        } else { /* removed for a reason that no label has: it is not fine either */
            labels = 0;
            said = false;
        }
    }
    *ret_labels = labels;
    return said;
}

/* False: nobody can say whether it asks something. */
static bool add_question(const struct lessons *l, const char *item, unsigned *labels)
{
    const char *matter;
    json_t *how;
    bool unclear = false;
    json_object_foreach(json_object_get(l->asks, item), matter, how)
    {
        if (strcmp(json_string_value(how), "MET_HOW_NEEDS_NO_ANSWER") == 0)
            unclear = true;
        else
            *labels |= CLASSIFY_BIT(CLASSIFY_QUESTION);
    }
    return !unclear || (*labels & CLASSIFY_BIT(CLASSIFY_QUESTION)) != 0;
}

/* In the order of the labelling rules: ok, question, then the others. */
static void put_labels(unsigned labels)
{
    const char *between = "";
    if ((labels & CLASSIFY_VIOLATIONS) == 0) {
        fputs("ok", stdout);
        between = ",";
    }
    for (unsigned i = 0; i < CLASSIFY_LABELS; i++) {
        if ((labels & CLASSIFY_BIT(i)) == 0)
            continue;
        printf("%s%s", between, classify_label_name((enum classify_label)i));
        between = ",";
    }
}

/* One row of the corpus' form; what would break the form becomes a blank. */
static bool put_lesson(void *ctx, const char *item, int64_t version, const char *lang,
                       const char *text)
{
    struct lessons *l = ctx;
    char key[KEY];
    unsigned labels = 0;
    bool empty = true;
    key_of(item, version, key);
    for (const char *at = text; *at && empty; at++)
        empty = (unsigned char)*at <= ' ';
    if (empty || !labels_of(l, json_object_get(l->decided, key), &labels))
        return true;
    if (!add_question(l, item, &labels)) {
        l->left_out++;
        return true;
    }
    const char *judged = text_of(l->language, key);
    printf("c-decided-%04lld\t%s\t", (long long)++l->rows,
           strcmp(judged[0] ? judged : lang, "en") == 0 ? "en" : "sv");
    put_labels(labels);
    putchar('\t');
    for (const char *at = text; *at; at++)
        putchar((unsigned char)*at < ' ' ? ' ' : *at);
    putchar('\n');
    l->failed = ferror(stdout) != 0;
    return !l->failed;
}

static int put_rows(struct lessons *l, history *past)
{
    puts("id\tlang\tlabels\ttext");
    const int rc = history_read(past);
    if (rc == CALL_DONE && (l->failed || fflush(stdout) != 0)) {
        home_say("standard output cannot be written: the rows are not whole");
        return CALL_WRONG;
    }
    if (l->left_out > 0)
        home_sayf("%lld left out: whether they ask something cannot be told",
                  (long long)l->left_out);
    return rc;
}

int rules_decided(verb_call *call)
{
    UPP_AUTO(json_freep)
    json_t *all = json_pack("{s:{}, s:{}, s:{}, s:{}, s:{}}", "decided", "overruled", "asks",
                            "question", "language");
    upp_check(all);
    struct lessons lessons = { .decided = json_object_get(all, "decided"),
                               .overruled = json_object_get(all, "overruled"),
                               .asks = json_object_get(all, "asks"),
                               .question = json_object_get(all, "question"),
                               .language = json_object_get(all, "language") };
    history past = { .call = call, .each = put_lesson, .ctx = &lessons };
    int rc = ask_home(call);
    if (rc == CALL_DONE)
        rc = history_span(call, call->operands[0], &past);
    if (rc == CALL_DONE)
        rc = history_facts(call, "escalation", hear, &lessons);
    unsigned parts = 1;
    if (rc == CALL_DONE)
        rc = history_parts(call, "classify", &parts);
    for (unsigned part = 1; part <= parts && rc == CALL_DONE; part++) {
        char name[UPP_PART_NAME];
        upp_part_name("classify", part, name);
        rc = history_facts(call, name, hear, &lessons);
    }
    return rc == CALL_DONE ? put_rows(&lessons, &past) : rc;
}
