/* connector.h - what a platform is to the rest of ingest: a row of capabilities and pure functions
 * from "what is wanted" to a request, and from an answer to what it means (platforms.md §2, §3
 * rule 13). A new platform is one file and one row in connector.c. No socket, no clock, no
 * store. */
#pragma once
#include "gate.h"
#include "item.h"

/* Looks at a platform, one call at a time for each account; not every connector has all. */
enum look {
    LOOK_WHO,     /* who are we there */
    LOOK_NEWS,    /* what is new */
    LOOK_BACK,    /* what was read before, again: edits that nobody announces */
    LOOK_OWN,     /* what we posted and answered, where the news do not tell */
    LOOK_HELD,    /* what the platform holds back until somebody lets it be seen */
    LOOK_THREAD,  /* more of one post's comments than the news had room for */
    LOOK_ITEM,    /* one comment: is it there, how does it read, is it hidden */
    LOOK_REPLIES, /* what stands below one comment: did our answer arrive */
    LOOKS
};
const char *look_name(enum look look);
int look_named(const char *name); /* -1: no such look */

/* Where a connection stands. Texts are "" when not known; all lent. */
typedef struct look_where {
    const char *base_url, *mark, *own_mark, *own_id;
    const char *target; /* the platform's id of the thread or item */
    const char *alias;  /* another id of it, where a connector needs one; else "" */
    const char *after;  /* where a thread goes on */
    const char *handle; /* who wrote the target, as the platform calls on people */
    bool to_one;        /* the target was written to us alone: so must the answer be */
    bool ours;          /* the target was written by us */
    int64_t rung;       /* how many fields the platform has refused us so far */
    upp_ms since;       /* a list: how far back; an act: when it was asked for, at each attempt */
    /* Of the platform's interface, as configured. */
    const char *version;
} look_where;

typedef struct request_header {
    const char *name, *value;
} request_header;
enum { REQUEST_HEADERS = 4 };

/* A call to be made. `url`, `body` and `kept` are owned: call_request_done. */
typedef struct request {
    const char *method, *type; /* `type` of the body; NULL: none */
    char *url, *body;
    bool renews; /* the account's token is to be renewed there */
    /* Its own, beside the type and the token, without those of no value; lent, from `kept` too. */
    request_header headers[REQUEST_HEADERS];
    char *kept[2];
} request;
void call_request_done(request *r);

/* What an answer means (platforms.md §5): by status and code, never by its words. */
enum verdict {
    VERDICT_OK,
    VERDICT_SAME, /* as it was when the mark was set: there is nothing to read */
    VERDICT_AUTH,
    VERDICT_THROTTLE,
    VERDICT_TRANSIENT,
    VERDICT_PERMANENT,
    VERDICT_FIELD, /* a field was refused: the same with fewer fields (platforms.md §18, row 14) */
    VERDICT_GONE,  /* gone, or no permission: nobody can tell */
    VERDICT_EXISTS, /* it has been done before */
    VERDICT_CURSOR, /* it does not know any more where a list was to go on: begin anew */
    /* our version of its interface is not answered any more: nothing was done */
    VERDICT_VERSION,
    VERDICTS
};
const char *verdict_name(enum verdict verdict);

typedef struct reply_header {
    const char *name, *value; /* the name in small letters */
} reply_header;
typedef struct platform_answer {
    int status; /* 0: none came */
    const reply_header *headers;
    size_t n_headers;
    const json_t *json; /* NULL: the body is none */
    upp_ms at_ms;       /* when it came; 0: not known */
} platform_answer;
/* The value of that header; NULL: it is not there. */
const char *answer_header(const platform_answer *a, const char *name);

/* A part of a list that goes on. `id`: the platform's own id of the post, lent from the JSON. */
typedef struct page_thread {
    const char *id, *after;
    size_t from, n; /* its items on this page */
    int64_t below;  /* how many stand below it, as the platform counts; 0: not said ... */
} page_thread;
enum { BELOW_UNCOUNTED = -1 }; /* ... by nobody: what stands there is read at each look */

/* What could not be read, lent from the JSON, and why. */
typedef struct page_bad {
    const json_t *json;
    char why[ITEM_WHY];
} page_bad;

