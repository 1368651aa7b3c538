/* help.c - --help and the completion of bash, printed from the verbs' tables. */
#include "call.h"
#include <string.h>

static const char *name_of(const verb_action *action, char *ret_text, size_t size)
{
    snprintf(ret_text, size, "%s%s%s", action->name,
             action->name[0] && action->operands[0] ? " " : "", action->operands);
    return ret_text;
}

static void print_options(const verb_option *options, size_t n, FILE *out)
{
    for (size_t i = 0; i < n; i++) {
        char left[64];
        snprintf(left, sizeof left, "--%s%s%s", options[i].name, options[i].value ? " " : "",
                 options[i].value ? options[i].value : "");
        fprintf(out, "    %-20s %s\n", left, options[i].help);
    }
}

void call_help(const verb_row *verb, FILE *out)
{
    char left[120];
    fprintf(out, "uppsikt %s: %s\n", verb->name, verb->help);
    for (size_t i = 0; i < verb->n_actions; i++) {
        const verb_action *action = &verb->actions[i];
        fprintf(out, "\n  uppsikt %s %s\n", verb->name, name_of(action, left, sizeof left));
        if (action->name[0])
            fprintf(out, "    %s\n", action->help);
        print_options(action->options, action->n_options, out);
    }
    fputs("\n  every verb\n", out);
    print_options(call_everyone, call_n_everyone, out);
    if (verb->more)
        fprintf(out, "\n%s", verb->more);
    fputs("\nexit: 0 done, 1 something is wrong or was refused, 2 wrong usage, 78 wrong "
          "configuration\n",
          out);
}

void call_help_all(const verb_row *const *verbs, size_t n, FILE *out)
{
    fputs("usage: uppsikt VERB ...\n"
          "Watches what is written to the organisation in social media; this is its operators'\n"
          "command.\n\n",
          out);
    for (size_t i = 0; i < n; i++)
        fprintf(out, "  %-10s %s\n", verbs[i]->name, verbs[i]->help);
    fputs("\nuppsikt VERB --help tells more.\n", out);
}

static void put_options(const verb_option *options, size_t n, FILE *out)
{
    for (size_t i = 0; i < n; i++)
        fprintf(out, " --%s", options[i].name);
}

/* Each option once, whichever actions have it. */
static void put_own_options(const verb_row *verb, FILE *out)
{
    for (size_t i = 0; i < verb->n_actions; i++) {
        const verb_action *action = &verb->actions[i];
        for (size_t k = 0; k < action->n_options; k++) {
            bool said = false;
            for (size_t b = 0; b < i && !said; b++)
                for (size_t o = 0; o < verb->actions[b].n_options && !said; o++)
                    said = strcmp(verb->actions[b].options[o].name, action->options[k].name) == 0;
            if (!said)
                fprintf(out, " --%s", action->options[k].name);
        }
    }
}

static void put_verb(const verb_row *verb, FILE *out)
{
    fprintf(out, "    %s)\n        words=\"", verb->name);
    const char *blank = "";
    for (size_t i = 0; i < verb->n_actions; i++) {
        const size_t len = strcspn(verb->actions[i].name, " ");
        bool said = len == 0;
        for (size_t k = 0; k < i && !said; k++)
            said = strcspn(verb->actions[k].name, " ") == len &&
                   strncmp(verb->actions[k].name, verb->actions[i].name, len) == 0;
        if (!said)
            fprintf(out, "%s%.*s", blank, (int)len, verb->actions[i].name);
        blank = said ? blank : " ";
    }
    fputs("\"\n        options=\"", out);
    put_own_options(verb, out);
    fputs("\"\n        ;;\n", out);
}

void call_completion(const verb_row *const *verbs, size_t n, FILE *out)
{
    fputs(
        "# Completion of `uppsikt` for bash, printed by `uppsikt --completion`; a test compares.\n"
        "_uppsikt() {\n"
        "    local word=${COMP_WORDS[COMP_CWORD]} words options everyone=\"",
        out);
    put_options(call_everyone, call_n_everyone, out);
    fputs("\"\n"
          "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
          "        COMPREPLY=($(compgen -W \"",
          out);
    for (size_t i = 0; i < n; i++)
        fprintf(out, "%s%s", i ? " " : "", verbs[i]->name);
    fputs("\" -- \"$word\"))\n"
          "        return\n"
          "    fi\n"
          "    case ${COMP_WORDS[1]} in\n",
          out);
    for (size_t i = 0; i < n; i++)
        put_verb(verbs[i], out);
    fputs(
        "    esac\n"
        "    case $word in\n"
        "    -*) COMPREPLY=($(compgen -W \"$options$everyone\" -- \"$word\")) ;;\n"
        "    *) [ \"$COMP_CWORD\" -eq 2 ] && COMPREPLY=($(compgen -W \"$words\" -- \"$word\")) ;;\n"
        "    esac\n"
        "}\n"
        "complete -o default -F _uppsikt uppsikt\n",
        out);
}
