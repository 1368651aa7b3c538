/* route.c - the table of pages. */
#include "route.h"
#include <string.h>

static const struct {
    const char *head; /* the first part of the path */
    enum route_page page;
    bool id_wanted, id_allowed, post, open_to_all;
} pages[] = {
    { "", ROUTE_HOME, false, false, false, false },
    { "logga-in", ROUTE_SIGN_IN, false, false, true, true },
    { "logga-in", ROUTE_DIRECTORY, true, true, false, true },
    { "logga-ut", ROUTE_SIGN_OUT, false, false, true, false },
    { "losenord", ROUTE_PASSWORD, false, false, true, false },
    { "atgarda", ROUTE_ACT, false, false, false, false },
    { "svara", ROUTE_ANSWER, false, false, false, false },
    { "titta", ROUTE_SEE, false, false, true, false },
    { "godkann", ROUTE_APPROVE, false, true, true, false },
    { "sak", ROUTE_MATTER, true, true, true, false },
    { "flera", ROUTE_CHOSEN, false, true, true, false },
    { "kopia", ROUTE_COPY, true, true, false, false },
    { "l", ROUTE_LINK, true, true, true, true },
    { "status", ROUTE_STATUS, false, false, false, false },
    { "konton", ROUTE_ACCOUNTS, false, true, true, false },
    { "konto", ROUTE_ACCOUNT, true, true, true, false },
    { "nytt-konto", ROUTE_NEW_ACCOUNT, false, false, true, false },
    { "franvaro", ROUTE_AWAY, false, true, true, false },
    { "rapportera", ROUTE_REPORT_ITEM, false, false, true, false },
    { "gallring", ROUTE_DISPOSALS, false, true, true, false },
    { "gallringsstopp", ROUTE_HOLDS, false, true, true, false },
    { "rapport", ROUTE_REPORT, false, true, false, false },
    { "sok", ROUTE_FIND, false, true, true, false },
    { "hjalp", ROUTE_HELP, false, false, true, false },
    { "tillganglighet", ROUTE_ACCESSIBLE, false, false, false, true },
    { "behandlingar", ROUTE_PROCESSING, false, false, false, false },
    { "behandlingar.csv", ROUTE_PROCESSING_FILE, false, false, false, false },
    { "overlamning", ROUTE_HANDED, false, true, true, false },
    { "tillgang", ROUTE_STILL, false, true, true, false },
    { "arkiv", ROUTE_HAND_IN, false, true, true, false },
    { "s", ROUTE_FILE, true, true, false, true },
};

/* The next part of the path; false: empty, too long, with a `..` or a character that no id has. */
static bool take(const char **at, char ret_part[ROUTE_PART])
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~";
    const size_t n = strcspn(*at, "/");
    if (n == 0 || n >= ROUTE_PART || strspn(*at, allowed) < n)
        return false;
    memcpy(ret_part, *at, n);
    ret_part[n] = '\0';
    *at += n;
    return strstr(ret_part, "..") == NULL;
}

bool route_find(const char *path, route *ret_route)
{
    char head[ROUTE_PART] = "";
    route r = { .page = ROUTE_NONE };
    if (*path++ != '/')
        return false;
    if (*path && !take(&path, head))
        return false;
    if (*path == '/' && (path++, !take(&path, r.id)))
        return false;
    if (*path == '/' && (path++, !take(&path, r.act)))
        return false;
    if (*path)
        return false;
    for (size_t i = 0; i < UPP_LEN(pages); i++) {
        if (strcmp(pages[i].head, head) != 0)
            continue;
        if ((pages[i].id_wanted && !r.id[0]) || (!pages[i].id_allowed && r.id[0]))
            continue;
        r.page = pages[i].page;
        r.post = pages[i].post;
        r.open_to_all = pages[i].open_to_all;
        *ret_route = r;
        return true;
    }
    return false;
}
