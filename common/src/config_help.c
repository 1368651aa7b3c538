/* config_help.c - --help, printed from the options tables. */
#include "config_parts.h"
#include <string.h>

static const char *kind_of(const upp_option *option)
{
    switch (option->kind) {
    case UPP_OPT_SPAN:
        return "time span: 20ms, 30s, 5min, 24h, 7d";
    case UPP_OPT_COUNT:
        return "whole number";
    case UPP_OPT_FLAG:
        return "yes or no";
    case UPP_OPT_TEXT:
        return "text";
    case UPP_OPT_SECRET:
        return "secret, only in a file";
    case UPP_OPT_FILE:
        return "path of a file that is read";
    }
    return "";
}

static void print(const upp_option *option, const char *service, FILE *out)
{
    char name[CONFIG_VARIABLE];
    const bool secret = option->kind == UPP_OPT_SECRET;
    config_variable(service, option->name, secret ? "_FILE" : "", name);
    fprintf(out, "\n  %s%s\n      %s\n      %s", option->name, secret ? "_file" : "", option->help,
            kind_of(option));
    if (option->preset && option->preset[0])
        fprintf(out, "; preset %s", option->preset);
    fprintf(out, "\n      %s\n", name);
}

void upp_config_help(const upp_service *service, FILE *out)
{
    char all[CONFIG_VARIABLE], own[CONFIG_VARIABLE];
    config_variable(service->name, "", "", own);
    config_variable(NULL, "data", "", all);
    fprintf(out,
            "usage: uppsikt-%s [--config FILE] [check-config | healthcheck]\n"
            "       uppsikt-%s --help | --version\n\n"
            "Options stand in FILE (YAML, one `option: value` a line) or in the environment,\n"
            "which wins. With _file after the option, or _FILE after the variable, the value is\n"
            "what that file holds. Secrets are given only so, or as\n"
            "$CREDENTIALS_DIRECTORY/<option>; only their owner may read the file.\n",
            service->name, service->name);
    if (service->n_options > 0)
        fprintf(out, "\nOptions of %s:\n", service->name);
    for (size_t i = 0; i < service->n_options; i++)
        print(&service->options[i], service->name, out);
    fprintf(out, "\nOptions of every program (%s for all,\n%sDATA for %s alone):\n", all, own,
            service->name);
    for (size_t i = 0; i < config_n_everyone; i++)
        print(&config_everyone[i], NULL, out);
    fprintf(out, "\nUPPSIKT_LOG=text gives plain log lines for people instead of JSON.\n");
}
