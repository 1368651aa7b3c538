/* classify.c - `uppsikt classify`: the classifier at the operator's hands. It runs anywhere:
 * lexicons and model are built in. What it reads is printed back only where it was asked to. */
#include "classify_out.h"
#include "own.h"
#include "port_directory.h"
#include "verbs.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define EX_CONFIG      78
#define FILE_BYTES_MAX (16u << 20)

struct wishes {
    bool ndjson, json, explain, help;
    const char *eval, *lexicons, *model, *own, *language, *text;
};

static void say(void *ctx, const char *line)
{
    (void)ctx;
    fprintf(stderr, "uppsikt classify: %s\n", line);
}

static int usage(FILE *to, int code)
{
    fputs("usage: uppsikt classify [--json] [--explain] TEXT\n"
          "       uppsikt classify --ndjson < comments.ndjson\n"
          "       uppsikt classify --eval FILE.tsv\n"
          "       uppsikt classify --replay FROM..TO PATH | --adopt [PATH] | --decided FROM..TO\n"
          "                        as uppsikt rules replay, adopt, decided\n"
          "Says what a comment holds that the rules name, and whether it asks something. It "
          "proposes;\n"
          "a person decides.\n"
          "  --ndjson         a line {\"id\", \"lang\", \"text\"} in, a line {\"id\", \"labels\",\n"
          "                   \"question\", \"findings\"} out; a wrong line gives {\"id\", "
          "\"error\",\n"
          "                   \"line\"}, is told on standard error, and the rest goes on\n"
          "  --json           one verdict with scores, duties, signals and versions\n"
          "  --explain        also the labels that were not seen, and what weighed most\n"
          "  --eval FILE.tsv  precision, recall and F1 by label and group on labelled rows\n"
          "  --language L     sv or en, where the text does not tell\n"
          "  --own FILE       our own domains and numbers (lines \"domain X\", \"number N\")\n"
          "  --lexicons DIR   other lexicons than those built in\n"
          "  --model FILE     another model than the one built in\n"
          "exit: 0 done, 1 a line or row was wrong, 2 usage, 78 lexicon, model or own file is "
          "wrong\n",
          to);
    return code;
}

static bool read_wishes(int argc, char **argv, struct wishes *ret)
{
    struct wishes w = { .ndjson = false };
    const struct {
        const char *name;
        const char **value;
    } valued[] = { { "--eval", &w.eval },
                   { "--lexicons", &w.lexicons },
                   { "--model", &w.model },
                   { "--own", &w.own },
                   { "--language", &w.language } };
    const struct {
        const char *name;
        bool *flag;
    } flags[] = { { "--ndjson", &w.ndjson },
                  { "--json", &w.json },
                  { "--explain", &w.explain },
                  { "--help", &w.help } };
    bool only_text = false;
    for (int i = 1; i < argc; i++) {
        bool known = false;
        for (size_t k = 0; k < UPP_LEN(flags) && !only_text && !known; k++) {
            known = strcmp(argv[i], flags[k].name) == 0;
            if (known)
                *flags[k].flag = true;
        }
        for (size_t k = 0; k < UPP_LEN(valued) && !only_text && !known; k++) {
            known = strcmp(argv[i], valued[k].name) == 0;
            if (known && i + 1 == argc)
                return false;
            if (known)
                *valued[k].value = argv[++i];
        }
        if (known)
            continue;
        if (!only_text && strcmp(argv[i], "--") == 0)
            only_text = true;
        else if (w.text || (!only_text && strncmp(argv[i], "--", 2) == 0))
            return false;
        else
            w.text = argv[i];
    }
    const int ways = (w.text != NULL) + w.ndjson + (w.eval != NULL);
    const bool language =
        !w.language || strcmp(w.language, "sv") == 0 || strcmp(w.language, "en") == 0;
    *ret = w;
    return w.help || (ways == 1 && language);
}

