/* policy_field.h - the names, kinds and limits of policy's numbers: one table for the reader of
 * policy files, for the check of the shipped file and for whoever prints a policy. */
#pragma once
#include "policy.h"

enum policy_kind {
    POLICY_SPAN,    /* "240min"; units ms, s, min, h */
    POLICY_COUNT,   /* 10 */
    POLICY_PERCENT, /* 50 */
    POLICY_MINUTE,  /* "08:00" */
    POLICY_RUNG,    /* administrators */
    POLICY_WINDOW   /* "03-15..05-15" */
};

typedef struct policy_field {
    const char *section; /* NULL: top level */
    const char *key;
    enum policy_kind kind;
    size_t offset;   /* in policy, of the first int64_t */
    size_t n;        /* values; 1: a scalar, more: a list of exactly so many */
    size_t n_offset; /* not 0: a list of 1 to n values, whose length goes there */
    int64_t min, max;
    bool rising; /* each value of the list is greater than the one before it */
} policy_field;

extern const policy_field policy_fields[];
extern const size_t policy_n_fields;

/* The name of a rung in policy files; static text. */
const char *policy_rung_name(enum policy_rung rung);