/* What an answer holds, oldest first, so that a question is there before what answers it. */
typedef struct page {
    reading *items;
    size_t n, size;
    page_thread *threads;
    size_t n_threads, size_threads;
    const char *mark; /* where to go on; NULL: as before */
    upp_ms oldest_ms; /* lists that take no `since`: how far back it is by now; 0: not said */
    bool more;        /* there is another page */
    page_bad *bads;   /* objects that could not be read */
    size_t bad, size_bads;
    json_t **kept; /* parts taken out of the answer, owned */
    size_t n_kept;
    /* Another name of what these stand below, told here alone; NULL: none. */
    const char *below_alias;
} page;
void listing_done(page *p);
/* Room for one more item, all zero. */
reading *listing_add(page *p);
/* Room for one more thread, all zero. */
page_thread *listing_thread(page *p);
/* Puts the items from there on into the order of their times. */
void listing_sort(page *p, size_t from);
void listing_keep(page *p, json_t *json); /* takes over one reference */
void listing_bad(page *p, const json_t *json, const char *why);

/* One comment as its platform shows it now. */
typedef struct sight {
    reading it; /* item_done frees */
    bool hidden;
    bool may_hide, may_delete; /* the platform says that we may */
} sight;

enum { CAN_REPLY = 1, CAN_HIDE = 2, CAN_UNHIDE = 4, CAN_DELETE = 8 };

typedef struct connector {
    const char *name;
    unsigned can;     /* with what others wrote (platforms.md §2.2) */
    unsigned looks;   /* a bit 1 << look for each that it has */
    size_t reply_max; /* characters of an answer; 0: no limit of its own */
    upp_ms poll_span; /* between two polls, unless told otherwise; 0: as configured */
    upp_ms back_span; /* between two looks back; 0: as configured */
    upp_ms back_reach;
    bool tells_hidden; /* its items say whether they are hidden */
    bool forward;      /* its lists go forward from a mark: more of them is newer */
    bool open;         /* it reads one address, of any form, that may be open to all: no token */
    /* Others push to us, signed with the account's own secret: there are no looks and no calls, and
     * nothing below is there. */
    bool pushes;
    /* Where a name and a password become a bearer token that soon ends; NULL: it needs none. */
    const char *session;
    /* Where a refresh token that each use makes anew is used, below base_url; NULL: it has none. */
    const char *grant;
    /* False: it does not fit into a call. */
    bool (*look)(enum look look, const look_where *where, request *ret_request);
    bool (*act)(enum gate_what what, const look_where *where, const char *text,
                request *ret_request);
    /* A body that is no JSON as one, owned by the caller; NULL with ret_why: it cannot be read.
     * The pointer NULL: its bodies are JSON. Only for a status from 200 to 299. */
    json_t *(*parse)(upp_bytes body, const platform_answer *a, const char *base_url,
                     char ret_why[ITEM_WHY]);
    /* *ret_wait: do not call before so long, 0 when it does not matter. */
    enum verdict (*judge)(const platform_answer *a, upp_ms *ret_wait);
    /* Those below belong to looks and acts: NULL where it has none of them.
     * Our own id in the answer to LOOK_WHO; NULL: it is not there. Lent. */
    const char *(*own)(const json_t *json);
    /* Reads a list. `json` must outlive the page; parts of it may be moved into the page.
     * UPP_E_INPUT: it is no list. */
    int (*read)(enum look look, json_t *json, const char *own_id, page *ret_page);
    /* Reads LOOK_ITEM's answer. 1: it says that there is no such thing. UPP_E_INPUT as above. */
    int (*see)(const json_t *json, const char *own_id, sight *ret_sight);
    /* The header that alone says that an answer was posted; NULL: none does. */
    const char *made;
    /* Did the answer to an act say that it is done? NULL: a good status is enough. */
    bool (*confirmed)(enum gate_what what, const json_t *json);
    /* What LOOK_ITEM needs beside the item's id, from the object as received; may be NULL. Lent. */
    const char *(*alias)(const json_t *raw);
} connector;

/* NULL: there is no such connector. */
const connector *connector_named(const char *name);
/* Can it do that? */
bool connector_can(const connector *c, enum gate_what what);

/* `text` as it may stand in a URL or a form (RFC 3986 §2.1), in malloc's memory. */
char *connector_escape(const char *text);
/* printf into fresh memory. */
UPP_PRINTF(1, 2) char *connector_text(const char *fmt, ...);
