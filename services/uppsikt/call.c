/* call.c - one command line against a verb's table. */
#include "call.h"
#include "span.h"
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

const verb_option call_everyone[] = {
    TEXT("data", "DIR", NULL, "the deployment's folder (else $UPPSIKT_DATA, ./data, /etc/uppsikt)"),
    TEXT("run", "DIR", NULL, "the folder of sockets, instead of the deployment's"),
    TEXT("keys", "DIR", NULL, "the folder of keys, instead of the deployment's"),
    TEXT("peer", "NAME", NULL, "who we are on the bus (uppsikt)"),
    TEXT("as", "PERSON", NULL, "the registered person who acts (else $UPPSIKT_PERSON)"),
    SPAN("wait", "SPAN", NULL, "how long an answer is waited for (10s)"),
    FLAG("json", NULL, "JSON instead of text"),
    FLAG("help", NULL, "this text"),
};
const size_t call_n_everyone = UPP_LEN(call_everyone);

UPP_PRINTF(2, 3) static int usage(char why[CALL_WHY], const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(why, CALL_WHY, fmt, args);
    va_end(args);
    return CALL_USAGE;
}

/* How many words of argv the action's name takes; 0: it is another one's. */
static int words_taken(const verb_action *action, int argc, char **argv)
{
    int n = 0;
    for (const char *at = action->name; *at;) {
        const size_t len = strcspn(at, " ");
        if (n == argc || strlen(argv[n]) != len || strncmp(argv[n], at, len) != 0)
            return 0;
        at += len + (at[len] == ' ');
        n++;
    }
    return n;
}

static const verb_option *find(const verb_option *options, size_t n, const char *name, size_t len)
{
    for (size_t i = 0; i < n; i++)
        if (strlen(options[i].name) == len && strncmp(options[i].name, name, len) == 0)
            return &options[i];
    return NULL;
}

static const char *check_value(const verb_option *option, const char *text)
{
    upp_ms span = 0;
    char *end = NULL;
    errno = 0;
    switch (option->kind) {
    case OPTION_TEXT:
        return NULL;
    case OPTION_COUNT:
        return strtoll(text, &end, 10) < 0 || errno || end == text || *end
                   ? "a whole number is wanted"
                   : NULL;
    case OPTION_SPAN:
        return upp_span_parse(text, &span);
    }
    return NULL;
}

/* --name, --name VALUE or --name=VALUE. */
static int read_option(verb_call *c, int argc, char **argv, int *i, char why[CALL_WHY])
{
    const char *name = argv[*i] + 2;
    const size_t len = strcspn(name, "=");
    const verb_option *option =
        c->action ? find(c->action->options, c->action->n_options, name, len) : NULL;
    if (!option)
        option = find(call_everyone, call_n_everyone, name, len);
    if (!option)
        return usage(why, "--%.*s: no such option", (int)len, name);
    if (c->n_given == CALL_OPTIONS)
        return usage(why, "too many options");
    const char *text = "";
    if (option->value && name[len] == '=')
        text = name + len + 1;
    else if (option->value && *i + 1 < argc)
        text = argv[++*i];
    else if (option->value || name[len] == '=')
        return usage(why, "--%s: %s", option->name,
                     option->value ? "a value is wanted" : "takes no value");
    const char *wrong = option->value ? check_value(option, text) : NULL;
    if (wrong)
        return usage(why, "--%s: %s", option->name, wrong);
    c->given[c->n_given].option = option;
    c->given[c->n_given++].text = text;
    return 0;
}

/* "ACCOUNT [PERSON]", "SERVICE...", "[SERVICE...]": how few and how many. */
static void operand_counts(const char *operands, size_t *ret_least, size_t *ret_most)
{
    *ret_least = *ret_most = 0;
    for (const char *at = operands; *at;) {
        const size_t len = strcspn(at, " ");
        const bool many = len > 3 && memchr(at, '.', len);
        if (at[0] != '[')
            ++*ret_least;
        *ret_most = many ? CALL_OPERANDS : *ret_most + 1;
        at += len + (at[len] == ' ');
    }
}

