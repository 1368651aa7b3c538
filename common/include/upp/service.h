/* upp/service.h - what a service is: a table. The runtime and the simulator both run it from this
 * alone. */
#pragma once
#include "upp/txn.h"

typedef struct upp_input {
    const char *source;  /* event: its service; answer: the port; else the asking peer */
    int64_t seq;         /* event: its place in that log, dense from 1 in each epoch; else 0 */
    const char *subject; /* what it is about: an id of our own */
    const char *by;      /* command, query: the registered person; NULL: the peer itself */
    const void *content; /* event: unpacked; NULL: none, withheld from us, or forgotten */
    bool dead;           /* answer: the work outside was given up, a dead letter tells why */
} upp_input;

/* `self` is what `open` made of the configuration (the configuration itself without `open`).
 * >= 0 is done; negative: see upp_fail. `msg` is NULL only for an answer that is dead. */
typedef int upp_handle(upp_txn *txn, const void *self, const upp_input *in, const void *msg);

typedef struct upp_route {
    enum { UPP_EVENT, UPP_COMMAND, UPP_QUERY, UPP_ANSWER } verb;
    const char *source; /* event: service; answer: port; command, query: NULL, rights are data */
    const ProtobufCMessageDescriptor *type;
    upp_handle *handle;                        /* a query's transaction is read-only */
    const ProtobufCMessageDescriptor *content; /* NULL: content is not asked for */
} upp_route;

/* Outside work that the service may ask for: the port's name and words, and how patient it is.
 * Attempt n that ended in UPP_LATER is followed by one after retry_spans[n - 1] (the last one again
 * and again) plus a jitter of at most a tenth, until give_up_span has passed since it was asked. */
typedef struct upp_outside {
    const char *port;
    const ProtobufCMessageDescriptor *request, *answer;
    const upp_ms *retry_spans;
    size_t n_retry_spans;
    upp_ms give_up_span;
} upp_outside;

typedef struct upp_option {
    const char *name; /* in the YAML file; environment: UPPSIKT_<SERVICE>_<NAME>, which wins */
    enum {
        UPP_OPT_SPAN,   /* upp_ms; written 24h, 30s, 5min, 20ms, 7d */
        UPP_OPT_COUNT,  /* int64_t */
        UPP_OPT_FLAG,   /* bool; yes or no */
        UPP_OPT_TEXT,   /* const char *; NULL when empty */
        UPP_OPT_SECRET, /* const char *; only by <NAME>_FILE or a credentials directory */
        UPP_OPT_FILE,   /* upp_bytes; the value is a path, the field gets the file's bytes */
    } kind;
    size_t offset; /* into the service's own config struct */
    const char *preset;
    const char *help; /* one line; `--help` and the operators' manual print it */
} upp_option;

/* A row of /metrics, read when somebody looks: `sql` gives (label value, number), or (number) alone
 * when `label` is NULL. No personal data, no unbounded labels. */
typedef struct upp_gauge {
    const char *name, *help, *label, *sql;
} upp_gauge;

typedef struct upp_service {
    const char *name;
    const char *schema;          /* schema.sql, embedded */
    const char *const *upgrades; /* later numbered files, in order, NULL-terminated; may be NULL */
    size_t config_size;
    const upp_option *options;
    size_t n_options;
    const upp_route *routes;
    size_t n_routes;
    const upp_outside *outside;
    size_t n_outside;
    const upp_gauge *gauges;
    size_t n_gauges;
    /* Makes `self` from the configuration (parses a policy, loads a model): pure, all complaints to
     * `say`, NULL on failure. `close` takes NULL. Both may be NULL: then self is the config. */
    void *(*open)(const void *config, void (*say)(const char *line));
    void (*close)(void *self);
    /* Before each input and query, in its transaction: makes `self` what the store says by now, for
     * a service whose rules a person may change. It must only read, and do the same whatever self
     * was before: an input may be rolled back. May be NULL. */
    int (*on_input)(upp_txn *txn, void *self);
    /* An input of its own at each start of the process: sets the alarms that must exist. May be
     * NULL. */
    int (*on_start)(upp_txn *txn, const void *self);
    int (*on_alarm)(upp_txn *txn, const void *self, const char *key); /* may be NULL */
    /* The content of `subject` is about to go: it can still be recalled, once, for whatever was
     * made from it (a search index). Then the runtime wipes salt and body, keeps a tombstone and
     * says ContentForgotten. May be NULL. */
    int (*on_forget)(upp_txn *txn, const void *self, const char *subject);
    /* Its work may be divided by account among several processes: what an event says that names no
     * account is for each of them, and so are commands; no alarm and no object is about one
     * account. */
    bool divides;

    /* -- said by who runs it (upp_main, the simulator), never by its author -- */
    const char *whole; /* the service's name, where `name` is a part's; NULL: `name` */
    unsigned part, of; /* this part, from 1, of so many; 0: the whole */
    const char *many;  /* which sources are several: "classify=4"; NULL: none */
} upp_service;
