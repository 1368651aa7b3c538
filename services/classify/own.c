/* own.c - reads the list of what is the organisation's own. */
#include "own.h"
#include <stdlib.h>
#include <string.h>

static bool is_number(const char *s)
{
    return *s != '\0' && strspn(s, "0123456789") == strlen(s);
}

/* One line, ended and without blanks around it. */
static bool take(struct own_list *list, const char *line)
{
    if (line[0] == '#' || line[0] == '\0')
        return true;
    if (strncmp(line, "domain ", 7) == 0 && list->own.n_domains < UPP_LEN(list->domain)) {
        list->domain[list->own.n_domains++] = line + 7;
        return line[7] != '\0';
    }
    if (strncmp(line, "number ", 7) == 0 && list->own.n_numbers < UPP_LEN(list->number)) {
        list->number[list->own.n_numbers++] = line + 7;
        return is_number(line + 7);
    }
    return false;
}

int own_read(const char *text, struct own_list *ret, size_t *ret_line)
{
    *ret = (struct own_list){ .text = strdup(text) };
    if (!ret->text)
        return UPP_E_BUSY;
    ret->own.domains = ret->domain;
    ret->own.numbers = ret->number;
    size_t line = 0;
    for (char *at = ret->text; at;) {
        char *end = strchr(at, '\n');
        if (end)
            *end = '\0';
        line++;
        if (!take(ret, at)) {
            own_done(ret);
            *ret_line = line;
            return UPP_E_INPUT;
        }
        at = end ? end + 1 : NULL;
    }
    return 0;
}

void own_done(struct own_list *list)
{
    free(list->text);
    list->text = NULL;
}
