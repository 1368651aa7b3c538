/* route.h - which page a path is, and what is in it. Pure. */
#pragma once
#include "upp/base.h"

enum route_page {
    ROUTE_NONE,
    ROUTE_HOME,
    ROUTE_SIGN_IN,
    ROUTE_DIRECTORY,
    ROUTE_SIGN_OUT,
    ROUTE_PASSWORD,
    ROUTE_ACT,
    ROUTE_ANSWER,
    ROUTE_SEE,
    ROUTE_APPROVE,
    ROUTE_MATTER,
    ROUTE_CHOSEN,
    ROUTE_COPY,
    ROUTE_LINK,
    ROUTE_STATUS,
    ROUTE_ACCOUNTS,
    ROUTE_ACCOUNT,
    ROUTE_NEW_ACCOUNT,
    ROUTE_AWAY,
    ROUTE_REPORT_ITEM,
    ROUTE_DISPOSALS,
    ROUTE_HOLDS,
    ROUTE_REPORT,
    ROUTE_FIND,
    ROUTE_HELP,
    ROUTE_ACCESSIBLE,
    ROUTE_PROCESSING,
    ROUTE_PROCESSING_FILE,
    ROUTE_HANDED,
    ROUTE_STILL,
    ROUTE_HAND_IN,
    ROUTE_FILE,
    ROUTE_PAGES
};

enum { ROUTE_PART = 120 };
typedef struct route {
    enum route_page page;
    bool post;            /* the page takes POST, too */
    bool open_to_all;     /* no sign-in is asked for */
    char id[ROUTE_PART];  /* a matter, a token, an account ...; "" none */
    char act[ROUTE_PART]; /* what a form does with it, which file of it; "" none */
} route;

/* False: there is no such page. The path is as it came, without the query; one with an escape, a
 * `..` or an empty part is none. */
bool route_find(const char *path, route *ret_route);