static void free_text(char **text)
{
    free(*text);
}

static void free_json(json_t **json)
{
    json_decref(*json);
}

/* A model of the user's own is read into *ret_bytes, which the classifier goes on reading. */
static classifier *open_classifier(const struct wishes *w, char **ret_bytes)
{
    if (!w->lexicons && !w->model)
        return classifier_new_embedded(say, NULL);
    size_t n = 0;
    const struct classifier_file *files = classifier_embedded_files(&n);
    struct lexicon_directory directory = { .n = 0 };
    if (w->lexicons) {
        if (directory_read(w->lexicons, &directory, say, NULL) < 0)
            return NULL;
        files = directory.file;
        n = directory.n;
    }
    size_t len = 0;
    const uint8_t *model = classifier_embedded_model(&len);
    if (w->model) {
        *ret_bytes = directory_file(w->model, FILE_BYTES_MAX, &len);
        model = (const uint8_t *)*ret_bytes;
        if (!model)
            say(NULL, "the model file cannot be read");
    }
    classifier *c = model ? classifier_new(model, len, files, n, say, NULL) : NULL;
    directory_done(&directory);
    return c;
}

static bool open_own(const struct wishes *w, struct own_list *ret)
{
    size_t len = 0;
    UPP_AUTO(free_text) char *text = w->own ? directory_file(w->own, FILE_BYTES_MAX, &len) : NULL;
    if (w->own && !text) {
        say(NULL, "the own file cannot be read");
        return false;
    }
    size_t line = 0;
    if (own_read(text ? text : own_embedded(), ret, &line) < 0) {
        fprintf(stderr, "uppsikt classify: %s:%zu: a line is \"domain X\" or \"number N\"\n",
                w->own ? w->own : "own.txt", line);
        return false;
    }
    return true;
}

/* False: it cannot be written any more. */
static bool put_line(json_t *object)
{
    const bool put = json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(4)) == 0 &&
                     fputc('\n', stdout) != EOF &&
                     fflush(stdout) == 0; /* whoever feeds us line by line waits for it */
    json_decref(object);
    return put;
}

static int cannot_write(void)
{
    fprintf(stderr, "uppsikt classify: standard output: %s\n", strerror(errno));
    return 1;
}

enum { WHY = 96 };

