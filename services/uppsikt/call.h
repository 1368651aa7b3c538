/* call.h - what a verb is: a table; and one call of it, read from the command line. Pure. */
#pragma once
#include "upp/base.h"
#include "verb.h"
#include <protobuf-c/protobuf-c.h>
#include <stdio.h>

enum { CALL_DONE = 0, CALL_WRONG = 1, CALL_USAGE = 2, CALL_CONFIG = 78 };
enum { CALL_OPTIONS = 64, CALL_OPERANDS = 256 };

typedef struct verb_option {
    const char *name;  /* without the dashes */
    const char *value; /* "DIR"; NULL: a flag */
    const char *help;
    enum { OPTION_TEXT, OPTION_COUNT, OPTION_SPAN } kind;
    const char *field; /* of the command that it fills; NULL: the verb reads it itself */
} verb_option;

/* Rows of a verb's tables. A FLAG has no value; a TEXT, COUNT or SPAN is `--name VALUE`. */
#define FLAG(name, field, help)                                                                    \
    {                                                                                              \
        name, NULL, help, OPTION_TEXT, field                                                       \
    }
#define TEXT(name, value, field, help)                                                             \
    {                                                                                              \
        name, value, help, OPTION_TEXT, field                                                      \
    }
#define COUNT(name, value, field, help)                                                            \
    {                                                                                              \
        name, value, help, OPTION_COUNT, field                                                     \
    }
#define SPAN(name, value, field, help)                                                             \
    {                                                                                              \
        name, value, help, OPTION_SPAN, field                                                      \
    }
#define OPTIONS(table) (table), UPP_LEN(table)
#define NO_OPTIONS     NULL, 0
#define ASK(name, operands, help, options, ask)                                                    \
    {                                                                                              \
        name, operands, help, options, (ask), NULL, NULL                                           \
    }
#define LIST(name, operands, help, options, list)                                                  \
    {                                                                                              \
        name, operands, help, options, NULL, (list), NULL                                          \
    }
#define RUN_ASK(name, operands, help, options, run, ask)                                           \
    {                                                                                              \
        name, operands, help, options, (ask), NULL, (run)                                          \
    }
#define RUN(name, operands, help, options, run)                                                    \
    {                                                                                              \
        name, operands, help, options, NULL, NULL, (run)                                           \
    }

/* A command to a service whose fields come from operands and options. An operand ACCOUNT is the
 * field `account`. */
typedef struct verb_ask {
    const char *service;
    const ProtobufCMessageDescriptor *command, *outcome;
    const char *inner; /* submessage whose fields are named without it: facts, who, when; or NULL */
    const char *preset; /* "state=open taken_over=yes"; or NULL */
} verb_ask;

/* A query whose rows are printed: a table of `columns` ("ACCOUNT=account DUE=opened.due_ms
 * NAME=content.facts.name"), or all of each row as JSON. `pages`: where the next page begins, query
 * fields from the last row ("after=account"); NULL: there is one page. */
typedef struct verb_list {
    const char *service;
    const ProtobufCMessageDescriptor *query;
    const char *pages, *columns;
    const char *none; /* said to people when there are no rows */
} verb_list;

struct verb_call;
typedef struct verb_action {
    const char *name;     /* "list", "access grant"; "": what the verb alone does */
    const char *operands; /* "ACCOUNT [PERSON]", "SERVICE...", "[SERVICE...]"; "": none */
    const char *help;
    const verb_option *options;
    size_t n_options;
    const verb_ask *ask; /* one of these three */
    const verb_list *list;
    int (*run)(struct verb_call *call); /* gives the exit code */
} verb_action;

typedef struct verb_row {
    const char *name, *help;
    const verb_action *actions;
    size_t n_actions;
    const char *more;  /* lines for --help, after the options; or NULL */
    uppsikt_verb *own; /* reads its command line itself; then there are no actions */
} verb_row;

/* The options of every verb with actions. */
extern const verb_option call_everyone[];
extern const size_t call_n_everyone;

struct verb_home;
typedef struct upp_client upp_client;
typedef struct verb_call {
    const verb_row *verb;
    const verb_action *action;
    struct {
        const verb_option *option;
        const char *text;
    } given[CALL_OPTIONS];
    size_t n_given;
    const char *operands[CALL_OPERANDS];
    size_t n_operands;
    bool json, help;
    const char *as;         /* the person for whom we act; NULL: nobody */
    upp_ms wait_span;       /* how long an answer is waited for */
    struct verb_home *home; /* where the deployment is, when ask_home has looked */
    bool at_home;
    upp_client *client; /* opened when it is needed; ask.h */
} verb_call;

enum { CALL_WHY = 300 };
/* Reads argv after the verb's own word (argv[0] is the first after it). 0; CALL_USAGE: `why` says
 * what is wrong. With --help nothing is missing and `action` may be NULL. All texts stay argv's. */
int call_read(const verb_row *verb, int argc, char **argv, verb_call *ret_call,
              char ret_why[CALL_WHY]);

/* The last value given; NULL: it was not. `name` must be an option of the action. */
const char *call_text(const verb_call *call, const char *name);
bool call_flag(const verb_call *call, const char *name);
/* The value of an option of that kind, or `preset`. It has been checked by call_read. */
int64_t call_count(const verb_call *call, const char *name, int64_t preset);
upp_ms call_span(const verb_call *call, const char *name, upp_ms preset);

/* -- help.c -- */
void call_help(const verb_row *verb, FILE *out);
void call_help_all(const verb_row *const *verbs, size_t n, FILE *out);
/* The completion of bash, whole (deploy/completion/uppsikt.bash is this text). */
void call_completion(const verb_row *const *verbs, size_t n, FILE *out);
