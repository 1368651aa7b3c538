/* policy_log.h - what the register's log says of policies, for `uppsikt policy`. */
#pragma once
#include "ask.h"

/* Each an event's data; objects are by authority, "" is the whole body's. */
typedef struct policy_log {
    json_t *in_force; /* the newest that has begun; none of an authority that goes by the body's */
    json_t *coming;   /* a newer one, whose day has not come */
    json_t *asked;    /* the version that was asked for; NULL: there is none */
} policy_log;

/* Reads the log to its end; `version` 0: none is asked for. An exit code; stderr has heard why.
 * The caller ends it with policy_log_done in any case. */
int policy_log_read(verb_call *call, int64_t version, policy_log *ret_log);
void policy_log_done(policy_log *log);

/* The one that counts for an authority: its own, else the body's. NULL: the built-in numbers, or
 * those of a file. Lent. */
const json_t *policy_log_of(const policy_log *log, const char *authority);
/* What escalation says that its clocks run on, by authority. NULL: it says nothing. */
json_t *policy_log_counted(verb_call *call);
/* The version among them that counts for an authority. */
int64_t policy_log_clocks(const json_t *counted, const char *authority);

int64_t policy_log_number(const json_t *one, const char *key);
const char *policy_log_text(const json_t *one, const char *key);

/* -- policy_show.c, policy_diff.c: actions of the verb -- */
int policy_show(verb_call *call);
int policy_list(verb_call *call);
int policy_diff(verb_call *call);
/* -- policy.c -- */
/* The whole file with a zero byte after it, from malloc. NULL: said. */
char *policy_file(const char *path);
/* Is it a policy? CALL_CONFIG: stderr has file:line:column and what is wrong. */
int policy_check_text(const char *path, const char *text);