/* --help alone chooses none. */
static int choose_action(const verb_row *verb, int argc, char **argv, verb_call *c, int *ret_taken,
                         char why[CALL_WHY])
{
    int taken = 0;
    upp_check(verb->actions != NULL);
    for (size_t i = 0; i < verb->n_actions; i++) {
        const verb_action *action = &verb->actions[i];
        const int n = words_taken(action, argc, argv);
        if (n > taken || (!c->action && action->name[0] == '\0')) {
            c->action = action;
            taken = n;
        }
    }
    if (!c->action && argc == 0)
        return usage(why, "what? See uppsikt %s --help", verb->name);
    if (!c->action && strcmp(argv[0], "--help") != 0)
        return usage(why, "%s: no such action; see uppsikt %s --help", argv[0], verb->name);
    *ret_taken = taken;
    return 0;
}

static int check_operands(const verb_call *c, char why[CALL_WHY])
{
    size_t least = 0;
    size_t most = 0;
    operand_counts(c->action->operands, &least, &most);
    if (c->n_operands < least)
        return usage(why, "wanted: %s", c->action->operands);
    if (c->n_operands > most)
        return usage(why, "%s: too many words", c->operands[most]);
    return 0;
}

static bool given(const verb_call *c, const char *name)
{
    for (size_t i = 0; i < c->n_given; i++)
        if (strcmp(c->given[i].option->name, name) == 0)
            return true;
    return false;
}

int call_read(const verb_row *verb, int argc, char **argv, verb_call *ret_call,
              char ret_why[CALL_WHY])
{
    verb_call c = { .verb = verb };
    bool only_words = false;
    int taken = 0;
    if (choose_action(verb, argc, argv, &c, &taken, ret_why))
        return CALL_USAGE;
    for (int i = taken; i < argc; i++) {
        if (!only_words && strcmp(argv[i], "--") == 0) {
            only_words = true;
        } else if (!only_words && strncmp(argv[i], "--", 2) == 0) {
            if (read_option(&c, argc, argv, &i, ret_why))
                return CALL_USAGE;
        } else if (c.n_operands == CALL_OPERANDS) {
            return usage(ret_why, "too many words");
        } else {
            c.operands[c.n_operands++] = argv[i];
        }
    }
    c.help = given(&c, "help");
    c.json = given(&c, "json");
    if (!c.help && !c.action)
        return usage(ret_why, "what? See uppsikt %s --help", verb->name);
    if (!c.help && check_operands(&c, ret_why))
        return CALL_USAGE;
    c.wait_span = 10 * UPP_SECOND;
    for (size_t i = 0; i < c.n_given; i++) {
        if (strcmp(c.given[i].option->name, "wait") == 0)
            (void)upp_span_parse(c.given[i].text, &c.wait_span);
        if (strcmp(c.given[i].option->name, "as") == 0)
            c.as = c.given[i].text;
    }
    *ret_call = c;
    return 0;
}

const char *call_text(const verb_call *call, const char *name)
{
    const size_t len = strlen(name);
    const char *text = NULL;
    upp_check(find(call->action->options, call->action->n_options, name, len) ||
              find(call_everyone, call_n_everyone, name, len));
    for (size_t i = 0; i < call->n_given; i++)
        if (strcmp(call->given[i].option->name, name) == 0)
            text = call->given[i].text;
    return text;
}

bool call_flag(const verb_call *call, const char *name)
{
    return call_text(call, name) != NULL;
}

int64_t call_count(const verb_call *call, const char *name, int64_t preset)
{
    const char *text = call_text(call, name);
    return text ? strtoll(text, NULL, 10) : preset;
}

upp_ms call_span(const verb_call *call, const char *name, upp_ms preset)
{
    const char *text = call_text(call, name);
    upp_ms span = preset;
    if (text)
        (void)upp_span_parse(text, &span);
    return span;
}