/* Our own words: the parser's quote the line, and what people wrote is not for an error stream. */
static json_t *parse_line(const char *line, size_t len, char ret_why[WHY])
{
    json_error_t error;
    json_t *row = json_loadb(line, len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    const enum json_error_code code = row ? json_error_unknown : json_error_code(&error);
    if (!row)
        snprintf(ret_why, WHY, "%s at column %d",
                 code == json_error_invalid_utf8    ? "bytes that are not UTF-8"
                 : code == json_error_duplicate_key ? "a name stands twice"
                                                    : "not JSON",
                 error.column);
    return row;
}

/* What is wrong with a line; NULL: nothing. */
static const char *check_line(const json_t *row)
{
    if (!json_is_object(row))
        return "not an object";
    if (!json_is_string(json_object_get(row, "text")))
        return "\"text\" is not a string";
    const json_t *id = json_object_get(row, "id");
    if (id && !json_is_null(id) && !json_is_string(id) && !json_is_integer(id))
        return "\"id\" is neither a string nor a whole number";
    const json_t *lang = json_object_get(row, "lang");
    if (lang && !json_is_null(lang) && !json_is_string(lang))
        return "\"lang\" is not a string";
    return NULL;
}

/* A line that says no id is judged all the same: its answer's id is null. */
static json_t *judge_line(const classifier *c, classifier_room *room,
                          const struct classifier_policy *policy, const struct wishes *w,
                          json_t *row)
{
    const json_t *text = json_object_get(row, "text");
    const json_t *lang = json_object_get(row, "lang");
    struct classifier_verdict verdict;
    classifier_judge(c, room, json_string_value(text), json_string_length(text),
                     json_is_string(lang) ? json_string_value(lang) : w->language, policy,
                     &verdict);
    if (!json_object_get(row, "id"))
        json_object_set_new(row, "id", json_null());
    return verdict_json(c, json_object_get(row, "id"), &verdict, w->json || w->explain);
}

/* The id stands in the answer where the line has one that can be read, so that nobody's comment is
 * missed in silence. */
static json_t *wrong_line(json_t *row, size_t number, const char *why)
{
    json_t *id = json_object_get(row, "id");
    const bool fits = json_is_string(id) || json_is_integer(id);
    return json_pack("{s:O*, s:s, s:I}", "id", fits ? id : NULL, "error", why, "line",
                     (json_int_t)number);
}

static int judge_lines(const classifier *c, classifier_room *room,
                       const struct classifier_policy *policy, const struct wishes *w)
{
    UPP_AUTO(free_text) char *line = NULL;
    size_t room_bytes = 0;
    size_t number = 0;
    int code = 0;
    ssize_t len;
    while ((len = getline(&line, &room_bytes, stdin)) >= 0) {
        char flaw[WHY];
        number++;
        if (strspn(line, " \t\r\n") == (size_t)len)
            continue;
        UPP_AUTO(free_json) json_t *row = parse_line(line, (size_t)len, flaw);
        const char *why = row ? check_line(row) : flaw;
        const char *said = why ? why : "no \"id\"";
        if (why || !json_object_get(row, "id") || json_is_null(json_object_get(row, "id"))) {
            code = 1;
            fprintf(stderr, "uppsikt classify: line %zu: %s\n", number, said);
        }
        if (!put_line(why ? wrong_line(row, number, why) : judge_line(c, room, policy, w, row)))
            return cannot_write();
    }
    if (ferror(stdin)) {
        fprintf(stderr, "uppsikt classify: standard input: %s\n", strerror(errno));
        return 1;
    }
    return code;
}

static int judge_text(const classifier *c, classifier_room *room,
                      const struct classifier_policy *policy, const struct wishes *w)
{
    struct classifier_verdict verdict;
    classifier_judge(c, room, w->text, strlen(w->text), w->language, policy, &verdict);
    if (w->json)
        return put_line(verdict_json(c, NULL, &verdict, true)) ? 0 : cannot_write();
    verdict_print(stdout, w->text, &verdict, w->explain);
    return fflush(stdout) == 0 && !ferror(stdout) ? 0 : cannot_write();
}

int verb_classify(int argc, char **argv)
{
    static const char *const of_rules[] = { "--replay", "--adopt", "--decided" };
    for (size_t i = 0; argc > 1 && i < UPP_LEN(of_rules); i++) {
        if (strcmp(argv[1], of_rules[i]) == 0) {
            argv[1] += 2;
            return verb_run(&verb_rules, argc - 1, argv + 1);
        }
    }
    struct wishes wishes;
    if (!read_wishes(argc, argv, &wishes))
        return usage(stderr, 2);
    if (wishes.help)
        return usage(stdout, 0);
    UPP_AUTO(own_done) struct own_list own = { .text = NULL };
    if (!open_own(&wishes, &own))
        return EX_CONFIG;
    const struct classifier_policy policy = { .own = own.own, .explain = wishes.explain };
    UPP_AUTO(free_text) char *model = NULL; /* before the classifier that reads it */
    UPP_AUTO(classifier_freep) classifier *c = open_classifier(&wishes, &model);
    if (!c)
        return EX_CONFIG;
    if (wishes.eval)
        return classify_eval(c, &policy, wishes.eval);
    UPP_AUTO(classifier_room_freep) classifier_room *room = classifier_room_new();
    if (!room) {
        say(NULL, "out of memory");
        return 1;
    }
    return wishes.ndjson ? judge_lines(c, room, &policy, &wishes)
                         : judge_text(c, room, &policy, &wishes);
}
