/* push.h - what another system pushes to one account of ours (R01; platforms.md §14): the secrets
 * that it signs with, its request cut into commands, what it is told. Pure. */
#pragma once
#include "connector.h"
#include "uppsikt/ingest.pb-c.h"

/* No looks, and it can do nothing: what is decided on its items is done by hand. */
extern const connector push_connector;

enum {
    PUSH_SECRETS = 2,      /* the new one and the old one */
    PUSH_SENDERS = 100,    /* accounts that may be pushed to: all of them are one message */
    PUSH_LINES = 1000,     /* of one request, blank ones not counted */
    PUSH_PART_LINES = 200, /* of one command */
    PUSH_PART_BYTES = 160 * 1024,
};

/* The lines of a file of secrets: one of 16 to 128 printable characters without blanks, or two.
 * How many; they point into `text`. UPP_E_INPUT: it is no such file. */
int push_secrets(const char *text, upp_bytes ret_secrets[PUSH_SECRETS]);

/* One command's lines. `lines` point into the body. */
typedef struct push_part {
    Uppsikt__PushedLine lines[PUSH_PART_LINES], *list[PUSH_PART_LINES];
    size_t n;
} push_part;
/* Where the cutting of a body stands; at first its bytes, and all else zero. */
typedef struct push_cut {
    upp_bytes rest;
    int64_t number; /* of the last line that was cut off */
    size_t parts;   /* that were cut off */
} push_cut;
/* The next part: blank lines are counted and left out, and a line too long for a comment is cut
 * where it shows that it was. False: there is none. */
bool push_next(push_cut *cut, push_part *ret_part);
/* How many parts; UPP_E_INPUT: more lines than one request may have. */
int push_parts(upp_bytes body);

/* A command's id: the same request sent again is done once; signed anew it is a new one, for the
 * same words may be right again after an edit. */
enum { PUSH_ID = 16, PUSH_HASH = 32 };
void push_hash(const char *account, const char *timestamp, upp_bytes body,
               uint8_t ret_hash[PUSH_HASH]);
void push_command_id(const uint8_t hash[PUSH_HASH], size_t part, uint8_t ret_id[PUSH_ID]);

/* What became of the parts so far. push_sum_done when done with it. */
typedef struct push_sum {
    int64_t fresh, known, edited, bad;
    json_t *lines; /* {line, why} of the bad ones */
} push_sum;
void push_sum_add(push_sum *sum, const Uppsikt__LinesImported *part);
/* The answer's JSON: numbers, and of bad lines which field is wrong, never a word of it. From
 * malloc. */
char *push_report(const push_sum *sum);
void push_sum_done(push_sum *sum);

/* Is the body said to be lines of JSON? NULL: nothing is said of it, which is good, too. */
bool push_type_good(const char *content_type);
